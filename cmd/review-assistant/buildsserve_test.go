// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/bot"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
	"review-assistant/server"
)

// served is a whole server that takes builds, beside a fake Gerrit.
type served struct {
	t      *testing.T
	gerrit *gerrittest.Server
	url    string
	dir    string
	log    *heard
	stop   func() // in good order, once
}

var listens = regexp.MustCompile(`msg=listening addr=(\S+)`)

// startServed starts one whose tokens are ci, which may do everything, and
// team, which is for infra alone.
func startServed(t *testing.T) *served {
	t.Helper()
	return startServedWith(t, "")
}

// startServedWith starts one with more in its configuration.
func startServedWith(t *testing.T, more string) *served {
	t.Helper()
	g, err := gerrittest.Start(gerrittest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	s := &served{t: t, gerrit: g, dir: t.TempDir()}
	s.file("password", g.Bot().Password)
	s.file("hook", "a-token-for-webhooks")
	s.file("ci", "a-token-for-the-whole-ci")
	s.file("team", "a-token-for-one-team")
	s.file("portal", "a-secret-of-the-portal")
	s.file("catalog.yaml", `kind: Component
metadata: {name: retries, annotations: {review-assistant/project: pay}}
spec: {type: service, lifecycle: production, owner: nobody}
---
kind: Component
metadata: {name: onmain, annotations: {review-assistant/project: pay, review-assistant/branch: main}}
spec: {owner: nobody}
---
kind: Component
metadata: {name: stable, annotations: {review-assistant/project: pay, review-assistant/branch: stable}}
spec: {owner: nobody}
---
kind: Component
metadata: {name: elsewhere, annotations: {review-assistant/project: quiet}}
spec: {type: service, lifecycle: production, owner: nobody}
---
kind: User
metadata: {name: jane}
spec: {memberOf: []}
---
kind: User
metadata: {name: joe}
spec: {memberOf: []}
`)
	s.file("config.yaml", fmt.Sprintf(`server: {id: one, listen: "127.0.0.1:0"}
log: {format: text, level: debug}
gerrit: [{id: main, url: "%s", username: review-assistant, password_file: password, webhook_token_files: [hook]}]
store: {sqlite: store.db}
audit: {dir: audit, accept_ephemeral: true}
bot: {debounce: 0s, config_age: 100ms}
catalog: {files: [catalog.yaml]}
builds:
  delay: 0s
  max_body: 67108864
  tokens:
    - {name: ci, files: [ci], may: [push, read, mark]}
    - {name: team, files: [team], projects: [main/infra/**], may: [push, read]}
%s`, g.URL, more))
	g.Config("pay", "[review-assistant]\n\tmode = on\n")
	g.Config("vault", "[review-assistant]\n\tmode = on\n[scrub]\n\tpattern = ACME-[0-9]{8}\n")
	g.Config("off", "[review-assistant]\n\tmode = on\n\tenabled = false\n")
	g.Config("quiet", "[review-assistant]\n\tmode = on\n[builds]\n\tenabled = false\n")
	s.start()
	return s
}

func (s *served) file(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *served) start() {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log := &heard{line: make(chan struct{}, 1)}
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"serve", "-c", filepath.Join(s.dir, "config.yaml")}, strings.NewReader(""), log, log)
	}()
	ended := false
	s.log, s.stop = log, func() {
		if stop(); !ended {
			ended = true
			if code := <-exit; code != exitDone {
				s.t.Errorf("serve ends with %d:\n%s", code, log)
			}
		}
	}
	s.t.Cleanup(func() { s.stop() })
	log.wait(s.t, "msg=listening")
	s.url = "http://" + listens.FindStringSubmatch(log.String())[1]
}

// change is a change of a project, whose summary is not told of here.
func (s *served) change(project string, private bool) *gerrittest.Change {
	return s.gerrit.Push(gerrittest.Push{
		Project: project, Message: "pay: retry", Private: private, Reviewers: []string{"review-assistant"},
		Files: gerrittest.Files{"pay/retry.go": "package pay\n\nfunc Retry() int { return 3 }\n"},
	})
}

