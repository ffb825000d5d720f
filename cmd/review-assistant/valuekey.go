// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// valueKeySize is in bytes: as long as the hash that it keys.
const valueKeySize = 32

// valueKeyFile holds the key of the hashes by which leaked values are known
// again. Who has it can try guesses against a hash, so it is kept like the
// audit log's key.
func (c Config) valueKeyFile() string {
	return orElse(c.Scrub.KeyFile, filepath.Join(c.Audit.Dir, "values.key"))
}

// loadValueKey reads the key, and makes it where none is if create is set. It is
// nil without an error when there is none: nobody is told of leaks then.
func loadValueKey(path string, create bool) ([]byte, error) {
	raw, err := readLimited(path, 1<<10)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, nil
		}
		if err := makeValueKey(path); err != nil {
			return nil, fmt.Errorf("make scrub.key_file: %w", err)
		}
		raw, err = readLimited(path, 1<<10)
	}
	if err != nil {
		return nil, fmt.Errorf("read scrub.key_file: %w", err)
	}
	key, ok := parseValueKey(raw)
	if !ok {
		return nil, &usageError{fmt.Errorf("scrub.key_file %s: not %d bytes in hex; restore it, or remove it for a new one: what was silenced and allowed under the old one is then told again", path, valueKeySize)}
	}
	return key, nil
}

// parseValueKey reads a key as servers write it: in hex, with a line end.
func parseValueKey(raw []byte) (key []byte, ok bool) {
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	return key, err == nil && len(key) == valueKeySize
}

// makeValueKey writes a new key for us alone, whole or not at all. Another
// replica that shares the folder may come first: its key stands.
func makeValueKey(path string) error {
	key := make([]byte, valueKeySize)
	_, _ = rand.Read(key) // never fails
	f, err := os.CreateTemp(filepath.Dir(path), ".values-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
