// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// maxKey is in bytes. A longer key stands as its hash.
const maxKey = 300

// Build makes the record of a run that a message on a change tells of, without
// what only the log or the change say.
func (r Run) Build(c *scrub.Cleaner, id review.ChangeID, branch string, m review.Message) (review.Build, error) {
	b := review.Build{
		Host: id.Host, Project: id.Project, Change: id.Number, PatchSet: m.PatchSet,
		Optional: r.Optional, Result: r.Result, Ended: m.Date.UTC(),
	}
	if r.Took > 0 && !m.Date.IsZero() {
		b.Started = b.Ended.Add(-r.Took)
	}
	err := cleanFields(c,
		cleaned{&b.Branch, branch}, cleaned{&b.Job, r.Job}, cleaned{&b.Pipeline, r.Pipeline}, cleaned{&b.Said, r.Said}, cleaned{&b.URL, r.URL})
	if err != nil {
		return review.Build{}, err
	}
	b.URL = unlessChanged(b.URL, r.URL)
	if b.Key = pageKey(&b); b.Key == "" {
		b.Key = key(r.Source, b.Project, strconv.Itoa(b.Change), strconv.Itoa(b.PatchSet), b.Pipeline, b.Job, m.ID)
	}
	return b, nil
}

// cleaned is a text of one line and where its scrubbed form goes.
type cleaned struct {
	to  *string
	raw string
}

func cleanFields(c *scrub.Cleaner, fields ...cleaned) error {
	for _, f := range fields {
		if f.raw == "" {
			continue
		}
		t, err := c.Clean(plainLine(f.raw))
		if err != nil {
			return fmt.Errorf("scrub a build: %w", err)
		}
		*f.to = oneLine(t.String())
	}
	return nil
}

// unlessChanged keeps an address only if nothing was scrubbed from it: else it
// leads nowhere.
func unlessChanged(clean, raw string) string {
	if clean != raw {
		return ""
	}
	return clean
}

// OnBranch makes a run on its branch of one that a CI told on a change when it
// was merged already.
func OnBranch(b *review.Build) {
	byPage := b.Key != "" && b.Key == pageKey(b)
	b.Change, b.PatchSet = 0, 0
	if byPage {
		b.Key = pageKey(b)
	}
}

// pageKey names a run by what it ran on, its page and job, the same whether a
// message or a client tells of it, or "" without a page. The project is in it,
// since a client may write for its own project only; the patch set, since some
// CIs have one page for all runs.
func pageKey(b *review.Build) string {
	if b.URL == "" {
		return ""
	}
	on := "refs/heads/" + b.Branch
	if b.Change > 0 {
		on = strconv.Itoa(b.Change) + "," + strconv.Itoa(b.PatchSet)
	}
	return key("page", b.Project, on, strings.TrimSuffix(b.URL, "/"), b.Job)
}

// key names a run of a project for good. The project is escaped, so that no
// other one with a fitting id has the same key.
func key(source, project string, parts ...string) string {
	k := source + ":" + url.PathEscape(project) + " " + strings.Join(parts, " ")
	if len(k) <= maxKey {
		return k
	}
	sum := sha256.Sum256([]byte(k))
	return source + ":sha256:" + hex.EncodeToString(sum[:])
}
