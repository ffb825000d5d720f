// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// options returns options for a log of a test, with a key beside it.
func options(t testing.TB) Options {
	return Options{Name: "test", KeyFile: filepath.Join(t.TempDir(), "audit.key"), Generate: true}
}

func mustOpen(t testing.TB, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return l
}

func mustClose(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func post(n int) Entry {
	return Entry{
		Actor:  Actor{Kind: "bot", GerritID: 1000042},
		Action: ActionPost,
		Object: Object{Host: "main", Project: "demo", Change: n, PatchSet: 1, Revision: strings.Repeat("a", 40)},
		Why:    Why{Rule: "posted", ConfigRevision: "c0ffee", Evidence: []string{"e1"}},
		Scrub:  Scrub{Version: "v1", Counts: map[string]int{"aws-key": 2}},
		Result: ResultIntent,
	}
}

func fill(t testing.TB, l *Log, n int) []Receipt {
	t.Helper()
	out := make([]Receipt, n)
	for i := range out {
		r, err := l.Append(t.Context(), post(i+1))
		if err != nil {
			t.Errorf("Append: %v", err)
			return out[:i]
		}
		out[i] = r
	}
	return out
}

func verify(t testing.TB, dir, vkey string, trusted ...[]byte) Report {
	t.Helper()
	r, err := Verify(t.Context(), dir, []string{vkey}, trusted)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return r
}

func TestAppendVerifyQuery(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	o.SegmentBytes = 2000 // several segments
	l := mustOpen(t, dir, o)
	receipts := fill(t, l, 20)
	mustClose(t, l)

	r := verify(t, dir, l.VerifierKey())
	if r.Fault != nil || r.Records != 20 || r.Signed != 20 {
		t.Fatalf("Verify = %+v, fault %v; want 20 signed records", r, r.Fault)
	}
	if list, _ := segments(dir); len(list) < 3 {
		t.Errorf("%d segments, want several", len(list))
	}
	for i, want := range receipts {
		if want.Index != int64(i) {
			t.Errorf("receipt %d has index %d", i, want.Index)
		}
		for rec, err := range Query(dir, Filter{ID: want.ID}) {
			if err != nil || rec.Seq != want.Index || rec.Object.Change != i+1 {
				t.Errorf("Query(%s) = %+v, %v", want.ID, rec, err)
			}
		}
		p, err := Prove(dir, []string{l.VerifierKey()}, want.Index)
		if err != nil {
			t.Fatalf("Prove(%d): %v", i, err)
		}
		p.Index = (p.Index + 1) % 20
		if p.Check([]string{l.VerifierKey()}) == nil {
			t.Errorf("the proof of record %d holds for record %d too", i, p.Index)
		}
	}
}

func TestReopenGoesOn(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	o.SegmentBytes = 3000
	for range 7 {
		l := mustOpen(t, dir, o)
		fill(t, l, 9)
		mustClose(t, l)
	}
	// Without the saved state everything is read again, with the same result.
	if err := os.Remove(filepath.Join(dir, stateFile)); err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, dir, o)
	fill(t, l, 1)
	mustClose(t, l)
	if r := verify(t, dir, l.VerifierKey()); r.Fault != nil || r.Records != 64 || r.Checkpoints < 9 {
		t.Errorf("Verify = %+v, fault %v; want 64 records", r, r.Fault)
	}
}

func TestOneWriter(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	l := mustOpen(t, dir, o)
	if _, err := Open(dir, o); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second Open: %v, want an error that says that it is in use", err)
	}
	mustClose(t, l)
	mustClose(t, mustOpen(t, dir, o))
	if _, err := l.Append(t.Context(), post(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("Append after Close: %v", err)
	}
}

