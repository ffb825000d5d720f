// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Bounds in bytes of what is read around a word of a format.
const (
	maxEntry    = 400
	maxManifest = 6 << 10
)

// svnAuth removes the value behind the name "password" in a file of
// Subversion: lengths stand on lines of their own.
func (f *finder) svnAuth(start, end int) {
	if start > 0 && start-f.lineStart(start) > 1 || f.lineEnd(end)-end > 1 {
		return
	}
	limit := min(len(f.text), end+maxEntry)
	_, _, i, _ := f.next(end, limit)
	name, _, i, _ := f.next(i, limit)
	size, _, i, _ := f.next(i, limit)
	value, at, _, _ := f.next(i, limit)
	name = strings.TrimPrefix(name, " ")
	n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(size, " "), "V "))
	if err == nil && n > 0 && (name == "password" || name == "passphrase") && (len(value) == n || len(value) == n+1 && value[0] == ' ') {
		f.add(at+len(value)-n, at+len(value), "password", rankPlace)
	}
}

// element removes what <Pass encoding="base64"> holds.
func (f *finder) element(_, end int) {
	line := f.back(end, maxEntry)
	a := strings.IndexByte(line, '>')
	if a < 0 || line[a-min(a, 1)] == '/' {
		return
	}
	z := strings.IndexByte(line[a:], '<')
	if v := line[a+1 : max(a+1, a+z)]; v != "" && !isReference(v) && !isPlaceholder(v) {
		f.add(end+a+1, end+a+z, "password", rankPlace)
	}
}

// property removes the <value> of a property whose name says that it is secret.
func (f *finder) property(start, end int) {
	low := max(0, start-200)
	front := f.text[low:start]
	k := strings.LastIndex(front, `name="`)
	if k < 0 || !strings.HasSuffix(front, "<") || strings.Contains(front[k:], "</") {
		return
	}
	name, between, ok := strings.Cut(front[k+6:], `"`)
	if !ok || strings.Count(between, ">") != 1 || nameStrength(name) == nothing {
		return
	}
	line := f.back(end, maxEntry)
	z := strings.IndexByte(line, '<')
	if z < 4 || isReference(line[:z]) || isPlaceholder(line[:z]) || !canBePassword(line[:z]) {
		return
	}
	f.add(end, end+z, "password", rankPlace)
}

// bundler removes the password of BUNDLE_<HOST>: "user:password".
func (f *finder) bundler(start, end int) {
	if start > 0 && (isAlnum(f.text[start-1]) || f.text[start-1] == '_') {
		return
	}
	line := f.back(end, maxEntry)
	i := 0
	for i < len(line) && (isAlnum(line[i]) || line[i] == '_') {
		i++
	}
	for i < len(line) && strings.IndexByte(" :=\"'", line[i]) >= 0 {
		i++
	}
	z := i
	for z < len(line) && strings.IndexByte(" \t\"'`", line[z]) < 0 {
		z++
	}
	user, pass, ok := strings.Cut(line[i:z], ":")
	if !ok || !isIdentifier(strings.ReplaceAll(user, "-", "_")) || len(pass) < 4 || strings.HasPrefix(pass, "//") || isDummy(pass) || isDigits(pass) {
		return
	}
	f.add(end+i+len(user)+1, end+z, "bundle-password", rankPlace)
}

// digest removes the response of HTTP's digest authentication.
func (f *finder) digest(_, end int) {
	line := f.back(end, 130)
	z := strings.IndexByte(line, '"')
	if z < 32 || !isHex(line[:z]) {
		return
	}
	if front := strings.ToLower(f.front(end, 700)); strings.Contains(front, "nonce") || strings.Contains(front, "digest ") {
		f.add(end, end+z, "digest-response", rankPlace)
	}
}

// hook removes the last part of the address of an incoming webhook: 26 letters
// and digits with Mattermost, more elsewhere.
func (f *finder) hook(start, end int) {
	if !strings.Contains(f.front(start, 120), "://") {
		return
	}
	line := f.back(end, 200)
	z := 0
	for z < len(line) && isAlnum(line[z]) {
		z++
	}
	if v := line[:z]; z >= 20 && z <= 64 && isRandomKey(v) {
		f.add(end, end+z, "webhook", rankPlace)
	}
}

