// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
	"review-assistant/scrub"
)

// told is a report in a few lines: the counts, and each failure.
func told(t testing.TB, rep *Report) []string {
	t.Helper()
	out := []string{fmt.Sprintf("ran=%v passed=%d skipped=%d dropped=%d", rep.TestsRan, rep.Passed, rep.Skipped, rep.Dropped)}
	for _, raw := range rep.Failures {
		f, err := raw.Clean(newCleaner(t))
		if err != nil {
			t.Fatal(err)
		}
		s := fmt.Sprintf("%s %s %q", f.Stage, f.Category, f.Test)
		if f.File != "" {
			s += fmt.Sprintf(" at %s:%d", f.File, f.Line)
		}
		out = append(out, s+": "+f.Message)
	}
	return out
}

const surefire = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="com.example.PayTest" tests="5" failures="1" errors="1" skipped="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="adds" classname="com.example.PayTest" time="0.01"/>
  <testcase name="pays" classname="com.example.PayTest" time="0.01">
    <failure message="expected:&lt;3&gt; but was:&lt;4&gt;" type="org.junit.ComparisonFailure"><![CDATA[org.junit.ComparisonFailure: expected:<3> but was:<4>
	at com.example.PayTest.pays(PayTest.java:17)]]></failure>
    <rerunFailure message="again"/>
    <system-out>starting</system-out>
  </testcase>
  <testcase name="[1] x" file="tests/pay.py" line="12">
    <error type="java.io.IOException"/>
    <system-err>cannot read</system-err>
  </testcase>
  <testcase name="later" classname="com.example.PayTest"><skipped/></testcase>
  <testcase name="flaky" classname="com.example.PayTest"><flakyFailure message="once"/></testcase>
</testsuite>
</testsuites>`

const goTest = `{"Action":"start","Package":"example.com/pay"}
{"Action":"run","Package":"example.com/pay","Test":"TestPay"}
{"Action":"output","Package":"example.com/pay","Test":"TestPay","Output":"=== RUN   TestPay\n"}
{"Action":"run","Package":"example.com/pay","Test":"TestPay/eur"}
{"Action":"output","Package":"example.com/pay","Test":"TestPay/eur","Output":"hello\n"}
{"Action":"output","Package":"example.com/pay","Test":"TestPay/eur","Output":"    pay_test.go:17: got 4, want 3\n"}
{"Action":"output","Package":"example.com/pay","Test":"TestPay/eur","Output":"    --- FAIL: TestPay/eur (0.00s)\n"}
{"Action":"fail","Package":"example.com/pay","Test":"TestPay/eur","Elapsed":0}
{"Action":"output","Package":"example.com/pay","Test":"TestPay","Output":"--- FAIL: TestPay (0.00s)\n"}
{"Action":"fail","Package":"example.com/pay","Test":"TestPay","Elapsed":0}
{"Action":"run","Package":"example.com/pay","Test":"TestOK"}
{"Action":"pass","Package":"example.com/pay","Test":"TestOK"}
{"Action":"run","Package":"example.com/pay","Test":"TestSkip"}
{"Action":"skip","Package":"example.com/pay","Test":"TestSkip"}
{"Action":"output","Package":"example.com/pay","Output":"FAIL\n"}
{"Action":"fail","Package":"example.com/pay","Elapsed":0.01}
`

func TestReadReport(t *testing.T) {
	tests := []struct {
		name, format, in string
		want             []string
	}{
		{"surefire", "", surefire, []string{
			"ran=true passed=2 skipped=1 dropped=0",
			`test test "com.example.PayTest.pays": expected:<3> but was:<4>`,
			`test test "com.example.PayTest.[1] x" at tests/pay.py:12: java.io.IOException`,
		}},
		{"junit with control characters and bytes that are no UTF-8", "", "\ufeff<testsuite name=\"s\"><testcase name=\"a\"><failure>\x1b[31mred&#27;&#x1B; \x00\xff error</failure></testcase></testsuite>", []string{
			"ran=true passed=0 skipped=0 dropped=0",
			`test test "s.a": red             ? error`,
		}},
		{"junit in nested suites", "junit", `<testsuites><testsuite name="a"><testsuite name="b"><testcase name="x"><error message="m"/></testcase></testsuite><testcase name="y"/></testsuite></testsuites>`, []string{
			"ran=true passed=1 skipped=0 dropped=0", `test test "b.x": m`,
		}},
		{"junit without tests", "", `<testsuites/>`, []string{"ran=false passed=0 skipped=0 dropped=0"}},
		{"go test", "", goTest, []string{
			"ran=true passed=1 skipped=1 dropped=0",
			`test test "example.com/pay.TestPay/eur" at pay_test.go:17: pay_test.go:17: got 4, want 3`,
		}},
		{"go test that does not build", "", `{"ImportPath":"example.com/a","Action":"build-output","Output":"# example.com/a\n"}
{"ImportPath":"example.com/a","Action":"build-output","Output":"./a.go:3:5: undefined: x\n"}
{"ImportPath":"example.com/a","Action":"build-fail"}
{"Action":"start","Package":"example.com/a"}
{"Action":"output","Package":"example.com/a","Output":"FAIL\texample.com/a [build failed]\n"}
{"Action":"fail","Package":"example.com/a","Elapsed":0,"FailedBuild":"example.com/a"}
{"Action":"start","Package":"example.com/b"}
{"Action":"fail","Package":"example.com/b","Elapsed":0,"FailedBuild":"example.com/a"}
`, []string{"ran=false passed=0 skipped=0 dropped=0", `compile compile "" at a.go:3: ./a.go:3:5: undefined: x`}},
		{"go test before 1.24 that does not build", "go-test", `# example.com/a [example.com/a.test]
