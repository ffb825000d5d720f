// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/bot"
	"review-assistant/builds"
	"review-assistant/identity"
	"review-assistant/review"
)

// noon is what the clock of these tests says.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const (
	janeToken   = "jane.token.x"
	joeToken    = "joe.token.x"
	rootToken   = "root.token.x" // an operator without an account
	portalToken = "portal-secret-0123456789"
	cursorKey   = "0123456789abcdef0123456789abcdef"
)

// person makes a viewer with an account on main; none for 0.
func person(name string, account int64, roles ...string) review.Viewer {
	v := review.Viewer{
		Issuer: "https://id.example", Subject: name, Entity: "user:default/" + name,
		Roles: roles, Until: noon.Add(time.Hour),
	}
	if account != 0 {
		v.Accounts = map[string]review.Account{"main": {ID: account, Name: strings.ToUpper(name[:1]) + name[1:], Username: name, Email: name + "@example.com"}}
	}
	return v
}

// people are known by their tokens, and to the portal by name.
type people struct {
	mu    sync.Mutex
	by    map[string]review.Viewer
	asked []string
	fail  error
}

func newPeople() *people {
	return &people{by: map[string]review.Viewer{
		janeToken: person("jane", 1), joeToken: person("joe", 2), rootToken: person("root", 0, review.RoleOperator),
	}}
}

func (p *people) identify(_ context.Context, bearer, name string) (review.Viewer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, bearer+" for "+name)
	if p.fail != nil {
		return review.Viewer{}, p.fail
	}
	if bearer == portalToken {
		for _, v := range p.by {
			if v.Entity == name {
				v.Service = "portal"
				return v, nil
			}
		}
		return review.Viewer{}, &identity.RefusedError{Reason: identity.BadPerson, Detail: "SECRET-DETAIL"}
	}
	v, known := p.by[bearer]
	if !known {
		return review.Viewer{}, &identity.RefusedError{Reason: identity.BadSignature, Detail: "SECRET-DETAIL"}
	}
	return v, nil
}

func (p *people) set(fail error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = fail
}

// wall is a board with access rules: jane sees the project team/pay, joe all,
// nobody else a thing.
type wall struct {
	mu     sync.Mutex
	asked  []string
	fail   error
	boom   bool
	long   bool // many rows
	less   bool // no builds are wanted, and not all changes of a folder looked at
	stream func(v review.Viewer, q board.NewsQuery) *news
}

func (w *wall) ask(format string, args ...any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, fmt.Sprintf(format, args...))
	if w.boom {
		panic("PRIVATE-TEXT")
	}
	return w.fail
}

func (w *wall) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.asked) == 0 {
		return ""
	}
	return w.asked[len(w.asked)-1]
}

// rows are all changes that an account sees, the newest first.
func (w *wall) rows(v review.Viewer) []board.Change {
	var out []board.Change
	row := func(project string, number int) {
		out = append(out, board.Change{
			ID: fmt.Sprintf("main/%s~%d", project, number), Host: "main", Project: project, Number: number, Branch: "main",
			Subject: "Retry a payment once", Status: "NEW", URL: fmt.Sprintf("https://gerrit.example/c/%s/+/%d", project, number),
			Owner: board.Person{Name: "Joe", Entity: "user:default/joe"}, PatchSet: 2,
			Created: noon.Add(-48 * time.Hour), Updated: noon.Add(-time.Hour),
			State: board.StateSummarized, Says: "The bot summarized patch set 2.",
			Summary: &board.Brief{
				PatchSet: 2, Title: "Payments are retried once", Bullets: []string{"A second attempt after 5 s"},
				Severity: "medium", Look: 1, Created: noon.Add(-time.Hour),
			},
			Builds:    &board.ChangeBuilds{Failed: 1, Classes: map[string]int{"flaky": 1}},
			Reviewers: []board.Person{{Name: "Ann", Entity: "user:default/ann"}, {Name: "Bob"}},
			Labels: []board.Label{
				{Name: "Code-Review", State: "recommended", Votes: []board.Vote{{Value: 1, Person: board.Person{Name: "Bob"}}}},
				{Name: "Verified", State: "none", Votes: []board.Vote{}},
			},
			Submit: &board.Submit{Requirements: []board.Requirement{{Name: "Code-Review", Status: "unsatisfied"}}},
			Picks: []board.Pick{
				{Person: board.Person{Name: "Ann", Entity: "user:default/ann"}, Reasons: []string{"wrote most of pay/retry.go"}},
				{Person: board.Person{Name: "Bob"}, Reasons: []string{"owns pay/ according to the catalog"}, Rest: true},
			},
		})
	}
	switch v.Accounts["main"].ID {
	case 2:
		row("secret", 9)
		fallthrough
	case 1:
		row("team/pay", 7)
		row("team/pay", 6)
	}
	return out
}

