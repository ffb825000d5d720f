// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/llm"
	"review-assistant/review"
)

type doctorCmd struct {
	Project string `placeholder:"HOST/NAME" help:"Say why a project is on or off, and what is wrong with its file."`
	Change  string `placeholder:"HOST/PROJECT~N" help:"Say what the bot would do with a change, and why."`
	Catalog bool   `help:"Say what keeps the catalog from leading to reviewers: people without accounts, groups without members, and more."`
	Ready   string `placeholder:"URL" help:"Ask a running server whether it is ready; for health checks."`
}

// finding is one line of doctor's report.
type finding struct {
	status string // ok, warn or fail
	text   string
	hint   string // what to do; for warn and fail
}

func ok(format string, args ...any) finding {
	return finding{status: "ok", text: fmt.Sprintf(format, args...)}
}

func warn(hint, format string, args ...any) finding {
	return finding{"warn", fmt.Sprintf(format, args...), hint}
}

func fail(hint, format string, args ...any) finding {
	return finding{"fail", fmt.Sprintf(format, args...), hint}
}

// findings prints a report and says whether anything in it failed.
func (u *ui) findings(list []finding) (bad bool) {
	for _, f := range list {
		text := f.text
		if f.hint != "" {
			text += "\n       " + f.hint
		}
		u.mark(f.status, text)
		bad = bad || f.status == "fail"
	}
	return bad
}

// checks is the table of what doctor looks at. A new check is one row.
var checks = []struct {
	name string
	run  func(context.Context, *parts) []finding
}{
	{"Server", checkServer},
	{"Gerrit", checkGerrit},
	{"Models", checkModels},
	{"Catalog", checkCatalog},
	{"Builds", checkBuilds},
	{"Identity", checkIdentity},
	{"Store", checkStore},
	{"Audit log", checkAudit},
	{"Switches", checkSwitches},
}

// Run implements the command.
func (d doctorCmd) Run(p *program) error {
	if d.Ready != "" {
		return ready(p, d.Ready)
	}
	// What is broken is a finding here, rather than the end or a line of the log.
	lenient := func(ctx context.Context, c Config, _ *slog.Logger, auditor bot.Auditor) (*parts, error) {
		c.Log.Level = "error"
		c.Builds.LogHosts = nil // no log is fetched here
		return assemble(ctx, c, commandLog(c, p.ui.err), auditor)
	}
	return withParts(p, lenient, func(_ Config, parts *parts) error {
		bad := false
		show := func(title string, list []finding) {
			p.ui.title(title)
			bad = p.ui.findings(list) || bad
		}
		if broken := brokenFiles(parts); len(broken) > 0 && (d.Project != "" || d.Change != "") {
			show("Catalog", broken)
		}
		switch {
		case d.Project != "":
			list, err := checkProject(p.ctx, parts, d.Project)
			if err != nil {
				return err
			}
			show(d.Project, list)
			if list, err = checkProjectBuilds(p.ctx, parts, d.Project); err != nil {
				return err
			}
			if len(list) > 0 {
				show("Builds of "+d.Project, list)
			}
		case d.Change != "":
			id, err := review.ParseChangeID(d.Change)
			if err != nil {
				return &usageError{err}
			}
			list, err := checkChange(p.ctx, parts, id)
			if err != nil {
				return err
			}
			show(d.Change, list)
		case d.Catalog:
			done := p.ui.progress("looking through the catalog")
			list := checkOwnership(p.ctx, parts)
			done()
			show("Catalog", list)
		default:
			for _, c := range checks {
				done := p.ui.progress("checking " + strings.ToLower(c.name))
				list := c.run(p.ctx, parts)
				done()
				show(c.name, list)
			}
		}
		p.ui.printf("\n")
		if bad {
			return errFindings
		}
		return nil
	})
}

func checkGerrit(ctx context.Context, p *parts) []finding {
	var out []finding
	for id, c := range p.gerrits {
		bounded, cancel := shortly(ctx)
		out = append(out, gerritFindings(bounded, id, c)...)
		cancel()
	}
	for _, g := range p.config.Gerrit {
		if strings.HasPrefix(g.URL, "http://") && !strings.Contains(g.URL, "://127.") && !strings.Contains(g.URL, "://localhost") {
			out = append(out, warn("use https", "%s: the account's token travels without encryption", g.ID))
		}
	}
	return out
}

