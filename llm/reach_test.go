// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestReach(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet || r.URL.Path != "/v1/models":
			w.WriteHeader(http.StatusNotFound)
		case r.Header.Get("Authorization") != "Bearer right":
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer s.Close()
	for key, want := range map[string]int{"right": http.StatusOK, "wrong": http.StatusUnauthorized} {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Reach(t.Context(), Profile{Name: "p", URL: s.URL + "/v1/", Model: "m", KeyFile: file})
		if got != want || err != nil {
			t.Errorf("with the %s key: status %d, %v; want %d", key, got, err, want)
		}
	}
	s.Close()
	if _, err := Reach(t.Context(), Profile{Name: "p", URL: s.URL, Model: "m"}); err == nil {
		t.Error("a server that is gone is reached")
	}
	if status, err := Reach(t.Context(), Profile{Name: "p", Provider: providerReplay, Dir: t.TempDir(), Model: "m"}); status != http.StatusOK || err != nil {
		t.Errorf("recorded answers: status %d, %v", status, err)
	}
}
