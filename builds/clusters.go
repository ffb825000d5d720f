// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"fmt"
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
	// Covers says which paths the asker is about; nil for all. A cluster counts
	// when it names such a file, hit a change that touches one, or the branch
	// without naming any.
	Covers func(path string) bool
	// Shows says builds of which changes the asker may know of; nil for all. It
	// gets a change's number, or 0, and the branch that was built, if that is
	// known. The others are as if nobody had ever told of them: they are in no
	// count and no sentence, and classes are weighed without them. Such a class
	// can differ from the one of the whole history: a break of the branch that
	// only hidden changes show is none for who does not see these.
	Shows func(change int, branch string) bool
}

// Cluster is one cause: the failures with one fingerprint within a window.
type Cluster struct {
	Fingerprint string `json:"fingerprint"`
	// Also are the fingerprints of failures that come together with it each
	// time: one cause that shows in several places.
	Also     []string     `json:"also,omitempty"`
	Title    string       `json:"title"` // the message of the newest
	Test     string       `json:"test,omitempty"`
	Stage    review.Stage `json:"stage"`
	Category string       `json:"category"`
	Jobs     []string     `json:"jobs"`
	Class    Class        `json:"class"`
	Shown    Class        `json:"shown"`
	Odds     Odds         `json:"odds"`
	Ruling   *Ruling      `json:"ruling,omitempty"`
	First    time.Time    `json:"first"`
	Last     time.Time    `json:"last"`
	Runs     int          `json:"runs"`
	Changes  int          `json:"changes"` // that it hit within the window, the branch counting as one
	Blocked  []int        `json:"blocked"` // open changes that wait for it now
	// Hours is for how long they have been waiting, summed up.
	Hours    float64             `json:"hours"`
	Score    float64             `json:"score"` // what is gained by mending it, for the order
	Evidence []string            `json:"evidence,omitempty"`
	Sample   review.BuildFailure `json:"sample"`        // the newest with an excerpt
	URL      string              `json:"url,omitempty"` // the run's page of the sample
	LogURL   string              `json:"log_url,omitempty"`
}

// maxSamples is how many failures of a cluster are weighed, the newest of each
// change.
const maxSamples = 8

// gathered is a cluster while it is put together.
type gathered struct {
	print   string
	fails   []*pastFail // within the window, by end
	cluster Cluster
}

// Clusters returns what failed within the window, that whose repair saves most
// first.
func (h *History) Clusters(now time.Time, o ClusterOptions) []Cluster {
	h.mu.RLock()
	defer h.mu.RUnlock()
	groups := map[string]*gathered{}
	var all []*gathered
	for _, r := range h.since(now.Add(-cmp.Or(o.Window, 24*time.Hour))) {
		if !lets(o.Shows, r) {
			continue
		}
		for _, f := range r.fails {
			key := f.f.Fingerprint
			if key == "" {
				continue // every failure that was cleaned has one
			}
			g := groups[key]
			if g == nil {
				g = &gathered{print: key}
				groups[key] = g
				all = append(all, g)
			}
			g.fails = append(g.fails, f)
		}
	}
	if o.Covers != nil {
		all = slices.DeleteFunc(all, func(g *gathered) bool {
			return !slices.ContainsFunc(g.fails, func(f *pastFail) bool { return f.concerns(o.Covers) })
		})
	}
	for _, g := range all {
		h.weigh(g, now, o)
	}
	slices.SortStableFunc(all, func(a, b *gathered) int {
		return cmp.Or(cmp.Compare(b.cluster.Score, a.cluster.Score), b.cluster.Last.Compare(a.cluster.Last), cmp.Compare(a.print, b.print))
	})
	return h.joined(all, o.Limit)
}

// since returns the runs that ended after a time.
func (h *History) since(t time.Time) []*pastRun {
	at, _ := slices.BinarySearchFunc(h.order, t.Unix(), func(r *pastRun, t int64) int { return cmp.Compare(r.ended, t+1) })
	return h.order[at:]
}

