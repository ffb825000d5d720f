// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PIIClasses are the classes of personal data that can be removed, each
// recognised by its form and, where there is one, its checksum.
var PIIClasses = []string{"email", "phone", "ip", "card", "iban", "national-id", "home-path", "person"}

// piiClasses reads an option. Nil stands for e-mail addresses, which is what
// prompts leave out unless a project says more.
func piiClasses(names []string) (map[string]bool, error) {
	on := map[string]bool{}
	if names == nil {
		names = []string{"email"}
	}
	for _, n := range names {
		switch {
		case n == "all":
			for _, c := range PIIClasses {
				on[c] = true
			}
		case n == "none" || n == "":
		case slices.Contains(PIIClasses, n):
			on[n] = true
		default:
			return nil, fmt.Errorf("class of personal data %q is not known; take %s, all or none", n, strings.Join(PIIClasses, ", "))
		}
	}
	return on, nil
}

// pii marks personal data. Home paths are read where the automaton finds them.
func (f *finder) pii(v *view) {
	on := f.s.pii
	if on["email"] || on["person"] {
		f.emails(on)
	}
	if !on["phone"] && !on["ip"] && !on["card"] && !on["iban"] && !on["national-id"] {
		return
	}
	ip := on["ip"]
	v.ranges(signDigit, func(i, end int) {
		s := f.text[:end]
		for i < len(s) {
			switch c := s[i]; {
			case c-'0' > ':'-'0': // neither a digit nor a colon
				i++
			case c != ':':
				i = f.digits(i, on)
			case ip:
				i = f.colon(i)
			default:
				i++
			}
		}
	})
}

// numberByte tells what numbers are written with.
var numberByte = func() (t [256]bool) {
	for _, c := range "0123456789 ().-+/" {
		t[c] = true
	}
	return t
}()

// digits looks at the run of digits at i and returns where to go on.
func (f *finder) digits(i int, on map[string]bool) int {
	s := f.text
	z := i + 1
	for z < len(s) && isDigit(s[z]) {
		z++
	}
	short := z-i < 8 && (z+1 >= len(s) || !numberByte[s[z]] || !numberByte[s[z+1]])
	if short && (i == 0 || !isUpper(s[i-1])) {
		return z // a single short number is none of them
	}
	// What a number of interest starts with: a plus, a bracket, two letters.
	a := i
	if a > 0 && (s[a-1] == '+' || s[a-1] == '(') {
		if a--; a > 0 && s[a] == '(' && s[a-1] == '+' {
			a--
		}
	}
	if a == i && a >= 2 && isUpper(s[a-1]) && isUpper(s[a-2]) && (a == 2 || !isAlnum(s[a-3])) && z-i >= 2 {
		if n := ibanLen(s[a-2 : min(len(s), a+46)]); n > 0 && on["iban"] {
			f.add(a-2, a-2+n, "iban", rankPII)
			return max(z, a-2+n)
		}
	}
	if a > 0 && (isAlnum(s[a-1]) || s[a-1] == '.' || s[a-1] == '_' || s[a-1] == '/') {
		return z
	}
	if short {
		return z
	}
	return max(z, a+f.number(a, on))
}

// colon looks at what may be an address of the sixth version around i and
// returns where to go on.
func (f *finder) colon(i int) int {
	a := i
	for a > 0 && i-a < 5 && (isDigit(f.text[a-1]) || isHexLetter(f.text[a-1])) {
		a--
	}
	if a > 0 && (isAlnum(f.text[a-1]) || strings.IndexByte(".:_/", f.text[a-1]) >= 0) {
		return i + 1
	}
	s := f.text[a:min(len(f.text), a+48)]
	n := span6(s)
	if n == 0 || n < len(s) && (isAlnum(s[n]) || s[n] == '.' && n+1 < len(s) && isDigit(s[n+1])) {
		return i + 1
	}
	f.spend(10)
	if ip, err := netip.ParseAddr(s[:n]); err == nil && isPublic(ip) {
		f.add(a, a+n, "ip", rankPII)
		return a + n
	}
	return i + 1
}

func isHexLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'f' }

