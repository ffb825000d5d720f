// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// KeycloakVersion is the one that the tests run; keycloak/pom.xml names the
// same.
const KeycloakVersion = "26.0.7"

// The realms of a Keycloak: people of the first sign in there, those of the
// second sign in to the first over SAML.
const (
	realm     = "corp"
	samlRealm = "saml-corp"
)

// KeycloakOptions say how a Keycloak starts.
type KeycloakOptions struct {
	Log io.Writer // gets what it prints; discarded by default
	// TokenLife is how long an access token lives; five minutes by default.
	TokenLife time.Duration
}

// Keycloak is a running identity provider. Its realm corp has jane, of the
// group review-operators, and tom, both with [Password], and the clients
// [Audience] and [Elsewhere]. Ada is known to the realm saml-corp alone, which
// corp trusts over SAML.
type Keycloak struct {
	URL string // without a slash at the end

	home string
	life time.Duration
	proc *process
	http *http.Client
}

// keycloakJDK finds a Java that this Keycloak supports.
func keycloakJDK(ctx context.Context) (jdk, error) { return findJDK(ctx, 17, 21) }

// StartKeycloak fetches the server if need be, starts it on a free loopback
// port with a database in memory and returns when it answers. ctx bounds the
// start only.
func StartKeycloak(ctx context.Context, o KeycloakOptions) (*Keycloak, error) {
	j, err := keycloakJDK(ctx)
	if err != nil {
		return nil, fmt.Errorf("start keycloak: %w", err)
	}
	dist, err := fetchKeycloak(ctx, j)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	var k *Keycloak
	if err := again(func() (err error) { k, err = startKeycloak(ctx, o, j, dist); return err }); err != nil {
		return nil, fmt.Errorf("start keycloak: %w", err)
	}
	return k, nil
}

// fetchKeycloak unpacks the server into .cache/keycloak of the checkout and
// prepares it for its database, unless that was done before.
func fetchKeycloak(ctx context.Context, j jdk) (string, error) {
	root, err := checkout()
	if err != nil {
		return "", err
	}
	dir, pom := filepath.Join(root, ".cache", "keycloak"), filepath.Join(root, "e2e", "keycloak", "pom.xml")
	dist, stamp := filepath.Join(dir, "keycloak-"+KeycloakVersion), filepath.Join(dir, "stamp")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("fetch keycloak: %w", err)
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return "", fmt.Errorf("fetch keycloak: %w", err)
	}
	defer unlock()
	want, err := digest(fmt.Sprint(j), pom)
	if err != nil {
		return "", fmt.Errorf("fetch keycloak: %w", err)
	}
	if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
		return dist, nil
	}
	// Maven leaves alone what its markers in target say is there.
	if err := errors.Join(os.RemoveAll(dist), os.RemoveAll(filepath.Join(dir, "target"))); err != nil {
		return "", fmt.Errorf("fetch keycloak: %w", err)
	}
	maven := exec.CommandContext(ctx, "mvn", "-q", "-B", "-f", pom, "-DoutputDirectory="+dir, "dependency:unpack-dependencies")
	maven.Env = append(os.Environ(), "JAVA_HOME="+j.home)
	if err := run(maven); err != nil {
		return "", fmt.Errorf("fetch keycloak %s: %w", KeycloakVersion, err)
	}
	prepare := exec.CommandContext(ctx, j.tool("java"), append(keycloakArgs(dist), "build", "--db=dev-mem")...)
	if err := run(prepare); err != nil {
		return "", fmt.Errorf("prepare keycloak %s: %w", KeycloakVersion, err)
	}
	if err := os.WriteFile(stamp, []byte(want), 0o644); err != nil {
		return "", fmt.Errorf("fetch keycloak: %w", err)
	}
	return dist, nil
}

