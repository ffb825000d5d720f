// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

var (
	taking  = re(`(?i)\b\w*(?:[a-z]_)?lock(?:_irqsave|_bh|_irq)?\s*\(|\.R?Lock\(\)|\.acquire\(`)
	giving  = re(`(?i)unlock|\.release\(`)
	tries   = re(`(?i)try|\bdefer\b|guard|\bscoped|init|with\b|block|clock`)
	wayBack = re(`^\s*(?:return|throw|raise)\b`)
)

// mayUnlock is cheap and true of every line in which giving matches.
func mayUnlock(s string) bool {
	return strings.Contains(s, "lock") || strings.Contains(s, "LOCK") || strings.Contains(s, "elease")
}

// heldPoints are new ways out between the taking and the giving back of a
// lock, where both stand on lines of their own in one body.
func (f *file) heldPoints() []found {
	if f.lang == nil || f.role == roleTest || f.Status == review.FileDeleted {
		return nil
	}
	for i := range f.Hunks {
		if !slices.ContainsFunc(f.scans[i].code, mayUnlock) {
			continue
		}
		rows := f.rows(f.scans[i], &openEnd{})
		var taken, out *row
		for j := range rows {
			r := &rows[j]
			if r.Op == review.OpRemove || strings.TrimSpace(r.code) == "" {
				continue
			}
			if taken != nil && r.in.String() != taken.in.String() {
				taken, out = nil, nil
			}
			switch {
			case giving.MatchString(r.code):
				if taken != nil && out != nil && !tries.MatchString(r.code) {
					return []found{f.found(out.at, scrub.Format("%s leaves between %s and %s; is the lock given back?", span(bare(out.Text), 60), span(bare(taken.Text), 60), span(bare(r.Text), 60)), 10, ruleOther, bare(out.Text).String())}
				}
				taken, out = nil, nil
			case taking.MatchString(r.code) && !tries.MatchString(r.code) && r.name.Empty():
				taken, out = r, nil
			case taken != nil && out == nil && r.Op == review.OpAdd && wayBack.MatchString(r.code):
				out = r
			}
		}
	}
	return nil
}
