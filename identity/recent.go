// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"review-assistant/review"
)

// digest names everything that decides who a proven person is. Two tokens of a
// person with different groups are two questions; which service asks, and until
// when, changes no answer.
func (p Proof) digest() string {
	h := sha256.New()
	for _, s := range append([]string{p.Provider, p.Issuer, p.Subject, p.Username, p.Email, p.Entity}, p.Groups...) {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return string(h.Sum(nil))
}

// personHash names a person by issuer and subject, which may be long.
func personHash(issuer, subject string) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(issuer), issuer, subject))
	return hex.EncodeToString(h[:])
}

// recent keeps answers for as long as they may be given again, never more than
// max of them. Of those who ask the same at the same time one asks for all.
type recent struct {
	max int

	mu sync.Mutex
	m  map[string]*answer
}

// answer is closed when it is there. Until is zero before that.
type answer struct {
	done   chan struct{}
	viewer review.Viewer
	err    error
	until  time.Time
}

func newRecent(max int) *recent { return &recent{max: max, m: map[string]*answer{}} }

// of returns the answer under a key, from ask when there is no fresh one. Only
// viewers and refusals are kept. Their age counts from before the question.
func (c *recent) of(ctx context.Context, key string, now func() time.Time, ask func(context.Context) (review.Viewer, error)) (review.Viewer, error) {
	start := now()
	c.mu.Lock()
	a, known := c.m[key]
	if known && (a.until.IsZero() || start.Before(a.until)) {
		c.mu.Unlock()
		select {
		case <-a.done:
			return a.viewer, a.err
		case <-ctx.Done():
			return review.Viewer{}, ctx.Err()
		}
	}
	thin(c.m, c.max, func(a *answer) bool { return !a.until.IsZero() && !start.Before(a.until) })
	a = &answer{done: make(chan struct{}), err: errors.New("the question was not answered")}
	c.m[key] = a
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case a.err == nil:
			a.until = start.Add(freshAge)
		case ReasonOf(a.err) != "":
			a.until = start.Add(refusedAge)
		case c.m[key] == a:
			delete(c.m, key)
		}
		close(a.done)
	}()
	// Others wait for the answer: it does not end when the first who asked goes
	// away, but has no longer than that one has time.
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime)
	defer cancel()
	if at, ends := ctx.Deadline(); ends {
		bounded, cancel = context.WithDeadline(bounded, at)
		defer cancel()
	}
	a.viewer, a.err = ask(bounded)
	return a.viewer, a.err
}

// thin makes room in a map that has max entries: it lets go of what is old, and
// of half of the rest when that is not enough.
func thin[K comparable, V any](m map[K]V, max int, old func(V) bool) {
	if len(m) < max {
		return
	}
	for key, v := range m {
		if old(v) || len(m) > max/2 {
			delete(m, key)
		}
	}
}

// rarely lets the same pass once in tellEvery. It remembers at most max.
type rarely struct {
	max int

	mu   sync.Mutex
	last map[string]time.Time
}

func newRarely(max int) *rarely { return &rarely{max: max, last: map[string]time.Time{}} }

func (r *rarely) may(what string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, known := r.last[what]; known && now.Sub(last) < tellEvery {
		return false
	}
	thin(r.last, r.max, func(last time.Time) bool { return now.Sub(last) >= tellEvery })
	r.last[what] = now
	return true
}
