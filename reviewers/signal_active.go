// SPDX-License-Identifier: Apache-2.0

package reviewers

import "math"

// How long ago a person was active at all, so that people who left are not
// named. These signals are never put into words.

func idleWeeks(q *query, out []float64) { q.idle(out, 7*day) }
func idleHours(q *query, out []float64) { q.idle(out, 3600) }

// neverSeen is for how long, in seconds, somebody who did nothing yet is taken
// to have been idle: an owner who has just come is no worse than one who left.
const neverSeen = 180 * day

func (q *query) idle(out []float64, unit float64) {
	for u := range out {
		idle := neverSeen
		if active := q.at(uid(u)).active; active != 0 {
			idle = float64(max(0, q.t-active))
		}
		out[u] = math.Log(1 + idle/unit) // faster than Log1p, whose precision is for less than minutes
	}
}

// missed looks at silence beside a person's own pace: ln(1 + the reviews that
// the person would usually have done by now, since the last activity of any
// kind). Two days are nothing for who reviews once a month and a holiday for
// who reviews every hour.
func missed(q *query, out []float64) {
	for _, s := range q.l.reviewed.list {
		aDay := s.n[h90] * q.now[h90] * math.Ln2 / halfLives[h90]
		idle := float64(max(0, q.t-q.at(s.who).active)) / day
		out[s.who] = math.Log1p(aDay * idle)
	}
}
