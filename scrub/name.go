// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// nameWords are the words of which one is in every name of a secret. What
// they stand in is looked at by nameStrength.
const nameWords = `pass pwd pw secret token key cred auth cookie salt psk pepper jwt sig= signature otp pin dsn
	session phpsessid license licence mnemonic seed nonce _iv vector
	kennwort geheimnis contraseña contrasena clave senha motdepasse mot_de_passe mdp wachtwoord lösenord losenord
	hasło haslo parola sifre şifre heslo jelszo salasana adgangskode lozinka mật_khẩu mat_khau matkhau kata_sandi sandi
	пароль секрет токен ключ 密码 密碼 口令 密钥 密鑰 パスワード 暗証番号 秘密鍵 비밀번호 암호 كلمة_المرور סיסמה รหัสผ่าน पासवर्ड`

// words is a set of words.
type words map[string]bool

func wordSet(s string) words {
	set := words{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

// end reports whether s ends in a word of the set that has at least n bytes,
// or is one.
func (w words) end(s string, n int) bool {
	for i := 0; i < len(s) && (i == 0 || len(s)-i >= n); i++ {
		if w[s[i:]] {
			return true
		}
	}
	return false
}

// strength says what a name promises about its value.
type strength int

const (
	nothing  strength = iota
	pinLike           // digits that open something
	hintLike          // a key of some kind: the value has to be random
	keyLike           // a token or key: the value has to look like one
	credLike          // an API key or access token: the value may be any single word
	passLike          // a password or secret: the value may be anything
)

// passWords end a part of a name that promises a password.
var passWords = wordSet(`
	password passwd passphrase passcode passw pwd passwort passwrd pswd psswd secret secrets passwords psk
	passkey kennwort geheimnis contraseña contrasena clave senha motdepasse mdp wachtwoord lösenord losenord
	passord hasło haslo parola sifre şifre heslo jelszo salasana adgangskode lozinka matkhau sandi пароль секрет
	密码 密碼 口令 密钥 密鑰 パスワード 暗証番号 秘密鍵 비밀번호 암호 المرور סיסמה รหัสผ่าน पासवर्ड storepass keypass dbpass userpass
	rootpass adminpass mypass smtppass mailpass ftppass sshpass requirepass masterauth pgpass bindpw rootpw
	adminpw userpw dbpw authtok`)

// passParts promise a password only as a part of their own: "pass" ends compass, too.
var passParts = wordSet(`
	getpass depasse khau khẩu pass passe passwd pswd pw pwd userpw`)

// kind names what was found behind a name.
func (s strength) kind() string {
	if s == passLike || s == pinLike {
		return "password"
	}
	return "token"
}

// keyWords end a part of a name that promises a token or a key.
var keyWords = wordSet(`
	token tokens apikey secretkey accesskey privatekey authkey appkey masterkey sharedkey signingkey
	encryptionkey accountkey sharedaccesskey licensekey credential credentials creds cookie salt pepper jwt
	signature auth authorization токен ключ keydata otp bearer sessionid sessid phpsessid jsessionid sessiontoken mnemonic`)

// keyKinds before "key" promise a secret key; others, such as primary and
// foreign, do not.
var keyKinds = wordSet(`
	ably access account admin adyen aes airbrake airtable alchemy algolia amplitude anthropic api apns app
	application artifactory asana assemblyai atlassian auth auth0 aws azure azureopenai b2 base binance bing
	bitbucket bitfinex blob bot braintree brevo bugsnag cargo cf cipher circle circleci clerk client cloudflare
	codecov cognitive cohere coinbase comet consumer contentful cookie cosmos coveralls crates crypto csrf curve
	customerio data database datadog db dd deepgram deepseek dek deploy deployment des device digitalocean
	discord do docker dockerhub ecdsa ed25519 elevenlabs enc encrypt encryption encryptor etherscan eventhub
	exchange fastly fcm firebase freshdesk function functions gcm gcp gcs gem gemini geocoding github gitlab
	google gpg grafana groq harbor here heroku hf hmac honeycomb host hubspot huggingface influx infura ingest
	ingestion instrumentation integration intercom iot jfrog jira jwt kek kraken kucoin langfuse langsmith
	launchdarkly licence license linear linode loops mailchimp mailgun mailjet mandrill map mapbox maps master
	merchant minio mistral mixpanel mongo mongodb moralis mysql neptune netlify newrelic nexus notion npm nuget
	okta onesignal openai openweather opsgenie optimizely pagerduty palm payment paypal pgp pinecone pingdom
	pipedrive plaid polygon postgres postmark pre prismic priv private private-token psk pusher pypi qdrant quay
	queue r2 rapidapi raygun razorpay recovery redis relay replicate resend rest riot rollbar root rsa rubygems
	s3 salesforce sanity sas sdk search secret secure security seed segment sendgrid sendinblue sentry server
	service servicebus session shared shodan sign signing site slack snyk sonar spaces sparkpost speech split
	square ssh ssl statuspage steam storage storyblok stripe subscription supabase table telegram tls together
	token trading translator travis trello twilio typeform unseal uptimerobot user validation vapid vercel
	verification victorops virustotal vision vultr wallet wandb wasabi weather weaviate web webhook wep wifi wpa
	wrapping write x25519 zendesk`)

// qualifiers behind a promise say which password it is.
var qualifiers = wordSet(`
	prod production dev development stage staging stg test testing qa uat live local default main primary secondary
	backup old new current previous next value val values plain plaintext raw text clear cleartext key string str
	base64 b64 hex env db database admin root user a b c eu us emea apac one two first second master slave replica ro rw
	for to my our their server client app api web read write confirmation confirm repeat again check field`)

// tailWords end names that tell about a secret without holding one.
var tailWords = wordSet(`
	encode decode strip split lower upper replace trim join mgr namespace comment keyword operator literal generic attachment association
	account accounts address addresses addr hashers hasher age alg algo algorithm alias arn array at audience binding bindings bits board bucket budget
	builder button bytes cache callback chain chains change changed check checker class code codes col column
	cost count counts created date days decoder delimiter desc description dialog dir
	directory disabled down email enable enabled encoded encoder encryption encoding endpoint env environment err error
	errors event events exists exp expiration expire expired expires expiry factory field fields file filename
	files flag folder forgot form format frame framework func function generate generator group handler hasher
	hashing header headers help hidden hint holder hours id ids idx index info input interval issuer kind label
	labels len length lexer limit limits link list listener location login mail manager map mapping mask masked
	masking match max message messages method min minutes mode model msg name names needed offset optional owner
	page param parameter parameters params parser path paths pattern per placeholder policies policy pos position
	prefix press price prompt provider rate ref reference refs regex regexp region request required reset
	response ring role rotation rule rules schema scope scopes score screen seconds selector separator service
	set show signed size sock socket source spec state status storage store strategy strength stroke suffix template test
	tests text time timeout title toggle ttl type types up update updated uri url usage used user username valid
	validation validator var variable verify version view visibility visible word words`)

// typedTails are properties that hold what was typed, uiTails end the names of
// what it is typed into.
var (
	typedTails = wordSet(`text value string stringvalue`)
	uiTails    = wordSet(`field text textfield input box textbox edit`)
)

// appends are methods that add a piece to a value, or compare it with one.
var appends = wordSet(`append Append push_str write_str WriteString AppendChar appendCodePoint
	equals equalsIgnoreCase Equals contentEquals compareTo isEqualToString`)

// nameStrength says what the identifier promises.
func nameStrength(ident string) strength {
	// What a person types into: passwordField.text.
	if k := strings.LastIndexByte(ident, '.'); k > 0 && typedTails[strings.ToLower(ident[k+1:])] {
		parts := splitName(ident[:k])
		for len(parts) > 1 && uiTails[parts[len(parts)-1]] {
			parts = parts[:len(parts)-1]
		}
		if len(parts) > 0 && endsPass(parts, len(parts)-1) {
			return passLike
		}
	}
	if k := strings.LastIndexByte(ident, '.'); k > 0 && appends[ident[k+1:]] {
		ident = ident[:k]
	}
	parts := splitName(ident)
	// A number or a word such as "prod" behind the promise does not take it back.
	last := len(parts) - 1
	if last > 0 && strings.Contains(" go py js ts tsx jsx java md html txt json yml yaml sh rb rs cs php c h cc cpp ", " "+parts[last]+" ") && strings.Contains(ident, ".") {
		return nothing // a file
	}
	for last > 0 && isDigits(parts[last]) {
		last--
	}
	if last < 0 {
		return nothing
	}
	if isPin(parts[:last+1]) {
		return pinLike
	}
	if tailWords[parts[last]] && !endsPass(parts, last) {
		switch {
		case parts[last] != "id" || last == 0:
			return nothing
		case parts[last-1] == "secret": // Vault's AppRole
			return keyLike
		case parts[last-1] == "session", parts[last-1] == "sess":
			return credLike
		}
		return nothing
	}
	for i := last; i >= 0; i-- {
		if endsPass(parts, i) {
			if strings.Contains(" hash hashed hashes digest encrypted enc ", " "+parts[last]+" ") && i < last {
				return keyLike
			}
			if i < last && !qualifiers[parts[last]] || i == 0 && last >= 3 {
				return keyLike // something else's name may start like that
			}
			return passLike
		}
	}
	for _, p := range parts[:last+1] {
		if p == "public" || p == "pub" || p == "publickey" {
			return nothing
		}
	}
	// A key further in front is a part of something else's name.
	for i := last; i >= max(0, last-1); i-- {
		p := parts[i]
		switch {
		case keyWords.end(p, 5):
			if i > 0 && p == "token" && openTokens[parts[i-1]] {
				return nothing
			}
			if i > 0 && p == "token" && tokenKinds.end(parts[i-1], 3) || strings.HasSuffix(p, "key") || strings.HasPrefix(p, "session") {
				return credLike
			}
			return keyLike
		case p == "sig":
			return keyLike
		case p == "id" && i > 0 && parts[i-1] == "session":
			return credLike
		case p == "key" || p == "keys":
			switch {
			case i > 0 && keyKinds.end(parts[i-1], 3):
				return credLike
			case i > 0 && openKinds[parts[i-1]] || i < last:
				return nothing
			}
			return hintLike
		case hintWords[p] && i == last:
			return hintLike
		case (p == "foreign" || p == "primary") && i < last:
			return nothing
		}
	}
	if strings.HasSuffix(parts[last], "key") && len(parts[last]) > 5 && !openKinds[strings.TrimSuffix(parts[last], "key")] {
		return hintLike
	}
	return nothing
}

// isPin reports whether a name is that of digits which somebody types in: those
// of chips have other words in front.
func isPin(parts []string) bool {
	n := len(parts) - 1
	if n > 0 && parts[n] == "code" && parts[n-1] == "pin" {
		return true
	}
	return n > 0 && parts[n] == "pin" && pins[parts[n-1]]
}

var pins = wordSet(`admin user card sim door gate alarm unlock access security device parental login lock wallet account owner customer`)

// hintWords are names whose value is a secret only where it is random.
var hintWords = wordSet(`seed nonce iv vector license licence serial`)

// openKinds before "key" say that it is none of a lock.
var openKinds = wordSet(`
	primary foreign sort cache map hash partition row group index lookup translation message menu hot arrow tab enter
	data dict dictionary object property recv fetch attr attribute field column unique composite natural surrogate range shard routing
	partitioning idempotency dedupe dedup query param label lang locale i18n storage store registry lang item list entry
	search node node keyboard mon don tur joc hoc hockey turkey monkey donkey whiskey jockey on any each meta tag topic event`)

// tokenKinds before "token" make it an explicit credential.
var tokenKinds = wordSet(`
	access api auth bearer bot oauth personal private refresh secret session user`)

// openTokens before "token" say that it marks a place or a version.
var openTokens = wordSet(`next page pagination continuation idempotency idempotent forward backward starting lock change`)

func endsPass(parts []string, i int) bool {
	return passParts[parts[i]] || passWords.end(parts[i], 3)
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
