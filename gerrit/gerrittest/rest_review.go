// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

type reviewInput struct {
	Message   string                    `json:"message"`
	Tag       string                    `json:"tag"`
	Notify    string                    `json:"notify"`
	OmitDups  bool                      `json:"omit_duplicate_comments"`
	Labels    map[string]int            `json:"labels"`
	Comments  map[string][]commentInput `json:"comments"`
	Reviewers []reviewerInput           `json:"reviewers"`
}

type commentInput struct {
	InReplyTo  string `json:"in_reply_to"`
	Line       int    `json:"line"`
	Message    string `json:"message"`
	Unresolved bool   `json:"unresolved"`
}

type reviewerInput struct {
	Reviewer string `json:"reviewer"`
	State    string `json:"state"`
}

const (
	// maxText is Gerrit's limit of one message or comment.
	maxText = 16384
	// commentOverhead is what Gerrit counts of a comment beside text and tag.
	commentOverhead = 108
)

// length counts as Java does.
func length(s string) int { return len(utf16.Encode([]rune(s))) }

func (q *request) postReview(c *change, ps *patchSet) *answer {
	var in reviewInput
	if err := json.Unmarshal(q.body, &in); err != nil {
		return text(http.StatusBadRequest, "Invalid application/json in request")
	}
	if bad := q.refuse(c, ps, &in); bad != nil {
		return bad
	}
	for _, r := range in.Reviewers {
		c.addReviewer(q.me, c.s.account(r.Reviewer), r.State)
	}
	c.review(q.me, ps, &in)
	c.s.posts++
	return ok(object{"labels": in.Labels})
}

// refuse checks everything before anything is written: a review is whole or
// not at all.
func (q *request) refuse(c *change, ps *patchSet, in *reviewInput) *answer {
	if n := length(in.Message); n > maxText {
		return text(http.StatusBadRequest, "One or more comments were rejected in validation: Comment size exceeds limit (%d > %d)", n, maxText)
	}
	for path, comments := range in.Comments {
		touched := slices.ContainsFunc(ps.files, func(d *delta) bool { return d.path == path })
		if path != "/PATCHSET_LEVEL" && path != "/COMMIT_MSG" && !touched {
			return text(http.StatusBadRequest, "file %s not found in revision %d,%d", path, c.number, ps.number)
		}
		for _, k := range comments {
			if n := length(k.Message) + commentOverhead + length(in.Tag); n > maxText {
				return text(http.StatusBadRequest, "One or more comments were rejected in validation: Comment size exceeds limit (%d > %d)", n, maxText)
			}
			if k.Line < 0 {
				return text(http.StatusBadRequest, "negative line number %d not allowed on %s", k.Line, path)
			}
		}
	}
	for label, value := range in.Labels {
		if label == "Code-Review" && value != 0 && !slices.Contains(c.project.mayVote(q.me), label) {
			return text(http.StatusForbidden, "Applying label %q: %d is restricted", label, value)
		}
	}
	for _, r := range in.Reviewers {
		if c.s.account(r.Reviewer) == nil {
			why := fmt.Sprintf("Account '%s' not found\n%s does not identify a registered user or group", r.Reviewer, r.Reviewer)
			return jsonAnswer(http.StatusBadRequest, object{
				"reviewers": object{r.Reviewer: object{"input": r.Reviewer, "error": why}}, "error": "error adding reviewer",
			})
		}
	}
	return nil
}

// review writes a review and tells of it.
func (c *change) review(by *Account, ps *patchSet, in *reviewInput) {
	now := c.s.when(time.Time{})
	written := 0
	for _, path := range slices.Sorted(maps.Keys(in.Comments)) {
		for _, k := range in.Comments[path] {
			if in.OmitDups && c.hasComment(by, ps, path, k) {
				continue
			}
			written++
			c.comments = append(c.comments, &remark{
				id: c.s.sha("comment")[:17], inReplyTo: k.InReplyTo, author: by, at: now, tag: in.Tag, path: path, line: k.Line,
				text: k.Message, unresolved: k.Unresolved, patchSet: ps.number, notify: in.Notify,
			})
		}
	}
	head := fmt.Sprintf("Patch Set %d:", ps.number)
	old := map[string]int{}
	for _, label := range slices.Sorted(maps.Keys(in.Labels)) {
		value := in.Labels[label]
		if c.votes[label] == nil {
			c.votes[label] = map[int64]vote{}
		}
		old[label] = c.votes[label][by.ID].value
		c.votes[label][by.ID] = vote{value, now}
		c.roles[by.ID] = "REVIEWER"
		head += fmt.Sprintf(" %s%+d", label, value)
	}
	if written == 0 && in.Message == "" && len(in.Labels) == 0 {
		// Nothing is left to say: Gerrit writes no empty message.
		return
	}
	switch written {
	case 0:
	case 1:
		head += "\n\n(1 comment)"
	default:
		head += fmt.Sprintf("\n\n(%d comments)", written)
	}
	if in.Message != "" {
		head += "\n\n" + strings.TrimSpace(in.Message)
	}
	if by.ID != c.owner.ID && c.roles[by.ID] == "" {
		c.roles[by.ID] = "CC"
	}
	if !by.Service {
		// It is the owner's turn.
		c.attend(by.ID, false)
		c.attend(c.owner.ID, by.ID != c.owner.ID && !c.wip && c.status == "NEW")
	}
	c.updated = now
	c.messages = append(c.messages, &note{id: c.s.sha("message"), author: by, at: now, tag: in.Tag, text: head, patchSet: ps.number})
	approvals := []object{}
	for _, label := range slices.Sorted(maps.Keys(c.votes)) {
		a := object{"type": label, "description": label, "value": fmt.Sprint(c.votes[label][by.ID].value)}
		if before, changed := old[label]; changed {
			a["oldValue"] = fmt.Sprint(before)
		}
		approvals = append(approvals, a)
	}
	c.s.emitChange("comment-added", c, object{"author": by.event(), "approvals": approvals, "comment": head}, true)
}

func (c *change) hasComment(by *Account, ps *patchSet, path string, k commentInput) bool {
	return slices.ContainsFunc(c.comments, func(r *remark) bool {
		return r.author == by && r.patchSet == ps.number && r.path == path && r.line == k.Line && r.text == k.Message
	})
}

func (q *request) addReviewer(c *change) *answer {
	var in reviewerInput
	if err := json.Unmarshal(q.body, &in); err != nil {
		return text(http.StatusBadRequest, "Invalid application/json in request")
	}
	a := c.s.account(in.Reviewer)
	if a == nil {
		why := fmt.Sprintf("Account '%s' not found\n%s does not identify a registered user or group", in.Reviewer, in.Reviewer)
		return jsonAnswer(http.StatusBadRequest, object{"input": in.Reviewer, "error": why})
	}
	c.addReviewer(q.me, a, in.State)
	key := "reviewers"
	if in.State == "CC" {
		key = "ccs"
	}
	return ok(object{"input": in.Reviewer, key: []object{a.info()}})
}

// addReviewer tells of reviewers; Gerrit is silent about CCs.
func (c *change) addReviewer(by, a *Account, state string) {
	if state == "CC" {
		if c.roles[a.ID] == "" {
			c.roles[a.ID] = "CC"
		}
		return
	}
	c.roles[a.ID] = "REVIEWER"
	c.attend(a.ID, !c.wip)
	c.updated = c.s.when(time.Time{})
	c.s.emitChange("reviewer-added", c, object{"reviewer": a.event(), "adder": by.event()}, true)
}
