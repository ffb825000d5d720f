// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
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

// pii marks personal data.
func (f *finder) pii() {
	on := f.s.pii
	if on["email"] || on["person"] {
		f.emails(on)
	}
	if on["home-path"] {
		f.homes()
	}
	if !on["phone"] && !on["ip"] && !on["card"] && !on["iban"] && !on["national-id"] {
		return
	}
	for i := 0; i < len(f.text); i++ {
		c := f.text[i]
		if !isDigit(c) && c != '+' && c != '(' && !isUpper(c) && (c|0x20 < 'a' || c|0x20 > 'f') && c != ':' {
			continue
		}
		if i > 0 && (isAlnum(f.text[i-1]) || f.text[i-1] == '.' || f.text[i-1] == '_' || f.text[i-1] == '/') {
			continue
		}
		if n := f.number(i, on); n > 0 {
			i += n - 1
		}
	}
}

// number marks what starts at i and returns its length.
func (f *finder) number(i int, on map[string]bool) int {
	s := f.text[i:min(len(f.text), i+48)]
	add := func(n int, kind string) int {
		f.add(i, i+n, kind, rankPII)
		return n
	}
	if n := span6(s); n > 0 && on["ip"] {
		if a, err := netip.ParseAddr(s[:n]); err == nil && isPublic(a) {
			return add(n, "ip")
		}
	}
	if isUpper(s[0]) {
		if n := ibanLen(s); n > 0 && on["iban"] {
			return add(n, "iban")
		}
		return 0
	}
	n, digits := 0, 0
	for n < len(s) && (isDigit(s[n]) || strings.IndexByte(" ().-+/", s[n]) >= 0) {
		if isDigit(s[n]) {
			digits++
		}
		if n > 0 && s[n] == ' ' && strings.IndexByte(" ", s[n-1]) >= 0 {
			break
		}
		n++
	}
	for n > 0 && !isDigit(s[n-1]) {
		n--
	}
	if n < len(s) && (isAlnum(s[n]) || s[n] == '_' || s[n] == '%') || n == 0 {
		return 0
	}
	v := s[:n]
	switch {
	case on["ip"] && strings.Count(v, ".") == 3 && digits <= 12:
		if a, err := netip.ParseAddr(v); err == nil && isPublic(a) && !strings.Contains(strings.ToLower(f.front(i, 10)), "version") {
			return add(n, "ip")
		}
	case on["card"] && digits >= 13 && digits <= 19 && strings.Trim(v, "0123456789 -") == "" && strings.IndexByte("3456", v[0]) >= 0 && luhn(v):
		return add(n, "card")
	case on["national-id"] && shape(v, "ddd-dd-dddd"):
		return add(n, "national-id")
	case on["phone"] && isPhone(v, digits):
		return add(n, "phone")
	}
	return 0
}

// isPhone takes numbers with a country code, and national ones only with the
// separators that people write.
func isPhone(v string, digits int) bool {
	if v[0] == '+' {
		return digits >= 8 && (strings.Count(v, ".") != 1 || strings.ContainsAny(v, " -(")) && digits <= 15 && isDigit(v[1]) && v[1] != '0' && strings.Count(v, "+") == 1
	}
	return shape(v, "(ddd) ddd-dddd") || shape(v, "(ddd)ddd-dddd") || shape(v, "ddd-ddd-dddd") || shape(v, "ddd.ddd.dddd")
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

// luhn checks the sum of a card's number.
func luhn(v string) bool {
	sum, odd := 0, false
	for i := len(v) - 1; i >= 0; i-- {
		if !isDigit(v[i]) {
			continue
		}
		d := int(v[i] - '0')
		if odd {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, odd = sum+d, !odd
	}
	return sum%10 == 0 && sum > 0
}

// ibanLen returns the length of the account number at the start of s, whose
// remainder by 97 has to be 1 (ISO 13616).
func ibanLen(s string) int {
	if len(s) < 15 || !isUpper(s[1]) || !isDigit(s[2]) || !isDigit(s[3]) {
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
}

func isPublic(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() {
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
		for z < len(f.text) && z-at < 254 && (isAlnum(f.text[z]) || f.text[z] == '.' || f.text[z] == '-') {
			z++
		}
		for z > at+1 && !isAlnum(f.text[z-1]) {
			z--
		}
		if a == at || !isMailDomain(f.text[at+1:z]) || isNobody(f.text[a:z]) || strings.HasSuffix(f.text[:a], "/") || strings.HasSuffix(f.text[:a], ":") && strings.Contains(f.text[max(0, a-40):a], "://") {
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

// homes marks the names of people in home paths.
func (f *finder) homes() {
	for _, root := range []string{"/home/", "/Users/", `\Users\`, `\\Users\\`} {
		for i := 0; ; {
			k := strings.Index(f.text[i:], root)
			if k < 0 {
				break
			}
			i += k + len(root)
			z := i
			if root[0] == '/' && k > 0 && isAlnum(f.text[i-len(root)-1]) {
				continue // of a URL
			}
			for z < len(f.text) && (isAlnum(f.text[z]) || strings.IndexByte("._-", f.text[z]) >= 0) {
				z++
			}
			switch strings.ToLower(f.text[i:z]) {
			case "", "user", "username", "runner", "ubuntu", "root", "vagrant", "node", "public", "shared", "app", "appuser", "git", "gerrit", "jenkins", "you", "me", "default", "linuxbrew", "circleci", "travis", "ec2-user", "vscode", "www", "nobody", "centos", "debian", "pi", "azureuser", "administrator":
			default:
				f.add(i, z, "home-path", rankPII)
			}
		}
	}
}
