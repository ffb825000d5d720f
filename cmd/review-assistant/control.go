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

func (s scopeFlags) scope(c Config) (string, audit.Object, error) {
	switch {
	case s.Models:
		return bot.ScopeModels, audit.Object{}, nil
	case s.Posts:
		return bot.ScopePosts, audit.Object{}, nil
	case s.Project != "":
		host, name, err := c.projectOf(s.Project)
		return bot.ScopeProject + s.Project, audit.Object{Host: host, Project: name}, err
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
		scope, object, err := s.scope(c)
		if err != nil {
			return err
		}
		e := audit.Entry{Action: audit.ActionStop, Object: object, Why: audit.Why{Rule: scope}}
		if s.Why != "" {
			e.Why.Evidence = []string{s.Why}
		}
		err = operate(p, c, e, func() error {
			return st.SetControl(p.ctx, review.Control{Scope: scope, By: operatorName(), Why: s.Why, At: time.Now().UTC()})
		})
		if err == nil {
			p.ui.printf("stopped: %s. Running servers follow within 10 seconds; the queue is kept. Take it back with: %s\n", scope, resumeCommand(p.config, scope))
		}
		return err
	})
}

type resumeCmd struct{ scopeFlags }

// Run implements the command.
func (s resumeCmd) Run(p *program) error {
	return withStore(p, func(c Config, st store.Store) error {
		scope, object, err := s.scope(c)
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
			p.ui.printf("still stopped: %s (by %s, %s). Take it back with: %s\n", c.Scope, c.By, c.At.Format(time.RFC3339), resumeCommand(p.config, c.Scope))
		}
		return err
	})
}

// concerns reports whether a stop keeps something from a change.
func concerns(scope string, id review.ChangeID) bool {
	project, is := strings.CutPrefix(scope, bot.ScopeProject)
	return !is || project == id.Host+"/"+id.Project
}

// resumeCommand is the command that takes a stop back, ready to paste.
func resumeCommand(file, scope string) string {
	s := "review-assistant resume -c " + file
	switch project, is := strings.CutPrefix(scope, bot.ScopeProject); {
	case is:
		return s + " --project '" + project + "'"
	case scope != bot.ScopeAll:
		return s + " --" + scope
	}
	return s
}

type backfillCmd struct {
	Project string `arg:"" placeholder:"HOST/NAME" help:"Project whose open changes get a summary."`
	Max     int    `required:"" placeholder:"N" help:"At most so many changes, newest first."`
}

// Run implements the command.
func (b backfillCmd) Run(p *program) error {
	if b.Max < 1 || b.Max > 1000 {
		return &usageError{fmt.Errorf("backfill --max %d: write a number from 1 to 1000", b.Max)}
	}
	return withBot(p, func(c Config, parts *parts) error {
		host, name, err := c.projectOf(b.Project)
		if err != nil {
			return err
		}
		if !c.storeThere() {
			return &usageError{fmt.Errorf("no server has run with %s: there is no queue to put changes into", p.config)}
		}
		policy, err := parts.policy(p.ctx, host, name)
		if err != nil {
			return err
		}
		if policy.Mode == bot.ModeOff {
			return &usageError{fmt.Errorf("%s is off, so nothing is queued; review-assistant doctor -c %s --project '%s' says why", b.Project, p.config, b.Project)}
		}
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
