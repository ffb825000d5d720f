// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
)

const knownFile = `# What we know of.
[failure "Registry is slow"]
	match = dial tcp .*:5000: i/o timeout
	match = "toomanyrequests: You have reached"
	class = infra
	message = The registry is being moved.
	link = "https://issues.example/INF-12?x=1&y=2#top"
	until = 2026-03-31
[failure "Cart sum"]
	test = **/TestCart*
	job = integration-*
	job = nightly
	class = flaky
[failure "Numbers"]
	match = got \\d+, want \\d+
	class = preexisting
`

func TestKnown(t *testing.T) {
	k, problems := ParseKnown(KnownName, []byte(knownFile))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if k.Len() != 3 {
		t.Fatalf("%d signatures, want 3", k.Len())
	}
	day := time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		job   string
		f     review.BuildFailure
		now   time.Time
		want  string
		class Class
	}{
		{"message", "unit", review.BuildFailure{Message: "pull: dial tcp 10.0.0.1:5000: i/o timeout"}, day, "Registry is slow", ClassInfra},
		{"excerpt", "unit", review.BuildFailure{Message: "x", Excerpt: []review.BuildLine{{Text: "toomanyrequests: You have reached your limit"}}}, day, "Registry is slow", ClassInfra},
		{"over", "unit", review.BuildFailure{Message: "dial tcp x:5000: i/o timeout"}, day.Add(2 * time.Hour), "", ""},
		{"test and job", "integration-arm", review.BuildFailure{Test: "example.com/pay.TestX"}, day, "", ""},
		{"test and job fit", "integration-arm", review.BuildFailure{Test: "example.com/TestCartSum"}, day, "Cart sum", ClassFlaky},
		{"another job", "unit", review.BuildFailure{Test: "example.com/TestCartSum"}, day, "", ""},
		{"no test", "nightly", review.BuildFailure{}, day, "", ""},
		{"numbers", "unit", review.BuildFailure{Message: "a.go:3: got 4, want 3"}, day, "Numbers", ClassPreexisting},
		{"the first one counts", "nightly", review.BuildFailure{Test: "a/TestCart", Message: "got 4, want 3"}, day, "Cart sum", ClassFlaky},
	} {
		got, ok := k.Rule(&review.Build{Job: tt.job}, &tt.f, tt.now)
		if got.Name != tt.want || got.Class != tt.class || ok != (tt.want != "") {
			t.Errorf("%s: Rule = %+v, %v, want %q", tt.name, got, ok, tt.want)
		}
	}
	got, _ := k.Rule(&review.Build{}, &review.BuildFailure{Message: "toomanyrequests: You have reached"}, day)
	want := Ruling{Class: ClassInfra, Name: "Registry is slow", Message: "The registry is being moved.", Link: "https://issues.example/INF-12?x=1&y=2#top"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Rule (-want +got):\n%s", diff)
	}
	var none *Known
	if _, ok := none.Rule(&review.Build{}, &review.BuildFailure{}, day); ok || none.Len() != 0 {
		t.Error("no file rules")
	}
}

