// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// HistoryLog is the name of a host's log of reviewed changes.
func HistoryLog(host string) string { return "history/" + host }

// pasts returns the history with all that is stored of a host.
func (b *Bot) pasts(ctx context.Context, host string) (*reviewers.History, error) {
	err := eachRow(ctx, b.logs, HistoryLog(host), b.history.Mark(host), func(r review.Row) { b.history.Load(host, []review.Row{r}) })
	return b.history, err
}
