// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"regexp"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// risk is something that a diff shows and a reviewer wants to know. It is
// counted, not guessed: the pattern has to stand in more added than removed
// lines of a hunk (or the other way round for what goes away).
type risk struct {
	op      review.Op
	pattern *regexp.Regexp
	needs   string // words of which one is in every match, lower case; they spare most lines the pattern
	weight  int    // 10 is "look at this first"
	tests   bool
	why     scrub.Text
}

var risks = []risk{
	{review.OpAdd, re(`InsecureSkipVerify:\s*true|verify\s*=\s*False|rejectUnauthorized:\s*false|NoopHostnameVerifier|ALLOW_ALL_HOSTNAME|VERIFY_NONE|CURLOPT_SSL_VERIFYPEER,\s*0`), "insecureskipverify verify rejectunauthorized hostname ssl", 10, false, scrub.Lit("certificate checks are switched off")},
	{review.OpAdd, re(`(?i)\bdrop\s+(?:table|column|database|schema)\b|\btruncate\s+table\b|\bdelete\s+from\s+\w+\s*;`), "drop truncate delete", 10, false, scrub.Lit("data is dropped")},
	{review.OpRemove, re(`if err != nil|if err :?=|\bcatch\s*\(|\bexcept\b.*:|\brescue\b|\.catch\(|\?;\s*$|if \(.*(?:== ?(?:NULL|nullptr|-1)|< 0)\)`), "err catch except rescue ? if", 9, false, scrub.Lit("an error check goes away")},
	{review.OpRemove, re(`(?i)\b(?:has|check|require|verify|assert|validate|ensure)_?(?:permission|access|auth|role|login|signature|token|csrf)\w*|\bis_?(?:admin|authorized|authenticated|allowed)\w*`), "perm access auth role login sign token csrf admin allowed", 9, false, scrub.Lit("an access check goes away")},
	{review.OpRemove, re(`\.(?:R?Lock|Unlock)\(|synchronized\b|\block_guard\b|\bunique_lock\b|mutex`), "lock synchronized mutex", 9, false, scrub.Lit("a lock goes away")},
	{review.OpAdd, re(`^\s*_\s*(?:,\s*_\s*)?=\s*\w[\w.]*\(|catch\s*\([^)]*\)\s*\{\s*\}|except[^:]*:\s*pass|//\s*nolint:errcheck`), "_ catch except nolint", 8, false, scrub.Lit("an error is ignored")},
	{review.OpAdd, re(`(?i)\b(?:has|check|require|verify|validate)_?(?:permission|access|auth|role|login|signature|token|csrf)\w*|\bis_?(?:admin|authorized|authenticated|allowed)\w*`), "perm access auth role login sign token csrf admin allowed", 8, false, scrub.Lit("an access check is new")},
	{review.OpAdd, re(`(?i)\b(?:md5|sha1|des|rc4|ecb)\b.*\(|math/rand|Random\(\)\.next|\brand\(\)`), "md5 sha1 des rc4 ecb rand", 7, false, scrub.Lit("a weak algorithm or random source is used")},
	{review.OpAdd, re(`(?i)\b(?:hmac|aes|rsa|ecdsa|ed25519|bcrypt|scrypt|argon2|pbkdf2|x509|encrypt|decrypt)\w*\s*[.(]`), "hmac aes rsa ecdsa ed25519 bcrypt scrypt argon2 pbkdf2 x509 crypt", 7, false, scrub.Lit("cryptography is used")},
	{review.OpAdd, re(`exec\.Command|Runtime\.getRuntime\(\)\.exec|ProcessBuilder|subprocess\.|os\.system\(|shell\s*=\s*True|child_process|\beval\(|\bpopen\(`), "exec process os.system shell eval popen", 7, false, scrub.Lit("a process or code is run")},
	{review.OpAdd, re(`dangerouslySetInnerHTML|\.innerHTML\s*=|template\.HTML\(|v-html|mark_safe\(`), "innerhtml template.html v-html mark_safe", 7, false, scrub.Lit("HTML is written unescaped")},
	{review.OpAdd, re(`(?i)["'](?:select|insert|update|delete)\b[^"']*["']\s*(?:\+|%|\.\s*format|\|\|)|f["'](?:select|insert|update|delete)\b`), "select insert update delete", 8, false, scrub.Lit("SQL is put together from pieces")},
	{review.OpAdd, re(`os\.RemoveAll|rm -rf|shutil\.rmtree|deleteRecursively|FileUtils\.deleteDirectory|fs\.rm(?:Sync|dir)?\(`), "removeall rm rmtree delete", 8, false, scrub.Lit("files are deleted recursively")},
	{review.OpAdd, re(`^\s*go (?:func\b|\w[\w.]*\()|new Thread\(|std::thread|threading\.Thread|\.submit\(|asyncio\.(?:create_task|gather)|tokio::spawn|thread::spawn`), "go thread submit asyncio spawn", 7, false, scrub.Lit("work is started at the side")},
	{review.OpAdd, re(`\.(?:R?Lock)\(\)|synchronized\b|\block_guard\b|\bunique_lock\b|sync\.(?:RW)?Mutex|atomic\.|volatile\b|ReentrantLock`), "lock synchronized mutex atomic volatile", 6, false, scrub.Lit("state is shared between threads")},
	{review.OpAdd, re(`\bunsafe\b|reinterpret_cast|\bmemcpy\(|\bstrcpy\(|\bsprintf\(`), "unsafe reinterpret_cast memcpy strcpy sprintf", 7, false, scrub.Lit("memory is handled by hand")},
	{review.OpAdd, re(`\bpanic\(|os\.Exit\(|log\.Fatal|System\.exit\(|\babort\(\)|process\.exit\(|\.unwrap\(\)`), "panic exit fatal abort unwrap", 6, false, scrub.Lit("the program can end here")},
	{review.OpAdd, re(`(?i)(?:time_?out|deadline|retr(?:y|ies)|backoff)\w*\s*(?::=|[:=(])`), "out deadline retr backoff", 5, false, scrub.Lit("a time limit or retry is set")},
	{review.OpRemove, re(`(?i)(?:time_?out|deadline|retr(?:y|ies)|backoff)\w*\s*(?::=|[:=(])`), "out deadline retr backoff", 6, false, scrub.Lit("a time limit or retry goes away")},
	{review.OpRemove, re(`^\s*delete\s|\bfree\(|\.[Cc]lose\(\)|defer .*\(`), "delete free close defer", 5, false, scrub.Lit("a clean-up goes away")},
	{review.OpAdd, re(`\bt\.Skip|@Ignore\b|@Disabled\b|\b(?:it|test|describe)\.skip\(|\bx(?:it|describe)\(|pytest\.mark\.skip|#\[ignore\]|GTEST_SKIP`), "skip ignore disabled xit xdescribe", 7, true, scrub.Lit("a test is switched off")},
	{review.OpAdd, re(`\b(?:TODO|FIXME|XXX|HACK)\b`), "todo fixme xxx hack", 3, false, scrub.Lit("work is left open")},
}

