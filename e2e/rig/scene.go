// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Scene is the server as one test sees it. Its methods fail the test when
// Gerrit refuses what they ask for.
type Scene struct {
	T
	Gerrit *Gerrit
}

// Scene binds the server to a test.
func (g *Gerrit) Scene(t T) *Scene { return &Scene{T: t, Gerrit: g} }

// Account is somebody on the server.
type Account struct {
	ID       int64  `json:"_account_id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Username string `json:"username"`
	Password string `json:"-"`
}

// BotGroup is the group whose members docs/gerrit-access.md makes harmless.
const BotGroup = "AI Review Bots"

// Do sends a REST request and fails the test unless it succeeds.
func (s *Scene) Do(as Account, method, path string, in, out any) {
	s.Helper()
	if err := s.Gerrit.Call(s.Context(), as, method, path, in, out); err != nil {
		s.Fatalf("as %s: %v", as.Username, err)
	}
}

// Person returns the account with that user name, and makes it at first use.
// People may do what Gerrit lets registered users do by default.
func (s *Scene) Person(name string) Account {
	s.Helper()
	g := s.Gerrit
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.known[name]; ok {
		return a
	}
	a := Account{Username: name, Password: "password-of-" + name}
	err := g.Call(s.Context(), g.Admin, http.MethodPut, "/accounts/"+url.PathEscape(name), M{
		"name": strings.ToUpper(name[:1]) + name[1:] + " Tester", "email": name + "@example.com", "http_password": a.Password,
	}, &a)
	switch {
	case StatusOf(err) == http.StatusConflict: // made by an earlier run
		s.Do(g.Admin, http.MethodGet, "/accounts/"+url.PathEscape(name)+"/detail", nil, &a)
	case err != nil:
		s.Fatalf("make the account %s: %v", name, err)
	}
	// Gerrit looks for a free name as it looks for people: by how a word begins.
	if a.Username != name {
		s.Fatalf("make the account %s: Gerrit takes it for %s, which was there before; no name may begin a word of another", name, a.Username)
	}
	g.known[name] = a
	return a
}

// ServiceUser returns an account in Gerrit's group of service users. It has
// the rights of a person: to vote, to push, to abandon its own changes.
func (s *Scene) ServiceUser(name string) Account {
	s.Helper()
	a := s.Person(name)
	s.Group("Service Users", a)
	return a
}

// Bot returns a service user that can do nothing but read and comment.
func (s *Scene) Bot(name string) Account {
	s.Helper()
	a := s.ServiceUser(name)
	s.Group(BotGroup, a)
	return a
}

// Group makes the group if it is not there and adds the members.
func (s *Scene) Group(name string, members ...Account) {
	s.Helper()
	path := "/groups/" + url.PathEscape(name)
	admin := s.Gerrit.Admin
	switch err := s.Gerrit.Call(s.Context(), admin, http.MethodPut, path, M{"visible_to_all": true}, nil); {
	case err == nil:
		// Gerrit puts whoever makes a group into it.
		s.Do(admin, http.MethodDelete, path+"/members/self", nil, nil)
	case StatusOf(err) != http.StatusConflict:
		s.Fatalf("make group %q: %v", name, err)
	}
	for _, m := range members {
		s.join(path+"/members/"+strconv.FormatInt(m.ID, 10), m)
	}
}

// join puts an account into a group. Gerrit looks a new one up in its index,
// which on a busy machine may not have it for a moment.
func (s *Scene) join(path string, a Account) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.Gerrit.Call(s.Context(), s.Gerrit.Admin, http.MethodPut, path, nil, nil)
		if err == nil {
			return
		}
		if StatusOf(err) != http.StatusNotFound {
			s.Fatalf("put %s into a group: %v", a.Username, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.Fatalf("put %s into a group: %v", a.Username, err)
		}
	}
}

// Leave takes the account out of the group.
func (s *Scene) Leave(group string, a Account) {
	s.Helper()
	s.Do(s.Gerrit.Admin, http.MethodDelete, "/groups/"+url.PathEscape(group)+"/members/"+strconv.FormatInt(a.ID, 10), nil, nil)
}

// SetActive switches an account off or on. Requests of one that is off get
// the same 401 as a wrong password.
func (s *Scene) SetActive(a Account, active bool) {
	s.Helper()
	method := http.MethodDelete
	if active {
		method = http.MethodPut
	}
	s.Do(s.Gerrit.Admin, method, "/accounts/"+strconv.FormatInt(a.ID, 10)+"/active", nil, nil)
}

// SetPassword gives the account a new password and returns it with that. The
// old one and all tokens are refused from now on.
func (s *Scene) SetPassword(a Account, password string) Account {
	s.Helper()
	account := "/accounts/" + strconv.FormatInt(a.ID, 10)
	// Since 3.13 a password is one token among others.
	var tokens []struct {
		ID string `json:"id"`
	}
	err := s.Gerrit.Call(s.Context(), s.Gerrit.Admin, http.MethodGet, account+"/tokens", nil, &tokens)
	if err != nil && StatusOf(err) != http.StatusNotFound {
		s.Fatalf("list the tokens of %s: %v", a.Username, err)
	}
	for _, t := range tokens {
		s.Do(s.Gerrit.Admin, http.MethodDelete, account+"/tokens/"+url.PathEscape(t.ID), nil, nil)
	}
	s.Do(s.Gerrit.Admin, http.MethodPut, account+"/password.http", M{"http_password": password}, nil)
	a.Password = password
	s.Gerrit.mu.Lock()
	defer s.Gerrit.mu.Unlock()
	s.Gerrit.known[a.Username] = a
	return a
}

// Token gives the account a token beside its password, which Gerrit can do
// since 3.13, and returns the account that signs in with it.
func (s *Scene) Token(a Account, id string) Account {
	s.Helper()
	var answer struct {
		Token string `json:"token"`
	}
	s.Do(a, http.MethodPut, "/accounts/self/tokens/"+url.PathEscape(id), M{}, &answer)
	a.Password = answer.Token
	return a
}

// RevokeToken ends a token at once.
func (s *Scene) RevokeToken(a Account, id string) {
	s.Helper()
	s.Do(s.Gerrit.Admin, http.MethodDelete, "/accounts/"+strconv.FormatInt(a.ID, 10)+"/tokens/"+url.PathEscape(id), nil, nil)
}

// addEmail gives the administrator the address that its commits carry.
func (s *Scene) addEmail(a *Account) {
	s.Helper()
	if a.Email != "" {
		return
	}
	a.Email = "admin@example.com"
	s.Do(s.Gerrit.Admin, http.MethodPut, "/accounts/self/emails/"+url.PathEscape(a.Email),
		M{"no_confirmation": true, "preferred": true}, nil)
}

// Rule is what an access rule does.
type Rule string

// The kinds of rule.
const (
	Allow Rule = "ALLOW"
	Block Rule = "BLOCK"
)

// Grant adds an access rule for a group on refs of a project. A permission on
// a label, "label-NAME", covers the votes -1 to +1.
func (s *Scene) Grant(project, ref, permission, group string, rule Rule) {
	s.Helper()
	s.access(project, "add", ref, permission, group, rule)
}

// Revoke removes a rule that Grant added.
func (s *Scene) Revoke(project, ref, permission, group string, rule Rule) {
	s.Helper()
	s.access(project, "remove", ref, permission, group, rule)
}

func (s *Scene) access(project, verb, ref, permission, group string, rule Rule) {
	s.Helper()
	r := M{"action": rule}
	if strings.HasPrefix(permission, "label-") {
		r["min"], r["max"] = -1, 1
	}
	s.Do(s.Gerrit.Admin, http.MethodPost, "/projects/"+url.PathEscape(project)+"/access", M{
		verb: M{ref: M{"permissions": M{permission: M{"rules": M{group: r}}}}},
	}, nil)
}

// accessRules returns the rules of docs/gerrit-access.md, so that what the
// tests run with is what operators are told to use.
func accessRules(t T) json.RawMessage {
	t.Helper()
	root, err := checkout()
	if err != nil {
		t.Fatalf("%v", err)
	}
	doc, err := os.ReadFile(filepath.Join(root, "docs", "gerrit-access.md"))
	if err != nil {
		t.Fatalf("read the access rules: %v", err)
	}
	_, rest, _ := strings.Cut(string(doc), "```json\n")
	rules, _, ok := strings.Cut(rest, "```")
	if !ok || !json.Valid([]byte(rules)) {
		t.Fatalf("docs/gerrit-access.md: want one fenced block of JSON with the access rules")
	}
	return json.RawMessage(rules)
}
