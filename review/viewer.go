// SPDX-License-Identifier: Apache-2.0

package review

import (
	"slices"
	"time"
)

// Roles that an operator grants in the configuration. They show figures and
// the log; what a change says only Gerrit shows.
const (
	RoleOperator = "operator" // runs the bot
	RoleAuditor  = "auditor"  // reads what was done and why
)

// Viewer is a person who asks, proven by an identity provider and mapped to
// Gerrit accounts. Issuer and Subject are the identity; all else follows.
type Viewer struct {
	Issuer  string
	Subject string
	// Service is the configured name of the service that asks for the person,
	// "" when the person's own token came.
	Service  string
	Entity   string             // of the catalog, such as "user:default/jane"; "" when there is none
	Accounts map[string]Account // active ones, by the id of their Gerrit
	Roles    []string           // sorted
	// Until is when the proof ends: nothing is answered after it, and a stream
	// ends there.
	Until time.Time
}

// Has reports whether the viewer has a role.
func (v Viewer) Has(role string) bool { return slices.Contains(v.Roles, role) }
