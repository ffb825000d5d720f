// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxRates is of how many people the rate is known at once.
const maxRates = 10_000

// rates are a rate of requests for each person.
type rates struct {
	per   rate.Limit
	burst int

	mu sync.Mutex
	by map[string]*rate.Limiter
	// rest is for people beyond maxRates, together.
	rest *rate.Limiter
}

func newRates(perSecond float64, burst int) *rates {
	return &rates{per: rate.Limit(perSecond), burst: burst, by: map[string]*rate.Limiter{}, rest: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

func (r *rates) allow(who string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.by[who]
	if l == nil && len(r.by) >= maxRates {
		for k, idle := range r.by {
			if idle.TokensAt(now) >= float64(r.burst) {
				delete(r.by, k)
			}
		}
	}
	switch {
	case l != nil:
	case len(r.by) >= maxRates:
		l = r.rest
	default:
		l = rate.NewLimiter(r.per, r.burst)
		r.by[who] = l
	}
	return l.AllowN(now, 1)
}

// maxDenials is how many different denials are told of in a minute.
const maxDenials = 1000

// denials lets one denial of a kind through in a minute, so that a storm of
// them fills no log.
type denials struct {
	mu    sync.Mutex
	since time.Time
	seen  map[string]bool
}

func (d *denials) first(kind string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen == nil || now.Sub(d.since) >= time.Minute {
		d.since, d.seen = now, map[string]bool{}
	}
	if d.seen[kind] || len(d.seen) >= maxDenials {
		return false
	}
	d.seen[kind] = true
	return true
}
