// SPDX-License-Identifier: Apache-2.0

// Package buildlog fetches logs and small API answers of builds from the hosts
// that the operator lists.
//
// The invariant: an address comes from a comment or a stranger's report, so it
// leads to a listed host and port only, over a connection whose real address
// was checked after its name was resolved, and what comes back is bounded in
// bytes and in time. No word of an answer gets into an error.
//
// A new kind of address that must not be reached is one row in address.go.
package buildlog

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/internal/secretfile"
)

// Host is one entry of the operator's list.
type Host struct {
	// Host is NAME or NAME:PORT in lower case. Without a port it is the usual
	// one of the scheme.
	Host string
	// Private are in-house address ranges, and then the only ones that this
	// entry may reach. Without them it may reach public addresses alone.
	Private []netip.Prefix
	// Paths are globs, one of which the URL's path has to match, such as
	// /job/**/consoleText; none means all. With a secret of ours they keep a
	// stranger's URL from reading what only we may.
	Paths  []string
	Plain  bool   // allow http://, too
	CAFile string // PEM, instead of the system's authorities
	// TokenFile holds a bearer token of our own; User and PasswordFile are for
	// Basic. They go to this host alone, and count anew when the file changes.
	TokenFile    string
	User         string
	PasswordFile string
	// ProxyURL is for this host alone; the environment's proxies are ignored.
	// The proxy resolves the name, so its rules decide about addresses.
	ProxyURL string
}

// Options configure a Fetcher. Zero values of numbers and times mean the
// defaults.
type Options struct {
	Hosts    []Host
	MaxBytes int64 // of text after decompression, default 256 MiB; more is cut
	// Timeout is for a whole fetch, default 60 s. FirstByte is until the answer
	// begins, Stall between two of its bytes, both 15 s by default.
	Timeout, FirstByte, Stall time.Duration
	PerHost                   int // fetches at once from one host, default 4
	UserAgent                 string
	// Resolve looks up a name, default the system's resolver.
	Resolve func(ctx context.Context, name string) ([]netip.Addr, error)
}

// maxSecret is in bytes; a larger file is the wrong file.
const maxSecret = 16 << 10

// maxURL is in bytes: longer ones are no address of a log.
const maxURL = 4 << 10

// Fetcher fetches from the listed hosts. Make one with New.
type Fetcher struct {
	opts  Options
	hosts map[string]*host // by Host.Host
}

// host is an entry at work. Each has connections of its own: one that was made
// under the ranges of one entry never serves another.
type host struct {
	Host
	secret    *secretfile.File // nil for none
	transport *http.Transport
	client    *http.Client
	slots     chan struct{}
}

// New checks all entries and reads their authorities and secrets.
func New(o Options) (*Fetcher, error) {
	o = defaults(o)
	f := &Fetcher{opts: o, hosts: make(map[string]*host, len(o.Hosts))}
	var errs []error
	for _, e := range o.Hosts {
		h, err := f.open(e)
		if err == nil && f.hosts[e.Host] != nil {
			err = errors.New("is listed twice")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("log host %q: %w", e.Host, err))
			continue
		}
		f.hosts[e.Host] = h
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return f, nil
}

func defaults(o Options) Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 256 << 20
	}
	for _, d := range []struct {
		to        *time.Duration
		otherwise time.Duration
	}{{&o.Timeout, time.Minute}, {&o.FirstByte, 15 * time.Second}, {&o.Stall, 15 * time.Second}} {
		if *d.to <= 0 {
			*d.to = d.otherwise
		}
	}
	if o.PerHost <= 0 {
		o.PerHost = 4
	}
	if o.UserAgent == "" {
		o.UserAgent = "review-assistant"
	}
	if o.Resolve == nil {
		o.Resolve = systemResolver
	}
	return o
}

// Close closes connections that are kept for later.
func (f *Fetcher) Close() error {
	for _, h := range f.hosts {
		h.transport.CloseIdleConnections()
	}
	return nil
}

