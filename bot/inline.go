// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

const (
	// maxInline is the most points of a summary that a project may want on lines.
	maxInline = 5
	// maxInlineText is in characters, with the mark and the audit id. A point
	// that needs more stays in the summary.
	maxInlineText = 400
	// keepInline bounds the list of a change.
	keepInline = 200
)

func severityField(l *layer, v string) error {
	for _, s := range []summarize.Severity{summarize.Low, summarize.Medium, summarize.High} {
		if strings.EqualFold(v, s.String()) {
			l.inlineLeast = &s
			return nil
		}
	}
	return fmt.Errorf("write one of high, medium, low")
}

// anchor is the line of a point, if it has one that may be commented on.
type anchor struct {
	mark string // "" for none
	path scrub.Text
	line int
}

// inline is the part of a summary that goes to lines.
type inline struct {
	lines []onLine
	marks []string   // of lines, in order
	alone scrub.Text // the comment for the case that Gerrit does not take the lines
	told  int        // points that already stand on a line
	left  int        // points in the list of the comment
}

// over reports whether lines of earlier patch sets say everything that this
// summary would. An answer to a person who asked, and a removed secret, is
// always worth a comment.
func (i inline) over(asked bool, w *work) bool {
	d := &w.draft
	return i.told > 0 && len(i.lines)+i.left == 0 && !asked && w.note.Secrets == 0 &&
		len(d.Story)+len(d.Bullets)+len(d.Questions) == 0 && d.Settled().Empty()
}

// places are the points of a draft as the comment lists them.
func places(d *summarize.Draft) []summarize.Point { return slices.Concat(d.Look, d.Risks) }

