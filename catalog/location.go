// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

// location is where an entity's sources are.
type location struct {
	gerrit  string // configured id, "" for any
	project string // "" for nowhere
	// branch is set with exact. Otherwise rest holds branch and directory
	// together, because "release/1.0/lib" does not say where the branch ends;
	// the branch of a change does.
	branch string
	exact  bool
	alone  bool // what is on other branches is not the entity's
	rest   string
	dir    string
}

var commitForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

// parseLocation reads the value of a location annotation: a kind, a colon and
// a target, of which only Gitiles addresses of configured Gerrits count:
//
//	url:BASE/PROJECT/+/refs/heads/BRANCH/PATH
func parseLocation(value string, bases []base) (location, bool) {
	kind, target, _ := strings.Cut(value, ":")
	if kind != "url" || len(target) > 4000 {
		return location{}, false
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return location{}, false
	}
	b, below, ok := within(u, bases)
	if !ok {
		return location{}, false
	}
	// Cut before decoding: %2F inside a name is not a separator.
	escaped, after, ok := strings.Cut(below, "/+/")
	if !ok {
		return location{}, false
	}
	project, err := url.PathUnescape(strings.Trim(escaped, "/"))
	if err != nil || !cleanName(project) {
		return location{}, false
	}
	l := location{gerrit: b.gerrit, project: strings.TrimSuffix(project, ".git")}
	return l, l.setRest(after)
}

// setRest reads what follows /+/, still escaped.
func (l *location) setRest(after string) bool {
	file := after
	first, below, _ := strings.Cut(after, "/")
	fixed := true // no branch to match: HEAD, a commit or a tag
	switch {
	case first == "HEAD" || commitForm.MatchString(first):
		after = below
	case strings.HasPrefix(after, "refs/tags/"):
		_, after, _ = strings.Cut(strings.TrimPrefix(after, "refs/tags/"), "/")
	default:
		after, fixed = strings.TrimPrefix(after, "refs/heads/"), false
	}
	if !strings.HasSuffix(file, "/") {
		// A folder should end in a slash, but people forget; a YAML file is
		// the declaration itself.
		if ext := path.Ext(after); ext == ".yaml" || ext == ".yml" {
			after = after[:strings.LastIndexByte(after, '/')+1]
		}
	}
	if first, below, _ := strings.Cut(after, "/"); !fixed && strings.Contains(strings.ToLower(first), "%2f") {
		branch, err := url.PathUnescape(first)
		if err != nil || !cleanName(branch) {
			return false
		}
		l.branch, l.exact, after, fixed = branch, true, below, true
	}
	text, err := url.PathUnescape(after)
	if err != nil {
		return false
	}
	text, ok := cleanDir(text)
	if fixed {
		l.dir = text
	} else {
		l.rest = text
	}
	return ok && (fixed || text != "")
}

// within finds the longest base that u is below, and returns the rest of its path.
func within(u *url.URL, bases []base) (found base, below string, ok bool) {
	host, p := strings.ToLower(u.Host), u.EscapedPath()
	for _, b := range bases {
		path := p
		if strings.HasPrefix(path, "/a/") && !strings.HasPrefix(b.path+"/", "/a/") {
			path = path[2:] // the prefix for authenticated access
		}
		rest, under := strings.CutPrefix(path, b.path+"/")
		if b.host == host && under && (!ok || len(b.path) > len(found.path)) {
			found, below, ok = b, rest, true
		}
	}
	return found, below, ok
}

// on returns the directory that the location covers on a branch. sure is
// false when the location is for another branch: its directory is then only
// better than nothing.
func (l *location) on(branch string) (dir string, sure bool) {
	switch {
	case l.exact:
		return l.dir, l.branch == branch
	case l.rest == "":
		return l.dir, true
	case l.rest == branch:
		return "", true
	}
	if dir, ok := strings.CutPrefix(l.rest, branch+"/"); ok {
		return dir, true
	}
	_, dir, _ = strings.Cut(l.rest, "/")
	return dir, false
}
