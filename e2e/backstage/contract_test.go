// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package backstage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"review-assistant/catalog"
	"review-assistant/catalog/catalogtest"
	"review-assistant/e2e/rig"
)

// TestContract holds a real Backstage to what the fake one promises.
func TestContract(t *testing.T) {
	if missing := rig.MissingBackstage(); missing != "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("in CI nothing may be left out: %s", missing)
		}
		fmt.Println("e2e: left out: the contract of the catalog:", missing)
		t.Skip(missing)
	}
	log, err := os.Create(filepath.Join("..", "..", ".cache", "backstage-contract.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	began := time.Now()
	b, err := rig.StartBackstage(t.Context(), rig.BackstageOptions{Entry: rig.Contract, Catalog: catalogtest.Entities, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Stop()
	t.Logf("backstage after %.1f s, log in %s", time.Since(began).Seconds(), log.Name())
	x := &target{Backstage: b}
	x.settle(t)
	catalogtest.Run(t, x)
}

// target lets the contract act on the real Backstage.
type target struct{ *rig.Backstage }

func (x *target) URL() string   { return x.Backstage.URL }
func (x *target) Token() string { return x.Backstage.Token }

// settle waits until Backstage has taken in what the fake was recorded with:
// files are processed after the start. What never becomes equal has drifted.
func (x *target) settle(t *testing.T) {
	t.Helper()
	fake := catalogtest.Start(x.Token())
	defer fake.Close()
	want := x.revision(t, fake.URL)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for x.revision(t, x.URL()) != want {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("this Backstage answers otherwise than the recorded one: record catalog/catalogtest/recorded.json again, and look at the difference")
		}
	}
}

// revision reads a catalog once.
func (x *target) revision(t *testing.T, url string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(x.Token()), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := catalog.OpenBackstage(catalog.Options{
		URL: url, TokenFile: file, Refresh: time.Hour, Gerrits: catalog.Gerrits{"main": {Web: "https://gerrit.example.com"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b.Revision()
}

// Move edits the file as somebody of the team would.
func (x *target) Move(t *testing.T, component, owner string) {
	t.Helper()
	body, err := os.ReadFile(x.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := bytes.Cut(body, []byte("name: "+component+"\n"))
	head, rest, found := bytes.Cut(after, []byte("owner: "))
	_, tail, end := bytes.Cut(rest, []byte(","))
	if !ok || !found || !end {
		t.Fatalf("the file has no component %s with an owner", component)
	}
	moved := fmt.Appendf(nil, "%sname: %s\n%sowner: %s,%s", before, component, head, owner, tail)
	if err := os.WriteFile(x.Catalog, moved, 0o644); err != nil {
		t.Fatal(err)
	}
}
