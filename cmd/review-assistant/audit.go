// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"review-assistant/audit"
	"review-assistant/review"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check every record against the signed checkpoints; exit 3 when something was edited, dropped or reordered."`
	Query  auditQueryCmd  `cmd:"" help:"Print records, oldest first."`
	Export auditExportCmd `cmd:"" help:"Write records as JSON Lines or CSV to standard output."`
}

// auditDirs returns the log folders below the configured directory: one for
// each replica, and one for the commands of operators.
func auditDirs(c Config) ([]string, error) {
	entries, err := os.ReadDir(c.Audit.Dir)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w; set audit.dir or --dir", err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, filepath.Join(c.Audit.Dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("read the audit log: %s holds no log; a log starts with the first serve", c.Audit.Dir)
	}
	return out, nil
}

func (c Config) auditKey() string {
	return orElse(c.Audit.KeyFile, filepath.Join(c.Audit.Dir, "key"))
}

// auditConfig loads the configuration for the audit commands; dir overrides it.
func auditConfig(p *program, dir string) (Config, error) {
	if dir != "" {
		c := defaultConfig()
		c.Audit.Dir = dir
		return c, nil
	}
	return loadConfig(p.config)
}

type auditVerifyCmd struct {
	Dir     string   `placeholder:"DIR" help:"Directory of the log instead of audit.dir."`
	Key     string   `placeholder:"FILE" help:"Public key to verify with, instead of the one beside the signing key."`
	Trusted []string `placeholder:"FILE" help:"Checkpoints that were published earlier and kept elsewhere."`
}

// Run implements the command.
func (a auditVerifyCmd) Run(p *program) error {
	c, err := auditConfig(p, a.Dir)
	if err != nil {
		return err
	}
	dirs, err := auditDirs(c)
	if err != nil {
		return err
	}
	key, err := readLimited(orElse(a.Key, c.auditKey()+".pub"), 1<<16)
	if err != nil {
		return fmt.Errorf("read the public key: %w; name it with --key", err)
	}
	var trusted [][]byte
	for _, f := range a.Trusted {
		body, err := readLimited(f, 1<<16)
		if err != nil {
			return fmt.Errorf("read a trusted checkpoint: %w", err)
		}
		trusted = append(trusted, body)
	}
	found := false
	for _, dir := range dirs {
		done := p.ui.progress("verifying " + filepath.Base(dir))
		r, err := audit.Verify(p.ctx, dir, strings.Fields(string(key)), trusted)
		done()
		if err != nil {
			return fmt.Errorf("verify %s: %w", dir, err)
		}
		text := fmt.Sprintf("%s: %d records, %d checkpoints, %d records signed", filepath.Base(dir), r.Records, r.Checkpoints, r.Signed)
		if r.Fault != nil {
			found = true
			p.ui.mark("fail", text+"; "+r.Fault.String())
			continue
		}
		p.ui.mark("ok", text)
	}
	if found {
		return errFindings
	}
	return nil
}

// auditFilter are the flags that pick records.
type auditFilter struct {
	Dir      string        `placeholder:"DIR" help:"Directory of the log instead of audit.dir."`
	ID       string        `placeholder:"ID" help:"Audit id as it stands under a comment, and what belongs to it."`
	Change   string        `placeholder:"HOST/PROJECT~N" help:"Records about one change."`
	Project  string        `placeholder:"NAME" help:"Records about one project."`
	Action   string        `placeholder:"ACTION" help:"Records of one action, such as post or model-call."`
	Since    time.Duration `placeholder:"48h" help:"Records that are at most so old."`
	MaxCount int           `name:"limit" placeholder:"N" help:"At most so many records of each log."`
}

// records yields what the flags pick, log after log.
func (a auditFilter) records(p *program) (iter.Seq2[audit.Record, error], error) {
	c, err := auditConfig(p, a.Dir)
	if err != nil {
		return nil, err
	}
	dirs, err := auditDirs(c)
	if err != nil {
		return nil, err
	}
	f := audit.Filter{ID: a.ID, Project: a.Project, Action: audit.Action(a.Action), Limit: a.MaxCount}
	if a.Since > 0 {
		f.Since = time.Now().Add(-a.Since)
	}
	if a.Change != "" {
		id, err := review.ParseChangeID(a.Change)
		if err != nil {
			return nil, &usageError{err}
		}
		f.Host, f.Project, f.Change = id.Host, id.Project, id.Number
	}
	filters := []audit.Filter{f}
	if a.ID != "" {
		byRef := f
		byRef.ID, byRef.Ref = "", a.ID
		filters = append(filters, byRef)
	}
	return func(yield func(audit.Record, error) bool) {
		for _, dir := range dirs {
			for _, f := range filters {
				for r, err := range audit.Query(dir, f) {
					if !yield(r, err) {
						return
					}
				}
			}
		}
	}, nil
}

