// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"review-assistant/review"
)

// reach returns who may read the change and one sentence on how that is known.
// docs/adr/0014-restricted-data.md says why it is asked for in this way.
func (c *Client) reach(ctx context.Context, ch review.Change) (review.Reach, string, error) {
	if ch.Private {
		return review.ReachRestricted, "the change is private", nil
	}
	path, ref, err := c.branchPath(ch.ID.Project, ch.Branch)
	if err != nil {
		return "", "", err
	}
	if ref == "" {
		return review.ReachUnknown, "the branch has a name that is not asked for", nil
	}
	e := c.projects.entry(ch.ID.Project).branches.branch(ref)
	e.reachMu.Lock()
	defer e.reachMu.Unlock()
	now := c.o.Now()
	if now.Before(e.reachUntil) {
		return e.reach, e.why, nil
	}
	public, err := c.isPublic(ctx, path, ref, ch.ID.Project)
	if err != nil {
		return "", "", err
	}
	where := fmt.Sprintf("%s of %q", ref, ch.ID.Project)
	reach, why := review.ReachAnonymous, "without signing in "+where+" can be read"
	if !public {
		if reach, why, err = c.registered(ctx, ch.ID, where); err != nil {
			return "", "", err
		}
	}
	e.reach, e.why, e.reachUntil = reach, why, now.Add(c.o.ConfigAge)
	return reach, why, nil
}

// isPublic asks for the branch without signing in. Only Gerrit's own answer
// about this branch is a yes: a login page is none.
func (c *Client) isPublic(ctx context.Context, path, ref, project string) (bool, error) {
	a, err := c.send(ctx, call{
		route: "public", what: fmt.Sprintf("ask who may read project %q", project),
		method: http.MethodGet, path: path, limit: 64 << 10, public: true,
	})
	switch status := statusOf(err); {
	case err == nil:
	case errors.Is(err, errTooLarge):
		return false, nil
	case status == 0, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests,
		status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		// Gerrit did not answer: a no would outlast a short failure.
		return false, err
	default:
		return false, nil
	}
	var branch struct {
		Ref string `json:"ref"`
	}
	body, ok := bytes.CutPrefix(a.body, magic)
	return ok && json.Unmarshal(body, &branch) == nil && branch.Ref == ref, nil
}

// everyone are the groups that every account is in.
var everyone = []string{"global:Anonymous-Users", "global:Registered-Users"}

// registered asks what the plain account may read. Gerrit itself then applies
// its rules: those of a project and its parents are mostly hidden from us.
func (c *Client) registered(ctx context.Context, id review.ChangeID, where string) (review.Reach, string, error) {
	unknown := func(why string) (review.Reach, string, error) {
		return review.ReachUnknown, "without signing in " + where + " cannot be read, and " + why, nil
	}
	name := c.o.PlainAccount
	plain, me, why, err := c.plain(ctx)
	switch {
	case err != nil:
		return "", "", err
	case why != "":
		return unknown(why)
	}
	lists, err := c.askAll(ctx, seenBy(id), []int64{me, plain})
	switch {
	case statusOf(err) == http.StatusBadRequest:
		return unknown(fmt.Sprintf("what the plain_account %q can read is not told", name))
	case err != nil:
		return "", "", err
	case !slices.ContainsFunc(lists[0], is(id)):
		return "", "", &review.RetryError{Err: fmt.Errorf("gerrit %s: ask who may see %s: the change is not in the index yet", c.o.ID, id)}
	case slices.ContainsFunc(lists[1], is(id)):
		return review.ReachRegistered, fmt.Sprintf("the plain_account %q can read %s", name, where), nil
	}
	return review.ReachRestricted, fmt.Sprintf("the plain_account %q cannot read %s", name, where), nil
}

// plain returns the plain account and our own, or why the plain one does not
// show what every registered user may read.
func (c *Client) plain(ctx context.Context) (plain, me int64, why string, err error) {
	name := c.o.PlainAccount
	if name == "" {
		return 0, 0, "no plain_account is set that would show whether every registered user can read it", nil
	}
	people, err := c.Resolve(ctx, []review.Person{{Username: name}})
	if err != nil {
		return 0, 0, "", err
	}
	if plain = people[0].Account.ID; plain == 0 {
		return 0, 0, fmt.Sprintf("the plain_account %q is no active account that the bot can see", name), nil
	}
	self, err := c.Self(ctx)
	if err != nil {
		return 0, 0, "", err
	}
	if plain == self.ID {
		return 0, 0, fmt.Sprintf("the plain_account %q is the bot's own", name), nil
	}
	more, err := c.otherGroup(ctx, plain)
	switch {
	case review.IsGone(err) || review.IsDenied(err):
		return 0, 0, fmt.Sprintf("the groups of the plain_account %q are hidden from the bot", name), nil
	case err != nil:
		return 0, 0, "", err
	case more != "":
		return 0, 0, fmt.Sprintf("the plain_account %q is in the group %q", name, more), nil
	}
	return plain, self.ID, "", nil
}

// otherGroup returns a group of the account that not everybody is in.
func (c *Client) otherGroup(ctx context.Context, account int64) (string, error) {
	of, err := c.groupsOf(ctx, "read the groups of the plain account", account)
	if err != nil {
		return "", err
	}
	for _, g := range of {
		if !slices.Contains(everyone, g.ID) {
			return firstRunes(g.Name, 60), nil
		}
	}
	return "", nil
}
