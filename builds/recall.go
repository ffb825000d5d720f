// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"slices"

	"review-assistant/review"
)

// Has reports whether a build is remembered.
func (h *History) Has(key string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.runs[key] != nil
}

// LastPassed returns the newest run of a job that passed and has a page, on the
// branch or on a change that was merged: what an open one prints is its
// author's to say.
func (h *History) LastPassed(job, branch string) (review.Build, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	j := h.jobs[jobName{branch, job}]
	if j == nil {
		return review.Build{}, false
	}
	var last *pastRun
	for _, r := range j.byBase {
		merged := r.patch == nil || r.patch.change.merged > 0
		if merged && r.build.Result == review.BuildPassed && r.build.URL != "" && (last == nil || byEnd(r, last) > 0) {
			last = r
		}
	}
	if last == nil {
		return review.Build{}, false
	}
	return last.build, true
}

// HasChange reports whether anything is known of a change.
func (h *History) HasChange(change int) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.changes[change] != nil
}

// HasPatchSet reports whether a build of a patch set is known.
func (h *History) HasPatchSet(change, patchSet int) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	c := h.changes[change]
	return c != nil && slices.ContainsFunc(c.patches, func(p *knownPatch) bool { return p.number == patchSet && len(p.runs) > 0 })
}

// IsClosed reports whether a change waits for nothing any more.
func (h *History) IsClosed(change int) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	c := h.changes[change]
	return c != nil && c.closed
}

// Reopened tells that an abandoned change waits again.
func (h *History) Reopened(change int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.changes[change]; c != nil && c.merged == 0 {
		c.closed = false
	}
}

// Forget drops all that is known of a change and its builds.
func (h *History) Forget(change int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.changes[change]
	if c == nil {
		return
	}
	for _, p := range c.patches {
		for _, r := range slices.Clone(p.runs) {
			h.remove(r)
		}
		h.untouch(p)
	}
	h.merges = take(h.merges, c, byMerge)
	delete(h.changes, change)
}
