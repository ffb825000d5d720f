// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// blocks returns the fenced blocks of the page by their language.
func blocks(t *testing.T) (page string, byLanguage map[string][]string) {
	t.Helper()
	body, err := os.ReadFile("../docs/builds-sources.md")
	if err != nil {
		t.Fatal(err)
	}
	byLanguage = map[string][]string{}
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(body), -1) {
		byLanguage[m[1]] = append(byLanguage[m[1]], m[2])
	}
	return string(body), byLanguage
}

// scripts returns every text of a YAML document that calls curl.
func scripts(v any) []string {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, "curl ") {
			return []string{v}
		}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, scripts(e)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, scripts(v[k])...)
		}
		return out
	}
	return nil
}

// snippets returns the shell scripts of the page.
func snippets(t *testing.T, all map[string][]string) []string {
	t.Helper()
	shell := slices.Clone(all["sh"])
	for _, text := range all["yaml"] {
		var doc any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Errorf("a snippet is no YAML: %v", err)
		}
		found := scripts(doc)
		if len(found) == 0 {
			t.Errorf("a snippet calls no curl:\n%s", text)
		}
		shell = append(shell, found...)
	}
	for _, text := range all["groovy"] {
		if strings.Count(text, "{") != strings.Count(text, "}") {
			t.Errorf("the braces of a snippet do not match:\n%s", text)
		}
		for _, m := range regexp.MustCompile(`(?s)sh '''\n(.*?)'''`).FindAllStringSubmatch(text, -1) {
			// Groovy joins lines at a backslash before the shell does.
			shell = append(shell, strings.ReplaceAll(m[1], "\\\n", ""))
		}
	}
	return shell
}

func TestSnippets(t *testing.T) {
	_, all := blocks(t)
	shell := snippets(t, all)
	if len(shell) != 5 {
		t.Errorf("%d scripts, want 5", len(shell))
	}
	known := (&Posted{}).fields()
	for _, script := range shell {
		cmd := exec.Command("bash", "-n")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("bash -n: %v\n%s\n%s", err, out, script)
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(`--url-query "?(\w+)=`).FindAllStringSubmatch(script, -1) {
			if seen[m[1]] = true; known[m[1]] == nil && m[1] != "format" {
				t.Errorf("a snippet sends %s, which is no parameter", m[1])
			}
		}
		for _, need := range []string{"format", "project", "job", "result"} {
			if !seen[need] {
				t.Errorf("a snippet does not send %s:\n%s", need, script)
			}
		}
	}
}

