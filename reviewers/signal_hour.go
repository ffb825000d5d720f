// SPDX-License-Identifier: Apache-2.0

package reviewers

import "math"

// hourPrior is the activity that everybody is taken to have in every hour.
const hourPrior = .5

// hourOfDay is a person's share of activity around this hour, UTC. It is
// measured by the evaluation and left out of suggestions.
func hourOfDay(q *query, out []float64) {
	h := q.t / 3600 % 24
	var never [24]float32
	for u := range out {
		p := q.at(uid(u))
		hours, sum := p.hours, p.acts+24*hourPrior
		if hours == nil {
			hours = &never
		}
		near := 4*hourPrior + 2*float64(hours[h]) + float64(hours[(h+23)%24]) + float64(hours[(h+1)%24])
		out[u] = math.Log(near / sum)
	}
}
