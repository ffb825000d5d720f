// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"review-assistant/review"
)

const (
	// configName is the file on refs/meta/config.
	configName = "review-assistant.config"
	// maxConfig is in bytes.
	maxConfig = 64 << 10
	// maxParents is far above what anybody nests; it ends a loop that Gerrit
	// would not allow.
	maxParents = 32
	// parentAge is how long a project's parent is taken as it was. A move of a
	// project comes with a change of its refs/meta/config and ends it early.
	parentAge = 10 * time.Minute
)

// projectCache keeps what is known of projects. Each entry has a lock of its
// own, so that many jobs of one project ask Gerrit once.
type projectCache struct {
	mu sync.Mutex
	m  map[string]*projectEntry
}

type projectEntry struct {
	mu          sync.Mutex
	file        review.ConfigFile
	until       time.Time
	parent      string
	parentUntil time.Time

	branches branchCache
}

// maxProjects bounds the cache.
const maxProjects = 20_000

func newProjectCache() *projectCache { return &projectCache{m: map[string]*projectEntry{}} }

func (p *projectCache) entry(project string) *projectEntry {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.m[project]
	if e == nil {
		if len(p.m) >= maxProjects {
			clear(p.m)
		}
		e = &projectEntry{}
		p.m[project] = e
	}
	return e
}

// Forget drops what is cached of a project.
func (c *Client) Forget(project string) {
	c.projects.mu.Lock()
	defer c.projects.mu.Unlock()
	delete(c.projects.m, project)
	c.tree.forget(project)
}

// ConfigChain returns the project's configuration file and its parents',
// nearest first. It is gone when the account does not see the project.
func (c *Client) ConfigChain(ctx context.Context, project string) ([]review.ConfigFile, error) {
	var chain []review.ConfigFile
	seen := map[string]bool{}
	for at := project; at != "" && !seen[at]; {
		if len(chain) == maxParents {
			return nil, fmt.Errorf("gerrit %s: project %q has more than %d parents", c.o.ID, project, maxParents)
		}
		seen[at] = true
		file, parent, err := c.config(ctx, at)
		if review.IsGone(err) && len(chain) > 0 {
			// A parent that is hidden from the account: what it forbids is unknown.
			return append(chain, review.ConfigFile{Project: at, State: review.ConfigNoRead}), nil
		}
		if err != nil {
			return nil, err
		}
		chain = append(chain, file)
		at = parent
	}
	return chain, nil
}

// config returns one project's file and parent, from the cache if fresh.
func (c *Client) config(ctx context.Context, project string) (review.ConfigFile, string, error) {
	path, err := c.projectPath(project)
	if err != nil {
		return review.ConfigFile{}, "", err
	}
	e := c.projects.entry(project)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := c.o.Now()
	if !now.Before(e.parentUntil) {
		var parent string
		if err := c.get(ctx, "parent", fmt.Sprintf("read parent of project %q", project), path+"/parent", "", &parent); err != nil {
			return review.ConfigFile{}, "", err
		}
		if parent != "" && !ValidName(parent) {
			return review.ConfigFile{}, "", &review.RetryError{Err: fmt.Errorf("gerrit %s: the parent of %q has no proper name", c.o.ID, project)}
		}
		e.parent, e.parentUntil = parent, now.Add(parentAge)
	}
	if !now.Before(e.until) {
		file, err := c.readConfig(ctx, project, path, e.file)
		if err != nil {
			return review.ConfigFile{}, "", err
		}
		e.file, e.until = file, now.Add(c.o.ConfigAge)
	}
	return e.file, e.parent, nil
}

// readConfig asks for the revision first: it tells a ref that may not be read
// from a file that is not there, and most often that nothing moved.
func (c *Client) readConfig(ctx context.Context, project, path string, old review.ConfigFile) (review.ConfigFile, error) {
	branch := path + "/branches/" + escape(review.ConfigRef)
	what := fmt.Sprintf("read %s of project %q", review.ConfigRef, project)
	file := review.ConfigFile{Project: project, State: review.ConfigNoRead}
	var head struct {
		Revision string `json:"revision"`
	}
	err := c.get(ctx, "config-ref", what, branch, "", &head)
	switch status := statusOf(err); {
	case status == http.StatusNotFound, status == http.StatusForbidden:
		return file, nil
	case err != nil:
		return file, err
	case !isSHA(head.Revision):
		return file, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer names no commit", c.o.ID, what)}
	case head.Revision == old.Revision && old.State != review.ConfigNoRead:
		return old, nil
	}
	file.Revision = head.Revision
	// The commit, not the branch: body and revision belong together.
	return c.content(ctx, path+"/commits/"+head.Revision+"/files/", configName, file)
}

// content reads a configuration file of which all but state and body are known.
func (c *Client) content(ctx context.Context, files, name string, file review.ConfigFile) (review.ConfigFile, error) {
	body, err := c.small(ctx, "config", fmt.Sprintf("read %s of project %q", name, file.Project), files+escape(name)+"/content", maxConfig)
	switch {
	case errors.Is(err, errTooLarge):
		file.State = review.ConfigTooLong
	case review.IsGone(err):
		file.State = review.ConfigAbsent
	case err != nil:
		return file, err
	default:
		file.State, file.Body = review.ConfigFound, body
	}
	return file, nil
}

// small reads the content of a file of at most limit bytes; a longer one is
// errTooLarge.
func (c *Client) small(ctx context.Context, route, what, path string, limit int) ([]byte, error) {
	a, err := c.send(ctx, call{
		route: route, what: what, method: http.MethodGet, path: path, plain: true,
		limit: int64(base64.StdEncoding.EncodedLen(limit)) + 4,
	})
	if err != nil {
		return nil, err
	}
	body := make([]byte, base64.StdEncoding.DecodedLen(len(a.body)))
	n, err := base64.StdEncoding.Decode(body, bytes.TrimSpace(a.body))
	switch {
	case err != nil:
		return nil, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer is no base64; is there a login page or proxy in between?", c.o.ID, what)}
	case n > limit:
		return nil, errTooLarge
	}
	return body[:n], nil
}

// ConfigAt returns a file as a patch set on refs/meta/config has it.
func (c *Client) ConfigAt(ctx context.Context, id review.ChangeID, revision, name string) (review.ConfigFile, error) {
	path, err := c.revisionPath(id, review.PatchSet{Revision: revision})
	if err != nil {
		return review.ConfigFile{}, err
	}
	return c.content(ctx, path+"/files/", name, review.ConfigFile{Project: id.Project, Revision: revision})
}

// CommitTime returns when a commit was made, by its committer's clock.
func (c *Client) CommitTime(ctx context.Context, project, revision string) (time.Time, error) {
	path, err := c.projectPath(project)
	if err != nil {
		return time.Time{}, err
	}
	if !isSHA(revision) {
		return time.Time{}, fmt.Errorf("gerrit %s: project %q: not a commit", c.o.ID, project)
	}
	var commit commitInfo
	if err := c.get(ctx, "commit", fmt.Sprintf("read a commit of project %q", project), path+"/commits/"+revision, "", &commit); err != nil {
		return time.Time{}, err
	}
	return commit.Committer.Date.Time, nil
}
