// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"review-assistant/identity"
	"review-assistant/review"
)

func TestOwnerFindings(t *testing.T) {
	file := func(project string, state review.ConfigState) review.ConfigFile {
		return review.ConfigFile{Project: project, State: state}
	}
	const read, hidden = review.ConfigAbsent, review.ConfigNoRead
	for _, tt := range []struct {
		name  string
		chain []review.ConfigFile
		want  []string
	}{
		{"all is read", []review.ConfigFile{file("pay", read), file("All-Projects", read)}, []string{"owners can be found"}},
		{"the project itself is not", []review.ConfigFile{file("pay", hidden), file("All-Projects", read)}, []string{`owners whom "pay" names`}},
		{"parents are not", []review.ConfigFile{file("pay", read), file("base", hidden), file("All-Projects", hidden)}, []string{`owners whom the parent "base" names`, `administrators, and owners whom "All-Projects" names`}},
	} {
		got := ownerFindings(tt.chain)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v", tt.name, got)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(got[i].text, want) {
				t.Errorf("%s: %q, want %q", tt.name, got[i].text, want)
			}
		}
	}
}

// What doctor says of a service's files is what serve does with them.
func TestServiceFindings(t *testing.T) {
	dir := t.TempDir()
	file := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, empty, line, short := file("good", "a-secret-of-the-portal\n"), file("empty", ""), file("line", "\n"), file("short", "short\n")
	for _, tt := range []struct {
		files []string
		want  string // the status of each finding
		fails bool   // serve does not start
	}{
		{[]string{good}, "ok", false},
		{[]string{empty}, "warn fail", true},
		{[]string{line}, "warn fail", true},
		{[]string{good, line}, "warn ok", false},
		{[]string{empty, good}, "warn ok", false},
		{[]string{empty, short}, "warn warn fail", true},
	} {
		c := IdentityConfig{
			Providers: []IdentityProviderConfig{{Name: "portal", Type: identity.TypeBackstage, Issuer: "http://127.0.0.1:1/api/auth"}},
			Services:  []IdentityServiceConfig{{Name: "backend", TokenFiles: tt.files, Provider: "portal"}},
		}
		var got []string
		for _, f := range serviceFindings(c.Services) {
			got = append(got, f.status)
		}
		_, err := identity.NewVerifier(c.providers(), c.services(), identity.VerifierOptions{})
		if strings.Join(got, " ") != tt.want || (err != nil) != tt.fails {
			t.Errorf("%q: findings %q, want %q; serve: %v", tt.files, got, tt.want, err)
		}
	}
}
