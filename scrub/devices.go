// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// writings say how the secret behind them is written down.
var writings = wordSet(`cipher simple plain plaintext encrypted hidden ascii ascii-text hex enc read write ro rw auth priv key clear
	sha hmac hmac-md5 hmac-sha hmac-sha-1 hmac-sha-256 keyed-sha1`)

// isWriting reports whether an argument of a network device's command says how
// a secret is written, or which one it is: password 7, md5 1 key.
func isWriting(t string) bool {
	low := strings.ToLower(t)
	return writings[low] || isDigits(t) && len(t) <= 3 || isFormat(t)
}
