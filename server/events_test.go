// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/board"
	"review-assistant/identity"
	"review-assistant/review"
)

// openEvents opens a stream, which is closed with the test.
func openEvents(t testing.TB, r *running, token, query string, header ...string) (*http.Response, *bufio.Reader) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", r.url+base+"/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = bearerHeader(token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); resp.Body.Close() })
	return resp, bufio.NewReader(resp.Body)
}

// read reads so many blocks of a stream.
func readEvents(t testing.TB, in *bufio.Reader, blocks int) string {
	t.Helper()
	var b strings.Builder
	for blocks > 0 {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("behind %q: %v", b.String(), err)
		}
		b.WriteString(line)
		if line == "\n" {
			blocks--
		}
	}
	return b.String()
}

func TestEvents(t *testing.T) {
	closed := make(chan struct{})
	w := &wall{stream: func(review.Viewer, board.NewsQuery) *news {
		return &news{closed: closed, steps: []step{
			{news: []review.News{outcomeOf(41, "team/pay", 7), outcomeOf(42, `odd "name`+"\n", 8)}},
			{},
			{mark: 45},
			{news: []review.News{{Seq: 46, Kind: review.NewsAccess, Change: review.ChangeID{Host: "main", Project: "team/pay"}}}, reset: true},
			{reset: true, mark: 90},
		}}
	}}
	r := startPeople(t, w, newPeople(), Options{})
	resp, in := openEvents(t, r, janeToken, "?after=3&component=component:default/pay&host=main&project=team/pay", "Last-Event-ID", "40")
	want := "retry: 3000\nid: 40\n\n" +
		"id: 41\nevent: change\ndata: {\"id\":\"main/team/pay~7\"}\n\n" +
		"id: 42\nevent: change\ndata: {\"id\":\"main/odd \\\"name\\n~8\"}\n\n" +
		"id: 42\n\n" +
		"id: 45\n\n" +
		"event: reset\ndata: {}\n\n" +
		"id: 46\nevent: reload\ndata: {}\n\n" +
		"event: reset\ndata: {}\n\n" +
		"id: 90\n\n"
	if got := readEvents(t, in, 9); got != want {
		t.Errorf("stream:\n%s\nwant:\n%s", got, want)
	}
	for name, value := range map[string]string{"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "private, no-cache", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"} {
		if got := resp.Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if got, want := w.last(), "news of component:default/pay@main/team/pay behind 40 for jane"; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
	resp.Body.Close()
	<-closed // the client left
}

func TestEventIDs(t *testing.T) {
	for _, tt := range []struct {
		query  string
		header []string
		want   int64 // -2 for refused
	}{
		{"", nil, -1},
		{"?after=0", nil, 0},
		{"?after=9223372036854775807", nil, 1<<63 - 1},
		{"", []string{"5"}, 5},
		{"?after=3", []string{"5"}, 5},
		{"?after=-1", nil, -2},
		{"?after=", nil, -2},
		{"?after=9223372036854775808", nil, -2},
		{"?after=01", nil, -2},
		{"?after=x", nil, -2},
		{"?after=3", []string{"x"}, -2},
		{"", []string{"1", "2"}, -2},
		{"", []string{"-1"}, -2},
		{"", []string{""}, -2},
	} {
		w := &wall{}
		r := startPeople(t, w, newPeople(), Options{})
		var header []string
		for _, v := range tt.header {
			header = append(header, "Last-Event-ID", v)
		}
		resp, _ := openEvents(t, r, janeToken, tt.query, header...)
		if tt.want == -2 {
			if resp.StatusCode != 400 {
				t.Errorf("%s %q: %d", tt.query, tt.header, resp.StatusCode)
			}
			continue
		}
		if want := fmt.Sprintf("news of @/ behind %d for jane", tt.want); resp.StatusCode != 200 || w.last() != want {
			t.Errorf("%s %q: %d, asked %q, want %q", tt.query, tt.header, resp.StatusCode, w.last(), want)
		}
	}
}

// ended reports whether a stream ends by itself.
func ended(t testing.TB, in *bufio.Reader) string {
	t.Helper()
	rest, err := io.ReadAll(in)
	if err != nil {
		t.Errorf("the stream breaks: %v", err)
	}
	return string(rest)
}

func TestStreamEnds(t *testing.T) {
	t.Run("with the proof", func(t *testing.T) {
		t.Parallel()
		p := newPeople()
		v := p.by[janeToken]
		v.Until = noon.Add(300 * time.Millisecond)
		p.by[janeToken] = v
		r := startPeople(t, &wall{}, p, Options{})
		_, in := openEvents(t, r, janeToken, "")
		ended(t, in)
	})
	t.Run("with the server", func(t *testing.T) {
		t.Parallel()
		r := startPeople(t, &wall{}, newPeople(), Options{})
		_, in := openEvents(t, r, janeToken, "")
		readEvents(t, in, 1)
		began := time.Now()
		if err := r.stop(); err != nil || time.Since(began) > 10*time.Second {
			t.Errorf("stop: %v after %s", err, time.Since(began))
		}
		ended(t, in)
	})
	t.Run("with the person", func(t *testing.T) {
		t.Parallel()
		var mu sync.Mutex
		now := noon
		removed := make(chan struct{})
		p := newPeople()
		w := &wall{stream: func(review.Viewer, board.NewsQuery) *news {
			return &news{steps: []step{{err: errors.New("disk on fire")}, {after: removed, news: []review.News{outcomeOf(1, "team/pay", 7)}}}}
		}}
		r := startPeople(t, w, p, Options{Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
		_, in := openEvents(t, r, janeToken, "")
		readEvents(t, in, 1)
		// While it waits behind the error, a minute passes and she is removed.
		mu.Lock()
		now = now.Add(proofAge)
		mu.Unlock()
		p.set(&identity.RefusedError{Reason: identity.Inactive})
		close(removed)
		if rest := ended(t, in); strings.Contains(rest, "change") {
			t.Errorf("told: %s", rest)
		}
	})
}

func TestSamePerson(t *testing.T) {
	p := newPeople()
	r := startPeople(t, &wall{}, p, Options{})
	e := r.echo
	req, err := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = bearerHeader(janeToken)
	c := e.NewContext(req, nil)
	v := person("jane", 1)
	if same, err := r.still(t.Context(), c, v); !same || err != nil {
		t.Errorf("the same person is another one: %v", err)
	}
	p.set(errors.New("the provider is away"))
	if same, err := r.still(t.Context(), c, v); same || err == nil {
		t.Error("somebody is certain when nobody can tell")
	}
	p.set(nil)
	for name, other := range map[string]review.Viewer{"account": person("jane", 2), "no account": person("jane", 0), "person": person("joe", 1)} {
		if same, err := r.still(t.Context(), c, other); same || err != nil {
			t.Errorf("another %s is the same, %v", name, err)
		}
	}
}

// sink is a connection that is written to.
type sink struct {
	http.ResponseWriter

	mu   sync.Mutex
	text strings.Builder
}

func (s *sink) Header() http.Header { return http.Header{} }

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *sink) WriteHeader(int)                  {}
func (s *sink) Flush()                           {}
func (s *sink) SetWriteDeadline(time.Time) error { return nil }

// ticks is a stream with news every second.
type ticks struct{ seq int64 }

func (n *ticks) Next(ctx context.Context) ([]review.News, bool, error) {
	if !pause(ctx, time.Second) {
		return nil, false, ctx.Err()
	}
	n.seq++
	return []review.News{outcomeOf(n.seq, "team/pay", 7)}, false, nil
}

func (n *ticks) Mark() int64 { return n.seq }

// While nobody can tell whether the reader is still who she was, a stream stays
// open and tells nothing, for longer than a minute of her old proof.
func TestStreamWithoutProof(t *testing.T) {
	p := newPeople()
	r := startPeople(t, &wall{}, p, Options{Now: time.Now})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		out := &sink{}
		req, err := http.NewRequestWithContext(ctx, "GET", "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = bearerHeader(janeToken)
		c := r.echo.NewContext(req, out)
		v := p.by[janeToken]
		v.Until = time.Now().Add(time.Hour)
		p.by[janeToken] = v
		p.set(errors.New("the store is away"))
		counts := make(chan int, 2)
		time.AfterFunc(proofAge+2*time.Second, func() { counts <- strings.Count(out.String(), "event: change") })
		time.AfterFunc(5*time.Minute, func() {
			counts <- strings.Count(out.String(), "event: change")
			p.set(nil)
		})
		r.follow(ctx, v, &ticks{}, &eventWriter{c: c, rc: http.NewResponseController(c.Response())})
		quiet, again := <-counts, <-counts
		if quiet < 50 || again != quiet || strings.Count(out.String(), ": ok") < 10 {
			t.Errorf("%d events within a minute, %d within five, %d beats", quiet, again, strings.Count(out.String(), ": ok"))
		}
		if n := strings.Count(out.String(), "event: change"); n < again+250 {
			t.Errorf("%d events in the end", n)
		}
		p.set(nil)
	})
}

func TestStreamsAreBounded(t *testing.T) {
	p := newPeople()
	r := startPeople(t, &wall{}, p, Options{API: API{MaxStreams: 3, MaxViewerStreams: 2}})
	first, _ := openEvents(t, r, janeToken, "")
	openEvents(t, r, janeToken, "")
	if resp, in := openEvents(t, r, janeToken, ""); resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" || !strings.Contains(whole(t, in), "this person has as many streams of events open as is allowed: 2") {
		t.Errorf("a third of one person: %d", resp.StatusCode)
	}
	openEvents(t, r, joeToken, "")
	if resp, in := openEvents(t, r, rootToken, ""); resp.StatusCode != 429 || !strings.Contains(whole(t, in), "this server has as many streams of events open as is allowed: 3") {
		t.Errorf("a fourth in all: %d", resp.StatusCode)
	}
	first.Body.Close()
	for deadline := time.Now().Add(10 * time.Second); r.streams.count() > 2; {
		if time.Now().After(deadline) {
			t.Fatal("a place is never given back")
		}
		runtime.Gosched()
	}
	if resp, _ := openEvents(t, r, janeToken, ""); resp.StatusCode != 200 {
		t.Errorf("behind one that was closed: %d", resp.StatusCode)
	}
}

