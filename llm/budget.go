// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"time"

	"review-assistant/prompts"
	"review-assistant/review"
)

// Counter counts durably and for all replicas. A store implements it.
type Counter interface {
	// Counter adds delta to the number under key and returns the sum; the
	// number goes away ttl after its last change.
	Counter(ctx context.Context, key string, delta int64, ttl time.Duration) (int64, error)
}

// counterTTL keeps a day's number long enough to be looked at the next day.
const counterTTL = 48 * time.Hour

// Budget caps the tokens of a day (UTC), per project and for the server.
type Budget struct {
	Counter Counter
	// Server is the cap of all projects together; 0 means none.
	Server int64
	// Now is time.Now but in tests.
	Now func() time.Time
}

// Model returns m under the budget: perDay tokens for the project (named
// HOST/NAME), 0 for no cap of its own. What a request may cost is set aside
// before it and corrected after it, so that parallel requests cannot pass a
// cap together. A counter that does not answer means no request.
func (b *Budget) Model(m Model, project string, perDay int64) Model {
	return &budgeted{budget: b, model: m, project: project, perDay: perDay}
}

// Spent returns the tokens that the project used today, as far as known.
func (b *Budget) Spent(ctx context.Context, project string) (int64, error) {
	return b.Counter.Counter(ctx, b.key("project/"+project), 0, counterTTL)
}

func (b *Budget) key(scope string) string {
	return "tokens/" + b.now().UTC().Format(time.DateOnly) + "/" + scope
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
	project string
	perDay  int64
}

// account is one number that a request counts against.
type account struct {
	key, scope string
	limit      int64
}

// Name implements [Model].
func (m *budgeted) Name() string { return m.model.Name() }

// Complete implements [Model].
func (m *budgeted) Complete(ctx context.Context, p prompts.Prompt) (Reply, error) {
	asked := int64(EstimateTokens(p.System().String()) + EstimateTokens(p.User().String()) + EstimateTokens(string(p.Schema())))
	set, err := m.reserve(ctx, asked)
	if err != nil {
		return Reply{}, err
	}
	reply, err := m.model.Complete(ctx, p)
	used := int64(reply.Usage.Prompt) + int64(reply.Usage.Completion)
	if used == 0 && spentAnyway(err) {
		used = asked + int64(EstimateTokens(reply.Text))
	}
	m.correct(ctx, set, used-asked)
	return reply, err
}

// reserve adds n to every account, or to none when one is spent.
func (m *budgeted) reserve(ctx context.Context, n int64) ([]account, error) {
	b := m.budget
	accounts := []account{
		{b.key("project/" + m.project), "project " + m.project, m.perDay},
		{b.key("server"), "the server", b.Server},
	}
	for i, a := range accounts {
		sum, err := b.Counter.Counter(ctx, a.key, n, counterTTL)
		if err != nil {
			m.correct(ctx, accounts[:i], -n)
			return nil, &review.RetryError{Err: &Error{
				Code: CodeUnavailable, Model: m.Name(), Detail: "the token budget cannot be read; check the store",
			}}
		}
		if a.limit > 0 && sum > a.limit {
			m.correct(ctx, accounts[:i+1], -n)
			return nil, &BudgetError{Scope: a.scope, Limit: a.limit, Resets: b.now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)}
		}
	}
	return accounts, nil
}

// correct adds delta to the accounts. It outlives the request's context,
// because what was used was used. A failure leaves the reservation, which
// errs on the side of spending less.
func (m *budgeted) correct(ctx context.Context, accounts []account, delta int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, a := range accounts {
		if _, err := m.budget.Counter.Counter(ctx, a.key, delta, counterTTL); err != nil {
			return
		}
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