// push sends a report as the token's holder; the query comes after the format.
func (s *served) push(token, query string, body io.Reader, more ...string) (int, string) {
	s.t.Helper()
	return s.do("POST", "/api/v1/builds?format="+query, token, body, more...)
}

func (s *served) do(method, path, token string, body io.Reader, more ...string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(s.dir, token))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+string(secret))
	for i := 0; i < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// posts are what stands on a change about its builds.
func posts(c *gerrittest.Change) (out []string) {
	for _, p := range c.Posts() {
		if p.Tag == review.PostBuilds.Tag() {
			out = append(out, p.Text)
		}
	}
	return out
}

// looked waits until the bot has looked at the builds of a change, after so
// many looks before.
func (s *served) looked(c *gerrittest.Change, before int) {
	s.t.Helper()
	end := time.After(30 * time.Second)
	for s.looks(c) <= before {
		select {
		case <-s.log.line:
		case <-end:
			s.t.Fatalf("the builds of %d are not looked at:\n%s", c.Number, s.log)
		}
	}
}

func (s *served) looks(c *gerrittest.Change) int {
	return len(regexp.MustCompile(fmt.Sprintf(`msg="builds looked at" change=\S+~%d `, c.Number)).FindAllString(s.log.String(), -1))
}

func of(c *gerrittest.Change, project, job, more string) string {
	return fmt.Sprintf("&host=main&project=%s&change=%d&patch_set=1&job=%s&result=failed%s", project, c.Number, job, more)
}

const failedSuite = `<testsuite name="pay" tests="2" failures="1">
<testcase classname="pay" name="TestPay"/>
<testcase classname="pay" name="TestRetry"><failure message="got 3 tries, want 2">retry_test.go:88: got 3 tries, want 2</failure></testcase>
</testsuite>`

// reports are one failure of one test in every form.
func reports(c *gerrittest.Change) map[string]string {
	return map[string]string{
		"junit": failedSuite,
		"go-test": `{"Action":"run","Package":"pay","Test":"TestRetry"}
{"Action":"output","Package":"pay","Test":"TestRetry","Output":"    retry_test.go:88: got 3 tries, want 2\n"}
{"Action":"output","Package":"pay","Test":"TestRetry","Output":"--- FAIL: TestRetry (0.01s)\n"}
{"Action":"fail","Package":"pay","Test":"TestRetry","Elapsed":0.01}
{"Action":"fail","Package":"pay","Elapsed":0.02}
`,
		"log": "=== RUN   TestRetry\n--- FAIL: TestRetry (0.01s)\n    retry_test.go:88: got 3 tries, want 2\nFAIL\nFAIL\tpay\t0.123s\n",
		"sarif": `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"lint"}},"results":[{"ruleId":"R1","level":"error","message":{"text":"got 3 tries, want 2"},
"locations":[{"physicalLocation":{"artifactLocation":{"uri":"pay/retry.go"},"region":{"startLine":3}}}]}]}]}`,
		"json": fmt.Sprintf(`{"host":"main","project":"pay","change":%d,"patch_set":1,"job":"job-json","result":"failed","id":"json-1",
"failures":[{"test":"TestRetry","message":"got 3 tries, want 2","file":"pay/retry.go","line":3}]}`, c.Number),
	}
}

