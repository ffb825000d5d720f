// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// Whoever is told that a configuration moved is shown the mode that it has now,
// also by a replica that neither had the event nor does the job.
func TestModeIsReadAnewWhenItMoved(t *testing.T) {
	g := gerrittest.New(t)
	g.Config("pay", "[review-assistant]\n\tmode = on\n")
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(g.Bot().Password), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	c.Gerrit = []GerritConfig{{ID: "main", URL: g.URL, Username: "review-assistant", PasswordFile: password}}
	c.Store.SQLite = filepath.Join(t.TempDir(), "store.db")
	c.Bot.ConfigAge = time.Hour
	p, err := open(t.Context(), c, slog.New(slog.DiscardHandler), noLog{})
	if err != nil {
		t.Fatal(err)
	}
	b, feed, err := p.openBoard()
	if err != nil {
		t.Fatal(err)
	}
	mode := func(want string) {
		t.Helper()
		if got, err := p.standing(t.Context(), "main", "pay"); err != nil || got.Mode != want {
			t.Errorf("mode %q, %v, want %q", got.Mode, err, want)
		}
	}
	mode("on")
	g.Config("pay", "[review-assistant]\n\tmode = shadow\n")
	mode("on")
	// The rows of another replica: here nothing works on the job.
	if _, _, err := p.bot.Accept(t.Context(), review.Event{Host: "main", Type: "ref-updated", Project: "pay", Ref: review.ConfigRef, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	stream, err := b.Subscribe(t.Context(), review.Viewer{Accounts: map[string]review.Account{"main": {ID: g.Bot().ID}}}, board.NewsQuery{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); feed.Run(ctx) }()
	if _, _, err := stream.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	mode("shadow")
	stop()
	<-ended
}
