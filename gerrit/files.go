// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"review-assistant/review"
)

type fileInfo struct {
	Status   string `json:"status"`
	OldPath  string `json:"old_path"`
	OldMode  int    `json:"old_mode"`
	NewMode  int    `json:"new_mode"`
	Binary   bool   `json:"binary"`
	Inserted int    `json:"lines_inserted"`
	Deleted  int    `json:"lines_deleted"`
	Size     int64  `json:"size"`
}

// maxFiles is far above what a person reviews; beyond it a change is a bulk
// import, of which further files are named and not read.
const maxFiles = 20_000

// madeUp reports whether Gerrit made a file up, such as /COMMIT_MSG: it is listed
// beside those of a patch set, whose paths begin without a slash.
func madeUp(file string) bool { return strings.HasPrefix(file, "/") }

// against says what a patch set is compared with. Gerrit compares a merge with
// what it would have merged by itself, unless told to take the first parent.
func against(ps review.PatchSet) string {
	if ps.Parents > 1 {
		return "parent=1"
	}
	return ""
}

// files lists what a patch set changes, by path. Nothing of their content is
// fetched for it.
func (c *Client) files(ctx context.Context, id review.ChangeID, ps review.PatchSet) ([]review.File, error) {
	path, err := c.revisionPath(id, ps)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("list files of %s patch set %d", id, ps.Number)
	var infos map[string]fileInfo
	if err := c.get(ctx, "files", what, path+"/files", against(ps), &infos); err != nil {
		return nil, err
	}
	files := make([]review.File, 0, len(infos))
	for path, i := range infos {
		if madeUp(path) {
			continue
		}
		files = append(files, review.File{
			Path: path, OldPath: i.OldPath, Status: statusOfFile(i.Status), Mode: cmp.Or(i.NewMode, i.OldMode),
			Binary: i.Binary, Added: max(i.Inserted, 0), Removed: max(i.Deleted, 0),
		})
	}
	slices.SortFunc(files, func(a, b review.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

func statusOfFile(s string) review.FileStatus {
	switch s {
	case "A":
		return review.FileAdded
	case "D":
		return review.FileDeleted
	case "R":
		return review.FileRenamed
	case "C":
		return review.FileCopied
	}
	return review.FileModified
}

func (c *Client) revisionPath(id review.ChangeID, ps review.PatchSet) (string, error) {
	path, err := c.changePath(id)
	if err != nil {
		return "", err
	}
	if !isSHA(ps.Revision) {
		return "", fmt.Errorf("gerrit %s: patch set %d of %s has no proper revision", c.o.ID, ps.Number, id)
	}
	return path + "/revisions/" + ps.Revision, nil
}
