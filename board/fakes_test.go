// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// fakeChange is a change and who may see it.
type fakeChange struct {
	review.Seen
	private   bool
	ready     bool // to be submitted
	dirs      []string
	reviewers []int64
	blind     map[int64]bool // accounts that may not see it
}

// fakeGerrit holds changes and access rules. It counts what it is asked.
type fakeGerrit struct {
	host string

	mu      sync.Mutex
	changes map[review.ChangeID]*fakeChange
	owners  map[string][]int64
	public  map[string]bool
	down    error
	lies    []review.Seen // rows that are in every page
	seconds bool          // pages are told apart by the second, as Gerrit does
	hold    func()        // called in every question, without the lock

	more bool // open changes are not all counted

	pages, batches, facts int
	opens                 int
	asked                 map[string]int // questions about one change, by account
	largest               int            // batch
	dear                  int            // changes whose review was asked for by their ids
}

func newGerrit(host string) *fakeGerrit {
	return &fakeGerrit{
		host: host, changes: map[review.ChangeID]*fakeChange{}, owners: map[string][]int64{}, public: map[string]bool{}, asked: map[string]int{},
	}
}

func (g *fakeGerrit) add(project string, number int, edit ...func(*fakeChange)) review.ChangeID {
	id := review.ChangeID{Host: g.host, Project: project, Number: number}
	c := &fakeChange{blind: map[int64]bool{}, Seen: review.Seen{
		ID: id, Branch: "main", Subject: "Subject of " + project + "~" + strconv.Itoa(number), Status: review.StatusNew, PatchSet: 1,
		Owner:   review.Account{ID: 1, Name: "Jane Doe", Email: "jane@example.org", Username: "jane"},
		Created: start.Add(-time.Hour), Updated: start.Add(-time.Duration(number) * time.Second),
	}}
	for _, e := range edit {
		e(c)
	}
	g.changes[id] = c
	return id
}

func (g *fakeGerrit) shows(account int64, id review.ChangeID) bool {
	c := g.changes[id]
	return c != nil && !c.private && !c.blind[account]
}

func (g *fakeGerrit) edit(id review.ChangeID, f func(*fakeChange)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(g.changes[id])
}

func (g *fakeGerrit) enter() error {
	if g.hold != nil {
		g.hold()
	}
	g.mu.Lock()
	return g.down
}

func (g *fakeGerrit) Seen(_ context.Context, q review.SightQuery) (review.SightPage, error) {
	err := g.enter()
	defer g.mu.Unlock()
	g.pages++
	if err != nil {
		return review.SightPage{}, err
	}
	var all []review.Seen
	for id, c := range g.changes {
		is := map[review.Relation]bool{
			review.RelationAny: true, review.RelationReviewer: slices.Contains(c.reviewers, q.Account), review.RelationAttention: slices.Contains(c.Attention, q.Account),
		}[q.Relation]
		if is && g.shows(q.Account, id) && (q.Project == "" || q.Project == id.Project) && (q.Dir == "" || slices.Contains(c.dirs, q.Dir)) && (q.Status == "" || q.Status == c.Status) &&
			(q.Branch == "" || q.Branch == c.Branch) && (q.Number == 0 || q.Number == id.Number) && has(c.Subject, q.Search) {
			all = append(all, told(c.Seen, q.Standing))
		}
	}
	slices.SortFunc(all, func(a, b review.Seen) int {
		return cmp.Or(b.Updated.Compare(a.Updated), strings.Compare(a.ID.String(), b.ID.String()))
	})
	if g.seconds && !q.Before.IsZero() {
		all = slices.DeleteFunc(all, func(c review.Seen) bool { return c.Updated.Truncate(time.Second).After(q.Before) })
	}
	all = all[min(q.Skip, len(all)):]
	n := min(q.Limit, len(all))
	if g.seconds && n > 0 && len(all) > n {
		first, last := all[0].Updated.Truncate(time.Second), all[n-1].Updated.Truncate(time.Second)
		page := review.SightPage{Changes: all[:n], More: true, Before: last}
		if !q.Before.IsZero() && first.Equal(last) && last.Equal(q.Before) {
			page.Skip = q.Skip + n
		}
		return page, nil
	}
	return review.SightPage{Changes: slices.Concat(g.lies, all[:n]), More: len(all) > n, Skip: q.Skip + n}, nil
}

// told is what is told of a change. Of those whose review is not said to stand
// somehow it stands well.
func told(c review.Seen, standing bool) review.Seen {
	if !standing {
		c.Standing = nil
	} else if c.Standing == nil {
		c.Standing = &review.Standing{}
		if c.Status == review.StatusNew {
			c.Standing.Submit = &review.Submit{Ready: true}
		}
	}
	return c
}

// has reports whether a text has all words.
func has(text, words string) bool {
	return !slices.ContainsFunc(strings.Fields(words), func(w string) bool { return !strings.Contains(text, w) })
}

