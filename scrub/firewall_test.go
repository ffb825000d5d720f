// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"encoding"
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"testing"

	"review-assistant/scrub"
)

// TestFirewall type-checks small programs of another package: no variable
// becomes a Text but through a Cleaner.
func TestFirewall(t *testing.T) {
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "source", nil)
	check := func(body string) error {
		src := "package p\nimport \"review-assistant/scrub\"\nimport \"review-assistant/prompts\"\n" +
			"var raw string\nvar _ = prompts.Summarize{}\nfunc take(scrub.Text) {}\nfunc f(c *scrub.Cleaner) {\n" + body + "\n}\n"
		file, err := parser.ParseFile(fset, "p.go", src, 0)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		_, err = (&types.Config{Importer: imports}).Check("p", fset, []*ast.File{file}, nil)
		return err
	}
	for _, body := range []string{
		`take(scrub.Lit("words"))`, `x, _ := c.Clean(raw); take(x)`, `take(scrub.Format("%s", scrub.Lit("a")))`, `take(scrub.Text{})`,
		`_ = prompts.Summarize{Diff: scrub.Lit("x")}`,
	} {
		if err := check(body); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
	for body, want := range map[string]string{
		`take(raw)`:                                         "cannot use raw",
		`take("words")`:                                     "cannot use",
		`take(scrub.Lit(raw))`:                              "cannot use raw",
		`take(scrub.Lit("a" + raw))`:                        "cannot use",
		`take(scrub.Text(raw))`:                             "cannot convert",
		`take(scrub.Text{raw})`:                             "implicit assignment to unexported field",
		`take(scrub.Text{s: raw})`:                          "cannot refer to unexported field",
		`var x scrub.Text; x.s = raw`:                       "unexported",
		`take(scrub.literal(raw))`:                          "not exported",
		`take(scrub.Format(raw))`:                           "cannot use raw",
		`take(scrub.Join(raw))`:                             "cannot use raw",
		`take(struct{ s string }{raw})`:                     "cannot use",
		`_ = prompts.Summarize{Diff: raw}`:                  "cannot use raw",
		`_ = scrub.Patch{Files: []scrub.File{{Path: raw}}}`: "cannot use raw",
		`var p prompts.Prompt; p.Messages = nil`:            "p.Messages",
	} {
		if err := check(body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", body, err, want)
		}
	}
}

func TestTextIsNotRead(t *testing.T) {
	p := reflect.TypeFor[*scrub.Text]()
	for _, iface := range []reflect.Type{reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](), reflect.TypeFor[encoding.BinaryUnmarshaler]()} {
		if p.Implements(iface) {
			t.Errorf("Text implements %v", iface)
		}
	}
	var x struct{ T scrub.Text }
	if err := json.Unmarshal([]byte(`{"T": "raw"}`), &x); err == nil || !x.T.Empty() {
		t.Errorf("json made the Text %q, error %v", x.T, err)
	}
	if b, err := json.Marshal(scrub.Lit("x")); err != nil || string(b) != `"x"` {
		t.Errorf("Marshal = %s, %v", b, err)
	}
}
