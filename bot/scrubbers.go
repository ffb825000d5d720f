// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"strings"
	"sync"

	"review-assistant/scrub"
)

// scrubbers keeps compiled rules by what a project adds to them. There are as
// many entries as distinct additions, which operators and project owners write.
type scrubbers struct {
	secrets []string

	mu    sync.Mutex
	known map[string]*scrub.Scrubber
}

// maxScrubbers bounds the cache; beyond it everything is compiled anew.
const maxScrubbers = 512

// of returns the scrubber of a policy. An error means that the project's
// additions do not compile: nothing may leave.
func (s *scrubbers) of(p *Policy) (*scrub.Scrubber, error) {
	key := strings.Join(p.Patterns, "\x00") + "\x01" + strings.Join(p.Sensitive, "\x00") + "\x01" + strings.Join(p.PII, "\x00")
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[key]; ok {
		return known, nil
	}
	made, err := scrub.New(scrub.Options{Patterns: p.Patterns, Values: s.secrets, Sensitive: p.Sensitive, PII: p.PII})
	if err != nil {
		return nil, err
	}
	if s.known == nil || len(s.known) >= maxScrubbers {
		s.known = map[string]*scrub.Scrubber{}
	}
	s.known[key] = made
	return made, nil
}
