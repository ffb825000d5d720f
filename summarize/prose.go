// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"
	"unicode"

	"review-assistant/internal/lazyre"
	"review-assistant/scrub"
)

// rule matches text that may not stand in a comment. needs are words of which
// one is in every match, lower case; they spare most texts the pattern.
type rule struct {
	needs   string
	pattern *lazyre.Regexp
}

// forbidden is text that Gerrit, a bot or a hasty reader would act on. It is
// looked for outside of code spans, in one line.
var forbidden = []rule{
	{"@", re(`(?:^|[^\w./])@[A-Za-z]`)}, // mention
	{"＠ ﹫", re(`[＠﹫]`)},
	{"@", re(`\b[\w.+-]+@[\w-]+\.\w+`)}, // e-mail
	{": www.", re(`(?i)\b(?:https?|ftp|file|javascript|data|mailto|ssh|git)://?\S|\b(?:javascript|data|mailto|vbscript):\S|\bwww\.\w`)},
	{"]", re(`\]\s*\([^)]*\)|!\[|\]\s*\[|^\s*\[[^\]]+\]:`)}, // links and images, inline and by reference
	{"http: https: ftp:", re(`(?i)\b(?:https?|ftp):\S`)},
	{"$ \\", re(`\$\s*\\|\\(?:color|text\w*|href|url|html\w*)\b`)}, // formulas that a portal renders
	{"|||| **** ____ ~~~~ ####", re(`\|{4}|\*{4}|_{4}|~{4}|#{4}`)},
	{"[", re(`!\[`)},
	{"< &", re(`(?i)</|<!|<<SECRET:|&#?\w+;|<(?:a|abbr|audio|b|base|body|br|button|canvas|center|code|details|div|em|embed|font|form|frame|h\d|head|hr|html|i|iframe|img|image|input|ins|kbd|label|li|link|math|meta|object|ol|p|picture|pre|q|s|script|source|span|strong|style|sub|summary|sup|svg|table|td|template|textarea|th|title|tr|tt|u|ul|video)(?:\s[^<>]*)?/?>`)}, // generics such as List<T> are made harmless elsewhere
	{"+ -", re(`(?i)\b(?:Code-Review|Verified|Commit-Queue|Autosubmit|Presubmit-\w+|Workflow|Owners?-Override|Label)\s*[:=]?\s*[+-]\s*[12]\b|(?:^|[^\w.])[+-][12]\s+(?:from me|vote)\b|^\s*[+-][12]\s*$`)},
	{"lgtm approv submit merge land ship go good great fine safe correct issue problem concern risk vot", re(`(?i)\bLGTM\b|\bI(?:'ve)? approved?\b|\bapproved?\b.{0,20}\b(?:submit|merge|change|patch|by)\b|\bis (?:hereby )?approved\b|\b(?:ready|safe|good|ok|okay|fine)\s+to\s+(?:submit|merge|land|go|ship|approve)\b|\b(?:looks|seems) (?:good|great|fine|safe|correct)\b|\bship it\b|\bno (?:issues|problems|concerns|risks?)\b|\bvot(?:e|es|ed|ing)\s+\W?[+-]?\d|\bplease (?:approve|merge|submit)\b`)},
	{"genehmigt freigegeben zugestimmt 批准 同意合并 承認 одобр утвержд aprobad aprovad approuv", re(`(?i)\b(?:genehmigt|freigegeben|zugestimmt)\b|批准|同意合并|承認|одобр(?:ено|яю|ить)|утвержд(?:ено|аю)|\baprobad[oa]\b|\baprovad[oa]\b|\bapprouv`)},
	{":", re(`(?i)^\s*(?:Change-Id|Signed-off-by|Reviewed-by|Tested-by|Acked-by|Co-authored-by|Bug|Fixes|Closes|Cq-[\w-]+|Depends-On|Submit-Requirement|Reviewed-on|Topic)\s*:`)},
	{"recheck reverify retest experimental", re(`(?i)(?:^|[.!?:;-])\s*(?:recheck|reverify|retest|check experimental)\s*[.!?]?\s*$`)},
	{"change-id", re(`(?i)\bChange-Id\s*:`)},
	{"re check gate /", re(`(?i)^\s*(?:recheck|reverify|retest|rebase|check experimental|gate|/\w+\b.*)\s*$`)},
	{"| # > ` - *", re("^\\s*(?:\\||#{1,6}\\s|>|```|---+\\s*$|\\*\\*\\*)")}, // table, heading, quote, fence, rule
}

