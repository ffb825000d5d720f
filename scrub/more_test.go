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

func TestLabelsAreKept(t *testing.T) {
	wantBenign(t, []string{
		"Passwort: mindestens 8 Zeichen", "Contraseña: obligatoria", `"secretKey": "Clé secrète",`, `forgotPassword: 'パスワードをお忘れですか？',`, "gpg --recv-keys 3A5804CA50987F672A8767E1AAEF8709C6DBAC9B",
		`const PASSWORD_RE = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{12,}$/;`, "docker run -u app:app1 image", "password_encryption = scram-sha-256",
	})
}
