// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"
)

// BenchmarkRead reads a log of usual lines, or the one that BUILD_LOG names.
func BenchmarkRead(b *testing.B) {
	log := usualLog(40_000)
	if name := os.Getenv("BUILD_LOG"); name != "" {
		var err error
		if log, err = os.ReadFile(name); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		if _, err := Read(context.Background(), bytes.NewReader(log), ReadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// usualLog is a log of n lines as GitHub shows them, a few of them errors.
func usualLog(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "2026-05-07T12:%02d:%02d.%07dZ ", i/60%60, i%60, i)
		switch {
		case i%997 == 0:
			fmt.Fprintf(&b, "src/main/java/org/example/Part%d.java:%d: error: cannot find symbol\n", i, i%300)
		case i%31 == 0:
			fmt.Fprintf(&b, "[INFO] Download of error-prone-%d.jar: 0 errors, 0 failures\n", i)
		case i%7 == 0:
			fmt.Fprintf(&b, "\x1b[32mPASSED\x1b[0m tests/test_part.py::test_case_%d [ %d%%]\n", i, i%100)
		default:
			fmt.Fprintf(&b, "[INFO] Compiling module %d of the project with the usual options, %d files\n", i, i%50)
		}
	}
	return b.Bytes()
}
