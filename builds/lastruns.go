// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"review-assistant/review"
)

// LastRuns returns the newest remembered run of each job on those branches that
// shows lets through, by branch, without failures. Runs on changes for a branch are
// none on it.
func (h *History) LastRuns(shows func(branch string) bool) map[string][]review.Build {
	h.mu.RLock()
	defer h.mu.RUnlock()
	shown := map[string]bool{}
	out := map[string][]review.Build{}
	for name, j := range h.jobs {
		if _, known := shown[name.branch]; !known {
			shown[name.branch] = shows(name.branch)
		}
		if !shown[name.branch] {
			continue
		}
		var last *pastRun
		for _, r := range j.byBase {
			if r.patch == nil && (last == nil || byEnd(last, r) < 0) {
				last = r
			}
		}
		if last != nil {
			out[name.branch] = append(out[name.branch], last.build)
		}
	}
	return out
}
