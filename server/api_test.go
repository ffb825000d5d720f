// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
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
	api := API{TokenFiles: []string{file}, Report: func(_ context.Context, host, project string, days int) (any, bool, error) {
		asked = append(asked, fmt.Sprint(host, "/", project, " ", days))
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
		{"one project", "host=main&project=a/b&days=30", "bearer " + token, 200, `"lines":1`},
		{"unknown host", "host=other", "Bearer " + token, 404, "gerrit.id"},
		{"store down", "host=broken", "Bearer " + token, 503, "ask again"},
		{"the longest", "host=main&days=180", "Bearer " + token, 200, `"lines":1`},
		{"bad days", "host=main&days=0", "Bearer " + token, 400, "30, 90 or 180"},
		{"a day more", "host=main&days=31", "Bearer " + token, 400, "30, 90 or 180"},
		{"no host", "", "Bearer " + token, 400, "host is missing"},
		{"misspelt", "host=main&projct=a/b", "Bearer " + token, 400, `there is no parameter \"projct\"`},
		{"days without a value", "host=main&days=", "Bearer " + token, 400, "days has no value"},
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
	if got := strings.Join(asked[:2], ", "); got != "main/ 90, main/a/b 30" {
		t.Errorf("asked %s", got)
	}
	one := start(t, Options{API: api})
	if res, body := one.do(t, "GET", "/api/v1/reviewers/report", bearerHeader(token), nil); res.StatusCode != 200 || asked[len(asked)-1] != "main/ 90" {
		t.Errorf("the only Gerrit: %d %s, asked %s", res.StatusCode, body, asked[len(asked)-1])
	}
	if _, body := r.do(t, "GET", "/api/v1/reviewers/report?host=main", bearerHeader(token), nil); body != "{\"lines\":1}\n" {
		t.Errorf("%q does not end in one newline", body)
	}
	off := start(t, Options{Hosts: map[string]HostAuth{}, API: API{Report: api.Report}})
	if res, _ := off.do(t, "GET", "/api/v1/reviewers/report?host=main", nil, nil); res.StatusCode != 404 {
		t.Errorf("without token files: %d", res.StatusCode)
	}
}
