// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/reviewers"
	"review-assistant/scrub"
)

// maxOwners bounds how many owners of a change are looked up in Gerrit.
const maxOwners = 50

// recommend finds reviewers for the change. Whatever goes wrong here is told
// in the comment and stops nothing: a summary without names is still useful.
func (v *visit) recommend(ctx context.Context, w *work) error {
	if !v.policy.Suggest || v.policy.MaxPicks == 0 {
		return nil
	}
	told, known, err := v.b.settings.Setting(ctx, picksKey(v.id))
	if err != nil {
		return fmt.Errorf("read told reviewers: %w", err)
	}
	owners, err := v.owners(ctx, w)
	if err != nil {
		return err
	}
	w.owners = ownersMark(owners.list)
	if known && (told == w.owners || owners.partly) && !v.dec.asked {
		w.note.PickNote = scrub.Text{}
		return nil // named before, and the owners are the same as far as is known
	}
	history, err := v.b.history(ctx, v.id.Host)
	if err != nil {
		v.b.log.Warn("past reviews are not known now; only owners are named", "change", v.id.String(), "error", err)
	}
	in := reviewers.Input{
		Host: v.id.Host, Project: v.id.Project, Branch: v.change.Branch, Subject: v.change.Subject, Message: v.change.Message,
		Author: v.change.Owner, Uploader: v.change.Current().Uploader,
		Leave: slices.Concat([]review.Account{v.self, v.change.Author}, v.change.Reviewers, v.change.CCs, owners.never),
		Files: paths(w.patch), Owners: owners.list, History: history, Max: v.policy.MaxPicks, Now: v.b.now(),
	}
	if v.b.catalog != nil {
		in.CatalogRevision = v.b.catalog.Revision()
	}
	list, err := v.eligible(ctx, reviewers.Rank(in), v.policy.MaxPicks)
	if err != nil {
		v.b.log.Warn("cannot check who may see the change; nobody is named", "change", v.id.String(), "error", err)
		w.note.PickNote = scrub.Lit("Reviewers: nobody named, because Gerrit did not say who may see this change.")
		return ctx.Err()
	}
	s := reviewers.Choose(in, list, v.load(ctx, list))
	if len(s.Picks) == 0 {
		return ctx.Err()
	}
	w.note.PickNote = scrub.Text{}
	w.picks, w.groups = s.Picks, groupsOf(owners.list)
	if w.record, err = json.Marshal(s.Record); err != nil {
		return fmt.Errorf("suggestion on %s: %w", v.id, err)
	}
	return ctx.Err()
}

const (
	// askAtOnce is how many candidates Gerrit is asked about: as many as it
	// takes in one call.
	askAtOnce = 10
	// maxAsks bounds how often it is asked when few may see a change.
	maxAsks = 3
)

// eligible returns candidates who may be named, want of them if there are so
// many. What Gerrit says of an account now counts, not what was remembered.
func (v *visit) eligible(ctx context.Context, list []reviewers.Candidate, want int) (out []reviewers.Candidate, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	known, err := v.host.People.Accounts(ctx, ids(list))
	if err != nil {
		return nil, err
	}
	now := v.b.now()
	var here []reviewers.Candidate
	for _, c := range list {
		a, ok := known[c.Account.ID]
		if ok && !a.Inactive && !a.Service && (v.b.staff == nil || !v.b.staff.Out(a, now)) {
			c.Account = a
			here = append(here, c)
		}
	}
	for range maxAsks {
		some := reviewers.Shortlist(here, askAtOnce)
		seen, err := v.host.People.CanSee(ctx, v.id, accounts(some))
		if err != nil {
			return nil, err
		}
		asked := ids(some)
		for _, c := range some {
			if slices.ContainsFunc(seen, func(a review.Account) bool { return a.ID == c.Account.ID }) {
				out = append(out, c)
			}
		}
		here = slices.DeleteFunc(here, func(c reviewers.Candidate) bool { return slices.Contains(asked, c.Account.ID) })
		owner := func(c reviewers.Candidate) bool { return c.Owner() }
		enough := len(out) >= want && (slices.ContainsFunc(out, owner) || !slices.ContainsFunc(here, owner))
		if enough || len(here) == 0 {
			break
		}
	}
	return out, nil
}

// load asks how much the candidates have to do already. What is not known
// counts for nobody.
func (v *visit) load(ctx context.Context, list []reviewers.Candidate) (f reviewers.Facts) {
	if len(list) == 0 {
		return f
	}
	var err error
	if f.Open, err = v.host.People.OpenReviews(ctx, ids(list)); err != nil {
		v.b.log.Warn("cannot count open reviews; they do not count", "change", v.id.String(), "error", err)
	}
	if f.Asked, err = v.b.asked(ctx, v.id); err != nil {
		v.b.log.Warn("cannot read earlier suggestions; they do not count", "change", v.id.String(), "error", err)
	}
	return f
}

func ids(list []reviewers.Candidate) []int64 {
	out := make([]int64, len(list))
	for i, c := range list {
		out[i] = c.Account.ID
	}
	return out
}

func accounts(list []reviewers.Candidate) []review.Account {
	out := make([]review.Account, len(list))
	for i, c := range list {
		out[i] = c.Account
	}
	return out
}

// groupsOf returns the group of each account's nearest claim.
func groupsOf(owners []review.Owner) map[int64]string {
	out := map[int64]string{}
	for _, o := range owners {
		if id := o.Person.Account.ID; id != 0 && out[id] == "" {
			out[id] = o.Group
		}
	}
	return out
}

