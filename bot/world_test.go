// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/audit"
	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/review"
)

// world is a Gerrit, a store, an audit log and a clock in memory. Its methods
// tell what people do; drain lets the bot work until nothing is due.
type world struct {
	t   *testing.T
	b   *Bot
	now time.Time

	// Gerrit
	changes map[review.ChangeID]*review.Change
	patches map[string]review.Patch // by revision
	configs map[string]review.ConfigFile
	posts   []review.Comment // but for those about secrets
	told    []review.Comment // about secrets
	remarks map[review.ChangeID][]review.Remark
	added   []review.Account
	late    []latePost
	calls   int
	stories
	people map[int64]review.Account
	logs   memLogs
	ci     ciLogs
	known  string        // the file of known failures
	asked  int           // people of whom it was asked whether they see a change
	open   map[int64]int // reviews that wait for people
	// fail answers the next calls of a name with errors.
	fail map[string][]error
	// before runs once before the n-th call of a name.
	before map[string]func()

	// store
	mu       sync.Mutex
	jobs     map[review.JobKey]*memJob
	fence    int64
	dead     map[review.JobKey]string
	outcomes []review.Outcome
	texts    map[review.ChangeID]review.Summary
	answers  map[review.ChangeID]map[string]string
	hidden   map[review.ChangeID]bool
	settings map[string]string
	controls []review.Control

	log     []audit.Entry
	noAudit bool
}

type memJob struct {
	gen         int64
	due, first  time.Time
	attempt     int
	asked       bool
	patchSet    int
	fence       int64
	leasedUntil time.Time
}

const testHost = "h"

