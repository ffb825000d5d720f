// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// argument says which literal of a call is the secret.
type argument int

const (
	lastArg    argument = iota // the last one that can be a secret
	onlyRandom                 // any, but only where it looks like a key
	userPass                   // "user:password"
	typed                      // what is typed where the line speaks of a password
	second                     // the second one: login("user", "password")
	third                      // the third one: connect("host", "user", "password")
	fourth                     // the fourth one
	fifth                      // the fifth one
)

// calls are functions that take a secret, by the end of their names.
var calls = []struct {
	words []string
	which argument
}{
	{[]string{
		"auth(", "auth=(", "auth = (", "authentication(", "credential(", "credentials(", "passwordtoken(", "login(", "loginas(", "log_in(", "signin(", "sign_in(", "signinas(", "authenticate(",
		"getconnection(", "connect(", "mysqli(", "new pdo(", "create_user(", "create_superuser(", "createuser(", "createasync(", "wifi.begin(", "userpassword(",
		"password(", "password.create(", "password::create(", "hashpw(", "hash_pwd_salt(", "make_password(", "password_verify(", "password_hash(", "certificate2(", "keystore.load(", "ks.load(", "ftp.open(",
		"sftp(", "smtp(", "setcredentials(", "with_credentials(", "httpbasic(", "http_basic(", "basic_auth(", "unlock(", "decryptwith(", "appenduser(",
	}, lastArg},
	{[]string{
		"jwt.sign(", "jwt.verify(", "jwt.encode(", "jwt.decode(", "signwith(", "signingkey(", "verifywith(", "hmac.new(", "hmac(", "createhmac(", "hexdigest(", "fernet(", "aes.new(", "keyspec(", "aesgcm(", "secretbox(",
		"encrypt(", "decrypt(", "_encrypt(", "_decrypt(", "cookieparser(", "cookiesession(", "hashids(", "newcipher(", "createcipheriv(", "createdecipheriv(", "newgcm(", "cookiestore(",
	}, lastArg},
	{[]string{"client(", "api(", "sdk(", "initialize(", "configure(", "settoken(", "setapikey(", "apikey(", "identify("}, onlyRandom},
	{[]string{"sendkeys(", "send_keys(", "sendline(", ".type(", ".fill(", "entertext(", "typetext("}, typed},
	{[]string{
		"ftp.login(", "ftpclient.login(", "imap.login(", "smtp.login(", "server.login(", "mail.login(", "pop.login(", "basic_auth(", "basic_auth ", "basicauth(", "sasl.plain(", "l.bind(", "conn.bind(", "ldap.bind(", "credentials.basic(", "authenticators.basic(", "httpbasicauth(", "oci_connect(",
		"networkcredential(", "passwordsigninasync(", "passwd_cb_userdata(", "networkcredential]::new(", "plaincredentials(", "passwordauthentication(", "passwordcredentials(", "passwordauthenticationmethod(", "smbconnection(", "usernamepasswordcredentials(", "simple_bind_s(", "algoliasearch(",
	}, second},
	{[]string{
		"getconnection(", "mysqli(", "mysqli_connect(", "mysql_connect(", "mysql_pconnect(", "new pdo(", "dbi->connect(", "dbi.connect(", "mysqldb.connect(", "pymysql.connect(", "mysql.connect(", "mysql.new(", "mysql2.connect(",
		"imap_open(", "ldap_bind(", "ldap_simple_bind_s(", "ldap_simple_bind(", "ftp_login(", "ssh2_auth_password(", "net::ssh.start(", "net::sftp.start(", "net::scp.start(", "net::ftp.open(", "ftp(", "ftp_tls(",
		"directoryentry(", "mosquitto_username_pw_set(", "ldap3.connection(", "ntlmpasswordauthentication(",
	}, third},
	{[]string{"mysql_real_connect(", "sftpclient(", "sshclient(", "amqpstreamconnection(", "amqpconnection(", "mongoclient("}, fourth},
	{[]string{"smtp.start(", "net::smtp.start("}, fifth},
	{[]string{"btoa(", "b64encode(", "encodetostring(", "base64_encode(", "strict_encode64(", "encode64("}, userPass},
}

// call reads the arguments, from end on, of a call whose name has a word at start.
func (f *finder) call(which argument, start, end int) {
	args := f.arguments(end)
	f.spend(10 + len(args)/2)
	if which == typed && !speaksOfPassword(f.front(end, maxGap)+args) {
		return
	}
	if tests(f.front(end-1, maxName)) {
		return
	}
	if which == lastArg || which >= second {
		if f.hasLonger(start, end) {
			return // which tells which one it is
		}
	}
	if which >= second {
		f.placed(f.text[end:min(len(f.text), end+maxFormat)], end, int(which-second)+1)
		return
	}
	found, literals, list := value{}, 0, strings.IndexByte(args, ',') >= 0
	for i := 0; i < len(args); i++ {
		if strings.IndexByte("\"'`", args[i]) < 0 {
			continue
		}
		v, ok := f.quoted(end + i)
		if !ok {
			return
		}
		at := i
		i = v.end - end
		v = f.bared(v, "")
		text := f.text[v.start:v.end]
		literals++
		switch {
		case text == "" || isReference(text) || isPlaceholder(text) || isPairs(text) || isMail(text) || which == lastArg && strings.Count(text, ":") > 1 || isNamedID(args[:at]):
		case at > 1 && args[at-1] == '[' && (isAlnum(args[at-2]) || args[at-2] == '_'):
			// the name of an entry
		case which == lastArg && isRare(text) && !mixed(text) && speaksOfPassword(args[:at]) && !strings.ContainsAny(args[:at], "=:"):
			// the name of a database behind the variable
		case which == userPass:
			if k := strings.IndexByte(text, ':'); k > 0 && isIdentifier(strings.NewReplacer("-", "_", "@", "_").Replace(text[:k])) && len(text)-k > 4 && !isDummy(text[k+1:]) {
				f.add(v.start+k+1, v.end, "basic-auth", rankPlace)
				return
			}
		case which == onlyRandom:
			if isRandomKey(text) {
				f.add(v.start, v.end, "token", rankName)
			}
		case which != typed && literals > 1 && isHyphened(text), canBePassword(text) && !strings.ContainsAny(text, "/<>") || isPhrase(text) || isRandomKey(text), which == typed && isDigits(text) && len(text) >= 6:
			// The name of a database may follow.
			if found.end == 0 || !isSnake(text) || isSnake(f.text[found.start:found.end]) {
				found = v
			}
		}
	}
	// A single short literal says who, not how.
	if found.end > 0 && (literals > 1 || list || which == typed || mixed(f.text[found.start:found.end])) {
		f.add(found.start, found.end, "password", rankName)
	}
}

