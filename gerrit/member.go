// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"

	"review-assistant/review"
)

// Member is InGroup, asked now: what somebody may see must not be as old as
// what is remembered here and at the caller together.
func (c *Client) Member(ctx context.Context, group string, a review.Account) (bool, error) {
	if a.ID <= 0 || group == "" || len(group) > maxName {
		return false, fmt.Errorf("gerrit %s: look up group %q: group or account is unknown", c.o.ID, group)
	}
	return c.inGroup(ctx, group, a.ID)
}
