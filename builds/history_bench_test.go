// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
)

// month is a busy project: 20,000 runs in thirty days, one in six of them bad,
// some with many failures.
func month() []review.Build {
	r := rand.New(rand.NewPCG(1, 2))
	var out []review.Build
	for i := range 20_000 {
		change := 1 + i/10
		ended := noon.Add(-time.Duration(20_000-i) * 129 * time.Second)
		b := review.Build{
			Key: fmt.Sprintf("zuul/%024x", i), Host: "ci", Project: "pay", Branch: "main", Change: change, PatchSet: 1 + i/5%2, Job: fmt.Sprintf("job-%d", i%5), Result: review.BuildPassed,
			URL: fmt.Sprintf("https://ci.example.org/t/build/%d", i), LogURL: fmt.Sprintf("https://logs.example.org/%d/", i), Node: fmt.Sprintf("node-%d", r.IntN(40)),
			Base: ended.Add(-time.Duration(r.IntN(300)) * time.Minute), Ended: ended, TestsRan: true, Owner: int64(change % 50),
		}
		for n := range 1 + r.IntN(20) {
			b.Files = append(b.Files, fmt.Sprintf("src/m%d/p%d/f%d.go", r.IntN(40), n%4, n))
		}
		if r.IntN(6) == 0 {
			b.Result = review.BuildFailed
			n := 1 + r.IntN(3)
			if r.IntN(50) == 0 {
				n = 150
			}
			for range n {
				k := r.IntN(3000)
				f := testFails(fmt.Sprintf("src.m%d.p%d.Test%d", k%40, k%4, k), fmt.Sprintf("got %d, want %d", k, r.IntN(3)))
				for l := range 12 {
					f.Excerpt = append(f.Excerpt, review.BuildLine{Number: l + 1, Text: fmt.Sprintf("%d: %d a line of some eighty characters, as in many a log of a test that has failed", l, i)})
				}
				b.Failures = append(b.Failures, f)
			}
		}
		out = append(out, b)
	}
	return out
}

func filled(list []review.Build) *History {
	h := NewHistory(HistoryOptions{})
	for _, b := range list {
		h.Add(b)
	}
	return h
}

func BenchmarkMonthAdd(b *testing.B) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	h := filled(month())
	kept := heap() - before
	list := month()
	for b.Loop() {
		h = filled(list)
	}
	b.ReportMetric(float64(kept)/(1<<20), "MiB")
	b.ReportMetric(float64(h.failures), "failures")
	b.ReportMetric(float64(len(list))*float64(b.N)/b.Elapsed().Seconds(), "builds/s")
}

// BenchmarkFull is a history at its bounds: long texts, all of them different.
func BenchmarkFull(b *testing.B) {
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		h := NewHistory(HistoryOptions{})
		for i := range 20_000 {
			x := review.Build{Key: fmt.Sprint(i), Job: "unit", Change: 1 + i, PatchSet: 1, Result: review.BuildFailed, Ended: noon.Add(time.Duration(i) * time.Minute)}
			for j := range 6 {
				text := fmt.Sprintf("%d %d ", i, j) + strings.Repeat("x", 280)
				f := review.BuildFailure{Stage: review.StageTest, Test: text, File: text, Message: text, Fingerprint: fmt.Sprint(i, j)}
				f.Excerpt = []review.BuildLine{{Text: text}, {Text: text}, {Text: text}}
				x.Failures = append(x.Failures, f)
			}
			for j := range maxChangeFiles {
				x.Files = append(x.Files, fmt.Sprintf("d%d/e%d/f%d.go", i, j, j))
			}
			h.Add(x)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		b.ReportMetric(float64(h.Len()), "builds")
		b.ReportMetric(float64(h.failures), "failures")
	}
}

func BenchmarkMonthAssess(b *testing.B) {
	list := month()
	h := filled(list)
	var bad []review.Build
	for _, x := range list[15_000:] {
		if len(x.Failures) > 0 && len(x.Failures) < 4 {
			bad = append(bad, x)
		}
	}
	i := 0
	for b.Loop() {
		x := bad[i%len(bad)]
		i++
		h.Assess(x.Change, x.PatchSet, noon, nil)
	}
}

// BenchmarkMonthAssessMany is a run with 150 failures.
func BenchmarkMonthAssessMany(b *testing.B) {
	list := month()
	h := filled(list)
	var worst review.Build
	for _, x := range list {
		if len(x.Failures) > 100 {
			worst = x
		}
	}
	for b.Loop() {
		h.Assess(worst.Change, worst.PatchSet, noon, nil)
	}
}

// BenchmarkAssessRuns is a patch set of which a client tells too much.
func BenchmarkAssessRuns(b *testing.B) {
	for _, n := range []int{50, 200, 400} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newStory()
			for i := range n {
				var fails []review.BuildFailure
				for j := range 100 {
					fails = append(fails, failure(review.StageTest, fmt.Sprintf("core.Test%d", j), "", fmt.Sprint("timed out ", i%7)))
				}
				s.run(fmt.Sprint("job", i%10), mine, 1, clock(1, i), fails...)
			}
			for b.Loop() {
				s.h.Assess(mine, 1, noon, nil)
			}
		})
	}
}

func BenchmarkMonthClusters(b *testing.B) {
	h := filled(month())
	for _, w := range []time.Duration{6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
		b.Run(w.String(), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = len(h.Clusters(noon, ClusterOptions{Window: w}))
			}
			b.ReportMetric(float64(n), "clusters")
		})
	}
}

// BenchmarkMonthAllBroken is a branch on which everything fails everywhere.
func BenchmarkMonthAllBroken(b *testing.B) {
	list := month()
	var fails []review.BuildFailure
	for i := range MaxFailures {
		fails = append(fails, testFails(fmt.Sprintf("src.m%d.Test%d", i, i), "cannot start"))
	}
	for i := range list[19_700:] {
		list[19_700+i].Failures, list[19_700+i].Result = fails, review.BuildFailed
	}
	h := filled(list)
	last := list[len(list)-1]
	b.Run("assess", func(b *testing.B) {
		for b.Loop() {
			h.Assess(last.Change, last.PatchSet, noon, nil)
		}
	})
	b.Run("clusters", func(b *testing.B) {
		for b.Loop() {
			h.Clusters(noon, ClusterOptions{Window: 6 * time.Hour})
		}
	})
}

func BenchmarkEval(b *testing.B) {
	in, err := os.ReadFile("testdata/eval/session.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := Eval(b.Context(), bytes.NewReader(in), &bytes.Buffer{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(bytes.Count(in, []byte("\n")))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
