// SPDX-License-Identifier: Apache-2.0

package reviewers

import "slices"

// signal is one kind of evidence: a number for each person, joined with the
// others by its weight.
type signal struct {
	name   string
	weight float64
	value  func(q *query, out []float64)
	// story puts the evidence into words, noStory for what has none and
	// activity for what is told to nobody.
	story story
}

// signals is the whole formula. The weights were fitted once by conditional
// logit with fixed signs on histories of three Gerrits; "again" is as small as
// it is because only closed changes are learnt. Add a signal as a file
// signal_NAME.go and a row here, then look at what "eval reviewers" gains.
var signals = []signal{
	{"path20", .08, path20, storyReviewed},
	{"path500", .06, path500, storyReviewed},
	{"auth500", .02, auth500, storyWrote},
	{"own20", .10, own20, storyAuthor},
	{"owndir90", .06, ownDir90, storyAuthor},
	{"recip90", .03, recip90, noStory},
	{"text90", .14, text90, storyTitle},
	{"pairs90", .3, pairs90, storyTitle},
	{"alike", .2, alike, storyAuthor},
	{"wfr", .07, fileReviewed, storyReviewed},
	{"wdr", .01, dirReviewed, storyReviewed},
	{"wfc", .13, fileWritten, storyWrote},
	{"wdc", .05, dirWritten, storyWrote},
	{"wor", .09, authorReviewed, storyAuthor},
	{"again", .05, again, storyAgain},
	{"owners", .57, ownership, storyOwner},
	{"idle", -.04, idleWeeks, activity},
	{"wact", -.15, idleHours, activity},
	{"missed", -.3, missed, activity},
	{"hour", .32, hourOfDay, activity},
}

// hourSignal looks at the time of day at which people are active. It is left
// out of suggestions: what it gains is not worth profiling anybody's day.
const hourSignal = "hour"

// Activity reports whether a signal is about when somebody did anything, which
// is shown to nobody.
func Activity(name string) bool {
	return slices.ContainsFunc(signals, func(s signal) bool { return s.name == name && s.story == activity })
}

// story names what a reason tells; several signals may share one.
type story int

const (
	noStory    story = iota
	activity         // when somebody did anything
	storyOwner       // the first that is told
	storyReviewed
	storyWrote
	storyAuthor
	storyAgain
	storyTitle
	stories
)

// tellers put stories into words; "" when there is nothing to count.
var tellers = [stories]func(q *query, u uid) string{
	storyOwner:    tellOwner,
	storyReviewed: tellReviewed,
	storyWrote:    tellWrote,
	storyAuthor:   tellAuthor,
	storyAgain:    tellAgain,
	storyTitle:    tellTitle,
}
