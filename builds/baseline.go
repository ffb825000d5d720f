// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"context"
	"errors"
	"io"
)

// maxBaseline is how many different lines of a passing log are remembered.
const maxBaseline = 1 << 16

// Baseline is what a log of a passing run says that sounds like an error.
type Baseline struct{ templates map[uint64]bool }

// ReadBaseline reads the log of a run that passed. The error is the reader's
// or the context's.
func ReadBaseline(ctx context.Context, r io.Reader) (*Baseline, error) {
	b := &Baseline{templates: map[uint64]bool{}}
	rules := book()
	lines := newLineReader(ctx, r)
	var c cleaner
	var scratch []byte
	for len(b.templates) < maxBaseline {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		text, _ := c.clean(line)
		m, ok := rules.find(text)
		if !ok {
			continue
		}
		scratch = templateOf(scratch[:0], m, text)
		b.templates[hash64(scratch)] = true
	}
	return b, nil
}

func (b *Baseline) has(template uint64) bool { return b != nil && b.templates[template] }

// templateOf is what a candidate is counted by. The same test in the words of
// the same rule is the same.
func templateOf(dst []byte, m match, text []byte) []byte {
	if m.test != "" {
		return template(append(dst, "test "...), []byte(m.id+" "+m.test))
	}
	return template(dst, text)
}
