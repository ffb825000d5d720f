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
)

// calls are functions that take a secret, by the end of their names.
var calls = []struct {
	words []string
	which argument
}{
	{[]string{
		"auth(", "auth=(", "authentication(", "credential(", "credentials(", "passwordtoken(", "login(", "loginas(", "log_in(", "signin(", "sign_in(", "signinas(", "authenticate(",
		"getconnection(", "connect(", "mysqli(", "new pdo(", "create_user(", "create_superuser(", "createuser(", "createasync(", "wifi.begin(", "userpassword(",
		"password(", "password_verify(", "password_hash(", "certificate2(", "keystore.load(", "ks.load(", "ftp.open(",
		"sftp(", "smtp(", "setcredentials(", "with_credentials(", "httpbasic(", "http_basic(", "basic_auth(", "unlock(", "decryptwith(", "appenduser(",
	}, lastArg},
	{[]string{
		"jwt.sign(", "jwt.verify(", "jwt.encode(", "jwt.decode(", "signwith(", "signingkey(", "verifywith(", "hmac.new(", "hmac(", "createhmac(", "hexdigest(", "fernet(", "aes.new(", "keyspec(", "aesgcm(", "secretbox(",
		"encrypt(", "decrypt(", "_encrypt(", "_decrypt(", "cookieparser(", "cookiesession(", "hashids(", "newcipher(", "createcipheriv(", "createdecipheriv(", "newgcm(", "cookiestore(",
	}, lastArg},
	{[]string{"client(", "api(", "sdk(", "initialize(", "configure(", "settoken(", "setapikey(", "apikey(", "identify("}, onlyRandom},
	{[]string{"sendkeys(", "send_keys(", "sendline(", ".type(", ".fill(", "entertext(", "typetext("}, typed},
	{[]string{"btoa(", "b64encode(", "encodetostring(", "base64_encode(", "strict_encode64(", "encode64("}, userPass},
}

// call reads the arguments of a call that starts at end.
func (f *finder) call(which argument, end int) {
	args := f.arguments(end)
	f.spend(10 + len(args)/2)
	if which == typed && !speaksOfPassword(f.front(end, maxGap)+args) {
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
		text := f.text[v.start:v.end]
		literals++
		i = v.end - end
		switch {
		case text == "" || isReference(text) || isPlaceholder(text) || isNamedID(args[:v.start-1-end]):
		case which == userPass:
			if k := strings.IndexByte(text, ':'); k > 0 && isIdentifier(strings.NewReplacer("-", "_", "@", "_").Replace(text[:k])) && len(text)-k > 4 && !isDummy(text[k+1:]) {
				f.add(v.start+k+1, v.end, "basic-auth", rankPlace)
				return
			}
		case which == onlyRandom:
			if isRandomKey(text) {
				f.add(v.start, v.end, "token", rankName)
			}
		case which != typed && literals > 1 && isHyphened(text), canBePassword(text) && !strings.ContainsAny(text, "/<>") || isPhrase(text) || isRandomKey(text):
			found = v
		}
	}
	// A single short literal says who, not how.
	if found.end > 0 && (literals > 1 || list || which == typed || mixed(f.text[found.start:found.end])) {
		f.add(found.start, found.end, "password", rankName)
	}
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
