// SPDX-License-Identifier: Apache-2.0

package review

import (
	"cmp"
	"strings"
	"time"
)

// Past is a change that was reviewed and merged, reduced to what tells who
// knows what.
type Past struct {
	Host, Project, Branch string
	// Key is the same wherever the change is read: PROJECT~BRANCH~CHANGE-ID,
	// with the commit's hash where a commit carries no Change-Id.
	Key       string
	Author    Account
	Created   time.Time
	Closed    time.Time
	Files     []string
	Subject   string
	Reviewers []Account // people who voted on it: neither the author nor robots
}

// PastKey returns the key of a change: its own, wherever it is read. Without a
// Change-Id the commit stands for it.
func PastKey(project, branch, changeKey, commit string) string {
	return project + "~" + strings.TrimPrefix(branch, "refs/heads/") + "~" + cmp.Or(changeKey, commit)
}

// PastProject returns the project of a key. Neither branches nor what comes
// behind them can hold a tilde.
func PastProject(key string) string {
	for range 2 {
		key = key[:max(0, strings.LastIndexByte(key, '~'))]
	}
	return key
}

// ClosedQuery asks a Gerrit for changes that were merged or abandoned.
type ClosedQuery struct {
	Project string // "" for all projects
	// After and Before bound when a change was last updated, both inclusive
	// and in whole seconds; no bound when zero.
	After, Before time.Time
	Skip          int // so many of the newest are left out
	Limit         int // of changes in the page, at most 100
	Abandoned     bool
	Brief         bool // only what names and dates a change
	Messages      bool // with [Closed.Reviewed] and [Closed.Spoke]
}

// ClosedPage is an answer, the newest update first. Where there is More, the
// same query goes on with Before, Skip and Limit of the page. A change may come
// twice: pages are not one moment's picture.
type ClosedPage struct {
	Changes []Closed
	More    bool
	Before  time.Time
	Skip    int
	// Limit is below what was asked for where Gerrit answers only smaller
	// pages, and grows again by the page.
	Limit int
	// Passed counts changes that no answer could hold: they were stepped over.
	Passed int
}

// Closed is a change that was merged or abandoned, as a query shows it.
type Closed struct {
	ID        ChangeID
	Branch    string
	ChangeKey string // the Change-Id, the same on all branches
	Revision  string
	Status    Status
	Subject   string
	Created   time.Time
	Updated   time.Time
	Closed    time.Time // when it was merged, or last updated
	Owner     Account
	Files     []string // at most 100, without those that Gerrit makes up

	// Voters are people whose vote stands: on Code-Review, or on other labels
	// where nobody else voted there. Neither the owner nor service users.
	Voters    []Account
	Reviewers []Account // who was asked and stayed, robots too
	Removed   []Account
	// Spoke are the voters, and the people other than the owner who wrote.
	Spoke []Account
	// Reviewed is when the first of them did, zero when nobody did. Both are
	// empty when they were not asked for.
	Reviewed time.Time
}

// Past reduces the change to what tells who knows what.
func (c Closed) Past() Past {
	return Past{
		Host: c.ID.Host, Project: c.ID.Project, Branch: c.Branch, Key: PastKey(c.ID.Project, c.Branch, c.ChangeKey, c.Revision),
		Author: c.Owner, Created: c.Created, Closed: c.Closed, Files: c.Files, Subject: c.Subject, Reviewers: c.Voters,
	}
}

// Row is a row of a log of the store. Seq grows along the log and is never
// used twice, Key is unique in it.
type Row struct {
	Seq  int64
	Key  string
	At   time.Time // what the row is about happened then; decides how long it is kept
	Data []byte
}
