// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site is a log host on the loopback interface, known as ci.example.
type site struct {
	*httptest.Server
	port string
	auth atomic.Value // of the last request
}

func serve(t *testing.T, h http.HandlerFunc) *site {
	t.Helper()
	s := new(site)
	s.auth.Store("")
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.auth.Store(r.Header.Get("Authorization"))
		h(w, r)
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.port = u.Port()
	return s
}

func (s *site) host() string { return "ci.example:" + s.port }

func (s *site) at(path string) string { return "http://" + s.host() + path }

// resolves answers every name with these addresses.
func resolves(addrs ...string) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) ([]netip.Addr, error) {
		var out []netip.Addr
		for _, a := range addrs {
			out = append(out, netip.MustParseAddr(a))
		}
		return out, nil
	}
}

// fetcher may fetch from the site, over loopback.
func (s *site) fetcher(t *testing.T, o Options) *Fetcher {
	t.Helper()
	if o.Hosts == nil {
		o.Hosts = []Host{{Host: s.host(), Plain: true, Private: loopback}}
	}
	if o.Resolve == nil {
		o.Resolve = resolves("127.0.0.1")
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// read fetches a whole log.
func read(t *testing.T, f *Fetcher, at string) (text string, truncated bool, err error) {
	t.Helper()
	b, err := f.Open(t.Context(), at)
	if err != nil {
		return "", false, err
	}
	defer b.Close()
	out, err := io.ReadAll(b)
	return string(out), b.Truncated(), err
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func deflated(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const logText = "step 1\nerror: it broke\n"

func TestOpen(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/plain":
			_, _ = io.WriteString(w, logText)
		case "/garbage":
			_, _ = w.Write([]byte{0, 0xff, 0x1f, 0x1b, '\r', 0})
		case "/empty":
		case "/encoded":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped(t, logText))
		case "/deflated":
			w.Header().Set("Content-Encoding", "deflate")
			_, _ = w.Write(deflated(t, logText))
		case "/log.gz":
			w.Header().Set("Content-Type", "application/gzip")
			_, _ = w.Write(append(zipped(t, "step 1\n"), zipped(t, "error: it broke\n")...))
		case "/both.gz":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped(t, string(zipped(t, logText))))
		case "/moved":
			http.Redirect(w, r, "/plain", http.StatusFound)
		default:
			w.WriteHeader(http.StatusTeapot)
		}
		if r.Header.Get("Cookie") != "" {
			t.Error("a cookie came")
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	})
	f := s.fetcher(t, Options{})
	for path, want := range map[string]string{
		"/plain": logText, "/garbage": "\x00\xff\x1f\x1b\r\x00", "/empty": "", "/encoded": logText, "/deflated": logText,
		"/log.gz": logText, "/both.gz": logText, "/moved": logText,
	} {
		got, cut, err := read(t, f, s.at(path))
		if got != want || cut || err != nil {
			t.Errorf("%s: %q, %v, %v", path, got, cut, err)
		}
	}
}

func TestTruncated(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/plain":
			_, _ = io.WriteString(w, logText)
		case "/gz":
			_, _ = w.Write(zipped(t, logText))
		}
	})
	for _, path := range []string{"/plain", "/gz"} {
		for max, want := range map[int64]string{5: logText[:5], int64(len(logText)) - 1: logText[:len(logText)-1], int64(len(logText)): logText, 1000: logText} {
			got, cut, err := read(t, s.fetcher(t, Options{MaxBytes: max}), s.at(path))
			if got != want || cut != (max < int64(len(logText))) || err != nil {
				t.Errorf("%s up to %d: %q, %v, %v", path, max, got, cut, err)
			}
		}
	}
}

// hijack answers with raw bytes and hangs up.
func hijack(w http.ResponseWriter, answer string) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = io.WriteString(c, answer)
}

// hang says nothing until the client has left.
func hang(r *http.Request) { <-r.Context().Done() }

