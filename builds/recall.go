// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"crypto/sha256"
	"encoding/hex"
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
// branch or on a change for it.
func (h *History) LastPassed(job, branch string) (review.Build, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	j := h.jobs[jobName{branch, job}]
	if j == nil {
		return review.Build{}, false
	}
	var last *pastRun
	for _, r := range j.byBase {
		if r.build.Result == review.BuildPassed && r.build.URL != "" && (last == nil || byEnd(r, last) > 0) {
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

// Unread is the failure of a run of which nothing but its result is known. It
// is nobody's fault unless the CI itself says so, and the same as no other, but
// for what the CI says itself.
func Unread(b *review.Build) review.BuildFailure {
	f := review.BuildFailure{Stage: review.StageTest, Category: categoryUnknown}
	switch b.Result {
	case review.BuildBroken:
		f.Stage, f.Category, f.Message = review.StageSetup, string(KindInfra), b.Said
		f.Fingerprint = unreadPrint("broken " + b.Job + " " + b.Said)
	case review.BuildTimedOut:
		f.Category, f.Message = string(KindTimeout), b.Said
		f.Fingerprint = unreadPrint("timed out " + b.Job)
	default:
		f.Fingerprint = unreadPrint("unread " + b.Key)
	}
	return f
}

// unreadPrint names a cause that no line of a log tells.
func unreadPrint(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:8])
}
