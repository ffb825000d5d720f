// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	configRef  = "refs/meta/config"
	configName = "review-assistant.config"
)

// Files maps paths to contents; any bytes will do.
type Files map[string]string

// blob is a file of a tree.
type blob struct {
	body string
	mode int
}

const (
	modeFile       = 0o100644
	modeExecutable = 0o100755
	modeSymlink    = 0o120000
	modeSubmodule  = 0o160000
)

// configCommit is a state of refs/meta/config.
type configCommit struct {
	sha   string
	at    time.Time
	files Files
}

type project struct {
	name, parent string
	head         string // commit of the branches
	tree         map[string]map[string]blob
	config       []configCommit
	readers      map[int64]bool                // who may read refs/meta/config
	blind        map[int64]bool                // who does not see the project
	only         map[int64]bool                // who alone sees it; nil means everybody
	dark         map[string]map[int64]bool     // who does not see a branch, by full ref
	owners       []string                      // ids of the groups that own it
	labels       map[int64]map[string]bool     // who may vote on what, beside Code-Review for people
	actions      map[int64]map[string]struct{} // who may do what to changes
}

func (s *Server) newProject(name, parent string) *project {
	p := &project{
		name: name, parent: parent, tree: map[string]map[string]blob{},
		readers: map[int64]bool{}, blind: map[int64]bool{}, dark: map[string]map[int64]bool{},
		labels: map[int64]map[string]bool{}, actions: map[int64]map[string]struct{}{},
	}
	p.head = s.sha("head of " + name)
	p.config = []configCommit{{s.sha("config of " + name), s.o.Now(), Files{"project.config": "", "groups": ""}}}
	return p
}

// sha returns a commit id that no other commit has.
func (s *Server) sha(what string) string {
	s.serial++
	return fmt.Sprintf("%x", sha1.Sum(fmt.Appendf(nil, "%d %s", s.serial, what)))
}

// Project makes a project, below All-Projects unless a parent is named.
func (s *Server) Project(name string, parent ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	up := "All-Projects"
	if len(parent) > 0 {
		up = parent[0]
	}
	if s.projects[name] == nil {
		s.projects[name] = s.newProject(name, up)
		s.emit(object{"type": "project-created", "projectName": name, "headName": "refs/heads/main"})
	}
}

// project makes what is not there: a test that pushes means the project to be.
func (s *Server) project(name string) *project {
	if s.projects[name] == nil {
		s.projects[name] = s.newProject(name, "All-Projects")
	}
	return s.projects[name]
}

// Commit puts files on the branch main without review.
func (s *Server) Commit(project string, files Files) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(project)
	tree := p.branch("refs/heads/main")
	for path, body := range files {
		tree[path] = blob{body, modeFile}
	}
	old := p.head
	p.head = s.sha("commit to " + project)
	s.emitRef(project, "refs/heads/main", old, p.head, s.person("admin"))
}

func (p *project) branch(ref string) map[string]blob {
	if p.tree[ref] == nil {
		p.tree[ref] = map[string]blob{}
	}
	return p.tree[ref]
}

// Config writes review-assistant.config and lets the bot read it. Empty text
// removes the file.
func (s *Server) Config(project, text string) { s.ConfigAt(project, text, s.o.Now()) }

// ConfigAt is Config with the time of the commit.
func (s *Server) ConfigAt(project, text string, at time.Time) {
	s.setConfig(project, configName, text, at)
}

// ConfigFile is Config for another file of refs/meta/config.
func (s *Server) ConfigFile(project, name, text string) { s.setConfig(project, name, text, s.o.Now()) }

func (s *Server) setConfig(project, name, text string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(project)
	p.readers[s.person("review-assistant").ID] = true
	last := p.config[len(p.config)-1]
	files := maps.Clone(last.files)
	files[name] = text
	if text == "" {
		delete(files, name)
	}
	next := configCommit{s.sha("config of " + project), at, files}
	p.config = append(p.config, next)
	s.emitRef(project, configRef, last.sha, next.sha, s.person("admin"))
}

// ShowConfig lets an account read refs/meta/config.
func (s *Server) ShowConfig(project string, a Account) { s.setReader(project, a, true) }

// HideConfig keeps an account from reading refs/meta/config.
func (s *Server) HideConfig(project string, a Account) { s.setReader(project, a, false) }

func (s *Server) setReader(project string, a Account, may bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.project(project).readers[a.ID] = may
}

// HideProject keeps an account from seeing the project and its changes.
func (s *Server) HideProject(project string, a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.project(project).blind[a.ID] = true
}

// nobody is the id of whoever does not sign in.
const nobody = 0

// RequireSignIn keeps those from seeing the project who do not sign in.
func (s *Server) RequireSignIn(project string) { s.HideProject(project, Account{ID: nobody}) }

// Restrict keeps everybody but the bot and the named accounts from seeing the
// project.
func (s *Server) Restrict(project string, to ...Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(project)
	p.only = map[int64]bool{s.person("review-assistant").ID: true}
	for _, a := range to {
		p.only[a.ID] = true
	}
}

// HideBranch keeps an account from reading a branch and its changes.
func (s *Server) HideBranch(project, ref string, a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(project)
	if p.dark[ref] == nil {
		p.dark[ref] = map[int64]bool{}
	}
	p.dark[ref][a.ID] = true
}

// Own gives a group the permission owner on refs/* of the project. Of
// All-Projects it makes the group administrators.
func (s *Server) Own(project, group string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(project)
	p.owners = append(p.owners, groupID(group))
}

