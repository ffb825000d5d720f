// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"review-assistant/e2e/rig"
)

// demo is docker-compose.yml while it runs without containers.
type demo struct {
	*testing.T
	*rig.Compose
	setup string // the program of prepare and play
}

// TestDemo runs every service of docker-compose.yml as the file says, with its
// own command, files and healthcheck; rig.Compose says what is exchanged. Then
// it looks at what docs/backstage.md promises of the demo.
func TestDemo(t *testing.T) {
	t.Parallel()
	leaveOut(t, "the demo of the whole", rig.MissingPortal())
	leaveOut(t, "the demo of the whole", rig.MissingKeycloak(t.Context()))
	d := demo{t, must(rig.ReadCompose(t.TempDir()))(t), filepath.Join(t.TempDir(), "demosetup")}

	// The two that take longest begin at once.
	type started struct {
		*rig.Service
		err error
	}
	keycloak := make(chan started, 1)
	go func() {
		s, err := d.StartKeycloak(t.Context(), d.log("keycloak"))
		keycloak <- started{s, err}
	}()
	t.Cleanup(must(d.StartGerrit(t.Context(), d.log("gerrit")))(t).Stop)
	k := <-keycloak
	t.Cleanup(must(k.Service, k.err)(t).Stop)
	d.unwell("redis")
	t.Cleanup(must(d.StartRedis(t.Context(), d.log("redis")))(t).Stop)
	d.well("redis")

	build := exec.Command("go", "build", "-tags", "e2e", "-o", d.setup, "./e2e/cmd/demosetup")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build demosetup: %v\n%s", err, out)
	}
	d.furnish("prepare")
	d.furnish("prepare") // a second start changes nothing

	d.unwell("backstage")
	t.Cleanup(must(d.StartBackstage(t.Context(), d.log("backstage")))(t).Stop)
	d.well("backstage")

	d.unwell("bot")
	b := &bot{t, &program{name: "demo", dir: t.TempDir(), url: d.URL("bot"), serve: d.Args("bot"), moved: make(chan struct{})}}
	t.Cleanup(b.stop)
	b.start()
	d.well("bot")
	d.furnish("play")
	d.scrapes()
	tried := []string{"backstage", "bot", "gerrit", "keycloak", "play", "prepare", "prometheus", "redis"}
	if there := slices.Sorted(maps.Keys(d.Services)); !slices.Equal(there, tried) {
		t.Errorf("docker-compose.yml has the services %v, and tried are %v", there, tried)
	}
	d.look()
}

// look signs in as Dana and looks at what the demo is there for.
func (d demo) look() {
	people := d.PeopleURL("gerrit")
	tab := startChromium(d.T).Tab(d.T, d.PeopleURL("backstage"), "")
	tab.Open("/catalog/default/component/payments-api")
	tab.Click("SIGN IN")
	tab.Until("Keycloak's form", "document.querySelector('#username')")
	tab.Eval(`(() => {
	document.querySelector('#username').value = 'dana';
	document.querySelector('#password').value = 'demo';
	document.querySelector('#kc-login').click();
})()`, nil)
	const retry, round = "payments: retry card authorizations", "billing: round totals half to even"
	tab.Shows(retry)
	tab.Shows("1 build failure")
	tab.Until("a link for people", fmt.Sprintf("document.querySelector('a[href=\"%s/c/shop/+/3\"]')", people))
	tab.Shows("Suggested reviewers:")
	// Dana is asked already.
	if picks := tab.Texts("ul[aria-label='Suggested reviewers'] > li"); len(picks) != 1 || !strings.HasPrefix(picks[0], "Erik Tester (owns ") || !strings.Contains(picks[0], "through team-payments") {
		d.Errorf("on the card are suggested %q, want Erik alone, an owner", picks)
	}
	tab.Hides(round, retry)
	tab.Screenshot("card")

	// The same project, another folder.
	tab.Open("/catalog/default/component/billing")
	tab.Hides(retry, round)
	tab.Screenshot("billing")
	// Found in its repository, and shown to a member of the Gerrit group alone.
	for name, subject := range map[string]string{"dns": "dns: shorten the lifetime of service records", "deployment": retry} {
		tab.Open("/catalog/default/component/" + name)
		tab.Shows(subject)
	}
	for _, fault := range tab.Faults() {
		d.Errorf("the page: %s", fault)
	}
}

