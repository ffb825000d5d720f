// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"fmt"
	"slices"

	"review-assistant/review"
)

// RoleRule grants a role to a group: of a provider's claim, or of a Gerrit.
type RoleRule struct {
	Role string
	// Provider and Group are the provider's name and a value of its claim.
	Provider, Group string
	// Host and GerritGroup are a Gerrit's id and a group there, by name or id.
	Host, GerritGroup string
}

func (r RoleRule) String() string {
	if r.Host != "" {
		return fmt.Sprintf("%s by the group %.80q of %s", r.Role, r.GerritGroup, r.Host)
	}
	return fmt.Sprintf("%s by the group %.80q of %s", r.Role, r.Group, r.Provider)
}

// roles returns the roles that somebody's groups grant, sorted. A group that
// the bot cannot see grants nothing.
func (w *walk) roles(ctx context.Context, accounts map[string]review.Account) ([]string, error) {
	var out []string
	for _, rule := range w.r.o.Roles {
		if slices.Contains(out, rule.Role) && w.keep {
			continue
		}
		if w.blind && rule.Host == "" && rule.Provider == w.proof.Provider {
			w.say(Fine, "role", "", "%s, if the token names it", rule)
			continue
		}
		in, err := w.grants(ctx, rule, accounts)
		switch {
		case review.IsDenied(err), review.IsGone(err):
			w.say(Warns, "role", "make the group visible to all registered users, or name another one", "%s: the bot cannot see the group, which counts as no", rule)
			if w.r.told.may(rule.String(), w.r.o.Now()) {
				w.r.o.Log.Warn("a group of identity.roles cannot be seen; it grants nothing", "role", rule.Role, "host", rule.Host, "group", rule.GerritGroup, "error", err)
			}
		case err != nil:
			return nil, fmt.Errorf("look up the groups of a person: %w", err)
		case in:
			w.say(Fine, "role", "", "%s", rule)
			out = append(out, rule.Role)
		default:
			w.say(Fine, "role", "", "not %s", rule)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (w *walk) grants(ctx context.Context, rule RoleRule, accounts map[string]review.Account) (bool, error) {
	if rule.Host == "" {
		return rule.Group != "" && rule.Provider == w.proof.Provider && slices.Contains(w.proof.Groups, rule.Group), nil
	}
	a, there := accounts[rule.Host]
	if !there {
		return false, nil
	}
	return w.r.o.Hosts[rule.Host].Member(ctx, rule.GerritGroup, a)
}