type gerritAsked interface {
	Version(context.Context) (string, error)
	Self(context.Context) (review.Account, error)
	Capabilities(context.Context) ([]string, error)
}

func gerritFindings(ctx context.Context, id string, c gerritAsked) []finding {
	refused := fail("check username and password_file, and that the account is active", "%s: the account is refused", id)
	version, err := c.Version(ctx)
	if review.IsDenied(err) {
		return []finding{refused}
	}
	if err != nil {
		return []finding{fail("check gerrit.url, proxy_url and ca_file, and that Gerrit is up", "%s: cannot be reached: %v", id, err)}
	}
	out := []finding{ok("%s: Gerrit %s", id, version)}
	self, err := c.Self(ctx)
	switch {
	case review.IsDenied(err):
		return append(out, refused)
	case err != nil:
		return append(out, fail("try again", "%s: cannot read the own account: %v", id, err))
	case !self.Service:
		out = append(out, warn(`add it to the group "Service Users"`, "%s: %s is no service user: its comments put people into the attention set", id, self.Display()))
	default:
		out = append(out, ok("%s: signs in as %s, a service user", id, self.Display()))
	}
	caps, err := c.Capabilities(ctx)
	if err != nil {
		return append(out, fail("try again", "%s: cannot read the account's capabilities: %v", id, err))
	}
	if why := tooMuch(caps); why != "" {
		return append(out, fail("nothing is posted until then; docs/gerrit-access.md has the rules", "%s: %s", id, why))
	}
	return append(out, ok("%s: no capability that it must not have", id))
}

func checkCatalog(ctx context.Context, p *parts) []finding {
	out := brokenFiles(p)
	if p.people != nil {
		out = append(out, ok("%s can be read", p.config.Reviewers.PeopleFile))
	}
	if p.catalogErr != nil {
		return out
	}
	if p.catalog == nil {
		return append(out, warn("set catalog.url or catalog.files", "no catalog: nobody is suggested from ownership"))
	}
	r, is := p.catalog.(interface{ Refresh(context.Context) error })
	if !is {
		return out
	}
	// A large catalog takes longer than other checks.
	bounded, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := r.Refresh(bounded); err != nil {
		return append(out, fail("mend catalog.url, token_file, ca_file, proxy_url or files; meanwhile summaries name no owners, or those of the last read", "%v", err))
	}
	return append(out, ok("the catalog can be read"))
}

// brokenFiles tells of files with which no server starts. One that runs keeps
// what they said before.
func brokenFiles(p *parts) []finding {
	var out []finding
	for _, err := range []error{p.catalogErr, p.peopleErr} {
		if err != nil {
			out = append(out, fail("mend it: no server starts with it, and one that runs keeps what it read before", "%s", below(err)))
		}
	}
	return out
}

// below puts the lines of an error below each other in a report.
func below(err error) string { return strings.ReplaceAll(err.Error(), "\n", "\n       ") }

func checkStore(ctx context.Context, p *parts) []finding {
	if !p.config.storeThere() {
		return []finding{warn("it is made at the first start", "%s is not there yet", p.config.Store.SQLite)}
	}
	bounded, cancel := shortly(ctx)
	defer cancel()
	if err := p.store.Ping(bounded); err != nil {
		return []finding{fail("check store: in the configuration", "%v", err)}
	}
	var out []finding
	for _, problem := range p.store.Check(bounded) {
		out = append(out, fail(problem.Fix, "%s: %s", problem.Key, problem.Cause))
	}
	s, err := p.store.Stats(bounded)
	if err != nil {
		return append(out, fail("try again", "%v", err))
	}
	out = append(out, ok("%d due, %d in work, %d waiting", s.Due, s.Leased, s.Delayed))
	if s.Dead > 0 {
		out = append(out, warn("see review-assistant dlq ls", "%d jobs were given up", s.Dead))
	}
	return out
}

