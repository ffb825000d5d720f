// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Explanation is what the bot would do with a change.
type Explanation struct {
	PatchSet int
	Reason   string   // why it stays silent, "" when it would speak
	May      []string // what the service account could do besides commenting
	// Restricted is set unless every registered user may read the code;
	// ReachWhy says in one sentence how that is known.
	Restricted bool
	ReachWhy   string
	NoModel    string // why no model may read it although the project uses one
}

// Explain decides about a change without doing anything.
func (b *Bot) Explain(ctx context.Context, id review.ChangeID) (Explanation, error) {
	v, err := b.look(ctx, id, false)
	if err != nil {
		return Explanation{}, err
	}
	return Explanation{
		PatchSet: v.change.Current().Number, Reason: decide(v.facts(), review.PostSummary).reason, May: mayAct(&v.change),
		Restricted: v.change.Restricted, ReachWhy: v.change.ReachWhy,
		NoModel: v.policy.Without(b.profiles, id.Host+"/"+id.Project, v.change.Restricted).String(),
	}, nil
}

// Result is what Review made of a change.
type Result struct {
	PatchSet int
	Reason   string // the outcome's reason
	Silent   bool   // the pipeline would not post this
	Comment  scrub.Text
	Report   scrub.Report
}

// Review works on one change now, without the queue. The backlog rules do not
// apply, since somebody asked. Nothing is posted unless post is set; then all
// checks before a post apply.
func (b *Bot) Review(ctx context.Context, id review.ChangeID, post bool) (Result, error) {
	v, err := b.look(ctx, id, true)
	if err != nil {
		return Result{}, err
	}
	r := Result{PatchSet: v.change.Current().Number}
	due, err := v.due(ctx)
	if err != nil {
		return r, err
	}
	if v.dec.verdict != "" && (post || v.dec.reason == ReasonPrivate || v.policy.Mode == ModeOff) {
		r.Reason, r.Silent = v.dec.reason, true
		return r, nil
	}
	if !post {
		w, err := v.compute(ctx)
		if err != nil {
			return r, err
		}
		if err := inspect(w.cleaner, w.body); err != nil {
			return r, err
		}
		r.Comment, r.Report = w.body, w.cleaner.Report()
		return r, nil
	}
	err = v.speak(ctx, due)
	r.Reason, r.Silent, r.Comment = v.outcome.Reason, v.outcome.Verdict != review.VerdictPosted, v.said
	return r, err
}

// look reads a change for a command.
func (b *Bot) look(ctx context.Context, id review.ChangeID, asked bool) (*visit, error) {
	host, ok := b.hosts[id.Host]
	if !ok {
		return nil, fmt.Errorf("no Gerrit with id %q is configured", id.Host)
	}
	v := &visit{b: b, host: host, id: id, job: review.Job{Key: review.ChangeJob(id), Asked: asked}}
	var err error
	if v.policy, v.optedIn, err = b.policyOf(ctx, host, id.Host, id.Project); err != nil {
		return nil, err
	}
	return v, v.read(ctx)
}
