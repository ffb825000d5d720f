// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
)

// maxSecret is in bytes; a larger file is the wrong file.
const maxSecret = 16 << 10

// secretFile is a file with one secret, looked at before every use: a new one
// counts at once. While a rotation has the file half written, the old one stays.
type secretFile struct {
	path string

	mu    sync.Mutex
	seen  fs.FileInfo
	value string
}

func (f *secretFile) read() (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err == nil && f.seen != nil && os.SameFile(info, f.seen) && info.ModTime().Equal(f.seen.ModTime()) && info.Size() == f.seen.Size() {
		return f.value, nil
	}
	value := ""
	if err == nil {
		value, err = readSecret(f.path)
	}
	switch {
	case err == nil:
		f.seen, f.value = info, value
	case f.value == "":
		return "", err
	}
	return f.value, nil
}

func readSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", err
	}
	value := strings.TrimRight(string(raw), "\r\n \t")
	if value == "" || len(raw) > maxSecret || strings.ContainsAny(value, "\r\n\x00") {
		return "", fmt.Errorf("%s: want one line with the secret", path)
	}
	return value, nil
}
