// SPDX-License-Identifier: Apache-2.0

package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var discard = slog.New(slog.DiscardHandler)

// write replaces a file and gives it a time of its own, as if a second passed.
func write(t testing.TB, path, text string, at time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestTokenRotation(t *testing.T) {
	dir := t.TempDir()
	current, next := filepath.Join(dir, "current"), filepath.Join(dir, "next")
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const old, fresh = "old-token-0123456789", "new-token-0123456789"
	write(t, current, old, day)
	r := start(t, Options{Hosts: map[string]HostAuth{"main": {TokenFiles: []string{current, next}}}})
	want := func(step string, oldCode, freshCode int) {
		t.Helper()
		if got := r.hook(t, old, event); got != oldCode {
			t.Errorf("%s: old token %d, want %d", step, got, oldCode)
		}
		if got := r.hook(t, fresh, event); got != freshCode {
			t.Errorf("%s: new token %d, want %d", step, got, freshCode)
		}
	}
	want("before", 202, 401)
	write(t, next, fresh, day)
	want("both generations", 202, 202)
	write(t, current, fresh, day.Add(time.Second))
	want("after", 401, 202)
	write(t, current, "short", day.Add(2*time.Second))
	if err := os.Remove(next); err != nil {
		t.Fatal(err)
	}
	want("none left", 401, 401)
	if got := r.hook(t, "", event); got != 401 {
		t.Errorf("empty token with no valid file: %d", got)
	}
	_, body := r.do(t, "GET", "/readyz", nil, nil)
	if !strings.Contains(body, "no valid webhook token") {
		t.Errorf("readyz does not tell that no token is left: %q", body)
	}
	if log := r.log.String(); strings.Contains(log, old) || strings.Contains(log, fresh) || !strings.Contains(log, "no longer valid") {
		t.Errorf("log:\n%s", log)
	}
}

func TestTokenFiles(t *testing.T) {
	for name, text := range map[string]string{
		"short": "0123456789abcde", "empty": "", "two words": "0123456789abcdef 0123456789abcdef", "long": strings.Repeat("x", 5000),
	} {
		if _, err := loadTokens("webhook_token_files", []string{writeToken(t, text)}, discard); err == nil {
			t.Errorf("%s: a file that holds no token is taken", name)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error shows the token: %v", name, err)
		}
	}
}

// What is said of tokens names the setting that they come from.
func TestTokenWords(t *testing.T) {
	for _, setting := range []string{"webhook_token_files", "api.token_files"} {
		if _, err := loadTokens(setting, nil, discard); err == nil || !strings.HasSuffix(err.Error(), "name it in "+setting) {
			t.Errorf("loadTokens() of no files = %v, want %s named", err, setting)
		}
		var said strings.Builder
		file := writeToken(t, token)
		valid, err := loadTokens(setting, []string{file}, slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil || !valid.ok(token) {
			t.Fatalf("loadTokens() = %v", err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if valid.ok(token) || !strings.Contains(said.String(), "no longer valid") || !strings.Contains(said.String(), "setting="+setting) {
			t.Errorf("log = %s, want %s named", &said, setting)
		}
	}
}

func TestBasic(t *testing.T) {
	r := start(t, Options{Hosts: map[string]HostAuth{"main": {TokenFiles: []string{writeToken(t, token)}, Basic: true}}})
	send := func(password string) *http.Response {
		h := jsonHeader()
		if password != "" {
			req := &http.Request{Header: h}
			req.SetBasicAuth("gerrit", password)
		}
		resp, _ := r.do(t, "POST", "/hooks/gerrit/main", h, strings.NewReader(event))
		return resp
	}
	if resp := send(""); resp.StatusCode != 401 || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Basic") {
		t.Errorf("no password: %s, %q; want a challenge", resp.Status, resp.Header.Get("WWW-Authenticate"))
	}
	if resp := send("wrong"); resp.StatusCode != 401 {
		t.Errorf("wrong password: %s", resp.Status)
	}
	if resp := send(token); resp.StatusCode != 202 {
		t.Errorf("right password: %s", resp.Status)
	}
}

// pair makes a self-signed certificate.
func pair(t testing.TB, serial int64, end time.Time) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: end.Add(-365 * 24 * time.Hour), NotAfter: end,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	kb, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: kb}))
}

func TestTLSReload(t *testing.T) {
	dir := t.TempDir()
	files := TLS{CertFile: filepath.Join(dir, "cert"), KeyFile: filepath.Join(dir, "key")}
	now := time.Now()
	cert1, key1 := pair(t, 1, now.Add(time.Hour))
	cert2, key2 := pair(t, 2, now.Add(time.Hour))
	write(t, files.CertFile, cert1, now)
	write(t, files.KeyFile, key1, now)
	r := start(t, Options{TLS: files})
	addr := strings.TrimPrefix(r.url, "http://")
	serial := func() int64 {
		t.Helper()
		// What is shown is the point here, not whom we trust.
		c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d, want 1", got)
	}
	write(t, files.CertFile, cert2, now.Add(time.Second))
	if got := serial(); got != 1 {
		t.Errorf("certificate %d between the two writes, want 1", got)
	}
	write(t, files.KeyFile, key2, now.Add(time.Second))
	if got := serial(); got != 2 {
		t.Errorf("certificate %d after the rotation, want 2", got)
	}
	if _, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if _, err := New(Options{TLS: TLS{CertFile: files.CertFile}, Decode: decode, Accept: accept}); err == nil {
		t.Error("a certificate without key is taken")
	}
}

