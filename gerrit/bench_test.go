// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// What one change of 5 files costs against the fake: everything that is not
// our own work in the figures of the pipeline.
func BenchmarkChange(b *testing.B) {
	g := gerrittest.New(b)
	base, files := gerrittest.Files{}, gerrittest.Files{}
	for i := range 5 {
		text := strings.Repeat("a line of code\n", 200)
		base[fmt.Sprintf("f%d.go", i)] = text
		files[fmt.Sprintf("f%d.go", i)] = strings.Replace(text, "code\n", "more code\n", 20)
	}
	k := g.Push(gerrittest.Push{Message: "x", Base: base, Files: files})
	c := open(b, g, nil)
	for b.Loop() {
		ch := read(b, c, k)
		patch(b, c, ch, func(review.File) review.Skip { return "" })
	}
}
