// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"review-assistant/review"
)

// Limits of what is read of one message.
const (
	// maxMessage is in bytes. Gerrit's own limit is 16 KiB unless an
	// administrator raises it (change.commentSizeLimit).
	maxMessage = 256 << 10
	maxRuns    = 500
	maxURL     = 1000 // bytes
)

// Run is what a CI says of one run of a job. Its texts are of one line each,
// bounded and without control characters, and not scrubbed.
type Run struct {
	Source string // zuul, jenkins, luci, buildbot or pattern
	// Job stands in parentheses for a verdict over all jobs that names none:
	// "(merge)" for a conflict, "(configuration)", "(dependency)" or "(run)".
	Job      string
	Pipeline string
	URL      string // of the run's page or log, http or https, or ""
	Result   review.BuildResult
	Said     string        // the CI's own word for the result
	Optional bool          // the job has no vote
	Took     time.Duration // 0 when it is not said

	// excerpt are lines that the CI quotes of the log, or its own explanation;
	// category is set when it is an explanation.
	excerpt  []string
	category string
}

// source is one kind of CI. read returns nothing when the message is not its.
type source struct {
	name string
	read func(m *ciMessage) []Run
}

// sources are asked in this order.
var sources = []source{
	{"buildbot", readBuildbot},
	{"luci", readLUCI},
	{"zuul", readZuul},
	{"jenkins", readJenkins}, // any "URL : RESULT", so it comes last
}

// Parse returns what a CI's message says of runs, by the project's patterns or
// else by the first source that knows its form. The caller has made sure that
// the author is a CI. A run exists only if a line has exactly its form; what a
// message does not mention did not pass.
func Parse(m review.Message, patterns []*Pattern) []Run {
	msg := newCIMessage(m)
	var runs []Run
	for _, p := range patterns {
		if room := maxRuns - len(runs); room > 0 {
			runs = append(runs, p.read(msg, room)...)
		}
	}
	if len(runs) > 0 {
		return fromSource("pattern", runs)
	}
	for _, s := range sources {
		if runs := s.read(msg); len(runs) > 0 {
			return fromSource(s.name, runs)
		}
	}
	return nil
}

func fromSource(name string, runs []Run) []Run {
	runs = slices.DeleteFunc(runs, func(r Run) bool { return strings.TrimSpace(r.Job) == "" })
	runs = runs[:min(len(runs), maxRuns)]
	for i := range runs {
		r := &runs[i]
		r.excerpt = r.excerpt[:min(len(r.excerpt), 2*keptLines)]
		r.Source, r.URL = name, pageURL(r.URL)
		r.Job, r.Pipeline, r.Said = clip(r.Job, maxName), clip(r.Pipeline, maxName), clip(r.Said, maxName)
	}
	return runs
}

// ciMessage is a message as the sources see it: lines without control
// characters. Quotes of other messages are among them; every form begins with
// something else.
type ciMessage struct {
	tag   string
	lines []string
	// What stands between logFrom and logTo, two indexes of lines, may be of a
	// log that Jenkins quotes. The change's author writes it, and can end it
	// early to go on with lines in the form of any CI; only the last end is sure.
	logFrom, logTo int
}

// Jenkins' Gerrit Trigger puts a log between a line that ends in the first and
// a line of the second.
const (
	logBegin = " <<<"
	logEnd   = ">>>"
)

// heads are Gerrit's own lines above what the CI wrote.
var heads = regexp.MustCompile(`^(?:Patch Set \d+:.*|\(\d+ comments?\))$`)

func newCIMessage(m review.Message) *ciMessage {
	text := m.Text
	cut := len(text) > maxMessage
	if cut {
		text = text[:maxMessage]
	}
	msg := &ciMessage{tag: m.Tag, logFrom: -1}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(plainLine(line), " ")
		if len(msg.lines) == 0 && (line == "" || isQuote(line) || heads.MatchString(line)) {
			continue
		}
		switch {
		case msg.logFrom < 0 && strings.HasSuffix(line, logBegin):
			msg.logFrom = len(msg.lines)
		case line == logEnd:
			msg.logTo = len(msg.lines)
		}
		if len(line) > maxLine {
			// The mark keeps what is left from having a form.
			line = string(clipLine([]byte(line))) + "…"
		}
		msg.lines = append(msg.lines, line)
	}
	switch {
	case msg.logFrom < 0:
		msg.logFrom, msg.logTo = len(msg.lines), len(msg.lines)
	case msg.logTo <= msg.logFrom || cut: // the last end is not seen
		msg.logTo = len(msg.lines)
	}
	return msg
}

// inLog reports whether line i may be of a quoted log.
func (m *ciMessage) inLog(i int) bool { return i > m.logFrom && i < m.logTo }

// said returns the lines that the CI wrote itself for sure.
func (m *ciMessage) said() []string {
	if m.logFrom == len(m.lines) {
		return m.lines
	}
	return slices.Concat(m.lines[:m.logFrom+1], m.lines[m.logTo:])
}

// isQuote reports whether a line is of another message, as Gerrit writes it.
func isQuote(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " "), ">") }

// tagged reports whether the message has the tag or one below it.
func (m *ciMessage) tagged(tag string) bool {
	return m.tag == tag || strings.HasPrefix(m.tag, tag+":") || strings.HasPrefix(m.tag, tag+"~")
}

// first is the first line that the CI wrote.
func (m *ciMessage) first() string {
	if len(m.lines) == 0 {
		return ""
	}
	return m.lines[0]
}

// plainLine makes text from outside fit for one line: no control or invisible
// characters, valid UTF-8.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// pageURL returns s if it is a plain address of a page, or "".
func pageURL(s string) string {
	if len(s) > maxURL {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return s
}

// Failures returns what the message itself tells of why the run failed, at
// most one.
func (r Run) Failures() []Raw {
	lines := linesOf(r.excerpt...)
	if len(lines) == 0 || !r.Result.Bad() {
		return nil
	}
	if r.category != "" {
		raw := Raw{stage: review.StageSetup, category: r.category, lines: lines}
		for i := range min(len(lines), MaxExcerpt) {
			raw.excerpt = append(raw.excerpt, i)
		}
		return []Raw{raw}
	}
	return []Raw{rawOf(lines, review.StageTest)}
}

// rawOf makes a failure of the lines that something said about it.
func rawOf(lines []string, stage review.Stage) Raw {
	raw := Raw{stage: stage, lines: lines}
	raw.excerpt, raw.focus, raw.category = excerptOf(lines, MaxExcerpt)
	return raw
}
