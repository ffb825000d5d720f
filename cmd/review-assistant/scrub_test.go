// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
	"review-assistant/scrub"
)

// foundReport holds one finding of each sort, made by hand.
func foundReport() *scrubReport {
	r := &scrubReport{kinds: map[string]int{}}
	r.add(input{name: "a.diff", file: true}, scrub.Report{
		Version: "1-x", Secrets: 2, ByKind: map[string]int{"password": 1, "github-token": 1}, Withheld: []scrub.Withheld{{Reason: "sensitive path"}}, Partial: true,
		Findings: []scrub.Finding{
			{Kind: "password", Number: 1, Path: scrub.Lit("conf/a b.env"), Op: review.OpAdd, Line: 3, Column: 5},
			{Kind: "github-token", Number: 2, ID: "00ff", Path: scrub.Lit("x.go"), Op: review.OpRemove, Line: 7, Column: 1, Certainty: scrub.Sure},
		},
	}, scrub.Suspected)
	r.add(input{name: "standard input"}, scrub.Report{
		Version: "1-x", Personal: 1, ByKind: map[string]int{"email": 1},
		Findings: []scrub.Finding{{Kind: "email", Number: 1, Line: 2, Column: 9}},
	}, scrub.Suspected)
	r.add(input{name: "commit message", commit: "0123456789abcdef"}, scrub.Report{
		Version: "1-x", Secrets: 1, ByKind: map[string]int{"jwt": 1},
		Findings: []scrub.Finding{{Kind: "jwt", Number: 1, Column: 1, Certainty: scrub.Likely}},
	}, scrub.Suspected)
	return r
}

