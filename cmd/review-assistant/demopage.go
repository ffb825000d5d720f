// SPDX-License-Identifier: Apache-2.0

package main

import (
	_ "embed"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

//go:embed demo/page.html
var demoPage string

// pageLine is one line of a diff on the page.
type pageLine struct{ Class, Text string }

// page writes the result as one self-contained page and returns its path.
func (d *demo) page(dir, verified string, took time.Duration) (string, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"diff": pageDiff, "comment": pageComment, "auditText": auditText}).Parse(demoPage)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "index.html")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	data := map[string]any{
		"Changes": d.changes, "Verified": verified, "Seconds": took.Seconds(), "Version": version,
		"Leaks": d.leaks(), "Votes": d.votes(), "Added": d.added(), "Gerrit": "a fake Gerrit",
	}
	if err := t.Execute(f, data); err != nil {
		f.Close()
		return "", err
	}
	return path, f.Close()
}

// pageDiff sorts the lines of a packed diff for the page.
func pageDiff(diff string) []pageLine {
	var out []pageLine
	for l := range strings.SplitSeq(diff, "\n") {
		class := ""
		switch {
		case strings.Contains(l, "«SECRET:"):
			class = "secret"
		case strings.HasPrefix(l, "+"):
			class = "add"
		case strings.HasPrefix(l, "-"):
			class = "del"
		case strings.HasPrefix(l, "#"), strings.HasPrefix(l, "@@"):
			class = "meta"
		}
		out = append(out, pageLine{class, l})
	}
	return out
}

var (
	pageBold  = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
	pageBlock = regexp.MustCompile("(?s)```\n(.*?)\n```")
	pageCode  = regexp.MustCompile("`([^`\n]+)`")
)

// pageComment shows the little markup that Gerrit would render.
func pageComment(text string) template.HTML {
	s := template.HTMLEscapeString(text)
	s = pageBlock.ReplaceAllString(s, "<code>$1</code>")
	s = pageCode.ReplaceAllString(s, "<code>$1</code>")
	return template.HTML(pageBold.ReplaceAllString(s, "<strong>$1</strong>"))
}
