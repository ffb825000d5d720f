// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// manifest says how a dependency stands on one line of a file. Groups: name
// and version; context, where the name stands on a line before.
type manifest struct {
	file    *lazyre.Regexp
	dep     *lazyre.Regexp
	context *lazyre.Regexp

	// Where a file names itself as it names what it needs: the element that a
	// dependency stands in, and what only such an element holds.
	opens, closes, inner *lazyre.Regexp
}

// within reports whether the line at i is seen to belong to a dependency.
func (m *manifest) within(lines []scrub.Line, i int) bool {
	if m.opens == nil {
		return true
	}
	for j := i - 1; j >= 0; j-- {
		switch s := lines[j].Text.String(); {
		case m.closes.MatchString(s):
			return false
		case m.opens.MatchString(s):
			return true
		}
	}
	for _, l := range lines[i:] {
		switch s := l.Text.String(); {
		case m.closes.MatchString(s), m.inner.MatchString(s):
			return true
		case m.opens.MatchString(s):
			return false
		}
	}
	return false
}

var manifests = []manifest{
	{file: re(`(?:^|/)go\.(?:mod|work)$`), dep: re(`^\s*(?:require\s+|replace\s+.*=>\s+)?(?P<name>go|toolchain|[\w.-]+\.[\w.-]+/[\w./~-]+|[\w.-]+\.\w+)\s+(?P<version>v?\d\S*|go\d\S*)`)},
	{file: re(`(?:^|/)(?:package|composer)\.json$`), dep: re(`^\s*"(?P<name>@?[\w./-]+)"\s*:\s*"(?P<version>[\^~>=<]*\s*v?\d+(?:\.[\w*-]+)+[^"]*)"`)},
	{file: re(`(?:^|/)(?:requirements[^/]*|constraints)\.txt$|(?:^|/)Pipfile$`), dep: re(`^\s*(?P<name>[A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*(?:[=~><!]=|=\s*"[=~><!]*)\s*(?P<version>[\w.*]+)`)},
	{file: re(`(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg))$`), dep: re(`^\s*["']?(?P<name>[A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*(?:[=~><!]=|=\s*"[=~><!^]*)\s*(?P<version>\d[\w.*]*)`)},
	{
		file: re(`(?:^|/)pom\.xml$`), dep: re(`<(?:(?P<name>[\w.-]+)\.)?version>(?P<version>[^<$]+)<`), context: re(`<artifactId>(?P<name>[^<]+)<`),
		opens: re(`<(?:dependency|plugin|extension|parent|path)>`), closes: re(`</(?:dependency|plugin|extension|parent|path)>`), inner: re(`<(?:scope|classifier|optional|exclusions)>`),
	},
	{file: re(`(?:^|/)(?:.*\.target|.*\.tpd)$`), dep: re(`<(?:(?P<name>[\w.-]+)\.)?version>(?P<version>[^<$]+)<`), context: re(`<artifactId>(?P<name>[^<]+)<|<unit id="(?P<unit>[^"]+)"`)},
	{file: re(`(?:^|/)(?:Cargo|libs\.versions)\.toml$`), dep: re(`^\s*(?P<name>[\w-]+)\s*=\s*(?:\{.*?version\s*=\s*)?"[\^~=]*(?P<version>\d[^"]*)"`)},
	{file: re(`(?:^|/)build\.gradle(?:\.kts)?$|(?:^|/)(?:WORKSPACE|MODULE)(?:\.bazel)?$|\.bzl$`), dep: re(`["'](?P<name>[\w.-]+:[\w.-]+):(?P<version>\d[\w.+-]*)["']|\bname\s*=\s*"(?P<name2>[\w.-]+)",\s*version\s*=\s*"(?P<version2>[^"]+)"`)},
	{file: re(`(?:^|/)(?:WORKSPACE|MODULE)(?:\.bazel)?$|\.bzl$`), dep: re(`^\s*(?:commit|tag|version)\s*=\s*"(?P<version>[\w.-]+)"`), context: re(`\bname\s*=\s*"(?P<name>[\w.-]+)"`)},
	{file: re(`(?:^|/)Gemfile$`), dep: re(`^\s*gem\s+["'](?P<name>[\w-]+)["'],\s*["'](?P<version>[^"']+)["']`)},
	{file: re(`(?:^|/)pubspec\.yaml$`), dep: re(`^\s+(?P<name>\w+):\s*\^?(?P<version>\d[\w.+-]*)\s*$`)},
	{file: re(`(?i)(?:^|/)[^/]*dockerfile[^/]*$`), dep: re(`^FROM\s+(?:--\S+\s+)?(?P<name>[\w./-]+)[:@](?P<version>[\w.:-]+)`)},
	{file: re(`(?:^|/)\.github/.*\.ya?ml$`), dep: re(`^\s*-?\s*uses:\s*(?P<name>[\w./-]+)@(?P<version>[\w.-]+)`)},
	{file: re(`(?:^|/)docker-compose[^/]*\.ya?ml$`), dep: re(`^\s*image:\s*["']?(?P<name>[\w./-]+):(?P<version>[\w.-]+)`)},
}

