// SPDX-License-Identifier: Apache-2.0

// Package replay answers recorded histories: a JSON object a line in, an answer
// a line out, each before the next line is read.
package replay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine is in bytes.
const maxLine = 8 << 20

// Run calls do with each line that is not empty, and writes what it returns as
// JSON, unless that is nil. Errors name the line, counted from 1; what was
// answered before stands.
func Run(ctx context.Context, in io.Reader, out io.Writer, do func(line []byte) (answer any, err error)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 256<<10), maxLine)
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	n := 1
	for ; lines.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		answer, err := do(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if answer == nil {
			continue
		}
		if err := errors.Join(enc.Encode(answer), w.Flush()); err != nil {
			return fmt.Errorf("answer line %d: %w", n, err)
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("line %d is longer than %d MiB", n, maxLine>>20)
	} else if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}
