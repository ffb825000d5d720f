// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/reviewers"
	"review-assistant/store"
)

type reviewersReplayCmd struct {
	ID   string `arg:"" placeholder:"AUDIT-ID" help:"Audit id as it stands under the comment."`
	Dir  string `placeholder:"DIR" help:"Directory of the audit log instead of audit.dir."`
	JSON bool   `name:"json" help:"Print what the record holds of those who were named, as JSON."`
}

// Run implements the command.
func (r reviewersReplayCmd) Run(p *program) error {
	return withStore(p, func(_ Config, st store.Store) error {
		post, err := findPost(p, r.Dir, strings.ToLower(strings.TrimSpace(r.ID)))
		if err != nil {
			return err
		}
		told, data, err := kept(p, st, post)
		if err != nil {
			return err
		}
		if !slices.Contains(post.Why.Evidence, bot.SuggestionMark(data)) {
			p.ui.mark("fail", "the stored record is not the one that was audited")
			return errFindings
		}
		var record reviewers.Record
		if err := json.Unmarshal(data, &record); err != nil {
			return fmt.Errorf("the stored record cannot be read: %w", err)
		}
		if r.JSON {
			record.Candidates = ofPicks(record)
			return json.NewEncoder(p.ui.out).Encode(record)
		}
		return p.replay(post.Object.Host, told, record)
	})
}

// kept reads the suggestion of a post and its record from the store.
func kept(p *program, st store.Store, post audit.Record) (reviewers.Told, []byte, error) {
	if !slices.ContainsFunc(post.Why.Evidence, func(s string) bool { return strings.HasPrefix(s, "suggestion ") }) {
		return reviewers.Told{}, nil, fmt.Errorf("the comment %s named nobody", post.ID)
	}
	o := post.Object
	row, ok, err := st.RowOf(p.ctx, bot.FeedbackLog(o.Host), reviewers.ToldKey(o.Change, o.PatchSet))
	if err != nil {
		return reviewers.Told{}, nil, err
	}
	told, isTold := reviewers.ParseTold(row)
	if !ok || !isTold || told.Audit != post.ID {
		return reviewers.Told{}, nil, notKept(post, told.Audit, time.Now())
	}
	raw, ok, err := st.RowOf(p.ctx, bot.RecordsLog(o.Host), row.Key)
	if err == nil && !ok {
		err = fmt.Errorf("no record of %s is kept any more: the newest 20,000 of a Gerrit are", post.ID)
	}
	return told, raw.Data, err
}

// notKept says why there is no suggestion of a post: other is the post that
// one of the same patch set is kept under, if there is one.
func notKept(post audit.Record, other string, now time.Time) error {
	switch {
	case other != "":
		return fmt.Errorf("what was suggested on that patch set is kept under the comment %s: replay that", other)
	case now.Sub(post.Time) > reviewers.KeepFeedback:
		return fmt.Errorf("no suggestion of %s is kept any more: it is older than %d days", post.ID, int(reviewers.KeepFeedback.Hours()/24))
	}
	return fmt.Errorf("no suggestion of %s is kept: nothing was posted, or the store is another one or was full", post.ID)
}

// findPost reads the audit record of a post, by its own id or by that of the
// record that tells its end.
func findPost(p *program, dir, id string) (audit.Record, error) {
	records, err := auditFilter{Dir: dir, ID: id, Action: string(audit.ActionPost)}.records(p)
	if err != nil {
		return audit.Record{}, err
	}
	for r, err := range records {
		switch {
		case err != nil:
			return audit.Record{}, err
		case r.ID == id && r.Ref != "" && r.Ref != id:
			return findPost(p, dir, r.Ref)
		case r.ID == id:
			return r, nil
		}
	}
	return audit.Record{}, &usageError{fmt.Errorf("the audit log has no post %q; the id stands at the end of the comment", id)}
}

