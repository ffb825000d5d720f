// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEntries(t *testing.T) {
	secret := file(t, "secret", "s\n")
	for _, tt := range []struct {
		name  string
		hosts []Host
		want  string // "" for no error
	}{
		{"name", []Host{{Host: "ci.example.com"}}, ""},
		{"port", []Host{{Host: "ci.example.com:8443"}, {Host: "ci.example.com"}}, ""},
		{"in-house", []Host{{Host: "ci.corp:8080", Plain: true, Private: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}, ""},
		{"address", []Host{{Host: "[fd00::1]:80", Plain: true, Private: []netip.Prefix{netip.MustParsePrefix("fd00::/8")}}}, ""},
		{"secrets", []Host{{Host: "a", TokenFile: secret}, {Host: "b", User: "u", PasswordFile: secret}}, ""},
		{"proxy", []Host{{Host: "a", ProxyURL: "http://proxy:3128"}}, ""},
		{"twice", []Host{{Host: "a"}, {Host: "a"}}, `log host "a": is listed twice`},
		{"empty", []Host{{}}, "in lower case"},
		{"upper case", []Host{{Host: "CI"}}, "in lower case"},
		{"scheme", []Host{{Host: "https://ci"}}, "without scheme"},
		{"path", []Host{{Host: "ci/job"}}, "without scheme, path"},
		{"wildcard", []Host{{Host: "*.example.com"}}, "wildcard"},
		{"user", []Host{{Host: "u@ci"}}, "NAME:PORT"},
		{"port 0", []Host{{Host: "ci:0"}}, "NAME:PORT"},
		{"port 70000", []Host{{Host: "ci:70000"}}, "NAME:PORT"},
		{"odd port", []Host{{Host: "ci:0443"}}, "NAME:PORT"},
		{"no port", []Host{{Host: "ci:"}}, "NAME:PORT"},
		{"root dot", []Host{{Host: "ci."}}, "NAME:PORT"},
		{"not ASCII", []Host{{Host: "cî"}}, "NAME:PORT"},
		{"port 80", []Host{{Host: "ci:80"}}, "which only plain allows"},
		{"private address", []Host{{Host: "10.0.0.1"}}, "private does not name its range"},
		{"metadata", []Host{{Host: "169.254.169.254:80", Plain: true, Private: []netip.Prefix{netip.MustParsePrefix("169.254.0.0/16")}}}, "can never be reached"},
		{"all addresses", []Host{{Host: "ci", Private: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}}, "0.0.0.0/0 does not lie within"},
		{"no path", []Host{{Host: "ci", Paths: []string{"job/**"}}}, "no glob over a path"},
		{"no glob", []Host{{Host: "ci", Paths: []string{"/job/[a"}}}, "no glob over a path"},
		{"two secrets", []Host{{Host: "ci", TokenFile: secret, User: "u", PasswordFile: secret}}, "exclude each other"},
		{"half a password", []Host{{Host: "ci", User: "u"}}, "need each other"},
		{"colon", []Host{{Host: "ci", User: "u:v", PasswordFile: secret}}, "colon"},
		{"no secret", []Host{{Host: "ci", TokenFile: secret + "x"}}, "read token_file"},
		{"long secret", []Host{{Host: "ci", TokenFile: file(t, "long", strings.Repeat("x", maxSecret+1))}}, "one line with the secret"},
		{"two lines", []Host{{Host: "ci", TokenFile: file(t, "lines", "a\nb\n")}}, "one line with the secret"},
		{"no authority", []Host{{Host: "ci", CAFile: secret}}, "no PEM certificate"},
		{"absent authority", []Host{{Host: "ci", CAFile: secret + "x"}}, "read ca_file"},
		{"proxy without scheme", []Host{{Host: "ci", ProxyURL: "proxy:3128"}}, "http://proxy.example.com:3128"},
		{"proxy and private", []Host{{Host: "ci", ProxyURL: "http://p", Private: loopback}}, "exclude each other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := New(Options{Hosts: tt.hosts})
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New() = %v, want %q", err, tt.want)
			}
		})
	}
	// All entries are told of at once.
	if _, err := New(Options{Hosts: []Host{{Host: "A"}, {Host: "b:"}}}); err == nil || strings.Count(err.Error(), "log host") != 2 {
		t.Errorf("New() = %v, want both entries", err)
	}
}

