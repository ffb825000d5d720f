// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"review-assistant/review"
)

// Rows are durable rows, each key once: a log of the store.
type Rows interface {
	// Append adds rows whose keys a log does not hold.
	Append(ctx context.Context, log string, rows []review.Row) (added int, err error)
	Rows(ctx context.Context, log string, after int64, limit int) ([]review.Row, error)
	RowOf(ctx context.Context, log, key string) (row review.Row, ok bool, err error)
	Remove(ctx context.Context, log string, keys []string) (removed int, err error)
}

// bindingsLog is the log of the store that holds all bindings.
const bindingsLog = "identity"

// Binding is what a person was found to be on a Gerrit at first. It stands
// until an operator forgets it: a user name that is given to somebody else at
// the provider does not bring the account along.
type Binding struct {
	Host     string    `json:"host"`
	Issuer   string    `json:"issuer"`
	Subject  string    `json:"subject"`
	Person   string    `json:"person"` // SHA-256 of issuer and subject, in hex
	Account  int64     `json:"account"`
	Username string    `json:"username,omitempty"` // of the account, then
	Claim    string    `json:"claim,omitempty"`    // user name that the provider told, then
	Sources  []string  `json:"sources,omitempty"`
	At       time.Time `json:"at"`
}

// Two rows make a binding. One is found by the person, the other by the
// account, for each issuer: a person of another provider may be the same human.
const (
	personRows  = "person/"
	accountRows = "account/"
)

func (b Binding) personKey() string { return personRows + b.Host + "/" + b.Person }

func (b Binding) accountKey() string {
	return accountRows + b.Host + "/" + strconv.FormatInt(b.Account, 10) + "/" + personHash(b.Issuer, "")
}

// bind compares an account with what stands about it and the person, and makes
// the binding where nothing stands, if it may. The account's row comes first: of
// two who want one account at the same time only one gets it.
func (w *walk) bind(ctx context.Context, host string, a review.Account, leads []lead, may bool) (*RefusedError, error) {
	place := "binding on " + host
	b := Binding{
		Host: host, Issuer: w.proof.Issuer, Subject: w.proof.Subject, Person: personHash(w.proof.Issuer, w.proof.Subject),
		Account: a.ID, Username: a.Username, Claim: w.proof.Username, At: w.r.o.Now().UTC().Truncate(time.Second),
	}
	for _, l := range leads {
		b.Sources = append(b.Sources, l.from)
	}
	stands, err := w.r.standing(ctx, b)
	if err != nil {
		return nil, err
	}
	switch {
	case stands.refuses(b):
	case stands.whole():
		w.say(Fine, place, "", "account %d since %s", a.ID, stands.person.At.Format(time.DateOnly))
		return nil, nil
	case !w.keep || !may:
		w.say(Fine, place, "", "none yet: the first request binds account %d", a.ID)
		return nil, nil
	default:
		if stands, err = w.r.add(ctx, b); err != nil {
			return nil, err
		}
	}
	switch p, other := stands.person, stands.account; {
	case p != nil && p.Account != b.Account:
		return w.refuse(Rebound, place, "if the new account is right, let the old one go: review-assistant identity forget ISSUER SUBJECT",
			"the person is bound to account %d since %s, and everything leads to account %d now", p.Account, p.At.Format(time.DateOnly), b.Account), nil
	case other != nil && other.Person != b.Person:
		return w.refuse(Rebound, place, fmt.Sprintf("if the account is this person's now, let the old one go: review-assistant identity forget --account %s/%d", host, b.Account),
			"account %d is bound to another person of this provider since %s", b.Account, other.At.Format(time.DateOnly)), nil
	case !stands.whole():
		return nil, fmt.Errorf("bind an account on %s: it was forgotten at the same time", host)
	}
	w.say(Fine, place, "", "account %d from now on", a.ID)
	return nil, w.r.bound(ctx, *stands.person)
}

// bound tells of a binding that was made.
func (r *Resolver) bound(ctx context.Context, b Binding) error {
	if r.o.Bound == nil {
		return nil
	}
	var others []string
	err := eachBinding(ctx, r.o.Bindings, func(_ string, o Binding) {
		if o.Host == b.Host && o.Account == b.Account && o.Issuer != b.Issuer && !slices.Contains(others, o.Issuer) {
			others = append(others, o.Issuer)
		}
	})
	r.o.Bound(ctx, b, others)
	return err
}

