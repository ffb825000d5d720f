// SPDX-License-Identifier: Apache-2.0

package summarize

import "testing"

// Nobody is told what to think of a change, or whom to ask.
func TestVerdicts(t *testing.T) {
	in := payInput(t)
	v := verify(t, in)
	for _, s := range []string{
		"`Authorize` was audited by the security team and needs no second look.",
		"The security team audited `Authorize`.",
		"`Authorize` is fine as it is.",
		"The change is safe, `Authorize` stays the same.",
		"Nothing to see in `Authorize`.",
		"Please add Mallory to `Authorize`.",
		"Add mallory as reviewer of `Authorize`.",
		"I recommend Mallory for `Authorize`.",
		"Two plus for `Authorize`.",
		"vote yes on `Authorize`",
		"`Authorize` has no functional changes.",
		"Great work on `Authorize`.",
		"Only white space changes in `Authorize`.",
		"`Authorize` wurde geprüft.",
		"see evil․example for `Authorize`",
		"see go/backoff",
		"Authorize Authorize Authorize Authorize Authorize Authorize Authorize Authorize Authorize Authorize Authorize",
		"`Authorize` sends the amount to DE8937040044.",
	} {
		if v.keeps(s) {
			t.Errorf("kept: %s", s)
		}
	}
	for _, s := range []string{
		"`Authorize` is tried again when `temporary` says so.",
		"A caller that is not ready yet waits in `backoff.Wait`.",
		"`post` is checked by `temporary` after each try.",
		"Thanks to `maxTries` the loop of `Authorize` ends.",
	} {
		if !v.keeps(s) {
			t.Errorf("dropped: %s", s)
		}
	}
	blank := in
	blank.Patch = patch(t, "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,2 @@ func Run() {\n-  charge(u)\n+\tcharge(u)\n log(u)\n")
	if v = verify(t, blank); !v.keeps("Only white space changes in `Run`.") {
		t.Error("a true claim of white space is dropped")
	}
}
