// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"
	"testing"
)

// TestLiterals has the forms in which languages write a text.
func TestLiterals(t *testing.T) {
	wantPlaces(t, []string{
		`std::string password = R"(‹{a9}7›)";`, `auto password = R"x(‹{a9}7›)x";`, `let password = r#"‹{a9}7›"#;`, `const DB_PASSWORD = raw"‹{a9}7!›"`,
		`ALTER USER bob WITH PASSWORD $$‹{a9}7›$$;`, `ALTER USER bob WITH PASSWORD $pw$‹{a9}7›$pw$;`,
		"password = <<EOT\n‹{a9}7›\nEOT\n", "variable \"db_password\" {\n  default = <<-EOT\n    ‹{a9}7›\n  EOT\n}",
		`String[] passwords = {"‹{a9}7›"};`, `password = new String("‹{a9}7›")`, `password = cond ? "‹{a9}7›" : other`, `password = other or "‹{a9}7›"`,
		`if (pw.equals("‹{a9}7›")) {`, `password: {{ env "PW" | default "‹{a9}7›" }}`, `PW="${DB_PASSWORD:-‹{a9}7›}"`,
		`CONSTANTS: gc_kennung_passwort TYPE string VALUE '‹{a9}7›'.`, `01 WS-DB-PASSWORD PIC X(32) VALUE '‹{a7}7›'.`, `l_password CONSTANT VARCHAR2(30) := '‹{a9}7›';`,
		`password varchar(64) NOT NULL DEFAULT '‹{a9}7›',`, `Password : constant String := "‹{a9}7›";`,
		`headers: { Authorization: 'Token ‹{h40}›' },`, `buildConfigField("String", "API_TOKEN", "\"‹{a24}7›\"")`, `cy.get('#password').type('‹{a9}7›{enter}')`,
	})
	wantBenign(t, []string{
		"password = <<EOT\n${var.password}\nEOT\n", `let password = r#"password"#;`, `password = cond ? this.password : other`, `if (password.equals("password")) {`,
		`01 WS-DB-PASSWORD PIC X(32) VALUE SPACES.`, `password varchar(64) NOT NULL DEFAULT '',`, `PASSWORDS = {"password": hide}`, `passwordField = new JPasswordField("Password")`,
		`echo $(date -u +%FT%TZ) "$*" http://x/`, `password: {{ env "PW" | default "" }}`, `Authorization: AWS4-HMAC-SHA256`, `const char *token = tok[0] ? tok : "none";`,
	})
}

// TestBeside has values that do not follow a sign on the line of their name.
func TestBeside(t *testing.T) {
	wantPlaces(t, []string{
		"password:\n  ‹{a9}7›", "db:\n  password:\n    ‹{a9}7›\n  port: 5432", "The password is:\n‹{a9}7›", "Das Passwort lautet:\n\t‹{a9}7›", "db.password=\\\n  ‹{a9}7›", "<password>\n  ‹{a9}7›\n</password>",
		"args:\n- --password\n- ‹{a9}7›", "args:\n  - \"--password\"\n  - \"‹{a9}7›\"",
		"- value: \"‹{a9}7›\"\n  name: DB_PASSWORD", `{"value":"‹{a9}7›","key":"password"}`, "password:\n  type: string\n  example: ‹{a9}7›",
		"\"user\",\"password\"\n\"bob\",\"‹{a9}7›\"", "user\tpassword\nbob\t‹{a9}7›", "<td>Password</td><td>‹{a9}7›</td>", "<dt>DB password:</dt>\n<dd><code>‹{a9}7›</code></dd>", "<b>Password:</b> ‹{a9}7›<br>",
		"${PASSWORD}     ‹{a9}7*›", "пароль - ‹{a9}7›", "password: !!str ‹{a9}7›", "password: !Sub ‹{a9}7›",
		`password="‹{a9}7›""‹{a9}8›"`, `password='‹{a9}7›'"‹{a9}8›"`, `password="‹{a9}7›"‹{a9}8›`, `password = "".join(["‹{a9}7", "{a9}8›"])`,
		"The token is **‹{a24}7›**, ask before", "curl -su bob:‹{a9}7› https://h/", "curl -sSLu 'bob:‹{a9}7›' https://h/", `CMD ["mysql","-p‹{a9}7›"]`, `run(['sshpass', '-p', '‹{a9}7›', 'ssh', host])`, "cqlsh -u b -p ‹{a9}7›",
	})
	wantPlaces(t, []string{
		"\"token ‹%00000127809A›\" \"",
		"2020-07-09T09:00:01Z DEBUG -----BEGIN EC PRIVATE KEY-----\n2021-12-17T09:00:02Z DEBUG ‹MHcCAQEEI{p55}›\n‹2022-07-17T09:00:03Z DEBUG {p64}›\n‹2025-12-20T09:00:04Z DEBUG {p20}==›\n2025-06-07T09:00:05Z DEBUG -----END EC PRIVATE KEY-----",
	})
	wantBenign(t, []string{
		"password:\n  type: string\n  example: string", "DB_PASSWORD=\nPORT=8000", "if password:\n    check1(password)", "tokens:\n  IDENT1\n  IDENT2\n", "<password>\n  <min>8</min>\n</password>",
		"args:\n- --password\n- $(PW1)", "- value: abc123d4\n- name: DB_PASSWORD", "- --password-file\n- pw1.txt", "<td>Password</td><td>Required field</td>", "<th>Password</th><th>Created</th>", "${PASSWORD}     %{ROBOT_PASSWORD}",
		"password - the one of host1", "password: !Ref DbPassword", "password: !reference [a, b]", `x = password == "" || "a"`, `curl --header "JOB-TOKEN: $CI_JOB_TOKEN" "$CI_API_V4_URL/projects/523"`, `page.fill('#password', pw)`, `["tar", "-p", "a1b2c3d4"]`,
		"\"user\",\"password\"\n\"the login\",\"the secret\"", "The password is:\nalways required",
	})
}

