// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
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
	if ref = review.FullRef(branch); !ValidName(ref) {
		return "", "", nil
	}
	return path + "/branches/" + escape(ref), ref, nil
}