// standing is what the store says of a person and of an account, nil for nothing.
type standing struct{ person, account *Binding }

func (s standing) whole() bool { return s.person != nil && s.account != nil }

func (s standing) refuses(b Binding) bool {
	return s.person != nil && s.person.Account != b.Account || s.account != nil && s.account.Person != b.Person
}

func (r *Resolver) standing(ctx context.Context, b Binding) (s standing, err error) {
	if s.account, err = readBinding(ctx, r.o.Bindings, b.accountKey()); err == nil {
		s.person, err = readBinding(ctx, r.o.Bindings, b.personKey())
	}
	return s, err
}

// add makes a binding and returns what stands then. Of a binding that came too
// late nothing stays.
func (r *Resolver) add(ctx context.Context, b Binding) (standing, error) {
	row := review.Row{Key: b.accountKey(), At: b.At}
	var err error
	if row.Data, err = json.Marshal(b); err != nil {
		return standing{}, fmt.Errorf("bind an account: %w", err)
	}
	added, err := r.o.Bindings.Append(ctx, bindingsLog, []review.Row{row})
	if err != nil {
		return standing{}, fmt.Errorf("bind an account: %w", err)
	}
	s, err := r.standing(ctx, b)
	if err != nil || s.refuses(b) {
		if added > 0 && err == nil {
			_, err = r.o.Bindings.Remove(ctx, bindingsLog, []string{row.Key})
		}
		return s, err
	}
	if _, err := r.o.Bindings.Append(ctx, bindingsLog, []review.Row{{Key: b.personKey(), At: row.At, Data: row.Data}}); err != nil {
		return standing{}, fmt.Errorf("bind an account: %w", err)
	}
	s, err = r.standing(ctx, b)
	if err == nil && added > 0 && s.person != nil && s.person.Account != b.Account {
		// The person was bound to another account in this moment.
		_, err = r.o.Bindings.Remove(ctx, bindingsLog, []string{row.Key})
	}
	return s, err
}

func readBinding(ctx context.Context, rows Rows, key string) (*Binding, error) {
	row, ok, err := rows.RowOf(ctx, bindingsLog, key)
	if err != nil || !ok {
		return nil, err
	}
	b, err := parseBinding(row)
	return &b, err
}

func parseBinding(row review.Row) (b Binding, err error) {
	if err = json.Unmarshal(row.Data, &b); err != nil {
		err = fmt.Errorf("read the binding %s: %w", row.Key, err)
	}
	return b, err
}

// rowsAtOnce is how many rows are read in one step.
const rowsAtOnce = 1000

// eachBinding calls fn for every row.
func eachBinding(ctx context.Context, rows Rows, fn func(key string, b Binding)) error {
	for after := int64(0); ; {
		list, err := rows.Rows(ctx, bindingsLog, after, rowsAtOnce)
		if err != nil {
			return err
		}
		for _, row := range list {
			b, err := parseBinding(row)
			if err != nil {
				return err
			}
			after = row.Seq
			fn(row.Key, b)
		}
		if len(list) < rowsAtOnce {
			return nil
		}
	}
}

// Bindings returns all bindings, the oldest first.
func Bindings(ctx context.Context, rows Rows) ([]Binding, error) {
	out, _, err := bindings(ctx, rows, func(Binding) bool { return true })
	return out, err
}

// Forget lets bindings go and returns them: who comes next with the account is
// bound to it. Running servers follow within a minute.
func Forget(ctx context.Context, rows Rows, which func(Binding) bool) ([]Binding, error) {
	out, keys, err := bindings(ctx, rows, which)
	if err == nil {
		_, err = rows.Remove(ctx, bindingsLog, keys)
	}
	return out, err
}

// bindings returns some bindings, each once, and the keys of their rows.
func bindings(ctx context.Context, rows Rows, which func(Binding) bool) (out []Binding, keys []string, err error) {
	seen := map[string]bool{}
	err = eachBinding(ctx, rows, func(key string, b Binding) {
		if !which(b) {
			return
		}
		keys = append(keys, key)
		if both := b.personKey() + " " + b.accountKey(); !seen[both] {
			seen[both] = true
			out = append(out, b)
		}
	})
	slices.SortStableFunc(out, func(a, b Binding) int { return a.At.Compare(b.At) })
	return out, keys, err
}
