// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"strings"
	"testing"
)

var testGerrits = Gerrits{
	"main":   {Web: "https://gerrit.example.com/"},
	"prefix": {Web: "https://code.example.com/r"},
	"split":  {Gitiles: []string{"https://git.example.org", "https://git.example.org/deep/tree/"}},
}

func testBases(t testing.TB) []base {
	t.Helper()
	bases, err := testGerrits.bases()
	if err != nil {
		t.Fatal(err)
	}
	return bases
}

func TestParseLocation(t *testing.T) {
	const g = "url:https://gerrit.example.com/plugins/gitiles/"
	sha := strings.Repeat("a1", 20)
	tests := []struct {
		name, value, branch string
		want                string // "GERRIT PROJECT DIR", with ? behind it when the branch is another; "" for nothing
	}{
		{"root", g + "shop/+/refs/heads/main/", "main", "main shop "},
		{"root without slash", g + "shop/+/refs/heads/main", "main", "main shop "},
		{"folder", g + "shop/pay/+/refs/heads/main/libs/ledger/", "main", "main shop/pay libs/ledger"},
		{"folder without slash", g + "shop/pay/+/refs/heads/main/libs/ledger", "main", "main shop/pay libs/ledger"},
		{"file", g + "shop/+/refs/heads/main/libs/catalog-info.yaml", "main", "main shop libs"},
		{"file at the root", g + "shop/+/refs/heads/main/catalog-info.yaml", "main", "main shop "},
		{"branch with slash", g + "shop/+/refs/heads/release/1.0/libs/", "release/1.0", "main shop libs"},
		{"branch with slash, whole", g + "shop/+/refs/heads/release/1.0/", "release/1.0", "main shop "},
		{"another branch", g + "shop/+/refs/heads/main/libs/", "stable", "main shop libs?"},
		{"branch that begins alike", g + "shop/+/refs/heads/main-2/libs/", "main", "main shop libs?"},
		{"branch with %2F", g + "shop/+/refs/heads/release%2F1.0/libs/", "release/1.0", "main shop libs"},
		{"branch with %2f, another", g + "shop/+/refs/heads/release%2f1.0/libs/", "main", "main shop libs?"},
		{"short branch", g + "shop/+/main/libs/", "main", "main shop libs"},
		{"project with %2F", g + "shop%2Fpay/+/refs/heads/main/", "main", "main shop/pay "},
		{"project with a plus", g + "lib%2B%2B/+/refs/heads/main/x/", "main", "main lib++ x"},
		{"project .git", g + "shop.git/+/HEAD/x/", "main", "main shop x"},
		{"HEAD", g + "shop/+/HEAD/x/", "any", "main shop x"},
		{"commit", g + "shop/+/" + sha + "/x/y/", "any", "main shop x/y"},
		{"tag", g + "shop/+/refs/tags/v1/x/", "any", "main shop x"},
		{"authenticated", "url:https://gerrit.example.com/a/plugins/gitiles/shop/+/refs/heads/main/", "main", "main shop "},
		{"host in capitals", "url:https://Gerrit.Example.COM/plugins/gitiles/shop/+/refs/heads/main/", "main", "main shop "},
		{"Gerrit below a path", "url:https://code.example.com/r/plugins/gitiles/shop/+/refs/heads/main/x/", "main", "prefix shop x"},
		{"Gitiles of its own", "url:https://git.example.org/shop/+/refs/heads/main/x/", "main", "split shop x"},
		{"the longer address wins", "url:https://git.example.org/deep/tree/shop/+/refs/heads/main/x/", "main", "split shop x"},
		{"spaces", g + "shop/+/refs/heads/main/a%20b/", "main", "main shop a b"},
		{"dots inside", g + "shop/+/refs/heads/main/a/./b//c/", "main", "main shop a/b/c"},

		{"another host", "url:https://github.com/shop/+/refs/heads/main/", "main", ""},
		{"another path", "url:https://code.example.com/shop/+/refs/heads/main/", "main", ""},
		{"address that begins alike", "url:https://gerrit.example.com/plugins/gitiles2/shop/+/refs/heads/main/", "main", ""},
		{"a file", "file:/etc/passwd", "main", ""},
		{"no ref", g + "shop", "main", ""},
		{"no branch", g + "shop/+/refs/heads/", "main", ""},
		{"no project", g + "/+/refs/heads/main/", "main", ""},
		{"way out", g + "shop/+/refs/heads/main/../../x/", "main", ""},
		{"way out, hidden", g + "shop/+/refs/heads/main/%2e%2e/x/", "main", ""},
		{"way out of the project", g + "..%2Fshop/+/refs/heads/main/", "main", ""},
		{"bad escape", g + "shop/+/refs/heads/main/%zz/", "main", ""},
		{"control character", g + "sh%07op/+/refs/heads/main/", "main", ""},
		{"bidirectional override", g + "shop/+/refs/heads/main/%E2%80%AEx/", "main", ""},
		{"not UTF-8", g + "shop/+/refs/heads/main/%ff/", "main", ""},
		{"empty", "", "main", ""},
		{"too long", g + "shop/+/refs/heads/main/" + strings.Repeat("x", 5000), "main", ""},
	}
	bases := testBases(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if l, ok := parseLocation(tt.value, bases); ok {
				dir, sure := l.on(tt.branch)
				got = l.gerrit + " " + l.project + " " + dir
				if !sure {
					got += "?"
				}
			}
			if got != tt.want {
				t.Errorf("parseLocation(%q) on %s = %q, want %q", tt.value, tt.branch, got, tt.want)
			}
		})
	}
}