// staticKey removes the lines of a key of OpenVPN.
func (f *finder) staticKey(_, end int) {
	limit := min(len(f.text), end+2048)
	_, _, i, _ := f.next(end, limit)
	for i < limit {
		line, at, then, _ := f.next(i, limit)
		v := strings.TrimSpace(line)
		if len(v) < 32 || !isHex(v) {
			return
		}
		at += strings.Index(line, v)
		f.add(at, at+len(v), "openvpn-key", rankPlace)
		i = then
	}
}

// manifest removes the values of a Secret of Kubernetes. Its data may stand on
// both sides of its kind.
func (f *finder) manifest(start, end int) {
	if start < f.manifests {
		return // read already
	}
	if rest := strings.TrimSpace(f.back(end, 20)); rest != "" && rest[0] != '#' && rest[0] != ',' && rest[0] != '}' {
		return // SecretStore and the like
	}
	low := max(f.manifests, start-maxManifest)
	for _, sep := range []string{"\n---", "\n+---", "\n ---"} {
		if k := strings.LastIndex(f.text[low:start], sep); k >= 0 {
			low += k + len(sep)
		}
	}
	limit := min(len(f.text), end+maxManifest)
	low = f.lineStart(low)
	f.spend((limit - low) / 64)
	inside, base := "", 0
	i := low
	for i < limit {
		line, at, then, _ := f.next(i, limit)
		i = then
		text := strings.TrimLeft(line, " ")
		if indent := len(line) - len(text); text == "" || text[0] == '#' {
			continue
		} else if inside == "" || indent <= base {
			if strings.HasPrefix(text, "---") && at > start {
				break
			}
			inside, base = "", indent
			if name := strings.TrimSpace(text); name == "data:" || name == "stringData:" {
				inside = name
			}
			continue
		}
		f.entry(line, at, inside == "data:")
	}
	f.manifests = i
}

// entry removes the value of one line of a Secret.
func (f *finder) entry(line string, at int, encoded bool) {
	name, value, ok := strings.Cut(line, ": ")
	if !ok {
		value = line // the lines of a block
	}
	v := strings.Trim(strings.TrimSpace(value), `"'`)
	if len(v) < 4 || isReference(v) || isPlaceholder(v) {
		return
	}
	if encoded {
		b, err := base64.StdEncoding.DecodeString(v)
		if err != nil || !ok && len(v) < 32 || len(b) < 4 || isPlaceholder(string(b)) {
			return
		}
	} else if !ok || !canBePassword(v) && (nameStrength(strings.TrimSpace(name)) == nothing || !keyLooking(v)) || strings.Contains(v, "://") || isFormat(v) {
		return
	}
	at += len(line) - len(value) + strings.Index(value, v)
	f.add(at, at+len(v), "kubernetes-secret", rankPlace)
}

// sensitive removes the value beside "sensitive": true in a state of Terraform,
// and the default of a variable that is sensitive.
func (f *finder) sensitive(_, end int) {
	rest := strings.TrimLeft(f.back(end, 24), " =:")
	if !strings.HasPrefix(rest, "true") {
		return
	}
	f.spend(20)
	low, limit := max(0, end-maxEntry), min(len(f.text), end+maxEntry)
	if k := strings.LastIndexAny(f.text[low:end], "{}"); k >= 0 {
		low += k
	}
	if k := strings.IndexAny(f.text[end:limit], "{}"); k >= 0 {
		limit = end + k
	}
	window := f.text[low:limit]
	for _, word := range []string{`"value"`, "default ", "value "} {
		k := strings.Index(window, word)
		if k < 0 || k > 0 && isToken(window[k-1]) {
			continue
		}
		k += len(word)
		gap := len(window[k:]) - len(strings.TrimLeft(window[k:], " \t:="))
		if k += gap; gap == 0 || k >= len(window) || window[k] != '"' {
			continue
		}
		v := window[k+1:]
		z := 0
		for z < len(v) && v[z] != '"' && v[z] != '\n' {
			if v[z] == '\\' {
				z++
			}
			z++
		}
		if z = min(z, len(v)); z >= 4 && !isReference(v[:z]) && !isPlaceholder(v[:z]) && !isFormat(v[:z]) {
			f.add(low+k+1, low+k+1+z, "sensitive-value", rankPlace)
		}
		return
	}
}