// TestWeak has passwords that are words or letters only.
func TestWeak(t *testing.T) {
	const letters, small = "‹PeMeSzteeUeIaexejJhUFPGS›", "‹qzvkwhtmbxpfrdcj›"
	wantPlaces(t, []string{
		"ENV DB_PASSWORD " + letters, "fastcgi_param DB_PASSWORD " + letters + ";", "setx DB_PASSWORD " + letters, "aws configure set aws_secret_access_key " + letters, "bindpw " + letters, "The password is " + letters + " for now.",
		"docker run -e MYSQL_ROOT_PASSWORD=" + small + " img", "mysql --password=" + small + " db", "Config(user=bob, password=" + small + ", host=h)", "db: {user: app, password: " + small + "}", "login: bob   password: " + small,
		"PGPASSWORD=‹correct-horse-battery› psql -h h", "mysql -u root -p‹correct-horse-battery›", "Authorization: Bearer ‹correct-horse-battery›", "API_KEY=‹correct-horse-battery›", "ALTER ROLE bob PASSWORD '‹winter›';", "ALTER ROLE bob WITH LOGIN PASSWORD '‹correct-horse-battery›' VALID UNTIL 'infinity';",
		`os.environ.get('DB_PASSWORD', '‹winter›')`, `props.put("password", "‹winter›");`, `.option("password", "‹Copper-horse-battery-staple›")`, `ConvertTo-SecureString '‹correct-horse-battery›' -AsPlainText`, `ConvertTo-SecureString '‹k&v1]S{?e[pPt/?%b›' -AsPlainText -Force`,
		`new NetworkCredential("reporting", "‹yonder sparrow Walnut velvet inlet›")`, `new PDO($dsn, 'bob', '‹dG5Y};7H{a4}›');`, "redis-cli -h h -a ‹violet.drizzle.Velvet.Raven› ping", "# passphrase for the key: ‹noodle silver cobalt willow›", "pw is ‹tundra-otter-biscuit-pirate-juniper›",
		`mot_de_passe = "‹BBs/YxAObghUVUQYQJ/J4sDvt1o3O91Z›"`, `"Server=l;User Id=b;Password=‹se=vI7~OKEr›;Encrypt=True"`, `config.ssh.password = "‹5}tuEj(*\\()\s_:v0U8Y22›"`, "MOVE '‹{a7}7›' TO DB-PASSWORD", "requirepass ‹e^V5%2=qbszqm12@_guWR›", `ENV["MATCH_PASSWORD"] = "‹quartz raven lantern pepper›"`, `algoliasearch('search', '‹{h32}›')`,
	})
	wantPlaces(t, []string{
		"the password is now " + small + " and restart", `gh secret set DEPLOY_PASSWORD --body "‹{a9}7›"`, `mysqli_connect('h', 'bob', '‹sXnXibWgWNbk |1Q›', 'db');`, "| user | password |\n| bob | ‹{a9}7!› |", "|user|password|\n|bob|‹maple-orbit-anchor›|",
		`@Value("${mail.pass:‹marble-falcon-noodle›}")`, "hostname x\nenable secret 0 ‹{a5}7›", "@parametrize(\"user,password\", [\n    (\"bob\", \"‹{a9}7›\"),\n    (\"ann\", \"‹{a9}8›\"),\n])", "adminPin: '‹824302›'", "pinCode = \"‹605344›\"", `bob : XAUTH "‹{a9}7›"`,
		`string Password = @"‹lWAoJ7$›""‹S&<PNm›";`, `CMD ["mysql", "-u", "bob", "-p", "‹{a9}7›"]`, "**Office wifi:** guest / password: ‹orbit candle winter lobster›",
		"Credential=‹AKIA{v16}›/20240911/eu-west-1/s3/aws4_request", "see a.txt backup/‹{a14}aB7cD8eF9{a16}›", `x("‹pk_{h34}›")`, "OPENWEATHER_APPID: ‹{h32}›", "bob : EAP \"‹maple-orbit-anchor›\"",
	})
	wantBenign(t, []string{
		"| user | password |\n| the login | the password |", "ledPin: 13", "doorPin: GPIO_D4", "pin: 560001", `gh secret set DEPLOY_PASSWORD --body "$PW"`, "@parametrize(\"user,password\", [(bob, pw)])", `@Value("${mail.pass:disabled}")`, "pk_user_id", "tx: 0a",
		"The password is well-known", "password is case-sensitive-by-design", "the token was uwierzytelnianie", "password: Benutzerverwaltung ist noetig", "bind_param DB_PASSWORD description", "API_KEY=your-own-key", "Authorization: Bearer your-access-token",
		`os.environ.get('DB_PASSWORD', 'password')`, `request.get("password", "missing")`, `labels.put("password", "Passwort");`, "ALTER ROLE bob PASSWORD 'password';", `"email" to "password"`, "MOVE 'abc' TO DB-PASSWORD", `pattern_password = "^\d{4}\s\w+$"`, `msg = "added to password"`,
		"redis-cli -h cache.example.org -n 1", "METADATA_KEY = 'enable-guest-attributes'", "$ {command} secret-1 --environment=env-1", `"crypto/rsa.SessionKey": {"go1.26", Never},`,
		`{words: []string{"net user "}, args: "x"},`, "Compilers typically pass directories containing language runtime", "pass use-after-free-check", "pass  ", "curl -u ", `Header{"Cookie": {"Cookie-1=v$1", "c2=v2"}}`, "secret_path = kv/prod/app",
	})
}