// mode is told to whom anything is shown.
func (w *wall) mode(v review.Viewer) string {
	if len(w.rows(v)) == 0 {
		return ""
	}
	return "on"
}

func cut(rows []board.Change, p board.Page, limit int) board.List[board.Change] {
	from := min(p.Skip, len(rows))
	to := min(from+limit, len(rows))
	l := board.List[board.Change]{Rows: rows[from:to]}
	if to < len(rows) {
		l.Next = &board.Page{Before: noon.Add(-time.Hour), Skip: to}
	}
	return l
}

func (w *wall) Changes(_ context.Context, v review.Viewer, q board.ChangesQuery) (board.List[board.Change], error) {
	what := ""
	if q.Order != "" || q.Branch != "" || q.Search != "" {
		what = fmt.Sprintf(" %s %q %q", q.Order, q.Branch, q.Search)
	}
	if err := w.ask("changes %s@%s %q%s %d for %s", q.Entity, q.Host, q.Status, what, q.Limit, v.Subject); err != nil {
		return board.List[board.Change]{}, err
	}
	if q.Entity != "component:default/pay" {
		return board.List[board.Change]{}, &review.GoneError{Err: errors.New("no such entity")}
	}
	l := cut(w.rows(v), q.Page, q.Limit)
	l.Mode = w.mode(v)
	if q.Order == board.OrderUrgent {
		l.Next, l.Considered, l.More = nil, len(w.rows(v)), false
	}
	return l, nil
}

func (w *wall) Change(_ context.Context, v review.Viewer, id review.ChangeID, patchSet int) (board.Detail, error) {
	if err := w.ask("change %s %d for %s", id, patchSet, v.Subject); err != nil {
		return board.Detail{}, err
	}
	for _, c := range w.rows(v) {
		if c.ID == id.String() {
			return board.Detail{
				Change: withFailures(c),
				Full:   summaryOf(id),
				Outcomes: []board.Outcome{{
					PatchSet: 2, Kind: "summary", Verdict: "posted", Reason: "new-code", Says: "Posted: there is new code.", Audit: "a1-17", At: noon.Add(-time.Hour),
				}},
			}, nil
		}
	}
	return board.Detail{}, &review.GoneError{Err: errors.New("not shown")}
}

// ChangeOf knows one component, which is all of a project.
func (w *wall) ChangeOf(ctx context.Context, v review.Viewer, entity string, id review.ChangeID, patchSet int) (board.Detail, error) {
	if err := w.ask("change of %s", entity); err != nil {
		return board.Detail{}, err
	}
	switch {
	case entity != "component:default/pay":
		return board.Detail{}, &review.GoneError{Err: board.ErrNoEntity}
	case id.Project != "team/pay":
		return board.Detail{}, &review.GoneError{Err: errors.New("not of it")}
	}
	return w.Change(ctx, v, id, patchSet)
}

// withFailures tells of the builds of a change as the answer about it alone does.
func withFailures(c board.Change) board.Change {
	c.Builds.Failures = []bot.FailedBuild{{
		ID: "unit-812#1", Jobs: []string{"unit"}, Stage: review.StageTest, Kind: "test", Test: "TestRetry", Message: "TestRetry failed",
		File: "pay/retry_test.go", Line: 31, Cluster: "0123456789abcdef", Class: builds.ClassFlaky, Odds: builds.Odds{Change: .1, Flaky: .9},
		Evidence: []string{"passed and failed on this patch set"}, Blocks: 1, Excerpt: []review.BuildLine{{Number: 12, Text: "--- FAIL: TestRetry"}},
		Ruling: &builds.Ruling{Class: builds.ClassFlaky, Message: "known since Monday", Link: "https://tickets.example/1", By: "user:default/joe", At: noon.Add(-time.Hour)},
		URL:    "https://ci.example/7",
	}}
	return c
}

// summaryOf is a whole summary.
func summaryOf(id review.ChangeID) *board.Full {
	var s board.Full
	s.Change, s.PatchSet, s.Revision, s.Subject = id.String(), 2, strings.Repeat("ab", 20), "Retry a payment once"
	s.Title, s.Bullets = "Payments are retried once", []string{"A second attempt after 5 s"}
	s.Look = []review.Place{{Path: "pay/retry.go", Line: 12, Text: "No bound on the total time", Severity: "medium"}}
	s.Risks, s.Order, s.Facts = []review.Place{}, []string{"pay/retry.go"}, []string{"1 file, 20 lines"}
	s.Files = []review.Note{{Path: "pay/retry.go", Text: "the second attempt", Importance: "high"}}
	s.NotRead = []review.NotRead{}
	s.Text, s.Audit, s.Created = "Payments are retried once", "a1-17", noon.Add(-time.Hour)
	return &s
}

