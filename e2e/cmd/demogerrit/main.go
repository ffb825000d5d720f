// SPDX-License-Identifier: Apache-2.0

//go:build e2e

// Command demogerrit is the demo on a real Gerrit: it starts one, gives the
// bot an account that can only comment, opts projects in, pushes the demo's
// changes with git, and prints what the model saw and what stands on the
// changes afterwards. Run it from the top of the checkout: make demo-gerrit.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"review-assistant/e2e/rig"
	"review-assistant/llm/llmtest"
)

func main() {
	binary := flag.String("binary", "bin/review-assistant", "the built bot")
	changes := flag.String("changes", "cmd/review-assistant/demo/changes.txtar", "the demo's changes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *binary, *changes)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demogerrit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, changes string) error {
	if missing := rig.Missing(ctx, rig.Newest); len(missing) > 0 {
		return fmt.Errorf("%s; ./e2e/setup.sh installs what it can", strings.Join(missing, "; "))
	}
	files, err := rig.LoadDemo(changes)
	if err != nil {
		return err
	}
	binary, err = filepath.Abs(binary)
	if err != nil {
		return err
	}
	fmt.Println("starting Gerrit", rig.Newest, "(the first time fetches 115 MB of artifacts) …")
	began := time.Now()
	var log bytes.Buffer
	g, err := rig.StartGerrit(ctx, rig.Options{Log: &log})
	if err != nil {
		return err
	}
	defer g.Stop()
	fmt.Printf("Gerrit %s serves on %s after %.0f s\n", g.Version, g.URL, time.Since(began).Seconds())
	model := llmtest.Start(llmtest.Obedient)
	defer model.Close()
	model.SetAnswer(func(llmtest.Request) string { return files["answer.json"] })
	return rig.Try(ctx, func(t rig.T) { show(t, g, model, files, binary) })
}

// show is the demo's story.
func show(t rig.T, g *rig.Gerrit, model *llmtest.Server, files map[string]string, binary string) {
	s := g.Scene(t)
	bot := s.Bot("review-assistant")
	people := map[string]rig.Account{}
	for _, name := range []string{"mika", "noor", "paul", "dana", "erik", "fatima", "goro"} {
		people[name] = s.Person(name)
	}
	dir := t.TempDir()
	must := func(err error) {
		if err != nil {
			t.Fatalf("%w", err)
		}
	}
	listen := free(t)
	write := func(name, body string) { must(os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600)) }
	write("password", bot.Password)
	write("token", "demo-webhook-token")
	shop, dns := s.Project(), s.Project()
	projects := map[string]*rig.Project{"retry": shop, "injected": shop, "computed": dns}
	catalog := strings.ReplaceAll(files["catalog.yaml"], "project: shop", "project: "+shop.Name)
	catalog = strings.ReplaceAll(catalog, "project: infra/dns", "project: "+dns.Name)
	for name, a := range people {
		catalog = strings.ReplaceAll(catalog, "username: "+name+"}", "username: "+a.Username+"}")
	}
	write("catalog.yaml", catalog)
	write("config.yaml", fmt.Sprintf(`server: {listen: %q}
log: {format: text}
gerrit: [{id: demo, url: %q, username: %s, password_file: password, webhook_token_files: [token]}]
models: {default: {url: %q, model: stand-in}}
catalog: {files: [catalog.yaml]}
store: {sqlite: store.db}
audit: {dir: audit, accept_ephemeral: true}
bot: {debounce: 0s}
`, listen, g.URL, bot.Username, model.URL))

	// The webhook and the opt-in are there before the bot: it reads Gerrit's state.
	for p, config := range map[*rig.Project]string{shop: "[review-assistant]\n\tmode = on\n", dns: "[review-assistant]\n\tmode = on\n[model]\n\tprofile = none\n"} {
		p.OptIn(config)
		p.Webhook("http://"+listen+"/hooks/gerrit/demo?token=demo-webhook-token", "patchset-created", "ref-updated")
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	must(err)
	serve := exec.Command(binary, "serve", "--config", filepath.Join(dir, "config.yaml"))
	serve.Stderr = log
	must(serve.Start())
	defer func() {
		_ = serve.Process.Signal(syscall.SIGTERM)
		_ = serve.Wait()
	}()
	waitReady(t, listen)

	for _, key := range []string{"retry", "injected", "computed"} {
		p := projects[key]
		author := people[map[string]string{"retry": "mika", "injected": "noor", "computed": "paul"}[key]]
		p.Commit(rig.Push{Message: "Base of " + key, Files: rig.DemoFiles(files, key+"/base/")})
		asked, start := model.Count(), time.Now()
		c := p.Push(author, rig.Push{Message: files[key+"/message"], Files: rig.DemoFiles(files, key+"/new/")})
		comments := c.CommentsBy(bot)
		for len(comments) == 0 {
			if time.Since(start) > time.Minute {
				body, _ := os.ReadFile(log.Name())
				t.Fatalf("no comment on %s within a minute; the log:\n%s", c, body)
			}
			time.Sleep(100 * time.Millisecond)
			comments = c.CommentsBy(bot)
		}
		fmt.Printf("\n%s  %s  (%.1f s from push to comment)\n", c, strings.TrimSpace(strings.SplitN(files[key+"/message"], "\n", 2)[0]), time.Since(start).Seconds())
		if requests := model.Requests(); model.Count() > asked {
			fmt.Printf("\nAs the model saw it\n%s\n", indent(diffOf(requests[len(requests)-1].User)))
		}
		fmt.Printf("\nThe comment, read back from Gerrit\n%s\n", indent(comments[0].Text))
		power := c.PowerOf(bot)
		fmt.Printf("\nWhat the account may do here besides commenting: votes %v, actions %v\n", power.Votes, power.Actions)
	}
	fmt.Println()
	for _, args := range [][]string{{"audit", "query"}, {"audit", "verify"}} {
		cmd := exec.Command(binary, append(args, "--config", filepath.Join(dir, "config.yaml"))...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		must(cmd.Run())
	}
}

func free(t rig.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("%w", err)
	}
	defer l.Close()
	return l.Addr().String()
}

// waitReady waits until the bot serves and has checked its account's rights.
func waitReady(t rig.T, listen string) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}
	err := errors.New("not asked")
	for range 100 {
		var resp *http.Response
		if resp, err = client.Get("http://" + listen + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
			err = errors.New(resp.Status)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the bot is not ready: %w", err)
}

// diffOf cuts the diff out of a prompt.
func diffOf(prompt string) string {
	_, diff, found := strings.Cut(prompt, "\n# ")
	if !found {
		return prompt
	}
	diff, _, _ = strings.Cut(diff, ">>>")
	if cut := strings.LastIndexByte(diff, '\n'); cut > 0 {
		diff = diff[:cut]
	}
	return "# " + strings.TrimSpace(diff)
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ")
}
