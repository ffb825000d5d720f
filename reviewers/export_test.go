// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"time"

	"review-assistant/review"
)

// NewSmallHistory has limits of n each.
func NewSmallHistory(n int) *History {
	h := NewHistory()
	h.limit = limits{n, n, n, n, n}
	return h
}

// Sizes returns what a host's history holds of people, places, words, habits
// and shares.
func (h *History) Sizes(host string) [5]int {
	l := h.hosts[host]
	return [5]int{len(l.people), l.places, len(l.words) + len(l.pairs), l.habits, h.limit.shares - l.room}
}

// ReadRow decodes a row, and returns it encoded again as well.
func ReadRow(data []byte) (p review.Past, again []byte, err error) {
	r, err := decodeRow(data)
	if err != nil {
		return review.Past{}, nil, err
	}
	p = review.Past{Project: r.Project, Branch: r.Branch, Author: review.Account{ID: r.Author}, Created: time.Unix(r.Created, 0).UTC(), Closed: time.Unix(r.Closed, 0).UTC(), Files: r.Files}
	for _, id := range r.Reviewers {
		p.Reviewers = append(p.Reviewers, review.Account{ID: id})
	}
	return p, r.encode(), nil
}

// SignalWeights returns the formula.
func SignalWeights() map[string]float64 {
	out := map[string]float64{}
	for _, s := range signals {
		out[s.name] = s.weight
	}
	return out
}
