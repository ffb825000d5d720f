// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"review-assistant/review"
)

// reviewInput has no field for labels, reviewers or the attention set: what
// is not here cannot be sent by mistake.
type reviewInput struct {
	Tag      string                    `json:"tag"`
	Notify   review.Notify             `json:"notify"`
	Drafts   string                    `json:"drafts"`
	OmitDups bool                      `json:"omit_duplicate_comments"`
	NoRules  bool                      `json:"ignore_automatic_attention_set_rules"`
	Comments map[string][]commentInput `json:"comments"`
}

type commentInput struct {
	Line       int    `json:"line,omitempty"`
	Message    string `json:"message"`
	Unresolved bool   `json:"unresolved"`
}

// patchSetLevel is the path of a comment on no file.
const patchSetLevel = "/PATCHSET_LEVEL"

// comments sorts a post by file, as Gerrit takes it.
func comments(k review.Comment) map[string][]commentInput {
	out := map[string][]commentInput{}
	if k.Message != "" {
		out[patchSetLevel] = []commentInput{{Message: k.Message}}
	}
	for _, i := range k.Inline {
		out[i.Path] = append(out[i.Path], commentInput{Line: i.Line, Message: i.Message, Unresolved: i.Unresolved})
	}
	return out
}

// Post writes one comment and what belongs to its lines, pinned to the commit
// that was read. It makes the call once: after an error that is neither denied nor gone the
// comment may stand all the same.
func (c *Client) Post(ctx context.Context, id review.ChangeID, k review.Comment) (trace string, err error) {
	what := fmt.Sprintf("post to %s patch set %d", id, k.PatchSet)
	path, err := c.revisionPath(id, review.PatchSet{Number: k.PatchSet, Revision: k.Revision})
	if err != nil {
		return "", err
	}
	if (k.Message == "" && len(k.Inline) == 0) || k.Kind == "" {
		return "", fmt.Errorf("gerrit %s: %s: the comment is empty", c.o.ID, what)
	}
	var out struct{}
	header, err := c.json(ctx, call{
		route: "review", what: what, method: http.MethodPost, path: path + "/review",
		in: reviewInput{
			Tag: k.Kind.Tag(), Notify: cmp.Or(k.Notify, review.NotifyNone), Drafts: "KEEP", OmitDups: true, NoRules: true,
			Comments: comments(k),
		},
	}, &out)
	if err != nil {
		if s, ok := errors.AsType[*StatusError](err); ok {
			trace = s.Trace
		}
		return trace, err
	}
	return traceOf(header), nil
}

// Comments reads all published comments of a change, oldest first as far as
// whole seconds tell.
func (c *Client) Comments(ctx context.Context, id review.ChangeID) ([]review.Remark, error) {
	path, err := c.changePath(id)
	if err != nil {
		return nil, err
	}
	var byPath map[string][]struct {
		ID        string      `json:"id"`
		InReplyTo string      `json:"in_reply_to"`
		Author    accountInfo `json:"author"`
		Tag       string      `json:"tag"`
		PatchSet  int         `json:"patch_set"`
		Message   string      `json:"message"`
		Updated   stamp       `json:"updated"`
	}
	if err := c.get(ctx, "comments", "read comments of "+id.String(), path+"/comments", "", &byPath); err != nil {
		return nil, err
	}
	var out []review.Remark
	for _, list := range byPath {
		for _, k := range list {
			out = append(out, review.Remark{
				ID: k.ID, InReplyTo: k.InReplyTo, Author: k.Author.account(), Tag: k.Tag, PatchSet: k.PatchSet,
				Text: k.Message, Date: k.Updated.Time,
			})
		}
	}
	slices.SortFunc(out, func(a, b review.Remark) int { return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// AddReviewer adds one account, as CC or as reviewer, without mail.
func (c *Client) AddReviewer(ctx context.Context, id review.ChangeID, a review.Account, cc bool) error {
	path, err := c.changePath(id)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("add a reviewer to %s", id)
	if a.ID <= 0 {
		return fmt.Errorf("gerrit %s: %s: the account is unknown", c.o.ID, what)
	}
	in := struct {
		Reviewer string        `json:"reviewer"`
		State    string        `json:"state"`
		Notify   review.Notify `json:"notify"`
	}{strconv.FormatInt(a.ID, 10), "REVIEWER", review.NotifyNone}
	if cc {
		in.State = "CC"
	}
	var out struct {
		Error json.RawMessage `json:"error"`
	}
	if _, err := c.json(ctx, call{route: "reviewers", what: what, method: http.MethodPost, path: path + "/reviewers", in: in}, &out); err != nil {
		return err
	}
	if len(out.Error) > 0 {
		return fmt.Errorf("gerrit %s: %s: refused", c.o.ID, what)
	}
	return nil
}
