// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// open returns a client of the fake that signs in as its bot.
func open(t testing.TB, g *gerrittest.Server, change func(*gerrit.Options)) *gerrit.Client {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(g.Bot().Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := gerrit.Options{ID: "main", URL: g.URL, Username: g.Bot().Username, PasswordFile: file}
	if change != nil {
		change(&o)
	}
	c, err := gerrit.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func id(c *gerrittest.Change) review.ChangeID {
	return review.ChangeID{Host: "main", Project: c.Project, Number: c.Number}
}

func read(t testing.TB, c *gerrit.Client, k *gerrittest.Change) review.Change {
	t.Helper()
	ch, err := c.Change(context.Background(), id(k))
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func patch(t testing.TB, c *gerrit.Client, ch review.Change, skip func(review.File) review.Skip) review.Patch {
	t.Helper()
	p, err := c.Patch(context.Background(), ch, ch.Current(), skip)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
