// SPDX-License-Identifier: Apache-2.0

package scrub

import "sync"

// Advice is what the rules know of a kind for the person who leaked one.
type Advice struct {
	Revoke  Text // the vendor's page on revoking or rotating it, empty when none is known
	Checked bool // its checksum or structure is verified
}

// About returns the advice on a kind; the zero Advice for a kind of no rule.
func About(kind string) Advice { return advice()[kind] }

var advice = sync.OnceValue(func() map[string]Advice {
	out := map[string]Advice{}
	for _, rules := range families() {
		for _, r := range rules {
			a := out[r.ID]
			if a.Revoke.Empty() {
				a.Revoke = Text{r.Revoke}
			}
			a.Checked = a.Checked || r.Check != nil
			out[r.ID] = a
		}
	}
	return out
})
