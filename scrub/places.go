// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"encoding/base64"
	"strings"
)

// maxURL is in bytes: no longer user part of a URL is looked for.
const maxURL = 1024

// url removes the password of scheme://user:password@host, and a user part
// alone that looks like a token.
func (f *finder) url(_, end int) {
	f.spend(10)
	limit := min(len(f.text), end+maxURL)
	if from := max(end, f.ats); from < limit {
		k := strings.IndexByte(f.text[from:limit], '@')
		if k < 0 {
			f.ats = limit
			return
		}
		f.ats = from + k
	}
	f.spend(80)
	rest := f.text[end:limit]
	// A password may hold an "@": the last one before the host ends counts.
	stop := strings.IndexAny(rest, " \t\n\"'`<>")
	if stop < 0 {
		stop = len(rest)
	}
	rest = rest[:stop]
	slash := strings.IndexAny(rest, "/?#")
	at := -1
	if slash >= 0 {
		at = strings.LastIndexByte(rest[:slash], '@')
	} else {
		at = strings.LastIndexByte(rest, '@')
	}
	if at < 0 {
		// A raw "/", "?" or "#" in the password, before the first "@".
		at = strings.IndexByte(rest, '@')
		colon := strings.IndexByte(rest, ':')
		if at < 0 || colon < 0 || colon > at || slash >= 0 && slash < colon || at+1 >= len(rest) || !isAlnum(rest[at+1]) || strings.ContainsAny(rest[colon:at], "?&") || startsWithPort(rest[colon+1:]) {
			return
		}
	}
	info := rest[:at]
	colon := strings.IndexByte(info, ':')
	switch {
	case colon >= 0 && colon+1 < len(info):
		if pass := info[colon+1:]; isDummy(pass) {
			f.formats(end+colon+1, "url-password")
		} else {
			f.add(end+colon+1, end+at, "url-password", rankPlace)
		}
		if user := info[:colon]; len(user) >= 16 && keyLooking(user) {
			f.add(end, end+colon, "url-user", rankPlace)
		}
	case len(info) >= 16 && keyLooking(info) && !isReference(info):
		f.add(end, end+at, "url-user", rankPlace)
	}
}

// inUserInfo reports whether i stands between the "://" of a URL and its host.
func (f *finder) inUserInfo(i int) bool {
	before := f.front(i, maxName)
	before = before[strings.LastIndexAny(before, " \t\"'`<>=")+1:]
	_, info, ok := strings.Cut(before, "://")
	return ok && strings.IndexByte(info, ':') > 0 && strings.IndexByte(info, '/') < 0
}

func startsWithPort(s string) bool {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n > 0 && n < len(s) && s[n] == '/'
}

// isPaired reports whether something stands in brackets in v, as in templates.
func isPaired(v, open, end string) bool {
	_, after, ok := strings.Cut(v, open)
	return ok && strings.Contains(after, end)
}

// isDummy reports whether documentation writes such a password.
func isDummy(v string) bool {
	if isPlaceholder(v) || isReference(v) {
		return true
	}
	switch strings.ToLower(v) {
	case "pass", "password", "pwd", "passwd", "secret", "token", "user", "pw", "p", "x", "%s", "%v", "%d", "$1", "xxx", "foo", "bar", "test", "hidden", "x-oauth-basic", "x-access-token", "key":
		return true
	}
	return isPaired(v, "{", "}") || isPaired(v, "<", ">") || strings.HasPrefix(v, "&lt;") || v[0] == '$' && classify(v).digit == 0 || strings.HasPrefix(v, "%(")
}

// dsn removes the password of user:password@tcp(host), as Go's MySQL driver has it.
func (f *finder) dsn(start, _ int) {
	a := start
	for low := start - len(f.front(start, maxURL)); a > low && strings.IndexByte(" \t\"'`=<>", f.text[a-1]) < 0; {
		a--
	}
	f.spend(10 + start - a)
	colon := strings.IndexByte(f.text[a:start], ':')
	if colon <= 0 || strings.HasPrefix(f.text[a+colon:start], "://") {
		return
	}
	if pass := f.text[a+colon+1 : start]; pass != "" && isDummy(pass) {
		f.formats(a+colon+1, "dsn-password")
	} else if pass != "" && !strings.ContainsAny(pass, "()[]\\") {
		f.add(a+colon+1, start, "dsn-password", rankPlace)
	}
}

