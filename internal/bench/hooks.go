// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// measureHooks sends webhooks at a steady rate to the bot and, in turns, to
// the floor, and returns how many the bot got. Each is for a change of its own
// in a project that has not opted in, so that each is written, worked and
// recorded while the next ones come.
func (b *bench) measureHooks(ctx context.Context, s *stage) (sent int, err error) {
	_, like := s.push("p00")
	floor, err := startFloor(filepath.Join(b.dir, "floor"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, floor.stop()) }()
	var ours, lowest []time.Duration
	for turn := range hookTurns {
		say("%d webhooks a second, turn %d of %d", hookRate, turn+1, hookTurns)
		due := arrivals(hookRate, hookTime, uint64(turn))
		bodies := make([][]byte, len(due))
		for i := range bodies {
			if bodies[i], err = s.event(like, asleep); err != nil {
				return sent, err
			}
		}
		took, err := openLoop(ctx, due, func(i int) error { return post(ctx, s.client, floor.url, bodies[i]) })
		if err != nil {
			return sent, err
		}
		lowest = append(lowest, took...)
		if took, err = openLoop(ctx, due, func(i int) error { return s.send(ctx, bodies[i]) }); err != nil {
			return sent, s.bot.failed(err)
		}
		ours = append(ours, took...)
		sent += len(due)
		if err := s.quiet(ctx); err != nil {
			return sent, err
		}
	}
	what := fmt.Sprintf("webhook answered durably at %d/s", hookRate)
	b.report.atMost(what+", p50", "ms", 3, ms(quantile(ours, .5)))
	b.report.atMost(what+", p99", "ms", 30, ms(quantile(ours, .99)))
	b.report.tell("the same, floor (append and fsync), p50", "ms", ms(quantile(lowest, .5)))
	b.report.tell("the same, floor (append and fsync), p99", "ms", ms(quantile(lowest, .99)))
	return sent, nil
}

// arrivals returns when requests are due, from the start: as many as the rate
// asks for, at random, as independent senders would.
func arrivals(rate float64, d time.Duration, seed uint64) []time.Duration {
	r := rand.New(rand.NewPCG(seed, seed))
	due := make([]time.Duration, int(rate*d.Seconds()))
	at := 0.0
	for i := range due {
		at += r.ExpFloat64() / rate
		due[i] = time.Duration(at * float64(time.Second))
	}
	return due
}

// openLoop starts each request when it is due, whatever became of those
// before, and returns how long each took. The time counts from when a request
// was due, not from when it was sent: a server that stands still is charged
// for everybody who had to wait, and so is a slow generator.
func openLoop(ctx context.Context, due []time.Duration, send func(i int) error) ([]time.Duration, error) {
	took := make([]time.Duration, len(due))
	errs := make([]error, len(due))
	var wg sync.WaitGroup
	began := time.Now()
	for i, at := range due {
		if err := pause(ctx, at-time.Since(began)); err != nil {
			wg.Wait()
			return nil, err
		}
		wg.Go(func() {
			errs[i] = send(i)
			took[i] = time.Since(began) - at
		})
	}
	wg.Wait()
	return took, errors.Join(errs...)
}

// serveFloor is the least that a durable webhook can cost: net/http, one
// append and one fsync for each request. It prints its URL.
func serveFloor(ctx context.Context, file string, out io.Writer) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err == nil {
			if _, err = f.Write(body); err == nil {
				err = f.Sync()
			}
		}
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "http://%s/\n", l.Addr())
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return f.Close()
}

// floor is this program again as a server: like the bot, it does not share a
// process with the load.
type floor struct {
	cmd *exec.Cmd
	url string
}

func startFloor(file string) (*floor, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f := &floor{cmd: exec.Command(self, "-floor", file)}
	f.cmd.Stderr = os.Stderr
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the floor: %w", err), f.stop())
	}
	f.url = strings.TrimSpace(line)
	return f, nil
}

func (f *floor) stop() error {
	// When it has ended already, the wait tells why.
	_ = f.cmd.Process.Signal(syscall.SIGTERM)
	return f.cmd.Wait()
}
