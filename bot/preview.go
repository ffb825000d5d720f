// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// Preview renders a draft as the comment that it would become, for commands
// that work without a Gerrit.
func Preview(d summarize.Draft, r scrub.Report) scrub.Text {
	n := note{PatchSet: 1, Draft: d, Secrets: r.Secrets}
	if d.Fallback != "" {
		n.NoModel = fallbackText(d.Fallback)
	}
	return compose(n, hardLimit)
}
