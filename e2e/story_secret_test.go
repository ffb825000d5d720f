// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
	"review-assistant/llm/llmtest"
)

// planted is a secret in a change: the text around it, in which %s stands for
// the secret, and what of it may be seen nowhere.
type planted struct {
	name   string
	secret string
	text   string   // lines of a file; %s is the secret
	hidden []string // the secret when empty
}

func (p planted) body() string { return strings.ReplaceAll(p.text, "%s", p.secret) }

func (p planted) values() []string {
	if len(p.hidden) > 0 {
		return p.hidden
	}
	return []string{p.secret}
}

// letters returns n random characters of an alphabet. What looks like a token
// is made at run time, so that no scanner finds one in the source.
func letters(alphabet string, n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw)
}

const (
	upper = "ABCDEFGHJKLMNPQRSTUVWXYZ234567"
	alnum = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
)

func secrets() []planted {
	key := "-----BEGIN RSA " + "PRIVATE KEY-----\n"
	var body []string
	for range 6 {
		line := letters(alnum, 64)
		body = append(body, line)
		key += line + "\n"
	}
	key += "-----END RSA " + "PRIVATE KEY-----\n"
	segment := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	jwt := segment(`{"alg":"HS256","typ":"JWT"}`) + "." + segment(`{"sub":"`+letters(alnum, 12)+`","iat":1700000000}`) + "." + letters(alnum, 43)
	encoded := "ghp_" + letters(alnum, 36)
	split := "AKIA" + letters(upper, 16)
	joined := "glpat-" + letters(alnum, 20)
	weird := letters(alnum, 10) + "/" + letters(alnum, 10)
	return []planted{
		{name: "aws", secret: "AKIA" + letters(upper, 16), text: "beside_aws = 1\naws_access_key_id = %s\n"},
		{name: "aws-secret", secret: letters(alnum, 40), text: "beside_aws_secret = 1\naws_secret_access_key = %s\n"},
		{name: "github", secret: "ghp_" + letters(alnum, 36), text: "beside_github = 1\ntoken: %s\n"},
		{name: "gitlab", secret: "glpat-" + letters(alnum, 20), text: "beside_gitlab = 1\nGITLAB=%s\n"},
		{name: "slack", secret: "xoxb-" + letters("123456789", 12) + "-" + letters("123456789", 12) + "-" + letters(alnum, 24), text: "beside_slack = 1\nslack %s\n"},
		{name: "jwt", secret: jwt, text: "beside_jwt = 1\nAuthorization: Bearer %s\n", hidden: []string{jwt, jwt[len(jwt)-43:]}},
		{name: "pem", secret: key, text: "beside_pem = 1\n%s", hidden: body},
		{name: "netrc", secret: letters(alnum, 14), text: "# beside_netrc\nmachine git.example.com login ann password %s\n"},
		{name: "dsn", secret: letters(alnum, 16), text: "beside_dsn = 1\nurl = postgres://app:%s@db.example.com:5432/pay\n"},
		{name: "assignment", secret: letters(alnum, 24), text: "beside_assignment = 1\nclient_secret = \"%s\"\n"},
		{name: "split", secret: split, text: "beside_split = 1\nkey = \"" + split[:11] + "\" +\n\t\"" + split[11:] + "\"\n", hidden: []string{split, split[:11], split[11:]}},
		{name: "joined", secret: joined, text: "beside_joined = 1\nkey = \"" + joined[:13] + "\" + \"" + joined[13:] + "\"\n", hidden: []string{joined, joined[13:]}},
		{name: "base64", secret: encoded, text: "beside_base64 = 1\ndata: " + base64.StdEncoding.EncodeToString([]byte(encoded)) + "\n", hidden: []string{encoded, base64.StdEncoding.EncodeToString([]byte(encoded))}},
		{name: "urlencoded", secret: weird, text: "beside_urlencoded = 1\ncallback = redis://u:" + url.QueryEscape(weird) + "@cache.example.com/0\n", hidden: []string{weird, url.QueryEscape(weird)}},
		{name: "patch", secret: "ghp_" + letters(alnum, 36), text: "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n beside_patch\n+token = %s\n"},
		{name: "gcp", secret: strings.ReplaceAll(key, "\n", `\n`), text: "{\n  \"type\": \"service_account\", \"beside_gcp\": 1,\n  \"private_key\": \"%s\",\n  \"client_email\": \"a@b.iam.gserviceaccount.com\"\n}\n", hidden: body},
		{name: "stripe", secret: "sk_live_" + letters(alnum, 24), text: "beside_stripe = 1\nSTRIPE_KEY=%s\n"},
	}
}

