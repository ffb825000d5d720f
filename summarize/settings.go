// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// setting is a key of a configuration file. In is the block that it stands in,
// as far as the hunk shows one; old and new are its values.
type setting struct{ in, key, old, new scrub.Text }

// name is the setting in a sentence.
func (s setting) name() scrub.Text {
	if s.in.Empty() {
		return span(s.key, 60)
	}
	return scrub.Format("%s of %s", span(s.key, 60), span(s.in, 40))
}

var (
	settingLine = re(`^\s*-?\s*["']?(?P<key>[A-Za-z_][\w.\-/]*)["']?\s*[:=]\s*(?P<value>.*?),?\s*$`)
	// blockLine opens a block: "name:", "name: {", "name(", "name {",
	// `resource "kind" "name" {`.
	blockLine = re(`^\s*(?:-\s+)?(?:\w+\s+)??["']?(?P<name>[A-Za-z_][\w.\-/]*)["']?(?:"?\s+"[\w.\-]+")*\s*(?::\s*(?:[|>&{\[].*)?|\(|(?:[:=]\s*)?[{\[]|=\s*[{\[(])\s*$`)
	// tableLine is a table of TOML or a section of an INI file.
	tableLine = re(`^\s*\[+\s*(?P<name>[\w.\-"/: ]+?)\s*\]+\s*$`)
)

// blocks are the blocks around the lines of a hunk, innermost last, by
// indentation: that holds as people format such files.
type blocks []struct {
	indent int
	name   scrub.Text
}

// enter moves to the next line and returns the block that it stands in.
func (b *blocks) enter(l scrub.Text) scrub.Text {
	s := l.String()
	indent := len(s) - len(strings.TrimLeft(s, " \t"))
	if indent == len(s) {
		return scrub.Text{}
	}
	for len(*b) > 0 && (*b)[len(*b)-1].indent >= indent {
		*b = (*b)[:len(*b)-1]
	}
	in := scrub.Text{}
	if len(*b) > 0 {
		in = (*b)[len(*b)-1].name
	}
	push := func(indent int, name scrub.Text) {
		*b = append(*b, struct {
			indent int
			name   scrub.Text
		}{indent, name})
	}
	if name, ok := group(tableLine, l, "name"); ok {
		*b = nil
		push(-1, name)
	} else if name, ok := group(blockLine, l, "name"); ok {
		push(indent, name)
	}
	return in
}

// settings reads the keys that f adds, removes or changes, with their values.
func settings(f *scrub.File) (added, removed, changed []setting) {
	type pair struct {
		s        setting
		was, now bool
	}
	var order []*pair
	found := map[string]*pair{}
	for i := range f.Hunks {
		var around blocks
		for _, l := range f.Hunks[i].Lines {
			s := l.Text.String()
			if len(s) > maxEditLine || strings.HasPrefix(strings.TrimSpace(s), "#") {
				continue
			}
			in := around.enter(l.Text)
			if l.Op == review.OpContext {
				continue
			}
			key, ok := group(settingLine, l.Text, "key")
			if !ok {
				continue
			}
			value, _ := group(settingLine, l.Text, "value")
			id := in.String() + "\x00" + key.String()
			p := found[id]
			if p == nil {
				p = &pair{s: setting{in: in, key: key}}
				found[id] = p
				order = append(order, p)
			}
			if l.Op == review.OpRemove {
				p.was, p.s.old = true, value
			} else {
				p.now, p.s.new = true, value
			}
		}
	}
	for _, p := range order {
		switch {
		case !p.was:
			added = append(added, p.s)
		case !p.now:
			removed = append(removed, p.s)
		case p.s.old.String() != p.s.new.String():
			changed = append(changed, p.s)
		}
	}
	return added, removed, changed
}

// settingNames lists settings as code spans, at most n.
func settingNames(all []setting, n int) scrub.Text {
	out := make([]scrub.Text, len(all))
	for i, s := range all {
		out[i] = s.name()
	}
	return list(unique(out), n)
}
