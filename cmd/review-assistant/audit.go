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
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, &usageError{fmt.Errorf("read the audit log: %w; set audit.dir or --dir", err)}
	case err != nil:
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, filepath.Join(c.Audit.Dir, e.Name()))
		}
	}
	if len(out) == 0 {
		return nil, &usageError{fmt.Errorf("read the audit log: %s holds no log; a log starts with the first serve", c.Audit.Dir)}
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
	return serverConfig(p)
}

type auditVerifyCmd struct {
	Dir     string   `placeholder:"DIR" help:"Directory of the log instead of audit.dir."`
	Key     string   `placeholder:"FILE" help:"Public key to verify with, instead of the one beside the signing key."`
	Trusted []string `placeholder:"FILE" help:"Checkpoints that were published earlier and kept elsewhere; only they tell a log that was removed as a whole."`
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
	trusted, err := a.trusted()
	if err != nil {
		return err
	}
	found := false
	for _, dir := range dirs {
		done := p.ui.progress("verifying " + filepath.Base(dir))
		origin := originPrefix + filepath.Base(dir)
		r, err := audit.Verify(p.ctx, dir, strings.Fields(string(key)), trusted[origin])
		delete(trusted, origin)
		done()
		if err != nil {
			return fmt.Errorf("verify %s: %w", dir, err)
		}
		text := fmt.Sprintf("%s: %s, %s, %s signed", filepath.Base(dir), plural(int(r.Records), "record"), plural(r.Checkpoints, "checkpoint"), plural(int(r.Signed), "record"))
		switch {
		case r.Fault != nil:
			found = true
			p.ui.mark("fail", text+"; "+r.Fault.String())
		case r.Signed < r.Records:
			p.ui.mark("warn", fmt.Sprintf("%s; %d of %d records are not signed yet", text, r.Records-r.Signed, r.Records))
		default:
			p.ui.mark("ok", text)
		}
	}
	for origin := range trusted {
		found = true
		p.ui.mark("fail", fmt.Sprintf("%s: the whole log is missing, and a trusted checkpoint is of it", strings.TrimPrefix(origin, originPrefix)))
	}
	if found {
		return errFindings
	}
	return nil
}

// originPrefix starts the name of each log in its checkpoints.
const originPrefix = "review-assistant/"

// trusted reads the checkpoints by the name of their log, their first line.
func (a auditVerifyCmd) trusted() (map[string][][]byte, error) {
	out := map[string][][]byte{}
	for _, f := range a.Trusted {
		body, err := readLimited(f, 1<<16)
		if err != nil {
			return nil, &usageError{fmt.Errorf("read a trusted checkpoint: %w", err)}
		}
		origin, _, _ := strings.Cut(string(body), "\n")
		if !strings.HasPrefix(origin, originPrefix) {
			return nil, &usageError{fmt.Errorf("%s is no checkpoint of review-assistant", f)}
		}
		out[origin] = append(out[origin], body)
	}
	return out, nil
}

// auditFilter are the flags that pick records.
type auditFilter struct {
	Dir      string        `placeholder:"DIR" help:"Directory of the log instead of audit.dir."`
	ID       string        `placeholder:"ID" help:"Audit id as it stands under a comment, and what belongs to it."`
	Change   string        `placeholder:"HOST/PROJECT~N" help:"Records about one change."`
	Project  string        `placeholder:"[HOST/]NAME" help:"Records about one project."`
	Action   string        `placeholder:"ACTION" help:"Records of one action, such as post or model-call."`
	Reason   string        `placeholder:"WORD" help:"Records with one reason, such as no-account or token-expired of access-denied."`
	Since    time.Duration `placeholder:"48h" help:"Records that are at most so old."`
	MaxCount int           `name:"limit" placeholder:"N" help:"At most so many records."`
}

// records yields what the flags pick, of all logs, oldest first.
func (a auditFilter) records(p *program) (iter.Seq2[audit.Record, error], error) {
	if a.MaxCount < 0 || a.Since < 0 {
		return nil, &usageError{errors.New("--limit and --since: write a value above 0")}
	}
	c, err := auditConfig(p, a.Dir)
	if err != nil {
		return nil, err
	}
	dirs, err := auditDirs(c)
	if err != nil {
		return nil, err
	}
	f := audit.Filter{ID: a.ID, Action: audit.Action(a.Action)}
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
		byRef.ID, byRef.Ref = "", strings.ToLower(a.ID)
		filters = append(filters, byRef)
	}
	var logs []iter.Seq2[audit.Record, error]
	for _, dir := range dirs {
		for _, f := range filters {
			logs = append(logs, audit.Query(dir, f))
		}
	}
	return func(yield func(audit.Record, error) bool) {
		n := 0
		for r, err := range byTime(logs) {
			if o := r.Object; err == nil && a.Project != "" && a.Project != o.Project && a.Project != o.Host+"/"+o.Project {
				continue
			}
			if err == nil && a.Reason != "" && a.Reason != r.Why.Rule {
				continue
			}
			if n++; !yield(r, err) || n == a.MaxCount {
				return
			}
		}
	}, nil
}

// byTime merges logs, each of which is in order.
func byTime(logs []iter.Seq2[audit.Record, error]) iter.Seq2[audit.Record, error] {
	type head struct {
		audit.Record
		err  error
		next func() (audit.Record, error, bool)
	}
	return func(yield func(audit.Record, error) bool) {
		var heads []*head
		for _, l := range logs {
			next, stop := iter.Pull2(l)
			defer stop()
			if r, err, ok := next(); ok {
				heads = append(heads, &head{r, err, next})
			}
		}
		for len(heads) > 0 {
			h := slices.MinFunc(heads, func(a, b *head) int { return a.Time.Compare(b.Time) })
			if !yield(h.Record, h.err) {
				return
			}
			more := false
			if h.Record, h.err, more = h.next(); !more {
				heads = slices.DeleteFunc(heads, func(other *head) bool { return other == h })
			}
		}
	}
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
	if r.Action == audit.ActionDenied {
		s = append(s, r.Why.Rule)
	}
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
	if r.Action == audit.ActionStop || r.Action == audit.ActionResume {
		s = append(s, r.Why.Rule) // the scope
	}
	empty := func(part string) bool { return part == "" }
	s = append(s, strings.Join(slices.DeleteFunc(slices.Clone(r.Why.Evidence), empty), ", "))
	if r.Actor.Kind != "" && r.Actor.Kind != "bot" {
		s = append(s, "by "+orElse(r.Actor.Sub, r.Actor.Kind))
	}
	if r.Ref != "" {
		s = append(s, "of "+r.Ref)
	}
	return strings.Join(slices.DeleteFunc(s, empty), "; ")
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
	l, err := audit.Open(filepath.Join(c.Audit.Dir, "operator"), audit.Options{Origin: originPrefix + "operator", KeyFile: c.auditKey(), Generate: true, Publish: publishPath(c, "operator")})
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
