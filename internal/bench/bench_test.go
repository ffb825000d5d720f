// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/gerrit/gerrittest"
)

func TestQuantile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[99-i] = time.Duration(i + 1)
	}
	for _, tt := range []struct {
		values []time.Duration
		q      float64
		want   time.Duration
	}{
		{hundred, .5, 50},
		{hundred, .95, 95},
		{hundred, .99, 99},
		{hundred, 1, 100},
		{hundred, 0, 1},
		{[]time.Duration{7}, .5, 7},
		{[]time.Duration{1, 9}, .99, 9},
	} {
		if got := quantile(tt.values, tt.q); got != tt.want {
			t.Errorf("quantile(%d values, %v) = %d, want %d", len(tt.values), tt.q, got, tt.want)
		}
	}
}

// A server that stands still must be charged for all who wait for it, not only
// for the one that it serves.
func TestOpenLoopChargesThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := make(chan struct{}, 1) // serves one at a time
		due := []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond, 200 * time.Millisecond}
		took, err := openLoop(t.Context(), due, func(i int) error {
			server <- struct{}{}
			defer func() { <-server }()
			if i == 0 {
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		})
		want := []time.Duration{100 * time.Millisecond, 90 * time.Millisecond, 80 * time.Millisecond, 0}
		if err != nil || !slices.Equal(took, want) {
			t.Errorf("openLoop = %v, %v, want %v", took, err, want)
		}
	})
}

func TestOpenLoopFails(t *testing.T) {
	refused := errors.New("refused")
	if _, err := openLoop(t.Context(), []time.Duration{0, 0}, func(i int) error {
		if i == 1 {
			return refused
		}
		return nil
	}); !errors.Is(err, refused) {
		t.Errorf("one request failed and openLoop said %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := openLoop(ctx, []time.Duration{time.Hour}, func(int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("openLoop went on after its end: %v", err)
	}
}

func TestArrivals(t *testing.T) {
	due := arrivals(300, 5*time.Second, 1)
	if !slices.IsSorted(due) || len(due) != 1500 {
		t.Fatalf("%d arrivals, sorted: %v; want 1500 in order", len(due), slices.IsSorted(due))
	}
	if last := due[len(due)-1]; last < 4*time.Second || last > 6*time.Second {
		t.Errorf("the last one is due after %s, want about 5s", last)
	}
	if !slices.Equal(due, arrivals(300, 5*time.Second, 1)) {
		t.Error("the same seed gave other arrivals")
	}
}

func TestReport(t *testing.T) {
	r := report{Date: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Machine: machine{2, "some CPU", "0.10", "go1.26"}}
	r.atMost("latency", "ms", 25, 24.96)
	r.atMost("files", "", 0, 1)
	r.atLeast("rate", "changes/s", 7.5, 7.62)
	r.tell("floor", "ms", 1.234)
	var out bytes.Buffer
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	want := `2 cores, some CPU, load 0.10, go1.26, 2026-11-24

figure   goal              measured        met
latency  ≤ 25 ms           25 ms           yes
files    ≤ 0               1               NO
rate     ≥ 7.50 changes/s  7.62 changes/s  yes
floor                      1.23 ms         
`
	if got := out.String(); got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
	if n := r.missed(); n != 1 {
		t.Errorf("%d goals missed, want 1", n)
	}
	out.Reset()
	if err := r.json(&out); err != nil || !strings.Contains(out.String(), `"met": false`) || strings.Count(out.String(), `"met"`) != 3 {
		t.Errorf("the JSON is %s, %v", out.String(), err)
	}
}

// The gate counts calls and tells of a comment only when Gerrit took it.
func TestGate(t *testing.T) {
	status := http.StatusConflict
	g := newGate(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer g.http.Close()
	stands := g.expect(7)
	review := func() {
		t.Helper()
		resp, err := http.Post(g.http.URL+"/a/changes/some%2Fproject~7/revisions/abc/review", "application/json", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	review()
	if len(stands) != 0 {
		t.Error("a refused comment counts")
	}
	status = http.StatusOK
	review()
	if len(stands) != 1 || g.work().calls != 2 {
		t.Errorf("comments told: %d, calls: %d; want 1 and 2", len(stands), g.work().calls)
	}
}

// Every event has a change of its own, or the bot would join their jobs.
func TestEvents(t *testing.T) {
	gerrit := gerrittest.New(t)
	m := newMailbox()
	defer m.http.Close()
	gerrit.Webhook(m.http.URL, "patchset-created")
	s := &stage{gerrit: gerrit, mail: m}
	n, body := s.push("demo")
	if n == 0 || !bytes.Contains(body, []byte("patchset-created")) {
		t.Fatalf("change %d has the webhook %q", n, body)
	}
	one, err := s.event(body, "quiet")
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.event(body, "quiet")
	if err != nil || bytes.Equal(one, two) || !bytes.Contains(one, []byte(`"project":"quiet"`)) {
		t.Errorf("events %s and %s, %v", one, two, err)
	}
}

func TestFloor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "floor")
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serveFloor(ctx, file, w) }()
	var line [100]byte
	n, err := r.Read(line[:])
	if err != nil {
		t.Fatal(err)
	}
	if err := post(t.Context(), http.DefaultClient, strings.TrimSpace(string(line[:n])), []byte("hint\n")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "hint\n" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

func TestFieldAndMachine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "status")
	if err := os.WriteFile(file, []byte("Name:\tbot\nVmRSS:\t   36000 kB\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := field(file, "VmRSS"); got != "36000 kB" {
		t.Errorf("VmRSS is %q", got)
	}
	if got := field(file, "VmHWM"); got != "" {
		t.Errorf("what is not there is %q", got)
	}
	if m := thisMachine(); m.Cores < 1 || m.Go == "" {
		t.Errorf("this machine is %+v", m)
	}
}

func TestPost(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	if err := post(t.Context(), s.Client(), s.URL, nil); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a refused webhook gave %v", err)
	}
}

func TestProcessor(t *testing.T) {
	all, idle, err := processorLine("cpu  100 0 50 800 40 5 4 1 0 0")
	if err != nil || all != 10*time.Second || idle != 8400*time.Millisecond {
		t.Errorf("processorLine = %s, %s, %v, want 10s, 8.4s", all, idle, err)
	}
	for _, line := range []string{"", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2 3 4 5 6 7", "cpu 1 2 3 x 5 6 7 8"} {
		if _, _, err := processorLine(line); err == nil {
			t.Errorf("processorLine(%q) gave no error", line)
		}
	}
	before := processor{all: 10 * time.Second, idle: 8 * time.Second, ours: time.Second}
	for _, tt := range []struct {
		after processor
		want  float64
	}{
		{processor{all: 20 * time.Second, idle: 10 * time.Second, ours: 4 * time.Second}, 50},
		{processor{all: 20 * time.Second, idle: 18 * time.Second, ours: time.Second}, 0},
		{processor{all: 20 * time.Second, idle: 18 * time.Second, ours: 3 * time.Second}, 0},
		{before, 0},
	} {
		if got := tt.after.others(before); got != tt.want {
			t.Errorf("%+v: others took %v %%, want %v", tt.after, got, tt.want)
		}
	}
	if _, err := lookAtProcessor(); err != nil {
		t.Error(err)
	}
}
