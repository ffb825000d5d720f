// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/bot"
	"review-assistant/buildlog"
	"review-assistant/builds"
	"review-assistant/gerrit"
	"review-assistant/review"
	"review-assistant/server"
)

// checkBuilds looks at what pushes and the reading of logs need. No log is
// fetched.
func checkBuilds(ctx context.Context, p *parts) []finding {
	c := p.config.Builds
	var out []finding
	if len(c.LogHosts) == 0 {
		out = append(out, ok("no log host is configured: no line of a log is shown but of what is pushed"))
	}
	for _, h := range c.hosts() {
		bounded, cancel := shortly(ctx)
		out = append(out, logHostFinding(bounded, buildlog.Options{Hosts: []buildlog.Host{h}}))
		cancel()
	}
	return slices.Concat(out, buildTokenFindings(p.config), spoolFindings(c))
}

// logHostFinding tries the one entry of o.
func logHostFinding(ctx context.Context, o buildlog.Options) finding {
	name := o.Hosts[0].Host
	f, err := buildlog.New(o)
	if err != nil {
		return fail("mend its entry in builds.log_hosts; serve does not start with it", "%v", err)
	}
	defer f.Close()
	addrs, open, err := f.Reach(ctx, name)
	switch {
	case o.Hosts[0].ProxyURL != "":
		return ok("log host %s: through its proxy", name)
	case err != nil:
		return fail("check the name, and the resolver of this machine", "log host %s: its name leads nowhere: %v", name, err)
	case len(open) == 0:
		return fail("name its range in private, if it is in the house", "log host %s: leads to %v, which its entry does not open", name, addrs)
	case len(open) < len(addrs):
		return warn("name all its ranges in private, or mend its name", "log host %s: its entry opens only %v of %v", name, open, addrs)
	}
	return ok("log host %s: leads to %v", name, open)
}

// buildTokenFindings tries each token as the server does at its start.
func buildTokenFindings(c Config) []finding {
	var out []finding
	var all []server.BuildToken
	for _, t := range c.Builds.Tokens {
		token := func(files []string) server.BuildToken {
			return server.BuildToken{Name: t.Name, TokenFiles: files, Projects: t.Projects, May: t.May}
		}
		var good []string
		for _, file := range t.Files {
			if err := tryServer(server.Options{Builds: server.BuildsAPI{Tokens: []server.BuildToken{token([]string{file})}}}); err != nil {
				out = append(out, warn("write one: openssl rand -hex 32", "%v", err))
				continue
			}
			good = append(good, file)
		}
		if len(good) == 0 {
			out = append(out, fail("serve does not start without one", "builds.tokens, %s: no token can be read", t.Name))
			continue
		}
		all = append(all, token(good))
		out = append(out, ok("%s may %s builds of %s", t.Name, strings.Join(t.May, ", "), orElse(strings.Join(t.Projects, ", "), "all projects")))
	}
	if err := tryServer(server.Options{Builds: server.BuildsAPI{Tokens: all}, API: server.API{TokenFiles: readable(c.API.TokenFiles)}}); err != nil {
		out = append(out, fail("write another one: openssl rand -hex 32", "%v", err))
	}
	return out
}

// readable are the files of tokens that the server could use. The others are
// told elsewhere.
func readable(files []string) (out []string) {
	for _, f := range files {
		if tryServer(server.Options{API: server.API{TokenFiles: []string{f}}}) == nil {
			out = append(out, f)
		}
	}
	return out
}

func spoolFindings(c BuildsConfig) []finding {
	switch {
	case c.Spool == "" && pushes(c, "") != "":
		return []finding{warn("set builds.spool to a folder on a disk", "no spool: a push that breaks off begins again from its start")}
	case c.Spool == "":
		return nil
	}
	info, err := os.Stat(c.Spool)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []finding{warn("it is made at the first start", "%s is not there yet", c.Spool)}
	case err != nil:
		return []finding{fail("let the server's account read and write it", "%v", err)}
	case !info.IsDir():
		return []finding{fail("set builds.spool to a folder", "%s is no folder", c.Spool)}
	}
	f, err := os.CreateTemp(c.Spool, "doctor-*")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return []finding{fail("let the server's account write there", "builds.spool: %v", err)}
	}
	return []finding{ok("%s takes what is pushed in parts", c.Spool)}
}

// pushes names a token with which builds of a project, or of any, are pushed.
func pushes(c BuildsConfig, project string) string {
	for _, t := range c.Tokens {
		covers := func(glob string) bool { return doublestar.MatchUnvalidated(glob, project) }
		if slices.Contains(t.May, server.RightPush) && (project == "" || len(t.Projects) == 0 || slices.ContainsFunc(t.Projects, covers)) {
			return t.Name
		}
	}
	return ""
}

// ciAsked is what is asked of a Gerrit about a project's builds.
type ciAsked interface {
	Self(ctx context.Context) (review.Account, error)
	Accounts(ctx context.Context, ids []int64) (map[int64]review.Account, error)
	File(ctx context.Context, project, branch, name string) (body []byte, found bool, err error)
}

