// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"
)

// minRedacted is in bytes: removing shorter values would tear words apart.
const minRedacted = 3

// withoutLeaks removes what gitleaks reports wherever it stands in the text.
// That is the kindest reading of a detector, and the one of peers.py.
func withoutLeaks(d *detect.Detector, body []byte) []byte {
	gone := make([]bool, len(body))
	for _, f := range d.DetectBytes(body) {
		value := []byte(f.Secret)
		if !bytes.Contains(body, value) { // it was decoded
			a, z := span(body, f)
			fill(gone, a, z)
			continue
		}
		if len(bytes.TrimSpace(value)) < minRedacted {
			continue
		}
		for at := 0; ; {
			k := bytes.Index(body[at:], value)
			if k < 0 {
				break
			}
			fill(gone, at+k, at+k+len(value))
			at += k + len(value)
		}
	}
	return redact(body, gone)
}

func fill(gone []bool, a, z int) {
	for i := max(0, a); i < min(z, len(gone)); i++ {
		gone[i] = true
	}
}

// span finds the place of a value that was decoded by its line and column.
func span(body []byte, f report.Finding) (int, int) {
	lines := bytes.SplitAfter(body, []byte("\n"))
	start := func(line int) int {
		n := 0
		for _, l := range lines[:min(max(0, line-1), len(lines))] {
			n += len(l)
		}
		return n
	}
	return start(f.StartLine) + f.StartColumn - 2, start(f.EndLine) + f.EndColumn
}

// redact puts placeholders where bytes are gone. Line ends and the prefixes of
// a diff stay.
func redact(body []byte, gone []bool) []byte {
	var out bytes.Buffer
	n := 0
	for i := 0; i < len(body); {
		if !gone[i] {
			out.WriteByte(body[i])
			i++
			continue
		}
		n++
		fmt.Fprintf(&out, "«SECRET:peer:%d»", n)
		for ; i < len(body) && gone[i]; i++ {
			if body[i] != '\n' {
				continue
			}
			out.WriteByte('\n')
			if i+1 < len(body) && gone[i+1] {
				if strings.IndexByte("+- ", body[i+1]) >= 0 {
					i++
					out.WriteByte(body[i])
				}
				n++
				fmt.Fprintf(&out, "«SECRET:peer:%d»", n)
			}
		}
	}
	return out.Bytes()
}