func TestPushedFailureIsTold(t *testing.T) {
	for _, format := range []string{"junit", "go-test", "log", "sarif", "json"} {
		t.Run(format, func(t *testing.T) {
			s := startServed(t)
			c := s.change("pay", false)
			query := format
			if format != "json" {
				query += of(c, "pay", "job-"+format, "&id=run-1")
			}
			body := reports(c)[format]
			code, answer := s.push("ci", query, strings.NewReader(body))
			if code != 201 || !strings.Contains(answer, `"failures":1`) || !strings.Contains(answer, `"project":"pay"`) {
				t.Fatalf("%d %s", code, answer)
			}
			s.looked(c, 0)
			told := posts(c)
			if len(told) != 1 || !strings.Contains(told[0], "got 3 tries, want 2") || !strings.Contains(told[0], "job-"+format) {
				t.Fatalf("posts about builds: %q\n%s", told, s.log)
			}
			// The same report is known, whenever it comes.
			looks := s.looks(c)
			if code, answer = s.push("ci", query, strings.NewReader(body)); code != 200 || !strings.Contains(answer, `"duplicate":true`) {
				t.Errorf("the same report again: %d %s", code, answer)
			}
			s.looked(c, looks)
			if told := posts(c); len(told) != 1 {
				t.Errorf("posts about builds: %q", told)
			}
		})
	}
}

// A run failed, and its report shows no failure: that is told, and nobody's fault.
func TestPushedFailureWithoutCause(t *testing.T) {
	for name, tt := range map[string]struct{ format, body, want string }{
		"report without failures": {"junit", `<testsuite name="pay"><testcase classname="pay" name="TestPay"/></testsuite>`, "no line of its log says what failed"},
		"log of nothing":          {"log", "", "no line of its log says what failed"},
		"log without an error":    {"log", "all is well\n", "all is well"},
		"page in a log's place":   {"log", "<!DOCTYPE html><title>Error</title>\n<p>Error: your session ended. Sign in.</p>\n", "Sign in"},
		"bytes in a log's place":  {"log", "\x00\x01\xff\xfe\x89PNG\r\x1b[31m\x00", "Cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServed(t)
			c := s.change("pay", false)
			if code, answer := s.push("ci", tt.format+of(c, "pay", "unit", "&id=1"), strings.NewReader(tt.body)); code != 201 {
				t.Fatalf("%d %s", code, answer)
			}
			s.looked(c, 0)
			if told := posts(c); len(told) != 1 || !strings.Contains(told[0], "unit: unclear whether this change caused it") || !strings.Contains(told[0], tt.want) {
				t.Errorf("posts about builds: %q", told)
			}
		})
	}
}

