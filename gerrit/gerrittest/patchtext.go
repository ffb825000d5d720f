// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// delta is what a patch set does to one file.
type delta struct {
	path, old     string // old is set for renames
	before, after *blob
	ops           []lineOp
	inserted      int
	deleted       int
}

func (d *delta) binary() bool {
	return d.before != nil && strings.Contains(d.before.body, "\x00") || d.after != nil && strings.Contains(d.after.body, "\x00")
}

func (d *delta) status() string {
	switch {
	case d.old != "":
		return "R"
	case d.before == nil:
		return "A"
	case d.after == nil:
		return "D"
	}
	return "M"
}

// deltas compares what the change has made of the branch, by path.
func (c *change) deltas() []*delta {
	byPath := map[string]*delta{}
	for path, after := range c.after {
		d := &delta{path: path, after: after}
		if b, there := c.before[path]; there {
			d.before = &b
		}
		byPath[path] = d
	}
	for to, from := range c.renames {
		if d, gone := byPath[to], byPath[from]; d != nil && d.after != nil && gone != nil && gone.after == nil && gone.before != nil {
			d.old, d.before = from, gone.before
			delete(byPath, from)
		}
	}
	var out []*delta
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		d := byPath[path]
		if d.before == nil && d.after == nil || d.old == "" && d.before != nil && d.after != nil && *d.before == *d.after {
			continue
		}
		d.count()
		out = append(out, d)
	}
	return out
}

func (d *delta) count() {
	if d.binary() {
		return
	}
	d.ops = compare(linesOf(d.before.text()), linesOf(d.after.text()))
	for _, o := range d.ops {
		switch o.op {
		case '+':
			d.inserted++
		case '-':
			d.deleted++
		}
	}
}

func (b *blob) text() string {
	if b == nil {
		return ""
	}
	return b.body
}

func (b *blob) fileMode() int {
	if b == nil {
		return 0
	}
	return b.mode
}

// patch returns the patch set as a mail: the commit message first, which is
// as trustworthy as whoever wrote it.
func (ps *patchSet) patch() []byte {
	if ps.text != nil {
		return ps.text
	}
	var b strings.Builder
	subject, rest, _ := strings.Cut(ps.message, "\n")
	fmt.Fprintf(&b, "From %s Mon Sep 17 00:00:00 2001\nFrom: %s <%s>\nDate: %s\nSubject: [PATCH] %s\n\n%s\n---\n\n",
		ps.sha, ps.author.Name, ps.author.Email, ps.created.Format(time.RFC1123Z), subject, strings.Trim(rest, "\n"))
	// Gerrit's patches know no renames.
	var parts []*delta
	for _, d := range ps.files {
		if d.old == "" {
			parts = append(parts, d)
			continue
		}
		gone, made := &delta{path: d.old, before: d.before}, &delta{path: d.path, after: d.after}
		gone.count()
		made.count()
		parts = append(parts, gone, made)
	}
	slices.SortFunc(parts, func(x, y *delta) int { return strings.Compare(x.path, y.path) })
	for _, d := range parts {
		d.write(&b)
	}
	ps.text = []byte(b.String())
	return ps.text
}

// write adds the file in git's form.
func (d *delta) write(b *strings.Builder) {
	a, z := quote("a/"+d.path), quote("b/"+d.path)
	fmt.Fprintf(b, "diff --git %s %s\n", a, z)
	switch {
	case d.before == nil:
		fmt.Fprintf(b, "new file mode %o\nindex 0000000..1111111\n", d.after.mode)
		a = "/dev/null"
	case d.after == nil:
		fmt.Fprintf(b, "deleted file mode %o\nindex 1111111..0000000\n", d.before.mode)
		z = "/dev/null"
	case d.before.mode != d.after.mode:
		fmt.Fprintf(b, "old mode %o\nnew mode %o\nindex 1111111..2222222\n", d.before.mode, d.after.mode)
	default:
		fmt.Fprintf(b, "index 1111111..2222222 %o\n", d.after.mode)
	}
	fmt.Fprintf(b, "--- %s\n+++ %s\n", a, z)
	if d.binary() {
		b.WriteString("Binary files differ\n")
		return
	}
	old, new, at := 0, 0, 0
	for _, s := range spans(d.ops, 3) {
		for ; at < s.from; at++ {
			old, new = old+1, new+1
		}
		oldLines, newLines := 0, 0
		for _, o := range d.ops[s.from:s.to] {
			if o.op != '+' {
				oldLines++
			}
			if o.op != '-' {
				newLines++
			}
		}
		fmt.Fprintf(b, "@@ -%s +%s @@\n", place(old, oldLines), place(new, newLines))
		for _, o := range d.ops[s.from:s.to] {
			b.WriteByte(o.op)
			b.WriteString(o.text)
			if !strings.HasSuffix(o.text, "\n") {
				b.WriteString("\n\\ No newline at end of file\n")
			}
		}
		old, new, at = old+oldLines, new+newLines, s.to
	}
}

// place writes one side of a hunk header; before is how many lines come before it.
func place(before, lines int) string {
	switch lines {
	case 0:
		return fmt.Sprintf("%d,0", before)
	case 1:
		return fmt.Sprint(before + 1)
	}
	return fmt.Sprintf("%d,%d", before+1, lines)
}

// quote writes a name as git does: in quotes with octal bytes if it has to.
func quote(name string) string {
	plain := true
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			plain = false
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c >= 0x7f:
			plain = false
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	if plain {
		return name
	}
	return `"` + b.String() + `"`
}

// unicodeLines splits a body as the JSON diff does: what is no UTF-8 is taken
// for Latin-1, and a line end at the end makes an empty line more.
func (b *blob) unicodeLines() []string {
	body := b.text()
	if body == "" {
		return nil
	}
	if !utf8.ValidString(body) {
		var u strings.Builder
		for i := range len(body) {
			u.WriteRune(rune(body[i]))
		}
		body = u.String()
	}
	return strings.Split(body, "\n")
}

// chunks returns the file as the JSON diff shows it.
func (d *delta) chunks(context int) []object {
	ops := compare(d.before.unicodeLines(), d.after.unicodeLines())
	out, at := []object{}, 0
	shown := spans(ops, context)
	if len(shown) == 0 {
		shown = []span{{0, len(ops)}}
	}
	for _, s := range shown {
		if s.from > at {
			out = append(out, object{"skip": s.from - at})
		}
		for i := s.from; i < s.to; {
			chunk := object{}
			if ops[i].op == ' ' {
				i = take(ops, i, s.to, ' ', "ab", chunk)
			} else {
				i = take(ops, i, s.to, '-', "a", chunk)
				i = take(ops, i, s.to, '+', "b", chunk)
			}
			out = append(out, chunk)
		}
		at = s.to
	}
	if at < len(ops) {
		out = append(out, object{"skip": len(ops) - at})
	}
	return out
}

// take moves a run of one kind into the chunk and returns where it ends.
func take(ops []lineOp, i, end int, op byte, key string, chunk object) int {
	var lines []string
	for ; i < end && ops[i].op == op; i++ {
		lines = append(lines, ops[i].text)
	}
	if lines != nil {
		chunk[key] = lines
	}
	return i
}
