// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
)

func file(project, body string) review.ConfigFile {
	return review.ConfigFile{Project: project, State: review.ConfigFound, Revision: "r-" + project, Body: []byte(body)}
}

func TestPolicyMode(t *testing.T) {
	const on, off = "[review-assistant]\nmode = on\n", "[review-assistant]\nmode = off\n"
	absent := func(p string) review.ConfigFile { return review.ConfigFile{Project: p, State: review.ConfigAbsent} }
	noRead := func(p string) review.ConfigFile { return review.ConfigFile{Project: p, State: review.ConfigNoRead} }
	for _, tc := range []struct {
		name    string
		chain   []review.ConfigFile
		inherit bool
		mode    Mode
		off     Off
		by      string
	}{
		{"no chain", nil, false, ModeOff, OffNoFile, ""},
		{"no file", []review.ConfigFile{absent("p"), absent("All-Projects")}, false, ModeOff, OffNoFile, ""},
		{"no access", []review.ConfigFile{noRead("p")}, false, ModeOff, OffNoAccess, ""},
		{"on", []review.ConfigFile{file("p", on)}, false, ModeOn, OffNot, ""},
		{"shadow", []review.ConfigFile{file("p", "[review-assistant]\nmode = Shadow\n")}, false, ModeShadow, OffNot, ""},
		{"file without mode", []review.ConfigFile{file("p", "[summary]\nwip = true\n")}, false, ModeOff, OffByProject, ""},
		{"parent cannot switch on", []review.ConfigFile{absent("p"), file("parent", on)}, false, ModeOff, OffNoFile, ""},
		{"parent may switch on if the operator says so", []review.ConfigFile{absent("p"), file("parent", on)}, true, ModeOn, OffNot, ""},
		{"nearest wins", []review.ConfigFile{file("p", on), file("parent", off)}, true, ModeOn, OffNot, ""},
		{"own off wins over inherited on", []review.ConfigFile{file("p", off), file("parent", on)}, true, ModeOff, OffByProject, ""},
		{"forbidden", []review.ConfigFile{file("p", on), file("parent", "[review-assistant]\nforbid = true\n")}, false, ModeOff, OffForbidden, "parent"},
		{"forbidden by the grandparent", []review.ConfigFile{file("p", on), file("parent", on), file("All-Projects", "[review-assistant]\nforbid\n")}, true, ModeOff, OffForbidden, "All-Projects"},
		{"forbid cannot be lifted below", []review.ConfigFile{file("p", on+"forbid = false\n"), file("parent", "[review-assistant]\nforbid = true\n")}, false, ModeOff, OffForbidden, "parent"},
		{"own forbid", []review.ConfigFile{file("p", on+"forbid = true\n")}, false, ModeOff, OffByProject, "p"},
		{"broken", []review.ConfigFile{file("p", on+"mood = good\n")}, false, ModeOff, OffBroken, "p"},
		{"broken parent", []review.ConfigFile{file("p", on), file("parent", "[nonsense]\n")}, false, ModeOff, OffBroken, "parent"},
		{"too long", []review.ConfigFile{{Project: "p", State: review.ConfigTooLong}}, false, ModeOff, OffBroken, ""},
		{"unreadable parent is told, not obeyed", []review.ConfigFile{file("p", on), noRead("parent")}, false, ModeOn, OffNot, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := NewPolicy(tc.chain, tc.inherit)
			if p.Mode != tc.mode || p.Off != tc.off || (tc.by != "" && p.By != tc.by) {
				t.Errorf("NewPolicy = mode %q off %q by %q, want %q %q %q", p.Mode, p.Off, p.By, tc.mode, tc.off, tc.by)
			}
		})
	}
}

// hashOf is a value's hash that has one digit.
func hashOf(digit string) string { return strings.Repeat(digit, 32) }

