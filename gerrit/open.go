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

// Open counts the open changes of a project that an account may see, without those
// in progress and private ones, in one call of two questions: all of them, and those
// that meet all submit requirements, which is in Gerrit's index. What has requirements
// that look at other changes is as ready as it was when it moved last.
func (c *Client) Open(ctx context.Context, q review.OpenQuery) (review.OpenCount, error) {
	none := review.OpenCount{}
	if q.Project == "" {
		return none, fmt.Errorf("gerrit %s: open changes of no project cannot be counted", c.o.ID)
	}
	words, err := c.sightWords(review.SightQuery{Account: q.Account, Project: q.Project, Dir: q.Dir, Status: review.StatusNew})
	if err != nil {
		return none, err
	}
	all := "-is:wip " + strings.Join(words, " ")
	v := url.Values{"q": {all, "is:submittable " + all}, "o": {"SKIP_DIFFSTAT"}, "n": {strconv.Itoa(maxOpen)}}
	lists, err := c.lists(ctx, "open", "count what is open", v)
	if err != nil {
		return none, err
	}
	ready := map[int]bool{}
	for _, i := range lists[1] {
		ready[i.Number] = true
	}
	out := review.OpenCount{Branches: map[string]review.Open{}}
	for n, i := range lists[0] {
		out.More = out.More || i.More || n >= maxOpen
		if !i.fits(q.Project) || i.Status != review.StatusNew || i.WIP || i.Branch == "" || n >= maxOpen {
			continue
		}
		branch := strings.TrimPrefix(i.Branch, "refs/heads/")
		open := out.Branches[branch]
		open.All++
		if ready[i.Number] {
			open.Ready++
		}
		out.Branches[branch] = open
	}
	return out, nil
}
