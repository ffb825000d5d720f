// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"

	"review-assistant/gerrit"
	"review-assistant/review"
)

// advise adds to an error of a Gerrit what to do next. Name is the project or
// change that a command was for.
func (p *program) advise(name string, err error) error {
	_, silent := errors.AsType[*gerrit.SilentError](err)
	switch {
	case err == nil, p.ctx.Err() != nil:
		return err
	case review.IsDenied(err):
		return fmt.Errorf("%w; check username, password_file and the account's rights: review-assistant doctor -c %s tries them", err, p.config)
	case silent:
		return fmt.Errorf("%w; is gerrit.url right, and Gerrit up? review-assistant doctor -c %s tries it", err, p.config)
	case review.IsGone(err):
		return &usageError{fmt.Errorf("%w; Gerrit has no %s, or does not show it to the service account", err, name)}
	}
	return err
}
