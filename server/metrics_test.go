// SPDX-License-Identifier: Apache-2.0

package server

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
)

func TestMetricNames(t *testing.T) {
	m := NewMetrics()
	m.Event("patchset-created", hookAccepted)
	m.Job("change", "done", time.Second)
	m.Outcome("main/team", review.VerdictSuppressed, "project-off:no-file")
	m.Posted(time.Second)
	m.Model("default", "ok", 100, 10)
	m.Gerrit("main")("GET", "changes/detail", 200, time.Second)
	m.Gerrit("main")("GET", "changes/detail", 0, time.Second)
	m.Redacted("aws", 3)
	m.Told("aws", 1)
	m.BuildPushed("taken")
	m.Watch("bot_queue_jobs", "Jobs by state.", "state", func() map[string]float64 { return map[string]float64{"due": 4} })
	m.request("/healthz", 200, time.Millisecond)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^(bot_[a-z]+(_[a-z]+)*_(total|seconds|jobs)|go_.*|process_.*)$`)
	n := 0
	for _, f := range families {
		if !name.MatchString(f.GetName()) {
			t.Errorf("metric %s: want bot_<noun>_<unit>", f.GetName())
		}
		if strings.HasPrefix(f.GetName(), "bot_") {
			n++
		}
	}
	if n < 14 {
		t.Errorf("%d metrics of ours, want all", n)
	}
}

func TestLabelsAreBounded(t *testing.T) {
	m := NewMetrics()
	m.Event("patchset-created", hookAccepted)
	for i := range 1000 {
		m.Event(review.EventType(fmt.Sprintf("invented-%d", i)), hookIgnored)
	}
	m.Event("a b", hookIgnored)
	m.Event(review.EventType(strings.Repeat("x", 100)), hookIgnored)
	m.Event("patchset-created", hookAccepted)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "bot_events_total" {
			continue
		}
		if n := len(f.GetMetric()); n > maxLabels+1 {
			t.Errorf("%d series, want at most %d", n, maxLabels+1)
		}
		for _, s := range f.GetMetric() {
			if v := s.GetLabel()[1].GetValue(); strings.ContainsAny(v, " ") || len(v) > maxLabelLen {
				t.Errorf("label %q", v)
			}
		}
	}
}
