// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/scrub"
)

// sigChange is a declaration whose signature is another one now.
type sigChange struct {
	old, new decl
	open     bool // callers outside have to follow
	echo     bool // the same as another one that is pointed at
}

// parameters splits a signature into what stands before, between and behind
// the parentheses after its name.
func (d decl) parameters() (before string, params []scrub.Text, behind string, ok bool) {
	s := d.sig.String()
	name := d.name.String()
	name = name[strings.LastIndexByte(name, '.')+1:]
	at := strings.LastIndex(s, name+"(")
	if at < 0 {
		return "", nil, "", false
	}
	open := at + len(name)
	end := matching(s, open)
	if end < 0 {
		return "", nil, "", false
	}
	depth, start := 0, open+1
	for i := open + 1; i <= end; i++ {
		switch c := s[i]; {
		case strings.IndexByte("([{<", c) >= 0:
			depth++
		case i == end || c == ',' && depth == 0:
			if p := d.sig.Slice(start, i).TrimSpace(); !p.Empty() {
				params = append(params, p)
			}
			start = i + 1
		case strings.IndexByte(")]}", c) >= 0, c == '>' && s[i-1] != '-' && s[i-1] != '=':
			depth--
		}
	}
	return squeeze(s[:open]), params, squeeze(s[end+1:]), true
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// difference tells which parameters come and go; same is false when more than
// they differ.
func (c sigChange) difference() (plus, minus []scrub.Text, same bool) {
	a, old, x, ok := c.old.parameters()
	b, now, y, ok2 := c.new.parameters()
	if !ok || !ok2 || a != b || x != y {
		return nil, nil, false
	}
	plus, minus = without(now, old), without(old, now)
	if len(plus) == 1 && len(minus) == 1 {
		if in, out := fields(plus[0]), fields(minus[0]); len(in) > 0 && len(out) > 0 {
			plus, minus = without(in, out), without(out, in)
		}
	}
	return plus, minus, len(plus)+len(minus) > 0
}

// fields are the names that a parameter of JavaScript takes apart.
func fields(p scrub.Text) (out []scrub.Text) {
	s := p.String()
	if !strings.HasPrefix(s, "{") || !strings.Contains(s, "}") {
		return nil
	}
	start := 1
	for i := 1; i < len(s); i++ {
		if s[i] == ',' || s[i] == '}' {
			out = append(out, p.Slice(start, i).TrimSpace())
			start = i + 1
		}
		if s[i] == '}' {
			break
		}
	}
	return out
}

// optional matches parameters that callers may leave out.
var optional = re(`=|^\w+\?\s*:|\.\.\.|^\*|^\{`)

// breaks reports whether callers have to follow.
func (c sigChange) breaks() bool {
	plus, minus, same := c.difference()
	if len(plus) == len(minus) && !strings.Contains(c.new.sig.String(), "private") && widened(c.old.sig.String()) == widened(c.new.sig.String()) {
		return false
	}
	leave := func(p scrub.Text) bool { return optional.MatchString(p.String()) }
	return !same || slices.ContainsFunc(minus, func(p scrub.Text) bool { return !strings.HasPrefix(p.String(), "{") }) ||
		slices.ContainsFunc(plus, func(p scrub.Text) bool { return !leave(p) })
}

var (
	modifiers = re(`\b(?:public|protected|open|final|override|virtual|async|export|default|pub)\s+`)
	defaults  = re(`\s*=\s*[^,)]+`)
	anyType   = re(`interface\s*\{\s*\}`)
)

// widened is a signature without what callers do not have to follow: who may
// call, default values, names of the same type.
func widened(sig string) string {
	sig = anyType.ReplaceAllString(modifiers.ReplaceAllString(sig, ""), "any")
	return strings.Join(strings.Fields(defaults.ReplaceAllString(sig, "=")), " ")
}

// text says what differs, after the name of the declaration.
func (c sigChange) text() scrub.Text {
	plus, minus, same := c.difference()
	switch {
	case !same:
		return scrub.Format("is now %s, was %s", span(c.new.sig, 90), span(c.old.sig, 90))
	case len(minus) == 0:
		return scrub.Format("also takes %s", spans(plus, 3))
	case len(plus) == 0:
		return scrub.Format("no longer takes %s", spans(minus, 3))
	}
	return scrub.Format("takes %s instead of %s", spans(plus, 3), spans(minus, 3))
}

// point says what callers have to do.
func (c sigChange) point() scrub.Text {
	plus, minus, same := c.difference()
	if same && len(minus) == 0 {
		return scrub.Format("callers of %s outside of this change have to pass %s too", span(c.new.name, 80), spans(plus, 3))
	}
	return scrub.Format("do callers of %s outside of this change still fit? It %s", span(c.new.name, 80), c.text())
}

// fewSignatures is up to how many exported signatures are told one by one.
const fewSignatures = 2

// openSignatures are the exported ones that callers outside have to follow.
func openSignatures(files []*file) (out []sigChange, first *file) {
	seen := map[string]bool{}
	for _, f := range files {
		if f.role == roleTest || f.skip != "" || f.blank {
			continue
		}
		for _, s := range f.resigned {
			key := squeeze(s.old.sig.String()) + "\x00" + squeeze(s.new.sig.String())
			if s.open && !seen[key] {
				if out = append(out, s); first == nil {
					first = f
				}
			}
			seen[key] = true
		}
	}
	return out, first
}

// signatureBullet tells exported signatures where they are too many to be
// looked at one by one.
func signatureBullet(files []*file) (float64, scrub.Text) {
	all, _ := openSignatures(files)
	if len(all) <= fewSignatures {
		return 0, scrub.Text{}
	}
	key := func(s sigChange) string {
		plus, minus, same := s.difference()
		if !same {
			return ""
		}
		return scrub.Join(", ", plus...).String() + "\x00" + scrub.Join(", ", minus...).String()
	}
	if k := key(all[0]); k != "" && !slices.ContainsFunc(all, func(s sigChange) bool { return key(s) != k }) {
		return 30, scrub.Format("Each of %s exported declarations %s.", scrub.Int(len(all)), all[0].text())
	}
	return 30, scrub.Format("%s exported signatures change: %s is now %s%s.", scrub.Int(len(all)), span(all[0].old.sig, 90), span(all[0].new.sig, 90), more(len(all), 1))
}

// signaturePoints are the places whose callers have to follow.
func signaturePoints(files []*file) []found {
	all, first := openSignatures(files)
	if len(all) > fewSignatures {
		why := scrub.Format("do callers of %s and of %s more outside of this change still fit?", span(all[0].new.name, 80), scrub.Int(len(all)-1))
		return []found{first.found(all[0].new.line, why, 9, ruleSignature, "")}
	}
	var out []found
	for _, f := range files {
		for i, s := range f.resigned {
			if s.old.public || f.role == roleTest {
				continue
			}
			f.resigned[i].echo = slices.ContainsFunc(all, func(o sigChange) bool { return o.text().String() == s.text().String() })
		}
		for _, s := range f.resigned {
			if f.role != roleTest && f.skip == "" && slices.ContainsFunc(all, func(o sigChange) bool { return o.new.line == s.new.line && sameSig(o.new, s.new) }) {
				out = append(out, f.found(s.new.line, s.point(), 9, ruleSignature, ""))
			}
		}
	}
	return out
}

// signatures tells the changed ones that no point tells.
func (f *file) signatures(known told, n int) []scrub.Text {
	var out []scrub.Text
	for _, s := range f.resigned {
		if known.at(s.new.line) || s.echo || s.open {
			continue
		}
		t := scrub.Format("%s %s", span(s.new.name, 60), s.text())
		if _, _, same := s.difference(); !same {
			t = scrub.Format("changes the signature of %s", span(s.new.name, 80))
		}
		out = append(out, t)
	}
	return out[:min(len(out), n)]
}
