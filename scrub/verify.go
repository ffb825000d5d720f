// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"strings"
)

// unmistakable are prefixes of tokens, with the least number of token
// characters behind them. The list is kept apart from the rules on purpose: a
// mistake there does not repeat here.
var unmistakable = []struct {
	prefix string
	least  int
}{
	{"ghp_", 30},
	{"gho_", 30},
	{"ghu_", 30},
	{"ghs_", 30},
	{"ghr_", 30},
	{"github_pat_", 40},
	{"glpat-", 18},
	{"gldt-", 18},
	{"glrt-", 18},
	{"AKIA", 16},
	{"ASIA", 16},
	{"AIza", 33},
	{"ya29.", 20},
	{"GOCSPX-", 20},
	{"xoxb-", 20},
	{"xoxp-", 20},
	{"xapp-", 20},
	{"hooks.slack.com/services/T", 20},
	{"sk_live_", 16},
	{"rk_live_", 16},
	{"whsec_", 24},
	{"sk-ant-", 30},
	{"sk-proj-", 30},
	{"hf_", 30},
	{"npm_", 34},
	{"pypi-AgEI", 40},
	{"dop_v1_", 40},
	{"SG.", 40},
	{"shpat_", 28},
	{"dckr_pat_", 20},
	{"glsa_", 30},
	{"hvs.", 20},
	{"rubygems_", 40},
	{"sntrys_", 30},
	{"NRAK-", 20},
	{"dapi", 32},
	{"EAACEdEose0cBA", 10},
	{"AGE-SECRET-KEY-1", 40},
}

// Verify looks at finished text with other code than the rules and returns an
// error when something that looks like a secret, or a value that was removed
// before, stands in it. The error never holds the value.
func (c *Cleaner) Verify(t Text) error {
	for v, f := range c.spread.values {
		if strings.Contains(t.s, v) {
			return fmt.Errorf("verify: a %s that was removed before stands in the text; nothing was let through", f.kind)
		}
	}
	for _, u := range unmistakable {
		for rest := t.s; ; {
			k := strings.Index(rest, u.prefix)
			if k < 0 {
				break
			}
			glued := k > 0 && isAlnum(rest[k-1]) && len(u.prefix) <= 4
			rest = rest[k+len(u.prefix):]
			n := 0
			for n < len(rest) && (isToken(rest[n]) || rest[n] == '/') {
				n++
			}
			if n >= u.least && !glued && mixed(rest[:n]) && entropy(rest[:n]) > 3 && !isPlaceholder(rest[:n]) {
				return fmt.Errorf("verify: a token with the prefix %q stands in the text; nothing was let through", u.prefix)
			}
		}
	}
	if armoured(t.s) {
		return fmt.Errorf("verify: a private key stands in the text; nothing was let through")
	}
	if urlPassword(t.s) {
		return fmt.Errorf("verify: a URL with a password stands in the text; nothing was let through")
	}
	return nil
}

// armoured reports whether something follows the first line of a private key.
func armoured(s string) bool {
	for {
		_, after, ok := strings.Cut(s, "PRIVATE KEY-----")
		if !ok {
			return false
		}
		s = after
		run := 0
		for i := 0; i < len(after) && i < 200 && after[i] != '-' && !strings.HasPrefix(after[i:], placeholderOpen); i++ {
			if isAlnum(after[i]) || after[i] == '+' || after[i] == '/' {
				run++
			} else {
				run = 0
			}
			if run >= 40 {
				return true
			}
		}
	}
}

// urlPassword reports whether a URL carries a password that no example has.
func urlPassword(s string) bool {
	for {
		_, after, ok := strings.Cut(s, "://")
		if !ok {
			return false
		}
		s = after
		host := after
		if k := strings.IndexAny(host, "/?# \t\n\"'<>`«"); k >= 0 {
			host = host[:k]
		}
		user, _, ok := strings.Cut(host, "@")
		if !ok {
			continue
		}
		if _, pass, ok := strings.Cut(user, ":"); ok && len(pass) >= 8 && mixed(pass) && !isDummy(pass) {
			return true
		}
	}
}
