// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"review-assistant/builds"
)

// On a terminal classes have colours, and nothing that a log says is one.
func TestClustersOnTerminal(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	list := []builds.Cluster{
		{
			Fingerprint: "00000000000000a1", Test: "pay.TestRetry", Title: "got 3 tries, want 2 " + strings.Repeat("and more ", 20), Jobs: []string{"unit", "race", "arm", "windows"},
			Shown: builds.ClassPreexisting, Runs: 30, Last: now.Add(-3 * time.Minute), Blocked: []int{1, 2, 3, 4, 5, 6, 7, 8}, Hours: 12.34,
			Evidence: []string{"the branch fails, too"}, Also: []string{"00000000000000a2"}, URL: "https://ci.example.com/1",
		},
		{
			Fingerprint: "00000000000000b1", Title: "\x1b[2J\u202eevil\r\n[y] Erase", Jobs: []string{"lint"}, Shown: builds.ClassUnknown, Runs: 1, Last: now.Add(-30 * time.Hour),
			Ruling: &builds.Ruling{Name: "a\x1b[31mb", Message: "slow\nbank", Link: "https://t.example/1"},
		},
		{
			Fingerprint: "00000000000000c1", Title: "no space left", Jobs: []string{"unit"}, Shown: builds.ClassInfra, Runs: 2, Last: now.Add(-80 * time.Hour),
			Ruling: &builds.Ruling{Fixed: now.Add(-time.Hour), By: "ann", At: now.Add(-time.Hour)},
		},
	}
	var out bytes.Buffer
	p := &program{ui: newUI(&out, io.Discard)}
	p.ui.color, p.ui.width = true, 80
	p.clusters("main/pay", list, now)
	// Escapes are written out, so that the file shows them.
	golden(t, "builds-list-terminal.txt", strings.ReplaceAll(out.String(), "\x1b", "ESC"))
	out.Reset()
	p.clusters("main/pay", nil, now)
	if got, want := out.String(), "main/pay: no failures in the last seven days\n"; got != want {
		t.Errorf("of nothing it prints %q, want %q", got, want)
	}
}
