// SPDX-License-Identifier: Apache-2.0

package prompts

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"
)

// schema is the schema of one prompt, ready to check answers.
type schema struct {
	raw      json.RawMessage
	resolved *jsonschema.Resolved
}

// schemas are read once, because every answer needs one.
var schemas = func() map[string]func() (*schema, error) {
	all := map[string]func() (*schema, error){}
	for _, d := range []Data{Summarize{}, Summarize{Short: true}, Part{}} {
		id := d.name()
		all[id] = sync.OnceValues(func() (*schema, error) { return loadSchema(id) })
	}
	return all
}()

func schemaOf(id string) (*schema, error) {
	load, ok := schemas[id]
	if !ok {
		return nil, fmt.Errorf("prompt %s has no schema", id)
	}
	return load()
}

func loadSchema(id string) (*schema, error) {
	raw, err := files.ReadFile(id + "/schema.json")
	if err != nil {
		return nil, err
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("prompt %s: schema: %w", id, err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		return nil, fmt.Errorf("prompt %s: schema: %w", id, err)
	}
	return &schema{raw: raw, resolved: resolved}, nil
}

// SchemaError says which part of the schema an answer breaks. It holds words
// of the schema only, never of the answer.
type SchemaError struct{ At string }

func (e *SchemaError) Error() string { return "answer does not fit the schema at " + e.At }

// place returns the innermost schema path that the validator entered. Its
// message names the path in leading "validating PATH" parts; what follows may
// quote the answer and is dropped.
func place(message string) string {
	at := "the top"
	for part := range strings.SplitSeq(message, ": ") {
		path, ok := strings.CutPrefix(part, "validating ")
		if !ok {
			break
		}
		if path != "root" {
			at = path
		}
	}
	return at
}

// Check reports whether answer is one JSON value that fits the schema.
func (p Prompt) Check(answer []byte) error {
	var v any
	if err := json.Unmarshal(answer, &v); err != nil || p.schema == nil {
		return &SchemaError{At: "the top"}
	}
	if err := p.schema.resolved.Validate(v); err != nil {
		return &SchemaError{At: place(err.Error())}
	}
	return nil
}
