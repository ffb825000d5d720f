// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"review-assistant/review"
)

func openRedisAt(t testing.TB, o RedisOptions) *Redis {
	t.Helper()
	r, err := OpenRedis(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestRedisUsesTheServersClock(t *testing.T) {
	m := miniredis.RunT(t)
	server := time.Date(2031, 1, 2, 3, 4, 5, 6e6, time.UTC)
	m.SetTime(server)
	f := &fixture{Store: openRedisAt(t, RedisOptions{Addrs: []string{m.Addr()}})}
	f.enqueue(t, key("a", 1), review.Hint{Delay: time.Second})
	f.idle(t)
	m.SetTime(server.Add(time.Second))
	j := f.lease(t, key("a", 1))
	if want := server.Add(time.Second + ttl); !j.Deadline.Equal(want) {
		t.Errorf("Lease() until %v, want %v", j.Deadline, want)
	}
	for _, name := range m.Keys() {
		if !strings.HasPrefix(name, "{review-assistant}:") {
			t.Errorf("key %q is not in the slot of the others", name)
		}
	}
	if _, err := f.Count(t.Context(), review.Count{Key: "tokens", Delta: 5, TTL: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if ttl := m.TTL("{review-assistant}:count:tokens"); ttl != time.Hour {
		t.Errorf("counter goes in %v, want 1h", ttl)
	}
}

// A Redis that forgot everything starts again, and a holder from before can
// end nothing.
func TestRedisWiped(t *testing.T) {
	m := miniredis.RunT(t)
	c := newClock()
	f := &fixture{Store: openRedisAt(t, RedisOptions{Addrs: []string{m.Addr()}, now: c.now}), clock: c}
	f.enqueue(t, key("a", 1), review.Hint{})
	old := f.lease(t, key("a", 1))
	m.FlushAll()
	must(t, "Finish", false)(f.Finish(t.Context(), old))
	c.advance(time.Second)
	f.enqueue(t, key("a", 1), review.Hint{})
	if j := f.lease(t, key("a", 1)); j.Fence <= old.Fence {
		t.Errorf("fence %d after %d", j.Fence, old.Fence)
	}
	must(t, "Finish", false)(f.Finish(t.Context(), old))

	// A part that is lost does not stop the rest.
	f.enqueue(t, key("b", 1), review.Hint{})
	c.advance(time.Second)
	f.enqueue(t, key("b", 2), review.Hint{})
	m.Del("{review-assistant}:job:" + string(key("b", 1)))
	f.idle(t)
	f.lease(t, key("b", 2))
}

func TestRedisOpenErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	m := miniredis.RunT(t)
	secured := miniredis.RunT(t)
	secured.RequireUserAuth("bot", "s3same-right")
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	right, wrong := file("right", "s3same-right\n"), file("wrong", "s3same-wrong")
	if err := m.Set("{newer}:schema", fmt.Sprint(redisSchema+1)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		o     RedisOptions
		want  string
		retry bool
	}{
		{"good", RedisOptions{Addrs: []string{m.Addr()}}, "", false},
		{"no address", RedisOptions{}, "set store.redis", false},
		{"nobody there", RedisOptions{Addrs: []string{nobody}}, "does not answer", true},
		{"brace", RedisOptions{Addrs: []string{m.Addr()}, Prefix: "a{b"}, "brace", false},
		{"newer schema", RedisOptions{Addrs: []string{m.Addr()}, Prefix: "newer"}, "a newer version", false},
		{"password", RedisOptions{Addrs: []string{secured.Addr()}, Username: "bot", PasswordFile: right}, "", false},
		{"no password", RedisOptions{Addrs: []string{secured.Addr()}}, "wants a password", true},
		{"wrong password", RedisOptions{Addrs: []string{secured.Addr()}, Username: "bot", PasswordFile: wrong}, "refuses the user", true},
		{"no password file", RedisOptions{Addrs: []string{secured.Addr()}, PasswordFile: dir + "/none"}, "no such file", true},
		{"no CA file", RedisOptions{Addrs: []string{m.Addr()}, TLS: true, CAFile: dir + "/none"}, "no such file", false},
		{"no CA in file", RedisOptions{Addrs: []string{m.Addr()}, TLS: true, CAFile: right}, "no PEM certificate", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := OpenRedis(t.Context(), tt.o)
			if err == nil {
				err = r.Close()
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("OpenRedis() = %v, want %q", err, tt.want)
			}
			if _, retry := errors.AsType[*review.RetryError](err); retry != tt.retry {
				t.Errorf("OpenRedis() = %v; a RetryError: %v, want %v", err, retry, tt.retry)
			}
			if err != nil && strings.Contains(err.Error(), "s3same") {
				t.Errorf("OpenRedis() = %v, which tells the password", err)
			}
		})
	}
}

// A Redis that goes away is a typed error, and the store works again once it
// is back.
func TestRedisOutage(t *testing.T) {
	m := miniredis.RunT(t)
	f := &fixture{Store: openRedisAt(t, RedisOptions{Addrs: []string{m.Addr()}})}
	f.enqueue(t, key("a", 1), review.Hint{})
	for _, down := range []struct {
		name     string
		off, on  func()
		mustHold string
	}{
		{"closed", m.Close, func() {
			if err := m.Restart(); err != nil {
				t.Fatal(err)
			}
		}, "does not answer"},
		{"loading", func() { m.SetError("LOADING Redis is loading the dataset in memory") }, func() { m.SetError("") }, "loads its data"},
		{"memory", func() { m.SetError("OOM command not allowed") }, func() { m.SetError("") }, "maxmemory"},
		{"replica", func() { m.SetError("READONLY You can't write against a read only replica.") }, func() { m.SetError("") }, "primary"},
	} {
		t.Run(down.name, func(t *testing.T) {
			down.off()
			_, _, leaseErr := f.Lease(t.Context(), ttl)
			_, _, settingErr := f.Setting(t.Context(), "a")
			_, _, summaryErr := f.Summary(t.Context(), changeOne)
			for what, err := range map[string]error{
				"Enqueue": f.Enqueue(t.Context(), key("a", 2), review.Hint{}), "Lease": leaseErr, "Setting": settingErr,
				"Summary": summaryErr, "Record": f.Record(t.Context(), outcome(changeOne, 1, review.VerdictPosted), nil),
				"Ping": f.Ping(t.Context()), "SetSetting": f.SetSetting(t.Context(), "a", "b"),
			} {
				if _, ok := errors.AsType[*review.RetryError](err); !ok || review.RetryAfter(err) == 0 || !strings.Contains(err.Error(), down.mustHold) {
					t.Errorf("%s = %v, want a RetryError with %q", what, err, down.mustHold)
				}
			}
			if problems := f.Check(t.Context()); len(problems) != 1 {
				t.Errorf("Check() = %v, want one problem", problems)
			}
			down.on()
			if err := f.Ping(t.Context()); err != nil {
				t.Errorf("Ping() afterwards = %v", err)
			}
		})
	}
	f.lease(t, key("a", 1))
}

func TestClassifyRedis(t *testing.T) {
	tests := []struct {
		err   error
		retry bool
	}{
		{nil, false},
		{context.Canceled, false},
		{context.DeadlineExceeded, true},
		{io.EOF, true},
		{redis.ErrPoolTimeout, true},
		{redis.ErrClosed, false},
		{errors.New("MISCONF Redis is configured to save snapshots"), true},
		{errors.New("ERR wrong number of arguments"), false},
	}
	for _, tt := range tests {
		got := classifyRedis(tt.err)
		if _, retry := errors.AsType[*review.RetryError](got); retry != tt.retry || (got == nil) != (tt.err == nil) {
			t.Errorf("classifyRedis(%v) = %v; a RetryError: %v, want %v", tt.err, got, retry, tt.retry)
		}
	}
}

func TestJudgeRedis(t *testing.T) {
	good := "# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nappendfsync:always\r\n"
	tests := []struct {
		name   string
		info   string
		accept bool
		want   string // fields of the problems, in order
	}{
		{"good", good, false, ""},
		{"old", strings.Replace(good, "7.0.15", "6.0.20", 1), false, "version"},
		{"just new enough", strings.Replace(good, "7.0.15", "6.2.0", 1), false, ""},
		{"no version", strings.Replace(good, "redis_version", "x", 1), true, "version"},
		{"eviction", strings.Replace(good, "noeviction", "allkeys-lru", 1), true, "maxmemory-policy"},
		{"no file", strings.Replace(good, "aof_enabled:1", "aof_enabled:0", 1), false, "append-only"},
		{"each second", strings.Replace(good, "always", "everysec", 1), false, "appendfsync"},
		{"each second, accepted", strings.Replace(good, "always", "everysec", 1), true, ""},
		{"nothing told", "", false, "version maxmemory-policy append-only appendfsync"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := judgeRedis(parseInfo(tt.info), tt.accept)
			want := strings.Fields(tt.want)
			if len(got) != len(want) {
				t.Fatalf("judgeRedis() = %v, want %q", got, want)
			}
			for i, p := range got {
				if !strings.Contains(p.Cause, want[i]) {
					t.Errorf("problem %d is %s, want one of %s", i, p, want[i])
				}
			}
		})
	}
}

// What a real Redis has answered for survives kill -9.
func TestRedisKilled(t *testing.T) {
	if _, err := realRedis(); err != nil || shared == nil {
		onlyWithServer(t, err)
		return
	}
	s, err := startRedis(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.kill() }()
	r := openRedisAt(t, RedisOptions{Addrs: []string{s.addr}})
	if problems := r.Check(t.Context()); len(problems) > 0 {
		t.Errorf("Check() = %v, want none", problems)
	}
	f := &fixture{Store: r}
	for n := range 50 {
		f.enqueue(t, key("a", n+1), review.Hint{})
	}
	old := f.lease(t, key("a", 1))
	if err := s.kill(); err != nil {
		t.Fatal(err)
	}
	if err := r.Enqueue(t.Context(), key("a", 99), review.Hint{}); review.RetryAfter(err) == 0 {
		t.Errorf("Enqueue() = %v, want a RetryError", err)
	}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	if st, err := r.Stats(t.Context()); err != nil || st.Due != 49 || st.Leased != 1 {
		t.Errorf("Stats() = %+v, %v; want 49 due, 1 leased", st, err)
	}
	must(t, "Finish", true)(r.Finish(t.Context(), old))
}

// onlyWithServer passes where no redis-server can be started, except in CI.
func onlyWithServer(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" && os.Getenv("REDIS_ADDR") == "" {
		t.Fatalf("no redis-server: %v", err)
	}
	t.Logf("no redis-server of our own to kill: %v", err)
}
