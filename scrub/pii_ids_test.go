// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// issue makes a number of the form whose check holds.
func issue(rng *rand.Rand, id idForm) string {
	for {
		var b strings.Builder
		for _, c := range id.form {
			switch {
			case c == '9' || c == '*' && b.Len() > 0:
				b.WriteByte(byte('0' + rng.IntN(10)))
			default:
				b.WriteByte(byte('A' + rng.IntN(26)))
			}
		}
		if v := b.String(); (id.check == nil || id.check(v)) && v[0] != '0' {
			return v
		}
	}
}

func TestNationalIDs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range nationalIDs {
		id := &nationalIDs[i]
		for k := range len(id.names) * len(id.forms) {
			n, v := id.names[k/len(id.forms)], issue(rng, id.forms[k%len(id.forms)])
			if n = strings.TrimRight(n, ":=\"' "); n == "" {
				continue
			}
			for _, form := range []string{"%: #", "% = '#'", `"%": "#",`} {
				in := strings.NewReplacer("%", n, "#", v).Replace(form)
				want := strings.NewReplacer("%", n, "#", "P").Replace(form)
				if !slices.ContainsFunc(id.names, func(w string) bool { return strings.Contains(strings.ToLower(in), w) }) {
					continue
				}
				compare(t, Options{PII: []string{"all"}}, in, want)
			}
		}
	}
	for _, tt := range []struct{ in, want string }{
		{"INSERT INTO contacts (national_insurance_number) VALUES ('NP863574A');", "INSERT INTO contacts (national_insurance_number) VALUES ('P');"},
		{"mobile: 07626 207 837", "mobile: P"},
		{"appelez le 06 31 42 85 97 demain", "appelez le P demain"},
		{"Telefon: 030 8347215", "Telefon: 030 8347215"[:0] + "Telefon: P"},
		{"+44 7700 900123, 07700 900123, 06 12 34 56 78", "+44 7700 900123, 07700 900123, 06 12 34 56 78"},
		{"jörg.müller@corp-mail.io", "P"},
		{"ann.lee (at) corp-mail.io, ann.lee[at]corp-mail[dot]io", "P, P"},
		{"cpf: 123.456.789-00", "cpf: 123.456.789-00"},
		{"pesel 44051401358", "pesel 44051401358"},
		{"ssn 000-12-3456 of", "ssn 000-12-3456 of"},
		{"social security pages 100200", "social security pages 100200"},
		{"00 07 12 34 56 78 9a bc", "00 07 12 34 56 78 9a bc"},
		{"06 12 44 56 78 ab cd", "06 12 44 56 78 ab cd"},
		{"foo(at) bar, matrix[at]x", "foo(at) bar, matrix[at]x"},
		{"at 07:12:34 06.11.2024", "at 07:12:34 06.11.2024"},
	} {
		compare(t, Options{PII: []string{"all"}}, tt.in, tt.want)
	}
}

func compare(t *testing.T, o Options, in, want string) {
	t.Helper()
	if got := anyPlaceholder.ReplaceAllString(clean(t, cleaner(t, o), in), "P"); got != want {
		t.Errorf("Clean(%q)\n got %q\nwant %q", in, got, want)
	}
}
