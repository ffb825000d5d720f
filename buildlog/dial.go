// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"syscall"
	"time"

	"review-assistant/internal/secretfile"
)

const (
	maxHeaders   = 64 << 10 // bytes of an answer's headers
	maxRedirects = 3
	maxAddresses = 8 // of one name that are tried
	dialTimeout  = 5 * time.Second
)

func systemResolver(ctx context.Context, name string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
}

// open makes an entry ready for work.
func (f *Fetcher) open(e Host) (*host, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	h := &host{Host: e, slots: make(chan struct{}, f.opts.PerHost)}
	h.transport = &http.Transport{
		DialContext:            h.dialer(f.opts.Resolve),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    f.opts.FirstByte,
		MaxConnsPerHost:        f.opts.PerHost,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: maxHeaders,
		DisableCompression:     true, // Body does it, and counts
		Protocols:              new(http.Protocols),
	}
	h.transport.Protocols.SetHTTP1(true)
	if e.CAFile != "" {
		pem, err := os.ReadFile(e.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read ca_file: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, errors.New("ca_file holds no PEM certificate")
		}
		h.transport.TLSClientConfig.RootCAs = pool
	}
	if e.ProxyURL != "" {
		proxy, err := url.Parse(e.ProxyURL)
		if err != nil {
			return nil, errors.New("proxy_url is no address")
		}
		h.transport.Proxy = http.ProxyURL(proxy)
	}
	for setting, path := range map[string]string{"token_file": e.TokenFile, "password_file": e.PasswordFile} {
		if path == "" {
			continue
		}
		h.secret = secretfile.New(path, maxSecret)
		if _, err := h.secret.Read(); err != nil {
			return nil, fmt.Errorf("read %s: %w", setting, err)
		}
	}
	h.client = &http.Client{Transport: h.transport, CheckRedirect: f.redirect}
	return h, nil
}

// redirect lets a host send us on to itself alone, and not for ever.
func (f *Fetcher) redirect(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	switch {
	case len(via) > maxRedirects:
		return refuse(Redirect, "more than %d times", maxRedirects)
	case req.URL.Scheme != from.Scheme || withPort(req.URL, req.URL.Port() == "") != withPort(from, from.Port() == ""):
		return refuse(Redirect, "to another scheme, host or port")
	}
	return f.Allowed(req.URL.String())
}

// dialer connects to the first address of a name that may be reached. The
// check sits where the socket has its address, after every lookup.
func (h *host) dialer(resolve func(context.Context, string) ([]netip.Addr, error)) func(context.Context, string, string) (net.Conn, error) {
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if h.ProxyURL != "" {
		return d.DialContext // only the operator's proxy is ever dialled
	}
	d.Control = func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !reachable(at.Addr(), h.Private) {
			return refuse(PrivateAddress, "%s leads to %s, which its entry does not open", h.Host.Host, at.Addr())
		}
		return nil
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		name, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		addrs := []netip.Addr{}
		if literal, err := netip.ParseAddr(name); err == nil {
			addrs = append(addrs, literal)
		} else if addrs, err = resolve(ctx, name); err != nil {
			return nil, err
		}
		// What failed to connect tells more than what was refused beside it.
		var failed, refused error
		for _, a := range addrs[:min(len(addrs), maxAddresses)] {
			conn, err := d.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
			switch {
			case err == nil:
				return conn, nil
			case ReasonOf(err) != "":
				refused = err
			case failed == nil:
				failed = err
			}
		}
		switch {
		case failed != nil:
			return nil, failed
		case refused != nil:
			return nil, refused
		}
		return nil, &net.DNSError{Err: "no address", Name: name, IsNotFound: true}
	}
}

// Reach resolves the name of an entry, by its Host.Host, and returns where it
// leads, and which of these addresses the entry opens. It dials nothing. Behind
// a proxy, which resolves by itself, both are empty.
func (f *Fetcher) Reach(ctx context.Context, entry string) (addrs, open []netip.Addr, err error) {
	h := f.hosts[entry]
	if h == nil {
		return nil, nil, errors.New("no such entry")
	}
	if h.ProxyURL != "" {
		return nil, nil, nil
	}
	name, _, err := splitHost(entry)
	if err != nil {
		return nil, nil, err
	}
	if literal, err := netip.ParseAddr(name); err == nil {
		addrs = append(addrs, literal)
	} else if addrs, err = f.opts.Resolve(ctx, name); err != nil {
		return nil, nil, err
	}
	addrs = addrs[:min(len(addrs), maxAddresses)]
	for _, a := range addrs {
		if reachable(a, h.Private) {
			open = append(open, a)
		}
	}
	return addrs, open, nil
}

// handshake says in words of ours why there is no connection.
func handshake(err error) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the host's certificate is not valid for us; name its authority in ca_file"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "the host does not speak TLS on this port"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "the host refuses it"
	}
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return "the host does not answer"
	}
	return "the network or the host fails"
}
