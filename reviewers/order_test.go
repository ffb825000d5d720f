// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// Histories are read from the newest change backwards, a page at a time. What
// is told must not depend on that.
func TestOrderOfReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "changes")
		var rows []review.Row
		for i := range n {
			p := past(rapid.Int64Range(1, 3).Draw(t, "author"), 3*(n-i), fmt.Sprintf("pay: step %d", i%4), []string{rapid.SampledFrom([]string{"pay/a.go", "pay/b.go", "docs/c.md"}).Draw(t, "file")}, rapid.Int64Range(10, 14).Draw(t, "by"))
			p.Closed = p.Created
			row, err := reviewers.NewRow(p)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		page := rapid.IntRange(1, 20).Draw(t, "page")
		told := func(rows []review.Row) []string {
			for i := range rows {
				rows[i].Seq = int64(i + 1)
			}
			h := reviewers.NewHistory()
			h.Load("", rows)
			in := reviewers.Input{Project: "p", Author: account(1), Files: []string{"pay/a.go"}, Subject: "pay: step 9", History: h, Max: 5, Now: now}
			var out []string
			for _, p := range reviewers.Recommend(in) {
				out = append(out, fmt.Sprint(p.Account.ID, p.Reasons))
			}
			return out
		}
		var backwards []review.Row
		for end := n; end > 0; end -= page {
			backwards = append(backwards, rows[max(0, end-page):end]...)
		}
		if diff := cmp.Diff(told(rows), told(backwards)); diff != "" {
			t.Errorf("read backwards (-forwards +backwards):\n%s", diff)
		}
	})
}
