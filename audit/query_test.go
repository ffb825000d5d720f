// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// story is a small log of known content.
func story(t testing.TB) string {
	t.Helper()
	dir, o := t.TempDir(), options(t)
	o.SegmentBytes = 500
	hour := 0
	start := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { return start.Add(time.Duration(hour) * time.Hour) }
	l := mustOpen(t, dir, o)
	defer mustClose(t, l)
	put := func(e Entry) Receipt {
		hour++
		r, err := l.Append(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	intent := put(post(7))
	done := post(7)
	done.Result, done.Ref, done.Trace = ResultDone, intent.ID, "1-2-3"
	put(done)
	put(Entry{Actor: Actor{Kind: "operator", Sub: "root"}, Action: ActionStop, Why: Why{Rule: "=HYPERLINK(\"x\")"}})
	other := post(7)
	other.Object.Host, other.Object.PatchSet = "second", 2
	put(other)
	put(Entry{Actor: Actor{Kind: "person", Entity: "user:default/jane"}, Action: ActionRead, Object: Object{Host: "main", Project: "infra/dns", Change: 9}})
	return dir
}

func TestFilter(t *testing.T) {
	dir := story(t)
	var first string
	for r, err := range Query(dir, Filter{Limit: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		first = r.ID
	}
	at := func(hour int) time.Time { return time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC) }
	tests := []struct {
		name string
		f    Filter
		want []int64
	}{
		{"everything", Filter{}, []int64{0, 1, 2, 3, 4}},
		{"limit", Filter{Limit: 2}, []int64{0, 1}},
		{"from", Filter{From: 3}, []int64{3, 4}},
		{"beginning of an id, upper case", Filter{ID: strings.ToUpper(first[:8])}, []int64{0}},
		{"what came of an intent", Filter{Ref: first}, []int64{1}},
		{"time", Filter{Since: at(2), Until: at(4)}, []int64{1, 2}},
		{"action", Filter{Action: ActionPost}, []int64{0, 1, 3}},
		{"result", Filter{Action: ActionPost, Result: ResultDone}, []int64{1}},
		{"change of one host", Filter{Host: "main", Change: 7}, []int64{0, 1}},
		{"patch set", Filter{Change: 7, PatchSet: 2}, []int64{3}},
		{"project", Filter{Project: "infra/dns"}, []int64{4}},
		{"actor by kind", Filter{Actor: "operator"}, []int64{2}},
		{"actor by entity", Filter{Actor: "user:default/jane"}, []int64{4}},
		{"nothing", Filter{Project: "none"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []int64
			for r, err := range Query(dir, tt.f) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r.Seq)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Query(%+v) (-want +got):\n%s", tt.f, diff)
			}
		})
	}
}

func TestQueryOfBrokenLog(t *testing.T) {
	for r, err := range Query(t.TempDir()+"/none", Filter{}) {
		if err == nil {
			t.Errorf("a directory that is not there yields %+v", r)
		}
	}
	a := newAttic(t)
	a.replace(t, [][]byte{[]byte("nonsense")})
	for _, err := range Query(a.dir, Filter{}) {
		if err == nil || !strings.Contains(err.Error(), "audit verify") {
			t.Errorf("a line of nonsense: %v", err)
		}
	}
}

func TestExport(t *testing.T) {
	dir := story(t)
	var buf bytes.Buffer
	if err := WriteJSONL(&buf, Query(dir, Filter{})); err != nil {
		t.Fatal(err)
	}
	out := strings.Split(strings.TrimSpace(buf.String()), "\n")
	var got struct {
		ID     string
		Seq    int64
		Ref    string
		Object Object
	}
	if err := json.Unmarshal([]byte(out[1]), &got); err != nil || len(out) != 5 {
		t.Fatalf("%d lines, second: %v", len(out), err)
	}
	if got.Seq != 1 || len(got.ID) != 12 || len(got.Ref) != 12 || got.Object.Change != 7 {
		t.Errorf("second line: %s", out[1])
	}

	buf.Reset()
	if err := WriteCSV(&buf, Query(dir, Filter{})); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&buf).ReadAll()
	if err != nil || len(rows) != 6 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	cell := func(row int, column string) string {
		for i, c := range rows[0] {
			if c == column {
				return rows[row][i]
			}
		}
		t.Fatalf("no column %s", column)
		return ""
	}
	if got := cell(3, "rule"); got != `'=HYPERLINK("x")` {
		t.Errorf("a formula stays one: %q", got)
	}
	if got := cell(1, "scrub_counts"); got != `{"aws-key":2}` {
		t.Errorf("counts %q", got)
	}
	if got := cell(5, "patch_set"); got != "" {
		t.Errorf("an absent number is %q", got)
	}
	if err := WriteCSV(fullDisk{}, Query(dir, Filter{})); err == nil {
		t.Error("a full disk is not noticed")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left") }

func TestEntryBounds(t *testing.T) {
	long := strings.Repeat("x", 1000)
	e := Entry{Action: ActionPost, Trace: long, Why: Why{Evidence: make([]string, 100)}}
	b, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	var r Record
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if len([]rune(r.Trace)) != maxField+1 || len(r.Why.Evidence) != maxEvidence {
		t.Errorf("%d runes, %d pieces of evidence", len(r.Trace), len(r.Why.Evidence))
	}
	if e.Trace != long || len(e.Why.Evidence) != 100 {
		t.Error("the caller's entry was changed")
	}
	for in, want := range map[string]string{
		"a b~":               "a b~",
		"tab\there":          `tab\u0009here`,
		"\x1b[31mred":        `\u001b[31mred`,
		"evil\u202egpj":      `evil\u202egpj`,
		"bad\xff":            `bad\xff`,
		"Zoë – 日本":           "Zoë – 日本",
		"zero\u200bwidth":    `zero\u200bwidth`,
		"replacement \ufffd": "replacement \ufffd",
	} {
		if got := bounded(in); got != want {
			t.Errorf("bounded(%q) = %q, want %q", in, got, want)
		}
	}
	if _, err := (Entry{}).encode(); err == nil {
		t.Error("an entry without action is taken")
	}
	counts := map[string]int{}
	for i := range maxCounts + 1 {
		counts[fmt.Sprint(i)] = 1
	}
	if _, err := (Entry{Action: ActionPost, Scrub: Scrub{Counts: counts}}).encode(); err == nil {
		t.Error("an entry with too many counts is taken")
	}
}

func TestEphemeral(t *testing.T) {
	if _, err := Ephemeral(t.TempDir()); err != nil {
		t.Errorf("Ephemeral: %v", err)
	}
}
