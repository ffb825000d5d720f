// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"review-assistant/review"
)

const (
	accountAge = 10 * time.Minute
	// sightAge bounds how long somebody who lost access may still be named.
	sightAge = time.Minute
	groupAge = time.Minute
	// accountsPerQuery keeps the URL well below what servers take.
	accountsPerQuery = 20
	// queriesPerCall is Gerrit's own limit.
	queriesPerCall = 10
)

// Self returns the service account.
func (c *Client) Self(ctx context.Context) (review.Account, error) {
	c.self.Lock()
	defer c.self.Unlock()
	if c.o.Now().Before(c.self.until) {
		return c.self.account, nil
	}
	var info accountInfo
	if err := c.get(ctx, "self", "read own account", "accounts/self/detail", "", &info); err != nil {
		return review.Account{}, err
	}
	if info.ID <= 0 {
		return review.Account{}, &review.RetryError{Err: fmt.Errorf("gerrit %s: read own account: the answer names no account", c.o.ID)}
	}
	c.self.account, c.self.until = info.account(), c.o.Now().Add(accountAge)
	return c.self.account, nil
}

// maxWord is in characters.
const maxWord = 200

// plainWord admits what needs no care inside a quoted operand of a query. As
// a pattern it would take megabytes for as long as the process lives.
func plainWord(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= maxWord && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("._@+~-", r)
	})
}

// term is one way to find an account.
type term struct{ operator, value string }

func (t term) key() string { return t.operator + ":" + strings.ToLower(t.value) }

func (t term) matches(a accountInfo) bool {
	if t.operator == "username" {
		return strings.EqualFold(a.Username, t.value)
	}
	return strings.EqualFold(a.Email, t.value)
}

// terms returns the ways to find a person, best first.
func terms(p review.Person) []term {
	var out []term
	for _, t := range []term{{"username", p.Username}, {"email", p.Email}} {
		if plainWord(t.value) && (t.operator != "email" || strings.Contains(t.value, "@")) {
			out = append(out, t)
		}
	}
	return out
}

// Resolve maps people to active accounts, by user name, else by exact e-mail
// address. Who has none, or more than one, keeps a zero account.
func (c *Client) Resolve(ctx context.Context, people []review.Person) ([]review.Person, error) {
	var unknown []term
	asked := map[string]bool{}
	for _, p := range people {
		for _, t := range terms(p) {
			if _, ok := c.resolved.get(t.key()); !ok && !asked[t.key()] {
				asked[t.key()] = true
				unknown = append(unknown, t)
			}
		}
	}
	for len(unknown) > 0 {
		n := min(len(unknown), accountsPerQuery)
		if err := c.lookUp(ctx, unknown[:n]); err != nil {
			return nil, err
		}
		unknown = unknown[n:]
	}
	out := make([]review.Person, len(people))
	for i, p := range people {
		p.Account = review.Account{}
		for _, t := range terms(p) {
			if a, ok := c.resolved.get(t.key()); ok && a.ID != 0 {
				p.Account = a
				break
			}
		}
		out[i] = p
	}
	return out, nil
}

// lookUp asks for some accounts at once and remembers who is there and who is not.
func (c *Client) lookUp(ctx context.Context, some []term) error {
	words := make([]string, len(some))
	for i, t := range some {
		words[i] = t.operator + `:"` + t.value + `"`
	}
	q := url.Values{"q": {"is:active (" + strings.Join(words, " OR ") + ")"}, "o": {"DETAILS"}, "n": {"200"}}
	var infos []accountInfo
	if err := c.get(ctx, "accounts", "look up accounts", "accounts/", q.Encode(), &infos); err != nil {
		return err
	}
	for _, t := range some {
		var found review.Account
		matches := 0
		for _, i := range infos {
			if t.matches(i) && !i.Inactive && i.ID > 0 {
				found = i.account()
				matches++
			}
		}
		if matches > 1 {
			found = review.Account{}
		}
		c.resolved.put(t.key(), found, accountAge)
	}
	return nil
}

// sight is an account's view of a change.
type sight struct {
	change  int
	account int64
}

