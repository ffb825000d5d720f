// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Alphabets of encodings, in the order of their digits.
const (
	base62Digits = digitChars + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz" // BIP 32 and its like
	bech32Digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"                           // BIP 173
)

// base62 writes n with six digits, the most that 32 bits need.
func base62(n uint32) string {
	b := []byte("000000")
	for i := len(b) - 1; n > 0; i-- {
		b[i] = base62Digits[n%62]
		n /= 62
	}
	return string(b)
}

// crcBehind verifies tokens that end in six base62 digits of the CRC32 of what
// stands between prefix and checksum:
// https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
func crcBehind(token string) bool {
	_, body, ok := strings.Cut(token, "_")
	k := len(body) - 6
	return ok && k > 0 && body[k:] == base62(crc32.ChecksumIEEE([]byte(body[:k])))
}

// matrixCheck verifies tokens of the Matrix Authentication Service, which end
// in "_" and six base62 digits of the CRC32 of all in front, lowest digit
// first. Its crates/data-model/src/tokens.rs.
func matrixCheck(token string) bool {
	k := len(token) - 7
	if k <= 0 || token[k] != '_' {
		return false
	}
	sum := []byte(strings.TrimLeft(base62(crc32.ChecksumIEEE([]byte(token[:k]))), "0"))
	slices.Reverse(sum)
	return token[k+1:] == strings.Repeat("0", 6-len(sum))+string(sum)
}

// grafanaCheck verifies eight hex digits behind the last "_": the CRC32 of all
// in front, low byte first. Grafana's pkg/components/satokengen.
func grafanaCheck(token string) bool {
	k := strings.LastIndexByte(token, '_')
	if k < 0 {
		return false
	}
	n := crc32.ChecksumIEEE([]byte(token[:k]))
	return strings.EqualFold(token[k+1:], hex.EncodeToString([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}))
}

// gitlabCheck verifies routable tokens: seven base36 digits of the CRC32 of
// all in front. GitLab's lib/authn/token_field/generator/routable_token.rb.
func gitlabCheck(token string) bool {
	k := len(token) - 7
	if k < 0 {
		return false
	}
	n := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(token[:k]))), 36)
	return token[k:] == strings.Repeat("0", 7-len(n))+n
}

// pypiCheck reads the token as a macaroon, version 2: location, identifier,
// caveats and a signature of 32 bytes.
// https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt
func pypiCheck(token string) bool {
	b := decode64(strings.TrimPrefix(token, "pypi-"))
	if len(b) < 36 || b[0] != 2 {
		return false
	}
	b = b[1:]
	sections, fields := 0, 0
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		if kind == 0 { // a section ends; an empty one ends the caveats
			sections++
			if fields == 0 && sections > 1 {
				return len(b) == 34 && b[0] == 6 && b[1] == 32
			}
			fields = 0
			continue
		}
		// Lengths are varints; two bytes hold more than a token has.
		if len(b) < 2 || kind > 4 {
			return false
		}
		n := int(b[0] & 0x7f)
		if b[0] >= 0x80 {
			n |= int(b[1]) << 7
			b = b[1:]
		}
		if b = b[1:]; n > len(b) {
			return false
		}
		b = b[n:]
		fields++
	}
	return false
}

// jwtCheck reads header and claims as JSON objects. The header names its
// algorithm (RFC 7515, section 4.1.1), one claim is of those that RFC 7519,
// section 4.1, registers. Encrypted tokens have no claims to read.
func jwtCheck(token string) bool {
	parts := strings.Split(token, ".")
	var header struct{ Alg, Enc string }
	if len(parts) < 3 || json.Unmarshal(decode64(parts[0]), &header) != nil || header.Alg == "" {
		return false
	}
	if len(parts) == 5 {
		return header.Enc != ""
	}
	var claims map[string]any
	if json.Unmarshal(decode64(parts[1]), &claims) != nil || parts[2] == "" {
		return false
	}
	for _, name := range []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"} {
		if _, ok := claims[name]; ok {
			return true
		}
	}
	return false
}

// holds returns a check for base64 of a JSON object with these fields, behind a prefix.
func holds(prefix string, fields ...string) func(string) bool {
	return func(token string) bool {
		var o map[string]any
		if json.Unmarshal(decode64(strings.TrimPrefix(token, prefix)), &o) != nil {
			return false
		}
		for _, f := range fields {
			if _, ok := o[f]; !ok {
				return false
			}
		}
		return true
	}
}

// decode64 reads base64 of either alphabet, padded or not; nil is none.
func decode64(s string) []byte {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// bech32Check verifies the last six characters as BIP 173 says: a code over
// the part that people read, in front of the last "1", and the data.
func bech32Check(token string) bool {
	s := strings.ToLower(token)
	one := strings.LastIndexByte(s, '1')
	return one > 0 && len(s)-one > 6 && bech32Sum(s[:one], s[one+1:]) == 1
}

// bech32Sum is the code of BIP 173; of a whole token it is 1.
func bech32Sum(human, data string) uint32 {
	sum := uint32(1)
	add := func(v byte) {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for i := range len(human) {
		add(human[i] >> 5)
	}
	add(0)
	for i := range len(human) {
		add(human[i] & 31)
	}
	for i := range len(data) {
		v := strings.IndexByte(bech32Digits, data[i])
		if v < 0 {
			return 0
		}
		add(byte(v))
	}
	return sum
}

// base58Check verifies the last four bytes: the first of SHA-256, twice, of
// all in front. https://en.bitcoin.it/wiki/Base58Check_encoding
func base58Check(token string) bool {
	n := new(big.Int)
	for i := range len(token) {
		v := strings.IndexByte(base58Digits, token[i])
		if v < 0 {
			return false
		}
		n.Add(n.Mul(n, big.NewInt(58)), big.NewInt(int64(v)))
	}
	b := n.Bytes()
	if len(b) < 5 {
		return false
	}
	data, sum := b[:len(b)-4], b[len(b)-4:]
	// Leading zeros are "1" in the text and do not show in the number.
	lead := make([]byte, len(token)-len(strings.TrimLeft(token, "1")), len(token))
	once := sha256.Sum256(append(lead, data...))
	twice := sha256.Sum256(once[:])
	return bytes.Equal(twice[:4], sum)
}

// crc16Check verifies base32 that ends in the CRC16 (XMODEM) of all in front,
// low byte first, as seeds of NATS and Stellar have it.
// https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth
// https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md
func crc16Check(token string) bool {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(token)
	if err != nil || len(b) < 3 || token[0] != 'S' {
		return false
	}
	k := len(b) - 2
	sum := crc16(b[:k])
	return b[k] == byte(sum) && b[k+1] == byte(sum>>8)
}

func crc16(b []byte) uint16 {
	sum := uint16(0)
	for _, c := range b {
		sum ^= uint16(c) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}
