// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"maps"
	"sync"
	"time"

	"review-assistant/review"
)

// alarmAt is the used part of a cap at which its operator is told: there is
// still time to raise it.
const alarmAt = 0.8

// Alarm says that a cap is nearly spent.
type Alarm struct {
	Cap  Cap
	Used int64 // in the cap's unit, with what requests under way have set aside
}

// gauge remembers how far caps are used, and of which the alarm was given.
type gauge struct {
	mu    sync.Mutex
	used  map[string]level     // the fullest cap of each kind
	given map[string]time.Time // by account, until its period ends
}

type level struct {
	part   float64
	resets time.Time
}

// Ratios returns, for each scope, how much of its fullest cap is used in the
// running period, as this replica has seen it: 1 is all. Projects and changes
// have one number for all of them.
func (b *Budget) Ratios() map[string]float64 {
	b.gauge.mu.Lock()
	defer b.gauge.mu.Unlock()
	out := map[string]float64{}
	maps.DeleteFunc(b.gauge.used, func(_ string, l level) bool { return !b.now().Before(l.resets) })
	for kind, l := range b.gauge.used {
		out[kind] = l.part
	}
	return out
}

// note keeps how full an account is, and gives the alarm when it is the first
// of all replicas to see it nearly spent.
func (b *Budget) note(ctx context.Context, a account, sum int64) {
	if a.Limit <= 0 {
		return
	}
	part := float64(sum) / float64(a.Limit)
	if !b.gauge.rise(a, part, b.now()) || part < alarmAt || b.Alarm == nil {
		return
	}
	// The store tells who was first; one that does not answer tells nobody now
	// and is asked again at the next request.
	n, err := b.count(ctx, review.Count{Key: "alarm/" + a.key, Delta: 1, TTL: a.ttl()})
	if err != nil {
		return
	}
	b.gauge.give(a)
	if n == 1 {
		b.Alarm(Alarm{a.Cap, sum})
	}
}

// rise records a level and reports whether the account's alarm may be due.
func (g *gauge) rise(a account, part float64, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.used == nil {
		g.used, g.given = map[string]level{}, map[string]time.Time{}
	}
	if !now.Before(a.Resets) {
		return false // a request that began in the period before
	}
	kind := string(a.Scope) + "-" + string(a.Unit) + "-" + string(a.Period)
	if l := g.used[kind]; part > l.part || !now.Before(l.resets) {
		g.used[kind] = level{part, a.Resets}
	}
	_, given := g.given[a.key]
	return !given
}

func (g *gauge) give(a account) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.DeleteFunc(g.given, func(_ string, until time.Time) bool { return until.Before(a.Resets.AddDate(0, -2, 0)) })
	g.given[a.key] = a.Resets
}
