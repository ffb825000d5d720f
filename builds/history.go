// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"review-assistant/review"
)

// HistoryOptions bounds what a [History] remembers. Zero means the default.
type HistoryOptions struct {
	Age      time.Duration // how long a build counts; 30 days
	Builds   int           // 20,000
	Failures int           // of all builds together; 100,000
	Texts    int           // bytes of names, messages and addresses, each as often as it comes; 64 MiB
	Excerpts int           // bytes of excerpts, which go before their builds; 32 MiB
	// Now refuses builds from the future, which would push out all others; nil
	// for a replay, whose newest build is the present.
	Now func() time.Time
}

const (
	maxChangeFiles = 200
	maxPatchSets   = 30 // of a change; older ones go first
	// maxAhead is how far the clock of a CI may be ahead of ours.
	maxAhead = time.Hour
)

// History is what CI said of one project in the last weeks, kept so that a
// failure can be compared with what happened near it. It may be used by several
// goroutines. The same builds give the same answers in whatever order they came.
type History struct {
	o    HistoryOptions
	seed maphash.Seed

	mu       sync.RWMutex
	runs     map[string]*pastRun // by key
	order    []*pastRun          // by end
	jobs     map[jobName]*jobRuns
	nodes    map[string][]*pastRun // by end
	tests    map[string]*strand
	prints   map[string]*strand // by fingerprint
	texts    map[uint64]*strand // by stage, test or file, and message
	changes  map[int]*knownChange
	merges   []*knownChange             // by time
	suites   map[string]map[uint64]bool // hashes of the tests of a job
	dirs     map[string]int             // how many patch sets touch it, by tail
	files    int                        // of all patch sets
	failures int
	size     int // bytes of texts
	excerpts int // bytes
	table    []weight
	bare     int // builds of order, from the oldest on, whose excerpts are gone
}

// NewHistory returns an empty one.
func NewHistory(o HistoryOptions) *History {
	o.Age, o.Builds = cmp.Or(o.Age, 30*24*time.Hour), cmp.Or(o.Builds, 20_000)
	o.Failures, o.Texts, o.Excerpts = cmp.Or(o.Failures, 100_000), cmp.Or(o.Texts, 64<<20), cmp.Or(o.Excerpts, 32<<20)
	return &History{
		o: o, seed: maphash.MakeSeed(), runs: map[string]*pastRun{}, jobs: map[jobName]*jobRuns{}, nodes: map[string][]*pastRun{},
		tests: map[string]*strand{}, prints: map[string]*strand{}, texts: map[uint64]*strand{}, changes: map[int]*knownChange{},
		dirs: map[string]int{}, suites: map[string]map[uint64]bool{}, table: weights(),
	}
}

// Len returns how many builds are remembered.
func (h *History) Len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.runs)
}

// Add remembers a build. One with the key of another replaces it, and keeps of
// it what it does not say itself: failures are often read after the result. It
// reports whether the build is remembered now; one without key, job or time, or
// from the future, is not.
func (h *History) Add(b review.Build) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if b.Key == "" || len(b.Key) > 4*maxName || b.Job == "" || b.Change < 0 || b.PatchSet < 0 {
		return false
	}
	if b.Ended.IsZero() {
		b.Ended = b.Started
	}
	if b.Ended.IsZero() || h.o.Now != nil && b.Ended.After(h.o.Now().Add(maxAhead)) {
		return false
	}
	if old := h.runs[b.Key]; old != nil {
		b = completed(old, b)
		h.remove(old)
	}
	if b.Result != review.BuildPassed && !b.Result.Bad() {
		return false // stopped or not run: says nothing
	}
	h.insert(b)
	h.evict()
	return h.runs[b.Key] != nil
}

// build returns a remembered build with its failures, nil for none.
func (h *History) build(key string) *review.Build {
	h.mu.RLock()
	defer h.mu.RUnlock()
	r := h.runs[key]
	if r == nil {
		return nil
	}
	b := r.build
	for _, f := range r.fails {
		b.Failures = append(b.Failures, f.f)
	}
	return &b
}

