// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"iter"
	"strings"
)

// place is a project, directory or file.
type place struct {
	parent *place // nil for a project
	name   string // last element of the path, with a slash for a directory
	dir    *directory

	reviewed tally // of changes at or below the place
	written  tally
	seen     touches // of changes to the file, or to files right in the directory
	made     touches
}

// directory is what files do not have.
type directory struct {
	children map[string]*place
	lately   []uint32 // numbers of the project's recent changes at or below it, ascending
	recent   recent   // of a project
}

// child returns what is right in a directory, or nil.
func (p *place) child(name string) *place {
	if p.dir == nil {
		return nil
	}
	return p.dir.children[name]
}

// at returns the place of a path, making what is missing of it. When there are
// too many places it is the nearest one above that is known, nil for none, and
// exact is false.
func (l *ledger) at(project, path string) (p *place, exact bool) {
	p = l.projects[project]
	if p == nil {
		if l.places >= l.limit.places {
			return nil, false
		}
		p = &place{dir: &directory{}}
		l.projects[strings.Clone(project)] = p
		l.places++
	}
	level := 0
	for name := range elements(path) {
		next := p.child(name)
		if next == nil {
			if l.places >= l.limit.places {
				return p, false
			}
			l.places++
			next = &place{parent: p, name: strings.Clone(name)} // not the whole path
			if p.dir == nil {
				p.dir = &directory{}
			}
			if p.dir.children == nil {
				p.dir.children = map[string]*place{}
			}
			p.dir.children[next.name] = next
		}
		p = next
		if level++; level == maxPathDepth {
			break
		}
	}
	return p, !p.isDir()
}

// dirOf returns the directory that holds a path, without a slash at the end,
// "" for the top.
func dirOf(file string) string { return file[:max(0, strings.LastIndexByte(file, '/'))] }

// touched returns the files of a change, their directories, and every place
// at or above them, each once.
func (l *ledger) touched(p row) (files, dirs, all []*place) {
	known := map[*place]bool{}
	for _, f := range p.Files[:min(len(p.Files), maxPastFiles)] {
		if len(f) > maxPathBytes {
			continue
		}
		pl, exact := l.at(p.Project, f)
		if exact {
			files = append(files, pl)
			if pl.parent != nil {
				dirs = append(dirs, pl.parent)
			}
		}
		for ; pl != nil && !known[pl]; pl = pl.parent {
			known[pl] = true
			all = append(all, pl)
		}
	}
	return distinct(files), distinct(dirs), all
}

// ownPlaces are the places by which an author's changes are told apart: the
// project, and the directories down to the fourth level.
func ownPlaces(project *place, dirs []*place) []*place {
	out := []*place{project}
	for _, d := range dirs {
		for _, pl := range chain(d)[1:] {
			if depth(pl) <= 4 {
				out = append(out, pl)
			}
		}
	}
	return distinct(out)
}

// chain returns a place and what is above it, the project first.
func chain(p *place) []*place {
	var out []*place
	for ; p != nil; p = p.parent {
		out = append(out, p)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func depth(p *place) int {
	n := 0
	for ; p.parent != nil; p = p.parent {
		n++
	}
	return n
}

// path returns the path of a place inside its project.
func (p *place) path() string {
	if p.parent == nil {
		return p.name
	}
	return p.parent.path() + p.name
}

// isDir is also true of projects.
func (p *place) isDir() bool { return p.parent == nil || strings.HasSuffix(p.name, "/") }

// elements yields the names along a path; those of directories keep their
// slash, so that a file and a directory of one name are two places.
func elements(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range strings.SplitAfterSeq(path, "/") {
			if name != "" && !yield(name) {
				return
			}
		}
	}
}
