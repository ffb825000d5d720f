// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"

	"review-assistant/review"
)

// Kept counts the answers about changes and the pages that are kept.
func (b *Board) Kept() (seen, pages int) {
	b.sights.mu.Lock()
	defer b.sights.mu.Unlock()
	n := 0
	for _, of := range b.sights.changes {
		n += len(of)
	}
	if n != b.sights.size {
		panic("the count of answers is wrong")
	}
	return n, len(b.pages.held)
}

// Remembered counts the drops that are remembered.
func (b *Board) Remembered() int { return len(b.sights.moved) + len(b.sights.touched) }

// Shrink makes room for less.
func (b *Board) Shrink(seen, pages int) { b.sights.most, b.pages.max = seen, pages }

// Poll reads to the end of the log.
func (f *Feed) Poll(ctx context.Context) error { return f.poll(ctx) }

// SeesNow is what a stream asks.
var SeesNow = (*Board).sees

// Where is where a stream finds a place.
func Where(b *Board, ctx context.Context, v review.Viewer, p Place) (host, project string, err error) {
	w, err := b.where(ctx, v, p)
	return w.host, w.project, err
}

// Stirred counts the rows that moved that are remembered.
func (b *Board) Stirred() int { return len(b.sights.stirred) }
