// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"review-assistant/review"
)

func TestFailedOfPatchSet(t *testing.T) {
	w, c := ciWorld(t, "")
	failedIn := func(patchSet int) (*FailedBuilds, error) {
		found, err := w.b.Failed(t.Context(), testHost, "pay", map[int]int{c.ID.Number: patchSet})
		return found[c.ID.Number], err
	}
	if got, err := failedIn(1); got != nil || err != nil {
		t.Errorf("before CI said anything: %+v, %v", got, err)
	}
	w.says(c, zuul, failed("unit", "1"))
	got, err := failedIn(1)
	if err != nil || got == nil || got.Failed != 1 || len(got.Failures) != 1 || got.Classes[string(got.Failures[0].Class)] != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	f := got.Failures[0]
	if f.Test != "TestRetry" || !slices.Equal(f.Jobs, []string{"unit"}) || len(f.Excerpt) == 0 || f.Cluster == "" || f.URL == "" {
		t.Errorf("failure %+v", f)
	}
	data, err := json.Marshal(got)
	if err != nil || strings.Contains(string(data), "null") {
		t.Errorf("%s, %v", data, err)
	}
	if got, err := failedIn(2); got != nil || err != nil {
		t.Errorf("a patch set without builds: %+v, %v", got, err)
	}
	list, err := w.b.BuildChanges(t.Context(), testHost, "pay")
	if err != nil || !slices.Equal(list, []int{7}) {
		t.Errorf("changes with builds: %v, %v", list, err)
	}
	for _, shown := range []bool{true, false} {
		list, err := w.b.Clusters(t.Context(), testHost, "pay", 10, nil, func(n int) bool { return n == 7 && shown })
		if err != nil || (len(list) == 1) != shown {
			t.Errorf("clusters when the change is shown %v: %+v, %v", shown, list, err)
		}
	}

	w.optIn("pay", "[builds]\nenabled = false\n")
	if got, err := failedIn(1); got != nil || err != nil {
		t.Errorf("of a project that wants nothing about builds: %+v, %v", got, err)
	}
	if list, err := w.b.BuildChanges(t.Context(), testHost, "pay"); !review.IsGone(err) {
		t.Errorf("changes of such a project: %v, %v", list, err)
	}
}

func TestStanding(t *testing.T) {
	for _, tt := range []struct {
		name   string
		host   string
		config string
		mode   Mode
		off    Off
		builds bool
	}{
		{"no file", testHost, "", ModeOff, OffNoFile, false},
		{"on", testHost, "[review-assistant]\nmode = on\n", ModeOn, OffNot, true},
		{"shadow", testHost, "[review-assistant]\nmode = shadow\n[builds]\nenabled = false\n", ModeShadow, OffNot, false},
		{"off", testHost, "[review-assistant]\nmode = off\n", ModeOff, OffByProject, false},
		{"broken", testHost, "[review-assistant]\nmode = perhaps\n", ModeOff, OffBroken, false},
		{"another Gerrit", "elsewhere", "[review-assistant]\nmode = on\n", ModeOff, OffNoAccess, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			if tt.config != "" {
				w.configs["pay"] = review.ConfigFile{Project: "pay", State: review.ConfigFound, Revision: "c1", Body: []byte(tt.config)}
			}
			mode, off, hasBuilds, err := w.b.Standing(t.Context(), tt.host, "pay")
			if err != nil || mode != tt.mode || off != tt.off || hasBuilds != tt.builds {
				t.Errorf("got %s, %s, %v, %v", mode, off, hasBuilds, err)
			}
			if len(w.settings) > 0 {
				t.Errorf("to ask left %v", w.settings)
			}
		})
	}
}