// The limits of a request are not those of a stream.
func TestStreamOutlivesRequest(t *testing.T) {
	t.Parallel()
	give := make(chan struct{})
	r := startPeople(t, nil, newPeople(), Options{
		ReadHeaderTimeout: 100 * time.Millisecond, ReadTimeout: 100 * time.Millisecond, WriteTimeout: 300 * time.Millisecond,
		API: API{Board: boardOf{&wall{}, &slowNews{give: give}}},
	})
	_, in := openEvents(t, r, janeToken, "")
	readEvents(t, in, 1)
	<-time.After(time.Second)
	close(give)
	if got := readEvents(t, in, 1); !strings.Contains(got, "id: 9") {
		t.Errorf("behind a second: %q", got)
	}
}

// boardOf is a board with another stream.
type boardOf struct {
	*wall
	s board.Stream
}

func (b boardOf) Subscribe(context.Context, review.Viewer, board.NewsQuery) (board.Stream, error) {
	return b.s, nil
}

// slowNews gives one piece of news when it may.
type slowNews struct {
	give chan struct{}
	done bool
}

func (s *slowNews) Next(ctx context.Context) ([]review.News, bool, error) {
	if s.done {
		<-ctx.Done()
		return nil, false, ctx.Err()
	}
	select {
	case <-s.give:
		s.done = true
		return []review.News{outcomeOf(9, "team/pay", 7)}, false, nil
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}
func (s *slowNews) Mark() int64 { return -1 }

// resident is the memory of this process in bytes; 0 where nobody tells.
func resident() float64 {
	body, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(body))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize())
}