// What was pushed right before a stop is told after it, by whoever starts next.
func TestPushSurvivesRestart(t *testing.T) {
	s := startServed(t)
	s.stop()
	config, err := os.ReadFile(filepath.Join(s.dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// The work waits for longer than the stop takes.
	s.file("config.yaml", strings.Replace(string(config), "  delay: 0s", "  delay: 3s", 1))
	s.start()
	c := s.change("pay", false)
	if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id=1"), strings.NewReader(failedSuite)); code != 201 {
		t.Fatalf("%d %s", code, answer)
	}
	s.stop()
	if told := posts(c); len(told) != 0 {
		t.Fatalf("told before the stop: %q", told)
	}
	s.start()
	s.looked(c, 0)
	if told := posts(c); len(told) != 1 {
		t.Errorf("posts about builds: %q\n%s", told, s.log)
	}
}

func TestPushIsRefused(t *testing.T) {
	s := startServed(t)
	open, private, quiet := s.change("pay", false), s.change("pay", true), s.change("quiet", false)
	off, infra := s.change("off", false), s.change("infra/dns", false)
	gone := &gerrittest.Change{Number: 4711}
	for _, tt := range []struct {
		name, token, query string
		code               int
		want               string
	}{
		{"private change", "ci", of(private, "pay", "unit", ""), 422, "private change"},
		{"project that is off", "ci", of(off, "off", "unit", ""), 422, "is off"},
		{"project that never opted in", "ci", of(infra, "infra/dns", "unit", ""), 422, "is off"},
		{"project without builds", "ci", of(quiet, "quiet", "unit", ""), 422, "wants nothing about builds"},
		{"patch set to come", "ci", strings.Replace(of(open, "pay", "unit", ""), "patch_set=1", "patch_set=2", 1), 422, "no patch set 2"},
		{"no such change", "ci", of(gone, "pay", "unit", ""), 422, "no such change"},
		{"change of another project", "ci", of(quiet, "pay", "unit", ""), 422, "no such change"},
		{"no such Gerrit", "ci", strings.Replace(of(open, "pay", "unit", ""), "host=main", "host=else", 1), 404, "no such project"},
		{"another team's project", "team", of(open, "pay", "unit", ""), 403, "not for this project"},
		{"no job", "ci", of(open, "pay", "", ""), 422, "job: is missing"},
		{"no patch set", "ci", strings.Replace(of(open, "pay", "unit", ""), "&patch_set=1", "", 1), 422, "patch_set: is missing"},
		{"result that is a guess", "ci", strings.Replace(of(open, "pay", "unit", ""), "failed", "meh", 1), 422, "result:"},
		{"end in the future", "ci", of(open, "pay", "unit", "&ended=2999-01-01T00:00:00Z"), 422, "ended: is in the future"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, answer := s.push(tt.token, "junit"+tt.query, strings.NewReader(failedSuite))
			if code != tt.code || !strings.Contains(answer, tt.want) {
				t.Errorf("%d %s, want %d and %q", code, answer, tt.code, tt.want)
			}
		})
	}
	t.Run("another team's project in the body", func(t *testing.T) {
		if code, answer := s.push("team", "json", strings.NewReader(reports(open)["json"])); code != 403 {
			t.Errorf("%d %s", code, answer)
		}
	})
	for name, body := range map[string]string{
		"junit": "<html>", "go-test": "no JSON", "sarif": "[]", "json": `{"host":"main","colour":"red"}`,
	} {
		t.Run("broken "+name, func(t *testing.T) {
			query := name
			if name != "json" {
				query += of(open, "pay", "unit", "")
			}
			if code, answer := s.push("ci", query, strings.NewReader(body)); code != 422 {
				t.Errorf("%d %s", code, answer)
			}
		})
	}
	for _, path := range []string{"/api/v1/builds?host=main&project=pay", "/api/v1/builds/clusters?host=main&project=pay"} {
		if code, answer := s.do("GET", path, "ci", nil); code != 200 || !strings.Contains(answer, `":[]`) {
			t.Errorf("%s: %d %s, want nothing", path, code, answer)
		}
	}
}

// No secret of a report gets to the disk or to Gerrit.
func TestPushedSecretIsNotKept(t *testing.T) {
	s := startServed(t)
	c := s.change("pay", false)
	secrets := demoSecrets()
	leak := "password=" + secrets["Password"] + " key " + secrets["AWSKey"]
	body := strings.NewReplacer("got 3 tries, want 2", leak).Replace(failedSuite)
	query := of(c, "pay", "unit", "&id=run-"+secrets["AWSKey"]+"&url=https://ci.example.com/"+secrets["AWSKey"])
	if code, answer := s.push("ci", "junit"+query, strings.NewReader(body)); code != 201 || strings.Contains(answer, secrets["AWSKey"]) {
		t.Fatalf("%d %s", code, answer)
	}
	s.looked(c, 0)
	if told := posts(c); len(told) != 1 || !strings.Contains(told[0], "TestRetry") {
		t.Errorf("posts about builds: %q", told)
	}
	// A project's own words are none of the log's either.
	secrets["project's pattern"] = "ACME-12345678"
	c = s.change("vault", false)
	body = strings.NewReplacer("got 3 tries, want 2", "code ACME-12345678 refused").Replace(failedSuite)
	if code, answer := s.push("ci", "junit"+of(c, "vault", "ACME-12345678", "&id=ACME-12345678&node=ACME-12345678"), strings.NewReader(body)); code != 201 || strings.Contains(answer, "ACME-1") {
		t.Fatalf("%d %s", code, answer)
	}
	if code, answer := s.push("ci", "junit&host=main&project=vault&branch=ACME-12345678&job=unit&result=failed", strings.NewReader(body)); code != 201 || strings.Contains(answer, "ACME-1") {
		t.Fatalf("%d %s", code, answer)
	}
	s.looked(c, 0)
	s.stop()
	err := filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		for name, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds the %s", filepath.Base(path), name)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, m := range c.Messages() {
		if strings.Contains(m.Text, secrets["AWSKey"]) || strings.Contains(s.log.String(), secrets["AWSKey"]) {
			t.Errorf("a message or the log holds the key: %s", m.Text)
		}
	}
}

