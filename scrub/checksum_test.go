// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// base58 writes b behind its version bytes with a checksum, as BIP 32 does.
func base58(b []byte) string {
	once := sha256.Sum256(b)
	twice := sha256.Sum256(once[:])
	n, digit := new(big.Int).SetBytes(append(bytes.Clone(b), twice[:4]...)), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), digit)
		out = append([]byte{base58Digits[digit.Int64()]}, out...)
	}
	return string(out)
}

// bech32 adds the checksum of BIP 173 to a text of its digits.
func bech32(human, data string) string {
	sum := bech32Sum(human, data+"qqqqqq") ^ 1
	for i := range 6 {
		data += string(bech32Digits[sum>>(5*(5-i))&31])
	}
	return human + "1" + data
}

// pad fills digits up with zeros.
func pad(digits string, n int) string { return strings.Repeat("0", n-len(digits)) + digits }

// flip damages the token that text ends in: a character of what a sum covers,
// or the structure of what has none.
func flip(text, token string) string {
	switch {
	case strings.HasPrefix(token, "pypi-"):
		return text + "AAAA"
	case strings.HasPrefix(token, "ey"), strings.HasPrefix(token, "glc_"):
		k := len(text)
		if dot := strings.IndexByte(text, '.'); dot > 0 {
			k = dot
		}
		return text[:k-4] + "AAAA" + text[k:]
	}
	k := len(text) - len(token)/3
	other := "q"
	if strings.ToUpper(token) == token {
		other = "Q"
	}
	if text[k:k+1] == other {
		other = string(other[0] + 'z' - 'q')
	}
	return text[:k] + other + text[k+1:]
}

// TestChecks builds valid tokens of each checked kind: they are sure; with one
// character changed they are found all the same, but not sure.
func TestChecks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	url64, std64 := base64.RawURLEncoding.EncodeToString, base64.StdEncoding.EncodeToString
	github := func(prefix string) string {
		body := fake(rng, "{a30}")
		return prefix + body + base62(crc32.ChecksumIEEE([]byte(body)))
	}
	seed := func(lead ...byte) string {
		b := append(lead, random(32)...)
		sum := crc16(b)
		return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(b, byte(sum), byte(sum>>8)))
	}
	data := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = bech32Digits[rng.IntN(32)]
		}
		return string(b)
	}
	tokens := map[string]func() string{
		"github-token":  func() string { return github("ghp_") },
		"npm-token":     func() string { return github("npm_") },
		"netbird-token": func() string { return github("nbp_") },
		"matrix-auth-token": func() string {
			base := fake(rng, "mat_{a30}")
			n := crc32.ChecksumIEEE([]byte(base))
			digits := ""
			for ; n > 0; n /= 62 {
				digits += string(base62Digits[n%62])
			}
			return base + "_" + pad(digits, 6)
		},
		"grafana-token": func() string {
			base := fake(rng, "glsa_{a32}")
			n := crc32.ChecksumIEEE([]byte(base))
			return fmt.Sprintf("%s_%02x%02x%02x%02x", base, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		},
		"gitlab-token": func() string {
			payload := url64(append(random(16), "o:1\nu:5\x07"...))
			base := "glpat-" + payload + ".01." + pad(strconv.FormatInt(int64(len(payload)), 36), 2)
			return base + pad(strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(base))), 36), 7)
		},
		"pypi-token": func() string {
			b := []byte("\x02\x01\x08pypi.org\x02\x24" + fake(rng, "{x}") + "\x00\x02\x0d[0,\"project\"]\x00\x00\x06\x20")
			return "pypi-" + url64(append(b, random(32)...))
		},
		"jwt": func() string {
			return url64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + url64([]byte(`{"sub":"1","iat":1516239022}`)) + "." + url64(random(32))
		},
		"grafana-legacy-key": func() string {
			return std64([]byte(fake(rng, `{"k":"{a32}","n":"deploy","id":1}`)))
		},
		"grafana-cloud-token": func() string {
			return "glc_" + std64([]byte(fake(rng, `{"o":"1","n":"deploy","k":"{a24}","m":{"r":"eu"}}`)))
		},
		"neptune-token": func() string {
			return std64([]byte(fake(rng, `{"api_address":"https://app.neptune.ai","api_url":"https://app.neptune.ai","api_key":"{x}"}`)))
		},
		"cloudflare-tunnel-token": func() string {
			return std64([]byte(fake(rng, `{"a":"{h32}","t":"{x}","s":"{p48}"}`)))
		},
		"age-secret-key":       func() string { return strings.ToUpper(bech32("age-secret-key-", data(52))) },
		"nostr-secret-key":     func() string { return bech32("nsec", data(52)) },
		"sui-private-key":      func() string { return bech32("suiprivkey", data(53)) },
		"cardano-signing-key":  func() string { return bech32("ed25519_sk", data(52)) },
		"bitcoin-extended-key": func() string { return base58(append([]byte{4, 0x88, 0xad, 0xe4}, random(74)...)) },
		"bitcoin-wif-key":      func() string { return "wif = " + base58(append(append([]byte{0x80}, random(32)...), 1)) },
		"tezos-secret-key":     func() string { return base58(append([]byte{13, 15, 58, 7}, random(32)...)) },
		"nats-seed":            func() string { return seed(18<<3|20>>2, 0) },
		"stellar-secret-seed":  func() string { return "stellar_secret = " + seed(18<<3) },
	}
	rules, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	// taken is what the first rule of the kind takes out of text, as a Scrubber does.
	taken := func(id, text string) (token string, sure bool) {
		for _, r := range rules {
			if r.ID != id {
				continue
			}
			newAutomaton(r.Keywords).each(text, func(w, end int) {
				if from, to, ok := r.match(text, end-len(r.Keywords[w]), end); ok && token == "" {
					token, sure = text[from:to], r.sure(text[from:to])
				}
			})
			if token != "" {
				return token, sure
			}
		}
		return "", false
	}
	seen := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(tokens)) {
		for range 200 {
			text := tokens[id]()
			if isPlaceholder(text) {
				continue // four x by chance
			}
			token, sure := taken(id, text)
			if token == "" || !sure || !strings.HasSuffix(text, token) {
				t.Errorf("%s: a valid token is not sure (found: %v)", id, token != "")
				break
			}
			flipped := flip(text, token)
			token, sure = taken(id, flipped)
			if token == "" {
				t.Errorf("%s: with another character it is not found", id)
				break
			}
			if sure {
				t.Errorf("%s: with another character it is still sure", id)
				break
			}
		}
		seen[id] = true
	}
	for _, r := range rules {
		if r.Check != nil && !seen[r.ID] {
			t.Errorf("%s has a check but no test", r.ID)
		}
	}
}

// TestChecksTakeAnything gives checks what they do not expect.
func TestChecksTakeAnything(t *testing.T) {
	rules, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.Check == nil {
			continue
		}
		for _, s := range []string{"", "_", "1", ".", "..", "pypi-", "pypi-AgEI", "a_b", "eyJ", "\x00", strings.Repeat("1", 60), strings.Repeat("A", 60), "pypi-Av__", "glsa_", "nsec1", "é1éééééé"} {
			if r.sure(s) {
				t.Errorf("%s takes %q for a token", r.ID, s)
			}
		}
	}
}
