// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// attic is a finished log of 30 records in several segments, with checkpoints
// at 0, 10, 20 and 30, and the published copy of the one at 20.
type attic struct {
	dir, keyFile, vkey string
	at20               []byte
}

func newAttic(t testing.TB) attic {
	t.Helper()
	o := options(t)
	o.SegmentBytes, o.CheckpointRecords = 4000, 10
	a := attic{dir: t.TempDir(), keyFile: o.KeyFile}
	l := mustOpen(t, a.dir, o)
	fill(t, l, 20)
	mustClose(t, l)
	a.at20 = a.read(t, checkpointFile)
	l = mustOpen(t, a.dir, o)
	fill(t, l, 10)
	mustClose(t, l)
	a.vkey = l.VerifierKey()
	return a
}

func (a attic) read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(a.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (a attic) write(t testing.TB, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (a attic) remove(t testing.TB, names ...string) {
	t.Helper()
	for _, n := range names {
		if err := os.Remove(filepath.Join(a.dir, n)); err != nil {
			t.Fatal(err)
		}
	}
}

// records returns all lines.
func (a attic) records(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	for l, err := range lines(a.dir, place{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.Clone(l.data))
	}
	return out
}

// replace writes the lines as one segment in place of all.
func (a attic) replace(t testing.TB, list [][]byte) {
	t.Helper()
	firsts, err := segments(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range firsts {
		a.remove(t, segmentName(first))
	}
	a.write(t, segmentName(0), append(bytes.Join(list, []byte("\n")), '\n'))
}

// rechain gives lines from a number on the chain values of an honest log.
func rechain(list [][]byte, from int) {
	var prev chain
	if from > 0 {
		_, _, prev, _ = split(list[from-1])
	}
	for i := from; i < len(list); i++ {
		_, body, _, _ := split(list[i])
		list[i], prev = link(bytes.Clone(body), prev)
	}
}

func edit(line []byte) []byte {
	return bytes.Replace(line, []byte(`"result":"intent"`), []byte(`"result":"failed"`), 1)
}

func TestTampering(t *testing.T) {
	tests := []struct {
		name    string
		tamper  func(t *testing.T, a attic)
		trusted bool
		seq     int64 // first bad record; -1 for none
		to      int64 // when it is known only roughly
	}{
		{name: "nothing", tamper: func(*testing.T, attic) {}, trusted: true, seq: -1},
		{name: "record edited", seq: 7, tamper: func(t *testing.T, a attic) {
			l := a.records(t)
			l[7] = edit(l[7])
			a.replace(t, l)
		}},
		{name: "last record edited", seq: 29, tamper: func(t *testing.T, a attic) {
			l := a.records(t)
			l[29] = edit(l[29])
			a.replace(t, l)
		}},
		{name: "chain value edited", seq: 7, tamper: func(t *testing.T, a attic) {
			l := a.records(t)
			l[7][len(l[7])-3] ^= 1
			a.replace(t, l)
		}},
		{name: "record dropped", seq: 7, tamper: func(t *testing.T, a attic) { a.replace(t, slices.Delete(a.records(t), 7, 8)) }},
		{name: "first record dropped", seq: 0, tamper: func(t *testing.T, a attic) { a.replace(t, a.records(t)[1:]) }},
		{name: "records swapped", seq: 7, tamper: func(t *testing.T, a attic) {
			l := a.records(t)
			l[7], l[8] = l[8], l[7]
			a.replace(t, l)
		}},
		{name: "record doubled", seq: 8, tamper: func(t *testing.T, a attic) {
			l := a.records(t)
			a.replace(t, slices.Insert(l, 8, l[7]))
		}},
		{name: "line put in", seq: 8, tamper: func(t *testing.T, a attic) {
			a.replace(t, slices.Insert(a.records(t), 8, []byte(`{"seq":8}`)))
		}},
		{name: "tail dropped", seq: 25, tamper: func(t *testing.T, a attic) { a.replace(t, a.records(t)[:25]) }},
		{name: "segment dropped", seq: 0, tamper: func(t *testing.T, a attic) { a.remove(t, segmentName(0)) }},
		{name: "segment cut in the middle", seq: 0, tamper: func(t *testing.T, a attic) {
			a.write(t, segmentName(0), a.read(t, segmentName(0))[:100])
		}},
		{name: "written anew with a good chain", seq: 10, to: 20, tamper: func(t *testing.T, a attic) {
			l := a.records(t)
			l[12] = edit(l[12])
			rechain(l, 12)
			a.replace(t, l)
		}},
		{name: "dropped with a good chain", seq: 10, to: 20, tamper: func(t *testing.T, a attic) {
			l := slices.Delete(a.records(t), 12, 13)
			for i := 12; i < len(l); i++ {
				l[i] = bytes.Replace(l[i], fmt.Appendf(nil, `{"seq":%d,`, i+1), fmt.Appendf(nil, `{"seq":%d,`, i), 1)
			}
			rechain(l, 12)
			a.replace(t, l)
		}},
		{name: "checkpoints removed", seq: 0, tamper: func(t *testing.T, a attic) { a.remove(t, checkpointFile, checkpointsFile) }},
		{name: "newest checkpoint: signature flipped", seq: 30, tamper: func(t *testing.T, a attic) {
			c := a.read(t, checkpointFile)
			c[len(c)-10] ^= 1
			a.write(t, checkpointFile, c)
		}},
		{name: "newest checkpoint: size edited", seq: 30, tamper: func(t *testing.T, a attic) {
			a.write(t, checkpointFile, bytes.Replace(a.read(t, checkpointFile), []byte("\n30\n"), []byte("\n29\n"), 1))
		}},
		{name: "old checkpoint edited", seq: 10, tamper: func(t *testing.T, a attic) {
			a.write(t, checkpointsFile, bytes.Replace(a.read(t, checkpointsFile), []byte(`\n20\n`), []byte(`\n19\n`), 1))
		}},
		{name: "checkpoints reordered", seq: 20, tamper: func(t *testing.T, a attic) {
			l := bytes.Split(bytes.TrimSpace(a.read(t, checkpointsFile)), []byte("\n\n"))
			l[1], l[2] = l[2], l[1]
			a.write(t, checkpointsFile, bytes.Join(l, []byte("\n")))
		}},
		{name: "checkpoint by another key", seq: 30, tamper: func(t *testing.T, a attic) {
			k, err := newKey(filepath.Join(t.TempDir(), "k"), "test")
			if err != nil {
				t.Fatal(err)
			}
			c, err := k.sign("test", tlog.Tree{N: 30}, time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			a.write(t, checkpointFile, c.Note)
		}},
		{name: "checkpoint of another log by the same key", seq: 30, tamper: func(t *testing.T, a attic) {
			k, err := loadKey(a.keyFile, "", false)
			if err != nil {
				t.Fatal(err)
			}
			known, err := verifiers([]string{a.vkey})
			if err != nil {
				t.Fatal(err)
			}
			mine, err := parseCheckpoint(a.read(t, checkpointFile), known)
			if err != nil {
				t.Fatal(err)
			}
			c, err := k.sign("other", mine.Tree, time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			a.write(t, checkpointFile, c.Note)
		}},
		{name: "rolled back behind what was published", trusted: true, seq: 15, tamper: func(t *testing.T, a attic) {
			a.replace(t, a.records(t)[:15])
			l := bytes.SplitAfter(a.read(t, checkpointsFile), []byte("\n"))
			a.write(t, checkpointsFile, bytes.Join(l[:4], nil)) // 0 and 10
			a.write(t, checkpointFile, noteAt(t, a, 10))
		}},
		{name: "written anew by the holder of the key", trusted: true, seq: 0, to: 20, tamper: func(t *testing.T, a attic) {
			firsts, _ := segments(a.dir)
			for _, f := range firsts {
				a.remove(t, segmentName(f))
			}
			a.remove(t, checkpointFile, checkpointsFile, stateFile)
			l := mustOpen(t, a.dir, Options{KeyFile: a.keyFile})
			fill(t, l, 30)
			mustClose(t, l)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAttic(t)
			tt.tamper(t, a)
			var trusted [][]byte
			if tt.trusted {
				trusted = [][]byte{a.at20}
			}
			r := verify(t, a.dir, a.vkey, trusted...)
			if tt.seq < 0 {
				if r.Fault != nil {
					t.Fatalf("Verify: %v, want no fault", r.Fault)
				}
				return
			}
			if r.Fault == nil {
				t.Fatalf("Verify = %+v, want a fault at %d", r, tt.seq)
			}
			if r.Fault.Seq != tt.seq || (tt.to > 0 && r.Fault.To != tt.to) {
				t.Errorf("fault %q (%d to %d), want %d to %d", r.Fault, r.Fault.Seq, r.Fault.To, tt.seq, tt.to)
			}
		})
	}
}

// noteAt returns the log's own checkpoint of a size.
func noteAt(t *testing.T, a attic, n int64) []byte {
	t.Helper()
	known, err := verifiers([]string{a.vkey})
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := checkpoints(a.dir, known)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Tree.N == n {
			return c.Note
		}
	}
	t.Fatalf("no checkpoint at %d", n)
	return nil
}

func TestOpenRefusesTampered(t *testing.T) {
	for name, tamper := range map[string]func(a attic){
		"tail dropped": func(a attic) { a.replace(t, a.records(t)[:25]) },
		"written anew": func(a attic) {
			l := a.records(t)
			l[12] = edit(l[12])
			rechain(l, 12)
			a.replace(t, l)
		},
		"no checkpoint": func(a attic) { a.remove(t, checkpointFile) },
		"record edited": func(a attic) {
			l := a.records(t)
			l[29] = edit(l[29])
			a.replace(t, l)
		},
	} {
		a := newAttic(t)
		tamper(a)
		if l, err := Open(a.dir, Options{KeyFile: a.keyFile}); err == nil {
			mustClose(t, l)
			t.Errorf("%s: the log opens", name)
		}
	}
}

func TestVerifyBesideWriter(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	o.CheckpointRecords = 3
	l := mustOpen(t, dir, o)
	vkey := l.VerifierKey()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fill(t, l, 200)
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if r := verify(t, dir, vkey); r.Fault != nil {
			t.Fatalf("Verify beside a writer: %v", r.Fault)
		}
	}
	mustClose(t, l)
}

func TestVerifyStops(t *testing.T) {
	a := newAttic(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Verify(ctx, a.dir, []string{a.vkey}, nil); err == nil {
		t.Error("Verify goes on after its context ended")
	}
	for _, keys := range [][]string{nil, {"nonsense"}} {
		if _, err := Verify(t.Context(), a.dir, keys, nil); err == nil {
			t.Errorf("Verify with keys %q: no error", keys)
		}
	}
	if _, err := Verify(t.Context(), a.dir, []string{a.vkey}, [][]byte{[]byte("nonsense")}); err == nil {
		t.Error("Verify with a nonsense trusted checkpoint: no error")
	}
}

func TestProofRefused(t *testing.T) {
	a := newAttic(t)
	for _, i := range []int64{-1, 30, 1 << 40} {
		if _, err := Prove(a.dir, []string{a.vkey}, i); err == nil {
			t.Errorf("Prove(%d) of 30: no error", i)
		}
	}
	p, err := Prove(a.dir, []string{a.vkey}, 7)
	if err != nil {
		t.Fatal(err)
	}
	p.Record = edit(p.Record)
	if p.Check([]string{a.vkey}) == nil {
		t.Error("the proof of an edited record holds")
	}
	l := a.records(t)
	l[7] = edit(l[7])
	a.replace(t, l)
	if _, err := Prove(a.dir, []string{a.vkey}, 8); err == nil {
		t.Error("Prove on an edited log: no error")
	}
}

// Whatever byte of whatever record is changed, the record is named.
func TestEveryByteCounts(t *testing.T) {
	a := newAttic(t)
	firsts, err := segments(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, len(firsts)-1).Draw(rt, "segment")
		name := segmentName(firsts[i])
		good := a.read(t, name)
		at := rapid.IntRange(0, len(good)-1).Draw(rt, "byte")
		bad := bytes.Clone(good)
		bad[at] ^= byte(rapid.IntRange(1, 255).Draw(rt, "flip"))
		a.write(t, name, bad)
		r := verify(t, a.dir, a.vkey)
		a.write(t, name, good)
		want := firsts[i] + int64(bytes.Count(good[:at], []byte("\n")))
		if r.Fault == nil || r.Fault.Seq != want {
			rt.Fatalf("Verify = %v, want a fault at record %d", r.Fault, want)
		}
	})
}

// However often the process dies, and whatever the last write leaves, no
// record that Append returned for is lost.
func TestCrashes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tmp, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		dir := filepath.Join(tmp, "log")
		o := Options{KeyFile: filepath.Join(tmp, "key"), Generate: true}
		o.SegmentBytes = int64(rapid.IntRange(1, 4000).Draw(rt, "segment bytes"))
		o.CheckpointRecords = int64(rapid.IntRange(1, 20).Draw(rt, "checkpoint records"))
		var kept []Receipt
		vkey := ""
		for range rapid.IntRange(1, 3).Draw(rt, "lives") {
			l, err := Open(dir, o)
			if err != nil {
				rt.Fatalf("Open: %v", err)
			}
			vkey = l.VerifierKey()
			kept = append(kept, fill(t, l, rapid.IntRange(0, 15).Draw(rt, "records"))...)
			if err := l.Close(); err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "dies") {
				die(rt, attic{dir: dir, vkey: vkey})
			}
		}
		l, err := Open(dir, o)
		if err != nil {
			rt.Fatalf("last Open: %v", err)
		}
		if err := l.Close(); err != nil {
			rt.Fatal(err)
		}
		if r := verify(t, dir, vkey); r.Fault != nil {
			rt.Fatalf("Verify: %v", r.Fault)
		}
		found := map[int64]string{}
		for rec, err := range Query(dir, Filter{}) {
			if err != nil {
				rt.Fatal(err)
			}
			found[rec.Seq] = rec.ID
		}
		for _, k := range kept {
			if found[k.Index] != k.ID {
				rt.Fatalf("record %d %s is lost", k.Index, k.ID)
			}
		}
	})
}

