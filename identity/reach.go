// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"fmt"
)

// Reach reads a provider's keys now, and returns how many can be used. It
// changes nothing of what the verifier knows.
func (v *Verifier) Reach(ctx context.Context, provider string) (keys int, err error) {
	for _, s := range v.sources {
		if s.Name == provider {
			found, err := s.keys.fetch(ctx)
			return len(found), err
		}
	}
	return 0, fmt.Errorf("no provider %q is configured", provider)
}
