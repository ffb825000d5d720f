// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Lengths in bytes of runs that are looked at without a name.
const (
	minRun    = 20
	maxRun    = 400     // longer ones are data, not tokens
	maxDecode = 8 << 10 // of base64 that is decoded once
)

// runByte tells the characters of base64 and of tokens.
var runByte = func() (t [256]bool) {
	for c := range t {
		t[c] = isAlnum(byte(c)) || strings.IndexByte("+/_-", byte(c)) >= 0
	}
	return t
}()

// runs looks at long runs of token characters that no name announces, in whole
// lines from start to end. It leaps: where a run can start, the last byte that
// it needs is looked at first (Boyer and Moore, 1977).
func (f *finder) runs(start, end int) {
	s := f.text[:end]
	for i := start; i+minRun <= len(s) && f.work > 0; {
		k := i + minRun - 1
		for k >= i && runByte[s[k]] {
			k--
		}
		if k >= i {
			i = k + 1
			continue
		}
		z := i + minRun
		for z < len(s) && runByte[s[z]] {
			z++
		}
		f.run(i, z)
		i = z
	}
}

// public marks a run as one to leave alone: an SSH public key, an image.
func (f *finder) public(start, end int) {
	if f.inQuiet(start) {
		return
	}
	if f.text[start] == ';' {
		_, kind, ok := strings.Cut(f.front(start, 60), "data:")
		if !ok || strings.HasPrefix(kind, "text") {
			return
		}
	}
	for end < len(f.text) && (runByte[f.text[end]] || f.text[end] == '=') {
		end++
	}
	f.quiet = append(f.quiet, [2]int{start, end})
}

// varied reports whether a run has two of each: capitals, small letters,
// digits. Names and words rarely do, random characters and base64 always.
func varied(s string) bool {
	var upper, lower, digit int
	for i := range len(s) {
		switch c := s[i]; {
		case isLower(c):
			lower++
		case isUpper(c):
			upper++
		case isDigit(c):
			digit++
		}
		if upper >= 2 && lower >= 2 && digit >= 2 {
			return true
		}
	}
	return false
}

// run decides on one run.
func (f *finder) run(a, z int) {
	if !varied(f.text[a:z]) || f.inQuiet(a) {
		return
	}
	f.spend(100)
	before := strings.ToLower(f.front(a, 40))
	if strings.Contains(before, "base64,") || strings.Contains(before, "ssh-") || strings.Contains(before, "ecdsa-") {
		return
	}
	if !f.inner && f.encoded(a, z) {
		return
	}
	if z < len(f.text) && f.text[z] == '(' && isIdentifier(f.text[a:z]) {
		return // the name of a function
	}
	if z-a > maxRun || benignWords().in(before) || isPublicMember(before) || f.isData(a, z) || isPublicForm(f.text[a:z]) && !strings.Contains(before, "private") || isSigned(f.front(a, 60)) || isIdentifying(f.front(a, 40)) || f.inResource(a) || f.inMappings(a, z) {
		return
	}
	// In a path only the parts that look random go.
	if isWordy(f.text[a:z]) {
		for from := a; from < z; {
			n := strings.IndexByte(f.text[from:z], '/')
			if n < 0 {
				n = z - from
			}
			f.random(from, from+n)
			from += n + 1
		}
		return
	}
	if b, err := base64.RawStdEncoding.DecodeString(f.text[a : z-(z-a)%4]); err == nil && printable(b) && bytes.IndexByte(b, ' ') >= 0 {
		return // readable, and read above
	}
	f.random(a, z)
}