func TestHugeReportIsBounded(t *testing.T) {
	s := startServed(t)
	c := s.change("pay", false)
	var big bytes.Buffer
	big.WriteString(`<testsuites><testsuite name="pay">`)
	for i := range 200_000 {
		fmt.Fprintf(&big, `<testcase classname="pay.api" name="TestCase%06d" time="0.01"/>`, i)
	}
	for i := range 1000 {
		fmt.Fprintf(&big, `<testcase classname="pay" name="TestFails%d"><failure message="case %d">%s</failure></testcase>`, i, i, strings.Repeat("a line of the log\n", 40))
	}
	big.WriteString(`</testsuite></testsuites>`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id=big"), &big)
	runtime.ReadMemStats(&after)
	t.Logf("200,000 cases that pass, 1,000 that fail: %s, %d MB allocated in all", time.Since(began).Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
	var taken server.BuildTaken
	if err := json.Unmarshal([]byte(answer), &taken); code != 201 || err != nil {
		t.Fatalf("%d %s", code, answer)
	}
	if taken.Failures == 0 || taken.Failures > 100 || taken.Failures+taken.Dropped != 1000 {
		t.Errorf("%d failures are kept, %d dropped, want 1000 in all", taken.Failures, taken.Dropped)
	}
	s.looked(c, 0)
	if told := posts(c); len(told) != 1 || len(told[0]) > 4000 {
		t.Errorf("posts about builds: %q", told)
	}
}

func TestPackedReport(t *testing.T) {
	s := startServed(t)
	c := s.change("pay", false)
	pack := func(text io.Reader) *bytes.Buffer {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := io.Copy(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return &b
	}
	if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id=1"), pack(strings.NewReader(failedSuite)), "Content-Encoding", "gzip"); code != 201 {
		t.Errorf("%d %s", code, answer)
	}
	bomb := pack(io.MultiReader(strings.NewReader(failedSuite), io.LimitReader(emptyLines{}, 20<<20))).Bytes()
	for _, format := range []string{"junit", "log", "go-test"} {
		if code, answer := s.push("ci", format+of(c, "pay", "unit", "&id=2"), bytes.NewReader(bomb), "Content-Encoding", "gzip"); code != 413 {
			t.Errorf("%s: %d %s", format, code, answer)
		}
	}
}

type emptyLines struct{}

func (emptyLines) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

// A cluster is read, marked and told of again, over the API alone.
func TestClusterIsMarkedOverAPI(t *testing.T) {
	s := startServed(t)
	c := s.change("pay", false)
	if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id=1"), strings.NewReader(failedSuite)); code != 201 {
		t.Fatalf("%d %s", code, answer)
	}
	s.looked(c, 0)
	code, answer := s.do("GET", "/api/v1/builds/clusters?host=main&project=pay", "ci", nil)
	var list struct {
		Clusters []struct{ Fingerprint, Test string }
	}
	if err := json.Unmarshal([]byte(answer), &list); code != 200 || err != nil || len(list.Clusters) != 1 || list.Clusters[0].Test != "pay.TestRetry" {
		t.Fatalf("%d %s (%v)", code, answer, err)
	}
	mark := "/api/v1/builds/clusters/" + list.Clusters[0].Fingerprint + "/mark"
	for body, want := range map[string]int{
		`{"host":"main","project":"pay","as":"change"}`:                                          422,
		`{"host":"main","project":"pay","as":"flaky","link":"http://t.example"}`:                 422,
		`{"host":"main","project":"pay","as":"flaky","note":"` + strings.Repeat("n", 300) + `"}`: 422,
	} {
		if code, answer := s.do("POST", mark, "ci", strings.NewReader(body)); code != want {
			t.Errorf("%s: %d %s, want %d", body, code, answer, want)
		}
	}
	if code, answer := s.do("POST", "/api/v1/builds/clusters/0123/mark", "ci", strings.NewReader(`{"host":"main","project":"pay","as":"flaky"}`)); code != 422 {
		t.Errorf("a bad fingerprint: %d %s", code, answer)
	}
	if code, answer := s.do("POST", mark, "team", strings.NewReader(`{"host":"main","project":"pay","as":"flaky"}`)); code != 403 {
		t.Errorf("a token that may not: %d %s", code, answer)
	}
	if code, answer := s.do("POST", mark, "ci", strings.NewReader(`{"host":"main","project":"pay","as":"flaky","note":"the bank sleeps"}`)); code != 204 {
		t.Fatalf("%d %s", code, answer)
	}
	if code, answer := s.do("POST", mark, "ci", strings.NewReader(`{"host":"main","project":"typo","as":"flaky"}`)); code != 404 {
		t.Errorf("a project that is not there: %d %s", code, answer)
	}
	// The next run tells of it.
	looks := s.looks(c)
	if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id=2"), strings.NewReader(failedSuite)); code != 201 {
		t.Fatalf("%d %s", code, answer)
	}
	s.looked(c, looks)
	if told := posts(c); len(told) != 2 || !strings.Contains(told[1], "flaky; marked by a person") || !strings.Contains(told[1], "the bank sleeps") {
		t.Errorf("posts about builds: %q", told)
	}
	s.stop()
	var out bytes.Buffer
	run(t.Context(), []string{"audit", "query", "-c", filepath.Join(s.dir, "config.yaml")}, strings.NewReader(""), &out, &out)
	if !strings.Contains(out.String(), " as flaky, the bank sleeps; by ci") {
		t.Errorf("the audit log says nothing of the mark:\n%s", &out)
	}
	if code := run(t.Context(), []string{"audit", "verify", "-c", filepath.Join(s.dir, "config.yaml")}, strings.NewReader(""), &out, &out); code != exitDone {
		t.Errorf("audit verify: %d\n%s", code, &out)
	}
}