func TestOrigin(t *testing.T) {
	dir, second, o := t.TempDir(), t.TempDir(), options(t)
	mustClose(t, mustOpen(t, dir, o))
	o.Origin = "second"
	if _, err := Open(dir, o); err == nil || !strings.Contains(err.Error(), `the log "test"`) {
		t.Errorf("Open of another log: %v", err)
	}
	l := mustOpen(t, second, o)
	mustClose(t, l)
	foreign, err := os.ReadFile(filepath.Join(dir, checkpointFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(t.Context(), second, []string{l.VerifierKey()}, [][]byte{foreign}); err == nil {
		t.Error("a checkpoint of another log under the same key is taken")
	}
	o.Origin = "two\nlines"
	if _, err := Open(t.TempDir(), o); err == nil {
		t.Error("an origin of two lines is taken")
	}
}

func TestKey(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	o.Generate = false
	if _, err := Open(dir, o); err == nil {
		t.Fatal("a log without key opens although none may be made")
	}
	o.Generate = true
	l := mustOpen(t, dir, o)
	fill(t, l, 3)
	mustClose(t, l)
	info, err := os.Stat(o.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v; want mode 0600", info, err)
	}
	pub, err := os.ReadFile(o.KeyFile + ".pub")
	if err != nil || strings.TrimSpace(string(pub)) != l.VerifierKey() {
		t.Errorf("public key file holds %q, %v", pub, err)
	}
	if l.Digest("a", "bc") == l.Digest("ab", "c") {
		t.Error("digest: parts run into each other")
	}

	// Another key needs the former one named.
	other := o
	other.KeyFile += ".2"
	if _, err := Open(dir, other); err == nil || !strings.Contains(err.Error(), "key") {
		t.Errorf("Open with another key: %v", err)
	}
	other.FormerKeys = []string{l.VerifierKey()}
	second := mustOpen(t, dir, other)
	fill(t, second, 1)
	mustClose(t, second)
	r, err := Verify(t.Context(), dir, []string{l.VerifierKey(), second.VerifierKey()}, nil)
	if err != nil || r.Fault != nil {
		t.Errorf("Verify with both keys: %v, %v", r.Fault, err)
	}
	if r := verify(t, dir, second.VerifierKey()); r.Fault == nil {
		t.Error("checkpoints by a key that is not given pass")
	}
}

func TestTornTail(t *testing.T) {
	tests := []struct {
		name string
		tail string
		ok   bool
	}{
		{"half a record", `{"seq":5,"time":"20`, true},
		{"half a batch of zeros", strings.Repeat("\x00", 5000), true},
		{"garbage with line ends", "x\ny\nz\n", true},
		{"more than one batch", strings.Repeat("x", maxBatchBytes+1), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, o := t.TempDir(), options(t)
			l := mustOpen(t, dir, o)
			fill(t, l, 5)
			mustClose(t, l)
			path := filepath.Join(dir, segmentName(0))
			if err := appendBytes(path, []byte(tt.tail)); err != nil {
				t.Fatal(err)
			}

			l, err := Open(dir, o)
			if !tt.ok {
				if err == nil || !strings.Contains(err.Error(), "audit verify") {
					t.Fatalf("Open = %v, want an error that names audit verify", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(l.Recovered(), "behind record 4") {
				t.Errorf("Recovered() = %q", l.Recovered())
			}
			fill(t, l, 1)
			mustClose(t, l)
			if r := verify(t, dir, l.VerifierKey()); r.Fault != nil || r.Records != 7 {
				t.Errorf("Verify = %+v, %v; want 7 records: 5, the recovery, 1", r, r.Fault)
			}
			if kept, _ := filepath.Glob(filepath.Join(dir, "torn-*")); len(kept) != 1 {
				t.Errorf("the cut bytes were not kept: %v", kept)
			}
		})
	}
}

func appendBytes(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// badDisk fails on request.
type badDisk struct {
	segmentFile
	write, sync, truncate error
}

func (d *badDisk) Write(p []byte) (int, error) {
	if d.write != nil {
		n, _ := d.segmentFile.Write(p[:len(p)/2])
		return n, d.write
	}
	return d.segmentFile.Write(p)
}

func (d *badDisk) Datasync() error { return errors.Join(d.sync, d.segmentFile.Datasync()) }
func (d *badDisk) Truncate(n int64) error {
	return errors.Join(d.truncate, d.segmentFile.Truncate(n))
}

func TestDiskFaults(t *testing.T) {
	tests := []struct {
		name   string
		fault  badDisk
		broken bool
	}{
		{"full disk heals", badDisk{write: syscall.ENOSPC}, false},
		{"full disk that cannot be cut", badDisk{write: syscall.ENOSPC, truncate: syscall.EIO}, true},
		{"sync fails", badDisk{sync: syscall.EIO}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, o := t.TempDir(), options(t)
			l := mustOpen(t, dir, o)
			fill(t, l, 2)
			// The writer is idle, and the next send orders this write before it.
			disk := &badDisk{segmentFile: l.seg, write: tt.fault.write, sync: tt.fault.sync, truncate: tt.fault.truncate}
			l.seg = disk
			if _, err := l.Append(t.Context(), post(3)); err == nil {
				t.Fatal("Append on a bad disk succeeds")
			}
			disk.write, disk.sync, disk.truncate = nil, nil, nil
			_, err := l.Append(t.Context(), post(4))
			if got := errors.Is(err, ErrBroken); got != tt.broken {
				t.Fatalf("Append when the disk is good again: %v; broken %v, want %v", err, got, tt.broken)
			}
			select {
			case <-l.Failed():
				if !tt.broken {
					t.Error("Failed() is closed")
				}
			default:
				if tt.broken {
					t.Error("Failed() is open")
				}
			}
			if err := l.Close(); (err != nil) != tt.broken {
				t.Errorf("Close: %v", err)
			}
			l = mustOpen(t, dir, o)
			fill(t, l, 1)
			mustClose(t, l)
			if r := verify(t, dir, l.VerifierKey()); r.Fault != nil {
				t.Errorf("Verify after restart: %v", r.Fault)
			}
		})
	}
}

func TestCheckpointClock(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	o.Publish = filepath.Join(t.TempDir(), "published")
	synctest.Test(t, func(t *testing.T) {
		l := mustOpen(t, dir, o)
		defer mustClose(t, l)
		fill(t, l, 3)
		if r := verify(t, dir, l.VerifierKey()); r.Signed != 0 {
			t.Errorf("%d records signed at once, want 0", r.Signed)
		}
		time.Sleep(61 * time.Second)
		synctest.Wait()
		published, err := os.ReadFile(o.Publish)
		if err != nil {
			t.Fatal(err)
		}
		if r := verify(t, dir, l.VerifierKey(), published); r.Signed != 3 || r.Fault != nil {
			t.Errorf("after a minute: %+v, want 3 signed records", r)
		}
	})
}

func TestCheckpointByCount(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	o.CheckpointRecords = 10
	o.Publish = filepath.Join(dir, "no", "such", "directory") // must not matter
	l := mustOpen(t, dir, o)
	fill(t, l, 25)
	mustClose(t, l)
	if r := verify(t, dir, l.VerifierKey()); r.Fault != nil || r.Checkpoints != 5 {
		t.Errorf("%+v, want checkpoints at 0, 10, 20, 25 and the newest file", r)
	}
}

func TestConcurrentAppends(t *testing.T) {
	dir, o := t.TempDir(), options(t)
	l := mustOpen(t, dir, o)
	var wg sync.WaitGroup
	ids := make([][]Receipt, 16)
	for i := range ids {
		wg.Go(func() { ids[i] = fill(t, l, 40) })
	}
	wg.Wait()
	mustClose(t, l)
	seen := map[int64]bool{}
	for _, list := range ids {
		for _, r := range list {
			seen[r.Index] = true
		}
	}
	if r := verify(t, dir, l.VerifierKey()); r.Fault != nil || r.Records != 640 || len(seen) != 640 {
		t.Errorf("%+v, %d different receipts; want 640", r, len(seen))
	}
}

func TestAppendHonoursContext(t *testing.T) {
	l := mustOpen(t, t.TempDir(), options(t))
	defer mustClose(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 {
		if _, err := l.Append(ctx, post(1)); err != nil {
			return
		}
	}
	t.Error("Append with a cancelled context always succeeds")
}

// childEnv makes the test binary append until it is killed.
const childEnv = "AUDIT_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	l, err := Open(filepath.Join(dir, "log"), Options{KeyFile: filepath.Join(dir, "key"), Generate: true, CheckpointRecords: 50, SegmentBytes: 20_000})
	if err != nil {
		panic(err)
	}
	for range 8 {
		go func() {
			for i := 0; ; i++ {
				r, err := l.Append(context.Background(), post(i))
				if err != nil {
					panic(err)
				}
				fmt.Printf("%d %s\n", r.Index, r.ID)
			}
		}()
	}
	select {}
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	kept := map[int64]string{}
	for range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if n == 300 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			var index int64
			var id string
			// The last line may be cut by the kill.
			if k, err := fmt.Sscanf(lines.Text(), "%d %s", &index, &id); k == 2 && err == nil && len(id) == 12 {
				kept[index] = id
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
	}
	l := mustOpen(t, filepath.Join(dir, "log"), Options{KeyFile: filepath.Join(dir, "key")})
	mustClose(t, l)
	if r := verify(t, filepath.Join(dir, "log"), l.VerifierKey()); r.Fault != nil {
		t.Errorf("Verify after three kills: %v", r.Fault)
	}
	found := map[int64]string{}
	for r, err := range Query(filepath.Join(dir, "log"), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		found[r.Seq] = r.ID
	}
	for index, id := range kept {
		if found[index] != id {
			t.Errorf("record %d was acknowledged as %s and is %q", index, id, found[index])
		}
	}
	if len(kept) < 900 {
		t.Errorf("%d acknowledged, want at least 900", len(kept))
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			l := mustOpen(b, b.TempDir(), options(b))
			defer mustClose(b, l)
			work := make(chan struct{})
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for range work {
						if _, err := l.Append(context.Background(), post(1)); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for b.Loop() {
				work <- struct{}{}
			}
			close(work)
			wg.Wait()
		})
	}
}
