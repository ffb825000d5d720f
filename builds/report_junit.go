// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/joshdk/go-junit"

	"review-assistant/review"
)

// Limits of one test case, in bytes.
const (
	maxCaseText = 64 << 10
	maxCaseAttr = 4 << 10
	maxCase     = 256 << 10
)

// readJUnit reads JUnit XML. The library reads a whole document into memory, so
// it gets the failed cases alone: a pass over the stream counts the others and
// drops them.
func readJUnit(_ context.Context, in *meter) (*Report, error) {
	in.max = maxText
	p := &junitPass{
		in:  in,
		dec: xml.NewDecoder(&xmlText{r: in}),
		rep: &Report{},
	}
	p.enc = xml.NewEncoder(&p.one)
	p.dec.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "us-ascii") || strings.EqualFold(charset, "ascii") {
			return input, nil
		}
		return nil, fmt.Errorf("it is in %q; send UTF-8", clip(plainLine(charset), 40))
	}
	if err := p.run(); err != nil {
		return nil, err
	}
	return p.failures()
}

// junitPass goes over a document once.
type junitPass struct {
	in     *meter
	dec    *xml.Decoder
	rep    *Report
	suites []string // names of the open ones
	cases  int
	one    bytes.Buffer // the case at hand
	enc    *xml.Encoder // into it
	failed bytes.Buffer // the failed cases, each in a suite of its own
	kept   int
}

func (p *junitPass) next() (xml.Token, error) {
	p.in.mark()
	tok, err := p.dec.Token()
	if err != nil {
		if e, ok := errors.AsType[*xml.SyntaxError](err); ok {
			if strings.Contains(e.Msg, "entity") {
				return nil, fmt.Errorf("line %d has an entity of its own, which is not read: %s", e.Line, clip(plainLine(e.Msg), 80))
			}
			return nil, fmt.Errorf("line %d is no XML: %s", e.Line, clip(plainLine(e.Msg), 120))
		}
		return nil, err
	}
	if _, ok := tok.(xml.Directive); ok {
		return nil, errors.New("it has a document type; entities are not read: write it without <!DOCTYPE …>")
	}
	return tok, nil
}

func (p *junitPass) run() error {
	var depth int
	begun := false
	for {
		tok, err := p.next()
		if errors.Is(err, io.EOF) {
			if !begun {
				return errors.New("it is empty")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			begun = true
			if depth == 0 && name != "testsuites" && name != "testsuite" {
				return fmt.Errorf("it begins with <%s>; JUnit XML begins with <testsuites> or <testsuite>", clip(plainLine(name), 40))
			}
			if depth == maxNesting {
				return fmt.Errorf("it is nested more than %d deep", maxNesting)
			}
			if name == "testcase" {
				if err := p.testcase(tok); err != nil {
					return err
				}
				continue
			}
			if name == "testsuite" {
				p.suites = append(p.suites, strings.Clone(cutString(attr(tok, "name"), maxCaseAttr)))
			}
			depth++
		case xml.EndElement:
			if tok.Name.Local == "testsuite" {
				p.suites = p.suites[:len(p.suites)-1]
			}
			depth--
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// testcase counts a case, and keeps it if it failed.
func (p *junitPass) testcase(start xml.StartElement) error {
	p.cases++
	p.one.Reset()
	var (
		failed, skipped bool
		out, enc        = &p.one, p.enc
		depth           = 1
		inside          string // the child that is open
	)
	write := func(tok xml.Token) error {
		if out.Len() > maxCase {
			// Only ends are written then, so that it stays whole.
			if _, end := tok.(xml.EndElement); !end {
				return nil
			}
		}
		return enc.EncodeToken(tok)
	}
	if err := enc.EncodeToken(lean(start)); err != nil {
		return fmt.Errorf("keep a test case: %w", err)
	}
	for depth > 0 {
		tok, err := p.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			depth++
			if depth > maxNesting {
				return fmt.Errorf("it is nested more than %d deep", maxNesting)
			}
			if depth > 2 {
				continue // no tool writes elements there that matter
			}
			switch inside = t.Name.Local; inside {
			case "failure", "error":
				failed = true
			case "skipped":
				skipped = true
			}
			err = enc.EncodeToken(lean(t))
		case xml.EndElement:
			depth--
			if depth > 1 {
				continue
			}
			err = enc.EncodeToken(xml.EndElement{Name: xml.Name{Local: t.Name.Local}})
		case xml.CharData:
			if depth == 2 {
				err = write(xml.CharData(cutText(t, inside)))
			}
		}
		if err != nil {
			return fmt.Errorf("keep a test case: %w", err)
		}
	}
	if err := enc.Flush(); err != nil {
		return fmt.Errorf("keep a test case: %w", err)
	}
	switch {
	case failed && p.kept >= MaxFailures:
		p.rep.Dropped++
	case failed:
		suite := ""
		if n := len(p.suites); n > 0 {
			suite = p.suites[n-1]
		}
		p.kept++
		p.failed.WriteString(`<testsuite name="`)
		if err := xml.EscapeText(&p.failed, []byte(suite)); err != nil {
			return fmt.Errorf("keep a test case: %w", err)
		}
		p.failed.WriteString(`">`)
		p.failed.Write(out.Bytes())
		p.failed.WriteString("</testsuite>\n")
	case skipped:
		p.rep.Skipped++
	default:
		p.rep.Passed++
	}
	return nil
}

// lean is an element without name spaces and with short attributes.
func lean(e xml.StartElement) xml.StartElement {
	out := xml.StartElement{Name: xml.Name{Local: e.Name.Local}}
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "name", "classname", "message", "type", "file", "line":
			out.Attr = append(out.Attr, xml.Attr{Name: xml.Name{Local: a.Name.Local}, Value: cutString(a.Value, maxCaseAttr)})
		}
	}
	return out
}

// cutText keeps the begin of what a failure says and the end of an output.
func cutText(b []byte, element string) []byte {
	if len(b) <= maxCaseText {
		return b
	}
	if strings.HasPrefix(element, "system-") {
		return bytes.ToValidUTF8(b[len(b)-maxCaseText:], nil)
	}
	return bytes.ToValidUTF8(b[:maxCaseText], nil)
}

func cutString(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "")
}

