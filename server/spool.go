// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// SpoolOptions configure a Spool. Zero values of numbers and times mean the
// defaults.
type SpoolOptions struct {
	Dir        string        // of one server alone; made when it is not there
	MaxBytes   int64         // of all uploads, default 1 GiB
	MaxUploads int           // of one token that are not complete, default 8
	MaxAge     time.Duration // of an upload, default 1 h
	Now        func() time.Time
}

// maxSpooled bounds what is remembered of uploads that are complete.
const maxSpooled = 1000

// Spool keeps the parts of uploads on disk until they are complete: the bytes
// as they came, not scrubbed, for no longer than they are needed. A file's
// size is the offset, so a crash loses no more than what was not answered.
type Spool struct {
	opts SpoolOptions
	root *os.Root
	lock *os.File // held, so that no second server works here

	mu      sync.Mutex
	uploads map[string]*upload
	bytes   int64
}

// upload is a body that comes in parts. Its fields below busy change under the
// spool's lock, by whoever holds busy.
type upload struct {
	uploadMeta
	id    string
	spool *Spool
	busy  bool
	size  int64
}

// uploadMeta is what is stored beside the bytes.
type uploadMeta struct {
	By      string    `json:"by"` // the name of the token
	Query   string    `json:"query"`
	Gzip    bool      `json:"gzip,omitempty"`
	Length  int64     `json:"length"` // -1 before it is known
	Created time.Time `json:"created"`
	// Answer is there when the upload was processed. Its bytes are gone then.
	Answer *BuildTaken `json:"answer,omitempty"`
	Size   int64       `json:"size,omitempty"` // with an Answer
}

var (
	errNoUpload    = newProblem(http.StatusNotFound, "no such upload", "there is no upload of this name for this token; it may be too old", "begin again with a POST")
	errUploadBusy  = later("another request works on this upload")
	errManyUploads = later("this token has as many unfinished uploads as it may have")
	errSpoolFull   = newProblem(http.StatusServiceUnavailable, "no room", "this server has no room for more uploads", "send it again later, or in one request").again(time.Minute)
)

// spooled are the files that are ours; others are left alone.
var spooled = regexp.MustCompile(`^([0-9a-f]{32})\.(data|json|tmp)$`)

// OpenSpool opens the folder and forgets what is too old or not whole.
func OpenSpool(o SpoolOptions) (*Spool, error) {
	o.MaxBytes = orDefault(o.MaxBytes, 1<<30)
	o.MaxUploads = orDefault(o.MaxUploads, 8)
	o.MaxAge = orDefault(o.MaxAge, time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the spool: %w", err)
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the spool: %w", err)
	}
	s := &Spool{opts: o, root: root, uploads: map[string]*upload{}}
	if err := s.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open the spool %s: %w", o.Dir, err), s.Close())
	}
	return s, nil
}

