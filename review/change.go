// SPDX-License-Identifier: Apache-2.0

package review

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ChangeID names one change on one configured Gerrit. Host is the id from the
// server configuration, not a DNS name: two Gerrits may both hold demo~1.
type ChangeID struct {
	Host    string
	Project string
	Number  int
}

// String returns HOST/PROJECT~NUMBER, the form used in logs, audit and CLI.
func (id ChangeID) String() string {
	return id.Host + "/" + id.Project + "~" + strconv.Itoa(id.Number)
}

// ParseChangeID reads the form that [ChangeID.String] writes.
func ParseChangeID(s string) (ChangeID, error) {
	host, rest, ok := strings.Cut(s, "/")
	cut := strings.LastIndexByte(rest, '~')
	if !ok || cut <= 0 || host == "" {
		return ChangeID{}, fmt.Errorf("change %q: want HOST/PROJECT~NUMBER", s)
	}
	n, err := strconv.Atoi(rest[cut+1:])
	if err != nil || n <= 0 {
		return ChangeID{}, fmt.Errorf("change %q: %q is not a change number", s, rest[cut+1:])
	}
	return ChangeID{Host: host, Project: rest[:cut], Number: n}, nil
}

// Status is a change's state in Gerrit.
type Status string

// The states that Gerrit knows.
const (
	StatusNew       Status = "NEW"
	StatusMerged    Status = "MERGED"
	StatusAbandoned Status = "ABANDONED"
)

// Account is a Gerrit account as REST shows it. ID is 0 when unknown (events
// carry no account id).
type Account struct {
	ID       int64
	Name     string
	Email    string
	Username string
	// Service is set for members of Gerrit's "Service Users" group.
	Service  bool
	Inactive bool
	// Status is what the person says of themselves, such as "away until Monday".
	Status string `json:",omitempty"`
}

// Display returns the name to print for a, never its e-mail address.
func (a Account) Display() string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Username != "":
		return a.Username
	}
	return "account " + strconv.FormatInt(a.ID, 10)
}

// Reach is who may read a change, by what Gerrit itself shows.
type Reach string

// The reaches. Unknown counts as restricted.
const (
	ReachAnonymous  Reach = "anonymous"  // whoever can open a connection
	ReachRegistered Reach = "registered" // every account
	ReachRestricted Reach = "restricted" // fewer than every account
	ReachUnknown    Reach = "unknown"
)

// Restricted reports whether the code may be for some eyes only. The zero
// value is restricted too.
func (r Reach) Restricted() bool { return r != ReachAnonymous && r != ReachRegistered }

// Kind is how a patch set differs from the one before it.
type Kind string

// The kinds that Gerrit computes.
const (
	KindRework           Kind = "REWORK"
	KindTrivialRebase    Kind = "TRIVIAL_REBASE"
	KindRebaseNewMessage Kind = "TRIVIAL_REBASE_WITH_MESSAGE_UPDATE"
	KindMergeFirstParent Kind = "MERGE_FIRST_PARENT_UPDATE"
	KindNoCodeChange     Kind = "NO_CODE_CHANGE"
	KindNoChange         Kind = "NO_CHANGE"
)

// SameCode reports whether a patch set of this kind has the code of the one before it.
func (k Kind) SameCode() bool {
	switch k {
	case KindTrivialRebase, KindRebaseNewMessage, KindNoCodeChange, KindNoChange:
		return true
	}
	return false
}

// PatchSet is one revision of a change.
type PatchSet struct {
	Number   int
	Revision string // 40 hex digits
	Kind     Kind
	Created  time.Time
	Uploader Account
	Parents  int // 2 or more for a merge commit
	// Parent is the commit of the first parent, "" when unknown.
	Parent string
}

// Message is a change message. PatchSet is 0 when Gerrit does not say.
type Message struct {
	ID       string
	Author   Account
	Date     time.Time
	Tag      string
	Text     string
	PatchSet int
}

// Vote is a standing vote other than 0.
type Vote struct {
	Label   string
	Value   int
	Account Account
	Date    time.Time
}

// Change is one change as the service account sees it now.
type Change struct {
	ID       ChangeID
	Branch   string
	Topic    string
	Subject  string
	Message  string // the commit message of the current patch set
	Author   Account
	Status   Status
	Private  bool
	WIP      bool
	Owner    Account
	Hashtags []string
	URL      string
	Created  time.Time
	Updated  time.Time

	// PatchSets is ascending by number and ends with the current one.
	PatchSets []PatchSet
	Messages  []Message
	Reviewers []Account
	CCs       []Account
	Votes     []Vote

	// RevertOf and PickOf are the numbers of the changes that Gerrit made this
	// one from, 0 when it did not; the other change may be hidden from us.
	RevertOf       int
	PickOf         int
	PickOfPatchSet int

	// Reach is who may read the code and ReachWhy how that is known, in one
	// sentence. Restricted is set when not every registered user may read it,
	// and when that is unknown.
	Reach      Reach
	ReachWhy   string
	Restricted bool

	// MayVote lists the labels on which the service account could vote, and
	// Actions what else it could do to the change. Both have to be empty,
	// but for "followup", before anything is posted.
	MayVote []string
	Actions []string
}

// Current returns the current patch set.
func (c *Change) Current() PatchSet {
	if len(c.PatchSets) == 0 {
		return PatchSet{}
	}
	return c.PatchSets[len(c.PatchSets)-1]
}

// HasHashtag reports whether the change carries the hashtag, in any case.
func (c *Change) HasHashtag(tag string) bool {
	return slices.ContainsFunc(c.Hashtags, func(h string) bool {
		return strings.EqualFold(strings.TrimPrefix(h, "#"), tag)
	})
}

// OnConfigBranch reports whether the change is for refs/meta/config.
func (c *Change) OnConfigBranch() bool { return FullRef(c.Branch) == ConfigRef }

// ConfigRef is the branch that holds a project's configuration.
const ConfigRef = "refs/meta/config"

// FullRef returns branch as a full ref name: Gerrit's REST shortens refs/heads/x to x.
func FullRef(branch string) string {
	if strings.HasPrefix(branch, "refs/") {
		return branch
	}
	return "refs/heads/" + branch
}