// die undoes what a process that is killed may not have come to after its last
// sync: checkpoints, the saved state, and the rest of a batch.
func die(t *rapid.T, a attic) {
	dir := func(name string) string { return filepath.Join(a.dir, name) }
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	all, err := os.ReadFile(dir(checkpointsFile))
	must(err)
	var notes []string
	for line := range bytes.Lines(all) {
		var msg string
		if json.Unmarshal(line, &msg) == nil {
			notes = append(notes, msg)
		}
	}
	notes = notes[:rapid.IntRange(1, len(notes)).Draw(t, "checkpoints that are left")]
	must(os.Remove(dir(checkpointsFile)))
	for _, msg := range notes {
		must(appendNote(dir(checkpointsFile), []byte(msg)))
	}
	must(os.WriteFile(dir(checkpointFile), []byte(notes[len(notes)-1]), 0o600))
	half := rapid.SampledFrom([]string{"", "\n\"te", "\n"}).Draw(t, "half a checkpoint")
	must(appendBytes(dir(checkpointsFile), []byte(half)))
	switch rapid.IntRange(0, 2).Draw(t, "state") {
	case 0:
		must(os.RemoveAll(dir(stateFile))) // a life without records saves none
	case 1:
		must(os.WriteFile(dir(stateFile), []byte(`{"note":`), 0o600))
	}
	firsts, err := segments(a.dir)
	must(err)
	if len(firsts) == 0 {
		return
	}
	tail := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "tail")
	must(appendBytes(dir(segmentName(firsts[len(firsts)-1])), tail))
}