func (w *wall) Reviews(_ context.Context, v review.Viewer, q board.ReviewsQuery) (board.List[board.Change], error) {
	if err := w.ask("reviews @%s %d for %s", q.Host, q.Limit, v.Subject); err != nil {
		return board.List[board.Change]{}, err
	}
	rows := w.rows(v)
	for i := range rows {
		rows[i].Waits = "attention"
	}
	if !w.long {
		rows = rows[:min(1, len(rows))]
	}
	return cut(rows, q.Page, q.Limit), nil
}

func (w *wall) Activity(_ context.Context, v review.Viewer, q board.ActivityQuery) (board.List[board.Activity], error) {
	if err := w.ask("activity %s@%s %d for %s", q.Entity, q.Host, q.Limit, v.Subject); err != nil {
		return board.List[board.Activity]{}, err
	}
	l := board.List[board.Activity]{Mode: w.mode(v), More: w.less}
	for _, c := range w.rows(v) {
		l.Rows = append(l.Rows, board.Activity{
			Seq: int64(c.Number), Change: c.ID, Subject: c.Subject, URL: c.URL,
			Outcome: board.Outcome{PatchSet: 2, Kind: "summary", Verdict: "posted", Reason: "new-code", Says: "Posted: there is new code.", At: noon.Add(-time.Hour)},
		})
	}
	return l, nil
}

func (w *wall) Failures(_ context.Context, v review.Viewer, q board.FailuresQuery) (board.Failures, error) {
	if err := w.ask("failures %s@%s/%s %d for %s", q.Entity, q.Host, q.Project, q.Limit, v.Subject); err != nil {
		return board.Failures{}, err
	}
	if len(w.rows(v)) == 0 {
		return board.Failures{Clusters: []builds.Cluster(nil)}, nil
	}
	return board.Failures{Clusters: someClusters(), Mode: w.mode(v), Builds: !w.less}, nil
}

func (w *wall) Branches(_ context.Context, v review.Viewer, q board.BranchesQuery) (board.List[board.Branch], error) {
	if err := w.ask("branches %s@%s for %s", q.Entity, q.Host, v.Subject); err != nil {
		return board.List[board.Branch]{}, err
	}
	if len(w.rows(v)) == 0 {
		return board.List[board.Branch]{Rows: []board.Branch{}}, nil
	}
	return board.List[board.Branch]{Mode: w.mode(v), Rows: []board.Branch{
		{Branch: "main", Default: true, Open: 2, Ready: 1, Build: &board.BranchBuild{
			Result: review.BuildFailed, Ended: noon.Add(-time.Hour),
			Runs: []board.BranchRun{
				{Job: "unit", Result: review.BuildFailed, Ended: noon.Add(-time.Hour), URL: "https://ci.example/8"},
				{Job: "lint", Result: review.BuildPassed, Ended: noon.Add(-2 * time.Hour), URL: "https://ci.example/9"},
			},
		}},
		{Branch: "stable", Open: 1},
	}}, nil
}

func someClusters() []builds.Cluster {
	return []builds.Cluster{{
		Fingerprint: "0123456789abcdef", Title: "TestRetry failed", Test: "TestRetry", Stage: review.StageTest, Category: "test",
		Jobs: []string{"unit"}, Class: builds.ClassFlaky, Shown: builds.ClassFlaky, Odds: builds.Odds{Change: .1, Flaky: .9},
		First: noon.Add(-2 * time.Hour), Last: noon.Add(-time.Hour), Runs: 3, Changes: 2, Blocked: []int{7}, Hours: 1.5, Score: 3,
		Evidence: []string{"It passed twice on the same code."},
		Sample: review.BuildFailure{
			Stage: review.StageTest, Category: "test", Test: "TestRetry", Message: "TestRetry failed", Fingerprint: "0123456789abcdef",
			Excerpt: []review.BuildLine{{Number: 12, Text: "--- FAIL: TestRetry"}},
		},
		URL: "https://ci.example/7",
	}}
}

func (w *wall) Subscribe(_ context.Context, v review.Viewer, q board.NewsQuery) (board.Stream, error) {
	if err := w.ask("news of %s@%s/%s behind %d for %s", q.Entity, q.Host, q.Project, q.After, v.Subject); err != nil {
		return nil, err
	}
	n := &news{}
	if w.stream != nil {
		n = w.stream(v, q)
	}
	n.mark = q.After
	return n, nil
}

// news is a stream that gives steps one by one, then waits for its end.
type news struct {
	steps  []step
	closed chan struct{}
	mark   int64
}

type step struct {
	news  []review.News
	reset bool
	err   error
	mark  int64           // up to where it goes, when that is further than its news
	after <-chan struct{} // what has to happen first
}