func TestPolicyInheritance(t *testing.T) {
	p := NewPolicy([]review.ConfigFile{
		file("p", "[review-assistant]\nmode = on\nnotify = owner\nexclude = gen/**\n[scrub]\nsensitivePath = a/**\npattern = \"ACME-[0-9]{8}\"\nallow = "+hashOf("a")+"\n[reviewers]\nmax = 3\n"),
		file("parent", "[review-assistant]\nnotify = all\nexclude = docs/**\nbranch = refs/heads/main\n[scrub]\nsensitivePath = b/**\nnoModelPath = sec/**\nallow = "+hashOf("B")+"\ncomment = false\n[reviewers]\nadd = cc\nmax = 1\n[budget]\ntokensPerDay = 5\n"),
	}, false)
	if len(p.Problems) > 0 {
		t.Fatalf("problems: %v", p.Problems)
	}
	got := []any{p.Mode, p.Notify, p.MaxPicks, p.Add, p.TokensPerDay, p.Branches, p.NoModel, p.Patterns, p.CommentLeak}
	want := []any{ModeOn, review.NotifyOwner, 3, AddCC, int64(5), []string{"refs/heads/main"}, []string{"sec/**", "sec/**/**"}, []string{"ACME-[0-9]{8}"}, false}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("policy (-want +got):\n%s", d)
	}
	slices.Sort(p.Allow)
	if d := cmp.Diff([]string{hashOf("B"), hashOf("a")}, p.Allow); d != "" {
		t.Errorf("allowed (-want +got):\n%s", d)
	}
	slices.Sort(p.Sensitive)
	slices.Sort(p.Exclude)
	if d := cmp.Diff([][]string{{"a/**", "a/**/**", "b/**", "b/**/**"}, {"docs/**", "docs/**/**", "gen/**", "gen/**/**"}}, [][]string{p.Sensitive, p.Exclude}); d != "" {
		t.Errorf("unions (-want +got):\n%s", d)
	}
}