func newWorld(t *testing.T, m llm.Model) *world {
	t.Helper()
	w := &world{
		t: t, now: noon, changes: map[review.ChangeID]*review.Change{}, patches: map[string]review.Patch{},
		configs: map[string]review.ConfigFile{}, fail: map[string][]error{}, before: map[string]func(){},
		jobs: map[review.JobKey]*memJob{}, dead: map[review.JobKey]string{}, texts: map[review.ChangeID]review.Summary{}, answers: map[review.ChangeID]map[string]string{},
		hidden: map[review.ChangeID]bool{}, settings: map[string]string{}, remarks: map[review.ChangeID][]review.Remark{},
	}
	w.logs.call = func(name string) error { w.calls--; return w.call(name) } // of the store, not of Gerrit
	models := map[string]llm.Model{}
	if m != nil {
		models["default"] = m
	}
	b, err := New(Options{Now: func() time.Time { return w.now }, ValueKey: []byte("the key of this world"), Secrets: func() []string { return []string{"the-bots-own-password"} }}, Deps{
		Hosts: map[string]Host{testHost: {Gerrit: w, Projects: w, People: w, Stories: w, Branch: w.branch}}, BuildLogs: &w.ci,
		Jobs: w, Records: w, Texts: w, Settings: w, Logs: &w.logs, Audit: w, Models: models,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.b = b
	return w
}

// optIn writes the project's file, an hour ago.
func (w *world) optIn(project, more string) {
	w.configs[project] = review.ConfigFile{Project: project, State: review.ConfigFound, Revision: "c1", Body: []byte("[review-assistant]\nmode = on\n" + more)}
}

// push uploads a patch set and sends its event.
func (w *world) push(project string, number int, kind review.Kind, p review.Patch) *review.Change {
	id := review.ChangeID{Host: testHost, Project: project, Number: number}
	c := w.changes[id]
	if c == nil {
		c = &review.Change{ID: id, Branch: "main", Subject: "Retry payments", Message: "Retry payments\n", Status: review.StatusNew, Owner: alice, Created: w.now}
		w.changes[id] = c
	}
	n := len(c.PatchSets) + 1
	ps := review.PatchSet{Number: n, Revision: fmt.Sprintf("%s-%d-%d", project, number, n), Kind: kind, Created: w.now, Uploader: alice, Parents: 1}
	c.PatchSets, c.Updated = append(c.PatchSets, ps), w.now
	w.patches[ps.Revision] = p
	w.event("patchset-created", id, n)
	return c
}

func (w *world) event(typ review.EventType, id review.ChangeID, ps int) {
	w.t.Helper()
	if _, _, err := w.b.Accept(w.t.Context(), review.Event{Type: typ, Host: id.Host, Project: id.Project, Number: id.Number, PatchSet: ps, Ref: "refs/heads/main", Created: w.now}); err != nil {
		w.t.Fatal(err)
	}
}

// drain works until no job is left, moving the clock to the next one.
func (w *world) drain() {
	w.t.Helper()
	for range 300 {
		job, ok, err := w.Lease(w.t.Context(), time.Minute)
		if err != nil {
			w.t.Fatal(err)
		}
		if ok {
			w.b.run(w.t.Context(), job)
			continue
		}
		next, any := w.nextDue()
		if !any {
			return
		}
		w.now = next
	}
	w.t.Fatalf("jobs are still there after 300 steps: %v", w.jobs)
}

// step runs the next due job once.
func (w *world) step() {
	w.t.Helper()
	if next, any := w.nextDue(); any && next.After(w.now) {
		w.now = next
	}
	job, ok, err := w.Lease(w.t.Context(), time.Minute)
	if err != nil || !ok {
		w.t.Fatalf("no job is due: %v", err)
	}
	w.b.run(w.t.Context(), job)
}

func (w *world) nextDue() (next time.Time, any bool) {
	for _, j := range w.jobs {
		at := j.due
		if j.leasedUntil.After(at) {
			at = j.leasedUntil
		}
		if !any || at.Before(next) {
			next, any = at, true
		}
	}
	return next, any
}

// last returns the outcome of a patch set.
func (w *world) last(c *review.Change, ps int) review.Outcome {
	w.t.Helper()
	for _, o := range w.outcomes {
		if o.Change == c.ID && o.PatchSet == ps && o.Kind == review.PostSummary {
			return o
		}
	}
	w.t.Fatalf("patch set %d of %s has no outcome; all: %v", ps, c.ID, w.outcomes)
	return review.Outcome{}
}

func (w *world) wantPosts(n int) {
	w.t.Helper()
	if len(w.posts) != n {
		w.t.Fatalf("%d posts, want %d: %+v", len(w.posts), n, w.posts)
	}
}

// Gerrit.

func (w *world) call(name string) error {
	w.calls++
	w.late = slices.DeleteFunc(w.late, func(p latePost) bool {
		due := !p.at.After(w.now)
		if due {
			w.commit(p.id, p.c)
		}
		return due
	})
	if f := w.before[name]; f != nil {
		delete(w.before, name)
		f()
	}
	if errs := w.fail[name]; len(errs) > 0 {
		w.fail[name] = errs[1:]
		return errs[0]
	}
	return nil
}

// seen reports whether the account may see a change.
func seen(c *review.Change) bool {
	return !c.Private || slices.ContainsFunc(c.Reviewers, func(a review.Account) bool { return a.ID == self.ID })
}

func (w *world) Self(context.Context) (review.Account, error) { return self, nil }

func (w *world) Change(_ context.Context, id review.ChangeID) (review.Change, error) {
	if err := w.call("change"); err != nil {
		return review.Change{}, err
	}
	c, ok := w.changes[id]
	if !ok || !seen(c) {
		return review.Change{}, &review.GoneError{Err: errors.New("404")}
	}
	out := *c
	out.PatchSets, out.Messages = slices.Clone(c.PatchSets), slices.Clone(c.Messages)
	return out, nil
}

func (w *world) Patch(_ context.Context, _ review.Change, ps review.PatchSet, skip func(review.File) review.Skip) (review.Patch, error) {
	if err := w.call("patch"); err != nil {
		return review.Patch{}, err
	}
	p := w.patches[ps.Revision]
	p.Files = slices.Clone(p.Files)
	for i, f := range p.Files {
		if f.Skip = skip(f); f.Skip != "" {
			f.Hunks = nil
		}
		p.Files[i] = f
	}
	return p, nil
}

func (w *world) Post(_ context.Context, id review.ChangeID, c review.Comment) (string, error) {
	err := w.call("post")
	switch {
	case err == nil || strings.Contains(err.Error(), "committed"):
		w.commit(id, c)
	case strings.Contains(err.Error(), "late"):
		w.late = append(w.late, latePost{w.now.Add(time.Minute), id, c})
	}
	return "trace", err
}

// latePost is a post that Gerrit commits after the client gave up.
type latePost struct {
	at time.Time
	id review.ChangeID
	c  review.Comment
}

func (w *world) commit(id review.ChangeID, c review.Comment) {
	if c.Kind == review.PostSecrets {
		w.told = append(w.told, c)
	} else {
		w.posts = append(w.posts, c)
	}
	if c.Kind == review.PostBuilds {
		w.remarks[id] = append(w.remarks[id], review.Remark{ID: fmt.Sprint("b", len(w.remarks[id])), Author: self, Tag: c.Kind.Tag(), PatchSet: c.PatchSet, Text: c.Message, Date: w.now})
	}
	for _, l := range c.Inline {
		w.remarks[id] = append(w.remarks[id], review.Remark{
			ID: fmt.Sprint("k", len(w.remarks[id])), Author: self, Tag: c.Kind.Tag(), PatchSet: c.PatchSet, Text: l.Message, Date: w.now,
		})
	}
	ch := w.changes[id]
	ch.Messages = append(ch.Messages, review.Message{Author: self, Tag: c.Kind.Tag(), PatchSet: c.PatchSet, Date: w.now, Text: c.Message})
	ch.Updated = w.now
}

func (w *world) Comments(_ context.Context, id review.ChangeID) ([]review.Remark, error) {
	return slices.Clone(w.remarks[id]), w.call("comments")
}

// answer has somebody reply to our last comment on a line of the change.
func (w *world) answer(c *review.Change, by review.Account, text string) {
	list := w.remarks[c.ID]
	to := list[len(list)-1]
	n := c.Current().Number
	w.remarks[c.ID] = append(list, review.Remark{ID: fmt.Sprint("k", len(list)), InReplyTo: to.ID, Author: by, PatchSet: n, Text: text, Date: w.now})
	c.Messages = append(c.Messages, review.Message{Author: by, PatchSet: n, Date: w.now, Text: "(1 comment)"})
}

func (w *world) AddReviewer(_ context.Context, _ review.ChangeID, a review.Account, _ bool) error {
	w.added = append(w.added, a)
	return w.call("add")
}

func (w *world) ConfigChain(_ context.Context, project string) ([]review.ConfigFile, error) {
	if err := w.call("config"); err != nil {
		return nil, err
	}
	f, ok := w.configs[project]
	if !ok {
		f = review.ConfigFile{Project: project, State: review.ConfigAbsent}
	}
	return []review.ConfigFile{f, {Project: "All-Projects", State: review.ConfigNoRead}}, nil
}

func (w *world) ConfigAt(_ context.Context, id review.ChangeID, revision, name string) (review.ConfigFile, error) {
	if f, ok := w.configs[name+"@"+revision]; ok {
		return f, nil
	}
	return review.ConfigFile{Project: id.Project, State: review.ConfigAbsent}, nil
}

func (w *world) CommitTime(context.Context, string, string) (time.Time, error) {
	return noon.Add(-time.Hour), nil
}

func (w *world) Recent(_ context.Context, since time.Time) iter.Seq2[review.Stub, error] {
	return func(yield func(review.Stub, error) bool) {
		if err := w.call("recent"); err != nil {
			yield(review.Stub{}, err)
			return
		}
		for _, c := range w.changes {
			if c.Status == review.StatusNew && seen(c) && !c.Updated.Before(since) {
				if !yield(review.Stub{ID: c.ID, PatchSet: c.Current().Number, Revision: c.Current().Revision, Branch: c.Branch, Updated: c.Updated, WIP: c.WIP, Private: c.Private}, nil) {
					return
				}
			}
		}
	}
}

func (w *world) Forget(string) {}

func (w *world) Resolve(_ context.Context, p []review.Person) ([]review.Person, error) { return p, nil }

func (w *world) Accounts(_ context.Context, ids []int64) (map[int64]review.Account, error) {
	out := map[int64]review.Account{}
	for _, id := range ids {
		if a, ok := w.people[id]; ok {
			out[id] = a
		}
	}
	return out, w.call("accounts")
}

func (w *world) OpenReviews(context.Context, []int64) (map[int64]int, error) {
	return w.open, w.call("open reviews")
}

func (w *world) CanSee(_ context.Context, _ review.ChangeID, a []review.Account) ([]review.Account, error) {
	w.asked += len(a)
	return a, nil
}

func (w *world) InGroup(_ context.Context, group string, a review.Account) (bool, error) {
	return group == "ldap/robots" && a.ID == robot.ID, nil
}

// Store.

func (w *world) Enqueue(_ context.Context, key review.JobKey, h review.Hint) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.jobs[key]
	if j == nil {
		j = &memJob{}
		w.jobs[key] = j
	}
	j.gen++
	j.attempt, j.first = 0, time.Time{}
	j.due = w.now.Add(h.Delay)
	j.asked = j.asked || h.Asked
	j.patchSet = max(j.patchSet, h.PatchSet)
	return nil
}

func (w *world) Lease(_ context.Context, ttl time.Duration) (review.Job, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var keys []review.JobKey
	for k, j := range w.jobs {
		if !j.due.After(w.now) && !j.leasedUntil.After(w.now) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return review.Job{}, false, nil
	}
	key := slices.Min(keys)
	j := w.jobs[key]
	w.fence++
	j.fence, j.leasedUntil, j.attempt = w.fence, w.now.Add(ttl), j.attempt+1
	if j.first.IsZero() {
		j.first = w.now
	}
	return review.Job{Key: key, Generation: j.gen, Asked: j.asked, MinPatchSet: j.patchSet, Attempt: j.attempt, First: j.first, Fence: j.fence, Deadline: j.leasedUntil}, true, nil
}

func (w *world) held(job review.Job) *memJob {
	if j := w.jobs[job.Key]; j != nil && j.fence == job.Fence {
		return j
	}
	return nil
}

func (w *world) Extend(_ context.Context, job review.Job, ttl time.Duration) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.held(job)
	if j == nil {
		return false, nil
	}
	j.leasedUntil = w.now.Add(ttl)
	return true, nil
}