func TestBadHosts(t *testing.T) {
	elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "elsewhere") })
	bomb := zipped(t, strings.Repeat("\x00", ratioFrom+1<<20))
	bombInside := zipped(t, string(bomb))
	var s *site
	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/404", "/410", "/401", "/403", "/429", "/500", "/503", "/204", "/206", "/301":
			var status int
			_, _ = fmt.Sscan(r.URL.Path[1:], &status)
			w.WriteHeader(status)
		case "/to-private":
			http.Redirect(w, r, "http://127.0.0.1:"+s.port+"/plain", http.StatusFound)
		case "/to-metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		case "/to-other":
			http.Redirect(w, r, "http://other.example:"+elsewhere.port+"/", http.StatusFound)
		case "/to-https":
			http.Redirect(w, r, "https://"+s.host()+"/plain", http.StatusFound)
		case "/to-user":
			http.Redirect(w, r, "http://u:p@"+s.host()+"/plain", http.StatusFound)
		case "/to-file":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/hang":
			hang(r)
		case "/hang-inside":
			_, _ = io.WriteString(w, logText)
			_ = http.NewResponseController(w).Flush()
			hang(r)
		case "/garbage":
			hijack(w, "\x00\x01garbage\r\n\r\n")
		case "/nothing":
			hijack(w, "")
		case "/short":
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nstep 1\n")
		case "/chunks":
			hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
		case "/two-lengths":
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
		case "/headers":
			for i := range 100 {
				w.Header().Set(fmt.Sprint("X-", i), long(1000))
			}
		case "/encoding":
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, logText)
		case "/not-gzip":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, logText)
		case "/empty-gzip":
			w.Header().Set("Content-Encoding", "gzip")
		case "/broken-gzip":
			b := zipped(t, logText)
			b[len(b)-6] ^= 1
			_, _ = w.Write(b)
		case "/half-gzip":
			_, _ = w.Write(zipped(t, logText)[:12])
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		case "/bomb-inside":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bombInside)
		}
	})
	for _, tt := range []struct {
		path string
		want Reason
	}{
		{"/404", NotFound},
		{"/410", NotFound},
		{"/401", Denied},
		{"/403", Denied},
		{"/429", Unavailable},
		{"/500", Unavailable},
		{"/503", Unavailable},
		{"/204", BadAnswer},
		{"/206", BadAnswer},
		{"/301", Redirect},
		{"/to-private", Redirect},
		{"/to-metadata", Redirect},
		{"/to-other", Redirect},
		{"/to-https", Redirect},
		{"/to-user", BadURL},
		{"/to-file", Redirect},
		{"/loop", Redirect},
		{"/hang", TooSlow},
		{"/hang-inside", TooSlow},
		{"/garbage", BadAnswer},
		{"/nothing", Unavailable},
		{"/short", Unavailable},
		{"/chunks", BadAnswer},
		{"/two-lengths", BadAnswer},
		{"/headers", BadAnswer},
		{"/encoding", BadAnswer},
		{"/not-gzip", BadAnswer},
		{"/empty-gzip", Unavailable},
		{"/broken-gzip", BadAnswer},
		{"/half-gzip", Unavailable},
		{"/bomb", CompressedBomb},
		{"/bomb-inside", CompressedBomb},
	} {
		t.Run(tt.path[1:], func(t *testing.T) {
			o := Options{Hosts: []Host{
				{Host: s.host(), Plain: true, Private: loopback, TokenFile: file(t, "token", "our-token")},
				{Host: "127.0.0.1:" + s.port, Plain: true, Private: loopback},
				{Host: "other.example:" + elsewhere.port, Plain: true, Private: loopback},
			}}
			switch tt.path {
			case "/hang":
				o.FirstByte = 50 * time.Millisecond
			case "/hang-inside":
				o.Stall = 50 * time.Millisecond
			}
			text, _, err := read(t, s.fetcher(t, o), s.at(tt.path))
			if ReasonOf(err) != tt.want {
				t.Errorf("read %d bytes, %v; want %s", len(text), err, tt.want)
			}
			if tt.path == "/hang-inside" && text != logText {
				t.Errorf("what came before is %q", text)
			}
			if strings.Contains(fmt.Sprint(err), "garbage") {
				t.Errorf("the answer is quoted: %v", err)
			}
			if elsewhere.auth.Load() != "" {
				t.Error("our token went elsewhere")
			}
		})
	}
}

