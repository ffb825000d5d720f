// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"review-assistant/bot"
	"review-assistant/gerrit"
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/server"
)

// checkServer tries what the HTTP server reads at its start.
func checkServer(_ context.Context, p *parts) []finding {
	c := p.config
	out := []finding{ok("listens on %s", c.Server.Listen)}
	if c.Server.CertFile != "" {
		if err := tryServer(server.Options{TLS: c.tls()}); err != nil {
			out = append(out, fail("put certificate and key into cert_file and key_file", "%v", err))
		} else {
			out = append(out, ok("the certificate fits its key"))
		}
	}
	for _, g := range c.Gerrit {
		good := 0
		for _, file := range g.WebhookTokenFiles {
			auth := map[string]server.HostAuth{g.ID: {TokenFiles: []string{file}}}
			if err := tryServer(server.Options{Hosts: auth}); err != nil {
				out = append(out, warn("write one: openssl rand -hex 32", "%v", err))
				continue
			}
			good++
		}
		if good == 0 {
			out = append(out, fail("serve does not start without one", "%s: no webhook token can be read", g.ID))
		} else {
			out = append(out, ok("%s: webhook tokens: %d", g.ID, good))
		}
	}
	for _, file := range c.API.TokenFiles {
		if err := tryServer(server.Options{API: server.API{TokenFiles: []string{file}}}); err != nil {
			out = append(out, warn("write one: openssl rand -hex 32", "%v", err))
		}
	}
	return append(out, secretFindings(c.secretFiles())...)
}

// tryServer makes a server that nobody uses, to see what it complains of.
func tryServer(o server.Options) error {
	o.Decode = gerrit.Decode
	o.Accept = func(context.Context, review.Event) (bool, string, error) { return false, "", nil }
	_, err := server.New(o)
	return err
}

// secretFindings tells secrets that every account of the machine can read.
func secretFindings(files []string) []finding {
	var out []finding
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			continue // whoever needs it has told that already
		}
		dir, err := os.Stat(filepath.Dir(f))
		if err == nil && info.Mode()&0o004 != 0 && dir.Mode()&0o001 != 0 {
			out = append(out, warn("let only its owner read it, or close its folder to others", "%s can be read by every account of this machine", f))
		}
	}
	return out
}

// checkModels asks each model's server whether it takes the key. No text is sent.
func checkModels(ctx context.Context, p *parts) []finding {
	if len(p.config.Models) == 0 {
		return []finding{ok("no model is configured: summaries are computed")}
	}
	var out []finding
	for name, m := range p.config.Models {
		where := []string{m.Model, "at " + orElse(m.URL, m.Dir)}
		for _, s := range []string{m.Region, m.Retention} {
			if s != "" {
				where = append(where, s)
			}
		}
		profile := m.profile(name)
		where = append(where, "up to "+string(profile.Class())+" data")
		out = append(out, modelFinding(ctx, profile, strings.Join(where, ", ")))
	}
	out = append(out, modelNotes(p.config)...)
	slices.SortFunc(out, func(a, b finding) int { return strings.Compare(a.text, b.text) })
	if _, there := p.config.Models["default"]; !there {
		out = append(out, warn("name one profile default, or set model.profile in the projects' files", "no profile is named default: projects that name none get computed summaries"))
	}
	return out
}

func modelFinding(ctx context.Context, m llm.Profile, where string) finding {
	if err := keyThere(m.Name, m.KeyFile); err != nil {
		return fail("write the key there", "%v", err)
	}
	bounded, cancel := shortly(ctx)
	defer cancel()
	status, err := llm.Reach(bounded, m)
	switch {
	case err != nil:
		return fail("check url, proxy_url and ca_file; meanwhile summaries are computed", "%s: %s: not reachable: %v", m.Name, where, err)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fail("check key_file", "%s: %s: the key is refused, status %d", m.Name, where, status)
	case status >= http.StatusInternalServerError:
		return warn("look at the model's server", "%s: %s: reachable, but answers with status %d", m.Name, where, status)
	}
	return ok("%s: %s: reachable", m.Name, where)
}

// keyThere tells a key file that cannot be read.
func keyThere(name, file string) error {
	if file == "" {
		return nil
	}
	body, err := readLimited(file, maxSecret)
	if err != nil {
		return fmt.Errorf("models.%s.key_file: %w", name, err)
	}
	if strings.TrimSpace(string(body)) == "" {
		return fmt.Errorf("models.%s.key_file: %s is empty", name, file)
	}
	return nil
}

// checkChange says what the bot would do with a change, and in the end whether
// it would speak.
func checkChange(ctx context.Context, p *parts, id review.ChangeID) ([]finding, error) {
	if err := p.config.knows(id.Host); err != nil {
		return nil, err
	}
	if err := p.unsafe.look(ctx, id.Host, p.gerrits[id.Host]); err != nil {
		return nil, err
	}
	r, err := p.bot.Explain(ctx, id)
	if err != nil {
		return nil, err
	}
	controls, err := p.store.Controls(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the switches: %w", err)
	}
	var out []finding
	why, bad := r.Reason, false
	for _, c := range controls {
		if !concerns(c.Scope, id) {
			continue
		}
		out = append(out, stopFinding(p.file, c))
		if why == "" && c.Scope != bot.ScopeModels {
			why = "stopped: " + c.Scope
		}
	}
	if unsafe := p.unsafe.of(id.Host); unsafe != "" {
		out = append(out, fail("docs/gerrit-access.md has the rules", "%s", unsafe))
		why, bad = "the service account may do too much on this Gerrit", true
	}
	if r.NoModel != "" {
		out = append(out, warn("docs/project-config.md, Models and data classes", "no model: %s; the summary is computed", r.NoModel))
	}
	if len(r.May) > 0 {
		out = append(out, fail("take these rights away; docs/gerrit-access.md has the rules", "the service account may %s on this change", strings.Join(r.May, ", ")))
		why, bad = "the service account may do more than comment", true
	} else {
		out = append(out, ok("the service account may only comment"))
	}
	switch {
	case r.ReachWhy == "": // the change was not read
	case r.Restricted:
		out = append(out, ok("the code counts as restricted: %s", r.ReachWhy))
	default:
		out = append(out, ok("the code is for every registered user: %s", r.ReachWhy))
	}
	verdict := fmt.Sprintf("verdict: nothing is posted on patch set %d, because: %s", r.PatchSet, why)
	switch {
	case bad:
		return append(out, fail("", "%s", verdict)), nil
	case why != "":
		return append(out, warn("", "%s", verdict)), nil
	}
	return append(out, ok("verdict: patch set %d would be summarized now", r.PatchSet)), nil
}

// stopFinding tells a kill switch with the command that takes it back.
func stopFinding(file string, c review.Control) finding {
	return warn("take it back with: "+resumeCommand(file, c.Scope),
		"stopped: %s, by %s on %s: %s", c.Scope, c.By, c.At.Format(time.RFC3339), orElse(c.Why, "no reason given"))
}
