// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// OIDC is a small OpenID provider that starts within a second, for tests that
// need many or need one to misbehave. It knows jane, of the group
// review-operators, tom, kim and gus, all with [Password], and the clients
// [Audience] and [Elsewhere]. Access tokens are of type at+jwt.
type OIDC struct {
	URL string // without a slash at the end; also its issuer

	proc *process
}

// StartOIDC starts one on a free loopback port and returns when it answers.
// What it prints goes to log, nil to discard it. ctx bounds the start only.
func StartOIDC(ctx context.Context, log io.Writer) (*OIDC, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	root, err := checkout()
	if err != nil {
		return nil, fmt.Errorf("start the OpenID provider: %w", err)
	}
	o := &OIDC{}
	if err := again(func() error { return o.start(ctx, root, log) }); err != nil {
		return nil, fmt.Errorf("start the OpenID provider: %w", err)
	}
	return o, nil
}

func (o *OIDC) start(ctx context.Context, root string, log io.Writer) error {
	cache := filepath.Join(root, ".cache", "oidc")
	if err := placeIndex(filepath.Join(root, "e2e", "oidc"), cache); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	o.URL = "http://127.0.0.1:" + strconv.Itoa(port)
	cmd := exec.Command("node", "index.js", strconv.Itoa(port), Password, clientSecret, Redirect)
	cmd.Dir = cache
	o.proc, err = startProcess(ctx, cmd, log, func(line string) bool { return line == "READY" })
	return err
}

// placeIndex puts index.js beside what it loads, in one step: other test
// binaries may be reading it.
func placeIndex(source, cache string) error {
	body, err := os.ReadFile(filepath.Join(source, "index.js"))
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(cache, "index.js-*")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(cache, "index.js"))
	}
	return err
}

// Issuer returns the provider as its tokens name it.
func (o *OIDC) Issuer() string { return o.URL }

// Token returns an access token for a person who tells the client her
// password, signed with ES256 and good for five minutes.
func (o *OIDC) Token(ctx context.Context, user, password, client string) (string, error) {
	return o.TokenOf(ctx, user, password, client, "ES256", 5*time.Minute)
}

// TokenOf returns one that is signed with ES256 or RS256 and lives so long, in
// whole seconds.
func (o *OIDC) TokenOf(ctx context.Context, user, password, client, alg string, life time.Duration) (string, error) {
	return tokenFrom(ctx, o.URL+"/token", client, clientSecret, url.Values{
		"grant_type": {"password"}, "username": {user}, "password": {password},
		"alg": {alg}, "life": {strconv.Itoa(int(life.Seconds()))},
	})
}

// Login returns an access token for the client at the end of the way that a
// browser goes.
func (o *OIDC) Login(ctx context.Context, user, password, client string) (string, error) {
	return signIn{
		authorize: o.URL + "/auth", token: o.URL + "/token", client: client, secret: clientSecret,
		user: user, password: password,
	}.walk(ctx)
}

// RotateKeys has it sign with new keys; the old ones are still published.
func (o *OIDC) RotateKeys(ctx context.Context) error { return o.control(ctx, "rotate") }

// DropOldKeys takes all but the newest keys back.
func (o *OIDC) DropOldKeys(ctx context.Context) error { return o.control(ctx, "forget") }

// Hang has it take requests and never answer them, until [OIDC.Recover].
func (o *OIDC) Hang(ctx context.Context) error { return o.control(ctx, "hang") }

// Fail has it answer everything with status 503, until [OIDC.Recover].
func (o *OIDC) Fail(ctx context.Context) error { return o.control(ctx, "fail") }

// Recover has it answer again. What hangs goes on hanging.
func (o *OIDC) Recover(ctx context.Context) error { return o.control(ctx, "well") }

func (o *OIDC) control(ctx context.Context, what string) error {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, body, err := fetch(ctx, client, o.URL+"/control/"+what, url.Values{})
	if err == nil && resp.StatusCode != http.StatusOK {
		err = &HTTPError{Status: resp.StatusCode, What: "POST /control/" + what, Body: body}
	}
	return err
}

// Pid returns the id of the server's process.
func (o *OIDC) Pid() int { return o.proc.cmd.Process.Pid }

// Stop ends the server.
func (o *OIDC) Stop() { o.proc.kill() }
