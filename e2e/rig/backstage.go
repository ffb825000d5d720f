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
	Source  string // the folder with package.json, index.js and setup.sh
	Cache   string // where setup.sh installed it
	Catalog []byte // YAML of its entities
	Log     io.Writer
}

// Backstage is a running Backstage backend that has the catalog and the tokens
// of people and plugins alone.
type Backstage struct {
	URL   string
	Token string // may read the catalog, and nothing else
	// Catalog is the file of the entities. Backstage looks at it again after
	// it was written.
	Catalog string

	proc *process
	dir  string
}

// MissingBackstage returns what this machine lacks to run a Backstage, "" when
// all is there.
func MissingBackstage(cache string) string {
	for _, name := range []string{"done", "node"} {
		if _, err := os.Stat(filepath.Join(cache, name)); err != nil {
			return "Backstage is not installed; e2e/backstage/setup.sh does it where npm is"
		}
	}
	return ""
}

// backstageConfig has the address, the token and the file of the entities as
// holes.
const backstageConfig = `
app: {baseUrl: "http://%[1]s"}
organization: {name: Contract}
backend:
  baseUrl: "http://%[1]s"
  listen: {host: 127.0.0.1, port: %[2]d}
  database: {client: better-sqlite3, connection: ":memory:"}
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
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	b := &Backstage{Token: "catalog-of-the-contract-test"}
	if b.dir, err = os.MkdirTemp("", "backstage-"); err != nil {
		return nil, fmt.Errorf("start backstage: %w", err)
	}
	if err := again(func() error { return b.start(ctx, o) }); err != nil {
		b.Stop()
		return nil, fmt.Errorf("start backstage: %w", err)
	}
	return b, nil
}

func (b *Backstage) start(ctx context.Context, o BackstageOptions) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	cache, err := filepath.Abs(o.Cache)
	if err != nil {
		return err
	}
	address := "127.0.0.1:" + strconv.Itoa(port)
	b.URL, b.Catalog = "http://"+address, filepath.Join(b.dir, "catalog.yaml")
	config := filepath.Join(b.dir, "app-config.yaml")
	err = errors.Join(placeIndex(o.Source, cache),
		os.WriteFile(b.Catalog, o.Catalog, 0o644),
		os.WriteFile(config, fmt.Appendf(nil, backstageConfig, address, port, b.Token, b.Catalog), 0o600))
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(cache, "node"), "index.js", "--config", config)
	cmd.Dir = cache
	cmd.Env = append(os.Environ(), "NODE_ENV=production", "NO_COLOR=1", "NODE_OPTIONS=--max-old-space-size=512")
	if b.proc, err = startProcess(ctx, cmd, o.Log, func(line string) bool { return strings.Contains(line, "Listening on") }); err != nil {
		return err
	}
	return b.ready(ctx)
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

// Stop ends the server and removes its files.
func (b *Backstage) Stop() {
	if b.proc != nil {
		b.proc.stop(10 * time.Second)
	}
	_ = os.RemoveAll(b.dir)
}
