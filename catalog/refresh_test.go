// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// transport answers without a network and notes when it was asked.
type transport struct {
	start  time.Time
	asked  []time.Duration
	answer func(since time.Duration) (code int, retryAfter string)
}

func (tr *transport) RoundTrip(*http.Request) (*http.Response, error) {
	since := time.Since(tr.start)
	if len(tr.asked) == 0 || tr.asked[len(tr.asked)-1] != since {
		tr.asked = append(tr.asked, since)
	}
	code, after := tr.answer(since)
	return &http.Response{
		StatusCode: code, Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {after}},
		Body: io.NopCloser(strings.NewReader(`{"items":[],"pageInfo":{}}`)),
	}, nil
}

// A catalog that fails is asked again soon, then more rarely, never more often
// than it says, and as usual once it is back.
func TestRefreshTimes(t *testing.T) {
	tests := []struct {
		name   string
		answer func(time.Duration) (int, string)
		until  time.Duration
		want   string
	}{
		{"healthy", func(time.Duration) (int, string) { return 200, "" }, 11 * time.Minute, "[0s 5m0s 10m0s]"},
		{"down", func(time.Duration) (int, string) { return 503, "" }, 16 * time.Minute, "[0s 10s 30s 1m10s 2m30s 5m10s 10m10s 15m10s]"},
		{"down for a minute", func(since time.Duration) (int, string) {
			if since < time.Minute {
				return 500, ""
			}
			return 200, ""
		}, 7 * time.Minute, "[0s 10s 30s 1m10s 6m10s]"},
		{"overloaded", func(time.Duration) (int, string) { return 429, "600" }, 21 * time.Minute, "[0s 10m0s 20m0s]"},
		{"overloaded forever", func(time.Duration) (int, string) { return 429, "99999999" }, 61 * time.Minute, "[0s 1h0m0s]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := newClient(Options{URL: "http://backstage.example.com"}, reading{})
				if err != nil {
					t.Fatal(err)
				}
				tr := &transport{start: time.Now(), answer: tt.answer}
				c.http.Transport = tr
				b := start(c, Options{})
				time.Sleep(tt.until)
				b.Close()
				if got := fmt.Sprint(tr.asked); got != tt.want {
					t.Errorf("asked at %s, want %s", got, tt.want)
				}
			})
		})
	}
}

// A catalog that fails is told once, and once when it is back.
func TestRefreshLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := newClient(Options{URL: "http://backstage.example.com"}, reading{})
		if err != nil {
			t.Fatal(err)
		}
		c.http.Transport = &transport{start: time.Now(), answer: func(since time.Duration) (int, string) {
			if m := since.Minutes(); m > 6 && m < 16 || m > 26 {
				return 503, ""
			}
			return 200, ""
		}}
		var log bytes.Buffer
		b := start(c, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		time.Sleep(time.Hour)
		b.Close()
		want := `time=2000-01-01T00:10:00.000Z level=WARN msg="the catalog cannot be read" error="backstage answers 503" last_read=2000-01-01T00:05:00Z
time=2000-01-01T00:20:10.000Z level=INFO msg="the catalog can be read again" last_read=2000-01-01T00:20:10Z
time=2000-01-01T00:30:10.000Z level=WARN msg="the catalog cannot be read" error="backstage answers 503" last_read=2000-01-01T00:25:10Z
`
		if log.String() != want {
			t.Errorf("log:\n%swant:\n%s", log.String(), want)
		}
	})
}

// A review does not wait for a catalog that does not answer.
func TestOwnersDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := newClient(Options{URL: "http://backstage.example.com"}, reading{})
		if err != nil {
			t.Fatal(err)
		}
		c.http.Transport = hanging{}
		b := start(c, Options{})
		began := time.Now()
		owners, note, err := b.Owners(t.Context(), "g", "p", "main", []string{"x"})
		if took := time.Since(began); owners != nil || note != "ownership is unknown: it is still being read" || err != nil || took > firstWait {
			t.Errorf("Owners = %v, %q, %v after %v", owners, note, err, took)
		}
		b.Close()
	})
}

// A snapshot answers while the catalog hangs.
func TestOwnersOfSnapshotWhileHanging(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	var user, owned raw
	user.Kind, user.Metadata.Name = "User", "ann"
	owned.Kind, owned.Metadata.Name, owned.Spec.Owner = "Component", "c", "user:ann"
	owned.Metadata.Annotations = map[string]string{"review-assistant/project": "p"}
	synctest.Test(t, func(t *testing.T) {
		s := snapshot{path: path}
		if err := s.save([]raw{owned, user}, "r", time.Now().Add(-3*time.Hour)); err != nil {
			t.Fatal(err)
		}
		c, err := newClient(Options{URL: "http://backstage.example.com"}, reading{})
		if err != nil {
			t.Fatal(err)
		}
		c.http.Transport = hanging{}
		b := start(c, Options{Snapshot: path})
		began := time.Now()
		owners, note, err := b.Owners(t.Context(), "g", "p", "main", []string{"x"})
		if took := time.Since(began); len(owners) != 1 || note != "ownership is 3 hours old: it is still being read" || err != nil || took > firstWait {
			t.Errorf("Owners = %v, %q, %v after %v", owners, note, err, took)
		}
		b.Close()
	})
}

type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A catalog that is too large is cut, people last, and says so.
func TestCatalogIsCut(t *testing.T) {
	var sent []string
	page := 0
	c, err := newClient(Options{URL: "http://backstage.example.com"}, reading{})
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport = roundTrip(func(r *http.Request) string {
		kind := "Component"
		if q := r.URL.Query(); strings.Contains(q.Get("filter")+q.Get("cursor"), "kind=user") {
			kind = "User"
		}
		page++
		sent = append(sent, kind)
		var items []string
		for i := range pageSize {
			items = append(items, fmt.Sprintf(`{"kind":%q,"metadata":{"name":"n%d-%d"}}`, kind, page, i))
		}
		next := ""
		if kind == "User" || page < 60 {
			next = fmt.Sprintf("%s %d", r.URL.Query().Get("filter"), page)
			if kind == "User" {
				next = fmt.Sprintf("kind=user %d", page)
			}
		}
		return fmt.Sprintf(`{"items":[%s],"pageInfo":{"nextCursor":%q}}`, strings.Join(items, ","), next)
	})
	r, err := c.load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	x := r.index()
	r = nil
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 150<<20 {
		t.Errorf("%d MiB are kept", m.HeapAlloc>>20)
	}
	if len(x.entities) != maxEntities || !slices.Contains(x.remarks, "the catalog is larger than what is read of it (50000 entities)") || len(sent) != maxEntities/pageSize {
		t.Errorf("%d entities of %d pages, remarks %q", len(x.entities), len(sent), x.remarks)
	}
}

type roundTrip func(*http.Request) string

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: io.NopCloser(strings.NewReader(f(r)))}, nil
}
