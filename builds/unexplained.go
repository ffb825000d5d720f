// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"crypto/sha256"
	"encoding/hex"

	"review-assistant/review"
)

// Unexplained is the failure of a run of which nothing but its result is known.
// It is the same as no other, but for what the CI says itself.
func Unexplained(b *review.Build) review.BuildFailure {
	f := review.BuildFailure{Stage: review.StageTest, Category: categoryUnknown}
	switch b.Result {
	case review.BuildBroken:
		f.Stage, f.Category, f.Message = review.StageSetup, string(KindInfra), b.Said
		f.Fingerprint = resultPrint("broken " + b.Job + " " + b.Said)
	case review.BuildTimedOut:
		f.Category, f.Message = string(KindTimeout), b.Said
		f.Fingerprint = resultPrint("timed out " + b.Job)
	default:
		f.Fingerprint = resultPrint("unread " + b.Key)
	}
	return f
}

// resultPrint names a cause that no line of a log tells.
func resultPrint(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:8])
}

// unexplained reports whether the cause of a failure may stand in what nobody
// read, or stands nowhere.
func (f *pastFail) unexplained() bool {
	return f.run.build.Unread != "" || f.f.Message == "" && f.f.Test == ""
}

// byResult tells of an unexplained failure what the CI's own result says. It
// never is the change's fault.
func (f *pastFail) byResult() (Odds, Class, Class, []string) {
	switch f.run.build.Result {
	case review.BuildBroken:
		return Odds{Infra: 1}, ClassInfra, ClassInfra, []string{ciBroke}
	case review.BuildTimedOut:
		return evenOdds, ClassUnknown, ClassTimeout, nil
	}
	return evenOdds, ClassUnknown, ClassUnknown, nil
}

// evenOdds are those of a failure of which nothing is known.
var evenOdds = Odds{Change: .25, Preexisting: .25, Flaky: .25, Infra: .25}

// ciBroke is what a run says that the CI could not run.
const ciBroke = "the CI says that it could not run the job"
