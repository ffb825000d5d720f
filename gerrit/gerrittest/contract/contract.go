// SPDX-License-Identifier: Apache-2.0

// Package contract says what the bot relies on in a Gerrit. The same cases run
// against the fake of package gerrittest and, in package e2e, against real
// servers, so that a fake that behaves otherwise fails a test and not a user.
//
// A new assumption about Gerrit is a case here first.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"review-assistant/gerrit"
	"review-assistant/review"
)

// Login is an account that can sign in.
type Login struct {
	ID                 int64
	Username, Password string
}

// Push is what a person uploads.
type Push struct {
	Message    string
	Branch     string // full ref, refs/heads/main by default
	Base       map[string]string
	Files      map[string]string
	Symlinks   map[string]string
	Submodules map[string]string
	Renames    map[string]string
	Removes    []string
	Merge      bool   // of main and a side branch, which has one commit "Side"
	On         Change // that it stands on, in its current patch set
}

// Change names a change.
type Change struct {
	Project string
	Number  int
}

// Target is a Gerrit with somebody who may change everything in it. Its
// methods fail the test when they cannot do what they say.
type Target interface {
	URL() string
	Version() string
	// Bot is a service account that may read and comment, and nothing else.
	Bot() Login
	// Person is an account with the rights that Gerrit gives by default.
	Person(name string) Login
	// Project makes a project that no other test uses, and reports its events to Event.
	Project() string
	// Configure writes review-assistant.config, or removes it when text is
	// empty, and lets the bot read refs/meta/config.
	Configure(project, text string)
	// LetBotVote lets the bot vote on Code-Review.
	LetBotVote(project string)
	// HideFromBot keeps the bot from reading the project.
	HideFromBot(project string)
	// Push uploads a change as "ann", Amend a new patch set.
	Push(project string, p Push) Change
	Amend(c Change, p Push)
	SetPrivate(c Change, private bool)
	SetWIP(c Change, wip bool)
	Abandon(c Change)
	// Submit merges the change; Revert and CherryPick are Gerrit's buttons.
	Submit(c Change)
	Revert(c Change) Change
	CherryPick(c Change, branch string) Change
	// RequireSignIn lets every account read the project and nobody else.
	RequireSignIn(project string)
	// Restrict lets the bot alone read the project, but for administrators.
	Restrict(project string)
	// HideBranch keeps a person from reading a branch, a full ref.
	HideBranch(project, ref string, from Login)
	// Own has a group of these people own the project.
	Own(project string, owners ...Login)
	SetActive(who Login, active bool)
	Vote(c Change, who string, value int)
	// Event waits for a webhook about the project and returns its body.
	Event(project, eventType string) []byte
}

// Run runs the suite. Each case gets a target of its own, which may be the
// same server.
func Run(t *testing.T, open func(*testing.T) Target) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(&scene{T: t, Target: open(t)}) })
	}
}

var cases = []struct {
	name string
	run  func(*scene)
}{
	{"hidden and absent are the same 404", hiddenIsAbsent},
	{"bad credentials are 401", badCredentials},
	{"limits of a review", reviewLimits},
	{"a review is whole or not at all", wholeOrNothing},
	{"unknown fields are ignored", unknownFields},
	{"equal posts", equalPosts},
	{"comments on lines and their answers", threads},
	{"what an account may do", permitted},
	{"old, unfinished and closed changes take posts", closedAndOld},
	{"pages of a query", pages},
	{"closed changes", closed},
	{"several queries in one", severalQueries},
	{"unknown options are refused", unknownOptions},
	{"merges", merges},
	{"patches", patches},
	{"states of the configuration", configStates},
	{"accounts and groups", accounts},
	{"what accounts say and have to do", accountDetails},
	{"a change as the client reads it", wholeChange},
	{"chains of changes", chains},
	{"what a merge brings", mergeLists},
	{"reverts and picks", origins},
	{"who may read a branch", reaches},
	{"what an account sees", sights},
	{"pages of what an account sees", sightPages},
	{"how a review stands", standings},
	{"what a search finds", searches},
	{"who owns a project", owners},
	{"what everybody may read", publicProjects},
	{"attributes of a branch", attributes},
	{"files of a branch", branchFiles},
	{"webhooks", webhooks},
}