// random marks a run that looks random, with what a token holds behind a
// point.
func (f *finder) random(a, z int) {
	if !looksRandom(f.text[a:z]) {
		return
	}
	for len(f.taken) > 0 && f.taken[0][1] <= a {
		f.taken = f.taken[1:]
	}
	for _, t := range f.taken {
		if t[0] >= z {
			break
		}
		// What a surer finding leaves of the run is a word beside it.
		if t[0] >= a && (t[1]-t[0])*5 >= (z-a)*3 || t[0] < a {
			return
		}
	}
	for z < len(f.text) && f.text[z] == '.' {
		n := z + 1
		for n < len(f.text) && runByte[f.text[n]] && f.text[n] != '/' {
			n++
		}
		c := classify(f.text[z+1 : n])
		if n-z < 6 || c.upper == 0 || c.lower == 0 {
			break
		}
		z = n
	}
	for z < len(f.text) && f.text[z] == '=' {
		z++
	}
	f.add(a, z, "high-entropy", rankRun)
}

// isWordy reports whether a run has a part between slashes that is a word.
func isWordy(v string) bool {
	if strings.IndexByte(v, '/') < 0 {
		return false
	}
	for part := range strings.SplitSeq(v, "/") {
		if c := classify(part); len(part) >= 3 && c.digit == 0 && (c.upper == 0 || c.lower == 0) && rareness(part) < 0.7 {
			return true
		}
	}
	return false
}

// encoded decodes base64 once and removes it when a secret is in it.
func (f *finder) encoded(a, z int) bool {
	v := f.text[a:z]
	if len(v) < minRun || len(v) > maxDecode {
		return false
	}
	enc := base64.RawStdEncoding
	if strings.ContainsAny(v, "-_") {
		enc = base64.RawURLEncoding
	}
	if b, err := enc.DecodeString(v[:16]); err != nil || !printable(narrow(b)) {
		return false
	}
	b, err := enc.DecodeString(v[:len(v)-len(v)%4])
	if b = narrow(b); err != nil || !printable(b) {
		return false
	}
	f.spend(20 + len(b))
	found := false
	g := &finder{s: f.s, memo: f.memo, work: f.work}
	g.begin(string(b), "", func(s span) { found = found || s.rank > rankRun })
	g.inner = true
	g.words(0, nil)
	g.runs(0, len(b))
	f.work = g.work
	if found {
		for z < len(f.text) && f.text[z] == '=' {
			z++
		}
		f.add(a, z, "encoded-secret", rankPlace)
	}
	return found
}

// narrow returns ASCII text in UTF-16, as PowerShell encodes commands, byte by byte.
func narrow(b []byte) []byte {
	if len(b) < 4 || b[1] != 0 || b[3] != 0 {
		return b
	}
	return bytes.ReplaceAll(b, []byte{0}, nil)
}

// isPublicMember reports whether a run is the public part of a JSON web key
// (RFC 7518, section 6).
func isPublicMember(before string) bool {
	before = strings.TrimRight(before, "\" :")
	for _, member := range []string{`"n`, `"x`, `"y`, `"e`} {
		if strings.HasSuffix(before, member) {
			return true
		}
	}
	return false
}

// benignWords say in front of a run that it is a digest or another public thing.
var benignWords = wordsOf(
	"sha1", "sha256", "sha384", "sha512", "sha-", "md5", "integrity", "h1:", "checksum", "digest", "commit", "rev", "etag", "index ", "fingerprint", "hash", "blake", "crc",
	"change-id", "uuid", "guid", "public", "pubkey", "signature", "sourcemap", "mappings", "nonce", "cid", "ipfs", "address", "txid", "txhash", "tx_", "tx:", "tx=", "tx ", "tx/", "tx\"", "import ", "url(", "image/", "|1|", "ksuid", "ulid", "docs.google.", "drive.google.",
)

