// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/review"
)

func openSpool(t testing.TB, o SpoolOptions) *Spool {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := OpenSpool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// begin makes an upload and returns where it is.
func (r *running) begin(t *testing.T, token, body string, more ...string) string {
	t.Helper()
	resp, answer := r.do(t, "POST", aBuild, bearerHeader(token, append([]string{headerComplete, "?0"}, more...)...), strings.NewReader(body))
	if resp.StatusCode != 201 || resp.Header.Get(headerOffset) != fmt.Sprint(len(body)) || resp.Header.Get(headerComplete) != "?0" {
		t.Fatalf("begin: %s %v %s", resp.Status, resp.Header, answer)
	}
	return resp.Header.Get("Location")
}

// part appends to an upload.
func (r *running) part(t *testing.T, token, at string, offset int, complete, body string) (*http.Response, string) {
	t.Helper()
	return r.do(t, "PATCH", at, bearerHeader(token, headerOffset, fmt.Sprint(offset), headerComplete, complete, "Content-Type", partialUpload), strings.NewReader(body))
}

// far tells how far an upload is.
func (r *running) far(t *testing.T, token, at string) string {
	t.Helper()
	resp, _ := r.do(t, "HEAD", at, bearerHeader(token), nil)
	if resp.StatusCode != 204 {
		return resp.Status
	}
	return resp.Header.Get(headerOffset) + " " + resp.Header.Get(headerComplete)
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", e.Name(), info.Mode())
		}
		if e.Name() != "lock" {
			out = append(out, filepath.Ext(e.Name()))
		}
	}
	return out
}

func TestUpload(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	k := new(taker)
	r := startBuilds(t, k, BuildsAPI{Spool: openSpool(t, SpoolOptions{Dir: dir})})
	at := r.begin(t, pushToken, "", headerLength, "9")
	if resp, _ := r.part(t, pushToken, at, 0, "?0", "one,"); resp.StatusCode != 204 || resp.Header.Get(headerOffset) != "4" {
		t.Fatalf("first part: %s, %v", resp.Status, resp.Header)
	}
	if got := r.far(t, pushToken, at); got != "4 ?0" {
		t.Errorf("HEAD tells %s", got)
	}
	if got := files(t, dir); !slices.Equal(got, []string{".data", ".json"}) {
		t.Errorf("on disk: %v", got)
	}
	// Another token does not see it.
	if got := r.far(t, teamToken, at); !strings.HasPrefix(got, "404") {
		t.Errorf("another token: %s", got)
	}
	if resp, _ := r.part(t, teamToken, at, 4, "?1", "x"); resp.StatusCode != 404 {
		t.Errorf("another token appends: %s", resp.Status)
	}
	if resp, answer := r.part(t, pushToken, at, 2, "?0", "x"); resp.StatusCode != 409 || resp.Header.Get(headerOffset) != "4" || !strings.Contains(answer, "mismatching-upload-offset") {
		t.Errorf("wrong offset: %s %v %s", resp.Status, resp.Header, answer)
	}
	if resp, answer := r.part(t, pushToken, at, 4, "?1", "two"); resp.StatusCode != 400 || !strings.Contains(answer, "9 bytes, and 7 came") {
		t.Errorf("too short: %s %s", resp.Status, answer)
	}
	if resp, answer := r.part(t, pushToken, at, 7, "?1", "..more"); resp.StatusCode != 400 || !strings.Contains(answer, "longer than announced") {
		t.Errorf("too long: %s %s", resp.Status, answer)
	}
	resp, answer := r.part(t, pushToken, at, 7, "?1", "..")
	if resp.StatusCode != 201 || resp.Header.Get(headerComplete) != "?1" || !strings.Contains(answer, `"failures":1`) || k.last() != "one,two.." {
		t.Errorf("last part: %s %v %s, taken %q", resp.Status, resp.Header, answer, k.last())
	}
	// The answer is kept for a sender whom it did not reach, the text is not.
	if got := files(t, dir); !slices.Equal(got, []string{".json"}) {
		t.Errorf("on disk: %v", got)
	}
	if got := r.far(t, pushToken, at); got != "9 ?1" {
		t.Errorf("HEAD tells %s", got)
	}
	if resp, again := r.part(t, pushToken, at, 9, "?1", ""); resp.StatusCode != 201 || again != answer {
		t.Errorf("asked again: %s %s", resp.Status, again)
	}
	if resp, _ := r.part(t, pushToken, at, 9, "?1", "x"); resp.StatusCode != 400 {
		t.Errorf("more of a complete upload: %s", resp.Status)
	}
	if n := len(k.pushes); n != 1 {
		t.Errorf("taken %d times", n)
	}
	if used := r.opts.Builds.Spool.used()["used"]; used != 0 {
		t.Errorf("%v bytes are counted", used)
	}
}

