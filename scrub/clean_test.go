// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"review-assistant/review"
)

// anyPlaceholder finds what stands for a value.
var anyPlaceholder = regexp.MustCompile(`«SECRET:[a-z0-9-]+:\d+»`)

func cleaner(t testing.TB, o Options) *Cleaner {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s.Begin()
}

func clean(t testing.TB, c *Cleaner, raw string) string {
	t.Helper()
	text, err := c.Clean(raw)
	if err != nil {
		t.Fatalf("Clean: %v", err)
	}
	return text.String()
}

// TestPlaces has one line a place. What stands between ‹ and › is the secret,
// as a template; everything else has to arrive.
func TestPlaces(t *testing.T) {
	for _, in := range []string{
		`password = "‹{a12}›"`,
		`password: ‹{a12}›`,
		`"db_password": "‹Summer2013$›",`,
		`const smtpPassword: &str = "‹{a9}›";`,
		`const password string = "‹{a9}›"`,
		`export API_KEY=‹{h32}›`,
		`ENV HMAC_KEY ‹{x}›`,
		`props.put("client_secret", "‹{a20}›");`,
		`user.setPassword("‹{a14}›")`,
		`$config['db_password'] = '‹{a14}›';`,
		`define('API_KEY', '‹{h32}›');`,
		`<password>‹{a14}›</password>`,
		`<add key="apiKey" value="‹{a24}›" />`,
		`<key>password</key><string>‹{a14}›</string>`,
		`{"name": "pwd", "value": "‹{a14}›"},`,
		`  default = "‹{a24}›" # db_password`,
		`helm upgrade x ./x --set auth.password=‹{a16}›,replicas=3`,
		`mytool --password ‹{a12}› --verbose`,
		`{\"password\": \"‹{a14}›\"}`,
		`mot_de_passe = "‹{a10}›"`,
		`пароль: "‹{a10}›"`,
		`密码 = "‹{a10}›"`,
		`the password is ‹{a10}7›.`,
		`https://ci:‹{a14}›@example.com/a/x.git`,
		`postgres://app:‹p@ss{a8}›@db:5432/app`,
		`redis://:‹{a14}›@cache:6379/0`,
		`https://‹{h40}›@git.example.com/x.git`,
		`app:‹{a14}›@tcp(db:3306)/app`,
		`"Server=db;User ID=sa;Password=‹{a14}›;Encrypt=True;"`,
		`jdbc:postgresql://db/app?user=root&password=‹{a14}›&ssl=true`,
		`GET /v1/x?access_token=‹{a30}›&page=2`,
		`Authorization: Bearer ‹{a40}›`,
		`Authorization: Basic ‹YWRtaW46aHVudGVyMjI=›`,
		`-H "X-Api-Key: ‹{a32}›" \`,
		`Cookie: GerritAccount=‹{a38}›; theme=dark`,
		`curl -u admin:‹{a14}› https://example.com/`,
		`machine example.com login ci password ‹{a14}7›`,
		`db.internal:5432:app:deploy:‹{a14}›`,
		`deploy:‹$6${a12}${a86}›`,
		`//npm.example.org/:_authToken=‹{x}›`,
		`{"auths": {"r.example.org": {"auth": "‹c3ZjLWNpOmh1bnRlcjIyMjI=›"}}}`,
		`sent ‹AKIA{v16}› ok`,
		`note: ‹{a40}Z9x›`,
		`var k = "‹ghp_{a18}" + "{a18}›";`,
		`https:\/\/hooks.slack.com\/services\/‹T{u8}\/B{u10}\/{a24}›`,
		`review.example.com	FALSE	/	TRUE	2147483647	o	git-ci.example.com=‹1//{a60}›`,
		"key ‹gh\u200bp_{a20}\u200b{a16}›",
		"\x1b[31mpassword = \"‹{a12}›\"\x1b[0m",
		`spring.datasource.password=‹{a9}&3›`,
		`const password = process.env.DB_PASSWORD || '‹{a12}7›';`,
		`DB_PASSWORD=${DB_PASSWORD:-‹{a12}›}`,
		`password := getEnv("DB_PASSWORD", "‹{a12}7›")`,
		`@Value("${db.password:‹{a12}7›}")`,
		`req.SetBasicAuth("admin", "‹{a12}7›")`,
		`echo "‹{a12}7›" | docker login -u ci --password-stdin`,
		`CREATE USER 'a'@'%' IDENTIFIED BY '‹{a12}7›';`,
		`password: '‹it''s-{a9}›'`,
		`"password" : { "value" : "‹{a12}7›" }`,
		`mysql -h db -uroot -p‹{a12}7› app`,
		`sshpass -p '‹{a12}7›' ssh root@host`,
		`<property name="hibernate.connection.password">‹{a12}›</property>`,
		`ALTER USER app WITH PASSWORD '‹{a12}7›';`,
		`tokens: ["‹{a20}7›"]`,
		`"private_key": "-----BEGIN PRIVATE KEY-----\n‹{p64}\n{p64}\n{p20}=›\n-----END PRIVATE KEY-----\n",`,
	} {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 5 {
			raw := fake(rng, in)
			before, rest, _ := strings.Cut(raw, "‹")
			secret, after, _ := strings.Cut(rest, "›")
			for _, frame := range []string{"%s", "first\n%s\nlast", "@@ -1,2 +1,2 @@\n a\n-%s\n+b"} {
				frame = strings.Replace(frame, "%s", before+"\x00"+after, 1)
				got := clean(t, cleaner(t, Options{}), strings.Replace(frame, "\x00", secret, 1))
				if want := strings.Replace(frame, "\x00", "P", 1); anyPlaceholder.ReplaceAllString(got, "P") != want {
					t.Errorf("%s\n got %q\nwant %q", in, got, want)
				}
			}
		}
	}
}

