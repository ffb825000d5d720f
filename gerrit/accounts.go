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
	"time"

	"review-assistant/review"
)

const (
	// loadAge is how long a number of open reviews is taken as it was.
	loadAge = 5 * time.Minute
	// idsPerQuery keeps the URL and the query's terms well below limits.
	idsPerQuery = 100
	// maxStatus is in characters.
	maxStatus = 200
)

// maxOpenReviews is the largest number that OpenReviews tells: it means so
// many or more.
const maxOpenReviews = 30

// anyAccount has inactive accounts found too, which some servers leave out.
const anyAccount = "(is:active OR is:inactive)"

// Accounts returns what Gerrit knows of the accounts, inactive ones among
// them. Who is not there, or hidden from the service account, is missing. All
// are asked for at once and kept for ten minutes.
func (c *Client) Accounts(ctx context.Context, ids []int64) (map[int64]review.Account, error) {
	out := map[int64]review.Account{}
	var unknown []int64
	for _, id := range distinct(ids) {
		a, ok := c.accounts.get(id)
		if !ok {
			unknown = append(unknown, id)
		} else if a.ID != 0 {
			out[id] = a
		}
	}
	for some := range slices.Chunk(unknown, idsPerQuery) {
		words := make([]string, len(some))
		for i, id := range some {
			words[i] = strconv.FormatInt(id, 10)
		}
		q := url.Values{"q": {anyAccount + " (" + strings.Join(words, " OR ") + ")"}, "o": {"DETAILS"}, "n": {"500"}}
		var infos []accountInfo
		if err := c.get(ctx, "accounts", "read accounts", "accounts/", q.Encode(), &infos); err != nil {
			return nil, err
		}
		found := map[int64]review.Account{}
		for _, i := range infos {
			found[i.ID] = i.account()
		}
		for _, id := range some {
			a := found[id] // a number may be somebody's name too
			c.accounts.put(id, a, accountAge)
			if a.ID != 0 {
				out[id] = a
			}
		}
	}
	return out, nil
}

// OpenReviews returns how many open changes of others wait for each account as
// a reviewer, work in progress not counted, and as far as the service account
// sees them. Ten accounts take one call; a number is kept for five minutes. It
// ends at maxOpenReviews. Whom Gerrit does not know has none.
func (c *Client) OpenReviews(ctx context.Context, ids []int64) (map[int64]int, error) {
	out := map[int64]int{}
	var unknown []int64
	for _, id := range distinct(ids) {
		if n, ok := c.loads.get(id); ok {
			out[id] = n
		} else {
			unknown = append(unknown, id)
		}
	}
	lists, err := c.ask(ctx, question{
		route: "load", what: "count open reviews", n: maxOpenReviews,
		of: func(id int64) string { return fmt.Sprintf("status:open -is:wip reviewer:%d -owner:%d", id, id) },
	}, unknown)
	if err != nil {
		return nil, err
	}
	for id, list := range lists {
		out[id] = min(len(list), maxOpenReviews)
		c.loads.put(id, out[id], loadAge)
	}
	return out, nil
}

// distinct returns the ids that can be ids, each once.
func distinct(ids []int64) []int64 {
	ids = slices.Sorted(slices.Values(ids))
	return slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id <= 0 })
}

// question is a query for changes that is asked about several accounts.
type question struct {
	route, what string
	n           int // of changes in each answer
	of          func(account int64) string
}

// ask puts the question about up to ten accounts in each call. Accounts that
// Gerrit does not know are missing from the answer.
func (c *Client) ask(ctx context.Context, q question, accounts []int64) (map[int64][]changeInfo, error) {
	out := map[int64][]changeInfo{}
	for some := range slices.Chunk(accounts, queriesPerCall) {
		lists, err := c.askAll(ctx, q, some)
		if statusOf(err) == http.StatusBadRequest {
			// One account that Gerrit does not know fails all of them.
			for _, one := range some {
				if len(some) > 1 {
					lists, err = c.askAll(ctx, q, []int64{one})
				}
				switch {
				case err == nil:
					out[one] = lists[0]
				case statusOf(err) != http.StatusBadRequest:
					return nil, err
				}
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		for i, one := range some {
			out[one] = lists[i]
		}
	}
	return out, nil
}

// askAll makes one call.
func (c *Client) askAll(ctx context.Context, q question, accounts []int64) ([][]changeInfo, error) {
	v := url.Values{"n": {strconv.Itoa(q.n)}, "o": {"SKIP_DIFFSTAT"}}
	for _, a := range accounts {
		v.Add("q", q.of(a))
	}
	return c.lists(ctx, q.route, q.what, v)
}
