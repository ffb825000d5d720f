// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"review-assistant/review"
)

// ReadOptions are what is known of a log besides its text.
type ReadOptions struct{}

// Log is what was found in a log.
type Log struct{ raw []Raw }

// Failures returns what went wrong, the likeliest cause first.
func (l *Log) Failures() []Raw { return l.raw }

// Read finds the failures of a log.
func Read(ctx context.Context, r io.Reader, _ ReadOptions) (*Log, error) {
	b := bufio.NewReader(r)
	var lines []string
	for ctx.Err() == nil && len(lines) < 10000 {
		line, _, err := b.ReadLine()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		lines = append(lines, string(line))
	}
	if len(lines) == 0 {
		return &Log{}, ctx.Err()
	}
	raw := rawOf(lines, review.StageTest)
	raw.first = 1
	return &Log{raw: []Raw{raw}}, ctx.Err()
}

// excerptOf picks at most max lines, one of which matters most.
func excerptOf(lines []string, max int) (excerpt []int, focus int, category string) {
	for i, l := range lines {
		l = strings.ToLower(l)
		if strings.Contains(l, "error") || strings.Contains(l, "fail") {
			focus = i
			break
		}
	}
	for i := focus; i < len(lines) && len(excerpt) < max; i++ {
		excerpt = append(excerpt, i)
	}
	return excerpt, focus, "unknown"
}