// scene is a case on its target.
type scene struct {
	*testing.T
	Target
}

// reply is an answer.
type reply struct {
	status int
	body   string
	header http.Header
}

// call sends one request. The path stands behind /a and is escaped already.
func (s *scene) call(as Login, method, path string, in any) reply {
	s.Helper()
	var body io.Reader
	switch in := in.(type) {
	case nil:
	case string:
		body = strings.NewReader(in)
	default:
		raw, err := json.Marshal(in)
		if err != nil {
			s.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(s.Context(), method, s.URL()+"/a"+path, body)
	if err != nil {
		s.Fatal(err)
	}
	if as.Username != "" {
		req.SetBasicAuth(as.Username, as.Password)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	return reply{resp.StatusCode, string(raw), resp.Header}
}

func (s *scene) get(path string) reply { s.Helper(); return s.call(s.Bot(), http.MethodGet, path, nil) }

func (s *scene) post(path string, in any) reply {
	s.Helper()
	return s.call(s.Bot(), http.MethodPost, path, in)
}

// want fails the test unless the answer has the status and holds the text.
func (s *scene) want(r reply, status int, text string) {
	s.Helper()
	if r.status != status || !strings.Contains(r.body, text) {
		s.Errorf("the answer is %d %.300q, want %d with %q", r.status, r.body, status, text)
	}
}

// decode checks the first line of a JSON answer and decodes the rest.
func (s *scene) decode(r reply, out any) {
	s.Helper()
	body, ok := strings.CutPrefix(r.body, ")]}'\n")
	if !ok || r.status != http.StatusOK {
		s.Fatalf("the answer is %d %.300q, want 200 with Gerrit's first line", r.status, r.body)
	}
	if err := json.Unmarshal([]byte(body), out); err != nil {
		s.Fatal(err)
	}
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (c Change) path() string { return "/changes/" + escape(c.Project) + "~" + strconv.Itoa(c.Number) }

func (c Change) id() review.ChangeID {
	return review.ChangeID{Host: "main", Project: c.Project, Number: c.Number}
}

// client opens our own client as the bot.
func (s *scene) client() *gerrit.Client { s.Helper(); return s.clientWith("") }

// clientWith opens it with a plain account.
func (s *scene) clientWith(plain string) *gerrit.Client {
	s.Helper()
	file := filepath.Join(s.TempDir(), "password")
	if err := os.WriteFile(file, []byte(s.Bot().Password), 0o600); err != nil {
		s.Fatal(err)
	}
	c, err := gerrit.Open(gerrit.Options{
		ID: "main", URL: s.URL(), Username: s.Bot().Username, PasswordFile: file, ConfigAge: time.Nanosecond,
		PlainAccount: plain,
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = c.Close() })
	return c
}

// simple pushes a change with one file.
func (s *scene) simple() Change {
	s.Helper()
	return s.Push(s.Project(), Push{Message: "One file", Files: map[string]string{"a.go": "package a\n"}})
}

// messages returns the log of a change as its owner sees it.
func (s *scene) messages(c Change) (out []struct {
	Message string
	Tag     string
	Author  struct {
		ID int64 `json:"_account_id"`
	}
},
) {
	s.Helper()
	s.decode(s.call(s.Person("ann"), http.MethodGet, c.path()+"/messages", nil), &out)
	return out
}

type object = map[string]any

// level is a patchset-level comment as an input.
func level(message string) object {
	return object{"/PATCHSET_LEVEL": []object{{"message": message, "unresolved": false}}}
}

// newer reports whether the server is at least of that version.
func (s *scene) newer(version string) bool {
	var have, want [2]int
	for v, into := range map[string]*[2]int{s.Version(): &have, version: &want} {
		if _, err := fmt.Sscanf(v, "%d.%d", &into[0], &into[1]); err != nil {
			s.Fatalf("version %q: %v", v, err)
		}
	}
	return have[0] > want[0] || have[0] == want[0] && have[1] >= want[1]
}
