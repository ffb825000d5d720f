// SPDX-License-Identifier: Apache-2.0

//go:build e2e

// Command demosetup furnishes the demo of docker-compose.yml. Before the bot
// starts, "prepare" makes secrets, accounts, rights and projects on a fresh
// Gerrit; afterwards "play" pushes changes as people would, votes, and tells
// the bot of a build that failed. Both do nothing the second time. They run in
// the checkout, for the rules of docs/gerrit-access.md and the demo's changes.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"review-assistant/e2e/rig"
	"review-assistant/review"
)

// demo is what all steps need.
type demo struct {
	gerrit, bot, secrets, changes string
}

func main() {
	var d demo
	flag.StringVar(&d.gerrit, "gerrit", "http://gerrit:8080", "address of the Gerrit")
	flag.StringVar(&d.bot, "bot", "http://bot:8080", "address of the bot, as Gerrit reaches it")
	flag.StringVar(&d.secrets, "secrets", "/secrets", "folder for the secrets")
	flag.StringVar(&d.changes, "changes", "cmd/review-assistant/demo/changes.txtar", "the demo's changes")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: demosetup [flags] prepare|play")
		flag.PrintDefaults()
	}
	flag.Parse()
	steps := map[string]func(context.Context) error{"prepare": d.prepare, "play": d.play}
	step, known := steps[flag.Arg(0)]
	if flag.NArg() != 1 || !known {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	err := d.once(ctx, flag.Arg(0), step)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "demosetup: %v\n", err)
		os.Exit(1)
	}
}

// once runs a step unless its mark says that it was done.
func (d demo) once(ctx context.Context, name string, step func(context.Context) error) error {
	mark := filepath.Join(d.secrets, name+".done")
	if _, err := os.Stat(mark); err == nil {
		fmt.Printf("%s: done before\n", name)
		return nil
	}
	if err := step(ctx); err != nil {
		return fmt.Errorf("%s: %w; remove the volumes (docker compose down -v) to begin anew", name, err)
	}
	return os.WriteFile(mark, nil, 0o644)
}

// The files of the secrets folder.
const (
	gerritPassword = "gerrit-password"
	webhookToken   = "webhook-token"
	buildToken     = "build-token"
	portalSecret   = "portal-secret"
)

// prepare makes what has to be there before the bot.
func (d demo) prepare(ctx context.Context) error {
	for _, name := range []string{webhookToken, buildToken, portalSecret, "catalog-token", "session-secret"} {
		if err := d.write(name, rand.Text()+rand.Text()); err != nil {
			return err
		}
	}
	g, err := rig.OpenGerrit(ctx, d.gerrit)
	if err != nil {
		return err
	}
	fmt.Println("prepare: Gerrit answers at", g.URL)
	return rig.Try(ctx, func(t rig.T) {
		s := g.Scene(t)
		bot := s.SetPassword(s.Bot("review-assistant"), rand.Text()+rand.Text())
		must(t, d.write(gerritPassword, bot.Password))
		portal := s.SetPassword(s.ServiceUser("backstage"), rand.Text()+rand.Text())
		must(t, d.write("backstage-password", portal.Password))
		token, err := os.ReadFile(filepath.Join(d.secrets, webhookToken))
		must(t, err)
		s.Group("payments", s.Person("dana"), s.Person("erik"))
		for _, name := range people {
			s.Person(name)
		}
		for name, catalogInfo := range map[string]string{"shop": "", "infra/dns": dns} {
			p := s.NamedProject(name, "All-Projects")
			if catalogInfo != "" {
				p.Commit(rig.Push{Message: "Describe the component", Files: rig.Files{"catalog-info.yaml": catalogInfo}})
			}
			p.OptIn("[review-assistant]\n\tmode = on\n[builds]\n\tenabled = true\n")
			p.Webhook(d.bot + "/hooks/gerrit/main?token=" + url.QueryEscape(string(token)))
			fmt.Println("prepare: project", name, "has opted in")
		}
	})
}

