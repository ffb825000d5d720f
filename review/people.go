// SPDX-License-Identifier: Apache-2.0

package review

import "strings"

// Owner is somebody who owns a path according to the catalog. Distance says
// how far the claim is from the path: 0 for the component that holds it, one
// more for each step up (system, domain).
type Owner struct {
	Person   Person
	Entity   string // the entity that is owned, e.g. "component:default/payments-api"
	Title    string // what to call the entity in a sentence
	Group    string // the group through which the person owns it, "" for direct ownership
	Path     string // the path prefix that the entity covers, "" for the whole project
	Distance int
}

// Person is a person of the catalog. Account is the Gerrit account that it
// maps to, zero until resolved.
type Person struct {
	Entity   string // e.g. "user:default/jane"
	Name     string
	Email    string
	Username string // Gerrit user name from the entity's annotation, if any
	Account  Account
	Gone     int64 // an account of theirs that is switched off, 0 for none
	// Doubt says why nobody was taken although accounts were found, naming
	// them by number only.
	Doubt string
}

// Pick is one suggested reviewer with the reasons, best reason first.
type Pick struct {
	Account Account  `json:"account"`
	Entity  string   `json:"entity,omitempty"`
	Reasons []string `json:"reasons"`
	Score   float64  `json:"score"`
	// Rest is set for a further pick who knows parts of the change that those
	// before do not.
	Rest bool `json:"rest,omitempty"`
}

// Source is where the code of a catalog entity is.
type Source struct {
	Host    string // "" for any
	Project string
	Dir     string // "" for the whole project
	Branch  string // that it is on alone, without refs/heads/; "" for any
}

// Covers reports whether a file of the project belongs to the source.
func (s Source) Covers(path string) bool {
	return s.Dir == "" || path == s.Dir || strings.HasPrefix(path, s.Dir+"/")
}

// On reports whether what is on a branch belongs to the source.
func (s Source) On(branch string) bool {
	return s.Branch == "" || FullRef(s.Branch) == FullRef(branch)
}
