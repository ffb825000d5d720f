// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
)

// A claim is what an English sentence says about the sign of lines: that the
// change adds, removes, renames, replaces or moves something that can be
// looked up. A sentence is dropped only when the lines say otherwise. What the
// code does when it runs ("the loop removes `x` when …") is no claim.

type act int

const (
	actNone act = iota
	actAdd
	actRemove
	actRename
	actReplace
	actMove
	actOther // changes something; what follows "and" is a claim too
)

var acting = func() map[string]act {
	out := map[string]act{}
	for a, forms := range map[act]string{
		actAdd:     "add adds added introduce introduces introduced create creates created",
		actRemove:  "remove removes removed delete deletes deleted drop drops dropped",
		actRename:  "rename renames renamed",
		actReplace: "replace replaces replaced swap swaps",
		actMove:    "move moves moved",
		actOther: `change changes changed update updates extend extends make makes refactor refactors split splits extract extracts use uses
			switch switches bump bumps convert converts fix fixes turn turns expose exposes export exports adapt adapts pass passes`,
	} {
		for w := range strings.FieldsSeq(forms) {
			out[w] = a
		}
	}
	return out
}()

var (
	// pieces of a noun in front of code or behind it
	determiners = wordSet(`a an the new its their this these those both also two three four five six seven eight nine ten optional
		exported public protected private static internal helper own unused old obsolete deprecated legacy existing separate whole entire dead
		abstract async final global local temporary missing redundant former previous second third additional another`)
	articles = wordSet(`a an the`)
	kinds    = wordSet(`function functions func method methods class classes type types field fields parameter parameters param argument
		arguments option options flag flags constant constants variable variables file files test tests module package import interface
		interfaces struct structs enum key keys setting settings property properties script command target macro label annotation attribute
		dependency dependencies member members entry entries column columns table header helper helpers constructor env event events handler handlers bundle bundles board`)
	// mentions are nouns that stand for the code behind "of" or "to"
	mentions = wordSet(`call calls import imports use uses usage usages reference references`)
	joints   = wordSet(`to in from for of with as into on at so that which and or but by via under inside using across between within where
		instead plus along because since per through behind alongside after`)
	// occasions turn a claim into a tale of what happens at run time
	occasions = wordSet(`when whenever if after before once unless until while during without instead`)
	auxiliary = wordSet(`is are was were gets get`)
	speakers  = wordSet(`change commit patch cl revision refactoring`)
	adverbs   = wordSet(`also now then further newly simply just additionally therefore thus`)
)

// token is a word or a piece of code of a sentence.
type token struct {
	text  string // without punctuation around it and without backticks
	low   string
	code  bool
	owner bool   // "`x`'s"
	weak  bool   // only describes a noun: "`x` handling"
	end   string // the punctuation behind it
}

var (
	tokenLike = lazyre.New("`[^`]*`[^\\s`]*|[^\\s`]+")
	codeWord  = lazyre.New(`^(?:[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|\w+_\w+|[A-Z]{2,}[a-z]\w+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w+)*\(\)|[a-z]\w*\.[A-Z]\w+|--[a-z][\w-]+)$`)
)

func (s *sides) tokens(text string) (out []token) {
	for _, w := range tokenLike.FindAllString(text, -1) {
		w = strings.TrimLeft(w, `("'`)
		t := token{text: w}
		if strings.HasPrefix(w, "`") {
			i := strings.LastIndexByte(w, '`')
			t.text, t.end = w[1:i], w[i+1:]
			t.code = strings.Trim(t.end, `.,;:!?)"`) == ""
			t.owner = strings.HasPrefix(t.end, "'s") || strings.HasPrefix(t.end, "’s")
		} else {
			t.text = strings.TrimRight(w, `.,;:!?"'`)
			if !strings.Contains(t.text, "(") {
				t.text = strings.TrimRight(t.text, `)"'.,;:`)
			}
			t.end = w[len(t.text):]
			if strings.HasSuffix(t.text, "'s") || strings.HasSuffix(t.text, "’s") {
				t.owner = true
			} else {
				t.code = codeWord.MatchString(t.text) && !commonNames[t.text] ||
					t.text != "" && pathLike.FindString(t.text) == t.text && (strings.Contains(t.text, ".") || len(s.withPath(t.text)) > 0)
			}
		}
		if t.low = strings.ToLower(t.text); t.text != "" {
			out = append(out, t)
		}
	}
	return out
}

// ends reports whether a phrase ends behind the token.
func (t token) ends() bool { return strings.ContainsAny(t.end, ".,;:!?)") }

// maxObjects is how much code one verb takes; a longer list is no sentence.
const maxObjects = 12

