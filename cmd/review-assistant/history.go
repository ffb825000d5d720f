// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/gitlog"
	"review-assistant/review"
)

type historyCmd struct {
	Import    historyImportCmd    `cmd:"" help:"Learn from the log of a git clone who reviewed what."`
	Bootstrap historyBootstrapCmd `cmd:"" help:"Read the past reviews of a project from Gerrit now."`
	Status    historyStatusCmd    `cmd:"" help:"Show what is known of past reviews, by project."`
}

type historyImportCmd struct {
	Dir     string `arg:"" type:"path" placeholder:"DIR" help:"Full clone of the project."`
	Host    string `required:"" placeholder:"ID" help:"The Gerrit that the project is on, by its id in the configuration."`
	Project string `required:"" placeholder:"NAME" help:"The project's name there."`
	Branch  string `placeholder:"NAME" help:"Branch to read, what is checked out by default."`
	Offline bool   `help:"Ask Gerrit for no accounts: people are known by their addresses alone."`
}

// Run implements the command.
func (h historyImportCmd) Run(p *program) error {
	if h.Project == "" {
		return &usageError{errors.New("--project is empty: write the name of the project in Gerrit")}
	}
	name := h.Host + "/" + h.Project
	return withHistory(p, name, func(c Config, parts *parts, host, project string) error {
		from := gitlog.Options{Dir: h.Dir, Project: project, Branch: h.Branch, Since: parts.bot.HistorySince()}
		var err error
		if from.Branch, err = gitlog.Branch(p.ctx, from); err != nil {
			return &usageError{err}
		}
		if !h.Offline {
			if _, err := parts.policy(p.ctx, host, project); err != nil {
				return err
			}
		}
		e := audit.Entry{
			Action: audit.ActionImport, Object: audit.Object{Host: host, Project: project},
			Why: audit.Why{Rule: "operator", Evidence: []string{"branch " + from.Branch}},
		}
		var done bot.Imported
		commits := 0
		from.Seen = func() { commits++ }
		shown := p.ui.counter(10_000)
		err = operate(p, c, e, func() (err error) {
			defer shown.end()
			done, err = parts.bot.Import(p.ctx, host, project, gitlog.Read(p.ctx, from), bot.ImportOptions{Offline: h.Offline, Progress: func(i bot.Imported) {
				shown.show(i.Read, fmt.Sprintf("%s read, %d of them new", plural(i.Read, "reviewed commit"), i.Added))
			}})
			return err
		})
		if err == nil || done.Read > 0 {
			h.tell(p, from, done, commits)
		}
		return historyError(p, name, err, "what was read is kept; run the command again to go on")
	})
}

