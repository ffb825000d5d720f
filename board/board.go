// SPDX-License-Identifier: Apache-2.0

// Package board is what people see of the bot's work: changes with their
// summaries, failures, activity, news. It knows no HTTP.
//
// The invariant: nothing about a change leaves this package unless Gerrit said
// within the last minute that it shows the change to the very account that
// asks. What Gerrit does not answer is not shown, and no answer for one
// account is ever given to another.
package board

import (
	"context"
	"errors"
	"time"

	"review-assistant/review"
)

// Gerrit is one host, asked as the service account about another account.
type Gerrit interface {
	// Seen returns a page of changes that an account may see, in one call.
	Seen(ctx context.Context, q review.SightQuery) (review.SightPage, error)
	// Sees returns those of the changes that an account may see, with what a
	// list tells of them, in one call. How their review stands is told only if it
	// is asked for, because it costs Gerrit more.
	Sees(ctx context.Context, account int64, ids []review.ChangeID, standing bool) (map[review.ChangeID]review.Seen, error)
	// Owns reports whether an account is in a group that owns the project.
	Owns(ctx context.Context, project string, account int64) (bool, error)
	// Public returns the name of the project's default branch if every account may
	// read it, else "".
	Public(ctx context.Context, project string) (string, error)
	// Open counts the open changes of a project that an account may see, by branch.
	Open(ctx context.Context, q review.OpenQuery) (review.OpenCount, error)
	// ChangeURL is where people look at a change.
	ChangeURL(id review.ChangeID) string
}

// Store is what was kept.
type Store interface {
	// Kept returns what is kept of changes; one of which nothing is kept is missing.
	Kept(ctx context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error)
	SummaryAt(ctx context.Context, id review.ChangeID, patchSet int) (s review.Summary, ok bool, err error)
}

// Catalog knows where the code of an entity is, and who people are.
type Catalog interface {
	Source(ref string) (s review.Source, known bool)
	// EntityOf names the catalog's user who has this Gerrit user name, "" for none.
	EntityOf(username string) string
}

// Builds is what is known of failures.
type Builds interface {
	// Changes returns the changes with builds within the window that is shown.
	Changes(ctx context.Context, host, project string) ([]int, error)
	// Clusters returns open failures, only of builds that shows lets through:
	// it gets the number of a build's change, or 0 and the name of a branch.
	Clusters(ctx context.Context, host, project string, limit int, covers func(path string) bool, shows func(change int, branch string) bool) (any, error)
	// Failed tells of the failures of patch sets, by the numbers of their
	// changes. One without builds is missing.
	Failed(ctx context.Context, host, project string, patchSets map[int]int) (map[int]*ChangeBuilds, error)
	// LastRuns returns the newest run of each job on those branches that shows
	// lets through, by branch; one without runs is missing.
	LastRuns(ctx context.Context, host, project string, shows func(branch string) bool) (map[string][]BranchRun, error)
}

// Policy says how a project uses the bot.
type Policy struct {
	Mode   string // off, shadow or on
	Off    string // why it is off: bot.Off
	Builds bool
}