// anchors returns the anchor of each of the draft's places. A line counts when
// the whole patch shows it on the new side, added or as context, and when it
// reads as the draft says.
func anchors(d *summarize.Draft, clean scrub.Patch, raw review.Patch) []anchor {
	files, all := namedFiles(clean, raw), places(d)
	out := make([]anchor, len(all))
	for i, p := range all {
		if p.Line <= 0 || !strings.ContainsFunc(p.Code.String(), isWord) {
			continue // "}" stands everywhere
		}
		for _, f := range files[p.Path.String()] {
			l, shown := newLine(f, p.Line)
			if shown && f.Status != review.FileDeleted && l.Text.TrimSpace().String() == p.Code.String() {
				out[i] = anchor{pointMark(p), p.Path, p.Line}
			}
		}
	}
	return out
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// numbered is what may differ in the placeholder of one secret between patch sets.
var numbered = regexp.MustCompile(`:\d+»`)

// pointMark names a point over patch sets: by its file and the text of its
// line, since numbers move and a model words the same thing in new words each
// time. What it is made of is there to read for whoever sees the comment, so
// that it needs no key.
func pointMark(p summarize.Point) string {
	sum := sha256.Sum256([]byte(p.Path.String() + "\x00" + numbered.ReplaceAllString(p.Code.String(), "»")))
	return markOf(hex.EncodeToString(sum[:]))
}

// toLines decides which points go to their lines and composes the comment
// without them. What stands on a line since an earlier patch set is told
// neither there nor in the comment. A comment that somebody removed does not
// come back; its point is listed again.
func (v *visit) toLines(ctx context.Context, w *work) error {
	w.inline = inline{}
	if v.policy.Inline == 0 || !slices.ContainsFunc(w.anchors, func(a anchor) bool { return a.mark != "" }) {
		return nil
	}
	stand, once, err := v.lineMarks(ctx)
	if err != nil {
		return err
	}
	var told, moved []int
	for i, p := range places(&w.draft) {
		a := w.anchors[i]
		switch {
		case a.mark == "":
		case slices.Contains(stand, a.mark):
			told = append(told, i)
		case p.Severity < v.policy.InlineLeast, len(w.inline.lines) >= v.policy.Inline,
			slices.Contains(once, a.mark), slices.Contains(w.inline.marks, a.mark):
		default:
			l, err := v.onLine(w, p, a)
			if err != nil {
				// The seal looks at the same words in the comment, and decides.
				v.b.log.Warn("a point is not fit for its line and stays in the summary", "change", v.id.String(), "error", err)
				continue
			}
			w.inline.lines, w.inline.marks = append(w.inline.lines, l), append(w.inline.marks, a.mark)
			moved = append(moved, i)
		}
	}
	w.inline.told, w.inline.left = len(told), len(w.anchors)-len(told)-len(moved)
	if len(told)+len(moved) == 0 {
		return nil
	}
	w.inline.alone = compose(w.note.without(told, 0), maxComment-auditRoom)
	w.body = compose(w.note.without(slices.Concat(told, moved), len(moved)), maxComment-auditRoom)
	return nil
}

// without returns the note without some of its places, of which onLines stand
// on their lines.
func (n note) without(gone []int, onLines int) note {
	var look, risks []summarize.Point
	for i, p := range places(&n.Draft) {
		switch {
		case slices.Contains(gone, i):
		case i < len(n.Draft.Look):
			look = append(look, p)
		default:
			risks = append(risks, p)
		}
	}
	n.Draft.Look, n.Draft.Risks, n.OnLines = look, risks, onLines
	return n
}

// onLine is a point as the comment on its line, looked at by the seal.
func (v *visit) onLine(w *work, p summarize.Point, a anchor) (onLine, error) {
	text, err := inlineText(w.cleaner, p, a.mark, w.draft.Model != "" && !p.Computed)
	if err != nil {
		return onLine{}, err
	}
	l := onLine{path: a.path, line: a.line, text: text}
	_, err = seal(outgoing{kind: review.PostSummary, cleaner: w.cleaner, lines: []onLine{l}}, "", v.change.Current())
	return l, err
}

// inlineText is the comment on the line of a point. Its last words are the
// mark by which it is known again; how to mute the bot is in the summary.
func inlineText(c *scrub.Cleaner, p summarize.Point, mark string, byModel bool) (scrub.Text, error) {
	m, err := c.Clean(mark)
	if err != nil || m.String() != mark {
		return scrub.Text{}, fmt.Errorf("seal: the mark of a point does not stay as it is")
	}
	by := scrub.Lit("Computed, no model.")
	if byModel {
		by = scrub.Lit("AI-generated, may be wrong.")
	}
	t := scrub.Format("%s\n%s Mark %s.", p.Why, by, m).Neutral()
	if utf8.RuneCountInString(t.String()) > maxInlineText-auditRoom {
		return scrub.Text{}, fmt.Errorf("the text has more than %d characters", maxInlineText-auditRoom)
	}
	return t, nil
}

func inlineKey(id review.ChangeID) string { return "inline/" + id.String() }

// lineMarks returns the marks of our points that stand on lines of the change,
// and of those that did once. Gerrit is asked only where one may stand.
func (v *visit) lineMarks(ctx context.Context) (stand, once []string, err error) {
	list, _, err := v.b.settings.Setting(ctx, inlineKey(v.id))
	if err != nil {
		return nil, nil, fmt.Errorf("read what stands on lines of %s: %w", v.id, err)
	}
	once = strings.Fields(list)
	if len(once) == 0 && lastPost(&v.change, v.self, review.PostSummary, v.change.Current().Number) == 0 {
		return nil, nil, nil
	}
	remarks, err := v.host.Gerrit.Comments(ctx, v.id)
	if err != nil {
		return nil, nil, fmt.Errorf("read comments of %s: %w", v.id, err)
	}
	for _, r := range remarks {
		if m := markIn(r, v.self, review.PostSummary); m != "" {
			stand = append(stand, m)
		}
	}
	return stand, once, nil
}

// rememberLines keeps the marks of what was posted, for the case that somebody
// removes a comment. When that fails, the comments themselves still tell.
func (v *visit) rememberLines(ctx context.Context, w *work, c review.Comment) {
	if len(c.Inline) == 0 {
		return
	}
	if err := v.b.settings.Remember(ctx, inlineKey(v.id), w.inline.marks, keepInline); err != nil {
		v.b.log.Warn("remember what stands on lines", "change", v.id.String(), "error", err)
	}
}
