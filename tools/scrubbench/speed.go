// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/zricethezav/gitleaks/v8/detect"

	"review-assistant/scrub"
)

// runs is how often something fast is measured; the best counts.
const runs = 3

// speed prints how fast a long diff goes through. Seconds are those of the
// processor, which other programs on the machine change less than the clock.
func (b *bench) speed(ctx context.Context) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s, %d cores, %s, %s\n\n", runtime.Version(), runtime.NumCPU(), processorName(), time.Now().Format(time.DateOnly))
	fmt.Fprintln(w, "one thread, a diff of modules\tMB\tMB/s (cpu)\tMB/s (clock)\tpeak MiB")
	row := func(name string, size int, cpu, wall time.Duration, peak string) {
		rate := func(d time.Duration) float64 { return float64(size) / 1e6 / max(d.Seconds(), 1e-9) }
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%s\n", name, float64(size)/1e6, rate(cpu), rate(wall), peak)
	}
	if err := b.process(ctx, row); err != nil {
		return err
	}
	stream, err := os.ReadFile(b.stream)
	if err != nil {
		return err
	}
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	if err := inProcess(stream, row); err != nil {
		return err
	}
	if err := b.automaton(ctx, w); err != nil {
		return err
	}
	if b.wants("gitleaks") {
		piece := stream[:min(b.piece, len(stream))]
		say("gitleaks on %.1f MB", float64(len(piece))/1e6)
		detector, err := newGitleaks()
		if err != nil {
			return err
		}
		cpu, wall := measure(func() { detector.DetectBytes(piece) })
		row("gitleaks v8.30.1, library", len(piece), cpu, wall, "")
	}
	return w.Flush()
}

// process runs the program itself, from a pipe to nowhere.
func (b *bench) process(ctx context.Context, row func(string, int, time.Duration, time.Duration, string)) error {
	in, err := os.Open(b.stream)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.binary, "scrub", "--pii", "all")
	cmd.Stdin, cmd.Stderr = in, os.Stderr
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w; build it with make build", err)
	}
	ended := make(chan string)
	stop := make(chan struct{})
	go func() { ended <- watchPeak(cmd.Process.Pid, stop) }()
	err = cmd.Wait()
	wall := time.Since(start)
	close(stop)
	peak := <-ended
	if err != nil {
		return fmt.Errorf("review-assistant scrub: %w", err)
	}
	row("review-assistant scrub, process", int(info.Size()), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), wall, peak)
	return nil
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// watchPeak reads the peak of a process's memory until it ends. The figure of
// wait4 would hold what we had ourselves when the process started.
func watchPeak(pid int, stop <-chan struct{}) string {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	peak := "?"
	for {
		if body, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			if m := highWater.FindSubmatch(body); m != nil {
				kb, _ := strconv.Atoi(string(m[1]))
				peak = strconv.Itoa(kb >> 10)
			}
		}
		select {
		case <-stop:
			return peak
		case <-tick.C:
		}
	}
}

// inProcess measures Filter alone, without the start of a process.
func inProcess(stream []byte, row func(string, int, time.Duration, time.Duration, string)) error {
	scrubber, err := scrub.New(scrub.Options{PII: []string{"all"}})
	if err != nil {
		return err
	}
	var failed error
	bestCPU, bestWall := time.Duration(1<<62), time.Duration(1<<62)
	for range runs {
		cpu, wall := measure(func() {
			_, err := scrubber.Filter(io.Discard, bytes.NewReader(stream))
			failed = errors.Join(failed, err)
		})
		bestCPU, bestWall = min(bestCPU, cpu), min(bestWall, wall)
	}
	row("scrub.Filter, in process", len(stream), bestCPU, bestWall, "")
	return failed
}

// benchLine finds the speed in a line of go test -bench.
var benchLine = regexp.MustCompile(`(?m)^BenchmarkAutomaton\S*\s.*\s([0-9.]+) MB/s`)

// benchmarks runs the floor on the same stream: the automaton alone. It is a
// benchmark of the package, which does not export it.
func (b *bench) automaton(ctx context.Context, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", "test", "./scrub", "-run", "^$", "-bench", "^BenchmarkAutomaton$", "-benchtime", "3x", "-cpu", "1")
	cmd.Dir, cmd.Stderr = b.root, os.Stderr
	cmd.Env = append(os.Environ(), "SCRUB_STREAM="+b.stream)
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go test -bench Automaton: %w\n%s", err, out)
	}
	for _, m := range benchLine.FindAllSubmatch(out, -1) {
		fmt.Fprintf(w, "bare automaton, keywords alone\t\t\t%s\t\n", m[1])
	}
	return nil
}

// measure returns the time of the processor and of the clock.
func measure(f func()) (cpu, wall time.Duration) {
	used, start := cpuTime(), time.Now()
	f()
	return cpuTime() - used, time.Since(start)
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var modelName = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)

func processorName() string {
	body, err := os.ReadFile("/proc/cpuinfo")
	if m := modelName.FindSubmatch(body); err == nil && m != nil {
		return string(m[1])
	}
	return "processor unknown"
}

// newGitleaks opens gitleaks as its users do, with its own rules, and two
// rounds of decoding.
func newGitleaks() (*detect.Detector, error) {
	d, err := detect.NewDetectorDefaultConfig()
	if err != nil {
		return nil, fmt.Errorf("gitleaks: %w", err)
	}
	d.MaxDecodeDepth = 2
	return d, nil
}
