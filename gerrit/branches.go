// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"review-assistant/review"
)

// branchCache keeps what is known of a project's branches. Like projects, each
// has a lock of its own.
type branchCache struct {
	mu sync.Mutex
	m  map[string]*branchEntry
}

type branchEntry struct {
	reachMu    sync.Mutex
	reach      review.Reach
	why        string
	reachUntil time.Time

	attributesMu    sync.Mutex
	attributes      []byte
	attributesUntil time.Time
}

// maxBranches bounds the cache of one project.
const maxBranches = 1_000

// branch returns the entry of a full ref name.
func (b *branchCache) branch(ref string) *branchEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.m[ref]
	if e == nil {
		if b.m == nil || len(b.m) >= maxBranches {
			b.m = map[string]*branchEntry{}
		}
		e = &branchEntry{}
		b.m[ref] = e
	}
	return e
}

// branchPath returns the path of a branch and its full name. Git allows names
// that we do not take into URLs; ref is empty then.
func (c *Client) branchPath(project, branch string) (path, ref string, err error) {
	if path, err = c.projectPath(project); err != nil {
		return "", "", err
	}
	if ref = review.FullRef(branch); !validName(ref) {
		return "", "", nil
	}
	return path + "/branches/" + escape(ref), ref, nil
}

// attributesName is the file that says which files are generated.
const attributesName = ".gitattributes"

// maxAttributes is in bytes; review.ParseAttributes takes no more.
const maxAttributes = 64 << 10

// Attributes returns the .gitattributes at the root of a branch as it stands
// there, never as a patch set would have it. It is nil when there is none, when
// it is too long, and when the branch may not be read.
func (c *Client) Attributes(ctx context.Context, project, branch string) ([]byte, error) {
	path, ref, err := c.branchPath(project, branch)
	if err != nil || ref == "" {
		return nil, err
	}
	e := c.projects.entry(project).branches.branch(ref)
	e.attributesMu.Lock()
	defer e.attributesMu.Unlock()
	now := c.o.Now()
	if now.Before(e.attributesUntil) {
		return e.attributes, nil
	}
	what := fmt.Sprintf("read %s of project %q", attributesName, project)
	body, err := c.small(ctx, "attributes", what, path+"/files/"+attributesName+"/content", maxAttributes)
	// Of a folder with that name Gerrit says that the request is bad.
	folder := statusOf(err) == http.StatusBadRequest
	if err != nil && !folder && !errors.Is(err, errTooLarge) && !review.IsGone(err) && !review.IsDenied(err) {
		return nil, err
	}
	e.attributes, e.attributesUntil = body, now.Add(c.o.ConfigAge)
	return body, nil
}
