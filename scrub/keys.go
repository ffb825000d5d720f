// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"sort"
	"strings"
)

// maxKey is in bytes, maxKeyLines in lines: no private key is longer.
const (
	maxKey      = 64 << 10
	maxKeyLines = 1000
)

// keyBlock reads an armoured block. A private one is removed but for its first
// and last line; what stands in a public one is left alone.
func (f *finder) keyBlock(start, end int) {
	if start < f.blocks {
		return
	}
	label, body := f.label(end)
	if label == "" {
		return
	}
	dashes := f.text[start : start+4] // "----": also SSH2's "---- BEGIN"
	stop := f.blockEnd(body, dashes, label)
	private := strings.Contains(label, "PRIVATE KEY")
	if stop < 0 {
		stop = f.bodyEnd(body)
	}
	f.quiet = append(f.quiet, [2]int{start, stop})
	if private && holdsKey(f.text[body:stop]) {
		head := f.front(start, maxName)
		from, to := f.skipEdge(body, stop), f.trimEdge(body, stop-sameShape(f.text[body:stop], head, true))
		f.add(from+sameShape(f.text[from:to], head, false), to, keyKind(label), rankToken)
	}
	f.blocks = stop + 1 // the last line is read
}

// holdsKey reports whether something between two armour lines can be part of
// a key; a program that only speaks of them has code there.
func holdsKey(s string) bool {
	n := 0
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '+' && s[i] != '/' && s[i] != '=' {
			n = 0
		} else if n++; n >= 16 {
			return true
		}
	}
	return false
}

// label reads the words up to the dashes that end an armour line.
func (f *finder) label(end int) (label string, body int) {
	line := f.back(end, 80)
	k := strings.Index(line, "----")
	if k < 0 {
		return "", 0
	}
	label = strings.TrimSpace(line[:k])
	for k < len(line) && line[k] == '-' {
		k++
	}
	if label == "" || strings.Trim(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ") != "" {
		return "", 0
	}
	return label, end + k
}

// blockEnd returns where the block's last line starts, -1 when it is missing.
func (f *finder) blockEnd(body int, dashes, label string) int {
	window := f.text[body:min(len(f.text), body+maxKey)]
	window, _, _ = strings.Cut(window, "BEGIN ") // another block: this one has no end
	f.spend(len(window) / 16)
	k := strings.Index(window, dashes+"-END "+label)
	if k < 0 {
		k = strings.Index(window, dashes+" END "+label)
	}
	if k < 0 {
		return -1
	}
	return body + k
}

// bodyEnd returns where lines end that can be part of a block.
func (f *finder) bodyEnd(body int) int {
	i := body
	defer func() { f.spend((i - body) / 16) }()
	for n := 0; i < len(f.text) && n < maxKeyLines; n++ {
		z := f.lineEnd(i)
		if n > 0 && !isKeyLine(f.text[i:z]) {
			break
		}
		i = min(z+1, len(f.text))
	}
	return max(body, min(i, len(f.text)))
}

// keyEnd handles a last line without a first one: a hunk starts in the key.
func (f *finder) keyEnd(start, end int) {
	if start < f.blocks {
		return
	}
	label, after := f.label(end)
	if !strings.Contains(label, "PRIVATE KEY") {
		f.blocks = max(f.blocks, after)
		return
	}
	a := f.lineStart(start)
	low := a
	for n := 0; low > f.blocks && n < maxKeyLines; n++ {
		prev := f.lineStart(low - 1)
		if !isKeyLine(f.text[prev : low-1]) {
			break
		}
		low = prev
	}
	if low < a {
		z := a
		if isKeyLine(f.text[a:start]) {
			z = start
		}
		if strings.TrimSpace(f.text[low:z]) != "" {
			f.add(f.skipEdge(low, z), f.trimEdge(low, z), keyKind(label), rankToken)
		}
	} else {
		from := max(a, f.blocks)
		from += strings.LastIndexAny(f.text[from:start], " \"'`") + 1
		if start-from > 8 {
			f.add(f.skipEdge(from, start), f.trimEdge(from, start), keyKind(label), rankToken)
		}
	}
	f.blocks = after
}