// A reader of a component hears of its builds as they happen.
func TestComponentsBuildsAsTheyHappen(t *testing.T) {
	s := startServed(t)
	c := s.change("pay", false)
	const component = "/api/v1/components/component/default/"
	type page struct {
		Builds []bot.BuildAt
		Next   int64
	}
	read := func(path string) (p page) {
		code, answer := s.do("GET", component+path, "ci", nil)
		if err := json.Unmarshal([]byte(answer), &p); code != 200 || err != nil {
			t.Errorf("%s: %d %s", path, code, answer)
		}
		return p
	}
	if p := read("retries/builds"); len(p.Builds) > 0 || p.Next != 0 {
		t.Errorf("builds of nothing: %+v", p)
	}
	news := make(chan page, 1)
	go func() { news <- read("retries/builds?after=0&wait=25") }()
	if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id=1"), strings.NewReader(failedSuite)); code != 201 {
		t.Fatalf("%d %s", code, answer)
	}
	p := <-news
	if len(p.Builds) != 1 || p.Builds[0].Build.Job != "unit" || p.Builds[0].Build.Failures[0].Test != "pay.TestRetry" || p.Next < p.Builds[0].Seq {
		t.Fatalf("news: %+v", p)
	}
	if again := read(fmt.Sprintf("retries/builds?after=%d", p.Next)); len(again.Builds) > 0 {
		t.Errorf("builds behind the last: %+v", again)
	}
	if code, answer := s.do("GET", component+"retries/failures", "ci", nil); code != 200 || !strings.Contains(answer, `"test":"pay.TestRetry"`) {
		t.Errorf("retries/failures: %d %s", code, answer)
	}
	// The same code on another branch has none.
	for path, want := range map[string]string{
		"onmain/failures": `"test":"pay.TestRetry"`, "onmain/builds": `"job":"unit"`, "stable/failures": `"clusters":[]`, "stable/builds": `"builds":[]`,
	} {
		if code, answer := s.do("GET", component+path, "ci", nil); code != 200 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s, want %s", path, code, answer, want)
		}
	}
	for _, path := range []string{"elsewhere/failures", "elsewhere/builds"} {
		if code, answer := s.do("GET", component+path, "ci", nil); code != 404 {
			t.Errorf("%s of a project that is off: %d %s", path, code, answer)
		}
	}
	if code, _ := s.do("GET", component+"retries/failures", "team", nil); code != 403 {
		t.Errorf("another team's component: %d", code)
	}
}

