// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
)

// configRef is the branch that holds a project's configuration.
const configRef = "refs/meta/config"

// Project is a project on the server with the branch main.
type Project struct {
	Name string

	s    *Scene
	repo clone
}

// Project makes a project that no other test has, named after the test.
func (s *Scene) Project() *Project {
	s.Helper()
	return s.NamedProject(s.uniqueName(), "All-Projects")
}

// ChildOf makes a project that inherits from the parent.
func (s *Scene) ChildOf(parent *Project) *Project {
	s.Helper()
	return s.NamedProject(s.uniqueName(), parent.Name)
}

// NamedProject makes a project with that name below the parent.
func (s *Scene) NamedProject(name, parent string) *Project {
	s.Helper()
	s.Do(s.Gerrit.Admin, http.MethodPut, "/projects/"+url.PathEscape(name), M{
		"parent": parent, "branches": []string{"main"}, "create_empty_commit": true,
	}, nil)
	return s.OpenProject(name)
}

// OpenProject returns a project that is there already.
func (s *Scene) OpenProject(name string) *Project {
	s.Helper()
	p := &Project{Name: name, s: s, repo: clone{t: s, dir: s.TempDir(), url: s.Gerrit.URL + "/a/" + name, last: new(atomic.Int64)}}
	p.repo.must(Account{}, "", "init", "-q", "--bare", ".")
	return p
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

func (s *Scene) uniqueName() string {
	g := s.Gerrit
	base := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(path.Base(s.Name())), "-"), "-")
	g.mu.Lock()
	defer g.mu.Unlock()
	g.names[base]++
	if n := g.names[base]; n > 1 {
		return fmt.Sprintf("%s-%d", base, n)
	}
	return base
}

// path returns the REST path of the project.
func (p *Project) path() string { return "/projects/" + url.PathEscape(p.Name) }

// Configure writes files to refs/meta/config, as a project owner does. An
// empty content removes the file.
func (p *Project) Configure(files Files) {
	p.s.Helper()
	admin := p.s.Gerrit.Admin
	parent := p.repo.fetch(admin, configRef)
	k := commit{by: admin, author: admin, message: "Configure\n", parents: []string{parent}, files: Files{}}
	for name, body := range files {
		if body == "" {
			k.removes = append(k.removes, name)
		} else {
			k.files[name] = body
		}
	}
	p.repo.must(admin, "", "push", "-q", p.repo.url, p.repo.write(k)+":"+configRef)
}

// ConfigFile is the name of the bot's file on refs/meta/config.
const ConfigFile = "review-assistant.config"

// OptIn writes the project's review-assistant.config and lets the bot's group
// read it.
func (p *Project) OptIn(body string) {
	p.s.Helper()
	p.s.Grant(p.Name, configRef, "read", BotGroup, Allow)
	p.Configure(Files{ConfigFile: body})
}

// Webhook has the project's events sent to the URL, all of them when none is
// named. The push that configures it sends no event itself.
func (p *Project) Webhook(to string, events ...string) {
	p.s.Helper()
	p.Configure(Files{"webhooks.config": WebhookConfig(to, events...)})
}

// WebhookConfig returns a webhooks.config with one remote.
func WebhookConfig(to string, events ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[remote \"review-assistant\"]\n\turl = %q\n", to)
	for _, e := range events {
		fmt.Fprintf(&b, "\tevent = %s\n", e)
	}
	return b.String()
}

// Label gives the project a label with the votes -1 to +1, on which members
// of the group may vote.
func (p *Project) Label(name, group string) {
	p.s.Helper()
	p.s.Do(p.s.Gerrit.Admin, http.MethodPut, p.path()+"/labels/"+url.PathEscape(name), M{
		"function": "NoBlock", "values": M{"-1": "Fails", " 0": "No score", "+1": "Works"},
	}, nil)
	p.s.Grant(p.Name, "refs/heads/*", "label-"+name, group, Allow)
}

// Head returns the commit of main.
func (p *Project) Head() string {
	p.s.Helper()
	return p.repo.fetch(p.s.Gerrit.Admin, "refs/heads/main")
}

