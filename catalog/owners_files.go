// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"review-assistant/review"
)

const (
	// maxOwnersDirs is how many directories of a change are looked at.
	maxOwnersDirs = 30
	// maxOwnersReads bounds the files read for one change beside those of its
	// directories: what they include.
	maxOwnersReads = 30
	// maxIncludes is how deep lists may include each other.
	maxIncludes = 5
	// maxOwnedFiles is how many files of a change are matched with rules.
	maxOwnedFiles = 200
	// maxVisits is how often lists that others include are looked through.
	maxVisits = 500
	// maxOwnersRules bounds the rules of one list with what it includes.
	maxOwnersRules = 1000
	// ownersAtOnce is how many files are read at once.
	ownersAtOnce = 4
)

// OwnersFiles finds owners in files of the repository itself: OWNERS, as
// Gerrit's code-owners, find-owners and owners plugins and Kubernetes write
// them, else CODEOWNERS. What a branch says counts, never what a change would
// have it say.
//
// OWNERS files are looked for below the root only where the root has one, so
// that projects without such files cost four looks in ten minutes.
type OwnersFiles struct {
	// Read returns a file of a branch, and keeps it for a while, its absence too.
	Read func(ctx context.Context, project, branch, path string) (body []byte, found bool, err error)
	// Team returns the people of the catalog's group of that name; nil knows none.
	Team func(name string) (people []review.Person, ok bool)
}

// githubOnly is the place that only GitHub looks at. Bare names are logins
// there, and the same user name in Gerrit may be somebody else's.
const githubOnly = ".github/CODEOWNERS"

// codeOwnersAt are the places of a CODEOWNERS; the first one counts.
var codeOwnersAt = []string{githubOnly, "CODEOWNERS", "docs/CODEOWNERS"}

// Owners returns who owns the files, the nearest claim first, and who is never
// to be suggested for them. Every list farther up is a step weaker. Note says
// what could not be understood. With an error, the owners are those that are
// known in spite of it.
func (o OwnersFiles) Owners(ctx context.Context, project, branch string, files []string) (owners []review.Owner, never []review.Person, note string, err error) {
	w := &ownersWalk{
		OwnersFiles: o, project: project, branch: branch, reads: maxOwnersReads, visits: maxVisits,
		lists: map[include]*ownersList{}, named: map[include][]listed{}, aliases: map[include]aliases{},
		best: map[string]review.Owner{}, never: map[string]review.Person{},
	}
	for _, f := range files {
		if d, ok := cleanDir(f); ok && d == f && f != "" && len(w.files) < maxOwnedFiles {
			w.files = append(w.files, f)
		}
	}
	if len(w.files) == 0 {
		return nil, nil, "", ctx.Err()
	}
	switch root := w.list(ctx, include{path: "/OWNERS"}); {
	case root == nil:
		w.codeOwners(ctx)
	case !root.unread: // else it is not known which files count
		w.nested(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, "", err
	}
	return w.sorted(), w.avoided(), strings.Join(w.notes, "; "), w.err
}

// ownersWalk answers one question.
type ownersWalk struct {
	OwnersFiles
	project, branch string
	files           []string
	reads, visits   int // that are left
	ahead           map[include]fetched
	lists           map[include]*ownersList
	named           map[include][]listed
	aliases         map[include]aliases
	best            map[string]review.Owner
	never           map[string]review.Person
	notes           []string
	err             error // the first one of a read
}

func (w *ownersWalk) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if len(w.notes) < maxNotes && !slices.Contains(w.notes, s) {
		w.notes = append(w.notes, s)
	}
}

func dirOf(file string) string { return file[:max(0, strings.LastIndexByte(file, '/'))] }

// nested reads the OWNERS files on the way up from the files.
func (w *ownersWalk) nested(ctx context.Context) {
	dirs := w.dirs()
	w.fetch(ctx, dirs)
	lists := map[string]*ownersList{}
	for _, d := range dirs {
		at := include{path: "/OWNERS"}
		if d != "" {
			at.path = "/" + d + "/OWNERS"
		}
		if l := w.whole(ctx, at); l != nil {
			lists[d] = l
		}
	}
	alone := w.climb(ctx, lists)
	// Owners of everything count only where nobody else is named: they are all
	// maintainers, and asking everybody is asking nobody.
	if root := lists[""]; root != nil && len(alone) > 0 && suggests(root.names) {
		o := review.Owner{Entity: "owners:OWNERS", Title: "the whole project (OWNERS)", Distance: 1}
		if len(alone) == len(w.files) {
			w.add(root.names, o)
		} else {
			w.addFor(root.names, o, alone)
		}
	}
}

