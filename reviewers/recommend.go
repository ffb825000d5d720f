// SPDX-License-Identifier: Apache-2.0

// Package reviewers suggests who should look at a change, and says why.
//
// People are scored by a sum of signals. A signal is one file signal_NAME.go
// and one row of the table in signals.go with its weight; the evaluation in
// eval.go tells what it is worth. [Rank] scores people by what they know and
// own, [Choose] picks few of them by their load and by what they cover.
// Nothing here does input or output, and the same input gives the same picks.
//
// A reason that is shown names what somebody owns, reviewed or wrote. Signals
// about when a person was active have no words on purpose.
package reviewers

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
)

// Input is what a recommendation is made of.
type Input struct {
	Host    string // the configured Gerrit; account ids mean something only there
	Project string
	Branch  string
	Subject string
	Message string // the commit message, read for co-authors; may be empty

	Author   review.Account
	Uploader review.Account
	// Leave are people not to name: reviewers and CCs that are there already,
	// the bot itself.
	Leave []review.Account

	Files  []string
	Owners []review.Owner // with resolved accounts; a zero account is nobody
	// CatalogRevision names the state of the catalog that Owners are from. It
	// is only recorded.
	CatalogRevision string
	History         *History // nil: none
	Max             int      // how many people to pick
	Now             time.Time

	// without are the signals to leave out, nil for those that suggestions
	// leave out.
	without map[string]bool
	same    map[int64]int64 // the account to name, set by canonical
}

// maxFiles bounds how many files of a change are looked at.
const maxFiles = 2000

// maxReasons is how many reasons a pick carries.
const maxReasons = 3

// Candidate is somebody who may be named for a change.
type Candidate struct {
	Account review.Account
	Entity  string // of the catalog, "" for people who own nothing here

	values  []float64 // by row of signals
	share   float64   // of the host's reviews of the last weeks, 0 to 1
	knows   set       // components where the person worked
	owns    set       // components on which the person holds the nearest claim
	claim   float64   // how much of the change is owned, and how nearly
	spread  float64   // from 0 up to 1, another one for each change
	reasons []string  // best first, never empty
}

// Rank returns who may be named for the change, those who know and own most of
// it first: in.Max*3+8 people, and every owner. Nobody among them is the
// author, the uploader, a co-author, in in.Leave, a service or an inactive
// account, or without a reason. The caller removes whom it will and hands the
// rest to [Choose].
func Rank(in Input) []Candidate {
	if in.Max <= 0 || len(in.Files) == 0 {
		return nil
	}
	in = in.canonical()
	h := in.History
	if h == nil {
		h = NewHistory()
	}
	return h.rank(in)
}

// Shortlist returns at most n candidates in their order: the best, but up to a
// half of them owners, those first who own what the owners before do not. What
// is asked of Gerrit about each is asked of these.
func Shortlist(list []Candidate, n int) []Candidate {
	if len(list) <= n {
		return list
	}
	owners := slices.DeleteFunc(slices.Clone(list), func(c Candidate) bool { return c.claim == 0 })
	slices.SortStableFunc(owners, func(a, b Candidate) int { return cmp.Compare(b.claim, a.claim) })
	in := map[int64]bool{}
	var owned set
	for len(in) < n/2 && len(owners) > 0 {
		next := max(0, slices.IndexFunc(owners, func(c Candidate) bool { return c.owns&^owned != 0 }))
		in[owners[next].Account.ID] = true
		owned |= owners[next].owns
		owners = slices.Delete(owners, next, next+1)
	}
	for _, c := range list {
		if len(in) < n {
			in[c.Account.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(c Candidate) bool { return !in[c.Account.ID] })
}

// Owner reports whether the candidate owns some of the change.
func (c Candidate) Owner() bool { return c.claim > 0 }

// Recommend picks people without a look at their load: [Rank] and [Choose] in
// one.
func Recommend(in Input) []review.Pick {
	return Choose(in, Rank(in), Facts{}).Picks
}

// canonical bounds the files and puts the one account to name in place of
// others of the same person.
func (in Input) canonical() Input {
	in.Files = in.Files[:min(len(in.Files), maxFiles)]
	if in.without == nil {
		in.without = suggestionsWithout
	}
	same := in.History.sameAs(in.Host)
	if len(same) == 0 {
		return in
	}
	in.same = same
	in.Owners = slices.Clone(in.Owners)
	for i := range in.Owners {
		a := &in.Owners[i].Person.Account
		if id, ok := same[a.ID]; ok && id != a.ID {
			*a = review.Account{ID: id, Name: a.Name, Email: a.Email}
		}
	}
	in.Leave = append([]review.Account{in.Author, in.Uploader}, in.Leave...)
	in.Author.ID = named(same, in.Author.ID)
	for i, a := range in.Leave {
		if id, ok := same[a.ID]; ok {
			in.Leave[i].ID = id
		}
	}
	return in
}

// spread tells equals apart by change, from 0 up to 1, so that the first of
// the alphabet is not asked each time.
func spread(in Input, id int64) float64 {
	h := fnv.New64a()
	for _, s := range []string{in.Host, in.Project, in.Subject, in.Files[0], strconv.FormatInt(id, 10)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return float64(mixed(h.Sum64())>>11) / (1 << 53)
}

// mixed spreads the last bytes of a hash over all of its bits (the finalizer
// of MurmurHash3).
func mixed(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// gate knows who must not be named.
type gate struct {
	ids    map[int64]bool
	emails map[string]bool
}

func newGate(in Input) gate {
	g := gate{ids: map[int64]bool{}, emails: coAuthors(in.Message)}
	for _, a := range append([]review.Account{in.Author, in.Uploader}, in.Leave...) {
		g.ids[a.ID] = true
		if a.Email != "" {
			g.emails[strings.ToLower(a.Email)] = true
		}
	}
	// An address that is not the account's own may still be known as theirs.
	for address := range g.emails {
		if id, known := in.same[MailID(address)]; known {
			g.ids[id] = true
		}
	}
	return g
}

// open reports whether the account may be named. Somebody with a second
// account is recognized by the address; somebody of whom only an address is
// known has no account to name.
func (g gate) open(a review.Account) bool {
	return a.ID > 0 && !g.ids[a.ID] && !a.Service && !a.Inactive && (a.Email == "" || !g.emails[strings.ToLower(a.Email)])
}

// coAuthors returns the addresses in the Co-authored-by footers of a message.
func coAuthors(message string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(message) {
		key, value, _ := strings.Cut(line, ":")
		_, mail, ok := strings.Cut(value, "<")
		if mail, _, closed := strings.Cut(mail, ">"); ok && closed && strings.EqualFold(strings.TrimSpace(key), "co-authored-by") {
			out[strings.ToLower(strings.TrimSpace(mail))] = true
		}
	}
	return out
}
