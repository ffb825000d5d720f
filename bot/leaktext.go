// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"fmt"
	"strings"

	"review-assistant/scrub"
)

// leakText is the comment on the line of a leaked secret. It says what is
// there and what to do, never the value nor a part of it. Its last words are
// the mark by which the comment is known again.
func leakText(c *scrub.Cleaner, l leak) (scrub.Text, error) {
	kind, err := c.Clean(kindWords(l.kind))
	if err != nil {
		return scrub.Text{}, fmt.Errorf("seal: %w", err)
	}
	mark, err := c.Clean(l.marks[0])
	if err != nil || mark.String() != l.marks[0] {
		return scrub.Text{}, fmt.Errorf("seal: the mark of a secret does not stay as it is")
	}
	about := scrub.About(l.kind)
	why := scrub.Lit("Likely: this line has something in that form.")
	switch {
	case l.sure && about.Checked:
		why = scrub.Lit("Its checksum or structure holds.")
	case l.sure:
		why = scrub.Lit("Nothing else has that form.")
	}
	revoke := scrub.Lit("- Revoke or rotate it where it was issued.")
	if !about.Revoke.Empty() {
		// In a code span, since the seal lets no active link out.
		revoke = scrub.Format("- Revoke or rotate it: `%s`.", about.Revoke)
	}
	return scrub.Join("\n", scrub.Format("**Leaked secret: %s.** %s", kind, why),
		scrub.Lit("It is in everybody's fetches of this patch set, and stays in the history of the review when the next patch set removes it."),
		revoke,
		scrub.Lit("- Keep the new one in the secret store."),
		scrub.Lit("- Upload a patch set without it."),
		scrub.Lit(`No secret? Answer "not a secret": this value is not told again in this project.`),
		scrub.Format("Computed, no model. Mute: #review-assistant-off. Mark %s.", mark),
	).Neutral(), nil
}

// moreLeaks is the text about the patch set: how many secrets have no comment
// on their line. It is empty when all have one.
func moreLeaks(n int) scrub.Text {
	switch n {
	case 0:
		return scrub.Text{}
	case 1:
		return scrub.Lit("1 more leaked secret stands in this patch set. Computed, no model. Mute: #review-assistant-off.")
	}
	return scrub.Format("%s more leaked secrets stand in this patch set. Computed, no model. Mute: #review-assistant-off.", scrub.Int(n))
}

// spelled are the words of kinds that a capital letter alone does not make
// right.
var spelled = func() map[string]string {
	out := map[string]string{}
	for w := range strings.FieldsSeq(`AWS API IAM ID MWS HMAC SAS URL JWT JWK TOTP SQL JDBC SNMP CLI IBM OVH NVIDIA SSWS
		OAuth GitHub GitLab DevOps DigitalOcean PlanetScale MongoDB OpenShift UpCloud NuGet PyPI RubyGems CircleCI
		LaunchDarkly ReadMe DevCycle PuTTY WireGuard SendGrid DingTalk WeCom OneSignal LinkedIn TikTok MessageBird OpenAI
		OpenRouter HuggingFace LangSmith ElevenLabs LlamaCloud PayPal MercadoPago EasyPost GoCardless PagerDuty WorkOS
		HubSpot PostHog VirusTotal MaxMind WakaTime RapidAPI InfluxDB ClickHouse npm reCAPTCHA xAI ngrok dbt`) {
		out[strings.ToLower(w)] = w
	}
	return out
}()

// kindWords puts a kind, such as github-token, into words. It begins with the
// name of who issues it.
func kindWords(kind string) string {
	words := strings.Split(kind, "-")
	for i, w := range words {
		if s, ok := spelled[w]; ok {
			words[i] = s
		} else if i == 0 && w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}