// CanSee returns those of the accounts that may see the change. Whoever
// Gerrit does not confirm is left out.
func (c *Client) CanSee(ctx context.Context, id review.ChangeID, accounts []review.Account) ([]review.Account, error) {
	if _, err := c.changePath(id); err != nil {
		return nil, err
	}
	sees := map[int64]bool{}
	var unknown []int64
	for _, a := range accounts {
		if _, ok := sees[a.ID]; ok || a.ID <= 0 {
			continue
		}
		yes, ok := c.sights.get(sight{id.Number, a.ID})
		sees[a.ID] = yes
		if !ok {
			unknown = append(unknown, a.ID)
		}
	}
	for len(unknown) > 0 {
		some := unknown[:min(len(unknown), queriesPerCall)]
		unknown = unknown[len(some):]
		answers, err := c.visible(ctx, id, some)
		if statusOf(err) == http.StatusBadRequest && len(some) > 1 {
			// One account that Gerrit does not know fails all of them.
			answers = make([]bool, len(some))
			for i, one := range some {
				a, err := c.visible(ctx, id, []int64{one})
				if err != nil && statusOf(err) != http.StatusBadRequest {
					return nil, err
				}
				answers[i] = err == nil && a[0]
			}
		} else if statusOf(err) == http.StatusBadRequest {
			answers = []bool{false}
		} else if err != nil {
			return nil, err
		}
		for i, a := range some {
			sees[a] = answers[i]
			c.sights.put(sight{id.Number, a}, answers[i], sightAge)
		}
	}
	var out []review.Account
	for _, a := range accounts {
		if sees[a.ID] {
			out = append(out, a)
		}
	}
	return out, nil
}

// visible asks one question per account in one call. Gerrit answers several
// queries with a list of lists, and one with a list.
func (c *Client) visible(ctx context.Context, id review.ChangeID, accounts []int64) ([]bool, error) {
	q := url.Values{"n": {"2"}, "o": {"SKIP_DIFFSTAT"}}
	for _, a := range accounts {
		q.Add("q", fmt.Sprintf("change:%d visibleto:%d", id.Number, a))
	}
	lists := make([][]changeInfo, 1)
	var into any = &lists
	if len(accounts) == 1 {
		into = &lists[0]
	}
	what := fmt.Sprintf("ask who may see %s", id)
	if err := c.get(ctx, "visible", what, "changes/", q.Encode(), into); err != nil {
		return nil, err
	}
	if len(lists) != len(accounts) {
		return nil, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer does not fit the question", c.o.ID, what)}
	}
	out := make([]bool, len(accounts))
	for i, list := range lists {
		for _, ch := range list {
			out[i] = out[i] || ch.Number == id.Number && ch.Project == id.Project
		}
	}
	return out, nil
}

// membership is a question about a group.
type membership struct {
	group   string
	account int64
}

// InGroup reports whether the account is in the group, which is named by name
// or id. A group that the service account cannot see is an error: an unknown
// answer must not count as no.
func (c *Client) InGroup(ctx context.Context, group string, a review.Account) (bool, error) {
	key := membership{group, a.ID}
	if in, ok := c.groups.get(key); ok {
		return in, nil
	}
	if a.ID <= 0 || group == "" || len(group) > maxName {
		return false, fmt.Errorf("gerrit %s: look up group %q: group or account is unknown", c.o.ID, group)
	}
	in, err := c.inGroup(ctx, group, a.ID)
	if err != nil {
		return false, err
	}
	c.groups.put(key, in, groupAge)
	return in, nil
}

func (c *Client) inGroup(ctx context.Context, group string, account int64) (bool, error) {
	what := fmt.Sprintf("look up group %q", group)
	var of []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	err := c.get(ctx, "groups", what, "accounts/"+strconv.FormatInt(account, 10)+"/groups", "", &of)
	if err != nil && !review.IsGone(err) && !review.IsDenied(err) {
		return false, err
	}
	for _, g := range of {
		id, err := url.PathUnescape(g.ID)
		if g.Name == group || err == nil && id == group {
			return true, nil
		}
	}
	// Not among the groups of the account, or not visible to us.
	var g struct{}
	switch err := c.get(ctx, "groups", what, "groups/"+escape(group), "", &g); {
	case review.IsGone(err), review.IsDenied(err):
		return false, &review.DeniedError{Err: fmt.Errorf(
			"gerrit %s: %s: the service account cannot see it; make it visible to all registered users, or name another group", c.o.ID, what)}
	case err != nil:
		return false, err
	}
	return false, nil
}
