// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"review-assistant/review"
)

// maxOpen is how many open changes are counted: as many as Gerrit's own limit of
// a query lets through.
const maxOpen = 500

// openInfo is a row of the answer.
type openInfo struct {
	changeInfo
	Submittable bool `json:"submittable"`
}

// Open counts the open changes of a project that an account may see, without those
// in progress and private ones, in one call. Gerrit says of each whether all submit
// requirements are met: to ask for is:submittable in a second question takes it
// several times as long, and the two could differ.
func (c *Client) Open(ctx context.Context, q review.OpenQuery) (review.OpenCount, error) {
	none := review.OpenCount{}
	if q.Project == "" {
		return none, fmt.Errorf("gerrit %s: open changes of no project cannot be counted", c.o.ID)
	}
	words, err := c.sightWords(review.SightQuery{Account: q.Account, Project: q.Project, Dir: q.Dir, Branch: q.Branch, Status: review.StatusNew})
	if err != nil {
		return none, err
	}
	v := url.Values{"q": {"-is:wip " + strings.Join(words, " ")}, "o": {"SUBMITTABLE", "SKIP_DIFFSTAT"}, "n": {strconv.Itoa(maxOpen)}}
	var rows []openInfo
	if err := c.get(ctx, "open", "count what is open", "changes/", v.Encode(), &rows); err != nil {
		return none, err
	}
	out := review.OpenCount{Branches: map[string]review.Open{}}
	for n, i := range rows {
		if out.More = out.More || i.More; n >= maxOpen {
			out.More = true
			break
		}
		if !i.fits(q.Project) || i.Status != review.StatusNew || i.WIP || i.Branch == "" || q.Branch != "" && !onBranch(i.changeInfo, q.Branch) {
			continue
		}
		branch := strings.TrimPrefix(i.Branch, "refs/heads/")
		open := out.Branches[branch]
		open.All++
		if i.Submittable {
			open.Ready++
		}
		out.Branches[branch] = open
	}
	return out, nil
}
