// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"

	"review-assistant/internal/lazyre"
)

var userSlashPassword = lazyre.New("\\A\\s?[\"'*_`(]{0,3}[A-Za-z][A-Za-z0-9_.@-]{1,63}[\"'*_`]{0,3}(?: ?[/|] ?|:)[\"'*_`]{0,3}([^\\s\"'*`)<]{5,64})")

// login removes the password of "login: user / password".
func (f *finder) login(_, end int) {
	line := f.back(end, maxGap)
	if !strings.ContainsAny(line, "/|:,") {
		return
	}
	f.spend(40)
	m := userSlashPassword.FindStringSubmatchIndex(line)
	if m == nil {
		return
	}
	text := strings.TrimRight(line[m[2]:m[3]], ".,;")
	if c := classify(text); c.digit == 0 || c.digit+c.other < 2 || c.upper+c.lower == 0 || !canBePassword(text) || isDummy(text) || strings.ContainsAny(text, "/()[]=") {
		return
	}
	f.add(end+m[2], end+m[2]+len(text), "password", rankName)
}

var relayLogin = lazyre.New(`\A\s+[A-Za-z0-9_.@+-]{1,80}:(\S{4,80})\s*\z`)

// relay removes the password of a line of Postfix: [host]:587 user:password.
func (f *finder) relay(_, end int) {
	line := f.back(end, maxGap)
	f.spend(10)
	if m := relayLogin.FindStringSubmatchIndex(line); m != nil && !isDummy(line[m[2]:m[3]]) {
		f.add(end+m[2], end+m[3], "password", rankPlace)
	}
}

// keyring removes the secret of a line of ipsec.secrets: bob : XAUTH "value".
func (f *finder) keyring(_, end int) {
	line := f.back(end, maxGap)
	f.spend(10)
	if k := strings.IndexByte(line, '"'); k >= 0 && strings.Count(line, `"`) == 2 {
		if v, ok := f.quoted(end + k); ok {
			f.takeWord(v, true, false)
		}
	}
}

// userPassLines removes the second line of an element of OpenVPN.
func (f *finder) userPassLines(start, end int) {
	if start == 0 || f.text[start-1] != '<' {
		return // the end of the element
	}
	limit := min(len(f.text), end+maxGap)
	_, _, i, _ := f.next(end, limit)
	_, _, i, _ = f.next(i, limit)
	line, at, _, _ := f.next(i, limit)
	if v := strings.TrimSpace(line); len(v) >= 4 && !isDummy(v) && v[0] != '<' {
		at += strings.Index(line, v)
		f.add(at, at+len(v), "password", rankPlace)
	}
}
