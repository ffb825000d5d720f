// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"review-assistant/review"
)

const (
	// maxEvent is in bytes. The largest honest bodies hold a commit message.
	maxEvent = 1 << 20
	// maxDepth is four times what any event of Gerrit nests.
	maxDepth = 32
	// maxName bounds project and ref names, in bytes.
	maxName = 1024
)

// eventBody is the part of an event that is read. Project is an object in
// webhooks and a string in stream-events.
type eventBody struct {
	Type        string      `json:"type"`
	CreatedOn   int64       `json:"eventCreatedOn"`
	Project     projectName `json:"project"`
	ProjectName string      `json:"projectName"`
	RefName     string      `json:"refName"`
	Change      struct {
		Project string `json:"project"`
		Branch  string `json:"branch"`
		Number  int    `json:"number"`
	} `json:"change"`
	PatchSet struct {
		Number int `json:"number"`
	} `json:"patchSet"`
	RefUpdate  refUpdate   `json:"refUpdate"`
	RefUpdates []refUpdate `json:"refUpdates"`
}

type refUpdate struct {
	Project string `json:"project"`
	RefName string `json:"refName"`
}

type projectName string

func (p *projectName) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, (*string)(p))
	}
	var o struct {
		Name string `json:"name"`
	}
	err := json.Unmarshal(b, &o)
	*p = projectName(o.Name)
	return err
}

// Decode reads a webhook body. A type that nobody knows is no error: the
// caller decides what concerns it. Host stays empty, the route knows it.
func Decode(body []byte) (review.Event, error) {
	if len(body) > maxEvent {
		return review.Event{}, fmt.Errorf("decode event: %d bytes are more than the limit of %d", len(body), maxEvent)
	}
	if tooDeep(body) {
		return review.Event{}, fmt.Errorf("decode event: nested deeper than %d levels", maxDepth)
	}
	var b eventBody
	if err := json.Unmarshal(body, &b); err != nil {
		// The parser's words may quote the body.
		return review.Event{}, errors.New("decode event: not the JSON of an event")
	}
	if !validType(b.Type) {
		return review.Event{}, errors.New("decode event: the type is missing or not a word")
	}
	e := review.Event{
		Type:     review.EventType(b.Type),
		Number:   b.Change.Number,
		PatchSet: b.PatchSet.Number,
	}
	if b.CreatedOn > 0 {
		e.Created = time.Unix(b.CreatedOn, 0).UTC()
	}
	ref := b.updated()
	e.Project = first(string(b.Project), b.Change.Project, ref.Project, b.ProjectName)
	e.Ref = first(ref.RefName, b.RefName)
	if e.Ref == "" && b.Change.Branch != "" {
		e.Ref = review.FullRef(b.Change.Branch)
	}
	switch {
	case e.Project != "" && !ValidName(e.Project):
		return review.Event{}, errors.New("decode event: not a project name")
	case e.Ref != "" && !ValidName(e.Ref):
		return review.Event{}, errors.New("decode event: not a ref name")
	case e.Number < 0 || e.PatchSet < 0 || b.CreatedOn < 0 || b.CreatedOn > 1<<40:
		return review.Event{}, errors.New("decode event: a number is out of range")
	}
	return e, nil
}

// updated returns the ref update of the event. Of a batch it is the one of the
// configuration, which is the only one that changes what the bot does.
func (b *eventBody) updated() refUpdate {
	if b.RefUpdate.RefName != "" || len(b.RefUpdates) == 0 {
		return b.RefUpdate
	}
	for _, r := range b.RefUpdates {
		if r.RefName == review.ConfigRef {
			return r
		}
	}
	return b.RefUpdates[0]
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func validType(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// ValidName reports whether s can be the name of a project or ref. Names end
// up in URLs, keys and logs.
func ValidName(s string) bool {
	if s == "" || len(s) > maxName || strings.HasPrefix(s, "/") || !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return false
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || part == "." || strings.Contains(part, "..") {
			return false
		}
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\\' })
}

// tooDeep looks at brackets outside of strings; a full parser would recurse
// before it refuses.
func tooDeep(body []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