./a_test.go:3:5: undefined: x
{"Action":"start","Package":"example.com/a"}
{"Action":"output","Package":"example.com/a","Output":"FAIL\texample.com/a [build failed]\n"}
{"Action":"fail","Package":"example.com/a","Elapsed":0}
`, []string{"ran=false passed=0 skipped=0 dropped=0", `compile compile "" at a_test.go:3: ./a_test.go:3:5: undefined: x`}},
		{"go test that panics", "", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- FAIL: TestA (0.00s)\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"panic: boom [recovered]\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"\t/x/a_test.go:5 +0x1\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`, []string{"ran=false passed=0 skipped=0 dropped=0", `test crash "p.TestA": panic: boom [recovered]`}},
		{"go test that takes too long", "", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"panic: test timed out after 1s\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"running tests:\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t1.0s\n"}
{"Action":"fail","Package":"p"}
`, []string{"ran=false passed=0 skipped=0 dropped=0", `test timeout "p.TestB": panic: test timed out after 1s`}},
		{"go test that logs before it fails", "", `{"Action":"output","Package":"p","Test":"TestSum","Output":"    x_test.go:3: starting server\n"}
{"Action":"output","Package":"p","Test":"TestSum","Output":"    x_test.go:9: Sum() = 4\n"}
{"Action":"output","Package":"p","Test":"TestSum","Output":"--- FAIL: TestSum (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestSum"}
{"Action":"output","Package":"p","Test":"TestStop","Output":"    x_test.go:13: starting server\n"}
{"Action":"output","Package":"p","Test":"TestStop","Output":"    x_test.go:19: got 4, want 3\n"}
{"Action":"output","Package":"p","Test":"TestStop","Output":"    x_test.go:15: stopping server\n"}
{"Action":"output","Package":"p","Test":"TestStop","Output":"--- FAIL: TestStop (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestStop"}
{"Action":"output","Package":"p","Test":"TestOld","Output":"--- FAIL: TestOld (0.00s)\n"}
{"Action":"output","Package":"p","Test":"TestOld","Output":"    x_test.go:29: boom\n"}
{"Action":"fail","Package":"p","Test":"TestOld"}
{"Action":"fail","Package":"p"}
`, []string{
			"ran=true passed=0 skipped=0 dropped=0",
			`test test "p.TestSum" at x_test.go:9: x_test.go:9: Sum() = 4`,
			`test test "p.TestStop" at x_test.go:19: x_test.go:19: got 4, want 3`,
			`test test "p.TestOld" at x_test.go:29: x_test.go:29: boom`,
		}},
		{"go test in colour", "", `{"Action":"output","Package":"p","Test":"TestA","Output":"\u001b[31m    x_test.go:3: boom \u001b]0;evil\u0007\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p","Test":"TestA\u001b[31m"}
{"Action":"fail","Package":"p"}
`, []string{
			"ran=true passed=0 skipped=0 dropped=0",
			`test test "p.TestA" at x_test.go:3: x_test.go:3: boom`,
			`test test "p.TestA[31m": `,
		}},
		{"log with a line of too many digits", "log", "a.c:99999999999999999999999:3: error: x", []string{"ran=false passed=0 skipped=0 dropped=0", `compile compile "" at a.c:0: a.c:99999999999999999999999:3: error: x`}},
		{"go test that ends outside of tests", "", `{"Action":"output","Package":"p","Output":"error: no database\n"}
{"Action":"fail","Package":"p"}
`, []string{"ran=false passed=0 skipped=0 dropped=0", `test test "p": error: no database`}},
		{"go test that is cut off", "", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Te`, []string{"ran=false passed=1 skipped=0 dropped=0"}},
		{"sarif", "", `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{
			"tool":{"driver":{"name":"lint","rules":[{"id":"R2","defaultConfiguration":{"level":"error"}},{"id":"R3"}]}},
			"results":[
			{"ruleId":"R1","level":"warning","message":{"text":"a warning"}},
			{"ruleId":"R1","level":"error","message":{"text":"unused x\nmore"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/a.go"},"region":{"startLine":7}}}]},
			{"ruleId":"R2","message":{"text":"by its rule"}},
			{"ruleId":"R2","message":{"text":"known"},"suppressions":[{"kind":"inSource"}]},
			{"ruleId":"R2","kind":"pass","message":{"text":"fine"}},
			{"ruleId":"R3","message":{"text":"another warning"}},
			{"ruleId":"R4","level":"error","message":{}}
			],"taxonomies":[{"a":[[1,2,{"b":null}]]}]}]}`, []string{
			"ran=false passed=0 skipped=0 dropped=0",
			`lint lint "" at src/a.go:7: unused x (R1)`,
			`lint lint "": by its rule (R2)`,
			`lint lint "": R4`,
		}},
		{"sarif with warnings alone", "sarif", `{"runs":[{"results":[{"message":{"text":"w"}},{"level":"note","message":{"text":"n"}}]}]}`, []string{
			"ran=false passed=0 skipped=0 dropped=0", `lint lint "": w`,
		}},
		{"json", "", `{"project":"pay","change":12,"patch_set":3,"job":"unit","result":"failed","tests_ran":true,"passed":120,"failures":[
			{"stage":"test","test":"a.B","message":"want 3","file":"x.go","line":12,"text":"before\nwant 3"},{"stage":"compile","text":"x\na.c:1: error: y"}]}`, []string{
			"ran=true passed=120 skipped=0 dropped=0",
			`test test "a.B" at x.go:12: want 3`, `compile compile "": a.c:1: error: y`,
		}},
		{"log", "", "hello\nmake: error 1\n", []string{"ran=false passed=0 skipped=0 dropped=0", `compile unknown "": make: error 1`}},
		{"log with verdicts", "log", "{\"Action\":\"pass\"}\n- unit https://ci.example/1 : SUCCESS\nerror: x", []string{"ran=false passed=0 skipped=0 dropped=0", `compile unknown "": error: x`}},
		{"nothing", "", "", []string{"ran=false passed=0 skipped=0 dropped=0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep, err := ReadReport(t.Context(), tt.format, strings.NewReader(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, told(t, rep)); diff != "" {
				t.Errorf("ReadReport (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLongOutput(t *testing.T) {
	line := "2026-03-01 12:00:00 INFO a line &lt;of&gt; output\n"
	in := "<testsuite><testcase name=\"a\"><failure message=\"m\">" + strings.Repeat(line, 10000) + "</failure><system-out><![CDATA[" +
		strings.Repeat("INFO a long [line] of output \"quoted\" ]] > ]]x> \n", (20<<20)/50) + "]]></system-out></testcase><testcase name=\"b\"/></testsuite>"
	rep, err := ReadReport(t.Context(), "", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ran=true passed=1 skipped=0 dropped=0", `test test "a": m`}
	if diff := cmp.Diff(want, told(t, rep)); diff != "" {
		t.Errorf("ReadReport (-want +got):\n%s", diff)
	}
}

func TestLongSections(t *testing.T) {
	kilobyte := strings.Repeat("word ", 200) + "< & ]] -- "
	for _, in := range []string{
		"<testsuite><testcase name=\"a\"><system-out><![CDATA[" + strings.Repeat(kilobyte, 9<<10) + "]]]></system-out></testcase>",
		"<testsuite><!--" + strings.Repeat(strings.ReplaceAll(kilobyte, "--", "-"), 9<<10) + " --><testcase name=\"a\"/>",
	} {
		in += "<testcase name=\"b\"><failure message=\"m\"/></testcase></testsuite>"
		rep, err := ReadReport(t.Context(), "", strings.NewReader(in))
		if err != nil {
			t.Errorf("ReadReport(%.60s): %v", in, err)
			continue
		}
		want := []string{"ran=true passed=1 skipped=0 dropped=0", `test test "b": m`}
		if diff := cmp.Diff(want, told(t, rep)); diff != "" {
			t.Errorf("ReadReport(%.60s) (-want +got):\n%s", in, diff)
		}
	}
}

// A long line is not cut inside of a word: half a secret is not known as one.
func TestLongLineOfReport(t *testing.T) {
	secret := "ghp_" + strings.Repeat("A1b2C3d4", 5)
	var long strings.Builder
	for i := range 1900 {
		long.WriteByte("abcdefghijkmnpqrstuvwz"[(i*i*7+i/3)%22])
	}
	line := "password=" + long.String() + " " + strings.Repeat("w ", 58) + secret + " more"
	in := "<testsuite><testcase name=\"a\"><failure>" + line + "</failure></testcase></testsuite>"
	rep, err := ReadReport(t.Context(), "", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	said := Parse(review.Message{Text: "https://ci.example/job/a/1/ : FAILURE <<<\n" + line + "\n>>>"}, nil)
	for _, raw := range append(rep.Failures, said[0].Failures()...) {
		f, err := raw.Clean(newCleaner(t))
		if err != nil || strings.Contains(f.Message, secret[:8]) || !strings.Contains(f.Message, "w w") {
			t.Errorf("Clean = %q, %v", f.Message, err)
		}
	}
}

func TestReadReportErrors(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(surefire)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, format, in, want string }{
		{"unknown format", "tap", "1..4", `the format "tap" is not known; known are junit,`},
		{"gzip", "junit", packed.String(), "packed (gzip)"},
		{"zip", "", "PK\x03\x04", "packed (zip)"},
		{"utf-16", "", "\xff\xfe<\x00", "UTF-16"},
		{"entities", "", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><testsuite/>`, "document type"},
		{"an entity that is not declared", "", `<testsuite name="a"><testcase name="&xxe;"/></testsuite>`, "entity of its own"},
		{"charset", "", `<?xml version="1.0" encoding="ISO-8859-1"?><testsuite/>`, "send UTF-8"},
		{"html", "junit", `<html><body/></html>`, "begins with <html>"},
		{"cut xml", "", `<testsuite><testcase name="a">`, "line 1"},
		{"empty xml", "junit", ``, "is empty"},
		{"deep suites", "", strings.Repeat("<testsuite>", 1<<16), "nested more than"},
		{"deep case", "", "<testsuite><testcase>" + strings.Repeat("<a>", 1<<16), "nested more than"},
		{"long text", "", "<testsuite><testcase name=\"a\"><failure>" + strings.Repeat(".", maxText+(1<<20)), "one piece of it"},
		{"many attributes", "", "<testsuite " + strings.Repeat(`a="" `, maxText/5+100000), "line 1 is no XML"},
		{"many children", "", "<testsuite><testcase>" + strings.Repeat("<a/>", 2000), "more than 1000 elements"},
		{"long key of json", "json", `{"` + strings.Repeat("x", maxObject+(1<<20)), "one piece of it"},
		{"deep sarif", "sarif", `{"x":` + strings.Repeat("[", 1<<16), "nested more than"},
		{"deep result", "sarif", `{"runs":[{"results":[{"message":` + strings.Repeat(`{"a":`, 1<<16), "no JSON"},
		{"sarif without runs", "sarif", `{}`, `no "runs"`},
		{"sarif of another form", "sarif", `{"runs":{}}`, "form of the format"},
		{"cut sarif", "sarif", `{"runs":[{"results":[{"message":`, "ends in the middle"},
		{"sarif with a wrong type", "sarif", `{"runs":[{"results":[{"level":7}]}]}`, "level: a number stands where a string belongs"},
		{"deep json", "json", `{"failures":[` + strings.Repeat("[", 1<<16), "no JSON"},
		{"unknown key", "", `{"project":"pay","jobs":1}`, `unknown key "jobs"`},
		{"unknown key of a failure", "", `{"failures":[{},{"msg":"x"}]}`, `failures[1]: unknown key "msg"`},
		{"null", "json", `null`, "form of the format"},
		{"many failures", "json", `{"failures":[` + strings.Repeat(`{"text":"x"},`, 501) + `{}]}`, "failures: more than 500"},
		{"long failure", "json", `{"failures":[{"text":"` + strings.Repeat("x", 3*maxPostedText) + `"}]}`, "failures[0]: at most"},
		{"wrong type", "", `{"change":"12"}`, "change: a string stands where a whole number belongs"},
		{"more json", "", `{"project":"pay"} {}`, "more stands behind"},
		{"no events", "go-test", "ok  \texample.com/pay\t0.1s\n", "no line is an event"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadReport(t.Context(), tt.format, strings.NewReader(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("ReadReport = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// repeat reads a text again and again between a head and a tail.
func repeat(head, text string, n int, tail string) io.Reader {
	block := strings.Repeat(text, 1000)
	readers := []io.Reader{strings.NewReader(head)}
	for range n / 1000 {
		readers = append(readers, strings.NewReader(block))
	}
	return io.MultiReader(append(readers, strings.NewReader(tail))...)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestManyCases(t *testing.T) {
	n := 1000000
	if testing.Short() {
		n = 20000
	}
	junit := repeat("<testsuites><testsuite name=\"s\">", `<testcase name="a" classname="com.example.PayTest" time="0.01"/>`, n,
		`<testcase name="b"><failure message="m"/></testcase></testsuite></testsuites>`)
	failing := repeat("<testsuite>", `<testcase name="a"><failure>`+strings.Repeat("x ", 50)+`</failure></testcase>`, n/20, `</testsuite>`)
	events := repeat("", `{"Action":"run","Package":"p","Test":"TestA"}`+"\n"+`{"Action":"pass","Package":"p","Test":"TestA"}`+"\n", n/10, `{"Action":"pass","Package":"p"}`)
	for _, tt := range []struct {
		name, format string
		in           io.Reader
		want         string
	}{
		{"junit", "junit", junit, fmt.Sprintf("ran=true passed=%d skipped=0 dropped=0", n)},
		{"failing", "junit", failing, fmt.Sprintf("ran=false passed=0 skipped=0 dropped=%d", n/20-MaxFailures)},
		{"go test", "go-test", events, fmt.Sprintf("ran=true passed=%d skipped=0 dropped=0", n/10)},
	} {
		before := heap()
		rep, err := ReadReport(t.Context(), tt.format, tt.in)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := told(t, rep)[0]; got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if after := heap(); after > before+16<<20 {
			t.Errorf("%s: %d MiB are held", tt.name, (after-before)>>20)
		}
		runtime.KeepAlive(rep)
	}
}

func TestReportIsTooLong(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 256 MiB")
	}
	in := repeat("", strings.Repeat("x", 1023)+"\n", (MaxReport>>10)+2000, "")
	in = io.MultiReader(strings.NewReader(`{"Action":"start","Package":"p"}`+"\n"), in)
	if _, err := ReadReport(t.Context(), "go-test", in); err == nil || !strings.Contains(err.Error(), "more than 256 MiB") {
		t.Errorf("ReadReport = %v, want an error", err)
	}
}

func TestReadReportStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, format := range formatNames() {
		if _, err := ReadReport(ctx, format, strings.NewReader("<testsuite/>")); !errors.Is(err, context.Canceled) {
			t.Errorf("ReadReport(%s) = %v, want canceled", format, err)
		}
	}
}

func posted() Posted {
	return Posted{Project: "pay", Change: 12, PatchSet: 3, Job: "unit", Result: "failed"}
}

func TestPostedValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(p *Posted)
		want []string
	}{
		{"least", func(*Posted) {}, nil},
		{"branch", func(p *Posted) { p.Change, p.PatchSet, p.Branch, p.Result = 0, 0, "main", "SUCCESS" }, nil},
		{"empty", func(p *Posted) { *p = Posted{} }, []string{"project: is missing", "job: is missing", "result: is missing", "change: write change and patch_set, or branch for a run on a branch"}},
		{"no patch set", func(p *Posted) { p.PatchSet = 0 }, []string{"patch_set: is missing: a result is of one patch set"}},
		{"no change", func(p *Posted) { p.Change = 0 }, []string{"change: is missing: the patch set has to be one of a change"}},
		{"result", func(p *Posted) { p.Result = "green" }, []string{`result: "green" is not known; write passed, failed, timed-out, aborted, broken or skipped, or your CI's word for it`}},
		{"lines", func(p *Posted) { p.Job = "a\nb" }, []string{"job: write one line of visible characters, without space around it"}},
		{"long", func(p *Posted) { p.ID = strings.Repeat("x", 201) }, []string{"id: has 201 bytes; at most 200 are kept"}},
		{"addresses", func(p *Posted) { p.URL, p.LogURL = "javascript:alert(1)", "https://u:p@ci.example/" }, []string{
			"url: write an address with http or https and without a user", "log_url: write an address with http or https and without a user",
		}},
		{"times", func(p *Posted) {
			p.Base, p.Started, p.Ended = "yesterday", "2026-03-01T12:00:00Z", "2026-03-01T11:00:00Z"
		}, []string{
			"base: write a time such as 2026-03-01T12:00:00Z", "ended: is before started",
		}},
		{"failures of a pass", func(p *Posted) { p.Result, p.Failures = "passed", []PostedFailure{{Text: "x"}} }, []string{"failures: a run that passed has none"}},
		{"failures", func(p *Posted) {
			p.Failures = []PostedFailure{{}, {Stage: "deploy", Text: "x"}, {Text: strings.Repeat("x", maxPostedText+1)}, {Text: "x", Line: -1}}
		}, []string{
			"failures[0]: it has neither test, message nor text", `failures[1]: stage "deploy" is not one of setup, compile, lint, test`,
			"failures[2]: text has 65537 bytes; at most 65536 are read", "failures[3]: line is a number from 1, or 0 when it is not known",
		}},
	} {
		p := posted()
		tt.edit(&p)
		if diff := cmp.Diff(tt.want, p.Validate()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestParsePosted(t *testing.T) {
	q := url.Values{"format": {"junit"}, "project": {"pay"}, "change": {"12"}, "patch_set": {"3"}, "job": {"unit"}, "result": {"failed"}, "optional": {"true"}}
	p, problems := ParsePosted(q, "format")
	want := posted()
	want.Optional = true
	if diff := cmp.Diff(&want, p); diff != "" || problems != nil {
		t.Errorf("ParsePosted = %v (-want +got):\n%s", problems, diff)
	}
	_, problems = ParsePosted(url.Values{"change": {"x"}, "optional": {"1"}, "job": {"a", "b"}, "jobs": {"c"}})
	wrong := []string{"change: write a number", "job: stands more than once", "jobs: unknown parameter", "optional: write true or false"}
	if diff := cmp.Diff(wrong, problems); diff != "" {
		t.Errorf("ParsePosted (-want +got):\n%s", diff)
	}
}

func TestPostedBuild(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := posted()
	p.URL, p.Base, p.Started = "https://ci.example/1/", "2026-03-01T10:00:00+01:00", "2026-03-01T11:00:00Z"
	got, err := p.Build(newCleaner(t), "main", now)
	if err != nil {
		t.Fatal(err)
	}
	want := review.Build{
		Key: "page:pay 12,3 https://ci.example/1 unit", Host: "main", Project: "pay", Change: 12, PatchSet: 3, Job: "unit", Result: review.BuildFailed,
		Said: "failed", URL: "https://ci.example/1/", Base: now.Add(-3 * time.Hour), Started: now.Add(-time.Hour), Ended: now,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Build (-want +got):\n%s", diff)
	}
	// A message about the same run names it alike.
	said := Run{Source: "jenkins", Job: "unit", URL: "https://ci.example/1/", Result: review.BuildFailed}
	if b, err := said.Build(newCleaner(t), review.ChangeID{Host: "main", Project: "pay", Number: 12}, "main", review.Message{PatchSet: 3}); err != nil || b.Key != got.Key {
		t.Errorf("a message names the run %q, %v, a client %q", b.Key, err, got.Key)
	}
	keys := map[string]bool{}
	for _, edit := range []func(p *Posted){
		func(p *Posted) { p.ID = "x" }, func(p *Posted) { p.URL = "" }, func(p *Posted) { p.URL, p.Job = "", "lint" },
		func(p *Posted) { p.Project, p.ID = "pay x", "y" }, func(p *Posted) { p.ID = "x y" },
	} {
		q := p
		edit(&q)
		b, err := q.Build(newCleaner(t), "main", now)
		if err != nil || keys[b.Key] {
			t.Errorf("key %q is there twice, or %v", b.Key, err)
		}
		keys[b.Key] = true
	}
	p.Ended = "2026-03-01T13:00:01Z"
	if _, err := p.Build(newCleaner(t), "main", now); err == nil || !strings.Contains(err.Error(), "ended: is in the future") {
		t.Errorf("Build with a time in the future: %v", err)
	}
	p.Project = ""
	if _, err := p.Build(newCleaner(t), "main", now); err == nil {
		t.Error("Build of an invalid run: no error")
	}
}

func TestReportComplete(t *testing.T) {
	for _, tt := range []struct {
		result       review.BuildResult
		rep          Report
		posted, want bool
	}{
		{review.BuildFailed, Report{TestsRan: true}, false, true},
		{review.BuildPassed, Report{}, true, true},
		{review.BuildFailed, Report{Dropped: 1}, true, false},
		{review.BuildTimedOut, Report{TestsRan: true}, true, false},
		{review.BuildAborted, Report{TestsRan: true}, false, false},
	} {
		b := review.Build{Result: tt.result, TestsRan: tt.posted}
		if tt.rep.Complete(&b); b.TestsRan != tt.want || b.Dropped != tt.rep.Dropped {
			t.Errorf("Complete of %s with %+v: tests ran = %v, want %v", tt.result, tt.rep, b.TestsRan, tt.want)
		}
	}
}

func FuzzReadReport(f *testing.F) {
	for i, in := range []string{surefire, goTest, `{"runs":[{"results":[{"message":{"text":"w"}}]}]}`, `{"project":"pay","failures":[{"text":"x"}]}`, "error"} {
		f.Add(i, []byte(in))
	}
	f.Add(0, []byte("<testsuite><testcase><failure>&#27;\xff\x00&amp;<![CDATA[]]></failure></testcase></testsuite>"))
	scrubber, err := scrub.New(scrub.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, i int, in []byte) {
		names := append(formatNames(), "")
		rep, err := ReadReport(t.Context(), names[uint(i)%uint(len(names))], bytes.NewReader(in))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b\x00") {
				t.Errorf("an error with more than a line: %q", err)
			}
			return
		}
		if len(rep.Failures) > MaxFailures {
			t.Errorf("%d failures", len(rep.Failures))
		}
		if rep.Posted != nil {
			rep.Posted.Validate()
		}
		c := scrubber.Begin()
		for _, raw := range rep.Failures[:min(len(rep.Failures), 5)] {
			if _, err := raw.Clean(c); err != nil {
				t.Errorf("scrub: %v", err)
			}
		}
	})
}

func BenchmarkReadJUnit(b *testing.B) {
	const text = `<testcase name="a" classname="com.example.PayTest" time="0.01"/>`
	b.SetBytes(int64(100000 * len(text)))
	for b.Loop() {
		in := repeat("<testsuite>", text, 100000, "</testsuite>")
		if _, err := ReadReport(b.Context(), "junit", in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadGoTest(b *testing.B) {
	b.SetBytes(int64(200 * len(goTest)))
	all := strings.Repeat(goTest, 200)
	for b.Loop() {
		if _, err := ReadReport(b.Context(), "go-test", strings.NewReader(all)); err != nil {
			b.Fatal(err)
		}
	}
}