// A host that sends a byte now and then is ended by the time of the whole.
func TestSlowLoris(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, "x"); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
		}
	})
	_, _, err := read(t, s.fetcher(t, Options{Timeout: 100 * time.Millisecond, MaxBytes: 1 << 40}), s.at("/"))
	if ReasonOf(err) != TooSlow {
		t.Errorf("%v, want too slow", err)
	}
}

// Names decide nothing: the address that is dialled does.
func TestAddresses(t *testing.T) {
	var asked atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); _, _ = io.WriteString(w, logText) })
	private := Host{Host: s.host(), Plain: true, Private: loopback}
	bare := Host{Host: s.host(), Plain: true}
	other := Host{Host: s.host(), Plain: true, Private: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	for _, tt := range []struct {
		name    string
		host    Host
		resolve func(context.Context, string) ([]netip.Addr, error)
		want    Reason
	}{
		{"in its range", private, resolves("127.0.0.1"), ""},
		{"mapped", private, resolves("::ffff:127.0.0.1"), ""},
		{"no range", bare, resolves("127.0.0.1"), PrivateAddress},
		{"mapped, no range", bare, resolves("::ffff:127.0.0.1"), PrivateAddress},
		{"another range", other, resolves("127.0.0.1"), PrivateAddress},
		{"outside all ranges", private, resolves("192.168.0.1", "::1", "169.254.169.254"), PrivateAddress},
		{"a public one beside the range", private, resolves("8.8.8.8"), PrivateAddress},
		{"mixed, one is in the range", private, resolves("10.0.0.1", "8.8.8.8", "127.0.0.1"), ""},
		{"mixed, none is", bare, resolves("127.0.0.1", "10.0.0.1"), PrivateAddress},
		{"no address", private, resolves(), Unavailable},
		{"no such name", private, func(context.Context, string) ([]netip.Addr, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "ci.example"}
		}, Unavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked.Store(0)
			_, _, err := read(t, s.fetcher(t, Options{Hosts: []Host{tt.host}, Resolve: tt.resolve}), s.at("/"))
			if ReasonOf(err) != tt.want || (err == nil) != (tt.want == "") {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if got := asked.Load() == 1; got != (tt.want == "") {
				t.Errorf("the host was asked: %v", got)
			}
		})
	}
}

// A name that is public when it is checked and private when it is used: only
// the address of the socket counts.
func TestRebinding(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the host was reached") })
	var n int
	f := s.fetcher(t, Options{Hosts: []Host{{Host: s.host(), Plain: true}}, Resolve: func(ctx context.Context, name string) ([]netip.Addr, error) {
		if n++; n == 1 {
			return nil, errors.New("the public address is elsewhere")
		}
		return resolves("127.0.0.1")(ctx, name)
	}})
	if _, _, err := read(t, f, s.at("/")); ReasonOf(err) != Unavailable {
		t.Errorf("first: %v", err)
	}
	if _, _, err := read(t, f, s.at("/")); ReasonOf(err) != PrivateAddress {
		t.Errorf("second: %v, want a refusal", err)
	}
}

// A connection that one entry made does not serve another to the same address.
func TestNoSharedConnections(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, logText) })
	f := s.fetcher(t, Options{Hosts: []Host{
		{Host: s.host(), Plain: true, Private: loopback}, {Host: "127.0.0.1.example:" + s.port, Plain: true},
	}})
	if _, _, err := read(t, f, s.at("/")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(t, f, "http://127.0.0.1.example:"+s.port+"/"); ReasonOf(err) != PrivateAddress {
		t.Errorf("%v, want a refusal", err)
	}
}