type auditQueryCmd struct{ auditFilter }

// Run implements the command.
func (a auditQueryCmd) Run(p *program) error {
	records, err := a.records(p)
	if err != nil {
		return err
	}
	n := 0
	for r, err := range records {
		if err != nil {
			return err
		}
		n++
		p.ui.printf("%s  %s  %-12s %-8s %s\n", p.ui.paint(dim, r.Time.Format(time.RFC3339)), r.ID, r.Action, r.Result, auditText(r))
	}
	if n == 0 {
		p.ui.printf("no record matches\n")
	}
	return nil
}

// auditText says in one line what a record is about.
func auditText(r audit.Record) string {
	var s []string
	if o := r.Object; o.Change > 0 {
		s = append(s, fmt.Sprintf("%s patch set %d", review.ChangeID{Host: o.Host, Project: o.Project, Number: o.Change}, o.PatchSet))
	} else if o.Project != "" {
		s = append(s, o.Host+"/"+o.Project)
	}
	if m := r.Model; m.Name != "" {
		text := m.Prompt + " by " + m.Name
		if m.PromptTokens+m.CompletionTokens > 0 {
			text += fmt.Sprintf(", %d+%d tokens", m.PromptTokens, m.CompletionTokens)
		}
		s = append(s, text)
	}
	if total := sum(r.Scrub.Counts); total > 0 {
		s = append(s, fmt.Sprintf("%d redacted", total))
	}
	if len(r.Why.Evidence) > 0 {
		s = append(s, strings.Join(r.Why.Evidence, ", "))
	}
	if r.Actor.Kind != "" && r.Actor.Kind != "bot" {
		s = append(s, "by "+orElse(r.Actor.Sub, r.Actor.Kind))
	}
	if r.Ref != "" {
		s = append(s, "of "+r.Ref)
	}
	return strings.Join(s, "; ")
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

type auditExportCmd struct {
	auditFilter
	Format string `enum:"jsonl,csv" default:"jsonl" help:"jsonl or csv."`
}

// Run implements the command.
func (a auditExportCmd) Run(p *program) error {
	records, err := a.records(p)
	if err != nil {
		return err
	}
	if a.Format == "csv" {
		return audit.WriteCSV(p.ui.out, records)
	}
	return audit.WriteJSONL(p.ui.out, records)
}

// openOperatorLog opens the log for acts of people at the command line.
// Replicas hold their own, so it is free unless another command runs.
func openOperatorLog(c Config) (*audit.Log, error) {
	l, err := audit.Open(filepath.Join(c.Audit.Dir, "operator"), audit.Options{Origin: "review-assistant/operator", KeyFile: c.auditKey(), Generate: true, Publish: publishPath(c, "operator")})
	if err != nil {
		return nil, fmt.Errorf("open the audit log, without which nothing is done: %w", err)
	}
	return l, nil
}

// publishPath gives every log a checkpoint file of its own.
func publishPath(c Config, name string) string {
	if c.Audit.Publish == "" {
		return ""
	}
	return c.Audit.Publish + "." + name
}

// operate does one act of an operator under the audit log: intent, act, result.
func operate(p *program, c Config, e audit.Entry, act func() error) error {
	l, err := openOperatorLog(c)
	if err != nil {
		return err
	}
	e.Actor = audit.Actor{Kind: "operator", Sub: operatorName()}
	e.Result = audit.ResultIntent
	receipt, err := l.Append(p.ctx, e)
	if err != nil {
		return errors.Join(fmt.Errorf("audit: %w", err), l.Close())
	}
	acted := act()
	e.Result, e.Ref = audit.ResultDone, receipt.ID
	if acted != nil {
		e.Result = audit.ResultFailed
	}
	_, err = l.Append(p.ctx, e)
	return errors.Join(acted, err, l.Close())
}

// operatorName is whom the system says is at the terminal.
func operatorName() string {
	names := []string{os.Getenv("SUDO_USER"), os.Getenv("USER"), os.Getenv("LOGNAME"), fmt.Sprintf("uid %d", os.Getuid())}
	return names[slices.IndexFunc(names, func(s string) bool { return s != "" })]
}
