// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Open opens the log in dir for writing, or starts one. What a crash left
// unfinished behind the last whole record is moved aside and reported. A log
// that does not match its own checkpoint is not opened.
func Open(dir string, o Options) (*Log, error) {
	if o.KeyFile == "" {
		return nil, errors.New("audit: no key file configured; set audit.key_file")
	}
	if o.Name == "" {
		o.Name = "review-assistant"
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.CheckpointEvery <= 0 {
		o.CheckpointEvery = time.Minute
	}
	if o.CheckpointRecords <= 0 {
		o.CheckpointRecords = 1000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make audit directory: %w", err)
	}
	k, err := loadKey(o.KeyFile, o.Name, o.Generate)
	if err != nil {
		return nil, err
	}
	if o.Origin == "" {
		o.Origin = k.signer.Name()
	}
	if strings.ContainsFunc(o.Origin, unicode.IsControl) {
		return nil, fmt.Errorf("audit: origin %q has control characters", o.Origin)
	}
	lock, err := acquire(dir)
	if err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, opts: o, key: k, lock: lock, openSeg: openDisk,
		queue: make(chan *pending, maxBatch), closing: make(chan struct{}), done: make(chan struct{}), failed: make(chan struct{}),
	}
	if err := l.start(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	go l.write()
	return l, nil
}

func (l *Log) start() error {
	known, err := verifiers(append([]string{l.key.verifier}, l.opts.FormerKeys...))
	if err != nil {
		return err
	}
	list, err := segments(l.dir)
	if err != nil {
		return err
	}
	raw, err := readSmall(filepath.Join(l.dir, checkpointFile), maxNote)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(list) == 0:
		// The empty tree is signed first: records without any checkpoint mean
		// that somebody removed them.
		return l.checkpoint()
	case err != nil:
		return fmt.Errorf("audit log %s has records but no checkpoint; restore the file, or move the directory away: %w", l.dir, err)
	}
	c, err := parseCheckpoint(raw, known)
	if err != nil {
		return fmt.Errorf("audit log %s: newest checkpoint: %w; is this the right key file?", l.dir, err)
	}
	if c.Origin != l.opts.Origin {
		return fmt.Errorf("audit log %s is the log %q, not %q; give each log its own directory", l.dir, c.Origin, l.opts.Origin)
	}
	if err := l.replay(c, known); err != nil {
		return err
	}
	if l.recovered != "" {
		l.opts.Log.Warn("audit log was torn", "cut", l.recovered)
		p := &pending{done: make(chan outcome, 1)}
		e := Entry{Actor: Actor{Kind: "system"}, Action: ActionRecovered, Result: ResultDone, Why: Why{Rule: l.recovered}}
		if p.entry, err = e.encode(); err != nil {
			return err
		}
		if _, err := l.store([]*pending{p}); err != nil {
			return err
		}
	}
	if l.tree.n > c.Tree.N {
		return l.checkpoint()
	}
	l.signed = l.tree.n
	return nil
}

// state is where a checkpoint stands. It is believed as far as its note is
// signed and its nodes give the note's root.
type state struct {
	place
	Note  string      `json:"note"`
	Nodes []tlog.Hash `json:"nodes"`
}

// resume sets the tree to the newest saved state; ok is false when there is
// none that can be believed.
func (l *Log) resume(known note.Verifiers) (at place, ok bool) {
	raw, err := readSmall(filepath.Join(l.dir, stateFile), maxNote)
	var s state
	if err != nil || json.Unmarshal(raw, &s) != nil {
		return at, false
	}
	c, err := parseCheckpoint([]byte(s.Note), known)
	if err != nil {
		return at, false
	}
	tree, ok := expand(c.Tree.N, s.Nodes)
	if !ok {
		return at, false
	}
	root, err := tree.root()
	if err != nil || root != c.Tree.Hash {
		return at, false
	}
	if c.Tree.N == 0 {
		return place{}, true
	}
	last, ok := lineBefore(l.dir, s.place)
	seq, _, value, whole := split(last)
	if !ok || !whole || seq != c.Tree.N-1 {
		return at, false
	}
	l.tree, l.chain = tree, value
	return s.place, true
}

// lineBefore returns the line that ends at a place.
func lineBefore(dir string, at place) ([]byte, bool) {
	f, err := os.Open(filepath.Join(dir, segmentName(at.Segment)))
	if err != nil {
		return nil, false
	}
	defer f.Close()
	n := min(at.Offset, maxLine+1)
	buf := make([]byte, max(n, 0))
	if _, err := io.ReadFull(io.NewSectionReader(f, at.Offset-n, n), buf); err != nil || n < 2 || buf[n-1] != '\n' {
		return nil, false
	}
	buf = buf[:n-1]
	for i := len(buf) - 1; i >= 0; i-- {
		if buf[i] == '\n' {
			return buf[i+1:], true
		}
	}
	return buf, n == at.Offset
}