func TestCredentials(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, logText) })
	token, password := file(t, "token", "one\n"), file(t, "password", "two\n")
	get := func(f *Fetcher) string {
		t.Helper()
		if _, _, err := read(t, f, s.at("/")); err != nil {
			t.Fatal(err)
		}
		return s.auth.Load().(string)
	}
	bearer := s.fetcher(t, Options{Hosts: []Host{{Host: s.host(), Plain: true, Private: loopback, TokenFile: token}}})
	if got := get(bearer); got != "Bearer one" {
		t.Errorf("token: %q", got)
	}
	if err := os.WriteFile(token, []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := get(bearer); got != "Bearer another" {
		t.Errorf("after a rotation: %q", got)
	}
	if err := os.WriteFile(token, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := get(bearer); got != "Bearer another" {
		t.Errorf("in the middle of a rotation: %q", got)
	}
	basic := s.fetcher(t, Options{Hosts: []Host{{Host: s.host(), Plain: true, Private: loopback, User: "jenkins", PasswordFile: password}}})
	if got := get(basic); got != "Basic amVua2luczp0d28=" {
		t.Errorf("password: %q", got)
	}
	if got := get(s.fetcher(t, Options{})); got != "" {
		t.Errorf("no secret: %q", got)
	}
}

// The environment's proxies would see our tokens.
func TestEnvironmentProxy(t *testing.T) {
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "proxied "+r.URL.String()) })
	t.Setenv("http_proxy", proxy.URL)
	t.Setenv("HTTP_PROXY", proxy.URL)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, logText) })
	if got, _, err := read(t, s.fetcher(t, Options{}), s.at("/")); got != logText || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	named := s.fetcher(t, Options{Hosts: []Host{{Host: s.host(), Plain: true, ProxyURL: proxy.URL}}})
	if got, _, err := read(t, named, s.at("/a")); got != "proxied "+s.at("/a") || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, logText) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	host := "example.com:" + u.Port() // a name of httptest's certificate
	ca := file(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	for _, tt := range []struct {
		name, url string
		host      Host
		want      Reason
	}{
		{"own authority", "https://" + host, Host{Host: host, CAFile: ca, Private: loopback}, ""},
		{"unknown authority", "https://" + host, Host{Host: host, Private: loopback}, Unavailable},
		{"another name", "https://other.example:" + u.Port(), Host{Host: "other.example:" + u.Port(), CAFile: ca, Private: loopback}, Unavailable},
		{"plain", "http://" + host, Host{Host: host, CAFile: ca, Private: loopback}, NotHTTPS},
		{"plain to TLS", "http://" + host, Host{Host: host, CAFile: ca, Private: loopback, Plain: true}, BadAnswer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := New(Options{Hosts: []Host{tt.host}, Resolve: resolves("127.0.0.1")})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			got, _, err := read(t, f, tt.url+"/log")
			if ReasonOf(err) != tt.want || err == nil && got != logText {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestAtOnce(t *testing.T) {
	var here atomic.Int32
	leave := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		here.Add(1)
		_, _ = io.WriteString(w, logText)
		_ = http.NewResponseController(w).Flush()
		<-leave
	})
	f := s.fetcher(t, Options{PerHost: 2})
	var open []*Body
	for range 2 {
		b, err := f.Open(t.Context(), s.at("/"))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, b)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() {
		_, err := f.Open(ctx, s.at("/"))
		waits <- err
	}()
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) || ReasonOf(err) != "" {
		t.Errorf("the third = %v, want the caller's own end", err)
	}
	if n := here.Load(); n != 2 {
		t.Errorf("%d fetches at once, want 2", n)
	}
	close(leave)
	for _, b := range open {
		if err := errors.Join(b.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := read(t, f, s.at("/")); err != nil {
		t.Errorf("after both are closed: %v", err)
	}
}

// A body that nobody closes holds its place no longer than the time of a fetch.
func TestForgottenBody(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, logText)
		if r.URL.Path == "/long" {
			_ = http.NewResponseController(w).Flush()
			hang(r)
		}
	})
	f := s.fetcher(t, Options{PerHost: 1, Timeout: 500 * time.Millisecond})
	forgotten, err := f.Open(t.Context(), s.at("/long"))
	if err != nil {
		t.Fatal(err)
	}
	defer forgotten.Close()
	b, err := f.Open(t.Context(), s.at("/"))
	for ReasonOf(err) == Unavailable || ReasonOf(err) == TooSlow { // its own time may end first
		b, err = f.Open(t.Context(), s.at("/"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestCanceled(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, logText)
		_ = http.NewResponseController(w).Flush()
		hang(r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	b, err := s.fetcher(t, Options{}).Open(ctx, s.at("/"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := io.ReadFull(b, make([]byte, len(logText))); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) || ReasonOf(err) != "" {
		t.Errorf("%v, want the caller's own end", err)
	}
}

func TestJSON(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, map[string]string{"/good": `{"result":"FAILURE"}`, "/login": "<html>"}[r.URL.Path])
	})
	f := s.fetcher(t, Options{})
	if b, err := f.JSON(t.Context(), s.at("/good"), 100); string(b) != `{"result":"FAILURE"}` || err != nil {
		t.Errorf("%s, %v", b, err)
	}
	for path, want := range map[string]Reason{"/good": TooLarge, "/login": BadAnswer, "/none": BadAnswer} {
		if _, err := f.JSON(t.Context(), s.at(path), 10); ReasonOf(err) != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	text := strings.Repeat("2026-01-31 09:30:00 | ok: all is well in step 12 of the build\n", 1<<19)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	for i := 0; i < len(text); i += 61 {
		_, _ = fmt.Fprintf(w, "%x %s", i*i, text[i:min(i+61, len(text))])
	}
	_ = w.Close()
	bodies := map[string][]byte{"plain": []byte(text), "gzip": z.Bytes()}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(bodies[r.URL.Path[1:]]) }))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	f, err := New(Options{Hosts: []Host{{Host: host, Plain: true, Private: loopback}}})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for name := range bodies {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				body, err := f.Open(b.Context(), s.URL+"/"+name)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.Copy(io.Discard, body)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(n)
				_ = body.Close()
			}
		})
	}
}

