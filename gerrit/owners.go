// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"review-assistant/review"
)

// ownsAge is for the projects of one page, which share groups and parents. A
// right outlives its end by as much, beside what the caller keeps.
const ownsAge = 5 * time.Second

// rights say who owns what a project's own rules give away.
type rights struct {
	groups []string // ids
	parent string
}

// Owns reports whether an account is in a group that has the permission owner
// on refs/* of the project or of one that it inherits from, or that may
// administrate the server.
//
// It is as the service account sees it: rules of a project are shown to those
// who may read its refs/meta/config, and groups to their members unless they
// are visible to all. What is hidden counts as no.
func (c *Client) Owns(ctx context.Context, project string, account int64) (bool, error) {
	if _, err := c.projectPath(project); err != nil {
		return false, err
	}
	if account <= 0 {
		return false, fmt.Errorf("gerrit %s: who owns project %q: account %d cannot be asked for", c.o.ID, project, account)
	}
	member, err := c.memberOf(ctx, account)
	if err != nil || len(member) == 0 {
		return false, err
	}
	seen := map[string]bool{}
	for at := project; at != "" && !seen[at] && len(seen) < maxParents; {
		seen[at] = true
		r, err := c.rightsOf(ctx, at)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(r.groups, func(id string) bool { return slices.Contains(member, id) }) {
			return true, nil
		}
		at = r.parent
	}
	return false, nil
}

// memberOf returns the ids of the groups that the account is in, directly or
// by other groups, as far as they are visible; none for an account that is not
// known. Ids only: anybody who may make a group can give it any name.
func (c *Client) memberOf(ctx context.Context, account int64) ([]string, error) {
	if ids, ok := c.members.get(account); ok {
		return ids, nil
	}
	of, err := c.groupsOf(ctx, "read the groups of an account", account)
	var ids []string
	switch {
	case review.IsGone(err), review.IsDenied(err):
	case err != nil:
		return nil, err
	default:
		// Gerrit lists them for oneself alone.
		ids = slices.Clone(everyone)
	}
	for _, g := range of {
		if g.ID != "" {
			ids = append(ids, g.ID)
		}
	}
	c.members.put(account, ids, ownsAge)
	return ids, nil
}

// rightsOf returns what a project's own rules say; nothing where they may not
// be read.
func (c *Client) rightsOf(ctx context.Context, project string) (rights, error) {
	if r, ok := c.rights.get(project); ok {
		return r, nil
	}
	path, err := c.projectPath(project)
	if err != nil {
		return rights{}, err
	}
	var info struct {
		Inherits struct {
			Name string `json:"name"`
		} `json:"inherits_from"`
		Local map[string]struct {
			Permissions map[string]struct {
				Rules map[string]struct {
					Action string `json:"action"`
				} `json:"rules"`
			} `json:"permissions"`
		} `json:"local"`
	}
	err = c.get(ctx, "access", fmt.Sprintf("read the access rights of project %q", project), path+"/access", "", &info)
	var r rights
	switch {
	case review.IsGone(err), review.IsDenied(err):
	case err != nil:
		return rights{}, err
	default:
		if ValidName(info.Inherits.Name) {
			r.parent = info.Inherits.Name
		}
		allowed := func(section, permission string) {
			for id, rule := range info.Local[section].Permissions[permission].Rules {
				if rule.Action == "ALLOW" {
					r.groups = append(r.groups, id)
				}
			}
		}
		allowed("refs/*", "owner")
		if info.Inherits.Name == "" {
			// Capabilities count in the project that all others inherit from.
			allowed("GLOBAL_CAPABILITIES", "administrateServer")
		}
	}
	c.rights.put(project, r, ownsAge)
	return r, nil
}
