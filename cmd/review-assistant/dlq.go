// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/store"
)

type dlqCmd struct {
	Ls     dlqLsCmd     `cmd:"" help:"List jobs that were given up."`
	Show   dlqShowCmd   `cmd:"" help:"Print one as JSON."`
	Replay dlqReplayCmd `cmd:"" help:"Make one due again."`
	Drop   dlqDropCmd   `cmd:"" help:"Forget one."`
}

type dlqLsCmd struct {
	Limit int `default:"100" help:"At most so many."`
}

// Run implements the command.
func (d dlqLsCmd) Run(p *program) error {
	if d.Limit < 1 {
		return &usageError{fmt.Errorf("--limit %d: write a number above 0", d.Limit)}
	}
	return withStore(p, func(_ Config, st store.Store) error {
		jobs, err := st.Dead(p.ctx, d.Limit)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			p.ui.printf("%s  %s  %d attempts  %s\n", p.ui.paint(dim, j.Parked.Format(time.RFC3339)), p.ui.paint(bold, string(j.Key)), j.Attempts, j.Reason)
		}
		if len(jobs) == 0 {
			p.ui.printf("no job was given up\n")
		}
		return nil
	})
}

type dlqKey struct {
	Key string `arg:"" placeholder:"KEY" help:"Key as dlq ls prints it, such as change/main/infra/dns~17."`
}

func (k dlqKey) entry(a audit.Action) audit.Entry {
	key := review.JobKey(k.Key)
	host, project := key.Project()
	e := audit.Entry{Action: a, Object: audit.Object{Host: host, Project: project}, Why: audit.Why{Rule: "operator", Evidence: []string{k.Key}}}
	if id, err := key.Change(); err == nil {
		e.Object.Change = id.Number
	}
	return e
}

type dlqShowCmd struct{ dlqKey }

// Run implements the command.
func (d dlqShowCmd) Run(p *program) error {
	return withStore(p, func(_ Config, st store.Store) error {
		j, err := d.get(p, st)
		if err != nil {
			return err
		}
		return p.ui.json(j)
	})
}

func (k dlqKey) get(p *program, st store.Store) (review.DeadJob, error) {
	j, ok, err := st.DeadGet(p.ctx, review.JobKey(k.Key))
	if err == nil && !ok {
		err = fmt.Errorf("no job %q was given up; see review-assistant dlq ls", k.Key)
	}
	return j, err
}

type dlqReplayCmd struct{ dlqKey }

// Run implements the command.
func (d dlqReplayCmd) Run(p *program) error {
	return withStore(p, func(c Config, st store.Store) error {
		if _, err := d.get(p, st); err != nil {
			return err
		}
		err := operate(p, c, d.entry(audit.ActionReplay), func() error { _, err := st.Replay(p.ctx, review.JobKey(d.Key)); return err })
		if err == nil {
			p.ui.printf("%s is due again\n", d.Key)
		}
		return err
	})
}

type dlqDropCmd struct{ dlqKey }

// Run implements the command.
func (d dlqDropCmd) Run(p *program) error {
	return withStore(p, func(c Config, st store.Store) error {
		if _, err := d.get(p, st); err != nil {
			return err
		}
		err := operate(p, c, d.entry(audit.ActionDrop), func() error { _, err := st.Drop(p.ctx, review.JobKey(d.Key)); return err })
		if err == nil {
			p.ui.printf("%s is forgotten\n", d.Key)
		}
		return err
	})
}
