// SPDX-License-Identifier: Apache-2.0

// Package gitconfig reads git-config syntax and tells where each entry stands,
// which the parser behind it does not.
package gitconfig

import (
	"bytes"
	"strings"

	"github.com/go-git/gcfg/v2"
)

// Entry is a section, with an empty key, or a key of one.
type Entry struct {
	Line                     int // from 1
	Section, Sub, Key, Value string
	Blank                    bool // the key stands alone, which git reads as true
}

// Each calls f with the entries of a file in their order. line is where the last
// of them stands: an error is about something behind it.
func Each(body []byte, f func(Entry)) (line int, err error) {
	at := finder{lines: bytes.Split(body, []byte("\n"))}
	err = gcfg.ReadWithCallback(bytes.NewReader(body), func(section, sub, key, value string, blank bool) error {
		if key == "" {
			at.seek(func(s string) bool { return strings.HasPrefix(s, "[") })
		} else {
			at.seek(func(s string) bool { return strings.HasPrefix(strings.ToLower(s), strings.ToLower(key)) })
		}
		f(Entry{at.line, section, sub, key, value, blank})
		return nil
	})
	return at.line, err
}

// finder follows the parser through the file.
type finder struct {
	lines [][]byte
	next  int
	line  int // from 1
}

func (f *finder) seek(match func(string) bool) {
	for i := f.next; i < len(f.lines); i++ {
		// A key stands on a line of its own: the parser takes no other.
		if match(strings.TrimSpace(string(f.lines[i]))) {
			f.next, f.line = i+1, i+1
			return
		}
	}
}
