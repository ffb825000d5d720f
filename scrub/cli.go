// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"
	"sync"

	"review-assistant/internal/lazyre"
)

// maxCommand is how far in bytes the arguments of a command are read.
const maxCommand = 400

// command says where programs take a password. An argument is given as
//
//	-p    behind the flag or, with "=" between, with it
//	-p?   so, or in one word with the flag
//	-p*   in one word with the flag only
//	-U%   behind the flag, and there behind the sign
//	-b;   behind the flag, as cookies
//	#2    the second argument that is no flag
//	#$    the last one
//	##    any that is neither a path nor a pair
//	#"    any in quotes
//	#/    any that has the form user/password@where
//	#~    the first one that does not say how it is written: 7, md5, cipher
//	#@    any behind the name of an algorithm
//	-u^   in one word with the flag and a user: -uuser:password
//	key~  as #~, behind the word
type command struct {
	words []string
	args  string
	// front has to stand in front on the line, flag among the arguments.
	front, flag string
}

var commands = []command{
	{words: []string{"mysql ", "mysqldump ", "mysqladmin ", "mysqlimport ", "mysqlshow ", "mysqlcheck ", "mariadb ", "mariadb-dump ", "mariadb-admin ", "mycli ", "xtrabackup "}, args: "-p*"},
	{words: []string{"sqlcmd ", "isql ", "bcp "}, args: "-P?"},
	{words: []string{"sqlplus ", "expdp ", "impdp ", "sqlldr ", "rman target "}, args: "#/"},
	{words: []string{"mongo ", "mongosh ", "mongodump ", "mongorestore ", "mongoexport ", "mongoimport ", "cqlsh ", "influx ", "clickhouse-client "}, args: "-p? -password"},
	{words: []string{"redis-cli ", "valkey-cli "}, args: "-a? --pass"},
	{words: []string{"add_user ", "change_password "}, args: "#2", front: "rabbitmqctl"},
	{words: []string{"net use "}, args: "##", flag: "/user:"},
	{words: []string{"net user "}, args: "#2", flag: "/add"},
	{words: []string{"net user "}, args: `#"`},
	{words: []string{"useradd ", "usermod "}, args: "-p"},
	{words: []string{"htpasswd "}, args: "#$", flag: "b"},
	{words: []string{"openssl "}, args: "-k -K -pass: -passin: -passout:"},
	{words: []string{"keytool ", "jarsigner "}, args: "-storepass -keypass -srcstorepass -deststorepass -srckeypass -destkeypass"},
	{words: []string{"unzip ", "zip -"}, args: "-P?"},
	{words: []string{"7z a ", "7z x ", "7z e ", "7za a ", "7za x ", "rar a ", "unrar x ", "unrar e ", "rar x "}, args: "-p* -hp*"},
	{words: []string{"sshpass "}, args: "-p?"},
	{words: []string{"twine "}, args: "-p"},
	{words: []string{"docker login ", "podman login ", "registry login ", "nerdctl login ", "skopeo login ", "buildah login ", "oras login ", "cf login ", "oc login ", "az login "}, args: "-p?"},
	{words: []string{"plink ", "pscp ", "psftp ", "plink.exe ", "pscp.exe "}, args: "-pw"},
	{words: []string{"psexec "}, args: "-p"},
	{words: []string{"lftp "}, args: "-u,"},
	{words: []string{"smbclient ", "winexe ", "rpcclient "}, args: "-U%"},
	{words: []string{"xfreerdp ", "wfreerdp "}, args: "/p:*"},
	{words: []string{"ldapsearch ", "ldapadd ", "ldapmodify ", "ldapdelete ", "ldapwhoami "}, args: "-w?"},
	{words: []string{"ldappasswd "}, args: "-w? -s -a"},
	{words: []string{"unlock-keychain ", "create-keychain "}, args: "-p"},
	{words: []string{"set-key-partition-list "}, args: "-k"},
	{words: []string{"security import "}, args: "-P"},
	{words: []string{"signtool "}, args: "/p"},
	{words: []string{"altool ", "notarytool "}, args: "-p"},
	{words: []string{"ipmitool "}, args: "-P?"},
	{words: []string{"snmpwalk ", "snmpget ", "snmpset ", "snmpbulkwalk ", "snmptrap "}, args: "-c -A -X"},
	{words: []string{"mosquitto_pub ", "mosquitto_sub "}, args: "-P"},
	{words: []string{"mosquitto_passwd "}, args: "#$", flag: "b"},
	{words: []string{"wpa_passphrase "}, args: "#2"},
	{words: []string{"curl "}, args: "-b; --cookie; -u^"},
	{words: []string{"ssh-keygen "}, args: "-N -P"},
	{words: []string{"schtasks "}, args: "/rp"},
	{words: []string{"kadmin ", "kadmin.local "}, args: "-w"},
	{words: []string{"addprinc "}, args: "-pw"},
	{words: []string{"nickserv identify "}, args: "#$"},
	{words: []string{"/oper "}, args: "#2"},
	{words: []string{"rootpw "}, args: "#1"},
	{words: []string{"convertto-securestring "}, args: `-String #" #1`},
	{words: []string{"cmdkey "}, args: "/pass:* /p:*"},
	{words: []string{"vault login "}, args: "#1"},
	{words: []string{"mc alias set ", "mc config host add "}, args: "#3 #4"},
	{words: []string{"enable secret ", "enable password ", "key-string ", "pre-shared-key ", "-server key "}, args: "#$"},
	{words: []string{"tacacs-server key ", "radius-server key ", "authentication-key ", "message-digest-key ", "wpa-psk ", "psk set-key ", "insecure-password "}, args: "#~"},
	{words: []string{"snmp-server community ", "snmp community ", "community read ", "community write "}, args: "#~"},
	{words: []string{"password cipher ", "secret cipher ", "shared-key cipher ", "irreversible-cipher ", "password simple "}, args: "#~"},
	{words: []string{"tacacs-server host ", "radius-server host ", "authentication md5 "}, args: "key~"},
	{words: []string{"username "}, args: "password~ secret~", flag: "privilege"},
	{words: []string{"createuser ", "snmp-server user "}, args: "#@"},
	{words: []string{" password 0 ", " password 7 ", " secret 0 ", " secret 5 ", " secret 8 ", " secret 9 ", "isakmp key "}, args: "#~"},
}

