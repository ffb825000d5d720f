// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	checkpointFile  = "checkpoint"
	checkpointsFile = "checkpoints.jsonl"
	stateFile       = "state.json"
	lockFile        = "lock"
	segmentSuffix   = ".jsonl"
	segmentDigits   = 20
)

// maxLine is in bytes: an entry, its number, time and chain value.
const maxLine = maxEntry + 1024

func segmentName(first int64) string {
	return fmt.Sprintf("%0*d%s", segmentDigits, first, segmentSuffix)
}

// segments returns the first sequence numbers of the segments, ascending.
func segments(dir string) ([]int64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read audit directory: %w", err)
	}
	var out []int64
	for _, e := range entries { // sorted by name, which is sorted by number
		digits, ok := strings.CutSuffix(e.Name(), segmentSuffix)
		if !ok || len(digits) != segmentDigits {
			continue
		}
		if first, err := strconv.ParseInt(digits, 10, 64); err == nil && first >= 0 {
			out = append(out, first)
		}
	}
	return out, nil
}

// place is the start of a line.
type place struct {
	Segment int64 `json:"segment"` // its first sequence number
	Offset  int64 `json:"offset"`
}

// rawLine is one line of a segment, without line end. Data is valid until the
// next one is read.
type rawLine struct {
	data []byte
	at   place
	end  int64 // offset of what follows
	torn bool  // no line end: the writer is in the middle of it, or died there
	long bool  // longer than any record; data is only its beginning
}

// lines yields the lines of all segments from a place on. After a line that is
// torn or too long it goes on with the next segment.
func lines(dir string, from place) iter.Seq2[rawLine, error] {
	return func(yield func(rawLine, error) bool) {
		list, err := segments(dir)
		if err != nil {
			yield(rawLine{}, err)
			return
		}
		buf := bufio.NewReaderSize(nil, maxLine)
		for _, first := range list {
			switch {
			case first < from.Segment:
				continue
			case first > from.Segment:
				from = place{Segment: first}
			}
			if !segmentLines(dir, from, buf, yield) {
				return
			}
		}
	}
}

func segmentLines(dir string, from place, buf *bufio.Reader, yield func(rawLine, error) bool) bool {
	f, err := os.Open(filepath.Join(dir, segmentName(from.Segment)))
	if err != nil {
		yield(rawLine{}, fmt.Errorf("read audit segment: %w", err))
		return false
	}
	defer f.Close()
	if _, err := f.Seek(from.Offset, io.SeekStart); err != nil {
		yield(rawLine{}, fmt.Errorf("read audit segment: %w", err))
		return false
	}
	buf.Reset(f)
	for {
		data, err := buf.ReadSlice('\n')
		l := rawLine{data: data, at: from, end: from.Offset + int64(len(data))}
		switch {
		case err == nil:
			l.data = data[:len(data)-1]
		case errors.Is(err, io.EOF) && len(data) == 0:
			return true
		case errors.Is(err, io.EOF):
			l.torn = true
		case errors.Is(err, bufio.ErrBufferFull):
			l.long = true
		default:
			yield(rawLine{}, fmt.Errorf("read audit segment: %w", err))
			return false
		}
		if !yield(l, nil) {
			return false
		}
		if l.torn || l.long {
			return true
		}
		from.Offset = l.end
	}
}

// writeFile replaces a file at once and durably.
func writeFile(path string, data []byte, perm os.FileMode) error {
	// One name for all attempts, so that a crash leaves one file at most; the
	// lock keeps other writers away.
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// readSmall reads a file that may not be longer than limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s is longer than %d bytes", filepath.Base(path), limit)
	}
	return b, nil
}

// diskFile is a segment on disk.
type diskFile struct{ *os.File }

func (f diskFile) Datasync() error { return datasync(f.File) }

func openDisk(path string) (segmentFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}
