// SPDX-License-Identifier: Apache-2.0

package scrub

import "testing"

func TestBlobs(t *testing.T) {
	wantPlaces(t, []string{
		"keystore: ‹MIIKXAIBAzCCChgGCSqGSIb3DQEHAaCCCgkEggoFMIIKATCCBW0GCSqGSIb3DQEHAaCC{p120}›",
		"p12 = ‹MIIJqQIBAzCCCW8GCSqGSIb3DQEHAaCC{p600}==›",
		"KEYSTORE_BASE64: ‹/u3+7QAAAAIAAAABAAAAAQAFYWxpYXMAAAGL{p600}=›",
		`signing: "‹MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw{p600}›"`,
		"SAMLResponse=‹PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6{p400}=›",
		`value="‹PHNhbWw6QXNzZXJ0aW9uIHhtbG5zOnNhbWw9InVybjpvYXNpczpu{p300}›"/>`,
		`<a href="data:text/plain;base64,‹cGFzc3dvcmQgPSAiV2ludGVyMjAyNCF4eXo3Ig==›">`,
		`"source": "data:;base64,‹REJfUEFTU1dPUkQ9V2ludGVyMjAyNCF4eXo3›"`,
	})
	wantBenign(t, []string{
		"certificate: MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJRTESMBAGA1UEChMJQmFsdGltb3JlMRMwEQYDVQQLEwpDeWJlclRydXN0",
		"publicKey: MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0",
		"MIIEvQIBADAN is how such a key starts.", "keystore: /etc/app/keystore.p12",
		`<a href="data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIxMCIvPg==">`,
	})
}

func TestFormatArguments(t *testing.T) {
	wantPlaces(t, []string{
		`snprintf(cmd, n, "mount -o username=%s,password=%s //nas/x", "bob", "‹{a10}7›");`,
		`os.system("mount -o username=%s,password=%s //nas/x" % ("bob", "‹{a10}7›"))`,
		`fmt.Sprintf("%s:%s@tcp(%s)/app", "root", "‹{a10}7›", "db")`,
		`"host={} user={} password={}".format("db", "app", "‹{a10}7›")`,
		`"postgresql://{}:{}@{}/app".format("app", "‹{a10}7›", "db")`,
		`string.Format("Server={0};User={1};Password={2}", "db", "sa", "‹{a10}7›");`,
		`printf 'machine %s login %s password %s\n' example.org bob ‹{a10}7›`,
	})
	wantBenign(t, []string{
		`logger.debug("login user=%s password=%s", user, "***")`, `print("secret=%s name=%s" % (secret, "myapp"))`, `fmt.Sprintf("%s:%s@tcp(%s)/app", user, pass, "db")`,
		`url = "postgresql://{}:{}@{}/app".format(user, password, "localhost")`, `fmt.Errorf("password of %s: %w", "admin", err)`, `printf 'user %s password %s\n' "$user" "$pass"`,
		`raise ValueError("password=%s is too short" % "abc")`,
	})
}

func TestPlacedArguments(t *testing.T) {
	wantPlaces(t, []string{
		`mysql_real_connect(conn, "db", "etl_reader", "‹copperthunder›", "ledger_v2", 0, NULL, 0);`,
		`$link = mysqli_connect('localhost', 'operator', '‹copperthunder›', 'metrics');`,
		`DriverManager.getConnection(url, USER, "‹copperthunder›");`,
		`l.simple_bind_s("cn=admin,dc=example,dc=org", "‹{a10}7›")`,
		`Net::SSH.start("host", "root", "‹{a10}7›")`,
		`req.basic_auth 'bob', '‹{a10}7›'`,
		`server.login("bob@example.org", "‹{a10}7›")`,
		`connect("db", "ledger", "‹{a10}7!›", "ledger_v2")`,
		`let password = Some(String::from("‹{a10}7›"));`,
		`password: SecretStr("‹{a10}7›")`,
	})
	wantBenign(t, []string{
		`conn = DriverManager.getConnection("jdbc:h2:mem:test", "sa", "");`, `pymysql.connect("localhost", user, password, "mydb")`, `assert validate_password("short1") is False`,
		`ftp.login("anonymous", "")`, `mysqli_connect($host, $user, $password, 'metrics');`, `token: Some(Token::Ident("abc".to_string())),`, `server.login(user, os.environ["PASS2"])`,
	})
}

