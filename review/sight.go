// SPDX-License-Identifier: Apache-2.0

package review

import "time"

// Relation is what an account has to do with a change.
type Relation string

// The relations that can be asked for.
const (
	RelationAny       Relation = ""
	RelationReviewer  Relation = "reviewer"  // a reviewer who is not the owner
	RelationAttention Relation = "attention" // in the attention set
)

// SightQuery asks for changes that an account may see, the newest update
// first. Private changes are in no answer, whoever asks: the bot keeps nothing
// of them.
type SightQuery struct {
	Account  int64
	Project  string // exact; "" for all
	Dir      string // of the project, only changes that touch it; "" for all
	Branch   string // exact, without refs/heads/; "" for all
	Number   int    // of one change; 0 for all
	Status   Status // "" for any
	Relation Relation
	// Search is words that the commit message has, all of them, or a number;
	// "" for all. See [SearchWords].
	Search string
	// Standing asks how the review of each stands, which costs Gerrit more.
	Standing bool
	// Before and Skip are where a page begins, as an earlier page says.
	Before time.Time
	Skip   int
	Limit  int // 1 to 100
}

// Seen is a change as a list of Gerrit tells it.
type Seen struct {
	ID        ChangeID
	Branch    string
	Subject   string
	Topic     string
	Status    Status
	WIP       bool
	Owner     Account
	PatchSet  int
	Created   time.Time
	Updated   time.Time
	Submitted time.Time // zero of one that is not merged
	Attention []int64   // account ids
	// Standing is how its review stands; nil when that was not asked for.
	Standing *Standing
}

// SightPage is a page of changes and where the next one begins.
type SightPage struct {
	Changes []Seen
	More    bool
	Before  time.Time
	Skip    int
}

// OpenQuery asks for the open changes that an account may see, without those in
// progress and private ones.
type OpenQuery struct {
	Account int64
	Project string // exact
	Dir     string // of the project, only changes that touch it; "" for all
	Branch  string // exact, without refs/heads/; "" for all
}

// OpenCount is how many there are, by branch without refs/heads/.
type OpenCount struct {
	Branches map[string]Open
	More     bool // only the newest were counted
}

// Open counts open changes of a branch.
type Open struct {
	All   int
	Ready int // of them those that meet all submit requirements
}

// Kept is what a store keeps of a change that may be shown to those whom
// Gerrit shows it.
type Kept struct {
	Summary  *Summary  // of the newest patch set that has one; nil for none, or when the change is hidden
	Outcomes []Outcome // by patch set and kind
}

// News is a row of the feed: something about a change, or about who may see
// what, is no longer as it was. It holds no text.
type News struct {
	Seq    int64     `json:"-"`
	At     time.Time `json:"-"`
	Kind   NewsKind  `json:"kind"`
	Change ChangeID  `json:"change"` // Number 0 for a whole project, Project "" for a whole Gerrit
	// PatchSet, Post, Verdict and Reason are those of an outcome.
	PatchSet int      `json:"patch_set,omitempty"`
	Post     PostKind `json:"post,omitempty"`
	Verdict  Verdict  `json:"verdict,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	// Hides says of news of kind access that somebody may no longer see the
	// change. Nobody outside is told.
	Hides bool `json:"hides,omitempty"`
}

// NewsKind says what moved.
type NewsKind string

// The kinds of news.
const (
	NewsOutcome NewsKind = "outcome" // something was decided about a patch set
	NewsAccess  NewsKind = "access"  // who may see it may have changed
	NewsRow     NewsKind = "row"     // what Gerrit says of it did, and who may see it did not
	NewsBuild   NewsKind = "build"   // CI, or somebody about a failure, said something
)
