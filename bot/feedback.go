// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"

	"review-assistant/review"
)

// closed is told of changes that were merged or abandoned since the last time,
// newest first. A change may come again: after an error, and whenever somebody
// comments on it later.
func (b *Bot) closed(context.Context, string, []review.Closed) error { return nil }