func TestScrubText(t *testing.T) {
	var b bytes.Buffer
	foundReport().text(&b, scrubCmd{})
	want := `conf/a b.env:3:5 password suspected
x.go:7:1 github-token sure, removed line, hash 00ff
standard input:2:9 email suspected
commit message jwt likely, commit 0123456789ab
3 secrets removed, and 1 piece of personal data (rules 1-x)
     1  email
     1  github-token
     1  jwt
     1  password
not read: a.diff: sensitive path
the text is longer than 8 MiB: a value that was found late may stand in front of that place too
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("text report (-want +got):\n%s", d)
	}
}

// TestScrubJSON holds the keys that docs/scrubbing.md promises.
func TestScrubJSON(t *testing.T) {
	var b bytes.Buffer
	if err := foundReport().json(&b); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"schema": 1.0, "tool": "review-assistant development", "rules": "1-x", "secrets": 3.0, "personal": 1.0,
		"by_kind":   map[string]any{"email": 1.0, "github-token": 1.0, "jwt": 1.0, "password": 1.0},
		"truncated": false, "partial": true, "failed": false,
		"withheld": []any{map[string]any{"input": "a.diff", "reason": "sensitive path"}},
		"findings": []any{
			map[string]any{"input": "a.diff", "path": "conf/a b.env", "line": 3.0, "column": 5.0, "side": "added", "kind": "password", "number": 1.0, "certainty": "suspected"},
			map[string]any{"input": "a.diff", "path": "x.go", "line": 7.0, "column": 1.0, "side": "removed", "kind": "github-token", "number": 2.0, "certainty": "sure", "hash": "00ff"},
			map[string]any{"input": "standard input", "path": "", "line": 2.0, "column": 9.0, "kind": "email", "number": 1.0, "certainty": "suspected"},
			map[string]any{"input": "commit message", "commit": "0123456789abcdef", "path": "", "line": 0.0, "column": 1.0, "kind": "jwt", "number": 1.0, "certainty": "likely"},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("JSON report (-want +got):\n%s", d)
	}
}

// TestScrubSARIF checks what the schema of SARIF 2.1.0 asks of these objects.
func TestScrubSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := foundReport().sarif(&b); err != nil {
		t.Fatal(err)
	}
	var got sarifLog
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "2.1.0" || !strings.HasSuffix(got.Schema, "sarif-schema-2.1.0.json") || len(got.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", got.Version, got.Schema, len(got.Runs))
	}
	run := got.Runs[0]
	if n := len(run.Invocations[0].Notifications); n != 2 {
		t.Errorf("%d notifications, want one for what was not read and one for what was read in part", n)
	}
	var lines []string
	for _, r := range run.Results {
		if rule := run.Tool.Driver.Rules[r.RuleIndex]; rule.ID != r.RuleID || rule.ShortDescription.Text == "" {
			t.Errorf("result of %s points to rule %+v", r.RuleID, rule)
		}
		at := "nowhere"
		if len(r.Locations) > 0 {
			at = r.Locations[0].PhysicalLocation.ArtifactLocation.URI
			if region := r.Locations[0].PhysicalLocation.Region; region == nil || region.StartLine < 1 || region.StartColumn < 1 {
				t.Errorf("%s has region %+v; lines and columns count from 1", r.RuleID, region)
			}
		}
		lines = append(lines, strings.Join([]string{r.RuleID, r.Level, at, r.PartialFingerprints["secretHash/v1"]}, " "))
	}
	want := []string{"password note conf/a%20b.env ", "github-token error x.go 00ff", "email note nowhere ", "jwt warning nowhere "}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
}

func TestScrubCounts(t *testing.T) {
	full := make([]scrub.Finding, scrub.MaxFindings)
	for i := range full {
		full[i] = scrub.Finding{Kind: "password", Number: i + 1, Op: review.OpRemove}
	}
	for _, tt := range []struct {
		name         string
		from         input
		least        scrub.Certainty
		got          scrub.Report
		want, unread bool
	}{
		{"nothing", input{}, scrub.Suspected, scrub.Report{}, false, false},
		{"a secret", input{}, scrub.Suspected, scrub.Report{Secrets: 1, ByKind: map[string]int{"password": 1}}, true, false},
		{"not sure enough", input{}, scrub.Sure, scrub.Report{Findings: []scrub.Finding{{Kind: "jwt", Number: 1, Certainty: scrub.Likely}}}, false, false},
		{"sure enough", input{}, scrub.Likely, scrub.Report{Findings: []scrub.Finding{{Kind: "jwt", Number: 1, Certainty: scrub.Likely}}}, true, false},
		{"personal data that was asked for", input{}, scrub.Sure, scrub.Report{Findings: []scrub.Finding{{Kind: "email", Number: 1}}}, true, false},
		{"a line that was not read", input{}, scrub.Suspected, scrub.Report{Withheld: []scrub.Withheld{{Reason: "undecodable"}}}, false, false},
		{"a line that is too hard", input{}, scrub.Suspected, scrub.Report{Withheld: []scrub.Withheld{{Reason: scrub.TooHard}}}, false, true},
		{"there before", input{added: true}, scrub.Suspected, scrub.Report{Findings: []scrub.Finding{{Kind: "jwt", Number: 1, Op: review.OpContext}}}, false, false},
		{"more than is listed", input{added: true}, scrub.Suspected, scrub.Report{Findings: full}, false, true},
	} {
		r := &scrubReport{kinds: map[string]int{}}
		r.add(tt.from, tt.got, tt.least)
		if r.found() != tt.want || r.unread() != tt.unread {
			t.Errorf("%s: found() = %v, unread() = %v, want %v and %v", tt.name, r.found(), r.unread(), tt.want, tt.unread)
		}
	}
}

// TestScrubBreaksOff reads a text that ends in an error: what was written is
// said to be clean, and a check that did not see the end has not passed.
func TestScrubBreaksOff(t *testing.T) {
	for flag, want := range map[string]string{"--report": "what was written up to there is clean, the rest is missing", "--check": "it was not checked to its end"} {
		in := io.MultiReader(strings.NewReader("nothing to see\n"), iotest.ErrReader(errors.New("the disk is gone")))
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{"scrub", flag}, in, &out, &errOut); code != exitFailed {
			t.Errorf("scrub %s: exit code %d, want %d", flag, code, exitFailed)
		}
		if got := errOut.String(); !strings.Contains(got, "the disk is gone") || !strings.Contains(got, want) {
			t.Errorf("scrub %s says %q, want %q", flag, got, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never, _ := io.Pipe()
	var out, errOut bytes.Buffer
	if code := run(ctx, []string{"scrub"}, never, &out, &errOut); code != exitFailed || !strings.Contains(errOut.String(), "interrupted") {
		t.Errorf("interrupted: exit code %d, says %q", code, errOut.String())
	}
}

// TestScrubTellsNoValue runs every sort of report over secrets that are made
// up now, and looks for any piece of them, in the names of files too.
func TestScrubTellsNoValue(t *testing.T) {
	const chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = chars[rand.IntN(len(chars))]
		}
		return string(b) + "7x"
	}
	password, token, named := random(16), "gh"+"p_"+random(34), "gh"+"p_"+random(34)
	dir := t.TempDir()
	write := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text := write("app.env", "REGION=eu\nDB_PASSWORD="+password+"\nGITHUB_TOKEN="+token+"\n")
	diff := write("app.diff", "--- a/x\n+++ b/x\n@@ -1,1 +1,2 @@ password = \""+password+"\"\n-token: \""+token+"\"\n+password: \""+password+"\"\n+again "+token+"\n")
	odd := write("key-"+named+".txt", "password = "+password+"\n")
	key := write("key", random(32))
	for _, format := range reportFormats {
		for _, flags := range [][]string{nil, {"--check"}, {"--check", "--key-file", key}, {"--check", "--min-certainty", "likely"}, {"--sensitive", dir[1:] + "/**"}, {"--sensitive", "**/key-*"}} {
			args := slices.Concat([]string{"scrub", "--report", format}, flags, []string{text, diff, odd})
			var out, errOut bytes.Buffer
			if code := run(t.Context(), args, strings.NewReader(""), &out, &errOut); code != exitDone && code != exitFindings {
				t.Fatalf("%v: exit code %d: %s", flags, code, errOut.String())
			}
			if errOut.Len()+out.Len() == 0 {
				t.Errorf("%s %v: nothing was written", format, flags)
			}
			for _, secret := range []string{password, token[4:], named[4:]} {
				for i := range len(secret) - 6 {
					if piece := secret[i : i+6]; strings.Contains(out.String()+errOut.String(), piece) {
						t.Fatalf("%s %v: %d bytes of a secret are told", format, flags, len(piece))
					}
				}
			}
		}
	}
}
