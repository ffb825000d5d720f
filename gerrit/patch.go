// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"review-assistant/review"
)

const (
	// maxDiffs is how many files are read one by one; the rest is left out.
	maxDiffs = 60
	// parallelDiffs keeps one change from taking a Gerrit for itself.
	parallelDiffs = 4
	// lineGuess is in bytes: what one changed line with its share of context takes.
	lineGuess = 160
)

// Patch reads what a patch set changes against its first parent: the list of
// files first, then one patch for all of them, or, where that is too large or
// cannot be trusted, one diff per file. Order and names are those of Gerrit's
// list, whatever the text of the patch says.
func (c *Client) Patch(ctx context.Context, ch review.Change, ps review.PatchSet, skip func(review.File) review.Skip) (review.Patch, error) {
	files, err := c.files(ctx, ch.ID, ps)
	if err != nil {
		return review.Patch{}, err
	}
	var wanted []*review.File
	guess := int64(0)
	for i := range files {
		f := &files[i]
		f.Skip = skipOf(*f, skip)
		if f.Skip == "" && i >= maxFiles {
			f.Skip = review.SkipTooLarge
		}
		guess += int64(f.Added+f.Removed) * lineGuess
		if f.Skip == "" && f.Added+f.Removed > 0 {
			wanted = append(wanted, f)
		}
	}
	p := review.Patch{Files: files, Merge: ps.Parents > 1}
	// The message of an older patch set is not at hand: checks on the parsed
	// patch have to do.
	// A server that cannot send plain patches cannot send one of a merge either.
	merge := ps.Parents > 1 && c.noRaw.Load()
	forged := ps.Revision == ch.Current().Revision && looksLikeDiff(ch.Message)
	if len(wanted) > 0 && !forged && !merge && guess <= c.o.MaxPatch {
		if wanted, err = c.whole(ctx, ch.ID, ps, files, wanted); err != nil {
			return review.Patch{}, err
		}
	}
	if err := c.each(ctx, ch.ID, ps, wanted); err != nil {
		return review.Patch{}, err
	}
	for i := range files {
		clean(&files[i])
	}
	return p, nil
}

// skipOf returns why the body of a file is not wanted.
func skipOf(f review.File, skip func(review.File) review.Skip) review.Skip {
	var s review.Skip
	if skip != nil {
		s = skip(f)
	}
	switch {
	case s != "":
		return s
	case f.Binary:
		return review.SkipBinary
	}
	return ""
}

// looksLikeDiff reports whether a commit message has a line that a parser of
// the patch could take for the start of a file.
func looksLikeDiff(message string) bool {
	for line := range strings.Lines(message) {
		for _, prefix := range []string{"diff --", "--- ", "+++ ", "@@ ", "Index:", "GIT binary patch"} {
			if strings.HasPrefix(line, prefix) {
				return true
			}
		}
	}
	return false
}

// whole reads one patch for all files and returns those of the wanted ones
// that it does not settle: all of them if the patch is not to be trusted.
func (c *Client) whole(ctx context.Context, id review.ChangeID, ps review.PatchSet, files []review.File, wanted []*review.File) ([]*review.File, error) {
	raw, err := c.patchText(ctx, id, ps)
	// Before 3.12 Gerrit cannot send a merge against one of its parents.
	if errors.Is(err, errTooLarge) || ps.Parents > 1 && statusOf(err) == http.StatusBadRequest {
		return wanted, nil
	}
	if err != nil {
		return nil, err
	}
	parsed, err := review.ParsePatch(raw)
	if err != nil {
		return wanted, nil
	}
	byPath, ok := fits(parsed, files)
	if !ok {
		return wanted, nil
	}
	var left []*review.File
	for _, f := range wanted {
		got, ok := byPath[f.Path]
		switch {
		case !ok, f.OldPath != "":
			// Gerrit's patch shows a rename as a deleted and an added file.
			left = append(left, f)
		case got.Binary:
			f.Binary, f.Skip = true, review.SkipBinary
		case size(got.Hunks) > c.o.MaxFile:
			f.Skip = review.SkipTooLarge
		default:
			f.Hunks = got.Hunks
		}
	}
	return left, nil
}

// fits reports whether a parsed patch has only files of Gerrit's list, none
// of them twice. A commit message that forges a file fails this.
func fits(parsed review.Patch, files []review.File) (map[string]review.File, bool) {
	known := make(map[string]bool, len(files))
	for _, f := range files {
		known[f.Path] = true
		if f.OldPath != "" {
			known[f.OldPath] = true
		}
	}
	byPath := make(map[string]review.File, len(parsed.Files))
	for _, f := range parsed.Files {
		if _, twice := byPath[f.Path]; twice || !known[f.Path] {
			return nil, false
		}
		byPath[f.Path] = f
	}
	return byPath, true
}

// patchText returns the patch set as a mail, as Gerrit 3.12 and later send it
// plainly and all send it in base64.
func (c *Client) patchText(ctx context.Context, id review.ChangeID, ps review.PatchSet) ([]byte, error) {
	path, err := c.revisionPath(id, ps)
	if err != nil {
		return nil, err
	}
	k := call{
		route: "patch", what: fmt.Sprintf("read patch of %s patch set %d", id, ps.Number),
		method: http.MethodGet, path: path + "/patch", plain: true,
	}
	raw := !c.noRaw.Load()
	k.query, k.limit = against(ps), c.o.MaxPatch*4/3+4
	if raw {
		k.query, k.limit = join(k.query, "raw"), c.o.MaxPatch
	}
	a, err := c.send(ctx, k)
	if raw && statusOf(err) == http.StatusBadRequest {
		c.noRaw.Store(true)
		return c.patchText(ctx, id, ps)
	}
	if err != nil {
		return nil, err
	}
	body := a.body
	if a.header.Get("X-FYI-Content-Encoding") == "base64" {
		body = make([]byte, base64.StdEncoding.DecodedLen(len(a.body)))
		n, err := base64.StdEncoding.Decode(body, bytes.TrimSpace(a.body))
		if err != nil {
			return nil, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer is broken or cut off", c.o.ID, k.what)}
		}
		body = body[:n]
	}
	if !bytes.HasPrefix(body, []byte("From "+ps.Revision+" ")) {
		return nil, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer is not the patch of this commit; is there a login page or proxy in between?", c.o.ID, k.what)}
	}
	return body, nil
}

func join(query, more string) string {
	if query == "" {
		return more
	}
	return query + "&" + more
}

// each reads the files one by one, in their order, as far as the limits allow.
func (c *Client) each(ctx context.Context, id review.ChangeID, ps review.PatchSet, wanted []*review.File) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelDiffs)
	guess, read := int64(0), 0
	for _, f := range wanted {
		cost := int64(f.Added+f.Removed) * lineGuess
		switch {
		case cost > c.o.MaxFile*2:
			f.Skip = review.SkipTooLarge
			continue
		case read == maxDiffs || guess+cost > c.o.MaxPatch:
			f.Skip = review.SkipBudget
			continue
		}
		guess += cost
		read++
		g.Go(func() error { return c.diff(gctx, id, ps, f) })
	}
	return g.Wait()
}

func size(hunks []review.Hunk) int64 {
	n := int64(0)
	for _, h := range hunks {
		for _, l := range h.Lines {
			n += int64(len(l.Text)) + 1
		}
	}
	return n
}
