// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
)

var changeOne = review.ChangeID{Host: "main", Project: "team/a", Number: 1}

func outcome(id review.ChangeID, patchSet int, v review.Verdict) review.Outcome {
	return review.Outcome{
		Change: id, PatchSet: patchSet, Kind: review.PostSummary, Verdict: v, Reason: string(v),
		Audit: "3f9c1a", At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

func summary(id review.ChangeID, patchSet int, text string) *review.Summary {
	return &review.Summary{
		Change: id, PatchSet: patchSet, Revision: strings.Repeat("a", 40), Subject: "s", Text: text,
		Created: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Picks: []review.Pick{{Account: review.Account{ID: 7}, Reasons: []string{"owns it"}, Score: 0.5}},
	}
}

func (f *fixture) record(t testing.TB, o review.Outcome, s *review.Summary) {
	t.Helper()
	if err := f.Record(t.Context(), o, s); err != nil {
		t.Fatalf("Record(%+v) = %v", o, err)
	}
}

func (f *fixture) outcomes(t testing.TB, id review.ChangeID) []review.Outcome {
	t.Helper()
	out, err := f.Outcomes(t.Context(), id)
	if err != nil {
		t.Fatalf("Outcomes(%s) = %v", id, err)
	}
	return out
}

// shows checks which text is shown of a change, "" for none.
func (f *fixture) shows(t testing.TB, id review.ChangeID, want string) {
	t.Helper()
	s, ok, err := f.Summary(t.Context(), id)
	if err != nil || ok != (want != "") || s.Text != want {
		t.Fatalf("Summary(%s) = %q, %v, %v; want %q", id, s.Text, ok, err, want)
	}
}

func TestOutcomes(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		if got := f.outcomes(t, changeOne); len(got) != 0 {
			t.Errorf("Outcomes() = %+v, want none", got)
		}
		posted, silent := outcome(changeOne, 2, review.VerdictPosted), outcome(changeOne, 10, review.VerdictSuppressed)
		secrets := posted
		secrets.Kind = review.PostSecrets
		f.record(t, outcome(changeOne, 2, review.VerdictNotOurs), nil)
		f.record(t, silent, nil)
		f.record(t, posted, nil)
		f.record(t, secrets, nil)
		// Nothing takes a post back, not even another post.
		for _, v := range []review.Verdict{review.VerdictSuppressed, review.VerdictShadow, review.VerdictNotOurs, review.VerdictPosted} {
			o := outcome(changeOne, 2, v)
			o.Reason = "later"
			f.record(t, o, nil)
		}
		// A prefix of a name is another change.
		f.record(t, outcome(review.ChangeID{Host: "main", Project: "team/a", Number: 11}, 1, review.VerdictPosted), nil)
		want := []review.Outcome{secrets, posted, silent}
		if diff := cmp.Diff(want, f.outcomes(t, changeOne)); diff != "" {
			t.Errorf("Outcomes() (-want +got):\n%s", diff)
		}
	})
}

