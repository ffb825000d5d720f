// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Facts are computed from the whole change and need no model.
type Facts struct {
	Files, Added, Removed       int
	Binary, Renamed, NewFiles   int
	DeletedFiles, Code          int // Code counts files that are neither tests, docs, configuration nor unread
	TestsTouched                bool
	API                         []scrub.Text // exported declarations: "`Client.Authorize` changed"
	APIChanged, APIGone, APINew int
	Deps                        []scrub.Text // "`backoff v5.0.2 -> v5.0.3`"
	Locked                      []scrub.Text // the same of lock files
	Config                      []scrub.Text // "`retries` added"
	Schema                      []scrub.Text // "`create table orders`"
	Submodules                  []scrub.Text
	Chain                       scrub.Text // "2 of 4 in its chain, on change 17"
}

var testsTouched = scrub.Lit("tests touched")

const maxFactItems = 12

func factsOf(files []*file) Facts {
	var f Facts
	for _, c := range files {
		f.Files++
		f.Added += c.Added
		f.Removed += c.Removed
		switch c.Status {
		case review.FileAdded:
			f.NewFiles++
		case review.FileDeleted:
			f.DeletedFiles++
		case review.FileRenamed:
			f.Renamed++
		}
		if c.Binary {
			f.Binary++
		}
		f.TestsTouched = f.TestsTouched || c.role == roleTest
		if c.skip == "" && (c.role == roleCode || c.role == roleSchema) {
			f.Code++
		}
		if c.Mode == review.ModeSubmodule {
			f.Submodules = append(f.Submodules, scrub.Format("submodule %s", submoduleText(c)))
		}
		if c.role != roleTest {
			f.addAPI(c)
		}
		for _, b := range c.locked {
			f.Locked = append(f.Locked, b.text())
		}
		f.addConfig(c)
		f.Schema = append(f.Schema, c.schemaTexts()...)
	}
	for _, b := range allBumps(files) {
		f.Deps = append(f.Deps, b.text())
	}
	f.API, f.Deps, f.Locked, f.Config = atMost(f.API), unique(f.Deps), unique(f.Locked), atMost(f.Config)
	return f
}

func atMost(items []scrub.Text) []scrub.Text { return items[:min(len(items), maxFactItems)] }

// submoduleText says where a submodule moves.
func submoduleText(c *file) scrub.Text {
	old, now := submodule(c.File)
	switch {
	case old.Empty() && now.Empty():
		return scrub.Format("%s changed", PathText(c.Path))
	case old.Empty():
		return scrub.Format("%s added at %s", PathText(c.Path), span(now, 12))
	case now.Empty():
		return scrub.Format("%s removed, was at %s", PathText(c.Path), span(old, 12))
	}
	return scrub.Format("%s from %s to %s", PathText(c.Path), span(old, 12), span(now, 12))
}

func (f *Facts) addAPI(c *file) {
	for _, s := range c.resigned {
		if s.old.public {
			f.APIChanged++
			f.API = append(f.API, scrub.Format("%s changed", span(s.new.name, 80)))
		}
	}
	for _, d := range c.removed {
		if d.public {
			f.APIGone++
			f.API = append(f.API, scrub.Format("%s removed", span(d.name, 80)))
		}
	}
	for _, d := range c.added {
		if d.public {
			f.APINew++
			f.API = append(f.API, scrub.Format("%s added", span(d.name, 80)))
		}
	}
}

func (f *Facts) addConfig(c *file) {
	if c.role != roleConfig {
		return
	}
	for _, k := range c.keysAdded {
		f.Config = append(f.Config, scrub.Format("%s added", k.name()))
	}
	for _, k := range c.keysRemoved {
		f.Config = append(f.Config, scrub.Format("%s removed", k.name()))
	}
	for _, s := range c.keysChanged {
		f.Config = append(f.Config, scrub.Format("%s changed", s.name()))
	}
}

// FactLines returns the facts that no sentence of the draft tells, as short
// phrases for a line that starts with "Facts:".
func (d *Draft) FactLines() []scrub.Text {
	f := d.Facts
	for _, b := range d.Bullets {
		switch {
		case strings.HasPrefix(b.String(), toldDeps.String()):
			f.Deps, f.Locked = nil, nil
		case strings.HasPrefix(b.String(), toldSchema.String()):
			f.Schema = nil
		case strings.HasPrefix(b.String(), toldSubmodules.String()):
			f.Submodules = nil
		}
	}
	// That tests are there is in the list of files; that none is, is not.
	return slices.DeleteFunc(f.Lines(), func(t scrub.Text) bool { return t.String() == testsTouched.String() })
}

// Lines returns all facts as short phrases.
func (f Facts) Lines() []scrub.Text {
	out := []scrub.Text{scrub.Format("%s, +%s -%s", count(f.Files, scrub.Lit("file"), scrub.Lit("files")), scrub.Int(f.Added), scrub.Int(f.Removed))}
	for _, c := range []struct {
		n         int
		one, many scrub.Text
	}{
		{f.NewFiles, scrub.Lit("new file"), scrub.Lit("new files")},
		{f.DeletedFiles, scrub.Lit("file deleted"), scrub.Lit("files deleted")},
		{f.Renamed, scrub.Lit("file renamed"), scrub.Lit("files renamed")},
		{f.Binary, scrub.Lit("binary file"), scrub.Lit("binary files")},
	} {
		if c.n > 0 && c.n < f.Files {
			out = append(out, count(c.n, c.one, c.many))
		}
	}
	switch {
	case f.TestsTouched:
		out = append(out, testsTouched)
	case f.Code > 0:
		out = append(out, scrub.Lit("no test touched"))
	}
	for _, c := range []struct {
		n         int
		one, many scrub.Text
	}{
		{f.APIChanged, scrub.Lit("exported signature changed"), scrub.Lit("exported signatures changed")},
		{f.APIGone, scrub.Lit("exported declaration removed"), scrub.Lit("exported declarations removed")},
	} {
		if c.n > 0 {
			out = append(out, count(c.n, c.one, c.many))
		}
	}
	const few = 3
	if len(f.Deps) > 0 {
		out = append(out, f.Deps[:min(len(f.Deps), few)]...)
		if n := len(f.Deps) - few; n > 0 {
			out = append(out, count(n, scrub.Lit("more dependency"), scrub.Lit("more dependencies")))
		}
	}
	if len(f.Deps) == 0 && len(f.Locked) > 0 {
		out = append(out, scrub.Format("locked versions: %s", list(f.Locked, few)))
	}
	if len(f.Schema) > 0 {
		out = append(out, scrub.Format("schema: %s", list(f.Schema, few)))
	}
	out = append(out, f.Submodules...)
	if !f.Chain.Empty() {
		out = append(out, f.Chain)
	}
	return out
}