// TestBenign has lines that speak of secrets and hold none.
func TestBenign(t *testing.T) {
	for _, in := range []string{
		`password = os.Getenv("DB_PASSWORD")`, `password: ${DB_PASSWORD}`, `password: {{ .Values.password }}`, `password = var.db_password`,
		`token = tokenizer.next_token(tokenStream)`, `token_type = 'Bearer'`, `passwordMinLength = 12`, `type PasswordHasher interface {`,
		`"password": "Passwort",`, `"forgot_password": "Forgot your password?",`, `password = "********"`, `api_key = "your-api-key-here"`,
		`secret_file: /etc/app/secrets/token`, `key_path = ~/.ssh/id_ed25519`, `max_tokens: 4096`, `const tokenURL = "https://example.com/oauth/token"`,
		`keyboardShortcut = KeyboardShortcutRegistry`, `"integrity": "sha512-` + strings.Repeat("Ab3/", 21) + `==",`, `commit 11640a4b9615040f5ed3e24cfc949db6d96aa5b1`,
		`github.com/x/y v1.2.3 h1:DUqXjcGF3aJhkjxsUjQ0DG65b51DDBvFrEbcr9kkyto=`, `Change-Id: Id00fd75ecd824b917b0d58567ad3f216ab167c8d`,
		`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIy1kX5bD2FTRTH0QYkzD9MSuEYMjR0AmTymp1ZxkIE2 ann@laptop`, `https://user:pass@example.com/`,
		`func Check(password string) error {`, `if token == nil {`, `return errors.New("invalid password")`, `cmd.Env = append(env, "TOKEN="+token)`,
		`The token is sent in the Authorization header.`, "Set `GERRIT_TOKEN` to the token of the service account.", `public_key: "` + strings.Repeat("aB3", 20) + `"`,
		`<input type="password" name="password" placeholder="Enter your password">`, `secretKeyRef: {name: db, key: password}`,
		`docker run -u 1000:1000 app`, `password=""`, `_ZN8windowNode4metricWindowEPKcS2_RSt6vectorIiSaIiEE`,
		`login(user: String!, password: String!): Session!`, `set -gx SSH_AUTH_SOCK $XDG_RUNTIME_DIR/ssh-agent.socket`, `address TOKEN = 0x5e2fa59e0f3b1b78edaa92d29f70cf9b88dc7f0e;`,
		`usernamePassword(credentialsId: 'nexus-deploy2', passwordVariable: 'PASS')`, `"n": "` + strings.Repeat("aB3_xY7", 12) + `"`,
		`-----BEGIN CERTIFICATE-----`, `"error.token.expired": "Your session has ended"`, `Cookie uint32 // as the kernel has it`,
	} {
		if got := clean(t, cleaner(t, Options{PII: []string{"none"}}), in); got != in {
			t.Errorf("Clean(%q) = %q", in, got)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	one, two := fake(rng, "ghp_{a36}"), fake(rng, "AKIA{v16}")
	c := cleaner(t, Options{})
	got := clean(t, c, "see "+one+" and "+two+" and "+one+" «SECRET:github-token:1»")
	want := "see «SECRET:github-token:1» and «SECRET:aws-access-key-id:2» and «SECRET:github-token:1» <<SECRET:github-token:1»"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// A value found once goes from everything that is cleaned later.
	if got := clean(t, c, "branch-x"+two); got != "branch-x«SECRET:aws-access-key-id:2»" {
		t.Errorf("spread: %q", got)
	}
	out, err := c.Output("«SECRET:github-token:1» is new, «SECRET:github-token:9» is not; " + two)
	if err != nil {
		t.Fatal(err)
	}
	if want := "«SECRET:github-token:1» is new, <<SECRET:github-token:9» is not; «SECRET:aws-access-key-id:2»"; out.String() != want {
		t.Errorf("Output = %q, want %q", out, want)
	}
	r := c.Report()
	if r.Secrets != 2 || r.ByKind["github-token"] != 1 || r.Version == "" || len(r.Withheld) != 0 {
		t.Errorf("Report = %+v", r)
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"no RE2", Options{Patterns: []string{"ok", "(?=x)"}}, `"(?=x)" does not compile`},
		{"empty match", Options{Patterns: []string{"a*"}}, `"a*" matches the empty string`},
		{"long", Options{Patterns: []string{strings.Repeat("x", 1001)}}, "longer than 1000"},
		{"glob", Options{Sensitive: []string{"a/[b"}}, `"a/[b" is no valid glob`},
		{"class", Options{PII: []string{"email", "shoe-size"}}, `"shoe-size" is not known`},
	} {
		if _, err := New(tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: New = %v, want %q", tt.name, err, tt.want)
		}
	}
	c := cleaner(t, Options{Patterns: []string{"ACME-[0-9]{4}"}, Values: []string{"correct horse", "abc"}})
	if got := clean(t, c, "ACME-1234 correct horse abc"); got != "«SECRET:pattern:1» «SECRET:own-secret:2» abc" {
		t.Errorf("got %q", got)
	}
}

func TestPII(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"ann.lee@corp-mail.io", "«SECRET:email:1»"},
		{"ann@example.com, 12+ann@users.noreply.github.com, git@github.com:x/y", "ann@example.com, 12+ann@users.noreply.github.com, git@github.com:x/y"},
		{"Signed-off-by: Ann Lee <ann.lee@corp-mail.io>", "Signed-off-by: «SECRET:person:1» <«SECRET:email:2»>"},
		{"call +49 438 7215137 now", "call «SECRET:phone:1» now"},
		{"call (349) 192-2563", "call «SECRET:phone:1»"},
		{"server 95.139.140.114;", "server «SECRET:ip:1»;"},
		{"10.0.0.1 192.0.2.7 version 95.139.140.1", "10.0.0.1 192.0.2.7 version 95.139.140.1"},
		{"2a01:4f8:1135:187:e204:67ff:e14c:731d", "«SECRET:ip:1»"},
		{"card 4111 1111 1111 1111.", "card «SECRET:card:1»."},
		{"card 4111 1111 1111 1112.", "card 4111 1111 1111 1112."},
		{"GB82 WEST 1234 5698 7654 32", "«SECRET:iban:1»"},
		{"GB82 WEST 1234 5698 7654 33", "GB82 WEST 1234 5698 7654 33"},
		{"ssn 403-25-6068", "ssn «SECRET:national-id:1»"},
		{"cpf 529.982.247-25, not 529.982.247-26", "cpf «SECRET:national-id:1», not 529.982.247-26"},
		{"allow 95.139.140.114/32", "allow «SECRET:ip:1»/32"},
		{"/home/alee/work /home/runner/x", "/home/«SECRET:home-path:1»/work /home/runner/x"},
		{"2024-01-03 10:11:12, +11.046875, 0x1234567890, 1.2.3.4", "2024-01-03 10:11:12, +11.046875, 0x1234567890, 1.2.3.4"},
	} {
		c := cleaner(t, Options{PII: []string{"all"}})
		if got := clean(t, c, tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := clean(t, cleaner(t, Options{PII: []string{"none"}}), tt.in); got != tt.in {
			t.Errorf("with none: Clean(%q) = %q", tt.in, got)
		}
		if r := c.Report(); r.Secrets != 0 || (r.Personal > 0) != (tt.in != tt.want) {
			t.Errorf("Report of %q = %+v", tt.in, r)
		}
	}
}