// locks say how lock files name what they pin.
var locks = []manifest{
	{file: re(`(?:^|/)go\.(?:work\.)?sum$`), dep: re(`^(?P<name>\S+) (?P<version>v[^\s/]+) h1:`)},
	{file: re(`(?:^|/)(?:package-lock|npm-shrinkwrap)\.json$`), dep: re(`^\s*"version"\s*:\s*"(?P<version>[^"]+)"`), context: re(`^\s*"(?:[^"]*/)?node_modules/(?P<name>@?[\w./-]+)"\s*:\s*\{`)},
	{file: re(`(?:^|/)yarn\.lock$`), dep: re(`^\s+version:?\s+"?(?P<version>[^"\s]+)`), context: re(`^"?(?P<name>@?[^@\s",]+)@`)},
	{file: re(`(?:^|/)pnpm-lock\.yaml$`), dep: re(`^\s+'?/?(?P<name>@?[\w./-]+)@(?P<version>\d[\w.+-]*)(?:\([^)]*\))*'?:\s*$`)},
	{file: re(`(?:^|/)(?:Cargo|poetry|uv|Pipfile)\.lock$`), dep: re(`^version = "(?P<version>[^"]+)"`), context: re(`^name = "(?P<name>[^"]+)"`)},
	{file: re(`(?:^|/)Gemfile\.lock$`), dep: re(`^ {4}(?P<name>[\w-]+) \((?P<version>[^)]+)\)$`)},
	{file: re(`(?:^|/)composer\.lock$`), dep: re(`^\s*"version"\s*:\s*"(?P<version>[^"]+)"`), context: re(`^\s*"name"\s*:\s*"(?P<name>[^"]+)"`)},
}

// notPackages are keys of package.json that look like a dependency.
var notPackages = wordSet(`version node npm engines`)

// bump is a dependency with its versions before and after; either is empty
// for one that is new or gone.
type bump struct {
	name, old, new scrub.Text
	elsewhere      bool // still there, but no longer by version
}

func (b bump) text() scrub.Text {
	switch {
	case b.elsewhere:
		return scrub.Format("%s no longer by version, was %s", depName(b.name), version(b.old))
	case b.old.Empty():
		return scrub.Format("%s %s added", depName(b.name), version(b.new))
	case b.new.Empty():
		return scrub.Format("%s %s removed", depName(b.name), version(b.old))
	}
	// In prose an arrow loses its head.
	return span(scrub.Format("%s %s -> %s", b.name, short(b.old), short(b.new)), 160)
}

var hash = lazyre.New(`^[0-9a-f]{20,64}$`)

var plainVersion = lazyre.New(`^[\w.+-]{1,40}$`)

// short cuts hashes as people cut them.
func short(v scrub.Text) scrub.Text {
	if hash.MatchString(v.String()) {
		return v.Slice(0, 10)
	}
	return v
}

// version returns v for a sentence.
func version(v scrub.Text) scrub.Text {
	if v = short(v); plainVersion.MatchString(v.String()) {
		return v
	}
	return span(v, 40)
}

func depName(n scrub.Text) scrub.Text {
	if plainVersion.MatchString(n.String()) {
		return n
	}
	return span(n, 80)
}

// manifestNames are pieces of the names of all manifests, lower case.
const manifestNames = "go.mod go.work package.json composer.json requirements constraints pipfile pyproject setup. pom.xml .target .tpd .toml gradle workspace module .bzl gemfile pubspec docker .yml .yaml"

// bumps reads the dependencies that f changes.
func bumps(f *scrub.File) []bump {
	if !containsAny(strings.ToLower(path.Base(f.Path.String())), manifestNames) {
		return nil
	}
	return read(manifests, f)
}

