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

// Public returns the name of the project's default branch, without refs/heads/,
// if every account may read it, else "": without signing in, or as the plain
// account shows. What is not known counts as no, and so does a branch that only
// signed-in users read as long as no change on it shows that the plain account
// does. Nothing of it is kept here: the caller does, and forgets when rights move.
func (c *Client) Public(ctx context.Context, project string) (string, error) {
	path, err := c.projectPath(project)
	if err != nil {
		return "", err
	}
	var head string
	err = c.get(ctx, "head", fmt.Sprintf("read the default branch of project %q", project), path+"/HEAD", "", &head)
	if review.IsGone(err) || review.IsDenied(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	branch, ref, err := c.branchPath(project, head)
	if err != nil || ref == "" {
		return "", err
	}
	name := strings.TrimPrefix(ref, "refs/heads/")
	if yes, err := c.isPublic(ctx, branch, ref, project); err != nil {
		return "", err
	} else if yes {
		return name, nil
	}
	plain, _, why, err := c.plain(ctx)
	if err != nil || why != "" {
		return "", err
	}
	var words []string
	for _, t := range []struct{ operator, name string }{{"project", project}, {"branch", ref}} {
		w, err := c.term(t.operator, t.name)
		if err != nil {
			return "", nil // no name to ask for
		}
		words = append(words, w)
	}
	v := url.Values{"q": {strings.Join(append(words, visibleTo(plain)), " ")}, "o": {"SKIP_DIFFSTAT"}, "n": {"1"}}
	lists, err := c.lists(ctx, "visible", fmt.Sprintf("ask who may read project %q", project), v)
	switch {
	case statusOf(err) == http.StatusBadRequest:
		return "", nil // what the plain account sees is not told
	case err != nil:
		return "", err
	}
	if !slices.ContainsFunc(lists[0], func(i changeInfo) bool { return i.fits(project) && review.FullRef(i.Branch) == ref }) {
		return "", nil
	}
	return name, nil
}