// owned is who owns the change's files, and who is never to be suggested for
// them. It is told partly when something that knows of owners did not answer.
type owned struct {
	list   []review.Owner
	never  []review.Account // of some, the address is all that is known
	partly bool
}

// owners reads the catalog and the branch's own files of owners, and maps
// their people to active Gerrit accounts. It sets what is said if nobody can
// be named.
func (v *visit) owners(ctx context.Context, w *work) (out owned, err error) {
	w.note.PickNote = scrub.Lit("Reviewers: nobody could be found for these files.")
	if v.b.catalog == nil {
		w.note.PickNote = scrub.Text{}
	} else {
		list, note, err := v.b.catalog.Owners(ctx, v.id.Host, v.id.Project, v.change.Branch, paths(w.patch))
		v.doubtful("catalog", note, err)
		if err != nil || len(list) == 0 && note != "" {
			out.partly = true
			w.note.PickNote = scrub.Lit("Reviewers: ownership data is not available now.")
		}
		out.list = slices.Clone(list)
	}
	var never []review.Person
	if v.host.Owners != nil {
		list, avoid, note, err := v.host.Owners.Owners(ctx, v.id.Project, v.change.Branch, paths(w.patch))
		v.doubtful("owners files", note, err)
		out.partly = out.partly || err != nil
		never, out.list = avoid, append(out.list, list...)
		slices.SortStableFunc(out.list, func(a, b review.Owner) int { return cmp.Compare(a.Distance, b.Distance) })
	}
	out.list = firstPeople(out.list, maxOwners)
	people := make([]review.Person, len(out.list), len(out.list)+len(never))
	for i, o := range out.list {
		people[i] = o.Person
	}
	people = append(people, never...)
	for _, p := range never {
		out.never = append(out.never, review.Account{Email: p.Email})
	}
	resolved, err := v.host.People.Resolve(ctx, people)
	if err != nil {
		v.b.log.Warn("cannot map owners to accounts", "change", v.id.String(), "error", err)
		w.note.PickNote = scrub.Lit("Reviewers: the owners could not be mapped to Gerrit accounts now.")
		return owned{partly: true, never: out.never}, ctx.Err()
	}
	for i := range out.list {
		out.list[i].Person = resolved[i]
		if d := resolved[i].Doubt; d != "" {
			v.b.log.Warn("an owner is in doubt and is not named; see review-assistant doctor --catalog", "change", v.id.String(), "who", d)
		}
	}
	for _, p := range resolved[len(out.list):] {
		if p.Account.ID != 0 {
			out.never = append(out.never, p.Account)
		}
	}
	return out, ctx.Err()
}

// firstPeople keeps the claims of the first n people.
func firstPeople(list []review.Owner, n int) []review.Owner {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(o review.Owner) bool {
		who := personKey(o.Person)
		if len(seen) < n {
			seen[who] = true
		}
		return !seen[who]
	})
}

// personKey names a person of a catalog or an owners file.
func personKey(p review.Person) string { return cmp.Or(p.Entity, p.Username, p.Email) }

// doubtful logs what a source of owners could not tell.
func (v *visit) doubtful(source, note string, err error) {
	if err != nil || note != "" {
		v.b.log.Warn("owners are missing or stale", "change", v.id.String(), "source", source, "note", note, "error", err)
	}
}

// addReviewers adds the picks to the change where the project wants that, in
// calls of their own: one bad name must not cost the comment.
func (v *visit) addReviewers(ctx context.Context, w *work) error {
	if v.policy.Add == AddNever {
		return nil
	}
	for _, p := range w.picks {
		e := v.entry(audit.ActionAddReviewer, audit.ResultIntent, []string{fmt.Sprintf("account %d", p.Account.ID)})
		receipt, err := v.b.audit.Append(ctx, e)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		err = v.host.Gerrit.AddReviewer(ctx, v.id, p.Account, v.policy.Add == AddCC)
		done := v.entry(audit.ActionAddReviewer, result(err), nil)
		done.Ref = receipt.ID
		if err != nil {
			v.b.log.Warn("cannot add a reviewer", "change", v.id.String(), "account", p.Account.ID, "error", err)
		}
		if _, err := v.b.audit.Append(ctx, done); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	return nil
}

// rememberPicks stores for whom the reviewers were named. When that fails,
// they are named again on the next patch set.
func (v *visit) rememberPicks(ctx context.Context, w *work) {
	if len(w.picks) == 0 {
		return
	}
	if err := v.b.settings.SetSetting(ctx, picksKey(v.id), w.owners); err != nil {
		v.b.log.Warn("cannot store that reviewers were named", "change", v.id.String(), "error", err)
	}
}

func picksKey(id review.ChangeID) string { return "picks/" + id.String() }

// ownersMark names a set of owners.
func ownersMark(owners []review.Owner) string {
	var keys []string
	for _, o := range owners {
		keys = append(keys, o.Entity+" "+o.Group+" "+personKey(o.Person))
	}
	slices.Sort(keys)
	sum := sha256.Sum256(fmt.Append(nil, slices.Compact(keys)))
	return hex.EncodeToString(sum[:8])
}

func paths(p review.Patch) []string {
	out := make([]string, 0, len(p.Files))
	for _, f := range p.Files {
		out = append(out, f.Path)
	}
	return out
}
