// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// Bodies that a real Gerrit sent: type, project, number, patch set, ref.
func TestDecodeRecorded(t *testing.T) {
	want := map[string]string{
		"change-abandoned":                "change-abandoned demo 1 4 refs/heads/main",
		"change-deleted":                  "change-deleted demo 4 0 refs/heads/main",
		"change-merged":                   "change-merged demo 2 1 refs/heads/main",
		"change-restored":                 "change-restored demo 1 4 refs/heads/main",
		"comment-added-bot-inline":        "comment-added demo 1 4 refs/heads/main",
		"comment-added-human-message":     "comment-added demo 1 4 refs/heads/main",
		"comment-added-human-reply":       "comment-added demo 1 4 refs/heads/main",
		"comment-added-vote":              "comment-added demo 2 1 refs/heads/main",
		"comment-added-vote-no-message":   "comment-added demo 3 2 refs/heads/main",
		"custom-keyed-values-changed":     "custom-keyed-values-changed demo 1 0 refs/heads/main",
		"hashtags-changed":                "hashtags-changed demo 1 0 refs/heads/main",
		"patchset-created-edit-message":   "patchset-created demo 3 2 refs/heads/main",
		"patchset-created-new":            "patchset-created demo 1 1 refs/heads/main",
		"patchset-created-no-code-change": "patchset-created demo 1 3 refs/heads/main",
		"patchset-created-private":        "patchset-created demo2 2 1 refs/heads/main",
		"patchset-created-rework":         "patchset-created demo 1 2 refs/heads/main",
		"patchset-created-trivial-rebase": "patchset-created demo 1 4 refs/heads/main",
		"patchset-created-wip":            "patchset-created demo 4 1 refs/heads/main",
		"private-state-changed-private":   "private-state-changed demo 1 4 refs/heads/main",
		"private-state-changed-public":    "private-state-changed demo 1 4 refs/heads/main",
		"project-created":                 "project-created demo 0 0 ",
		"project-head-updated":            "project-head-updated demo 0 0 ",
		"ref-updated-change-meta":         "ref-updated demo 0 0 refs/changes/01/1/meta",
		"ref-updated-direct-push":         "ref-updated demo 0 0 refs/heads/feature",
		"ref-updated-new-branch":          "ref-updated demo 0 0 refs/heads/main",
		"ref-updated-patchset-ref":        "ref-updated demo 0 0 refs/changes/01/1/1",
		"ref-updated-sequence":            "ref-updated All-Projects 0 0 refs/sequences/changes",
		"ref-updated-submit":              "ref-updated demo 0 0 refs/heads/main",
		"reviewer-added":                  "reviewer-added demo 1 4 refs/heads/main",
		"reviewer-added-bot":              "reviewer-added demo 3 1 refs/heads/main",
		"reviewer-deleted":                "reviewer-deleted demo 1 4 refs/heads/main",
		"topic-changed":                   "topic-changed demo 1 0 refs/heads/main",
		"vote-deleted":                    "vote-deleted demo 1 4 refs/heads/main",
		"wip-state-changed-ready":         "wip-state-changed demo 1 4 refs/heads/main",
		"wip-state-changed-wip":           "wip-state-changed demo 1 4 refs/heads/main",
	}
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("there are %d recorded bodies (%v), want %d", len(files), err, len(want))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			e, err := gerrit.Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s %s %d %d %s", e.Type, e.Project, e.Number, e.PatchSet, e.Ref); got != want[name] {
				t.Errorf("event is %q, want %q", got, want[name])
			}
			if y := e.Created.Year(); y != 2026 {
				t.Errorf("it was created in %d", y)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	change := func(project string) string {
		return fmt.Sprintf(`{"type":"patchset-created","change":{"project":%q,"number":7},"project":{"name":%q}}`, project, project)
	}
	tests := []struct {
		name, body string
		want       review.Event
		err        string
	}{
		{"unknown type", `{"type":"moon-risen","eventCreatedOn":5}`, review.Event{Type: "moon-risen", Created: time.Unix(5, 0).UTC()}, ""},
		{"project as text", `{"type":"ref-updated","project":"demo"}`, review.Event{Type: "ref-updated", Project: "demo"}, ""},
		{"slashes", change("team/a/b"), review.Event{Type: "patchset-created", Project: "team/a/b", Number: 7}, ""},
		{"tilde", change("a~b"), review.Event{Type: "patchset-created", Project: "a~b", Number: 7}, ""},
		{
			"batch with the configuration", `{"type":"batch-ref-updated","refUpdates":[{"project":"p","refName":"refs/heads/x"},{"project":"p","refName":"refs/meta/config"}]}`,
			review.Event{Type: "batch-ref-updated", Project: "p", Ref: "refs/meta/config"},
			"",
		},
		{
			"batch", `{"type":"batch-ref-updated","refUpdates":[{"project":"p","refName":"refs/heads/x"},{"project":"p","refName":"refs/heads/y"}]}`,
			review.Event{Type: "batch-ref-updated", Project: "p", Ref: "refs/heads/x"},
			"",
		},
		{
			"short branch", `{"type":"topic-changed","change":{"project":"p","number":1,"branch":"main"}}`,
			review.Event{Type: "topic-changed", Project: "p", Number: 1, Ref: "refs/heads/main"},
			"",
		},
		{"empty", ``, review.Event{}, "not the JSON"},
		{"half", `{"type":"patchset-created","change":{"pro`, review.Event{}, "not the JSON"},
		{"list", `[1]`, review.Event{}, "not the JSON"},
		{"two values", `{"type":"a"}{"type":"b"}`, review.Event{}, "not the JSON"},
		{"number as text", `{"type":"a","change":{"number":"1"}}`, review.Event{}, "not the JSON"},
		{"no type", `{}`, review.Event{}, "type is missing"},
		{"a sentence as type", `{"type":"drop table"}`, review.Event{}, "type is missing"},
		{"long type", `{"type":"` + strings.Repeat("a", 65) + `"}`, review.Event{}, "type is missing"},
		{"parent directory", change("a/../b"), review.Event{}, "not a project name"},
		{"leading slash", change("/etc"), review.Event{}, "not a project name"},
		{"line feed", `{"type":"a","project":{"name":"a\nb"}}`, review.Event{}, "not a project name"},
		{"NUL", `{"type":"a","project":{"name":"a\u0000b"}}`, review.Event{}, "not a project name"},
		{"text turned around", `{"type":"a","project":{"name":"a\u202eb"}}`, review.Event{}, "not a project name"},
		{"no UTF-8", "{\"type\":\"a\",\"project\":{\"name\":\"a\xff\"}}", review.Event{}, "not a project name"},
		{"long project", change(strings.Repeat("x", 2000)), review.Event{}, "not a project name"},
		{"ref", `{"type":"a","refUpdate":{"project":"p","refName":"refs/../x"}}`, review.Event{}, "not a ref name"},
		{"negative number", `{"type":"a","change":{"project":"p","number":-1}}`, review.Event{}, "out of range"},
		{"huge time", `{"type":"a","eventCreatedOn":9223372036854775807}`, review.Event{}, "out of range"},
		{"deep", `{"type":"a","x":` + strings.Repeat(`{"x":`, 100_000) + "1" + strings.Repeat("}", 100_001), review.Event{}, "nested deeper"},
		{"brackets in text", `{"type":"a","x":"` + strings.Repeat(`[\"{`, 1000) + `"}`, review.Event{Type: "a"}, ""},
		{"large", `{"type":"` + strings.Repeat("a", 1<<20) + `"}`, review.Event{}, "more than the limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := gerrit.Decode([]byte(tt.body))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("Decode gives %+v and error %v, want one with %q", got, err, tt.err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("Decode gives %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

// What the fake sends decodes like what a real Gerrit sends.
func TestDecodeFake(t *testing.T) {
	g := gerrittest.New(t)
	g.Webhook("http://127.0.0.1:1/")
	k := g.Push(gerrittest.Push{Project: "team/demo", Message: "x", Files: gerrittest.Files{"a": "b\n"}, Reviewers: []string{"bob"}})
	k.Amend(gerrittest.Push{Files: gerrittest.Files{"a": "c\n"}})
	k.Vote("bob", "Code-Review", 1, "")
	k.SetWIP(true)
	k.SetPrivate(true)
	k.AddHashtag("x")
	k.Abandon()
	k.Restore()
	k.Delete()
	g.Config("team/demo", "[review-assistant]\n")
	g.WaitWebhooks()
	got := map[review.EventType]bool{}
	for _, d := range g.Deliveries() {
		e, err := gerrit.Decode(d.Body)
		if err != nil {
			t.Fatalf("%s: %v", d.Body, err)
		}
		if id, ok := e.Change(); ok && (id.Number != k.Number || id.Project != "team/demo") {
			t.Errorf("%s is about %v", e.Type, id)
		}
		got[e.Type] = true
	}
	for _, want := range []review.EventType{
		"patchset-created", "reviewer-added", "comment-added", "wip-state-changed", "private-state-changed", "hashtags-changed",
		"change-abandoned", "change-restored", "change-deleted", "ref-updated",
	} {
		if !got[want] {
			t.Errorf("no %s was sent", want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/events/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files[:10] {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`{"type":"a","project":{"name":"a/../b"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := gerrit.Decode(body)
		if err != nil {
			if e != (review.Event{}) {
				t.Errorf("an error and an event: %+v", e)
			}
			return
		}
		for _, name := range []string{e.Project, e.Ref} {
			if strings.Contains(name, "..") || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\x00\r\n") {
				t.Errorf("%q passed", name)
			}
		}
		if id, ok := e.Change(); ok {
			id.Host = "h"
			if back, err := review.ParseChangeID(id.String()); err != nil || back != id {
				t.Errorf("%q reads back as %v, %v", id.String(), back, err)
			}
		}
	})
}
