// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/llm/llmtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"review-assistant": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the command line as people do. Each script has a fake
// Gerrit of its own, whose address is in $GERRIT.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update, Setup: stage})
}

// TestReadme runs the console blocks of README: every line that starts with
// "$ review-assistant" has to succeed, and what the block shows has to appear.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("README has no console block")
	}
	dir := t.TempDir()
	for i, block := range blocks {
		script := readmeScript(block[1])
		if script == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("block%d.txtar", i+1)), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{Dir: dir, Setup: stage})
}

// readmeScript turns a console block into a script. Lines that need another
// program or a network are not ours to run.
func readmeScript(block string) string {
	var b strings.Builder
	ours := false
	for line := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
		command, is := strings.CutPrefix(line, "$ ")
		switch {
		case is:
			ours = strings.HasPrefix(command, "review-assistant ") || strings.HasPrefix(command, "! review-assistant ")
			if ours {
				command = strings.ReplaceAll(command, "config.yaml", "$WORK/config.yaml")
				if stdin, rest, piped := strings.Cut(command, " < "); piped {
					fmt.Fprintf(&b, "stdin $WORK/%s\n", rest)
					command = stdin
				}
				command, fails := strings.CutPrefix(command, "! ")
				if fails {
					b.WriteString("! ")
				}
				fmt.Fprintf(&b, "exec %s\n", command)
			}
		case ours && strings.TrimSpace(line) != "" && !strings.Contains(line, "…"):
			fmt.Fprintf(&b, "stdout '%s'\n", strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(line)), "'", "."))
		}
	}
	return b.String()
}

// wide returns ASCII text in UTF-16.
func wide(text string) string {
	var b strings.Builder
	b.WriteString("\xFF\xFE")
	for _, c := range []byte(text) {
		b.WriteByte(c)
		b.WriteByte(0)
	}
	return b.String()
}

