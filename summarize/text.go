// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/scrub"
)

// plainPath matches names that can stand in a sentence as they are.
var plainPath = lazyre.New(`^[\p{L}\p{N}_./+][\p{L}\p{N}_./+@~=,-]*$`)

// maxPathText is in bytes; longer names lose their beginning.
const maxPathText = 140

// PathText returns a file name for use in a sentence. Names are chosen by the
// author of the change: one that is more than a name stands in a code span.
func PathText(p scrub.Text) scrub.Text {
	if p.Len() > maxPathText {
		p = scrub.Format("…%s", p.Slice(p.Len()-maxPathText, p.Len()))
	} else if plainPath.MatchString(p.String()) {
		return p
	}
	if t := span(p, maxPathText+10); !strings.Contains(p.String(), "://") && presentable(t) {
		return t
	}
	return noName
}

// noName stands for text that cannot be shown at all.
var noName = scrub.Lit("`…`")

var mailLike = re(`@[\w.+-]+@|[\w.+-]@[\w-]+\.`)

// span returns code as a code span of at most n bytes. What a code span
// cannot make harmless (hidden characters, addresses) is replaced by dots;
// a backtick inside becomes an apostrophe, and an e-mail address loses its @.
func span(code scrub.Text, n int) scrub.Text {
	code = cut(unlinked(code.TrimSpace()), n)
	s := code.String()
	if s == "" || strings.Contains(s, "://") || strings.ContainsFunc(s, func(r rune) bool { return scrub.Hidden(r) || r == '\n' }) {
		return noName
	}
	if strings.Contains(s, "@") && mailLike.MatchString(s) {
		code = replace(code, "@", scrub.Lit("(at)"))
	}
	return scrub.Format("`%s`", replace(code, "`", scrub.Lit("'")))
}

var address = re("\\b[A-Za-z][\\w+.-]*://[^\\s\"'`<>()]*")

// unlinked puts dots in the place of addresses: nothing may make them a link.
func unlinked(t scrub.Text) scrub.Text {
	if !strings.Contains(t.String(), "://") {
		return t
	}
	for m := address.FindStringIndex(t.String()); m != nil; m = address.FindStringIndex(t.String()) {
		t = scrub.Format("%s…%s", t.Slice(0, m[0]), t.Slice(m[1], t.Len()))
	}
	return t
}

// replace puts a constant in the place of every old.
func replace(t scrub.Text, old string, with scrub.Text) scrub.Text {
	out := scrub.Text{}
	s := t.String()
	for start := 0; ; {
		i := strings.Index(s[start:], old)
		if i < 0 {
			return scrub.Join("", out, t.Slice(start, t.Len()))
		}
		out = scrub.Join("", out, t.Slice(start, start+i), with)
		start += i + len(old)
	}
}

// cut shortens t to about n bytes, at a word where there is one, and closes a
// code span that it cuts.
func cut(t scrub.Text, n int) scrub.Text {
	if t.Len() <= n {
		return t
	}
	end := n - len("…")
	if i := strings.LastIndexAny(t.String()[:end], " \t"); i > end*2/3 {
		end = i
	}
	if t = t.Slice(0, end); strings.Count(t.String(), "`")%2 == 1 {
		return scrub.Format("%s…`", t)
	}
	return scrub.Format("%s…", t)
}

// list writes "a, b and c", and "a, b and 3 more" when there are more than n.
func list(items []scrub.Text, n int) scrub.Text {
	switch {
	case len(items) == 0:
		return scrub.Text{}
	case len(items) == 1:
		return items[0]
	case len(items) > n:
		return scrub.Format("%s and %s more", scrub.Join(", ", items[:n]...), scrub.Int(len(items)-n))
	}
	last := len(items) - 1
	return scrub.Format("%s and %s", scrub.Join(", ", items[:last]...), items[last])
}

// spans is [list] of code spans.
func spans(items []scrub.Text, n int) scrub.Text {
	out := make([]scrub.Text, len(items))
	for i, it := range items {
		if out[i] = it; i < n || len(items) == 1 {
			out[i] = span(it, 80)
		}
	}
	return list(out, n)
}

// more is what ends an enumeration of n items of which some are told.
func more(n, told int) scrub.Text {
	if n <= told {
		return scrub.Text{}
	}
	return scrub.Format(" and %s more", scrub.Int(n-told))
}

// quote repeats words of the change: in quotation marks, or as code where
// they hold an arrow or a type, which prose would bend.
func quote(t scrub.Text, n int) scrub.Text {
	t = cut(t, n)
	if strings.ContainsAny(t.String(), "<>") && !acts(t.String()) {
		return span(t, n)
	}
	return scrub.Format(`"%s"`, t.Neutral())
}

// unique removes repetitions and keeps the order.
func unique(items []scrub.Text) []scrub.Text {
	seen := map[string]bool{}
	var out []scrub.Text
	for _, it := range items {
		if it.Empty() || seen[it.String()] {
			continue
		}
		seen[it.String()] = true
		out = append(out, it)
	}
	return out
}

// plural chooses between two words.
func plural(n int, one, many scrub.Text) scrub.Text {
	if n == 1 {
		return one
	}
	return many
}

// count writes "1 file" or "3 files".
func count(n int, one, many scrub.Text) scrub.Text {
	return scrub.Format("%s %s", scrub.Int(n), plural(n, one, many))
}

// stopWords carry no meaning for the comparison of two texts.
var stopWords = wordSet(`the an and or of to in on for with that this is are was were be been it its as by from at not no
	we you which when if then than so but can will would should may has have had do does did also into using use used via any all
	more other after before there their they them our one two new now only same such each both over out up down still changes change
	changed adds added add removes removed remove deletes deleted delete renames renamed rename moves moved move declares declared
	becomes gains drops dropped file files line lines calls called longer settings tests places text comment`)

// stems returns the distinct meaningful words of s, split at humps and
// underscores and without the commonest endings.
func stems(s string) map[string]bool {
	out := map[string]bool{}
	addStems(out, s)
	return out
}

func addStems(out map[string]bool, s string) {
	start := -1
	for i := 0; i <= len(s); i++ {
		c := byte(' ')
		if i < len(s) {
			c = s[i]
		}
		upper := c >= 'A' && c <= 'Z'
		letter := upper || c >= 'a' && c <= 'z'
		inside := start >= 0 && (letter || c >= '0' && c <= '9')
		hump := inside && upper && !(s[i-1] >= 'A' && s[i-1] <= 'Z')
		if start >= 0 && (!inside || hump) {
			addStem(out, s[start:i])
			start = -1
		}
		if start < 0 && letter {
			start = i
		}
	}
}

func addStem(out map[string]bool, w string) {
	if len(w) < 3 {
		return
	}
	w = strings.ToLower(w)
	if stopWords[w] {
		return
	}
	for _, suffix := range endings {
		if strings.HasSuffix(w, suffix) && len(w)-len(suffix) >= 3 {
			w = w[:len(w)-len(suffix)]
			break
		}
	}
	out[w] = true
}

var endings = []string{"ations", "ation", "ings", "ing", "ers", "er", "ies", "ied", "es", "ed", "s", "e", "y"}
