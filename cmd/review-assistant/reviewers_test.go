// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/review"
	"review-assistant/reviewers"
	"review-assistant/store"
)

// told is a server's folder in which somebody was suggested on a change.
type told struct {
	t       *testing.T
	dir, id string
	done    string // tells the end of id
	mute    string // a post that named nobody
	record  []byte
}

func newTold(t *testing.T) *told {
	t.Helper()
	w := &told{t: t, dir: t.TempDir()}
	now := time.Now().UTC().AddDate(0, 0, -10) // in the weeks that are told
	people := []review.Owner{}
	for i := range int64(6) {
		people = append(people, review.Owner{Entity: "component:default/pay", Title: "pay", Group: "payments", Person: review.Person{Account: review.Account{ID: 20 + i, Name: "P"}}})
	}
	in := reviewers.Input{Host: "main", Project: "pay", Files: []string{"a.go"}, Author: review.Account{ID: 1}, Owners: people, Max: 2, Now: now}
	s := reviewers.Choose(in, reviewers.Rank(in), reviewers.Facts{Open: map[int64]int{20: 3}})
	var err error
	if w.record, err = json.Marshal(s.Record); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(w.dir, "audit", "main"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := audit.Open(filepath.Join(w.dir, "audit", "main"), audit.Options{Origin: originPrefix + "main", KeyFile: filepath.Join(w.dir, "key"), Generate: true})
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := l.Append(t.Context(), audit.Entry{
		Actor: audit.Actor{Kind: "bot"}, Action: audit.ActionPost, Result: audit.ResultIntent,
		Object: audit.Object{Host: "main", Project: "pay", Change: 7, PatchSet: 1}, Why: audit.Why{Evidence: []string{bot.SuggestionMark(w.record)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.id = receipt.ID
	done, err := l.Append(t.Context(), audit.Entry{
		Actor: audit.Actor{Kind: "bot"}, Action: audit.ActionPost, Result: audit.ResultDone, Ref: w.id,
		Object: audit.Object{Host: "main", Project: "pay", Change: 7, PatchSet: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	mute, err := l.Append(t.Context(), audit.Entry{
		Actor: audit.Actor{Kind: "bot"}, Action: audit.ActionPost, Result: audit.ResultIntent,
		Object: audit.Object{Host: "main", Project: "pay", Change: 99, PatchSet: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.done, w.mute = done.ID, mute.ID
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	suggestion := reviewers.Told{Project: "pay", Change: 7, PatchSet: 1, At: now.Add(-time.Hour), Audit: w.id}
	for _, p := range s.Picks {
		suggestion.Picks = append(suggestion.Picks, reviewers.ToldPick{Account: p.Account.ID, Group: "payments"})
	}
	w.keep(suggestion)
	w.append(bot.RecordsLog("main"), review.Row{Key: reviewers.ToldKey(7, 1), At: suggestion.At, Data: w.record})
	for n, pair := range [][]int64{{20, 21}, {22, 23}, {24, 20}} {
		w.keep(reviewers.Told{Project: "pay", Change: 8 + n, PatchSet: 1, At: now.Add(-time.Hour), Picks: []reviewers.ToldPick{{Account: pair[0]}, {Account: pair[1]}}})
		w.keep(reviewers.Ended{Project: "pay", Change: 8 + n, At: now, Merged: true, Reviewed: pair[:1], Added: pair[:1], FirstReview: now.Add(-time.Minute)})
	}
	config := "log: {level: error}\nserver: {id: main}\nstore: {sqlite: store.db}\naudit: {dir: audit, key_file: key, accept_ephemeral: true}\n" +
		"gerrit:\n  - {id: main, url: 'http://127.0.0.1:1', username: bot, password_file: key, webhook_token_files: [key]}\n"
	if err := os.WriteFile(filepath.Join(w.dir, "config.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// keep writes a row of feedback.
func (w *told) keep(x interface{ Row() (review.Row, error) }) {
	w.t.Helper()
	row, err := x.Row()
	if err != nil {
		w.t.Fatal(err)
	}
	w.append(bot.FeedbackLog("main"), row)
}

func (w *told) append(log string, row review.Row) {
	w.t.Helper()
	w.inStore(func(st store.Store) error {
		_, err := st.Append(w.t.Context(), log, []review.Row{row})
		return err
	})
}

// forget empties a log.
func (w *told) forget(log string) {
	w.t.Helper()
	w.inStore(func(st store.Store) error {
		_, err := st.Trim(w.t.Context(), log, time.Now(), 100)
		return err
	})
}

func (w *told) inStore(f func(store.Store) error) {
	w.t.Helper()
	st, err := store.OpenSQLite(w.t.Context(), filepath.Join(w.dir, "store.db"), store.SQLiteOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer st.Close()
	if err := f(st); err != nil {
		w.t.Fatal(err)
	}
}

func (w *told) run(args ...string) (string, int) {
	w.t.Helper()
	var out bytes.Buffer
	code := run(w.t.Context(), append([]string{"--config", filepath.Join(w.dir, "config.yaml")}, args...), strings.NewReader(""), &out, &out)
	return out.String(), code
}

func TestReviewersCommands(t *testing.T) {
	w := newTold(t)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"report", []string{"reviewers", "report"}, exitDone, []string{"project pay", "3 (50 %)", "59 min", "  group payments", "too few people"}},
		{"as JSON", []string{"reviewers", "report", "--json", "--project", "main/pay"}, exitDone, []string{`"main": {`, `"reviewed": 3`, `"withheld": true`}},
		{"nothing", []string{"reviewers", "report", "--project", "main/none"}, exitDone, []string{"nobody was suggested"}},
		{"a project beside its Gerrit", []string{"reviewers", "report", "--host", "main", "--project", "pay"}, exitDone, []string{"project pay"}},
		{"a project alone", []string{"reviewers", "report", "--project", "pay"}, exitUsage, []string{"write HOST/NAME"}},
		{"another Gerrit", []string{"reviewers", "report", "--host", "other"}, exitUsage, []string{`no Gerrit with id "other"`}},
		{"too far back", []string{"reviewers", "report", "--days", "999"}, exitUsage, []string{"30", "180"}},
		{"a day more", []string{"reviewers", "report", "--days", "31"}, exitUsage, []string{"30", "180"}},
		{"another window", []string{"reviewers", "report", "--days", "30"}, exitDone, []string{"project pay", "3 (50 %)"}},
		{"replay", []string{"reviewers", "replay", w.id}, exitDone, []string{"main/pay~7 patch set 1", "1 part;", "1. account 2", "0 open reviews", "named first: by the best score", "named second: by the best score of the rest", "no signal lifted", "2. account 2", "and 4 others", "ok   the record gives the same people in the same order"}},
		{"record", []string{"reviewers", "replay", "--json", w.id}, exitDone, []string{`"weights"`}},
		{"the end of a post", []string{"reviewers", "replay", w.done}, exitDone, []string{"main/pay~7 patch set 1", "ok "}},
		{"large letters", []string{"reviewers", "replay", strings.ToUpper(w.id)}, exitDone, []string{"main/pay~7 patch set 1"}},
		{"a folder", []string{"reviewers", "replay", "--dir", filepath.Join(w.dir, "audit"), w.id}, exitDone, []string{"main/pay~7 patch set 1"}},
		{"no folder", []string{"reviewers", "replay", "--dir", filepath.Join(w.dir, "none"), w.id}, exitUsage, []string{"set audit.dir or --dir"}},
		{"nobody", []string{"reviewers", "replay", w.mute}, exitFailed, []string{"the comment " + w.mute + " named nobody"}},
		{"unknown id", []string{"reviewers", "replay", "0123456789ab"}, exitUsage, []string{"no post", "at the end of the comment"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, code := w.run(tt.args...)
			if code != tt.code {
				t.Errorf("exit %d, want %d:\n%s", code, tt.code, out)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
		})
	}
}

// What a person has to do is told of who was named, and of nobody else.
func TestReplayNamesNobodyElse(t *testing.T) {
	w := newTold(t)
	var r reviewers.Record
	if err := json.Unmarshal(w.record, &r); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"reviewers", "replay", w.id}, {"reviewers", "replay", "--json", w.id}} {
		out, code := w.run(args...)
		if code != exitDone {
			t.Fatalf("exit %d: %s", code, out)
		}
		for _, c := range r.Candidates {
			shown := regexp.MustCompile(fmt.Sprintf(`(?m)(account |"id":)%d\b`, c.ID)).MatchString(out)
			if shown != slices.Contains(r.Picks, c.ID) {
				t.Errorf("%v: account %d is shown: %t; named were %v\n%s", args[2:], c.ID, shown, r.Picks, out)
			}
		}
	}
}

func TestNotKept(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		days  int
		other string
		want  string
	}{
		{1, "", "nothing was posted, or"},
		{181, "", "it is older than 180 days"},
		{1, "abc", "under the comment abc"},
	} {
		if err := notKept(audit.Record{Time: now.AddDate(0, 0, -tt.days)}, tt.other, now); !strings.Contains(err.Error(), tt.want) {
			t.Errorf("notKept(%d days, %q) = %v", tt.days, tt.other, err)
		}
	}
}

// How a suggestion came about, in words; nothing about activity.
func TestExplain(t *testing.T) {
	weights := []reviewers.Weight{{Signal: "path20", Weight: 1}, {Signal: "alike", Weight: 1}, {Signal: "owners", Weight: 1}, {Signal: "text90", Weight: 1}, {Signal: "wact", Weight: 1}}
	values := func(v ...float64) []float64 { return v }
	first := reviewers.Scored{ID: 7, Values: values(-1, 6, 3, 1, 90), Open: 1, Knows: 0b001, Asked: 1.25}
	second := reviewers.Scored{ID: 8, Values: values(-3, 0, 0, 0, 0), Knows: 0b110}
	owner := reviewers.Scored{ID: 9, Values: values(-2, 0, 0, 0, 0), Owns: 0b001, Claim: 1}
	for name, tt := range map[string]struct {
		max        int
		picks      []int64
		candidates []reviewers.Scored
		want       []string
	}{
		"cover": {2, []int64{7, 8}, []reviewers.Scored{first, second}, []string{
			"3 parts; history up to row 0; catalog none\n1. account 7: score ", " with 1 open review, asked 1.2 times of late; knows 1 part, owns 0",
			"named first: by the best score\n   lifted over the other candidates by alike 50 %, owners 25 %, path20 17 %\n2. account 8",
			"named second: covers 2 parts that the first does not know\n   no signal lifted", "and 0 others",
		}},
		"an owner":         {2, []int64{7, 9}, []reviewers.Scored{first, second, owner}, []string{"named second: the last place is an owner's, and nobody before owns anything\n", "and 1 other\n"}},
		"nothing to cover": {3, []int64{9, 7}, []reviewers.Scored{owner, first, second}, []string{"named second: by the best score of the rest"}},
		"the third":        {4, []int64{9, 7, 8}, []reviewers.Scored{owner, first, second}, []string{"named third: covers 2 parts that those before do not know"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := explain(reviewers.Record{Weights: weights, Max: tt.max, Components: []int{1, 1, 2}, Candidates: tt.candidates, Picks: tt.picks})
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("lacks %q:\n%s", want, got)
				}
			}
			if strings.Contains(got, "wact") {
				t.Errorf("shows activity:\n%s", got)
			}
		})
	}
}

// A record that somebody changed in the store is found out.
func TestReplayOfAnotherRecord(t *testing.T) {
	w := newTold(t)
	w.forget(bot.RecordsLog("main"))
	if out, code := w.run("reviewers", "replay", w.id); code != exitFailed || !strings.Contains(out, "no record") {
		t.Errorf("without its record: exit %d: %s", code, out)
	}
	other := strings.Replace(string(w.record), `"max":2`, `"max":1`, 1)
	w.append(bot.RecordsLog("main"), review.Row{Key: reviewers.ToldKey(7, 1), At: time.Now(), Data: []byte(other)})
	if out, code := w.run("reviewers", "replay", w.id); code != exitFindings || !strings.Contains(out, "not the one that was audited") {
		t.Errorf("a changed one: exit %d: %s", code, out)
	}
	w.forget(bot.FeedbackLog("main"))
	if out, code := w.run("reviewers", "replay", w.id); code != exitFailed || strings.Contains(out, "older") || !strings.Contains(out, "nothing was posted") {
		t.Errorf("a trimmed one: exit %d: %s", code, out)
	}
}

// What is scraped was counted before, and asks the store nothing.
func TestSuggestionMetric(t *testing.T) {
	w := newTold(t)
	c, err := loadConfig(filepath.Join(w.dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), c, slog.New(slog.DiscardHandler), noLog{})
	if err != nil {
		t.Fatal(err)
	}
	p.watchSuggestions()
	p.countSuggestions(t.Context())
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p.countSuggestions(t.Context()) // fails, and changes nothing
	res := httptest.NewRecorder()
	p.metrics.Handler().ServeHTTP(res, httptest.NewRequest("GET", "/metrics", nil))
	if want := `bot_suggested_reviewers{group="",host="main",project="pay",result="reviewed"} 3`; !strings.Contains(res.Body.String(), want) {
		t.Errorf("lacks %s", want)
	}
}

// Lines that are withheld take no place among those that are exported.
func TestSuggestionSamples(t *testing.T) {
	var r reviewers.Report
	for i := range 3 * maxSuggestionLines {
		r.Lines = append(r.Lines, reviewers.ReportLine{Project: fmt.Sprint(i), Withheld: i < 2*maxSuggestionLines, Suggested: 6, Reviewed: 2})
	}
	r.Lines[299].Added, r.Lines[299].AddedOf = 1, 6
	got := suggestionSamples("main", r)
	if len(got) != 3*maxSuggestionLines+2 {
		t.Fatalf("%d samples", len(got))
	}
	found := map[string]float64{}
	for _, s := range got[len(got)-5:] {
		if s.Labels[0] != "main" || s.Labels[1] != "299" {
			t.Errorf("sample %v", s)
		}
		found[s.Labels[3]] = s.Value
	}
	if want := map[string]float64{"suggested": 6, "reviewed": 2, "declined": 0, "added": 1, "added_of": 6}; !maps.Equal(found, want) {
		t.Errorf("samples %v, want %v", found, want)
	}
}