// What is pushed of a change that closed is kept, and nobody hears of it.
func TestPushForClosedChange(t *testing.T) {
	s := startServed(t)
	c := s.change("pay", false)
	c.Abandon()
	if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", "&id=1"), strings.NewReader(failedSuite)); code != 201 {
		t.Fatalf("%d %s", code, answer)
	}
	// What comes behind it in the queue is done with.
	next := s.change("pay", false)
	if code, answer := s.push("ci", "junit"+of(next, "pay", "unit", "&id=2"), strings.NewReader(failedSuite)); code != 201 {
		t.Fatalf("%d %s", code, answer)
	}
	s.looked(next, 0)
	if told := posts(c); len(told) > 0 {
		t.Errorf("posts about builds of a closed change: %q", told)
	}
	code, answer := s.do("GET", "/api/v1/builds/clusters?host=main&project=pay", "ci", nil)
	if code != 200 || !strings.Contains(answer, fmt.Sprintf(`"blocked":[%d]`, next.Number)) {
		t.Errorf("%d %s, want that the open change alone is blocked", code, answer)
	}
}

// masked hides what differs from run to run.
func masked(s string) string {
	for _, m := range [][2]string{
		{`"(hours|score|change|preexisting|flaky|infra)": [0-9.e-]+`, `"$1": 0`},
		{`\b[0-9a-f]{16}\b`, "FINGERPRINT"},
		{`\d\d:\d\d UTC`, "CLOCK"},
		{`, \d+ minutes? together`, ""}, // of a slow run
		{`\d{4}-\d\d-\d\dT[0-9:.]+Z`, "TIME"},
	} {
		s = regexp.MustCompile(m[0]).ReplaceAllString(s, m[1])
	}
	return s
}

