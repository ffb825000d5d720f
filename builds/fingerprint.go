// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"review-assistant/review"
)

// fingerprintVersion names the way in which fingerprints are made: a change of
// it makes all of them new.
const fingerprintVersion = "v1"

// fingerprint names the cause of a failure by its scrubbed test, key line and
// excerpt.
func fingerprint(test, message string, excerpt []review.BuildLine) string {
	lines := make([]string, 0, len(excerpt)+1)
	at := -1
	for i, l := range excerpt {
		lines = append(lines, l.Text)
		if at < 0 && message != "" && strings.TrimSpace(l.Text) == message {
			at = i
		}
	}
	if at < 0 && message != "" {
		lines, at = append([]string{message}, lines...), 0
	}
	return digestOf(canonical(test), keyLines(lines, at, test != ""))
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
	return digestOf("", keyLines(lines, -1, false))
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

// What names a cause: at most so many lines, the others at most so far below
// the first one.
const (
	maxKeys  = 3
	keyReach = 9
)

// keyLines are the lines that name the cause. The first is the one at known,
// or that of the strongest rule, the first one of those. A test needs the reason
// besides, and a line without names what follows: else two causes would be one.
// named says that the test is known already.
func keyLines(lines []string, known int, named bool) []string {
	if len(lines) == 0 {
		return nil
	}
	b := book()
	rates := make([]rated, len(lines))
	strongest, weight, longest := -1, tierWord-1, 0
	for i, line := range lines {
		if len(line) > len(lines[longest]) {
			longest = i
		}
		rates[i] = b.rate(line)
		if w := rates[i].tier; rates[i].ok && (w > weight || w == weight && strongest >= 0 && rates[i].unordered && rates[strongest].unordered && rates[i].test < rates[strongest].test) {
			strongest, weight = i, w
		}
	}
	best := known
	switch {
	case strongest < 0 && !(named && best >= 0):
		return lastKeys(b, lines, longest)
	case best < 0 || !rates[best].ok && strongest >= 0 && rates[strongest].tier >= tierSaid:
		best = strongest
	}
	if !rates[best].ok && !named {
		return lastKeys(b, lines[:best+1], best)
	}
	out := []string{lines[best]}
	if re := rates[best].named; re != nil {
		if g := re.FindStringSubmatch(lines[best]); g != nil {
			return append(out[:0], rates[best].id, g[1])
		}
	}
	names := identifiers(lines[best])
	test := rates[best].ok && rates[best].kind == KindTest
	last := min(len(lines)-1, best+keyReach)
	if rates[best].under && best > 0 {
		out = append(out, lines[best-1])
	}
	if more := rates[best].more; more != nil {
		for i := best + 1; i <= last; i++ {
			if more.MatchString(lines[i]) && lines[i] != "" {
				out = append(out, lines[i])
				names++
				break
			}
		}
	}
	// The reason, in the words of an assertion or exception.
	if test || names == 0 {
		for i := best + 1; i <= last; i++ {
			if r := &rates[i]; r.ok && r.test == "" && (r.why || r.tier >= tierSaid && r.tier < tierTest) {
				out = append(out, lines[i])
				names += identifiers(lines[i])
				break
			}
		}
	}
	// What the tool says above.
	if rates[best].ok && !test && names == 0 {
		for i := best - 1; i >= 0 && i >= best-rates[best].above && lines[i] != "" && rates[i].mark == markNone && !trace([]byte(lines[i])) && !b.dull(lines[i]); i-- {
			out = append(out, lines[i])
		}
	}
	// Where it happened.
	if names == 0 || rates[best].ok && rates[best].kind == KindCrash {
		for i := best + 1; i <= last; i++ {
			if trace([]byte(lines[i])) && !library(lines[i]) {
				out = append(out, function(lines[i]))
				names++
				break
			}
		}
	}
	// Whatever is said next.
	for i := best + 1; i <= last && names == 0 && len(out) < maxKeys; i++ {
		if rates[i].mark == markNone && !rates[i].ok && identifiers(lines[i]) > 0 && !b.dull(lines[i]) {
			out = append(out, lines[i])
			names++
		}
	}
	return out
}

// lastKeys are the lines of a text in which no rule finds anything: the command
// and what it said last, or the longest line where it said nothing.
func lastKeys(b *ruleBook, lines []string, longest int) []string {
	var out []string
	for i := len(lines) - 1; i >= 0; i-- {
		line := lines[i]
		if shellTrace([]byte(line)) || strings.HasPrefix(line, "$ ") {
			return append(out, line)
		}
		if len(out) < maxKeys && strings.IndexFunc(line, unicode.IsLetter) >= 0 && b.mark(line) == markNone && !b.dull(line) {
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		return lines[longest : longest+1]
	}
	return out
}

// rate is what the rules say of a clean line of a piece of a log. The end of a
// command is no cause, and what a line says of itself counts.
func (b *ruleBook) rate(line string) rated {
	text := []byte(line)
	set, any := b.words.in(text)
	if !any || trace(text) {
		return rated{match: match{rule: &rule{}}}
	}
	r := rated{mark: b.step(&set, head(text))}
	r.match, r.ok = b.among(&set, head(text))
	if !r.ok {
		r.rule = &rule{}
		return r
	}
	if q := quiet(text); q > 0 {
		weak := *r.rule
		weak.tier -= q
		r.rule = &weak
	}
	r.ok = r.mark != markFinal && r.tier != tierEnd
	return r
}

// function is a frame without its number and addresses.
func function(frame string) string {
	frame = strings.TrimSpace(frame)
	if rest, ok := strings.CutPrefix(frame, "#"); ok {
		_, frame, _ = strings.Cut(rest, " ")
	}
	return frame
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