func TestUnreadable(t *testing.T) {
	c := cleaner(t, Options{})
	if got := clean(t, c, "a\nb\x00\x01\x02\x03\xFF\xFE\x80binary\nc"); got != "a\n«SECRET:undecodable:1»\nc" {
		t.Errorf("binary line: %q", got)
	}
	if w := c.Report().Withheld; len(w) != 1 || w[0].Reason != string(review.SkipEncoding) {
		t.Errorf("Withheld = %q", w)
	}
	if got := clean(t, c, "caf\xE9 \xABx\xBB"); got != "café <<x»" {
		t.Errorf("Latin-1: %q", got)
	}
	wide := "p\x00a\x00s\x00s\x00w\x00o\x00r\x00d\x00 \x00=\x00 \x00'\x00h\x00u\x00n\x00t\x00e\x00r\x002\x002\x00'\x00"
	if got := clean(t, c, wide); got != "password = '«SECRET:password:2»'" {
		t.Errorf("UTF-16: %q", got)
	}
}

func TestFilter(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	token := fake(rng, "ghp_{a36}")
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Longer than one piece: the value is carried forward, bytes stay.
	filler := strings.Repeat("x = 1; // caf\xE9\r\n", maxSpread/16)
	in := "token: " + token + "\n" + filler + "bare " + token + "\nno end of line"
	var out bytes.Buffer
	r, err := s.Filter(&out, strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(in, token, "«SECRET:github-token:1»"); out.String() != want || r.Secrets != 1 {
		t.Errorf("Filter changed more or less than the token; report %+v", r)
	}
	if !r.Partial {
		t.Error("the report does not say that the text was not spread whole")
	}
	for _, tail := range []string{"", "\nlast " + token} {
		out.Reset()
		r, err = s.Filter(&out, strings.NewReader("first\n"+strings.Repeat("x", 2*maxSpread)+tail))
		want := "first\n«SECRET:unread:1»" + strings.ReplaceAll(tail, token, "«SECRET:github-token:2»")
		if err != nil || out.String() != want || !slices.Equal(r.Withheld, []Withheld{{Reason: TooLong}}) {
			t.Errorf("a long line: %.200q, %+v, %v", out.String(), r, err)
		}
	}
}

func TestVerify(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	c := cleaner(t, Options{Values: []string{"own-secret-value"}})
	found := fake(rng, "{a14}")
	clean(t, c, "password = '"+found+"'")
	for _, tt := range []struct {
		text string
		ok   bool
	}{
		{"nothing here, «SECRET:password:1» was", true},
		{"-----BEGIN RSA PRIVATE KEY-----\n«SECRET:private-key:1»\n-----END RSA PRIVATE KEY-----", true},
		{"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, https://user:pass@example.com/", true},
		{"bare " + found, false},
		{"own-secret-value", false},
		{fake(rng, "x ghp_{a36}"), false},
		{fake(rng, "-----BEGIN PRIVATE KEY-----\n{p64}"), false},
		{fake(rng, "https://ci:{a14}7@example.com"), false},
	} {
		err := c.Verify(Text{tt.text})
		if (err == nil) != tt.ok {
			t.Errorf("Verify(%q) = %v", tt.text, err)
		}
		if err != nil && (strings.Contains(err.Error(), found) || strings.Contains(err.Error(), "own-secret-value")) {
			t.Errorf("the error holds the value: %v", err)
		}
	}
}

func TestPanicIsAnError(t *testing.T) {
	c := cleaner(t, Options{})
	c.s = &Scrubber{engine: &engine{}} // no automaton: the first look fails
	if got, err := c.Clean("some text"); err == nil || !got.Empty() {
		t.Errorf("Clean = %q, %v", got, err)
	}
	if got, err := c.Patch(review.Patch{Files: []review.File{{Path: "a"}}}); err == nil || len(got.Files) != 0 {
		t.Errorf("Patch = %v, %v", got, err)
	}
	if got, err := c.Output("some text"); err == nil || !got.Empty() {
		t.Errorf("Output = %q, %v", got, err)
	}
}
