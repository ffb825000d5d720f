// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Change is a change on the server.
type Change struct {
	Project *Project
	Number  int
	Key     string // its Change-Id

	s *Scene
}

// String returns PROJECT~NUMBER, which names the change in REST.
func (c *Change) String() string { return c.Project.Name + "~" + strconv.Itoa(c.Number) }

// Change returns a change of the project that somebody made by other means.
func (p *Project) Change(number int, key string) *Change {
	return &Change{Project: p, Number: number, Key: key, s: p.s}
}

// Path returns the REST path of the change, with the tail.
func (c *Change) Path(tail string) string {
	return "/changes/" + url.PathEscape(c.Project.Name) + "~" + strconv.Itoa(c.Number) + tail
}

// Detail is a change as REST shows it.
type Detail struct {
	Status    string               `json:"status"`
	Subject   string               `json:"subject"`
	Private   bool                 `json:"is_private"`
	WIP       bool                 `json:"work_in_progress"`
	Hashtags  []string             `json:"hashtags"`
	Revision  string               `json:"current_revision"`
	Revisions map[string]Revision  `json:"revisions"`
	Messages  []Message            `json:"messages"`
	Reviewers map[string][]Account `json:"reviewers"`
}

// Revision is one patch set.
type Revision struct {
	Number int    `json:"_number"`
	Kind   string `json:"kind"`
	Ref    string `json:"ref"`
	Commit struct {
		Message string `json:"message"`
		Parents []struct {
			Commit string `json:"commit"`
		} `json:"parents"`
	} `json:"commit"`
}

// Message is an entry in the log of a change.
type Message struct {
	ID       string  `json:"id"`
	Author   Account `json:"author"`
	Tag      string  `json:"tag"`
	Text     string  `json:"message"`
	PatchSet int     `json:"_revision_number"`
}

// Comment is a comment on a file, or on the whole patch set with the path
// "/PATCHSET_LEVEL".
type Comment struct {
	Path       string
	ID         string  `json:"id"`
	Author     Account `json:"author"`
	Tag        string  `json:"tag"`
	Text       string  `json:"message"`
	PatchSet   int     `json:"patch_set"`
	Line       int     `json:"line"`
	Unresolved bool    `json:"unresolved"`
	Updated    string  `json:"updated"`
}

// Detail reads the change as the administrator.
func (c *Change) Detail() Detail {
	c.s.Helper()
	var d Detail
	c.s.Do(c.s.Gerrit.Admin, http.MethodGet,
		c.Path("/detail?o=ALL_REVISIONS&o=ALL_COMMITS&o=MESSAGES&o=DETAILED_ACCOUNTS"), nil, &d)
	return d
}

// Revision returns the commit of the current patch set.
func (c *Change) Revision() string { c.s.Helper(); return c.Detail().Revision }

// PatchSet returns the number of the current patch set.
func (c *Change) PatchSet() int {
	c.s.Helper()
	d := c.Detail()
	return d.Revisions[d.Revision].Number
}

// Messages returns the log of the change.
func (c *Change) Messages() []Message { c.s.Helper(); return c.Detail().Messages }

// MessagesBy returns what the account wrote in the log, oldest first.
func (c *Change) MessagesBy(a Account) []Message {
	c.s.Helper()
	return slices.DeleteFunc(c.Messages(), func(m Message) bool { return m.Author.ID != a.ID })
}

// CommentsBy returns the published comments of the account, oldest first.
func (c *Change) CommentsBy(a Account) []Comment {
	c.s.Helper()
	var byPath map[string][]Comment
	c.s.Do(c.s.Gerrit.Admin, http.MethodGet, c.Path("/comments"), nil, &byPath)
	var found []Comment
	for path, comments := range byPath {
		for _, k := range comments {
			if k.Author.ID == a.ID {
				k.Path = path
				found = append(found, k)
			}
		}
	}
	slices.SortFunc(found, func(x, y Comment) int {
		return cmp.Or(cmp.Compare(x.Updated, y.Updated), cmp.Compare(x.ID, y.ID))
	})
	return found
}