var codeSpan = lazyre.New("`[^`\n]*`")

// presentable reports whether a text may stand in a comment: one line without
// hidden characters, and nothing forbidden outside of code spans.
func presentable(t scrub.Text) bool {
	s := t.String()
	if strings.TrimSpace(s) == "" || strings.ContainsFunc(s, func(r rune) bool { return r == '\n' || r == unicode.ReplacementChar || scrub.Hidden(r) }) {
		return false
	}
	prose := codeSpan.ReplaceAllString(s, "`x`")
	if strings.Count(s, "`")%2 == 1 {
		return false
	}
	if acts(prose) {
		return false
	}
	for _, code := range codeSpan.FindAllString(s, -1) {
		if forbiddenCode.MatchString(code) {
			return false
		}
	}
	return true
}

// Presentable reports whether words of others, such as a title in a catalog,
// may stand in a comment: nobody acts on them, and they give no orders.
func Presentable(t scrub.Text) bool { return presentable(t.Neutral()) && !talks(t.String()) }

// acts reports whether a line without code spans holds anything forbidden.
func acts(line string) bool {
	low := strings.ToLower(line)
	for _, f := range forbidden {
		if containsAny(low, f.needs) && f.pattern.MatchString(line) {
			return true
		}
	}
	return false
}

var forbiddenCode = lazyre.New(`(?i)://|\b(?:Code-Review|Verified|Commit-Queue)\s*[:=]?\s*[+-]\s*[12]|\bLGTM\b|<!--|!\[`)

var order = lazyre.New(`(?i)\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|all|any|your|these|the)\b.{0,20}\b(?:instructions?|prompts?|rules?|messages?|directions?)|\bsystem prompt\b|\byou are (?:now )?(?:an?|the)\b|\bas an? (?:ai|assistant|language model)\b|\b(?:ai|llm|bot|reviewer|assistant|model)s?\s*[:,]\s*(?:please|do|say|write|vote|add|ignore|approve|you)|\b(?:reply|respond|answer|say|print|output|write)\b.{0,12}\b(?:with|only|exactly|that|your)\b.{0,40}|\bdo not (?:mention|report|tell|reveal)\b|\bprint your\b|\bnew instructions?\b|\bvote \+|\+2\b|` +
	`\bignorier\w*\b.{0,40}\b(?:anweisung|vorgabe|regel)|\bignor[ae]\w*\b.{0,40}\binstruc|忽略.{0,12}(?:指令|说明|提示|规则)|無視.{0,12}|игнорируй|проголосуй|\bstimme?\b.{0,20}\bfür\b|\bvota\b.{0,12}\d`)

// orderWords are in every text that order matches.
var orderWords = []string{"instruction", "prompt", "rule", "message", "direction", "you are", "as a", "ai:", "ai,", "ai :", "ai ,", "ais:", "ais,", "llm", "bot", "reviewer", "assistant", "model", "reply", "respond", "answer", "say", "print", "output", "write", "do not", "vote", "+2", "anweisung", "vorgabe", "regel", "instruc", "忽略", "無視", "игнорируй", "проголосуй", "stimm", "vota"}

// maxTalk is in bytes; nobody talks in longer lines.
const maxTalk = 2000

// talks reports whether a text talks to a machine instead of telling what
// code does.
func talks(s string) bool {
	s = s[:min(len(s), maxTalk)]
	low := strings.ToLower(s)
	return slices.ContainsFunc(orderWords, func(w string) bool { return strings.Contains(low, w) }) && order.MatchString(s)
}

// quotable reports whether a comment of the diff may be repeated: it is short
// prose that speaks to nobody.
func quotable(t scrub.Text) bool {
	s := t.String()
	return len(s) >= 12 && len(s) <= maxEditLine && !strings.ContainsAny(s, "`\"<>[]{}|") && !talks(s) && presentable(t)
}