// read reads a file by the rows of a table that are about it.
func read(table []manifest, f *scrub.File) (out []bump) {
	for i := range table {
		if m := &table[i]; m.file.MatchString(f.Path.String()) {
			out = append(out, m.read(f)...)
		}
	}
	return out
}

func (m *manifest) read(f *scrub.File) []bump {
	var order []string
	found := map[string]*bump{}
	for i := range f.Hunks {
		var before, after scrub.Text // the name in force on each side
		for j, l := range f.Hunks[i].Lines {
			s := l.Text.String()
			if len(s) > maxEditLine {
				continue
			}
			if m.context != nil {
				if n, ok := group(m.context, l.Text, "name", "unit"); ok {
					if l.Op != review.OpAdd {
						before = n
					}
					if l.Op != review.OpRemove {
						after = n
					}
				}
			}
			v, ok := group(m.dep, l.Text, "version", "version2")
			if !ok || l.Op == review.OpContext {
				continue
			}
			n, ok := group(m.dep, l.Text, "name", "name2")
			if !ok {
				if !m.within(f.Hunks[i].Lines, j) {
					continue
				}
				if n = after; l.Op == review.OpRemove {
					n = before
				}
			}
			if n.Empty() || notPackages[n.String()] || strings.HasPrefix(s, "//") {
				continue
			}
			b := found[n.String()]
			if b == nil {
				b = &bump{name: n}
				found[n.String()] = b
				order = append(order, n.String())
			}
			if l.Op == review.OpRemove {
				b.old = v
			} else {
				b.new = v
			}
		}
	}
	var out []bump
	for _, n := range order {
		if b := found[n]; b.old.String() != b.new.String() {
			b.elsewhere = b.new.Empty() && keyed(f, n)
			out = append(out, *b)
		}
	}
	return out
}

// keyed reports whether an added line names a dependency as a key.
func keyed(f *scrub.File, name string) bool {
	for i := range f.Hunks {
		for _, l := range f.Hunks[i].Lines {
			s := strings.TrimLeft(l.Text.String(), " \t\"'")
			if rest, ok := strings.CutPrefix(s, name); ok && l.Op == review.OpAdd && rest != "" && strings.ContainsRune("\"' =:@", rune(rest[0])) {
				return true
			}
		}
	}
	return false
}

// group returns the first of the named groups that took part in the match.
func group(rule *lazyre.Regexp, t scrub.Text, names ...string) (scrub.Text, bool) {
	m := rule.FindStringSubmatchIndex(t.String())
	if m == nil {
		return scrub.Text{}, false
	}
	for _, n := range names {
		if i := rule.SubexpIndex(n) * 2; i > 0 && m[i] >= 0 {
			return t.Slice(m[i], m[i+1]).TrimSpace(), true
		}
	}
	return scrub.Text{}, false
}

var subproject = re(`^Subproject commit (?P<sha>[0-9a-f]{7,64})`)

// submodule returns the commits between which a submodule moves.
func submodule(f *scrub.File) (old, new scrub.Text) {
	for i := range f.Hunks {
		for _, l := range f.Hunks[i].Lines {
			if sha, ok := group(subproject, l.Text, "sha"); ok {
				if l.Op == review.OpRemove {
					old = sha.Slice(0, 10)
				} else {
					new = sha.Slice(0, 10)
				}
			}
		}
	}
	return old, new
}

var majorEnd = re(`/v\d+$`)

// allBumps are the dependencies that files change, each once: one that is new
// in one file and moves there in another is told by its move, and a major
// version that is part of a name is no other dependency.
func allBumps(files []*file) []bump {
	var out []bump
	index := map[string]int{}
	for _, f := range files {
		for _, b := range f.bumps {
			root := majorEnd.ReplaceAllString(b.name.String(), "")
			i, ok := index[root]
			switch {
			case !ok:
				index[root] = len(out)
				out = append(out, b)
			case out[i].new.Empty() && b.old.Empty():
				out[i].new, out[i].name = b.new, b.name
			case out[i].old.Empty() && (b.new.Empty() || b.new.String() == out[i].new.String()):
				out[i].old = b.old
			case b.old.Empty() && b.new.String() == out[i].new.String(), b.text().String() == out[i].text().String():
			default:
				out = append(out, b)
			}
		}
	}
	for i := range out {
		if n := out[i].name; !out[i].old.Empty() && !out[i].new.Empty() && majorEnd.MatchString(n.String()) {
			out[i].name = n.Slice(0, majorEnd.FindStringIndex(n.String())[0])
		}
	}
	return out
}
