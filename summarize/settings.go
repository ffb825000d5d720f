// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// setting is a key of a configuration file. In is the block that it stands in,
// as far as the hunk shows one; old and new are its values.
type setting struct {
	in, key, old, new scrub.Text
	line              int // new side, or the nearest one
}

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

// itemLine is an entry of a list that has a name of its own.
var itemLine = re(`^\s*-\s+["']?(?:name|id|job_name|alias)["']?\s*:\s*["']?(?P<name>[A-Za-z_][\w.\-/]*)["']?\s*$`)

// stanzaLine is a block of Terraform that has a kind and a name.
var stanzaLine = re(`^\s*(?:resource|data|module|variable|output|provider)\s+"(?P<kind>[\w-]+)"(?:\s+"(?P<name>[\w-]+)")?\s*\{`)

// block is what a setting stands in. Its id is that of the setting that the
// block itself is.
type block struct {
	indent int
	name   scrub.Text
	id     string
	item   bool
}

// blocks are the blocks around the lines of a hunk, innermost last, by
// indentation: that holds as people format such files.
type blocks []block

// enter moves to the next line. It returns the block that the line stands in,
// and the block that the line opens, if it does.
func (b *blocks) enter(l scrub.Text) (in, opened block, opens bool) {
	s := l.String()
	indent := columns(s)
	if strings.TrimSpace(s) == "" {
		return in, opened, false
	}
	name, item := group(itemLine, l, "name")
	for len(*b) > 0 {
		top := (*b)[len(*b)-1]
		// In YAML an entry may stand as deep as the list that it is of.
		if top.indent < indent || top.indent == indent && item && !top.item {
			break
		}
		*b = (*b)[:len(*b)-1]
	}
	if len(*b) > 0 {
		in = (*b)[len(*b)-1]
	}
	opened = block{indent: indent, name: name, item: item}
	if opens = item; !opens {
		if opened.name, opens = group(tableLine, l, "name"); opens {
			*b, opened.indent, in = nil, -1, block{}
		} else if kind, ok := group(stanzaLine, l, "kind"); ok {
			opened.name, opens = kind, true
			if name, ok := group(stanzaLine, l, "name"); ok {
				opened.name = scrub.Format("%s.%s", kind, name)
			}
		} else {
			opened.name, opens = group(blockLine, l, "name")
		}
	}
	if opens {
		opened.id = in.name.String() + "\x00" + opened.name.String()
		*b = append(*b, opened)
	}
	return in, opened, opens
}