// Changes returns the numbers of the changes with builds within a window.
func (h *History) Changes(now time.Time, window time.Duration) []int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var out []int
	for _, r := range h.since(now.Add(-window)) {
		if r.patch != nil {
			out = append(out, r.patch.change.number)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (f *pastFail) concerns(covers func(string) bool) bool {
	switch {
	case f.f.File != "" && covers(f.f.File):
		return true
	case f.run.patch == nil:
		return f.f.File == ""
	}
	return slices.ContainsFunc(f.run.patch.touch.folders, covers)
}

// weigh computes a cluster from its failures.
func (h *History) weigh(g *gathered, now time.Time, o ClusterOptions) {
	c := &g.cluster
	newest := g.fails[len(g.fails)-1]
	*c = Cluster{
		Fingerprint: g.print, Title: newest.f.Message, Test: newest.f.Test, Stage: newest.f.Stage, Category: newest.f.Category,
		First: newest.run.build.Ended, Last: newest.run.build.Ended, Sample: newest.f, URL: newest.run.build.URL, LogURL: newest.run.build.LogURL,
	}
	changes := map[int]bool{}
	runs := map[*pastRun]bool{}
	since := map[int]int64{} // when it began to block a change
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
		if _, waits := since[number]; f.run.blocks() || waits && f.run.patch.latest() {
			since[number] = f.run.ended
		}
	}
	slices.Sort(c.Jobs)
	c.Runs, c.Changes = len(runs), len(changes)
	for number, from := range since {
		c.Blocked = append(c.Blocked, number)
		c.Hours += max(0, now.Sub(time.Unix(from, 0)).Hours())
	}
	if slices.Sort(c.Blocked); c.Blocked == nil {
		c.Blocked = []int{}
	}
	c.Evidence = g.facts(now)
	h.judge(c, samples, now, o)
}

// facts words what was counted for a cluster.
func (g *gathered) facts(now time.Time) []string {
	c := g.cluster
	out := []string{fmt.Sprintf("%s on %s since %s", countOf(c.Runs, "run"), countOf(c.Changes, "change"), when(c.First.Unix(), now))}
	i := slices.IndexFunc(g.fails, func(f *pastFail) bool { return f.run.patch == nil })
	if i >= 0 {
		out[0] = fmt.Sprintf("fails on %s since %s", cmp.Or(brief(g.fails[i].run.build.Branch), "the branch"), when(g.fails[i].run.ended, now))
		if c.Changes > 1 {
			out[0] += ", and on " + countOf(c.Changes-1, "change")
		}
	}
	if len(c.Blocked) > 0 {
		out = append(out, waits(len(c.Blocked))+" for it"+together(c.Hours))
	}
	return out
}

// together words a sum of hours, and nothing that would be rounded to none.
func together(hours float64) string {
	switch minutes := int(math.Round(hours * 60)); {
	case minutes < 1:
		return ""
	case minutes < 60:
		return fmt.Sprintf(", %s together", countOf(minutes, "minute"))
	}
	return fmt.Sprintf(", %.1f hours together", hours)
}

func waits(n int) string {
	if n == 1 {
		return "1 open change waits"
	}
	return countOf(n, "open change") + " wait"
}

// judge classifies a cluster by the mean over some of its failures,
// without those that say nothing.
func (h *History) judge(c *Cluster, samples []*pastFail, now time.Time, by ClusterOptions) {
	newest := samples[0]
	samples = slices.DeleteFunc(samples, (*pastFail).unexplained)
	var first *sight
	for i, f := range samples {
		s := h.look(f, now, by.Shows)
		found := s.found()
		o, n := odds(h.table, found), float64(len(samples))
		c.Odds.Change += o.Change / n
		c.Odds.Preexisting += o.Preexisting / n
		c.Odds.Flaky += o.Flaky / n
		c.Odds.Infra += o.Infra / n
		if i == 0 {
			first = s
			class, p := o.best()
			c.Evidence = append(c.Evidence, s.told(h.table, found, class, p, ofOneChange())...)
			c.Evidence = c.Evidence[:min(len(c.Evidence), maxEvidence)]
		}
	}
	if first != nil {
		class, p := c.Odds.best()
		c.Class, c.Shown = class, first.shown(class, p)
	} else {
		c.Odds, c.Class, c.Shown, _ = newest.byResult()
	}
	worth := c.Odds
	if ruling, is := ruled(by.Rule, newest); is {
		c.Ruling, c.Class, c.Shown = &ruling, ruling.Class, ruling.Class
		worth = certainly(ruling)
	}
	c.Score = score(worth, c.Changes, c.Hours)
}

// hoursWeight is how much a doubling of the hours for which changes have been
// waiting adds. Small: who waits now matters less than what will be hit again.
const hoursWeight = .1

// score is what mending one cause is worth, for the order: by the class, since a
// broken branch stops everybody until it is mended, machines until they are
// replaced, chance only those whom it hits, and an author mends a change without
// being told; by the changes that it hit, each doubling the same; and by the
// hours for which changes have been waiting.
func score(o Odds, changes int, hours float64) float64 {
	return (3*o.Preexisting + 2*o.Infra + o.Flaky + .5*o.Change) * math.Log2(float64(1+changes)) * (1 + hoursWeight*math.Log2(1+hours))
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

// company is what clusters of one cause have in common.
type company struct {
	stage review.Stage
	runs  uint64 // the sum of hashes of the runs
	n     int
	title string // "" where the runs alone say it
}

// company tells with which clusters this one belongs together: those that were
// in just the same runs, and either say the same, or were seen together often
// enough that it is no chance.
func (g *gathered) company(h *History) company {
	c := company{stage: g.cluster.Stage, n: g.cluster.Runs}
	var last *pastRun
	for _, f := range g.fails { // by end, so that those of a run follow each other
		if f.run != last {
			last = f.run
			c.runs += h.hash(f.run.build.Key)
		}
	}
	if g.cluster.Runs < 3 || g.cluster.Changes < 2 {
		c.title = g.cluster.Title
	}
	return c
}

// joined puts clusters that come together each time under the first of them.
func (h *History) joined(all []*gathered, limit int) []Cluster {
	var out []Cluster
	lead := map[company]int{}
	for _, g := range all {
		with := g.company(h)
		if i, is := lead[with]; is {
			out[i].Also = append(out[i].Also, g.print)
			continue
		}
		lead[with] = len(out)
		out = append(out, g.cluster)
	}
	if limit > 0 && len(out) > limit {
		out = slices.Clip(out[:limit])
	}
	return out
}
