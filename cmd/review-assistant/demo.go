// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"golang.org/x/tools/txtar"

	"review-assistant/audit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/llm/llmtest"
)

//go:embed demo/changes.txtar
var demoFiles []byte

type demoCmd struct {
	Out string `default:"demo-out" placeholder:"DIR" help:"Where the page with the result goes; - for none."`
}

// demoChange is one change of the demo and what came of it.
type demoChange struct {
	Key, Project, Owner string
	Say                 string // what to look at, in a sentence
	Title               string
	Number              int
	Seen                string // the prompt's diff as the model saw it, "" when none was asked
	Answer              string // what the model said, when that matters
	Comment             string
	Build               string               // what the bot said of a build that failed, "" for none
	OnLines             []gerrittest.Comment // told to the author alone
	Took                time.Duration
	Records             []audit.Record

	change *gerrittest.Change
}

var demoChanges = []*demoChange{
	{
		Key: "retry", Project: "shop", Owner: "mika",
		Say: "Three secrets stand in the diff. The model never saw them; the comment says so, and the author is told on the line of the one whose form is known. Then its build fails.",
	},
	{
		Key: "injected", Project: "shop", Owner: "noor",
		Say: "A code comment tells the model to approve and to add somebody. The stand-in model obeys; the bot does not.",
	},
	{
		Key: "computed", Project: "infra/dns", Owner: "paul",
		Say: "This project uses no model. The summary is computed from the diff alone.",
	},
}

// demoSecrets are made up when the demo runs; no scanner finds them in the source.
func demoSecrets() map[string]string {
	return map[string]string{
		"AWSKey":    "AKIA" + "Q3EGFXZD" + "V5R2NHTW",
		"AWSSecret": "kT9vQz2L" + "xW4nB7mR" + "dY1pC6sH" + "gJ8fA3eU" + "oN5iK0bV",
		"Password":  "corr3ct-" + "H0rse-b4ttery",
	}
}

// Run implements the command.
func (d demoCmd) Run(p *program) error {
	start := time.Now()
	dir, err := os.MkdirTemp("", "review-assistant-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := newDemo(dir)
	if err != nil {
		return err
	}
	defer s.close()
	p.ui.printf("%s  a bot, a fake Gerrit and a stand-in model on this machine; everything else is the real pipeline\n",
		p.ui.paint(bold, "review-assistant demo"))

	ctx, stop := context.WithCancel(p.ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx) }()
	err = s.push(ctx, ended)
	stop()
	err = errors.Join(err, <-ended)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	verified, err := s.collect(p.ctx)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	s.print(p.ui, verified, time.Since(start))
	if d.Out == "-" {
		return nil
	}
	page, err := s.page(d.Out, verified, time.Since(start))
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	p.ui.printf("\nThe same as a page: %s\n", p.ui.paint(cyan, page))
	return nil
}

// demo is the stage: servers, configuration, changes.
type demo struct {
	dir     string
	config  Config
	gerrit  *gerrittest.Server
	model   *llmtest.Server
	files   *txtar.Archive
	changes []*demoChange
	logs    *http.Server // of the CI
	logHost string
	ci      gerrittest.Account
}

func newDemo(dir string) (*demo, error) {
	var text bytes.Buffer
	t, err := template.New("changes").Parse(string(demoFiles))
	if err != nil {
		return nil, err
	}
	if err := t.Execute(&text, demoSecrets()); err != nil {
		return nil, err
	}
	d := &demo{dir: dir, files: txtar.Parse(text.Bytes()), model: llmtest.Start(llmtest.Obedient)}
	d.model.SetAnswer(func(llmtest.Request) string { return d.file("answer.json") })
	if d.gerrit, err = gerrittest.Start(gerrittest.Options{}); err != nil {
		return nil, err
	}
	for username, name := range map[string]string{
		"mika": "Mika Sato", "noor": "Noor Haddad", "paul": "Paul Weber",
		"dana": "Dana Okafor", "erik": "Erik Lund", "fatima": "Fatima Rahal", "goro": "Goro Abe", "mallory": "Mallory",
	} {
		d.gerrit.AddAccount(gerrittest.Account{Username: username, Name: name})
	}
	if err := d.openLogs(); err != nil {
		return nil, err
	}
	const on = "[review-assistant]\n\tmode = on\n"
	d.gerrit.Project("shop")
	d.gerrit.Config("shop", on+fmt.Sprintf("[builds]\n\tciAccount = %d\n", d.ci.ID))
	d.gerrit.Project("infra/dns")
	d.gerrit.Config("infra/dns", on+"[model]\n\tprofile = none\n")
	if err := d.configure(); err != nil {
		return nil, err
	}
	d.gerrit.Webhook("http://" + d.config.Server.Listen + "/hooks/gerrit/demo?token=demo-webhook-token")
	for _, c := range demoChanges {
		d.changes = append(d.changes, new(*c))
	}
	return d, nil
}

