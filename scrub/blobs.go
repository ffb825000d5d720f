// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Base64 tells what it holds by how it starts: the first bytes of a keystore, a
// private key or an assertion are always the same.
var (
	keyBlobs       = strings.Fields("MII MIACAQMw MIGHAgEA MIG2AgEA MIHuAgEA MIGkAgEB MIHcAgEB MHcCAQEE MC4CAQAw /u3+7QAA zs7OzgAA")
	assertionBlobs = strings.Fields("PHNhbWxwOlJlc3BvbnNl PHNhbWwycDpSZXNwb25zZ PHNhbWw6QXNzZXJ0aW9u PHNhbWwyOkFzc2VydGlvbi PFJlc3BvbnNlI PEFzc2VydGlvbi")
)

// minBlob is the shortest blob in bytes: a start alone is none.
const minBlob = 48

// keyBlob removes a keystore or a private key in base64.
func (f *finder) keyBlob(start, _ int) {
	if f.inQuiet(start) || start > 0 && runByte[f.text[start-1]] && f.text[start-1] != '_' {
		return
	}
	head := f.text[start:min(len(f.text), start+32)]
	b, err := base64.RawStdEncoding.DecodeString(head)
	switch {
	case err != nil || len(b) < 24:
	case isKeyHead(b):
		f.blob(start, "keystore")
	case b[0] == 0x30 && b[1] == 0x82 && b[4] == 0x30:
		f.public(start, start) // a certificate, a public key
	}
}

// encrypted are the starts of the object identifiers of PKCS #5 and PKCS #12.
var encrypted = [][]byte{{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 5}, {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 12}}

// isKeyHead reports whether a keystore of Java or a private key in DER starts so:
// a sequence that starts with a version, or with how the rest is encrypted.
func isKeyHead(b []byte) bool {
	for _, magic := range []string{"\xFE\xED\xFE\xED\x00", "\xCE\xCE\xCE\xCE\x00"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return true
		}
	}
	i := 2
	if len(b) > 1 && b[1] > 0x80 {
		i += int(b[1] - 0x80) // bytes of the length
	}
	if len(b) > i+12 && b[i] == 0x30 && (bytes.HasPrefix(b[i+4:], encrypted[0]) || bytes.HasPrefix(b[i+4:], encrypted[1])) {
		return true
	}
	if len(b) < i+4 || b[0] != 0x30 || b[i] != 2 || b[i+1] != 1 {
		return false
	}
	switch version, next := b[i+2], b[i+3]; version {
	case 0:
		return next == 0x30 || next == 2 // PKCS #8, PKCS #1
	case 1:
		return next == 4 // SEC 1
	case 3:
		return next == 0x30 // PKCS #12
	}
	return false
}

// assertion removes an assertion of SAML in base64.
func (f *finder) assertion(start, _ int) {
	if b, err := base64.RawStdEncoding.DecodeString(f.text[start:min(len(f.text), start+12)]); err == nil && b[0] == '<' && printable(b) {
		f.blob(start, "saml-assertion")
	}
}

// blob removes base64 from a on as far as it goes, over lines and literals.
func (f *finder) blob(a int, kind string) {
	if a < f.blocks || a > 0 && runByte[f.text[a-1]] && f.text[a-1] != '_' || f.inQuiet(a) {
		return
	}
	z := a
	for z < len(f.text) && z-a < maxKey {
		n := blobByte(f.text[z:])
		if n == 0 {
			n = nextBlobLine(f.text[z:min(len(f.text), z+maxGap)])
		}
		if n == 0 {
			break
		}
		z += n
	}
	if f.spend((z - a) / 16); z-a >= minBlob && varied(f.text[a:z]) {
		f.add(a, min(z, len(f.text)), kind, rankToken)
		f.blocks = z
	}
}

// blobByte returns the length of a character of base64, also percent-encoded.
func blobByte(s string) int {
	switch {
	case runByte[s[0]], s[0] == '=':
		return 1
	case len(s) > 2 && s[0] == '%' && (s[1] == '2' || s[1] == '3'):
		return 3
	}
	return 0
}

// nextBlobLine returns the length of what stands between two lines of base64,
// each of which may be a literal; 0 when none follows.
func nextBlobLine(s string) int {
	i, ends := 0, false
	for i < len(s) && i < 48 && strings.IndexByte("\\nr\"'+, \t\n", s[i]) >= 0 {
		ends = ends || s[i] == '\n' || i > 0 && s[i-1] == '\\'
		i++
	}
	if i == 0 || !ends {
		return 0
	}
	if i > 1 && s[i-1] == 'n' && s[i-2] != '\\' || s[i-1] == 'r' {
		i-- // a letter of the data
	}
	line := s[i:min(len(s), i+minBlob)]
	if len(line) < 16 || !isBase64(line[:16]) || !varied(line) {
		return 0
	}
	return i
}

// dataURL removes the data of a URL when a secret is in it.
func (f *finder) dataURL(start, end int) {
	_, kind, ok := strings.Cut(f.front(start, 60), "data:")
	if !ok || f.inner || strings.HasPrefix(kind, "image/png") || strings.HasPrefix(kind, "font") {
		return
	}
	z := end
	for z < len(f.text) && z-end <= maxDecode && runByte[f.text[z]] {
		z++
	}
	if z-end >= minRun {
		f.spend(4)
		f.encoded(end, z)
	}
}
