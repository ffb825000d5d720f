// SPDX-License-Identifier: Apache-2.0

package main

import "review-assistant/builds"

type evalBuildsCmd struct{}

// Help is the long help.
func (evalBuildsCmd) Help() string {
	return `Lines are events in the order of time, such as {"type":"build","t":1700000600,"build":"b7","job":"unit","change":1001,"patchset":1,"branch":"main","base_time":1700000000,"result":"FAILURE","tests_ran":true} and after it {"type":"failure","build":"b7","id":"f12","stage":"test","test":"pay.TestRefund","message":"got 3, want 4","fingerprint":"5e1f0c9a7b3d"}. {"type":"query","q":"q4","change":1001,"patchset":1} is answered with {"q":"q4","failures":[{"id":"f12","class":"change","p_change":0.91,"p_flaky":0.03}]} and {"type":"dashboard","q":"d2","t":1700003600,"window_s":21600} with {"q":"d2","clusters":[{"fingerprint":"5e1f0c9a7b3d"}]}, best first, by what was known until then. Times are seconds. More in docs/builds.md.`
}

// Run implements the command.
func (evalBuildsCmd) Run(p *program) error { return builds.Eval(p.ctx, p.in, p.ui.out) }
