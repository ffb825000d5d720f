// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"fmt"
	"hash/fnv"
	"strings"

	"review-assistant/review"
)

// row is a reviewed change as the store keeps it: no names and no title.
// Words of the title are kept as hashes of 32 bits, which is all that counting needs.
type row struct {
	Project, Branch string
	Author          int64
	Created, Closed int64 // Unix seconds
	Files           []string
	Reviewers       []int64
	title           title
}

// MailID stands for somebody of whom only an e-mail address is known. It is
// negative; accounts of Gerrit are positive.
func MailID(address string) int64 {
	h := fnv.New64a()
	h.Write([]byte(strings.ToLower(strings.TrimSpace(address))))
	return -int64(h.Sum64()>>1) - 1
}

// NewRow reduces a reviewed change to what [History.Load] reads again.
func NewRow(p review.Past) (review.Row, error) {
	r := row{Project: p.Project, Branch: p.Branch, Author: p.Author.ID, Created: p.Created.Unix(), Closed: p.Closed.Unix()}
	for _, f := range p.Files[:min(len(p.Files), maxPastFiles)] {
		if len(f) <= maxPathBytes {
			r.Files = append(r.Files, f)
		}
	}
	r.title = titleOf(p.Subject)
	for _, a := range p.Reviewers[:min(len(p.Reviewers), maxPastPeople)] {
		r.Reviewers = append(r.Reviewers, a.ID)
	}
	if r.Project == "" || len(r.Project) > maxPathBytes || len(r.Branch) > maxPathBytes {
		return review.Row{}, fmt.Errorf("history of %s: no project, or names of more than %d bytes", p.Key, maxPathBytes)
	}
	return review.Row{Key: p.Key, At: p.Closed, Data: r.encode()}, nil
}

// Load learns rows of the store in their order. A row that was loaded before,
// or cannot be read, is skipped; broken counts the latter.
func (h *History) Load(host string, rows []review.Row) (broken int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.ledger(host)
	for _, stored := range rows {
		if stored.Seq <= l.mark {
			continue
		}
		l.mark = stored.Seq
		r, err := decodeRow(stored.Data)
		if err != nil {
			broken++
			continue
		}
		l.learn(r)
	}
	return broken
}

// Mark returns the sequence number of the last row that was loaded.
func (h *History) Mark(host string) int64 {
	if h == nil {
		return 0
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if l := h.hosts[host]; l != nil {
		return l.mark
	}
	return 0
}

// voted is when the change was reviewed at the latest.
func (r *row) voted() int64 { return min(max(r.Created, r.Closed, epoch), lastMoment) }

func (r *row) at() int64 { return min(max(r.Created, epoch), lastMoment) }

// rowOf is the short way for a replay, which keeps nothing.
func rowOf(p review.Past) row {
	r := row{Project: p.Project, Branch: p.Branch, Author: p.Author.ID, Created: p.Created.Unix(), Closed: p.Closed.Unix(), Files: p.Files, title: titleOf(p.Subject)}
	for _, a := range p.Reviewers {
		r.Reviewers = append(r.Reviewers, a.ID)
	}
	return r
}

func wordHash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return max(h.Sum32(), 1)
}