// number marks what starts at i and returns its length.
func (f *finder) number(i int, on map[string]bool) int {
	s := f.text[i:min(len(f.text), i+48)]
	add := func(n int, kind string) int {
		f.add(i, i+n, kind, rankPII)
		return n
	}
	n, digits := 0, 0
	for n < len(s) && numberByte[s[n]] {
		if isDigit(s[n]) {
			digits++
		} else if n > 0 && s[n] == ' ' && s[n-1] == ' ' {
			break
		}
		n++
	}
	// Behind an address something else starts.
	if k := strings.IndexByte(s[:n], ' '); k > 0 && strings.Count(s[:k], ".") == 3 {
		n = k
	}
	if digits > 19 && shape(s[:19], "dddd dddd dddd dddd") { // a card, and when it expires
		n, digits = 19, 16
	}
	for n > 0 && !isDigit(s[n-1]) {
		n--
	}
	if n < len(s) && (isAlnum(s[n]) || s[n] == '_' || s[n] == '%' || strings.HasPrefix(s[n:], "...")) || n == 0 {
		return 0
	}
	f.spend(2)
	v := s[:n]
	if address, bits, ok := strings.Cut(v, "/"); ok && len(bits) <= 2 {
		v, n = address, len(address) // a network
	}
	switch {
	case on["national-id"] && shape(v, "ddd.ddd.ddd-dd") && cpf(strings.NewReplacer(".", "", "-", "").Replace(v)):
		return add(n, "national-id")
	case on["ip"] && strings.Count(v, ".") == 3:
		if a, err := netip.ParseAddr(v); err == nil && isPublic(a) && !speaksOfVersion(f.front(i, 20)) && !amongDecimals(f.front(i, 24), f.back(i+n, 24)) {
			return add(n, "ip")
		}
	case on["card"] && digits >= 13 && digits <= 19 && strings.Trim(v, "0123456789 -") == "" && isCard(v) && luhn(v) && !f.inDump(i, i+n) && !f.inTable(i, i+n) && (i == 0 || f.text[i-1] != '-'):
		return add(n, "card")
	case on["national-id"] && shape(v, "ddd-dd-dddd") && ssnArea(strings.ReplaceAll(v, "-", "")):
		return add(n, "national-id")
	case on["phone"] && (isPhone(v, digits) && !isFictional(v) || isNational(v, digits, f.front(i, 24)) && !f.inDump(i, i+n)):
		return add(n, "phone")
	}
	return 0
}

// speaksOfVersion reports whether what stands in front of four numbers says
// that they are no address.
func speaksOfVersion(before string) bool {
	before = strings.ToLower(before)
	if n := len(before); n >= 2 && before[n-1] == '-' && isLower(before[n-2]) && !strings.HasSuffix(before, "ip-") {
		return true // linux-2.6.35.9
	}
	for _, w := range []string{"version", "section", "upgrade", "oid", ">= ", "<= ", "~> "} {
		if strings.Contains(before, w) {
			return true
		}
	}
	return false
}

// amongDecimals reports whether a number with points stands beside, as in the
// paths of drawings: "2.12 3.51.98.32 2.03".
func amongDecimals(before, after string) bool {
	decimal := func(s string) bool {
		n := strings.Count(s, ".")
		return n > 0 && n != 3 && strings.Trim(s, "0123456789.-") == ""
	}
	k := strings.LastIndexByte(strings.TrimRight(before, " "), ' ')
	next, _, _ := strings.Cut(strings.TrimLeft(after, " "), " ")
	return strings.HasSuffix(before, " ") && decimal(strings.TrimSpace(before[k+1:])) || strings.HasPrefix(after, " ") && decimal(next)
}

// isPhone takes numbers with a country code, and national ones only with the
// separators that people write.
func isPhone(v string, digits int) bool {
	if v[0] == '+' {
		return !isCoordinates(v) && digits >= 8 && (strings.Count(v, ".") != 1 || strings.ContainsAny(v, " -(")) && digits <= 15 && isDigit(v[1]) && v[1] != '0' && strings.Count(v, "+") == 1
	}
	return shape(v, "(ddd) ddd-dddd") || shape(v, "(ddd)ddd-dddd") || shape(v, "ddd-ddd-dddd") || shape(v, "ddd.ddd.dddd")
}