// Change is a row: what Gerrit says of a change now, and what the bot made of it.
type Change struct {
	ID       string    `json:"id"` // HOST/PROJECT~NUMBER
	Host     string    `json:"host"`
	Project  string    `json:"project"`
	Number   int       `json:"number"`
	Branch   string    `json:"branch"`
	Topic    string    `json:"topic,omitempty"`
	Subject  string    `json:"subject"`
	Status   string    `json:"status"` // NEW, MERGED or ABANDONED
	WIP      bool      `json:"wip"`
	URL      string    `json:"url"`
	Owner    Person    `json:"owner"`
	PatchSet int       `json:"patch_set"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	// Submitted is when it was merged, by Gerrit.
	Submitted time.Time `json:"submitted,omitzero"`
	// State says what the bot made of the current patch set, Reason the code
	// behind it, and Says the same in a sentence: what was skipped never looks
	// like what is fine.
	State   State         `json:"state"`
	Reason  string        `json:"reason,omitempty"`
	Says    string        `json:"says"`
	Summary *Brief        `json:"summary"` // null when there is none to show
	Builds  *ChangeBuilds `json:"builds"`  // null when CI said nothing
	// Reviewers, Labels and Submit are how its review stands, by Gerrit.
	Reviewers []Person `json:"reviewers"` // who is asked, without the owner and programs; at most 20
	Labels    []Label  `json:"labels"`    // at most 20
	Submit    *Submit  `json:"submit"`    // null of a closed change
	// Picks are the suggested reviewers of the summary that is shown, best first;
	// at most 3 in a list.
	Picks []Pick `json:"picks"`
	// Waits says what the viewer has to do with it: attention or reviewer. Only
	// in the list of reviews.
	Waits string `json:"waits,omitempty"`
}

// State is what the bot made of a patch set.
type State string

// The states.
const (
	StateSummarized State = "summarized" // and said so on the change
	StateQuiet      State = "quiet"      // read, and nothing was worth a comment
	StateSkipped    State = "skipped"    // not read, for a reason
	StateWaiting    State = "waiting"    // nothing was decided yet
	StateOff        State = "off"        // the project does not use the bot
)

// Person is an account as a row shows it: no address.
type Person struct {
	Name   string `json:"name"`
	Entity string `json:"entity,omitempty"` // of the catalog
}

// Brief is the short form of a summary.
type Brief struct {
	PatchSet int       `json:"patch_set"`
	Stale    bool      `json:"stale"` // of an older patch set than the current one
	Title    string    `json:"title"`
	Bullets  []string  `json:"bullets"`  // at most 3
	Severity string    `json:"severity"` // of the worst place to look at: high, medium, low or none
	Look     int       `json:"look"`     // how many places there are to look at
	Model    string    `json:"model"`    // "" for computed, no model
	Shadow   bool      `json:"shadow,omitempty"`
	Created  time.Time `json:"created"`
}

// ChangeBuilds is what CI said of a patch set.
type ChangeBuilds struct {
	Failed   int            `json:"failed"`             // failures that stand
	Classes  map[string]int `json:"classes"`            // of them, by class: change, preexisting, flaky, infra, timeout, configuration or unknown
	Failures any            `json:"failures,omitempty"` // most important first; only in the answer about one change
}

// Detail is the answer about one change.
type Detail struct {
	Change
	Full     *Full     `json:"full"`     // the whole summary, null when there is none to show
	Outcomes []Outcome `json:"outcomes"` // of all patch sets, by patch set and kind
}

// Pick is a suggested reviewer as it is shown: no account, no address.
type Pick struct {
	Person
	Reasons []string `json:"reasons"` // best first
	Rest    bool     `json:"rest,omitempty"`
}

// Outcome is what was decided about a patch set.
type Outcome struct {
	PatchSet int       `json:"patch_set"`
	Kind     string    `json:"kind"`
	Verdict  string    `json:"verdict"`
	Reason   string    `json:"reason"`
	Says     string    `json:"says"` // the reason in a sentence
	Audit    string    `json:"audit,omitempty"`
	At       time.Time `json:"at"`
}

// Activity is a row of what happened on a component, newest first.
type Activity struct {
	Seq     int64  `json:"seq"`
	Change  string `json:"change"`
	Subject string `json:"subject"`
	URL     string `json:"url"`
	Outcome
}

// Page is where a list begins: the zero value is its start. It is opaque to
// clients: the server seals it.
type Page struct {
	Before time.Time `json:"b,omitzero"`
	Skip   int       `json:"s,omitempty"`
	After  int64     `json:"a,omitempty"` // of activity
	// Shown are numbers of changes that were shown and that come again at the
	// start of the page: Gerrit tells pages apart by the second.
	Shown []int `json:"n,omitempty"`
}

// List is a page of rows, and where the next one begins, nil for the last.
type List[T any] struct {
	Rows []T
	Next *Page
	// Mode is the [Policy.Mode] of the project that was asked for: "" of a list
	// that spans several, and for who may not know that there is such a project.
	Mode string
	// Considered says of [OrderUrgent] how many rows were looked at, and More that
	// there are older ones. More says of the activity of a folder that there are
	// older changes of it, about which more may have been decided.
	Considered int
	More       bool
}

// Place is a part of a Gerrit that is asked for: of an entity of the catalog,
// or by name. Entity is KIND:NAMESPACE/NAME and goes before Project. Host may
// be empty where it follows.
type Place struct {
	Entity  string
	Host    string
	Project string
}

// ChangesQuery asks for the changes of a place.
type ChangesQuery struct {
	Place
	Status review.Status // NEW, MERGED or ABANDONED; "" for all
	Branch string        // exact, without refs/heads/; "" for all
	Search string        // words of the commit message, or a number; "" for all
	Order  Order
	Page   Page // not of OrderUrgent, which has one page
	Limit  int  // 1 to 100
}

// Order is the order of a list of changes.
type Order string

// The orders.
const (
	OrderUpdated Order = "updated" // the newest update first; "" is the same
	// OrderUrgent has first what fails because of the change, then what fails
	// otherwise, then by the severity of the summary, of the 100 newest that the
	// query lets through.
	OrderUrgent Order = "urgent"
)

// ReviewsQuery asks for the open changes that wait for the viewer: first those
// in whose attention set the viewer is, then those to review.
type ReviewsQuery struct {
	Host  string // "" for all
	Page  Page
	Limit int // 1 to 100
}

// ActivityQuery asks for what happened at a place, the newest first.
type ActivityQuery struct {
	Place
	Page  Page
	Limit int // 1 to 100
}

// FailuresQuery asks for the open failures of a place.
type FailuresQuery struct {
	Place
	Limit int // 1 to 500
}

// NewsQuery asks for news of a place, or of everything when it is empty.
type NewsQuery struct {
	Place
	// After is the sequence number of the last news that the client has; -1
	// for what comes from now on.
	After int64
}

// Stream is an open stream of news. It is for one goroutine.
type Stream interface {
	// Next returns news that the viewer may know of, as soon as there are some,
	// in order. reset says that some before them are gone: the client has to
	// read again what it shows. After an error of a kind other than the
	// context's the stream goes on: the same news come again.
	Next(ctx context.Context) (news []review.News, reset bool, err error)
	// Mark is the sequence number up to which the client was told all that it
	// may know of, -1 when none is known yet: who comes back with it as
	// [NewsQuery.After] misses nothing.
	Mark() int64
}

// What a [review.GoneError] may wrap where it tells nothing of what is hidden:
// Gerrits are those of the configuration, entities those of the catalog, and
// patch sets those of a change that is shown.
var (
	ErrNoHost     = errors.New("there is no such Gerrit")
	ErrNoEntity   = errors.New("the catalog has no such entity, or it has no code on a Gerrit")
	ErrNoPatchSet = errors.New("the change has no such patch set")
)
