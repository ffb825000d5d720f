// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Options configure a [Log]. Zero values mean the defaults.
type Options struct {
	Name              string        // of the signing key when one is made, default "review-assistant"
	Origin            string        // names this log in its checkpoints when one key signs several, default the key's name
	KeyFile           string        // note signer key (Ed25519); its public half stands in KeyFile.pub
	Generate          bool          // make the key if there is none
	FormerKeys        []string      // public keys that signed earlier checkpoints of this log
	SegmentBytes      int64         // default 64 MiB
	CheckpointEvery   time.Duration // default 60 s
	CheckpointRecords int64         // default 1000
	Publish           string        // a path on another volume that gets every checkpoint
	Now               func() time.Time
	Log               *slog.Logger
}

// Receipt says where an entry stands. ID is what a comment's footer shows.
type Receipt struct {
	Index int64
	ID    string
}

// ErrBroken is returned by every Append after the disk refused to say that
// data is safe. Asking again would lie: the kernel drops what it could not
// write. Restart the process; opening reads what is really there.
var ErrBroken = errors.New("audit log is broken until restart")

// ErrClosed is returned by Append after Close.
var ErrClosed = errors.New("audit log is closed")

// Bounds of one group commit.
const (
	maxBatch      = 512
	maxBatchBytes = 4 << 20
)

// Log is an open log. Its methods may be called from several goroutines.
type Log struct {
	dir  string
	opts Options
	key  key
	lock *os.File

	queue   chan *pending
	closing chan struct{} // closed by Close: no new entries
	done    chan struct{} // closed when the writer has ended
	failed  chan struct{} // closed when the log broke
	once    sync.Once
	senders sync.WaitGroup
	mu      sync.Mutex // guards closed and its order with senders
	closed  bool

	// The writer goroutine owns what follows.
	tree      frontier
	chain     chain
	seg       segmentFile
	segFirst  int64
	segSize   int64
	signed    int64 // leaves in the newest checkpoint
	broken    error
	recovered string
	openSeg   func(path string) (segmentFile, error)
}

// segmentFile is what the writer needs of a file; tests break it.
type segmentFile interface {
	Write(p []byte) (int, error)
	Truncate(size int64) error
	Datasync() error
	Close() error
}

type pending struct {
	entry []byte
	done  chan outcome
}

type outcome struct {
	receipt Receipt
	err     error
}

// Append writes the entry and returns when it is on disk. When ctx ends first
// the entry may still be written; the caller must not act on it.
func (l *Log) Append(ctx context.Context, e Entry) (Receipt, error) {
	entry, err := e.encode()
	if err != nil {
		return Receipt{}, err
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return Receipt{}, ErrClosed
	}
	l.senders.Add(1)
	l.mu.Unlock()
	p := &pending{entry: entry, done: make(chan outcome, 1)}
	select {
	case l.queue <- p:
		l.senders.Done()
	case <-ctx.Done():
		l.senders.Done()
		return Receipt{}, fmt.Errorf("append to audit log: %w", context.Cause(ctx))
	}
	select {
	case o := <-p.done:
		return o.receipt, o.err
	case <-ctx.Done():
		return Receipt{}, fmt.Errorf("append to audit log: %w", context.Cause(ctx))
	}
}

// Digest returns a keyed hash for [Entry.Input] and [Entry.Output].
func (l *Log) Digest(parts ...string) string { return l.key.digest(parts...) }

// VerifierKey returns the public key that checkpoints verify with.
func (l *Log) VerifierKey() string { return l.key.verifier }

// Recovered says what was cut off a torn log when it was opened, "" for nothing.
func (l *Log) Recovered() string { return l.recovered }

// Failed is closed when the log breaks; the process should then exit.
func (l *Log) Failed() <-chan struct{} { return l.failed }

// Close writes what was handed in, signs a last checkpoint and gives the
// directory free.
func (l *Log) Close() error {
	l.once.Do(func() {
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
		l.senders.Wait()
		close(l.closing)
	})
	<-l.done
	return l.broken
}

