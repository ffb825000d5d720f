// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"errors"
	"os"
	"strings"
	"sync"
)

// maxKey is in bytes; keys are far shorter, and a wrong path may be anything.
const maxKey = 16 << 10

// keyFile is a secret in a file that somebody else replaces. It keeps the
// last good value while the file is empty: that is a rotation half done.
type keyFile struct {
	path string

	mu   sync.Mutex
	seen os.FileInfo
	key  string
}

var errNoKey = errors.New("the key file cannot be read or is empty")

// Reread returns the key as it stands in the file now. Two keys of one length
// within the clock of the file system look alike to [keyFile.Key].
func (k *keyFile) Reread() (string, error) {
	k.mu.Lock()
	k.seen = nil
	k.mu.Unlock()
	return k.Key()
}

// Key returns the current key, "" without a file.
func (k *keyFile) Key() (string, error) {
	if k.path == "" {
		return "", nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	info, err := os.Stat(k.path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxKey {
		return "", errNoKey
	}
	if k.seen != nil && os.SameFile(k.seen, info) && k.seen.ModTime().Equal(info.ModTime()) && k.seen.Size() == info.Size() {
		return k.key, nil
	}
	b, err := os.ReadFile(k.path)
	if err != nil {
		return "", errNoKey
	}
	key := strings.TrimSpace(string(b))
	switch {
	case key == "" && k.key == "":
		return "", errNoKey
	case key == "":
		return k.key, nil
	case strings.ContainsAny(key, "\r\n\x00"):
		return "", errNoKey
	}
	k.key, k.seen = key, info
	return key, nil
}
