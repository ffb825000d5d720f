// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/review"
)

// TestOnceWhateverHappens plays random histories against one change: pushes,
// lost and repeated events, failing calls, posts whose answer was lost, wiped
// memory, moods of the change. At the end, with nothing failing any more, the
// current patch set has exactly one outcome, no patch set two posts of a kind,
// and no secret was told twice, wherever it moved, nor a point on its line.
func TestOnceWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, nil)
		w.optIn("pay", "[summary]\ninline = 5\ninlineSeverity = low\n")
		c := w.push("pay", 7, review.KindRework, payments(planted))
		leaked := []string{token(1)}
		retry := func(what string) error { return &review.RetryError{Err: errors.New(what)} }
		acts := map[string]func(*rapid.T){
			"push": func(rt *rapid.T) {
				kind := rapid.SampledFrom([]review.Kind{review.KindRework, review.KindTrivialRebase, review.KindNoCodeChange}).Draw(rt, "kind")
				w.now = w.now.Add(time.Second)
				p := payments(fmt.Sprintf("%s-%d", planted, len(c.PatchSets)))
				for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 4), 0, 3, rapid.ID[int]).Draw(rt, "leaks") {
					leaked = append(leaked, token(n))
					p.Files = append(p.Files, leaky(fmt.Sprintf("conf/%d-%d.txt", len(c.PatchSets), n), "token: "+token(n)).Files...)
				}
				p.Files[0].Hunks[0].Lines = append(p.Files[0].Hunks[0].Lines, review.Line{Op: review.OpAdd, Text: fmt.Sprintf("func Step%d() error { return run() }", len(c.PatchSets))})
				w.push("pay", 7, kind, p)
			},
			"event again": func(*rapid.T) { w.event("patchset-created", c.ID, c.Current().Number) },
			"event lost":  func(*rapid.T) { clear(w.jobs) },
			"call fails": func(rt *rapid.T) {
				name := rapid.SampledFrom([]string{"change", "patch", "config", "record", "controls", "comments", "remember"}).Draw(rt, "call")
				w.fail[name] = append(w.fail[name], retry("HTTP 503"))
			},
			"post fails": func(rt *rapid.T) {
				what := rapid.SampledFrom([]string{"HTTP 500 but committed", "HTTP 503", "timeout, committed", "timeout, late", "HTTP 400"}).Draw(rt, "how")
				err := retry(what)
				if what == "HTTP 400" {
					err = &review.RejectedError{Err: err}
				}
				w.fail["post"] = append(w.fail["post"], err)
			},
			"answer": func(rt *rapid.T) {
				if len(w.remarks[c.ID]) > 0 && rapid.Bool().Draw(rt, "no secret") {
					w.answer(c, alice, "Not a secret.")
				}
			},
			"audit stops":   func(*rapid.T) { w.noAudit = true },
			"audit is well": func(*rapid.T) { w.noAudit = false },
			"wip":           func(rt *rapid.T) { c.WIP = rapid.Bool().Draw(rt, "wip") },
			"mute": func(rt *rapid.T) {
				c.Hashtags = nil
				if rapid.Bool().Draw(rt, "muted") {
					c.Hashtags = []string{review.MuteHashtag}
				}
			},
			"store wiped": func(*rapid.T) {
				// A wipe within the two minutes that an open post may take is
				// the one thing that nothing remembers.
				if len(w.late) > 0 {
					return
				}
				clear(w.settings)
				clear(w.jobs)
				w.outcomes = nil
			},
			"lease expires in work": func(*rapid.T) {
				if _, ok, err := w.Lease(t.Context(), time.Minute); err == nil && ok {
					w.now = w.now.Add(2 * time.Minute)
				}
			},
			"work": func(*rapid.T) {
				if job, ok, err := w.Lease(t.Context(), time.Minute); err == nil && ok {
					w.b.run(t.Context(), job)
				}
			},
			"wait": func(*rapid.T) { w.now = w.now.Add(30 * time.Second) },
			"":     func(rt *rapid.T) { checkOnce(rt, w) },
		}
		rt.Repeat(acts)

		clear(w.fail)
		w.noAudit, c.WIP, c.Hashtags = false, false, nil
		if _, err := w.b.Reconcile(t.Context(), testHost); err != nil {
			rt.Fatal(err)
		}
		w.event("wip-state-changed", c.ID, c.Current().Number)
		w.drain()
		checkOnce(rt, w)
		w.spotless(leaked...)
		if o := w.last(c, c.Current().Number); o.Reason == "" {
			rt.Fatalf("the current patch set has no reason: %+v", o)
		}
	})
}

// checkOnce fails when a patch set has two posts of a kind, or a secret two
// comments.
func checkOnce(rt *rapid.T, w *world) {
	for _, list := range [][]review.Comment{w.posts, w.told} {
		seen := map[int]bool{}
		for _, p := range list {
			if seen[p.PatchSet] {
				rt.Fatalf("patch set %d was posted twice: %+v", p.PatchSet, list)
			}
			seen[p.PatchSet] = true
		}
	}
	marks := map[string]bool{}
	for _, p := range append(w.told[:len(w.told):len(w.told)], w.posts...) {
		for _, l := range p.Inline {
			m := string(p.Kind) + markText.FindString(l.Message)
			if marks[m] || m == string(p.Kind) {
				rt.Fatalf("a secret or a point was told twice, or without a mark: %+v %+v", w.told, w.posts)
			}
			marks[m] = true
		}
	}
}