// completed is b with what an earlier report said and b does not.
func completed(old *pastRun, b review.Build) review.Build {
	o := old.build
	b.Branch, b.Pipeline, b.Node = cmp.Or(b.Branch, o.Branch), cmp.Or(b.Pipeline, o.Pipeline), cmp.Or(b.Node, o.Node)
	b.URL, b.LogURL, b.Topic, b.Owner = cmp.Or(b.URL, o.URL), cmp.Or(b.LogURL, o.LogURL), cmp.Or(b.Topic, o.Topic), cmp.Or(b.Owner, o.Owner)
	if b.Base.IsZero() {
		b.Base = o.Base
	}
	if b.Started.IsZero() {
		b.Started = o.Started
	}
	// One that is stopped did not end its tests, and of those that are dropped
	// nobody knows which they are.
	whole := b.Dropped == 0 && b.Result == o.Result && (b.Result == review.BuildPassed || b.Result == review.BuildFailed)
	b.TestsRan = b.TestsRan || o.TestsRan && whole
	if len(b.Failures) == 0 && b.Result != review.BuildPassed {
		for _, f := range old.fails {
			b.Failures = append(b.Failures, f.f)
		}
		b.Dropped = o.Dropped
	}
	return b
}

// insert indexes a build that is not there yet.
func (h *History) insert(b review.Build) {
	r := &pastRun{ended: b.Ended.Unix(), reach: reach(b.Unread, b.Failures)}
	if b.Change > 0 {
		r.patch = h.upload(b.Change, b.PatchSet, b.Files, b.Owner, b.Topic, r.ended)
	}
	r.base = baseOf(b, r.patch)
	failures := b.Failures
	if over := len(failures) - MaxFailures; over > 0 {
		failures, b.Dropped, b.TestsRan = failures[:MaxFailures], b.Dropped+over, false
	}
	b.Failures, b.Files, b.Topic = nil, nil, ""
	b.Branch, b.Job, b.Node = clip(b.Branch, maxName), clip(b.Job, maxName), clip(b.Node, maxName)
	name := jobName{b.Branch, b.Job}
	if h.jobs[name] == nil {
		h.jobs[name] = &jobRuns{name: name}
	}
	r.job = h.jobs[name]
	b.Branch, b.Job = r.job.name.branch, r.job.name.job
	r.build = b
	r.size = len(b.Key) + len(b.Said) + len(b.URL) + len(b.LogURL) + len(b.Pipeline) + len(b.Node) + len(b.Unread)
	if r.patch != nil {
		r.patch.runs = put(r.patch.runs, r, byEnd)
	}
	r.job.byBase = put(r.job.byBase, r, byBase)
	if b.Node != "" {
		h.nodes[b.Node] = put(h.nodes[b.Node], r, byEnd)
	}
	broken := b.Result == review.BuildBroken
	for i, f := range failures {
		r.fails = append(r.fails, h.fail(r, i, f))
		r.fails[i].infra = r.fails[i].infra || broken
	}
	r.trouble = broken || slices.ContainsFunc(r.fails, func(f *pastFail) bool { return f.infra })
	h.failures += len(r.fails)
	h.size += r.size
	h.excerpts += r.excerpts
	h.runs[b.Key] = r
	h.order = put(h.order, r, byEnd)
	if i, _ := slices.BinarySearchFunc(h.order, r, byEnd); i < h.bare {
		h.bare++
		h.strip(r)
	}
}

// baseOf is the state that was built on, or the best guess: a CI that says
// nothing built what was uploaded, or the branch as it was then.
func baseOf(b review.Build, p *knownPatch) int64 {
	base := b.Base.Unix()
	switch {
	case !b.Base.IsZero():
	case p != nil && p.base != 0:
		base = p.base
	case !b.Started.IsZero():
		base = b.Started.Unix()
	default:
		return b.Ended.Unix()
	}
	return min(base, b.Ended.Unix())
}