func TestUploadHeaders(t *testing.T) {
	r := startBuilds(t, new(taker), BuildsAPI{MaxBody: 100, Spool: openSpool(t, SpoolOptions{})})
	at := r.begin(t, pushToken, "log")
	for name, tt := range map[string]struct {
		method, path string
		header       []string
		body         string
		code         int
	}{
		"no content type":  {"PATCH", at, []string{headerOffset, "3", headerComplete, "?0"}, "x", 415},
		"encoded":          {"PATCH", at, []string{headerOffset, "3", headerComplete, "?0", "Content-Type", partialUpload, "Content-Encoding", "gzip"}, "x", 415},
		"no complete":      {"PATCH", at, []string{headerOffset, "3", "Content-Type", partialUpload}, "x", 400},
		"no offset":        {"PATCH", at, []string{headerComplete, "?0", "Content-Type", partialUpload}, "x", 409},
		"negative":         {"PATCH", at, []string{headerOffset, "-1", headerComplete, "?0", "Content-Type", partialUpload}, "x", 400},
		"huge":             {"PATCH", at, []string{headerOffset, "99999999999999999999", headerComplete, "?0", "Content-Type", partialUpload}, "x", 400},
		"too large":        {"PATCH", at, []string{headerOffset, "3", headerComplete, "?0", "Content-Type", partialUpload}, strings.Repeat("x", 98), 413},
		"length too large": {"POST", aBuild, []string{headerComplete, "?0", headerLength, "101"}, "", 413},
		"no length":        {"POST", aBuild, []string{headerComplete, "?0", headerLength, "x"}, "", 400},
		"more than length": {"POST", aBuild, []string{headerComplete, "?0", headerLength, "1"}, "xx", 400},
		"no such upload":   {"PATCH", "/api/v1/builds/uploads/0123", []string{headerOffset, "3", headerComplete, "?0", "Content-Type", partialUpload}, "x", 404},
		"path":             {"HEAD", "/api/v1/builds/uploads/..%2flock", nil, "", 404},
		"no token":         {"HEAD", at, []string{"Authorization", ""}, "", 401},
	} {
		t.Run(name, func(t *testing.T) {
			if resp, answer := r.do(t, tt.method, tt.path, bearerHeader(pushToken, tt.header...), strings.NewReader(tt.body)); resp.StatusCode != tt.code {
				t.Errorf("%s %s, want %d", resp.Status, answer, tt.code)
			}
		})
	}
	if resp, _ := r.do(t, "DELETE", at, bearerHeader(teamToken), nil); resp.StatusCode != 404 {
		t.Errorf("another token cancels: %s", resp.Status)
	}
	if resp, _ := r.do(t, "DELETE", at, bearerHeader(pushToken), nil); resp.StatusCode != 204 {
		t.Errorf("cancel: %s", resp.Status)
	}
	if got := r.far(t, pushToken, at); !strings.HasPrefix(got, "404") {
		t.Errorf("after it was cancelled: %s", got)
	}
}