// cutKey handles a key of which the hunk shows neither end: lines of base64,
// all of one length, that the hunk starts or ends in.
func (f *finder) cutKey() {
	if end := f.keyLines(0, +1); end > 0 {
		f.armoured(0, end)
		if end == len(f.text) {
			return
		}
	}
	if start := f.keyLines(len(f.text), -1); start >= 0 {
		f.armoured(start, len(f.text))
	}
}

// keyLines walks from one end of the text over lines that can be part of a
// key and returns where they stop, -1 when they are fewer than three.
func (f *finder) keyLines(at, step int) int {
	size := 0
	for n := 0; ; n++ {
		a, z := at, at
		if step > 0 {
			z = f.lineEnd(at)
		} else if z = max(0, at-1); at > 0 {
			a = f.lineStart(z)
		}
		l := strings.TrimSpace(f.text[a:z])
		if len(l) < 60 || len(l) > 76 || size > 0 && len(l) != size || !isBase64(l) || classify(l).upper < 8 || classify(l).lower < 8 {
			if n < 3 {
				return -1
			}
			return at
		}
		if size = len(l); step > 0 {
			at = min(z+1, len(f.text))
		} else {
			at = a
		}
		f.spend(4)
	}
}

// armoured marks lines of a cut key, unless they are part of a public block.
func (f *finder) armoured(start, end int) {
	for _, armour := range []string{f.text[end:min(len(f.text), end+160)], f.text[max(0, start-160):start]} {
		if strings.Contains(armour, "-----") {
			return // the other readers know what it is
		}
	}
	if !f.inQuiet(start) {
		f.add(start, end, "key-lines", rankPlace)
	}
}

// isKeyLine reports whether a line can stand inside of an armoured block, also
// as a literal of a program.
func isKeyLine(l string) bool {
	a, z := trimIndent(l, 0, len(l))
	l = strings.TrimSuffix(l[a:z], `\n`)
	if l == "" {
		return true
	}
	for _, h := range []string{"Proc-Type:", "DEK-Info:", "Version:", "Comment:", "Subject:", "Hash:", "X-"} {
		if strings.HasPrefix(l, h) {
			return true
		}
	}
	l = strings.TrimSuffix(l, "\\")
	return len(l) <= 100 && isBase64(l) && (len(l) >= 16 || strings.HasSuffix(l, "=") || mixed(l))
}

func isBase64(l string) bool {
	for i := range len(l) {
		if c := l[i]; !isAlnum(c) && c != '+' && c != '/' && c != '=' {
			return false
		}
	}
	return l != ""
}

// sameShape returns the length of head if s starts, or ends, with the like but
// for its digits: what a log writes in front of each line.
func sameShape(s, head string, atEnd bool) int {
	if head == "" || isAlnum(head[len(head)-1]) || len(s) <= len(head) {
		return 0
	}
	if atEnd {
		s = s[len(s)-len(head):]
	}
	for i := range len(head) {
		if head[i] != s[i] && !(isDigit(head[i]) && isDigit(s[i])) {
			return 0
		}
	}
	return len(head)
}

// skipEdge moves the start of a key behind the line end of its first line,
// which may be spelled \n.
func (f *finder) skipEdge(a, z int) int {
	if k := strings.IndexByte(f.text[a:min(z, a+12)], '\n'); k >= 0 {
		a += k // quotes and joints that end the line
	}
	for a < z {
		switch {
		case strings.HasPrefix(f.text[a:z], `\n`), strings.HasPrefix(f.text[a:z], `\r`):
			a += 2
		case f.text[a] == '\n' || f.text[a] == ' ' || f.text[a] == '\t':
			a++
		default:
			return a
		}
	}
	return a
}

// trimEdge moves the end of a key before the line end in front of its last line.
func (f *finder) trimEdge(a, z int) int {
	for z > a {
		switch {
		case strings.HasSuffix(f.text[a:z], `\n`), strings.HasSuffix(f.text[a:z], `\r`):
			z -= 2
		case strings.IndexByte("\n \t\"'`+.,", f.text[z-1]) >= 0:
			z--
		default:
			return z
		}
	}
	return z
}

func keyKind(label string) string {
	if strings.Contains(label, "PGP") {
		return "pgp-private-key"
	}
	return "private-key"
}

// inQuiet reports whether i is in a block that is public.
func (f *finder) inQuiet(i int) bool {
	k := sort.Search(len(f.quiet), func(k int) bool { return f.quiet[k][0] > i })
	return k > 0 && i < f.quiet[k-1][1]
}
