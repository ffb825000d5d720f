// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"review-assistant/review"
)

// Limits of a report.
const (
	// MaxReport is in bytes. Reports are read as a stream; this bounds the time.
	MaxReport = 256 << 20
	// MaxFailures are kept of one report; the others are counted.
	MaxFailures = 200
	// maxText and maxObject are in bytes: the longest single text of an XML and
	// object of a JSON report, which have to be in memory at once. An object may
	// need ten times its length there.
	maxText   = 8 << 20
	maxObject = 4 << 20
	// maxNesting is far above what any tool writes.
	maxNesting = 100
)

// Report is what a tool's report of one run says.
type Report struct {
	Failures []Raw
	Dropped  int  // failures beyond MaxFailures
	TestsRan bool // to their end: a test that is not among the failures passed
	Passed   int  // tests
	Skipped  int
	// Posted is set for the JSON form alone, which holds the run itself. It is
	// not validated yet.
	Posted *Posted
}

// Complete writes into the record of the run what the report says besides the
// failures, which have to be cleaned. A run that was stopped did not end its
// tests, whatever is in the report.
func (r *Report) Complete(b *review.Build) {
	b.Dropped = r.Dropped
	b.TestsRan = (r.TestsRan || b.TestsRan && r.Dropped == 0) && (b.Result == review.BuildPassed || b.Result == review.BuildFailed)
}

// add keeps a failure, if there is room.
func (r *Report) add(f Raw) {
	if len(r.Failures) >= MaxFailures {
		r.Dropped++
		return
	}
	r.Failures = append(r.Failures, f)
}

// format is one kind of report.
type format struct {
	name string
	read func(ctx context.Context, in *meter) (*Report, error)
	// is tells the format by the first bytes, without space in front.
	is func(head []byte) bool
}

// formats are tried in this order when none is named; the last takes anything.
var formats = []format{
	{"junit", readJUnit, isXML},
	{"go-test", readGoTest, isGoTest},
	{"sarif", readSARIF, isSARIF},
	{"json", readPosted, isJSON},
	{"log", readLog, func([]byte) bool { return true }},
}

// formatNames returns the names that [ReadReport] knows.
func formatNames() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// headSize is what is looked at to tell a format, in bytes.
const headSize = 4 << 10

