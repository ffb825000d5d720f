// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"math"
	"slices"
	"time"

	"review-assistant/review"
)

// ClusterOptions says which clusters are wanted.
type ClusterOptions struct {
	Window time.Duration // how far back; 24 hours
	Rule   Rule          // may be nil
	Limit  int           // 0 for all
}

// Cluster is one cause: the failures with one fingerprint within a window.
type Cluster struct {
	Fingerprint string
	// Also are the fingerprints of failures that come together with it each
	// time: one cause that shows in several places.
	Also     []string
	Title    string // the message of the newest
	Test     string
	Stage    review.Stage
	Category string
	Jobs     []string
	Class    Class
	Shown    Class
	Odds     Odds
	Ruling   *Ruling
	First    time.Time
	Last     time.Time
	Runs     int
	Changes  int   // that it hit within the window, the branch counting as one
	Blocked  []int // open changes that wait for it now
	// Hours is for how long they have been waiting, summed up.
	Hours    float64
	Score    float64 // what is gained by mending it, for the order
	Evidence []string
	Sample   review.BuildFailure // the newest with an excerpt
	URL      string              // the run's page of the sample
	LogURL   string
}

// maxSamples is how many failures of a cluster are weighed, the newest of each
// change.
const maxSamples = 12

// gathered is a cluster while it is put together.
type gathered struct {
	print   string
	fails   []*pastFail // within the window, by end
	cluster Cluster
	order   int
}

// Clusters returns what failed within the window, that whose repair saves most
// first.
func (h *History) Clusters(now time.Time, o ClusterOptions) []Cluster {
	h.mu.RLock()
	defer h.mu.RUnlock()
	from := now.Add(-cmp.Or(o.Window, 24*time.Hour)).Unix()
	at, _ := slices.BinarySearchFunc(h.order, from, func(r *pastRun, t int64) int { return cmp.Compare(r.ended, t+1) })
	groups := map[string]*gathered{}
	var all []*gathered
	for _, r := range h.order[at:] {
		for _, f := range r.fails {
			key := f.f.Fingerprint
			g := groups[key]
			if g == nil {
				g = &gathered{print: key}
				groups[key] = g
				all = append(all, g)
			}
			g.fails = append(g.fails, f)
		}
	}
	for _, g := range all {
		h.weigh(g, now, o.Rule)
	}
	slices.SortStableFunc(all, func(a, b *gathered) int {
		return cmp.Or(cmp.Compare(b.cluster.Score, a.cluster.Score), b.cluster.Last.Compare(a.cluster.Last), cmp.Compare(a.print, b.print))
	})
	return joined(all, o.Limit)
}

// weigh computes a cluster from its failures.
func (h *History) weigh(g *gathered, now time.Time, rule Rule) {
	c := &g.cluster
	newest := g.fails[len(g.fails)-1]
	*c = Cluster{
		Fingerprint: g.print, Title: newest.f.Message, Test: newest.f.Test, Stage: newest.f.Stage, Category: newest.f.Category,
		First: newest.run.build.Ended, Last: newest.run.build.Ended, Sample: newest.f, URL: newest.run.build.URL, LogURL: newest.run.build.LogURL,
	}
	changes := map[int]bool{}
	runs := map[*pastRun]bool{}
	since := map[int]int64{}
	var samples []*pastFail
	for i := len(g.fails) - 1; i >= 0; i-- {
		f := g.fails[i]
		number := f.run.build.Change
		if !changes[number] && len(samples) < maxSamples {
			samples = append(samples, f)
		}
		changes[number], runs[f.run] = true, true
		c.First = f.run.build.Ended
		if !slices.Contains(c.Jobs, f.run.build.Job) {
			c.Jobs = append(c.Jobs, f.run.build.Job)
		}
		if len(c.Sample.Excerpt) == 0 && len(f.f.Excerpt) > 0 {
			c.Sample, c.URL, c.LogURL = f.f, f.run.build.URL, f.run.build.LogURL
		}
		if f.run.blocks() {
			since[number] = f.run.ended
		}
	}
	slices.Sort(c.Jobs)
	c.Runs, c.Changes = len(runs), len(changes)
	for number, from := range since {
		c.Blocked = append(c.Blocked, number)
		c.Hours += max(0, now.Sub(time.Unix(from, 0)).Hours())
	}
	slices.Sort(c.Blocked)
	h.judge(c, samples, now, rule)
}

// judge classifies a cluster by the mean over some of its failures.
func (h *History) judge(c *Cluster, samples []*pastFail, now time.Time, rule Rule) {
	for i, f := range samples {
		a := h.assess(f, now, nil)
		n := float64(len(samples))
		c.Odds.Change += a.Odds.Change / n
		c.Odds.Preexisting += a.Odds.Preexisting / n
		c.Odds.Flaky += a.Odds.Flaky / n
		c.Odds.Infra += a.Odds.Infra / n
		if i == 0 {
			c.Evidence = a.Evidence
		}
	}
	class, p := c.Odds.best()
	c.Class, c.Shown = class, shown(samples[0], class, p)
	worth := c.Odds
	if ruling, is := ruled(rule, samples[0]); is {
		c.Ruling, c.Class, c.Shown = &ruling, ruling.Class, ruling.Class
		worth = certainly(ruling)
	}
	c.Score = score(worth, c.Changes)
}

// score is what mending one cause is worth: a broken branch stops everybody
// until it is mended, machines until they are replaced, chance only those whom
// it hits, and an author mends a change without being told.
func score(o Odds, changes int) float64 {
	return (3*o.Preexisting + 2*o.Infra + o.Flaky + .5*o.Change) * math.Log2(float64(1+changes))
}

// certainly is the odds of what was ruled. What is mended already is worth
// nothing.
func certainly(r Ruling) Odds {
	switch {
	case !r.Fixed.IsZero():
		return Odds{}
	case r.Class == ClassChange:
		return Odds{Change: 1}
	case r.Class == ClassPreexisting:
		return Odds{Preexisting: 1}
	case r.Class == ClassInfra:
		return Odds{Infra: 1}
	}
	return Odds{Flaky: 1}
}

// joined puts clusters that come together each time under the first of them.
func joined(all []*gathered, limit int) []Cluster {
	var out []Cluster
	for _, g := range all {
		if limit > 0 && len(out) == limit {
			break
		}
		out = append(out, g.cluster)
	}
	return out
}
