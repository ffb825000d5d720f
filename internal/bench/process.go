// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machine is what the figures depend on.
type machine struct {
	Cores int    `json:"cores"`
	CPU   string `json:"cpu"`
	Load  string `json:"load"` // of the last minute when the run began
	Go    string `json:"go"`
}

func (m machine) String() string {
	return fmt.Sprintf("%d cores, %s, load %s, %s", m.Cores, m.CPU, m.Load, m.Go)
}

func thisMachine() machine {
	m := machine{Cores: runtime.NumCPU(), CPU: field("/proc/cpuinfo", "model name"), Go: runtime.Version()}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _, _ = strings.Cut(string(b), " ")
	}
	return m
}

// field returns the value of a line "name : value" of a file, or "".
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// process is a running bot.
type process struct {
	cmd   *exec.Cmd
	url   string
	dir   string // holds data and tmp, and nothing of ours
	log   string
	began time.Time
	ended chan error
}

// start runs the binary with a configuration and returns at once.
func start(binary, dir, config, url string) (*process, error) {
	p := &process{url: url, dir: dir, log: dir + ".log", ended: make(chan error, 1)}
	tmp := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return nil, err
	}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	p.cmd = exec.Command(binary, "--config", config, "serve")
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + tmp}
	p.cmd.Stderr = log
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, nil
}

// wait asks again and again until ok answers true.
func (p *process) wait(ctx context.Context, limit time.Duration, what string, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case err := <-p.ended:
			p.ended <- err
			return p.failed(fmt.Errorf("the bot ended before %s: %w", what, err))
		case <-ctx.Done():
			return p.failed(fmt.Errorf("waited too long for %s: %w", what, ctx.Err()))
		case <-tick.C:
		}
	}
	return nil
}

// failed adds the end of the bot's log to an error.
func (p *process) failed(err error) error {
	b, rerr := os.ReadFile(p.log)
	return errors.Join(fmt.Errorf("%w; its log ends with:\n%s", err, b[max(0, len(b)-1500):]), rerr)
}

// ready reports whether /readyz answers 200.
func (p *process) ready(c *http.Client) bool {
	resp, err := c.Get(p.url + "/readyz")
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// stop ends the process and waits for it.
func (p *process) stop() error {
	// It may have ended by itself, which the wait below tells.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		if err != nil {
			return p.failed(fmt.Errorf("the bot ended badly: %w", err))
		}
		return nil
	case <-time.After(30 * time.Second):
		_ = p.cmd.Process.Kill()
		return p.failed(errors.New("the bot did not end within 30 seconds"))
	}
}

// memory returns a size of /proc/PID/status in MB, such as VmRSS.
func (p *process) memory(name string) (float64, error) {
	v := field(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid), name)
	kib, err := strconv.ParseFloat(strings.TrimSuffix(v, " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("read %s of the bot: %w", name, err)
	}
	return kib * 1024 / 1e6, nil
}

// files counts what lies in the bot's folders.
func (p *process) files() (n int, err error) {
	err = filepath.WalkDir(p.dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	return n, err
}

// measureBinary looks at the file alone.
func (b *bench) measureBinary(context.Context) error {
	info, err := os.Stat(b.binary)
	if err != nil {
		return fmt.Errorf("%w; build it with make build", err)
	}
	built, err := buildinfo.ReadFile(b.binary)
	if err != nil {
		return err
	}
	cgo := "unknown"
	for _, s := range built.Settings {
		if s.Key == "CGO_ENABLED" {
			cgo = s.Value
		}
	}
	f, err := elf.Open(b.binary)
	if err != nil {
		return err
	}
	defer f.Close()
	symbols := f.Section(".symtab") != nil || f.Section(".debug_info") != nil
	if symbols {
		return errors.New("the binary is not stripped; build it with make build")
	}
	b.report.atMost("binary, stripped", "MB", 40, float64(info.Size())/1e6)
	b.report.Rows = append(b.report.Rows, row{Figure: "cgo", Goal: "off", Measured: map[bool]string{true: "off", false: cgo}[cgo == "0"], Met: new(cgo == "0")})
	return nil
}
