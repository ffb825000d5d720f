// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// asker is somebody who asks the API of a bot.
type asker struct {
	t       *testing.T
	url     string
	bearer  string
	person  string      // for whom a service asks
	account rig.Account // that the bot should take the asker for
}

// answer is one of the API.
type answer struct {
	status int
	header http.Header
	body   string
}

// shown is a row of a list, or the answer about one change.
type shown struct {
	ID       string `json:"id"`
	Subject  string `json:"subject"`
	Status   string `json:"status"`
	Branch   string `json:"branch"`
	PatchSet int    `json:"patch_set"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	Says     string `json:"says"`
	Waits    string `json:"waits"`
	Owner    struct {
		Name string `json:"name"`
	} `json:"owner"`
	Summary *struct {
		Title   string   `json:"title"`
		Bullets []string `json:"bullets"`
		Stale   bool     `json:"stale"`
	} `json:"summary"`
	Full *struct {
		Text string `json:"text"`
	} `json:"full"`
	Change string `json:"change"` // of activity, instead of an id
}

func (a asker) request(ctx context.Context, method, path, body string) *http.Response {
	a.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, a.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatalf("ask the API: %v", err)
	}
	req.Header.Set("Authorization", "Bearer "+a.bearer)
	if a.person != "" {
		req.Header.Set("X-Review-Assistant-User", a.person)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatalf("ask the API: %v", err)
	}
	return resp
}

func (a asker) ask(method, path, body string) answer {
	a.t.Helper()
	resp := a.request(a.t.Context(), method, path, body)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatalf("read an answer of the API: %v", err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func (a asker) get(path string) answer { a.t.Helper(); return a.ask(http.MethodGet, path, "") }

// read asks for what has to be there.
func (a asker) read(path string, out any) {
	a.t.Helper()
	got := a.get(path)
	if got.status != http.StatusOK {
		a.t.Fatalf("%s gets %d for %s: %s", a.account.Username, got.status, path, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), out); err != nil {
		a.t.Fatalf("the answer for %s: %v: %s", path, err, got.body)
	}
}

// all reads a list in pages of two.
func (a asker) all(path, field string) (out []shown) {
	a.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	for cursor := ""; ; {
		var page map[string]json.RawMessage
		a.read(path+separator+"limit=2"+cursor, &page)
		var rows []shown
		var next *string
		if err := errors.Join(json.Unmarshal(page[field], &rows), json.Unmarshal(page["next"], &next)); err != nil {
			a.t.Fatalf("the answer for %s: %v", path, err)
		}
		if out = append(out, rows...); next == nil {
			return out
		}
		cursor = "&cursor=" + url.QueryEscape(*next)
	}
}

// change asks for one change.
func (a asker) change(c *rig.Change) answer {
	a.t.Helper()
	return a.get("/changes/main/" + c.String())
}

// summarized reports whether the asker is shown a summary of the change.
func (a asker) summarized(c *rig.Change) bool {
	a.t.Helper()
	var d shown
	a.read("/changes/main/"+c.String(), &d)
	return d.Summary != nil && d.Full != nil && d.Full.Text != ""
}

// awaitStatus waits until the asker gets a status for a path, and logs how long
// that took.
func (a asker) awaitStatus(what, path string, status int) answer {
	a.t.Helper()
	began := time.Now()
	var got answer
	eventually(a.t, fmt.Sprintf("status %d after %s", status, what), func() bool {
		got = a.get(path)
		return got.status == status
	})
	a.t.Logf("%s: %d after %.1f s", what, status, time.Since(began).Seconds())
	return got
}

// refused fails unless the answer is a problem with the status and reason.
func (a answer) refused(t *testing.T, status int, reason string) {
	t.Helper()
	var p struct {
		Status int    `json:"status"`
		Reason string `json:"reason"`
		Title  string `json:"title"`
	}
	err := json.Unmarshal([]byte(a.body), &p)
	if err != nil || a.status != status || p.Status != status || p.Reason != reason || p.Title == "" ||
		a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the answer is %d %v %s, want a problem %d %s", a.status, a.header, a.body, status, reason)
	}
}

// onGerrit is what Gerrit itself answers the account to a query, the newest
// update first.
func onGerrit(s *rig.Scene, who rig.Account, query string) (out []shown) {
	s.Helper()
	var list []struct {
		Project, Branch, Subject, Status string
		Number                           int    `json:"_number"`
		Revision                         string `json:"current_revision"`
		Revisions                        map[string]struct {
			N int `json:"_number"`
		} `json:"revisions"`
		Owner struct{ Name string }
	}
	s.Do(who, http.MethodGet, "/changes/?o=DETAILED_ACCOUNTS&o=CURRENT_REVISION&q="+url.QueryEscape(query), nil, &list)
	for _, c := range list {
		row := shown{
			ID: fmt.Sprintf("main/%s~%d", c.Project, c.Number), Subject: c.Subject, Status: c.Status, Branch: c.Branch,
			PatchSet: c.Revisions[c.Revision].N,
		}
		row.Owner.Name = c.Owner.Name
		out = append(out, row)
	}
	return out
}

// plain leaves of rows what Gerrit tells too.
func plain(rows []shown) []shown {
	rows = slices.Clone(rows)
	for i, r := range rows {
		rows[i] = shown{ID: r.ID, Subject: r.Subject, Status: r.Status, Branch: r.Branch, PatchSet: r.PatchSet, Owner: r.Owner}
	}
	return rows
}

// sameAsGerrit fails unless the rows are those of Gerrit, in its order.
func sameAsGerrit(t *testing.T, s *rig.Scene, what string, got []shown, who rig.Account, query string) {
	t.Helper()
	if want := onGerrit(s, who, query); !slices.Equal(plain(got), want) {
		t.Errorf("%s: %s sees\n%+v\nand on Gerrit\n%+v", what, who.Username, plain(got), want)
	}
}

// event is one of a stream.
type event struct{ id, kind, data string }

// follow opens a stream of events that ends with the test. An empty id begins
// now. The channel is closed when the stream is.
func (a asker) follow(after string) <-chan event {
	a.t.Helper()
	path := "/events"
	if after != "" {
		path += "?after=" + after
	}
	resp := a.request(a.t.Context(), http.MethodGet, path, "")
	if resp.StatusCode != http.StatusOK {
		a.t.Fatalf("%s gets %s for a stream", a.account.Username, resp.Status)
	}
	out := make(chan event, 1000)
	go func() {
		defer resp.Body.Close()
		defer close(out)
		var e event
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
				out <- e
				e = event{}
			}
		}
	}()
	return out
}

// until reads events up to one about a change and returns all of them. Reloads
// are left out: somebody configured a project.
func until(t *testing.T, stream <-chan event, c *rig.Change) (got []event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		select {
		case e, open := <-stream:
			if !open {
				t.Fatalf("the stream ended before it told of %s: %v", c, got)
			}
			if e.kind == "reload" {
				continue
			}
			if got = append(got, e); e.about(c) {
				return got
			}
		case <-ctx.Done():
			t.Fatalf("the stream does not tell of %s: %v", c, got)
		}
	}
}

func (e event) about(c *rig.Change) bool {
	return e.kind == "change" && e.data == fmt.Sprintf(`{"id":"main/%s"}`, c)
}