// tools are the first words of commands: the arguments end where the next
// command starts.
var tools = sync.OnceValue(func() words {
	set := words{}
	for _, c := range commands {
		if strings.ContainsAny(c.args, "~@") {
			continue // a line of a configuration, not a program
		}
		for _, w := range c.words {
			if w[0] != ' ' && strings.IndexByte(w, '-') != 0 {
				set[strings.Fields(w)[0]] = true
			}
		}
	}
	return set
})

// command reads the arguments behind the name of a program.
func (f *finder) command(c *command, start, end int) {
	if !f.isCommand(start) || c.front != "" && !strings.Contains(f.front(start, maxGap), c.front) {
		return
	}
	f.spend(4)
	if f.text[end-1] == '-' {
		end-- // the first flag
	}
	args := f.commandLine(end)
	if f.text[end-1] == ',' {
		args = f.argumentList(end)
	}
	if c.flag != "" && !f.hasFlag(args, c.flag) {
		return
	}
	plain := strings.Trim(f.front(start, maxGap), " \t$#>+-") == ""
	for spec := range strings.FieldsSeq(c.args) {
		if spec[0] == '#' {
			f.positional(args, spec[1], plain)
			continue
		}
		if f.text[end-1] == ',' {
			spec = strings.Replace(spec, "*", "?", 1) // who writes a list often parts what belongs together
		}
		f.flagged(args, spec, plain)
	}
}