func FuzzVerify(f *testing.F) {
	a := newAttic(f)
	first := a.read(f, segmentName(0))
	newest, all := a.read(f, checkpointFile), a.read(f, checkpointsFile)
	good := a.records(f)
	f.Add(first, newest, all)
	f.Add(first[:len(first)-5], newest, all)
	f.Add([]byte("{\"seq\":0,\n"), []byte("test\n0\n"), []byte("\"x\n"))
	f.Add([]byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, segment, newest, all []byte) {
		a.write(t, segmentName(0), segment)
		a.write(t, checkpointFile, newest)
		a.write(t, checkpointsFile, all)
		r, err := Verify(t.Context(), a.dir, []string{a.vkey}, [][]byte{a.at20})
		if err != nil || r.Fault != nil {
			return
		}
		// Only the true beginning of the log can pass.
		for i, line := range a.records(t)[:r.Signed] {
			if !bytes.Equal(line, good[i]) {
				t.Fatalf("record %d is not the one that was written, and passes", i)
			}
		}
	})
}

func FuzzEntry(f *testing.F) {
	f.Add("plain", "rule")
	f.Add("a\nb\x00\x1b[31m", "\u202e\u2066")
	f.Add(strings.Repeat("é", 400), "\xff\xfe\ufffd")
	f.Fuzz(func(t *testing.T, subject, rule string) {
		e := Entry{Action: ActionPost, Actor: Actor{Sub: subject}, Why: Why{Rule: rule, Evidence: slices.Repeat([]string{subject}, 50)}, Scrub: Scrub{Counts: map[string]int{rule: 1}}}
		b, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		line, c := appendRecord(3, time.Unix(0, 0), b, chain{})
		if got, why := check(line, 3, chain{}); why != "" || got != c {
			t.Fatalf("own record: %s", why)
		}
		if bytes.ContainsAny(line, "\n\r\x00\x1b") || len(line) > maxLine-1 {
			t.Fatalf("record %q", line)
		}
		r, err := decode(line)
		if err != nil {
			t.Fatal(err)
		}
		if again := bounded(r.Actor.Sub); again != r.Actor.Sub && len([]rune(subject)) <= maxField/10 {
			t.Fatalf("%q becomes %q when it is bounded again", r.Actor.Sub, again)
		}
	})
}