func (n *news) Next(ctx context.Context) ([]review.News, bool, error) {
	if len(n.steps) == 0 {
		<-ctx.Done()
		if n.closed != nil && errors.Is(ctx.Err(), context.Canceled) {
			close(n.closed)
		}
		return nil, false, ctx.Err()
	}
	s := n.steps[0]
	n.steps = n.steps[1:]
	if s.after != nil {
		<-s.after
	}
	for _, one := range s.news {
		n.mark = max(n.mark, one.Seq)
	}
	n.mark = max(n.mark, s.mark)
	return s.news, s.reset, s.err
}

func (n *news) Mark() int64 { return n.mark }

func outcomeOf(seq int64, project string, number int) review.News {
	return review.News{Seq: seq, Kind: review.NewsOutcome, Change: review.ChangeID{Host: "main", Project: project, Number: number}, Reason: "SECRET-REASON"}
}

// startPeople runs a server for people, and for tokens as far as k is there.
func startPeople(t testing.TB, w *wall, p *people, o Options) *running {
	t.Helper()
	if o.API.Board == nil {
		o.API.Board = w
	}
	o.API.Identify = p.identify
	o.API.CursorKey = []byte(cursorKey)
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	return start(t, o)
}

// get asks as the holder of a token.
func (r *running) get(t testing.TB, token, path string, more ...string) (*http.Response, string) {
	t.Helper()
	h := bearerHeader(token)
	for i := 0; i+1 < len(more); i += 2 {
		h[more[i]] = append(h[more[i]], more[i+1])
	}
	return r.do(t, http.MethodGet, base+path, h, nil)
}

// What a list does not hold is said beside it.
func TestListsSayWhatTheyLack(t *testing.T) {
	for _, tt := range []struct {
		less       bool
		path, want string
	}{
		{true, "failures", `"mode":"on","builds":false,"clusters":[`},
		{false, "failures", `"mode":"on","builds":true,"clusters":[`},
		{true, "activity?fields=seq", `{"activity":[{"seq":7},{"seq":6}],"mode":"on","next":null,"more":true}`},
		{false, "activity?fields=seq", `{"activity":[{"seq":7},{"seq":6}],"mode":"on","next":null}`},
	} {
		r := startPeople(t, &wall{less: tt.less}, newPeople(), Options{})
		if resp, body := r.get(t, janeToken, "/components/component/default/pay/"+tt.path); resp.StatusCode != 200 || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s\nwant %s", tt.path, resp.StatusCode, body, tt.want)
		}
	}
}

const payChanges = "/components/component/default/pay/changes"

