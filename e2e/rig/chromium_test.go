// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package rig_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"review-assistant/e2e/rig"
)

const page = `<html lang="en"><title>Page</title><h1>%s</h1><button><i></i></button>
<a href="http://elsewhere.example.com/page">Elsewhere (new tab)</a>
<script>
console.error('said', 'so');
fetch('http://elsewhere.example.com/').catch(() => { document.body.append('not fetched'); throw new Error('broken'); });
</script>`

// What stories trust the browser to tell has to be told.
func TestChromium(t *testing.T) {
	if missing := rig.MissingPortal(); missing != "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("in CI nothing may be left out: %s", missing)
		}
		fmt.Println("e2e: left out: the browser:", missing)
		t.Skip(missing)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, page, r.Header.Get("X-User"))
	}))
	defer s.Close()
	c, err := rig.StartChromium()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	jane, tom := c.Tab(t, s.URL, "user:default/jane"), c.Tab(t, s.URL, "user:default/tom")
	for name, tab := range map[string]*rig.Tab{"jane": jane, "tom": tom} {
		tab.Open("/")
		tab.Shows("user:default/" + name)
		tab.Shows("not fetched")
		tab.Hides("of nobody", "not fetched")
		if got := tab.Texts("h1"); !slices.Equal(got, []string{"user:default/" + name}) {
			t.Errorf("the titles are %q", got)
		}
		if got := tab.Links("Elsewhere"); !slices.Equal(got, []string{"http://elsewhere.example.com/page"}) {
			t.Errorf("the links lead to %q", got)
		}
		if got := tab.Axe("body"); len(got) != 1 || got[0].ID != "button-name" {
			t.Errorf("axe finds %v, want the button without a name", got)
		}
		faults := tab.Faults()
		for kind, want := range map[rig.FaultKind]string{rig.Console: "\"said\" \"so\"", rig.Request: "http://elsewhere.example.com/", rig.Exception: "broken"} {
			if !slices.ContainsFunc(faults, func(f rig.Fault) bool { return f.Kind == kind && strings.Contains(f.Text, want) }) {
				t.Errorf("the faults lack a %s with %q:\n%s", kind, want, faults)
			}
		}
		if again := tab.Faults(); len(again) > 0 {
			t.Errorf("they are told twice: %v", again)
		}
	}
}
