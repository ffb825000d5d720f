// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
)

// refusing is a stream that takes nothing.
type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }

// What could not be written was not done; a reader that left is no failure.
func TestWriteFails(t *testing.T) {
	w := newTold(t)
	for _, tt := range []struct {
		args []string
		code int // where the reader left; the process itself is ended by a signal
	}{
		{[]string{"--help"}, exitUsage},
		{[]string{"version"}, exitDone},
		{[]string{"doctor"}, exitFindings},
		{[]string{"reviewers", "report"}, exitDone},
		{[]string{"reviewers", "replay", w.id}, exitDone},
		{[]string{"history", "status"}, exitDone},
		{[]string{"audit", "query"}, exitDone},
	} {
		t.Run(strings.Join(tt.args[:min(2, len(tt.args))], " "), func(t *testing.T) {
			for _, failure := range []syscall.Errno{syscall.ENOSPC, syscall.EPIPE} {
				var said bytes.Buffer
				code := run(t.Context(), append([]string{"--config", w.dir + "/config.yaml"}, tt.args...), strings.NewReader(""), refusing{failure}, &said)
				switch {
				case failure == syscall.EPIPE && code != tt.code:
					t.Errorf("%v: exit %d, want %d: %s", failure, code, tt.code, &said)
				case failure == syscall.ENOSPC && (code != exitFailed || !strings.Contains(said.String(), "no space left")):
					t.Errorf("%v: exit %d: %s", failure, code, &said)
				}
			}
		})
	}
}
