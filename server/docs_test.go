// SPDX-License-Identifier: Apache-2.0

package server

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

// Every command of the page does what stands behind it.
func TestPageRuns(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	w := &wall{stream: func(review.Viewer, board.NewsQuery) *news {
		return &news{steps: []step{{news: []review.News{
			outcomeOf(41, "team/pay", 7), {Seq: 42, Kind: review.NewsAccess, Change: review.ChangeID{Host: "main", Project: "team/pay"}},
		}}, {reset: true}}}
	}}
	run := func(script, token string, until time.Duration) string {
		t.Helper()
		p := newPeople()
		v := p.by[janeToken]
		v.Until = noon.Add(until)
		p.by[janeToken] = v
		r := startPeople(t, w, p, Options{})
		cmd := exec.CommandContext(t.Context(), "bash", "-e")
		cmd.Stdin = strings.NewReader(script)
		cmd.Env = append(os.Environ(), "no_proxy=*", "URL="+r.url, "TOKEN="+token)
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%v: %s%s\n%s", err, out, &said, script)
		}
		return string(out)
	}
	blocks := regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(blocks)%2 != 0 || len(blocks) < 12 {
		t.Fatalf("%d blocks, want commands with what they print", len(blocks))
	}
	for i := 0; i < len(blocks); i += 2 {
		script, want := blocks[i][2], blocks[i+1][2]
		if blocks[i][1] != "sh" {
			t.Fatalf("a block of %s, want sh:\n%s", blocks[i][1], script)
		}
		until := time.Hour
		if strings.Contains(script, "/events") {
			until = time.Second // then the stream ends
		}
		if got := run(script, janeToken, until); strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("%s\nprints:\n%s\nwant:\n%s", script, got, want)
		}
	}
}

// The page has every reason and every route for people.
func TestPageIsWhole(t *testing.T) {
	raw, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, word := range allReasons(t) {
		if !strings.Contains(page, "`"+word+"`") {
			t.Errorf("the page does not have %s", word)
		}
	}
	for _, o := range operations(readDocument(t)) {
		path := strings.NewReplacer("{kind}", "KIND", "{namespace}", "NAMESPACE", "{name}", "NAME", "{id}", "ID", "{fingerprint}", "FINGERPRINT").Replace(o.path)
		forPeople := false
		for _, way := range o.node["security"].([]any) {
			forPeople = forPeople || at(way, "person") != nil
		}
		if forPeople && !strings.Contains(page, path) {
			t.Errorf("the page does not have %s", path)
		}
	}
}

// allReasons are the words that an answer may have, as the source has them.
func allReasons(t testing.TB) []string {
	t.Helper()
	found := map[string]bool{reasonNotShown: true}
	for _, word := range reasons {
		found[word] = true
	}
	for reason := range refusals {
		found[string(reason)] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\.because\("([\w-]+)"\)`).FindAllStringSubmatch(string(raw), -1) {
			found[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}
