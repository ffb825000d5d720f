// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"math"

	"review-assistant/review"
)

// Odds is the probability of each class that is computed.
type Odds struct {
	Change      float64 `json:"change"`
	Preexisting float64 `json:"preexisting"`
	Flaky       float64 `json:"flaky"`
	Infra       float64 `json:"infra"`
}

// of returns the probability of a class, 0 for one that is only shown.
func (o Odds) of(c Class) float64 {
	switch c {
	case ClassChange:
		return o.Change
	case ClassPreexisting:
		return o.Preexisting
	case ClassFlaky:
		return o.Flaky
	case ClassInfra:
		return o.Infra
	}
	return 0
}

// best returns the likeliest class, the first of those that are equal.
func (o Odds) best() (Class, float64) {
	best := ClassChange
	for _, c := range []Class{ClassPreexisting, ClassFlaky, ClassInfra} {
		if o.of(c) > o.of(best) {
			best = c
		}
	}
	return best, o.of(best)
}

// certain is how likely the best class has to be to be told as such.
const certain = .6

// signName names a row of the table.
type signName int

// weight is what one piece of evidence adds to the log-odds of each class, for
// each count of it up to most.
type weight struct {
	name                              signName
	change, preexisting, flaky, infra float64
	most                              float64
	why                               string
}

const (
	signPrior signName = iota
	signSetup
	signCIWords
	signCISource
	signEarlyStage
	signBranchRun
	signFailsAround
	signPassesBefore
	signPassesAfter
	signBranchFails
	signMerged
	signAlone
	signNobody
	signFewRuns
	signElsewhere
	signFlips
	signNewText
	signPassedOn
	signPassedNew
	signAgain
	signAlsoIn
	signNotIn
	signEarlier
	signSibling
	signFile
	signDir
	signFar
	signTiming
	signWaiting
	signTogether
	signTrouble
	signCalm
	signSameWords
	signNode
)

// weights is all that decides over a class. The sums of what was seen, each
// times its count, go through the logistic function of four classes.
func weights() []weight {
	return []weight{
		{signPrior, 0, -0.9, -0.6, -1.2, 1, "a failure on a change is the change's own more often than one of the others; none of them is likely enough alone to be told"},
		{signSetup, -2, -2, -1.5, 4, 1, "nothing of the project ran yet"},
		{signCIWords, -1, -1.5, -1, 3.5, 1, "the message is one of a machine or a network"},
		{signCISource, 1.5, 0.5, 0, -3, 1, "the words of a broken machine stand in a file that the change touches: a test about them"},
		{signEarlyStage, 1.2, 0.3, -4.5, -3, 1, "compilers and linters say the same of the same code each time"},
		{signBranchRun, -8, 1.5, 0, 0, 1, "no change was built"},
		{signFailsAround, -1.2, 1.7, -0.2, -0.5, 3, "others on states next to this one fail too, so that what they share is broken: the branch"},
		{signPassesBefore, 0, -1.6, 0, 0, 1, "a state shortly before was good, so that there was little time to break it"},
		{signPassesAfter, 0, -1.2, 0, 0, 1, "a state shortly after was good"},
		{signBranchFails, -1, 1.2, -0.5, 0, 1, "the branch itself fails with it near this state"},
		{signMerged, -0.3, 0.5, 0, 0, 1, "a change that touches the place came into the branch just before it began"},
		{signAlone, -0.8, -0.2, 1.3, 0, 3, "it failed alone before, while runs beside passed: by log2 of 1 + how many changes"},
		{signNobody, 0, -0.9, -1.2, 0, 1, "nobody else has seen it in many runs"},
		{signFewRuns, -0.6, 0.9, 0, 0, 1, "hardly any run of others is known that could show a broken branch; fades over the first 20"},
		{signElsewhere, -0.5, 0.3, 0.3, 0, 2, "others have seen it, further away"},
		{signFlips, -0.6, 0, 1.5, 0, 1.6, "on other changes it passed on the same code when it ran again"},
		{signNewText, 1.4, 0, -1.2, 0, 1, "the test failed before, but not like this"},
		{signPassedOn, -3, -3, 4, 0.5, 1, "it passed on the same code"},
		{signPassedNew, -1.5, 0.7, 1.5, 0.5, 1, "it passed on the same patch set on another state of the branch"},
		{signAgain, 0.8, 0.8, -1.2, -0.5, 2, "it failed again when it ran again"},
		{signAlsoIn, 0.8, 0.8, -1.6, -0.5, 1, "it fails in two jobs, which share the code and not the chance"},
		{signNotIn, -1.2, -1, 1.2, 0.3, 1, "it passes in another job on the same code"},
		{signEarlier, 0.6, 0, -0.2, 0, 1, "an earlier patch set had it"},
		{signSibling, 1, 0, -0.6, 0, 1, "a change of the same topic or owner has it and nobody else does: one mistake, made twice"},
		{signFile, 2.4, -0.3, -0.3, 0, 1, "the change touches the very file"},
		{signDir, 1.6, -0.3, -0.2, 0, 1, "the change touches the directory"},
		{signFar, -1, 0, 0, 0, 1, "it is in a place that the change does not touch; what depends on it can break all the same"},
		{signTiming, -0.6, -0.3, 0.9, 0.5, 1, "it waited in vain, which depends on the machine's load"},
		{signWaiting, 0, 0, 0, 0.4, 3, "other tests of the run waited in vain too"},
		{signTogether, 0.4, 0.4, -0.8, 0, 1, "several tests say the same at once: one cause, not chance"},
		{signTrouble, 0, 0, 0, 1, 2, "the job had trouble with its machines in this hour, by log2 of 1 + how many runs"},
		{signCalm, 0, 0, 0, -1, 1, "no other run had trouble with its machines in this hour: what breaks machines mostly hits several"},
		{signSameWords, -0.5, 0, -0.3, 1, 2, "other changes got the same words from the CI in this hour"},
		{signNode, 0, 0, 0, 1.5, 1, "the machine was in trouble that day"},
	}
}