func (d *demo) close() {
	_ = d.logs.Close()
	d.gerrit.Close()
	d.model.Close()
}

// configure writes the configuration of the bot: the embedded defaults, one
// Gerrit, one model, a catalog in files.
func (d *demo) configure() error {
	write := func(name, body string) (string, error) {
		path := filepath.Join(d.dir, name)
		return path, os.WriteFile(path, []byte(body), 0o600)
	}
	password, err := write("password", d.gerrit.Bot().Password)
	if err != nil {
		return err
	}
	token, err := write("token", "demo-webhook-token")
	if err != nil {
		return err
	}
	catalogFile, err := write("catalog.yaml", d.file("catalog.yaml"))
	if err != nil {
		return err
	}
	listen, err := freeAddress()
	if err != nil {
		return err
	}
	c := defaultConfig()
	c.Server.Listen, c.Log.Format = listen, "text"
	c.Bot.Debounce = 0
	c.Builds.Delay, c.Builds.LogHosts = 0, []LogHostConfig{{Host: d.logHost, Private: []string{"127.0.0.0/8"}, Plain: true}}
	c.Store.SQLite = filepath.Join(d.dir, "store.db")
	c.Audit.Dir, c.Audit.AcceptEphemeral = filepath.Join(d.dir, "audit"), true
	c.Catalog.Files = []string{catalogFile}
	c.Gerrit = []GerritConfig{{
		ID: "demo", URL: d.gerrit.URL, Username: d.gerrit.Bot().Username, PasswordFile: password,
		WebhookTokenFiles: []string{token}, Timeout: 10 * time.Second,
	}}
	c.Models = map[string]ModelConfig{"default": {URL: d.model.URL, Model: "stand-in"}}
	d.config = c
	if problems := c.Validate(); len(problems) > 0 {
		return errors.New(problems[0].String())
	}
	return nil
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// serve runs the bot as serve does, with its log in a file.
func (d *demo) serve(ctx context.Context) error {
	f, err := os.Create(filepath.Join(d.dir, "log"))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(f, nil))
	l, err := openAudit(d.config, log)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(serve(ctx, d.config, log, l), l.Close(), f.Close())
}

// push uploads the changes, one after the other, and waits for each comment.
func (d *demo) push(ctx context.Context, ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := d.up(ctx, ended); err != nil {
		return err
	}
	for _, c := range d.changes {
		base, after := gerrittest.Files{}, gerrittest.Files{}
		for _, f := range d.files.Files {
			if path, ok := strings.CutPrefix(f.Name, c.Key+"/base/"); ok {
				base[path] = string(f.Data)
			} else if path, ok := strings.CutPrefix(f.Name, c.Key+"/new/"); ok {
				after[path] = string(f.Data)
			}
		}
		message := d.file(c.Key + "/message")
		c.Title, _, _ = strings.Cut(message, "\n")
		asked := d.model.Count()
		start := time.Now()
		c.change = d.gerrit.Push(gerrittest.Push{Project: c.Project, Owner: c.Owner, Message: message, Base: base, Files: after})
		c.Number = c.change.Number
		if err := d.until(ctx, c, ended, c.read); err != nil {
			return err
		}
		c.Took = time.Since(start)
		if requests := d.model.Requests(); d.model.Count() > asked {
			c.Seen = fenced(requests[len(requests)-1].User)
			if c.Key == "injected" {
				answers := d.model.Answers()
				c.Answer = answers[len(answers)-1]
			}
		}
		if c.Key == "retry" {
			if err := d.fail(ctx, c, ended); err != nil {
				return err
			}
		}
	}
	return nil
}