func TestReach(t *testing.T) {
	private := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}
	for name, tt := range map[string]struct {
		host        Host
		resolve     func(context.Context, string) ([]netip.Addr, error)
		addrs, open string
		fails       bool
	}{
		"public":         {host: Host{Host: "ci.example"}, resolve: resolves("8.8.8.8"), addrs: "[8.8.8.8]", open: "[8.8.8.8]"},
		"private":        {host: Host{Host: "ci.example", Private: private}, resolve: resolves("10.20.0.9"), addrs: "[10.20.0.9]", open: "[10.20.0.9]"},
		"not opened":     {host: Host{Host: "ci.example"}, resolve: resolves("10.20.0.9"), addrs: "[10.20.0.9]", open: "[]"},
		"one of two":     {host: Host{Host: "ci.example", Private: private}, resolve: resolves("10.20.0.9", "10.21.0.9"), addrs: "[10.20.0.9 10.21.0.9]", open: "[10.20.0.9]"},
		"address itself": {host: Host{Host: "10.20.0.9:8443", Private: private}, addrs: "[10.20.0.9]", open: "[10.20.0.9]"},
		"proxy":          {host: Host{Host: "ci.example", ProxyURL: "http://proxy.example:3128"}, addrs: "[]", open: "[]"},
		"no name": {host: Host{Host: "ci.example"}, fails: true, resolve: func(context.Context, string) ([]netip.Addr, error) {
			return nil, errors.New("no such host")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := New(Options{Hosts: []Host{tt.host}, Resolve: tt.resolve})
			if err != nil {
				t.Fatal(err)
			}
			addrs, open, err := f.Reach(t.Context(), tt.host.Host)
			if (err != nil) != tt.fails || !tt.fails && (fmt.Sprint(addrs) != tt.addrs || fmt.Sprint(open) != tt.open) {
				t.Errorf("Reach() = %v, %v, %v", addrs, open, err)
			}
		})
	}
	f, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Reach(t.Context(), "ci.example"); err == nil {
		t.Error("what is no entry is reached")
	}
}