// LetVote lets an account vote -1 to +1 on a label. People may vote on
// Code-Review anyway, service users may not.
func (s *Server) LetVote(project, label string, a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(project)
	if p.labels[a.ID] == nil {
		p.labels[a.ID] = map[string]bool{}
	}
	p.labels[a.ID][label] = true
}

// LetDo lets an account do something to changes, such as "abandon" or "rebase".
func (s *Server) LetDo(project, action string, a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.project(project)
	if p.actions[a.ID] == nil {
		p.actions[a.ID] = map[string]struct{}{}
	}
	p.actions[a.ID][action] = struct{}{}
}

// mayVote lists the labels on which an account may vote.
func (p *project) mayVote(a *Account) []string {
	labels := map[string]bool{}
	maps.Copy(labels, p.labels[a.ID])
	if !a.Service {
		labels["Code-Review"] = true
	}
	return slices.Sorted(maps.Keys(labels))
}

func (p *project) seenBy(a *Account) bool {
	return !p.blind[a.ID] && (p.only == nil || p.only[a.ID])
}

// reads reports whether an account may read a branch.
func (p *project) reads(a *Account, ref string) bool {
	return p.seenBy(a) && !p.dark[fullRef(ref)][a.ID]
}

func (q *request) projectsAPI(path []string) *answer {
	if len(path) == 0 {
		return notFound("projects")
	}
	p := q.s.projects[path[0]]
	if p == nil || !p.seenBy(q.me) {
		return notFound(path[0])
	}
	switch {
	case len(path) == 1:
		return ok(object{"id": p.name, "name": p.name, "parent": p.parent, "state": "ACTIVE"})
	case path[1] == "parent":
		return ok(p.parent)
	case path[1] == "HEAD":
		return ok("refs/heads/main")
	case path[1] == "access":
		return q.access(p)
	case path[1] == "branches" && len(path) >= 3 && p.hasBranch(path[2]) && p.reads(q.me, path[2]):
		ref := fullRef(path[2])
		if len(path) == 3 {
			return ok(object{"ref": ref, "revision": p.head})
		}
		return q.branchContent(p.tree[ref], path[3:])
	case path[1] == "branches" && len(path) >= 3:
		if path[2] != configRef || !p.readers[q.me.ID] {
			return notFound(path[2])
		}
		head := p.config[len(p.config)-1]
		if len(path) == 3 {
			return ok(object{"ref": configRef, "revision": head.sha})
		}
		return q.configContent(head, path[3:])
	case path[1] == "commits" && len(path) >= 3:
		i := slices.IndexFunc(p.config, func(c configCommit) bool { return c.sha == path[2] })
		if i < 0 || !p.readers[q.me.ID] {
			return notFound(path[2])
		}
		if len(path) > 3 {
			return q.configContent(p.config[i], path[3:])
		}
		who := object{"name": "Administrator", "email": "admin@example.com", "date": stampOf(p.config[i].at), "tz": 0}
		return ok(object{
			"commit": p.config[i].sha, "parents": []object{}, "author": who, "committer": who,
			"subject": "Configure", "message": "Configure\n",
		})
	}
	return notFound(path[1])
}

// access shows a project's own rules to whoever may read its configuration.
func (q *request) access(p *project) *answer {
	local := object{}
	if p.readers[q.me.ID] && len(p.owners) > 0 {
		rules := object{}
		for _, id := range p.owners {
			rules[id] = object{"action": "ALLOW", "force": false}
		}
		section, permission := "refs/*", "owner"
		if p.parent == "" {
			section, permission = "GLOBAL_CAPABILITIES", "administrateServer"
		}
		local[section] = object{"permissions": object{permission: object{"rules": rules}}}
	}
	o := object{"local": local, "owner_of": []string{}, "config_visible": p.readers[q.me.ID]}
	if p.parent != "" {
		o["inherits_from"] = object{"id": p.parent, "name": p.parent}
	}
	return ok(o)
}

// configContent answers files/NAME/content of a configuration.
func (q *request) configContent(c configCommit, path []string) *answer {
	if len(path) != 3 || path[0] != "files" || path[2] != "content" {
		return notFound("content")
	}
	body, there := c.files[path[1]]
	if !there {
		return notFound(path[1])
	}
	return content(body)
}

// branchContent answers files/NAME/content of a branch.
func (q *request) branchContent(tree map[string]blob, path []string) *answer {
	if len(path) != 3 || path[0] != "files" || path[2] != "content" {
		return notFound("content")
	}
	b, there := tree[path[1]]
	if there {
		return content(b.body)
	}
	for file := range tree {
		if strings.HasPrefix(file, path[1]+"/") {
			return text(http.StatusBadRequest, "cannot retrieve content of directories")
		}
	}
	return notFound(path[1])
}

func fullRef(branch string) string {
	if strings.HasPrefix(branch, "refs/") {
		return branch
	}
	return "refs/heads/" + branch
}

// hasBranch reports whether the branch has been used; every project has main.
func (p *project) hasBranch(name string) bool {
	ref := fullRef(name)
	return ref != configRef && (p.tree[ref] != nil || ref == "refs/heads/main")
}

// content answers a file as Gerrit does: in base64.
func content(body string) *answer {
	return &answer{http.StatusOK, map[string]string{
		"Content-Type": "text/plain;charset=iso-8859-1", "X-FYI-Content-Encoding": "base64",
	}, []byte(base64.StdEncoding.EncodeToString([]byte(body)))}
}