// log is a file for what a service prints.
func (d demo) log(name string) *os.File {
	d.Helper()
	file := must(os.Create(filepath.Join("..", ".cache", "demo-"+name+".log")))(d.T)
	d.Cleanup(func() { _ = file.Close() })
	return file
}

// furnish runs prepare or play to its end.
func (d demo) furnish(name string) {
	d.Helper()
	cmd := exec.CommandContext(d.Context(), d.setup, d.Args(name)...)
	cmd.Dir = ".." // as in its image, in the sources
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.Fatalf("%s: %v\n%s", name, err, out)
	}
	d.Logf("%s", out)
}

// well waits until the healthcheck of a service says that it is.
func (d demo) well(name string) {
	d.Helper()
	eventually(d.T, name+" to be well by its healthcheck", func() bool { return d.healthcheck(name) == nil })
}

// unwell fails when the healthcheck of a service that does not run says that it
// is well: such a one could not fail.
func (d demo) unwell(name string) {
	d.Helper()
	if d.healthcheck(name) == nil {
		d.Errorf("the healthcheck of %s takes a server for well that does not run", name)
	}
}

// healthcheck runs the command of the file with this machine's programs.
func (d demo) healthcheck(name string) error {
	d.Helper()
	test := d.Healthcheck(name)
	if len(test) == 0 {
		d.Fatalf("the service %s has no healthcheck", name)
	}
	switch test[0] {
	case "/review-assistant":
		test[0] = binary(d.T)
	case "node":
		test[0] = filepath.Join("..", "backstage", "bin", "node")
	case "redis-cli":
		test = slices.Insert(test, 1, "-p", fmt.Sprint(d.Port(name)))
	}
	out, err := exec.CommandContext(d.Context(), test[0], test[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%v: %w: %s", test, err, out)
	}
	return nil
}

// scrapes fails unless everything that Prometheus would read answers as it wants
// it. There is no Prometheus on the machine.
func (d demo) scrapes() {
	d.Helper()
	const flag = "--config.file="
	at := slices.IndexFunc(d.Args("prometheus"), func(arg string) bool { return strings.HasPrefix(arg, flag) })
	if at < 0 {
		d.Fatalf("the service prometheus is not told its configuration: %v", d.Args("prometheus"))
	}
	var config struct {
		Global struct {
			Interval string `yaml:"scrape_interval"`
		} `yaml:"global"`
		Scrapes []struct {
			Job    string `yaml:"job_name"`
			Path   string `yaml:"metrics_path"`
			Scheme string `yaml:"scheme"`
			Static []struct {
				Targets []string `yaml:"targets"`
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	body := must(os.ReadFile(strings.TrimPrefix(d.Args("prometheus")[at], flag)))(d.T)
	check(d.T, yaml.UnmarshalWithOptions(body, &config, yaml.Strict()))
	if _, err := time.ParseDuration(config.Global.Interval); err != nil || len(config.Scrapes) == 0 {
		d.Errorf("Prometheus reads %d jobs, every %q (%v)", len(config.Scrapes), config.Global.Interval, err)
	}
	for _, job := range config.Scrapes {
		for _, static := range job.Static {
			for _, target := range static.Targets {
				url := or(job.Scheme, "http") + "://" + target + or(job.Path, "/metrics")
				if code, text := get(d.Context(), url); code != http.StatusOK || !strings.Contains(text, "\nbot_") {
					d.Errorf("%s gets %d for %s, want figures of the bot:\n%.400s", job.Job, code, url, text)
				}
			}
		}
	}
}