func TestPeopleRoutes(t *testing.T) {
	for _, tt := range []struct {
		token, path string
		code        int
		want, asked string
	}{
		{janeToken, "/me", 200, `{"issuer":"https://id.example","subject":"jane","entity":"user:default/jane","accounts":[{"host":"main","name":"Jane","username":"jane"}],"roles":[],"until":"2026-03-02T13:00:00Z"}`, ""},
		{rootToken, "/me", 200, `"accounts":[],"roles":["operator"]`, ""},
		{janeToken, "/me/reviews", 200, `"waits":"attention"`, "reviews @ 25 for jane"},
		{rootToken, "/me/reviews", 200, `{"changes":[],"next":null}`, "reviews @ 25 for root"},
		{janeToken, "/me/reviews?host=main&limit=100", 200, "", "reviews @main 100 for jane"},
		{janeToken, payChanges, 200, `"id":"main/team/pay~7"`, `changes component:default/pay@ "NEW" 25 for jane`},
		{janeToken, payChanges + "?status=all&limit=1&host=main", 200, "", `changes component:default/pay@main "" 1 for jane`},
		{janeToken, payChanges + "?status=merged", 200, "", `changes component:default/pay@ "MERGED" 25 for jane`},
		{janeToken, payChanges + "?status=gone", 400, "status is not one of", ""},
		{janeToken, payChanges + "?order=updated", 200, `"next":null}`, `changes component:default/pay@ "NEW" updated "" "" 25 for jane`},
		{janeToken, payChanges + "?order=urgent&limit=1&fields=number", 200, `{"changes":[{"number":7}],"mode":"on","next":null,"considered":2,"more":false}`, `changes component:default/pay@ "NEW" urgent "" "" 1 for jane`},
		{janeToken, payChanges + "?branch=release/1.2&search=retry+%22twice", 200, "", `changes component:default/pay@ "NEW"  "release/1.2" "retry \"twice" 25 for jane`},
		{janeToken, payChanges + "?order=oldest", 400, "order is not one of updated and urgent", ""},
		{janeToken, payChanges + "?order=", 400, "order has no value", ""},
		{janeToken, payChanges + "?branch=%5E.*", 400, "branch is not the name of a branch", ""},
		{janeToken, payChanges + "?branch=a%22b", 400, "branch is not the name of a branch", ""},
		{janeToken, payChanges + "?branch=" + strings.Repeat("a", 201), 400, "of at most 200 characters", ""},
		{janeToken, payChanges + "?search=%22+%5C", 400, "search is not a number or one to 10 words", ""},
		{janeToken, payChanges + "?search=" + strings.Repeat("a+", 11), 400, "search is not a number or one to 10 words", ""},
		{janeToken, payChanges + "?search=" + strings.Repeat("a", 201), 400, "in at most 200 characters", ""},
		{janeToken, payChanges + "?search=a%00b", 400, "search is not one line", ""},
		{janeToken, payChanges + "?limit=101", 400, "limit is no number from 1 to 100", ""},
		{janeToken, payChanges + "?limit=0", 400, "limit is no number", ""},
		{janeToken, payChanges + "?limit=", 400, "limit has no value", ""},
		{janeToken, payChanges + "?limit=%2B1", 400, "limit is no number", ""},
		{janeToken, payChanges + "?colour=red", 400, `"detail":"there is no parameter \"colour\"","next":"the parameters are limit, cursor, fields, host, status, order, branch, search"`, ""},
		{janeToken, payChanges + "?limit=1&limit=2", 400, "limit is given twice", ""},
		{janeToken, payChanges + "?host=%zz", 400, "cannot be read", ""},
		{janeToken, payChanges + "?fields=id,state,id", 200, `{"changes":[{"id":"main/team/pay~7","state":"summarized"},`, ""},
		{janeToken, payChanges + "?fields=id,email", 400, `there is no field \"email\"","next":"the fields are id, host, project,`, ""},
		{janeToken, payChanges + "?fields=owner.name", 400, "there is no field", ""},
		{janeToken, "/components/component/default/none/changes", 404, "nothing to show", ""},
		{janeToken, "/components/component/default/pay/activity?fields=seq,says", 200, `{"activity":[{"says":"Posted: there is new code.","seq":7}`, "activity component:default/pay@ 25 for jane"},
		{janeToken, "/components/component/default/pay/failures", 200, `"clusters":[{"fingerprint":"0123456789abcdef"`, "failures component:default/pay@/ 50 for jane"},
		{rootToken, "/components/component/default/pay/failures?limit=500", 200, `{"host":"main","clusters":[]}`, "failures component:default/pay@/ 500 for root"},
		{janeToken, "/components/component/default/pay/branches?host=main", 200, `"branches":[{"branch":"main","default":true,"open":2,"ready":1,"build":{"result":"failed"`, "branches component:default/pay@main for jane"},
		{rootToken, "/components/component/default/pay/branches", 200, `{"host":"main","branches":[]}`, "branches component:default/pay@ for root"},
		{janeToken, "/components/component/default/pay/branches?limit=1", 400, `"next":"the parameters are host"`, ""},
		{janeToken, "/builds/clusters?host=main&project=team/pay", 200, `{"host":"main","project":"team/pay","mode":"on","builds":true,"clusters":[{`, "failures @main/team/pay 50 for jane"},
		{janeToken, "/builds/clusters", 400, "project is missing", ""},
		{janeToken, "/changes/main%2Fteam%2Fpay~7", 200, `"outcomes":[{"patch_set":2`, "change main/team/pay~7 0 for jane"},
		{janeToken, "/changes/main/team/pay~7?patch_set=2", 200, `"full":{"change"`, "change main/team/pay~7 2 for jane"},
		{janeToken, "/changes/main/team/pay~7?fields=id", 200, `{"id":"main/team/pay~7"}`, ""},
		{janeToken, "/changes/main/team/pay~7?patch_set=0", 400, "patch_set is no number", ""},
		{janeToken, "/changes/main/secret~9", 404, "nothing to show", "change main/secret~9 0 for jane"},
		{joeToken, "/changes/main/secret~9", 200, `"project":"secret"`, "change main/secret~9 0 for joe"},
		{janeToken, "/changes/main/none~1", 404, "nothing to show", ""},
		{janeToken, payChanges + "/main%2Fteam%2Fpay~7", 200, `"outcomes":[{"patch_set":2`, "change main/team/pay~7 0 for jane"},
		{janeToken, payChanges + "/main/team/pay~7?patch_set=2", 200, `"full":{"change"`, "change main/team/pay~7 2 for jane"},
		{janeToken, payChanges + "/main/team/pay~7?fields=id", 200, `{"id":"main/team/pay~7"}`, ""},
		{janeToken, payChanges + "/main/team/pay~7?host=main", 400, `"next":"the parameters are patch_set, fields"`, ""},
		{janeToken, payChanges + "/main/team/pay~8", 404, "nothing to show", "change main/team/pay~8 0 for jane"},
		{joeToken, payChanges + "/main/secret~9", 404, "nothing to show", "change of component:default/pay"},
		{janeToken, "/components/component/default/none/changes/main/team/pay~7", 404, "no such component", "change of component:default/none"},
		{janeToken, "/components/component/changes/changes/changes/main/team/pay~7", 404, "no such component", "change of component:changes/changes"},
		{janeToken, "/nothing", 404, `"title":"Not Found"`, ""},
	} {
		w := &wall{}
		r := startPeople(t, w, newPeople(), Options{})
		resp, body := r.get(t, tt.token, tt.path)
		if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("GET %s: %d %s\nwant %d and %s", tt.path, resp.StatusCode, body, tt.code, tt.want)
		}
		if tt.asked != "" && w.last() != tt.asked {
			t.Errorf("GET %s asked %q, want %q", tt.path, w.last(), tt.asked)
		}
		if strings.Contains(body, "@example.com") {
			t.Errorf("GET %s shows an address: %s", tt.path, body)
		}
		kind, cache := "application/json", "private, no-cache"
		if tt.code != 200 {
			kind, cache = "application/problem+json", "no-store"
		}
		h := resp.Header
		if h.Get("Content-Type") != kind || h.Get("Cache-Control") != cache || h.Get("Vary") != "Authorization, "+HeaderPerson || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("GET %s: headers %v", tt.path, h)
		}
	}
}

