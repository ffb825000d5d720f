// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"

	"review-assistant/review"
)

// maxActivity is how many news one request looks at. Behind them is the next page,
// even when this one is short.
const maxActivity = 500

// Activity returns a page of what happened at a place, the newest first. A page
// may be short, or empty, and have one behind it.
func (b *Board) Activity(ctx context.Context, v review.Viewer, q ActivityQuery) (List[Activity], error) {
	t, err := b.resolve(v, q.Place)
	if err != nil {
		return List[Activity]{}, err
	}
	return settled(b, func() (List[Activity], []proof, error) {
		return b.activity(ctx, t, max(0, q.Page.After), within(q.Limit, perCall))
	})
}

func (b *Board) activity(ctx context.Context, t target, before int64, limit int) (List[Activity], []proof, error) {
	out := List[Activity]{Rows: []Activity{}}
	var news []review.News
	if b.d.Feed != nil {
		news = b.d.Feed.Recent(t.host, func(n review.News) bool {
			return t.source.Project == "" || n.Change.Project == t.source.Project
		}, before, maxActivity)
	}
	looked := 0
	var proofs []proof
	for calls := 0; calls < maxCalls && looked < len(news) && len(out.Rows) < limit; calls++ {
		batch := firstOf(news[looked:])
		seen, more, shown, err := b.look(ctx, t, batch)
		if err != nil {
			return out, nil, err
		}
		proofs = append(proofs, shown...)
		for _, n := range batch {
			if len(out.Rows) == limit {
				break
			}
			looked++
			c := seen[n.Change]
			if c == nil || !t.source.On(c.Branch) {
				out.More = out.More || more
				continue
			}
			hidden, more, err := b.hidden(ctx, t, n)
			if err != nil {
				return out, nil, err
			}
			if proofs = append(proofs, more...); hidden {
				continue
			}
			out.Rows = append(out.Rows, Activity{
				Seq: n.Seq, Change: n.Change.String(), Subject: c.Subject, URL: t.gerrit.ChangeURL(n.Change),
				Outcome: Outcome{PatchSet: n.PatchSet, Kind: string(n.Post), Verdict: string(n.Verdict), Reason: n.Reason, Says: b.told(n.Verdict, n.Reason), At: n.At},
			})
		}
	}
	if looked > 0 && (looked < len(news) || len(news) == maxActivity) {
		out.Next = &Page{After: news[looked-1].Seq}
	}
	mode, more, err := b.modeOf(ctx, t, len(out.Rows) > 0)
	out.Mode = mode
	return out, append(proofs, more...), err
}

// firstOf cuts off the news that one question can be about.
func firstOf(news []review.News) []review.News {
	ids := map[review.ChangeID]bool{}
	for i, n := range news {
		if ids[n.Change] = true; len(ids) > perCall {
			return news[:i]
		}
	}
	return news
}

// look returns the changes of news that the viewer may see. For a part of a
// project, which only Gerrit can tell, they are among the newest that touch it,
// and more says that there are older ones.
func (b *Board) look(ctx context.Context, t target, news []review.News) (seen map[review.ChangeID]*sighted, more bool, proofs []proof, err error) {
	if t.source.Dir == "" {
		ids := make([]review.ChangeID, len(news))
		for i, n := range news {
			ids[i] = n.Change
		}
		seen, proofs, err = b.seen(ctx, t, ids, needRow)
		return seen, false, proofs, err
	}
	q := review.SightQuery{Project: t.source.Project, Dir: t.source.Dir, Branch: t.source.Branch, Limit: perCall}
	seen = map[review.ChangeID]*sighted{}
	for range maxCalls {
		p, shown, err := b.page(ctx, t, q)
		if err != nil {
			return nil, false, nil, err
		}
		for _, c := range p.rows {
			seen[c.ID] = c
		}
		proofs = append(proofs, shown...)
		if q.Before, q.Skip, more = p.before, p.skip, p.more; !more {
			break
		}
	}
	return seen, more, proofs, nil
}

// hidden reports whether what happened is not for the viewer: the project does
// not use the bot, or tries it out and the viewer does not own it.
func (b *Board) hidden(ctx context.Context, t target, n review.News) (bool, []proof, error) {
	p, err := b.policyOf(ctx, t.host, n.Change.Project)
	if err != nil || p.Mode == modeOff {
		return true, nil, err
	}
	a := about{policy: p}
	if !a.hides(n.Verdict) {
		return false, nil, nil
	}
	var proofs []proof
	a.owner, proofs, err = b.owner(ctx, t, n.Change.Project)
	return a.hides(n.Verdict), proofs, err
}
