// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"review-assistant/review"
)

const (
	// perCall is how many changes one question is about, and maxCalls how many
	// questions one request costs.
	perCall  = 100
	maxCalls = 2
	// maxShown bounds [Page.Shown], so that a page fits into an address.
	maxShown = 30
	// maxText is how much of a subject or name is shown, in runes.
	maxText = 500
	// Withheld stands for a text that the project's rules could not be applied to.
	Withheld = "(withheld)"
)

// pageKey is a question for a page. The account stands in the query.
type pageKey struct {
	host string
	q    review.SightQuery
}

func (k pageKey) scope() scope {
	return scope{id: review.ChangeID{Host: k.host, Project: k.q.Project}, list: true}
}

// page is an answer to it. Its rows are shared: nobody writes to them.
type page struct {
	rows   []*sighted
	more   bool
	before time.Time
	skip   int
	shown  []int // of [Page.Shown], for the page after this one
}

// next is where the page after this one begins, nil for none.
func (p page) next() *Page {
	if !p.more {
		return nil
	}
	return &Page{Before: p.before, Skip: p.skip, Shown: p.shown}
}

// turn asks for a page and leaves out what an earlier one has shown. An offset
// would do so too, and lose a row whenever one of those moves meanwhile.
func (b *Board) turn(ctx context.Context, t target, q review.SightQuery, from Page) (page, []proof, error) {
	limit := q.Limit
	q.Before, q.Skip, q.Limit = from.Before, max(0, from.Skip), min(perCall, limit+len(from.Shown))
	p, proofs, err := b.page(ctx, t, q)
	if err != nil {
		return page{}, nil, err
	}
	p.rows = slices.DeleteFunc(slices.Clone(p.rows), func(c *sighted) bool { return slices.Contains(from.Shown, c.ID.Number) })
	if len(p.rows) > limit { // some that were shown have moved
		p.rows = p.rows[:limit]
		p.more, p.before, p.skip = true, p.rows[limit-1].Updated.Truncate(time.Second), 0
	}
	if !p.more || p.skip > 0 {
		return p, proofs, nil
	}
	if p.before.Equal(from.Before) {
		p.shown = slices.Clone(from.Shown)
	}
	for _, c := range p.rows {
		if c.Updated.Truncate(time.Second).Equal(p.before) {
			p.shown = append(p.shown, c.ID.Number)
		}
	}
	if len(p.shown) > maxShown {
		p.skip, p.shown = len(p.shown), nil
	}
	return p, proofs, nil
}

// page asks for a page, in one question.
func (b *Board) page(ctx context.Context, t target, q review.SightQuery) (page, []proof, error) {
	if !askable(q.Project) {
		return page{}, nil, nil
	}
	q.Account = t.account
	q.Before = q.Before.Round(0).UTC() // as a key, one time is one value
	p, asked, err := b.pages.get(ctx, pageKey{t.host, q}, func(ctx context.Context, at stamp) (page, error) {
		got, err := t.gerrit.Seen(ctx, q)
		if err != nil {
			return page{}, unanswered("ask Gerrit for changes", err)
		}
		p := page{more: got.More, before: got.Before, skip: got.Skip}
		if p.before.Equal(q.Before) && p.skip == q.Skip {
			p.more = false // the same page again
		}
		for _, c := range got.Changes {
			if c.ID.Host == t.host && c.ID.Number > 0 && (q.Project == "" || c.ID.Project == q.Project) && len(p.rows) < q.Limit {
				p.rows = append(p.rows, b.sighted(c))
			}
		}
		b.clean(ctx, t.host, p.rows)
		b.sights.mu.Lock()
		defer b.sights.mu.Unlock()
		for _, c := range p.rows {
			b.sights.put(c.ID, t.account, c, at)
		}
		return p, nil
	})
	if err != nil {
		return page{}, nil, err
	}
	proofs := make([]proof, len(p.rows))
	for i, c := range p.rows {
		proofs[i] = proof{scope{id: c.ID}, asked}
	}
	return p, proofs, nil
}

// seen returns those of the changes that are shown to the one who asks, with a
// proof for each. It asks about those alone of which Gerrit said nothing within
// the last minute, in at most maxCalls questions; those behind them count as not
// shown, so that the important ones come first. How their review stands is told
// for sure only if that is asked for: who only wants to know whether a change is
// shown must not make Gerrit count votes.
func (b *Board) seen(ctx context.Context, t target, ids []review.ChangeID, standing bool) (map[review.ChangeID]*sighted, []proof, error) {
	s, who := b.sights, asker{t.host, t.account}
	asked := map[review.ChangeID]int{}
	for calls := 0; ; {
		s.mu.Lock()
		missing := s.missing(ids, t, standing)
		if calls >= maxCalls {
			missing = slices.DeleteFunc(missing, func(id review.ChangeID) bool { return asked[id] == 0 })
		}
		if len(missing) == 0 {
			defer s.mu.Unlock()
			shown, proofs := s.shown(ids, t)
			return shown, proofs, nil
		}
		if asked[missing[0]] >= maxTries {
			s.mu.Unlock()
			return nil, nil, &review.RetryError{After: time.Second, Err: errMoves}
		}
		if f := s.batches[who]; f != nil {
			s.mu.Unlock()
			if err := f.wait(ctx); err != nil {
				return nil, nil, err
			}
			continue
		}
		f := &flight{done: make(chan struct{})}
		s.batches[who] = f
		at := stamp{s.now(), s.seq}
		s.mu.Unlock()
		missing = missing[:min(len(missing), perCall)]
		for _, id := range missing {
			asked[id]++
		}
		calls++
		if err := b.askBatch(ctx, t, f, at, missing, standing); err != nil {
			return nil, nil, err
		}
	}
}

