// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

const (
	// joinEach is how often it is looked whether other accounts are one person
	// now, and joinAge how long accounts stand that were looked up: somebody
	// may get another address.
	joinEach = 5 * time.Minute
	joinAge  = 24 * time.Hour
	// maxJoined is how many names of people are looked up, 20 in a call.
	maxJoined = 2000
)

// pastsOf is the history of one host. Who holds turn reads or replaces it.
type pastsOf struct {
	turn chan struct{}
	past *reviewers.History
	// names are the accounts of one person as they were told, groups what they
	// meant at that time.
	names  [][]string
	groups [][]int64
	joined time.Time // zero before the first try
}

func newPasts() *pastsOf {
	return &pastsOf{turn: make(chan struct{}, 1), past: reviewers.NewHistory()}
}

// take waits for the turn; the caller gives it back.
func (p *pastsOf) take(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pastsOf) give() { <-p.turn }

// remember reads the histories at the start, so that no comment waits for
// them. It keeps them in step with what the operator knows of people, and lets
// go of suggestions that are too old.
func (b *Bot) remember(ctx context.Context) {
	tick := time.NewTicker(joinEach)
	defer tick.Stop()
	for {
		b.failing.forget(b.now())
		for host := range b.hosts {
			b.forget(host)
			err := b.rejoin(ctx, host)
			if err == nil {
				_, err = b.history(ctx, host)
			}
			if err != nil && ctx.Err() == nil {
				b.log.Warn("the history is read with the next change", "host", host, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// history returns what is known of a host's past reviews, brought up to date
// with what any replica has added.
func (b *Bot) history(ctx context.Context, host string) (*reviewers.History, error) {
	p := b.pasts[host]
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.give()
	if p.joined.IsZero() && b.staff != nil {
		// Nobody is to be named for a change of their own other account.
		names := b.staff.Same()
		if groups, err := b.accountsOf(ctx, host, names); err == nil {
			p.past.SetSame(host, groups)
			p.names, p.groups = names, groups
		} else {
			b.log.Warn("cannot look up which accounts are one person; it is tried again", "host", host, "error", err)
		}
		p.joined = b.now()
	}
	return p.past, b.load(ctx, host, p.past)
}

// load learns what the log has and the history does not.
func (b *Bot) load(ctx context.Context, host string, h *reviewers.History) error {
	broken := 0
	err := eachRow(ctx, b.logs, historyLog(host), h.Mark(host), func(r review.Row) {
		broken += h.Load(host, []review.Row{r})
	})
	if broken > 0 {
		b.log.Warn("rows of the history cannot be read and do not count", "host", host, "rows", broken)
	}
	return err
}

// rejoin looks up again which accounts are one person. If that moved, another
// history is read aside and takes the place of the old one, so that nobody
// waits for Gerrit or meets half of it.
func (b *Bot) rejoin(ctx context.Context, host string) error {
	if b.staff == nil {
		return nil
	}
	p := b.pasts[host]
	if err := p.take(ctx); err != nil {
		return err
	}
	last, names, groups, past := p.joined, p.names, p.groups, p.past
	p.give()
	now := b.staff.Same()
	if last.IsZero() || reflect.DeepEqual(now, names) && b.now().Sub(last) < joinAge {
		return nil
	}
	found, err := b.accountsOf(ctx, host, now)
	if err != nil {
		return fmt.Errorf("look up which accounts are one person: %w", err)
	}
	if !reflect.DeepEqual(found, groups) {
		past = reviewers.NewHistory()
		past.SetSame(host, found)
		if err := b.load(ctx, host, past); err != nil {
			return err
		}
	}
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.give()
	p.past, p.names, p.groups, p.joined = past, now, found, b.now()
	return nil
}

// accountsOf returns the ids behind sets of names. A name that no account has
// now is left out.
func (b *Bot) accountsOf(ctx context.Context, host string, names [][]string) ([][]int64, error) {
	var people []review.Person
	for i, set := range names {
		if len(people)+len(set) > maxJoined {
			b.log.Warn("too many accounts of one person; the rest counts apart", "host", host, "names", maxJoined)
			names = names[:i]
			break
		}
		for _, n := range set {
			people = append(people, personOf(n))
		}
	}
	if len(people) == 0 {
		return nil, nil
	}
	found, err := b.hosts[host].People.Resolve(ctx, people)
	if err != nil {
		return nil, err
	}
	groups := make([][]int64, len(names))
	next := 0
	for i, set := range names {
		for _, n := range set {
			groups[i] = append(groups[i], idsOf(n, found[next])...)
			next++
		}
	}
	return groups, nil
}

func personOf(name string) review.Person {
	if strings.Contains(name, "@") {
		return review.Person{Email: name}
	}
	if _, err := strconv.ParseInt(name, 10, 64); err == nil {
		return review.Person{} // a number needs no look
	}
	return review.Person{Username: name}
}

// idsOf returns what a name may be called in the history: an account, or an
// address that a repository knew.
func idsOf(name string, p review.Person) (ids []int64) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil && id > 0 {
		return []int64{id}
	}
	for _, id := range []int64{p.Account.ID, p.Gone} {
		if id > 0 {
			ids = append(ids, id)
		}
	}
	if strings.Contains(name, "@") {
		ids = append(ids, reviewers.MailID(name))
	}
	return ids
}
