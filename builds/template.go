// SPDX-License-Identifier: Apache-2.0

package builds

import "bytes"

// hash64 is FNV-1a: small, and the same in every process.
func hash64(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// template appends to dst what is the same in another run of the line: words
// and identifiers with their digits, base names of paths. Numbers that stand
// alone, hex, UUIDs, durations and folders become marks. A placeholder of the
// scrubber loses its number, which depends on the rest of the text.
func template(dst, s []byte) []byte {
	start := len(dst)
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t':
			for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
				i++
			}
			if len(dst) > start {
				dst = append(dst, ' ')
			}
		case bytes.HasPrefix(s[i:], []byte("«")):
			n, what := placeholder(s[i:])
			dst = append(dst, what...)
			if n > len("«") {
				dst = append(dst, "»"...)
			}
			i += n
		case wordByte(c) || c == '/' || c == '.' || c == '~':
			n := run(s[i:])
			piece := s[i : i+n]
			i += n
			if j := base(piece); j > 0 {
				absolute := piece[0] == '/' && !bytes.HasPrefix(piece, []byte("//")) || piece[0] == '~' || n > 2 && piece[1] == ':'
				if whole := piece; absolute && bytes.IndexByte(piece[j:], '.') < 0 && !system(whole) {
					dst = append(dst, 'P') // a work space, not a file
					continue
				}
				piece = piece[j:]
			}
			dst = maskWords(dst, piece)
			if masked := len(dst) > 0 && dst[len(dst)-1] == 'N'; masked {
				i += timeUnit(s[i:])
			}
		default:
			dst = append(dst, c)
			i++
		}
	}
	return bytes.TrimRight(dst, " ")
}

// system reports whether a path is one that every machine has: what it names is
// a program or a device, not a work space.
func system(path []byte) bool {
	for _, dir := range [...]string{"/usr/", "/bin/", "/sbin/", "/lib", "/etc/", "/dev/", "/proc/", "/opt/"} {
		if bytes.HasPrefix(path, []byte(dir)) {
			return true
		}
	}
	return false
}

// placeholder is the length of a scrubber's placeholder and what is left of it.
func placeholder(s []byte) (n int, what []byte) {
	end := bytes.Index(s[:min(len(s), 80)], []byte("»"))
	if end < 0 {
		return len("«"), []byte("«")
	}
	n, what = end+len("»"), s[:end]
	if i := bytes.LastIndexByte(what, ':'); i > 0 && i+1 < end && digit(what[i+1]) {
		what = what[:i]
	}
	return n, what
}

func wordByte(c byte) bool { return letter(c) || digit(c) || c == '_' || c >= 0x80 && c != 0xc2 }

// run is the length of the words, dots and slashes at the start: an identifier,
// a number or a path. A backslash is a separator behind a drive's letter only.
func run(s []byte) int {
	i := 0
	windows := len(s) > 3 && letter(s[0]) && s[1] == ':' && (s[2] == '\\' || s[2] == '/')
	if windows {
		i = 3
	}
	for i < len(s) {
		c := s[i]
		if c == 0xc2 && i > 0 && s[i-1] == '/' && bytes.HasPrefix(s[i:], []byte("«")) { // a folder that the scrubber hid
			n, _ := placeholder(s[i:])
			i += n
			continue
		}
		if !wordByte(c) && c != '/' && c != '.' && c != '-' && c != '+' && c != '~' && c != '@' && (c != '\\' || !windows) {
			break
		}
		i++
	}
	for i > 1 && (s[i-1] == '.' || s[i-1] == '-') { // the end of a sentence
		i--
	}
	return max(i, 1)
}

// base is the index of the base name of a path, 0 for what is none.
func base(s []byte) int {
	end := len(s)
	for end > 1 && (s[end-1] == '/' || s[end-1] == '\\') {
		end--
	}
	return max(bytes.LastIndexByte(s[:end], '/'), bytes.LastIndexByte(s[:end], '\\')) + 1
}

// maskWords appends the words of a run, those that change from run to run as marks.
func maskWords(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		if !wordByte(s[i]) {
			dst = append(dst, s[i])
			i++
			continue
		}
		if uuid(s[i:]) {
			dst = append(dst, 'U')
			i += 36
			continue
		}
		j := i
		for j < len(s) && wordByte(s[j]) {
			j++
		}
		word := s[i:j]
		i = j
		switch {
		case number(word):
			for i+1 < len(s) && (s[i] == '.' || s[i] == '-' || s[i] == '+') && digit(s[i+1]) { // 1.2.3, 2026-01-31
				for i++; i < len(s) && wordByte(s[i]); i++ {
				}
			}
			dst = append(dst, 'N')
		case hexWord(word):
			dst = append(dst, 'H')
		default:
			dst = append(dst, word...)
		}
	}
	return dst
}

// number reports whether a word is a number, also with a unit: 12, 0x1f, 3ms.
func number(w []byte) bool {
	if !digit(w[0]) {
		return false
	}
	if len(w) > 2 && w[1]|0x20 == 'x' {
		return true
	}
	i := 0
	for i < len(w) && digit(w[i]) {
		i++
	}
	if i == len(w) {
		return true
	}
	switch string(w[i:]) {
	case "ms", "s", "m", "h", "us", "ns", "sec", "secs", "min", "mins", "k", "kB", "KB", "MB", "GB", "KiB", "MiB", "GiB", "th", "st", "nd", "rd", "T", "x":
		return true
	}
	return len(w) <= 5 && w[len(w)-1] == 's' && w[len(w)-2] == 'm'
}

// hexWord reports whether a word is part of a hash: seven or more digits of
// lower-case hex, with both letters and numbers.
func hexWord(w []byte) bool {
	if len(w) < 7 {
		return false
	}
	digits, letters := 0, 0
	for _, c := range w {
		switch {
		case digit(c):
			digits++
		case c >= 'a' && c <= 'f':
			letters++
		default:
			return false
		}
	}
	return digits > 0 && letters > 0
}

func uuid(s []byte) bool {
	if len(s) < 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	for i, c := range s[:36] {
		if i != 8 && i != 13 && i != 18 && i != 23 && !digit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return len(s) == 36 || !wordByte(s[36])
}

// timeUnit is the length of a unit of time behind a masked number.
func timeUnit(s []byte) int {
	rest := bytes.TrimLeft(s, " ")
	if len(s)-len(rest) > 1 {
		return 0
	}
	for _, u := range [...]string{"seconds", "second", "secs", "sec", "minutes", "mins", "min", "ms", "s"} {
		if bytes.HasPrefix(rest, []byte(u)) && (len(rest) == len(u) || !wordByte(rest[len(u)])) {
			return len(s) - len(rest) + len(u)
		}
	}
	return 0
}