// Branch makes a branch that starts at a commit, unless it is there.
func (p *Project) Branch(name, revision string) {
	p.s.Helper()
	err := p.s.Gerrit.Call(p.s.Context(), p.s.Gerrit.Admin, http.MethodPut, p.path()+"/branches/"+url.PathEscape(name), M{"revision": revision}, nil)
	if err != nil && StatusOf(err) != http.StatusConflict {
		p.s.Fatalf("make branch %s: %v", name, err)
	}
}

// Commit puts the push directly on its branch, without review, as the
// administrator, and returns the commit.
func (p *Project) Commit(push Push) string {
	p.s.Helper()
	admin := p.s.Gerrit.Admin
	k := push.commit(admin)
	k.message = push.Message + "\n"
	k.parents = append([]string{p.parentOf(push)}, k.parents...)
	sha := p.repo.write(k)
	p.repo.must(admin, "", "push", "-q", p.repo.url, sha+":"+push.branch())
	return sha
}

// Push is what a person uploads: a commit on top of a branch and how.
type Push struct {
	Message string  // of the commit; the Change-Id is added
	Author  Account // of the commit, whoever pushes it by default
	Branch  string  // full ref, refs/heads/main by default

	Files      Files             // written
	Executable Files             // written with mode 755
	Symlinks   Files             // path to target
	Submodules map[string]string // path to commit
	Renames    map[string]string // old path to new
	Removes    []string

	Parent string // commit to build on, the head of the branch by default
	Merge  string // second parent, for a merge commit

	Private, WIP   bool
	Reviewers, CCs []Account
	Topic          string
	Hashtags       []string
	Options        []string // more push options, such as "ready"
}

func (u Push) branch() string {
	if u.Branch == "" {
		return "refs/heads/main"
	}
	return u.Branch
}

func (u Push) commit(by Account) commit {
	k := commit{
		by: by, author: cmp.Or(u.Author, by), files: u.Files, executable: u.Executable, symlinks: u.Symlinks,
		submodules: u.Submodules, renames: u.Renames, removes: u.Removes,
	}
	if u.Merge != "" {
		k.parents = []string{u.Merge}
	}
	return k
}

// target returns the ref to push to, with the options.
func (u Push) target() string {
	opts := u.Options
	if u.Private {
		opts = append(opts, "private")
	}
	if u.WIP {
		opts = append(opts, "wip")
	}
	for _, a := range u.Reviewers {
		opts = append(opts, "r="+a.Username)
	}
	for _, a := range u.CCs {
		opts = append(opts, "cc="+a.Username)
	}
	if u.Topic != "" {
		opts = append(opts, "topic="+url.QueryEscape(u.Topic))
	}
	for _, h := range u.Hashtags {
		opts = append(opts, "hashtag="+url.QueryEscape(h))
	}
	ref := "refs/for/" + u.branch()
	if len(opts) > 0 {
		ref += "%" + strings.Join(opts, ",")
	}
	return ref
}

func (p *Project) parentOf(u Push) string {
	p.s.Helper()
	if u.Parent != "" {
		return u.Parent
	}
	return p.repo.fetch(p.s.Gerrit.Admin, u.branch())
}

// Push uploads a new change.
func (p *Project) Push(who Account, u Push) *Change {
	p.s.Helper()
	c := &Change{Project: p, Key: newChangeID(), s: p.s}
	k := u.commit(who)
	k.parents = append([]string{p.parentOf(u)}, k.parents...)
	k.message = withChangeID(u.Message, c.Key)
	out := p.repo.must(who, "", "push", p.repo.url, p.repo.write(k)+":"+u.target())
	c.Number = changeNumber(out)
	if c.Number == 0 {
		p.s.Fatalf("gerrit names no change in its answer to the push: %s", out)
	}
	return c
}

func withChangeID(message, key string) string {
	return strings.TrimRight(message, "\n") + "\n\nChange-Id: " + key + "\n"
}

var changeURL = regexp.MustCompile(`/c/.+/\+/(\d+)`)

// changeNumber finds the URL of the change in what a push printed.
func changeNumber(out string) int {
	m := changeURL.FindStringSubmatch(out)
	if m == nil {
		return 0
	}
	// The pattern admits digits only.
	n, _ := strconv.Atoi(m[1])
	return n
}
