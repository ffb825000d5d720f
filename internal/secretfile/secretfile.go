// SPDX-License-Identifier: Apache-2.0

// Package secretfile reads secrets that somebody else writes anew: a rotated
// one counts from the next use on, and a rotation half done breaks nothing.
package secretfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
)

// File is a file with one secret in one line. It is safe for concurrent use.
type File struct {
	path string
	max  int64

	mu    sync.Mutex
	seen  fs.FileInfo
	value string
}

// New returns the secret of a file of at most max bytes; a larger one is the
// wrong file. Nothing is read yet.
func New(path string, max int64) *File { return &File{path: path, max: max} }

// Read returns the secret as it stands in the file now. While the file cannot
// be read, or holds no secret, the last one stays: for secrets that we use.
func (f *File) Read() (string, error) { return f.read(true) }

// Current is Read without the last one: for secrets that others prove themselves
// with. Whoever empties or removes the file takes the secret back.
func (f *File) Current() (string, error) { return f.read(false) }

func (f *File) read(keep bool) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err == nil && f.seen != nil && os.SameFile(info, f.seen) && info.ModTime().Equal(f.seen.ModTime()) && info.Size() == f.seen.Size() {
		return f.value, nil
	}
	value := ""
	if err == nil {
		value, err = f.load()
	}
	switch {
	case err == nil:
		f.seen, f.value = info, value
	case !keep || f.value == "":
		f.seen, f.value = nil, ""
		return "", err
	}
	return f.value, nil
}

func (f *File) load() (string, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, f.max+1))
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(raw), "\r\n \t")
	if value == "" || int64(len(raw)) > f.max || strings.ContainsAny(value, "\r\n\x00") {
		return "", fmt.Errorf("%s: want one line with the secret", f.path)
	}
	return value, nil
}
