// SPDX-License-Identifier: Apache-2.0

package reviewers

// Score is what decided about a candidate of the record, load and recent
// suggestions taken off.
func (r Record) Score(c Scored) float64 { return r.final(&c) }