func TestAllowed(t *testing.T) {
	f, err := New(Options{Hosts: []Host{
		{Host: "ci.example.com"},
		{Host: "ci.example.com:8443"},
		{Host: "usual:443"},
		{Host: "plain", Plain: true},
		{Host: "plain:8080", Plain: true},
		{Host: "[2606:4700::1111]"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]Reason{
		"https://ci.example.com/a?b=c#d":       "",
		"https://CI.Example.COM/":              "",
		"https://ci.example.com:443/":          "",
		"https://ci.example.com:8443/":         "",
		"https://usual/":                       "",
		"https://plain/":                       "",
		"http://plain/":                        "",
		"http://plain:80/":                     "",
		"http://plain:8080/":                   "",
		"https://[2606:4700::1111]/":           "",
		"http://ci.example.com/":               NotHTTPS,
		"http://ci.example.com:8443/":          NotHTTPS,
		"ftp://ci.example.com/":                NotHTTPS,
		"file://ci.example.com/etc/passwd":     NotHTTPS,
		"gopher://ci.example.com:8443/":        NotHTTPS,
		"https://ci.example.com:444/":          HostNotAllowed,
		"https://ci.example.com.:443/":         HostNotAllowed,
		"https://ci.example.com./":             HostNotAllowed,
		"https://ci.example.com.evil.org/":     HostNotAllowed,
		"https://evil.org/ci.example.com":      HostNotAllowed,
		"https://xci.example.com/":             HostNotAllowed,
		"https://127.0.0.1/":                   HostNotAllowed,
		"https://2130706433/":                  HostNotAllowed,
		"http://usual:443/":                    NotHTTPS,
		"https://evil.org\\@ci.example.com/":   BadURL,
		"https://u@ci.example.com/":            BadURL,
		"https://u:p@ci.example.com/":          BadURL,
		"https://ci.example.com@evil.org/":     BadURL,
		"https://ci.exam\u212Ale.com/":         BadURL, // folds to k
		"https://ci.example.com\n/":            BadURL,
		"//ci.example.com/":                    NotHTTPS,
		"ci.example.com/":                      BadURL,
		"https:ci.example.com":                 BadURL,
		"https:///etc/passwd":                  BadURL,
		"":                                     BadURL,
		"https://ci.example.com:0443/":         HostNotAllowed,
		"https://ci.example.com:x/":            BadURL,
		"https://[fe80::1%25eth0]/":            HostNotAllowed,
		"https://ci.example.com/" + long(5000): BadURL,
	} {
		if got := ReasonOf(f.Allowed(url)); got != want {
			t.Errorf("Allowed(%.60q) = %q, want %q", url, got, want)
		}
	}
}

func TestPaths(t *testing.T) {
	f, err := New(Options{Hosts: []Host{{Host: "ci", Paths: []string{"/job/**/consoleText", "/logs/**"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Reason{
		"/job/a/1/consoleText": "", "/job/a/job/b/1/consoleText?x=/y": "", "/logs/": "", "/logs/a/job-output.txt.gz": "", "/logs/a%20b": "",
		"/": PathNotAllowed, "": PathNotAllowed, "/credentials/": PathNotAllowed, "/job/a/config.xml": PathNotAllowed,
		"/logs/../credentials": PathNotAllowed, "/logs/%2e%2e/credentials": PathNotAllowed, "/logs//a": PathNotAllowed, "//logs/a": PathNotAllowed,
		"/logs/./a": PathNotAllowed, "/logs/..%5ccredentials": PathNotAllowed, "/logs/..;/credentials": PathNotAllowed, "/job/a/config.xml?/consoleText": PathNotAllowed,
		"/job/a/config.xml#/consoleText": PathNotAllowed,
	} {
		if got := ReasonOf(f.Allowed("https://ci" + path)); got != want {
			t.Errorf("Allowed(%q) = %q, want %q", path, got, want)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func FuzzAllowed(f *testing.F) {
	fetcher, err := New(Options{Hosts: []Host{{Host: "ci.example.com"}, {Host: "plain:8080", Plain: true}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"https://ci.example.com/", "http://plain:8080/x", "https://u@ci.example.com", "https://ci.example.com:443", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, u, err := fetcher.find(s)
		if err != nil {
			if ReasonOf(err) == "" {
				t.Errorf("no reason in %v", err)
			}
			return
		}
		name, _, _ := splitHost(h.Host.Host)
		if !strings.EqualFold(u.Hostname(), name) || u.User != nil || u.Scheme != "https" && !h.Plain {
			t.Errorf("find(%q) = %v", s, u)
		}
	})
}
