// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxNesting is far above any file of ours and far below what costs the YAML
// parser its stack.
const maxNesting = 200

// eachDoc reads a YAML file that nobody vouches for, document by document.
// Empty ones are skipped. Name is the file's, for errors.
func eachDoc(name string, data []byte, fn func(body ast.Node) error) (err error) {
	// The YAML library panics on some malformed input.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: not valid YAML", name)
		}
	}()
	if len(data) > maxFileSize {
		return fmt.Errorf("%s: larger than %d KiB", name, maxFileSize>>10)
	}
	if deep(data) {
		return fmt.Errorf("%s: nested deeper than %d", name, maxNesting)
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return yamlError(name, err)
	}
	for _, doc := range parsed.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType {
			continue
		}
		if len(ast.Filter(ast.AliasType, doc.Body)) > 0 {
			return fmt.Errorf("%s:%d: aliases (*name) are not read; write the value out", name, doc.Body.GetToken().Position.Line)
		}
		if err := fn(doc.Body); err != nil {
			return err
		}
	}
	return nil
}

// yamlError puts the file in front of the line that the parser names.
func yamlError(name string, err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", name, at.GetToken().Position.Line, cleanText(at.GetMessage()))
	}
	return fmt.Errorf("%s: %s", name, cleanText(err.Error()))
}

// deep reports whether brackets or indentation nest suspiciously.
func deep(data []byte) bool {
	open, indent, leading := 0, 0, true
	for _, c := range data {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		}
		switch {
		case c == '\n':
			indent, leading = 0, true
		case leading && bytes.IndexByte([]byte("-?: \t"), c) >= 0:
			indent++
		default:
			leading = false
		}
		if open > maxNesting || indent > 2*maxNesting {
			return true
		}
	}
	return false
}
