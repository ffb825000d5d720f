// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"net/url"
	"testing"
)

func TestAbout(t *testing.T) {
	if a := About("github-token"); !a.Checked || a.Revoke.String() != "https://github.com/settings/tokens" {
		t.Errorf("GitHub tokens: %+v", a)
	}
	if a := About("password"); a.Checked || !a.Revoke.Empty() {
		t.Errorf("a kind of no rule: %+v", a)
	}
	for kind, a := range advice() {
		if u, err := url.Parse(a.Revoke.String()); !a.Revoke.Empty() && (err != nil || u.Scheme != "https" || u.Host == "") {
			t.Errorf("%s is revoked at %q", kind, a.Revoke)
		}
	}
}