// dns is what the project says of itself, for Backstage's discovery.
const dns = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: dns, title: DNS, annotations: {review-assistant/project: infra/dns}}
spec: {type: service, lifecycle: production, owner: team-platform}
`

var people = []string{"mika", "noor", "paul", "dana", "erik", "fatima", "goro"}

// play pushes the demo's changes.
func (d demo) play(ctx context.Context) error {
	files, err := rig.LoadDemo(d.changes)
	if err != nil {
		return err
	}
	g, err := rig.OpenGerrit(ctx, d.gerrit)
	if err != nil {
		return err
	}
	// Who owns what has to be known before the first change is looked at. What
	// discovery finds comes after what the catalog's file says.
	for _, component := range []string{"payments-api", "dns"} {
		if err := d.known(ctx, component); err != nil {
			return err
		}
	}
	return rig.Try(ctx, func(t rig.T) {
		s := g.Scene(t)
		for _, c := range []struct{ key, project, author string }{
			{"computed", "infra/dns", "paul"}, {"injected", "shop", "noor"}, {"retry", "shop", "mika"},
		} {
			p := s.OpenProject(c.project)
			p.Commit(rig.Push{Message: "Base of " + c.key, Files: rig.DemoFiles(files, c.key+"/base/")})
			change := p.Push(s.Person(c.author), rig.Push{
				Message: files[c.key+"/message"], Files: rig.DemoFiles(files, c.key+"/new/"), Reviewers: []rig.Account{s.Person("dana")},
			})
			fmt.Printf("play: %s pushed %s\n", c.author, change)
			if c.key == "retry" {
				// The bot leaves changes alone that people have looked at.
				must(t, heard(ctx, change, s.Person("review-assistant")))
				change.Vote(s.Person("erik"), "Code-Review", -1)
				change.Comment(s.Person("erik"), "The processor asks for an idempotency key.")
				must(t, d.tellBuild(ctx, change, files["job-output.txt"]))
			}
		}
	})
}

// known waits until the bot has read of a component, by asking it for Dana as
// Backstage does.
func (d demo) known(ctx context.Context, component string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	secret, err := os.ReadFile(filepath.Join(d.secrets, portalSecret))
	if err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.bot+"/api/v1/components/component/default/"+component+"/changes", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+string(secret))
		req.Header.Set("X-Review-Assistant-User", "user:default/dana")
		status := "no answer"
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			status = resp.Status
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				fmt.Println("play: the bot knows the component", component)
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait until the bot knows the component %s: %w; its last answer: %s", component, errors.Join(ctx.Err(), err), status)
		}
	}
}

// heard waits until the bot has said what it makes of a change. What it says of
// secrets comes before that.
func heard(ctx context.Context, c *rig.Change, bot rig.Account) error {
	said := func(k rig.Comment) bool { return k.Tag == review.PostSummary.Tag() }
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for !slices.ContainsFunc(c.CommentsBy(bot), said) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the bot's comment on %s: %w", c, ctx.Err())
		}
	}
	return nil
}

// tellBuild pushes the log of a run that failed.
func (d demo) tellBuild(ctx context.Context, c *rig.Change, log string) error {
	token, err := os.ReadFile(filepath.Join(d.secrets, buildToken))
	if err != nil {
		return err
	}
	q := url.Values{
		"format": {"log"}, "host": {"main"}, "project": {"shop"}, "change": {strconv.Itoa(c.Number)}, "patch_set": {"1"},
		"job": {"unit"}, "result": {"failed"}, "id": {"unit-1"}, "url": {"https://ci.example.com/unit/1"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.bot+"/api/v1/builds?"+q.Encode(), strings.NewReader(log))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return fmt.Errorf("push a build: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated && resp.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return errors.Join(fmt.Errorf("push a build: status %d: %s", resp.StatusCode, body), err)
	}
	fmt.Println("play: told the bot of a build that failed")
	return nil
}

// write keeps a secret where the unprivileged users of the other containers
// can read it: only they have the volume.
func (d demo) write(name, secret string) error {
	return os.WriteFile(filepath.Join(d.secrets, name), []byte(secret), 0o644)
}

func must(t rig.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%w", err)
	}
}
