// SPDX-License-Identifier: Apache-2.0

// Package outbound sets up connections to services whose certificates may be
// public ones: what is configured comes on top of the system's authorities. A
// service that is pinned to its own authority has no use for it.
package outbound

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

// Configure has t want TLS 1.2 or newer, trust the authorities of a PEM file
// beside the system's, and use a proxy: each "" for none. Nothing is taken from
// the environment. The error names the setting, ca_file or proxy_url.
func Configure(t *http.Transport, caFile, proxyURL string) error {
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return fmt.Errorf("ca_file: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			return fmt.Errorf("system certificates: %w", err)
		}
		if !pool.AppendCertsFromPEM(pem) {
			return fmt.Errorf("ca_file %s holds no certificate in PEM form", caFile)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	if proxyURL != "" {
		proxy, err := url.Parse(proxyURL)
		if err != nil || proxy.Host == "" {
			return errors.New("proxy_url is not an address such as http://proxy.example.com:3128")
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	return nil
}
