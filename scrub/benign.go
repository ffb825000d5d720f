// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"encoding/asn1"
	"encoding/base64"
	"strings"
)

// isTold reports whether the form of a value tells what it is, whatever its
// name promises: a version, an algorithm, a selector.
func isTold(v string) bool {
	return isVersion(v) || isMechanism(v) || isSelector(v) || isPublicKeyInfo(v) || isVerifier(v) || isHostPort(v) ||
		strings.IndexByte(v, '@') > 0 && isNobody(v) && isMailDomain(v[strings.LastIndexByte(v, '@')+1:]) ||
		strings.HasPrefix(v, `\x1b[`) || strings.HasPrefix(v, `\033[`) || strings.HasPrefix(v, `\e[`) // a colour
}

// isVersion reports whether a value is a version or what a package manager
// accepts for one: v1.1.0/go.mod, ^1.2.3, 1:4.13+dfsg1-1. Packages are called
// token and secret, too.
func isVersion(v string) bool {
	s := strings.TrimLeft(v, "^~<>= ")
	lead := len(s) < len(v)
	if len(s) > 2 && isDigit(s[0]) && s[1] == ':' { // an epoch
		s, lead = s[2:], true
	}
	lead = lead || strings.HasPrefix(s, "v")
	s = strings.TrimSuffix(strings.TrimPrefix(s, "v"), `\x00`)
	points, run := 0, 0
	i := 0
	for ; i < len(s); i++ {
		if isDigit(s[i]) {
			if run++; run > 5 && points > 0 {
				return false
			}
			continue
		}
		if s[i] != '.' || run == 0 || i+1 == len(s) || !isDigit(s[i+1]) {
			break
		}
		points, run = points+1, 0
	}
	if run == 0 || points == 0 || points < 2 && !lead {
		return false
	}
	tail := s[i:]
	return tail == "" || strings.IndexByte("-+~/", tail[0]) >= 0 && len(tail) > 1 && strings.Trim(tail, versionBytes) == "" ||
		len(tail) <= 4 && isAlnum(tail[0]) && classify(tail).other == 0 // 1.2.3rc1
}

const versionBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-+~/:"

// algorithms are the words of which names of algorithms and mechanisms are
// made, fillers the words of a language that stand beside them, sizes the
// numbers behind both.
var (
	algorithms = wordSet(`
		scram cram sasl ntlm gssapi spnego oauthbearer xoauth otp hmac sha md keccak blake ripemd rmd aes des rc chacha chachapoly poly gcm ccm cbc ctr
		cfb ecb ofb siv ocb xts kw rsa dsa dss ec ecdsa ecdh ecdhe dh dhe eddsa ed secp nistp oaep pkcs mgf hs rs es ps p256 p384 p521 x25519 x448 x509
		bcrypt scrypt argon argon2id argon2i pbkdf hkdf ssl tls sslv tlsv http oauth oidc saml rfc iso utf ucs latin base64 base32 ascii sntrup mlkem ssh openssh`)
	fillers = wordSet(`
		digest kerberos plus external shake tripledes camellia aria seed idea cast twofish blowfish serpent wrap curve prime v k1 r1 with and anon null psk
		aws crypt yescrypt base unicode kyber com cert cipher v00 v01`)
	sizes = wordSet(`
		1 2 3 4 5 6 7 8 9 10 15 16 20 32 64 96 128 160 192 224 256 384 448 512 521 761 768 1024 1305 1960 2048 3072 4096 8192 8859 25519`)
)

// isMechanism reports whether a value names an algorithm, an encoding or a
// mechanism: scram-sha-256, CRAM-MD5, aes256-gcm, latin1, HTTP/1.1.
func isMechanism(v string) bool {
	if len(v) > 64 || len(v) < 3 {
		return false
	}
	known := false
	for part := range strings.FieldsFuncSeq(strings.ToLower(v), func(r rune) bool { return strings.ContainsRune("-_/.@", r) }) {
		word := strings.TrimRight(part, "0123456789")
		switch size := part[len(word):]; {
		case algorithms[part], algorithms[word] && (sizes[size] || word == "rfc"):
			known = true
		case fillers[part], (word == "" || fillers[word]) && sizes[size]:
		default:
			return false
		}
	}
	return known
}

// isSelector reports whether a value is a selector of CSS by an attribute or by
// a name that promises a secret: input[type=password], #password.
func isSelector(v string) bool {
	if v != "" && (v[0] == '#' || v[0] == '.') {
		name := strings.ReplaceAll(v[1:], "-", "_")
		return isIdentifier(name) && classify(name).digit == 0 && nameStrength(name) != nothing
	}
	k := strings.IndexByte(v, '[')
	if k < 0 || v[len(v)-1] != ']' || strings.Trim(v[:k], "*.#") != "" && !isIdentifier(strings.NewReplacer("-", "_", "#", "_", " ", "_").Replace(v[:k])) {
		return false
	}
	name, _, ok := strings.Cut(v[k+1:], "=")
	return ok && isIdentifier(strings.ReplaceAll(strings.TrimRight(name, "~|^$*"), "-", "_")) && classify(name).digit == 0
}

