// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
)

const (
	// maxClosedFiles bounds what is kept of a change.
	maxClosedFiles = 100
	// maxSkip is far above what one second sees. Behind it the rest of that
	// second is given up: Gerrit need not serve any offset.
	maxSkip = 5000
)

// Closed returns changes that were merged or abandoned, but for private ones.
//
// It walks by time and not by offset: a change that moves while pages are read
// would shift all offsets. An offset counts only among changes of one second,
// and to step over a change that no answer can hold: it is too large, or Gerrit
// takes too long over it while it answers in brief.
func (c *Client) Closed(ctx context.Context, q review.ClosedQuery) (review.ClosedPage, error) {
	query, err := c.closedQuery(q)
	if err != nil {
		return review.ClosedPage{}, err
	}
	limit := max(1, min(q.Limit, pageSize))
	var infos []changeInfo
	for {
		query.Set("n", strconv.Itoa(limit))
		infos = nil
		err := c.get(ctx, "closed", "query closed changes", "changes/", query.Encode(), &infos)
		switch {
		case err == nil:
			page := c.closedPage(q, infos)
			page.Limit = min(2*limit, pageSize)
			return page, nil
		case !tooMuch(err) || ctx.Err() != nil:
			return review.ClosedPage{}, err
		case limit == 1 && (errors.Is(err, errTooLarge) || c.answersBriefly(ctx, q)):
			return review.ClosedPage{More: true, Before: q.Before, Skip: q.Skip + 1, Limit: 1, Passed: 1}, nil
		case limit == 1:
			return review.ClosedPage{}, err
		}
		limit = max(1, limit/4)
	}
}

// tooMuch reports whether a smaller question may get an answer.
func tooMuch(err error) bool {
	return errors.Is(err, errTooLarge) || errors.Is(err, context.DeadlineExceeded) || statusOf(err) == http.StatusRequestTimeout
}

// answersBriefly tells one change that takes too long from a Gerrit that does.
func (c *Client) answersBriefly(ctx context.Context, q review.ClosedQuery) bool {
	if q.Brief {
		return false
	}
	q.Brief, q.Messages = true, false
	query, err := c.closedQuery(q)
	if err != nil {
		return false
	}
	query.Set("n", "1")
	var infos []changeInfo
	return c.get(ctx, "closed", "query closed changes", "changes/", query.Encode(), &infos) == nil && len(infos) > 0
}

func (c *Client) closedQuery(q review.ClosedQuery) (url.Values, error) {
	words := []string{"status:merged"}
	if q.Abandoned {
		words[0] = "status:closed"
	}
	if q.Project != "" {
		// A leading ^ would make an expression of the name, and a quote end it.
		if !ValidName(q.Project) || strings.HasPrefix(q.Project, "^") || strings.Contains(q.Project, `"`) {
			return nil, fmt.Errorf("gerrit %s: project %q cannot be asked for", c.o.ID, q.Project)
		}
		words = append(words, `project:"`+q.Project+`"`)
	}
	for operator, t := range map[string]time.Time{"after": q.After, "before": q.Before} {
		if !t.IsZero() {
			words = append(words, fmt.Sprintf(`%s:"%s"`, operator, t.UTC().Format(time.DateTime)))
		}
	}
	slices.Sort(words)
	options := []string{"SKIP_DIFFSTAT"}
	if !q.Brief {
		options = append(options, "DETAILED_LABELS", "DETAILED_ACCOUNTS", "CURRENT_REVISION", "CURRENT_FILES")
	}
	if q.Messages {
		options = append(options, "MESSAGES")
	}
	return url.Values{"q": {strings.Join(words, " ")}, "o": options, "S": {strconv.Itoa(max(0, q.Skip))}}, nil
}

// closedPage reads an answer and works out where the next page begins.
func (c *Client) closedPage(q review.ClosedQuery, infos []changeInfo) review.ClosedPage {
	var page review.ClosedPage
	for _, i := range infos {
		if i.Number > 0 && ValidName(i.Project) && !i.Private && (q.Project == "" || i.Project == q.Project) {
			page.Changes = append(page.Changes, c.closed(i))
		}
	}
	if len(infos) == 0 || !infos[len(infos)-1].More {
		return page
	}
	page.More = true
	first, last := infos[0].Updated.Time.Truncate(time.Second), infos[len(infos)-1].Updated.Time.Truncate(time.Second)
	bound := q.Before.Truncate(time.Second)
	switch skip := q.Skip + len(infos); {
	case last.IsZero() || !q.Before.IsZero() && last.After(bound):
		page.More = false // no answer to this question
	case first.After(last) || q.Before.IsZero() || last.Before(bound):
		// Those of the last second come again, and what follows them.
		page.Before = last
	case skip < maxSkip:
		page.Before, page.Skip = last, skip
	default:
		page.Before = last.Add(-time.Second)
	}
	return page
}

func (c *Client) closed(i changeInfo) review.Closed {
	out := review.Closed{
		ID: review.ChangeID{Host: c.o.ID, Project: i.Project, Number: i.Number}, Branch: i.Branch, ChangeKey: i.ChangeKey, Revision: i.Current,
		Status: i.Status, Subject: firstRunes(i.Subject, maxSubject), Created: i.Created.Time, Updated: i.Updated.Time, Closed: i.Submitted.Time,
		Owner: i.Owner.account(), Reviewers: accounts(i.Reviewers["REVIEWER"]), Removed: accounts(i.Reviewers["REMOVED"]),
	}
	if out.Closed.IsZero() {
		out.Closed = out.Updated
	}
	for _, f := range slices.Sorted(maps.Keys(i.Revisions[i.Current].Files)) {
		if !madeUp(f) && len(out.Files) < maxClosedFiles {
			out.Files = append(out.Files, f)
		}
	}
	votes := slices.DeleteFunc(i.votes(), func(v review.Vote) bool {
		return v.Account.ID <= 0 || v.Account.ID == out.Owner.ID || v.Account.Service
	})
	people, robots := voters(votes)
	for _, v := range people {
		if !has(out.Voters, v.Account) {
			out.Voters = append(out.Voters, v.Account)
		}
		out.Reviewed = earlier(out.Reviewed, v.Date)
	}
	out.Spoke = slices.Clone(out.Voters)
	for _, m := range i.Messages {
		a := m.Author.account()
		if a.ID > 0 && a.ID != out.Owner.ID && !a.Service && !has(robots, a) && !strings.HasPrefix(m.Tag, "autogenerated:") {
			out.Reviewed = earlier(out.Reviewed, m.Date.Time)
			if !has(out.Spoke, a) {
				out.Spoke = append(out.Spoke, a)
			}
		}
	}
	if len(i.Messages) == 0 {
		out.Reviewed, out.Spoke = time.Time{}, nil
	}
	return out
}

// voters tells people from robots that nobody declared as such: these vote on
// labels of their own, never on Code-Review.
func voters(votes []review.Vote) (people []review.Vote, robots []review.Account) {
	for _, v := range votes {
		if v.Label == "Code-Review" {
			people = append(people, v)
		}
	}
	if people == nil {
		return votes, nil
	}
	for _, v := range votes {
		if !slices.ContainsFunc(people, func(p review.Vote) bool { return p.Account.ID == v.Account.ID }) {
			robots = append(robots, v.Account)
		}
	}
	return people, robots
}

func has(list []review.Account, a review.Account) bool {
	return slices.ContainsFunc(list, func(b review.Account) bool { return b.ID == a.ID })
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
