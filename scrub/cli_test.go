// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// wantPlaces cleans lines of which what stands between ‹ and › is a secret.
func wantPlaces(t *testing.T, lines []string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	for _, in := range lines {
		for range 5 {
			raw := fake(rng, in)
			var want strings.Builder
			rest := raw
			for {
				before, after, found := strings.Cut(rest, "‹")
				want.WriteString(before)
				if !found {
					break
				}
				_, rest, _ = strings.Cut(after, "›")
				want.WriteString("P")
			}
			got := clean(t, cleaner(t, Options{}), strings.NewReplacer("‹", "", "›", "").Replace(raw))
			if anyPlaceholder.ReplaceAllString(got, "P") != want.String() {
				t.Errorf("%s\n got %q\nwant %q", in, got, want.String())
			}
		}
	}
}

// wantBenign cleans lines that have to arrive as they are.
func wantBenign(t *testing.T, lines []string) {
	t.Helper()
	for _, in := range lines {
		if got := clean(t, cleaner(t, Options{PII: []string{"none"}}), in); got != in {
			t.Errorf("Clean(%q) = %q", in, got)
		}
	}
}

func TestCommands(t *testing.T) {
	wantPlaces(t, []string{
		`mysqldump -h db -u root -p‹{a12}7› app > dump.sql`,
		`mysql -uroot -p'‹{a12}7›' -e "select 1"`,
		"docker exec db mysql \\\n  -uroot \\\n  -p‹{a12}7› app",
		`os.system("mysqladmin -u root -p‹{a12}7›")`,
		`sqlcmd -S db -U sa -P ‹{a12}7› -Q "select 1"`,
		`bcp app.dbo.t in t.csv -S db -U sa -P‹{a12}7›`,
		`sqlplus scott/‹{a10}7›@orcl`,
		`sqlplus -s app/"‹{a10}7›"@//db:1521/x @run.sql`,
		`mongosh --host db -u admin -p ‹{a12}7› --authenticationDatabase admin`,
		`redis-cli -h cache -a '‹{a12}7›' ping`,
		`rabbitmqctl add_user app ‹{a12}7›`,
		`rabbitmqctl -n r@h change_password app '‹{a12}7›'`,
		`net use Z: \\srv\share /user:CORP\ann ‹{a10}7›`,
		`net use Z: \\srv\share ‹{a10}7› /user:CORP\ann`,
		`net user deploy ‹{a10}7› /add`,
		`useradd -m -p ‹{a12}7› deploy`,
		`htpasswd -bc /etc/nginx/.htpasswd admin ‹{a10}7›`,
		`echo 'root:‹{a10}7›' | chpasswd`,
		"chpasswd:\n  list: |\n    root:‹{a10}7›\n    ubuntu:‹{a12}8›\n  expire: false",
		`openssl enc -aes-256-cbc -in a -out b -k ‹{a12}7›`,
		`openssl enc -aes-256-cbc -K ‹{h64}› -in a`,
		`openssl rsa -in k.pem -passin pass:‹{a12}7› -out o.pem`,
		`openssl pkcs12 -export -passout "pass:‹{a12}7›" -out o.p12`,
		`gpg --batch --passphrase ‹{a12}7› -d a.gpg`,
		`keytool -importkeystore -storepass ‹{a10}7› -keypass ‹{a12}8› -alias a`,
		`unzip -P ‹{a12}7› backup.zip -d out`,
		`zip -r -P '‹{a12}7›' b.zip data`,
		`7z x backup.7z -p‹{a12}7› -oout`,
		`rar a -hp‹{a12}7› b.rar data`,
		`twine upload -u ci -p ‹{a12}7› dist/*`,
		`helm registry login r.example.org -u ci -p ‹{a12}7›`,
		`podman login -u ci -p=‹{a12}7› r.example.org`,
		`plink -ssh ann@h -pw ‹{a10}7› uptime`,
		`pscp.exe -pw "‹{a10}7›" a ann@h:/tmp`,
		`lftp -u ann,‹{a10}7› sftp://h`,
		`smbclient //srv/share -U ann%‹{a10}7› -c ls`,
		`xfreerdp /u:ann /p:‹{a10}7› /v:h`,
		`ldapsearch -x -D cn=admin,dc=x -w ‹{a10}7› -b dc=x`,
		`security unlock-keychain -p ‹{a12}7› build.keychain`,
		`security import c.p12 -k b.keychain -P "‹{a12}7›" -T /usr/bin/codesign`,
		`signtool sign /f c.pfx /p ‹{a12}7› /t http://ts app.exe`,
		`xcrun altool --upload-app -f a.ipa -u ann -p ‹{a12}7›`,
		`ipmitool -I lanplus -H h -U root -P ‹{a10}7› power on`,
		`snmpwalk -v2c -c ‹{a10}7› h 1.3.6.1`,
		`snmpget -v3 -u ann -A ‹{a10}7› -X ‹{a12}8› h 1.3`,
		`mosquitto_pub -h h -u ann -P ‹{a10}7› -t x -m y`,
		`wpa_passphrase homenet ‹{a10}7›`,
		`wget --http-user=a --http-password=‹{a10}7› https://example.com/x`,
		`curl -b "session=‹{a32}›; theme=dark" https://example.com/`,
		`curl --cookie 'sid=‹{h32}›' https://example.com/`,
		"expect \"*?assword:\"\nsend \"‹{a10}7›\\r\"",
		"expect \"Password: \"\nsend -- \"‹{a10}7›\\n\"",
		"child.expect('assword:')\nchild.sendline('‹{a10}7›')",
		"rootpw --plaintext ‹{a10}7›",
		"user --name=ann --plaintext --password=‹{a10}7›",
		`enable secret 5 ‹{a20}7›`,
		`username ann privilege 15 password 7 ‹{h20}›`,
		`  key-string ‹{a10}7›`,
		`pre-shared-key address 0.0.0.0 key ‹{a10}7›`,
		`ConvertTo-SecureString "‹{a10}7›" -AsPlainText -Force`,
		`ConvertTo-SecureString -String '‹{a10}7›' -AsPlainText -Force`,
		`cmdkey /add:srv /user:ann /pass:‹{a10}7›`,
		`vault login ‹{a26}7›`,
		`mc alias set prod https://s3.example.com ‹{a20}7› ‹{a40}8›`,
		`aws configure set aws_secret_access_key ‹{a40}›`,
		`az login --service-principal -u x -p ‹{a30}7› --tenant t`,
	})
}