// A line that breaks in the middle of a part, and a server that starts again.
func TestUploadResumes(t *testing.T) {
	dir := t.TempDir()
	k := new(taker)
	spool := openSpool(t, SpoolOptions{Dir: dir})
	r := startBuilds(t, k, BuildsAPI{Spool: spool})
	text := squeeze(t, strings.Repeat("line of a log\n", 1000))
	at := r.begin(t, pushToken, "", "Content-Encoding", "gzip")
	half := len(text) / 2
	c := r.raw(t, fmt.Sprintf("PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s: 0\r\n%s: ?1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		at, pushToken, headerOffset, headerComplete, partialUpload, len(text), text[:half]))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	// The server sees the end of the line a moment later.
	got := ""
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if got = r.far(t, pushToken, at); got == fmt.Sprintf("%d ?0", half) {
			break
		}
	}
	if got != fmt.Sprintf("%d ?0", half) {
		t.Fatalf("after the break: %s, want %d", got, half)
	}
	if err := errors.Join(r.stop(), spool.Close()); err != nil {
		t.Fatal(err)
	}
	r = startBuilds(t, k, BuildsAPI{Spool: openSpool(t, SpoolOptions{Dir: dir})})
	if got := r.far(t, pushToken, at); got != fmt.Sprintf("%d ?0", half) {
		t.Fatalf("after the restart: %s", got)
	}
	if resp, answer := r.part(t, pushToken, at, half, "?1", text[half:]); resp.StatusCode != 201 {
		t.Errorf("the rest: %s %s", resp.Status, answer)
	}
	if len(k.last()) != 14000 || k.pushes[0].Query.Get("project") != "team/a" {
		t.Errorf("taken %d bytes of %v", len(k.last()), k.pushes[0].Query)
	}
}

func TestUploadOneAtATime(t *testing.T) {
	k := new(taker)
	r := startBuilds(t, k, BuildsAPI{Spool: openSpool(t, SpoolOptions{})})
	at := r.begin(t, pushToken, "")
	codes := make([]int, 8)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			resp, _ := r.part(t, pushToken, at, 0, "?0", strings.Repeat(fmt.Sprint(i), 100_000))
			codes[i] = resp.StatusCode
		})
	}
	all.Wait()
	won := 0
	for _, code := range codes {
		switch code {
		case 204:
			won++
		case 409, 429:
		default:
			t.Errorf("answer %d", code)
		}
	}
	if got := r.far(t, pushToken, at); won != 1 || got != "100000 ?0" {
		t.Errorf("%d won (%v), the upload is at %s", won, codes, got)
	}
	if resp, _ := r.part(t, pushToken, at, 100_000, "?1", ""); resp.StatusCode != 201 {
		t.Errorf("complete: %s", resp.Status)
	}
	if text := k.last(); text != strings.Repeat(text[:1], 100_000) {
		t.Error("two parts are mixed")
	}
}

// While an upload is processed, it belongs to that request alone.
func TestUploadBusy(t *testing.T) {
	k := &taker{enter: make(chan struct{}), leave: make(chan struct{})}
	r := startBuilds(t, k, BuildsAPI{Spool: openSpool(t, SpoolOptions{})})
	at := r.begin(t, pushToken, "log")
	first := make(chan int)
	go func() {
		resp, _ := r.part(t, pushToken, at, 3, "?1", "")
		first <- resp.StatusCode
	}()
	<-k.enter
	if resp, _ := r.part(t, pushToken, at, 3, "?1", ""); resp.StatusCode != 429 {
		t.Errorf("a second request: %s", resp.Status)
	}
	if resp, _ := r.do(t, "DELETE", at, bearerHeader(pushToken), nil); resp.StatusCode != 429 {
		t.Errorf("a cancel: %s", resp.Status)
	}
	close(k.leave)
	if code := <-first; code != 201 {
		t.Errorf("the first: %d", code)
	}
}

func TestUploadFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail error
		code int
		kept bool
	}{
		{"store down", errors.New("down"), 503, true},
		{"rejected", &review.RejectedError{Err: errors.New("not JUnit")}, 422, false},
		{"denied", &review.DeniedError{Err: errors.New("no")}, 403, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			k := &taker{fail: tt.fail}
			r := startBuilds(t, k, BuildsAPI{Spool: openSpool(t, SpoolOptions{Dir: dir})})
			at := r.begin(t, pushToken, "log")
			if resp, answer := r.part(t, pushToken, at, 3, "?1", ""); resp.StatusCode != tt.code {
				t.Errorf("%s %s", resp.Status, answer)
			}
			if got := len(files(t, dir)) == 2; got != tt.kept {
				t.Errorf("kept: %v", got)
			}
			k.mu.Lock()
			k.fail = nil
			k.mu.Unlock()
			if resp, _ := r.part(t, pushToken, at, 3, "?1", ""); tt.kept != (resp.StatusCode == 201) {
				t.Errorf("again: %s", resp.Status)
			}
		})
	}
}

func TestSpoolLimits(t *testing.T) {
	r := startBuilds(t, new(taker), BuildsAPI{Spool: openSpool(t, SpoolOptions{MaxBytes: 100, MaxUploads: 2})})
	first := r.begin(t, pushToken, strings.Repeat("a", 60))
	r.begin(t, pushToken, "")
	refused := func(name, token, body string, code int, more ...string) {
		t.Helper()
		resp, answer := r.do(t, "POST", aBuild, bearerHeader(token, append([]string{headerComplete, "?0"}, more...)...), strings.NewReader(body))
		if resp.StatusCode != code || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %s %s", name, resp.Status, answer)
		}
	}
	refused("a third of one token", pushToken, "", 429)
	refused("more than there is room for", teamToken, strings.Repeat("b", 41), 503)
	refused("more is announced than there is room for", teamToken, "", 503, headerLength, "41")
	at := r.begin(t, teamToken, strings.Repeat("b", 40))
	if resp, _ := r.part(t, teamToken, at, 40, "?0", "b"); resp.StatusCode != 503 || resp.Header.Get(headerOffset) != "40" {
		t.Errorf("one byte more: %s", resp.Status)
	}
	if resp, _ := r.do(t, "DELETE", first, bearerHeader(pushToken), nil); resp.StatusCode != 204 {
		t.Fatalf("cancel: %s", resp.Status)
	}
	if resp, answer := r.part(t, teamToken, at, 40, "?1", "b"); resp.StatusCode != 201 {
		t.Errorf("with room: %s %s", resp.Status, answer)
	}
}

