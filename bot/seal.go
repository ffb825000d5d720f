// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// hardLimit is in characters. Gerrit takes 16,384 with the tag and some overhead
// of its own counted in.
const hardLimit = 16_000

// active matches what must never leave as it is, whatever wrote it. Compose
// neutralizes all of it; a hit here is a defect of ours and stops the post.
var active = regexp.MustCompile(`(?im)://|<[a-z/!]|\]\(|!\[|^\s*(?:change-id|bug|signed-off-by|reviewed-by|co-authored-by|tested-by):|^\s*/\w|^\s*recheck\b|(?:code-review|verified)\s*[+-][12]\b`)

// outgoing is a post before the seal: text about the patch set, text about
// lines of it, or both. The cleaner knows what must not stand in it.
type outgoing struct {
	kind     review.PostKind
	cleaner  *scrub.Cleaner
	body     scrub.Text
	lines    []onLine
	notify   review.Notify
	links    []link
	evidence []string // for the audit log, in our own words
}

// link is an address that stands under a post. It is not text: it comes from a
// host that the operator allows, from the operator or from a project's own
// configuration.
type link struct {
	label scrub.Text
	url   scrub.Text
}

// onLine is text about one line of the new side.
type onLine struct {
	path       scrub.Text
	line       int
	text       scrub.Text
	unresolved bool
}

// texts are all texts of the post, for the digest in the audit log.
func (o outgoing) texts() []string {
	out := []string{o.body.String()}
	for _, l := range o.lines {
		out = append(out, l.text.String())
	}
	for _, l := range o.links {
		out = append(out, l.url.String())
	}
	return out
}

// seal turns composed text into a comment. It is the only maker of
// review.Comment: every text passes the verifier once more, holds nothing
// active and is within limits, or nothing is posted.
func seal(o outgoing, auditID string, ps review.PatchSet) (review.Comment, error) {
	id, err := o.cleaner.Clean(auditID)
	if err != nil {
		return review.Comment{}, fmt.Errorf("seal: %w", err)
	}
	finish := func(t scrub.Text) (string, error) {
		if t.Empty() {
			return "", nil
		}
		if auditID != "" {
			t = scrub.Format("%s Audit %s.", t, id)
		}
		return t.String(), inspect(o.cleaner, t)
	}
	k := review.Comment{Kind: o.kind, Revision: ps.Revision, PatchSet: ps.Number, Notify: o.notify}
	if k.Message, err = finish(o.body); err != nil {
		return review.Comment{}, err
	}
	for _, l := range o.links {
		if err := inspectLink(o.cleaner, l); err != nil {
			return review.Comment{}, err
		}
		k.Message += "\n" + l.label.String() + ": " + l.url.String()
	}
	for _, l := range o.lines {
		text, err := finish(l.text)
		if err == nil {
			// A path is quoted: it is no text that Gerrit renders.
			err = inspectQuoted(o.cleaner, l.path)
		}
		if err != nil {
			return review.Comment{}, err
		}
		k.Inline = append(k.Inline, review.Inline{Path: l.path.String(), Line: l.line, Message: text, Unresolved: l.unresolved})
	}
	return k, nil
}

