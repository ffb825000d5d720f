// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/review"
	"review-assistant/store"
)

// scopeFlags say what a kill switch is about; none means everything.
type scopeFlags struct {
	Models  bool   `xor:"scope" help:"Only model calls: summaries are computed meanwhile."`
	Posts   bool   `xor:"scope" help:"Only posts: work waits in the queue."`
	Project string `xor:"scope" placeholder:"HOST/NAME" help:"Only one project."`
}

func (s scopeFlags) scope() (string, audit.Object, error) {
	switch {
	case s.Models:
		return bot.ScopeModels, audit.Object{}, nil
	case s.Posts:
		return bot.ScopePosts, audit.Object{}, nil
	case s.Project != "":
		host, name, ok := strings.Cut(s.Project, "/")
		if !ok || name == "" {
			return "", audit.Object{}, &usageError{fmt.Errorf("--project %q: write HOST/NAME, with the id of a configured Gerrit", s.Project)}
		}
		return bot.ScopeProject + s.Project, audit.Object{Host: host, Project: name}, nil
	}
	return bot.ScopeAll, audit.Object{}, nil
}

type stopCmd struct {
	scopeFlags
	Why string `default:"" placeholder:"TEXT" help:"Why, for the audit log and doctor."`
}

// Run implements the command.
func (s stopCmd) Run(p *program) error {
	return withStore(p, func(c Config, st store.Store) error {
		scope, object, err := s.scope()
		if err != nil {
			return err
		}
		e := audit.Entry{Action: audit.ActionStop, Object: object, Why: audit.Why{Rule: scope, Evidence: []string{s.Why}}}
		err = operate(p, c, e, func() error {
			return st.SetControl(p.ctx, review.Control{Scope: scope, By: operatorName(), Why: s.Why, At: time.Now().UTC()})
		})
		if err == nil {
			p.ui.printf("stopped: %s. Running servers follow within 10 seconds; the queue is kept. Take it back with: review-assistant resume%s\n", scope, flagsOf(s.scopeFlags))
		}
		return err
	})
}

type resumeCmd struct{ scopeFlags }

// Run implements the command.
func (s resumeCmd) Run(p *program) error {
	return withStore(p, func(c Config, st store.Store) error {
		scope, object, err := s.scope()
		if err != nil {
			return err
		}
		e := audit.Entry{Action: audit.ActionResume, Object: object, Why: audit.Why{Rule: scope}}
		err = operate(p, c, e, func() error { _, err := st.ClearControl(p.ctx, scope); return err })
		if err != nil {
			return err
		}
		p.ui.printf("resumed: %s\n", scope)
		left, err := st.Controls(p.ctx)
		for _, c := range left {
			p.ui.printf("still stopped: %s (by %s, %s)\n", c.Scope, c.By, c.At.Format(time.RFC3339))
		}
		return err
	})
}

func flagsOf(s scopeFlags) string {
	switch {
	case s.Models:
		return " --models"
	case s.Posts:
		return " --posts"
	case s.Project != "":
		return " --project " + s.Project
	}
	return ""
}

type backfillCmd struct {
	Project string `arg:"" placeholder:"HOST/NAME" help:"Project whose open changes get a summary."`
	Max     int    `required:"" placeholder:"N" help:"At most so many changes, newest first."`
}

// Run implements the command.
func (b backfillCmd) Run(p *program) error {
	host, name, ok := strings.Cut(b.Project, "/")
	if !ok || b.Max < 1 || b.Max > 1000 {
		return &usageError{fmt.Errorf("backfill %q --max %d: write HOST/NAME and a number from 1 to 1000", b.Project, b.Max)}
	}
	return withBot(p, func(c Config, parts *parts) error {
		defer p.ui.progress("asking for open changes of " + b.Project)()
		e := audit.Entry{
			Action: audit.ActionBackfill, Object: audit.Object{Host: host, Project: name},
			Why: audit.Why{Rule: "operator", Evidence: []string{fmt.Sprintf("max %d", b.Max)}},
		}
		return operate(p, c, e, func() error {
			ids, err := parts.bot.Backfill(p.ctx, host, name, b.Max)
			for _, id := range ids {
				p.ui.printf("queued %s\n", id)
			}
			if err == nil && len(ids) == 0 {
				p.ui.printf("no open change of %s moved within 30 days\n", b.Project)
			}
			return err
		})
	})
}
