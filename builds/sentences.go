// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"review-assistant/review"
)

// ofOneChange are the pieces of evidence that say nothing where no change is
// looked at.
func ofOneChange() []signName {
	return []signName{
		signCISource, signBranchRun, signFailsAround, signBranchFails, signPassesBefore, signPassesAfter, signNobody, signFewRuns, signPassedOn, signPassedNew,
		signAgain, signAlsoIn, signNotIn, signEarlier, signSibling, signFile, signDir, signFar,
	}
}

// told words the evidence but for some pieces, strongest for the class first,
// at most maxEvidence. Where no class is certain, that which moved most comes
// first.
func (s *sight) told(table []weight, found []sign, class Class, p float64, but []signName) []string {
	strength := func(g sign) float64 {
		w := table[g.name]
		x := min(g.count, w.most) * w.speaksFor(class)
		if p < certain {
			x = math.Abs(x)
		}
		return x
	}
	list := slices.Clone(found)
	slices.SortStableFunc(list, func(a, b sign) int { return cmp.Compare(strength(b), strength(a)) })
	var out []string
	for _, g := range list {
		if len(out) == maxEvidence || strength(g) < .1 {
			break
		}
		if slices.Contains(but, g.name) {
			continue
		}
		if w := s.words(g.name); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// speaksFor is by how much one count lifts a class over the mean of the others.
func (w weight) speaksFor(class Class) float64 {
	mine, sum := 0.0, 0.0
	for i, c := range []Class{ClassChange, ClassPreexisting, ClassFlaky, ClassInfra} {
		if x := w.perClass()[i]; c == class {
			mine = x
		} else {
			sum += x
		}
	}
	return mine - sum/3
}

// words tells a piece of evidence to people, "" for what goes without saying.
// Every number is a count, and nobody is named.
func (s *sight) words(name signName) string {
	f, a := s.f, s.around
	switch name {
	case signSetup:
		return "nothing of the project ran yet"
	case signCIWords:
		if f.run.build.Result == review.BuildBroken {
			return ciBroke
		}
		return "the message is about a machine or the network"
	case signBranchRun:
		return "no change was built"
	case signBranchFails:
		return fmt.Sprintf("fails on %s since %s (%s)", s.branch(), s.when(a.since), countOf(a.branch, "run"))
	case signFailsAround:
		return s.wordsAround()
	case signPassesBefore:
		return s.wordsPass(f.run.base-a.before, a.before)
	case signPassesAfter:
		return s.wordsPass(f.run.base+a.after, a.after)
	case signMerged:
		return fmt.Sprintf("began after change %d, which touches %s, was merged at %s", s.suspect.number, brief(s.suspected), s.when(s.suspect.merged))
	case signAlone, signElsewhere:
		return s.wordsElsewhere()
	case signFlips:
		return fmt.Sprintf("on %s it passed on the same code", countOf(s.likewise.flips, "other change"))
	case signNobody:
		if n := s.ofOthers(math.MinInt64); n > 0 {
			return fmt.Sprintf("no other change has failed with it (%s of %s)", countOf(n, "run"), brief(f.run.build.Job))
		}
		return "no other change has failed with it"
	case signFewRuns:
		return "hardly any other run of " + brief(f.run.build.Job) + " is known yet"
	case signNewText:
		return "new message for a test that failed before"
	case signPassedOn:
		if f.run.patch == nil {
			return "passed and failed on this state of " + s.branch()
		}
		return "passed and failed on this patch set"
	case signPassedNew:
		return "passed on this patch set, built on another state of " + s.branch()
	case signAgain:
		return "failed again when it ran again"
	case signAlsoIn:
		return "also fails in " + brief(s.alsoIn) + " of this patch set"
	case signNotIn:
		return "passes in " + brief(s.notIn) + " of this patch set"
	case signEarlier:
		return fmt.Sprintf("patch set %d had it too", s.earlier)
	case signSibling:
		if f.run.patch.change.topic != "" {
			return fmt.Sprintf("fails on change %d of the same topic too, and on no other", s.sibling)
		}
		return fmt.Sprintf("fails on change %d of the same owner too, and on no other", s.sibling)
	case signFile, signDir, signCISource:
		return "this change touches " + brief(s.touches)
	case signFar:
		return "this change touches nothing beside it"
	case signTiming:
		return "the message is about waiting in vain"
	case signWaiting:
		return fmt.Sprintf("%s of the run waited in vain too", countOf(s.waiting, "other test"))
	case signTogether:
		return fmt.Sprintf("%s of the run with the same message", countOf(s.together, "other failure"))
	case signTrouble:
		return fmt.Sprintf("%s of %s had trouble with the CI within an hour of it", countOf(s.trouble, "other run"), brief(f.run.build.Job))
	case signSameWords:
		return fmt.Sprintf("the CI had the same trouble on %s within an hour of it", countOf(s.sameWords, "other run"))
	case signNode:
		return fmt.Sprintf("%d of %s on %s had trouble with the CI within a day of it", s.nodeBad, countOf(s.nodeRuns, "other run"), brief(f.run.build.Node))
	}
	return ""
}

func (s *sight) wordsAround() string {
	a := s.around
	if a.failed == 0 {
		return ""
	}
	where := fmt.Sprintf("failed on %d of %s based on %s since %s", a.failed, countOf(a.failed+a.passed, "other change"), s.branch(), s.when(a.from))
	if a.after >= 0 {
		where = fmt.Sprintf("failed on %d of %s based on %s from %s to %s", a.failed, countOf(a.failed+a.passed, "other change"), s.branch(), s.when(a.from), s.when(a.to))
	}
	return where
}

// wordsPass tells of a state that passes for others, if it is near.
func (s *sight) wordsPass(base, distance int64) string {
	if nearness(distance) < .3 {
		return ""
	}
	return fmt.Sprintf("passes for others on %s of %s", s.branch(), s.when(base))
}

func (s *sight) wordsElsewhere() string {
	l := s.likewise
	if l.runs == 0 {
		return "failed for others in other jobs"
	}
	on := ""
	if l.changes > 0 {
		on = ", on " + countOf(l.changes, "other change")
	}
	of := ""
	if n := s.ofOthers(l.since); n > 0 {
		of = fmt.Sprintf(" of %d", n)
	}
	days := max(1, (s.now-l.since+dayOf-1)/dayOf)
	return fmt.Sprintf("failed on %d%s other runs in %s%s", l.runs, of, countOf(int(days), "day"), on)
}

// maxCounted is how many runs are counted for a sentence, which does without
// the number where there are more.
const maxCounted = 2000

// ofOthers counts the runs of the job on states since then, without those of
// the failure's own unit, 0 for too many.
func (s *sight) ofOthers(since int64) int {
	list, mine, n := s.f.run.job.byBase, s.f.run.unit(), 0
	from, _ := slices.BinarySearchFunc(list, since, func(r *pastRun, t int64) int { return cmp.Compare(r.base, t) })
	if len(list)-from > maxCounted {
		return 0
	}
	for _, r := range list[from:] {
		if r.unit() != mine && !s.hides(r) {
			n++
		}
	}
	return n
}

const dayOf = 24 * 60 * 60 // seconds

// branch is what people call the branch.
func (s *sight) branch() string { return cmp.Or(brief(s.f.run.build.Branch), "the branch") }

func (s *sight) when(t int64) string { return when(t, time.Unix(s.now, 0)) }

// when tells a time: the clock for one of the last hours, else the day as well,
// and the date alone for one of another year. All are UTC.
func when(t int64, now time.Time) string {
	at := time.Unix(t, 0).UTC()
	switch age := now.Sub(at).Abs(); {
	case age < 20*time.Hour:
		return at.Format("15:04 UTC")
	case age < 300*24*time.Hour:
		return at.Format("2 Jan 15:04 UTC")
	}
	return at.Format("2 Jan 2006")
}

// countOf is a number with its noun.
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// maxNamed is how many runes of a name a sentence holds.
const maxNamed = 80

func brief(s string) string { return clip(oneLine(s), maxNamed) }