func (h historyImportCmd) tell(p *program, from gitlog.Options, done bot.Imported, commits int) {
	p.ui.printf("%s, branch %s: %s, %d of them new; %s", h.Project, from.Branch, plural(done.Read, "reviewed commit"), done.Added, people(done.People))
	if !h.Offline {
		p.ui.printf(", %d of them without an account", done.Unknown)
	}
	p.ui.printf("\n")
	if done.Read == 0 {
		p.ui.printf("of %s since %s none is reviewed: a reviewed commit ends with a line such as \"Reviewed-by: Ann <ann@example.com>\", which Gerrit writes where it makes the commit itself, by rebasing or picking; where it does not, use history bootstrap\n",
			plural(commits, "commit"), from.Since.Format(time.DateOnly))
	}
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

type historyBootstrapCmd struct {
	Project string `arg:"" placeholder:"HOST/NAME" help:"Project whose past reviews are read."`
}

// Run implements the command.
func (h historyBootstrapCmd) Run(p *program) error {
	return withHistory(p, h.Project, func(c Config, parts *parts, host, project string) error {
		if _, err := parts.policy(p.ctx, host, project); err != nil {
			return err
		}
		shown := p.ui.counter(1000)
		e := audit.Entry{Action: audit.ActionBootstrap, Object: audit.Object{Host: host, Project: project}, Why: audit.Why{Rule: "operator"}}
		var stood bot.HistoryState
		err := operate(p, c, e, func() (err error) {
			defer shown.end()
			stood, err = parts.bot.Bootstrap(p.ctx, host, project, func(s bot.HistoryState) {
				text := fmt.Sprintf("%s read, %d kept", plural(s.Read, "change"), s.Kept)
				if s.Old != nil && !s.Old.Before.IsZero() {
					text += ", back to " + s.Old.Before.Format(time.DateOnly)
				}
				shown.show(s.Read, text)
			})
			return err
		})
		if err == nil || stood.Read > 0 {
			p.ui.printf("%s: %s\n", h.Project, stand(stood))
		}
		return historyError(p, h.Project, err, "what was read is kept; run the command again to go on")
	})
}

type historyStatusCmd struct {
	Projects []string `arg:"" optional:"" placeholder:"HOST/NAME" help:"Only these; all that have reviews by default."`
}

// Run implements the command.
func (h historyStatusCmd) Run(p *program) error {
	return withBot(p, func(c Config, parts *parts) error {
		if !c.storeThere() {
			return noStore(p)
		}
		asked := map[string][]string{}
		for _, s := range h.Projects {
			host, project, err := c.projectOf(s)
			if err != nil {
				return err
			}
			asked[host] = append(asked[host], project)
		}
		shown := 0
		for _, g := range c.Gerrit {
			if len(h.Projects) > 0 && asked[g.ID] == nil {
				continue
			}
			list, err := parts.bot.Histories(p.ctx, g.ID, asked[g.ID])
			if err != nil {
				return err
			}
			for _, one := range list {
				line := "no reviews"
				if one.Rows > 0 {
					line = fmt.Sprintf("%s, %s to %s", plural(one.Rows, "review"), one.Oldest.Format(time.DateOnly), one.Newest.Format(time.DateOnly))
				}
				from := "not read from Gerrit"
				if one.Asked {
					from = "from Gerrit: " + stand(one.State)
				}
				p.ui.printf("%s  %s; %s\n", p.ui.paint(bold, visible(g.ID+"/"+one.Project)), line, from)
				shown++
			}
		}
		if shown == 0 {
			p.ui.printf("no reviews are known; a project that opts in is read by itself\n")
		}
		return nil
	})
}

// stand says in words where reading stands.
func stand(s bot.HistoryState) string {
	switch {
	case s.Old == nil && s.New == nil:
		return fmt.Sprintf("read, %s, %d kept", plural(s.Read, "change"), s.Kept)
	case s.Old == nil:
		return fmt.Sprintf("read but for the newest, %s, %d kept", plural(s.Read, "change"), s.Kept)
	case s.Old.Before.IsZero():
		return "not begun"
	}
	return fmt.Sprintf("read back to %s, %s, %d kept", s.Old.Before.Format(time.DateOnly), plural(s.Read, "change"), s.Kept)
}

// withHistory opens the bot for a project.
func withHistory(p *program, name string, fn func(c Config, parts *parts, host, project string) error) error {
	return withBot(p, func(c Config, parts *parts) error {
		host, project, err := c.projectOf(name)
		if err != nil {
			return err
		}
		if !c.storeThere() {
			return noStore(p)
		}
		return p.advise("project "+name, fn(c, parts, host, project))
	})
}

func noStore(p *program) error {
	return &usageError{fmt.Errorf("no server has run with %s: there is no store to keep reviews in; start it once", p.config)}
}

// policy reads what a project wants. One that the service account does not see
// is an error.
func (p *parts) policy(ctx context.Context, host, project string) (bot.Policy, error) {
	chain, err := p.gerrits[host].ConfigChain(ctx, project)
	if review.IsGone(err) {
		return bot.Policy{}, &usageError{fmt.Errorf("gerrit %s shows no project %q to the service account", host, project)}
	}
	if err != nil {
		return bot.Policy{}, fmt.Errorf("read the configuration of %s: %w", project, err)
	}
	return bot.NewPolicy(chain, p.config.Bot.InheritMode), nil
}

// historyError tells somebody why past reviews of a project are not read, and
// who stopped a command what is left of it.
func historyError(p *program, name string, err error, left string) error {
	refused, is := errors.AsType[*bot.RefusedError](err)
	switch {
	case err != nil && p.ctx.Err() != nil:
		return errors.New("stopped; " + left)
	case is:
		return &usageError{fmt.Errorf("%s %s, so nothing is read; review-assistant doctor -c %s --project '%s' says why", name, refused.Why, p.config, name)}
	}
	return err
}
