// SPDX-License-Identifier: Apache-2.0

package board

import (
	"testing"
	"time"

	"review-assistant/review"
)

// Who saw a change is remembered until it moves, and no one else.
func TestSaw(t *testing.T) {
	now := func() time.Time { return start }
	b := &Board{sights: newSights(now)}
	id, other := of("pay", 1), of("pay", 2)
	at := stamp{at: now()}
	b.sights.mu.Lock()
	b.sights.put(id, 7, &sighted{Seen: review.Seen{ID: id}}, at)
	b.sights.put(id, 8, nil, at)
	b.sights.put(other, 7, &sighted{Seen: review.Seen{ID: other}}, at)
	b.sights.mu.Unlock()
	tom := review.Viewer{Accounts: map[string]review.Account{"h": {ID: 8}}}
	if b.saw(jane, id) {
		t.Error("it has not moved")
	}
	b.sights.drop(id)
	b.sights.drop(id) // which finds nothing any more
	if !b.saw(jane, id) || b.saw(tom, id) || b.saw(jane, other) || b.saw(review.Viewer{}, id) {
		t.Error("who saw what is not remembered as it was")
	}
	for n := range maxLost + 10 {
		b.sights.mu.Lock()
		b.sights.put(of("many", n+1), 7, &sighted{}, stamp{at: now(), seq: b.sights.seq})
		b.sights.mu.Unlock()
		b.sights.drop(of("many", n+1))
	}
	if len(b.sights.lost) > maxLost {
		t.Errorf("%d changes are remembered", len(b.sights.lost))
	}
}
