// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"maps"
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// risk is something that a diff shows and a reviewer wants to know. It is
// counted, not guessed: the pattern has to stand in more added than removed
// lines of a hunk (or the other way round for what goes away).
type risk struct {
	op      review.Op
	pattern *lazyre.Regexp
	needs   string // words of which one is in every match, lower case; they spare most lines the pattern
	weight  int    // 10 is "look at this first"
	tests   bool
	why     scrub.Text
	files   *lazyre.Regexp // the only files that it is about, nil for all code
	text    bool           // literals and comments count too; in files they always do
}

// programs matches files of programs, which end where they like.
var programs = re(`(?:^|/)(?:cmd|bin|scripts?|tools?)/|(?:^|/)(?:main|__main__|cli)\.\w+$`)

var (
	pipelines  = re(`(?:^|/)\.github/(?:workflows|actions)/.*\.ya?ml$|(?:^|/)\.gitlab-ci[^/]*\.ya?ml$|(?:^|/)\.circleci/.*\.ya?ml$|(?:^|/)(?:azure|bitbucket)-pipelines\.ya?ml$|(?:^|/)\.travis\.ya?ml$|(?:^|/)cloudbuild\.ya?ml$|(?:^|/)\.?zuul[^/]*(?:/.*)?\.ya?ml$|(?:^|/)Jenkinsfile`)
	packages   = re(`(?:^|/)(?:package\.json|Cargo\.toml|requirements[^/]*\.txt|pyproject\.toml|Gemfile|go\.(?:mod|work)|pubspec\.yaml)$`)
	containers = re(`(?i)(?:^|/)(?:[^/]*\.)?(?:docker|container)file[^/]*$`)
	stanzas    = re(`\.tf$`)
	recipes    = re(`\.(?:ba|z)?sh$|(?:^|/)(?:GNU)?[Mm]akefile$|` + pipelines.String() + "|" + containers.String())
)

// sqlText is the start of a literal that holds a statement. People write those
// in one case; "Update of" begins a message.
const sqlText = `"\s*(?:(?:SELECT|select)\b[^"]*\b(?:FROM|from)\b|(?:INSERT INTO|insert into)\b|(?:UPDATE|update)\s+\S+\s+(?:SET|set)\b|(?:DELETE FROM|delete from)\b)`

// accessCheck goes on after a verb such as "check"; without one it matches
// questions and annotations.
const accessCheck = `_?(?:permission|access|auth|role|login|signature|token|csrf)\w*|\bis_?(?:admin|authorized|authenticated|allowed)\w*|^\s*\[Authorize\b|^\s*@(?:PreAuthorize|Secured|RolesAllowed|login_required|permission_required)\b`

var dataGone = scrub.Lit("data is dropped")

var endsHere = scrub.Lit("the program can end here")

