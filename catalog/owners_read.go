// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"golang.org/x/sync/errgroup"
)

// fetched is what Read answered.
type fetched struct {
	body  []byte
	found bool
	err   error
}

// fetch reads the files of directories side by side, for read to find.
func (w *ownersWalk) fetch(ctx context.Context, dirs []string) {
	answers := make([]fetched, len(dirs))
	var g errgroup.Group
	g.SetLimit(ownersAtOnce)
	for i, d := range dirs {
		if d != "" {
			g.Go(func() error {
				a := &answers[i]
				a.body, a.found, a.err = w.Read(ctx, w.project, w.branch, d+"/OWNERS")
				return nil
			})
		}
	}
	_ = g.Wait()
	w.ahead = map[include]fetched{}
	for i, d := range dirs {
		if d != "" {
			w.ahead[include{path: "/" + d + "/OWNERS"}] = answers[i]
		}
	}
}

// read returns one file, nil when there is none. It is not ok when that is not
// known.
func (w *ownersWalk) read(ctx context.Context, i include) (body []byte, ok bool) {
	a, there := w.ahead[i]
	if !there {
		if w.reads--; w.reads < 0 {
			w.note(leftOut, maxOwnersReads)
			return nil, false
		}
		a.body, a.found, a.err = w.Read(ctx, cmp.Or(i.project, w.project), cmp.Or(i.branch, w.branch), strings.TrimPrefix(i.path, "/"))
	}
	switch {
	case a.err != nil:
		if w.err == nil {
			w.err = fmt.Errorf("owners files cannot be read now: %w", a.err)
		}
		return nil, false
	case !a.found:
		return nil, true
	}
	return slices.Concat([]byte{}, a.body), true // never nil
}

const leftOut = "owners files include more than %d others; the rest is left out"

// list returns an OWNERS file as it is written, nil when there is none.
func (w *ownersWalk) list(ctx context.Context, i include) *ownersList {
	l, known := w.lists[i]
	if known {
		return l
	}
	switch body, ok := w.read(ctx, i); {
	case !ok:
		l = &ownersList{unread: true, noParent: true} // it may say so
	case body != nil:
		l = parseOwners(dirOf(i.path[1:]), body)
		if len(l.bad) > 0 {
			w.note("%s is not understood in %s", w.where(i), l.bad)
		}
		if l.yaml {
			w.unalias(ctx, l, i)
		}
		l.names, l.includes = distinct(l.names), w.targets(i, l.includes)
		if n := len(l.rules) - maxOwnersRules; n > 0 {
			w.note("%d rules of %s are left out", n, nameOf(i.path[1:]))
			l.rules = l.rules[:maxOwnersRules]
		}
		for n := range l.rules {
			r := &l.rules[n]
			r.names, r.includes = distinct(r.names), w.targets(i, r.includes)
		}
	}
	w.lists[i] = l
	return l
}

// targets returns what the includes of a list lead to, each once.
func (w *ownersWalk) targets(from include, includes []include) (out []include) {
	seen := map[include]bool{}
	for _, n := range includes {
		if !strings.HasPrefix(n.path, "/") {
			n.path = dirOf(from.path) + "/" + n.path
		}
		n.path = path.Clean("/" + n.path) // stays below the root, whatever it says
		if n.project == "" {
			n.project, n.branch = from.project, from.branch
		}
		if seen[n] {
			continue
		}
		if len(out) == maxOwnersReads {
			w.note(leftOut, maxOwnersReads)
			break
		}
		seen[n] = true
		out = append(out, n)
	}
	return out
}

// whole returns a list with what it includes.
func (w *ownersWalk) whole(ctx context.Context, at include) *ownersList {
	if w.list(ctx, at) == nil {
		return nil
	}
	out := &ownersList{names: w.names(ctx, at)}
	for from, l := range w.reach(ctx, at, true) {
		out.noParent = out.noParent || l.noParent
		for _, r := range l.rules[:min(len(l.rules), maxOwnersRules-len(out.rules))] {
			lists := [][]listed{r.names}
			for _, n := range r.includes {
				if n.whole = false; w.there(ctx, n, from) {
					lists = append(lists, w.names(ctx, n))
				}
			}
			r.names = distinct(lists...)
			out.rules = append(out.rules, r)
		}
	}
	return out
}

// names returns whom a list and all that it includes name.
func (w *ownersWalk) names(ctx context.Context, at include) []listed {
	known, ok := w.named[at]
	if !ok {
		var lists [][]listed
		for _, l := range w.reach(ctx, at, false) {
			lists = append(lists, l.names)
		}
		known = distinct(lists...)
		w.named[at] = known
	}
	return known
}

// reach yields a list and those that it includes, each once, so that lists may
// include each other. With whole, only what is included with its rules counts.
func (w *ownersWalk) reach(ctx context.Context, at include, whole bool) iter.Seq2[include, *ownersList] {
	return func(yield func(include, *ownersList) bool) {
		depth := map[include]int{at: 0}
		for todo := []include{at}; len(todo) > 0; todo = todo[1:] {
			if w.visits--; w.visits < 0 {
				w.note("owners files include each other more than %d times; the rest is left out", maxVisits)
				return
			}
			at := todo[0]
			l := w.list(ctx, at)
			if ctx.Err() != nil || l != nil && !yield(at, l) {
				return
			}
			if l == nil || depth[at] == maxIncludes {
				continue
			}
			for _, n := range l.includes {
				if whole && !n.whole {
					continue
				}
				n.whole = false
				if _, seen := depth[n]; !seen && w.there(ctx, n, at) {
					depth[n] = depth[at] + 1
					todo = append(todo, n)
				}
			}
		}
	}
}

// there reports whether there is a list that another one includes.
func (w *ownersWalk) there(ctx context.Context, n, from include) bool {
	if w.list(ctx, n) == nil {
		w.note("%s, which %s includes, is not there", w.where(n), w.where(from))
		return false
	}
	return true
}

// unalias puts people in the place of names that stand for several in
// Kubernetes' OWNERS_ALIASES, at the root of the repository.
func (w *ownersWalk) unalias(ctx context.Context, l *ownersList, from include) {
	at := include{project: from.project, branch: from.branch, path: "/OWNERS_ALIASES"}
	known, ok := w.aliases[at]
	if !ok {
		if body, ok := w.read(ctx, at); ok {
			if known = parseAliases(body); known == nil {
				w.note("OWNERS_ALIASES is not understood")
			}
		}
		w.aliases[at] = known
	}
	l.names = known.resolve(l.names)
	for i := range l.rules {
		l.rules[i].names = known.resolve(l.rules[i].names)
	}
}

// aliases are names for several people, in lower case; nil when it is not
// known which there are.
type aliases map[string][]listed

func (a aliases) resolve(names []listed) []listed {
	if a == nil {
		return certain(names)
	}
	var lists [][]listed
	for _, n := range names {
		people, is := a[strings.ToLower(n.name)]
		if !is {
			people = []listed{n}
		}
		lists = append(lists, people)
	}
	return distinct(lists...)
}

func parseAliases(data []byte) aliases {
	out := aliases{}
	err := eachDoc("OWNERS_ALIASES", data, func(body ast.Node) error {
		var y struct {
			Aliases map[string][]string `yaml:"aliases"`
		}
		if err := yaml.NodeToValue(body, &y); err != nil {
			return err
		}
		for name, people := range y.Aliases {
			// A broken name may stand for nobody, but for nobody else either.
			out[strings.ToLower(name)] = (&ownersList{}).list(people)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return out
}