// write is the writer goroutine.
func (l *Log) write() {
	defer close(l.done)
	tick := time.NewTicker(l.opts.CheckpointEvery)
	defer tick.Stop()
	for {
		select {
		case p := <-l.queue:
			l.commit(l.gather(p))
			if l.tree.n-l.signed >= l.opts.CheckpointRecords {
				l.checkpointOrWarn()
			}
		case <-tick.C:
			l.checkpointOrWarn()
		case <-l.closing:
			// All senders are done: what is left is in the queue.
			for len(l.queue) > 0 {
				l.commit(l.gather(<-l.queue))
			}
			l.checkpointOrWarn()
			l.release()
			return
		}
	}
}

func (l *Log) release() {
	if l.seg != nil {
		if err := l.seg.Close(); err != nil && l.broken == nil {
			l.broken = fmt.Errorf("close audit segment: %w", err)
		}
	}
	if err := l.lock.Close(); err != nil && l.broken == nil {
		l.broken = fmt.Errorf("close audit lock: %w", err)
	}
}

// gather takes what else is waiting, so that one sync serves all of it.
func (l *Log) gather(first *pending) []*pending {
	batch := []*pending{first}
	size := len(first.entry)
	for len(batch) < maxBatch && size < maxBatchBytes/2 {
		select {
		case p := <-l.queue:
			batch = append(batch, p)
			size += len(p.entry)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch with one sync and answers its callers.
func (l *Log) commit(batch []*pending) {
	receipts, err := l.store(batch)
	for i, p := range batch {
		if err != nil {
			p.done <- outcome{err: err}
		} else {
			p.done <- outcome{receipt: receipts[i]}
		}
	}
}

func (l *Log) store(batch []*pending) ([]Receipt, error) {
	if l.broken != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, l.broken)
	}
	if err := l.rotate(); err != nil {
		return nil, err
	}
	tree, last := l.tree, l.chain
	receipts := make([]Receipt, len(batch))
	var buf []byte
	for i, p := range batch {
		var line []byte
		line, last = appendRecord(tree.n, l.opts.Now(), p.entry, last)
		leaf := tlog.RecordHash(line)
		receipts[i] = Receipt{Index: tree.n, ID: shortID(leaf)}
		if _, err := tree.add(leaf); err != nil {
			return nil, err
		}
		buf = append(append(buf, line...), '\n')
	}
	if _, err := l.seg.Write(buf); err != nil {
		// A full disk heals; half a batch must not stay in the file.
		if undo := l.seg.Truncate(l.segSize); undo != nil {
			l.breakDown(undo)
		}
		return nil, fmt.Errorf("write audit record: %w", err)
	}
	if err := l.seg.Datasync(); err != nil {
		l.breakDown(err)
		return nil, fmt.Errorf("%w: sync: %w", ErrBroken, err)
	}
	l.tree, l.chain, l.segSize = tree, last, l.segSize+int64(len(buf))
	return receipts, nil
}

func (l *Log) breakDown(err error) {
	l.broken = err
	close(l.failed)
	l.opts.Log.Error("audit log broke; nothing is done until restart", "err", err)
}

// rotate opens the segment that the next record goes to.
func (l *Log) rotate() error {
	if l.seg != nil && l.segSize < l.opts.SegmentBytes {
		return nil
	}
	seg, err := l.openSeg(filepath.Join(l.dir, segmentName(l.tree.n)))
	if err != nil {
		return fmt.Errorf("open audit segment: %w", err)
	}
	if err := syncDir(l.dir); err != nil {
		return errors.Join(fmt.Errorf("open audit segment: %w", err), seg.Close())
	}
	if l.seg != nil {
		if err := l.seg.Close(); err != nil {
			l.opts.Log.Warn("close audit segment", "err", err)
		}
	}
	l.seg, l.segFirst, l.segSize = seg, l.tree.n, 0
	return nil
}

func (l *Log) checkpointOrWarn() {
	if l.broken != nil || l.tree.n == l.signed {
		return
	}
	if err := l.checkpoint(); err != nil {
		l.opts.Log.Warn("sign audit checkpoint; the next one will cover these records", "err", err)
	}
}
