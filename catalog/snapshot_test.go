// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/catalog"
)

func down(w http.ResponseWriter, _ *http.Request) bool {
	http.Error(w, "down", http.StatusServiceUnavailable)
	return true
}

// What one process read, the next one knows while Backstage is down.
func TestSnapshotSurvivesRestart(t *testing.T) {
	f := newFake(t)
	c := &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	path := filepath.Join(dir, "catalog.snapshot")
	first := openKept(t, f, c, path)
	if err := first.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, _, _ := first.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
	revision := first.Revision()
	first.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || len(revision) != 16 {
		t.Fatalf("the snapshot %v, %v, revision %q", info, err, revision)
	}

	f.Before(down)
	c.add(3 * time.Hour)
	second := openKept(t, f, c, path)
	owners, note, err := second.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
	if err != nil || fmt.Sprint(owners) != fmt.Sprint(want) || !strings.HasPrefix(note, "ownership is 3 hours old: ") || second.Revision() != revision {
		t.Errorf("after the restart: %q, %q, %v, revision %q; want %q", lines(owners), note, err, second.Revision(), lines(want))
	}
	f.Before(nil)
	if err := second.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, note, _ := second.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"}); note != "" || second.Revision() != revision {
		t.Errorf("after recovery: note %q, revision %q", note, second.Revision())
	}
	second.Close()

	// A read that finds nothing new makes the file young again.
	f.Before(down)
	c.add(time.Hour)
	third := openKept(t, f, c, path)
	if _, note, _ := third.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"}); !strings.HasPrefix(note, "ownership is 60 minutes old: ") {
		t.Errorf("after a read without news: %q", note)
	}
	third.Close()
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files are left behind: %q", left)
	}

	c.add(40 * 24 * time.Hour)
	fourth := openKept(t, f, c, path)
	if owners, note, _ := fourth.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"}); owners != nil || !strings.Contains(note, "is 40 days old and not used") {
		t.Errorf("much later: %q, %q", lines(owners), note)
	}
}

// The file holds what ownership needs, and no other annotations.
func TestSnapshotHoldsLittle(t *testing.T) {
	f := newFake(t)
	f.Edit(func(list []map[string]any) []map[string]any {
		for _, e := range list {
			e["metadata"].(map[string]any)["annotations"].(map[string]any)["pager/token"] = "hush"
		}
		return list
	})
	path := filepath.Join(t.TempDir(), "s")
	b := openKept(t, f, &clock{now: time.Now()}, path)
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || bytes.Contains(text, []byte("hush")) || !bytes.Contains(text, []byte("shop/payments")) {
		t.Errorf("the snapshot holds %s, %v", text, err)
	}
}

func zip(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

// A file that is not ours, or not whole, names nobody.
func TestSnapshotBroken(t *testing.T) {
	const head = "review-assistant catalog 1\n"
	user := `{"kind":"User","metadata":{"name":"ann"}}` + "\n"
	whole := zip(head + strings.Repeat(user, 100))
	for name, body := range map[string]string{
		"empty": "", "text": head, "another format": zip("other\n" + user), "no entities": zip(head),
		"cut off": whole[:len(whole)-6], "bad entities": zip(head + "{}\nnull\n7\n"), "long line": zip(head + user + strings.Repeat("x", 5<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.Before(down)
			path := write(t, t.TempDir(), "s", body)
			b := openKept(t, f, &clock{now: time.Now()}, path)
			owners, note, err := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
			if err != nil || owners != nil || !strings.HasPrefix(note, "ownership is unknown: ") || !strings.Contains(note, "is no snapshot of this program") || b.Revision() != "" {
				t.Errorf("Owners = %q, %q, %v", lines(owners), note, err)
			}
			f.Before(nil)
			if err := b.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, note, _ := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"}); note != "" {
				t.Errorf("after a read: %q", note)
			}
		})
	}
}

// A place that cannot be written costs no owners.
func TestSnapshotCannotBeKept(t *testing.T) {
	b := openKept(t, newFake(t), &clock{now: time.Now()}, filepath.Join(t.TempDir(), "none", "s"))
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	owners, note, err := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
	if err != nil || len(owners) != 2 || !strings.HasPrefix(note, "the catalog's snapshot: cannot be kept: ") {
		t.Errorf("Owners = %q, %q, %v", lines(owners), note, err)
	}
}

func TestRevisionMoves(t *testing.T) {
	f := newFake(t)
	b, _ := open(t, f)
	refresh := func() string {
		t.Helper()
		if err := b.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		return b.Revision()
	}
	before := refresh()
	f.Edit(func(list []map[string]any) []map[string]any {
		slices.Reverse(list)
		return list
	})
	if now := refresh(); now != before {
		t.Errorf("another order moves the revision from %s to %s", before, now)
	}
	f.Edit(func(list []map[string]any) []map[string]any { return list[1:] })
	if now := refresh(); now == before {
		t.Errorf("the revision %s stays", now)
	}
}

// Thousands of entities come in few requests.
func TestRefreshOfManyEntities(t *testing.T) {
	const components, users = 4000, 2000
	var list []map[string]any
	for i := range components {
		list = append(list, map[string]any{
			"kind": "Component", "metadata": map[string]any{"name": fmt.Sprint("c", i), "annotations": map[string]any{"review-assistant/project": fmt.Sprint("p", i%500)}},
			"relations": []any{map[string]any{"type": "ownedBy", "targetRef": fmt.Sprint("user:default/u", i%users)}},
		})
	}
	for i := range users {
		list = append(list, map[string]any{"kind": "User", "metadata": map[string]any{"name": fmt.Sprint("u", i)}, "spec": map[string]any{"profile": map[string]any{"email": fmt.Sprintf("u%d@example.com", i)}}})
	}
	f := newFake(t)
	f.Edit(func([]map[string]any) []map[string]any { return list })
	began := make(chan struct{}, 100)
	f.Before(func(http.ResponseWriter, *http.Request) bool { began <- struct{}{}; return false })
	b, err := catalog.OpenBackstage(catalog.Options{URL: f.URL, TokenFile: write(t, t.TempDir(), "token", token), Refresh: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	<-began
	if err := b.Refresh(t.Context()); err != nil { // the one of the start is over then
		t.Fatal(err)
	}
	asked := 0
	f.Before(func(http.ResponseWriter, *http.Request) bool { asked++; return false })
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	owners, note, err := b.Owners(t.Context(), "main", "p7", "main", []string{"x"})
	if len(owners) != 8 || note != "" || err != nil || asked != (components+users)/500 {
		t.Errorf("%d owners, %q, %v after %d requests", len(owners), note, err, asked)
	}
}
