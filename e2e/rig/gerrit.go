// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say which Gerrit to start and where.
type Options struct {
	Version string    // Newest by default
	Dir     string    // its site; a temporary one that Stop removes by default
	Log     io.Writer // gets what it prints; discarded by default
	Config  string    // more of gerrit.config, in git-config syntax
	Prefix  string    // path in front of every URL, such as "/r"
}

// Gerrit is a running server.
type Gerrit struct {
	Version string
	URL     string // without a slash at the end
	// Admin may do everything. The bot is never run as Admin.
	Admin Account

	site  string
	temp  bool
	log   io.Writer
	run   launcher
	proc  *process
	http  *http.Client
	mu    sync.Mutex
	known map[string]Account // by user name
	names map[string]int     // how often a project name was asked for
}

// startTime bounds one start: ten seconds on a quiet machine, far more on a
// busy one.
const startTime = 4 * time.Minute

// StartGerrit builds the server if need be, starts it on a free loopback port
// and returns when it answers. ctx bounds the start only.
func StartGerrit(ctx context.Context, o Options) (*Gerrit, error) {
	if o.Version == "" {
		o.Version = Newest
	}
	r, err := releaseOf(o.Version)
	if err != nil {
		return nil, fmt.Errorf("start gerrit: %w", err)
	}
	l, err := build(ctx, r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	var g *Gerrit
	if err := again(func() (err error) { g, err = start(ctx, o, l); return err }); err != nil {
		return nil, fmt.Errorf("start gerrit %s: %w", o.Version, err)
	}
	return g, nil
}

func start(ctx context.Context, o Options, l launcher) (_ *Gerrit, err error) {
	g := &Gerrit{
		Version: o.Version, site: o.Dir, temp: o.Dir == "", log: o.Log, run: l,
		known: map[string]Account{}, names: map[string]int{},
		// No proxy from the environment: everything is on this machine.
		http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
	}
	if g.temp {
		if g.site, err = os.MkdirTemp("", "gerrit-"); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			g.Stop()
		}
	}()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	prefix := strings.TrimSuffix(o.Prefix, "/")
	g.URL = fmt.Sprintf("http://127.0.0.1:%d%s", port, prefix)
	listen := g.URL
	if prefix != "" {
		// Gerrit's init drops a path unless there is a proxy in front.
		listen = "proxy-" + listen
	}
	config := filepath.Join(g.site, "etc", "gerrit.config")
	if err := os.MkdirAll(filepath.Dir(config), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(config, []byte(fmt.Sprintf(gerritConfig, g.URL, listen)+o.Config), 0o644); err != nil {
		return nil, err
	}
	if err := g.serve(ctx); err != nil {
		return nil, err
	}
	if err := g.prepare(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// serve starts the server on its site and waits until it serves.
func (g *Gerrit) serve(ctx context.Context) (err error) {
	g.proc, err = startProcess(ctx, exec.Command(g.run.java, append(slices.Clip(g.run.args), g.site)...), g.log,
		func(line string) bool { return strings.HasPrefix(line, "READY ") })
	return err
}

// End ends the server in good order; [Gerrit.Restart] brings it back. A crash
// would lose what its indexes have not written yet, accounts among it.
func (g *Gerrit) End() { g.proc.stop(30 * time.Second) }

// Restart starts a server that ended again, on its port and its site.
func (g *Gerrit) Restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := g.serve(ctx); err != nil {
		return fmt.Errorf("restart gerrit: %w", err)
	}
	return nil
}

// gerritConfig makes a server that trusts everybody, tells nobody by mail and
// listens on loopback alone.
const gerritConfig = `[gerrit]
	basePath = git
	canonicalWebUrl = %s/
[auth]
	type = DEVELOPMENT_BECOME_ANY_ACCOUNT
[httpd]
	listenUrl = %s/
[sshd]
	listenAddress = off
[sendemail]
	enable = false
[index]
	type = lucene
[plugins]
	allowRemoteAdmin = true
[change]
	api = true
`

// prepare finds the administrator and lays down the rules that
// docs/gerrit-access.md tells operators to lay down.
func (g *Gerrit) prepare(ctx context.Context) error {
	return Try(ctx, func(t T) {
		g.Admin = Account{Username: "admin", Password: "secret"}
		s := g.Scene(t)
		s.Do(g.Admin, http.MethodGet, "/accounts/self/detail", nil, &g.Admin)
		s.addEmail(&g.Admin)
		for _, ref := range []string{configRef, "refs/heads/*"} {
			s.Grant("All-Projects", ref, "push", "Administrators", Allow)
		}
		s.Group(BotGroup)
		s.Do(g.Admin, http.MethodPost, "/projects/All-Projects/access", accessRules(t), nil)
	})
}

// Pid returns the id of the server's process.
func (g *Gerrit) Pid() int { return g.proc.cmd.Process.Pid }

// Stop ends the server. A temporary site is killed and removed: nothing in it
// is worth the five seconds that an orderly end takes.
func (g *Gerrit) Stop() {
	if g.http != nil {
		g.http.CloseIdleConnections()
	}
	switch {
	case g.proc == nil:
	case g.temp:
		g.proc.kill()
	default:
		g.proc.stop(30 * time.Second)
	}
	if g.temp {
		_ = os.RemoveAll(g.site)
	}
}

// HTTPError is an answer of Gerrit other than success.
type HTTPError struct {
	Status int
	What   string // method and path
	Body   string
}

func (e *HTTPError) Error() string {
	return fmt.Sprintf("%s: status %d: %s", e.What, e.Status, strings.TrimSpace(e.Body))
}

// StatusOf returns the HTTP status that err stands for, 0 for other errors.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*HTTPError](err); ok {
		return e.Status
	}
	return 0
}