func TestKnownProblems(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"unknown section", "[include]\n path = x\n", `f:1: [include]: unknown section; write [failure "NAME"]`},
		{"no name", "[failure]\nclass = infra\n", "f:1: [failure]: has no name"},
		{"unknown key", "[failure \"a\"]\nmatch = abc\nclass = infra\nregexp = x\n", "f:4: failure.regexp: unknown key; known are class, job, link, match, message, test, until"},
		{"no value", "[failure \"a\"]\nmatch\n", "f:2: failure.match: has no value"},
		{"regexp", "[failure \"a\"]\nmatch = a(b\n", `f:2: failure.match: "a(b" does not fit; write a regular expression in RE2 syntax`},
		{"regexp alone is told", "[failure \"a\"]\nclass = infra\nmatch = a(b\n", "f:3"},
		{"matches nothing", "[failure \"a\"]\nmatch = .*\n", "f:2: failure.match: \".*\" does not fit; write an expression that does not match an empty line"},
		{"matches a letter", "[failure \"a\"]\nmatch = [a-z]\n", "single character"},
		{"large", "[failure \"a\"]\nmatch = ((abcdefgh){30}){30}\n", "smaller expression"},
		{"class", "[failure \"a\"]\nmatch = abc\nclass = change\n", `f:3: failure.class: "change" does not fit; write one of [flaky infra preexisting timeout configuration]`},
		{"no class", "\n[failure \"a\"]\nmatch = abc\n", `f:2: [failure "a"]: has no class`},
		{"no match", "[failure \"a\"]\njob = unit\nclass = infra\n", `f:1: [failure "a"]: would match every failure; write match, test or both`},
		{"twice", "[failure \"a\"]\nmatch = abc\nclass = infra\n[failure \"b\"]\nmatch = abc\nclass = infra\n[failure \"a\"]\nmatch = abd\nclass = infra\n", `f:7: [failure]: "a" is there already`},
		{"http", "[failure \"a\"]\nlink = http://x.example/\n", "https address"},
		{"user in a link", "[failure \"a\"]\nlink = https://u:p@x.example/\n", "https address"},
		{"markup in a link", "[failure \"a\"]\nlink = https://x.example/)[y](z\n", "https address"},
		{"long link", "[failure \"a\"]\nlink = https://x.example/" + strings.Repeat("x", 300) + "\n", "https address"},
		{"no host", "[failure \"a\"]\nlink = https://:80/x\n", "https address"},
		{"message", "[failure \"a\"]\nmessage = " + strings.Repeat("ü", 201) + "\n", "at most 200 visible characters"},
		{"invisible", "[failure \"a\"]\nmessage = a\u202eb\n", "visible characters"},
		{"until", "[failure \"a\"]\nuntil = 31.3.2026\n", "such as 2026-12-31"},
		{"glob", "[failure \"a\"]\njob = [a\n", "write a glob"},
		{"wild glob", "[failure \"a\"]\ntest = " + strings.Repeat("*a", 9) + "\n", "at most 8 wildcards"},
		{"alternatives", "[failure \"a\"]\ntest = \"" + strings.Repeat("{"+strings.Repeat(",", 30)+"}", 8) + "x\"\n", "a line for each alternative"},
		{"many values", "[failure \"a\"]\n" + strings.Repeat("match = abc\n", 21), "f:22: failure.match: \"abc\" does not fit; write at most 20"},
		{"syntax", "[failure \"a\"]\nmatch = \\d+\n", "f:2: not in git-config syntax:"},
		{"long file", strings.Repeat("#\n", maxKnown), "f: the file has 131072 bytes; keep it under 65536"},
	} {
		k, problems := ParseKnown("f", []byte(tt.in))
		var all []string
		for _, p := range problems {
			all = append(all, p.String())
		}
		if !strings.Contains(strings.Join(all, "\n"), tt.want) || k.Len() != 0 {
			t.Errorf("%s: ParseKnown = %q, want %q", tt.name, all, tt.want)
		}
	}
	var b strings.Builder
	for i := range maxSignatures + 1 {
		fmt.Fprintf(&b, "[failure \"%d\"]\nmatch = abc\nclass = infra\n", i)
	}
	if _, problems := ParseKnown("f", []byte(b.String())); len(problems) != 1 || problems[0].Line != 3*maxSignatures+1 {
		t.Errorf("ParseKnown of too many signatures = %v", problems)
	}
	b.Reset()
	for i := range 6 {
		fmt.Fprintf(&b, "[failure \"%d\"]\nmatch = ((abcde){30}){20}\nclass = infra\n", i)
	}
	if _, problems := ParseKnown("f", []byte(b.String())); len(problems) != 1 || !strings.Contains(problems[0].String(), "too many or too long") {
		t.Errorf("ParseKnown of large expressions = %v", problems)
	}
	_, problems := ParseKnown("f", []byte("[failure \"a\"]\nmatch = (\nclass = x\nuntil = y\n[other]\n"))
	if len(problems) < 4 {
		t.Errorf("ParseKnown = %v, want all problems at once", problems)
	}
}

func TestSafeLink(t *testing.T) {
	for link, want := range map[string]bool{
		"https://x.example": true, "https://x.example:8443/a,b?c=d&e=%20#f": true, "https://x.example/" + strings.Repeat("a", MaxLink-18): true,
		"": false, "http://x.example/": false, "https://": false, "https:///a": false, "https://:80/": false, "https://u:p@x.example/": false, "https://u@x.example/": false,
		"https://x.example/a b": false, "https://x.example/)": false, "https://x.example/`": false, "https://x.example/a\n": false, "https://x.example\\a": false,
		"https://x.example/ü": false, "https://x.example/" + strings.Repeat("a", MaxLink-17): false, "javascript:https://x.example/": false,
	} {
		if got := SafeLink(link); got != want {
			t.Errorf("SafeLink(%q) = %v, want %v", link, got, want)
		}
	}
}

func FuzzParseKnown(f *testing.F) {
	f.Add([]byte(knownFile), "got 4, want 3")
	f.Add([]byte("[failure \"a\"] match = x\\\n y\nclass=infra"), "x y")
	f.Fuzz(func(t *testing.T, body []byte, message string) {
		k, problems := ParseKnown("f", body)
		for _, p := range problems {
			if strings.ContainsAny(p.String(), "\n\x1b\x00") {
				t.Errorf("a problem of more than a line: %q", p)
			}
		}
		if len(problems) > 0 && k.Len() > 0 {
			t.Error("a faulty file counts")
		}
		r, ok := k.Rule(&review.Build{Job: "unit"}, &review.BuildFailure{Message: message, Test: message}, time.Unix(0, 0))
		if ok && (r.Class == "" || r.Class == ClassChange || r.Name == "") {
			t.Errorf("Rule = %+v", r)
		}
	})
}
