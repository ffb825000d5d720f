// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"time"

	"review-assistant/review"
)

const (
	pageSize = 100
	// pageOverlap makes up for changes that leave the window between two
	// pages and pull the rest up.
	pageOverlap = 10
	// maxPages ends a query that a broken server would never end.
	maxPages = 500
)

// Recent yields open changes of all projects that were updated since t, newest
// first and each once. The pages are not one moment's picture: a change that
// moves while they are read is found by the next window.
func (c *Client) Recent(ctx context.Context, t time.Time) iter.Seq2[review.Stub, error] {
	return func(yield func(review.Stub, error) bool) {
		seen := map[int]bool{}
		q := url.Values{
			"q": {fmt.Sprintf(`status:open after:"%s"`, t.UTC().Format("2006-01-02 15:04:05"))},
			"o": {"CURRENT_REVISION", "SKIP_DIFFSTAT"},
			"n": {strconv.Itoa(pageSize)},
		}
		for page, start := 0, 0; page < maxPages; page++ {
			q.Set("S", strconv.Itoa(start))
			var infos []changeInfo
			if err := c.get(ctx, "query", "query recent changes", "changes/", q.Encode(), &infos); err != nil {
				yield(review.Stub{}, err)
				return
			}
			fresh := false
			for _, i := range infos {
				if seen[i.Number] || i.Number <= 0 || !ValidName(i.Project) {
					continue
				}
				seen[i.Number], fresh = true, true
				if !yield(c.stub(i), nil) {
					return
				}
			}
			if n := len(infos); n == 0 || !infos[n-1].More || !fresh {
				return
			}
			start += max(1, len(infos)-pageOverlap)
		}
	}
}

func (c *Client) stub(i changeInfo) review.Stub {
	return review.Stub{
		ID:       review.ChangeID{Host: c.o.ID, Project: i.Project, Number: i.Number},
		PatchSet: i.Revisions[i.Current].Number, Revision: i.Current, Branch: i.Branch,
		Updated: i.Updated.Time, Private: i.Private, WIP: i.WIP,
	}
}