// Amend uploads a new patch set: the push applied to the current one. Message
// is the old one when empty. Parent rebases: the files of the patch set then
// stand on that commit as they are.
func (c *Change) Amend(who Account, u Push) {
	c.s.Helper()
	d := c.Detail()
	now := d.Revisions[d.Revision]
	repo := c.Project.repo
	repo.fetch(who, now.Ref)

	k := u.commit(who)
	k.tree = repo.must(who, "", "rev-parse", d.Revision+"^{tree}")
	k.message = now.Commit.Message
	if u.Message != "" {
		k.message = withChangeID(u.Message, c.Key)
	}
	parent := u.Parent
	if parent == "" {
		parent = now.Commit.Parents[0].Commit
	}
	k.parents = append([]string{parent}, k.parents...)
	repo.must(who, "", "push", repo.url, repo.write(k)+":"+u.target())
}

// post sends a REST request about the change.
func (c *Change) post(who Account, tail string, in any) {
	c.s.Helper()
	c.s.Do(who, http.MethodPost, c.Path(tail), in, nil)
}

// Reword changes the commit message alone, in Gerrit.
func (c *Change) Reword(who Account, message string) {
	c.s.Helper()
	c.s.Do(who, http.MethodPut, c.Path("/message"), M{"message": withChangeID(message, c.Key)}, nil)
}

// Rebase moves the change to the head of its branch, in Gerrit.
func (c *Change) Rebase(who Account) { c.s.Helper(); c.post(who, "/rebase", M{}) }

// Vote votes on a label.
func (c *Change) Vote(who Account, label string, value int) {
	c.s.Helper()
	c.post(who, "/revisions/current/review", M{"labels": M{label: value}})
}

// Comment writes a message on the change.
func (c *Change) Comment(who Account, message string) {
	c.s.Helper()
	c.post(who, "/revisions/current/review", M{"message": message})
}

// CommentOn writes a resolved comment on a line of a file; line 0 is the
// whole file.
func (c *Change) CommentOn(who Account, path string, line int, message string) {
	c.s.Helper()
	k := M{"message": message, "unresolved": false}
	if line > 0 {
		k["line"] = line
	}
	c.post(who, "/revisions/current/review", M{"comments": M{path: []M{k}}})
}

// Reply answers a comment in its thread, and leaves the thread as open as it is.
func (c *Change) Reply(who Account, to Comment, message string) {
	c.s.Helper()
	k := M{"in_reply_to": to.ID, "line": to.Line, "message": message, "unresolved": to.Unresolved}
	c.post(who, fmt.Sprintf("/revisions/%d/review", to.PatchSet), M{"comments": M{to.Path: []M{k}}})
}

// Abandon gives the change up.
func (c *Change) Abandon(who Account) { c.s.Helper(); c.post(who, "/abandon", M{}) }

// Restore takes an abandoned change up again.
func (c *Change) Restore(who Account) { c.s.Helper(); c.post(who, "/restore", M{}) }

// Submit merges the change.
func (c *Change) Submit(who Account) { c.s.Helper(); c.post(who, "/submit", M{}) }

// Revert makes the change that undoes this one, which has to be merged.
func (c *Change) Revert(who Account) *Change {
	c.s.Helper()
	return c.made(who, "/revert", M{})
}

// CherryPick makes the same change for a branch, which starts at the parent of
// this one unless it is there.
func (c *Change) CherryPick(who Account, branch string) *Change {
	c.s.Helper()
	d := c.Detail()
	c.Project.Branch(branch, d.Revisions[d.Revision].Commit.Parents[0].Commit)
	return c.made(who, "/revisions/current/cherrypick", M{"destination": branch, "message": d.Subject + "\n"})
}