var _ ciAsked = (*gerrit.Client)(nil)

// checkProjectBuilds says what is told of a project's builds, and what keeps
// them from being known. It is empty for a project that is off.
func checkProjectBuilds(ctx context.Context, p *parts, name string) ([]finding, error) {
	host, project, err := p.config.projectOf(name)
	if err != nil {
		return nil, err
	}
	chain, err := p.gerrits[host].ConfigChain(ctx, project)
	if err != nil && !review.IsGone(err) {
		return nil, fmt.Errorf("read the configuration of %s: %w", name, err)
	}
	policy := bot.NewPolicy(chain, p.config.Bot.InheritMode)
	switch {
	case policy.Mode == bot.ModeOff:
		return nil, nil
	case !policy.Builds:
		return []finding{ok("builds are left alone: builds.enabled = false")}, nil
	}
	pusher := pushes(p.config.Builds, name)
	out := []finding{sourceFinding(&policy, pusher)}
	for _, find := range []func(context.Context, ciAsked, *bot.Policy, string) ([]finding, error){accountFindings, knownFindings} {
		list, err := find(ctx, p.gerrits[host], &policy, project)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	switch n := len(p.config.Builds.LogHosts); {
	case n > 0:
		out = append(out, ok("logs are read of %s", plural(n, "host")))
	case len(policy.CIAccounts) > 0 && pusher == "":
		out = append(out, warn("ask the operator for an entry in builds.log_hosts, or let the CI push its reports: docs/builds.md", "no log is read: results are told without the line that matters"))
	}
	return out, nil
}

// sourceFinding says from whom results come.
func sourceFinding(policy *bot.Policy, pusher string) finding {
	how := "with the forms of Zuul, Jenkins, LUCI and Buildbot"
	if n := len(policy.CIPatterns); n > 0 {
		how = "with " + plural(n, "pattern") + " of the project, and else " + how
	}
	switch {
	case len(policy.CIAccounts) > 0:
		return ok("messages of %s are read %s; votes are on %s", plural(len(policy.CIAccounts), "account"), how, policy.CILabel)
	case pusher != "":
		return ok("no CI account is named: only what %s pushes counts", pusher)
	}
	return warn("write ciAccount = ID in [builds], or ask the operator for a token to push: docs/builds.md", "nothing is known of builds: no CI account is named, and nobody may push")
}

// accountFindings looks at the accounts whose words count.
func accountFindings(ctx context.Context, c ciAsked, policy *bot.Policy, _ string) ([]finding, error) {
	if len(policy.CIAccounts) == 0 {
		return nil, nil
	}
	self, err := c.Self(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the own account: %w", err)
	}
	accounts, err := c.Accounts(ctx, policy.CIAccounts)
	if err != nil {
		return nil, fmt.Errorf("read CI accounts: %w", err)
	}
	var out []finding
	for _, id := range policy.CIAccounts {
		a, there := accounts[id]
		switch {
		case id == self.ID:
			out = append(out, fail("name the account of the CI", "builds.ciAccount %d is the service account of the bot itself; its messages never count", id))
		case !there:
			out = append(out, fail("correct builds.ciAccount; ID is the number, as in the address of the account's dashboard", "builds.ciAccount %d: Gerrit shows no such account", id))
		case a.Inactive:
			out = append(out, warn("remove it, or name the account that took its place", "builds.ciAccount %d, %s, is switched off", id, a.Display()))
		case !a.Service:
			out = append(out, warn(`if it is no person, add it to the group "Service Users"; if it is one, remove it`, "builds.ciAccount %d, %s, is no service user: whatever it writes counts as what a CI says", id, a.Display()))
		default:
			out = append(out, ok("builds.ciAccount %d is %s, a service user", id, a.Display()))
		}
	}
	return out, nil
}

// knownFindings looks at the project's file of known failures.
func knownFindings(ctx context.Context, c ciAsked, _ *bot.Policy, project string) ([]finding, error) {
	body, found, err := c.File(ctx, project, review.ConfigRef, builds.KnownName)
	if err != nil {
		return nil, fmt.Errorf("read %s of %q: %w", builds.KnownName, project, err)
	}
	if !found {
		return []finding{ok("no %s: no failure is known before", builds.KnownName)}, nil
	}
	known, problems := builds.ParseKnown(builds.KnownName, body)
	if len(problems) == 0 {
		return []finding{ok("%s: %s", builds.KnownName, plural(known.Len(), "known failure"))}, nil
	}
	var out []finding
	for _, problem := range problems[:min(len(problems), maxShown)] {
		out = append(out, fail("mend it; nothing in a broken file counts", "%s", problem))
	}
	if n := len(problems) - maxShown; n > 0 {
		out = append(out, fail("", "and %d more", n))
	}
	return out, nil
}
