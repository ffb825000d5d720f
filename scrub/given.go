// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// isSetting reports whether a line of a configuration ends in a name of several
// words and a word: AuthLDAPBindPassword value. In prose no such name stands.
func (f *finder) isSetting(v value, name, text string) bool {
	switch f.ext {
	case "conf", "cfg", "cnf", "ini", "dockerfile", "ks", "env":
		return len(text) >= 8 && classify(text).lower == len(text) && !plainNames[strings.ToLower(name)] && v.end == f.lineEnd(v.end) && !isWordOfCode(text)
	}
	return false
}

// plainNames stand in prose as well.
var plainNames = wordSet(`password passwords passwd secret secrets pass passphrase passcode pwd psk pw token`)

// isScript reports whether an unquoted word behind a sign is a value in such
// files, and no variable.
func isScript(ext string) bool {
	switch ext {
	case "sh", "bash", "zsh", "fish", "ksh", "bat", "cmd", "yml", "yaml", "cfg", "conf", "cnf", "ini", "service", "ks", "dockerfile", "env", "properties", "toml", "crontab":
		return true
	}
	return false
}

// inStatement reports whether i stands in a statement of SQL about a user.
func (f *finder) inStatement(i int) bool {
	before := strings.ToLower(f.front(i, maxGap))
	f.spend(len(before) / 8)
	for _, verb := range []string{"create ", "alter ", "grant ", "set password"} {
		if k := strings.Index(before, verb); k >= 0 && (verb[0] == 's' || strings.Contains(before[k:], "user ") || strings.Contains(before[k:], "role ") || strings.Contains(before[k:], "login ") || strings.Contains(before[k:], "identified ")) {
			return true
		}
	}
	return false
}

// isWordGiven reports whether a word of letters stands where only a value can:
// behind the sign of a flag or of a variable in capitals, in a connection
// string, in a list of YAML.
func (f *finder) isWordGiven(v value, name, text string) bool {
	if len(text) < 8 || classify(text).lower != len(text) && !isHyphened(text) || isWordOfCode(text) {
		return false
	}
	before := strings.ToLower(f.front(v.start, maxGap))
	switch v.sign {
	case '=':
		if strings.HasSuffix(before, "=") && f.isText(v.start) && (classify(name).lower == 0 || strings.HasSuffix(strings.TrimSuffix(before, strings.ToLower(name)+"="), "-")) {
			return true
		}
		for _, w := range []string{"user=", "username=", "host=", "uid=", "dbname=", "server="} {
			if strings.Contains(before, w) {
				return true
			}
		}
	case ':':
		if strings.Contains(before, "${") && v.end < len(f.text) && f.text[v.end] == '}' {
			return true // the default of a setting of Spring
		}
		return (f.ext == "yml" || f.ext == "yaml") && strings.IndexByte(before, '{') >= 0 && v.end < len(f.text) && strings.IndexByte(",}", f.text[v.end]) >= 0
	}
	return false
}

// setters are calls that get a name and its value.
var setters = wordSet(`define setenv putenv setproperty setpref assign set_var setdefault put putstring option setoption
	getenv getenvordefault getenv_or getproperty environ.get env.get env.fetch getordefault`)

// copies are calls of C that get a variable and its value.
var copies = wordSet(`strcpy strncpy strlcpy strcpy_s strcat`)

// isGiven reports whether the value behind a quoted name is given to it: behind
// a flag, "--password", "value", or by a call that sets it.
func (f *finder) isGiven(v value, name, text string) bool {
	s := f.front(v.start, maxGap)
	k := strings.LastIndex(s, name)
	if k < 2 || isProse(text) || text[0] == '-' || len(text) < 6 {
		return false
	}
	if copies[strings.TrimRight(s[strings.LastIndexAny(s[:k], " \t;{")+1:k], "(")] && s[k+len(name)] == ',' {
		return len(text) >= 8
	}
	if strings.Trim(s[k+len(name):], "\"', ") != "" || strings.IndexByte("\"'", s[k+len(name)]) < 0 {
		return false
	}
	if s[k-1] == '-' {
		return true
	}
	call := strings.TrimRight(strings.TrimRight(s[:k], "\"'"), " (")
	end := v.end + 1
	call = strings.ToLower(call[strings.LastIndexAny(call, " \t;{(")+1:])
	if k := strings.LastIndexByte(call, '.'); k >= 0 && !setters[call[strings.LastIndexByte(call[:k], '.')+1:]] {
		call = call[k+1:]
	} else if k >= 0 {
		call = call[strings.LastIndexByte(call[:k], '.')+1:]
	}
	return setters[call] && end < len(f.text) && strings.HasPrefix(strings.TrimLeft(f.back(end, 8), " "), ")")
}

// named reports whether the name in front of a value is a literal itself.
func (f *finder) named(v value, name string) bool {
	s := f.front(v.start, maxGap)
	k := strings.LastIndex(s, name)
	return k >= 0 && k+len(name) < len(s) && strings.IndexByte("\"'`", s[k+len(name)]) >= 0
}

// isListed reports whether a name and what follows it are two of several names
// in a list: ("user", "password", "mail2"). Two alone are a name and its value.
func (f *finder) isListed(v value, name string) bool {
	s := f.front(v.start, maxGap)
	k := strings.LastIndex(s, name)
	if k < 2 {
		return false
	}
	before := strings.TrimRight(strings.TrimRight(s[:k], "\"'"), " \t")
	next := strings.TrimLeft(f.back(min(v.end+1, len(f.text)), maxGap), " \t")
	several := strings.HasSuffix(before, ",") || strings.HasPrefix(next, ",")
	open := strings.LastIndexAny(before, "([{")
	return several && open >= 0 && (before[open] != '(' || open == 0 || !isAlnum(before[open-1]) && before[open-1] != '_')
}

// isText reports whether a word at i is no variable: in a file that has none, in
// a comment, in a literal.
func (f *finder) isText(i int) bool { return !isCode(f.ext) || f.inComment(i) || f.inLiteral(i) }

// inComment reports whether i stands in a line that is a comment.
func (f *finder) inComment(i int) bool {
	s := strings.TrimLeft(f.front(i, maxGap), " \t")
	return strings.HasPrefix(s, "#") || strings.HasPrefix(s, "//") || strings.HasPrefix(s, "* ") || strings.HasPrefix(s, "--")
}
