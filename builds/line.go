// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	// maxLine is in bytes: what is looked at of a line. What a tool says of an
	// error stands at its front.
	maxLine = 2 << 10
	// minCut is in bytes: a longer line is cut behind the last space that leaves
	// as much, so that no half of a secret is left.
	minCut = 1 << 10
)

// lineReader splits a log at \n and numbers the lines from 1. Memory does not
// depend on the length of a line.
type lineReader struct {
	ctx    context.Context
	r      *bufio.Reader
	number int
	long   []byte // a line longer than the buffer
}

func newLineReader(ctx context.Context, r io.Reader) *lineReader {
	return &lineReader{ctx: ctx, r: bufio.NewReaderSize(r, 64<<10)}
}

// next returns the next line without its end, and io.EOF behind the last one.
// What was written over by a carriage return, as progress bars do it, is left
// out. The bytes are good until the next call.
func (l *lineReader) next() ([]byte, error) {
	if l.number%1024 == 0 {
		if err := l.ctx.Err(); err != nil {
			return nil, err
		}
	}
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.rest(line)
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("read the log: %w", err)
	case err != nil && len(line) == 0:
		return nil, io.EOF
	}
	l.number++
	return clipLine(visiblePart(line)), nil
}

// rest reads on to the end of a line that begins with head, and returns its
// first maxLine visible bytes and some more.
func (l *lineReader) rest(head []byte) ([]byte, error) {
	l.long = append(l.long[:0], keep(head)...)
	for {
		more, err := l.r.ReadSlice('\n')
		if bytes.IndexByte(bytes.TrimRight(more, "\r\n"), '\r') >= 0 {
			l.long = l.long[:0]
			more = visiblePart(more)
		}
		if len(l.long) <= maxLine {
			l.long = append(l.long, keep(more)...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.long, err
		}
		if l.ctx.Err() != nil {
			return nil, l.ctx.Err()
		}
	}
}

func keep(b []byte) []byte {
	b = visiblePart(b)
	return b[:min(len(b), maxLine+1)]
}

// visiblePart is what a terminal shows of a line in the end.
func visiblePart(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	if bytes.IndexByte(b, '\r') < 0 { // far faster than from the end
		return b
	}
	return b[bytes.LastIndexByte(b, '\r')+1:]
}

func clipLine(b []byte) []byte {
	if len(b) <= maxLine {
		return b
	}
	b = b[:maxLine]
	if i := bytes.LastIndexAny(b, " \t"); i >= minCut {
		return b[:i]
	}
	// Back to the begin of the word that the cut would be in, if it has one.
	for i := minCut; i > minCut/2; i-- {
		if c := b[i-1]; !wordByte(c) && bytes.IndexByte([]byte("+/=-."), c) < 0 {
			return b[:i]
		}
	}
	return b[:minCut]
}

// cleaner takes out of lines what is there for terminals and log viewers.
type cleaner struct{ buf []byte }

// clean returns the line without escape sequences, control characters and the
// prefixes of CI systems. echo says that the line is a command of a script
// which the CI prints before it runs. The bytes are good until the next call.
func (c *cleaner) clean(line []byte) (text []byte, echo bool) {
	line = unprefix(line)
	// GitHub prints the script of a step in bold cyan:
	// https://github.com/actions/runner/blob/main/src/Runner.Worker/Handlers/ScriptHandler.cs
	head := line[:min(len(line), 16)]
	echo = bytes.Contains(head, []byte("\x1b[36;1m")) || bytes.Contains(head, []byte("^[[36;1m"))
	if !plain(line) {
		line = unprefix(c.strip(line))
	}
	if bytes.HasPrefix(line, []byte("^[")) || bytes.HasSuffix(line, []byte("^[")) {
		// What is left of a sequence whose other part something else removed.
		line = bytes.ReplaceAll(line, []byte("^["), nil)
	}
	for len(line) > 0 && (line[len(line)-1] == ' ' || line[len(line)-1] == '\t') {
		line = line[:len(line)-1]
	}
	return line, echo
}

// plain reports whether strip would change nothing.
func plain(b []byte) bool {
	for i, ch := range b {
		if ch < ' ' && ch != '\t' || ch == 0x7f {
			return false
		}
		if ch == '[' && colour(b[i:]) > 0 {
			return false
		}
	}
	return true
}

// strip removes escape sequences (ECMA-48: https://ecma-international.org/publications-and-standards/standards/ecma-48/),
// also where the escape character was lost or written as ^[, and all control
// characters but the tab.
func (c *cleaner) strip(b []byte) []byte {
	out := c.buf[:0]
	for i := 0; i < len(b); {
		ch := b[i]
		switch {
		case ch == 0x1b:
			i += note(b[i:])
		case ch == '^' && i+1 < len(b) && b[i+1] == '[' && colour(b[i+2:]) > 0:
			i += 2 + colour(b[i+2:])
		case ch == '[' && colour(b[i:]) > 0:
			i += colour(b[i:])
		case ch < ' ' && ch != '\t' || ch == 0x7f:
			i++
		default:
			out = append(out, ch)
			i++
		}
	}
	c.buf = out
	return out
}

// note is the length of an escape sequence, or of a note that Jenkins hides in
// its logs (https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/console/ConsoleNote.java).
func note(b []byte) int {
	if bytes.HasPrefix(b, []byte("\x1b[8mha:")) {
		if end := bytes.Index(b, []byte("\x1b[0m")); end >= 0 {
			return end + len("\x1b[0m")
		}
	}
	return escape(b)
}

// colour is the length of a colour sequence without its escape character, as
// in [1;31m, and 0 for anything else.
func colour(b []byte) int {
	if len(b) < 3 || b[0] != '[' || !digit(b[1]) {
		return 0
	}
	for i := 2; i < len(b) && i < 20; i++ {
		switch {
		case b[i] == 'm':
			return i + 1
		case !digit(b[i]) && b[i] != ';':
			return 0
		}
	}
	return 0
}

// escape is the length of the escape sequence at the start of b.
func escape(b []byte) int {
	if len(b) < 2 {
		return len(b)
	}
	switch b[1] {
	case '[': // CSI: parameters, and a letter at the end
		for i := 2; i < len(b) && i < 64; i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return i + 1
			}
			if b[i] < 0x20 {
				return i
			}
		}
		return min(len(b), 64)
	case ']', 'P', '_', '^', 'X': // a string, up to BEL or ST
		for i := 2; i < len(b); i++ {
			if b[i] == 7 {
				return i + 1
			}
			if b[i] == 0x1b {
				return min(len(b), i+2)
			}
		}
		return 2 // one without an end must not hide the line
	case '(', ')', '*', '+', '#', '%', ' ':
		return min(len(b), 3)
	}
	return 2
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
