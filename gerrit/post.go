// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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
	Message    string `json:"message"`
	Unresolved bool   `json:"unresolved"`
}

// Post writes one patchset-level comment, pinned to the commit that was read.
// It makes the call once: after an error that is neither denied nor gone the
// comment may stand all the same.
func (c *Client) Post(ctx context.Context, id review.ChangeID, k review.Comment) (trace string, err error) {
	what := fmt.Sprintf("post to %s patch set %d", id, k.PatchSet)
	path, err := c.revisionPath(id, review.PatchSet{Number: k.PatchSet, Revision: k.Revision})
	if err != nil {
		return "", err
	}
	if k.Message == "" || k.Kind == "" {
		return "", fmt.Errorf("gerrit %s: %s: the comment is empty", c.o.ID, what)
	}
	var out struct{}
	header, err := c.json(ctx, call{
		route: "review", what: what, method: http.MethodPost, path: path + "/review",
		in: reviewInput{
			Tag: k.Kind.Tag(), Notify: cmp.Or(k.Notify, review.NotifyNone), Drafts: "KEEP", OmitDups: true, NoRules: true,
			Comments: map[string][]commentInput{"/PATCHSET_LEVEL": {{Message: k.Message}}},
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
