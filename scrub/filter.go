// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
)

// Sizes in bytes. Text up to maxSpread is spread whole; of longer text a value
// is removed from where it is found onwards, piece by piece.
const (
	maxSpread = 8 << 20
	piece     = 512 << 10
)

// Filter copies src to dst without its secrets. It takes diffs, messages and
// logs of any length in bounded memory; bytes that are no part of a secret stay
// as they are. On an error dst holds only text that was cleaned.
func (s *Scrubber) Filter(dst io.Writer, src io.Reader) (r Report, err error) {
	defer fail(&err)
	f := filter{c: s.Begin(), out: bufio.NewWriterSize(dst, 64<<10)}
	buf := f.memory()
	for eof := false; !eof; {
		if buf, eof, err = fill(src, buf); err != nil {
			return f.report(), err
		}
		n := len(buf)
		if !eof {
			n = border(buf)
		}
		switch {
		case n > 0:
			rest := buf[n:]
			next := append(f.memory(), rest...)
			f.take(buf[:n])
			buf = next
		case len(buf) < maxSpread && !eof:
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		case !eof:
			f.long()
			if buf, eof, err = skipLine(src, buf); err != nil {
				return f.report(), err
			}
			if eof {
				f.take(buf)
			}
		}
		if f.err != nil {
			return f.report(), f.err
		}
	}
	f.flush()
	if f.err == nil {
		f.err = f.out.Flush()
	}
	return f.report(), f.err
}

// filter holds pieces back until all that may give away a value of theirs is
// read, or until they are too many.
type filter struct {
	c       *Cleaner
	out     *bufio.Writer
	in      reader
	held    []held
	free    [][]byte // memory for the next pieces
	size    int  // of held
	partial bool // the text is longer than what is spread whole
	err     error
}

// held is a piece that is not written yet, and the memory that it is made of.
type held struct {
	*document
	memory []byte
}

// memory returns room for a piece.
func (f *filter) memory() []byte {
	n := len(f.free) - 1
	if n < 0 {
		return make([]byte, 0, piece)
	}
	b := f.free[n]
	f.free = f.free[:n]
	return b[:0]
}

// take reads the next piece. Its memory is used again once it was written.
func (f *filter) take(raw []byte) {
	if len(raw) == 0 {
		return
	}
	d := &document{raw: (&scratch{raw}).text()}
	f.c.read(&f.in, d)
	f.hold(held{d, raw})
}

func (f *filter) hold(h held) {
	if f.size += len(h.raw); f.size > maxSpread && !f.partial {
		f.flush()
		f.partial = true
	}
	if f.held = append(f.held, h); f.partial {
		f.flush()
	}
}

// flush writes what is held.
func (f *filter) flush() {
	for _, h := range f.held {
		f.c.renderer(h.document, true).write(0, len(h.raw), func(s string) {
			if f.err == nil {
				_, f.err = f.out.WriteString(s)
			}
		})
		if cap(h.memory) == piece && len(f.free) == 0 {
			f.free = append(f.free, h.memory)
		}
	}
	clear(f.held)
	f.held = f.held[:0]
	f.c.d, f.c.window.d = nil, nil
}

// long stands for a line that is longer than what is looked at as a whole.
func (f *filter) long() {
	d := &document{raw: "x"}
	f.in.number++
	f.c.drop(d, line{end: 1}, "unread", withheldLong)
	f.hold(held{document: d})
}

func (f *filter) report() Report {
	r := f.c.Report()
	r.Partial = f.partial
	return r
}

// fill reads until buf is full or src ends.
func fill(src io.Reader, buf []byte) ([]byte, bool, error) {
	for len(buf) < cap(buf) {
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

// skipLine reads on to the next line end and returns it and what follows.
func skipLine(src io.Reader, buf []byte) ([]byte, bool, error) {
	for {
		got, eof, err := fill(src, buf[:0:piece])
		if k := bytes.IndexByte(got, '\n'); k >= 0 {
			return append(buf[:0:piece], got[k:]...), eof, err
		}
		if eof || err != nil {
			return nil, eof, err
		}
	}
}

// border returns how many bytes can be cleaned on their own: up to the last
// file of a diff in the second half, else hunk, else line, whichever there is.
func border(buf []byte) int {
	last, hunk := 0, 0
	for k := len(buf); k > len(buf)/2 || last == 0 && k > 0; {
		k = bytes.LastIndexByte(buf[:k], '\n')
		switch rest := buf[k+1:]; {
		case k < 0:
			return last
		case bytes.HasPrefix(rest, []byte("diff -")):
			return k + 1
		case hunk == 0 && bytes.HasPrefix(rest, []byte("@@ -")):
			hunk = k + 1
		case last == 0:
			last = k + 1
		}
	}
	return cmp.Or(hunk, last)
}