// A service asks for a person, and is shown what the person sees.
func TestServiceForPerson(t *testing.T) {
	p := newPeople()
	r := startPeople(t, &wall{}, p, Options{})
	if resp, body := r.get(t, portalToken, "/me", HeaderPerson, "user:default/jane"); resp.StatusCode != 200 || !strings.Contains(body, `"subject":"jane","service":"portal"`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp, body := r.get(t, portalToken, "/me", HeaderPerson, "user:default/nobody"); resp.StatusCode != 401 || !strings.Contains(body, `"reason":"service-person"`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if want := portalToken + " for user:default/nobody"; !slices.Contains(p.asked, want) {
		t.Errorf("asked %q, want %q", p.asked, want)
	}
}

// Every reason has a status, a word and advice, and tells nothing of the token.
func TestRefusals(t *testing.T) {
	proven := []identity.Reason{identity.NoAccount, identity.Inactive, identity.Machine, identity.Ambiguous, identity.Rebound, identity.Unknown}
	for reason, want := range refusals {
		p := newPeople()
		p.set(&identity.RefusedError{Reason: reason, Detail: "SECRET-DETAIL"})
		var told []Denial
		r := startPeople(t, &wall{}, p, Options{API: API{Denied: func(_ context.Context, d Denial) { told = append(told, d) }}})
		for range 3 {
			resp, body := r.get(t, janeToken, "/me")
			code, challenge := 401, `Bearer error="invalid_token"`
			switch {
			case slices.Contains(proven, reason):
				code, challenge = 403, ""
			case reason == identity.NoToken:
				challenge = "Bearer"
			}
			if resp.StatusCode != code || resp.Header.Get("WWW-Authenticate") != challenge || !strings.Contains(body, `"reason":"`+string(reason)+`"`) || !strings.Contains(body, `"detail":"`+want.detail+`","next":"`+want.next) || strings.Contains(body, "SECRET") {
				t.Errorf("%s: %d %q %s", reason, resp.StatusCode, resp.Header.Get("WWW-Authenticate"), body)
			}
		}
		if len(told) != 1 || told[0].Reason != string(reason) || told[0].Detail != "SECRET-DETAIL" || told[0].Route != "/api/v1/me" || told[0].Remote != "127.0.0.1" {
			t.Errorf("%s: told of %+v, want one denial", reason, told)
		}
		if log := r.log.String(); strings.Contains(log, janeToken) || strings.Count(log, "person denied") != 1 {
			t.Errorf("log: %s", log)
		}
	}
}

func TestNobodyCanTell(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "5", 1500 * time.Millisecond: "2", 48 * time.Hour: "3600"} {
		p := newPeople()
		p.set(fmt.Errorf("keys of the provider: %w", &review.RetryError{After: after, Err: errors.New("PRIVATE-TEXT")}))
		r := startPeople(t, &wall{}, p, Options{})
		resp, body := r.get(t, janeToken, "/me")
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != want || strings.Contains(body, "PRIVATE") {
			t.Errorf("%s: %d %q %s", after, resp.StatusCode, resp.Header.Get("Retry-After"), body)
		}
	}
}

func TestBoardErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
		want string
	}{
		{&review.GoneError{Err: errors.New("PRIVATE-TEXT")}, 404, "nothing to show"},
		{&review.DeniedError{Err: errors.New("PRIVATE-TEXT")}, 403, `"reason":"no-account"`},
		{&review.RejectedError{Err: errors.New("PRIVATE-TEXT")}, 400, "add host=ID"},
		{&review.RetryError{Err: errors.New("PRIVATE-TEXT")}, 503, "not available now"},
		{context.DeadlineExceeded, 503, "not available now"},
		{errors.New("PRIVATE-TEXT"), 503, "not available now"},
	} {
		r := startPeople(t, &wall{fail: tt.err}, newPeople(), Options{})
		for _, path := range []string{"/me/reviews", "/changes/main/team/pay~7", payChanges, payChanges + "/main/team/pay~7", "/components/component/default/pay/activity", "/components/component/default/pay/failures", "/components/component/default/pay/branches", "/events"} {
			resp, body := r.get(t, janeToken, path)
			if resp.StatusCode != tt.code || !strings.Contains(body, tt.want) || strings.Contains(body, "PRIVATE") || (tt.code == 503) != (resp.Header.Get("Retry-After") != "") {
				t.Errorf("%v: %s: %d %s", tt.err, path, resp.StatusCode, body)
			}
		}
	}
}

