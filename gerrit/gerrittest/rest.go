// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// request is one request with who makes it.
type request struct {
	s      *Server
	method string
	path   string // escaped
	query  string
	values url.Values
	body   []byte
	me     *Account
	stale  bool
}

// answer routes a request. The caller holds the lock.
func (s *Server) answer(q *request) *answer {
	rest, signed := strings.CutPrefix(q.path, "/a/")
	if !signed {
		rest, q.me = strings.TrimPrefix(q.path, "/"), &Account{}
		if !strings.HasPrefix(rest, "projects/") {
			return notFound("without credentials only projects are served")
		}
	}
	if q.me == nil {
		return text(http.StatusUnauthorized, "Unauthorized")
	}
	var path []string
	for part := range strings.SplitSeq(strings.TrimSuffix(rest, "/"), "/") {
		// Gerrit decodes a plus to a space, in paths too.
		decoded, err := url.QueryUnescape(part)
		if err != nil {
			return text(http.StatusBadRequest, "broken path")
		}
		path = append(path, decoded)
	}
	switch path[0] {
	case "accounts":
		return q.accountsAPI(path[1:])
	case "groups":
		return q.groupsAPI(path[1:])
	case "projects":
		return q.projectsAPI(path[1:])
	case "changes":
		return q.changesAPI(path[1:])
	case "config":
		if strings.Join(path, "/") == "config/server/version" {
			return ok(s.o.Version)
		}
	}
	return notFound(path[0])
}

func (q *request) changesAPI(path []string) *answer {
	if len(path) == 0 {
		return q.queryChanges()
	}
	c := q.change(path[0])
	if c == nil {
		return notFound(path[0])
	}
	switch {
	case len(path) == 1:
		return q.detail(c, false)
	case path[1] == "detail":
		return q.detail(c, true)
	case path[1] == "comments":
		return ok(c.commentInfos())
	case path[1] == "messages":
		return ok(c.messageInfos())
	case path[1] == "reviewers" && q.method == http.MethodPost:
		return q.addReviewer(c)
	case path[1] == "revisions" && len(path) > 2:
		return q.revisionsAPI(c, path[2:])
	}
	return notFound(path[1])
}

// change finds PROJECT~NUMBER, or a bare number, for the caller.
func (q *request) change(id string) *change {
	cut := strings.LastIndexByte(id, '~')
	number, err := strconv.Atoi(id[cut+1:])
	if err != nil {
		return nil
	}
	c := q.s.changes[number]
	if c == nil || cut >= 0 && c.project.name != id[:cut] || !c.seenBy(q.me) {
		return nil
	}
	return c
}

func (q *request) revisionsAPI(c *change, path []string) *answer {
	var ps *patchSet
	for _, p := range q.patchSets(c) {
		if path[0] == p.sha || path[0] == strconv.Itoa(p.number) || path[0] == "current" && p == c.current() {
			ps = p
		}
	}
	if ps == nil {
		return notFound(path[0])
	}
	what := strings.Join(path[1:], "/")
	switch {
	case what == "commit":
		return ok(ps.commitInfo())
	case what == "files":
		return q.files(ps)
	case what == "related":
		return q.related(c, ps)
	case what == "mergelist":
		return ok(ps.mergeList())
	case what == "patch":
		return q.patch(ps)
	case what == "review" && q.method == http.MethodPost:
		return q.postReview(c, ps)
	case len(path) == 4 && path[1] == "files" && path[3] == "diff":
		return q.diff(ps, path[2])
	case len(path) == 4 && path[1] == "files" && path[3] == "content":
		i := slices.IndexFunc(ps.files, func(d *delta) bool { return d.path == path[2] && d.after != nil })
		if i < 0 {
			return text(http.StatusNotFound, "Not Found")
		}
		return content(ps.files[i].after.body)
	}
	return notFound(what)
}

// patchSets returns what a caller is shown: a replica that lags lacks the newest.
func (q *request) patchSets(c *change) []*patchSet {
	if q.stale && len(c.patchSets) > 1 {
		return c.patchSets[:len(c.patchSets)-1]
	}
	return c.patchSets
}

// parent refuses what Gerrit refuses about merges and the wrong parent.
func (q *request) parent(ps *patchSet) *answer {
	switch n, err := strconv.Atoi(q.values.Get("parent")); {
	case q.values.Get("parent") == "":
		return nil
	case err != nil || n < 1 || n > len(ps.parents):
		return text(http.StatusBadRequest, "invalid parent number: %s", q.values.Get("parent"))
	}
	return nil
}

func (q *request) options(known ...string) *answer {
	for name := range q.values {
		if !slices.Contains(known, name) {
			return text(http.StatusBadRequest, "\"--%s\" is not a valid option", name)
		}
	}
	return nil
}

func (q *request) files(ps *patchSet) *answer {
	if bad := q.options("parent", "base"); bad != nil {
		return bad
	}
	if bad := q.parent(ps); bad != nil {
		return bad
	}
	return ok(ps.fileInfos(q.values.Get("parent") != ""))
}

// fileInfos describes the files against the parent that was named, or against
// the one that Gerrit takes by itself.
func (ps *patchSet) fileInfos(parent bool) object {
	lines := strings.Count(ps.message, "\n") + 6
	out := object{"/COMMIT_MSG": object{"status": "A", "lines_inserted": lines, "size_delta": len(ps.message), "size": len(ps.message)}}
	if len(ps.parents) > 1 {
		out["/MERGE_LIST"] = object{"status": "A", "lines_inserted": 1, "size_delta": 50, "size": 50}
		if !parent {
			// Against what Gerrit would have merged by itself there is no difference.
			return out
		}
	}
	for _, d := range ps.files {
		o := object{"size_delta": len(d.after.text()) - len(d.before.text()), "size": len(d.after.text())}
		if d.after == nil {
			o["size"] = 0
		}
		if s := d.status(); s != "M" {
			o["status"] = s
		}
		for key, n := range map[string]int{
			"lines_inserted": d.inserted, "lines_deleted": d.deleted,
			"old_mode": d.before.fileMode(), "new_mode": d.after.fileMode(),
		} {
			if n != 0 {
				o[key] = n
			}
		}
		if d.old != "" {
			o["old_path"] = d.old
		}
		if d.binary() {
			o["binary"] = true
		}
		out[d.path] = o
	}
	return out
}

func (q *request) diff(ps *patchSet, path string) *answer {
	if bad := q.options("parent", "base", "context", "intraline", "whitespace"); bad != nil {
		return bad
	}
	if bad := q.parent(ps); bad != nil {
		return bad
	}
	i := slices.IndexFunc(ps.files, func(d *delta) bool { return d.path == path })
	if i < 0 {
		return ok(object{"change_type": "MODIFIED", "content": []object{}})
	}
	d := ps.files[i]
	out := object{"change_type": map[string]string{"A": "ADDED", "D": "DELETED", "R": "RENAMED", "M": "MODIFIED"}[d.status()]}
	if d.before != nil {
		name := d.path
		if d.old != "" {
			name = d.old
		}
		out["meta_a"] = object{"name": name, "lines": len(d.before.unicodeLines())}
	}
	if d.after != nil {
		out["meta_b"] = object{"name": d.path, "lines": len(d.after.unicodeLines())}
	}
	if d.binary() {
		out["binary"], out["content"] = true, []object{}
		return ok(out)
	}
	context := 10
	if n, err := strconv.Atoi(q.values.Get("context")); err == nil {
		context = n
	}
	out["content"] = d.chunks(context)
	return ok(out)
}