// ofPicks are the candidates who were named, in that order. What the others
// have to do is shown to nobody.
func ofPicks(r reviewers.Record) (out []reviewers.Scored) {
	for _, id := range r.Picks {
		if i := slices.IndexFunc(r.Candidates, func(c reviewers.Scored) bool { return c.ID == id }); i >= 0 {
			out = append(out, r.Candidates[i])
		}
	}
	return out
}

// replay computes the suggestion again and prints how it came about.
func (p *program) replay(host string, told reviewers.Told, record reviewers.Record) error {
	again, err := record.Replay()
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	var named []int64
	for _, pick := range told.Picks {
		named = append(named, pick.Account)
	}
	p.ui.printf("%s~%d patch set %d, %s\n", visible(host+"/"+told.Project), told.Change, told.PatchSet, told.At.Format(time.RFC3339))
	p.ui.indent(explain(record))
	if !slices.Equal(again, named) {
		p.ui.mark("fail", fmt.Sprintf("named were %v, the record gives %v", named, again))
		return errFindings
	}
	p.ui.mark("ok", "the record gives the same people in the same order")
	return nil
}

// explain lists who was named with what decided about them, and counts the
// others.
func explain(r reviewers.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; history up to row %d; catalog %s\n", plural(len(r.Components), "part"), r.History, visible(orElse(r.Catalog, "none")))
	named := ofPicks(r)
	why := places(r, named)
	for i, c := range named {
		fmt.Fprintf(&b, "%d. account %d: score %.2f with %s, asked %.1f times of late; knows %s, owns %d\n",
			i+1, c.ID, r.Score(c), plural(c.Open, "open review"), c.Asked, plural(bits.OnesCount32(c.Knows), "part"), bits.OnesCount32(c.Owns))
		fmt.Fprintf(&b, "   %s\n   %s\n", why[i], lifted(r, c))
	}
	fmt.Fprintf(&b, "and %s\n", plural(len(r.Candidates)-len(named), "other"))
	return b.String()
}

// places says for each pick why the place is theirs, by the rules of
// docs/reviewers.md.
func places(r reviewers.Record, named []reviewers.Scored) (out []string) {
	owns := func(c reviewers.Scored) bool { return c.Claim > 0 }
	var known uint32
	for i, c := range named {
		ordinal, before := fmt.Sprintf("number %d", i+1), "those before do"
		if i < 3 {
			ordinal = []string{"first", "second", "third"}[i]
		}
		if i == 1 {
			before = "the first does"
		}
		more := bits.OnesCount32((c.Knows | c.Owns) &^ known)
		why := "by the best score of the rest"
		switch {
		case i == r.Max-1 && !slices.ContainsFunc(named[:i], owns) && slices.ContainsFunc(r.Candidates, owns):
			why = "the last place is an owner's, and nobody before owns anything"
		case i == 0:
			why = "by the best score"
		case more > 0:
			why = fmt.Sprintf("covers %s that %s not know", plural(more, "part"), before)
		}
		out = append(out, "named "+ordinal+": "+why)
		known |= c.Knows | c.Owns
	}
	return out
}

// lifted names the three signals that lifted somebody most over the mean of
// the candidates, with their share of all that did.
func lifted(r reviewers.Record, c reviewers.Scored) string {
	type lift struct {
		signal string
		by     float64
	}
	var list []lift
	all := 0.0
	for i, w := range r.Weights {
		if reviewers.Activity(w.Signal) {
			continue
		}
		mean := 0.0
		for _, other := range r.Candidates {
			mean += other.Values[i] / float64(len(r.Candidates))
		}
		// Below it nothing would be seen in the score.
		if by := w.Weight * (c.Values[i] - mean); by > .005 {
			list = append(list, lift{w.Signal, by})
			all += by
		}
	}
	if len(list) == 0 {
		return "no signal lifted the account over the other candidates"
	}
	slices.SortStableFunc(list, func(a, b lift) int { return cmp.Compare(b.by, a.by) })
	var words []string
	for _, l := range list[:min(3, len(list))] {
		words = append(words, fmt.Sprintf("%s %.0f %%", l.signal, 100*l.by/all))
	}
	return "lifted over the other candidates by " + strings.Join(words, ", ")
}
