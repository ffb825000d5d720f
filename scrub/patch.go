// SPDX-License-Identifier: Apache-2.0

package scrub

import "review-assistant/review"

// Patch mirrors [review.Patch] with every raw string replaced by a Text.
type Patch struct {
	Files []File
	Merge bool
}

// File mirrors [review.File].
type File struct {
	Path, OldPath  Text
	Status         review.FileStatus
	Mode           int
	Binary         bool
	Added, Removed int
	Skip           review.Skip
	Hunks          []Hunk
}

// Hunk mirrors [review.Hunk].
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
	Section            Text
	Lines              []Line
}

// Line mirrors [review.Line].
type Line struct {
	Op    review.Op
	Text  Text
	NoEOL bool
}
