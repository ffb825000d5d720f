// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"
	"testing"

	"review-assistant/review"
	"review-assistant/scrub"
)

func editOf(path, hunk string) string {
	return "diff --git a/" + path + " b/" + path + "\n--- a/" + path + "\n+++ b/" + path + "\n" + hunk
}

func allPoints(d Draft) string {
	var b strings.Builder
	for _, ps := range [][]Point{d.Look, d.Risks} {
		for _, p := range ps {
			b.WriteString(p.Place().String() + " " + p.Why.String() + "\n")
		}
	}
	return b.String()
}

// What is dangerous is told although the change is small, its message speaks
// of it, and its lines stand elsewhere too.
func TestGraveIsTold(t *testing.T) {
	access := "@@ -1,4 +1,3 @@\n func drop(ctx Context) {\n-\tif !user.IsAdmin(ctx) {\n \tremove(ctx)\n }\n"
	tests := []struct{ name, diff, message, want string }{
		{
			"one line", editOf("client.go", "@@ -1,3 +1,3 @@\n func client() {\n-\treturn &http.Transport{TLSClientConfig: nil}\n+\treturn &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}\n }\n"),
			"client: set the tls config of the transport", "certificate checks are switched off",
		},
		{
			"a bump by name", editOf("go.mod", "@@ -1,3 +1,4 @@\n module m\n \n go 1.26\n+replace github.com/foo/bar => github.com/evil/bar v1.2.3\n"),
			"Bump bar to v1.2.3", "a dependency comes from another place",
		},
		{
			"a test holds the line", editOf("a.go", access) + editOf("b.go", access) +
				editOf("a_test.go", "@@ -1,2 +1,3 @@\n func TestX(t *testing.T) {\n+\tif !user.IsAdmin(ctx) {\n }\n"),
			"admin: simplify", "an access check goes away",
		},
		{
			"out of its block", editOf("g.go", "@@ -1,5 +1,5 @@\n func f(ok bool) {\n \tif ok {\n-\t\tif err := check(); err != nil { panic(err) }\n \t}\n+\tif err := check(); err != nil { panic(err) }\n }\n"),
			"g: tidy", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Offline(Input{Patch: patch(t, tt.diff), Subject: text(tt.message)})
			if got := allPoints(d); !strings.Contains(got, tt.want) || tt.want != "" && d.Silent != "" {
				t.Errorf("silent %q, points:\n%swant %q", d.Silent, got, tt.want)
			}
			if got := string(print(d)); strings.Contains(got, "Only the order of lines") {
				t.Errorf("a line in another block is no order:\n%s", got)
			}
		})
	}
}

// A bland sentence about the file does not stand for what is computed.
func TestGraveBesideModel(t *testing.T) {
	d := Draft{Model: "m", Look: []Point{{Path: scrub.Lit("client.go"), Line: 2, Why: scrub.Lit("Please read the new options.")}}}
	p := patch(t, editOf("client.go", "@@ -1,3 +1,3 @@\n func client() {\n-\treturn nil\n+\treturn &tls.Config{InsecureSkipVerify: true}\n }\n"))
	var c Draft
	describe(&c, analyze(&p))
	d.complete(c)
	if got := allPoints(d); !strings.Contains(got, "certificate checks are switched off") {
		t.Errorf("points:\n%s", got)
	}
	d = Draft{Model: "m", Look: []Point{{Path: scrub.Lit("client.go"), Line: 2, Why: scrub.Lit("Certificates are not checked any more.")}}}
	d.complete(c)
	if got := allPoints(d); strings.Contains(got, "switched off") {
		t.Errorf("told twice:\n%s", got)
	}
}

// The line that a point stands at, such as "return nil", is not what it is about.
func TestTold(t *testing.T) {
	first := "@@ -1,6 +1,5 @@\n func f() error {\n \tx()\n-\tmu.Lock()\n \treturn nil\n }\n \n"
	second := "@@ -11,6 +10,5 @@\n func g() error {\n \tz()\n-\trequireAccess(u)\n \treturn nil\n }\n \n"
	before := patch(t, editOf("a.go", first))
	earlier := Offline(Input{Patch: before})
	in := Input{Patch: patch(t, editOf("a.go", first+second)), Since: &Since{PatchSet: 1, Patch: before}}
	for _, p := range append(earlier.Look, earlier.Risks...) {
		in.Earlier = append(in.Earlier, Point{Path: p.Path, Line: p.Line, Why: p.Why, Severity: p.Severity})
	}
	d := Offline(in)
	if got := allPoints(d); !strings.Contains(got, "access check") || strings.Contains(got, "a lock") || d.Silent != "" {
		t.Errorf("silent %q, points:\n%s", d.Silent, got)
	}
}

// A path that sentences quote is still the path of the file.
func TestEarlierOfOddPath(t *testing.T) {
	p := patch(t, editOf("app/[slug]/page.tsx", "@@ -1,2 +1,2 @@\n-const a = 1;\n+const a = 2;\n x();\n"))
	path := p.Files[0].Path
	in := Input{Patch: p, Since: &Since{PatchSet: 1, Patch: p}, Earlier: []Point{{Path: PathText(path).Neutral(), Line: 1, Why: scrub.Lit("a is 2")}}}
	if got := in.earlier(&scrub.Patch{}); len(got) != 1 || got[0].Changed || got[0].Path.String() != path.String() {
		t.Errorf("earlier = %+v", got)
	}
}

// A line of the context elsewhere is not the line that was taken back.
func TestTakenBackElsewhere(t *testing.T) {
	first := "@@ -1,5 +1,5 @@\n func A() error {\n \ta()\n-\treturn nil\n+\treturn err\n }\n \n"
	second := "@@ -21,5 +21,6 @@\n func Z() error {\n+\tfoo()\n \tz()\n \treturn nil\n }\n \n"
	before, now := patch(t, editOf("a.go", first)), patch(t, editOf("a.go", second))
	diff, less := interdiff(&before, &now)
	if len(less) != 1 || len(diff.Files) != 1 || diff.Files[0].Added != 1 || diff.Files[0].Removed != 0 {
		t.Errorf("less %v, diff %+v", less, diff.Files)
	}
}

// A file that is renamed in a later patch set is not left alone.
func TestGoneFollowsRenames(t *testing.T) {
	before := patch(t, editOf("a.go", "@@ -1 +1 @@\n-x\n+y\n"))
	now := scrub.Patch{Files: []scrub.File{{Path: scrub.Lit("b.go"), OldPath: scrub.Lit("a.go"), Status: review.FileRenamed}}}
	if got := gone(&before, &now); len(got) > 0 {
		t.Errorf("gone = %v", got)
	}
}
