// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"errors"
	"io"
)

// maxSpread is in bytes: text up to this size is looked at as a whole. Of
// longer text a value is removed from where it is found onwards.
const maxSpread = 8 << 20

// ErrLongLine says that a line is longer than what is looked at as a whole.
var ErrLongLine = errors.New("a line is longer than 8 MiB; cut it, or leave the file out")

// Filter copies src to dst without its secrets. It takes diffs, messages and
// logs of any length in bounded memory; bytes that are no part of a secret stay
// as they are. On an error dst holds only text that was cleaned.
func (s *Scrubber) Filter(dst io.Writer, src io.Reader) (r Report, err error) {
	defer fail(&err)
	c := s.Begin()
	buf := make([]byte, 0, 64<<10)
	for eof := false; !eof; {
		buf, eof, err = fill(src, buf)
		if err != nil {
			return c.Report(), err
		}
		n := len(buf)
		if !eof {
			if n = border(buf); n == 0 {
				return c.Report(), ErrLongLine
			}
		}
		if _, err := io.WriteString(dst, c.clean(string(buf[:n]), false)); err != nil {
			return c.Report(), err
		}
		buf = append(buf[:0], buf[n:]...)
	}
	return c.Report(), nil
}

// fill reads until buf holds maxSpread bytes or src ends.
func fill(src io.Reader, buf []byte) ([]byte, bool, error) {
	for len(buf) < maxSpread {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, min(2*cap(buf), maxSpread)), buf...)
		}
		n, err := src.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, true, nil
		}
		if err != nil {
			return buf, false, err
		}
	}
	return buf, false, nil
}

// border returns how many bytes can be cleaned on their own: up to the last
// file of a diff, hunk or line, whichever there is.
func border(buf []byte) int {
	for _, sep := range []string{"\ndiff -", "\n@@ -", "\n"} {
		if k := bytes.LastIndex(buf, []byte(sep)); k > 0 {
			return k + 1
		}
	}
	return 0
}
