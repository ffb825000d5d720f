// SPDX-License-Identifier: Apache-2.0

package summarize

import "review-assistant/scrub"

// Origin is the change that this one reverts or was picked from.
type Origin struct {
	Revert   bool       // false: picked
	Number   int        // 0 when it is no change that we may see
	PatchSet int        // the one that was reverted or picked, 0 when unknown
	Branch   scrub.Text // of the origin
	Subject  scrub.Text
	Commit   scrub.Text // short hash, when the number is unknown
	// Patch is what this change would hold if it did nothing of its own: the
	// reverse of what it reverts, or what it picks. Nil when it cannot be read.
	Patch *scrub.Patch
}

// Merge is what a merge commit brings beside its first parent.
type Merge struct {
	Subjects []scrub.Text // newest first
	More     bool         // there are more than Subjects
}

// Chain is where a change stands among changes that build on each other.
type Chain struct {
	At, Of int  // from 1, the lowest first
	Below  Link // the change that this one builds on; zero for the lowest
}

// Link is one change of a chain.
type Link struct {
	Number   int // 0 when it is no change that we may see
	Subject  scrub.Text
	PatchSet int // on which this change builds
	Current  int // its newest patch set
	Open     bool
}
