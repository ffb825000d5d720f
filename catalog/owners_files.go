// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
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
	// maxSeparate is how many files one rule is told for one by one.
	maxSeparate = 20
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

// codeOwnersAt are the places of a CODEOWNERS; the first one counts.
var codeOwnersAt = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// Owners returns who owns the files, the nearest claim first. Every list
// farther up is a step weaker. Note says what could not be read or understood;
// like a catalog that is down, that is no error.
func (o OwnersFiles) Owners(ctx context.Context, project, branch string, files []string) (owners []review.Owner, note string, err error) {
	w := &ownersWalk{OwnersFiles: o, project: project, branch: branch, reads: maxOwnersReads, lists: map[include]*ownersList{}, aliases: map[include]aliases{}, best: map[string]review.Owner{}}
	for _, f := range files {
		if d, ok := cleanDir(f); ok && d == f && f != "" && len(w.files) < maxOwnedFiles {
			w.files = append(w.files, f)
		}
	}
	if len(w.files) == 0 {
		return nil, "", ctx.Err()
	}
	if root := w.list(ctx, include{path: "/OWNERS"}); root != nil {
		w.nested(ctx)
	} else {
		w.codeOwners(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	return w.sorted(), strings.Join(w.notes, "; "), nil
}

// ownersWalk answers one question.
type ownersWalk struct {
	OwnersFiles
	project, branch string
	files           []string
	reads           int // that are left
	ahead           map[include]fetched
	lists           map[include]*ownersList
	aliases         map[include]aliases
	best            map[string]review.Owner
	notes           []string
}

func (w *ownersWalk) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if len(w.notes) < maxNotes && !slices.Contains(w.notes, s) {
		w.notes = append(w.notes, s)
	}
}

func (w *ownersWalk) sorted() []review.Owner {
	var out []review.Owner
	for _, o := range w.best {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b review.Owner) int {
		return cmp.Or(nearer(a, b), cmp.Compare(a.Person.Email, b.Person.Email), cmp.Compare(a.Person.Username, b.Person.Username))
	})
	return out[:min(len(out), maxAnswer)]
}

func dirOf(file string) string { return file[:max(0, strings.LastIndexByte(file, '/'))] }

// plainPath is what may be told of a path in a sentence: nothing that a
// renderer takes for a sign.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_./+@ -]{1,100}$`)

// nameOf returns a path that is fit to be told.
func nameOf(file string) string { return plainOr(file, "an owners file") }

func plainOr(s, otherwise string) string {
	if plainPath.MatchString(s) {
		return s
	}
	return otherwise
}

// where tells a file, and of which project and branch it is if that is another.
func (w *ownersWalk) where(i include) string {
	s := nameOf(strings.TrimPrefix(i.path, "/"))
	if i.project != "" && i.project != w.project {
		s += " of the project " + plainOr(i.project, "with an odd name")
	}
	if i.branch != "" && i.branch != w.branch {
		s += " on the branch " + plainOr(i.branch, "with an odd name")
	}
	return s
}

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
		if l := w.whole(ctx, at, nil); l != nil {
			lists[d] = l
		}
	}
	alone := w.climb(lists)
	// Owners of everything count only where nobody else is named: they are all
	// maintainers, and asking everybody is asking nobody.
	if root := lists[""]; root != nil && len(alone) > 0 && len(root.names) > 0 {
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
func (w *ownersWalk) climb(lists map[string]*ownersList) (alone []string) {
	distance := map[string]int{}
	for _, f := range w.files {
		steps, d := 0, f
		for d != "" {
			d = dirOf(d)
			l := lists[d]
			if l == nil {
				continue
			}
			named, noParent := w.special(l, d, f, steps)
			if !noParent && d != "" && len(l.names) > 0 {
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
		w.add(lists[d].names, review.Owner{Entity: "owners:" + d + "/OWNERS", Title: titleOf(d+"/", "OWNERS"), Path: d, Distance: steps})
	}
	return alone
}

// special adds the owners of rules for a file; noParent is set when nobody
// else owns it.
func (w *ownersWalk) special(l *ownersList, dir, file string, steps int) (found, noParent bool) {
	rel := strings.TrimPrefix(strings.TrimPrefix(file, dir), "/")
	o := review.Owner{
		Entity: "owners:" + strings.TrimPrefix(dir+"/OWNERS", "/"), Title: titleOf(file, "OWNERS"), Path: file, Distance: steps,
	}
	for _, r := range l.rules {
		if r.match(rel) {
			w.add(r.names, o)
			found, noParent = found || len(r.names) > 0, noParent || r.noParent
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
		if body := w.read(ctx, include{path: "/" + at}); body != nil {
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
		for _, r := range c.of(f) {
			if matched[r] == nil {
				order = append(order, r)
			}
			matched[r] = append(matched[r], f)
		}
	}
	for _, r := range order {
		o := review.Owner{Entity: "owners:" + at}
		switch plain := strings.Trim(strings.ReplaceAll(r.pattern, "*", ""), "/"); {
		case plain == "":
			o.Distance, o.Title = 1, "the whole project (CODEOWNERS)"
		case r.dir != "":
			o.Title = titleOf(r.dir+"/", "CODEOWNERS")
		default:
			o.Title = titleOf(plain+" files", "CODEOWNERS")
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

func titleOf(what, file string) string {
	if plainPath.MatchString(what) {
		return what + " (" + file + ")"
	}
	return "some files (" + file + ")"
}

// addFor adds owners of single files. The first of many stand for the rest.
func (w *ownersWalk) addFor(names []listed, o review.Owner, files []string) {
	for _, f := range files[:min(len(files), maxSeparate)] {
		o.Path = f
		w.add(names, o)
	}
}

// add adds the people behind the names of one list.
func (w *ownersWalk) add(names []listed, o review.Owner) {
	var found []review.Owner
	for _, n := range names {
		at := o
		if n.last {
			at.Distance += 2
		}
		team, is := strings.CutPrefix(n.name, "@")
		switch {
		case is:
			at.Group = path.Base(team)
			for _, p := range w.team(team) {
				at.Person = p
				found = append(found, at)
			}
		case strings.Contains(n.name, "@"):
			at.Person = review.Person{Email: n.name}
			found = append(found, at)
		default:
			at.Person = review.Person{Username: n.name}
			found = append(found, at)
		}
	}
	if len(found) > maxTeam {
		w.note("a list of more than %d people in %s counts for nobody", maxTeam, nameOf(strings.TrimPrefix(o.Entity, "owners:")))
		return
	}
	for _, f := range found {
		key := strings.Join([]string{f.Person.Entity, f.Person.Email, f.Person.Username, f.Entity, f.Path}, "\x00")
		if known, ok := w.best[key]; !ok || f.Distance < known.Distance {
			w.best[key] = f
		}
	}
}

// team finds @org/team in the catalog by the team's name.
func (w *ownersWalk) team(name string) []review.Person {
	name = path.Base(name)
	if w.Team != nil && nameForm.MatchString(name) {
		if people, ok := w.Team(name); ok {
			return people
		}
	}
	if nameForm.MatchString(name) {
		w.note("the catalog has no group %s", name)
	} else {
		w.note("a team of an owners file has a name that no group can have")
	}
	return nil
}
