// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	const token = "api-token-0123456789"
	write(t, file, token+"\n", time.Now())
	var asked []string
	api := API{TokenFiles: []string{file}, Report: func(_ context.Context, host, project string, since time.Duration) (any, bool, error) {
		asked = append(asked, host+"/"+project+" "+since.String())
		if host == "broken" {
			return nil, false, errors.New("down")
		}
		return map[string]int{"lines": 1}, host == "main", nil
	}}
	r := start(t, Options{Hosts: map[string]HostAuth{}, API: api})
	for _, tt := range []struct {
		name, query, auth string
		code              int
		want              string
	}{
		{"all", "host=main", "Bearer " + token, 200, `"lines":1`},
		{"one project", "host=main&project=a/b&days=7", "bearer " + token, 200, `"lines":1`},
		{"unknown host", "host=other", "Bearer " + token, 404, "gerrit.id"},
		{"store down", "host=broken", "Bearer " + token, 503, "ask again"},
		{"bad days", "host=main&days=0", "Bearer " + token, 400, "1 to 180"},
		{"no token", "host=main", "", 401, "api.token_files"},
		{"wrong token", "host=main", "Bearer wrong-token-0123456789", 401, "api.token_files"},
		{"token as password", "host=main", "Basic " + token, 401, "api.token_files"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{}
			if tt.auth != "" {
				header.Set("Authorization", tt.auth)
			}
			res, body := r.do(t, "GET", "/api/v1/reviewers/report?"+tt.query, header, nil)
			if res.StatusCode != tt.code || !strings.Contains(body, tt.want) || strings.Contains(body, token) {
				t.Errorf("%d %s", res.StatusCode, body)
			}
		})
	}
	if got := strings.Join(asked[:2], ", "); got != "main/ 2160h0m0s, main/a/b 168h0m0s" {
		t.Errorf("asked %s", got)
	}
	off := start(t, Options{Hosts: map[string]HostAuth{}, API: API{Report: api.Report}})
	if res, _ := off.do(t, "GET", "/api/v1/reviewers/report?host=main", nil, nil); res.StatusCode != 404 {
		t.Errorf("without token files: %d", res.StatusCode)
	}
}