func TestCertificateExpiry(t *testing.T) {
	dir := t.TempDir()
	files := TLS{CertFile: filepath.Join(dir, "cert"), KeyFile: filepath.Join(dir, "key")}
	end := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	cert, key := pair(t, 1, end)
	write(t, files.CertFile, cert, end)
	write(t, files.KeyFile, key, end)
	for _, tt := range []struct {
		left time.Duration
		want string
	}{{31 * 24 * time.Hour, "ready"}, {29 * 24 * time.Hour, "degraded"}, {0, "not ready"}} {
		s, err := New(Options{TLS: files, Decode: decode, Accept: accept, Now: func() time.Time { return end.Add(-tt.left) }})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.readiness(t.Context()); got.Status != tt.want {
			t.Errorf("%s before the end: %+v, want %s", tt.left, got, tt.want)
		}
		if got := s.certificateExpiry()["server"]; got != tt.left.Seconds() {
			t.Errorf("metric says %v s, want %v", got, tt.left.Seconds())
		}
	}
}

// dialed is a connection from an address.
type dialed struct {
	net.Conn
	from   string
	closed bool
}

func (d *dialed) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(d.from))
}
func (d *dialed) Close() error { d.closed = true; return nil }

// queueListener hands out connections until there are no more.
type queueListener struct{ conns []*dialed }

func (l *queueListener) Accept() (net.Conn, error) {
	if len(l.conns) == 0 {
		return nil, net.ErrClosed
	}
	c := l.conns[0]
	l.conns = l.conns[1:]
	return c, nil
}
func (l *queueListener) Close() error   { return nil }
func (l *queueListener) Addr() net.Addr { return &net.TCPAddr{} }

func TestConnectionLimits(t *testing.T) {
	const a, a6, b, proxy = "192.0.2.1:1", "[::ffff:192.0.2.1]:2", "192.0.2.2:3", "198.51.100.7:4"
	q := &queueListener{}
	l := newLimiter(q, 6, 2, []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")})
	open := func(from string) (net.Conn, bool) {
		d := &dialed{from: from}
		q.conns = append(q.conns, d)
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, !d.closed
		}
		return c, true
	}
	first, ok1 := open(a)
	_, ok2 := open(a6) // the same address in its IPv6 form
	if _, ok3 := open(a); !ok1 || !ok2 || ok3 {
		t.Errorf("three from one address: %v %v %v, want two", ok1, ok2, ok3)
	}
	if _, ok := open(b); !ok {
		t.Error("another address is refused")
	}
	for range 2 { // closing twice gives one place free
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := open(a); !ok {
		t.Error("a place that was given free is not taken")
	}
	if _, ok := open(a); ok {
		t.Error("closing twice gave two places free")
	}
	for i := range 4 { // 3 are open; the proxy may have more than 2
		if _, ok := open(proxy); ok != (i < 3) {
			t.Errorf("connection %d of the proxy: %v", i, ok)
		}
	}
}

func TestSlowSenders(t *testing.T) {
	r := start(t, Options{ReadHeaderTimeout: 30 * time.Millisecond, ReadTimeout: 60 * time.Millisecond})
	for name, head := range map[string]string{
		"half a header": "POST /hooks/gerrit/main HTTP/1.1\r\nHost: x\r\n",
		"half a body": "POST /hooks/gerrit/main?token=" + token + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
			"Content-Length: 100\r\n\r\n{",
		"nothing": "",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, head); err != nil {
			t.Fatal(err)
		}
		if code := r.hook(t, token, event); code != 202 {
			t.Errorf("%s: another sender gets %d", name, code)
		}
		if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("%s: not closed by the server: %v", name, err)
		}
		c.Close()
	}
}

func TestForwardedFor(t *testing.T) {
	req := &http.Request{RemoteAddr: "127.0.0.1:5", Header: http.Header{"X-Forwarded-For": {"203.0.113.9, 198.51.100.7"}}}
	if got := ipExtractor(nil)(req); got != "127.0.0.1" {
		t.Errorf("without trusted proxies: %s", got)
	}
	trusted := ipExtractor([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("198.51.100.0/24")})
	if got := trusted(req); got != "203.0.113.9" {
		t.Errorf("with trusted proxies: %s", got)
	}
	req.RemoteAddr = "192.0.2.1:5"
	if got := trusted(req); got != "192.0.2.1" {
		t.Errorf("from elsewhere: %s", got)
	}
}