func TestPieces(t *testing.T) {
	wantPlaces(t, []string{
		"db.password = ‹{a10}7›\\\n   ‹{a10}7›\nnext = 1",
		"password = \"‹{a6}7›\"\npassword += \"‹a7{a4}›\"\n",
		"StringBuilder password = new StringBuilder();\npassword.append(\"‹{a6}7›\");\npassword.append(\"‹{a5}8›\");",
		"sb.append(\"password=\");\nsb.append(\"‹{a9}7›\");",
		"foreach (char c in \"‹copperthunder›\") securePassword.AppendChar(c);",
		"foreach (var c in \"‹{a9}7›\".ToCharArray())\n{\n    pwd.AppendChar(c);\n}",
		"case \"password\":\n\treturn \"‹{a9}7›\"\n", "case 'apiKey':\n    value = '‹{a24}7›';",
		"case \"$1\" in\n  *Password*) echo \"‹{a9}7›\" ;;\nesac",
		"password => q{‹{a9}7›},", "PASSWORD = %q(‹copperthunder›)",
	})
	wantBenign(t, []string{
		"TOKEN_FILES = a.txt\\\n  b.txt\n", "password.policy = length,\\\n  digits,\\\n  upper\n", `password += "*"`, `secret += ", "`, `tokens.append("IDENT")`,
		"sb.append(\"password=\");\nsb.append(mask(pw));", "case \"password\":\n\treturn \"Passwort\"\n", `case "$1" in password) echo "password" ;; esac`, "password = q.all()",
	})
}

func TestDevices(t *testing.T) {
	wantPlaces(t, []string{
		`createUser bob SHA "‹{a10}7›" AES "‹{a10}7›"`, `snmp-server user bob grp v3 auth sha ‹{a12}7› priv aes 128 ‹{a12}7›`,
		"tacacs-server key 7 ‹02050D480809{d4}›", "radius-server host 10.1.1.1 key ‹{a10}7›", " ip ospf message-digest-key 1 md5 ‹{a9}7›", `set protocols bgp group x authentication-key "‹{a9}7!›"`,
		"set snmp community ‹{a9}7› authorization read-only", "snmp-agent community read cipher ‹{a12}7›", " password cipher ‹{a12}7›", "username admin privilege 15 password ‹copperthunder›",
		"curl -uuser:‹{a9}7› https://x.example.org/", `curl -u 'svc:‹a,k]Aa1}dp{a6}#>F.O=X›' https://x.example.org/`, "schtasks /create /tn x /ru bob /rp ‹{a9}7›",
		"password: ‹desert99›", "ann:1000:‹{h32}:{h32}›:[U          ]:LCT-5F3E4A2B:",
	})
	wantBenign(t, []string{
		"radius-server host 10.1.1.1 auth-port 1812", "authentication-key            set the key", "message-digest-key 1 md5 KEY", "the community read and write it", "username and password secret",
		"curl -u '{user}:{password}' https://x", "curl -u '<user>:<password>' https://x", "cipher: des3", `createuser -s -d app1`,
	})
}

