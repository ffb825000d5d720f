// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/identity/identitytest"
)

const (
	apiPeople  = 200
	apiBig     = "big"    // every fifth person may not see it
	apiSecret  = "secret" // nor every second one this
	bigChanges = 500
	fewChanges = 60
	apiPrivate = 10 // of the changes of either project

	apiRate    = 500 // requests in a second
	apiTime    = 20 * time.Second
	apiStreams = 1000

	portalSecret = "bench-portal-secret-of-loopback"
)

// viewer is one of the people, and what Gerrit shows them.
type viewer struct {
	ref   string
	token string          // of their own; "" for those for whom the portal asks
	sees  map[string]bool // by change id
}

// audience is everybody who asks, and what there is to ask for.
type audience struct {
	stage  *stage
	people []viewer
	ids    []string // of all changes
	wrong  atomic.Int64
}

// measureAPI asks for changes as a portal with many people would. Every row
// that comes is compared with what Gerrit showed that person who asked it
// directly, with a password of their own.
func (b *bench) measureAPI(ctx context.Context) error {
	more := extra{files: map[string]string{"portal": portalSecret}}
	login := &identitytest.Provider{}
	site := httptest.NewServer(login)
	defer site.Close()
	login.Issuer = site.URL
	login.AddKey("ES256")
	var catalog strings.Builder
	for i := range apiPeople {
		name := fmt.Sprintf("reader%03d", i)
		more.people = append(more.people, name)
		fmt.Fprintf(&catalog, "---\napiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: %s, annotations: {gerrit-review-assistant/username: %s}}\nspec: {memberOf: []}\n", name, name)
	}
	more.catalog = catalog.String()
	more.yaml = `identity:
  providers:
    - {name: login, issuer: "` + login.Issuer + `", audiences: [bench], username_claim: name}
    - {name: portal, type: backstage, issuer: "http://127.0.0.1:9/api/auth"}
  services:
    - {name: portal, token_files: [portal], provider: portal}
`
	more.server = ", max_conns_per_ip: 1500"
	return b.onStageWith(ctx, "api", []string{apiBig, apiSecret}, more, func(s *stage) error {
		a, err := s.audience(ctx, more.people)
		if err != nil {
			return err
		}
		for i := range a.people {
			if i%3 > 0 { // the portal asks for every third
				claims := login.Claims(time.Now(), more.people[i], "bench")
				claims["name"] = more.people[i]
				a.people[i].token = login.Mint(claims, nil)
			}
		}
		for _, measure := range []func(context.Context, *bench) error{a.coldPages, a.coldChanges, a.warm, a.streams} {
			if err := measure(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
}

// audience fills the projects and finds out what each person sees.
func (s *stage) audience(ctx context.Context, names []string) (*audience, error) {
	a := &audience{stage: s}
	for project, n := range map[string]int{apiBig: bigChanges, apiSecret: fewChanges} {
		say("%d changes in %s", n, project)
		group, gctx := errgroup.WithContext(ctx)
		group.SetLimit(parallel)
		for i := range n {
			number, body := s.push(project)
			id := fmt.Sprintf("bench/%s~%d", project, number)
			a.ids = append(a.ids, id)
			if i < apiPrivate {
				s.gerrit.Change(number).SetPrivate(true)
				continue
			}
			group.Go(func() error {
				_, _, err := s.review(gctx, number, body)
				s.vote(number, names[i%len(names)], names[(i+1)%len(names)])
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	slices.Sort(a.ids)
	for i, name := range names {
		if i%5 == 0 {
			s.gerrit.HideProject(apiBig, s.gerrit.Person(name))
		}
		if i%2 == 0 {
			s.gerrit.HideProject(apiSecret, s.gerrit.Person(name))
		}
		v := viewer{ref: "user:default/" + name, sees: map[string]bool{}}
		for _, project := range []string{apiBig, apiSecret} {
			list, err := s.shown(ctx, s.gerrit.Person(name), project)
			if err != nil {
				return nil, err
			}
			for _, id := range list {
				v.sees[id] = true
			}
		}
		a.people = append(a.people, v)
	}
	return a, nil
}

// shown asks Gerrit as the person itself.
func (s *stage) shown(ctx context.Context, p gerrittest.Account, project string) ([]string, error) {
	q := url.Values{"q": {"status:open -is:private project:" + project}, "n": {"500"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.gerrit.URL+"/a/changes/?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(p.Username, p.Password)
	body, _, err := s.do(req, http.StatusOK)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Number int `json:"_number"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(body), ")]}'")), &rows); err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("bench/%s~%d", project, r.Number))
	}
	return out, nil
}

// ask makes one request as a person and returns its body.
func (a *audience) ask(ctx context.Context, v *viewer, path string, want ...int) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.stage.bot.url+"/api/v1"+path, nil)
	if err != nil {
		return nil, 0, err
	}
	v.sign(req)
	return a.stage.do(req, want...)
}

// sign says who asks.
func (v *viewer) sign(req *http.Request) {
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
		return
	}
	req.Header.Set("Authorization", "Bearer "+portalSecret)
	req.Header.Set("X-Review-Assistant-User", v.ref)
}

// page is an answer with changes.
type page struct {
	Changes []struct {
		ID      string          `json:"id"`
		Summary json.RawMessage `json:"summary"`
	} `json:"changes"`
	Next string `json:"next"`
}

// list reads a page and checks each row of it.
func (a *audience) list(ctx context.Context, v *viewer, path string) (p page, err error) {
	body, _, err := a.ask(ctx, v, path, http.StatusOK)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return p, err
	}
	for _, row := range p.Changes {
		switch {
		case !v.sees[row.ID]:
			say("WRONG: %s got %s, which Gerrit does not show them", v.ref, row.ID)
			a.wrong.Add(1)
		case string(row.Summary) == "null":
			return p, fmt.Errorf("%s got %s without its summary", v.ref, row.ID)
		}
	}
	return p, nil
}

func componentPath(project, query string) string {
	return "/components/component/default/" + project + "/changes?" + query
}

// coldPages has each person read a component for the first time.
func (a *audience) coldPages(ctx context.Context, b *bench) error {
	say("%d people read a component of %d open changes", len(a.people), bigChanges)
	var beside []time.Duration
	most, all := 0, 0
	for i := range a.people {
		v := &a.people[i]
		before := a.stage.gate.work()
		began := time.Now()
		p, err := a.list(ctx, v, componentPath(apiBig, "limit=50"))
		if err != nil {
			return err
		}
		took := time.Since(began)
		after := a.stage.gate.work()
		most, all = max(most, after.asked-before.asked), max(all, after.calls-before.calls)
		if len(p.Changes) > 0 {
			beside = append(beside, took-(after.busy-before.busy))
		}
	}
	b.report.atMost("API: page of 50 of 500 changes beside Gerrit's answer, p50", "ms", 20, ms(quantile(beside, .5)))
	b.report.tell("API: the same, p95", "ms", ms(quantile(beside, .95)))
	b.report.atMost("API: questions to Gerrit who sees what, for a page, most", "", 2, float64(most))
	b.report.tell("API: all calls to Gerrit for the first page of a person, most", "", float64(all))

	// All pages of some people together are exactly what Gerrit shows them.
	for i := range 20 {
		v := &a.people[i]
		got := map[string]bool{}
		for query := "limit=100"; query != ""; {
			p, err := a.list(ctx, v, componentPath(apiBig, query))
			if err != nil {
				return err
			}
			for _, row := range p.Changes {
				got[row.ID] = true
			}
			if query = ""; p.Next != "" {
				query = "limit=100&cursor=" + url.QueryEscape(p.Next)
			}
		}
		for id := range v.sees {
			if strings.Contains(id, "/"+apiBig+"~") && !got[id] {
				return fmt.Errorf("%s did not get %s, which Gerrit shows them", v.ref, id)
			}
		}
	}
	return nil
}

// coldChanges has people read a change that they have not seen for a minute,
// and then all rows of a page that they have: that asks Gerrit nothing.
func (a *audience) coldChanges(ctx context.Context, b *bench) error {
	say("%d people read changes", len(a.people))
	var beside []time.Duration
	r := rand.New(rand.NewPCG(1, 1))
	for i := range a.people {
		v, id := &a.people[i], a.ids[r.IntN(len(a.ids))]
		before := a.stage.gate.work()
		began := time.Now()
		if err := a.change(ctx, v, id); err != nil {
			return err
		}
		took := time.Since(began)
		if after := a.stage.gate.work(); after.asked > before.asked && v.sees[id] {
			beside = append(beside, took-(after.busy-before.busy))
		}
	}
	b.report.atMost("API: one change beside Gerrit's answer, p50", "ms", 5, ms(quantile(beside, .5)))
	v := &a.people[1]
	p, err := a.list(ctx, v, componentPath(apiBig, "limit=50"))
	if err != nil {
		return err
	}
	before := a.stage.gate.work()
	for _, row := range p.Changes {
		if err := a.change(ctx, v, row.ID); err != nil {
			return err
		}
	}
	b.report.atMost("API: questions to Gerrit for 50 changes seen within the minute", "", 0, float64(a.stage.gate.work().asked-before.asked))
	return nil
}

// change reads one change, which is there for some and not for others.
func (a *audience) change(ctx context.Context, v *viewer, id string) error {
	want := http.StatusNotFound
	if v.sees[id] {
		want = http.StatusOK
	}
	body, _, err := a.ask(ctx, v, "/changes/"+url.PathEscape(id), want)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", v.ref, id, err)
	}
	if want == http.StatusNotFound && strings.Contains(string(body), "subject") {
		return fmt.Errorf("%s learned of %s", v.ref, id)
	}
	return nil
}

// warm sends requests of all people at a rate.
func (a *audience) warm(ctx context.Context, b *bench) error {
	say("%d requests a second of %d people", apiRate, len(a.people))
	r := rand.New(rand.NewPCG(2, 2))
	type request struct {
		v    *viewer
		path string
		id   string
	}
	due := arrivals(apiRate, apiTime, 3)
	list := make([]request, len(due))
	for i := range list {
		q := request{v: &a.people[r.IntN(len(a.people))]}
		switch n := r.IntN(10); {
		case n < 6:
			q.path = componentPath(apiBig, "limit=25")
		case n < 7:
			q.path = componentPath(apiSecret, "limit=25")
		default:
			q.id = a.ids[r.IntN(40)]
		}
		list[i] = q
	}
	send := func(i int) error {
		if q := list[i]; q.id != "" {
			return a.change(ctx, q.v, q.id)
		}
		_, err := a.list(ctx, list[i].v, list[i].path)
		return err
	}
	// Once before, so that the caches are warm.
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	seen := map[request]bool{}
	for i, q := range list {
		if !seen[q] {
			seen[q] = true
			group.Go(func() error { return send(i) })
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	began := time.Now()
	took, err := openLoop(ctx, due, send)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("API: at %d/s over %d people", apiRate, len(a.people))
	b.report.atLeast(what+", served", "/s", .98*apiRate, float64(len(due))/time.Since(began).Seconds())
	b.report.atMost(what+", rows that Gerrit does not show them", "", 0, float64(a.wrong.Load()))
	b.report.tell(what+", p50", "ms", ms(quantile(took, .5)))
	b.report.tell(what+", p99", "ms", ms(quantile(took, .99)))
	return nil
}

// streams opens streams of events and lets one change move.
func (a *audience) streams(ctx context.Context, b *bench) error {
	say("%d streams of events", apiStreams)
	before, err := a.stage.bot.memory("VmRSS")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}
	defer client.CloseIdleConnections()
	got := make(chan heard, apiStreams)
	group, gctx := errgroup.WithContext(ctx)
	for i := range apiStreams {
		v := &a.people[i%len(a.people)]
		open, err := a.listen(gctx, client, v)
		if err != nil {
			return fmt.Errorf("stream %d: %w", i, err)
		}
		group.Go(func() error { return open(got) })
	}
	if err := pause(ctx, 2*time.Second); err != nil {
		return err
	}
	after, err := a.stage.bot.memory("VmRSS")
	if err != nil {
		return err
	}
	b.report.atMost(fmt.Sprintf("API: memory of %d open streams", apiStreams), "MB", 100, after-before)
	b.report.tell("API: resident with them", "MB", after)

	number, body := a.stage.push(apiBig)
	id := fmt.Sprintf("bench/%s~%d", apiBig, number)
	sent := time.Now()
	if _, _, err := a.stage.review(ctx, number, body); err != nil {
		return err
	}
	want := 0
	for i := range apiStreams {
		if i%len(a.people)%5 != 0 {
			want++
		}
	}
	var late []time.Duration
	limit := time.After(30 * time.Second)
	for len(late) < want {
		select {
		case h := <-got:
			if h.id != id {
				continue
			}
			if !h.sees {
				return fmt.Errorf("%s heard of %s, which Gerrit does not show them", h.ref, id)
			}
			late = append(late, h.at.Sub(sent))
		case <-limit:
			return fmt.Errorf("%d of %d streams told of %s within 30 s", len(late), want, id)
		}
	}
	b.report.tell("API: from the webhook to the event on all streams", "ms", ms(slices.Max(late)))
	cancel()
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
