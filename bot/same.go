// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// sameAge is how long it stands which accounts the names of one person mean:
// an account may come, or get another address.
const sameAge = time.Hour

// same is what was last told to a history about accounts of one person.
type same struct {
	names [][]string
	at    time.Time
}

// joinAccounts tells the history which accounts are one person. Names that no
// account has now are left out. The caller holds the lock of memory.
func (b *Bot) joinAccounts(ctx context.Context, host string) {
	if b.staff == nil {
		return
	}
	names, last := b.staff.Same(), b.memory.same[host]
	if b.now().Sub(last.at) < sameAge && reflect.DeepEqual(names, last.names) {
		return
	}
	var people []review.Person
	for _, set := range names {
		for _, n := range set {
			if strings.Contains(n, "@") {
				people = append(people, review.Person{Email: n})
			} else {
				people = append(people, review.Person{Username: n})
			}
		}
	}
	found, err := b.hosts[host].People.Resolve(ctx, people)
	if err != nil {
		b.log.Warn("cannot look up which accounts are one person; what was known before counts", "host", host, "error", err)
		return
	}
	groups := make([][]int64, len(names))
	next := 0
	for i, set := range names {
		for _, n := range set {
			groups[i] = append(groups[i], idsOf(n, found[next].Account)...)
			next++
		}
	}
	b.memory.past.SetSame(host, groups)
	b.memory.same[host] = same{names, b.now()}
}

// idsOf returns what a name may be called in the history: an account, or an
// address that a repository knew.
func idsOf(name string, a review.Account) (ids []int64) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil && id > 0 {
		return []int64{id}
	}
	if a.ID > 0 {
		ids = append(ids, a.ID)
	}
	if strings.Contains(name, "@") {
		ids = append(ids, reviewers.MailID(name))
	}
	return ids
}