func (g *fakeGerrit) Sees(_ context.Context, account int64, ids []review.ChangeID, standing bool) (map[review.ChangeID]review.Seen, error) {
	err := g.enter()
	defer g.mu.Unlock()
	g.batches++
	g.largest = max(g.largest, len(ids))
	if err != nil {
		return nil, err
	}
	out := map[review.ChangeID]review.Seen{}
	for _, id := range ids {
		what := strconv.FormatInt(account, 10) + " " + id.String()
		if standing {
			what += " with its review"
			g.dear++
		}
		g.asked[what]++
		if g.shows(account, id) {
			out[id] = told(g.changes[id].Seen, standing)
		}
	}
	return out, nil
}

func (g *fakeGerrit) Owns(_ context.Context, project string, account int64) (bool, error) {
	err := g.enter()
	defer g.mu.Unlock()
	g.facts++
	return slices.Contains(g.owners[project], account), err
}

func (g *fakeGerrit) Public(_ context.Context, project string) (string, error) {
	err := g.enter()
	defer g.mu.Unlock()
	g.facts++
	if !g.public[project] {
		return "", err
	}
	return "main", err
}

func (g *fakeGerrit) Open(_ context.Context, q review.OpenQuery) (review.OpenCount, error) {
	err := g.enter()
	defer g.mu.Unlock()
	g.opens++
	out := review.OpenCount{Branches: map[string]review.Open{}, More: g.more}
	for id, c := range g.changes {
		if id.Project != q.Project || c.Status != review.StatusNew || c.WIP || !g.shows(q.Account, id) || q.Dir != "" && !slices.Contains(c.dirs, q.Dir) || q.Branch != "" && q.Branch != c.Branch {
			continue
		}
		n := out.Branches[c.Branch]
		n.All++
		if c.ready {
			n.Ready++
		}
		out.Branches[c.Branch] = n
	}
	return out, err
}

func (g *fakeGerrit) ChangeURL(id review.ChangeID) string {
	return "https://" + g.host + ".example.org/c/" + id.Project + "/+/" + strconv.Itoa(id.Number)
}

// fakeStore holds what was kept.
type fakeStore struct {
	mu       sync.Mutex
	kept     map[review.ChangeID]review.Kept
	at       map[string]review.Summary // by ID@PATCHSET
	down     error
	hold     func()
	kepts    int
	otherwis int
}