// settings reads the keys that f adds, removes or changes, with their values.
// What stands in a block that comes or goes as a whole is told by the block.
func settings(f *scrub.File) (added, removed, changed []setting) {
	type pair struct {
		s        setting
		was, now bool
		parent   string
	}
	var order []*pair
	found := map[string]*pair{}
	take := func(op review.Op, id, parent string, s setting, value scrub.Text) {
		p := found[id]
		if p == nil {
			p = &pair{s: s, parent: parent}
			found[id] = p
			order = append(order, p)
		}
		if op == review.OpRemove {
			p.was, p.s.old = true, value
		} else {
			p.now, p.s.new, p.s.line = true, value, s.line
		}
	}
	for i := range f.Hunks {
		var around blocks
		at, last := f.Hunks[i].NewStart, f.Hunks[i].NewStart+max(f.Hunks[i].NewLines, 1)-1
		for _, l := range f.Hunks[i].Lines {
			s := l.Text.String()
			line := min(max(at, f.Hunks[i].NewStart), last)
			if l.Op != review.OpRemove {
				at++
			}
			if len(s) > maxEditLine || strings.HasPrefix(strings.TrimSpace(s), "#") {
				continue
			}
			in, opened, opens := around.enter(l.Text)
			if l.Op == review.OpContext {
				continue
			}
			key, ok := group(settingLine, l.Text, "key")
			value, _ := group(settingLine, l.Text, "value")
			if opens {
				if opened.item || !ok {
					value = scrub.Text{}
				}
				take(l.Op, opened.id, in.id, setting{in: in.name, key: opened.name, line: line}, value)
				continue
			}
			if !ok {
				continue
			}
			if p := found[in.id]; p != nil && in.item && key.String() == "value" && p.was != p.now {
				take(l.Op, in.id, p.parent, p.s, value) // NAME and value are one setting
			}
			take(l.Op, in.name.String()+"\x00"+key.String(), in.id, setting{in: in.name, key: key, line: line}, value)
		}
	}
	whole := func(p *pair) bool {
		for up := found[p.parent]; up != nil; up = found[up.parent] {
			if up.was != up.now && (up.was && !p.now || up.now && !p.was) {
				return true
			}
			if up.parent == p.parent {
				break
			}
		}
		return false
	}
	for _, p := range order {
		switch {
		case whole(p):
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

// entry is one of a list without names.
var entry = re(`^-\s+\S`)

// items says what becomes of the settings of f that are not told elsewhere.
func (f *file) items(known told) (out []scrub.Text) {
	told := func(s setting) bool { return known.at(s.line) || f.bumped(s.old) || f.bumped(s.new) }
	for _, e := range f.edits {
		if entry.MatchString(e.newLine.String()) && !settingLine.MatchString(e.newLine.String()) && !known.at(e.line) && !f.bumped(e.newLine) {
			out = append(out, e.sentence())
		}
	}
	for _, s := range f.keysChanged {
		if told(s) {
			continue
		}
		if a, b := settingValue(s.old), settingValue(s.new); !a.Empty() && !b.Empty() {
			out = append(out, scrub.Format("%s from %s to %s", s.name(), a, b))
		} else {
			out = append(out, scrub.Format("%s changed", s.name()))
		}
	}
	for _, s := range f.keysAdded {
		if !told(s) {
			out = append(out, scrub.Format("%s added%s", s.name(), withValue(s.new)))
		}
	}
	for _, s := range f.keysRemoved {
		if known.quotes(s.line, s.key.String()) || f.bumped(s.old) {
			continue
		}
		out = append(out, scrub.Format("%s removed", s.name()))
	}
	return out
}

// configBullet tells settings, as many as fit.
func configBullet(files []*file, known map[string]told) (float64, scrub.Text) {
	type group struct {
		short scrub.Text
		items []scrub.Text
	}
	var groups []group
	w := 0.0
	for _, f := range files {
		if f.role != roleConfig && f.role != roleDeps || f.skip != "" || f.lang != nil || f.Status == review.FileAdded && pipelines.MatchString(f.path) {
			continue
		}
		items := f.items(known[f.path])
		if f.Status == review.FileAdded && len(f.keysAdded) > 2 {
			items = []scrub.Text{scrub.Format("a new file with %s", settingNames(f.keysAdded, 4))}
		}
		if len(items) > 0 {
			w = max(w, f.weight)
			groups = append(groups, group{f.short, items})
		}
	}
	if len(groups) == 0 {
		return 0, scrub.Text{}
	}
	const few = 3
	rest := scrub.Text{}
	if n := len(groups) - few; n > 0 {
		rest = scrub.Format("; and in %s", count(n, scrub.Lit("more file"), scrub.Lit("more files")))
	}
	var t scrub.Text
	for n := 6; n > 0; n-- {
		var parts []scrub.Text
		for _, g := range groups[:min(len(groups), few)] {
			parts = append(parts, scrub.Format("%s: %s", g.short, list(g.items, n)))
		}
		if t = scrub.Format("Settings in %s%s.", scrub.Join("; ", parts...), rest); t.Len() <= maxBullet {
			break
		}
	}
	return w, t
}

func withValue(v scrub.Text) scrub.Text {
	if v = settingValue(v); v.Empty() {
		return v
	}
	return scrub.Format(" as %s", v)
}

// settingValue returns a short value for a sentence, or nothing.
func settingValue(v scrub.Text) scrub.Text {
	if bare := strings.Trim(v.String(), `"'`); hash.MatchString(bare) {
		i := strings.Index(v.String(), bare)
		return version(v.Slice(i, i+len(bare)))
	}
	const short = 48
	if v.Empty() || v.Len() > short || v.Len() < 3 && strings.ContainsAny(v.String(), "{[|>") {
		return scrub.Text{}
	}
	return span(v, short)
}
