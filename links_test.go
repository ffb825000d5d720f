// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestLinks(t *testing.T) {
	files, pages := map[string]bool{}, map[string]string{}
	for _, p := range tracked(t) {
		if strings.HasPrefix(p, ".cache/") || strings.Contains(p, "node_modules/") {
			continue
		}
		files[p] = true
		if strings.HasSuffix(p, ".md") && !strings.Contains(p, "testdata/") {
			pages[p] = read(t, p)
		}
	}
	for _, fault := range brokenLinks(files, pages) {
		t.Error(fault)
	}
}

func TestBrokenLinks(t *testing.T) {
	files := map[string]bool{"README.md": true, "docs/a.md": true, "docs/images/x.png": true}
	for _, test := range []struct{ name, text, want string }{
		{"a page, a picture, a folder", "[a](docs/a.md) ![x](docs/images/x.png) [docs](docs) [up](../README.md)", "README.md: ../README.md is not there"},
		{"no such page", "[a](docs/b.md)", "README.md: docs/b.md is not there"},
		{"a heading", "[a](docs/a.md#two-words-code) [again](docs/a.md#again-1) [here](#here)\n# Here", ""},
		{"no such heading", "[a](docs/a.md#three)", "README.md: docs/a.md#three has no such heading"},
		{"a heading in code", "[a](docs/a.md#none)", "README.md: docs/a.md#none has no such heading"},
		{"another host, mail", "[a](https://example.com/b.md) [m](mailto:a@example.com)", ""},
		{"code", "`[a](b.md)`\n\n```\n[a](b.md)\n```", ""},
		{"by reference", "[a]\n\n[a]: docs/b.md", "README.md: docs/b.md is not there"},
		{"HTML", `<img src="docs/images/y.png">`, "README.md: docs/images/y.png is not there"},
	} {
		pages := map[string]string{"README.md": test.text, "docs/a.md": "# Two words, `code`\n## Again\n## Again\n```\n# None\n```\n"}
		if got := strings.Join(brokenLinks(files, pages), "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

var (
	fenced  = regexp.MustCompile("(?ms)^ *```.*?^ *```[ \t]*$")
	spans   = regexp.MustCompile("`[^`\n]*`")
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.*?)[ #]*$`)
	unsaid  = regexp.MustCompile(`\]\([^)]*\)|[^\pL\pN _-]`)
	scheme  = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
	links   = regexp.MustCompile(`\]\(([^()\s]+)(?: "[^"]*")?\)|(?m:^\[[^\]]+\]: (\S+))|(?:src|href)="([^"]+)"`)
)

// brokenLinks tells of the links in pages that lead to no file or folder, or to
// no heading of a page.
func brokenLinks(files map[string]bool, pages map[string]string) []string {
	there, anchors := map[string]bool{}, map[string][]string{}
	for p := range files {
		for ; p != "."; p = path.Dir(p) {
			there[p] = true
		}
	}
	for p, text := range pages {
		pages[p] = fenced.ReplaceAllString(text, "")
		anchors[p] = slugs(pages[p])
	}
	var faults []string
	for p, text := range pages {
		for _, m := range links.FindAllStringSubmatch(spans.ReplaceAllString(text, ""), -1) {
			link := m[1] + m[2] + m[3]
			if scheme.MatchString(link) {
				continue
			}
			name, anchor, _ := strings.Cut(link, "#")
			name, err := url.PathUnescape(name)
			to := path.Join(path.Dir(p), name)
			if name == "" {
				to = p
			}
			switch {
			case err != nil || !there[to]:
				faults = append(faults, fmt.Sprintf("%s: %s is not there", p, link))
			case anchor != "" && !slices.Contains(anchors[to], anchor):
				faults = append(faults, fmt.Sprintf("%s: %s has no such heading", p, link))
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// slugs are the anchors of a page's headings, as GitHub and Gitea make them.
func slugs(text string) []string {
	var list []string
	seen := map[string]int{}
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		slug := strings.ReplaceAll(strings.ToLower(unsaid.ReplaceAllString(m[1], "")), " ", "-")
		n := seen[slug]
		seen[slug]++
		if n > 0 {
			slug = fmt.Sprintf("%s-%d", slug, n)
		}
		list = append(list, slug)
	}
	return list
}