// sign is one piece of evidence that was found.
type sign struct {
	name  signName
	count float64
}

// odds weighs what was found.
func odds(table []weight, found []sign) Odds {
	var sum [4]float64
	for _, s := range found {
		w := table[s.name]
		n := min(s.count, w.most)
		for i, x := range w.perClass() {
			sum[i] += n * x
		}
	}
	top := max(sum[0], sum[1], sum[2], sum[3])
	total := 0.0
	for i := range sum {
		sum[i] = math.Exp(sum[i] - top)
		total += sum[i]
	}
	return Odds{sum[0] / total, sum[1] / total, sum[2] / total, sum[3] / total}
}

func (w weight) perClass() [4]float64 {
	return [4]float64{w.change, w.preexisting, w.flaky, w.infra}
}

// found lists the evidence in a sight, in the order of the table.
func (s *sight) found() []sign {
	f, a, e := s.f, s.around, s.elsewhere
	out := make([]sign, 1, 12)
	out[0] = sign{signPrior, 1}
	add := func(name signName, count float64) {
		if count > 0 {
			out = append(out, sign{name, count})
		}
	}
	yes := func(name signName, is bool) {
		if is {
			out = append(out, sign{name, 1})
		}
	}
	// What is configured or asked for wrongly stands in the project, early as it fails.
	ours := f.f.Category == string(KindConfig) || f.f.Category == categoryDependency
	setup := f.f.Stage == review.StageSetup && !ours
	// An early stage alone may be a guess, where no tool was recognized.
	early := f.f.Stage == review.StageCompile && f.f.Category == string(KindCompile) || f.f.Stage == review.StageLint && f.f.Category == string(KindLint)
	yes(signSetup, setup)
	yes(signCIWords, f.infra)
	yes(signCISource, f.infra && s.place == relationFile)
	yes(signEarlyStage, !f.infra && early)
	yes(signBranchRun, f.run.patch == nil)
	if !setup {
		// What fails now and then anyway says less by failing beside.
		usual := float64(e.alone) / float64(max(1, s.others))
		surprise := math.Log(min(1, max(usual, .01))) / math.Log(.01)
		around := a.failed + a.branch
		add(signFailsAround, float64(around)*surprise)
		yes(signBranchFails, a.branch > 0)
		if around == 0 {
			add(signPassesBefore, nearness(a.before))
			add(signPassesAfter, nearness(a.after))
		}
		yes(signMerged, s.suspect != nil)
		add(signAlone, log2(e.alone))
		if f.run.patch != nil && around == 0 {
			add(signFewRuns, 1-float64(s.others)/fewRuns)
		}
		add(signElsewhere, log2(e.units-e.alone))
		add(signFlips, log2(s.likewise.flips))
		nobody := around == 0 && e.units == 0
		if nobody && s.otherText == 0 {
			add(signNobody, min(1, float64(s.others)/fewRuns))
		}
		yes(signNewText, nobody && s.otherText > 0)
		yes(signSibling, nobody && s.sibling > 0)
	}
	yes(signPassedOn, s.passedOn)
	yes(signPassedNew, s.passedNew && !s.passedOn)
	add(signAgain, float64(s.again))
	yes(signAlsoIn, s.alsoIn != "" && !setup)
	yes(signNotIn, s.notIn != "" && s.alsoIn == "")
	yes(signEarlier, s.earlier > 0)
	yes(signFile, s.place == relationFile)
	yes(signDir, s.place == relationDir)
	yes(signFar, s.place == relationFar)
	vain := f.timing || f.infra
	yes(signTiming, f.test != nil && f.timing && !f.infra)
	if vain {
		add(signWaiting, float64(s.waiting))
	}
	yes(signTogether, s.together > 0)
	if vain {
		add(signTrouble, log2(s.trouble))
	}
	if !f.infra && !setup && s.trouble+s.nodeBad == 0 {
		add(signCalm, min(1, float64(s.hour)/4))
	}
	add(signSameWords, log2(s.sameWords))
	yes(signNode, vain && s.nodeBad >= 2 && 3*s.nodeBad >= s.nodeRuns)
	return out
}

// fewRuns is how many runs of a job it takes to know what is usual.
const fewRuns = 20

// log2 counts so that each doubling adds one.
func log2(n int) float64 { return math.Log2(float64(1 + max(0, n))) }

// nearness is 1 for a state at hand and 0 for one six hours away, or none: in
// between lies the time in which the branch can have broken.
func nearness(seconds int64) float64 {
	if seconds < 0 {
		return 0
	}
	return max(0, 1-float64(seconds)/(6*60*60))
}