// golden compares a text with a file of testdata, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// cli runs a command beside or after the server.
func (s *served) cli(args ...string) (code int, out, errs string) {
	s.t.Helper()
	var o, e bytes.Buffer
	code = run(s.t.Context(), append(args, "-c", filepath.Join(s.dir, "config.yaml")), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

func TestBuildsListAndMark(t *testing.T) {
	s := startServed(t)
	first, second := s.change("pay", false), s.change("pay", false)
	for i, c := range []*gerrittest.Change{first, second} {
		looks := s.looks(c)
		if code, answer := s.push("ci", "junit"+of(c, "pay", "unit", fmt.Sprintf("&id=%d&url=https://ci.example.com/%d", i, i)), strings.NewReader(failedSuite)); code != 201 {
			t.Fatalf("%d %s", code, answer)
		}
		s.looked(c, looks)
	}
	if code, answer := s.push("ci", "log"+of(first, "pay", "lint", "&id=lint"), strings.NewReader("pay/retry.go:3:5: undefined: x\x1b[31m\u202e\nmake: *** [Makefile:3: lint] Error 1\n")); code != 201 {
		t.Fatalf("%d %s", code, answer)
	}
	code, out, errs := s.cli("builds", "list", "--project", "main/pay")
	if code != exitDone || errs != "" || strings.ContainsAny(out, "\x1b\u202e") {
		t.Fatalf("builds list: %d\n%q\n%s", code, out, errs)
	}
	golden(t, "builds-list.txt", masked(out))
	code, asJSON, errs := s.cli("builds", "list", "--project", "main/pay", "--json", "--limit", "1")
	if code != exitDone || errs != "" {
		t.Fatalf("builds list --json: %d\n%s", code, errs)
	}
	golden(t, "builds-list.json", masked(asJSON))
	var list []struct{ Fingerprint string }
	if err := json.Unmarshal([]byte(asJSON), &list); err != nil || len(list) != 1 {
		t.Fatalf("builds list --json: %v\n%s", err, asJSON)
	}

	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"0123", "--as", "flaky", "--project", "main/pay"}, "16 hex digits"},
		{[]string{list[0].Fingerprint, "--as", "mine", "--project", "main/pay"}, "must be one of"},
		{[]string{list[0].Fingerprint, "--project", "main/pay"}, "missing flags: --as"},
		{[]string{list[0].Fingerprint, "--as", "flaky", "--project", "else/pay"}, "no Gerrit with id"},
		{[]string{list[0].Fingerprint, "--as", "flaky", "--project", "main/typo"}, `no project "typo"`},
		{[]string{list[0].Fingerprint, "--as", "flaky", "--project", "main/pay", "--link", "ftp://t.example"}, "https address"},
		{[]string{list[0].Fingerprint, "--as", "flaky", "--project", "main/pay", "--note", strings.Repeat("n", 201)}, "200 characters"},
	} {
		if code, out, errs := s.cli(append([]string{"builds", "mark"}, tt.args...)...); code != exitUsage || !strings.Contains(errs, tt.want) {
			t.Errorf("builds mark %v: %d, want %d and %q\n%s%s", tt.args, code, exitUsage, tt.want, out, errs)
		}
	}
	code, out, errs = s.cli("builds", "mark", list[0].Fingerprint, "--as", "infra", "--project", "main/pay", "--note", "the bank sleeps", "--link", "https://t.example/PAY-7")
	if code != exitDone || !strings.Contains(out, "is marked as infra") {
		t.Fatalf("builds mark: %d\n%s%s", code, out, errs)
	}
	_, out, _ = s.cli("builds", "list", "--project", "main/pay")
	for _, want := range []string{"infra", "marked as infra by " + operatorName() + " on ", ": the bank sleeps: https://t.example/PAY-7"} {
		if !strings.Contains(out, want) {
			t.Errorf("builds list has no %q:\n%s", want, out)
		}
	}
	if code, out, errs = s.cli("builds", "mark", list[0].Fingerprint, "--as", "none", "--project", "main/pay"); code != exitDone || !strings.Contains(out, "is taken back") {
		t.Errorf("builds mark: %d\n%s%s", code, out, errs)
	}
	if _, out, _ = s.cli("builds", "list", "--project", "main/pay"); strings.Contains(out, "marked as") {
		t.Errorf("the mark stands:\n%s", out)
	}

	_, out, _ = s.cli("audit", "query", "--project", "main/pay")
	for _, want := range []string{" as infra, the bank sleeps, https://t.example/PAY-7; by " + operatorName(), " as none; by "} {
		if !strings.Contains(out, want) {
			t.Errorf("the audit log has no %q:\n%s", want, out)
		}
	}
	if code, out, errs := s.cli("audit", "verify"); code != exitDone {
		t.Errorf("audit verify: %d\n%s%s", code, out, errs)
	}
}