func (s *fakeStore) Kept(_ context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error) {
	if s.hold != nil {
		s.hold()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kepts++
	out := map[review.ChangeID]review.Kept{}
	for _, id := range ids {
		if k, is := s.kept[id]; is {
			out[id] = k
		}
	}
	return out, s.down
}

func (s *fakeStore) SummaryAt(_ context.Context, id review.ChangeID, patchSet int) (review.Summary, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.otherwis++
	sum, is := s.at[id.String()+"@"+strconv.Itoa(patchSet)]
	return sum, is, s.down
}

// keep stores a summary and what was decided about its patch set.
func (s *fakeStore) keep(id review.ChangeID, patchSet int, verdict review.Verdict, reason string, edit ...func(*review.Summary)) {
	k := s.kept[id]
	k.Outcomes = append(k.Outcomes, review.Outcome{Change: id, PatchSet: patchSet, Kind: review.PostSummary, Verdict: verdict, Reason: reason, Audit: "a1", At: start})
	if len(edit) > 0 {
		sum := review.Summary{
			Change: id, PatchSet: patchSet, Title: "Title of " + id.String(), Bullets: []string{"one", "two", "three", "four"}, Created: start,
			Look: []review.Place{{Path: "a.go", Severity: "low"}}, Risks: []review.Place{{Path: "b.go", Severity: "medium"}},
		}
		for _, e := range edit {
			e(&sum)
		}
		k.Summary = &sum
		s.at[id.String()+"@"+strconv.Itoa(patchSet)] = sum
	}
	s.kept[id] = k
}

func asIs(*review.Summary) {}

// fakeBuilds tells of builds; its clusters are the numbers that are let through.
type fakeBuilds struct {
	changes []int
	branch  string // of the builds of branches, main by default
	failed  map[review.ChangeID]*board.ChangeBuilds
	runs    map[string][]board.BranchRun // by branch
	told    []string                     // branches whose runs were told
	down    error
	hold    func()
}

type cluster struct {
	Change int
	Path   string
}

func (f *fakeBuilds) Changes(context.Context, string, string) ([]int, error) {
	return f.changes, f.down
}

func (f *fakeBuilds) Clusters(_ context.Context, _, _ string, limit int, covers func(string) bool, shows func(int, string) bool) (any, error) {
	if f.hold != nil {
		f.hold()
	}
	out := []cluster{}
	for _, n := range append([]int{0}, f.changes...) {
		c := cluster{n, []string{"lib/a.go", "web/b.go"}[n%2]}
		if shows(n, cmp.Or(f.branch, "main")) && (covers == nil || covers(c.Path)) && len(out) < limit {
			out = append(out, c)
		}
	}
	return out, f.down
}

func (f *fakeBuilds) Failed(_ context.Context, host, project string, patchSets map[int]int) (map[int]*board.ChangeBuilds, error) {
	out := map[int]*board.ChangeBuilds{}
	for n := range patchSets {
		if b := f.failed[review.ChangeID{Host: host, Project: project, Number: n}]; b != nil {
			out[n] = b
		}
	}
	return out, f.down
}

func (f *fakeBuilds) LastRuns(_ context.Context, _, _ string, shows func(string) bool) (map[string][]board.BranchRun, error) {
	if f.hold != nil {
		f.hold()
	}
	out := map[string][]board.BranchRun{}
	for branch, runs := range f.runs {
		if shows(branch) {
			f.told = append(f.told, branch)
			out[branch] = runs
		}
	}
	return out, f.down
}

type fakeCatalog map[string]review.Source

func (f fakeCatalog) Source(ref string) (review.Source, bool) { s, is := f[ref]; return s, is }

func (f fakeCatalog) EntityOf(username string) string {
	return map[string]string{"jane": "user:default/jane"}[username]
}

// world is a board with all that is around it.
type world struct {
	*board.Board
	clock  *clock
	a, b   *fakeGerrit
	store  *fakeStore
	builds *fakeBuilds

	mu       sync.Mutex
	feed     *board.Feed
	news     []review.Row // the log behind it, the oldest first
	policies map[string]board.Policy
	dirty    bool // texts cannot be cleaned
	cleaned  int
	read     int // policies
}

// newWorld returns a board of the Gerrits "a" and, with two, "b". All projects
// use the bot, but for those that are named in policies.
func newWorld(t testing.TB, hosts int) *world {
	t.Helper()
	w := &world{
		clock: &clock{t: start}, a: newGerrit("a"), b: newGerrit("b"), builds: &fakeBuilds{failed: map[review.ChangeID]*board.ChangeBuilds{}},
		store:    &fakeStore{kept: map[review.ChangeID]review.Kept{}, at: map[string]review.Summary{}},
		policies: map[string]board.Policy{},
	}
	gerrits := map[string]board.Gerrit{"a": w.a}
	if hosts > 1 {
		gerrits["b"] = w.b
	}
	w.feed = board.NewFeed(board.FeedOptions{Rows: w.rows, Now: w.clock.now})
	var err error
	w.Board, err = board.New(board.Deps{
		Gerrits: gerrits, Store: w.store, Builds: w.builds, Now: w.clock.now, Feed: w.feed,
		Catalog: fakeCatalog{
			"component:default/pay":    {Project: "pay"},
			"component:default/lib":    {Host: "a", Project: "mono", Dir: "lib"},
			"component:default/main":   {Host: "a", Project: "pay", Branch: "main"},
			"component:default/dev":    {Host: "a", Project: "pay", Branch: "dev"},
			"component:default/devlib": {Host: "a", Project: "pay", Branch: "dev", Dir: "lib"},
			"component:default/other":  {Host: "b", Project: "pay"},
			"component:default/lost":   {Host: "nowhere", Project: "pay"},
			"component:default/nocode": {},
		},
		Policy: func(_ context.Context, host, project string) (board.Policy, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.read++
			if p, is := w.policies[host+"/"+project]; is {
				return p, nil
			}
			return board.Policy{Mode: "on", Builds: true}, nil
		},
		Clean: func(_ context.Context, _, _ string, texts []string) ([]string, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.cleaned++
			for i := range texts {
				texts[i] = strings.ReplaceAll(texts[i], "hunter2", "[secret]")
			}
			if w.dirty {
				return texts, errors.New("the scrubber stopped")
			}
			return texts, nil
		},
		Says: func(reason string) string { return "says:" + reason },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) rows(_ context.Context, after int64, limit int) ([]review.Row, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rows := w.news[min(int(after), len(w.news)):]
	return rows[:min(len(rows), limit)], nil
}

// tell has the feed read a row.
func (w *world) tell(n review.News) {
	data, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	w.mu.Lock()
	seq := int64(len(w.news) + 1)
	w.news = append(w.news, review.Row{Seq: seq, Key: strconv.FormatInt(seq, 10), At: start, Data: data})
	w.mu.Unlock()
	if err := w.feed.Poll(context.Background()); err != nil {
		panic(err)
	}
}

func (w *world) happened(id review.ChangeID, verdict review.Verdict, reason string) {
	w.tell(review.News{Kind: review.NewsOutcome, Change: id, PatchSet: 1, Post: review.PostSummary, Verdict: verdict, Reason: reason})
}

func (w *world) moved(id review.ChangeID) {
	w.Moved(review.News{Kind: review.NewsAccess, Change: id})
}

// viewer has an account on a, and on b another with a thousand more.
func viewer(account int64) review.Viewer {
	return review.Viewer{Issuer: "https://id.example.org", Subject: strconv.FormatInt(account, 10), Accounts: map[string]review.Account{
		"a": {ID: account}, "b": {ID: account + 1000},
	}}
}

func numbers(rows []board.Change) []int {
	out := []int{}
	for _, r := range rows {
		out = append(out, r.Number)
	}
	return out
}
