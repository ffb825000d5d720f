// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"sync"
	"time"

	"review-assistant/review"
)

const (
	// keptAge is how long the store's answer counts. News end it sooner; the
	// age is for what has none.
	keptAge = 2 * time.Second
	// What is remembered at most, and how long a text may be for it, in bytes.
	maxKept     = 4_000
	maxKeptText = 16 << 10
)

// keptTexts remembers what the store keeps of changes: many people look at the
// same ones. It says nothing about who may see them.
type keptTexts struct {
	now  func() time.Time
	read func(ctx context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error)

	mu   sync.Mutex
	news int64 // counts what moved: what was read meanwhile is not remembered
	held map[review.ChangeID]heldText
}

type heldText struct {
	kept review.Kept
	at   time.Time
}

func newKeptTexts(s Store, now func() time.Time) *keptTexts {
	return &keptTexts{now: now, read: s.Kept, held: map[review.ChangeID]heldText{}}
}

// of returns what is kept of changes, with one question to the store at most.
func (k *keptTexts) of(ctx context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error) {
	out := make(map[review.ChangeID]review.Kept, len(ids))
	var missing []review.ChangeID
	now := k.now()
	k.mu.Lock()
	for _, id := range ids {
		if h, is := k.held[id]; is && now.Sub(h.at) >= 0 && now.Sub(h.at) < keptAge {
			out[id] = h.kept
		} else {
			missing = append(missing, id)
		}
	}
	before := k.news
	k.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	found, err := k.read(ctx, missing)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range missing {
		kept := found[id]
		out[id] = kept
		if k.news == before && (kept.Summary == nil || len(kept.Summary.Text) <= maxKeptText) {
			if len(k.held) >= maxKept {
				clear(k.held)
			}
			k.held[id] = heldText{kept, now}
		}
	}
	return out, nil
}

// drop forgets what news are about: a change, a project or a host.
func (k *keptTexts) drop(id review.ChangeID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.news++
	if id.Number > 0 {
		delete(k.held, id)
		return
	}
	for held := range k.held {
		if holds(id, held) {
			delete(k.held, held)
		}
	}
}
