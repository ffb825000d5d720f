// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"crypto/sha256"
	"encoding/hex"

	"review-assistant/review"
)

// fingerprint names the cause of a failure by its scrubbed test, key line and
// excerpt.
func fingerprint(test, message string, excerpt []review.BuildLine) string {
	sum := sha256.Sum256([]byte(test + "\n" + message))
	return hex.EncodeToString(sum[:8])
}
