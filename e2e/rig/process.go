// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server that we started and end by its id.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	eof  chan struct{} // closed when all that it printed was read
	out  *lastLines
}

// startProcess starts cmd and returns once it printed a line for which ready
// is true. ctx bounds the start, not the life. What it prints goes to log.
func startProcess(ctx context.Context, cmd *exec.Cmd, log io.Writer, ready func(line string) bool) (*process, error) {
	if log == nil {
		log = io.Discard
	}
	p := &process{cmd: cmd, done: make(chan struct{}), eof: make(chan struct{}), out: &lastLines{also: log}}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	DieWithParent(cmd)

	started := make(chan error, 1)
	go func() {
		// The kernel ties "die with the parent" to the thread that forked.
		runtime.LockOSThread()
		err := cmd.Start()
		_ = write.Close()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", cmd.Path, err), read.Close())
	}

	up := make(chan struct{})
	go func() {
		defer close(p.eof)
		defer read.Close()
		told := false
		lines := bufio.NewReader(read)
		for {
			line, err := lines.ReadString('\n')
			p.out.add(line)
			if !told && ready(strings.TrimSpace(line)) {
				told = true
				close(up)
			}
			if err != nil {
				return
			}
		}
	}()
	select {
	case <-up:
		return p, nil
	case <-p.done:
		<-p.eof
		return nil, fmt.Errorf("%s ended before it was ready (%v): %s", cmd.Path, cmd.ProcessState, tail(p.out.String()))
	case <-ctx.Done():
		p.kill()
		return nil, fmt.Errorf("%s was not ready in time: %w: %s", cmd.Path, ctx.Err(), tail(p.out.String()))
	}
}

// stop asks the process to end and kills it when it has not after patience.
func (p *process) stop(patience time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.kill()
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// lastLines keeps the end of what a process printed, for error messages.
type lastLines struct {
	mu   sync.Mutex
	text string
	also io.Writer
}

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.also, line)
	l.text += line
	if len(l.text) > 64<<10 {
		l.text = l.text[32<<10:]
	}
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// freePort returns a loopback port that nobody listens on at the moment.
// Somebody else may take it before we do: callers try [again] with another.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// again starts a server up to three times, as long as it fails because its port
// was taken. Each start finds another port.
func again(start func() error) error {
	for try := 1; ; try++ {
		if err := start(); err == nil || try == 3 || !lostPort(err) {
			return err
		}
	}
}

// lostPort reports whether a server failed because its port was taken, in the
// words of Java, Redis, Node or Keycloak.
func lostPort(err error) bool {
	return slices.ContainsFunc([]string{"Address already in use", "BindException", "EADDRINUSE", "already bound"}, func(words string) bool {
		return strings.Contains(err.Error(), words)
	})
}
