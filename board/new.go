// SPDX-License-Identifier: Apache-2.0

package board

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"review-assistant/review"
)

// Deps is what a board is made of.
type Deps struct {
	Gerrits map[string]Gerrit // by the id of the host
	Store   Store
	Catalog Catalog // may be nil: then no entity is known
	Builds  Builds  // may be nil: then no builds are shown
	// Policy says how a project uses the bot. It is asked once a minute.
	Policy func(ctx context.Context, host, project string) (Policy, error)
	// Clean returns texts as the project's rules leave them, in their order. When
	// it fails, or returns another number, none of them is shown.
	Clean func(ctx context.Context, host, project string, texts []string) ([]string, error)
	// Says puts a reason into a sentence: those of outcomes, "" for what is not
	// decided yet, [ReasonShadow] and [ReasonTrial].
	Says func(reason string) string
	// Feed is what activity reads and streams follow, and calls Moved; nil for
	// neither.
	Feed *Feed
	Now  func() time.Time
	Log  *slog.Logger // may be nil
}

// Board answers what people ask. It is safe for concurrent use.
type Board struct {
	d      Deps
	sights *sights
	pages  *memo[pageKey, page]
	owns   *memo[ownKey, bool]
	public *memo[review.ChangeID, string]
	open   *memo[openKey, review.OpenCount]
	policy *memo[review.ChangeID, Policy]
	kept   *keptTexts
}

