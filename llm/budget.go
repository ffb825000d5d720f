// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"fmt"
	"math"
	"time"

	"review-assistant/prompts"
	"review-assistant/review"
)

// Counter counts durably and for all replicas. A store implements it.
type Counter interface {
	// Count adds to numbers in one step, all or none, and returns the sums.
	Count(ctx context.Context, counts ...review.Count) ([]int64, error)
}

// Budget caps what models may use in a day and in a month (UTC), for the
// server, for each project and for each change.
type Budget struct {
	Counter Counter
	// Server holds the caps of all projects together.
	Server Caps
	// Alarm is called once for each cap and period, by one replica of all,
	// when 80 % are used; nil means nobody is told.
	Alarm func(Alarm)
	// Calibration corrects estimates of tokens; nil takes them as they are.
	Calibration *Calibration
	// Now is time.Now but in tests.
	Now func() time.Time

	gauge gauge
}

// Payer says on whose account requests go.
type Payer struct {
	Project string // HOST/NAME
	Caps    Caps   // of the project
	Change  string // HOST/NAME~NUMBER
	// TokensPerChange caps a change in a day; 0 means none.
	TokensPerChange int64
}

// Model returns m, which profile describes, under the budget. The most that a
// request may cost is set aside before it and corrected after it, so that
// parallel requests cannot pass a cap together. A counter that does not answer
// means no request. With unknown prices only tokens are counted.
func (b *Budget) Model(m Model, profile Profile, payer Payer) Model {
	return &budgeted{budget: b, model: m, profile: profile, payer: payer}
}

// Spent returns the tokens that the project used today, as far as known.
func (b *Budget) Spent(ctx context.Context, project string) (int64, error) {
	a := newAccount(b.now(), ScopeProject, project, Day, Tokens, 0)
	return b.count(ctx, review.Count{Key: a.key, TTL: a.ttl()})
}

func (b *Budget) count(ctx context.Context, c review.Count) (int64, error) {
	sums, err := b.Counter.Count(ctx, c)
	if err != nil {
		return 0, err
	}
	return sums[0], nil
}

func (b *Budget) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

type budgeted struct {
	budget  *Budget
	model   Model
	profile Profile
	payer   Payer
}

// Name implements [Model].
func (m *budgeted) Name() string { return m.model.Name() }

// Complete implements [Model].
func (m *budgeted) Complete(ctx context.Context, p prompts.Prompt) (Reply, error) {
	c := m.budget.Calibration
	estimate := EstimateTokens(p.System().String()) + EstimateTokens(p.User().String()) + EstimateTokens(string(p.Schema()))
	most := Usage{
		Prompt:     int(math.Ceil(float64(estimate) * c.Scale(m.Name()))),
		Completion: m.profile.maxOutput(),
	}
	aside, err := m.reserve(ctx, most)
	if err != nil {
		return Reply{}, err
	}
	reply, err := m.model.Complete(ctx, p)
	used := reply.Usage
	if used == (Usage{}) && spentAnyway(err) {
		used = Usage{Prompt: most.Prompt, Completion: EstimateTokens(reply.Text)}
	}
	c.Observe(m.Name(), estimate, reply.Usage.Prompt)
	m.correct(ctx, aside, most, used)
	return reply, err
}

// accounts are what a request counts on, the narrowest first. They are kept
// also without a cap, so that one that is set later knows what was used.
func (m *budgeted) accounts() []account {
	var list []account
	now, p := m.budget.now(), m.payer
	if p.TokensPerChange > 0 {
		list = append(list, newAccount(now, ScopeChange, p.Change, Day, Tokens, p.TokensPerChange))
	}
	add := func(s Scope, name string, c Caps) {
		list = append(list, newAccount(now, s, name, Day, Tokens, c.TokensPerDay), newAccount(now, s, name, Month, Tokens, c.TokensPerMonth))
		if m.profile.Priced() {
			list = append(list, newAccount(now, s, name, Day, Money, c.MoneyPerDay), newAccount(now, s, name, Month, Money, c.MoneyPerMonth))
		}
	}
	add(ScopeProject, p.Project, p.Caps)
	add(ScopeServer, "", m.budget.Server)
	return list
}

// amount returns u in the unit of an account.
func (m *budgeted) amount(unit Unit, u Usage) int64 {
	if unit == Money {
		return m.profile.Cost(u)
	}
	return int64(u.Prompt) + int64(u.Completion)
}

// reserve sets u aside on every account, or on none when one is spent.
func (m *budgeted) reserve(ctx context.Context, u Usage) ([]account, error) {
	list := m.accounts()
	sums, err := m.budget.Counter.Count(ctx, m.counts(list, Usage{}, u)...)
	if err != nil {
		// Not an [Error]: another model's budget is in the same store.
		return nil, &review.RetryError{Err: fmt.Errorf("model %s: the budget cannot be read; check the store", m.Name())}
	}
	for i, a := range list {
		if a.Limit > 0 && sums[i] > a.Limit {
			m.correct(ctx, list, u, Usage{})
			return nil, &BudgetError{a.Cap}
		}
	}
	return list, nil
}

// counts replaces one use by another on every account.
func (m *budgeted) counts(list []account, before, now Usage) []review.Count {
	out := make([]review.Count, len(list))
	for i, a := range list {
		out[i] = review.Count{Key: a.key, Delta: m.amount(a.Unit, now) - m.amount(a.Unit, before), TTL: a.ttl()}
	}
	return out
}

// correct replaces what was set aside by what was used, on the same accounts
// even if their period has ended. It outlives the request's context, because
// what was used was used. A failure leaves the reservation, which errs on the
// side of spending less.
func (m *budgeted) correct(ctx context.Context, list []account, aside, used Usage) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	sums, err := m.budget.Counter.Count(ctx, m.counts(list, aside, used)...)
	if err != nil || used == (Usage{}) {
		return
	}
	for i, a := range list {
		m.budget.note(ctx, a, sums[i])
	}
}

// spentAnyway reports whether a request without reported usage has cost
// tokens: one that never reached a model has not.
func spentAnyway(err error) bool {
	switch Reason(err) {
	case "", CodeTimeout, CodeMalformed, CodeRefused:
		return true
	}
	return false
}
