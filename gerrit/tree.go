// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"review-assistant/review"
)

const (
	// maxTreeFile is in bytes and bounds one file of a branch that is read for
	// what it says of reviews.
	maxTreeFile = 256 << 10
	// fileAge is how long such a file, or that it is not there, is taken as it was.
	fileAge = 10 * time.Minute
	// The cache of files ends at so many of them, and at so many bytes.
	maxCachedFiles = 20_000
	maxCachedBytes = 16 << 20

	// attributesName is the file that says which files are generated;
	// review.ParseAttributes takes no more of it than maxAttributes bytes.
	attributesName = ".gitattributes"
	maxAttributes  = 64 << 10
)

// treeFile names a file of a branch.
type treeFile struct{ project, ref, name string }

// fileCache keeps files of branches. Each has a lock of its own, so that many
// jobs of one project ask Gerrit once.
type fileCache struct {
	mu    sync.Mutex
	m     map[treeFile]*fileEntry
	bytes int
}

type fileEntry struct {
	mu    sync.Mutex
	body  []byte
	found bool
	until time.Time
}

func (f *fileCache) entry(k treeFile) *fileEntry {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.m[k]
	if e == nil {
		if len(f.m) >= maxCachedFiles || f.bytes > maxCachedBytes || f.m == nil {
			f.m, f.bytes = map[treeFile]*fileEntry{}, 0
		}
		e = &fileEntry{}
		f.m[k] = e
	}
	return e
}

// grow counts what an entry holds now. Entries that were dropped meanwhile
// count too, which only empties the cache earlier.
func (f *fileCache) grow(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes += n
}

func (f *fileCache) forget(project string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.m, func(k treeFile, _ *fileEntry) bool { return k.project == project })
}

// File returns a file of a branch as it stands there, never as a patch set
// would have it. It is not found when there is none, when it is a folder or
// longer than 256 KiB, and when the branch may not be read. Either answer is
// kept for ten minutes.
func (c *Client) File(ctx context.Context, project, branch, name string) (body []byte, found bool, err error) {
	return c.treeFile(ctx, project, branch, name, maxTreeFile, fileAge)
}

// Attributes returns the .gitattributes at the root of a branch as it stands
// there, never as a patch set would have it. It is nil when there is none, when
// it is too long, and when the branch may not be read.
func (c *Client) Attributes(ctx context.Context, project, branch string) ([]byte, error) {
	body, _, err := c.treeFile(ctx, project, branch, attributesName, maxAttributes, c.o.ConfigAge)
	return body, err
}

func (c *Client) treeFile(ctx context.Context, project, branch, name string, limit int, age time.Duration) (body []byte, found bool, err error) {
	path, ref, err := c.branchPath(project, branch)
	if err != nil || ref == "" || !ValidName(name) {
		return nil, false, err
	}
	e := c.tree.entry(treeFile{project, ref, name})
	e.mu.Lock()
	defer e.mu.Unlock()
	now := c.o.Now()
	if now.Before(e.until) {
		return e.body, e.found, nil
	}
	what := fmt.Sprintf("read %s of project %q", firstRunes(name, maxWord), project)
	body, err = c.small(ctx, "file", what, path+"/files/"+escape(name)+"/content", limit)
	// Of a folder with that name Gerrit says that the request is bad.
	folder := statusOf(err) == http.StatusBadRequest
	if err != nil && !folder && !errors.Is(err, errTooLarge) && !review.IsGone(err) && !review.IsDenied(err) {
		return nil, false, err
	}
	c.tree.grow(len(body) - len(e.body))
	e.body, e.found, e.until = body, err == nil, now.Add(age)
	return e.body, e.found, nil
}
