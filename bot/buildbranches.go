// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"

	"review-assistant/review"
)

// LastRuns tells the newest run of each job on those branches of a project that
// shows lets through, by branch; nothing of a project that is off or wants nothing
// about builds. Whoever calls it knows that the branches may be shown.
func (b *Bot) LastRuns(ctx context.Context, host, project string, shows func(branch string) bool) (map[string][]review.Build, error) {
	h, _, err := b.toldBuilds(ctx, host, project)
	switch {
	case review.IsGone(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return h.LastRuns(shows), nil
}