// isData reports whether a run is one of several lines of data.
func (f *finder) isData(a, z int) bool {
	low, high := f.line(a)
	line := f.text[low:high]
	if len(line) > maxRun {
		return false
	}
	if len(line) > 50 && strings.IndexByte(line, ' ') < 0 && strings.Count(line, "&")+strings.Count(line, "#")+strings.Count(line, "%")+strings.Count(line, "`")+strings.Count(line, "~")+strings.Count(line, "^")+strings.Count(line, "!") >= 3 {
		return true // base85
	}
	if k := strings.Index(line, "</"); k > 0 { // the last line of an element
		line = line[:k]
	}
	if strings.Trim(line, " \t\"'+,;\\=") != f.text[a:z] {
		return false
	}
	whole := func(l string) bool {
		l = strings.Trim(l, " \t\"'+,;\\")
		return len(l) >= minRun && isBase64(l)
	}
	if high+1 < len(f.text) && whole(f.text[high+1:f.lineEnd(high+1)]) {
		return true
	}
	return low > 0 && whole(f.text[f.lineStart(low-1):low-1])
}

// looksRandom reports whether a run is too irregular for a name or a path.
func looksRandom(v string) bool {
	if len(v) < 24 {
		return false
	}
	longest := ""
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return strings.ContainsRune("-_/=+", r) }) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	c := classify(longest)
	if isHex(longest) || isHex(strings.TrimPrefix(longest, "0x")) || wordShare(longest) > 0.6 {
		return false // hex in mixed case is an address with its checksum
	}
	return len(longest) >= 16 && c.upper >= 2 && c.lower >= 2 && c.digit >= 2 && transitions(longest) >= 0.4 && entropy(v) >= 3.8 && rareness(longest) > 0.5
}

// surprise is how many bits the next letter of a word carries, 9 at most: a row
// for the start of a word and one for each letter, a column for each letter and
// one for the end. Counted over 59,000 words of program sources and manuals.
const surprise = "" +
	"454454554765455474345666779" +
	"744477585963439593436677684" +
	"355536784683674694464889593" +
	"375636735944673795545799794" +
	"466526783896774795565777792" +
	"574465687984537673348665793" +
	"465543783994764694554988693" +
	"486727654995654694465889892" +
	"377627883976673795655989693" +
	"554555599984424595449597955" +
	"365536884867663587473879893" +
	"476626563885655696466769692" +
	"377527783984773797555799593" +
	"257627893976574397465899693" +
	"474435384966764797436689893" +
	"664476586964425493444557894" +
	"386637754974774593545889593" +
	"676686866995768765461779992" +
	"375527693966564695446789693" +
	"585737754976675587435879692" +
	"476737843996774694456878583" +
	"545545695984436493439897985" +
	"275726783986675697578788893" +
	"376636753975744694468877993" +
	"454545974996576396537585692" +
	"565657785985456396457678771" +
	"377717963986674797677778643"

// isCommon holds the pairs of letters that words are made of.
var isCommon = func() (t [26][26]bool) {
	for a := range t {
		for b := range t[a] {
			t[a][b] = surprise[(a+1)*27+b] < '6'
		}
	}
	return t
}()

// bits is the average surprise of the letters of v, with where words start and
// end, in bits: about 4 in words, 5.5 in random letters. Capitals start words.
func bits(v string) float64 {
	sum, n, row := 0, 0, 0
	add := func(column int) {
		sum += int(surprise[row*27+column] - '0')
		n++
	}
	for i := range len(v) {
		c := v[i] | 0x20
		if !isLower(c) || row > 0 && isUpper(v[i]) && !isUpper(v[i-1]) {
			if row > 0 {
				add(26)
			}
			row = 0
		}
		if isLower(c) {
			add(int(c - 'a'))
			row = int(c-'a') + 1
		}
	}
	if row > 0 {
		add(26)
	}
	return float64(sum) / float64(max(1, n))
}

// rareness is the share of neighbouring characters that words do not have:
// about 0.3 in names, 0.7 in random letters and digits.
func rareness(v string) float64 {
	v = strings.ToLower(v)
	rare := 0
	for i := 1; i < len(v); i++ {
		if a, b := v[i-1], v[i]; !isLower(a) || !isLower(b) || !isCommon[a-'a'][b-'a'] {
			rare++
		}
	}
	return float64(rare) / float64(max(1, len(v)-1))
}
