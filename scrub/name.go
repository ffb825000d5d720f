// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// nameWords are the words of which one is in every name of a secret. What
// they stand in is looked at by nameStrength.
const nameWords = `pass pwd secret token key cred auth cookie salt psk pepper jwt sig= signature otp pin dsn
	kennwort geheimnis contraseña contrasena clave senha motdepasse mot_de_passe wachtwoord lösenord losenord
	hasło haslo parola sifre şifre heslo jelszo salasana adgangskode lozinka mật_khẩu mat_khau matkhau kata_sandi sandi
	пароль секрет токен ключ 密码 密碼 口令 密钥 密鑰 パスワード 暗証番号 秘密鍵 비밀번호 암호 كلمة_المرور סיסמה รหัสผ่าน पासवर्ड`

// strength says what a name promises about its value.
type strength int

const (
	nothing  strength = iota
	keyLike           // a token or key: the value has to look like one
	credLike          // an API key or access token: the value may be any single word
	passLike          // a password or secret: the value may be anything
)

// passWords end a part of a name that promises a password.
var passWords = []string{
	"password", "passwd", "passphrase", "passcode", "passw", "pwd", "passwort", "passwrd", "pswd", "psswd", "secret", "secrets", "passwords", "psk", "passkey",
	"kennwort", "geheimnis", "contraseña", "contrasena", "clave", "senha", "motdepasse", "mdp", "wachtwoord", "lösenord", "losenord", "passord",
	"hasło", "haslo", "parola", "sifre", "şifre", "heslo", "jelszo", "salasana", "adgangskode", "lozinka", "matkhau", "sandi",
	"пароль", "секрет", "密码", "密碼", "口令", "密钥", "密鑰", "パスワード", "暗証番号", "秘密鍵", "비밀번호", "암호", "المرور", "סיסמה", "รหัสผ่าน", "पासवर्ड",
	"storepass", "keypass", "dbpass", "userpass", "rootpass", "adminpass", "mypass", "smtppass", "mailpass", "ftppass", "sshpass", "requirepass", "masterauth", "pgpass", "bindpw", "rootpw", "adminpw", "userpw", "dbpw",
}

// passParts promise a password only as a part of their own: "pass" ends compass, too.
const passParts = " pass passe pw pswd pwd passwd userpw depasse khẩu khau "

// keyWords end a part of a name that promises a token or a key.
var keyWords = []string{
	"token", "tokens", "apikey", "secretkey", "accesskey", "privatekey", "authkey", "appkey", "masterkey", "sharedkey", "signingkey", "encryptionkey", "accountkey", "sharedaccesskey", "licensekey",
	"credential", "credentials", "creds", "cookie", "salt", "pepper", "jwt", "signature", "auth", "authorization", "токен", "ключ", "keydata", "otp", "bearer",
}

// keyKinds before "key" promise a secret key; others, such as primary and
// foreign, do not.
const keyKinds = " api secret access private priv auth app application master shared signing sign encryption encrypt encryptor enc crypto cipher aes des rsa hmac account storage license licence service admin session client consumer write ingest ingestion integration instrumentation deploy deployment server host root user webhook web site maps map functions function subscription ssh gpg pgp jwt token cookie csrf verification validation security secure wrapping unseal recovery data kek dek seed base pre psk wep wpa wifi ssl tls rest sdk bot merchant payment stripe sendgrid mailgun mailchimp mailjet twilio openai anthropic google aws azure gcp algolia datadog dd newrelic heroku github gitlab slack sentry segment amplitude mixpanel intercom pusher ably honeycomb grafana influx fastly cloudflare cf linode digitalocean do vultr rapidapi shodan virustotal weather openweather geocoding here mapbox bing steam riot telegram discord square plaid braintree paypal razorpay adyen bugsnag rollbar airbrake raygun travis circle circleci codecov coveralls sonar snyk jfrog artifactory nexus nuget npm pypi gem rubygems crates cargo docker dockerhub quay harbor vercel netlify okta auth0 clerk supabase firebase fcm gcm apns vapid launchdarkly split optimizely contentful sanity prismic storyblok airtable notion linear asana trello jira atlassian bitbucket zendesk freshdesk hubspot salesforce pipedrive typeform postmark sparkpost mandrill resend brevo sendinblue loops customerio onesignal pagerduty opsgenie victorops statuspage pingdom uptimerobot etherscan infura alchemy moralis coinbase binance kraken polygon bitfinex kucoin exchange trading wallet ecdsa ed25519 x25519 curve private-token cohere huggingface hf replicate mistral groq together deepseek gemini palm pinecone weaviate qdrant langsmith langfuse wandb comet neptune elevenlabs deepgram assemblyai azureopenai cognitive speech translator vision search cosmos redis mongo mongodb postgres mysql db database s3 minio r2 b2 spaces wasabi gcs blob queue table eventhub servicebus relay iot device sas "