// header removes the credentials of an Authorization header, and those behind
// a scheme's name where the header's name is elsewhere.
func (f *finder) header(start, end int) {
	if f.inQuiet(start) || start > 0 && isAlnum(f.text[start-1]) && f.text[end-1] == ' ' {
		return
	}
	f.spend(100)
	line := f.back(end, maxValue)
	i := 0
	named := f.text[end-1] != ' '
	if named {
		i = strings.IndexFunc(line, func(r rune) bool { return !strings.ContainsRune(" \t\"'`:=,>()[]\\", r) })
		if i < 0 || i == 0 || i > 24 {
			return
		}
	}
	scheme := ""
	if !named {
		scheme = strings.ToLower(strings.TrimSpace(f.text[start:end]))
	} else if k := strings.IndexAny(line[i:], " :"); k > 0 && k <= 20 && isIdentifier(strings.ReplaceAll(line[i:i+k], "-", "_")) && classify(line[i:i+k]).digit <= 3 {
		scheme = strings.ToLower(line[i : i+k])
		i += k + 1
	}
	for i < len(line) && (line[i] == ' ' || line[i] == '"' || line[i] == '\'') {
		i++
	}
	z := i
	for z < len(line) && strings.IndexByte(" \t\"'`<>,;)}]\\", line[z]) < 0 {
		z++
	}
	v := line[i:z]
	f.spend(4 * len(v))
	if len(v) < 6 || isDummy(v) || isMechanism(strings.TrimRight(v, ".")) {
		return
	}
	if scheme == "basic" {
		if b, err := base64.StdEncoding.DecodeString(v); err == nil && strings.Contains(string(b), ":") && printable(b) && !isDummy(string(b[strings.IndexByte(string(b), ':')+1:])+" ") {
			f.add(end+i, end+z, "basic-auth", rankPlace)
		}
		if !named {
			return // a word of English, too
		}
	}
	if len(v) >= 8 && (keyLooking(v) || named && scheme == "bearer" && isHyphened(v)) && !isExpression(v) && (named || len(v) >= 12) {
		kind := "authorization"
		if scheme == "bearer" {
			kind = "bearer-token"
		}
		f.add(end+i, end+z, kind, rankPlace)
	}
}

// cookie removes the values of a Cookie or Set-Cookie header that look like
// sessions.
func (f *finder) cookie(_, end int) {
	if end < f.cookies {
		return
	}
	stop := min(f.lineEnd(end), end+maxValue)
	f.cookies = stop
	f.spend(10 + (stop-end)*2)
	for i := end; i < stop; {
		z := i
		for z < stop && strings.IndexByte(";\"'`\\", f.text[z]) < 0 {
			z++
		}
		if eq := strings.IndexByte(f.text[i:z], '='); eq > 0 {
			v := strings.TrimSpace(f.text[i+eq+1 : z])
			if len(v) >= 8 && keyLooking(v) && !isReference(v) && !isPlaceholder(v) {
				at := strings.Index(f.text[i+eq+1:z], v) + i + eq + 1
				f.add(at, at+len(v), "cookie", rankPlace)
			}
		}
		if z < stop && f.text[z] != ';' {
			return
		}
		i = z + 1
	}
}

// userFlag removes the password of curl -u user:password and its like.
func (f *finder) userFlag(start, end int) {
	f.spend(60)
	line := f.back(end, maxURL)
	if line == "" {
		return
	}
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '"' || line[i] == '\'') {
		i++
	}
	z := i
	for z < len(line) && strings.IndexByte(" \t\"'`|;<>", line[z]) < 0 {
		z++
	}
	if q := line[max(i, 1)-1]; i > 0 && (q == '"' || q == '\'') && strings.IndexByte(line[i:], q) > 0 {
		z = i + strings.IndexByte(line[i:], q) // in quotes, so that it may hold anything
	} else if q := f.text[end-1]; (q == '"' || q == '\'') && i == 0 && strings.IndexByte(line, q) > 0 {
		z = strings.IndexByte(line, q)
	}
	colon := strings.IndexAny(line[i:z], ":%")
	if colon <= 0 || strings.HasPrefix(line[i+colon:], "://") || line[i] == '+' {
		return // date -u +%FT%T
	}
	pass := line[i+colon+1 : z]
	if len(pass) < 4 || isProse(pass) || isDummy(pass) && (z == len(line) || strings.IndexByte("\"'", line[z]) < 0 || !oddlySigned(pass)) || isDigits(pass) && len(pass) <= 5 {
		return // -u 1000:1000 is a user and a group
	}
	before := strings.ToLower(f.front(start, 200))
	if strings.Contains(before, "docker ") || strings.Contains(before, "podman ") {
		return // who runs in a container
	}
	for _, tool := range []string{"curl", "wget", "http", "smb", "rpcclient", "net ", "git", "ldap", "jfrog", "lftp", "crackmapexec", "--"} {
		if strings.Contains(before, tool) || mixed(pass) {
			f.add(end+i+colon+1, end+z, "cli-password", rankPlace)
			return
		}
	}
}

// oddlySigned reports whether a value has a bracket that nothing closes or
// opens: what is to be filled in stands between two.
func oddlySigned(v string) bool {
	for _, pair := range []string{"{}", "<>"} {
		if a, z := strings.IndexByte(v, pair[0]), strings.LastIndexByte(v, pair[1]); a >= 0 && z > a {
			return false
		}
	}
	return strings.ContainsAny(v, "{}<>") && mixed(v)
}

// pgpass removes the password of a line of a PostgreSQL password file:
// host:port:database:user:password.
func (f *finder) pgpass(start, end int) {
	a, z := f.line(start)
	line := f.text[a:z]
	f.spend(10 + min(z-a, maxURL))
	if z-a > maxURL || strings.ContainsAny(line, " \t\"'/") || strings.Count(line[:start-a], ":") != 0 && f.text[start:end] != ":*:" {
		return
	}
	fields := strings.SplitN(line, ":", 5)
	if len(fields) < 5 || fields[4] == "" || isDummy(fields[4]) || fields[1] != "*" && !isDigits(fields[1]) || strings.Contains(strings.ReplaceAll(fields[4], `\:`, ""), ":") {
		return
	}
	f.add(z-len(fields[4]), z, "pgpass", rankPlace)
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' || c >= 0x7F {
			return false
		}
	}
	return true
}
