// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// folded is another reading of a text: literals joined, escapes decoded. at
// maps its bytes back.
type folded struct {
	text string
	at   []int
}

// foldByte tells the bytes at which a literal may be joined or an escape starts.
var foldByte = [256]bool{'"': true, '\'': true, '`': true, '%': true, '\\': true, '&': true}

// refold returns the lines of a view that read differently once literals that
// are split are joined and escapes are decoded.
func refold(v *view) (out folded) {
	var b []byte
	s := v.text
	lists := v.signs&signFold != 0 && (strings.Contains(s, ".join(") || strings.Contains(s, "implode("))
	done := 0 // a joint may have led into the next line
	v.ranges(signFold, func(start, end int) {
		changed, line := false, start
		for i := max(start, done); i < end; {
			c := s[i]
			if !changed && !foldByte[c] {
				if i++; c == '\n' {
					line = i
				}
				continue
			}
			n, r := 1, c
			if foldByte[c] {
				k, d := 0, byte(0)
				switch c {
				case '"', '\'', '`':
					k = joint(s[i:min(len(s), i+160)], lists)
				default:
					k, d = unescape(s[i:min(len(s), i+8)])
				}
				if k > 0 && !changed {
					changed = true
					for at := line; at < i; at++ {
						b, out.at = append(b, s[at]), append(out.at, at)
					}
				}
				if k > 0 && d == 0 {
					i += k
					continue
				}
				if k > 0 {
					n, r = k, d
				}
			}
			if changed {
				b, out.at = append(b, r), append(out.at, i)
			}
			i += n
			if c == '\n' {
				changed, line = false, i
			}
			done = i
		}
	})
	out.text = string(b)
	return out
}

// joint returns the length of what stands between two literals that are one
// value, with both quotes; 0 when s does not start with such a thing.
func joint(s string, lists bool) int {
	i, signs, ends := 1, 0, 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
		case c == '\n' && ends < 2:
			ends++
		case c == '+' || c == '&' || c == '\\' || c == '.' && signs < 2:
			signs++
		case c == ',' && lists:
			signs++
		case c == s[0] && (signs > 0 || ends > 0 || i > 1):
			if signs == 0 && ends > 0 && isKey(s[i+1:], s[0]) {
				return 0
			}
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// isKey reports whether the literal that starts s is a name: what follows it
// is a sign.
func isKey(s string, quote byte) bool {
	_, after, ok := strings.Cut(s, string(quote))
	after = strings.TrimLeft(after, " \t")
	return !ok || after != "" && strings.IndexByte(":={", after[0]) >= 0
}

// unescape decodes one escape at the start of s and returns its length.
func unescape(s string) (int, byte) {
	hex := func(h string) (byte, bool) {
		v := 0
		for i := range len(h) {
			d := strings.IndexByte("0123456789abcdef", h[i]|0x20)
			if d < 0 || h[i] < '0' {
				return 0, false
			}
			v = v<<4 | d
		}
		return byte(v), v >= 0x20 && v < 0x7F
	}
	switch {
	case s[0] == '%' && len(s) >= 3:
		if d, ok := hex(s[1:3]); ok {
			return 3, d
		}
	case strings.HasPrefix(s, `\u00`) && len(s) >= 6:
		if d, ok := hex(s[4:6]); ok {
			return 6, d
		}
	case strings.HasPrefix(s, `\x`) && len(s) >= 4:
		if d, ok := hex(s[2:4]); ok {
			return 4, d
		}
	case strings.HasPrefix(s, `\/`):
		return 2, '/'
	case strings.HasPrefix(s, "&amp;"):
		return 5, '&'
	case strings.HasPrefix(s, "&quot;"):
		return 6, '"'
	case strings.HasPrefix(s, "&#39;"):
		return 5, '\''
	}
	return 0, 0
}