// climb goes up from each file and returns the files that no list speaks for
// but the root's.
func (w *ownersWalk) climb(ctx context.Context, lists map[string]*ownersList) (alone []string) {
	distance := map[string]int{}
	for _, f := range w.files {
		if ctx.Err() != nil {
			return nil
		}
		steps, d := 0, f
		for d != "" {
			d = dirOf(d)
			l := lists[d]
			if l == nil {
				continue
			}
			named, noParent := w.special(l, d, f, steps)
			if !noParent {
				w.shun(l.names)
			}
			if !noParent && d != "" && suggests(l.names) {
				if known, ok := distance[d]; !ok || steps < known {
					distance[d] = steps
				}
				named = true
			}
			if named {
				steps++
			}
			if noParent || l.noParent && d != "" {
				steps = max(steps, 1) // nobody above is asked
				break
			}
		}
		if steps == 0 {
			alone = append(alone, f)
		}
	}
	for d, steps := range distance {
		w.add(lists[d].names, review.Owner{Entity: "owners:" + d + "/OWNERS", Title: titleOf(d+"/", "some files", "OWNERS"), Path: d, Distance: steps})
	}
	return alone
}

// special adds the owners of rules for a file; noParent is set when nobody
// else owns it.
func (w *ownersWalk) special(l *ownersList, dir, file string, steps int) (found, noParent bool) {
	rel := strings.TrimPrefix(strings.TrimPrefix(file, dir), "/")
	o := review.Owner{
		Entity: "owners:" + strings.TrimPrefix(dir+"/OWNERS", "/"), Title: titleOf(file, "a file of this change", "OWNERS"), Path: file, Distance: steps,
	}
	for _, r := range l.rules {
		if r.match(rel) {
			w.add(r.names, o)
			found, noParent = found || suggests(r.names), noParent || r.noParent
		}
	}
	return found, noParent
}

// dirs returns the directories of the files and those above them: of too many,
// those with most files below.
func (w *ownersWalk) dirs() []string {
	below := map[string]int{}
	for _, f := range w.files {
		for d := f; d != ""; {
			d = dirOf(d)
			below[d]++
		}
	}
	var dirs []string
	for d := range below {
		dirs = append(dirs, d)
	}
	slices.SortFunc(dirs, func(a, b string) int {
		return cmp.Or(cmp.Compare(below[b], below[a]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	if n := len(dirs) - maxOwnersDirs; n > 0 {
		w.note("owners files of %d directories are not read", n)
		dirs = dirs[:maxOwnersDirs]
	}
	return dirs
}

// codeOwners reads the first CODEOWNERS.
func (w *ownersWalk) codeOwners(ctx context.Context) {
	var c *codeOwners
	var at string
	for _, at = range codeOwnersAt {
		body, ok := w.read(ctx, include{path: "/" + at})
		if !ok {
			return // the next one counts only where this one is not there
		}
		if body != nil {
			c = parseCodeOwners(body)
			break
		}
	}
	if c == nil {
		return
	}
	if len(c.bad) > 0 {
		w.note("%s is not understood in %s", at, c.bad)
	}
	matched := map[*codeRule][]string{}
	var order []*codeRule
	for _, f := range w.files {
		if ctx.Err() != nil {
			return
		}
		for _, r := range c.of(f) {
			if matched[r] == nil {
				order = append(order, r)
			}
			matched[r] = append(matched[r], f)
		}
	}
	for _, r := range order {
		if at == githubOnly {
			r.names = certain(r.names)
		}
		o := review.Owner{Entity: "owners:" + at}
		switch plain := strings.Trim(strings.ReplaceAll(r.pattern, "*", ""), "/"); {
		case r.pattern == "/*":
			o.Title = "the files at the root (CODEOWNERS)"
		case plain == "":
			o.Distance, o.Title = 1, "the whole project (CODEOWNERS)"
		case r.dir != "":
			o.Title = titleOf(r.dir+"/", "some files", "CODEOWNERS")
		case plainPath.MatchString(plain):
			o.Title = plain + " files (CODEOWNERS)"
		default:
			o.Title = "some files (CODEOWNERS)"
		}
		below := 0
		for _, f := range w.files {
			if r.dir == "" || strings.HasPrefix(f, r.dir+"/") {
				below++
			}
		}
		if o.Path = r.dir; below == len(matched[r]) {
			w.add(r.names, o)
		} else {
			w.addFor(r.names, o, matched[r])
		}
	}
}