// objects reads the code that a verb takes directly, from token i on: "the
// method `X` and `Y`", "a call of `X`". next is the token behind. Code that
// only describes a noun ("`X` handling") is weak.
func objects(ts []token, i int) (out []token, next int) {
	for ; i < len(ts) && len(out) < maxObjects; i++ {
		t := ts[i]
		switch {
		case t.owner:
			return out, i
		case t.code:
			last := i + 1
			for last < len(ts) && !ts[last-1].ends() && (kinds[ts[last].low] || mentions[ts[last].low]) {
				last++
			}
			t.weak = last < len(ts) && !ts[last-1].ends() && !joints[ts[last].low] && !adverbs[ts[last].low] && !auxiliary[ts[last].low] && !ts[last].code
			out = append(out, t)
			more := last < len(ts) && (ts[last].low == "and" || ts[last-1].end == "," && ts[last].code)
			if t.weak || !more || ts[last-1].ends() && ts[last-1].end != "," {
				return out, last
			}
			if i = last - 1; ts[last].low == "and" {
				i = last
			}
		case t.ends():
			return out, i + 1
		case mentions[t.low]:
			if i+2 < len(ts) && (ts[i+1].low == "of" || ts[i+1].low == "to") {
				i++
			}
		case determiners[t.low] || kinds[t.low]:
		case i > 0 && articles[ts[i-1].low] && i+1 < len(ts) && ts[i+1].code && !joints[t.low]:
			// "the event `x`"
		default:
			return out, i
		}
	}
	return out, i
}

// claims reports whether what an English sentence says about added, removed,
// renamed and moved code agrees with the lines.
func (v *verifier) claims(s string) bool {
	s = strings.TrimSpace(s)
	if strings.HasSuffix(s, "?") {
		return true
	}
	ts := v.sides.tokens(s)
	own := false // the sentence tells what the change does
	for i := range ts {
		starts := i == 0 || strings.ContainsAny(ts[i-1].end, ".;:!?")
		if starts {
			own = false
		}
		if !v.nowAndThen(ts, i) {
			return false
		}
		at := i
		switch {
		case starts:
			at = subject(ts, i)
			own = at < len(ts) && acting[ts[at].low] != actNone
			if !own && !v.passive(ts, i) {
				return false
			}
		case own && i > 0 && (ts[i-1].low == "and" || ts[i-1].low == "but" || strings.HasSuffix(ts[i-1].end, ",")):
			for at < len(ts) && adverbs[ts[at].low] {
				at++
			}
		default:
			continue
		}
		if at >= len(ts) || !own {
			continue
		}
		if !v.active(acting[ts[at].low], ts, at+1) {
			return false
		}
	}
	return true
}

// subject skips "This change also" in front of a verb.
func subject(ts []token, i int) int {
	at := i
	if at < len(ts) && (ts[at].low == "this" || ts[at].low == "the") {
		at++
		if at < len(ts) && speakers[ts[at].low] {
			at++
		} else if ts[i].low == "the" {
			return i
		}
	}
	for at < len(ts) && adverbs[ts[at].low] {
		at++
	}
	return at
}

// active checks "adds X", "renames X to Y" and the like; i is behind the verb.
func (v *verifier) active(a act, ts []token, i int) bool {
	switch a {
	case actNone, actOther:
		return true
	case actRename, actReplace:
		link := []string{"to", "into", "as"}
		if a == actReplace {
			link = []string{"with", "by", "for"}
		}
		return v.becomes(ts, i, link)
	case actMove:
		return v.moves(ts, i)
	}
	obj, next := objects(ts, i)
	if len(obj) == 0 || atRunTime(ts, next) {
		return true
	}
	for _, o := range obj {
		if o.weak {
			if _, n, _ := v.sides.find(o.text); n.kept == 0 && (a == actAdd && n.added == 0 && n.removed > 0 || a == actRemove && n.removed == 0 && n.added > 0) {
				return false
			}
		} else if a == actAdd && !v.isAdded(o.text) || a == actRemove && !v.isRemoved(o.text, next < len(ts) && joints[ts[next].low]) {
			return false
		}
	}
	return true
}

func atRunTime(ts []token, i int) bool {
	return slices.ContainsFunc(ts[min(i, len(ts)):], func(t token) bool { return occasions[t.low] })
}

// passive checks "X is removed." and "X was renamed to Y"; i starts a sentence.
func (v *verifier) passive(ts []token, i int) bool {
	obj, next := objects(ts, i)
	if len(obj) == 0 || obj[len(obj)-1].weak || next+1 >= len(ts) || !auxiliary[ts[next].low] {
		return true
	}
	verb := next + 1
	for verb < len(ts) && adverbs[ts[verb].low] {
		verb++
	}
	if verb == len(ts) {
		return true
	}
	done, last := ts[verb], verb+1 == len(ts)
	switch a := acting[done.low]; {
	case a == actRename && !last && (ts[verb+1].low == "to" || ts[verb+1].low == "into") && len(obj) == 1:
		to, _ := objects(ts, verb+2)
		return len(to) != 1 || v.became(obj[0].text, to[0].text)
	case a != actAdd && a != actRemove, !last && !done.ends(), atRunTime(ts, verb):
		return true // "is removed from the map when …" is no claim about lines
	case a == actAdd:
		return !slices.ContainsFunc(obj, func(t token) bool { return !v.isAdded(t.text) })
	}
	return !slices.ContainsFunc(obj, func(t token) bool { return !v.isRemoved(t.text, false) })
}