// until waits for what the bot does with a change.
func (d *demo) until(ctx context.Context, c *demoChange, ended chan error, done func() bool) error {
	for !done() {
		select {
		case err := <-ended:
			ended <- nil
			return fmt.Errorf("the bot ended early: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("no comment on change %d within 30 seconds; see the log:\n%s", c.Number, d.log())
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

// up waits until the bot listens.
func (d *demo) up(ctx context.Context, ended chan error) error {
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.config.Server.Listen)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-ended:
			ended <- nil
			return fmt.Errorf("the bot ended early: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("the bot does not start; see the log:\n%s", d.log())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (d *demo) log() string {
	b, err := os.ReadFile(filepath.Join(d.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-2000):])
}

// fenced returns the diff of a prompt: from the first file to the end of its fence.
func fenced(prompt string) string {
	lines := strings.Split(prompt, "\n")
	start := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "# ") })
	if start < 0 {
		return prompt
	}
	lines = lines[start:]
	if end := slices.IndexFunc(lines, func(l string) bool { return strings.HasSuffix(l, ">>>") }); end >= 0 {
		lines = lines[:end]
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// collect reads comments and audit records back, and verifies the log.
func (d *demo) collect(ctx context.Context) (verified string, err error) {
	dir := filepath.Join(d.config.Audit.Dir, d.config.Server.ID)
	for _, c := range d.changes {
		for r, err := range audit.Query(dir, audit.Filter{Project: c.Project, Change: c.Number}) {
			if err != nil {
				return "", err
			}
			c.Records = append(c.Records, r)
		}
	}
	key, err := os.ReadFile(d.config.auditKey() + ".pub")
	if err != nil {
		return "", err
	}
	r, err := audit.Verify(ctx, dir, strings.Fields(string(key)), nil)
	switch {
	case err != nil:
		return "", err
	case r.Fault != nil:
		return "", errors.New("the audit log does not verify: " + r.Fault.String())
	}
	return fmt.Sprintf("%d records, every one in the tree that the checkpoint signs", r.Records), nil
}

func (d *demo) file(name string) string {
	i := slices.IndexFunc(d.files.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return string(d.files.Files[i].Data)
}

// print shows the result on the terminal.
func (d *demo) print(u *ui, verified string, took time.Duration) {
	for _, c := range d.changes {
		u.title(fmt.Sprintf("%s~%d  %s  (%s)", c.Project, c.Number, c.Title, c.Owner))
		u.printf("%s\n", c.Say)
		if c.Seen != "" {
			u.printf("\n%s\n", u.paint(dim, "As the model saw it"))
			u.indent(d.paintDiff(u, excerpt(c.Seen, 28)))
		}
		if c.Answer != "" {
			u.printf("\n%s\n", u.paint(dim, "What the model answered"))
			u.indent(clipLine(c.Answer, 3*u.width))
		}
		u.printf("\n%s\n", u.paint(dim, "The comment, read back from Gerrit"))
		u.indent(c.Comment)
		for _, l := range c.OnLines {
			u.printf("\n%s\n", u.paint(dim, fmt.Sprintf("On %s:%d, to the author, once", l.Path, l.Line)))
			u.indent(l.Text)
		}
		if c.Build != "" {
			u.printf("\n%s\n", u.paint(dim, "When its build failed"))
			u.indent(c.Build)
		}
		u.printf("\n%s\n", u.paint(dim, fmt.Sprintf("Audit trail; %d ms from push to comment", c.Took.Milliseconds())))
		for _, r := range c.Records {
			u.printf("  %s  %-10s %-7s %s\n", r.ID, r.Action, r.Result, auditText(r))
		}
	}
	u.printf("\n")
	u.mark("ok", "audit log verified: "+verified)
	u.mark("ok", fmt.Sprintf("secrets in prompts: %d, votes asked for: %d, people added: %d", d.leaks(), d.votes(), d.added()))
	u.printf("  done in %.1f s\n", took.Seconds())
}

// excerpt keeps the part of a diff around the first redaction, or its start.
func excerpt(diff string, lines int) string {
	all := strings.Split(diff, "\n")
	if len(all) <= lines {
		return diff
	}
	at := max(0, slices.IndexFunc(all, func(l string) bool { return strings.Contains(l, "«SECRET:") })-lines/2)
	at = min(at, len(all)-lines)
	out := all[at : at+lines]
	if at > 0 {
		out = append([]string{fmt.Sprintf("… %d lines", at)}, out...)
	}
	if rest := len(all) - at - lines; rest > 0 {
		out = append(out, fmt.Sprintf("… %d lines", rest))
	}
	return strings.Join(out, "\n")
}

func (d *demo) paintDiff(u *ui, diff string) string {
	lines := strings.Split(diff, "\n")
	for i, l := range lines {
		switch {
		case strings.Contains(l, "«SECRET:"):
			lines[i] = u.paint(yellow, l)
		case strings.HasPrefix(l, "+"):
			lines[i] = u.paint(green, l)
		case strings.HasPrefix(l, "-"):
			lines[i] = u.paint(red, l)
		case strings.HasPrefix(l, "#"), strings.HasPrefix(l, "@@"):
			lines[i] = u.paint(dim, l)
		}
	}
	return strings.Join(lines, "\n")
}

func clipLine(s string, n int) string {
	if r := []rune(strings.Join(strings.Fields(s), " ")); len(r) > n {
		return string(r[:n]) + " …"
	}
	return s
}
