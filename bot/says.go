// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"strings"

	"review-assistant/summarize"
)

// says has a sentence for each reason: what people read where a patch set has
// no comment, or one.
var says = map[string]string{
	ReasonPosted:      "The assistant commented on this patch set.",
	ReasonStands:      "The assistant's comment stands on this patch set.",
	ReasonClosed:      "The change was closed before the assistant looked at it.",
	ReasonPrivate:     "The change is private: nothing about it is kept.",
	ReasonMuted:       "The change is muted with a hashtag.",
	ReasonWIP:         "The change is work in progress: the assistant waits until it is ready.",
	ReasonBranch:      "The project does not use the assistant on this branch.",
	ReasonOwner:       "The project leaves out changes of this owner.",
	ReasonBacklogOpt:  "The patch set is older than the project's decision to use the assistant.",
	ReasonBacklogAge:  "The patch set was older than a day when the assistant saw it.",
	ReasonBacklogSeen: "Somebody had reviewed the patch set before the assistant saw it.",
	ReasonSameCode:    "The code is the same as in the last patch set with a summary.",
	ReasonNothing:     "There was nothing worth a comment.",
	ReasonDisabled:    "The project has switched this kind of comment off.",
	ReasonSuperseded:  "A newer patch set came before the comment was ready.",
	ReasonMayVote:     "The assistant's account has more rights on this change than to comment, so it keeps silent.",
	ReasonScrub:       "The search for secrets could not be finished, so nothing was read further.",
	ReasonUntouched:   "The change touches no file of the assistant.",
	ReasonGone:        "Gerrit does not show the change to the assistant.",
	ReasonEmpty:       "The patch set changes no files.",
	ReasonDailyCap:    "The assistant has commented on this change as often as it may in a day.",
	ReasonUnread:      "There is nothing in the patch set that the assistant can read.",
	ReasonNoModel:     "No model may read this patch set, and nothing could be computed that is worth a comment.",
	ReasonLint:        "The assistant checked its configuration in this change.",
	ReasonSeal:        "The comment did not pass the last check, so it was not posted.",
	ReasonOpen:        "The comment could not be posted yet; it will be tried again.",
	ReasonNoFailure:   "Nothing failed in the newest builds.",

	ReasonOff:                              "The project does not use the assistant.",
	ReasonOff + ":" + string(OffNoFile):    "The project has not switched the assistant on.",
	ReasonOff + ":" + string(OffNoAccess):  "The assistant may not read the project's configuration.",
	ReasonOff + ":" + string(OffForbidden): "A parent project forbids the assistant.",
	ReasonOff + ":" + string(OffBroken):    "The project's configuration of the assistant has a fault, so the assistant is off.",
	ReasonOff + ":" + string(OffByProject): "The project has switched the assistant off.",

	ReasonNothing + ":" + string(summarize.SilentUnread):  "Only generated, binary, vendored or lock files changed.",
	ReasonNothing + ":" + string(summarize.SilentCovered): "The commit message says everything already.",
	ReasonNothing + ":" + string(summarize.SilentSmall):   "The patch set is small and speaks for itself.",
	ReasonNothing + ":" + string(summarize.SilentDeps):    "Only versions of dependencies changed, and the commit message names them.",
	ReasonNothing + ":" + string(summarize.SilentTold):    "Everything was said about an earlier patch set.",
	ReasonNothing + ":" + string(summarize.SilentVague):   "Without a model nothing certain can be said.",
}

// Says tells a reason code in a sentence. One with an unknown ending gets the
// sentence of its beginning, and an unknown one the code itself.
func Says(reason string) string {
	if s, ok := says[reason]; ok {
		return s
	}
	code, _, _ := strings.Cut(reason, ":")
	if s, ok := says[code]; ok {
		return s
	}
	return reason
}