// openWork is the only risk that stands in comments.
var openWork = regexp.MustCompile(`\b(?:TODO|FIXME|XXX|HACK)\b`)

// found is a risk at a place.
type found struct {
	Point
	weight int
	rule   int
}

// risksOf returns what the hunks of f show, at most one of each kind.
func risksOf(f *file) []found {
	if f.role == roleDocs || f.role == roleAsset || f.lang == nil && f.role != roleSchema {
		return nil
	}
	var b strings.Builder
	for i := range f.Hunks {
		for _, l := range f.Hunks[i].Lines {
			if l.Op != review.OpContext {
				b.WriteString(l.Text.String())
				b.WriteByte('\n')
			}
		}
	}
	all := strings.ToLower(b.String())
	var out []found
	for r := range risks {
		rule := &risks[r]
		if !containsAny(all, rule.needs) {
			continue
		}
		if rule.tests != (f.role == roleTest) || f.Status == review.FileDeleted {
			continue
		}
		for i := range f.Hunks {
			if p, ok := rule.in(f, &f.Hunks[i]); ok {
				out = append(out, found{p, rule.weight, r})
				break
			}
		}
	}
	return out
}

func (r *risk) in(f *file, h *scrub.Hunk) (Point, bool) {
	n, line := 0, h.NewStart
	last := h.NewStart + h.NewLines - 1
	var p Point
	for _, l := range h.Lines {
		if l.Op != review.OpContext && l.Text.Len() <= maxEditLine {
			if s := l.Text.String(); containsAny(strings.ToLower(s), r.needs) && r.pattern.MatchString(s) && !f.dull(l.Text, r) {
				if l.Op == r.op {
					if n++; p.Path.Empty() {
						p = Point{Path: f.Path, Line: newLine(line, h.NewStart, last), Why: scrub.Format("%s: %s", r.why, span(l.Text, 90))}
					}
				} else {
					n--
				}
			}
		}
		if l.Op != review.OpRemove {
			line++
		}
	}
	return p, n > 0
}

// dull reports whether a line only seems to do something: an import, or a
// comment that leaves no work open.
func (f *file) dull(t scrub.Text, r *risk) bool {
	if f.lang != nil && f.lang.isComment(t) {
		return r.weight >= 5 || !openWork.MatchString(t.String())
	}
	return importLine.MatchString(t.String())
}

func containsAny(s, words string) bool {
	for w := range strings.SplitSeq(words, " ") {
		if strings.Contains(s, w) {
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
