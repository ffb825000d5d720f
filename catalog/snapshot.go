// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// snapshotFormat is the first line of a snapshot. The rest is one entity a
	// line, as Backstage writes it: what a location means depends on the
	// configuration, and whatever is read is checked again.
	snapshotFormat = "review-assistant catalog 1"
	// maxSnapshotAge is when who owned a thing then says too little about now.
	maxSnapshotAge = 30 * 24 * time.Hour
	// maxEntityLine is in bytes.
	maxEntityLine = 4 << 20
)

// snapshot is a file that keeps a catalog over a restart. Its modification
// time says when the catalog was last seen to be so.
type snapshot struct {
	path     string
	revision string // that the file holds
}

// save writes the entities, or only the time when they are those of the file.
func (s *snapshot) save(list []raw, revision string, now time.Time) error {
	if s.path == "" {
		return nil
	}
	if s.revision == revision && os.Chtimes(s.path, now, now) == nil {
		return nil
	}
	s.revision = ""
	file, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("cannot be kept: %w", err)
	}
	err = errors.Join(write(file, list), file.Sync(), file.Close())
	if err == nil {
		err = os.Chtimes(file.Name(), now, now)
	}
	if err == nil {
		err = os.Rename(file.Name(), s.path)
	}
	if err != nil {
		return fmt.Errorf("cannot be kept: %w", errors.Join(err, os.Remove(file.Name())))
	}
	s.revision = revision
	return nil
}

func write(to io.Writer, list []raw) error {
	z, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(z)
	fmt.Fprintln(buffered, snapshotFormat)
	enc := json.NewEncoder(buffered)
	for i := range list {
		if err := enc.Encode(&list[i]); err != nil {
			return err
		}
	}
	return errors.Join(buffered.Flush(), z.Close())
}

// load adds the entities of the file to the reader and returns of when they
// are: a zero time when there is no file that is worth reading.
func (s *snapshot) load(r *reader, now time.Time) (time.Time, error) {
	if s.path == "" {
		return time.Time{}, nil
	}
	file, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot be read: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot be read: %w", err)
	}
	if now.Sub(info.ModTime()) > maxSnapshotAge {
		return time.Time{}, fmt.Errorf("is %s old and not used", age(now.Sub(info.ModTime())))
	}
	broken := fmt.Errorf("%s is no snapshot of this program; the next read of the catalog replaces it", s.path)
	z, err := gzip.NewReader(file)
	if err != nil {
		return time.Time{}, broken
	}
	lines := bufio.NewScanner(io.LimitReader(z, maxTotalBytes))
	lines.Buffer(make([]byte, 64<<10), maxEntityLine)
	if !lines.Scan() || lines.Text() != snapshotFormat {
		return time.Time{}, broken
	}
	for lines.Scan() {
		r.add(lines.Bytes())
	}
	// The end tells whether the file is whole.
	if _, err := io.Copy(io.Discard, io.LimitReader(z, 1)); err != nil || lines.Err() != nil || len(r.list) == 0 {
		return time.Time{}, broken
	}
	r.raws = nil
	return info.ModTime(), nil
}

// forget drops the annotations that nobody here reads: they may hold anything.
func (r *raw) forget(how reading) {
	maps.DeleteFunc(r.Metadata.Annotations, func(k, _ string) bool {
		return k != sourceLocation && k != managedBy && k != orphan && !slices.Contains(how.userNames, k) &&
			!slices.ContainsFunc(ourPrefixes, func(p string) bool { return strings.HasPrefix(k, p) })
	})
}

// revision hashes the entities, whatever order they came in.
func revision(entities map[string]*entity) string {
	h := sha256.New()
	for _, ref := range slices.Sorted(maps.Keys(entities)) {
		e := entities[ref]
		fmt.Fprintf(h, "%q %v %q %q %q %+v\n", e.ref, e.stale, e.display, e.email, e.username, e.place)
		for _, list := range [][]string{e.owners, e.partOf, e.members, e.memberOf, e.children, e.parents} {
			fmt.Fprintf(h, "%q\n", slices.Sorted(slices.Values(list)))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
