// SPDX-License-Identifier: Apache-2.0

package scrub

// rulesForms are formats that no single vendor owns.
var rulesForms = []Rule{
	{
		ID: "jwt", Keywords: []string{"eyJ"}, Check: jwtCheck,
		Pattern: `eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{16,})(?:\.[A-Za-z0-9_-]*){1,3}`,
		Hits:    []string{"eyJ{b30}.eyJ{b60}.{b43}"}, Misses: []string{"eyJ{b30}"},
		Source: "https://www.rfc-editor.org/rfc/rfc7519",
	},
	{
		ID: "password-hash", Keywords: []string{"$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$apr1$", "$sha1$", "$md5"},
		Pattern: `\$(?:apr1|1|5|6|7|y|gy|sha1|md5)(?:\$rounds=\d+)?\$[A-Za-z0-9./,=$]{0,40}\$?[A-Za-z0-9./+]{20,110}|\$2[aby]\$\d\d\$[A-Za-z0-9./]{53}`,
		Hits:    []string{"$6${a12}${a86}", "$apr1${a8}${a22}", "$2b$12${a53}", "$y$j9T${a22}${a43}", "$5$rounds=5000${a16}${a43}"},
		Source:  "https://man7.org/linux/man-pages/man5/crypt.5.html",
	},
	{
		ID: "password-hash", Keywords: []string{"$argon2", "$scrypt$", "$pbkdf2", "$bcrypt-sha256$", "$s0$"},
		Pattern: `\$(?:argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d+)?|bcrypt-sha256|s0)\$[A-Za-z0-9=,$./+_-]{30,300}`,
		Hits:    []string{"$argon2id$v=19$m=65536,t=3,p=4${p22}${p43}"},
		Source:  "https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md",
	},
	{
		ID: "password-hash", Keywords: []string{"{SSHA", "{SHA}", "{SHA256}", "{SHA512}", "{SMD5}", "{MD5}", "{CRYPT}", "{PBKDF2"},
		Pattern: `\{(?:SSHA(?:256|384|512)?|SHA(?:256|384|512)?|SMD5|MD5|CRYPT|PBKDF2[A-Z0-9-]*)\}([A-Za-z0-9+/=$.]{20,200})`,
		Hits:    []string{"{SSHA}{p40}", "{SHA}{p27}="},
		Source:  "https://www.openldap.org/doc/admin26/security.html",
	},
	{
		ID: "password-hash", Keywords: []string{"pbkdf2_sha", "scrypt:", "pbkdf2:sha", "bcrypt_sha256$"},
		Pattern: `(?:pbkdf2_sha\d+\$\d+\$|scrypt:\d+:\d+:\d+\$|pbkdf2:sha\d+(?::\d+)?\$|bcrypt_sha256\$\$2b\$\d\d\$)[A-Za-z0-9+/=$.]{30,200}`,
		Hits:    []string{"pbkdf2_sha256$600000${a22}${p43}=", "scrypt:32768:8:1${a16}${h128}"},
		Source:  "https://docs.djangoproject.com/en/stable/topics/auth/passwords/",
	},
	{
		ID: "maven-encrypted-password", Keywords: []string{"=}"}, Back: base64Chars + "{=",
		Pattern: `\{[A-Za-z0-9+/]{43,200}={1,2}\}`,
		Hits:    []string{"{{p43}=}"},
		Source:  "https://maven.apache.org/guides/mini/guide-encryption.html",
	},
	{
		ID: "ansible-vault", Keywords: []string{"$ANSIBLE_VAULT;"},
		Pattern: `\$ANSIBLE_VAULT;[0-9.]+;AES256[^\n]*\n((?:[ \t]*[0-9a-f]{40,90}\n?)+)`,
		Hits:    []string{"$ANSIBLE_VAULT;1.1;AES256\n{h80}\n{h80}"},
		Source:  "https://docs.ansible.com/ansible/latest/vault_guide/vault_encrypting_content.html",
	},
	{
		ID: "netrc-password", Keywords: []string{"machine "},
		Pattern: `machine[ \t]+\S{1,253}\s+(?:login[ \t]+\S{1,128}\s+)?(?:account[ \t]+\S{1,128}\s+)?password[ \t]+([^\s$<{%]\S{2,128})`,
		Hits:    []string{"machine git.example.com login ci password {l14}", "machine git.example.com\n  login ci\n  password {a20}"},
		Misses:  []string{"machine learning needs no password here", "machine git.example.com login ci password $TOKEN"},
		Source:  "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
	},
	{
		ID: "oracle-jdbc-password", Keywords: []string{"jdbc:oracle:"},
		Pattern: `jdbc:oracle:(?:thin|oci\d?):[^/\s"']{1,64}/([^@\s"']{3,128})@`,
		Hits:    []string{"jdbc:oracle:thin:scott/{a12}@//db:1521/x"},
		Source:  "https://docs.oracle.com/en/database/oracle/oracle-database/23/jjdbc/data-sources-and-URLs.html",
	},
	{
		ID: "sql-password", Keywords: []string{"identified "}, Fold: true,
		Pattern: `(?i:identified (?:with [A-Za-z0-9_'"]+ )?(?:by|as) (?:password )?)(?:'([^"'$\s][^"'\s]{3,128})'|"([^"'$\s]*[^"'$\sa-z][^"'\s]{2,128})")`,
		Entropy: 2, Hits: []string{"CREATE USER 'a' IDENTIFIED BY '{a12}'"}, Misses: []string{"IDENTIFIED BY '$PASSWORD'", "the function identified by \"repeat\" is overwritten"},
		Source: "https://dev.mysql.com/doc/refman/8.4/en/create-user.html",
	},
	{
		ID: "sql-password", Keywords: []string{"with password", "encrypted password"}, Fold: true,
		Pattern: `(?i:with|encrypted) (?i:password)\s*(?:=\s*)?[Nn]?'([^'$%:\s<{][^'\s]{3,128})'`,
		Entropy: 2, Hits: []string{"ALTER USER a WITH PASSWORD '{l12}'", "ALTER ROLE a ENCRYPTED PASSWORD 'md5{h32}'"}, Misses: []string{"WITH PASSWORD '$PASSWORD'", "with password: 'text'"},
		Source: "https://www.postgresql.org/docs/current/sql-createrole.html",
	},
	{
		ID: "sql-password", Keywords: []string{"create user ", "alter user "}, Fold: true,
		Pattern: `(?i:create user|alter user) [A-Za-z0-9_"$#]{1,64}\s+(?i:identified by) ([A-Za-z][A-Za-z_]*[0-9!#$][A-Za-z0-9_!#$]{1,60})\s*(?:;|(?i:default |account |quota |profile ))`,
		Hits:    []string{"CREATE USER app IDENTIFIED BY kitten{d4};"}, Misses: []string{"CREATE USER app IDENTIFIED BY password", "create user accounts identified by sha256sums"},
		Source: "https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/CREATE-USER.html",
	},
	{
		ID: "windows-hash", Keywords: []string{":[U", "aad3b435b51404eeaad3b435b51404ee:"}, Fold: true, Back: hexChars + "ABCDEF:",
		Pattern: `([0-9A-Fa-f]{32}:[0-9A-Fa-f]{32}):(?:\[U|::)`,
		Hits:    []string{"ann:1000:{h32}:{h32}:[U          ]:LCT-5F3E4A2B:", "Administrator:500:aad3b435b51404eeaad3b435b51404ee:{h32}:::"},
		Source:  "https://www.samba.org/samba/docs/current/man-html/smbpasswd.5.html",
	},
	{
		ID: "putty-private-key", Keywords: []string{"Private-Lines:", "Private-MAC:"},
		Pattern: `Private-Lines: \d+\n((?:[ \t]*[A-Za-z0-9+/=]+\n)+)|Private-MAC: ([0-9a-f]{40,64})`,
		Hits:    []string{"Private-Lines: 2\n{p64}\n{p30}\n", "Private-MAC: {h64}"},
		Source:  "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html",
	},
	{
		ID: "wireguard-key", Keywords: []string{"privatekey", "presharedkey"}, Named: true,
		Pattern: `[A-Za-z0-9+/]{42}[AEIMQUYcgkosw480]=`,
		Hits:    []string{"PrivateKey = {p42}A="},
		Source:  "https://man7.org/linux/man-pages/man8/wg.8.html",
	},
	{
		ID: "totp-secret", Keywords: []string{"otpauth://"},
		Pattern: `otpauth://[ht]otp/[^\s"'?]*\?(?:[^\s"']*&)?secret=([A-Z2-7]{16,128})`,
		Hits:    []string{"otpauth://totp/x?secret={v32}"},
		Source:  "https://github.com/google/google-authenticator/wiki/Key-Uri-Format",
	},
	{
		ID: "jwk-private", Keywords: []string{"\"d\""},
		Pattern: `"d"[ \t]*:[ \t]*"([A-Za-z0-9_-]{40,700})"`,
		Hits:    []string{"\"d\": \"{b43}\""},
		Source:  "https://www.rfc-editor.org/rfc/rfc7517",
	},
}
