// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"review-assistant/review"
)

// Finding tells where one value stands. It never holds the value.
type Finding struct {
	// Kind is that of the placeholder: a rule's id, or the name of a place.
	Kind string
	// Number is that of the placeholder, so it is the same for the same value.
	Number int
	// ID is the value's keyed hash (HMAC-SHA256, 128 bits, hex), empty when
	// [Options.Key] is not set. Without the key it tells nothing of the value.
	ID string
	// Path is the file, cleaned. It is empty outside of a diff.
	Path Text
	// Op is the side of a diff: [review.OpAdd] for an added line.
	Op review.Op
	// Line counts from 1: on the new side of a diff, on the old one for a
	// removed line, in the text where there is no diff. 0 is a name or message.
	Line int
	// Column counts bytes from 1 in the line without its prefix.
	Column int
	// Certainty is how sure it is that this is a secret.
	Certainty Certainty
}

// Certainty orders findings by what may be told of them to people.
type Certainty int

const (
	// Suspected values are removed from what leaves, and nobody is told: a name
	// or a place promises a secret, or the characters look random.
	Suspected Certainty = iota
	// Likely values have the form of a provider's secret or are a private key.
	Likely
	// Sure values have a form that one provider's secrets alone have, or their
	// checksum holds.
	Sure
)

// fingerprint is the keyed hash of a value.
// hashLen is in bytes, of the hash of a value.
const hashLen = 16

// ValidHash reports whether text can be the hash of a value: 32 hex digits.
func ValidHash(text string) bool {
	b, err := hex.DecodeString(text)
	return err == nil && len(b) == hashLen
}

func fingerprint(key []byte, value string) string {
	if len(key) == 0 {
		return ""
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(value))
	return hex.EncodeToString(h.Sum(nil)[:hashLen])
}
