// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"review-assistant/review"
	"review-assistant/scrub"
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
	evidence []string // for the audit log, in our own words
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

// sealSummary turns text and picks into what the API and the card show. It is
// the only maker of review.Summary.
func sealSummary(c *scrub.Cleaner, ch *review.Change, subject, body, model scrub.Text, picks []sealedPick, shadow bool, now time.Time) (review.Summary, error) {
	if err := inspect(c, body); err != nil {
		return review.Summary{}, err
	}
	// Subject, model and picks are quoted: "bug: …" is no trailer there.
	quoted := []scrub.Text{subject, model}
	shown := make([]review.Pick, len(picks))
	for i, p := range picks {
		quoted = append(append(quoted, p.name), p.reasons...)
		shown[i] = p.shown()
	}
	for _, t := range quoted {
		if err := inspectQuoted(c, t); err != nil {
			return review.Summary{}, err
		}
	}
	ps := ch.Current()
	return review.Summary{
		Change: ch.ID, PatchSet: ps.Number, Revision: ps.Revision, Subject: subject.String(), Text: body.String(),
		Model: model.String(), Shadow: shadow, Created: now.UTC(), Picks: shown,
	}, nil
}

// sealedPick is a suggested reviewer with everything that is shown as Text.
type sealedPick struct {
	pick    review.Pick
	name    scrub.Text
	reasons []scrub.Text
}

// shown returns the pick without what is not to be shown of an account.
func (p sealedPick) shown() review.Pick {
	out := p.pick
	out.Account.Name, out.Account.Email = p.name.String(), ""
	out.Reasons = make([]string, len(p.reasons))
	for i, r := range p.reasons {
		out.Reasons[i] = r.String()
	}
	return out
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

var codeSpan = regexp.MustCompile("`[^`\n]*`")

func outsideCode(s string) string { return codeSpan.ReplaceAllString(s, "``") }