func (w *world) Finish(_ context.Context, job review.Job) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.held(job)
	if j == nil {
		return false, nil
	}
	if j.gen == job.Generation {
		delete(w.jobs, job.Key)
	} else {
		j.leasedUntil, j.fence = time.Time{}, 0
	}
	return true, nil
}

func (w *world) Retry(_ context.Context, job review.Job, delay time.Duration) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.held(job)
	if j == nil {
		return false, nil
	}
	j.leasedUntil, j.fence, j.due = time.Time{}, 0, w.now.Add(delay)
	return true, nil
}

func (w *world) Park(_ context.Context, job review.Job, reason string) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.jobs, job.Key)
	w.dead[job.Key] = reason
	return true, nil
}

func (w *world) Wait(context.Context, time.Duration) {}

func (w *world) Record(_ context.Context, o review.Outcome, s *review.Summary) error {
	if err := w.call("record"); err != nil {
		return err
	}
	for i, old := range w.outcomes {
		if old.Change == o.Change && old.PatchSet == o.PatchSet && old.Kind == o.Kind {
			if old.Verdict != review.VerdictPosted {
				w.outcomes[i] = o
			}
			return nil
		}
	}
	w.outcomes = append(w.outcomes, o)
	if s != nil {
		w.texts[o.Change] = *s
	}
	return nil
}

