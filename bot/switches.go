// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"strings"
	"sync"
	"time"

	"review-assistant/review"
)

// Scopes of the kill switch.
const (
	ScopeAll     = "all"
	ScopeModels  = "models"
	ScopePosts   = "posts"
	ScopeProject = "project:" // followed by HOST/NAME
)

// switchAge bounds how long a kill switch takes to reach a replica.
const switchAge = 3 * time.Second

// switches caches the kill switches.
type switches struct {
	settings Settings
	now      func() time.Time

	mu   sync.Mutex
	read time.Time
	list []review.Control
}

// stopped reports whether work of a scope is stopped for a project. When the
// store cannot tell, everything counts as stopped.
func (s *switches) stopped(ctx context.Context, scope, host, project string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); s.read.IsZero() || now.Sub(s.read) > switchAge {
		list, err := s.settings.Controls(ctx)
		if err != nil {
			return true, err
		}
		s.list, s.read = list, now
	}
	for _, c := range s.list {
		if c.Scope == ScopeAll || c.Scope == scope ||
			(strings.HasPrefix(c.Scope, ScopeProject) && c.Scope == ScopeProject+host+"/"+project) {
			return true, nil
		}
	}
	return false, nil
}