// ReadReport reads a report in a format: junit, go-test, sarif, json or log; ""
// tells it by the first bytes. It needs memory for the failures that are kept and for one item
// at a time. Its errors are for whoever sent the report; an error of r or ctx is
// among them.
func ReadReport(ctx context.Context, name string, r io.Reader) (*Report, error) {
	b := bufio.NewReaderSize(r, headSize)
	head, err := b.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	if kind := packed(head); kind != "" {
		return nil, fmt.Errorf("read a report: it is packed (%s); send it unpacked, or say so with Content-Encoding: gzip", kind)
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil, errors.New("read a report: it is in UTF-16; send UTF-8")
	}
	if rest, ok := bytes.CutPrefix(head, []byte(bom)); ok {
		head = rest
		if _, err := b.Discard(len(bom)); err != nil {
			return nil, fmt.Errorf("read a report: %w", err)
		}
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	for _, f := range formats {
		if name == f.name || name == "" && f.is(head) {
			rep, err := f.read(ctx, &meter{ctx: ctx, r: b, left: MaxReport})
			if err != nil {
				return nil, fmt.Errorf("read a report (%s): %w", f.name, err)
			}
			return rep, nil
		}
	}
	return nil, fmt.Errorf("read a report: the format %q is not known; known are %s", clip(plainLine(name), 40), strings.Join(formatNames(), ", "))
}

// bom is a byte order mark.
const bom = "\ufeff"

// packed names the kind of an archive.
func packed(head []byte) string {
	for _, p := range []struct{ magic, kind string }{
		{"\x1f\x8b", "gzip"},
		{"PK\x03\x04", "zip"},
		{"\x28\xb5\x2f\xfd", "zstd"},
		{"\xfd7zXZ\x00", "xz"},
		{"7z\xbc\xaf\x27\x1c", "7z"},
	} {
		if bytes.HasPrefix(head, []byte(p.magic)) {
			return p.kind
		}
	}
	return ""
}

func isXML(head []byte) bool {
	for _, begin := range []string{"<?xml", "<testsuite", "<!--", "<!DOCTYPE testsuite"} {
		if bytes.HasPrefix(head, []byte(begin)) {
			return true
		}
	}
	return false
}

func isJSON(head []byte) bool { return bytes.HasPrefix(head, []byte("{")) }

func isGoTest(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return isJSON(head) && bytes.Contains(line, []byte(`"Action":`))
}

func isSARIF(head []byte) bool {
	return isJSON(head) && (bytes.Contains(head, []byte(`"$schema"`)) || bytes.Contains(head, []byte(`"runs"`)))
}

func readLog(ctx context.Context, in *meter) (*Report, error) {
	log, err := Read(ctx, in, ReadOptions{})
	if err != nil {
		return nil, err
	}
	rep := &Report{}
	for _, f := range log.Failures() {
		rep.add(f)
	}
	rep.Dropped += log.Dropped
	return rep, nil
}

// meter bounds what is read of a report.
type meter struct {
	ctx  context.Context
	r    io.Reader
	left int64
	// item counts the bytes since the last mark; more than max are refused
	// unless that is 0.
	item, max int64
}

// mark begins a new item.
func (m *meter) mark() { m.item = 0 }

// Read fails when there is too much to read.
func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	if m.left <= 0 {
		return 0, fmt.Errorf("it has more than %d MiB; send the failures alone", MaxReport>>20)
	}
	if m.max > 0 && m.item > m.max {
		return 0, fmt.Errorf("one piece of it has more than %d MiB", m.max>>20)
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	m.item += int64(n)
	return n, err
}

// Kept of the output of one test: its begin and its end.
const keptLines = 100

// keptText collects lines, cleaned like those of a log, and keeps the first and
// the last ones.
type keptText struct {
	head, tail []string
	next       int // the oldest line of a full tail
	size       int // bytes
}

func (k *keptText) add(text string) {
	var c cleaner
	clean, _ := c.clean(clipLine(visiblePart([]byte(text))))
	line := string(clean)
	k.size += len(line)
	switch {
	case len(k.head) < keptLines:
		k.head = append(k.head, line)
	case len(k.tail) < keptLines:
		k.tail = append(k.tail, line)
	default:
		k.size -= len(k.tail[k.next])
		k.tail[k.next] = line
		k.next = (k.next + 1) % keptLines
	}
}

func (k *keptText) lines() []string {
	if k == nil {
		return nil
	}
	out := append([]string(nil), k.head...)
	out = append(out, k.tail[k.next:]...)
	return append(out, k.tail[:k.next]...)
}

// linesOf splits a text and keeps its begin and end.
func linesOf(texts ...string) []string {
	var k keptText
	for _, text := range texts {
		text = strings.Trim(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
		if strings.TrimSpace(text) == "" {
			continue
		}
		for line := range strings.SplitSeq(text, "\n") {
			k.add(line)
		}
	}
	return k.lines()
}

// failed makes a failure of a report of its lines. With a headline the first
// line is the one that matters.
func failed(stage review.Stage, test string, lines []string, headline bool) Raw {
	raw := rawOf(lines, stage)
	raw.test = test
	if headline {
		raw.focus = 0
		if len(raw.excerpt) == 0 || raw.excerpt[0] != 0 {
			raw.excerpt = append([]int{0}, raw.excerpt[:min(len(raw.excerpt), MaxExcerpt-1)]...)
		}
	}
	// A report knows what it is about; only a cause that its text shows is better.
	switch raw.category {
	case string(KindTimeout), string(KindInfra), string(KindCrash), categoryDependency:
		return raw
	}
	switch stage {
	case review.StageCompile:
		raw.category = string(KindCompile)
	case review.StageLint:
		raw.category = string(KindLint)
	case review.StageTest:
		raw.category = string(KindTest)
	default:
		raw.category = categoryUnknown
	}
	return raw
}