func TestSummaries(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.shows(t, changeOne, "")
		f.record(t, outcome(changeOne, 10, review.VerdictPosted), summary(changeOne, 10, "ten"))
		f.record(t, outcome(changeOne, 9, review.VerdictPosted), summary(changeOne, 9, "nine"))
		f.shows(t, changeOne, "ten")
		// A second look at a posted patch set renews the text, not the outcome.
		f.record(t, outcome(changeOne, 10, review.VerdictSuppressed), summary(changeOne, 10, "ten again"))
		got, ok, err := f.Summary(ctx, changeOne)
		if diff := cmp.Diff(*summary(changeOne, 10, "ten again"), got); diff != "" || !ok || err != nil {
			t.Errorf("Summary() = %v, %v (-want +got):\n%s", ok, err, diff)
		}

		for patchSet, want := range map[int]string{8: "", 9: "nine", 10: "ten again"} {
			if s, ok, err := f.SummaryAt(ctx, changeOne, patchSet); s.Text != want || ok != (want != "") || err != nil {
				t.Errorf("SummaryAt(%d) = %q, %v, %v; want %q", patchSet, s.Text, ok, err, want)
			}
		}

		if err := f.Hide(ctx, changeOne, true); err != nil {
			t.Fatal(err)
		}
		f.shows(t, changeOne, "")
		if _, ok, err := f.SummaryAt(ctx, changeOne, 9); ok || err != nil {
			t.Errorf("SummaryAt() of a hidden change = %v, %v", ok, err)
		}
		f.record(t, outcome(changeOne, 11, review.VerdictSuppressed), nil)
		f.shows(t, changeOne, "")
		if err := f.Hide(ctx, changeOne, false); err != nil {
			t.Fatal(err)
		}
		f.shows(t, changeOne, "ten again")

		// Text that was just made from the change may be shown.
		if err := f.Hide(ctx, changeOne, true); err != nil {
			t.Fatal(err)
		}
		f.record(t, outcome(changeOne, 12, review.VerdictPosted), summary(changeOne, 12, "twelve"))
		f.shows(t, changeOne, "twelve")

		before := f.outcomes(t, changeOne)
		if err := f.Hide(ctx, changeOne, true); err != nil {
			t.Fatal(err)
		}
		if err := f.Erase(ctx, changeOne); err != nil {
			t.Fatal(err)
		}
		if err := f.Hide(ctx, changeOne, false); err != nil {
			t.Fatal(err)
		}
		f.shows(t, changeOne, "")
		if diff := cmp.Diff(before, f.outcomes(t, changeOne)); diff != "" {
			t.Errorf("Outcomes() after Erase (-want +got):\n%s", diff)
		}
		f.record(t, outcome(changeOne, 13, review.VerdictPosted), summary(changeOne, 13, "public again"))
		f.shows(t, changeOne, "public again")
	})
}

// TestKept holds one read of many changes to what reads of each tell.
func TestKept(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		change := func(n int) review.ChangeID {
			return review.ChangeID{Host: "main", Project: "team/a \"é", Number: n}
		}
		f.record(t, outcome(change(1), 9, review.VerdictPosted), summary(change(1), 9, "nine"))
		f.record(t, outcome(change(1), 10, review.VerdictPosted), summary(change(1), 10, "ten"))
		f.record(t, outcome(change(1), 11, review.VerdictSuppressed), nil)
		secrets := outcome(change(1), 9, review.VerdictPosted)
		secrets.Kind = review.PostSecrets
		f.record(t, secrets, nil)
		f.record(t, outcome(change(2), 1, review.VerdictPosted), summary(change(2), 1, "hidden"))
		f.record(t, outcome(change(3), 1, review.VerdictSuppressed), nil)
		f.record(t, outcome(change(4), 1, review.VerdictPosted), summary(change(4), 1, "erased"))
		f.record(t, outcome(change(11), 1, review.VerdictPosted), summary(change(11), 1, "not asked for"))
		for _, err := range []error{f.Hide(ctx, change(2), true), f.Hide(ctx, change(3), true), f.Erase(ctx, change(4))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		var ids []review.ChangeID
		for n := range 6 {
			ids = append(ids, change(n), change(n))
		}
		want := map[review.ChangeID]review.Kept{}
		for _, id := range ids {
			k := review.Kept{Outcomes: f.outcomes(t, id)}
			if s, ok, err := f.Summary(ctx, id); err != nil {
				t.Fatal(err)
			} else if ok {
				k.Summary = &s
			}
			if len(k.Outcomes) > 0 {
				want[id] = k
			}
		}
		if len(want) != 4 || want[change(1)].Summary.Text != "ten" || want[change(2)].Summary != nil {
			t.Fatalf("one by one they are %+v", want)
		}
		got, err := f.Kept(ctx, ids)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("Kept() = %v (-want +got):\n%s", err, diff)
		}
		if got, err := f.Kept(ctx, nil); len(got) != 0 || err != nil {
			t.Errorf("Kept(none) = %v, %v", got, err)
		}
		ids = nil
		for n := range MaxKept {
			ids = append(ids, change(n))
		}
		if got, err := f.Kept(ctx, ids); len(got) != 5 || err != nil {
			t.Errorf("Kept(most) has %d changes, %v; want 5", len(got), err)
		}
		if _, err := f.Kept(ctx, append(ids, change(MaxKept))); err == nil {
			t.Error("Kept(too many) = nil, want an error")
		}
	})
}

