// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"fmt"

	"review-assistant/summarize"
)

// maxInline is the most points of a summary that a project may want on lines.
const maxInline = 5

func severityField(l *layer, v string) error {
	for _, s := range []summarize.Severity{summarize.Low, summarize.Medium, summarize.High} {
		if v == s.String() {
			l.inlineLeast = &s
			return nil
		}
	}
	return fmt.Errorf("write one of high, medium, low")
}
