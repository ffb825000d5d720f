// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"maps"
	"slices"
)

// SetSame says which accounts of a host belong to one person; the first account
// of a group is the one to name, and what the others did counts for it. Ids of
// [MailID] may be among the others. An id in several groups belongs to the
// first of them. If that differs from what was said before, what the host's
// history learnt is dropped: its [History.Mark] is 0, and the caller loads it
// again.
func (h *History) SetSame(host string, groups [][]int64) {
	same := map[int64]int64{}
	for _, g := range groups {
		// An address alone can be nobody's name.
		first := slices.IndexFunc(g, func(id int64) bool { return id > 0 })
		if len(g) < 2 || first < 0 {
			continue
		}
		to := named(same, g[first])
		for _, id := range g {
			if _, known := same[id]; !known && id != 0 {
				same[id] = to
			}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if maps.Equal(same, h.same[host]) {
		return
	}
	h.same[host] = same
	delete(h.hosts, host)
}

// sameAs returns the account to name by account, nil for none. It is never
// written to.
func (h *History) sameAs(host string) map[int64]int64 {
	if h == nil {
		return nil
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.same[host]
}

func named(same map[int64]int64, id int64) int64 {
	if to, ok := same[id]; ok {
		return to
	}
	return id
}

// Named returns the account to name by an account of a host: itself when
// nobody said that it is one of several.
func (h *History) Named(host string, id int64) int64 { return named(h.sameAs(host), id) }