func TestLogins(t *testing.T) {
	wantPlaces(t, []string{
		"login: admin / ‹{a9}71›", "Username / Password: admin / ‹{a9}71›", "Log in as **admin** / **‹{a9}71›**", "- **Password**: ‹Orchid{d4}!›",
		"[smtp.example.org]:587 bob:‹{a9}7›", "<auth-user-pass>\nbob\n‹{a9}7›\n</auth-user-pass>", "register => bob:‹{a9}7›@sip.example.org/100", "echo ‹{a9}7› | kinit bob",
		"username,password,role\nbob,‹copperthunder›,admin\nann,‹{a9}7›,user\n", "CREATE USER bob IDENTIFIED BY ‹kitten{d4}›;", "ALTER USER bob WITH PASSWORD '‹copperthunder›';",
		"default['postgresql']['password']['postgres'] = '‹{a9}7›'", "$cfg{password} = \"‹copperthunder›\";", "{:jwt/secret \"‹copperthunder›\"}", `password: "{{ '‹{a9}7›' | password_hash('sha512') }}"`,
		`define( 'DB_PASSWORD', '‹copperthunder›' );`, `["redis-server", "--requirepass", "‹copperthunder›"]`, `"PASSWORD=‹copperthunder›"`, `<Password><Value>‹copperthunder›</Value></Password>`,
		`<password encrypted="false">‹copperthunder›</password>`, `<ns:password xsi:type="xsd:string">‹copperthunder›</ns:password>`, "密码：‹{a9}7›", "use the password ‹{a9}7› to log in",
		"app --password=‹copperthunder› --port 80", "MYSQL_ROOT_PASSWORD=‹copperthunder› x", `"host=db user=bob password=‹copperthunder›"`, "aws ssm put-parameter --name /x/password --value ‹{a9}7› --type String",
		"pymysql.connect(\n    \"localhost\",\n    \"root\",\n    \"‹copperthunder›\",\n    \"app\",\n)", `static const char mqtt_pass[] = "‹copperthunder›";`, `strcpy(password, "‹copperthunder›");`,
		`mapOf("user" to "bob", "password" to "‹copperthunder›")`, `System.get_env("DB_PASSWORD") || "‹{a9}7›"`, `cursor.execute("CREATE USER bob WITH PASSWORD %s", ("‹{a9}7›",))`,
		`"gitlab-token": {"git.example.org": "‹{a20}7›"}`, "x-redis-password: ‹Hammer.winter.52›",
	})
	wantBenign(t, []string{
		"Sign in with GitHub / GitLab2.", "login: https://example.com/sso/start1", "login: user, pass2: string", "field,password,description\nlogin,optional,the login\n", "echo hello | sort",
		`password: "{{ db_password | default('') }}"`, `password: "{{ lookup('env', 'DB_PASSWORD') }}"`, `["app", "--password-file", "pw.txt"]`, `parser.add_argument("--password", help="the password")`,
		`fields = ["username", "password", "email2"]`, `KEYS = ("password", "new_password1", "new_password2")`, "<password><minLength>8</minLength></password>", `<Password label="x" />`, "密码：至少8个字符",
		"app --password-store=gnome", "PASSWORD=disabled", "vault kv get -field=password secret/app1", "password: needs some more work", "no snmp-server community public", "CREATE USER bob IDENTIFIED BY '${PW}';",
		`if key == "password" || "token" {`, "token[1] != `\\Device\\NamedPipe\\msys` &&", `strcpy(password, buffer);`, "connect(\n\thost,\n\tuser,\n\tpassword)\nx(\"a1b2c3\")", `char password[64] = "";`,
		`form.add_error("password", "too_short")`, `t('password', 'Passwort')`,
	})
}

func TestLabelsAreKept(t *testing.T) {
	wantBenign(t, []string{
		"Passwort: mindestens 8 Zeichen", "Contraseña: obligatoria", `"secretKey": "Clé secrète",`, `forgotPassword: 'パスワードをお忘れですか？',`, "gpg --recv-keys 3A5804CA50987F672A8767E1AAEF8709C6DBAC9B",
		`const PASSWORD_RE = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{12,}$/;`, "docker run -u app:app1 image", "password_encryption = scram-sha-256",
	})
}
