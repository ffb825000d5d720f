// SPDX-License-Identifier: Apache-2.0

// Package reviewers suggests who should look at a change, and says why.
//
// People are scored by a sum of signals. A signal is one file signal_NAME.go
// and one row of the table in signals.go with its weight; the evaluation in
// eval.go tells what it is worth. Nothing here does input or output, and
// the same input gives the same picks.
//
// A reason that is shown names what somebody owns, reviewed or wrote. Signals
// about when a person was active have no words on purpose.
package reviewers

import (
	"bufio"
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

	Files   []string
	Owners  []review.Owner // with resolved accounts; a zero account is nobody
	History *History       // nil: none
	Max     int
	Now     time.Time
}

// maxFiles bounds how many files of a change are looked at.
const maxFiles = 2000

// maxReasons is how many reasons a pick carries.
const maxReasons = 3

// candidate is a person who may be named.
type candidate struct {
	pick   review.Pick
	owns   []bool // by file: holds the nearest claim on it
	spread uint64 // decides between equals, differently for each change
}

// Recommend returns up to in.Max picks, the best first. The second is chosen
// to cover the files that the first does not own. People without a reason to
// be named are not.
func Recommend(in Input) []review.Pick {
	if in.Max <= 0 || len(in.Files) == 0 {
		return nil
	}
	in.Files = in.Files[:min(len(in.Files), maxFiles)]
	var list []candidate
	gate := newGate(in)
	held := claims(in)
	if picks := in.History.rank(in, gate, held); picks != nil {
		list = picks
	} else {
		list = byOwnership(in, gate, held)
	}
	for i := range list {
		list[i].spread = spread(in, list[i].pick.Account.ID)
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.pick.Score, a.pick.Score), cmp.Compare(a.spread, b.spread), cmp.Compare(a.pick.Account.ID, b.pick.Account.ID))
	})
	cover(list)
	var out []review.Pick
	for _, c := range list[:min(in.Max, len(list))] {
		out = append(out, c.pick)
	}
	return out
}

// byOwnership is the order for a host without history: who owns more of the
// change, and nearer, comes first.
func byOwnership(in Input, gate gate, held holdings) []candidate {
	var out []candidate
	for _, id := range held.ids {
		h := held.by[id]
		if h.weight == 0 || !gate.open(h.account) {
			continue
		}
		out = append(out, candidate{owns: h.owns, pick: review.Pick{
			Account: h.account, Entity: h.entity, Score: h.weight / float64(len(in.Files)), Reasons: h.reasons(),
		}})
	}
	return out
}

// cover moves the candidate who adds most to the first one's files to the
// second place.
func cover(list []candidate) {
	if len(list) < 3 {
		return
	}
	best, most := 1, -1
	for i, c := range list[1:] {
		adds := 0
		for f, owns := range c.owns {
			if owns && !(f < len(list[0].owns) && list[0].owns[f]) {
				adds++
			}
		}
		if adds > most {
			best, most = i+1, adds
		}
	}
	second := list[best]
	copy(list[2:best+1], list[1:best])
	list[1] = second
}

// spread orders equals by change, so that the first of the alphabet is not
// asked each time.
func spread(in Input, id int64) uint64 {
	h := fnv.New64a()
	for _, s := range []string{in.Host, in.Project, in.Subject, in.Files[0], strconv.FormatInt(id, 10)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// gate knows who must not be named.
type gate struct {
	ids    map[int64]bool
	emails map[string]bool
}

func newGate(in Input) gate {
	g := gate{ids: map[int64]bool{0: true}, emails: coAuthors(in.Message)}
	for _, a := range append([]review.Account{in.Author, in.Uploader}, in.Leave...) {
		g.ids[a.ID] = true
		if a.Email != "" {
			g.emails[strings.ToLower(a.Email)] = true
		}
	}
	return g
}

// open reports whether the account may be named. Somebody with a second
// account is recognized by the address.
func (g gate) open(a review.Account) bool {
	return !g.ids[a.ID] && !a.Service && !a.Inactive && (a.Email == "" || !g.emails[strings.ToLower(a.Email)])
}

// coAuthors returns the addresses in the Co-authored-by footers of a message.
func coAuthors(message string) map[string]bool {
	out := map[string]bool{}
	for lines := bufio.NewScanner(strings.NewReader(message)); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		_, mail, ok := strings.Cut(value, "<")
		if mail, _, closed := strings.Cut(mail, ">"); ok && closed && strings.EqualFold(strings.TrimSpace(key), "co-authored-by") {
			out[strings.ToLower(strings.TrimSpace(mail))] = true
		}
	}
	return out
}
