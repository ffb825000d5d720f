// SPDX-License-Identifier: Apache-2.0

package review

import "strings"

// Related is one place of a relation chain: a patch set and what became of
// its change since.
type Related struct {
	// Number is 0 when the commit belongs to no change that the service
	// account may see; PatchSet and Current are 0 then too.
	Number   int
	PatchSet int // in the chain
	Current  int // of the change; above PatchSet where the chain stands on an old one
	Revision string
	Status   Status // "" when unknown
	Subject  string
	Self     bool // the change that was asked about
}

// Commit is a commit that is no patch set of its own.
type Commit struct {
	Revision string // 40 hex digits
	Subject  string
}

// Short returns the id as people read it.
func (c Commit) Short() string { return c.Revision[:min(10, len(c.Revision))] }

// Origin is what a commit message says that it undoes or repeats: ids of
// commits, 40 hex digits each, or nothing. It is the word of the author.
type Origin struct {
	Reverts string // "This reverts commit ID."
	Picked  string // "(cherry picked from commit ID)"
}

// maxMessage is in bytes: how far into a message a commit is looked for.
const maxMessage = 64 << 10

// ParseOrigin reads the two forms that git and Gerrit write. The first of each
// counts, and only at the start of a line: a quoted message is none.
func ParseOrigin(message string) Origin {
	var o Origin
	for line := range strings.Lines(message[:min(len(message), maxMessage)]) {
		line = strings.TrimRight(line, " \t\r\n")
		if rest, ok := strings.CutPrefix(line, "This reverts commit "); ok && o.Reverts == "" {
			// Of a merge git goes on: ", reversing".
			if id, tail := cutID(rest); tail == "." || tail == "" || strings.HasPrefix(tail, ",") {
				o.Reverts = id
			}
		}
		if rest, ok := strings.CutPrefix(line, "(cherry picked from commit "); ok && o.Picked == "" {
			if id, tail := cutID(rest); tail == ")" {
				o.Picked = id
			}
		}
		if o.Reverts != "" && o.Picked != "" {
			break
		}
	}
	return o
}

// cutID splits a full commit id from the text behind it.
func cutID(s string) (id, tail string) {
	if len(s) < 40 || strings.Trim(s[:40], "0123456789abcdef") != "" {
		return "", s
	}
	return s[:40], s[40:]
}
