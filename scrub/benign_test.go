// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestBenignPairs has benign text, and beside it a secret of nearly the same
// form, which goes: {…} as in the examples of rules.
func TestBenignPairs(t *testing.T) {
	key := "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg=="
	for _, tt := range []struct{ name, benign, secret string }{
		{"a package called token", "modernc.org/token v1.1.0/go.mod h1:UGzOrNV1mAFSEB63lOFHIpNRUVMvYTc6yu1SMY/XTDM=\nexample.org/x v1.1.0/go.mod", "token {a20} h1:"},
		{"a package called secret", "\tgithub.com/foo/secret v1.2.3-0.20240101000000-abcdef123456 // indirect", "\tsecret v1{a14}"},
		{"its version", `"secret": "^1.2.3",`, `"secret": "^1{a9}3",`},
		{"of Debian", "passwd\t1:4.13+dfsg1-1+deb12u1", "passwd: 1x4{a10}"},
		{"a type", "earlySecret *tls13.EarlySecret", "earlySecret = *tls{a9}!"},
		{"a part of a variable", "clientKey = keyMaterial[:keyLen]", `clientKey = "{a24}"`},
		{"the same", "pw = pw[:-1]", "pw = p{d3}w[:!{a8}"},
		{"a format", `user_pass = '%s:%s' % (a, b)`, `user_pass = '%s{a12}'`},
		{"a mechanism", `self.authenticate('CRAM-MD5', x)`, `self.authenticate('bob', '{a10}7')`},
		{"another", "password_encryption = scram-sha-256", "db_password = scram-{a12}7"},
		{"a list of numbers", "hello.pskModes = []uint8{pskModeDHE}", `hello.psk = "{a14}7"`},
		{"a small number", "const CERT_SIGNATURE = 0x08074b50", `signature = "{h40}"`},
		{"a verdict", "--- PASS: TestFoo/with_9_keys (0.00s)", "PASS: Foo{a10}7"},
		{"a verdict without bars", "PASS: TestFoo123", "PASS: {a10}7"},
		{"a verb", "You need to pass -j4 or pass `spec=True` to it.", "user bob pass {a10}7"},
		{"an integrity", `"sha512-u6K4dUKyG7Wb9QmFz0tqOsrg1RSzFjL8hHxQ5Q9Zz4Yb7oQx4FQYQ5d5v8b3H5r3L4dF5oYQJ8r1pT0vYF0G9w=="`, `"shb512{p64}Qz7x"`},
		{"a verifier", "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "sum.golang.org {p64}Qz7x"},
		{"a public key", `key: "` + key + `"`, `key: "{p64}Qz7x"`},
		{"the id of a document", "https://docs.google.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit", "https://docs.acme.io/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"},
		{"the id of a job", `"jobId": "zbxcm3Z_3z5UkoroF7SuZKrxgGoDc3RloGduS7Eg"`, `"jobKey": "{a40}"`},
		{"the name of a resource", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbC123", "aws:secret:db-AbC{a12}7"},
		{"variables of a shell", `TOKEN=$(curl -s -d "user=$USER&password=$PASSWORD" "$URL" | jq -r .access_token)`, `curl -d "user=$USER&password={a12}7" "$URL"`},
		{"a selector", `{password:"input[type=password]",token:function(e){return e}}`, `{password:"input[{a10}7",token:1}`},
		{"a label with a remark", `geheimnis: "Geheimnis (mindestens 76 Zeichen)"`, `geheimnis: "Zeichen({a9}7)"`},
		{"a source map", `"x":"AAAA,SAASA,pl7IW4D60oUvCLyP31UgpeAUq9Xw,IAAIC,gBAAgB"`, `"x":"bob,{a32},27"`},
		{"a rule", `PASSWORD_RE = /^(?=.*[a-z])(?=.*\d).{12,}$/;`, `PASSWORD = "^{a12}7"`},
		{"flags", "systemctl --no-ask-password --no-block", "tool --ask-password {a12}7"},
		{"a prompt", `data['confirm'] = getpass.getpass(' Confirm: ')`, `data['password'] = 'Confirm{d4}'`},
		{"a page", `"nextPageToken": "a1b2c3d4e5f60718"`, `"pageSecretToken": "a1b2c3d4e5f60718"`},
		{"an example", `"authKey": "0xzxgA9YoW9h58u8SEXAMPLE"`, `"authKey": "0xzxgA9YoW9h58u8S{a8}"`},
		{"a fingerprint", "gpg --recv-keys 3A5804CA50987F672A8767E1AAEF8709C6DBAC9B", `key: "{h40}"`},
		{"a comment below a head", "def acct(self, password):\n    '''Send new account name.'''", "password:\n    '''send-{a9}7'''"},
		{"a list of mappings", "secrets:\n  - source: db_password", "secrets:\n  - {a12}7"},
		{"a row of numbers", "key := []byte{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08}", "key := []byte{0x91, 0x0c, 0x13, 0x64, 0xa5, 0x06, 0xf7, 0x28}"},
		{"the accounts of a host", "daemon:*:20228:0:99999:7:::", "db1:*:app:bob:{a10}7"},
		{"words", `token: "double-base64-encoded"`, `token: "double-horse-encoded-{d2}"`},
		{"an address", `smtp.PlainAuth("", "user@example.com", "password", host)`, `smtp.PlainAuth("", "user@example.com", "{a10}7", host)`},
		{"a key that verifies", `verifierKey = "localhost.localdev/sumdb+00000c67+AcTrnkbUA+TU4heY3hkjiSES/DSQniBqIeQ/YppAUtK6"`, `"PRIVATE+KEY+localhost.localdev/sumdb+00000c67+AXu6+oaVaOYuQOFrf1V59JK1owcFlJcHwwXHDfDGxSPk"`},
		{"a time", `log() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*"; }`, "smbclient //nas/x -U bob%{a10}7"},
		{"the id of a field", `page.fill('#password', process.env.E2E_PW)`, `page.fill('#password', '#{a10}7')`},
		{"a name for a linker", "-  _ZN7stream7taskEPKcS2_RSt6vectorIiSaIiEE", "-  _YN{p64}Qz7x"},
		{"two arguments", `curl --header "JOB-TOKEN: $CI_JOB_TOKEN" "$CI_API_V4_URL/projects/883"`, `curl --header "JOB-TOKEN: {a20}" "$CI_API_V4_URL"`},
		{"a word of another script", "token.invalid=Недействительный токен", "token.invalid={a18}"},
		{"another name", "token refreshed id=e7f97598-c2d7-4163-adb8-2aeab161109b ttl=3600", "token str=e7f97598-{a12}"},
		{"a host and its port", "agent.connect('example-2.com:8080')", "agent.connect('bob', '{a10}7')"},
	} {
		rng := rand.New(rand.NewPCG(11, 12))
		if got := clean(t, cleaner(t, Options{PII: []string{"none"}}), tt.benign); got != tt.benign {
			t.Errorf("%s: Clean(%q) = %q", tt.name, tt.benign, got)
		}
		secret := fake(rng, tt.secret)
		if got := clean(t, cleaner(t, Options{PII: []string{"none"}}), secret); !strings.Contains(got, "«SECRET:") {
			t.Errorf("%s: Clean(%q) = %q", tt.name, secret, got)
		}
	}
}

// TestNamedFile reads a file as what its name says that it is.
func TestNamedFile(t *testing.T) {
	s, err := New(Options{PII: []string{"none"}})
	if err != nil {
		t.Fatal(err)
	}
	const text = "signature = stringEndArchive64Locator\nSecret Bug4Secret\n# password: MyDogIsBlue77\n"
	for name, found := range map[string]int{"zipfile.py": 1, "app.conf": 3, "": 3} {
		var b strings.Builder
		r, err := s.FilterFile(&b, strings.NewReader(text), name)
		if err != nil || r.Secrets != found {
			t.Errorf("%q: %d secrets, %q, %v", name, r.Secrets, b.String(), err)
		}
	}
}

// TestPartOfName leaves longer names alone that start like a value.
func TestPartOfName(t *testing.T) {
	got := clean(t, cleaner(t, Options{}), "password = 'kitten42kitten'\nkitten42kitten kitten42kittens")
	if want := "password = '«SECRET:password:1»'\n«SECRET:password:1» kitten42kittens"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBenignPersonal(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"allow 85.214.132.117 85.214.132.118", "allow «SECRET:ip:1» «SECRET:ip:2»"},
		{"85.214.132.117 +49 30 901820", "«SECRET:ip:1» «SECRET:phone:2»"},
		{"2.12 3.51.98.32 2.03", "2.12 3.51.98.32 2.03"},
		{"linux-2.6.35.9/a, lib >= 7.0.99.1, OID 1.3.101.110", "linux-2.6.35.9/a, lib >= 7.0.99.1, OID 1.3.101.110"},
		{"::ffff:127.0.0.1 1:2:3:4:5:6:7:8 0011:2233:4455:6677:8899:aabb:ccdd:eeff", "::ffff:127.0.0.1 1:2:3:4:5:6:7:8 0011:2233:4455:6677:8899:aabb:ccdd:eeff"},
		{"+5320-06025 +364947-0845057", "+5320-06025 +364947-0845057"},
		{"tel +4930-901820", "tel «SECRET:phone:1»"},
		{"56 00 01 00 00 36 00 00  00 0e 00 0c 00 00 09 31", "56 00 01 00 00 36 00 00  00 0e 00 0c 00 00 09 31"},
		{"559C 8448 8478 9222 9268", "559C 8448 8478 9222 9268"},
		{"4697 4703 4709 4715 4721 4727 4733 4739", "4697 4703 4709 4715 4721 4727 4733 4739"},
		{"4111 1111 1111 1111 1127", "«SECRET:card:1» 1127"},
		{`C:\Users\Max Muster\x and C:\Users\max is`, `C:\Users\«SECRET:home-path:1»\x and C:\Users\«SECRET:home-path:2» is`},
		{"?email=jane%40corp-mail.io", "?email=«SECRET:email:1»"},
	} {
		if got := clean(t, cleaner(t, Options{PII: []string{"all"}}), tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestIsMechanism(t *testing.T) {
	for v, want := range map[string]bool{
		"scram-sha-256": true, "CRAM-MD5": true, "aes256-gcm": true, "latin1": true, "HTTP/1.1": true, "RFC8628": true, "x25519": true,
		"ECDHE-RSA-AES128-GCM-SHA256": true, "chacha20-poly1305@openssh.com": true, "iso-8859-1": true,
		"serpent99": false, "prime2024": false, "seed-idea-plus": false, "x12345": false, "aes777": false, "sha256-9f2c": false, "blowfish": false,
	} {
		if isMechanism(v) != want {
			t.Errorf("isMechanism(%q) = %v", v, !want)
		}
	}
}
