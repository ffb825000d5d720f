// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"review-assistant/scrub"
)

// Input is one change to summarize.
type Input struct {
	Patch   scrub.Patch
	Subject scrub.Text
	Message scrub.Text
	Branch  scrub.Text
	Since   *Since // nil for the whole change
}