// sealSummary turns a draft, its rendering and picks into what the API and the
// card show. It is the only maker of review.Summary: every text of it passes
// the verifier once more.
func sealSummary(w *work, ch *review.Change, picks []sealedPick, now time.Time) (review.Summary, error) {
	s, d, ps := sealer{c: w.cleaner}, &w.draft, ch.Current()
	out := review.Summary{
		Change: ch.ID, PatchSet: ps.Number, Revision: ps.Revision, Since: d.Since,
		Truncated: d.Truncated, Prompt: d.Prompt, Fallback: d.Fallback, Secrets: w.note.Secrets, Created: now.UTC(),
		// Subject, model and picks are quoted: "bug: …" is no trailer there.
		Subject: s.quoted(w.subject), Model: s.quoted(w.model), Text: s.text(w.full),
		Title: s.text(d.Title), Why: s.text(d.Why), Story: s.texts(d.Story), Bullets: s.texts(d.Bullets),
		Questions: s.texts(d.Questions), Facts: s.texts(d.Facts.Lines()),
		Look: s.places(d.Look), Risks: s.places(d.Risks),
	}
	for _, p := range d.Order {
		out.Order = append(out.Order, s.path(p))
	}
	for _, n := range d.Notes {
		out.Files = append(out.Files, review.Note{Path: s.path(n.Path), Text: s.text(n.Note), Importance: n.Importance})
	}
	for _, n := range d.NotRead {
		out.NotRead = append(out.NotRead, review.NotRead{Path: s.path(n.Path), Reason: n.Reason})
	}
	for _, e := range d.Earlier {
		p := s.place(e.Point)
		p.Changed = e.Changed
		out.Earlier = append(out.Earlier, p)
	}
	for _, p := range picks {
		shown := p.pick
		shown.Account.Name, shown.Account.Email, shown.Reasons = s.quoted(shownName(p.name, p.pick.Account.ID)), "", nil
		// What people say of themselves is not ours to pass on, and the score
		// holds how much they have to do.
		shown.Account.Status, shown.Account.Username, shown.Score = "", "", 0
		for _, r := range shownReasons(p.reasons) {
			shown.Reasons = append(shown.Reasons, s.quoted(r))
		}
		out.Picks = append(out.Picks, shown)
	}
	return out, s.err
}

// sealer looks at every text on its way out and keeps the first fault.
type sealer struct {
	c   *scrub.Cleaner
	err error
}

func (s *sealer) text(t scrub.Text) string {
	t = t.Neutral()
	if s.err == nil {
		s.err = inspect(s.c, t)
	}
	return t.String()
}

func (s *sealer) texts(ts []scrub.Text) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = s.text(t)
	}
	return out
}

func (s *sealer) quoted(t scrub.Text) string {
	t = t.Neutral()
	if s.err == nil {
		s.err = inspectQuoted(s.c, t)
	}
	return t.String()
}

// path is a name as it stands in sentences: one that is no plain name is a
// code span there.
func (s *sealer) path(p scrub.Text) string {
	t := summarize.PathText(p)
	if s.err == nil {
		s.err = inspectQuoted(s.c, t)
	}
	return t.String()
}

func (s *sealer) place(p summarize.Point) review.Place {
	return review.Place{Path: s.path(p.Path), Line: p.Line, Text: s.text(p.Why), Severity: p.Severity.String()}
}

func (s *sealer) places(ps []summarize.Point) []review.Place {
	out := make([]review.Place, len(ps))
	for i, p := range ps {
		out[i] = s.place(p)
	}
	return out
}

// sealedPick is a suggested reviewer with everything that is shown as Text.
type sealedPick struct {
	pick    review.Pick
	name    scrub.Text
	reasons []scrub.Text
}

// inspect is the last look at finished text.
func inspect(c *scrub.Cleaner, t scrub.Text) error {
	if active.MatchString(outsideCode(t.String())) {
		return fmt.Errorf("seal: the text holds a link, HTML, a vote, a trailer or a command")
	}
	return inspectQuoted(c, t)
}

// inspectQuoted is the last look at text that is shown as somebody's words.
func inspectQuoted(c *scrub.Cleaner, t scrub.Text) error {
	s := t.String()
	switch {
	case !utf8.ValidString(s):
		return fmt.Errorf("seal: the text is not UTF-8")
	case utf8.RuneCountInString(s) > hardLimit:
		return fmt.Errorf("seal: the text has more than %d characters", hardLimit)
	case strings.ContainsFunc(s, scrub.Hidden):
		return fmt.Errorf("seal: the text holds invisible characters")
	}
	if err := c.Verify(t); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}

func inspectLink(c *scrub.Cleaner, l link) error {
	url := l.url.String()
	if page, ok := strings.CutPrefix(url, "http://"); ok {
		url = "https://" + page // of a host that the operator allows without TLS
	}
	if !builds.SafeLink(url) {
		return fmt.Errorf("seal: an address is none that may stand in a post")
	}
	if err := inspect(c, l.label); err != nil {
		return err
	}
	return inspectQuoted(c, l.url)
}

// A code block is fenced by lines of its own; no line in it has a backtick.
var (
	codeBlock = regexp.MustCompile("(?m)^```\n(?:[^`\n]*\n)*```$")
	codeSpan  = regexp.MustCompile("`[^`\n]*`")
)

func outsideCode(s string) string {
	return codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(s, ""), "``")
}