func FuzzParseLocation(f *testing.F) {
	f.Add("url:https://gerrit.example.com/plugins/gitiles/shop/+/refs/heads/main/x/", "main")
	f.Add("url:https://git.example.org/a%2Fb/+/refs/heads/r%2F1/x.yaml", "r/1")
	f.Add("url:https://gerrit.example.com/a/plugins/gitiles/s/+/HEAD/..", "x")
	bases := testBases(f)
	f.Fuzz(func(t *testing.T, value, branch string) {
		l, ok := parseLocation(value, bases)
		if !ok {
			return
		}
		dir, _ := l.on(branch)
		if l.project == "" || strings.HasPrefix(dir, "/") || strings.HasSuffix(dir, "/") ||
			strings.Contains("/"+l.project+"/"+dir+"/", "/../") || printable(l.project+dir) != l.project+dir {
			t.Errorf("parseLocation(%q) = project %q, dir %q", value, l.project, dir)
		}
	})
}

func FuzzParseYAML(f *testing.F) {
	f.Add([]byte("kind: Component\nmetadata: {name: a, annotations: {review-assistant/project: p, review-assistant/path: x}}\nspec: {owner: b}\n---\nkind: User\nmetadata: {name: b}\n"))
	f.Add([]byte("kind: Group\nmetadata: {name: g}\nspec:\n  members: [a, user:other/b]\n  profile: {displayName: \"\\u202e\"}\n"))
	f.Add([]byte("a: &x [1]\nb: *x\n"))
	f.Add([]byte("? - - - !!binary |\n  x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := parseYAML("f.yaml", data, reading{})
		if err != nil && (!strings.HasPrefix(err.Error(), "f.yaml") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("error %q does not name the file on one line", err)
		}
		x := newIndex(list)
		for project := range x.places {
			x.owners("main", project, "main", []string{"a/b", ""})
		}
		for _, e := range list {
			if printable(e.display) != e.display && strings.TrimSpace(e.display) == "" {
				t.Errorf("unprintable name %q", e.display)
			}
		}
	})
}

func FuzzParsePeople(f *testing.F) {
	f.Add([]byte("same: [[1, a, b@c.d]]\nabsent: [{who: a, from: 2026-01-01, until: 2026-01-02}]\nopted_out: [a]\n"))
	f.Add([]byte("absent:\n- who: ?\n  until: [x]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePeople("p.yaml", data)
		if err != nil && !strings.HasPrefix(err.Error(), "p.yaml") {
			t.Errorf("error %q does not name the file", err)
		}
		if err == nil && len(p.sets) > maxPeopleNames {
			t.Errorf("%d names", len(p.sets))
		}
	})
}