// nowAndThen checks "now calls X" and "no longer calls X": X stands at least
// somewhere after the change, or somewhere before it.
func (v *verifier) nowAndThen(ts []token, i int) bool {
	now := ts[i].low == "now"
	if !now && (ts[i].low != "longer" || i == 0 || ts[i-1].low != "no") || ts[i].end != "" || i+2 >= len(ts) || ts[i+1].code {
		return true
	}
	obj, _ := objects(ts, i+2)
	for _, o := range obj {
		_, n, ok := v.sides.find(o.text)
		if ok && (now && n.added+n.kept == 0 || !now && n.removed+n.kept == 0) && len(v.sides.withPath(o.text)) == 0 {
			return false
		}
	}
	return true
}

// isAdded reports whether code or a file may be called new. What stands
// nowhere is judged elsewhere.
func (v *verifier) isAdded(code string) bool {
	_, n, ok := v.sides.find(code)
	if at := v.sides.withPath(code); len(at) > 0 {
		return n.up || slices.ContainsFunc(at, func(i int) bool {
			s := v.sides.files[i].status
			return s == review.FileAdded || s == review.FileCopied || s == review.FileRenamed
		})
	}
	return !ok || n.up
}

// isRemoved reports whether code or a file may be called gone. A place behind
// it ("from X") allows that it stands elsewhere now.
func (v *verifier) isRemoved(code string, place bool) bool {
	_, n, ok := v.sides.find(code)
	if at := v.sides.withPath(code); len(at) > 0 {
		return n.down || slices.ContainsFunc(at, func(i int) bool {
			f := v.sides.files[i]
			return f.status == review.FileDeleted || place && f.status == review.FileRenamed && strings.HasSuffix(f.old, plainName(code))
		})
	}
	return !ok || n.down && (place || n.removed > n.added)
}

// becomes checks "X to Y" behind "renames" and "X with Y" behind "replaces".
func (v *verifier) becomes(ts []token, i int, link []string) bool {
	from, next := objects(ts, i)
	if len(from) == 0 {
		// Plain words count when nothing else can be meant: "renames foo to bar."
		if i+2 >= len(ts) || ts[i].end != "" || !slices.Contains(link, ts[i+1].low) || !v.words[ts[i].low] || !v.words[ts[i+2].low] ||
			i+3 < len(ts) && !ts[i+2].ends() && !joints[ts[i+3].low] || determiners[ts[i].low] || kinds[ts[i].low] {
			return true
		}
		return v.became(ts[i].text, ts[i+2].text)
	}
	if len(from) != 1 || from[0].weak || next >= len(ts) || !slices.Contains(link, ts[next].low) {
		return true
	}
	to, _ := objects(ts, next+1)
	return len(to) == 0 || v.became(from[0].text, to[0].text)
}

// became reports whether from is on a removed side and to on an added one.
func (v *verifier) became(from, to string) bool {
	return v.sides.leaves(from) && v.sides.arrives(to)
}

func (s *sides) leaves(code string) bool {
	_, n, ok := s.find(code)
	return n.down || s.before[plainName(code)] || !ok && len(s.withPath(code)) == 0
}

func (s *sides) arrives(code string) bool {
	_, n, ok := s.find(code)
	return n.up || s.after[plainName(code)] || !ok && len(s.withPath(code)) == 0
}

// moves checks "X from A to B".
func (v *verifier) moves(ts []token, i int) bool {
	obj, next := objects(ts, i)
	var from, to string
	for next+1 < len(ts) && (ts[next].low == "from" || ts[next].low == "to" || ts[next].low == "into") {
		word := ts[next].low
		place, after := objects(ts, next+1)
		if len(place) == 0 {
			break
		}
		if word == "from" {
			from = place[0].text
		} else {
			to = place[0].text
		}
		next = after
	}
	if from == "" && to == "" {
		return true
	}
	for _, o := range obj {
		if o.weak {
			continue
		}
		if len(v.sides.withPath(o.text)) > 0 {
			if !v.became(o.text, o.text) && !v.sides.before[plainName(o.text)] {
				return false
			}
			continue
		}
		form, _, ok := v.sides.find(o.text)
		if ok && !(v.sides.passes(form, from, false) && v.sides.passes(form, to, true)) {
			return false
		}
	}
	return true
}

// passes reports whether code leaves a file or arrives in it. A place that is
// no file of the change says nothing; then any file will do. A renamed file
// brings along what is not shown.
func (s *sides) passes(code, place string, arrives bool) bool {
	if place == "" {
		return true
	}
	at := s.withPath(place)
	if len(at) == 0 {
		at = []int{-1}
	}
	return slices.ContainsFunc(at, func(i int) bool {
		if i >= 0 && s.files[i].status == review.FileRenamed {
			return true
		}
		n := s.of(code, i, true)
		return arrives && n.added > 0 || !arrives && n.removed > 0
	})
}
