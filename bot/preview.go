// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// Preview renders a draft in full, for commands that work without a Gerrit.
func Preview(d summarize.Draft, c *scrub.Cleaner, patchSet int) (scrub.Text, error) {
	return preview(d, c, patchSet, hardLimit)
}

// PreviewPosted renders a draft as the comment that it would become.
func PreviewPosted(d summarize.Draft, c *scrub.Cleaner, patchSet int) (scrub.Text, error) {
	return preview(d, c, patchSet, maxComment-auditRoom)
}

func preview(d summarize.Draft, c *scrub.Cleaner, patchSet, limit int) (scrub.Text, error) {
	n := note{PatchSet: patchSet, Since: d.Since, Draft: d, Secrets: c.Report().Secrets}
	if d.Fallback != "" {
		n.NoModel = fallbackText(d.Fallback)
	}
	if d.Model != "" {
		name, err := c.Clean(d.Model)
		if err != nil {
			return scrub.Text{}, &scrubError{err}
		}
		n.Model = name
	}
	return compose(n, limit), nil
}
