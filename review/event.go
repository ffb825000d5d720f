// SPDX-License-Identifier: Apache-2.0

package review

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// EventType is the type of a Gerrit event, such as "patchset-created".
type EventType string

// Event is what is kept of a webhook: enough to know which change to read
// again, nothing that a person wrote. Bodies are never stored or logged,
// because Gerrit sends private changes too.
type Event struct {
	Type     EventType
	Host     string // set by the server from the route
	Project  string
	Number   int    // change number, 0 for events about refs and projects
	PatchSet int    // 0 when the event names none
	Ref      string // ref-updated: the ref; otherwise the target branch
	Created  time.Time
}

// Change returns the id of the event's change; ok is false when it has none.
func (e Event) Change() (id ChangeID, ok bool) {
	return ChangeID{Host: e.Host, Project: e.Project, Number: e.Number}, e.Project != "" && e.Number > 0
}

// NotesOf returns the number of the change whose notes a ref holds: each vote,
// comment and reviewer of it moves that ref. ok is false for any other one.
func NotesOf(ref string) (number int, ok bool) {
	rest, changes := strings.CutPrefix(ref, "refs/changes/")
	rest, notes := strings.CutSuffix(rest, "/meta")
	shard, digits, cut := strings.Cut(rest, "/")
	n, err := strconv.Atoi(digits)
	ok = changes && notes && cut && err == nil && n > 0 && strconv.Itoa(n) == digits && shard == fmt.Sprintf("%02d", n%100)
	if !ok {
		return 0, false
	}
	return n, true
}
