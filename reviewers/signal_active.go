// SPDX-License-Identifier: Apache-2.0

package reviewers

import "math"

// How long ago a person was active at all, so that people who left are not
// named. These signals are never put into words.

func idleWeeks(q *query, out []float64) { q.idle(out, 7*day) }
func idleHours(q *query, out []float64) { q.idle(out, 3600) }

func (q *query) idle(out []float64, unit float64) {
	for u := range out {
		out[u] = math.Log1p(float64(max(0, q.t-q.at(uid(u)).active)) / unit)
	}
}
