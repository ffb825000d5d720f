// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"testing"
	"time"

	"review-assistant/review"
)

func TestLastPassed(t *testing.T) {
	h := NewHistory(HistoryOptions{})
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	add := func(change int, result review.BuildResult, minute int) {
		h.Add(review.Build{
			Key: fmt.Sprint(change, minute), Job: "unit", Branch: "main", Change: change, PatchSet: min(change, 1), Result: result,
			URL: fmt.Sprint("https://ci.example.com/", minute), Ended: at.Add(time.Duration(minute) * time.Minute),
		})
	}
	want := func(url string) {
		t.Helper()
		b, ok := h.LastPassed("unit", "main")
		if b.URL != url || ok != (url != "") {
			t.Errorf("LastPassed() = %q, %v; want %q", b.URL, ok, url)
		}
	}
	want("")
	add(7, review.BuildPassed, 1) // its author says what it prints
	want("")
	add(0, review.BuildPassed, 2)
	add(0, review.BuildFailed, 3)
	want("https://ci.example.com/2")
	add(8, review.BuildPassed, 4)
	h.Merged(8, at.Add(time.Hour))
	want("https://ci.example.com/4")
	h.Forget(8)
	want("https://ci.example.com/2")
	if h.HasChange(8) || !h.HasChange(7) || h.IsClosed(7) {
		t.Error("a change that was forgotten is known, or another is not")
	}
}
