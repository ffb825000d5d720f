// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"review-assistant/review"
)

// Public reports whether every account may read the project's default branch:
// without signing in, or as the plain account shows. What is not known counts
// as no, and so does a branch that only signed-in users read as long as no
// change on it shows that the plain account does. Nothing of it is kept here:
// the caller does, and forgets when rights move.
func (c *Client) Public(ctx context.Context, project string) (bool, error) {
	path, err := c.projectPath(project)
	if err != nil {
		return false, err
	}
	var head string
	err = c.get(ctx, "head", fmt.Sprintf("read the default branch of project %q", project), path+"/HEAD", "", &head)
	if review.IsGone(err) || review.IsDenied(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	branch, ref, err := c.branchPath(project, head)
	if err != nil || ref == "" {
		return false, err
	}
	if yes, err := c.isPublic(ctx, branch, ref, project); yes || err != nil {
		return yes, err
	}
	plain, _, why, err := c.plain(ctx)
	if err != nil || why != "" {
		return false, err
	}
	var words []string
	for _, t := range []struct{ operator, name string }{{"project", project}, {"branch", ref}} {
		w, err := c.term(t.operator, t.name)
		if err != nil {
			return false, nil // no name to ask for
		}
		words = append(words, w)
	}
	v := url.Values{"q": {strings.Join(append(words, visibleTo(plain)), " ")}, "o": {"SKIP_DIFFSTAT"}, "n": {"1"}}
	lists, err := c.lists(ctx, "visible", fmt.Sprintf("ask who may read project %q", project), v)
	switch {
	case statusOf(err) == http.StatusBadRequest:
		return false, nil // what the plain account sees is not told
	case err != nil:
		return false, err
	}
	return slices.ContainsFunc(lists[0], func(i changeInfo) bool {
		return i.fits(project) && review.FullRef(i.Branch) == ref
	}), nil
}
