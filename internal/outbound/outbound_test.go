// SPDX-License-Identifier: Apache-2.0

package outbound

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigure(t *testing.T) {
	site := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "site") }))
	defer site.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "for "+r.Host) }))
	defer proxy.Close()
	dir := t.TempDir()
	write := func(name string, body []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: site.Certificate().Raw}))
	for _, row := range []struct{ name, ca, proxy, url, answer, fails string }{
		{name: "stranger", url: site.URL, fails: "certificate"},
		{name: "known authority", ca: ca, url: site.URL, answer: "site"},
		{name: "proxy", proxy: proxy.URL, url: "http://far.invalid", answer: "for far.invalid"},
		{name: "no file", ca: ca + "x", fails: "ca_file"},
		{name: "no certificate", ca: write("empty", nil), fails: "holds no certificate in PEM form"},
		{name: "no proxy", proxy: "proxy:3128", fails: "proxy_url"},
		{name: "proxy with a password", proxy: "http://joe:hunter2@pro xy", fails: "proxy_url"},
	} {
		t.Run(row.name, func(t *testing.T) {
			tr := &http.Transport{}
			defer tr.CloseIdleConnections()
			err := Configure(tr, row.ca, row.proxy)
			answer := ""
			if err == nil {
				if tr.TLSClientConfig.MinVersion != tls.VersionTLS12 {
					t.Error("older TLS would do")
				}
				var resp *http.Response
				if resp, err = (&http.Client{Transport: tr}).Get(row.url); err == nil {
					defer resp.Body.Close()
					var body []byte
					body, err = io.ReadAll(resp.Body)
					answer = string(body)
				}
			}
			if (err == nil) != (row.fails == "") || err != nil && !strings.Contains(err.Error(), row.fails) || answer != row.answer {
				t.Fatalf("got %q, %v", answer, err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the error has the password")
			}
		})
	}
}
