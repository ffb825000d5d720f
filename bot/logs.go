// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"

	"review-assistant/review"
)

// historyLog is the name of a host's log of past reviews.
func historyLog(host string) string { return "history/" + host }

// FeedbackLog is the name of a host's log of suggestions.
func FeedbackLog(host string) string { return "feedback/" + host }

// RecordsLog is the name of a host's log of how suggestions came about: a
// [reviewers.Record] under the key of each suggestion.
func RecordsLog(host string) string { return "records/" + host }

// rowsPerRead bounds one read of a log.
const rowsPerRead = 1000

// eachRow calls f with the rows of a log after a mark.
func eachRow(ctx context.Context, logs Logs, log string, after int64, f func(review.Row)) error {
	for {
		rows, err := logs.Rows(ctx, log, after, rowsPerRead)
		if err != nil {
			return fmt.Errorf("read log %s: %w", log, err)
		}
		for _, r := range rows {
			f(r)
			after = r.Seq
		}
		if len(rows) < rowsPerRead {
			return nil
		}
	}
}
