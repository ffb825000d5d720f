// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"embed"
	"reflect"
	"testing"
)

//go:embed testdata/fill.tmpl
var fillFS embed.FS

func TestFill(t *testing.T) {
	type item struct{ Name Text }
	got, err := Fill(fillFS, "testdata/fill.tmpl", struct {
		Title Text
		Items []item
		N     int
	}{Lit("a\u200bb"), []item{{Lit("x")}, {Lit("\U000E0041\U000E0042")}}, 7})
	if err != nil {
		t.Fatal(err)
	}
	if want := "a<U+200B>b 7: x; <2 invisible characters>;\n"; got.String() != want {
		t.Errorf("Fill = %q, want %q", got, want)
	}
	if _, err := Fill(fillFS, "testdata/none.tmpl", struct{}{}); err == nil {
		t.Error("Fill of a missing template: no error")
	}
}

func TestFillRefusesStrings(t *testing.T) {
	for _, data := range []any{
		nil, "text",
		struct{ S string }{},
		struct{ A any }{},
		struct{ M map[string]Text }{},
		struct{ P *Text }{},
		struct{ In []struct{ B []byte } }{},
		struct{ E error }{},
	} {
		if _, err := Fill(fillFS, "testdata/fill.tmpl", data); err == nil {
			t.Errorf("Fill took %v", reflect.TypeOf(data))
		}
	}
}
