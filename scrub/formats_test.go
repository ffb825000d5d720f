// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFormats has one text a format, as [TestPlaces] has.
func TestFormats(t *testing.T) {
	for _, in := range []string{
		"K 8\npassword\nV 12\n‹{a12}›\nK 15\nsvn:realmstring",
		`<Pass encoding="base64">‹aHVudGVyMjIyMjI=›</Pass>`,
		`<Pass>‹{a12}7›</Pass>`,
		"<property name=\"password\"><value>‹{a12}7›</value></property>",
		"<property name=\"password\">\n  <value>‹{a12}7›</value>\n</property>",
		`BUNDLE_GEMS__EXAMPLE__ORG: "ci:‹{a14}7›"`,
		`SAMLResponse=‹{p64}{p64}{p64}›`,
		`Authorization: Negotiate ‹{p64}{p64}›`,
		`Authorization: NTLM ‹TlRMTVNTUAAD{p64}›`,
		`Authorization: Digest username="ann", realm="r", nonce="‹{h32}›", uri="/x", response="‹{h32}›"`,
		`https://hooks.zapier.com/hooks/catch/‹{d7}/{l7}›/`,
		`https://maker.ifttt.com/trigger/door/with/key/‹{a22}›`,
		`https://chat.example.org/hooks/‹{l26}›`,
		`https://discord.com/api/webhooks/{d18}/‹{a68}›`,
		`https://b.s3.amazonaws.com/x?X-Amz-Date=20260101T000000Z&X-Amz-Signature=‹{h64}›`,
		`https://storage.googleapis.com/b/x?X-Goog-Signature=‹{h64}{h64}›&x=1`,
		`https://x.blob.core.windows.net/c?sv=2022-11-02&sig=‹{a43}%3D›`,
		`https://b.s3.amazonaws.com/x?AWSAccessKeyId=x&Signature=‹{a27}%3D›`,
		`key "ddns" { algorithm hmac-sha256; secret "‹{p43}=›"; };`,
		`10.0.0.1 vpn.example.org : PSK "‹{a16}›"`,
		"network={\n  ssid=\"home\"\n  psk=\"‹{a12}7›\"\n}",
		"wpa_psk=‹{h64}›",
		"-----BEGIN OpenVPN Static key V1-----\n‹{h32}›\n‹{h32}›\n‹{h32}›\n-----END OpenVPN Static key V1-----",
		"userPassword: ‹{SSHA}{p31}=›",
		"ann:‹$apr1${a8}${a22}›",
		"ann:‹$6${a12}${a86}›:19000:0:99999:7:::",
		"apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\nstringData:\n  smtp: ‹{a12}7›\n",
		"kind: Secret\ndata:\n  first: ‹aHVudGVyMjIyMjI=›\n  second: ‹c3ZjLWNpOmh1bnRlcjIyMjI=›\ntype: Opaque",
		"client-key-data: ‹{p64}{p64}›",
		`"auth": "‹c3ZjLWNpOmh1bnRlcjIyMjI=›"`,
		"\"value\": \"‹{a20}7›\",\n      \"sensitive\": true",
		"\"sensitive\": true,\n      \"type\": \"string\",\n      \"value\": \"‹{a20}7›\"",
		`{"kty": "oct", "k": "‹{b43}›"}`,
		`{"kty":"RSA","e":"AQAB","p":"‹{b86}›"}`,
		`{"kty":"RSA","e":"AQAB","qi":"‹{b86}›"}`,
		`curl -b 'sessionid=‹{l32}›' https://example.com/`,
		`cookies = {"sessionid": "‹{l32}›"}`,
	} {
		rng := rand.New(rand.NewPCG(3, 4))
		for range 5 {
			raw := fake(rng, in)
			var secrets, keep strings.Builder
			for i, part := range strings.Split(raw, "‹") {
				if i == 0 {
					keep.WriteString(part)
					continue
				}
				secret, after, _ := strings.Cut(part, "›")
				secrets.WriteString(secret)
				keep.WriteString("P" + after)
			}
			for _, frame := range []string{"%", "first\n%\nlast", "@@ -1,2 +1,2 @@\n+%"} {
				line := "\n"
				if strings.HasPrefix(frame, "@") {
					line = "\n+"
				}
				text := func(s string) string { return strings.Replace(frame, "%", strings.ReplaceAll(s, "\n", line), 1) }
				got := clean(t, cleaner(t, Options{PII: []string{"none"}}), text(strings.NewReplacer("‹", "", "›", "").Replace(raw)))
				if want := text(keep.String()); anyPlaceholder.ReplaceAllString(got, "P") != want {
					t.Errorf("%s\n got %q\nwant %q", in, got, want)
				}
			}
		}
	}
}