// isCommand reports whether the word at i is not the end of another one.
func (f *finder) isCommand(i int) bool {
	if i == 0 || f.text[i] == ' ' {
		return true
	}
	c := f.text[i-1]
	return !isAlnum(c) && c != '_' && c != '.' && (c != '-' && c != '+' || i == 1 || f.text[i-2] == '\n')
}

// commandLine splits what follows i as a shell does, up to the end of the command.
func (f *finder) commandLine(i int) []value {
	limit := min(len(f.text), i+maxCommand)
	var list []value
	for i < limit && len(list) < 40 {
		switch c := f.text[i]; {
		case c == ' ' || c == '\t':
			i++
			continue
		case (c == '\\' || c == '`' || c == '^') && i+1 < limit && f.text[i+1] == '\n':
			if i += 2; i < limit && (f.text[i] == '+' || f.text[i] == '-' && i+1 < limit && f.text[i+1] == ' ') {
				i++
			}
			continue
		case strings.IndexByte("|;\n`)", c) >= 0, c == '&' && (i+1 >= limit || f.text[i+1] == '&' || f.text[i+1] == ' '):
			return list
		}
		z, quoted, last := f.argumentEnd(i, limit)
		if z == i {
			return list
		}
		f.spend(1 + (z-i)/16)
		if t := f.text[i:z]; tools()[t[strings.LastIndexByte(t, '/')+1:]] {
			return list
		}
		list = append(list, value{start: i, end: z, quoted: quoted})
		if last {
			return list
		}
		i = z
	}
	return list
}

// argumentEnd finds where the argument at i ends, and whether nothing follows it.
func (f *finder) argumentEnd(i, limit int) (z int, quoted, last bool) {
	for z = i; z < limit; z++ {
		switch c := f.text[z]; {
		case c == '"' || c == '\'':
			opens := z == i || strings.IndexByte("=:,%/", f.text[z-1]) >= 0 || z-i <= 3 && f.text[i] == '-'
			k := -1
			if opens {
				k = strings.IndexByte(f.text[z+1:limit], c)
			}
			if k < 0 || strings.IndexByte(f.text[z+1:z+1+k], '\n') >= 0 {
				return z, false, true // the literal ends that the command is in
			}
			quoted = quoted || z == i
			z += k + 1
		case strings.IndexByte(" \t\n|;`", c) >= 0:
			return z, quoted, false
		}
	}
	return z, quoted, z < len(f.text)
}

// hasFlag looks for a flag; a letter may stand among others.
func (f *finder) hasFlag(args []value, flag string) bool {
	for _, w := range args {
		t := f.text[w.start:w.end]
		if len(flag) == 1 && len(t) > 1 && len(t) < 6 && t[0] == '-' && t[1] != '-' && strings.Contains(t, flag) {
			return true
		}
		if len(flag) > 1 && len(t) >= len(flag) && strings.EqualFold(t[:len(flag)], flag) {
			return true
		}
	}
	return false
}