var risks = slices.Concat(rights, []risk{
	{review.OpAdd, re(`InsecureSkipVerify:\s*true|verify\s*=\s*False|rejectUnauthorized:\s*false|NoopHostnameVerifier|ALLOW_ALL_HOSTNAME|VERIFY_NONE|CURLOPT_SSL_VERIFYPEER,\s*0`), "insecureskipverify verify rejectunauthorized hostname ssl", 10, false, scrub.Lit("certificate checks are switched off"), nil, false},
	{review.OpAdd, re(`(?i)\bdrop\s+(?:table|column|database|schema)\b|\btruncate\s+table\b|\bdelete\s+from\s+\w+\s*;`), "drop truncate delete", 10, false, dataGone, nil, true},
	{review.OpRemove, re(`if err != nil|if err :?=|\bcatch\s*\(|\bexcept\b.*:|\brescue\b|\.catch\(|\?;\s*$|if \(.*(?:== ?(?:NULL|nullptr|-1)|< 0)\)`), "err catch except rescue ? if", 9, false, scrub.Lit("an error check goes away"), nil, false},
	{review.OpRemove, re(`(?i)\b(?:has|check|require|verify|assert|validate|ensure)` + accessCheck), "perm access auth role login sign token csrf admin allowed", 9, false, scrub.Lit("an access check goes away"), nil, false},
	{review.OpRemove, re(`\.(?:R?Lock|Unlock)\(|synchronized\b|\block_guard\b|\bunique_lock\b|mutex`), "lock synchronized mutex", 9, false, scrub.Lit("a lock goes away"), nil, false},
	{review.OpAdd, re(`^\s*_\s*(?:,\s*_\s*)?=\s*\w[\w.]*\(|catch\s*\([^)]*\)\s*\{\s*\}|except[^:]*:\s*pass|//\s*nolint:errcheck`), "_ catch except nolint", 8, false, scrub.Lit("an error is ignored"), nil, true},
	{review.OpAdd, re(`(?i)\b(?:has|check|require|verify|validate)` + accessCheck), "perm access auth role login sign token csrf admin allowed", 8, false, scrub.Lit("an access check is new"), nil, false},
	{review.OpAdd, re(`\bexcept(?:\s+(?:Base)?Exception\b[^:]*)?\s*:|\bcatch\s*\(\s*(?:final\s+)?(?:\w+\s*:\s*)?(?:\\?Exception|Throwable|\.\.\.)\b|\bcatch\s*\(\s*\.\.\.|\brescue\s+(?:Exception|StandardError)\b`), "except catch rescue", 7, false, scrub.Lit("every kind of error is caught"), nil, false},
	{review.OpAdd, re(`(?i)\b(?:md5|sha1|des|rc4|ecb)\b.*\(|math/rand|Random\(\)\.next|\brand\(\)`), "md5 sha1 des rc4 ecb rand", 7, false, scrub.Lit("a weak algorithm or random source is used"), nil, true},
	{review.OpAdd, re(`(?i)\b(?:hmac|aes|rsa|ecdsa|ed25519|bcrypt|scrypt|argon2|pbkdf2|x509|encrypt|decrypt)\w*\s*[.(]`), "hmac aes rsa ecdsa ed25519 bcrypt scrypt argon2 pbkdf2 x509 crypt", 7, false, scrub.Lit("cryptography is used"), nil, false},
	{review.OpAdd, re(`exec\.Command|Runtime\.getRuntime\(\)\.exec|ProcessBuilder|subprocess\.|os\.system\(|shell\s*=\s*True|child_process|\beval\(|\bpopen\(`), "exec process os.system shell eval popen", 7, false, scrub.Lit("a process or code is run"), nil, false},
	{review.OpAdd, re(`dangerouslySetInnerHTML|\.innerHTML\s*=|template\.HTML\(|v-html|mark_safe\(`), "innerhtml template.html v-html mark_safe", 7, false, scrub.Lit("HTML is written unescaped"), nil, false},
	{review.OpAdd, re("(?:" + sqlText + `[^"]*"` + "|" + strings.ReplaceAll(sqlText, `"`, "'") + `[^']*')\s*(?:\+|%\s*[\w(]|\.\s*format\(|\.\s*\$|\|\||\.\s*concat\()|(?:Sprintf|String\.format|\bformat)\(\s*` + sqlText + `[^"]*%[svdq]|\bf` + sqlText + "[^\"]*\\{|\\$" + sqlText + "[^\"]*\\{|" + strings.ReplaceAll(sqlText, `"`, "`") + "[^`]*\\$\\{"), "select insert update delete", 9, false, scrub.Lit("SQL is put together from pieces"), nil, true},
	{review.OpAdd, re(`os\.RemoveAll|rm -rf|\bfind\b.*\s-delete\b|\brsync\b.*\s--delete\b|shutil\.rmtree|deleteRecursively|FileUtils\.deleteDirectory|fs\.rm(?:Sync|dir)?\(`), "removeall rm rmtree delete", 8, false, scrub.Lit("files are deleted recursively"), nil, true},
	{review.OpAdd, re(`^\s*go (?:func\b|\w[\w.]*\()|new Thread\(|std::thread|threading\.Thread|\.submit\(|asyncio\.(?:create_task|gather)|tokio::spawn|thread::spawn|\blaunch\s*\{|\bsetInterval\(`), "go thread submit asyncio spawn launch setinterval", 7, false, scrub.Lit("work is started at the side"), nil, false},
	{review.OpAdd, re(`\.(?:R?Lock)\(\)|synchronized\b|\block_guard\b|\bunique_lock\b|sync\.(?:RW)?Mutex|atomic\.|volatile\b|ReentrantLock`), "lock synchronized mutex atomic volatile", 6, false, scrub.Lit("state is shared between threads"), nil, false},
	{review.OpAdd, re(`(?:^|[^.\w])unsafe(?:\.[A-Z]|\s*\{|\s+(?:fn|impl|trait)\b)|reinterpret_cast|\bmemcpy\(|\bstrcpy\(|\bsprintf\(`), "unsafe reinterpret_cast memcpy strcpy sprintf", 7, false, scrub.Lit("memory is handled by hand"), nil, false},
	{review.OpAdd, re(`\bpanic\(|os\.Exit\(|log\.Fatal|System\.exit\(|\babort\(\)|process\.exit\(|\.unwrap\(\)`), "panic exit fatal abort unwrap", 6, false, endsHere, nil, false},
	{review.OpAdd, re(`(?i)(?:time_?out|deadline|retr(?:y|ies)|backoff)\w*\s*(?::=|[:=(])\s*(?:[\w.]+\s*\*\s*)?-?\d`), "out deadline retr backoff", 5, false, scrub.Lit("a time limit or retry is set"), nil, false},
	{review.OpRemove, re(`(?i)^\s*(?:\w+\.)*\w*(?:time_?out|deadline|retr(?:y|ies)|backoff)\w*\s*(?::=|=|:)\s*[^=\s]`), "out deadline retr backoff", 6, false, scrub.Lit("a time limit or retry goes away"), nil, false},
	{review.OpRemove, re(`^\s*delete\s|\bfree\(|\.[Cc]lose\(\)|defer .*\(`), "delete free close defer", 5, false, scrub.Lit("a clean-up goes away"), nil, false},
	{review.OpRemove, re(`^\s*(?:if\b.*)?(?:\braise\b|\bthrow\s)|^\s*(?:\}?\s*else\s+)?(?:if|elif|unless|assert|guard)\b.*(?:[=!]==?|\bis(?: not)?)\s*(?:null|nil|None|nullptr|undefined)\b|requireNonNull\(|checkNotNull\(|\bif !ok\b`), "raise throw null nil none undefined !ok", 9, false, scrub.Lit("a check or an error goes away"), nil, false},
	{review.OpAdd, re(`(?:^\s*-?\s*|^\s*on\s*:.*)["']?pull_request_target\b`), "pull_request_target", 10, false, scrub.Lit("changes of strangers run with the rights and secrets of the project"), pipelines, false},
	{review.OpAdd, re(`^\s*permissions\s*:\s*["']?write-all|^\s*(?:permissions\s*:\s*\{.*)?(?:actions|attestations|checks|contents|deployments|id-token|issues|packages|pages|pull-requests|repository-projects|security-events|statuses)\s*:\s*["']?write\b`), "write", 9, false, scrub.Lit("the pipeline gets a right to write"), pipelines, false},
	{review.OpAdd, re(`\|\|\s*(?:true|:)(?:\s*["';)]*\s*$|\s+[#&;])|\bcontinue-on-error\s*:\s*true\b|\ballow_failure\s*:\s*true\b|^\s*set \+e\b`), "|| continue-on-error allow_failure +e", 8, false, scrub.Lit("a failure is passed over"), recipes, true},
	{review.OpAdd, re(`(?i)^\s*USER\s+["']?(?:root|0)(?::\w+)?["']?\s*$`), "user", 9, false, scrub.Lit("the container runs as root"), containers, false},
	{review.OpRemove, re(`(?i)^\s*USER\s+\S`), "user", 8, false, scrub.Lit("the container no longer changes its user"), containers, false},
	{review.OpAdd, re(`(?i)\bgit\+\w|\bgit://|"(?:github|gitlab|bitbucket|file|link|https?|ssh|git):|^\s*[\w.-]+\s*@\s*\w+://|\b(?:git|path|url)\s*[=:]\s*["']|^\s*(?:replace\b.*)?=>\s*\.{0,2}/|^\s*replace\s.*=>`), "git path url file: link: http ssh: replace =>", 9, false, scrub.Lit("a dependency comes from another place"), packages, false},
	{review.OpAdd, re(`\b(?:curl|wget)\b[^|]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:/(?:usr/)?bin/)?(?:ba|z|da)?sh\b|\b(?:ba|z)?sh\s+(?:-c\s+)?["']?(?:<\(|\$\()\s*(?:curl|wget)\b`), "curl wget", 9, false, scrub.Lit("what a download brings is run"), recipes, false},
	{review.OpRemove, re(`^\s*prevent_destroy\s*=\s*true|^\s*deletion_protection\s*=\s*true`), "prevent_destroy deletion_protection", 9, false, scrub.Lit("a protection against deletion goes away"), stanzas, false},
	{review.OpAdd, re(`^\s*force_destroy\s*=\s*true|^\s*skip_final_snapshot\s*=\s*true`), "force_destroy skip_final_snapshot", 8, false, scrub.Lit("deleting it takes its contents along"), stanzas, false},
	{review.OpAdd, re(`^\s*(?:block_public_\w+|ignore_public_acls|restrict_public_buckets)\s*=\s*false`), "public restrict", 9, false, scrub.Lit("it can be reached from outside"), stanzas, false},
	{review.OpRemove, re(`^\s*(?:liveness|readiness|startup)Probe\s*:`), "probe", 7, false, scrub.Lit("a probe goes away"), policies, false},
	{review.OpAdd, re(`\bt\.Skip|@Ignore\b|@Disabled\b|\b(?:it|test|describe)\.skip\(|\bx(?:it|describe)\(|pytest\.mark\.skip|#\[ignore\]|GTEST_SKIP`), "skip ignore disabled xit xdescribe", 7, true, scrub.Lit("a test is switched off"), nil, false},
	{review.OpAdd, openWork, "todo fixme xxx hack", 3, false, scrub.Lit("work is left open"), nil, true},
})

