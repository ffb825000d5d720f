// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"time"

	"review-assistant/review"
)

// maxAtOnce is how many questions for people one Gerrit is asked at once: it is
// the bot's Gerrit too, whose work goes on beside them.
const maxAtOnce = 8

// limited asks a Gerrit few questions at once. The others wait for their turn.
type limited struct {
	Gerrit
	turns chan struct{}
}

func newLimited(g Gerrit) limited { return limited{g, make(chan struct{}, maxAtOnce)} }

func (l limited) turn(ctx context.Context, ask func() error) error {
	select {
	case l.turns <- struct{}{}:
		defer func() { <-l.turns }()
		return ask()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Seen implements [Gerrit].
func (l limited) Seen(ctx context.Context, q review.SightQuery) (p review.SightPage, err error) {
	err = l.turn(ctx, func() error { p, err = l.Gerrit.Seen(ctx, q); return err })
	return p, err
}

// Sees implements [Gerrit].
func (l limited) Sees(ctx context.Context, account int64, ids []review.ChangeID, standing bool) (seen map[review.ChangeID]review.Seen, err error) {
	err = l.turn(ctx, func() error { seen, err = l.Gerrit.Sees(ctx, account, ids, standing); return err })
	return seen, err
}

// Owns implements [Gerrit].
func (l limited) Owns(ctx context.Context, project string, account int64) (is bool, err error) {
	err = l.turn(ctx, func() error { is, err = l.Gerrit.Owns(ctx, project, account); return err })
	return is, err
}

// Public implements [Gerrit].
func (l limited) Public(ctx context.Context, project string) (branch string, err error) {
	err = l.turn(ctx, func() error { branch, err = l.Gerrit.Public(ctx, project); return err })
	return branch, err
}

// outliving is for a question that others wait for too: who asked first may go
// away, but has no longer to wait than it has time.
func outliving(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	at, ends := ctx.Deadline()
	if !ends {
		return own, cancel
	}
	own, stop := context.WithDeadline(own, at)
	return own, func() { stop(); cancel() }
}
