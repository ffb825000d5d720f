// SPDX-License-Identifier: Apache-2.0

package review

import "time"

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

// Row is a row of a log of the store. Seq grows along the log and is never
// used twice, Key is unique in it.
type Row struct {
	Seq  int64
	Key  string
	At   time.Time // what the row is about happened then; decides how long it is kept
	Data []byte
}
