// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"context"
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

// read returns one file.
func (w *ownersWalk) read(ctx context.Context, i include) []byte {
	a, there := w.ahead[i]
	if !there {
		if w.reads--; w.reads < 0 {
			w.note("owners files include more than %d others; the rest is left out", maxOwnersReads)
			return nil
		}
		a.body, a.found, a.err = w.Read(ctx, cmp.Or(i.project, w.project), cmp.Or(i.branch, w.branch), strings.TrimPrefix(i.path, "/"))
	}
	switch {
	case a.err != nil:
		w.note("owners files cannot be read now: %v", a.err)
		return nil
	case !a.found:
		return nil
	}
	return slices.Concat([]byte{}, a.body) // never nil
}

// list returns an OWNERS file as it is written, nil when there is none.
func (w *ownersWalk) list(ctx context.Context, i include) *ownersList {
	i.whole = false
	l, known := w.lists[i]
	if !known {
		if body := w.read(ctx, i); body != nil {
			l = parseOwners(dirOf(i.path[1:]), body)
			if l.prow {
				w.unalias(ctx, l, i)
			}
			if len(l.bad) > 0 {
				w.note("%s is not understood in %s", w.where(i), l.bad)
			}
		}
		w.lists[i] = l
	}
	return l
}

// whole returns a list with what it includes. via holds the lists on the way
// to it: who includes himself gains nothing.
func (w *ownersWalk) whole(ctx context.Context, i include, via []include) *ownersList {
	l := w.list(ctx, i)
	if l == nil {
		return nil
	}
	out := &ownersList{names: slices.Clone(l.names), noParent: l.noParent}
	via = append(via[:len(via):len(via)], i)
	for _, n := range l.includes {
		if from := w.included(ctx, n, i, via); from != nil {
			out.names = append(out.names, from.names...)
			if n.whole {
				out.rules, out.noParent = append(out.rules, from.rules...), out.noParent || from.noParent
			}
		}
	}
	for _, r := range l.rules {
		r.names = slices.Clone(r.names)
		for _, n := range r.includes {
			if from := w.included(ctx, n, i, via); from != nil {
				r.names = append(r.names, from.names...)
			}
		}
		out.rules = append(out.rules, r)
	}
	return out
}

// included follows an include of the list from.
func (w *ownersWalk) included(ctx context.Context, n, from include, via []include) *ownersList {
	if !strings.HasPrefix(n.path, "/") {
		n.path = dirOf(from.path) + "/" + n.path
	}
	n.path = path.Clean("/" + n.path) // stays below the root, whatever it says
	if n.project == "" {
		n.project, n.branch = from.project, from.branch
	}
	plain := include{project: n.project, branch: n.branch, path: n.path}
	if len(via) > maxIncludes || slices.Contains(via, plain) {
		return nil
	}
	l := w.whole(ctx, plain, via)
	if l == nil {
		w.note("%s, which %s includes, is not there", w.where(plain), w.where(from))
	}
	return l
}

// unalias puts people in the place of names that stand for several in
// Kubernetes' OWNERS_ALIASES, at the root of the repository.
func (w *ownersWalk) unalias(ctx context.Context, l *ownersList, from include) {
	at := include{project: from.project, branch: from.branch, path: "/OWNERS_ALIASES"}
	known, ok := w.aliases[at]
	if !ok {
		known = parseAliases(w.read(ctx, at))
		w.aliases[at] = known
	}
	l.names = known.resolve(l.names)
	for i := range l.rules {
		l.rules[i].names = known.resolve(l.rules[i].names)
	}
}

// aliases are names for several people, in lower case.
type aliases map[string][]listed

func (a aliases) resolve(names []listed) (out []listed) {
	for _, n := range names {
		if people, is := a[strings.ToLower(n.name)]; is {
			out = append(out, people...)
		} else {
			out = append(out, n)
		}
	}
	return out
}

func parseAliases(data []byte) aliases {
	out := aliases{}
	_ = eachDoc("OWNERS_ALIASES", data, func(body ast.Node) error {
		var y struct {
			Aliases map[string][]atLine `yaml:"aliases"`
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
	return out
}
