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

	"github.com/joshdk/go-junit"

	"review-assistant/review"
)

// Limits of one test case, in bytes but for the last.
const (
	maxCaseText = 64 << 10 // of what a failure says
	maxCaseOut  = 16 << 10 // of an output
	maxCaseAttr = 4 << 10
	maxCase     = 256 << 10
	maxFailed   = 16 << 20 // of all that are kept
	maxChildren = 1000
)

// readJUnit reads JUnit XML. The library reads a whole document into memory, so
// it gets the failed cases alone: a pass over the stream counts the others and
// drops them.
func readJUnit(_ context.Context, in *meter) (*Report, error) {
	in = &meter{ctx: in.ctx, r: &xmlText{r: in}, left: MaxReport, max: maxText}
	p := &junitPass{in: in, dec: xml.NewDecoder(in), rep: &Report{}}
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
		depth, children = 1, 0
		room            int // for the text of the child that is open; 0 when it is left out
	)
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
			switch t.Name.Local {
			case "failure", "error":
				failed = true
			case "skipped":
				skipped = true
			}
			if children++; children > maxChildren {
				return fmt.Errorf("a test case has more than %d elements", maxChildren)
			}
			room = maxCaseText
			if strings.HasPrefix(t.Name.Local, "system-") {
				room = maxCaseOut
			}
			if out.Len() > maxCase {
				room = 0
				continue
			}
			err = enc.EncodeToken(lean(t))
		case xml.EndElement:
			depth--
			if depth > 1 || depth == 1 && room == 0 {
				continue
			}
			err = enc.EncodeToken(xml.EndElement{Name: xml.Name{Local: t.Name.Local}})
		case xml.CharData:
			if n := min(len(t), room-1); depth == 2 && n > 0 {
				room -= n
				err = enc.EncodeToken(xml.CharData(bytes.ToValidUTF8(t[:n], nil)))
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
	case failed && (p.kept >= MaxFailures || p.failed.Len() > maxFailed):
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
	headline := message != ""
	texts := []string{message, body}
	if headline && strings.HasPrefix(body, message) {
		texts = []string{body}
	}
	if message == "" && body == "" {
		texts = []string{t.SystemErr, t.SystemOut}
	}
	raw := failed(review.StageTest, name, linesOf(texts...), headline)
	raw.file = t.Properties["file"]
	if n, err := strconv.Atoi(t.Properties["line"]); err == nil && n > 0 && raw.file != "" {
		raw.line = n
	}
	return raw
}