// tailWords end names that tell about a secret without holding one.
const tailWords = " file files filename path paths dir directory folder url uri endpoint name names id ids type types kind length len size min max count counts limit limits ttl expiry expires expired expiration expire exp timeout interval days hours minutes seconds age field fields label labels placeholder hint prompt title message messages msg error errors err policy policies rule rules regex regexp pattern validator validation valid column col input enabled enable disabled required optional reset forgot provider store manager service handler header headers param params parameter parameters algorithm algo alg version template env environment var variable format rotation usage used info description desc text help link page screen view form button dialog class ref reference refs selector strength score check checker verify confirm confirmation match generator generate factory builder parser lexer index idx position pos offset map mapping list array set group role scope scopes issuer audience mode state status flag bits bytes source prefix suffix separator delimiter schema model spec test tests func function method callback location region bucket arn alias owner account accounts user username email mail login count budget cost price rate per cache ring chain chains holder storage code codes board board stroke press down up frame framework word words event events listener binding bindings signed request response exists needed change changed update updated created at date time mask masked masking hidden show visible visibility toggle encoder encoding encoded decoder hasher hashing strategy "

// nameStrength says what the identifier promises.
func nameStrength(ident string) strength {
	parts := splitName(ident)
	// A number or a word such as "prod" behind the promise does not take it back.
	last := len(parts) - 1
	if last > 0 && strings.Contains(" go py js ts tsx jsx java md html txt json yml yaml sh rb rs cs php ", " "+parts[last]+" ") && strings.Contains(ident, ".") {
		return nothing // a file
	}
	for last > 0 && isDigits(parts[last]) {
		last--
	}
	if last < 0 {
		return nothing
	}
	if strings.Contains(tailWords, " "+parts[last]+" ") && !endsPass(parts, last) {
		if last == 1 && parts[0] == "secret" && parts[1] == "id" {
			return keyLike // Vault's AppRole
		}
		return nothing
	}
	for i := last; i >= 0; i-- {
		if endsPass(parts, i) {
			if strings.Contains(" hash hashed hashes digest encrypted enc ", " "+parts[last]+" ") && i < last {
				return keyLike
			}
			if i == 0 && last >= 3 {
				return keyLike
			}
			return passLike
		}
	}
	// A key further in front is a part of something else's name.
	for i := last; i >= max(0, last-1); i-- {
		p := parts[i]
		for _, w := range keyWords {
			if p == w || len(w) > 4 && strings.HasSuffix(p, w) {
				if i > 0 && p == "token" && endsIn(parts[i-1], tokenKinds) || strings.HasSuffix(p, "key") {
					return credLike
				}
				return keyLike
			}
		}
		if p == "sig" {
			return keyLike
		}
		if (p == "key" || p == "keys") && i > 0 && endsIn(parts[i-1], keyKinds) {
			return credLike
		}
		if (p == "public" || p == "pub" || p == "foreign" || p == "primary") && i < last {
			return nothing
		}
	}
	return nothing
}

// tokenKinds before "token" make it an explicit credential.
const tokenKinds = " access auth private refresh api bearer secret personal oauth session user bot "

// endsIn reports whether a part of a name is one of the kinds or, of three
// letters and more, ends in one: serviceapi_key.
func endsIn(part, kinds string) bool {
	for i := 0; i < len(part); i++ {
		if tail := part[i:]; (i == 0 || len(tail) >= 3) && strings.Contains(kinds, " "+tail+" ") {
			return true
		}
	}
	return false
}

func endsPass(parts []string, i int) bool {
	p := parts[i]
	if strings.Contains(passParts, " "+p+" ") {
		return true
	}
	for _, w := range passWords {
		if strings.HasSuffix(p, w) {
			return true
		}
	}
	return false
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// splitName cuts an identifier into lower-case parts: at punctuation, at the
// start of a capital, and between capitals and a word.
func splitName(s string) []string {
	var parts []string
	start := 0
	cut := func(end int) {
		if end > start {
			parts = append(parts, strings.ToLower(s[start:end]))
		}
		start = end
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case !isAlnum(c) && c < 0x80:
			cut(i)
			start = i + 1
		case i > start && isUpper(c) && isLower(s[i-1]):
			cut(i)
		case i > start+1 && isLower(c) && isUpper(s[i-1]) && isUpper(s[i-2]):
			cut(i - 1)
		case i > start && isDigit(c) != isDigit(s[i-1]) && isDigit(c) && i+1 == len(s):
			cut(i)
		}
	}
	cut(len(s))
	return parts
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