// isPublicForm reports whether the form of a run tells that it is public: a
// subresource integrity, a verifier of Go's signed notes, a public key of
// signify and minisign, a SubjectPublicKeyInfo.
func isPublicForm(v string) bool {
	switch {
	case strings.Contains(v, "sha256-"), strings.Contains(v, "sha384-"), strings.Contains(v, "sha512-"):
		return true
	case len(v) == 56 && strings.HasPrefix(v, "RW"), strings.Contains(v, "EXAMPLE"):
		return true
	case strings.HasPrefix(v, "_ZN"), strings.HasPrefix(v, "_RNv"): // names of C++ and Rust for a linker
		return true
	}
	for _, magic := range []string{"iVBORw0KGgo", "R0lGOD", "/9j/", "JVBERi0", "d09GR", "PHN2Zy"} {
		if strings.HasPrefix(v, magic) {
			return true // a picture, a document, a font
		}
	}
	return isVerifier(v) || isPublicKeyInfo(v)
}

// isVerifier reports whether a value is the key that verifies signed notes:
// name+hash+key, of which the first byte is the algorithm.
func isVerifier(v string) bool {
	k := strings.IndexByte(v, '+')
	return k >= 0 && len(v)-k >= 54 && v[k+9] == '+' && isHex(v[k+1:k+9]) && v[k+10] == 'A'
}

// isPublicKeyInfo reports whether a value is the base64 of a public key as
// certificates hold it (RFC 5280, section 4.1).
func isPublicKeyInfo(v string) bool {
	if len(v) < 56 || v[0] != 'M' {
		return false
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "="))
	if err != nil {
		return false
	}
	var info struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key asn1.BitString
	}
	_, err = asn1.Unmarshal(b, &info)
	return err == nil
}

// isSegment reports whether s is a segment of a source map's mappings: one,
// four or five numbers in base64 of variable length, each of which ends with a
// digit below 32.
func isSegment(s string) bool {
	n, open := 0, false
	for i := range len(s) {
		c := s[i]
		open = !(isUpper(c) || 'a' <= c && c <= 'f')
		if !open {
			n++
		}
	}
	return !open && (n == 1 || n == 4 || n == 5)
}