// isCoordinates reports whether v is a latitude and a longitude (ISO 6709):
// +5320-06025, +364947-0845057.
func isCoordinates(v string) bool {
	return (shape(v, "+dddd-ddddd") || shape(v, "+dddddd-ddddddd") || shape(v, "+dddd+ddddd") || shape(v, "+dddddd+ddddddd")) && v[len(v)/2+1] <= '1'
}

// shape compares v with a form in which d stands for a digit.
func shape(v, form string) bool {
	if len(v) != len(form) {
		return false
	}
	for i := range len(v) {
		if form[i] == 'd' && !isDigit(v[i]) || form[i] != 'd' && v[i] != form[i] {
			return false
		}
	}
	return true
}

// ibanCountries are those of the registry and those that have the form without
// being in it.
var ibanCountries = wordSet(`
	AD AE AL AO AT AZ BA BE BF BG BH BI BJ BR BY CF CG CH CI CM CR CV CY CZ DE DJ DK DO DZ EE EG ES FI FK FO FR GA GB GE GI GL GQ GR GT GW HN HR HU
	IE IL IQ IR IS IT JO KM KW KZ LB LC LI LT LU LV LY MA MC MD ME MG MK ML MN MR MT MU MZ NE NI NL NO OM PK PL PS PT QA RO RS RU SA SC SD SE SI SK
	SM SN SO ST SV TD TG TL TN TR UA VA VG XK YE`)

// ibanLen returns the length of the account number at the start of s, whose
// remainder by 97 has to be 1 (ISO 13616).
func ibanLen(s string) int {
	if len(s) < 15 || !ibanCountries[s[:2]] || !isDigit(s[2]) || !isDigit(s[3]) {
		return 0
	}
	var digits []byte
	n, best := 0, 0
	for n < len(s) && len(digits) < 34 {
		c := s[n]
		if c == ' ' && len(digits)%4 == 0 && n+1 < len(s) && s[n+1] != ' ' {
			n++
			continue
		}
		if !isUpper(c) && !isDigit(c) {
			break
		}
		digits = append(digits, c)
		n++
		if len(digits) >= 15 && (n == len(s) || !isAlnum(s[n])) && mod97(digits) == 1 {
			best = n
		}
	}
	return best
}

func mod97(v []byte) int {
	rest := 0
	for _, c := range append(slices.Clone(v[4:]), v[:4]...) {
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest
}

// span6 returns the length of what could be an IPv6 address.
func span6(s string) int {
	n, colons := 0, 0
	for n < len(s) && (isDigit(s[n]) || s[n] == ':' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'f') {
		if s[n] == ':' {
			colons++
		}
		n++
	}
	if colons < 3 || n < 8 {
		return 0
	}
	for n > 0 && s[n-1] == ':' {
		n--
	}
	return n
}

// notPublic are ranges for documentation and the like, which netip does not tell.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("1.1.1.1/32"), netip.MustParsePrefix("1.0.0.0/32"), netip.MustParsePrefix("8.8.8.8/32"), netip.MustParsePrefix("8.8.4.4/32"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2001:4860:4860::/48"), netip.MustParsePrefix("2606:4700:4700::/48"),
}

// global6 is all that was ever given out of the sixth version (RFC 4291).
var global6 = netip.MustParsePrefix("2000::/3")