// flagged takes the values of a flag.
func (f *finder) flagged(args []value, spec string, plain bool) {
	how := spec[len(spec)-1]
	flag := strings.TrimRight(spec, "?*%,:;~^")
	if how == '*' && strings.HasSuffix(spec, ":*") {
		flag = spec[:len(spec)-1]
	}
	for n, w := range args {
		t := f.text[w.start:w.end]
		if how == '^' && n+1 < len(args) && isCluster(t, flag[1]) {
			f.userFlag(w.start, args[n+1].start)
			continue
		}
		if !strings.HasPrefix(t, flag) && !(flag[0] == '/' && len(t) >= len(flag) && strings.EqualFold(t[:len(flag)], flag)) {
			continue
		}
		rest := t[len(flag):]
		switch {
		case rest == "" && how != '*' && how != '^' && n+1 < len(args):
			v := args[n+1]
			switch how {
			case '%', ',', ':':
				k := strings.IndexByte(f.text[v.start:v.end], how)
				if k <= 0 || how == ':' && strings.Trim(f.text[v.start:v.start+k], "\"'") != "pass" {
					continue
				}
				if v.start += k + 1; v.quoted {
					v.end--
				}
			case '~':
				f.positional(args[n+1:], '~', plain)
				return
			case ';':
				if v.quoted {
					v.start++
				}
				f.cookie(0, v.start)
				continue
			}
			f.takeWord(v, plain, false)
		case rest == "":
		case rest[0] == '=' && how != '*':
			f.takeWord(value{start: w.start + len(flag) + 1, end: w.end}, plain, false)
		case how == '^':
			if k := strings.IndexByte(rest, ':'); k > 0 && !strings.HasPrefix(rest[k:], "://") {
				end := w.start + len(strings.TrimRight(t, "\"'"))
				f.takeWord(value{start: w.end - len(rest) + k + 1, end: end}, plain, false)
			}
		case how == '*':
			f.takeWord(value{start: w.start + len(flag), end: w.end}, plain && flag[0] == '/', false)
		case how == '?':
			f.takeWord(value{start: w.start + len(flag), end: w.end}, false, false)
		}
	}
}

var oracleLogin = lazyre.New(`^["']?[A-Za-z][A-Za-z0-9_$]{0,40}/("[^"]+"|[^@"'\s]+)(?:@|["']?$)`)

// positional takes arguments that are no flags.
func (f *finder) positional(args []value, which byte, plain bool) {
	n, last, after := 0, value{}, false
	for _, w := range args {
		t := f.text[w.start:w.end]
		if t[0] == '-' && !w.quoted {
			continue
		}
		n++
		last = w
		switch which {
		case '/':
			if m := oracleLogin.FindStringSubmatchIndex(t); m != nil {
				f.takeWord(value{start: w.start + m[2], end: w.start + m[3]}, plain, false)
				return
			}
		case '#':
			if !strings.ContainsAny(t, `\:`) {
				f.takeWord(w, false, false)
			}
		case '~':
			if !isWriting(t) {
				f.takeWord(w, plain, false)
				return
			}
		case '@':
			if after && !isWriting(t) {
				f.takeWord(w, false, false)
			}
			after = isWriting(t) && (after || !isDigits(t))
		case '"':
			if w.quoted {
				f.takeWord(w, true, false)
				return
			}
		default:
			if int(which-'0') == n {
				f.takeWord(w, false, true)
			}
		}
	}
	if which == '$' && n > 0 {
		f.takeWord(last, false, true)
	}
}

// takeWord emits an argument that can be a password. In the line of a script,
// plain, a word of letters can be one.
func (f *finder) takeWord(w value, plain, strict bool) {
	if w.end-w.start >= 2 {
		if c := f.text[w.start]; (c == '"' || c == '\'') && f.text[w.end-1] == c {
			w = value{start: w.start + 1, end: w.end - 1, quoted: true}
		}
	}
	if !w.quoted {
		for w.end > w.start && strings.IndexByte(",)", f.text[w.end-1]) >= 0 {
			w.end--
		}
	}
	t := f.text[w.start:w.end]
	if len(t) < 4 || isDummy(t) && !(w.quoted && oddlySigned(t)) || strings.HasPrefix(t, "-") || strings.HasPrefix(t, placeholderOpen) || isMetavariable(t) || isLabel(t, "") || isAddress(t) {
		return
	}
	switch c := classify(t); {
	case strict && len(t) < 8:
		return
	case canBePassword(t), isPassphrase(t) && (w.quoted || c.space == 0), w.quoted && (isSpaced(t) || oddlySigned(t)), c.digit == len(t) && len(t) >= 6:
	case plain && !strict && c.lower == len(t) && len(t) >= 6 && entropy(t) >= 2 && !openCommunity[t]:
	default:
		return
	}
	f.add(w.start, w.end, "cli-password", rankPlace)
}

var openCommunity = wordSet(`public private default admin stdin`)

