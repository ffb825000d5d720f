// SPDX-License-Identifier: Apache-2.0

package summarize

import "strings"

// verdicts are sentences that judge, vouch, choose people or lull instead of
// telling what code does. They need no line of the diff to be written, so that
// the other checks let them pass. English, as most answers are; the words of
// approval in other languages stand in forbidden.
var verdicts = []rule{
	{"audit vett certif bless sign check review verif clear endors agree", re(`(?i)\b(?:audited|vetted|certified|endorsed|blessed|cleared|signed[ -]off|(?:double-)?checked|reviewed|verified|tested)\s+(?:and \w+ )?by\s+(?:the |our |a |an |my )?(?:\w+ )?(?:teams?|experts?|auditors?|maintainers?|department|management|security|me|us|everyone|somebody)\b|\b(?:team|experts?|auditors?|maintainers?|department|management)\b.{0,40}\b(?:audited|vetted|certified|endorsed|cleared|signed|checked|reviewed|verified|agreed?|approved?)\b`)},
	{"no need nothing without", re(`(?i)\bneeds? no\s+(?:\w+\s+){0,2}(?:review|look|attention|approval)|\bno\s+(?:\w+\s+){0,2}(?:review|look|attention|approval)\w*\s+(?:of .{0,40} )?(?:is |are )?(?:needed|required|necessary)|\bnothing (?:to (?:see|review|worry|look)|wrong|suspicious|dangerous)|\bno need to (?:review|look|worry)|\bwithout (?:further|more) (?:review|ado)`)},
	{"fine ok harmless trivial perfect excellent great risk", re(`(?i)\b(?:is|are|looks?|seems?|appears?)\s+(?:\w+ly\s+|very\s+|quite\s+)?(?:fine|ok|okay|harmless|trivial|perfect|excellent|great|risk-free|low-risk)(?:\s*[.,;!]|\s*$|\s+(?:as|and)\b)`)},
	{"safe ready clean solid secure sound correct good", re(`(?i)\b(?:change|patch|commit|code|diff|this|it|everything|all of it)\s+(?:is|are|looks?|seems?)\s+(?:\w+ly\s+|very\s+|quite\s+)?(?:safe|ready|clean|solid|secure|sound|correct|good)\b`)},
	{"job work done", re(`(?i)\b(?:great|good|nice|excellent|fantastic)[ -]+(?:work|job)\b|\bwell[ -]+(?:done|written|crafted|structured)\b|\bkudos\b|\bcongrat`)},
	{"please reviewer recommend suggest", re(`(?i)\bplease\b|^\W*(?:add|ask|invite|assign|cc|nominate|contact)\b.*\breviewers?\b|\b(?:I|we)\s+(?:recommend|suggest|propose|advise)\b|\bas\s+(?:a |an |the )?(?:\w+ )?reviewers?\b`)},
	{"vot plus", re(`(?i)\bvot(?:e|es|ing)\s+(?:plus|minus|up|yes|for|in favou?r)\b|\b(?:one|two)\s+plus(?:es)?\b|\bplus\s+(?:one|two)\b`)},
	{"no without change affect alter cosmetic", re(`(?i)\b(?:no|without)\s+(?:any\s+)?(?:functional|behaviou?ral|semantic|user-visible|visible|real|logic(?:al)?)\s+(?:changes?|effects?|impact)|\bdoes(?:n't| not)\s+(?:change|affect|alter)\s+(?:any\s+)?(?:behaviou?r|functionality|semantics|logic)|\b(?:purely|merely|just|only)\s+(?:a\s+)?cosmetic`)},
	{"geprüft unbedenklich eingereicht bedenken", re(`(?i)\bgeprüft\b|\bunbedenklich\b|\bkann\b.{0,30}\beingereicht\b|\bkein(?:e|en)?\b.{0,20}\bbedenken`)},
	{"go/", re(`(?:^|\s)go/[a-z][\w-]*\b`)},
}

// onlyBlanks is the one claim of harmlessness that can be looked up.
var onlyBlanks = re(`(?i)\b(?:only|just|merely|purely|nothing but)\b.{0,20}\b(?:white-?\s?space|indentation|formatting|line (?:ends|endings))\b|\bformatting[ -]only\b|\bwhite-?space[ -]only\b`)

// dotted matches a host or a path that is written with marks that look like
// those of an address.
var dotted = re(`[A-Za-z0-9][․﹒．｡⁄∕／﹕：＠﹫][A-Za-z]`)

// judges reports whether a sentence passes judgement, or says the same word
// over and over.
func (v *verifier) judges(s string) bool {
	prose := codeSpan.ReplaceAllString(s, "`x`")
	low := strings.ToLower(prose)
	for _, r := range verdicts {
		if containsAny(low, r.needs) && r.pattern.MatchString(prose) {
			return true
		}
	}
	return dotted.MatchString(prose) || onlyBlanks.MatchString(prose) && !v.blank || droning(strings.ToLower(s))
}

// droning reports whether a few words stand for many.
func droning(s string) bool {
	words := strings.Fields(s)
	distinct := map[string]bool{}
	for _, w := range words {
		distinct[w] = true
	}
	return len(words) >= 10 && len(distinct)*2 < len(words)
}