func TestCommandsBenign(t *testing.T) {
	wantBenign(t, []string{
		`mkdir -p build/output2`, `ssh -p 2222 host7x`, `cp -p a1b2c3 d4e5f6`, `docker run -p 8080:80 app1x`, `grep -P 'ab+7\d' f`, `tar -xPf a7.tar`,
		`mysql -u root -p app2db`, `mysql -uroot -p$PASS app`, `mysql -uroot -p"${DB_PASS}" app`, `mysql -P 3306 -h db1`, `mysqldump -pPASSWORD db`,
		`sqlcmd -S db -P $(SA_PASSWORD)`, `sqlplus / as sysdba`, `sqlplus app/<password>@db`, `sqlplus /nolog @x1.sql`, `redis-cli -p 6379 ping`, `redis-cli -a %REDIS_PASS%`,
		`net use Z: \\srv1\share2`, `net user ann /delete`, `useradd -m -s /bin/bash deploy1`, `htpasswd -c /etc/x1 admin1`, `htpasswd -b f u $PW`,
		`openssl req -new -key a1.pem -out b2.csr`, `openssl enc -pass env:PW1`, `openssl rsa -passin file:/a1`, `unzip -p a1.zip b2`, `unzip -P {{ pw }} a.zip`,
		`7z x a1b2.7z -opath1`, `helm registry login r -u a -p "$PW"`, `plink -pw %PW% h`, `lftp -u ann,$PW h`, `smbclient -U ann%$PW //a/b`, `xfreerdp /v:h1 /port:3389`,
		`ldapsearch -W -D cn=a1`, `security find-identity -p codesigning -v`, `snmpwalk -v2c -c public h1`, `mosquitto_pub -p 8883 -t a1/b2`, `wpa_passphrase SSID PASSPHRASE`,
		`curl -b cookies1.txt https://example.com/`, `vault login -method=oidc role1`, `mc alias set prod https://s3.example.com ACCESS_KEY SECRET_KEY`,
		`aws configure set region eu-west-1`, `aws configure set aws_secret_access_key $SECRET`, `az login -p $PW`, "expect \"login:\"\nsend \"admin1x\\r\"",
		`twine upload -r pypi1 dist/a1b2-3.4.tar.gz`, `rabbitmqctl add_user ann $PW`, `mongosh --port 27017 app1`, `ConvertTo-SecureString $env:PW -AsPlainText`, `the mysql -p option asks for it`,
	})
}
