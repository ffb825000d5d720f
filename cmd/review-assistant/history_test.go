// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"review-assistant/bot"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/gitlog"
	"review-assistant/review"
)

// A change counts once, whether Gerrit tells of it, a sweep finds it or a
// clone has it.
func TestHistoryCountsOnce(t *testing.T) {
	g := gerrittest.New(t)
	g.Config("infra/dns", "[review-assistant]\n\tmode = on\n")
	for i := range 3 {
		k := g.Push(gerrittest.Push{Project: "infra/dns", Owner: "ann", Message: fmt.Sprint("dns: step ", i), Files: gerrittest.Files{"dns/a.go": strings.Repeat("a\n", i+1)}})
		k.Vote("bob", "Code-Review", 2, "")
		k.Submit()
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(g.Bot().Password), 0o600); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	c.Gerrit = []GerritConfig{{ID: "main", URL: g.URL, Username: "review-assistant", PasswordFile: password}}
	c.Store.SQLite = filepath.Join(t.TempDir(), "store.db")
	c.Bot.Debounce = 0
	log := &heard{line: make(chan struct{}, 1)}
	p, err := open(t.Context(), c, slog.New(slog.NewTextHandler(log, nil)), noLog{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); p.bot.Run(ctx, 0) }()
	if ok, why, err := p.bot.Accept(ctx, review.Event{Host: "main", Type: "change-merged", Project: "infra/dns", Number: 1, PatchSet: 1}); !ok || err != nil {
		t.Fatalf("Accept() = %v, %q, %v", ok, why, err)
	}
	log.wait(t, "history of a project is read")
	stop()
	<-ended

	rows := func(want int) {
		t.Helper()
		list, err := p.bot.Histories(t.Context(), "main", nil)
		if err != nil || len(list) != 1 || list[0].Project != "infra/dns" || list[0].Rows != want || list[0].State.Old != nil {
			t.Errorf("Histories() = %+v, %v; want %d rows", list, err, want)
		}
	}
	rows(3)
	page, err := p.gerrits["main"].Closed(t.Context(), review.ClosedQuery{Project: "infra/dns", Limit: 10})
	if err != nil || len(page.Changes) != 3 {
		t.Fatalf("Closed() = %+v, %v", page, err)
	}
	var stream strings.Builder
	for i, key := range []string{page.Changes[0].ChangeKey, page.Changes[1].ChangeKey, "I" + strings.Repeat("0", 40)} {
		m := fmt.Sprintf("dns: step %d\n\nChange-Id: %s\nReviewed-by: Bob <%s>\n", i, key, g.Person("bob").Email)
		at := page.Changes[0].Created.Unix() + int64(i)
		fmt.Fprintf(&stream, "commit refs/heads/main\nauthor Ann <%s> %d +0000\ncommitter Ann <ann@x> %d +0000\ndata %d\n%s\nM 100644 inline dns/a.go\ndata 1\n%d\n\n", g.Person("ann").Email, at, at, len(m), m, i)
	}
	dir := t.TempDir()
	for _, args := range [][]string{{"init", "--quiet", "--initial-branch=main", dir}, {"-C", dir, "fast-import", "--quiet"}} {
		cmd := exec.Command("git", args...)
		cmd.Stdin = strings.NewReader(stream.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	clone := gitlog.Read(t.Context(), gitlog.Options{Dir: dir, Project: "infra/dns", Since: p.bot.HistorySince()})
	done, err := p.bot.Import(t.Context(), "main", "infra/dns", clone, bot.ImportOptions{})
	if want := (bot.Imported{Read: 3, Added: 1, People: 2}); done != want || err != nil {
		t.Errorf("Import() = %+v, %v; want %+v", done, err, want)
	}
	rows(4)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