func TestAnswers(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		other := review.ChangeID{Host: "main", Project: "team/a", Number: 11}
		wants := func(id review.ChangeID, key, want string) {
			t.Helper()
			got, ok, err := f.Answer(ctx, id, key)
			if err != nil || got != want || ok != (want != "") {
				t.Fatalf("Answer(%s, %s) = %q, %v, %v; want %q", id, key, got, ok, err, want)
			}
		}
		keep := func(id review.ChangeID, key, text string) {
			t.Helper()
			if err := f.KeepAnswer(ctx, id, key, text); err != nil {
				t.Fatal(err)
			}
		}
		wants(changeOne, "k", "")
		keep(changeOne, "k", "first")
		keep(changeOne, "k", "second")
		keep(other, "k", "of another change")
		wants(changeOne, "k", "second")
		wants(changeOne, "l", "")
		for i := range 3 * maxAnswers {
			keep(changeOne, fmt.Sprint("many", i), "text")
			wants(changeOne, fmt.Sprint("many", i), "text")
		}
		if err := f.Erase(ctx, changeOne); err != nil {
			t.Fatal(err)
		}
		wants(changeOne, fmt.Sprint("many", 3*maxAnswers-1), "")
		wants(other, "k", "of another change")
		if err := f.KeepAnswer(ctx, changeOne, "big", strings.Repeat("x", maxText+1)); err == nil {
			t.Error("KeepAnswer(huge) = nil, want an error")
		}
	})
}

func TestRecordRefuses(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		other := review.ChangeID{Host: "main", Project: "team/b", Number: 1}
		if err := f.Record(t.Context(), outcome(changeOne, 1, review.VerdictPosted), summary(other, 1, "x")); err == nil {
			t.Error("Record(summary of another change) = nil, want an error")
		}
		if err := f.Record(t.Context(), outcome(changeOne, 1, review.VerdictPosted), summary(changeOne, 1, strings.Repeat("x", maxText))); err == nil {
			t.Error("Record(huge summary) = nil, want an error")
		}
		if got := f.outcomes(t, changeOne); len(got) != 0 {
			t.Errorf("Outcomes() = %+v, want none", got)
		}
	})
}

func TestSettings(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		want := func(key, value string) {
			t.Helper()
			if got, ok, err := f.Setting(ctx, key); err != nil || got != value || ok != (value != "") {
				t.Errorf("Setting(%s) = %q, %v, %v; want %q", key, got, ok, err, value)
			}
		}
		set := func(key, value string) {
			t.Helper()
			if err := f.SetSetting(ctx, key, value); err != nil {
				t.Fatal(err)
			}
		}
		once := func(key, value, want string) {
			t.Helper()
			if got, err := f.SetOnce(ctx, key, value); err != nil || got != want {
				t.Errorf("SetOnce(%s, %s) = %q, %v; want %q", key, value, got, err, want)
			}
		}
		want("a", "")
		once("a", "", "")
		once("a", "1", "1")
		once("a", "2", "1")
		want("a", "1")
		set("a", "3")
		set("b", "é\n")
		want("a", "3")
		want("b", "é\n")
		set("a", "")
		want("a", "")
		once("a", "4", "4")
		if err := f.SetSetting(ctx, "", "x"); err == nil {
			t.Error("SetSetting(no name) = nil, want an error")
		}
		if _, err := f.SetOnce(ctx, "big", strings.Repeat("x", maxValue+1)); err == nil {
			t.Error("SetOnce(huge value) = nil, want an error")
		}
	})
}

