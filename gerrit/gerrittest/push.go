// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"crypto/sha1"
	"fmt"
	"strings"
	"time"
)

// Push is what a person uploads. Everything but Message is optional.
type Push struct {
	Project string // "demo" by default
	Branch  string // full ref, refs/heads/main by default
	Owner   string // user name, "ann" by default; for a new patch set who uploads it
	Author  string // user name, the owner by default
	Message string // of the commit; the Change-Id is added

	Files      Files             // written
	Executable Files             // written with mode 755
	Symlinks   Files             // path to target
	Submodules map[string]string // path to commit
	Renames    map[string]string // old path to new, before Files are written
	Removes    []string

	// Base is what stood in the branch before; it is committed first.
	Base  Files
	Merge bool // a merge commit with two parents
	// Brings are the subjects of the commits that a merge brings, newest
	// first; one by default.
	Brings []string
	// On is the change that this one stands on, in its current patch set.
	On *Change

	Private, WIP bool
	Reviewers    []string // user names
	CCs          []string
	Topic        string
	Hashtags     []string

	// Kind is what Gerrit would call the patch set; worked out by default.
	Kind string
	// At is when it was pushed, now by default.
	At time.Time
}

// Push uploads a new change and sends its webhooks.
func (s *Server) Push(u Push) *Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.Project == "" {
		u.Project = "demo"
	}
	if u.Branch == "" {
		u.Branch = "refs/heads/main"
	}
	if u.Owner == "" {
		u.Owner = "ann"
	}
	p := s.project(u.Project)
	for path, body := range u.Base {
		p.branch(u.Branch)[path] = blob{body, modeFile}
	}
	number := len(s.changes) + 1
	for s.changes[number] != nil {
		number++
	}
	owner := s.person(u.Owner)
	c := &change{
		s: s, number: number, project: p, branch: u.Branch, owner: owner, status: "NEW",
		key:     fmt.Sprintf("I%x", sha1.Sum(fmt.Appendf(nil, "%s %d %s", s.URL, number, u.Message))),
		private: u.Private, wip: u.WIP, topic: u.Topic, hashtags: append([]string(nil), u.Hashtags...),
		roles: map[int64]string{}, votes: map[string]map[int64]vote{}, before: map[string]blob{}, after: map[string]*blob{},
		renames: map[string]string{}, created: s.when(u.At),
	}
	s.changes[number] = c
	if u.On != nil {
		c.on = s.changes[u.On.Number]
	}
	for _, name := range u.CCs {
		c.roles[s.person(name).ID] = "CC"
	}
	for _, name := range u.Reviewers {
		a := s.person(name)
		c.roles[a.ID] = "REVIEWER"
		c.attend(a.ID, !c.wip)
	}
	ps := c.add(u, "REWORK")
	// Gerrit tells of reviewers that came with a push before the push itself.
	for _, name := range u.Reviewers {
		s.emitChange("reviewer-added", c, object{"reviewer": s.person(name).event(), "adder": owner.event()}, true)
	}
	c.pushed(ps)
	return &Change{Number: number, Project: u.Project, s: s}
}

// Amend uploads a new patch set: the push applied to the current one. The
// message is the old one when empty.
func (c *Change) Amend(u Push) {
	c.do(func(k *change) {
		last := k.current()
		kind := "REWORK"
		if len(u.Files)+len(u.Executable)+len(u.Symlinks)+len(u.Submodules)+len(u.Renames)+len(u.Removes) == 0 {
			kind = "NO_CHANGE"
			if u.Message != "" {
				kind = "NO_CODE_CHANGE"
			}
		}
		if u.Kind != "" {
			kind = u.Kind
		}
		if u.Owner == "" {
			u.Owner = last.uploader.Username
		}
		if u.Author == "" {
			u.Author = last.author.Username
		}
		u.Merge = u.Merge || len(last.parents) > 1
		k.pushed(k.add(u, kind))
	})
}

func (s *Server) when(at time.Time) time.Time {
	if at.IsZero() {
		at = s.o.Now()
	}
	return at.UTC().Truncate(time.Second)
}

// add makes the next patch set of a change.
func (c *change) add(u Push, kind string) *patchSet {
	s := c.s
	tree := c.base()
	touch := func(path string, b *blob) {
		if _, known := c.before[path]; !known {
			if old, there := tree[path]; there {
				c.before[path] = old
			}
		}
		c.after[path] = b
	}
	current := func(path string) (blob, bool) {
		if b, touched := c.after[path]; touched {
			if b == nil {
				return blob{}, false
			}
			return *b, true
		}
		b, there := tree[path]
		return b, there
	}
	for from, to := range u.Renames {
		if b, there := current(from); there {
			touch(to, &b)
			touch(from, nil)
			c.renames[to] = from
		}
	}
	for _, path := range u.Removes {
		touch(path, nil)
	}
	for _, set := range []struct {
		files map[string]string
		mode  int
	}{{u.Files, modeFile}, {u.Executable, modeExecutable}, {u.Symlinks, modeSymlink}} {
		for path, body := range set.files {
			touch(path, &blob{body, set.mode})
		}
	}
	for path, commit := range u.Submodules {
		touch(path, &blob{"Subproject commit " + commit, modeSubmodule})
	}
	message := strings.TrimRight(u.Message, "\n") + "\n\nChange-Id: " + c.key + "\n"
	if u.Message == "" && len(c.patchSets) > 0 {
		message = c.current().message
	}
	uploader := s.person(u.Owner)
	author := uploader
	if u.Author != "" {
		author = s.person(u.Author)
	}
	ps := &patchSet{
		number: len(c.patchSets) + 1, kind: kind, message: message, created: s.when(u.At),
		uploader: uploader, author: author, parents: []string{c.parent()},
	}
	if u.Merge {
		ps.parents = append(ps.parents, s.sha("second parent"))
		ps.brings = u.Brings
		if u.Brings == nil {
			ps.brings = []string{"Side"}
		}
	}
	ps.sha = s.sha(message)
	ps.files = c.deltas()
	c.patchSets = append(c.patchSets, ps)
	c.updated = ps.created
	c.messages = append(c.messages, &note{
		id: s.sha("message"), author: uploader, at: ps.created, patchSet: ps.number,
		tag: "autogenerated:gerrit:newPatchSet", text: fmt.Sprintf("Uploaded patch set %d.", ps.number),
	})
	return ps
}

// pushed sends the webhooks of a push.
func (c *change) pushed(ps *patchSet) {
	s := c.s
	refs := fmt.Sprintf("refs/changes/%02d/%d/", c.number%100, c.number)
	s.emitRef(c.project.name, refs+"meta", zeroSHA, s.sha("meta"), ps.uploader)
	s.emitRef(c.project.name, fmt.Sprintf("%s%d", refs, ps.number), zeroSHA, ps.sha, ps.uploader)
	s.emitChange("patchset-created", c, object{"uploader": ps.uploader.event()}, true)
}

const zeroSHA = "0000000000000000000000000000000000000000"
