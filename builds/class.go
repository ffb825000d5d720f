// SPDX-License-Identifier: Apache-2.0

package builds

import "time"

// Class says whose failure it is.
type Class string

// The classes that are computed, with a probability each.
const (
	ClassChange      Class = "change"      // the change that was built causes it
	ClassPreexisting Class = "preexisting" // the branch was broken before
	ClassFlaky       Class = "flaky"       // it passes and fails on the same code
	ClassInfra       Class = "infra"       // the CI or what it needs was broken
)

// The classes that are shown besides: the first two of a failure whose log says
// so and whose cause is none of the above for sure, the last when no class has
// enough for it.
const (
	ClassTimeout       Class = "timeout"
	ClassConfiguration Class = "configuration"
	ClassUnknown       Class = "unknown"
)

// Ruling is what a person said of a kind of failure: in the project's file of
// known failures, or by marking a cluster. It stands above what is computed.
type Ruling struct {
	Class   Class     `json:"class,omitempty"`
	Fixed   time.Time `json:"fixed,omitzero"` // not zero: what was built on a state from before is that failure, later ones are news
	Name    string    `json:"name,omitempty"` // of the signature, "" for a mark
	Message string    `json:"message,omitempty"`
	Link    string    `json:"link,omitempty"` // https, checked
	By      string    `json:"by,omitempty"`   // who marked it
	At      time.Time `json:"at,omitzero"`
}
