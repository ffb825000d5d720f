// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write generated pages and golden files")

// TestDocs checks that docs/config.md says what the struct says; -update writes it.
func TestDocs(t *testing.T) {
	const path = "../../docs/config.md"
	want := configPage()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("docs/config.md is behind the code; run make docs (-want +got):\n%s", d)
	}
}

// TestModelsPage checks that every example of docs/models.md is a good file.
func TestModelsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(page), "```yaml\n")[1:]
	for i, e := range examples {
		body, _, _ := strings.Cut(e, "```")
		c := defaultConfig()
		if problems := decodeConfig([]byte(body), &c); len(problems) > 0 {
			t.Errorf("example %d: %v", i+1, problems)
		}
		if problems := c.Validate(); len(problems) > 0 {
			t.Errorf("example %d: %v", i+1, problems)
		}
		if len(c.Models) == 0 {
			t.Errorf("example %d has no model", i+1)
		}
	}
	if len(examples) < 7 {
		t.Errorf("%d examples are left", len(examples))
	}
}

// configPage renders the reference from the struct's tags and the defaults.
func configPage() string {
	var b strings.Builder
	b.WriteString(`# Configuration of the server

Generated from the code: run ` + "`make docs`" + ` after a change. The file is YAML; an unknown key is an error with its line.
Defaults apply first, then the file, then environment variables, then flags. Relative paths are relative to the file.
` + "`review-assistant config check -c FILE`" + ` tells every fault at once; ` + "`review-assistant doctor -c FILE`" + ` tries everything.

Secrets never stand in this file: keys that end in ` + "`_file`" + ` or ` + "`_files`" + ` name files, which are read again when they change.

What a *project* sets stands in its own file; see [project-config.md](project-config.md).
`)
	section(&b, reflect.ValueOf(defaultConfig()), "", envPrefix)
	return b.String()
}

func section(b *strings.Builder, v reflect.Value, key, env string) {
	type row struct{ key, def, env, doc string }
	var rows []row
	var nested []func()
	for i := range v.NumField() {
		f, fv := v.Type().Field(i), v.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		doc := f.Tag.Get("doc")
		full := key + name
		e := ""
		if own := f.Tag.Get("env"); own != "" && own != "-" {
			e = "`" + env + own + "`"
		}
		head := func(title string) {
			fmt.Fprintf(b, "\n## %s\n\n%s\n", title, doc)
		}
		switch {
		case f.Type.Kind() == reflect.Struct:
			nested = append(nested, func() { head(full); section(b, fv, full+".", env+f.Tag.Get("envPrefix")) })
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			nested = append(nested, func() { head(full + " (list)"); section(b, reflect.Zero(f.Type.Elem()), full+"[].", "") })
		case f.Type.Kind() == reflect.Map && f.Type.Elem().Kind() == reflect.Struct:
			nested = append(nested, func() { head(full + " (by name)"); section(b, reflect.Zero(f.Type.Elem()), full+".NAME.", "") })
		default:
			rows = append(rows, row{full, defaultText(fv), e, doc})
		}
	}
	if len(rows) > 0 {
		b.WriteString("\n| key | default | environment | meaning |\n|---|---|---|---|\n")
		for _, r := range rows {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", r.key, r.def, r.env, r.doc)
		}
	}
	for _, f := range nested {
		f()
	}
}

func defaultText(v reflect.Value) string {
	if v.IsZero() {
		return ""
	}
	if d, ok := v.Interface().(time.Duration); ok {
		return "`" + d.String() + "`"
	}
	return fmt.Sprintf("`%v`", v.Interface())
}
