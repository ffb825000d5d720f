// SPDX-License-Identifier: Apache-2.0

package catalog_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/catalog"
	"review-assistant/review"
)

// lineLog returns a log and what it holds, without times, since the last call.
func lineLog() (*slog.Logger, func() string) {
	var b bytes.Buffer
	h := slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	return slog.New(h), func() string { defer b.Reset(); return b.String() }
}

// A token that lost its rights sees an empty catalog. What was read before
// counts on, over a restart too.
func TestBackstageShowsNothingAnyMore(t *testing.T) {
	f := newFake(t)
	c := &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "s")
	// Whoever refreshes then waits for the background's first read.
	began := make(chan bool)
	tell := sync.OnceFunc(func() { close(began) })
	f.Before(func(http.ResponseWriter, *http.Request) bool { tell(); return false })
	first := openKept(t, f, c, path)
	<-began
	if err := first.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	empty := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"items":[],"pageInfo":{}}`)
		return true
	}
	f.Before(empty)
	c.add(12 * time.Second)
	const why = "backstage shows no entity to this token now; check the token's permissions"
	if err := first.Refresh(t.Context()); err == nil || err.Error() != why {
		t.Errorf("Refresh = %v", err)
	}
	f.Before(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Query().Get("filter"), "kind=user") {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"items":[],"pageInfo":{}}`)
		return true
	})
	if err := first.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "backstage shows no user to this token now") {
		t.Errorf("without users: Refresh = %v", err)
	}
	f.Before(empty)
	_ = first.Refresh(t.Context())
	check := func(b *catalog.Backstage, want string) {
		t.Helper()
		owners, note, err := b.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"})
		if err != nil || len(owners) != 2 || note != want {
			t.Errorf("Owners = %q, %q, %v; want note %q", lines(owners), note, err, want)
		}
	}
	check(first, "ownership is less than a minute old: "+why)
	first.Close()
	c.add(3 * time.Hour)
	second := openKept(t, f, c, path)
	check(second, "ownership is 3 hours old: "+why)
	second.Close()

	fresh := openKept(t, f, c, "")
	if owners, note, err := fresh.Owners(t.Context(), "main", "shop/payments", "main", []string{"x"}); err != nil || owners != nil || !strings.Contains(note, "shows no entity to this token") {
		t.Errorf("Owners = %q, %q, %v", lines(owners), note, err)
	}
}

func TestFilesLog(t *testing.T) {
	log, said := lineLog()
	c := &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	path := write(t, dir, "c.yaml", "kind: User\nmetadata: {name: ann}\n")
	f, err := catalog.OpenFiles(catalog.FileOptions{Patterns: []string{path}, Now: c.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, body := range []string{"kind: [", "kind: [[", "kind: User\nmetadata: {name: bob}\n"} {
		write(t, dir, "c.yaml", body)
		c.add(6 * time.Second)
		_, _, _ = f.Owners(t.Context(), "main", "p", "main", []string{"x"})
		got = append(got, strings.ReplaceAll(said(), path, "c.yaml"))
	}
	want := []string{
		`level=WARN msg="the catalog files cannot be read" error="c.yaml:1: sequence end token ']' not found" last_read=2026-03-01T09:00:00Z` + "\n",
		"",
		`level=INFO msg="the catalog files can be read again" last_read=2026-03-01T09:00:18Z` + "\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// The log names no address, whatever the file holds.
func TestPeopleFileLog(t *testing.T) {
	log, said := lineLog()
	c := &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	path := write(t, dir, "p.yaml", "opted_out: [ann]\n")
	f, err := catalog.OpenPeopleFile(path, c.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	look := func() string {
		c.add(6 * time.Second)
		f.OptedOut(review.Account{ID: 1})
		return strings.ReplaceAll(said(), path, "p.yaml")
	}
	got := []string{look()}
	write(t, dir, "p.yaml", "same: [[Jane@example.com, b], [jane@example.com, c]]\n")
	got = append(got, look(), look())
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	got = append(got, look())
	write(t, dir, "p.yaml", "")
	got = append(got, look(), look())
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	got = append(got, look())
	want := []string{
		"",
		`level=WARN msg="the people file cannot be read; what it said before counts" error="p.yaml:1: \"ADDRESS\" is in two lists of same; put them together"` + "\n",
		"", "",
		`level=INFO msg="the people file can be read again"` + "\n",
		"",
		`level=WARN msg="the people file cannot be read; what it said before counts" error="stat p.yaml: no such file or directory"` + "\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
