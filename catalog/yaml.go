// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

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
		return fmt.Errorf("%s: larger than %d KiB; split it into several files", name, maxFileSize>>10)
	}
	data = withoutEmpty(bytes.TrimPrefix(data, []byte("\ufeff")))
	if deep(data) {
		return fmt.Errorf("%s: nested deeper than %d", name, maxNesting)
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return yamlError(name, err)
	}
	for _, doc := range parsed.Docs {
		if doc.Body == nil && doc.Start != nil {
			return fmt.Errorf("%s:%d: an empty document; what follows it cannot be read: remove the ---", name, doc.Start.Position.Line)
		}
		if doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType || doc.Body.Type() == ast.DirectiveType {
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

// withoutEmpty blanks the documents that hold nothing but comments: at the first
// one the parser would end the file. Lines keep their numbers. A line that
// begins with --- separates documents wherever it stands, in quoted text too.
func withoutEmpty(data []byte) []byte {
	out := bytes.Clone(data)
	start, empty := -1, false // of the document that is being looked at
	blank := func(end int) {
		for i := start; start >= 0 && empty && i < end; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	at := 0
	for line := range bytes.Lines(data) {
		text, separates := bytes.CutPrefix(line, []byte("---"))
		if separates = separates && (len(text) == 0 || bytes.IndexByte([]byte(" \t\r\n"), text[0]) >= 0); separates {
			blank(at)
			start, empty = at, true
		} else {
			text = line
		}
		text = bytes.TrimSpace(text)
		empty = empty && (len(text) == 0 || text[0] == '#' || string(text) == "...")
		at += len(line)
	}
	blank(at)
	return out
}

// yamlError puts the file in front of the line that the parser names.
func yamlError(name string, err error) error {
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil {
		message := strings.Replace(at.GetMessage(), "found character '\t' that cannot start any token", "found a tab where spaces are wanted", 1)
		return fmt.Errorf("%s:%d: %s", name, at.GetToken().Position.Line, cleanText(message))
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
