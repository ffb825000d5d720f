// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestWholeValue has values that a wrong offset would leave standing in part,
// or that one look hides from another.
func TestWholeValue(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for _, form := range []string{
		"// Password:\u00A0Kx9!{a5}", "密码：\u3000Kx9!{a5} 请勿外传", "<auth-user-pass>\n  bob\n    Kx9{a7}\n", "hasło do bazy brzmi chyba Kx9!{a5}\n\nThe password policy is in the wiki",
		"Bob's password on staging became Kx9!{a5}",
	} {
		text := fake(rng, form)
		k := strings.Index(text, "Kx9")
		got := clean(t, cleaner(t, Options{}), text)
		if i := strings.IndexAny(text[k:], " \n"); i > 0 {
			if value := text[k : k+i]; strings.Contains(got, value[len(value)-3:]) {
				t.Errorf("Clean(%q) = %q", text, got)
			}
		} else if strings.Contains(got, text[len(text)-3:]) {
			t.Errorf("Clean(%q) = %q", text, got)
		}
	}
	spelled := "x = \""
	for _, c := range []byte("ghp_" + fake(rng, "{a36}")) {
		spelled += "\\x" + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	if got := clean(t, cleaner(t, Options{}), spelled+"\""); strings.Contains(got, `x`+spelled[len(spelled)-2:]) {
		t.Errorf("Clean(%q) = %q", spelled, got)
	}
}

// TestOddInput has what once made a rule fail, or look without an end.
func TestOddInput(t *testing.T) {
	for _, text := range []string{
		`password._("hunter22")`, `token.__("x")`, `auth(` + strings.Repeat("x", 399) + `"""Kx9vd2QeLm"""`, `password="%s" %` + strings.Repeat(`"%s" %`, 200_000), "password=${||\"" + strings.Repeat("${||'${||\"", 100_000),
		"pass  ", "curl -u ", "password=%",
	} {
		if _, err := cleaner(t, Options{}).Clean(text); err != nil {
			t.Errorf("Clean(%.60q…): %v", text, err)
		}
	}
}