// missing returns those of which too little is known, each once. The lock is held.
func (s *sights) missing(ids []review.ChangeID, t target, standing bool) []review.ChangeID {
	var out []review.ChangeID
	once := make(map[review.ChangeID]bool, len(ids))
	for _, id := range ids {
		if once[id] || id.Host != t.host || id.Number <= 0 || id.Project == "" || !askable(id.Project) {
			continue
		}
		once[id] = true
		if h, is := s.changes[id][t.account]; !is || !s.good(h.asked, scope{id: id}) || standing && h.val != nil && h.val.standing == nil {
			out = append(out, id)
		}
	}
	return out
}

// shown returns those that are shown. The lock is held.
func (s *sights) shown(ids []review.ChangeID, t target) (map[review.ChangeID]*sighted, []proof) {
	out := make(map[review.ChangeID]*sighted, len(ids))
	var proofs []proof
	for _, id := range ids {
		h := s.changes[id][t.account]
		if h.val != nil && out[id] == nil && s.good(h.asked, scope{id: id}) {
			out[id] = h.val
			proofs = append(proofs, proof{scope{id: id}, h.asked})
		}
	}
	return out, proofs
}

// askBatch asks about changes and keeps each answer.
func (b *Board) askBatch(ctx context.Context, t target, f *flight, at stamp, ids []review.ChangeID, standing bool) error {
	s := b.sights
	f.err = &review.RetryError{Err: errMoves} // until there is an answer
	defer func() {
		s.mu.Lock()
		delete(s.batches, asker{t.host, t.account})
		s.mu.Unlock()
		close(f.done)
	}()
	ctx, cancel := outliving(ctx, callTime)
	defer cancel()
	got, err := t.gerrit.Sees(ctx, t.account, ids, standing)
	if err != nil {
		f.err = unanswered("ask Gerrit about changes", err)
		return f.err
	}
	var rows []*sighted
	for _, id := range ids {
		// Of a change that is in another project now this one shows nothing.
		if c, is := got[id]; is && c.ID == id {
			rows = append(rows, b.sighted(c))
		}
	}
	b.clean(ctx, t.host, rows)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		var seen *sighted
		if i := slices.IndexFunc(rows, func(c *sighted) bool { return c.ID == id }); i >= 0 {
			seen = rows[i]
		}
		s.put(id, t.account, seen, at)
	}
	f.err = nil
	return nil
}

// clean applies the rules of each project to what is shown of its changes. What
// they cannot be applied to is withheld.
func (b *Board) clean(ctx context.Context, host string, rows []*sighted) {
	of := map[string][]*sighted{}
	for _, c := range rows {
		c.Branch = plain(c.Branch)
		c.Owner = review.Account{ID: c.Owner.ID, Name: c.Owner.Display(), Username: c.Owner.Username}
		of[c.ID.Project] = append(of[c.ID.Project], c)
	}
	for project, rows := range of {
		// The same people and labels are on most rows.
		var names, lines []*string
		var texts []string
		index := map[string]int{}
		for _, c := range rows {
			names, lines = append(names, &c.Owner.Name), append(lines, &c.Subject, &c.Topic)
			n, l := c.standing.texts()
			names, lines = append(names, n...), append(lines, l...)
		}
		for _, text := range slices.Concat(names, lines) {
			if _, is := index[*text]; !is {
				index[*text] = len(texts)
				texts = append(texts, *text)
			}
		}
		out, err := b.d.Clean(ctx, host, project, slices.Clone(texts))
		if err != nil || len(out) != len(texts) {
			b.d.Log.Warn("texts of a project cannot be cleaned and are withheld", "host", host, "project", project, "error", err)
			out = slices.Clone(texts)
			for i := range out {
				if out[i] != "" {
					out[i] = Withheld
				}
			}
		}
		shown := make([]string, len(out)) // one string for all who have the name
		for _, name := range names {
			i := index[*name]
			if shown[i] == "" {
				shown[i] = nameOf(out[i])
			}
			*name = shown[i]
		}
		for _, line := range lines {
			*line = plain(out[index[*line]])
		}
	}
}

// plain makes one line of a text, without what nobody sees or what turns the
// order of what is seen.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r == unicode.ReplacementChar:
			return r
		case !unicode.IsGraphic(r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
			return -1 // controls, formats, separators of lines, what has no meaning
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	n := 0
	for i := range s {
		if n++; n > maxText {
			return s[:i]
		}
	}
	return s
}
