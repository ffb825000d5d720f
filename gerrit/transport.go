// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"review-assistant/internal/secretfile"
)

// newWire returns the transport below ours: explicit CA and proxy, nothing
// from the environment.
func newWire(o Options) (*http.Transport, error) {
	t := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if o.ProxyURL != "" {
		proxy, err := url.Parse(o.ProxyURL)
		if err != nil || proxy.Host == "" {
			// The parser's words would repeat a password in the URL.
			return nil, errors.New("proxy_url is no URL")
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read ca_file: %w", err)
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("ca_file holds no PEM certificate")
		}
	}
	return t, nil
}

// maxRefusal is in bytes: how much of a refusal is read over, so that the
// connection can be used again.
const maxRefusal = 4 << 10

// transport signs requests and takes the bodies of refusals away: the library
// above leaves them open. Without a password file it signs nothing.
type transport struct {
	next     http.RoundTripper
	username string
	password *secretfile.File
	agent    string
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if t.password != nil {
		password, err := t.password.Read()
		if err != nil {
			if req.Body != nil {
				_ = req.Body.Close()
			}
			return nil, fmt.Errorf("read password_file: %w", err)
		}
		req.SetBasicAuth(t.username, password)
	}
	req.Header.Set("User-Agent", t.agent)
	resp, err := t.next.RoundTrip(req)
	if err != nil || resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		return resp, err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxRefusal)
	_ = resp.Body.Close()
	resp.Body = http.NoBody
	return resp, nil
}

// maxSecret is in bytes; a larger file is the wrong file.
const maxSecret = 4 << 10
