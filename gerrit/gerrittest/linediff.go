// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"slices"
	"strings"
)

// lineOp is one line of a comparison: ' ', '-' or '+'.
type lineOp struct {
	op   byte
	text string
}

// maxTable is in cells: above it the differing middle counts as replaced.
const maxTable = 1 << 22

// compare returns how b came from a, line by line.
func compare(a, b []string) []lineOp {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := make([]lineOp, 0, len(a)+len(b))
	keep := func(op byte, lines []string) {
		for _, l := range lines {
			out = append(out, lineOp{op, l})
		}
	}
	keep(' ', a[:head])
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	keep(' ', a[len(a)-tail:])
	return out
}

// middle compares by the longest common subsequence.
func middle(a, b []string) []lineOp {
	var out []lineOp
	n, m := len(a), len(b)
	if n*m > maxTable || n == 0 || m == 0 {
		for _, l := range a {
			out = append(out, lineOp{'-', l})
		}
		for _, l := range b {
			out = append(out, lineOp{'+', l})
		}
		return out
	}
	common := make([]int32, (n+1)*(m+1))
	at := func(i, j int) *int32 { return &common[i*(m+1)+j] }
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[i] == b[j] {
				*at(i, j) = *at(i+1, j+1) + 1
			} else {
				*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && a[i] == b[j]:
			out = append(out, lineOp{' ', a[i]})
			i, j = i+1, j+1
		case i < n && (j == m || *at(i+1, j) >= *at(i, j+1)):
			out = append(out, lineOp{'-', a[i]})
			i++
		default:
			out = append(out, lineOp{'+', b[j]})
			j++
		}
	}
	return out
}

// linesOf splits a body into lines with their ends.
func linesOf(body string) []string {
	if body == "" {
		return nil
	}
	return slices.DeleteFunc(strings.SplitAfter(body, "\n"), func(l string) bool { return l == "" })
}

// span is a run of operations that belong into one hunk.
type span struct{ from, to int }

// spans finds the changed operations with their context.
func spans(ops []lineOp, context int) []span {
	var out []span
	for i, o := range ops {
		if o.op == ' ' {
			continue
		}
		from, to := max(0, i-context), min(len(ops), i+context+1)
		if n := len(out); n > 0 && from <= out[n-1].to {
			out[n-1].to = to
		} else {
			out = append(out, span{from, to})
		}
	}
	return out
}
