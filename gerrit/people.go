// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
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
	// groupAge bounds how long somebody who left a group still counts as in it.
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

func (t term) says() string {
	if t.operator == "username" {
		return "user name"
	}
	return "e-mail address"
}

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

// match is what was found for one term.
type match struct {
	account review.Account // zero unless exactly one active account was found
	ids     []int64        // of all active ones, the first few
	gone    int64          // an inactive account, where no other was found
}

// Resolve maps people to active accounts: by the user name that their entity
// is annotated with, which Gerrit never changes, else by the exact e-mail
// address. Where both name an account they have to name the same one. Who has
// no account, or is in doubt, keeps a zero account; Doubt then says why.
//
// Only the preferred address of an account counts: Gerrit shows the others to
// administrators alone, which the service account is not.
func (c *Client) Resolve(ctx context.Context, people []review.Person) ([]review.Person, error) {
	return c.resolve(ctx, people, c.resolved.get)
}

// Known is Resolve from what Gerrit says now: what lets somebody in must not be
// ten minutes old.
func (c *Client) Known(ctx context.Context, people []review.Person) ([]review.Person, error) {
	return c.resolve(ctx, people, func(string) (match, bool) { return match{}, false })
}

func (c *Client) resolve(ctx context.Context, people []review.Person, remembered func(key string) (match, bool)) ([]review.Person, error) {
	var unknown []term
	asked := map[string]bool{}
	// What is remembered is read once: it may go while Gerrit is asked.
	fresh := map[string]match{}
	for _, p := range people {
		for _, t := range terms(p) {
			if asked[t.key()] {
				continue
			}
			asked[t.key()] = true
			if m, ok := remembered(t.key()); ok {
				fresh[t.key()] = m
			} else {
				unknown = append(unknown, t)
			}
		}
	}
	for some := range slices.Chunk(unknown, accountsPerQuery) {
		if err := c.lookUp(ctx, some, fresh); err != nil {
			return nil, err
		}
	}
	out := make([]review.Person, len(people))
	for i, p := range people {
		p.Account, p.Gone, p.Doubt = one(p, fresh)
		out[i] = p
	}
	return out, nil
}

// one decides about a person whose terms were looked up. It guesses nothing.
func one(p review.Person, fresh map[string]match) (found review.Account, gone int64, doubt string) {
	by := map[string]match{}
	for _, t := range terms(p) {
		m := fresh[t.key()]
		by[t.operator] = m
		if len(m.ids) > 1 {
			return review.Account{}, 0, fmt.Sprintf("ambiguous: %s: accounts %s share one %s", who(p), numbers(m.ids), t.says())
		}
	}
	name, email := by["username"].account, by["email"].account
	gone = cmp.Or(by["username"].gone, by["email"].gone)
	switch {
	case name.ID != 0 && email.ID != 0 && name.ID != email.ID, by["username"].gone != 0 && email.ID != 0:
		return review.Account{}, gone, fmt.Sprintf("ambiguous: %s: annotation says account %d, e-mail says %d", who(p), cmp.Or(name.ID, gone), email.ID)
	case name.ID != 0:
		return name, gone, ""
	case email.ID == 0 && gone != 0:
		return review.Account{}, gone, fmt.Sprintf("inactive: %s: account %d is switched off", who(p), gone)
	}
	return email, gone, ""
}

// who names a person in a log, which holds no address.
func who(p review.Person) string { return cmp.Or(p.Entity, p.Username, "somebody of an owners file") }

func numbers(ids []int64) string {
	var words []string
	for _, id := range ids {
		words = append(words, strconv.FormatInt(id, 10))
	}
	return strings.Join(words, ", ")
}

// maxMatches is how many accounts of one term are named.
const maxMatches = 5

// lookUp asks for some accounts at once and remembers who is there and who is not.
func (c *Client) lookUp(ctx context.Context, some []term, fresh map[string]match) error {
	words := make([]string, len(some))
	for i, t := range some {
		words[i] = t.operator + `:"` + t.value + `"`
	}
	q := url.Values{"q": {anyAccount + " (" + strings.Join(words, " OR ") + ")"}, "o": {"DETAILS"}, "n": {"500"}}
	var infos []accountInfo
	if err := c.get(ctx, "accounts", "look up accounts", "accounts/", q.Encode(), &infos); err != nil {
		return err
	}
	for _, t := range some {
		var m match
		for _, i := range infos {
			switch {
			case !t.matches(i) || i.ID <= 0:
			case i.Inactive:
				m.gone = i.ID
			case len(m.ids) < maxMatches:
				m.account = i.account()
				m.ids = append(m.ids, i.ID)
			}
		}
		if len(m.ids) > 0 {
			m.gone = 0
		}
		if len(m.ids) != 1 {
			m.account = review.Account{}
		}
		fresh[t.key()] = m
		c.resolved.put(t.key(), m, accountAge)
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
	answers, err := c.ask(ctx, seenBy(id), unknown)
	if err != nil {
		return nil, err
	}
	for _, a := range unknown {
		sees[a] = slices.ContainsFunc(answers[a], is(id))
		c.sights.put(sight{id.Number, a}, sees[a], sightAge)
	}
	var out []review.Account
	for _, a := range accounts {
		if sees[a.ID] {
			out = append(out, a)
		}
	}
	return out, nil
}

// seenBy asks whether accounts see a change.
func seenBy(id review.ChangeID) question {
	return question{
		route: "visible", what: fmt.Sprintf("ask who may see %s", id), n: 2,
		of: func(account int64) string { return fmt.Sprintf("change:%d visibleto:%d", id.Number, account) },
	}
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
	in, err := c.Member(ctx, group, a)
	if err != nil {
		return false, err
	}
	c.groups.put(key, in, groupAge)
	return in, nil
}

// Member is InGroup, asked now: what somebody may see must not be as old as
// what is remembered here and at the caller together.
func (c *Client) Member(ctx context.Context, group string, a review.Account) (bool, error) {
	if a.ID <= 0 || group == "" || len(group) > maxName {
		return false, fmt.Errorf("gerrit %s: look up group %q: group or account is unknown", c.o.ID, group)
	}
	return c.inGroup(ctx, group, a.ID)
}

// groupInfo is a group of an account.
type groupInfo struct {
	ID   string `json:"id"` // "" for one that cannot be read
	Name string `json:"name"`
}

// groupsOf returns the groups that an account is in, directly or by other
// groups, as far as they are visible.
func (c *Client) groupsOf(ctx context.Context, what string, account int64) ([]groupInfo, error) {
	var of []groupInfo
	if err := c.get(ctx, "groups", what, "accounts/"+strconv.FormatInt(account, 10)+"/groups", "", &of); err != nil {
		return nil, err
	}
	for i := range of {
		of[i].ID, _ = url.PathUnescape(of[i].ID) // "" with an error
	}
	return of, nil
}

func (c *Client) inGroup(ctx context.Context, group string, account int64) (bool, error) {
	what := fmt.Sprintf("look up group %q", group)
	of, err := c.groupsOf(ctx, what, account)
	if err != nil && !review.IsGone(err) && !review.IsDenied(err) {
		return false, err
	}
	for _, g := range of {
		// A group may have the id of another as its name.
		if g.Name == group && !isSHA(group) || g.ID == group {
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