func isPublic(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !global6.Contains(a) {
		return false
	}
	// Versions of four small numbers look like addresses.
	if b := a.As16(); a.Is4() && b[12] < 20 && b[13] < 20 && b[14] < 20 && b[15] < 20 {
		return false
	}
	return !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// emails marks addresses, and the names in front of them in trailers.
func (f *finder) emails(on map[string]bool) {
	for i := 0; ; {
		k := strings.IndexByte(f.text[i:], '@')
		if k < 0 {
			return
		}
		at := i + k
		i = at + 1
		a, z := at, at+1
		for a > 0 && at-a < 64 && (isAlnum(f.text[a-1]) || strings.IndexByte("._%+-", f.text[a-1]) >= 0) {
			a--
		}
		for a > 0 && at-a < 64 && f.text[a-1] >= 0x80 { // letters of Latin names
			r, n := utf8.DecodeLastRuneInString(f.text[:a])
			if !unicode.IsLetter(r) || r > 0x24F {
				break
			}
			for a -= n; a > 0 && at-a < 64 && (isAlnum(f.text[a-1]) || strings.IndexByte("._%+-", f.text[a-1]) >= 0); {
				a--
			}
		}
		for z < len(f.text) && z-at < 254 && (isAlnum(f.text[z]) || f.text[z] == '.' || f.text[z] == '-') {
			z++
		}
		for z > at+1 && !isAlnum(f.text[z-1]) {
			z--
		}
		if a == at || !isMailDomain(f.text[at+1:z]) || isNobody(f.text[a:z]) || strings.HasSuffix(f.text[:a], "/") || f.inUserInfo(a) {
			continue
		}
		if z < len(f.text) && (f.text[z] == ':' && z+1 < len(f.text) && (isAlnum(f.text[z+1]) || f.text[z+1] == '/') || f.text[z] == '(') {
			continue // user@host:path and decorators
		}
		if on["email"] {
			f.add(a, z, "email", rankPII)
		}
		if on["person"] && a > 1 && f.text[a-1] == '<' {
			f.person(a - 1)
		}
	}
}

// person marks the name in front of the "<" at i when the line is a trailer.
func (f *finder) person(i int) {
	line := f.front(i, 200)
	low := i - len(line)
	k := strings.IndexByte(line, ':')
	if k < 0 || k > 32 {
		return
	}
	switch key := strings.ToLower(strings.TrimSpace(line[:k])); {
	case strings.HasSuffix(key, "-by"), key == "author", key == "from", key == "commit", key == "committer", key == "cc", key == "to":
	default:
		return
	}
	name := strings.TrimSpace(line[k+1:])
	if name == "" || len(name) > 80 {
		return
	}
	at := low + k + 1 + strings.Index(line[k+1:], name)
	f.add(at, at+len(name), "person", rankPII)
}

func isMailDomain(d string) bool {
	k := strings.LastIndexByte(d, '.')
	if k <= 0 || len(d)-k < 3 {
		return false
	}
	c := classify(d[k+1:])
	return c.digit == 0 && c.other == 0 && !hasFileExt("x"+d[k:])
}

// isNobody reports whether an address belongs to no person.
func isNobody(addr string) bool {
	low := strings.ToLower(addr)
	user, domain, _ := strings.Cut(low, "@")
	if strings.HasPrefix(domain, "example.") || strings.Contains(user, "-cert-v0") || strings.HasPrefix(user, "ssh-") || domain == "openssh.com" || domain == "libssh.org" {
		return true // names of protocols
	}
	if strings.Contains(user, "noreply") || strings.Contains(user, "no-reply") || user == "git" || user == "user" || user == "root" || strings.Contains(domain, "noreply") || strings.HasSuffix(domain, ".gserviceaccount.com") {
		return true
	}
	for _, d := range []string{"example.com", "example.org", "example.net", "example.edu", ".example", ".test", ".invalid", ".localhost", ".local"} {
		if domain == d || strings.HasSuffix(domain, "."+strings.TrimPrefix(d, ".")) {
			return true
		}
	}
	return false
}

// home marks the name of a person in a home path that starts at start.
func (f *finder) home(start, end int) {
	if !f.s.pii["home-path"] || f.text[start] == '/' && start > 0 && isAlnum(f.text[start-1]) {
		return // not asked for, or of a URL
	}
	z := end
	for z < len(f.text) && (isAlnum(f.text[z]) || strings.IndexByte("._-", f.text[z]) >= 0) {
		z++
	}
	if f.text[start] == '\\' { // a name of two words, if the path goes on behind it
		n := z
		for n < len(f.text) && n-z < 40 && (isAlnum(f.text[n]) || strings.IndexByte(" ._-", f.text[n]) >= 0) {
			n++
		}
		if n < len(f.text) && f.text[n] == '\\' {
			z = n
		}
	}
	if !accounts[strings.ToLower(f.text[end:z])] {
		f.add(end, z, "home-path", rankPII)
	}
}

// accounts are names of users that are no people.
var accounts = wordSet(`
	user username runner ubuntu root vagrant node public shared app appuser git gerrit jenkins you me default linuxbrew
	circleci travis ec2-user vscode www nobody centos debian pi azureuser administrator`)