func TestSpoolAge(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	spool := openSpool(t, SpoolOptions{Dir: dir, Now: clock})
	r := startBuilds(t, new(taker), BuildsAPI{Spool: spool})
	old := r.begin(t, pushToken, "old")
	pass(40 * time.Minute)
	young := r.begin(t, pushToken, "young")
	pass(40 * time.Minute)
	if got := r.far(t, pushToken, old); !strings.HasPrefix(got, "404") {
		t.Errorf("an old upload: %s", got)
	}
	if got := r.far(t, pushToken, young); got != "5 ?0" {
		t.Errorf("a young upload: %s", got)
	}
	r.begin(t, pushToken, "")
	if got := len(files(t, dir)); got != 4 {
		t.Errorf("%d files after the next one began, want those of two uploads", got)
	}
	if err := errors.Join(r.stop(), spool.Close()); err != nil {
		t.Fatal(err)
	}
	// What a crash leaves, and what is not ours.
	id := strings.Repeat("0", 32)
	for _, name := range []string{id + ".data", strings.Repeat("1", 32) + ".tmp", "notes.data"} {
		write(t, filepath.Join(dir, name), "text", now)
	}
	pass(61 * time.Minute)
	openSpool(t, SpoolOptions{Dir: dir, Now: clock})
	if got := files(t, dir); !slices.Equal(got, []string{".data"}) {
		t.Errorf("after a start: %v, want the foreign file alone", got)
	}
}

// What nobody finishes goes, though nobody begins another one.
func TestSpoolKeepsClean(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := OpenSpool(SpoolOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		u, err := s.create(uploadMeta{By: "ci", Length: -1})
		if err != nil {
			t.Fatal(err)
		}
		u.giveBack()
		ctx, stop := context.WithCancel(t.Context())
		go s.keepClean(ctx)
		for _, tt := range []struct {
			after time.Duration
			files int
		}{{time.Hour, 2}, {16 * time.Minute, 0}} {
			time.Sleep(tt.after)
			synctest.Wait()
			if got := files(t, dir); len(got) != tt.files {
				t.Errorf("%s later: %v", tt.after, got)
			}
		}
		stop()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestSpoolIsForOne(t *testing.T) {
	dir := t.TempDir()
	openSpool(t, SpoolOptions{Dir: dir})
	if _, err := OpenSpool(SpoolOptions{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("a second server: %v", err)
	}
	file := filepath.Join(dir, "lock")
	if _, err := OpenSpool(SpoolOptions{Dir: file}); err == nil {
		t.Error("a file is taken for a folder")
	}
}

// What is remembered of complete uploads is bounded.
func TestSpoolForgets(t *testing.T) {
	s := openSpool(t, SpoolOptions{})
	for range maxSpooled + 5 {
		u, err := s.create(uploadMeta{By: "ci", Length: -1})
		if err != nil {
			t.Fatal(err)
		}
		if err := u.finish(BuildTaken{}); err != nil {
			t.Fatal(err)
		}
		u.giveBack()
	}
	if n := len(s.uploads); n > maxSpooled {
		t.Errorf("%d uploads are remembered", n)
	}
	if s.bytes != 0 {
		t.Errorf("%d bytes are counted", s.bytes)
	}
}

// A reader that fails in the middle leaves what came before.
func TestSpoolWrite(t *testing.T) {
	s := openSpool(t, SpoolOptions{})
	u, err := s.create(uploadMeta{By: "ci", Length: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer u.giveBack()
	broken := errors.New("broken")
	if err := u.write(io.MultiReader(strings.NewReader("abc"), failing{broken}), 10); !errors.Is(err, broken) {
		t.Errorf("write() = %v", err)
	}
	if u.size != 3 || s.bytes != 3 {
		t.Errorf("size %d, %d in all", u.size, s.bytes)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