// fail indexes one failure of a run. Texts that are there already are shared.
func (h *History) fail(r *pastRun, i int, f review.BuildFailure) *pastFail {
	f.Test, f.File, f.Message = clip(f.Test, maxName), clip(f.File, maxName), clip(f.Message, maxLineText)
	f.Fingerprint, f.Category = clip(f.Fingerprint, maxName), clip(f.Category, maxName)
	out := &pastFail{run: r, i: i, infra: speaksOfCI(f), timing: speaksOfTime(f)}
	out.text = strandOf(h.texts, h.textKey(f))
	if f.Fingerprint != "" {
		out.print = strandOf(h.prints, f.Fingerprint)
	}
	if f.Test != "" {
		out.test = strandOf(h.tests, f.Test)
	}
	share(&f.Message, out.text, func(o *pastFail) string { return o.f.Message })
	share(&f.File, out.text, func(o *pastFail) string { return o.f.File })
	share(&f.Fingerprint, out.print, func(o *pastFail) string { return o.f.Fingerprint })
	share(&f.Test, out.test, func(o *pastFail) string { return o.f.Test })
	f.Excerpt = slices.Clone(f.Excerpt[:min(len(f.Excerpt), MaxExcerpt)])
	for i, l := range f.Excerpt {
		f.Excerpt[i].Text = strings.Clone(clip(l.Text, maxLineText))
		r.excerpts += len(l.Text) + lineBytes
	}
	r.size += len(f.Test) + len(f.File) + len(f.Message) + len(f.Fingerprint) + len(f.Category)
	out.f = f
	for _, s := range []*strand{out.print, out.text, out.test} {
		if s != nil {
			s.fails = put(s.fails, out, byRun)
		}
	}
	return out
}

// textKey is the same for failures that say the same of the same place, whatever
// fingerprints they have. Those that say nothing have only these.
func (h *History) textKey(f review.BuildFailure) uint64 {
	return maphash.String(h.seed, string(f.Stage)+"\x00"+cmp.Or(f.Test, f.File)+"\x00"+cmp.Or(f.Message, f.Fingerprint))
}

// lineBytes is what a line of an excerpt takes beside its text.
const lineBytes = 24

// share lets s be the string that the strand has already, or one that pins no
// longer text in memory.
func share(s *string, in *strand, of func(*pastFail) string) {
	if in != nil && len(in.fails) > 0 && of(in.fails[0]) == *s {
		*s = of(in.fails[0])
		return
	}
	*s = strings.Clone(*s)
}

// remove forgets a build.
func (h *History) remove(r *pastRun) {
	if i, found := slices.BinarySearchFunc(h.order, r, byEnd); found {
		if h.order = slices.Delete(h.order, i, i+1); i < h.bare {
			h.bare--
		}
	}
	delete(h.runs, r.build.Key)
	if r.job.byBase = take(r.job.byBase, r, byBase); len(r.job.byBase) == 0 {
		delete(h.jobs, r.job.name)
	}
	if n := r.build.Node; n != "" {
		if h.nodes[n] = take(h.nodes[n], r, byEnd); len(h.nodes[n]) == 0 {
			delete(h.nodes, n)
		}
	}
	if r.patch != nil {
		r.patch.runs = take(r.patch.runs, r, byEnd)
	}
	h.strip(r)
	h.failures -= len(r.fails)
	h.size -= r.size
	for _, f := range r.fails {
		if f.text.drop(f) {
			delete(h.texts, h.textKey(f.f))
		}
		if f.print != nil && f.print.drop(f) {
			delete(h.prints, f.f.Fingerprint)
		}
		if f.test != nil && f.test.drop(f) {
			delete(h.tests, f.f.Test)
		}
	}
}

// strip forgets the excerpts of a build.
func (h *History) strip(r *pastRun) {
	h.excerpts -= r.excerpts
	r.excerpts = 0
	for _, f := range r.fails {
		f.f.Excerpt = nil
	}
}
