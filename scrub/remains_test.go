// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Languages that nobody listed: the line names a password and holds what can
// only be one.
func TestRemains(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for _, form := range []string{
		"           MOVE 'B8KMD8GU' TO DB-PASSWORD", "stanza password transforms into 'Qx7#{a6}'", "the-password <~ \"Herbst-2021+\" ~> login",
		"PASSWORD PIC X(12) VALUE 'k{a10}7'", "gh secret set DEPLOY_PASSWORD --body \"Lisbon_54.\"",
	} {
		text := fake(rng, form)
		if got := clean(t, cleaner(t, Options{}), text); !strings.Contains(got, "«SECRET:password:1»") {
			t.Errorf("Clean(%q) = %q", text, got)
		}
	}
	for _, text := range []string{
		"//go:build secret && !arm64 && !amd64", "builder.passwordKey(Factory.getInstance(\"PBKDF2WithHmacSHA256\"));", "password strength per RFC#4949 and section 12.4",
		"add class col-md-6 to the password form of page2.html", "see the password chapter, v1.2.3-rc1, of 2024-05-01", "passwordField: #field27, .row-3", "password reset for user@example.com in build 2024w12",
	} {
		if got := clean(t, cleaner(t, Options{}), text); got != text {
			t.Errorf("Clean(%q) = %q", text, got)
		}
	}
}