func TestConfigProblems(t *testing.T) {
	body := "[review-assistant]\n\tmode = maybe\n\tmoode = on\n[scrub]\n\tpattern = \"a(\"\n\tpattern = \"x*\"\n\tsensitivePath = \"[\"\n\tpii = dna\n\tallow = Passw0rd\n[reviewers]\n\tmax = 99\n[include]\n\tpath = /etc/passwd\n[model \"x\"]\n\tprofile = y\n[nothing]\n\tkey = 1\n"
	p := NewPolicy([]review.ConfigFile{file("infra/dns", body)}, false)
	var got []string
	for _, x := range p.Problems {
		got = append(got, x.String())
	}
	want := []string{
		`infra/dns:review-assistant.config:2: review-assistant.mode: "maybe" does not fit; write one of [off shadow on]`,
		`infra/dns:review-assistant.config:3: review-assistant.moode: unknown key; known in [review-assistant] are branch, exclude, excludeowner, forbid, mode, notify`,
		"infra/dns:review-assistant.config:5: scrub.pattern: \"a(\" does not fit; write a regular expression in RE2 syntax: error parsing regexp: missing closing ): `a(`",
		`infra/dns:review-assistant.config:6: scrub.pattern: "x*" does not fit; write a regular expression that does not match the empty string`,
		`infra/dns:review-assistant.config:7: scrub.sensitivePath: "[" does not fit; write a path glob such as secrets/** or **/*.pb.go`,
		`infra/dns:review-assistant.config:8: scrub.pii: "dna" does not fit; write all, none, or one of email, phone, ip, card, iban, national-id, home-path, person`,
		`infra/dns:review-assistant.config:9: scrub.allow: the value does not fit; write the 32 hex digits that review-assistant fingerprint prints for the value`,
		`infra/dns:review-assistant.config:11: reviewers.max: "99" does not fit; write a number from 0 to 5`,
		`infra/dns:review-assistant.config:12: [include]: includes are not followed; put the settings into this file`,
		`infra/dns:review-assistant.config:14: [model]: has a subsection; write [model] alone`,
		`infra/dns:review-assistant.config:16: [nothing]: unknown section; known are budget, builds, instructions, model, review-assistant, reviewers, scrub, summary`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	if p.Mode != ModeOff || p.Off != OffBroken {
		t.Errorf("mode %q off %q, want off broken", p.Mode, p.Off)
	}
	syntax := NewPolicy([]review.ConfigFile{file("p", "[review-assistant]\nmode = on\n\x00\n")}, false)
	if syntax.Off != OffBroken || !strings.Contains(syntax.Problems[0].String(), "git-config syntax") {
		t.Errorf("syntax fault: off %q, problems %v", syntax.Off, syntax.Problems)
	}
}

func TestCovers(t *testing.T) {
	for _, tc := range []struct {
		patterns []string
		branch   string
		want     bool
	}{
		{nil, "main", true},
		{nil, "refs/meta/config", false},
		{[]string{"refs/heads/main"}, "main", true},
		{[]string{"refs/heads/main"}, "dev", false},
		{[]string{"refs/heads/*"}, "feature/x/y", true},
		{[]string{"refs/heads/*", "!refs/heads/wip/*"}, "wip/x", false},
		{[]string{"!refs/heads/wip/*"}, "main", true},
		{[]string{"!refs/heads/wip/*"}, "wip/x", false},
		{[]string{"!refs/heads/wip/*", "refs/heads/wip/keep"}, "wip/keep", true},
	} {
		p := Policy{Branches: tc.patterns}
		if got := p.Covers(tc.branch); got != tc.want {
			t.Errorf("%v covers %q = %v, want %v", tc.patterns, tc.branch, got, tc.want)
		}
	}
}

func TestMatchPath(t *testing.T) {
	for _, tc := range []struct {
		glob, path string
		want       bool
	}{
		{"secrets/", "secrets/a.pem", true},
		{"/keys/**", "keys/b.pem", true},
		{"vault", "deep/vault/c.yaml", true},
		{"vault", "vault", true},
		{"vault", "vaulted/c.yaml", false},
		{"docs/*.md", "docs/a.md", true},
		{"secrets/**", "secrets/a/b.txt", true},
		{"secrets/**", "x/secrets/a", false},
		{"**/*.pb.go", "a/b/c.pb.go", true},
		{"*.pem", "deep/down/key.pem", true},
		{"*.pem", "key.pem.go", false},
	} {
		l, problems := parseLayer("f", []byte("[scrub]\nsensitivePath = "+tc.glob+"\n"))
		if got := matchPath(l.sensitive, tc.path); got != tc.want || len(problems) > 0 {
			t.Errorf("matchPath(%q, %q) = %v, want %v", tc.glob, tc.path, got, tc.want)
		}
	}
}

// FuzzConfig looks for panics, and for files that switch something on although
// they have faults.
func FuzzConfig(f *testing.F) {
	f.Add("[review-assistant]\nmode = on\n")
	f.Add("[scrub]\npattern = \"(\"\n[include]\npath=x\n")
	f.Add("[a \"b\"]\nc\n\\")
	f.Fuzz(func(t *testing.T, body string) {
		p := NewPolicy([]review.ConfigFile{file("p", body)}, false)
		if len(p.Problems) > 0 && p.Mode != ModeOff {
			t.Errorf("mode %q with problems %v", p.Mode, p.Problems)
		}
	})
}

// TestProjectConfigPage checks that every example of docs/project-config.md is
// a good file.
func TestProjectConfigPage(t *testing.T) {
	page, err := os.ReadFile("../docs/project-config.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(page), "```ini\n")[1:]
	if len(examples) < 3 {
		t.Errorf("%d examples are left", len(examples))
	}
	for i, e := range examples {
		body, _, _ := strings.Cut(e, "```")
		if p := NewPolicy([]review.ConfigFile{{Project: "p", State: review.ConfigFound, Body: []byte(body)}}, false); len(p.Problems) > 0 {
			t.Errorf("example %d: %v", i+1, p.Problems)
		}
	}
}
