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

// seal turns composed text into a comment. It is the only maker of
// review.Comment: the text passes the verifier once more, holds nothing
// active and is within limits, or nothing is posted.
func seal(c *scrub.Cleaner, body scrub.Text, auditID string, kind review.PostKind, ps review.PatchSet, notify review.Notify) (review.Comment, error) {
	id, err := c.Clean(auditID)
	if err != nil {
		return review.Comment{}, fmt.Errorf("seal: %w", err)
	}
	if auditID != "" {
		body = scrub.Format("%s Audit %s.", body, id)
	}
	if err := inspect(c, body); err != nil {
		return review.Comment{}, err
	}
	return review.Comment{Kind: kind, Revision: ps.Revision, PatchSet: ps.Number, Message: body.String(), Notify: notify}, nil
}

// sealSummary turns text and picks into what the API and the card show. It is
// the only maker of review.Summary.
func sealSummary(c *scrub.Cleaner, ch *review.Change, subject, body, model scrub.Text, picks []review.Pick, shadow bool, now time.Time) (review.Summary, error) {
	if err := inspect(c, body); err != nil {
		return review.Summary{}, err
	}
	// Subject and model are quoted: "bug: …" is no trailer there.
	for _, t := range []scrub.Text{subject, model} {
		if err := inspectQuoted(c, t); err != nil {
			return review.Summary{}, err
		}
	}
	ps := ch.Current()
	return review.Summary{
		Change: ch.ID, PatchSet: ps.Number, Revision: ps.Revision, Subject: subject.String(), Text: body.String(),
		Model: model.String(), Shadow: shadow, Created: now.UTC(), Picks: picks,
	}, nil
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
