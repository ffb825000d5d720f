// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processor is how much of the processor was used since the machine started:
// by all, and by this program and those that it started and saw end.
type processor struct {
	all, idle time.Duration // of all cores
	ours      time.Duration
}

// tick is the unit of /proc/stat, the same on every Linux that we know.
const tick = 10 * time.Millisecond

func lookAtProcessor() (p processor, err error) {
	body, err := os.ReadFile("/proc/stat")
	if err != nil {
		return p, err
	}
	line, _, _ := bytes.Cut(body, []byte("\n"))
	if p.all, p.idle, err = processorLine(string(line)); err != nil {
		return p, err
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			return p, err
		}
		p.ours += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return p, nil
}

// processorLine reads the first line of /proc/stat: user, nice, system, idle,
// waiting for disks, interrupts twice, stolen by other machines.
func processorLine(line string) (all, idle time.Duration, err error) {
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, fmt.Errorf("read /proc/stat: %q is not the line of the processor", line)
	}
	for i, f := range fields[1:9] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("read /proc/stat: %w", err)
		}
		all += time.Duration(n) * tick
		if i == 3 || i == 4 {
			idle += time.Duration(n) * tick
		}
	}
	return all, idle, nil
}

// others returns which part of the processor, in percent, was used since an
// earlier look by programs that are not ours.
func (p processor) others(before processor) float64 {
	all := p.all - before.all
	if all <= 0 {
		return 0
	}
	used := all - (p.idle - before.idle) - (p.ours - before.ours)
	return max(0, 100*float64(used)/float64(all))
}
