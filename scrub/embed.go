// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"embed"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"text/template"
)

// Embedded returns a file that was compiled into the program. Like the
// argument of [Lit] it cannot hold text from outside.
func Embedded(fsys embed.FS, name string) (Text, error) {
	b, err := fsys.ReadFile(name)
	return Text{string(b)}, err
}

// Fill executes an embedded template. The words are part of the program and
// the data may be made of Texts, numbers and booleans only (in structs and
// slices), so the result is a Text. Characters that a person cannot see are
// spelled out: a model would read them.
func Fill(fsys embed.FS, name string, data any) (Text, error) {
	if err := onlyTexts(reflect.TypeOf(data)); err != nil {
		return Text{}, fmt.Errorf("fill %s: %w", name, err)
	}
	words, err := fsys.ReadFile(name)
	if err != nil {
		return Text{}, err
	}
	t, err := parsed(name, string(words))
	if err != nil {
		return Text{}, err
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return Text{}, err
	}
	return Text{visible(b.String())}, nil
}

// templates are the embedded templates by their words; parsing one takes longer
// than filling it.
var templates sync.Map

func parsed(name, words string) (*template.Template, error) {
	if t, ok := templates.Load(words); ok {
		return t.(*template.Template), nil
	}
	t, err := template.New(name).Option("missingkey=error").Parse(words)
	if err == nil {
		templates.Store(words, t)
	}
	return t, err
}

// onlyTexts refuses types that can carry a string past the Cleaner: strings,
// interfaces, maps, pointers, and types with methods of their own.
func onlyTexts(t reflect.Type) error {
	if t == reflect.TypeFor[Text]() {
		return nil
	}
	if t == nil || t.NumMethod() > 0 {
		return fmt.Errorf("%v is not made of scrub.Text", t)
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int:
		return nil
	case reflect.Slice:
		return onlyTexts(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if err := onlyTexts(f.Type); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
		return nil
	}
	return fmt.Errorf("%v is not made of scrub.Text", t)
}

// visible replaces runs of control, format and tag characters by a note. The
// characters themselves are lost on purpose: text that nobody sees in a
// review has no business in a prompt.
func visible(s string) string {
	if strings.IndexFunc(s, invisible) < 0 {
		return s
	}
	var b strings.Builder
	var first rune
	run := 0
	flush := func() {
		switch {
		case run == 1:
			fmt.Fprintf(&b, "<U+%04X>", first)
		case run > 1:
			fmt.Fprintf(&b, "<%d invisible characters>", run)
		}
		run = 0
	}
	for _, r := range s {
		if !invisible(r) {
			flush()
			b.WriteRune(r)
			continue
		}
		if run == 0 {
			first = r
		}
		run++
	}
	flush()
	return b.String()
}

// invisible reports whether r leaves no mark on a screen. Line ends and tabs
// are part of every text. Invalid UTF-8 arrives as U+FFFD, which is visible.
func invisible(r rune) bool {
	return r != '\r' && Hidden(r)
}