// keycloakArgs are what its own script passes to Java, with the flags that
// make short lives cheaper: they halve a start and quarter the preparation.
func keycloakArgs(home string) []string {
	return []string{
		"-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
		"--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
		"--add-opens=java.base/java.security=ALL-UNNAMED",
		"-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
		"-Djava.util.logging.manager=org.jboss.logmanager.LogManager", "-Dpicocli.disable.closures=true", "-Dfile.encoding=UTF-8",
		"-Dkc.home.dir=" + home, "-Djboss.server.config.dir=" + filepath.Join(home, "conf"),
		"-cp", filepath.Join(home, "lib", "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
	}
}

func startKeycloak(ctx context.Context, o KeycloakOptions, j jdk, dist string) (_ *Keycloak, err error) {
	k := &Keycloak{life: o.TokenLife, http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}}
	if k.life == 0 {
		k.life = 5 * time.Minute
	}
	if k.home, err = os.MkdirTemp("", "keycloak-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			k.Stop()
		}
	}()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	k.URL = "http://127.0.0.1:" + strconv.Itoa(port)
	if err := k.furnish(dist); err != nil {
		return nil, err
	}
	cmd := exec.Command(j.tool("java"), append(keycloakArgs(k.home),
		"start", "--optimized", "--import-realm", "--cache=local", "--hostname-strict=false",
		"--http-enabled=true", "--http-host=127.0.0.1", "--http-port="+strconv.Itoa(port))...)
	cmd.Env = append(os.Environ(), "KC_BOOTSTRAP_ADMIN_USERNAME=admin", "KC_BOOTSTRAP_ADMIN_PASSWORD="+Password)
	k.proc, err = startProcess(ctx, cmd, o.Log, func(line string) bool {
		return strings.Contains(line, "Listening on:")
	})
	if err != nil {
		return nil, err
	}
	return k, k.keepNames(ctx)
}

// keepNames has nobody who arrives over SAML choose a name.
func (k *Keycloak) keepNames(ctx context.Context) error {
	var steps []struct {
		ProviderID string `json:"providerId"`
		Config     string `json:"authenticationConfig"`
	}
	if err := k.admin(ctx, http.MethodGet, "/authentication/flows/first%20broker%20login/executions", nil, &steps); err != nil {
		return err
	}
	for _, s := range steps {
		if s.ProviderID == "idp-review-profile" {
			return k.admin(ctx, http.MethodPut, "/authentication/config/"+s.Config, M{
				"id": s.Config, "alias": "review profile config", "config": M{"update.profile.on.first.login": "off"},
			}, nil)
		}
	}
	return errors.New("keycloak has no step that reviews profiles")
}