func TestRemember(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		add := func(want string, words ...string) {
			t.Helper()
			if err := f.Remember(ctx, "list", words, 4); err != nil {
				t.Fatal(err)
			}
			if got, _, err := f.Setting(ctx, "list"); err != nil || got != want {
				t.Errorf("after %q the list is %q, %v; want %q", words, got, err, want)
			}
		}
		add("")
		add("a", "a")
		add("a b c", "b", "c", "c")
		add("b c a", "a") // new again
		add("c a d e", "d", "e")
		add("3 4 5 6", "1", "2", "3", "4", "5", "6")
		for _, words := range [][]string{{""}, {"two words"}, {"line\n"}, {"é"}} {
			if err := f.Remember(ctx, "list", words, 4); err == nil {
				t.Errorf("Remember(%q) = nil, want an error", words)
			}
		}
		for keep, word := range map[int]string{0: "a", maxValue: "a"} {
			if err := f.Remember(ctx, "list", []string{word}, keep); err == nil {
				t.Errorf("Remember(keep %d) = nil, want an error", keep)
			}
		}
		// Who adds at the same time takes nothing from another.
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if err := f.Remember(ctx, "shared", []string{fmt.Sprint("w", i)}, 100); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got, _, _ := f.Setting(ctx, "shared"); len(strings.Fields(got)) != 20 {
			t.Errorf("20 words came at once, %q is kept", got)
		}
	})
}

func TestCounter(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		add := func(key string, delta, want int64) {
			t.Helper()
			got, err := f.Count(t.Context(), review.Count{Key: key, Delta: delta, TTL: time.Hour})
			if err != nil || !slices.Equal(got, []int64{want}) {
				t.Errorf("Count(%s, %d) = %d, %v; want %d", key, delta, got, err, want)
			}
		}
		add("a", 0, 0)
		add("a", 5, 5)
		add("b", 1, 1)
		f.clock.advance(59 * time.Minute)
		add("a", -2, 3)
		add("a", 0, 3)
		f.clock.advance(time.Minute) // an hour after the first addition
		add("a", 0, 0)
		add("a", 1<<40, 1<<40)
		add("a", 1<<40, 1<<41)
		got, err := f.Count(t.Context(), review.Count{Key: "b", Delta: 2, TTL: time.Hour}, review.Count{Key: "c", TTL: time.Hour}, review.Count{Key: "d", Delta: -1, TTL: time.Hour})
		if err != nil || !slices.Equal(got, []int64{2, 0, -1}) {
			t.Errorf("Count() of several = %d, %v", got, err)
		}
		if _, err := f.Count(t.Context(), review.Count{Key: "b", Delta: 7, TTL: time.Hour}, review.Count{}); err == nil {
			t.Error("Count() without a key: no error")
		}
		add("b", 0, 2)
	})
}

func TestControls(t *testing.T) {
	onEngines(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		all := review.Control{Scope: "all", By: "jane", Why: "first", At: at}
		again := review.Control{Scope: "all", By: "jane", Why: "second", At: at.Add(time.Hour)}
		one := review.Control{Scope: "project:main/team/a", By: "joe", At: at}
		for _, c := range []review.Control{one, all, again} {
			if err := f.SetControl(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		want := func(want ...review.Control) {
			t.Helper()
			got, err := f.Controls(ctx)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("Controls() = %v (-want +got):\n%s", err, diff)
			}
		}
		want(again, one)
		must(t, "ClearControl", true)(f.ClearControl(ctx, "all"))
		must(t, "ClearControl again", false)(f.ClearControl(ctx, "all"))
		want(one)
		if err := f.SetControl(ctx, review.Control{}); err == nil {
			t.Error("SetControl(no scope) = nil, want an error")
		}
	})
}
