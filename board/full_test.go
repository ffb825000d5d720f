// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/board"
	"review-assistant/review"
)

// reach collects the types that a value of a type holds.
func reach(t reflect.Type, found map[reflect.Type]bool) {
	if found[t] {
		return
	}
	found[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		reach(t.Elem(), found)
	case reflect.Map:
		reach(t.Key(), found)
		reach(t.Elem(), found)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range t.NumField() {
			reach(t.Field(i).Type, found)
		}
	}
}

// Whatever is added to an answer later: no account is in it, and nothing whose
// names in JSON are those of Go.
func TestAnswersHoldNoAccount(t *testing.T) {
	for _, answer := range []reflect.Type{reflect.TypeFor[board.Detail](), reflect.TypeFor[board.Activity](), reflect.TypeFor[board.Change]()} {
		found := map[reflect.Type]bool{}
		reach(answer, found)
		for _, bad := range []reflect.Type{
			reflect.TypeFor[review.Account](), reflect.TypeFor[review.Person](), reflect.TypeFor[review.ChangeID](), reflect.TypeFor[review.Pick](), reflect.TypeFor[review.Summary](),
		} {
			if found[bad] {
				t.Errorf("%s holds %s", answer, bad)
			}
		}
	}
}

// What is kept of a summary is shown, but for its picks, or left out on purpose.
func TestFullIsWhole(t *testing.T) {
	kept, shown := reflect.TypeFor[review.Summary](), reflect.TypeFor[board.Full]()
	for i := range kept.NumField() {
		f := kept.Field(i)
		g, is := shown.FieldByName(f.Name)
		switch {
		case f.Name == "Picks":
			if is {
				t.Error("the picks of a summary are shown with it")
			}
		case !is || g.Tag != f.Tag || g.Type != f.Type && f.Name != "Change":
			t.Errorf("Full.%s is %s %s, want %s %s", f.Name, g.Type, g.Tag, f.Type, f.Tag)
		}
	}
	w := newWorld(t, 1)
	id := w.a.add("pay", 1)
	w.store.keep(id, 1, "posted", "posted", func(s *review.Summary) {
		*s = review.Summary{Change: id, PatchSet: 1, Picks: []review.Pick{{Account: review.Account{ID: 7, Name: "ada@example.org", Email: "ada@example.org"}}}}
	})
	d, err := w.Change(t.Context(), viewer(5), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if _, full, _ := strings.Cut(string(raw), `"full"`); strings.Contains(string(raw), "@") || strings.Contains(full, "null") {
		t.Errorf("an address or a list that is null: %s", raw)
	}
	if diff := cmp.Diff([]board.Pick{{Person: board.Person{Name: "ada"}, Reasons: []string{}}}, d.Picks); diff != "" {
		t.Errorf("picks (-want +got):\n%s", diff)
	}
	if want := id.String(); d.Full.Change != want {
		t.Errorf("change %q, want %q", d.Full.Change, want)
	}
	// Each field comes over.
	s := review.Summary{Change: id, PatchSet: 1}
	fill(reflect.ValueOf(&s).Elem())
	s.Change, s.PatchSet, s.Shadow, s.Picks = id, 1, false, nil
	w.store.keep(id, 1, "posted", "posted", func(k *review.Summary) { *k = s })
	w.Moved(review.News{Kind: review.NewsOutcome, Change: id})
	if d, err = w.Change(t.Context(), viewer(5), id, 0); err != nil || d.Full == nil {
		t.Fatalf("%+v, %v", d, err)
	}
	for i := range kept.NumField() {
		name := kept.Field(i).Name
		if name == "Picks" || name == "Change" {
			continue
		}
		if diff := cmp.Diff(reflect.ValueOf(s).Field(i).Interface(), reflect.ValueOf(*d.Full).FieldByName(name).Interface()); diff != "" {
			t.Errorf("%s (-kept +shown):\n%s", name, diff)
		}
	}
}

// fill gives each field another value than zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Float64:
		v.SetFloat(3)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(start))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	}
}

// That a patch set is missing learns who may see the change, and nobody else.
func TestNoSuchPatchSet(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.PatchSet = 2 })
	if _, err := w.Change(t.Context(), viewer(5), id, 3); !review.IsGone(err) || !errors.Is(err, board.ErrNoPatchSet) {
		t.Errorf("patch set 3 of 2: %v", err)
	}
	if d, err := w.Change(t.Context(), viewer(5), id, 1); err != nil || d.Full != nil {
		t.Errorf("a patch set without a summary: %+v, %v", d.Full, err)
	}
	id.Number = 2
	if _, err := w.Change(t.Context(), viewer(5), id, 3); !review.IsGone(err) || errors.Is(err, board.ErrNoPatchSet) {
		t.Errorf("patch set 3 of no change: %v", err)
	}
}