// isMetavariable reports whether a value is written as what is to be filled in:
// PASSWORD, @env:PW, %1.
func isMetavariable(t string) bool {
	c := classify(t)
	if t[0] == '@' {
		k := strings.IndexByte(t, ':')
		return k > 1 && isIdentifier(t[1:k])
	}
	return c.upper > 0 && c.upper+strings.Count(t, "_")+strings.Count(t, "-") == len(t) && (strings.ContainsAny(t, "_-") || nameStrength(t) != nothing)
}

func isAddress(t string) bool {
	return strings.Count(t, ".") == 3 && isDigits(strings.ReplaceAll(t, ".", ""))
}

var answer = lazyre.New(`\A["')\]*}]{1,4}[ {;,]*(?:\n[+-]?)?\s*(?:[\w.$]{0,30}\.)?(?i:send(?:line|slow|_line)?)(?: -[-sh]+)*\s*\(?\s*b?["']([^"'\n]{3,100})["']`)

// prompted removes what a script sends where it expects to be asked for a
// password.
func (f *finder) prompted(start, end int) {
	if !strings.Contains(strings.ToLower(f.front(start, 80)), "expect") && !strings.HasPrefix(strings.TrimLeft(f.front(start, 80), "+- \t"), "\"") {
		return
	}
	f.spend(40)
	i := end
	for i > start && strings.IndexByte("\"'*", f.text[i-1]) >= 0 {
		i--
	}
	m := answer.FindStringSubmatchIndex(f.text[i:min(len(f.text), end+maxGap)])
	if m == nil {
		return
	}
	w := value{start: i + m[2], end: i + m[3], quoted: true}
	for _, tail := range []string{`\r`, `\n`, `\r`} {
		if strings.HasSuffix(f.text[w.start:w.end], tail) {
			w.end -= len(tail)
		}
	}
	f.takeWord(w, true, false)
}

var userLine = lazyre.New(`\A\s*(?:- )?["']?[a-z_][a-z0-9_-]{0,31}:([^\s:"']{4,128})["']?\s*\z`)

// userLines removes the passwords of user:password lines that chpasswd reads:
// cloud-init's list, or a here document.
func (f *finder) userLines(start, end int) {
	head := f.back(end, maxGap)
	list := strings.HasPrefix(head, ":")
	if !list && !strings.Contains(head, "<<") {
		return
	}
	i := f.lineEnd(end) + 1
	for n := 0; n < 12 && i < len(f.text); n++ {
		line, at, then, whole := f.next(i, min(len(f.text), i+maxGap))
		if !whole {
			return
		}
		f.spend(20)
		m := userLine.FindStringSubmatchIndex(line)
		switch {
		case m != nil:
			f.takeWord(value{start: at + m[2], end: at + m[3], quoted: true}, true, false)
		case !list || !strings.Contains(line, "list:") && !strings.Contains(line, "expire:"):
			return
		}
		i = then
	}
}

// piped removes what is written into a program that reads a password:
// echo "password" | docker login --password-stdin.
func (f *finder) piped(start, _ int) {
	line := f.front(start, 2*maxGap)
	k := strings.LastIndex(line, "echo ")
	pipe := strings.LastIndexByte(line, '|')
	if k < 0 || pipe < k {
		return
	}
	a := start - len(line) + k + len("echo ")
	z := start - len(line) + pipe
	for a < z && (f.text[a] == '-' || f.text[a] == ' ') { // flags such as -n
		n := strings.IndexByte(f.text[a:z], ' ')
		if n < 0 {
			return
		}
		a += n + 1
	}
	v := strings.Trim(f.text[a:z], " \t\"'")
	at := a + strings.Index(f.text[a:z], v)
	if c := strings.IndexByte(v, ':'); c > 0 && isIdentifier(v[:c]) {
		at, v = at+c+1, v[c+1:] // user:password
	}
	if len(v) >= 4 && !isDummy(v) && !strings.Contains(v, " ") {
		f.add(at, at+len(v), "password", rankPlace)
	}
}
