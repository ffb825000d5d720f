// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"sync"
	"time"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Bounds of the drafts that are kept for a retry: while a post fails, the
// model is not paid again for the same text.
const (
	maxDrafts = 64
	draftAge  = time.Hour
)

// workKey names everything that a draft is made of.
type workKey struct {
	change   review.ChangeID
	revision string
	policy   string
	since    int
	scrubber *scrub.Scrubber // another one after a secret was rotated
}

// drafts keeps finished drafts in memory, without raw text, between the
// attempts at a post.
type drafts struct {
	mu   sync.Mutex
	kept map[workKey]keptDraft
}

type keptDraft struct {
	work *work
	at   time.Time
}

// take hands a kept draft over, or nil: nobody else works on it then.
func (d *drafts) take(k workKey, now time.Time) *work {
	d.mu.Lock()
	defer d.mu.Unlock()
	kept, found := d.kept[k]
	delete(d.kept, k)
	if !found || now.Sub(kept.at) > draftAge {
		return nil
	}
	return kept.work
}

// put keeps a draft. When there are too many, all are forgotten: posts fail
// everywhere then, and a second model call is the smaller evil.
func (d *drafts) put(w *work, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || len(d.kept) >= maxDrafts {
		d.kept = map[workKey]keptDraft{}
	}
	d.kept[w.key] = keptDraft{w, now}
}