// TestWeakInCode has words of letters in the literals and comments of a program,
// where variables may stand elsewhere.
func TestWeakInCode(t *testing.T) {
	s, err := New(Options{PII: []string{"none"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		line  string
		found int
	}{
		{`os.system("mysql --password=qzvkwhtmbxpfrdcj db")`, 1},
		{`run("PGPASSWORD=correct-horse-battery psql -h h")`, 1},
		{"# passphrase for the key: thunder walnut rocket copper", 1},
		{"# the password is qzvkwhtmbxpfrdcj now", 1},
		{"password = qzvkwhtmbxpfrdcj", 0},
	} {
		var b strings.Builder
		r, err := s.FilterFile(&b, strings.NewReader(tt.line+"\n"), "tool.py")
		if err != nil || r.Secrets != tt.found {
			t.Errorf("%s: %d secrets, want %d, %v", tt.line, r.Secrets, tt.found, err)
		}
	}
}

// TestWords has rows of words, joints and templates that only seem to be some.
func TestWords(t *testing.T) {
	wantPlaces(t, []string{
		"PGPASSWORD=‹Nebula-Lagoon-falcon-prairie› pg_dump -h edge -U svc_app mailer > dump.sql", "administratorLoginPassword: '‹yonder.Cinder.glacier.Canyon›'", "password = ‹silver-cactus-tiger-pepper›",
		`    <string name="api_secret" translatable="false">‹noodle-pirate-mango-puffin78›</string>`, `if (!strcmp(password, "‹nebula-copperhead-ribbon-rabbit›"))`, `{password, <<"‹raven tiger yonder noodle›">>}],`,
		`    password: "‹L2TT=)Bjv{lw#{yA3E6›"`, `  passwd: "‹ztY%vulv.›"`, `app.set('sudo-password', '‹R.d;0,rw}Zn:_a›');`, `cn = connect("DRIVER={ODBC};UID=app;PWD={‹s=FG+GPTFIWYEKIu7›};Encrypt=yes")`,
		`if ($password eq '‹{a9}7›') {`, "- Пароль：‹{a9}81›", "ldap_default_authtok = ‹{a14}7›", `$mdp = '‹{a9}7›';`,
		`ALTER USER app IDENTIFIED BY '‹{a16}' || '{a16}›';`, `#define DEPLOY_TOKEN @"‹{a20}" @"{a10}7›"`, `const TOKEN: &str = concat!("‹{a20}", "{a10}7›");`,
		`String apiSecret = new StringBuilder().append("‹{a20}").append("{a20}›").toString();`, `const password = String.fromCharCode(‹77, 101, 64, 100, 48, 119, 55, 117, 108, 105›);`,
	})
	wantBenign(t, []string{
		"password: your-password-goes-here", "secret: app.config.secret.path", "  password: {{ .Values.password | b64enc }}", "#if($token) Token id: $!token.id #end",
		"$password = $request->input('password');", `// the function identified by "repeat" is overwritten`, "password: \"#{ENV[\"PW\"]}\"", `password: "x-${PW}-y"`,
	})
}
