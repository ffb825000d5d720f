// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"review-assistant/review"
)

// queriesPerSight keeps the request line of three times idsPerQuery changes
// below 8 KB, above which proxies refuse it. Gerrit itself ends at 16 KB.
const queriesPerSight = 3

// maxTopic is in characters.
const maxTopic = 200

// sightOptions are the least that tells who sees a change, and what a row shows
// of it. The attention set comes by itself. How its review stands costs a look at
// all votes and a run of all requirements.
func sightOptions(standing bool) []string {
	o := []string{"CURRENT_REVISION", "DETAILED_ACCOUNTS", "SKIP_DIFFSTAT"}
	if standing {
		// LABELS says what votes amount to, DETAILED_LABELS who voted.
		o = append(o, "LABELS", "DETAILED_LABELS", "SUBMIT_REQUIREMENTS")
	}
	return o
}

// Seen returns a page of the changes that an account may see, private ones
// left out, in one call. Gerrit looks through further changes until the page
// is full. An account that Gerrit does not know is an error, an inactive one
// is not: its sight is answered as if it were active.
func (c *Client) Seen(ctx context.Context, q review.SightQuery) (review.SightPage, error) {
	words, err := c.sightWords(q)
	if err != nil {
		return review.SightPage{}, err
	}
	v := url.Values{
		"q": {strings.Join(words, " ")}, "o": sightOptions(q.Standing),
		"n": {strconv.Itoa(max(1, min(q.Limit, pageSize)))}, "S": {strconv.Itoa(max(0, min(q.Skip, maxSkip)))},
	}
	lists, err := c.lists(ctx, "seen", "list what an account sees", v)
	if err != nil {
		return review.SightPage{}, err
	}
	var page review.SightPage
	for _, i := range lists[0] {
		if s, ok := c.seen(i, q.Project, q.Standing); ok && (q.Status == "" || i.Status == q.Status) && (q.Branch == "" || onBranch(i, q.Branch)) {
			page.Changes = append(page.Changes, s)
		}
	}
	next, more := place{q.Before, max(0, q.Skip)}.next(lists[0])
	page.More, page.Before, page.Skip = more, next.before, next.skip
	return page, nil
}

func (c *Client) sightWords(q review.SightQuery) ([]string, error) {
	bad := func(what string, v any) ([]string, error) {
		return nil, fmt.Errorf("gerrit %s: %s %q cannot be asked for", c.o.ID, what, fmt.Sprint(v))
	}
	switch {
	case q.Account <= 0:
		return bad("account", q.Account)
	case q.Number < 0:
		return bad("change", q.Number)
	}
	var words []string
	switch q.Status {
	case "":
		words = append(words, "(status:open OR status:closed)")
	case review.StatusNew, review.StatusMerged, review.StatusAbandoned:
		words = append(words, "status:"+strings.ToLower(string(q.Status)))
	default:
		return bad("status", q.Status)
	}
	for _, t := range []struct{ operator, name string }{{"project", q.Project}, {"dir", strings.Trim(q.Dir, "/")}} {
		if t.name != "" {
			w, err := c.term(t.operator, t.name)
			if err != nil {
				return nil, err
			}
			words = append(words, w)
		}
	}
	if q.Number > 0 {
		words = append(words, "change:"+strconv.Itoa(q.Number))
	}
	if q.Branch != "" {
		w, err := c.term("branch", review.FullRef(q.Branch))
		if err != nil || !review.ValidBranch(q.Branch) {
			return bad("branch", q.Branch)
		}
		words = append(words, w)
	}
	if !review.ValidSearch(q.Search) {
		return bad("search", q.Search)
	}
	words = append(words, searchTerms(q.Search)...)
	switch q.Relation {
	case review.RelationAny:
	case review.RelationReviewer:
		words = append(words, fmt.Sprintf("reviewer:%d -owner:%d -is:wip", q.Account, q.Account))
	case review.RelationAttention:
		words = append(words, fmt.Sprintf("attention:%d", q.Account))
	default:
		return bad("relation", q.Relation)
	}
	// The dearest term stands last: what the index finds is looked at one by one.
	return append(append(words, timeTerm("before", q.Before)...), visibleTo(q.Account)), nil
}

// seen turns a row into ours; ok is false for one that may not be shown, that
// is of another project than was asked for, "" for any, or that does not say
// what it is about.
func (c *Client) seen(i changeInfo, project string, standing bool) (s review.Seen, ok bool) {
	current := i.Revisions[i.Current]
	if !i.fits(project) || !isSHA(i.Current) || current.Number <= 0 {
		return review.Seen{}, false
	}
	s = review.Seen{
		ID: review.ChangeID{Host: c.o.ID, Project: i.Project, Number: i.Number}, Branch: i.Branch,
		Subject: firstRunes(i.Subject, maxSubject), Topic: firstRunes(i.Topic, maxTopic), Status: i.Status, WIP: i.WIP,
		Owner: i.Owner.account(), PatchSet: current.Number, Created: i.Created.Time, Updated: i.Updated.Time,
	}
	if i.Status == review.StatusMerged {
		s.Submitted = i.Submitted.Time
	}
	for _, a := range i.Attention {
		s.Attention = append(s.Attention, a.Account.ID)
	}
	s.Attention = distinct(s.Attention)
	if standing {
		s.Standing = c.standing(i)
	}
	return s, true
}

// onBranch reports whether a row is of a branch.
func onBranch(i changeInfo, branch string) bool {
	return review.FullRef(i.Branch) == review.FullRef(branch)
}

// Sees returns those of the changes that an account may see, private ones left
// out, with how their review stands if that is asked for. Three hundred take one
// call and nothing is kept: each answer is Gerrit's of now. An account that Gerrit
// does not know sees nothing; an inactive one is answered for as if it were active.
func (c *Client) Sees(ctx context.Context, account int64, ids []review.ChangeID, standing bool) (map[review.ChangeID]review.Seen, error) {
	if account <= 0 {
		return nil, fmt.Errorf("gerrit %s: account %d cannot be asked for", c.o.ID, account)
	}
	// A number alone is not enough: the row has to be of the project that was
	// asked for.
	asked := map[review.ChangeID]bool{}
	for _, id := range ids {
		asked[id] = true
	}
	out := map[review.ChangeID]review.Seen{}
	for some := range slices.Chunk(c.numbersOf(ids), queriesPerSight*idsPerQuery) {
		v := url.Values{"o": sightOptions(standing), "n": {strconv.Itoa(idsPerQuery)}}
		for part := range slices.Chunk(some, idsPerQuery) {
			v.Add("q", anyOf(part)+" "+visibleTo(account))
		}
		lists, err := c.lists(ctx, "sees", "ask what an account sees", v)
		switch {
		case statusOf(err) == http.StatusBadRequest:
			return map[review.ChangeID]review.Seen{}, nil
		case err != nil:
			return nil, err
		}
		for _, list := range lists {
			if n := len(list); n > 0 && list[n-1].More {
				return nil, fmt.Errorf("gerrit %s: ask what an account sees: the answer is cut off; grant the service account a queryLimit of %d or more", c.o.ID, idsPerQuery)
			}
			for _, i := range list {
				if s, ok := c.seen(i, "", standing); ok && asked[s.ID] {
					out[s.ID] = s
				}
			}
		}
	}
	return out, nil
}

// ChangeURL is where people look at a change.
func (c *Client) ChangeURL(id review.ChangeID) string {
	return fmt.Sprintf("%s/c/%s/+/%d", c.web, strings.ReplaceAll(escape(id.Project), "%2F", "/"), id.Number)
}
