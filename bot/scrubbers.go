// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"

	"review-assistant/scrub"
)

// scrubbers keeps compiled rules by what a project adds to them and by the
// process's secrets. There are as many entries as distinct additions, which
// operators and project owners write.
type scrubbers struct {
	secrets func() []string
	key     []byte // of the hashes of values
	compile func(scrub.Options) (*scrub.Scrubber, error)

	mu    sync.Mutex
	known map[[sha256.Size]byte]*scrub.Scrubber
}

// maxScrubbers bounds the cache; beyond it everything is compiled anew.
const maxScrubbers = 512

// Cleaner returns what removes secrets by a project's rules. host is one of
// those that are configured.
func (b *Bot) Cleaner(ctx context.Context, host, project string) (*scrub.Cleaner, error) {
	p, _, err := b.policyOf(ctx, b.hosts[host], host, project)
	if err != nil {
		return nil, err
	}
	s, err := b.scrubs.of(&p)
	if err != nil {
		return nil, &scrubError{err}
	}
	return s.Begin(), nil
}

// of returns the scrubber of a policy. An error means that the project's
// additions do not compile: nothing may leave.
func (s *scrubbers) of(p *Policy) (*scrub.Scrubber, error) {
	o := scrub.Options{Patterns: p.Patterns, Sensitive: p.Sensitive, PII: p.PII, Key: s.key}
	if len(s.key) > 0 {
		o.Allow = p.Allow // without a key no value fits a hash: all are removed
	}
	if s.secrets != nil {
		o.Values = s.secrets()
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%q", []any{o.Patterns, o.Sensitive, o.PII, o.Values, o.Allow}))
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[key]; ok {
		return known, nil
	}
	made, err := s.compile(o)
	if err != nil {
		return nil, err
	}
	if s.known == nil || len(s.known) >= maxScrubbers {
		s.known = map[[sha256.Size]byte]*scrub.Scrubber{}
	}
	s.known[key] = made
	return made, nil
}