// TestA15A16A17A18A48SecretsNeverLeave plants secrets in added, removed and
// context lines, in renamed and deleted files, in the commit message, branch,
// topic, hashtag and a file name, and looks for them wherever the bot writes.
// The model tells all that it knows.
func TestA15A16A17A18A48SecretsNeverLeave(t *testing.T) {
	t.Parallel()
	b := startBot(t, botOptions{Name: "keeper", Models: 1})
	s := b.tell(t)
	all := secrets()
	old, moved := secrets(), secrets()
	var values []string
	for _, list := range [][]planted{all, old, moved} {
		for _, p := range list {
			values = append(values, p.values()...)
		}
	}
	token := func() string {
		v := "ghp_" + letters(alnum, 36)
		values = append(values, v)
		return v
	}

	base := rig.Files{"moved-from.txt": strings.Repeat("a line that stays\n", 10)}
	change := rig.Files{}
	for i, p := range all {
		change["added/"+p.name+".txt"] = p.body()
		switch i % 3 {
		case 0: // removed lines
			base["old/"+p.name+".txt"] = "first\n" + old[i].body() + "last\n"
			change["old/"+p.name+".txt"] = "first\nlast\n"
		case 1: // context lines
			base["old/"+p.name+".txt"] = "first\n" + old[i].body() + "last\n"
			change["old/"+p.name+".txt"] = "first line\n" + old[i].body() + "last line\n"
		case 2: // a deleted file
			base["gone/"+p.name+".txt"] = old[i].body()
		}
	}
	base["moved-from.txt"] += moved[0].body() + moved[1].body()
	s.project.Commit(rig.Push{Message: "Begin", Files: base})
	u := rig.Push{
		Message:  "Keep " + token() + " for later\n\nThe old one was " + token() + ".\nbeside_message",
		Files:    change,
		Renames:  map[string]string{"moved-from.txt": "moved-to.txt"},
		Topic:    token(),
		Hashtags: []string{token()},
	}
	for path := range base {
		if strings.HasPrefix(path, "gone/") {
			u.Removes = append(u.Removes, path)
		}
	}
	u.Files["conf/"+token()+"/named.txt"] = "beside_name = 1\n"
	u.Files["own.txt"] = "beside_own = 1\nmine " + b.account.Password + " and " + hookToken + "\n"
	values = append(values, b.account.Password, hookToken)

	s.model.SetMode(llmtest.Leaking)
	s.model.SetSecrets(values...)
	c := s.push(u)
	v, _ := b.visited(c, 1, 0)
	if v.Verdict != "posted" {
		t.Fatalf("the verdict is %s (%s), want a post", v.Verdict, v.Reason)
	}
	// A failing visit says more than a good one.
	c.Comment(s.bob, "token is "+token())

	prompts := strings.Join(s.model.Prompts(), "\n")
	for _, p := range all {
		if mark := "beside_" + strings.ReplaceAll(p.name, "-", "_"); !strings.Contains(prompts, mark) {
			t.Errorf("the line %s beside a secret did not reach the model", mark)
		}
	}
	for _, mark := range []string{"beside_message", "beside_name", "beside_own", "moved-to.txt", "«SECRET:"} {
		if !strings.Contains(prompts, mark) {
			t.Errorf("%s did not reach the model", mark)
		}
	}

	sinks := map[string]string{"the prompt": prompts, "the log": b.logText(), "the metrics": b.metrics(), "the comments": fmt.Sprint(c.MessagesBy(b.account), c.CommentsBy(b.account))}
	out, _ := b.run("audit", "export")
	sinks["the export of the audit log"] = out
	out, _ = b.run("doctor", "--change", "main/"+c.String())
	sinks["doctor"] = out
	b.stop()
	sinks["the last log"] = b.logText()
	for _, path := range b.files() {
		name := strings.TrimPrefix(path, b.dir+"/")
		if name == "password0" || name == "hook" {
			continue
		}
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sinks["the file "+name] = string(body)
	}
	if len(sinks) < 9 {
		t.Errorf("only %d places were searched", len(sinks))
	}
	for where, text := range sinks {
		for _, v := range append(values, llmtest.MadeUp()...) {
			if v != "" && strings.Contains(text, v) {
				t.Errorf("%s holds a secret that starts with %.6s (%s)", where, v, ownerOf(v, all, old, moved))
			}
		}
	}
}

// ownerOf names the planted secret that holds a value.
func ownerOf(value string, lists ...[]planted) string {
	for i, list := range lists {
		for _, p := range list {
			for _, v := range p.values() {
				if v == value {
					return []string{"added ", "old ", "moved "}[i] + p.name
				}
			}
		}
	}
	return "elsewhere"
}