// New returns a board.
func New(d Deps) (*Board, error) {
	switch {
	case len(d.Gerrits) == 0:
		return nil, errors.New("board: no Gerrit")
	case d.Store == nil || d.Policy == nil || d.Clean == nil || d.Says == nil || d.Now == nil:
		return nil, errors.New("board: Store, Policy, Clean, Says and Now are needed")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	gerrits := map[string]Gerrit{}
	for host, g := range d.Gerrits {
		gerrits[host] = newLimited(g)
	}
	d.Gerrits = gerrits
	s := newSights(d.Now)
	whole := func(id review.ChangeID) scope { return scope{id: id} }
	b := &Board{
		d: d, sights: s,
		pages:  newMemo[pageKey, page](s, maxPages, pageKey.scope),
		owns:   newMemo[ownKey, bool](s, maxFacts, ownKey.scope),
		public: newMemo[review.ChangeID, string](s, maxFacts, whole),
		open:   newMemo[openKey, review.OpenCount](s, maxPages, openKey.scope),
		policy: newMemo[review.ChangeID, Policy](s, maxFacts, whole),
		kept:   newKeptTexts(d.Store, d.Now),
	}
	s.sweep, b.owns.age = b.pages.sweep, ownAge
	return b, nil
}

// Moved tells what is news. Of access: nothing that Gerrit said before of what
// it is about is shown any more, not even by a request that runs. Of rows: whoever
// asks from now on is told what Gerrit says now. Of builds nothing is kept here.
func (b *Board) Moved(n review.News) {
	switch n.Kind {
	case review.NewsAccess:
		b.kept.drop(n.Change)
		b.sights.drop(n.Change)
	case review.NewsOutcome:
		b.kept.drop(n.Change)
	case review.NewsRow:
		b.sights.stir(n.Change)
	case review.NewsBuild:
	}
}

// Fixed texts, so that nobody learns from an error what is there.
var (
	errNoChange  = errors.New("there is no such change, or it is not shown to you")
	errNoAccount = errors.New("you have no account on this Gerrit")
	errOver      = errors.New("the proof of who you are has ended")
	errNoProject = errors.New("say of which project")
	errMoves     = errors.New("who may see what changes faster than Gerrit answers")
)

// target is a part of a Gerrit, and as whom it is asked.
type target struct {
	host    string
	gerrit  Gerrit
	account int64
	source  review.Source // Project "" for the whole host
}

// admit refuses who has no account at all, and who was proven too long ago.
func (b *Board) admit(v review.Viewer) error {
	switch {
	case !v.Until.IsZero() && !b.d.Now().Before(v.Until):
		return &review.DeniedError{Err: errOver}
	case len(v.Accounts) == 0:
		return &review.DeniedError{Err: errNoAccount}
	}
	return nil
}

// on returns the target of a viewer on a host.
func (b *Board) on(v review.Viewer, host string) (target, error) {
	if err := b.admit(v); err != nil {
		return target{}, err
	}
	g, known := b.d.Gerrits[host]
	if !known {
		return target{}, &review.GoneError{Err: ErrNoHost}
	}
	a := v.Accounts[host]
	if a.ID <= 0 || a.Inactive {
		return target{}, &review.DeniedError{Err: errNoAccount}
	}
	return target{host: host, gerrit: g, account: a.ID}, nil
}

// resolve finds out which part of which Gerrit is meant.
func (b *Board) resolve(v review.Viewer, p Place) (target, error) {
	if err := b.admit(v); err != nil {
		return target{}, err
	}
	source := review.Source{Host: p.Host, Project: p.Project}
	if p.Entity != "" {
		var err error
		if source, err = b.sourceOf(p.Entity); err != nil {
			return target{}, err
		}
		if source.Host = cmp.Or(source.Host, p.Host); p.Host != "" && source.Host != p.Host {
			return target{}, &review.GoneError{Err: ErrNoEntity}
		}
	}
	if source.Host == "" {
		hosts := slices.Sorted(maps.Keys(b.d.Gerrits))
		if len(hosts) > 1 {
			return target{}, &review.RejectedError{Err: fmt.Errorf("say on which Gerrit: host is %s", strings.Join(hosts, " or "))}
		}
		source.Host = hosts[0]
	}
	t, err := b.on(v, source.Host)
	t.source = source
	return t, err
}

// sourceOf is where the code of an entity is. It may leave out the host.
func (b *Board) sourceOf(entity string) (review.Source, error) {
	if b.d.Catalog != nil {
		if s, known := b.d.Catalog.Source(entity); known && s.Project != "" {
			return s, nil
		}
	}
	return review.Source{}, &review.GoneError{Err: ErrNoEntity}
}

// askable reports whether a Gerrit can have a project of this name. One of
// another name is one that shows nothing.
func askable(project string) bool {
	return len(project) <= 1000 && utf8.ValidString(project) && !strings.HasPrefix(project, "^") &&
		!strings.ContainsFunc(project, func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' })
}

// policyOf returns how a project uses the bot.
func (b *Board) policyOf(ctx context.Context, host, project string) (Policy, error) {
	p, _, err := b.policy.get(ctx, review.ChangeID{Host: host, Project: project}, func(ctx context.Context, _ stamp) (Policy, error) {
		p, err := b.d.Policy(ctx, host, project)
		if err != nil {
			return p, unanswered("read how a project uses the bot", err)
		}
		if p.Mode != modeOn && p.Mode != modeShadow {
			p.Mode = modeOff
		}
		return p, nil
	})
	return p, err
}

// modeOf is what [List.Mode] says; shown says that the viewer is shown something
// of the project. Whoever is not may know of it too, when there is nothing in the
// list.
func (b *Board) modeOf(ctx context.Context, t target, shown bool) (string, []proof, error) {
	if t.source.Project == "" {
		return "", nil, nil
	}
	var proofs []proof
	if !shown {
		var err error
		if shown, proofs, err = b.mayKnow(ctx, t); err != nil || !shown {
			return "", proofs, err
		}
	}
	p, err := b.policyOf(ctx, t.host, t.source.Project)
	return p.Mode, proofs, err
}

// mayKnow reports whether the viewer may know that there is the project: every
// account reads its default branch, or the viewer sees a change of it.
func (b *Board) mayKnow(ctx context.Context, t target) (bool, []proof, error) {
	if !askable(t.source.Project) {
		return false, nil, nil
	}
	public, proofs, err := b.everybodys(ctx, t)
	if err != nil || public != "" {
		return public != "", proofs, err
	}
	return b.seesAny(ctx, t)
}

// seesAny reports whether the viewer sees any change of the project.
func (b *Board) seesAny(ctx context.Context, t target) (bool, []proof, error) {
	page, proofs, err := b.page(ctx, t, review.SightQuery{Project: t.source.Project, Limit: 1})
	return len(page.rows) > 0, proofs, err
}

// Modes of a policy.
const (
	modeOff    = "off"
	modeShadow = "shadow"
	modeOn     = "on"
)

// ownKey asks whether an account owns a project.
type ownKey struct {
	host, project string
	account       int64
}

func (k ownKey) scope() scope { return scope{id: review.ChangeID{Host: k.host, Project: k.project}} }

// owner reports whether the one who asks owns a project.
func (b *Board) owner(ctx context.Context, t target, project string) (bool, []proof, error) {
	k := ownKey{t.host, project, t.account}
	is, asked, err := b.owns.get(ctx, k, func(ctx context.Context, _ stamp) (bool, error) {
		is, err := t.gerrit.Owns(ctx, project, t.account)
		if err != nil {
			return false, unanswered("ask Gerrit who owns a project", err)
		}
		return is, nil
	})
	return is, []proof{{k.scope(), asked}}, err
}

// everybodys returns the project's default branch if every account may read it,
// else "".
func (b *Board) everybodys(ctx context.Context, t target) (string, []proof, error) {
	k := review.ChangeID{Host: t.host, Project: t.source.Project}
	branch, asked, err := b.public.get(ctx, k, func(ctx context.Context, _ stamp) (string, error) {
		branch, err := t.gerrit.Public(ctx, k.Project)
		if err != nil {
			return "", unanswered("ask Gerrit who may read a project", err)
		}
		return branch, nil
	})
	return branch, []proof{{scope{id: k}, asked}}, err
}

// unanswered is an error of somebody whose answer is needed. Its class is cut
// off: what the service account may not do says nothing about the viewer.
func unanswered(what string, err error) error {
	return &review.RetryError{After: review.RetryAfter(err), Err: errors.New(what + ": " + err.Error())}
}

// settled reads until all that Gerrit said still stands at the end: it may have
// moved while the store was read.
func settled[T any](b *Board, read func() (T, []proof, error)) (T, error) {
	var none T
	for range maxTries {
		out, proofs, err := read()
		if err != nil {
			return none, err
		}
		if b.sights.stand(proofs) {
			return out, nil
		}
	}
	return none, &review.RetryError{After: time.Second, Err: errMoves}
}
