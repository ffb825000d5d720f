// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(run{m}) }

// run ends the Redis that the tests share before goroutines are counted.
type run struct{ m *testing.M }

func (r run) Run() int {
	// Jobs have long lives; -rapid.steps still overrides this.
	if err := flag.Set("rapid.steps", "80"); err != nil {
		panic(err)
	}
	code := r.m.Run()
	if shared != nil {
		_ = shared.kill()
		_ = os.RemoveAll(shared.dir)
	}
	return code
}

// fixture is an engine under a clock that stands still unless moved.
type fixture struct {
	Store
	clock *clock
	// reopen opens the same data again, without closing the store: what a
	// restart after kill -9 finds.
	reopen func() Store
}

type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// engine makes empty stores. A store ends with its test.
type engine struct {
	name string
	open func(t testing.TB) *fixture
}

func openTestSQLite(t testing.TB) *fixture {
	c := newClock()
	path := filepath.Join(t.TempDir(), "store.db")
	open := func() Store {
		s, err := OpenSQLite(t.Context(), path, SQLiteOptions{Now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	return &fixture{Store: open(), clock: c, reopen: open}
}

func engines(t testing.TB) []engine {
	list := []engine{{"sqlite", openTestSQLite}, {"miniredis", openMiniredis}}
	addr, err := realRedis()
	switch {
	case err == nil:
		list = append(list, engine{"redis", func(t testing.TB) *fixture { return openTestRedis(t, addr) }})
	case os.Getenv("CI") == "true":
		t.Fatalf("no Redis to test with: %v; install redis-server or set REDIS_ADDR", err)
	}
	return list
}

func openMiniredis(t testing.TB) *fixture {
	return openTestRedis(t, miniredis.RunT(t).Addr())
}

var prefixes atomic.Int64

func openTestRedis(t testing.TB, addr string) *fixture {
	c := newClock()
	prefix := fmt.Sprintf("test-%d-%d", os.Getpid(), prefixes.Add(1))
	open := func() Store {
		s, err := OpenRedis(t.Context(), RedisOptions{Addrs: []string{addr}, Prefix: prefix, now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	return &fixture{Store: open(), clock: c, reopen: open}
}

// realRedis returns the address of the Redis of REDIS_ADDR, or of one that
// runs for the whole test binary.
var realRedis = sync.OnceValues(func() (string, error) {
	if addr := os.Getenv("REDIS_ADDR"); addr != "" {
		return addr, nil
	}
	s, err := startRedis(os.TempDir())
	if err != nil {
		return "", err
	}
	shared = s
	return s.addr, nil
})

var shared *redisServer

// redisServer is a redis-server process that syncs each write.
type redisServer struct {
	path, addr, dir string
	cmd             *exec.Cmd
}

func startRedis(parent string) (*redisServer, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, "redis-*")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &redisServer{path: path, addr: l.Addr().String(), dir: dir}
	return s, errors.Join(l.Close(), s.start())
}

// start runs the server on its address and data.
func (s *redisServer) start() error {
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	s.cmd = exec.Command(s.path, "--bind", "127.0.0.1", "--port", port, "--dir", s.dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			return nil
		}
	}
	return fmt.Errorf("redis-server did not start: %w", s.cmd.Wait())
}

// kill ends the process as kill -9 does.
func (s *redisServer) kill() error {
	err := s.cmd.Process.Kill()
	_ = s.cmd.Wait() // says that it was killed
	return err
}

// onEngines runs a test on every engine that is there.
func onEngines(t *testing.T, test func(t *testing.T, f *fixture)) {
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) { test(t, e.open(t)) })
	}
}