// made asks for a change that Gerrit makes from this one.
func (c *Change) made(who Account, tail string, in any) *Change {
	c.s.Helper()
	var d struct {
		Number int    `json:"_number"`
		Key    string `json:"change_id"`
	}
	c.s.Do(who, http.MethodPost, c.Path(tail), in, &d)
	return c.Project.Change(d.Number, d.Key)
}

// SetPrivate hides the change from all but its owner and reviewers.
func (c *Change) SetPrivate(who Account) { c.s.Helper(); c.post(who, "/private", M{}) }

// SetPublic ends SetPrivate.
func (c *Change) SetPublic(who Account) {
	c.s.Helper()
	c.s.Do(who, http.MethodDelete, c.Path("/private"), nil, nil)
}

// SetWIP marks the change as work in progress.
func (c *Change) SetWIP(who Account) { c.s.Helper(); c.post(who, "/wip", M{}) }

// SetReady ends SetWIP.
func (c *Change) SetReady(who Account) { c.s.Helper(); c.post(who, "/ready", M{}) }

// SetTopic sets the topic.
func (c *Change) SetTopic(who Account, topic string) {
	c.s.Helper()
	c.s.Do(who, http.MethodPut, c.Path("/topic"), M{"topic": topic}, nil)
}

// AddHashtags adds hashtags.
func (c *Change) AddHashtags(who Account, tags ...string) {
	c.s.Helper()
	c.post(who, "/hashtags", M{"add": tags})
}

// RemoveHashtags removes hashtags.
func (c *Change) RemoveHashtags(who Account, tags ...string) {
	c.s.Helper()
	c.post(who, "/hashtags", M{"remove": tags})
}

// AddReviewer adds a reviewer.
func (c *Change) AddReviewer(who, reviewer Account) {
	c.s.Helper()
	c.post(who, "/reviewers", M{"reviewer": reviewer.Username})
}

// AddCC adds an account as CC.
func (c *Change) AddCC(who, cc Account) {
	c.s.Helper()
	c.post(who, "/reviewers", M{"reviewer": cc.Username, "state": "CC"})
}

// RemoveReviewer takes a reviewer or CC off the change.
func (c *Change) RemoveReviewer(who, reviewer Account) {
	c.s.Helper()
	c.post(who, fmt.Sprintf("/reviewers/%d/delete", reviewer.ID), M{})
}

// Delete removes the change for good, as the administrator.
func (c *Change) Delete() {
	c.s.Helper()
	c.s.Do(c.s.Gerrit.Admin, http.MethodDelete, c.Path(""), nil, nil)
}

// Power is what an account could do to a change.
type Power struct {
	Votes   []string // labels that it could vote on
	Actions []string // REST actions on the change and its patch set
}

// PowerOf tells what the account could do to the change beyond commenting.
func (c *Change) PowerOf(a Account) Power {
	c.s.Helper()
	type actions map[string]struct {
		Enabled bool `json:"enabled"`
	}
	var d struct {
		Permitted map[string][]string `json:"permitted_labels"`
		Actions   actions             `json:"actions"`
		Revisions map[string]struct {
			Actions actions `json:"actions"`
		} `json:"revisions"`
	}
	c.s.Do(a, http.MethodGet,
		c.Path("?o=DETAILED_LABELS&o=CURRENT_REVISION&o=CURRENT_ACTIONS&o=CHANGE_ACTIONS"), nil, &d)
	var p Power
	for label, values := range d.Permitted {
		if slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "0" }) {
			p.Votes = append(p.Votes, label)
		}
	}
	add := func(set actions) {
		for name, action := range set {
			if action.Enabled {
				p.Actions = append(p.Actions, name)
			}
		}
	}
	add(d.Actions)
	for _, r := range d.Revisions {
		add(r.Actions)
	}
	slices.Sort(p.Votes)
	slices.Sort(p.Actions)
	return p
}
