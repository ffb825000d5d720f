// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"strings"
	"testing"

	"review-assistant/review"
)

// parsed reads a diff as Gerrit would answer it.
func parsed(t *testing.T, diff string) review.Patch {
	t.Helper()
	p, err := review.ParsePatch([]byte(diff))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const (
	limitDiff = `diff --git a/pool/pool.go b/pool/pool.go
--- a/pool/pool.go
+++ b/pool/pool.go
@@ -10,6 +10,9 @@ package pool
 
 // Take waits for a connection.
 func (p *Pool) Take(ctx context.Context) (*Conn, error) {
+	if p.open >= p.limit {
+		return nil, ErrFull
+	}
 	c := p.next()
 	return c, c.ping(ctx)
 }
`
	extraDiff = `diff --git a/pool/stats.go b/pool/stats.go
--- a/pool/stats.go
+++ b/pool/stats.go
@@ -3,4 +3,10 @@ package pool
 // Stats counts.
 type Stats struct {
 	Open int
+	// Waiting is how many callers wait.
+	Waiting int
+	// Refused is how many calls found the pool full.
+	Refused int
 }
+
+func (s Stats) Full() bool { return s.Waiting > 0 && s.Refused > 0 }
`
)

// TestReverts says what is reverted and what differs, and tells only that.
func TestReverts(t *testing.T) {
	hash := strings.Repeat("ab", 20)
	original := parsed(t, limitDiff)
	with := review.Invert(original)
	with.Files = append(with.Files, parsed(t, extraDiff).Files...)
	for name, tt := range map[string]struct {
		patch  review.Patch
		change func(w *world, c *review.Change)
		want   []string
		not    []string
	}{
		"exactly": {
			patch: review.Invert(original), change: func(_ *world, c *review.Change) { c.RevertOf = 6 },
			want: []string{"Reverts change 6 exactly, and does nothing else."}, not: []string{"guard", "What changes"},
		},
		"with more": {
			patch: with, change: func(_ *world, c *review.Change) { c.RevertOf = 6 },
			want: []string{"Reverts change 6, with differences: what it does beyond is told here.", "stats.go"}, not: []string{"pool.go"},
		},
		"with less": {
			patch: parsed(t, extraDiff), change: func(_ *world, c *review.Change) { c.RevertOf = 6 },
			want: []string{"it leaves pool/pool.go alone", "stats.go"},
		},
		"by the message": {
			patch: review.Invert(original),
			change: func(w *world, c *review.Change) {
				c.Message = "Undo\n\nThis reverts commit " + w.named(6, hash) + ".\n"
			},
			want: []string{"Reverts change 6 exactly"},
		},
		"unknown commit": {
			patch: review.Invert(original), change: func(_ *world, c *review.Change) { c.Message = "Undo\n\nThis reverts commit " + hash + ".\n" },
			want: []string{"Reverts commit `" + hash[:10] + "`, which cannot be read here", "pool.go"},
		},
		"private": {
			patch:  review.Invert(original),
			change: func(w *world, c *review.Change) { c.RevertOf = 6; w.of(6).Private = true },
			want:   []string{"Reverts a change, which cannot be read here"}, not: []string{"change 6"},
		},
		"restricted": {
			patch:  review.Invert(original),
			change: func(w *world, c *review.Change) { c.RevertOf = 6; w.of(6).Restricted = true },
			want:   []string{"Reverts a change, which cannot be read here"}, not: []string{"change 6"},
		},
		"picked": {
			patch: original, change: func(w *world, c *review.Change) { c.PickOf, c.PickOfPatchSet, w.of(6).Branch = 6, 1, "next" },
			want: []string{"Picked from change 6, patch set 1 (branch next) without a difference."}, not: []string{"What changes"},
		},
		"picked with more": {
			patch:  review.Patch{Files: append(parsed(t, limitDiff).Files, parsed(t, extraDiff).Files...)},
			change: func(_ *world, c *review.Change) { c.PickOf, c.PickOfPatchSet = 6, 1 },
			want:   []string{"Picked from change 6, patch set 1, with differences", "stats.go"}, not: []string{"pool.go"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.push("pay", 6, review.KindRework, original)
			w.drain()
			w.optIn("pay", "")
			c := w.push("pay", 7, review.KindRework, tt.patch)
			tt.change(w, c)
			w.drain()
			w.wantPosts(1)
			text := w.posts[0].Message
			for _, s := range tt.want {
				if !strings.Contains(text, s) {
					t.Errorf("%q is missing in:\n%s", s, text)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(text, s) {
					t.Errorf("%q stands in:\n%s", s, text)
				}
			}
		})
	}
}

func (w *world) of(number int) *review.Change {
	return w.changes[review.ChangeID{Host: testHost, Project: "pay", Number: number}]
}

// named gives the patch set of a change another commit id.
func (w *world) named(number int, revision string) string {
	c := w.of(number)
	w.patches[revision] = w.patches[c.PatchSets[0].Revision]
	c.PatchSets[0].Revision = revision
	return revision
}

// TestMergesAndChains tells what a merge brings and where a change stands.
func TestMergesAndChains(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, parsed(t, extraDiff))
	c.PatchSets[0].Parents = 2
	c.Message = "Merge branch 'stable'\n\n* stable:\n  Count refusals\n"
	w.merges = map[string][]review.Commit{c.Current().Revision: {{Revision: "1", Subject: "Count refusals"}, {Revision: "2", Subject: "Drop @all <b>old</b> pools"}}}
	w.chains = map[review.ChangeID][]review.Related{c.ID: {
		{Number: 5, PatchSet: 1, Current: 3, Status: review.StatusNew, Subject: "Hidden title"},
		{Number: 7, PatchSet: 1, Current: 1, Status: review.StatusNew, Self: true},
		{Number: 9, PatchSet: 1, Current: 1, Status: review.StatusNew},
	}}
	w.drain()
	w.wantPosts(1)
	text := w.posts[0].Message
	for _, s := range []string{"Brings 2 commits; the message does not name ", "old", "2 of 3 in its chain, on patch set 1 of change 5, which has 3 now"} {
		if !strings.Contains(text, s) {
			t.Errorf("%q is missing in:\n%s", s, text)
		}
	}
	for _, s := range []string{"Count refusals", "Hidden title", "@all ", "<b>"} {
		if strings.Contains(strings.ReplaceAll(text, "`Drop @all <b>old</b> pools`", ""), s) {
			t.Errorf("%q stands in:\n%s", s, text)
		}
	}
}

// TestAttributes reads what the target branch calls generated; what the patch
// set says of itself counts for nothing.
func TestAttributes(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	w.attributes = map[string]string{"pay": "pool/stats.go linguist-generated\n"}
	p := parsed(t, limitDiff+extraDiff+`diff --git a/.gitattributes b/.gitattributes
--- a/.gitattributes
+++ b/.gitattributes
@@ -1 +1,2 @@
 pool/stats.go linguist-generated
+pool/pool.go linguist-generated
`)
	w.push("pay", 7, review.KindRework, p)
	w.drain()
	w.wantPosts(1)
	if text := w.posts[0].Message; !strings.Contains(text, "Not read: pool/stats.go (generated).") || !strings.Contains(text, "pool.go") {
		t.Errorf("comment:\n%s", text)
	}
}