// TestSnippetsRun runs the snippets against a server as the endpoint would be.
func TestSnippetsRun(t *testing.T) {
	if out, err := exec.Command("curl", "--help", "all").Output(); err != nil || !strings.Contains(string(out), "--url-query") {
		if os.Getenv("CI") == "true" {
			t.Fatal("no curl that knows --url-query, which came with 7.87")
		}
		t.Skip("no curl that knows --url-query")
	}
	const project, job = "pay/app & more", "unit tests"
	var told []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		p, problems := ParsePosted(q, "format")
		rep, err := ReadReport(r.Context(), q.Get("format"), r.Body)
		if len(problems) > 0 || err != nil || r.Method != "POST" || r.URL.Path != "/api/v1/builds" || r.Header.Get("Authorization") != "Bearer t0ken" {
			told = append(told, fmt.Sprintf("%s %s: %v, %v", r.Method, r.URL, problems, err))
			return
		}
		told = append(told, fmt.Sprintf("%s %s %d,%d %s, %d failures", p.Project, p.Job, p.Change, p.PatchSet, p.Result, len(rep.Failures)))
	}))
	defer server.Close()
	dir := t.TempDir()
	if err := os.MkdirAll(dir+"/target/surefire-reports", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"target/surefire-reports/TEST-a.xml": surefire, "target/surefire-reports/TEST-b.xml": surefire,
		"junit.xml": surefire, "test.json": goTest, "test.log": "error: x\n", "report.sarif": `{"runs":[]}`,
	} {
		if err := os.WriteFile(dir+"/"+name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, all := blocks(t)
	for _, script := range snippets(t, all) {
		cmd := exec.Command("bash", "-e")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(script)
		cmd.Env = append(os.Environ(), "no_proxy=*",
			"URL="+server.URL, "REVIEW_ASSISTANT_URL="+server.URL, "TOKEN=t0ken", "REVIEW_ASSISTANT_TOKEN=t0ken",
			"PROJECT="+project, "GERRIT_PROJECT="+project, "CHANGE=12", "GERRIT_CHANGE=12", "GERRIT_CHANGE_NUMBER=12",
			"PATCH_SET=3", "GERRIT_PATCHSET=3", "GERRIT_PATCHSET_NUMBER=3", "JOB="+job, "JOB_NAME="+job, "CI_JOB_NAME="+job, "GITHUB_JOB="+job,
			"RESULT=FAILURE", "CI_JOB_STATUS=failed", "CI_JOB_ID=1", "CI_JOB_URL=https://ci.example/1", "CI_JOB_STARTED_AT=2026-03-01T12:00:00Z",
			"BUILD_URL=https://ci.example/job/a%2Fb/1/", "NODE_NAME=built-in", "PAGE=https://ci.example/2", "PIPELINE=check",
			"GITHUB_SERVER_URL=https://ci.example", "GITHUB_REPOSITORY=pay/app", "GITHUB_RUN_ID=7", "GITHUB_RUN_ATTEMPT=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, out, script)
		}
	}
	want := []string{
		"pay lint 0,0 failed, 0 failures",
		project + " " + job + " 12,3 FAILURE, 2 failures",
		project + " " + job + " 12,3 failed, 1 failures",
		project + " " + job + " 12,3 FAILURE, 1 failures",
		project + " " + job + " 12,3 FAILURE, 4 failures",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("what the snippets sent (-want +got):\n%s", diff)
	}
}

func TestPageExamples(t *testing.T) {
	page, all := blocks(t)
	if len(all["json"]) != 1 || len(all["ini"]) != 1 {
		t.Fatalf("%d examples of JSON and %d of git-config, want one each", len(all["json"]), len(all["ini"]))
	}
	rep, err := ReadReport(t.Context(), "", strings.NewReader(all["json"][0]))
	if err != nil {
		t.Fatal(err)
	}
	if problems := rep.Posted.Validate(); len(problems) > 0 {
		t.Errorf("the example: %v", problems)
	}
	if _, problems := ParseKnown(KnownName, []byte(all["ini"][0])); len(problems) > 0 {
		t.Errorf("the example: %v", problems)
	}
	if m := regexp.MustCompile(`(?m)^    (\^.*\$)$`).FindStringSubmatch(page); m == nil {
		t.Error("no example of a pattern")
	} else if _, err := ParsePattern(m[1]); err != nil {
		t.Errorf("the example of a pattern: %v", err)
	}
	for word, result := range resultWords {
		row := regexp.MustCompile(`(?m)^\| ` + string(result) + ` \|.*$`).FindString(page)
		if !strings.Contains(row, "`"+word+"`") {
			t.Errorf("the table does not have %s as %s", word, result)
		}
	}
	for _, name := range formatNames() {
		if !strings.Contains(page, "| `"+name+"` |") {
			t.Errorf("the table does not have the format %s", name)
		}
	}
	for key := range knownKeys {
		if !strings.Contains(page, "| `"+key+"` |") {
			t.Errorf("the table does not have the key %s", key)
		}
	}
}

func TestPostedFields(t *testing.T) {
	page, _ := blocks(t)
	known := (&Posted{}).fields()
	n := 0
	for f := range reflect.TypeFor[Posted]().Fields() {
		name := f.Tag.Get("json")
		if !strings.Contains(page, `"`+name+`":`) {
			t.Errorf("the example does not have %s", name)
		}
		if name == "failures" {
			continue
		}
		if n++; known[name] == nil {
			t.Errorf("%s is no parameter", name)
		}
	}
	if n != len(known) {
		t.Errorf("%d parameters, but %d fields", len(known), n)
	}
}
