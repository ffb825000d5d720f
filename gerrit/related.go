// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"review-assistant/review"
)

const (
	// maxRelated is how much of a chain is kept, around the change itself.
	maxRelated = 50
	// maxMerged is how many commits of a merge are named.
	maxMerged = 30
	// maxMergeList is in bytes. A merge may bring thousands of commits with
	// their messages, of which the first are enough.
	maxMergeList = 1 << 20
	// maxSubject is in characters.
	maxSubject = 300
)

// firstRunes returns at most n characters of s, as valid text.
func firstRunes(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= n {
		return s
	}
	runes := []rune(s)
	return string(runes[:min(n, len(runes))])
}

// statuses are those that a change may have; another one is left out.
var statuses = []review.Status{review.StatusNew, review.StatusMerged, review.StatusAbandoned}

// shortCommit is a commit in lists.
type shortCommit struct {
	Commit  string `json:"commit"`
	Subject string `json:"subject"`
}

// Related returns the chain of changes that the current patch set stands in,
// oldest first; of a long one the 50 around the change. It is empty when the
// change stands alone.
func (c *Client) Related(ctx context.Context, ch review.Change) ([]review.Related, error) {
	path, err := c.revisionPath(ch.ID, ch.Current())
	if err != nil {
		return nil, err
	}
	what := "read the chain of " + ch.ID.String()
	var info struct {
		Changes []struct {
			Project string        `json:"project"`
			Commit  shortCommit   `json:"commit"`
			Number  int           `json:"_change_number"`
			Set     int           `json:"_revision_number"`
			Current int           `json:"_current_revision_number"`
			Status  review.Status `json:"status"`
		} `json:"changes"`
	}
	if err := c.get(ctx, "related", what, path+"/related", "", &info); err != nil {
		return nil, err
	}
	if len(info.Changes) == 0 {
		return nil, nil
	}
	var chain []review.Related
	self := -1
	for _, i := range slices.Backward(info.Changes) {
		r := review.Related{Revision: i.Commit.Commit, Subject: firstRunes(i.Commit.Subject, maxSubject)}
		if !isSHA(r.Revision) {
			r.Revision = ""
		}
		if i.Number > 0 && i.Set > 0 && (i.Project == "" || i.Project == ch.ID.Project) {
			r.Number, r.PatchSet, r.Current = i.Number, i.Set, max(i.Current, i.Set)
			if slices.Contains(statuses, i.Status) {
				r.Status = i.Status
			}
		}
		if r.Number == ch.ID.Number {
			r.Self, self = true, len(chain)
		}
		chain = append(chain, r)
	}
	if self < 0 {
		return nil, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer is about another change", c.o.ID, what)}
	}
	from := max(0, min(self-maxRelated/2, len(chain)-maxRelated))
	return chain[from:min(from+maxRelated, len(chain))], nil
}

// Merged returns what a merge commit brings to its first parent, newest
// first, and whether there is more. Other commits bring nothing.
func (c *Client) Merged(ctx context.Context, ch review.Change, ps review.PatchSet) (commits []review.Commit, more bool, err error) {
	path, err := c.revisionPath(ch.ID, ps)
	if err != nil || ps.Parents < 2 {
		return nil, false, err
	}
	what := fmt.Sprintf("read what patch set %d of %s merges", ps.Number, ch.ID)
	a, err := c.send(ctx, call{route: "mergelist", what: what, method: http.MethodGet, path: path + "/mergelist", limit: maxMergeList})
	cut := errors.Is(err, errTooLarge)
	if err != nil && !cut {
		return nil, false, err
	}
	broken := &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer is broken or cut off", c.o.ID, what)}
	body, ok := bytes.CutPrefix(a.body, magic)
	if !ok {
		return nil, false, broken
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, false, broken
	}
	for dec.More() {
		if len(commits) == maxMerged {
			return commits, true, nil
		}
		var i shortCommit
		switch err := dec.Decode(&i); {
		case err != nil && cut:
			return commits, true, nil
		case err != nil || !isSHA(i.Commit):
			return nil, false, broken
		}
		commits = append(commits, review.Commit{Revision: i.Commit, Subject: firstRunes(i.Subject, maxSubject)})
	}
	if _, err := dec.Token(); err != nil && !cut {
		return nil, false, broken
	}
	return commits, cut, nil
}

// ByCommit finds the change and patch set of the project that a commit is. ok
// is false when there is none that the account may see.
func (c *Client) ByCommit(ctx context.Context, project, sha string) (id review.ChangeID, patchSet int, ok bool, err error) {
	// A leading ^ would make an expression of the name, and a quote end it.
	if !isSHA(sha) || !ValidName(project) || strings.HasPrefix(project, "^") || strings.Contains(project, `"`) {
		return review.ChangeID{}, 0, false, nil
	}
	q := url.Values{
		"q": {fmt.Sprintf(`commit:%s project:"%s"`, sha, project)}, "o": {"ALL_REVISIONS", "SKIP_DIFFSTAT"}, "n": {"2"},
	}
	var infos []changeInfo
	if err := c.get(ctx, "query", "find the change of a commit", "changes/", q.Encode(), &infos); err != nil {
		return review.ChangeID{}, 0, false, err
	}
	// One commit may be pushed for two branches; the merged one is meant.
	slices.SortFunc(infos, func(a, b changeInfo) int {
		rank := func(i changeInfo) int {
			if i.Status == review.StatusMerged {
				return 0
			}
			return 1
		}
		return cmp.Or(rank(a)-rank(b), cmp.Compare(a.Number, b.Number))
	})
	for _, i := range infos {
		if r, there := i.Revisions[sha]; there && i.Project == project && i.Number > 0 && r.Number > 0 {
			return review.ChangeID{Host: c.o.ID, Project: project, Number: i.Number}, r.Number, true, nil
		}
	}
	return review.ChangeID{}, 0, false, nil
}
