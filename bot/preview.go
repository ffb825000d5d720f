// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// Preview renders a draft in full, for commands that work without a Gerrit.
func Preview(d summarize.Draft, r scrub.Report, patchSet int) scrub.Text {
	return preview(d, r, patchSet, hardLimit)
}

// PreviewPosted renders a draft as the comment that it would become.
func PreviewPosted(d summarize.Draft, r scrub.Report, patchSet int) scrub.Text {
	return preview(d, r, patchSet, maxComment-auditRoom)
}

func preview(d summarize.Draft, r scrub.Report, patchSet, limit int) scrub.Text {
	n := note{PatchSet: patchSet, Since: d.Since, Draft: d, Secrets: r.Secrets}
	if d.Fallback != "" {
		n.NoModel = fallbackText(d.Fallback)
	}
	return compose(n, limit)
}
