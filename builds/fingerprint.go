// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"review-assistant/review"
)

// fingerprintVersion names the way in which fingerprints are made: a change of
// it makes all of them new.
const fingerprintVersion = "v1"

// fingerprint names the cause of a failure by its scrubbed test, key line and
// excerpt.
func fingerprint(test, message string, excerpt []review.BuildLine) string {
	lines := make([]string, 0, len(excerpt)+1)
	for _, l := range excerpt {
		lines = append(lines, l.Text)
	}
	if !slices.Contains(lines, message) {
		lines = append([]string{message}, lines...)
	}
	return digestOf(test, keyLines(lines))
}

// Plain returns a piece of a log without times, colours and prefixes of CI
// systems: as it is scrubbed, so that no escape sequence hides a secret.
func Plain(text string) string {
	var out []byte
	var c cleaner
	for line := range strings.SplitSeq(text, "\n") {
		if clean, echo := c.clean(clipLine(visiblePart([]byte(line)))); !echo {
			out = append(out, clean...)
		}
		out = append(out, '\n')
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// Fingerprint names the cause that a scrubbed piece of a log shows, by 16 hex
// digits. It depends on nothing else.
func Fingerprint(text string) string {
	var lines []string
	var c cleaner
	for line := range strings.SplitSeq(text, "\n") {
		if clean, echo := c.clean(clipLine(visiblePart([]byte(line)))); !echo {
			lines = append(lines, string(clean))
		}
	}
	return digestOf("", keyLines(lines))
}

func digestOf(test string, key []string) string {
	var b []byte
	b = append(b, fingerprintVersion...)
	b = template(append(b, '\n'), []byte(test))
	for _, line := range key {
		b = template(append(b, '\n'), []byte(line))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// maxKeys is how many lines name a cause.
const maxKeys = 4

// keyLines are the lines that name the cause: the one of the strongest rule,
// the first of them, and the next ones where it names nothing.
func keyLines(lines []string) []string {
	type key struct {
		tier, i int
	}
	b := book()
	var keys []key
	longest := 0
	for i, line := range lines {
		if len(line) > len(lines[longest]) {
			longest = i
		}
		text := []byte(line)
		if m, ok := b.find(text); ok {
			if w := m.tier - quiet(text); w >= tierWord {
				keys = append(keys, key{w, i})
			}
		}
	}
	if len(keys) == 0 {
		if len(lines) == 0 {
			return nil
		}
		return lines[longest : longest+1]
	}
	slices.SortStableFunc(keys, func(a, b key) int { return b.tier - a.tier })
	var out []string
	names := 0
	for _, k := range keys {
		if len(out) == maxKeys || names >= 2 {
			break
		}
		out = append(out, lines[k.i])
		names += identifiers(lines[k.i])
	}
	return out
}

// identifiers counts what in a line looks like a name of code or a file.
func identifiers(line string) int {
	n := 0
	for i := 1; i+1 < len(line); i++ {
		a, c, z := line[i-1], line[i], line[i+1]
		switch {
		case a >= 'a' && a <= 'z' && c >= 'A' && c <= 'Z', // camelCase
			c == '_' && letter(z) && wordByte(a),
			c == '.' && wordByte(a) && letter(z),
			c == ':' && z == ':',
			c == '/' && (wordByte(a) || a == ')') && wordByte(z):
			n++
		}
	}
	return n
}
