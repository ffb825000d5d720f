// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"review-assistant/bot"
	"review-assistant/buildlog"
	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/reviewers"
)

type evalCmd struct {
	Summaries evalSummariesCmd `cmd:"" help:"Summarize a folder of changes and print for each whether it would be posted, how new it is, and what it costs."`
	Reviewers evalReviewersCmd `cmd:"" help:"Answer a replay of review history on standard input, one JSON object a line."`
	Builds    evalBuildsCmd    `cmd:"" help:"Answer a replay of a CI's history on standard input, one JSON object a line: whose failure it is."`
}

type evalReviewersCmd struct {
	Without  []string `placeholder:"SIGNAL" help:"Signals to leave out."`
	Balanced bool     `help:"Put first whom a comment would name: by load and by what is covered as well."`
}

// Help is the long help.
func (evalReviewersCmd) Help() string {
	return `Lines are {"op":"rank","id":"1","project":"pay","owner":"ann","created":1700000000,"files":["a.go"],"subject":"pay: try again"}, answered with {"id":"1","ranked":["bob"]}, {"op":"learn","id":"1","reviewers":["bob"],"closed":1700000100} and {"op":"owners","project":"pay","path":"lib","owners":["carl"]}. Times are seconds since 1970. More in docs/reviewers.md.`
}

// Run implements the command.
func (e evalReviewersCmd) Run(p *program) error {
	err := reviewers.Eval(p.ctx, p.in, p.ui.out, reviewers.EvalOptions{Without: e.Without, Balanced: e.Balanced})
	if _, wrong := errors.AsType[*reviewers.SignalError](err); wrong {
		return &usageError{fmt.Errorf("--without: %w", err)}
	}
	return err
}

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Check the server's file (--config), or a file of a project: review-assistant.config or review-assistant-failures.config."`
}

type configCheckCmd struct {
	File    string   `arg:"" optional:"" help:"A project's review-assistant.config, or review-assistant-failures.config, known by its name; without it the server's file is checked."`
	Known   bool     `help:"FILE holds known failures, whatever its name."`
	Parent  []string `placeholder:"FILE" sep:"none" help:"The file of a parent project, nearest first; may be given again."`
	Project string   `placeholder:"HOST/NAME" help:"The project's name, where profiles of --config are for some projects only."`
}

// Run implements the command.
func (c configCheckCmd) Run(p *program) error {
	if c.File == "" {
		if c.Known {
			return &usageError{errors.New("--known: name the FILE")}
		}
		conf, err := loadConfig(p.config)
		if err != nil {
			return err
		}
		_, badCatalog := openCatalogFiles(conf, nil)
		_, badPeople := openPeopleFile(conf, nil)
		_, badHosts := buildlog.New(buildlog.Options{Hosts: conf.Builds.hosts()})
		if badHosts != nil {
			badHosts = fmt.Errorf("builds.log_hosts: %w", badHosts)
		}
		if err := errors.Join(badCatalog, badPeople, badHosts); err != nil {
			return &usageError{err}
		}
		if len(conf.Gerrit) == 0 {
			p.ui.mark("warn", "no Gerrit is configured: serve does not start")
		}
		p.ui.mark("ok", fmt.Sprintf("%s: %s, %s", orElse(p.config, "defaults"), plural(len(conf.Gerrit), "Gerrit"), plural(len(conf.Models), "model profile")))
		p.ui.findings(modelNotes(conf))
		return nil
	}
	if c.Known || filepath.Base(c.File) == builds.KnownName {
		return c.known(p)
	}
	return c.project(p)
}

// known checks a project's file of known failures.
func (c configCheckCmd) known(p *program) error {
	body, err := readLimited(c.File, maxConfigFile)
	if err != nil {
		return &usageError{err}
	}
	known, problems := builds.ParseKnown(c.File, body)
	for _, problem := range problems {
		p.ui.mark("fail", problem.String())
	}
	if len(problems) > 0 {
		return &usageError{fmt.Errorf("%s; nothing in a broken file counts", plural(len(problems), "fault"))}
	}
	p.ui.mark("ok", fmt.Sprintf("%s: %s", c.File, plural(known.Len(), "known failure")))
	return nil
}

// project checks a project's file, with its parents' as far as they are given,
// and against the profiles of the server's file if that is.
func (c configCheckCmd) project(p *program) error {
	var chain []review.ConfigFile
	for _, name := range append([]string{c.File}, c.Parent...) {
		body, err := readLimited(name, maxConfigFile)
		if err != nil {
			return &usageError{err}
		}
		chain = append(chain, review.ConfigFile{Project: name, State: review.ConfigFound, Body: body})
	}
	policy := bot.NewPolicy(chain, false)
	for _, problem := range policy.Problems {
		problem.File = strings.TrimSuffix(problem.File, ":"+bot.ConfigName)
		p.ui.mark("fail", problem.String())
	}
	if len(policy.Problems) > 0 {
		return &usageError{fmt.Errorf("%s; a broken file means off", plural(len(policy.Problems), "fault"))}
	}
	for _, w := range policy.Warnings {
		w.File = c.File
		p.ui.mark("warn", w.String())
	}
	p.ui.mark("ok", fmt.Sprintf("%s: mode %s", c.File, policy.Mode))
	if p.config == "" {
		return nil
	}
	conf, err := loadConfig(p.config)
	if err != nil {
		return err
	}
	profiles := conf.profiles()
	if c.Project == "" {
		for name, profile := range profiles {
			profile.Projects = nil // nobody can tell
			profiles[name] = profile
		}
	}
	p.ui.findings(projectModel(&policy, profiles, c.Project))
	return nil
}
