// SPDX-License-Identifier: Apache-2.0

package rig

import (
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

// BackstageOptions say what a Backstage starts with.
type BackstageOptions struct {
	// Entry is the file of backstage/packages/backend that runs, such as
	// [Contract].
	Entry   string
	Catalog []byte // YAML of its entities
	Config  string // more of app-config.yaml
	// Lasting keeps the database, and with it the keys that sign tokens, from
	// one [Backstage.Start] to the next.
	Lasting bool
	Log     io.Writer
}

// The Backstages that tests run: the catalog with the tokens of people and
// plugins alone, and the whole one with its pages.
const (
	Contract = "src/testing/contract.ts"
	Portal   = "src/testing/portal.ts"
)

// Backstage is a running Backstage in which whoever a request names is signed
// in.
type Backstage struct {
	URL   string
	Token string // may read the catalog, and nothing else
	// Catalog is the file of the entities. Backstage looks at it again after
	// it was written.
	Catalog string

	options BackstageOptions
	port    int
	proc    *process
	dir     string
}

// workspace returns the folder with everything of Backstage.
func workspace() (string, error) {
	root, err := checkout()
	return filepath.Join(root, "backstage"), err
}

// backstageConfig has the address, the port, the token, the file of the entities
// and the database as holes.
const backstageConfig = `
app: {title: Portal, baseUrl: "http://%[1]s", signInProxy: named}
organization: {name: Example}
backend:
  baseUrl: "http://%[1]s"
  listen: {host: 127.0.0.1, port: %[2]d}
  database: {client: better-sqlite3, connection: %[5]s}
  auth:
    externalAccess:
      - type: static
        options: {token: "%[3]s", subject: review-assistant}
        accessRestrictions: [{plugin: catalog}]
auth:
  providers: {named: {}}
catalog:
  processingInterval: {seconds: 1}
  rules: [{allow: [Component, API, Resource, System, Domain, Group, User, Location]}]
  locations: [{type: file, target: "%[4]s"}]
`

// StartBackstage starts one on a free loopback port and returns when it is
// ready. ctx bounds the start only.
func StartBackstage(ctx context.Context, o BackstageOptions) (_ *Backstage, err error) {
	b := &Backstage{Token: "catalog-of-the-contract-test", options: o}
	if b.dir, err = os.MkdirTemp("", "backstage-"); err != nil {
		return nil, fmt.Errorf("start backstage: %w", err)
	}
	b.Catalog = filepath.Join(b.dir, "catalog.yaml")
	err = os.WriteFile(b.Catalog, o.Catalog, 0o644)
	if err == nil {
		err = again(func() (err error) {
			if b.port, err = freePort(); err != nil {
				return err
			}
			return b.Start(ctx)
		})
	}
	if err != nil {
		b.Stop()
		return nil, fmt.Errorf("start backstage: %w", err)
	}
	return b, nil
}

// Start starts it again where it was, after [Backstage.End]. What was in its
// memory is gone, the file of the entities and a lasting database are not.
func (b *Backstage) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	dir, err := workspace()
	if err != nil {
		return err
	}
	address := "127.0.0.1:" + strconv.Itoa(b.port)
	b.URL = "http://" + address
	database := `":memory:"`
	if b.options.Lasting {
		database = fmt.Sprintf("{directory: %q}", filepath.Join(b.dir, "database"))
	}
	var args []string
	// Later files add to and replace what earlier ones say.
	for i, body := range []string{fmt.Sprintf(backstageConfig, address, b.port, b.Token, b.Catalog, database), b.options.Config} {
		if body == "" {
			continue
		}
		file := filepath.Join(b.dir, fmt.Sprintf("app-config.%d.yaml", i))
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			return err
		}
		args = append(args, "--config", file)
	}
	return b.launch(ctx, node(dir, b.options.Entry, args...), b.options.Log)
}

// launch starts the program and waits until all of it is ready.
func (b *Backstage) launch(ctx context.Context, cmd *exec.Cmd, log io.Writer) (err error) {
	if b.proc, err = startProcess(ctx, cmd, log, func(line string) bool { return strings.Contains(line, "Listening on") }); err != nil {
		return err
	}
	return b.ready(ctx)
}

// node runs a file of the backend's package, with the sources as they are.
func node(workspace, file string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(workspace, "bin", "node"),
		append([]string{"--require", "@backstage/cli/config/nodeTransform.cjs", file}, args...)...)
	cmd.Dir = filepath.Join(workspace, "packages", "backend")
	cmd.Env = append(os.Environ(), "NODE_ENV=production", "NO_COLOR=1", "NODE_OPTIONS=--max-old-space-size=768")
	return cmd
}

// ready waits until all plugins have started.
func (b *Backstage) ready(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+"/.backstage/health/v1/readiness", nil)
		if err != nil {
			return err
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-b.proc.done:
			return fmt.Errorf("it ended before it was ready: %s", tail(b.proc.out.String()))
		case <-ctx.Done():
			return fmt.Errorf("it was not ready in time: %w: %s", ctx.Err(), tail(b.proc.out.String()))
		}
	}
}

// Issuer returns the backend as tokens of people name it.
func (b *Backstage) Issuer() string { return b.URL + "/api/auth" }

// UserToken returns a token of a person, such as "user:default/jane", as the
// browser has it after signing in. Nobody has to be in the catalog for it.
func (b *Backstage) UserToken(ctx context.Context, ref string) (string, error) {
	var answer struct {
		Identity struct{ Token string } `json:"backstageIdentity"`
	}
	err := b.ask(ctx, "/api/auth/named/refresh", http.Header{"X-User": {ref}, "X-Requested-With": {"XMLHttpRequest"}}, &answer)
	return answer.Identity.Token, err
}

// PluginToken returns what the plugin caller sends to a plugin: a token of its
// own, or one on behalf of the person that a token is of.
func (b *Backstage) PluginToken(ctx context.Context, target, userToken string) (string, error) {
	var answer struct{ Token string }
	header := http.Header{}
	if userToken != "" {
		header.Set("Authorization", "Bearer "+userToken)
	}
	err := b.ask(ctx, "/api/caller?target="+url.QueryEscape(target), header, &answer)
	return answer.Token, err
}

// Get asks with the token of a person and returns status and body.
func (b *Backstage) Get(ctx context.Context, path, token string) (int, string, error) {
	var body json.RawMessage
	err := b.ask(ctx, path, http.Header{"Authorization": {"Bearer " + token}}, &body)
	if refused, is := errors.AsType[*HTTPError](err); is {
		return refused.Status, refused.Body, nil
	}
	return http.StatusOK, string(body), err
}

func (b *Backstage) ask(ctx context.Context, path string, header http.Header, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL+path, nil)
	if err != nil {
		return err
	}
	req.Header = header
	resp, err := (&http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if resp.StatusCode != http.StatusOK {
		return errors.Join(err, &HTTPError{Status: resp.StatusCode, What: "GET " + path, Body: string(body)})
	}
	return errors.Join(err, json.Unmarshal(body, out))
}

// Pid returns the id of the server's process.
func (b *Backstage) Pid() int { return b.proc.cmd.Process.Pid }

// End ends the server, which [Backstage.Start] starts again.
func (b *Backstage) End() {
	if b.proc != nil {
		b.proc.stop(10 * time.Second)
		b.proc = nil
	}
}

// Stop ends the server and removes its files.
func (b *Backstage) Stop() {
	b.End()
	_ = os.RemoveAll(b.dir)
}