// BenchmarkThousandStreams opens a thousand streams over the loopback
// interface and tells what they take in this process, both ends together: with
// TLS the clients' state is among it.
func BenchmarkThousandStreams(b *testing.B) {
	b.Run("plain", func(b *testing.B) { thousandStreams(b, TLS{}) })
	b.Run("TLS", func(b *testing.B) {
		dir := b.TempDir()
		files := TLS{CertFile: filepath.Join(dir, "cert"), KeyFile: filepath.Join(dir, "key")}
		cert, key := pair(b, 1, noon.AddDate(0, 1, 0))
		write(b, files.CertFile, cert, noon)
		write(b, files.KeyFile, key, noon)
		thousandStreams(b, files)
	})
}

func thousandStreams(b *testing.B, files TLS) {
	const count = 1000
	for b.Loop() {
		r := startPeople(b, &wall{}, newPeople(), Options{TLS: files, MaxConnsPerIP: 2 * count, API: API{MaxViewerStreams: count, Burst: 2 * count}})
		debug.FreeOSMemory()
		before := resident()
		conns := make([]net.Conn, 0, count)
		buf := make([]byte, 4096)
		for i := range count {
			c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
			if err != nil {
				b.Fatal(err)
			}
			if files.CertFile != "" {
				// Whom we trust is not the point here.
				c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
			}
			conns = append(conns, c)
			// The headers are as long as those with a token of a provider.
			if _, err := fmt.Fprintf(c, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nX-Filler: %s\r\nAuthorization: Bearer %s\r\n\r\n", strings.Repeat("x", 1200), janeToken); err != nil {
				b.Fatal(err)
			}
			for got := ""; !strings.Contains(got, "retry: 3000"); {
				n, err := c.Read(buf)
				if err != nil {
					b.Fatalf("stream %d: %v", i, err)
				}
				got += string(buf[:n])
			}
		}
		if n := r.streams.count(); n != count {
			b.Fatalf("%d streams are open", n)
		}
		peak := resident()
		debug.FreeOSMemory()
		b.ReportMetric((peak-before)/(1<<20), "MB-peak/1000")
		b.ReportMetric((resident()-before)/(1<<20), "MB-kept/1000")
		b.ReportMetric(resident()/(1<<20), "MB-in-all")
		b.ReportMetric(float64(runtime.NumGoroutine())/count, "goroutines/stream")
		for _, c := range conns {
			c.Close()
		}
		_ = r.stop()
	}
}
