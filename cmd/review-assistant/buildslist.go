// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/builds"
)

type buildsListCmd struct {
	Project string `required:"" placeholder:"HOST/NAME" help:"Whose open failures."`
	Limit   int    `default:"20" placeholder:"N" help:"Most clusters to print, 1 to 500."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Help is the long help.
func (buildsListCmd) Help() string {
	return `Failures of the last seven days, one entry for each cause, that whose repair saves most waiting first. What a person marked, or the project's file of known failures names, says so. The fingerprint is what "builds mark" takes.`
}

// Run implements the command.
func (l buildsListCmd) Run(p *program) error {
	if l.Limit < 1 || l.Limit > 500 {
		return &usageError{fmt.Errorf("--limit %d: use 1 to 500", l.Limit)}
	}
	return withBot(p, func(c Config, parts *parts) error {
		host, name, err := c.projectOf(l.Project)
		if err != nil {
			return err
		}
		if _, err := parts.policy(p.ctx, host, name); err != nil {
			return err
		}
		clusters, err := parts.bot.Clusters(p.ctx, host, name, l.Limit, nil, nil)
		if err != nil {
			return err
		}
		if l.JSON {
			return p.ui.json(clusters)
		}
		p.clusters(l.Project, clusters, time.Now())
		return nil
	})
}

// clusters prints open failures for people.
func (p *program) clusters(project string, list []builds.Cluster, now time.Time) {
	if len(list) == 0 {
		p.ui.printf("%s: no failures in the last seven days\n", visible(project))
		return
	}
	p.ui.printf("%s\n", p.ui.paint(bold, "Open failures of "+visible(project)))
	for i, c := range list {
		colour := map[builds.Class]style{builds.ClassChange: red, builds.ClassPreexisting: yellow, builds.ClassFlaky: cyan, builds.ClassInfra: cyan}[c.Shown]
		what := orElse(visible(orElse(c.Test, c.Title)), "(nothing is known but that it failed)")
		p.ui.printf("%3d. %s %s  %s\n", i+1, p.ui.paint(orElse(colour, dim), fmt.Sprintf("%-13s", c.Shown)), c.Fingerprint, clipTo(what, p.ui.width-36))
		if c.Test != "" && c.Title != "" {
			p.ui.printf("     %s\n", clipTo(visible(c.Title), p.ui.width-5))
		}
		facts := []string{strings.Join(c.Jobs[:min(len(c.Jobs), 3)], ", "), plural(c.Runs, "run"), "last " + ago(now.Sub(c.Last))}
		if n := len(c.Blocked); n > 0 {
			facts = append(facts, fmt.Sprintf("blocks %s (%s) for %.1f h in all", plural(n, "change"), numbers(c.Blocked, 6), c.Hours))
		}
		if n := len(c.Also); n > 0 {
			facts = append(facts, plural(n, "other failure")+" with it")
		}
		p.ui.printf("     %s\n", p.ui.paint(dim, visible(strings.Join(facts, "; "))))
		for _, e := range c.Evidence {
			p.ui.printf("     - %s\n", visible(e))
		}
		if r := c.Ruling; r != nil {
			p.ui.printf("     %s\n", visible(ruling(*r)))
		}
		if c.URL != "" {
			p.ui.printf("     %s\n", visible(c.URL))
		}
	}
}

// ruling says what a person said of a cluster.
func ruling(r builds.Ruling) string {
	s := "known failure " + strconv.Quote(r.Name)
	if r.Name == "" {
		as := string(r.Class)
		if !r.Fixed.IsZero() {
			as = "fixed"
		}
		s = fmt.Sprintf("marked as %s by %s on %s", as, r.By, r.At.Format(time.DateOnly))
	}
	for _, more := range []string{r.Message, r.Link} {
		if more != "" {
			s += ": " + more
		}
	}
	return s
}

func numbers(list []int, most int) string {
	var out []string
	for _, n := range list[:min(len(list), most)] {
		out = append(out, strconv.Itoa(n))
	}
	if more := len(list) - most; more > 0 {
		out = append(out, fmt.Sprintf("%d more", more))
	}
	return strings.Join(out, ", ")
}

// ago writes how long something is past.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// clipTo cuts a line to a width.
func clipTo(s string, width int) string {
	r := []rune(s)
	if width = max(width, 20); len(r) <= width {
		return s
	}
	return string(r[:width-1]) + "…"
}

type buildsMarkCmd struct {
	Fingerprint string `arg:"" placeholder:"FINGERPRINT" help:"Of the cluster, as builds list prints it."`
	As          string `required:"" enum:"flaky,infra,fixed,none" placeholder:"CLASS" help:"flaky, infra, fixed, or none to take a mark back."`
	Project     string `required:"" placeholder:"HOST/NAME" help:"Whose failure it is."`
	Note        string `placeholder:"TEXT" help:"What to tell whoever meets it, at most 200 characters."`
	Link        string `placeholder:"URL" help:"An https address, such as that of a ticket."`
}

// Help is the long help.
func (buildsMarkCmd) Help() string {
	return `A mark stands above what is computed, for this project and everybody in it, and is audited. "fixed" says that the branch is mended from now on: what was built on an older state is that failure still, and a new one is news.`
}

// Run implements the command.
func (m buildsMarkCmd) Run(p *program) error {
	return withBot(p, func(c Config, parts *parts) error {
		host, name, err := c.projectOf(m.Project)
		if err != nil {
			return err
		}
		if !c.storeThere() {
			return &usageError{fmt.Errorf("no server has run with %s: there is nothing to mark", p.config)}
		}
		// A mark of a mistyped project would stand there and do nothing.
		if _, err := parts.policy(p.ctx, host, name); err != nil {
			return err
		}
		note, err := parts.cleanNote(p.ctx, host, name, m.Note)
		if err != nil {
			return err
		}
		mark, err := bot.NewMark(m.Fingerprint, m.As, note, m.Link, operatorName(), time.Now())
		if err != nil {
			return &usageError{err}
		}
		err = operate(p, c, markEntry(host, name, mark), func() error { return bot.KeepMark(p.ctx, parts.store, host, name, mark) })
		if err != nil {
			return err
		}
		if m.As == "none" {
			p.ui.printf("the mark of %s in %s is taken back; running servers follow with their next look\n", m.Fingerprint, m.Project)
			return nil
		}
		p.ui.printf("%s in %s is marked as %s; running servers follow with their next look. Take it back with --as none.\n", m.Fingerprint, m.Project, m.As)
		return nil
	})
}

// markEntry is the audit record of a mark.
func markEntry(host, project string, m bot.Mark) audit.Entry {
	as := string(m.Class)
	switch {
	case m.Fixed:
		as = "fixed"
	case as == "":
		as = "none"
	}
	e := audit.Entry{
		Action: audit.ActionMark, Object: audit.Object{Host: host, Project: project},
		Why: audit.Why{Rule: "marked as " + as, Evidence: []string{"cluster " + m.Fingerprint + " as " + as}},
	}
	for _, more := range []string{m.Note, m.Link} {
		if more != "" {
			e.Why.Evidence = append(e.Why.Evidence, more)
		}
	}
	return e
}
