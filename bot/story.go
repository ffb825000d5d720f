// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"slices"

	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// story is how a change relates to others, as read: raw text.
type story struct {
	before  review.Patch // what the change is compared with: an earlier patch set, or its origin
	origin  *origin
	commits []review.Commit // that a merge brings
	more    bool            // commits is not all
	chain   []review.Related
}

// origin is the change that this one reverts or was picked from.
type origin struct {
	revert   bool
	number   int // 0 when it is no change that may be told of
	patchSet int
	branch   string
	commit   string // as the message names it, or ""
	read     bool   // story.before holds its patch, reversed for a revert
}

// readStory reads what the change relates to. What the account may not see is
// unknown; any other failure is one of Gerrit, and the visit is tried again.
func (v *visit) readStory(ctx context.Context) (s story, err error) {
	if v.dec.since > 0 {
		before := v.change.PatchSets[patchSetIndex(&v.change, v.dec.since)]
		switch s.before, err = v.host.Gerrit.Patch(ctx, v.change, before, v.skip); {
		case review.IsGone(err):
			v.dec.since = 0 // nothing to compare with: the whole change is told
		case err != nil:
			return s, fmt.Errorf("read patch set %d of %s: %w", before.Number, v.id, err)
		}
	}
	if v.host.Stories == nil {
		return s, nil
	}
	if v.dec.since == 0 { // who knows an earlier patch set knows that
		if err := v.readOrigin(ctx, &s); err != nil {
			return s, fmt.Errorf("read the origin of %s: %w", v.id, err)
		}
		if ps := v.change.Current(); ps.Parents > 1 {
			if s.commits, s.more, err = v.host.Stories.Merged(ctx, v.change, ps); unseen(err) != nil {
				return s, fmt.Errorf("read what %s merges: %w", v.id, err)
			}
		}
	}
	if s.chain, err = v.host.Stories.Related(ctx, v.change); unseen(err) != nil {
		return s, fmt.Errorf("read the chain of %s: %w", v.id, err)
	}
	return s, nil
}

// unseen drops the error of something that is not there for us.
func unseen(err error) error {
	if review.IsGone(err) || review.IsDenied(err) {
		return nil
	}
	return err
}

// readOrigin finds what the change reverts or was picked from, by Gerrit's own
// word or, without it, by the commit that the message names.
func (v *visit) readOrigin(ctx context.Context, s *story) error {
	named := review.ParseOrigin(v.change.Message)
	o := &origin{}
	switch c := &v.change; {
	case c.RevertOf > 0:
		o.revert, o.number, o.commit = true, c.RevertOf, named.Reverts
	case c.PickOf > 0:
		o.number, o.patchSet, o.commit = c.PickOf, c.PickOfPatchSet, named.Picked
	case named.Reverts != "":
		o.revert, o.commit = true, named.Reverts
	case named.Picked != "":
		o.commit = named.Picked
	default:
		return nil
	}
	if o.number == v.id.Number {
		return nil // a patch set of its own, named by a commit
	}
	s.origin = o
	if o.number == 0 {
		id, patchSet, ok, err := v.host.Stories.ByCommit(ctx, v.id.Project, o.commit)
		if unseen(err) != nil || !ok {
			return unseen(err)
		}
		if id.Number == v.id.Number {
			s.origin = nil
			return nil
		}
		o.number, o.patchSet = id.Number, patchSet
	}
	other, err := v.host.Gerrit.Change(ctx, review.ChangeID{Host: v.id.Host, Project: v.id.Project, Number: o.number})
	if err != nil || other.Private || other.Restricted && !v.change.Restricted {
		// Who may see this change may not be allowed to see that one.
		o.number, o.patchSet = 0, 0
		return unseen(err)
	}
	at := len(other.PatchSets) - 1
	if o.patchSet > 0 {
		at = slices.IndexFunc(other.PatchSets, func(ps review.PatchSet) bool { return ps.Number == o.patchSet })
	}
	if at < 0 {
		return nil
	}
	o.patchSet, o.branch = other.PatchSets[at].Number, other.Branch
	p, err := v.host.Gerrit.Patch(ctx, other, other.PatchSets[at], v.skip)
	if err != nil {
		return unseen(err)
	}
	if o.read = true; o.revert {
		p = review.Invert(p)
	}
	s.before = p
	return nil
}

// tell puts a story into the input of a summary, cleaned. Before is its patch.
func (s *story) tell(c *scrub.Cleaner, in *summarize.Input, before scrub.Patch) error {
	var first error
	clean := func(raw string) scrub.Text {
		t, err := c.Clean(raw)
		if first == nil {
			first = err
		}
		return t
	}
	if o := s.origin; o != nil {
		in.Origin = &summarize.Origin{Revert: o.revert, Number: o.number, PatchSet: o.patchSet}
		if o.branch != "" && o.branch != in.Branch.String() {
			in.Origin.Branch = clean(o.branch)
		}
		if o.number == 0 && o.commit != "" {
			in.Origin.Commit = clean(review.Commit{Revision: o.commit}.Short())
		}
		if o.read {
			in.Origin.Patch = &before
		}
	}
	if len(s.commits) > 0 {
		in.Merge = &summarize.Merge{More: s.more}
		for _, k := range s.commits {
			in.Merge.Subjects = append(in.Merge.Subjects, clean(k.Subject))
		}
	}
	in.Chain = chainOf(s.chain)
	return first
}

// chainOf finds the place of a change in its chain. Titles of other changes
// are left out: not everybody who sees one sees all.
func chainOf(chain []review.Related) *summarize.Chain {
	at := slices.IndexFunc(chain, func(r review.Related) bool { return r.Self })
	if at < 0 || len(chain) < 2 {
		return nil
	}
	c := &summarize.Chain{At: at + 1, Of: len(chain)}
	if at > 0 {
		b := chain[at-1]
		c.Below = summarize.Link{Number: b.Number, PatchSet: b.PatchSet, Current: b.Current, Open: b.Status == review.StatusNew}
	}
	return c
}