func (w *world) Outcomes(_ context.Context, id review.ChangeID) ([]review.Outcome, error) {
	var out []review.Outcome
	for _, o := range w.outcomes {
		if o.Change == id {
			out = append(out, o)
		}
	}
	return out, nil
}

func (w *world) Hide(_ context.Context, id review.ChangeID, hidden bool) error {
	w.hidden[id] = hidden
	return nil
}

func (w *world) SummaryAt(_ context.Context, id review.ChangeID, patchSet int) (review.Summary, bool, error) {
	s, ok := w.texts[id]
	return s, ok && !w.hidden[id] && s.PatchSet == patchSet, w.call("summary")
}

func (w *world) Answer(_ context.Context, id review.ChangeID, key string) (string, bool, error) {
	text, ok := w.answers[id][key]
	return text, ok, w.call("answer")
}

func (w *world) KeepAnswer(_ context.Context, id review.ChangeID, key, text string) error {
	if w.answers[id] == nil {
		w.answers[id] = map[string]string{}
	}
	w.answers[id][key] = text
	return w.call("keep")
}

func (w *world) Erase(_ context.Context, id review.ChangeID) error {
	delete(w.texts, id)
	delete(w.answers, id)
	return nil
}

func (w *world) Controls(context.Context) ([]review.Control, error) {
	return w.controls, w.call("controls")
}

func (w *world) Setting(_ context.Context, key string) (string, bool, error) {
	v, ok := w.settings[key]
	return v, ok, nil
}

func (w *world) SetOnce(_ context.Context, key, value string) (string, error) {
	if v, ok := w.settings[key]; ok {
		return v, nil
	}
	w.settings[key] = value
	return value, nil
}

func (w *world) Remember(_ context.Context, key string, words []string, keep int) error {
	if err := w.call("remember"); err != nil {
		return err
	}
	list := append(strings.Fields(w.settings[key]), words...)
	w.settings[key] = strings.Join(list[max(0, len(list)-keep):], " ")
	return nil
}

func (w *world) SetSetting(_ context.Context, key, value string) error {
	if value == "" {
		delete(w.settings, key)
		return nil
	}
	w.settings[key] = value
	return nil
}

// Audit.

func (w *world) Append(_ context.Context, e audit.Entry) (audit.Receipt, error) {
	if w.noAudit {
		return audit.Receipt{}, errors.New("no space left on device")
	}
	w.log = append(w.log, e)
	return audit.Receipt{Index: int64(len(w.log)), ID: fmt.Sprintf("a%05d", len(w.log))}, nil
}

func (w *world) Digest(parts ...string) string {
	return fmt.Sprintf("hmac-%d", len(strings.Join(parts, "")))
}

// scripted is a model that answers from a list and remembers its prompts.
type scripted struct {
	answers []string
	errs    []error
	prompts []string
	during  func()
}

func (s *scripted) Name() string { return "test-model" }

func (s *scripted) Complete(_ context.Context, p prompts.Prompt) (llm.Reply, error) {
	s.prompts = append(s.prompts, p.User().String())
	if s.during != nil {
		s.during()
	}
	if len(s.errs) > 0 {
		err := s.errs[0]
		s.errs = s.errs[1:]
		return llm.Reply{}, err
	}
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return llm.Reply{Text: a, Model: "test-model", Usage: llm.Usage{Prompt: 100, Completion: 20}}, nil
}
