// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"review-assistant/review"
)

// BenchmarkEnqueue is one durable hint at a time.
func BenchmarkEnqueue(b *testing.B) {
	for _, e := range engines(b) {
		b.Run(e.name, func(b *testing.B) {
			f := e.open(b)
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				f.enqueue(b, key("bench", len(took)+1), review.Hint{Delay: time.Hour})
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// BenchmarkCycle is enqueue, lease, record and finish by 16 workers.
func BenchmarkCycle(b *testing.B) {
	for _, e := range engines(b) {
		b.Run(e.name, func(b *testing.B) {
			f := e.open(b)
			var n atomic.Int64
			b.SetParallelism(8) // times GOMAXPROCS
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := int(n.Add(1))
					f.enqueue(b, key("bench", i), review.Hint{})
					j, ok, err := f.Lease(b.Context(), ttl)
					if err != nil || !ok {
						b.Errorf("Lease() = %v, %v", ok, err)
						return
					}
					id, err := j.Key.Change()
					if err != nil {
						b.Error(err)
						return
					}
					if err := f.Record(b.Context(), outcome(id, 1, review.VerdictPosted), summary(id, 1, "what changes")); err != nil {
						b.Error(err)
						return
					}
					if _, err := f.Finish(b.Context(), j); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cycles/s")
		})
	}
}

// BenchmarkAppend is what an import does: rows of half a kilobyte, many at once.
func BenchmarkAppend(b *testing.B) {
	for _, e := range engines(b) {
		b.Run(e.name, func(b *testing.B) {
			f := e.open(b)
			data := make([]byte, 500)
			n := 0
			for b.Loop() {
				rows := make([]review.Row, stepRows)
				for i := range rows {
					rows[i] = review.Row{Key: fmt.Sprintf("infra/dns~main~I%040d", n), At: longAgo.Add(time.Duration(n) * time.Minute), Data: data}
					n++
				}
				f.adds(b, "bench", len(rows), rows...)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkKept is a page of a list: a hundred changes, each with four outcomes
// and two summaries of four kilobytes.
func BenchmarkKept(b *testing.B) {
	for _, e := range engines(b) {
		b.Run(e.name, func(b *testing.B) {
			f := e.open(b)
			var ids []review.ChangeID
			for n := range 100 {
				id := review.ChangeID{Host: "main", Project: "infra/dns", Number: n + 1}
				ids = append(ids, id)
				for patchSet := range 4 {
					var s *review.Summary
					if patchSet > 1 {
						s = summary(id, patchSet+1, strings.Repeat("what changes ", 300))
					}
					f.record(b, outcome(id, patchSet+1, review.VerdictPosted), s)
				}
			}
			for b.Loop() {
				if got, err := f.Kept(b.Context(), ids); err != nil || len(got) != len(ids) {
					b.Fatalf("Kept() has %d changes, %v", len(got), err)
				}
			}
		})
	}
}