// What is denied to a person leaves a trace, once a minute and reason, also
// while strangers make as much noise as they can.
func TestDenialsOfPeople(t *testing.T) {
	for _, tt := range []struct {
		err    error
		path   string
		reason string
		detail string
	}{
		{&review.GoneError{Err: errors.New("x")}, "/changes/main/team/pay~7", "not-shown", "main/team/pay~7"},
		{&review.GoneError{Err: errors.New("x")}, payChanges + "/main/team/pay~7", "not-shown", "main/team/pay~7"},
		{&review.DeniedError{Err: errors.New("x")}, payChanges, "no-account", ""},
	} {
		var told []Denial
		r := startPeople(t, &wall{fail: tt.err}, newPeople(), Options{API: API{Denied: func(_ context.Context, d Denial) { told = append(told, d) }}})
		for i := range 2 * maxDenials {
			r.strangers.first(fmt.Sprint(i), noon)
		}
		for range 3 {
			r.get(t, "wrong-token-0123456789", tt.path)
			r.get(t, janeToken, tt.path)
		}
		if len(told) != 1 || told[0].Reason != tt.reason || told[0].Detail != tt.detail || told[0].Viewer == nil || told[0].Viewer.Subject != "jane" {
			t.Errorf("%s: told of %+v", tt.path, told)
		}
	}
}

// Tokens for programs go on as they were beside people.
func TestTokensBesidePeople(t *testing.T) {
	k := &keeper{}
	p := newPeople()
	w := &wall{}
	var owners []string
	r := startFailures(t, k, Options{Now: func() time.Time { return noon }, API: API{
		Board: w, Identify: p.identify, CursorKey: []byte(cursorKey),
		MarkAllowed: func(_ context.Context, v review.Viewer, host, project string) (bool, error) {
			owners = append(owners, v.Subject+" "+host+"/"+project)
			switch project {
			case "gone":
				return false, &review.GoneError{Err: errors.New("x")}
			case "slow":
				return false, errors.New("x")
			}
			return v.Subject == "jane", nil
		},
		Report: func(context.Context, string, string, int) (any, bool, error) { return struct{}{}, true, nil },
	}})
	for _, tt := range []struct {
		token, path string
		code        int
		want        string
	}{
		{readToken, "/builds/clusters?" + ofPay, 200, "a cluster"},
		{janeToken, "/builds/clusters?" + ofPay, 200, "0123456789abcdef"},
		{pushToken, "/builds/clusters?" + ofPay, 403, "builds.tokens.may"},
		{"wrong-token-0123456789", "/builds/clusters?" + ofPay, 401, `"reason":"token-signature"`},
		{readToken, "/builds?" + ofPay, 200, `"builds":[]`},
		{janeToken, "/builds?" + ofPay, 403, `"reason":"no-program"`},
		{readToken, "/me", 403, `"reason":"no-person"`},
		{scopeToken, "/me", 403, `"reason":"no-person"`},
		{scopeToken, "/reviewers/report?host=main", 200, "{}"},
		{rootToken, "/reviewers/report?host=main", 200, "{}"},
		{janeToken, "/reviewers/report?host=main", 403, `"reason":"no-role"`},
		{"wrong-token-0123456789", "/reviewers/report?host=main", 401, `"reason":"token-signature"`},
		{readToken, "/reviewers/report?host=main", 403, `"reason":"no-person"`},
	} {
		if resp, body := r.get(t, tt.token, tt.path); resp.StatusCode != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s: %d %s, want %d and %s", tt.token, tt.path, resp.StatusCode, body, tt.code, tt.want)
		}
	}
	// A token for programs does not become a person's by a name beside it.
	for token, path := range map[string]string{readToken: "/builds/clusters?" + ofPay, scopeToken: "/reviewers/report?host=main"} {
		for _, name := range []string{"user:default/jane", "", "nobody"} {
			resp, body := r.get(t, token, path, HeaderPerson, name)
			if resp.StatusCode != 401 || !strings.Contains(body, `"reason":"not-a-service"`) {
				t.Errorf("%s for %q: %d %s", path, name, resp.StatusCode, body)
			}
		}
	}
	for _, a := range p.asked {
		for _, secret := range []string{readToken, scopeToken, pushToken} {
			if strings.Contains(a, secret) {
				t.Errorf("a token for programs was shown to the identity providers: %s", a)
			}
		}
	}
	for _, tt := range []struct {
		token, project string
		code           int
		by             string
	}{
		{janeToken, "team/pay", 204, "user:default/jane"},
		{joeToken, "team/pay", 403, ""},
		{janeToken, "gone", 403, ""},
		{janeToken, "slow", 503, ""},
		{ownerToken, "team/pay", 204, "owner"},
	} {
		k.by = ""
		resp, body := r.do(t, "POST", base+"/builds/clusters/0123456789abcdef/mark", bearerHeader(tt.token), strings.NewReader(`{"host":"main","project":"`+tt.project+`","as":"flaky"}`))
		if resp.StatusCode != tt.code || k.by != tt.by {
			t.Errorf("mark as %s in %s: %d %s, by %q, want %d by %q", tt.token, tt.project, resp.StatusCode, body, k.by, tt.code, tt.by)
		}
	}
	if want := []string{"jane main/team/pay", "joe main/team/pay", "jane main/gone", "jane main/slow"}; !slices.Equal(owners, want) {
		t.Errorf("asked who owns: %q, want %q", owners, want)
	}
}

