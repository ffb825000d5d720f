// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"testing"
	"time"

	"review-assistant/catalog"
	"review-assistant/review"
)

const people = `
kind: User
metadata: {name: Ann, annotations: {review-assistant/username: ann}}
spec: {profile: {displayName: Ann Example, email: ann@example.com}}
---
kind: User
metadata: {name: bob, namespace: guests, annotations: {review-assistant/username: Bob}}
---
kind: User
metadata: {name: cyd, annotations: {review-assistant/username: shared}}
---
kind: User
metadata: {name: dan, annotations: {review-assistant/username: shared}}
---
kind: User
metadata: {name: eve, annotations: {review-assistant/username: eve, backstage.io/orphan: "true"}}
---
kind: User
metadata: {name: fay, annotations: {review-assistant/username: fay}}
---
kind: User
metadata: {name: fay, annotations: {review-assistant/username: ann2}}
---
kind: User
metadata: {name: gus, annotations: {review-assistant/username: gus}}
---
kind: User
metadata: {name: gus, annotations: {review-assistant/username: gus}}
---
kind: User
metadata: {name: hal}
---
kind: User
metadata: {name: ivy, annotations: {review-assistant/username: twin-kid}}
---
kind: User
metadata: {name: jon, annotations: {review-assistant/username: Twin-Kid}}
---
kind: User
metadata: {name: kim, annotations: {review-assistant/username: "twin-Kid"}}
---
kind: Group
metadata: {name: team, annotations: {review-assistant/username: team}}
`

func TestUsers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "people.yaml", people)
	f := openFiles(t, dir)
	for ref, want := range map[string]string{
		"user:default/ann": "ann", "User:Default/Ann": "ann", "user:guests/bob": "Bob", "user:default/bob": "-",
		"user:default/cyd": "",                                                 // what is shared maps nobody, but the person is known
		"user:default/ivy": "", "user:default/jon": "", "user:default/kim": "", // Gerrit finds one account by all three
		"user:default/eve": "-", "user:default/fay": "-", "user:default/gus": "gus", "user:default/hal": "",
		"group:default/team": "-", "ann": "-", "": "-", "user:default/\x00": "-",
	} {
		p, ok := f.User(ref)
		if ok != (want != "-") || ok && p.Username != want {
			t.Errorf("User(%q) = %+v, %v; want %q", ref, p, ok, want)
		}
	}
	want := review.Person{Entity: "user:default/ann", Name: "Ann Example", Email: "ann@example.com", Username: "ann"}
	if p, ok := f.UserNamed("ann"); !ok || p != want {
		t.Errorf("UserNamed(ann) = %+v, %v; want %+v", p, ok, want)
	}
	for username, want := range map[string]string{
		"ann": "user:default/ann", "Ann": "", "Bob": "user:guests/bob", "bob": "", "shared": "", "eve": "",
		"fay": "", "ann2": "", "gus": "user:default/gus", "team": "", "": "",
	} {
		if got := f.EntityOf(username); got != want {
			t.Errorf("EntityOf(%q) = %q, want %q", username, got, want)
		}
	}
}

// Who is taken out of the files is out, though nobody asks for owners.
func TestFilesUsersReload(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	write(t, dir, "people.yaml", "kind: User\nmetadata: {name: ann, annotations: {review-assistant/username: ann}}\n")
	f, err := catalog.OpenFiles(catalog.FileOptions{Patterns: []string{dir}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := f.User("user:default/ann"); !ok {
		t.Error("ann is not known")
	}
	write(t, dir, "people.yaml", "kind: User\nmetadata: {name: ben, annotations: {review-assistant/username: ann}}\n")
	now = now.Add(6 * time.Second)
	if got := f.EntityOf("ann"); got != "user:default/ben" {
		t.Errorf("ann is %q now", got)
	}
	if _, ok := f.User("user:default/ann"); ok {
		t.Error("ann is still known")
	}
}

func TestBackstageUsers(t *testing.T) {
	f := newFake(t)
	f.Edit(func(list []map[string]any) []map[string]any {
		for _, e := range list {
			if m := e["metadata"].(map[string]any); e["kind"] == "User" && m["name"] == "bob" {
				m["annotations"] = map[string]any{"review-assistant/username": "bob.x"}
			}
		}
		return list
	})
	b, _ := open(t, f)
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, ok := b.User("user:default/bob")
	if !ok || p.Entity != "user:default/bob" || p.Username != "bob.x" {
		t.Errorf("User() = %+v, %v", p, ok)
	}
	if q, ok := b.UserNamed("bob.x"); !ok || q != p || b.EntityOf("bob.x") != p.Entity || b.EntityOf("none") != "" {
		t.Errorf("UserNamed() = %+v, %v", q, ok)
	}
	f.Edit(func(list []map[string]any) []map[string]any {
		for i, e := range list {
			if e["kind"] == "User" && e["metadata"].(map[string]any)["name"] == "bob" {
				return append(list[:i:i], list[i+1:]...)
			}
		}
		return list
	})
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.User("user:default/bob"); ok || b.EntityOf("bob.x") != "" {
		t.Error("who left the catalog is still known")
	}
}

// Before the first read nobody is known.
func TestBackstageUsersNeverRead(t *testing.T) {
	f := newFake(t)
	f.Close()
	b, _ := open(t, f)
	if _, ok := b.User("user:default/bob"); ok || b.EntityOf("bob") != "" {
		t.Error("somebody is known")
	}
}