// Close gives the folder free. Uploads stay for the next start.
func (s *Spool) Close() error {
	err := s.root.Close()
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

func (s *Spool) load() (err error) {
	if s.lock, err = s.root.OpenFile("lock", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.New("another server works with it; give each its own")
	}
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		m := spooled.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		u := s.read(m[1])
		if u != nil {
			s.uploads[u.id] = u
		}
		// What a crash left between two steps.
		if whole := u != nil && (m[2] == "json" || m[2] == "data" && u.Answer == nil); whole {
			continue
		}
		if err := s.root.Remove(e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, u := range s.uploads {
		s.bytes += u.held()
	}
	s.sweep()
	return nil
}

// read returns an upload as the disk has it, nil when it is not whole.
func (s *Spool) read(id string) *upload {
	u := &upload{id: id, spool: s}
	b, err := s.root.ReadFile(id + ".json")
	if err != nil || json.Unmarshal(b, &u.uploadMeta) != nil {
		return nil
	}
	if u.Answer != nil {
		u.size = u.Size
		return u
	}
	info, err := s.root.Stat(id + ".data")
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	u.size = info.Size()
	return u
}

// held is how many bytes the upload takes.
func (u *upload) held() int64 {
	if u.Answer != nil {
		return 0
	}
	return u.size
}

// sweep forgets what is too old. The caller holds the lock.
func (s *Spool) sweep() {
	now := s.opts.Now()
	var oldest *upload
	for _, u := range s.uploads {
		if age := now.Sub(u.Created); !u.busy && (age > s.opts.MaxAge || age < -s.opts.MaxAge) {
			s.drop(u)
			continue
		}
		if u.Answer != nil && !u.busy && (oldest == nil || u.Created.Before(oldest.Created)) {
			oldest = u
		}
	}
	if len(s.uploads) >= maxSpooled && oldest != nil {
		s.drop(oldest)
	}
}

// drop forgets an upload. What cannot be removed now goes at the next start.
func (s *Spool) drop(u *upload) {
	s.bytes -= u.held()
	delete(s.uploads, u.id)
	_ = s.root.Remove(u.id + ".data")
	_ = s.root.Remove(u.id + ".json")
}

// create begins an upload, which is held by the caller.
func (s *Spool) create(m uploadMeta) (*upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	open := 0
	for _, u := range s.uploads {
		if u.By == m.By && u.Answer == nil {
			open++
		}
	}
	switch {
	case open >= s.opts.MaxUploads:
		return nil, errManyUploads
	case len(s.uploads) >= maxSpooled, s.bytes >= s.opts.MaxBytes, m.Length > s.opts.MaxBytes-s.bytes:
		return nil, errSpoolFull
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	m.Created = s.opts.Now().UTC()
	u := &upload{uploadMeta: m, id: hex.EncodeToString(id[:]), spool: s, busy: true}
	f, err := s.root.OpenFile(u.id+".data", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = errors.Join(f.Close(), u.save())
	}
	if err != nil {
		s.drop(u)
		return nil, fmt.Errorf("spool an upload: %w", err)
	}
	s.uploads[u.id] = u
	return u, nil
}

// save writes what is known beside the bytes.
func (u *upload) save() error {
	b, err := json.Marshal(u.uploadMeta)
	if err != nil {
		return err
	}
	if err := u.spool.root.WriteFile(u.id+".tmp", b, 0o600); err != nil {
		return err
	}
	return u.spool.root.Rename(u.id+".tmp", u.id+".json")
}

// state returns a copy of an upload, for who began it alone.
func (s *Spool) state(id, by string) (upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[id]
	if u == nil || u.By != by || s.opts.Now().Sub(u.Created) > s.opts.MaxAge {
		return upload{}, errNoUpload
	}
	return *u, nil
}

// hold gives an upload to one request alone, until it is given back.
func (s *Spool) hold(id, by string) (*upload, error) {
	if _, err := s.state(id, by); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[id]
	switch {
	case u == nil:
		return nil, errNoUpload
	case u.busy:
		return nil, errUploadBusy
	}
	u.busy = true
	return u, nil
}

func (u *upload) giveBack() {
	u.spool.mu.Lock()
	defer u.spool.mu.Unlock()
	u.busy = false
}

// remove forgets a held upload.
func (u *upload) remove() {
	u.spool.mu.Lock()
	defer u.spool.mu.Unlock()
	u.spool.drop(u)
}

// write appends what r has, up to max bytes in all. What came before an error
// is kept.
func (u *upload) write(r io.Reader, max int64) (err error) {
	f, err := u.spool.root.OpenFile(u.id+".data", os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("spool an upload: %w", err)
	}
	defer func() {
		// Only what is on disk may be answered for.
		if serr := f.Sync(); serr != nil && err == nil {
			err = fmt.Errorf("spool an upload: %w", serr)
		}
		_ = f.Close()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, rerr := r.Read(buf)
		if n > 0 {
			if err := u.grow(int64(n), max); err != nil {
				return err
			}
			if _, err := f.WriteAt(buf[:n], u.size-int64(n)); err != nil {
				u.shrink(f, int64(n))
				return errors.Join(errSpoolFull, err)
			}
		}
		if rerr == io.EOF {
			return nil
		}
		if rerr != nil {
			return rerr
		}
	}
}

// grow makes room for n bytes.
func (u *upload) grow(n, max int64) error {
	u.spool.mu.Lock()
	defer u.spool.mu.Unlock()
	switch {
	case u.size+n > max:
		return errPushLarge(max, "as it is sent")
	case u.Length >= 0 && u.size+n > u.Length:
		return newProblem(http.StatusBadRequest, "longer than announced", "the parts have more bytes than Upload-Length says", "begin again")
	case u.spool.bytes+n > u.spool.opts.MaxBytes:
		return errSpoolFull
	}
	u.size += n
	u.spool.bytes += n
	return nil
}

// shrink takes n bytes back that could not be written.
func (u *upload) shrink(f *os.File, n int64) {
	u.spool.mu.Lock()
	defer u.spool.mu.Unlock()
	u.size -= n
	u.spool.bytes -= n
	_ = f.Truncate(u.size)
}

// open reads a held upload.
func (u *upload) open() (*os.File, error) { return u.spool.root.Open(u.id + ".data") }

// finish keeps the answer of a held upload in the place of its bytes, for a
// sender whom the answer does not reach.
func (u *upload) finish(answer BuildTaken) error {
	u.spool.mu.Lock()
	defer u.spool.mu.Unlock()
	u.spool.bytes -= u.held()
	u.Answer, u.Size = &answer, u.size
	// The query is no longer needed, and may tell more than the answer.
	u.Query = ""
	return errors.Join(u.save(), u.spool.root.Remove(u.id+".data"))
}

// keepClean forgets what is too old until ctx ends, whether or not somebody
// sends more.
func (s *Spool) keepClean(ctx context.Context) {
	tick := time.NewTicker(s.opts.MaxAge / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.mu.Lock()
			s.sweep()
			s.mu.Unlock()
		}
	}
}

// used tells figures of the spool.
func (s *Spool) used() map[string]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]float64{"used": float64(s.bytes), "limit": float64(s.opts.MaxBytes)}
}
