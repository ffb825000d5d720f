// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/caarlos0/env/v11"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxConfigFile is in bytes.
const maxConfigFile = 1 << 20

// serverConfig loads the configuration of a command that works for a server.
// Without one it would look at a store and a log that nobody writes.
func serverConfig(p *program) (Config, error) {
	if p.config == "" {
		return Config{}, &usageError{errors.New("no Gerrit is configured; name the server's configuration with -c FILE")}
	}
	c, err := loadConfig(p.config)
	if err == nil && len(c.Gerrit) == 0 {
		err = &usageError{fmt.Errorf("%s: no Gerrit is configured; add one under gerrit", p.config)}
	}
	return c, err
}

// loadConfig reads defaults, then the file, then the environment. All faults
// of one of them come back in one error.
func loadConfig(path string) (Config, error) {
	c := defaultConfig()
	// SQLite is what counts when nobody names a store, not one named twice.
	sqlite := c.Store.SQLite
	c.Store.SQLite = ""
	if path != "" {
		body, err := readLimited(path, maxConfigFile)
		if err != nil {
			return c, &usageError{fmt.Errorf("read configuration: %w", err)}
		}
		if problems := decodeConfig(body, &c); len(problems) > 0 {
			return c, faults(path, problems)
		}
		c.rebase(filepath.Dir(path))
		sqlite = filepath.Join(filepath.Dir(path), sqlite)
	}
	if err := env.ParseWithOptions(&c, env.Options{Prefix: envPrefix}); err != nil {
		return c, &usageError{fmt.Errorf("environment: %w", err)}
	}
	if c.Store.SQLite == "" && len(c.Store.Redis) == 0 {
		c.Store.SQLite = sqlite
	}
	for i := range c.Gerrit {
		c.Gerrit[i].Timeout = orElse(c.Gerrit[i].Timeout, 30*time.Second)
	}
	if problems := c.Validate(); len(problems) > 0 {
		return c, faults(orElse(path, "the configuration"), problems)
	}
	return c, nil
}

func faults(file string, problems []ConfigProblem) error {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString("\n  " + p.String())
	}
	word := "faults"
	if len(problems) == 1 {
		word = "fault"
	}
	return &usageError{fmt.Errorf("%s has %d %s:%s", file, len(problems), word, b.String())}
}

// quoted finds words of the file in a message of the parser.
var quoted = regexp.MustCompile(`["'][^"']*["']`)

// decodeConfig reads strict YAML over the defaults. What it complains of never
// shows a value: somebody may have written a secret where a file belongs. The
// parser is known to panic on some malformed text.
func decodeConfig(body []byte, c *Config) (problems []ConfigProblem) {
	whole := func(line int, cause, fix string) []ConfigProblem {
		return []ConfigProblem{{Line: line, Key: "the file", Cause: cause, Fix: fix}}
	}
	defer func() {
		if p := recover(); p != nil {
			problems = whole(0, "is no YAML", "mend it and check again")
		}
	}()
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return whole(0, "is no text", "name a YAML file in UTF-8")
	}
	file, err := parser.ParseBytes(body, 0)
	if err != nil {
		line, cause := 0, "is no YAML"
		if e, ok := errors.AsType[yaml.Error](err); ok {
			cause += ": " + quoted.ReplaceAllString(e.GetMessage(), "…")
			if t := e.GetToken(); t != nil {
				line = t.Position.Line
			}
		}
		return whole(line, cause, "mend it and check again")
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil || d.Body.Type() == ast.CommentType })
	switch len(docs) {
	case 0:
		return nil // nothing, or comments alone
	case 1:
	default:
		return whole(docs[1].Body.GetToken().Position.Line, "holds a second document", "keep one")
	}
	d := decoding{}
	d.into(docs[0].Body, reflect.ValueOf(c).Elem(), "")
	return d.problems
}

// decoding fills a configuration from a parsed file, key by key, so that each
// fault can be told with its key and its line, and all at once.
type decoding struct{ problems []ConfigProblem }

func (d *decoding) bad(n ast.Node, key, cause, fix string) {
	d.problems = append(d.problems, ConfigProblem{Line: n.GetToken().Position.Line, Key: orElse(key, "the file"), Cause: cause, Fix: fix})
}

func (d *decoding) into(n ast.Node, v reflect.Value, key string) {
	t := v.Type()
	switch {
	case n.Type() == ast.NullType:
	case t.Kind() == reflect.Struct:
		d.object(n, v, key)
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct:
		for _, p := range d.pairs(n, key) {
			e := reflect.New(t.Elem()).Elem()
			d.into(p.Value, e, key+"."+p.Key.GetToken().Value)
			if v.IsNil() {
				v.Set(reflect.MakeMap(t))
			}
			v.SetMapIndex(reflect.ValueOf(p.Key.GetToken().Value), e)
		}
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.bad(n, key, "is no list", "start each entry with -")
			return
		}
		v.Set(reflect.MakeSlice(t, len(list.Values), len(list.Values)))
		for i, e := range list.Values {
			d.into(e, v.Index(i), fmt.Sprintf("%s[%d]", key, i))
		}
	default:
		if err := yaml.NodeToValue(n, v.Addr().Interface(), yaml.Strict()); err != nil {
			d.bad(n, key, "does not fit", "write "+form(t))
		}
	}
}

// object fills a struct by the names of its yaml tags.
func (d *decoding) object(n ast.Node, v reflect.Value, key string) {
	fields, names := map[string]reflect.Value{}, []string(nil)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		fields[name], names = v.Field(i), append(names, name)
	}
	for _, p := range d.pairs(n, key) {
		name := p.Key.GetToken().Value
		full := strings.TrimPrefix(key+"."+name, ".")
		if f, ok := fields[name]; ok {
			d.into(p.Value, f, full)
			continue
		}
		fix := "docs/config.md has all keys"
		if near := nearest(name, names); near != "" {
			fix = "did you mean " + near
		}
		d.bad(p.Key, full, "unknown key", fix)
	}
}

// pairs returns the keys of a node with their values.
func (d *decoding) pairs(n ast.Node, key string) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	d.bad(n, key, "holds no keys", "write key: value, one a line")
	return nil
}

// form says how a value of a type is written.
func form(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "a time such as 10s or 5m"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list in square brackets"
	case reflect.Map:
		return "keys with lists"
	}
	return "one piece of text"
}

// nearest returns the name that somebody meant, or "".
func nearest(typed string, names []string) string {
	best, least := "", 3
	for _, name := range names {
		if strings.HasPrefix(name, typed+"_") {
			return name
		}
		if n := distance(typed, name); n < least && n < len(typed) {
			best, least = name, n
		}
	}
	return best
}

// distance counts the letters to change between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}