// replay reads the records behind the newest saved state and checks the tree
// against checkpoint c on the way.
func (l *Log) replay(c checkpoint, known note.Verifiers) error {
	at, ok := l.resume(known)
	if !ok {
		l.tree, l.chain, at = frontier{}, chain{}, place{}
	}
	end := at
	var bad error
	for line, err := range lines(l.dir, at) {
		if err != nil {
			return err
		}
		value, why := check(line.data, l.tree.n, l.chain)
		if line.torn || line.long || why != "" {
			if why == "" {
				why = "is not whole"
			}
			bad = fmt.Errorf("audit log %s: record %d %s; run \"audit verify\"", l.dir, l.tree.n, why)
			break
		}
		if _, err := l.tree.add(tlog.RecordHash(line.data)); err != nil {
			return err
		}
		l.chain = value
		end = place{Segment: line.at.Segment, Offset: line.end}
		if l.tree.n == c.Tree.N {
			if root, err := l.tree.root(); err != nil || root != c.Tree.Hash {
				return fmt.Errorf("audit log %s does not match its checkpoint at %d records; run \"audit verify\"", l.dir, c.Tree.N)
			}
		}
	}
	if l.tree.n < c.Tree.N {
		return errors.Join(bad, fmt.Errorf("audit log %s holds %d sound records, its checkpoint signs %d; run \"audit verify\"", l.dir, l.tree.n, c.Tree.N))
	}
	return l.openEnd(end, bad)
}

// openEnd opens the last segment for appending at end, and moves aside what
// stands behind it.
func (l *Log) openEnd(end place, bad error) error {
	list, err := segments(l.dir)
	if err != nil || len(list) == 0 {
		return err
	}
	last := list[len(list)-1]
	if end.Segment != last {
		// A segment was begun and no record of it is whole.
		end = place{Segment: last}
		if last != l.tree.n {
			return bad
		}
	}
	path := filepath.Join(l.dir, segmentName(last))
	if err := l.cutTail(path, end.Offset, bad); err != nil {
		return err
	}
	seg, err := l.openSeg(path)
	if err != nil {
		return fmt.Errorf("open audit segment: %w", err)
	}
	l.seg, l.segFirst, l.segSize = seg, last, end.Offset
	return nil
}

// cutTail removes what stands behind the last whole record. It can only be one
// batch that was never acknowledged; more than that is damage for a person to
// look at.
func (l *Log) cutTail(path string, size int64, bad error) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open audit segment: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open audit segment: %w", err)
	}
	extra := info.Size() - size
	switch {
	case extra == 0:
		return nil
	case extra < 0 || extra > maxBatchBytes:
		return bad
	}
	tail := make([]byte, extra)
	if _, err := f.ReadAt(tail, size); err != nil {
		return fmt.Errorf("read audit segment: %w", err)
	}
	aside := filepath.Join(l.dir, fmt.Sprintf("torn-%d-%d", l.tree.n, l.opts.Now().Unix()))
	if err := writeFile(aside, tail, 0o600); err != nil {
		return fmt.Errorf("keep torn audit record: %w", err)
	}
	if err := errors.Join(f.Truncate(size), f.Sync()); err != nil {
		return fmt.Errorf("cut torn audit record: %w", err)
	}
	l.recovered = fmt.Sprintf("%d bytes behind record %d", extra, l.tree.n-1)
	return nil
}

// checkpoint signs the tree as it is, keeps the note, and publishes it.
func (l *Log) checkpoint() error {
	root, err := l.tree.root()
	if err != nil {
		return err
	}
	c, err := l.key.sign(l.opts.Origin, tlog.Tree{N: l.tree.n, Hash: root}, l.opts.Now())
	if err != nil {
		return err
	}
	if err := appendNote(filepath.Join(l.dir, checkpointsFile), c.Note); err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	if err := writeFile(filepath.Join(l.dir, checkpointFile), c.Note, 0o644); err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	s := state{place: place{Segment: l.segFirst, Offset: l.segSize}, Note: string(c.Note), Nodes: l.tree.compact()}
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(l.dir, stateFile), raw, 0o600); err != nil {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	l.signed = c.Tree.N
	if l.opts.Publish != "" {
		// The other volume may be away: our own chain goes on, and the next
		// checkpoint covers these records too.
		if err := writeFile(l.opts.Publish, c.Note, 0o644); err != nil {
			l.opts.Log.Warn("publish audit checkpoint", "err", err)
		}
	}
	return nil
}

// appendNote adds a note as a JSON string on a line of its own.
func appendNote(path string, msg []byte) error {
	line, err := json.Marshal(string(msg))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	// The leading line end closes a line that a crash left open.
	_, err = f.Write(append(append([]byte{'\n'}, line...), '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}