// tests reports whether the call at the end of a line looks whether a password
// is a good one.
func tests(line string) bool {
	k := len(line)
	for k > 0 && (isAlnum(line[k-1]) || line[k-1] == '_') {
		k--
	}
	parts := splitName(line[k:])
	return len(parts) > 1 && (parts[0] == "validate" || parts[0] == "is" || parts[0] == "valid")
}

// hasLonger reports whether the name that ends at end is a longer one than the
// word from start, of a call of which the place of the password is known.
func (f *finder) hasLonger(start, end int) bool {
	name := strings.ToLower(f.front(end, 32))
	for _, c := range calls {
		if c.which < second {
			continue
		}
		for _, w := range c.words {
			if len(w) > end-start && strings.HasSuffix(name, w) {
				return true
			}
		}
	}
	return false
}

// placed takes the argument n of a call, counted from 0, if it is a literal.
func (f *finder) placed(args string, at, n int) {
	depth := 0
	for i := 0; i < len(args); i++ {
		switch c := args[i]; {
		case strings.IndexByte("\"'`", c) >= 0:
			v, ok := f.quoted(at + i)
			if !ok {
				return
			}
			text := f.text[v.start:v.end]
			if n == 0 && depth == 0 {
				if len(text) >= 4 && strings.Trim(args[strings.LastIndexByte(args[:i], ',')+1:i], " \t\n@bL") == "" && (!strings.ContainsAny(text, " \t/<>") || isPassphrase(text) || oddlySigned(text) || isSpaced(text)) && !isPairs(text) && (!isDummy(text) || oddlySigned(text)) && !isLabel(text, "") && !isMetavariable(text) {
					f.add(v.start, v.end, "password", rankName)
				}
				return
			}
			i = v.end - at
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			if depth--; depth < 0 {
				return
			}
		case c == ';':
			return
		case c == ',' && depth == 0:
			n--
		}
	}
}

// isPairs reports whether a value is several pairs, as in a connection string.
func isPairs(v string) bool {
	return strings.IndexByte(v, '=') > 0 && strings.ContainsAny(v, ";,")
}

// isMail reports whether a value is an address, which says who.
func isMail(v string) bool {
	user, host, ok := strings.Cut(v, "@")
	k := strings.LastIndexByte(host, '.')
	return ok && k > 0 && classify(host[k+1:]).lower == len(host)-k-1 && isIdentifier(strings.NewReplacer("-", "_", "+", "_").Replace("x"+user+host))
}

// isSnake reports whether a value is words joined by _ or -, as databases are called.
func isSnake(v string) bool {
	return strings.ContainsAny(v, "_-") && classify(v).upper == 0 && isIdentifier(strings.ReplaceAll(v, "-", "_"))
}

// isNamedID reports whether what stands in front of a literal names an
// identifier, which says where a secret is: credentialsId: "...".
func isNamedID(before string) bool {
	before = strings.TrimRight(before, " \t")
	name := strings.TrimRight(before, "=:")
	if name == before {
		return false
	}
	start := len(name)
	for start > 0 && isNameByte(name[start-1]) {
		start--
	}
	parts := splitName(name[start:])
	return len(parts) > 1 && parts[len(parts)-1] == "id"
}

func speaksOfPassword(s string) bool {
	low := strings.ToLower(s)
	for _, w := range []string{"pass", "pwd", "secret", "senha", "contrase"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// arguments returns what stands between the bracket before i and the one that
// closes it, on one line.
func (f *finder) arguments(i int) string {
	line := f.back(i, 2*maxGap)
	depth, quote := 0, byte(0)
	for k := 0; k < len(line); k++ {
		switch c := line[k]; {
		case quote != 0:
			if c == '\\' {
				k++
			} else if c == quote {
				quote = 0
			}
		case strings.IndexByte("\"'`", c) >= 0:
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return line[:k]
			}
		}
	}
	return line
}

// chars removes the literal in front of .toCharArray(): Java keeps passwords so.
func (f *finder) chars(start, _ int) {
	line := f.front(start, maxGap)
	if line == "" || line[len(line)-1] != '"' {
		return
	}
	k := strings.LastIndexByte(line[:len(line)-1], '"')
	if k < 0 {
		return
	}
	if v := line[k+1 : len(line)-1]; canBePassword(v) || isPhrase(v) {
		f.add(start-len(line)+k+1, start-1, "password", rankName)
	}
}
