// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

// Everything that docker-compose.yml starts works together with the
// configuration that is there for it; only the addresses are others.
func TestDemo(t *testing.T) {
	t.Parallel()
	leaveOut(t, "the demo of the whole", rig.MissingPortal())
	leaveOut(t, "the demo of the whole", rig.MissingKeycloak(t.Context()))
	root := must(filepath.Abs(".."))(t)
	dir := t.TempDir()
	secrets := filepath.Join(dir, "secrets")
	if err := os.Mkdir(secrets, 0o755); err != nil {
		t.Fatal(err)
	}
	ports := []int{freePort(t), freePort(t)}
	botURL, pagesURL := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])

	gerrit := must(rig.StartGerrit(t.Context(), rig.Options{}))(t)
	t.Cleanup(gerrit.Stop)
	redis := must(rig.StartRedis(t.Context(), rig.RedisOptions{Args: []string{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"}}))(t)
	t.Cleanup(redis.Stop)
	realm := must(os.ReadFile(filepath.Join(root, "deploy", "keycloak-realm.json")))(t)
	realmFile := filepath.Join(dir, "realm.json")
	if err := os.WriteFile(realmFile, []byte(strings.ReplaceAll(string(realm), "http://127.0.0.1:7007", pagesURL)), 0o600); err != nil {
		t.Fatal(err)
	}
	keycloak := must(rig.StartKeycloak(t.Context(), rig.KeycloakOptions{Realm: realmFile}))(t)
	t.Cleanup(keycloak.Stop)

	furnish := func(step string) {
		cmd := exec.Command("go", "run", "-tags", "e2e", "./e2e/cmd/demosetup", "-gerrit", gerrit.URL, "-bot", botURL, "-secrets", secrets, step)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", step, err, out)
		}
		t.Logf("%s", out)
	}
	furnish("prepare")
	furnish("prepare") // a second start changes nothing

	backstageLog := must(os.Create(filepath.Join(root, ".cache", "backstage-demo.log")))(t)
	t.Cleanup(func() { _ = backstageLog.Close() })
	pages := must(rig.StartDemoPages(t.Context(), ports[1], []string{
		"SECRETS=" + secrets, "CATALOG=" + filepath.Join(root, "deploy", "catalog.yaml"), "PORTAL_HOST=127.0.0.1",
		"KEYCLOAK_URL=" + keycloak.URL, "GERRIT_HOST=" + strings.TrimPrefix(gerrit.URL, "http://"), "GERRIT_URL=" + gerrit.URL, "BOT_URL=" + botURL,
	}, backstageLog))(t)
	t.Cleanup(pages.Stop)

	// People and the bot reach Gerrit by different names.
	people := strings.Replace(gerrit.URL, "127.0.0.1", "localhost", 1)
	config := strings.NewReplacer(
		"0.0.0.0:8080", strings.TrimPrefix(botURL, "http://"), "http://gerrit:8080", gerrit.URL, "http://127.0.0.1:8081", people, "redis:6379", redis.Addr,
		"/run/secrets/demo", secrets, "http://backstage:7007", pagesURL, "http://127.0.0.1:7007", pagesURL, "/data/audit", filepath.Join(dir, "audit"),
	).Replace(string(must(os.ReadFile(filepath.Join(root, "deploy", "config.yaml")))(t)))
	b := &bot{t, &program{name: "demo", dir: dir, url: botURL, moved: make(chan struct{})}}
	b.config = b.write("config.yaml", config+"log: {format: json, level: debug}\n")
	t.Cleanup(b.stop)
	b.start()
	furnish("play")

	tab := startChromium(t).Tab(t, pagesURL, "")
	tab.Open("/catalog/default/component/payments-api")
	tab.Click("SIGN IN")
	tab.Until("Keycloak's form", "document.querySelector('#username')")
	tab.Eval(`(() => {
	document.querySelector('#username').value = 'dana';
	document.querySelector('#password').value = 'demo';
	document.querySelector('#kc-login').click();
})()`, nil)
	tab.Shows("payments: retry card authorizations")
	tab.Shows("1 build failure")
	tab.Until("a link for people", fmt.Sprintf("document.querySelector('a[href=\"%s/c/shop/+/3\"]')", people))
	tab.Screenshot("card")
	// Found in its repository, and shown to a member of the Gerrit group alone.
	for name, subject := range map[string]string{"dns": "dns: shorten the lifetime of service records", "deployment": "payments: retry card authorizations"} {
		tab.Open("/catalog/default/component/" + name)
		tab.Shows(subject)
	}
	for _, fault := range tab.Faults() {
		t.Errorf("the page: %s", fault)
	}
}