// inMappings reports whether segments of a source map stand on both sides of
// what starts at a and ends at z.
func (f *finder) inMappings(a, z int) bool {
	if a == 0 || z == len(f.text) || strings.IndexByte(",;", f.text[a-1]) < 0 || strings.IndexByte(",;\"", f.text[z]) < 0 {
		return false
	}
	before := strings.TrimRight(f.front(a, 24), ",;")
	before = before[strings.LastIndexAny(before, ",;\"")+1:]
	if len(before) < 4 || !isSegment(before) {
		return false
	}
	after := strings.TrimLeft(f.back(z, 60), ",;")
	if k := strings.IndexAny(after, ",;\""); k >= 0 {
		after = after[:k]
	}
	return f.text[z] == '"' || after != "" && strings.Trim(after, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/") == ""
}

// helpers stand in front of "pass" where it is a verb.
var helpers = wordSet(`to must can could should will would may might not you we they then also and or either don't cannot only always never just instead please let's that which who`)

// isVerbPass reports whether the name at a to z is the verb: "need to pass
// -j4", "Pass spec=True".
func (f *finder) isVerbPass(a, z int) bool {
	if z-a != 4 || !strings.EqualFold(f.text[a:z], "pass") {
		return false
	}
	rest := f.back(z, 60)
	if len(rest) < 2 || rest[0] != ' ' || strings.IndexByte("=:|", rest[1]) >= 0 {
		return false
	}
	before := strings.Fields(strings.ToLower(f.front(a, 40)))
	if len(before) > 0 && helpers[before[len(before)-1]] || f.text[a:z] == "Pass" && isLead(f.front(a, 40)) {
		return true
	}
	words := strings.Fields(strings.ToLower(rest))
	return len(words) > 0 && words[0] == "to" || len(words) >= 3 && strings.Contains(proseWords, " "+words[1]+" ")
}

// isVerdict reports whether the name at a to z is what a test runner says
// about a test: "--- PASS: TestFoo", "PASS: gcc.dg/pr1.c".
func (f *finder) isVerdict(a, z int) bool {
	if f.text[a:z] != "PASS" || !strings.HasPrefix(f.back(z, 2), ": ") {
		return false
	}
	rest := f.back(z+2, 40)
	word, _, _ := strings.Cut(strings.ToLower(rest), " ")
	return strings.HasSuffix(f.front(a, 8), "--- ") || strings.HasPrefix(word, "test") || strings.Contains(word, "/") || strings.Contains(word, "::") || strings.Contains(word, "_test")
}

// inResource reports whether the name at a is a part of the name of a
// resource, which says where a secret is: arn:aws:secretsmanager:…:secret:db.
func (f *finder) inResource(a int) bool {
	if a == 0 || f.text[a-1] != ':' && f.text[a-1] != '/' {
		return false
	}
	before := f.front(a, maxName)
	before = before[strings.LastIndexAny(before, " \t\"'`=(,")+1:]
	return strings.HasPrefix(before, "arn:") || strings.HasPrefix(before, "urn:")
}

// isMember reports whether an identifier is something of a package or a type:
// tls13.EarlySecret.
func isMember(v string) bool {
	k := strings.LastIndexByte(v, '.')
	return k > 0 && k+2 < len(v) && isUpper(v[k+1])
}

// isFingerprint reports whether a value is written like the fingerprint of an
// OpenPGP key.
func isFingerprint(v string) bool {
	return len(v) == 40 && isHex(v) && strings.ToUpper(v) == v && !isDigits(v)
}

// isIndexed reports whether a value is an element or a part of a variable:
// key[:16], keys[name].
func isIndexed(v string) bool {
	k := strings.IndexByte(v, '[')
	if k <= 0 || v[len(v)-1] != ']' || !isIdentifier(v[:k]) {
		return false
	}
	inside := strings.Trim(v[k+1:len(v)-1], ":-")
	return inside == "" || isIdentifier(strings.ReplaceAll(inside, ":", "_")) || isDigits(strings.Trim(inside, ":-"))
}

// isHostPort reports whether a value is a host and its port.
func isHostPort(v string) bool {
	host, port, ok := strings.Cut(v, ":")
	return ok && len(port) >= 2 && len(port) <= 5 && isDigits(port) && (strings.IndexByte(host, '.') > 0 || host == "localhost") && isIdentifier(strings.ReplaceAll(host, "-", "_"))
}

// wordShare is the share of letters that are in words of a name: in parts of
// three letters and more that read like a language.
func wordShare(v string) float64 {
	n, letters := 0, 0
	for _, part := range splitName(v) {
		for part := range strings.FieldsFuncSeq(part, func(r rune) bool { return '0' <= r && r <= '9' }) {
			if letters += len(part); len(part) >= 3 && bits(part) < 4.8 {
				n += len(part)
			}
		}
	}
	return float64(n) / float64(max(1, letters))
}

// isWords reports whether a value is words joined by signs or capitals, perhaps
// with a digit: userAuthFailureMsg, BSD-2-Clause.
func isWords(v string, numbered bool) bool {
	digits := 0
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return strings.ContainsRune("-_.", r) }) {
		if !isMechanism(part) {
			digits += classify(part).digit
		}
	}
	return (digits == 0 || digits == 1 && numbered) && len(splitName(v)) >= 2 && isIdentifier(strings.NewReplacer("-", "_", "+", "_").Replace(v)) && wordShare(v) > 0.7
}

// isNamed reports whether an unquoted value is the name of something in a
// program, or a small number of one: testRSA2048PrivateKey, 0x00004000.
func (f *finder) isNamed(v value, text string) bool {
	if strings.HasPrefix(text, "0x") && len(text) <= 10 && isHex(text[2:]) {
		return true
	}
	text = strings.TrimLeft(text, "*&0123456789")
	if !isCode(f.ext) || !isIdentifier(text) || wordShare(text) < 0.6 || len(splitName(text)) < 2 && nameStrength(text) == nothing {
		return false
	}
	before := f.front(v.start, maxGap)
	return !strings.ContainsAny(before, "#\"'`") && !strings.Contains(before, "//") && !strings.HasPrefix(strings.TrimSpace(before), "*")
}

// isListed reports whether a word of a text names a file, a port or another
// flag: man5/proc.5, 752/udp, --no-block.
func isListed(v string) bool {
	if strings.HasPrefix(v, "--") && len(v) > 3 && isLower(v[2]) {
		return true
	}
	return strings.IndexByte(v, '/') > 0 && strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789/.-_") == "" && transitions(v) <= 0.5
}

// isSigned reports whether what stands in front of a run is the name in a
// signature of a signed note: "— name ".
func isSigned(before string) bool {
	words := strings.Fields(strings.Trim(before, "/\" \t"))
	return len(words) == 2 && words[0] == "—"
}

// isIdentifying reports whether what stands in front of a run calls it an
// identifier: "jobId": ", --upload-id. Those of secrets and sessions may be all
// that somebody needs.
func isIdentifying(before string) bool {
	name := strings.TrimRight(before, "\"'`:= ")
	sign := before[len(name):]
	k := len(name)
	for k > 0 && isNameByte(name[k-1]) {
		k--
	}
	name = name[k:]
	if !strings.ContainsAny(sign, ":=") && !strings.HasPrefix(name, "--") {
		return false
	}
	parts := splitName(name)
	last := len(parts) - 1
	if last < 0 || parts[last] != "id" && parts[last] != "ids" && parts[last] != "identifier" && parts[last] != "arn" {
		return false
	}
	return last == 0 || nameStrength(parts[last-1]) == nothing && parts[last-1] != "session" && parts[last-1] != "sess" && parts[last-1] != "key"
}
