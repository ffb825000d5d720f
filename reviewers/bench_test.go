// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// largeHistory calls f with n reviewed changes of the last ten years by 600
// people in 40 projects: as in large Gerrits, few people, directories and
// files see most of the work, most changes are small, and new files come all
// the time.
func largeHistory(n int, f func(review.Past)) {
	r := rand.New(rand.NewPCG(1, 2))
	skewed := func(n int) int { return int(float64(n) * math.Pow(r.Float64(), 3)) }
	for i := range n {
		project := skewed(40)
		home := skewed(300)
		p := review.Past{
			Project: fmt.Sprintf("team/project-%d", project), Branch: "main", Key: fmt.Sprint(i),
			Author: account(int64(1 + (home*7+skewed(60))%600)), Created: now.Add(-time.Duration(n-i) * (3650 * 24 * time.Hour / time.Duration(n))),
			Subject: fmt.Sprintf("area%d: change word%d and word%d of word%d", home, skewed(4000), skewed(4000), i/4),
		}
		p.Closed = p.Created.Add(time.Duration(r.ExpFloat64() * float64(72*time.Hour)))
		for range min(100, 1+int(r.ExpFloat64()*r.ExpFloat64()*4)) {
			dir := (home + skewed(5)) % 300
			p.Files = append(p.Files, fmt.Sprintf("src/lib%d/part%d/unit%d/file_%d.go", dir%20, dir, skewed(6), skewed(20+i/500)))
		}
		for range 1 + skewed(4) {
			p.Reviewers = append(p.Reviewers, account(int64(1+(home*7+3+skewed(40))%600)))
		}
		f(p)
	}
}

// BenchmarkSixtyThousand reports what a history of 60,000 reviews takes: MB of
// memory, changes learnt in a second, recommendations in a second.
func BenchmarkSixtyThousand(b *testing.B) {
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	before := heap()
	h := reviewers.NewHistory()
	start := time.Now()
	const changes = 60_000
	var asked []reviewers.Input
	largeHistory(changes, func(p review.Past) {
		h.Learn(p)
		if len(asked) < 1000 && len(p.Files)%2 == 1 {
			asked = append(asked, reviewers.Input{Project: p.Project, Author: p.Author, Files: p.Files, Subject: p.Subject, History: h, Max: 2, Now: now})
		}
	})
	learnt := changes / time.Since(start).Seconds()
	used := heap() - before
	b.ResetTimer()
	n := 0
	for b.Loop() {
		reviewers.Recommend(asked[n%len(asked)])
		n++
	}
	b.ReportMetric(used, "MB")
	b.ReportMetric(learnt, "learnt/s")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rec/s")
}
