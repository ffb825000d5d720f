// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"review-assistant/bot"
	"review-assistant/gitlog"
	"review-assistant/store"
)

// BenchmarkHistoryImport reads 60,000 reviewed commits of 300 people on 5,000
// files into a new store. Run it once: -bench HistoryImport -benchtime 1x.
func BenchmarkHistoryImport(b *testing.B) {
	const commits = 60_000
	dir := b.TempDir()
	for _, args := range [][]string{{"init", "--quiet", "--initial-branch=main", dir}, {"-C", dir, "fast-import", "--quiet"}} {
		cmd := exec.Command("git", args...)
		in, out := io.Pipe()
		cmd.Stdin = in
		go func() { writeCommits(out, commits); out.Close() }()
		if msg, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %v\n%s", args, err, msg)
		}
		in.Close()
	}
	for b.Loop() {
		st, err := store.OpenSQLite(b.Context(), filepath.Join(b.TempDir(), "store.db"), store.SQLiteOptions{})
		if err != nil {
			b.Fatal(err)
		}
		d := bot.Deps{Hosts: map[string]bot.Host{"main": {}}, Jobs: st, Records: st, Texts: st, Settings: st, Logs: st, Audit: noLog{}}
		r, err := bot.New(bot.Options{}, d)
		if err != nil {
			b.Fatal(err)
		}
		peak := uint64(0)
		log := gitlog.Read(context.Background(), gitlog.Options{Dir: dir, Project: "big", Branch: "main"})
		done, err := r.Import(b.Context(), "main", "big", log, bot.ImportOptions{Offline: true, Progress: func(bot.Imported) {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
		}})
		if err != nil || done.Added != commits {
			b.Fatalf("Import() = %+v, %v", done, err)
		}
		b.ReportMetric(float64(peak)/(1<<20), "heap-MB")
		if err := st.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*commits)/b.Elapsed().Seconds(), "commits/s")
}

// writeCommits writes a stream for git fast-import.
func writeCommits(to io.Writer, n int) {
	w := bufio.NewWriter(to)
	defer w.Flush()
	rnd := rand.New(rand.NewPCG(1, 2))
	start := time.Now().Add(-2 * 365 * 24 * time.Hour).Unix()
	for i := range n {
		at := start + int64(i)*900
		author := rnd.IntN(300)
		var m strings.Builder
		fmt.Fprintf(&m, "area%d: step %d of something\n\nWhy it is done, in a sentence or two.\n\nChange-Id: I%040x\nReviewed-by: Person %d <p%d@example.com>\n", rnd.IntN(40), i, i, (author+1)%300, (author+1)%300)
		if rnd.IntN(3) == 0 {
			fmt.Fprintf(&m, "Reviewed-by: Person %d <p%d@example.com>\n", (author+7)%300, (author+7)%300)
		}
		fmt.Fprintf(w, "commit refs/heads/main\nauthor Person %d <p%d@example.com> %d +0000\ncommitter Person %d <p%d@example.com> %d +0000\ndata %d\n%s\n", author, author, at, author, author, at, m.Len(), m.String())
		for range 1 + rnd.IntN(5) {
			f := rnd.IntN(5000)
			body := fmt.Sprint(i, " ", f)
			fmt.Fprintf(w, "M 100644 inline src/area%d/module%d/file%d.go\ndata %d\n%s\n", f%40, f%200, f, len(body), body)
		}
		fmt.Fprintln(w)
	}
}
