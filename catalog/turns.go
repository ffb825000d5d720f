// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"log/slog"
	"regexp"
)

// turns logs once when something turns bad and once when it is well again:
// whoever looks every few seconds would fill the log. The caller holds a lock.
type turns struct {
	log       *slog.Logger // nil for none
	bad, well string       // messages
	isBad     bool
}

// addressForm finds e-mail addresses, which a log must not hold.
var addressForm = regexp.MustCompile(`[^\s"'<>(),:]+@[^\s"'<>(),:]+`)

// tell takes what is wrong now, nil when nothing is.
func (t *turns) tell(err error, attrs ...any) {
	was := t.isBad
	t.isBad = err != nil
	switch {
	case t.log == nil || was == t.isBad:
	case t.isBad:
		text := addressForm.ReplaceAllString(err.Error(), "ADDRESS")
		t.log.Warn(t.bad, append([]any{"error", text}, attrs...)...)
	default:
		t.log.Info(t.well, attrs...)
	}
}