// furnish makes a home of its own for one server: the files of the
// distribution, linked, and the realms to import.
func (k *Keycloak) furnish(dist string) error {
	for _, name := range []string{"lib", "conf", "themes", "providers", "version.txt"} {
		if err := os.Symlink(filepath.Join(dist, name), filepath.Join(k.home, name)); err != nil {
			return err
		}
	}
	dir := filepath.Join(k.home, "data", "import")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, content := range map[string]M{realm: k.corp(), samlRealm: k.samlCorp()} {
		body, err := json.Marshal(content)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+".json"), body, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Issuer returns the realm corp as its tokens name it.
func (k *Keycloak) Issuer() string { return k.URL + "/realms/" + realm }

func (k *Keycloak) endpoint(name string) string {
	return k.Issuer() + "/protocol/openid-connect/" + name
}

// Token returns an access token for a person of corp who tells the client her
// password, as a script does.
func (k *Keycloak) Token(ctx context.Context, user, password, client string) (string, error) {
	return tokenFrom(ctx, k.endpoint("token"), client, clientSecret, url.Values{
		"grant_type": {"password"}, "username": {user}, "password": {password}, "scope": {"openid profile email"},
	})
}

// Login returns an access token for [Audience] at the end of the way that a
// browser goes: over the page of corp, or over SAML and the page of saml-corp.
func (k *Keycloak) Login(ctx context.Context, user, password string, viaSAML bool) (string, error) {
	s := signIn{
		authorize: k.endpoint("auth"), token: k.endpoint("token"), client: Audience, secret: clientSecret,
		user: user, password: password, more: url.Values{},
	}
	if viaSAML {
		s.more.Set("kc_idp_hint", samlRealm)
	}
	return s.walk(ctx)
}

// RotateKeys has corp sign with a new key. Tokens that the old one signed
// stay good until [Keycloak.DropOldKeys].
func (k *Keycloak) RotateKeys(ctx context.Context) error {
	id, err := k.realmID(ctx)
	if err != nil {
		return err
	}
	keys, err := k.keys(ctx)
	if err != nil {
		return err
	}
	_, priority := newestOf(keys)
	next := strconv.Itoa(max(100, priority) + 1)
	return k.admin(ctx, http.MethodPost, "/components", M{
		"name": "rsa-" + next, "providerId": "rsa-generated", "providerType": keyProvider, "parentId": id,
		"config": M{"priority": []string{next}, "algorithm": []string{"RS256"}},
	}, nil)
}

// DropOldKeys removes all keys of corp but the one that it signs with: what
// they signed is worthless from now on.
func (k *Keycloak) DropOldKeys(ctx context.Context) error {
	keys, err := k.keys(ctx)
	if err != nil {
		return err
	}
	newest, _ := newestOf(keys)
	for _, key := range keys {
		if key.ID != newest {
			if err := k.admin(ctx, http.MethodDelete, "/components/"+key.ID, nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// newestOf returns the key that signs, the one with the highest priority.
func newestOf(keys []component) (id string, priority int) {
	priority = -1
	for _, key := range keys {
		if p, err := strconv.Atoi(strings.Join(key.Config["priority"], "")); err == nil && p > priority {
			id, priority = key.ID, p
		}
	}
	return id, priority
}

// Disable takes a person's access away. Tokens that she has live on until they
// expire, as is the nature of such tokens.
func (k *Keycloak) Disable(ctx context.Context, user string) error {
	return k.change(ctx, user, M{"enabled": false})
}

// Enable gives it back.
func (k *Keycloak) Enable(ctx context.Context, user string) error {
	return k.change(ctx, user, M{"enabled": true})
}

func (k *Keycloak) change(ctx context.Context, user string, m M) error {
	var found []struct{ ID string }
	if err := k.admin(ctx, http.MethodGet, "/users?exact=true&username="+url.QueryEscape(user), nil, &found); err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("keycloak has %d people named %s", len(found), user)
	}
	return k.admin(ctx, http.MethodPut, "/users/"+found[0].ID, m, nil)
}

const keyProvider = "org.keycloak.keys.KeyProvider"

type component struct {
	ID         string
	ProviderID string `json:"providerId"`
	Config     map[string][]string
}

// keys lists the keys of corp that sign tokens.
func (k *Keycloak) keys(ctx context.Context) ([]component, error) {
	var all, rsa []component
	if err := k.admin(ctx, http.MethodGet, "/components?type="+keyProvider, nil, &all); err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.ProviderID == "rsa-generated" {
			rsa = append(rsa, c)
		}
	}
	return rsa, nil
}

func (k *Keycloak) realmID(ctx context.Context) (string, error) {
	var r struct{ ID string }
	err := k.admin(ctx, http.MethodGet, "", nil, &r)
	return r.ID, err
}

// admin sends one request below the realm corp of the administration. Its
// token lives a minute, so that each request asks for one.
func (k *Keycloak) admin(ctx context.Context, method, path string, in, out any) error {
	token, err := tokenFrom(ctx, k.URL+"/realms/master/protocol/openid-connect/token", "admin-cli", "",
		url.Values{"grant_type": {"password"}, "username": {"admin"}, "password": {Password}})
	if err != nil {
		return err
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	what := method + " /admin/realms/" + realm + path
	req, err := http.NewRequestWithContext(ctx, method, k.URL+"/admin/realms/"+realm+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := k.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if resp.StatusCode > 299 {
		return errors.Join(err, &HTTPError{Status: resp.StatusCode, What: what, Body: string(answer)})
	}
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Pid returns the id of the server's process.
func (k *Keycloak) Pid() int { return k.proc.cmd.Process.Pid }

// Stop ends the server and removes its files: nothing in them is worth an
// orderly end.
func (k *Keycloak) Stop() {
	k.http.CloseIdleConnections()
	if k.proc != nil {
		k.proc.kill()
	}
	_ = os.RemoveAll(k.home)
}
