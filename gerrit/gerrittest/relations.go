// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"maps"
	"slices"
)

// base returns the tree that the change stands on.
func (c *change) base() map[string]blob {
	if c.on == nil {
		return c.project.branch(c.branch)
	}
	tree := maps.Clone(c.on.base())
	c.on.applyTo(tree)
	return tree
}

func (c *change) applyTo(tree map[string]blob) {
	for path, b := range c.after {
		if b == nil {
			delete(tree, path)
		} else {
			tree[path] = *b
		}
	}
}

// parent returns the commit that the next patch set stands on: the one that
// the last stood on, in a chain, and else the head of the branch.
func (c *change) parent() string {
	switch {
	case c.on == nil:
		return c.project.head
	case len(c.patchSets) > 0:
		return c.current().parents[0]
	}
	return c.on.current().sha
}

// land puts the change into its branch.
func (c *change) land() {
	c.applyTo(c.project.branch(c.branch))
	c.project.head = c.current().sha
}

// Revert makes the change that undoes this one, which has to be merged, as the
// button of Gerrit does.
func (c *Change) Revert() *Change {
	var u Push
	c.do(func(k *change) {
		ps := k.current()
		u = Push{
			Project: k.project.name, Branch: k.branch, Owner: k.owner.Username, Files: Files{}, Renames: map[string]string{},
			Message: "Revert \"" + ps.subject() + "\"\n\nThis reverts commit " + ps.sha + ".\n\nReason for revert: it failed\n",
		}
		for _, d := range ps.files {
			switch {
			case d.before == nil:
				u.Removes = append(u.Removes, d.path)
			case d.old != "":
				u.Renames[d.path] = d.old
				u.Files[d.old] = d.before.body
			default:
				u.Files[d.path] = d.before.body
			}
		}
	})
	return c.made(u, func(k *change) { k.revertOf = c.Number })
}

// CherryPick makes the same change for another branch, as the button of Gerrit
// does.
func (c *Change) CherryPick(branch string) *Change {
	var u Push
	set := 0
	c.do(func(k *change) {
		ps := k.current()
		set = ps.number
		u = Push{Project: k.project.name, Branch: branch, Owner: k.owner.Username, Files: Files{}, Base: Files{}, Message: ps.subject() + "\n"}
		for _, d := range ps.files {
			if d.before != nil {
				u.Base[d.path] = d.before.body
			}
			if d.after == nil {
				u.Removes = append(u.Removes, d.path)
			} else {
				u.Files[d.path] = d.after.body
			}
		}
	})
	return c.made(u, func(k *change) { k.pickOf, k.pickOfSet = c.Number, set })
}

func (c *Change) made(u Push, mark func(*change)) *Change {
	made := c.s.Push(u)
	made.do(mark)
	return made
}

// related answers the chain that a patch set is in, newest first; of a change
// that stands alone there is none.
func (q *request) related(c *change, ps *patchSet) *answer {
	list := []object{relatedInfo(c, ps)}
	// Merged changes that it was not pushed on are no part of the chain.
	at := ps
	for below := c.on; below != nil && below.seenBy(q.me); below = below.on {
		i := slices.IndexFunc(below.patchSets, func(p *patchSet) bool { return p.sha == at.parents[0] })
		if i < 0 {
			break
		}
		at = below.patchSets[i]
		list = append(list, relatedInfo(below, at))
	}
	done := map[*change]bool{c: true}
	for todo := []*change{c}; len(todo) > 0; todo = todo[1:] {
		for _, n := range slices.Sorted(maps.Keys(q.s.changes)) {
			above := q.s.changes[n]
			if above.on == todo[0] && !done[above] && above.seenBy(q.me) {
				done[above] = true
				list = slices.Insert(list, 0, relatedInfo(above, above.current()))
				todo = append(todo, above)
			}
		}
	}
	if len(list) == 1 {
		list = []object{}
	}
	return ok(object{"changes": list})
}

func relatedInfo(c *change, ps *patchSet) object {
	commit := ps.commitInfo()
	delete(commit, "message")
	delete(commit, "committer")
	return object{
		"project": c.project.name, "change_id": c.key, "commit": commit, "status": c.status,
		"_change_number": c.number, "_revision_number": ps.number, "_current_revision_number": c.current().number,
	}
}

// mergeList is what a merge brings, newest first.
func (ps *patchSet) mergeList() []object {
	list := []object{}
	for i, subject := range ps.brings {
		side := *ps
		side.message, side.parents = subject+"\n", nil
		info := side.commitInfo()
		info["commit"] = ps.parents[1]
		if i > 0 {
			info["commit"] = ps.parents[1][i%40:] + ps.parents[1][:i%40]
		}
		list = append(list, info)
	}
	return list
}
