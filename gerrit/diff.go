// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"review-assistant/review"
)

// diffContext is in lines, like that of the patches of git.
const diffContext = 3

type diffInfo struct {
	Binary bool        `json:"binary"`
	MetaA  diffMeta    `json:"meta_a"`
	MetaB  diffMeta    `json:"meta_b"`
	Chunks []diffChunk `json:"content"`
}

// diffMeta counts the lines of a side. A file that ends with a line end has
// an empty line more.
type diffMeta struct {
	Lines int `json:"lines"`
}

type diffChunk struct {
	A      []string `json:"a"`
	B      []string `json:"b"`
	AB     []string `json:"ab"`
	Skip   int      `json:"skip"`
	Common bool     `json:"common"` // a and b differ in ways that do not count
}

// diff reads the body of one file. A body that is too large or that does not
// arrive as text is left out with the reason.
func (c *Client) diff(ctx context.Context, id review.ChangeID, ps review.PatchSet, f *review.File) error {
	path, err := c.revisionPath(id, ps)
	if err != nil {
		return err
	}
	var d diffInfo
	query := join(against(ps), fmt.Sprintf("context=%d&intraline=false", diffContext))
	what := fmt.Sprintf("read one diff of %s patch set %d", id, ps.Number)
	_, err = c.json(ctx, call{
		route: "diff", what: what, method: "GET", limit: c.o.MaxFile * 2,
		path: path + "/files/" + escape(f.Path) + "/diff", query: query,
	}, &d)
	switch {
	case errors.Is(err, errTooLarge):
		f.Skip = review.SkipTooLarge
		return nil
	case err != nil:
		return err
	case d.Binary:
		f.Binary, f.Skip = true, review.SkipBinary
		return nil
	}
	f.Hunks = hunks(d.lines())
	switch {
	case len(f.Hunks) == 0:
		// Something changed that Gerrit cannot show: a name or text that is no UTF-8.
		f.Skip = review.SkipEncoding
	case size(f.Hunks) > c.o.MaxFile:
		f.Skip, f.Hunks = review.SkipTooLarge, nil
	}
	return nil
}

// numbered is a line with its place on both sides. Zero op is a gap.
type numbered struct {
	review.Line
	old, new int
}

// lines flattens the chunks.
func (d *diffInfo) lines() []numbered {
	var out []numbered
	old, new := 0, 0
	add := func(op review.Op, texts []string) {
		for _, text := range texts {
			if op != review.OpAdd {
				old++
			}
			if op != review.OpRemove {
				new++
			}
			last := op != review.OpAdd && old == d.MetaA.Lines || op != review.OpRemove && new == d.MetaB.Lines
			if last && text == "" {
				continue // the line end of the line before, not a line
			}
			text = strings.TrimSuffix(text, "\r") // as review.ParsePatch does
			out = append(out, numbered{review.Line{Op: op, Text: text, NoEOL: last}, old, new})
		}
	}
	for _, k := range d.Chunks {
		if k.Skip > 0 {
			old, new = old+k.Skip, new+k.Skip
			out = append(out, numbered{})
		}
		add(review.OpContext, k.AB)
		if k.Common && len(k.A) == len(k.B) {
			add(review.OpContext, k.B)
			continue
		}
		add(review.OpRemove, k.A)
		add(review.OpAdd, k.B)
	}
	return out
}

// hunks groups changed lines with their context.
func hunks(lines []numbered) []review.Hunk {
	keep := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op != review.OpAdd && l.Op != review.OpRemove {
			continue
		}
		for _, dir := range []int{-1, 1} {
			for j, n := i, 0; n <= diffContext && j >= 0 && j < len(lines) && lines[j].Op != 0; j, n = j+dir, n+1 {
				keep[j] = true
			}
		}
	}
	var out []review.Hunk
	var h *review.Hunk
	for i, l := range lines {
		if !keep[i] {
			h = nil
			continue
		}
		if h == nil {
			out = append(out, review.Hunk{OldStart: start(l, review.OpAdd, l.old), NewStart: start(l, review.OpRemove, l.new)})
			h = &out[len(out)-1]
		}
		if l.Op != review.OpAdd {
			h.OldLines++
		}
		if l.Op != review.OpRemove {
			h.NewLines++
		}
		h.Lines = append(h.Lines, l.Line)
	}
	for i := range out {
		// Git names the line before an empty side.
		if out[i].OldLines == 0 {
			out[i].OldStart--
		}
		if out[i].NewLines == 0 {
			out[i].NewStart--
		}
	}
	return out
}

// start returns the first line of a hunk on one side: a line that is on the
// other side only stands before the next one of this.
func start(l numbered, other review.Op, at int) int {
	if l.Op == other {
		return at + 1
	}
	return at
}

// clean makes text of what the lines hold: Gerrit passes bytes through, so
// files in Latin-1 arrive as such. A body with NUL bytes is no text.
func clean(f *review.File) {
	for _, h := range f.Hunks {
		for i := range h.Lines {
			text := h.Lines[i].Text
			if strings.IndexByte(text, 0) >= 0 {
				f.Skip, f.Hunks = review.SkipEncoding, nil
				return
			}
			if !utf8.ValidString(text) {
				h.Lines[i].Text = fromLatin1(text)
			}
		}
	}
	for i, h := range f.Hunks {
		if !utf8.ValidString(h.Section) {
			f.Hunks[i].Section = fromLatin1(h.Section)
		}
	}
}

func fromLatin1(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}