// stage gives a script a Gerrit with a project and a change, a configuration
// that points to it, and a diff.
func stage(e *testscript.Env) error {
	g, err := gerrittest.Start(gerrittest.Options{})
	if err != nil {
		return err
	}
	e.Defer(g.Close)
	m := llmtest.Start(llmtest.Good)
	e.Defer(m.Close)
	g.Project("infra/dns")
	g.Config("infra/dns", "[review-assistant]\n\tmode = on\n")
	g.Project("quiet")
	g.ShowConfig("quiet", g.Bot())
	g.Project("closed")
	for _, name := range []string{"twin1", "twin2"} {
		g.AddAccount(gerrittest.Account{Username: name, Email: "twin@example.com"})
	}
	g.SetActive("left", false)
	g.Group("Operators", g.Person("ann"))
	g.HiddenGroup("Hidden", g.Person("ann"))
	g.Push(gerrittest.Push{
		Project: "infra/dns", Message: "dns: answer on IPv6",
		Base:  gerrittest.Files{"dns/server.go": "package dns\n\nfunc Serve(addr string) error {\n\treturn listen(addr)\n}\n"},
		Files: gerrittest.Files{"dns/server.go": "package dns\n\nimport \"context\"\n\nfunc Serve(ctx context.Context, addr string) error {\n\tpassword := \"" + demoSecrets()["Password"] + "\"\n\treturn listen(ctx, addr, password)\n}\n"},
	})
	// Projects with a CI: as it should be, and with everything wrong that can be.
	zuul := g.AddAccount(gerrittest.Account{Username: "zuul", Name: "Zuul", Service: true})
	gone := g.AddAccount(gerrittest.Account{Username: "old-ci", Name: "Old CI", Service: true})
	g.SetActive("old-ci", false)
	const on = "[review-assistant]\n\tmode = on\n[builds]\n"
	g.Config("infra/ci", on+fmt.Sprintf("\tciAccount = %d\n", zuul.ID))
	g.ConfigFile("infra/ci", "review-assistant-failures.config", "[failure \"sandbox\"]\n\tmatch = sandbox is down\n\tclass = infra\n")
	g.Config("infra/badci", on+fmt.Sprintf("\tciAccount = %d\n\tciAccount = %d\n\tciAccount = %d\n\tciAccount = 4242\n", g.Bot().ID, gone.ID, g.Person("bob").ID))
	g.ConfigFile("infra/badci", "review-assistant-failures.config", "[failure \"sandbox\"]\n\tmatch = sandbox is down\n\tclass = change\n")
	g.Config("infra/noci", on+"\tenabled = false\n")
	// A project with a past.
	g.Config("infra/old", "[review-assistant]\n\tmode = on\n")
	for i := range 3 {
		k := g.Push(gerrittest.Push{Project: "infra/old", Message: fmt.Sprintf("old: step %d", i), Files: gerrittest.Files{"old/a.go": strings.Repeat("a\n", i+1)}})
		k.Vote("bob", "Code-Review", 2, "")
		k.Submit()
	}
	files := map[string]string{
		"password":  g.Bot().Password,
		"token":     "a-token-for-webhooks",
		"leaky.env": "REGION=eu\nDB_PASSWORD=" + demoSecrets()["Password"] + "\nRETRIES=3\n",
		"key":       strings.Repeat("a key ", 6) + "\n",
		"aws.env":   "ID=" + demoSecrets()["AWSKey"] + "\n",
		// A password on each side of a diff, one beside it, and one in a sensitive file.
		"leaky.diff": "diff --git a/conf/app.env b/conf/app.env\n--- a/conf/app.env\n+++ b/conf/app.env\n@@ -9,3 +9,3 @@\n REGION=eu\n" +
			"-DB_PASSWORD=old-" + demoSecrets()["Password"] + "\n+DB_PASSWORD=" + demoSecrets()["Password"] + "\n RETRIES=3\n" +
			"diff --git a/secrets/x b/secrets/x\n--- a/secrets/x\n+++ b/secrets/x\n@@ -1 +1 @@\n-a line to drop\n+another line to drop\n",
		"message.txt": "pay: try again\n",
		"change.diff": "diff --git a/pay/retry.go b/pay/retry.go\n--- a/pay/retry.go\n+++ b/pay/retry.go\n@@ -1,3 +1,5 @@ package pay\n" +
			" package pay\n \n-func Retry() error { return nil }\n+func Retry(ctx context.Context) error {\n+\treturn ctx.Err()\n+}\n",
		"config.yaml": "log: {format: text, level: error}\naudit: {dir: data/audit, accept_ephemeral: true}\nstore: {sqlite: data/store.db}\ngerrit:\n" +
			"  - id: main\n    url: " + g.URL + "\n    username: review-assistant\n    password_file: password\n    webhook_token_files: [token]\n",
		"others.yaml": "log: {format: text, level: error}\naudit: {dir: data/audit, accept_ephemeral: true}\nstore: {sqlite: data/store.db}\ngerrit:\n" +
			"  - {id: main, url: \"" + g.URL + "\", username: review-assistant, password_file: password, webhook_token_files: [token]}\n" +
			"models: {default: {url: \"http://127.0.0.1:1/v1\", model: m, projects: [main/pay]}}\n",
		// Everything that doctor can find at once.
		"unfit.yaml": "log: {format: text, level: error}\nstore: {sqlite: unfit/store.db}\naudit: {dir: data/audit, accept_ephemeral: true}\n" +
			"gerrit:\n  - {id: main, url: \"" + g.URL + "\", username: review-assistant, password_file: world, webhook_token_files: [short]}\n" +
			"models:\n  default: {url: \"http://127.0.0.1:1/v1\", model: m}\n  keyed: {url: \"http://127.0.0.1:1/v1\", model: m, key_file: nowhere}\n",
		"short": "short\n",
		"world": "not-the-password\n",
	}
	files["builds.yaml"] = files["config.yaml"] + "builds:\n  spool: spool\n  tokens: [{name: jenkins, files: [build-token], may: [push], projects: [\"main/infra/**\"]}]\n" +
		"  log_hosts: [{host: \"127.0.0.1:8443\", private: [127.0.0.0/8], token_file: build-token}, {host: ci.example.com, proxy_url: \"http://127.0.0.1:3128\"}]\n"
	files["badbuilds.yaml"] = files["config.yaml"] + "api: {token_files: [build-token]}\nbuilds:\n  spool: token\n" +
		"  tokens: [{name: weak, files: [short], may: [push]}, {name: lost, files: [nowhere, build-token], may: [read]}]\n" +
		"  log_hosts: [{host: ci.example.com, ca_file: short}, {host: logs.example.com, token_file: nowhere}, {host: \"127.0.0.1:8443\"}]\n"
	files["identity.yaml"] = files["config.yaml"] + "identity:\n  providers:\n" +
		"    - {name: sso, issuer: \"http://127.0.0.1:1/realms/one\", audiences: [review-assistant], username_claim: preferred_username}\n" +
		"    - {name: portal, type: backstage, issuer: \"http://127.0.0.1:1/api/auth\"}\n" +
		"  services: [{name: portal-backend, token_files: [build-token], provider: portal}, {name: lost, token_files: [nowhere], provider: portal}]\n" +
		"  roles: [{role: operator, gerrit: main, group: Operators}, {role: auditor, provider: sso, group: audit}, {role: auditor, gerrit: main, group: Hidden}]\n"
	files["build-token"] = "a-token-for-builds-only"
	files["refused.yaml"] = strings.Replace(files["config.yaml"], "password_file: password", "password_file: world", 1)
	files["model.yaml"] = files["config.yaml"] + "models: {default: {url: \"" + m.URL + "\", model: m}}\n"
	files["replay.yaml"] = files["config.yaml"] + "models: {default: {provider: replay, dir: answers, model: m}}\n"
	files["zero.bin"] = "\x00\x01\x02"
	files["attributes"] = "*.pem -diff\n"
	files["wide.txt"] = wide("DB_PASSWORD=" + demoSecrets()["Password"] + "\n")
	files["COMMIT_EDITMSG"] = "store: read the password from Vault\n\n# ------------------------ >8 ------------------------\n" + files["leaky.diff"]
	var hard strings.Builder // names of secrets, and nothing else
	for i := range 60_000 {
		fmt.Fprintf(&hard, "password: ${DB_PASSWORD_%d}\n", i)
	}
	files["hard.txt"] = hard.String()
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(e.WorkDir, name), []byte(body), 0o600); err != nil {
			return err
		}
	}
	e.Setenv("GERRIT", g.URL)
	e.Setenv("AWS_KEY", demoSecrets()["AWSKey"])
	if path, err := exec.LookPath("review-assistant"); err == nil {
		e.Setenv("RA", path)
	}
	e.Setenv("NO_COLOR", "1")
	// git takes neither the user's configuration nor a repository around us.
	e.Setenv("HOME", e.WorkDir)
	e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	e.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(e.WorkDir))
	return nil
}
