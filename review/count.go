// SPDX-License-Identifier: Apache-2.0

package review

import "time"

// Count adds Delta to the number under Key. The number goes away no sooner
// than TTL after it came to be.
type Count struct {
	Key   string
	Delta int64
	TTL   time.Duration
}