func TestRateOfPerson(t *testing.T) {
	r := startPeople(t, &wall{}, newPeople(), Options{API: API{Rate: 1, Burst: 2}})
	for i, want := range []int{200, 200, 429} {
		if resp, _ := r.get(t, janeToken, "/me"); resp.StatusCode != want || (want == 429) != (resp.Header.Get("Retry-After") != "") {
			t.Errorf("request %d: %d, want %d", i+1, resp.StatusCode, want)
		}
	}
	if resp, _ := r.get(t, joeToken, "/me"); resp.StatusCode != 200 {
		t.Errorf("another person: %d", resp.StatusCode)
	}
}

func TestRatesAreBounded(t *testing.T) {
	r := newRates(1, 1)
	for i := range maxRates + 10 {
		if got := r.allow(fmt.Sprint(i), noon); got != (i <= maxRates) { // those beyond share one
			t.Fatalf("person %d: %v", i, got)
		}
	}
	if !r.allow("late", noon.Add(time.Minute)) || len(r.by) != 1 {
		t.Errorf("%d people are known when all of them were idle", len(r.by))
	}
	var d denials
	n := 0
	for i := range 2 * maxDenials {
		if d.first(fmt.Sprint(i), noon) {
			n++
		}
	}
	if n != maxDenials || d.first("0", noon) || !d.first("0", noon.Add(time.Minute)) {
		t.Errorf("told of %d denials", n)
	}
}

func TestCursorKeyIsLong(t *testing.T) {
	if _, err := New(Options{Decode: decode, Accept: accept, API: API{CursorKey: []byte("short")}}); err == nil {
		t.Error("a short key is taken")
	}
}

// BenchmarkChangesPage is what this package adds to a page of a hundred changes
// beside the board.
func BenchmarkChangesPage(b *testing.B) {
	rows := (&wall{}).rows(person("jane", 1))
	for len(rows) < maxList {
		rows = append(rows, rows[0])
	}
	p := newPeople()
	r := startPeople(b, nil, p, Options{API: API{Board: fixed{&wall{}, rows}, Rate: 1e9, Burst: 1e9}})
	for b.Loop() {
		if resp, body := r.get(b, janeToken, payChanges+"?limit=100"); resp.StatusCode != 200 {
			b.Fatal(body)
		}
	}
}

// fixed is a board with one list of changes.
type fixed struct {
	*wall
	changes []board.Change
}

func (f fixed) Changes(context.Context, review.Viewer, board.ChangesQuery) (board.List[board.Change], error) {
	return board.List[board.Change]{Rows: f.changes}, nil
}

// A server that lets no person in says so, and not that there is nothing.
func TestNoPeople(t *testing.T) {
	r := start(t, Options{})
	for _, path := range []string{
		"/me", "/me/reviews", "/changes/main%2Fteam%2Fpay~7", "/events",
		"/components/component/default/pay/changes", "/components/component/default/pay/changes/main%2Fteam%2Fpay~7",
		"/components/component/default/pay/activity", "/components/component/default/pay/branches",
	} {
		res, body := r.get(t, janeToken, path)
		if res.StatusCode != http.StatusNotImplemented || !strings.Contains(body, `"reason":"not-offered"`) || !strings.Contains(body, "identity.providers") {
			t.Errorf("%s = %d %s", path, res.StatusCode, body)
		}
	}
}