func (p *junitPass) failures() (*Report, error) {
	suites, err := junit.IngestReader(&p.failed)
	if err != nil {
		return nil, fmt.Errorf("read the failed tests: %w", err)
	}
	for _, s := range suites {
		for _, t := range s.Tests {
			p.rep.add(junitFailure(s.Name, t))
		}
	}
	p.rep.TestsRan = p.cases > 0 && p.rep.Dropped == 0
	return p.rep, nil
}

func junitFailure(suite string, t junit.Test) Raw {
	class := t.Classname
	if class == "" {
		class = suite
	}
	name := t.Name
	if class != "" && !strings.HasPrefix(name, class+".") {
		name = class + "." + name
	}
	var message, body string
	if e, ok := t.Error.(junit.Error); ok {
		message, body = strings.TrimSpace(e.Message), strings.TrimSpace(e.Body)
		if message == "" && body == "" {
			message = e.Type
		}
	}
	if strings.HasPrefix(body, message) {
		message = ""
	}
	texts := []string{message, body}
	if message == "" && body == "" {
		texts = []string{t.SystemErr, t.SystemOut}
	}
	raw := failed(review.StageTest, name, linesOf(texts...), message != "")
	raw.file = t.Properties["file"]
	if n, err := strconv.Atoi(t.Properties["line"]); err == nil && n > 0 && raw.file != "" {
		raw.line = n
	}
	return raw
}

// xmlText makes any bytes readable as XML, since tools write the output of
// tests as it is: control characters, references to them and bytes that are no
// UTF-8 become spaces or question marks. The length stays the same.
type xmlText struct {
	r     io.Reader
	buf   []byte
	ready int // of buf, looked at
	err   error
}

// maxReference is in bytes, of a reference to a control character such as
// "&#x1b;"; a rune is shorter.
const maxReference = 12

func (x *xmlText) Read(p []byte) (int, error) {
	for x.ready == 0 {
		if x.err != nil && len(x.buf) == 0 {
			return 0, x.err
		}
		if x.err == nil {
			chunk := make([]byte, 32<<10)
			n, err := x.r.Read(chunk)
			x.buf, x.err = append(x.buf, chunk[:n]...), err
		}
		limit := len(x.buf)
		if x.err == nil {
			limit = max(0, limit-maxReference)
		}
		x.ready = mend(x.buf, limit)
	}
	n := copy(p, x.buf[:x.ready])
	x.buf, x.ready = x.buf[n:], x.ready-n
	return n, nil
}

// mend replaces what XML does not allow in b, and returns how much it looked
// at: limit, or a little more.
func mend(b []byte, limit int) int {
	i := 0
	for i < limit {
		c := b[i]
		switch {
		case c == '&':
			n := controlReference(b[i:])
			for j := i; j < i+n; j++ {
				b[j] = ' '
			}
			i += max(n, 1)
		case c >= ' ' && c < utf8.RuneSelf, c == '\n', c == '\t', c == '\r':
			i++
		case c < ' ':
			b[i] = ' '
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 || r == 0xFFFE || r == 0xFFFF {
				for j := i; j < i+n; j++ {
					b[j] = '?'
				}
			}
			i += n
		}
	}
	return i
}

// controlReference returns the length of a reference to a character that XML
// does not allow at the begin of b, or 0.
func controlReference(b []byte) int {
	if len(b) < 4 || b[1] != '#' {
		return 0
	}
	end := bytes.IndexByte(b[:min(len(b), maxReference)], ';')
	if end < 0 {
		return 0
	}
	digits, base := string(b[2:end]), 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	bad := n < ' ' && n != '\n' && n != '\t' && n != '\r' || n >= 0xD800 && n < 0xE000 || n == 0xFFFE || n == 0xFFFF
	if err != nil || !bad {
		return 0
	}
	return end + 1
}