func checkAudit(_ context.Context, p *parts) []finding {
	dir := p.config.Audit.Dir
	kind, err := audit.Ephemeral(dir)
	switch {
	case err != nil:
		return []finding{warn("it is made at the first start", "%s is not there yet", dir)}
	case kind != "" && !p.config.Audit.AcceptEphemeral:
		return []finding{fail("set audit.dir to a disk that stays", "%s is on %s, which a restart wipes", dir, kind)}
	}
	out := []finding{ok("%s is on a disk that stays", dir)}
	if p.config.Audit.Publish == "" {
		out = append(out, warn("set audit.publish to a file on another disk", "checkpoints are not published: whoever has this disk and the key could rewrite the log"))
	}
	return out
}

func checkSwitches(ctx context.Context, p *parts) []finding {
	list, err := p.store.Controls(ctx)
	if err != nil {
		return []finding{fail("check the store", "%v", err)}
	}
	var out []finding
	for _, c := range list {
		out = append(out, stopFinding(p.file, c))
	}
	if len(out) == 0 {
		out = append(out, ok("nothing is stopped"))
	}
	return out
}

// checkProject says why a project is on or off.
func checkProject(ctx context.Context, p *parts, name string) ([]finding, error) {
	host, project, err := p.config.projectOf(name)
	if err != nil {
		return nil, err
	}
	chain, err := p.gerrits[host].ConfigChain(ctx, project)
	if review.IsGone(err) {
		return []finding{fail(`check the name, and grant the bots' group Read on refs/heads/* there`, "Gerrit shows no project %q to the service account", project)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration of %s: %w", name, err)
	}
	policy := bot.NewPolicy(chain, p.config.Bot.InheritMode)
	var out []finding
	switch policy.Off {
	case bot.OffNot:
		out = append(out, ok("mode %s", policy.Mode))
	case bot.OffNoFile:
		out = append(out, fail("push "+bot.ConfigName+" with mode = shadow to refs/meta/config", "off: the project has no %s", bot.ConfigName))
	case bot.OffNoAccess:
		out = append(out, fail("grant the bots' group Read on refs/meta/config in this project", "off: the service account cannot read refs/meta/config of %q", project))
	case bot.OffForbidden:
		out = append(out, fail("ask the owners of that project", "off: forbidden by the parent %q; nothing below can switch it on", policy.By))
	case bot.OffBroken:
		out = append(out, fail("mend it; a broken file means off", "off: the file of %q has faults", policy.By))
	default:
		out = append(out, warn("set mode = shadow or mode = on", "off: the project's own file says so"))
	}
	for _, problem := range policy.Problems {
		out = append(out, fail("", "%s", problem))
	}
	out = append(out, projectModel(&policy, p.config.profiles(), name)...)
	for _, w := range policy.Warnings {
		out = append(out, warn("", "%s", w))
	}
	for _, parent := range policy.Unread {
		out = append(out, warn("let its owners grant the bots' group Read on refs/meta/config", "the file of the parent %q cannot be read: a forbid there would not be seen", parent))
	}
	if len(p.config.Identity.Providers) > 0 {
		out = append(out, ownerFindings(chain)...)
	}
	return out, nil
}

// projectModel says whether a project gets the model of its profile, and
// whether its cap on money holds. Changes of branches that registered users
// cannot read are stricter; doctor --change tells of them.
func projectModel(policy *bot.Policy, profiles map[string]llm.Profile, project string) []finding {
	if why := policy.Without(profiles, project, false); !why.Empty() {
		return []finding{warn("docs/project-config.md, Models and data classes", "model profile %q: no model: %s; summaries are computed", policy.Profile, why)}
	}
	profile, there := profiles[policy.Profile]
	if !there {
		return nil
	}
	out := []finding{ok("model profile %s, up to %s data", policy.Profile, profile.Class())}
	if policy.MoneyPerMonth > 0 {
		out = append(out, priceNote(profile, true)...)
	}
	return out
}

// ready asks a running server.
func ready(p *program, url string) error {
	if problems := checkURL("--ready", url, true); len(problems) > 0 {
		return &usageError{fmt.Errorf("--ready %q %s; write for example http://127.0.0.1:8080", url, problems[0].Cause)}
	}
	ctx, cancel := shortly(p.ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(url, "/")+"/readyz", nil)
	if err != nil {
		return &usageError{err}
	}
	// The environment's proxies are ignored, as everywhere.
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("the answer of %s breaks off: %w", url, err)
	}
	p.ui.printf("%s", body)
	if resp.StatusCode != http.StatusOK {
		return errFindings
	}
	return nil
}
