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
	short     = 16 << 10 // the first buffer
)

// Filter copies src to dst without its secrets. It takes diffs, messages and
// logs of any length in bounded memory; bytes that are no part of a secret stay
// as they are. On an error dst holds only text that was cleaned.
func (s *Scrubber) Filter(dst io.Writer, src io.Reader) (Report, error) {
	return s.FilterFile(dst, src, "")
}

// FilterFile is Filter for a file with a name: in a program an unquoted word is
// a name, elsewhere it is a value.
func (s *Scrubber) FilterFile(dst io.Writer, src io.Reader, name string) (r Report, err error) {
	defer fail(&err)
	// Nothing but Write: a dst with WriteString could keep strings whose memory is
	// used again.
	f := filter{c: s.Begin(), out: bufio.NewWriterSize(struct{ io.Writer }{dst}, short), in: reader{plain: name}}
	d := f.next(short)
	for eof := false; !eof; {
		buf := &d.memory.b
		if *buf, eof, err = fill(src, *buf); err != nil {
			return f.report(), err
		}
		n := len(*buf)
		switch {
		case eof:
		case n < piece:
			n = 0 // most files are short, and so is the first buffer
		default:
			n = border(*buf)
		}
		switch {
		case n > 0:
			next := f.next(piece)
			next.memory.b = append(next.memory.b, (*buf)[n:]...)
			*buf = (*buf)[:n]
			f.take(d)
			d = next
		case len(*buf) < maxSpread && !eof:
			*buf = append(make([]byte, 0, 2*cap(*buf)), *buf...)
		case !eof:
			f.long()
			if *buf, eof, err = skipLine(src); err != nil {
				return f.report(), err
			}
			if eof {
				f.take(d)
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
	held    []*document
	free    *document // for the next piece, with its memory
	size    int       // of all that was read
	partial bool      // the text is longer than what is spread whole
	err     error
}

// next returns an empty document with room for size bytes. Memory of what was written is used again.
func (f *filter) next(size int) *document {
	d := f.free
	f.free = nil
	if d == nil {
		return &document{memory: scratch{make([]byte, 0, size)}}
	}
	d.memory.b, d.blocks, d.odd, d.marks = d.memory.b[:0], d.blocks[:0], d.odd[:0], d.marks[:0]
	return d
}

// take reads a piece: all of the memory of d.
func (f *filter) take(d *document) {
	if len(d.memory.b) == 0 {
		return
	}
	d.raw = d.memory.text()
	f.c.read(&f.in, d)
	f.hold(d)
}

func (f *filter) hold(d *document) {
	if f.size += len(d.raw); f.size > maxSpread && !f.partial {
		f.flush()
		f.partial = true
	}
	if f.held = append(f.held, d); f.partial {
		f.flush()
	}
}

// flush writes what is held.
func (f *filter) flush() {
	for _, d := range f.held {
		f.c.renderer(d, true).write(0, len(d.raw), func(s string) {
			if f.err == nil {
				_, f.err = f.out.WriteString(s)
			}
		})
		if cap(d.memory.b) == piece {
			f.free = d
		}
	}
	clear(f.held)
	f.held = f.held[:0]
	f.c.d, f.c.window.d = nil, nil
}

// long stands for a line that is longer than what is looked at as a whole.
func (f *filter) long() {
	d := &document{raw: "x"}
	f.c.drop(d, []line{{end: 1}}, kindUnread, TooLong, f.in.file())
	f.hold(d)
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
func skipLine(src io.Reader) ([]byte, bool, error) {
	buf := make([]byte, 0, piece)
	for {
		got, eof, err := fill(src, buf)
		if k := bytes.IndexByte(got, '\n'); k >= 0 {
			return append(buf, got[k:]...), eof, err
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
			return cmp.Or(hunk, last)
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