// openWork is the only risk that stands in comments.
var openWork = lazyre.New(`\b(?:TODO|FIXME|XXX|HACK)\b`)

// rules of risks that are not in the table, so that one kind does not take
// all the room.
const (
	ruleOther = -1 - iota
	ruleEdit
	ruleOdd
	ruleGuard
	ruleSignature
)

// found is a risk at a place.
type found struct {
	Point
	weight int
	rule   int
	code   string // the line that it quotes, "" for none
	gone   bool   // it is about a line that goes away
}

// found returns a point of f; its severity follows from the weight, 1 to 10.
func (f *file) found(line int, why scrub.Text, weight, rule int, code string) found {
	s := Low
	switch {
	case weight >= 8:
		s = High
	case weight >= 5:
		s = Medium
	}
	return found{Point{Path: f.Path, Line: line, Why: why, Severity: s, grave: weight >= 9 && rule != ruleSignature && rule != ruleEdit}, weight, rule, code, false}
}

// risksOf returns what the hunks of f show, at most one of each kind.
func risksOf(f *file) []found {
	code := f.role != roleDocs && f.role != roleAsset && (f.lang != nil || f.role == roleSchema)
	if !code && !recipes.MatchString(f.path) && !stanzas.MatchString(f.path) && !packages.MatchString(f.path) && !givesRights(f.path) {
		return nil
	}
	texts := make([]hunkText, len(f.Hunks))
	var all strings.Builder
	for i := range f.Hunks {
		texts[i] = newHunkText(&f.Hunks[i])
		all.WriteString(texts[i].lower)
	}
	whole := all.String()
	var out []found
	for r := range risks {
		rule := &risks[r]
		if !containsAny(whole, rule.needs) {
			continue
		}
		if !rule.about(f, code) || f.Status == review.FileDeleted {
			continue
		}
		for i := range f.Hunks {
			if p, code, ok := rule.in(f, i, &texts[i]); ok {
				p := f.found(p.Line, p.Why, rule.weight, r, code)
				p.gone = rule.op == review.OpRemove
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// hunkText is a hunk made ready to be searched for many words.
type hunkText struct {
	lower  string // changed lines in lower case; others and long ones are empty
	starts []int  // of the lines, in lower
	at     []int  // new-side numbers of the lines
}

func newHunkText(h *scrub.Hunk) hunkText {
	t := hunkText{starts: make([]int, len(h.Lines)), at: make([]int, len(h.Lines))}
	var b strings.Builder
	line := h.NewStart
	for i, l := range h.Lines {
		t.starts[i], t.at[i] = b.Len(), line
		if l.Op != review.OpContext && l.Text.Len() <= maxEditLine {
			b.WriteString(strings.ToLower(l.Text.String()))
		}
		b.WriteByte('\n')
		if l.Op != review.OpRemove {
			line++
		}
	}
	t.lower = b.String()
	return t
}

// with returns the lines that hold one of the words, in order.
func (t *hunkText) with(words string) []int {
	hit := map[int]bool{}
	for words != "" {
		var w string
		w, words, _ = strings.Cut(words, " ")
		for from := 0; ; {
			i := strings.Index(t.lower[from:], w)
			if i < 0 {
				break
			}
			at, exact := slices.BinarySearch(t.starts, from+i)
			if !exact {
				at--
			}
			hit[at] = true
			if at+1 == len(t.starts) {
				break
			}
			from = t.starts[at+1]
		}
	}
	return slices.Sorted(maps.Keys(hit))
}

// about reports whether a risk is looked for in f.
func (r *risk) about(f *file, code bool) bool {
	switch {
	case r.files != nil:
		return r.files.MatchString(f.path)
	case r.why == dataGone && backwards.MatchString(f.path):
		return false // a way back drops what the way there made
	case r.why == endsHere && programs.MatchString(f.path):
		return false
	}
	return code && r.tests == (f.role == roleTest)
}

// in looks for a risk in the lines of hunk k.
func (r *risk) in(f *file, k int, t *hunkText) (p Point, code string, ok bool) {
	h, n := &f.Hunks[k], 0
	last := h.NewStart + h.NewLines - 1
	for _, i := range t.with(r.needs) {
		l := h.Lines[i]
		if !r.pattern.MatchString(f.bare(k, i, r)) || f.dull(l.Text, r) {
			continue
		}
		if l.Op != r.op {
			n--
			continue
		}
		if n++; p.Path.Empty() {
			code = strings.TrimSpace(l.Text.String())
			p = Point{Path: f.Path, Line: newLine(t.at[i], h.NewStart, last), Why: scrub.Format("%s: %s", r.why, span(l.Text, 90))}
		}
	}
	return p, code, n > 0
}

// bare is a line as a risk looks at it: most are about what code does, not
// about what it says.
func (f *file) bare(hunk, line int, r *risk) string {
	if r.text || r.files != nil || hunk >= len(f.scans) {
		return f.Hunks[hunk].Lines[line].Text.String()
	}
	return f.scans[hunk].code[line]
}

// dull reports whether a line only seems to do something: an import, or a
// comment that leaves no work open.
func (f *file) dull(t scrub.Text, r *risk) bool {
	if r.files != nil {
		return strings.HasPrefix(strings.TrimSpace(t.String()), "#")
	}
	if f.lang != nil && f.lang.isComment(t) {
		return r.weight >= 5 || !openWork.MatchString(t.String())
	}
	return importLine.MatchString(t.String())
}

func containsAny(s, words string) bool {
	for words != "" {
		var w string
		if w, words, _ = strings.Cut(words, " "); strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// newLine keeps a line inside its hunk; 0 when the hunk has no new side.
func newLine(line, first, last int) int {
	if last < first || last <= 0 {
		return 0
	}
	return min(max(line, first), last)
}
