// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Redirect is where the clients of the identity providers send a browser back
// to. Nobody listens there: the walk ends when it is named.
const Redirect = "http://127.0.0.1/callback"

// errRefused is a sign-in that the provider answers with its form once more.
var errRefused = errors.New("the provider does not take this name and password")

// signIn is one walk of a person through the authorization code flow with
// PKCE, as a browser does it.
type signIn struct {
	authorize, token string // addresses of the provider
	client, secret   string // no secret: a public client
	user, password   string
	more             url.Values // further parameters of both requests
}

// walk returns the access token at the end of the flow.
func (s signIn) walk(ctx context.Context) (string, error) {
	verifier, state := rand.Text()+rand.Text(), rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	q := s.with(url.Values{
		"response_type": {"code"}, "client_id": {s.client}, "redirect_uri": {Redirect}, "scope": {"openid profile email"},
		"state": {state}, "nonce": {rand.Text()},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	})
	back, err := s.browse(ctx, s.authorize+"?"+q.Encode())
	if err != nil {
		return "", fmt.Errorf("sign %s in: %w", s.user, err)
	}
	if back.Get("code") == "" || back.Get("state") != state {
		return "", fmt.Errorf("sign %s in: the provider came back with %s %s", s.user, back.Get("error"), back.Get("error_description"))
	}
	form := s.with(url.Values{
		"grant_type": {"authorization_code"}, "code": {back.Get("code")}, "redirect_uri": {Redirect},
		"code_verifier": {verifier},
	})
	return tokenFrom(ctx, s.token, s.client, s.secret, form)
}

func (s signIn) with(q url.Values) url.Values {
	for k, v := range s.more {
		q[k] = v
	}
	return q
}

// browse goes from page to page until one leads to Redirect, whose query it
// returns. Forms that ask for a password get it, all others are sent as they
// are, as scripts and willing people do.
func (s signIn) browse(ctx context.Context, at string) (url.Values, error) {
	jar, err := newJar()
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Jar: jar, Timeout: time.Minute, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	var form url.Values // of the request to come; nil: it is a GET
	asked := map[string]bool{}
	for range 20 {
		resp, body, err := fetch(ctx, client, at, form)
		if err != nil {
			return nil, err
		}
		if location := resp.Header.Get("Location"); location != "" {
			next, err := resp.Request.URL.Parse(location)
			if err != nil {
				return nil, fmt.Errorf("follow %q: %w", location, err)
			}
			if strings.HasPrefix(next.String(), Redirect) {
				return next.Query(), nil
			}
			at, form = next.String(), nil
			continue
		}
		action, fields, ok := formOf(body)
		if !ok {
			return nil, fmt.Errorf("the page at %s (status %d) has no form: %s", at, resp.StatusCode, textOf(body))
		}
		next, err := resp.Request.URL.Parse(action)
		if err != nil {
			return nil, fmt.Errorf("send the form to %q: %w", action, err)
		}
		if fields.Has("password") {
			if asked[next.Path] {
				return nil, fmt.Errorf("%w: %s", errRefused, textOf(body))
			}
			asked[next.Path] = true
			for _, name := range []string{"username", "login"} {
				if fields.Has(name) {
					fields.Set(name, s.user)
				}
			}
			fields.Set("password", s.password)
		}
		at, form = next.String(), fields
	}
	return nil, errors.New("the provider leads from page to page without an end")
}

func fetch(ctx context.Context, client *http.Client, at string, form url.Values) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if form != nil {
		req, err = http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	}
	if err != nil {
		return nil, "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp, string(body), err
}

var (
	formTag   = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputTag  = regexp.MustCompile(`(?is)<input\b([^>]*)>`)
	attribute = regexp.MustCompile(`(?is)([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	anyTag    = regexp.MustCompile(`(?is)<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>`)
)

// formOf returns the first form of a page: where it goes, and its fields.
func formOf(page string) (action string, fields url.Values, ok bool) {
	form := formTag.FindStringSubmatch(page)
	if form == nil {
		return "", nil, false
	}
	fields = url.Values{}
	for _, input := range inputTag.FindAllStringSubmatch(form[2], -1) {
		a := attributes(input[1])
		if a["name"] != "" && a["type"] != "checkbox" {
			fields.Set(a["name"], a["value"])
		}
	}
	return attributes(form[1])["action"], fields, true
}

func attributes(tag string) map[string]string {
	all := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		all[strings.ToLower(m[1])] = html.UnescapeString(m[2] + m[3])
	}
	return all
}

// textOf returns what a person sees of a page, for error messages.
func textOf(page string) string {
	text := strings.Join(strings.Fields(html.UnescapeString(anyTag.ReplaceAllString(page, " "))), " ")
	return text[:min(400, len(text))]
}

// jar keeps cookies for loopback, where browsers send secure ones over plain
// HTTP too.
type jar struct{ *cookiejar.Jar }

func newJar() (jar, error) {
	j, err := cookiejar.New(nil)
	return jar{j}, err
}

func (j jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		c.Secure = false
	}
	j.Jar.SetCookies(u, cookies)
}

// tokenFrom asks a token endpoint for an access token. An answer other than
// success is an *HTTPError.
func tokenFrom(ctx context.Context, endpoint, client, secret string, form url.Values) (string, error) {
	form.Set("client_id", client)
	if secret != "" {
		form.Set("client_secret", secret)
	}
	hc := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, body, err := fetch(ctx, hc, endpoint, form)
	if err != nil {
		return "", fmt.Errorf("ask for a token: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", &HTTPError{Status: resp.StatusCode, What: "POST " + endpoint, Body: body}
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.AccessToken == "" {
		return "", fmt.Errorf("ask for a token: the answer has none (%w)", err)
	}
	return answer.AccessToken, nil
}