// check says all that is wrong with an entry.
func (h Host) check() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if name, port, err := splitHost(h.Host); err != nil {
		add("%w", err)
	} else if addr, err := netip.ParseAddr(name); err == nil && h.ProxyURL == "" && !reachable(addr, h.Private) {
		add("the address %s can never be reached: it is not public, and private does not name its range", addr)
	} else if port == "80" && !h.Plain {
		add("port 80 speaks http, which only plain allows")
	}
	for _, p := range h.Private {
		if err := checkPrivate(p); err != nil {
			errs = append(errs, err)
		}
	}
	for _, glob := range h.Paths {
		if !strings.HasPrefix(glob, "/") || !doublestar.ValidatePattern(glob) {
			add("paths: %q is no glob over a path, such as /job/**/consoleText", glob)
		}
	}
	if h.TokenFile != "" && (h.User != "" || h.PasswordFile != "") {
		add("token_file and user exclude each other")
	}
	if (h.User == "") != (h.PasswordFile == "") {
		add("user and password_file need each other")
	}
	if strings.ContainsAny(h.User, ":\r\n\x00") {
		add("user holds a colon or a line end")
	}
	if h.ProxyURL != "" {
		// The parser's words would repeat a password in the URL.
		if u, err := url.Parse(h.ProxyURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			add("proxy_url is no address such as http://proxy.example.com:3128")
		}
		if len(h.Private) > 0 {
			add("proxy_url and private exclude each other: through a proxy nobody here sees the address")
		}
	}
	return errors.Join(errs...)
}

// splitHost reads NAME, NAME:PORT, or the same with an address in brackets.
func splitHost(s string) (name, port string, err error) {
	bad := errors.New("write NAME or NAME:PORT in lower case, without scheme, path or wildcard")
	if s == "" || s != strings.ToLower(s) {
		return "", "", bad
	}
	u, err := url.Parse("//" + s)
	if err != nil || u.Host != s || u.Hostname() == "" || strings.HasSuffix(s, ":") {
		return "", "", bad
	}
	name, port = u.Hostname(), u.Port()
	if strings.HasPrefix(s, "[") {
		if a, err := netip.ParseAddr(name); err != nil || !a.Is6() || a.Zone() != "" {
			return "", "", bad
		}
	} else if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" || strings.HasSuffix(name, ".") {
		return "", "", bad
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return "", "", bad
		}
	}
	return name, port, nil
}

// Allowed reports why a URL may not be fetched, as a [RefusedError]; nil when
// it may. It resolves no name.
func (f *Fetcher) Allowed(rawURL string) error {
	_, _, err := f.find(rawURL)
	return err
}

// find returns the entry of a URL and the URL without its fragment.
func (f *Fetcher) find(rawURL string) (*host, *url.URL, error) {
	if len(rawURL) > maxURL {
		return nil, nil, refuse(BadURL, "it is longer than %d bytes", maxURL)
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Opaque != "" || u.Host == "" || !ascii(u.Host) {
		return nil, nil, refuse(BadURL, "it is no address such as https://ci.example.com/job/1/log.txt")
	}
	if u.User != nil {
		return nil, nil, refuse(BadURL, "it holds a user or password")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return nil, nil, refuse(NotHTTPS, "only https is spoken")
	}
	u.Fragment, u.RawFragment = "", ""
	h := f.hosts[strings.ToLower(u.Host)]
	if h == nil {
		h = f.hosts[withPort(u, u.Port() == "")]
	}
	switch {
	case h == nil:
		return nil, nil, refuse(HostNotAllowed, "no entry names its host and port")
	case u.Scheme == "http" && !h.Plain:
		return nil, nil, refuse(NotHTTPS, "the entry of this host does not set plain")
	case !h.covers(u.Path):
		return nil, nil, refuse(PathNotAllowed, "no glob of this host's paths matches")
	}
	return h, u, nil
}

// covers reports whether the entry is for a path. One that a server would read
// in another way than it is written is not: Windows turns backslashes, Jetty
// drops what follows a semicolon.
func (h Host) covers(name string) bool {
	if len(h.Paths) == 0 {
		return true
	}
	clean := path.Clean(name) == strings.TrimSuffix(name, "/") || name == "/"
	return clean && !strings.ContainsAny(name, `\;`) && slices.ContainsFunc(h.Paths, func(glob string) bool {
		ok, err := doublestar.Match(glob, name)
		return ok && err == nil
	})
}

// ascii keeps letters out that only look like those of an entry, or fold to them.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// withPort spells the host of u with the scheme's usual port, or without it.
// Any other port stays as it is.
func withPort(u *url.URL, with bool) string {
	usual := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	name := strings.ToLower(u.Host)
	switch {
	case with:
		return strings.TrimSuffix(name, ":") + ":" + usual
	case u.Port() == usual:
		return strings.TrimSuffix(name, ":"+usual)
	}
	return name
}
