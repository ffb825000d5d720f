// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"review-assistant/review"
)

// attributeTests have what is generated in want, "path", and what is
// vendored, "path!".
var attributeTests = []struct {
	name  string
	file  string
	paths string
	want  string
}{
	{"nothing", "", "a.go", ""},
	{"a base name at any depth", "*.pb.go linguist-generated", "a.pb.go x/y/a.pb.go a.go a.pb.go/x", "a.pb.go x/y/a.pb.go"},
	{"anchored", "/gen.go linguist-generated", "gen.go x/gen.go", "gen.go"},
	{"a slash inside anchors too", "api/gen.go linguist-generated", "api/gen.go x/api/gen.go", "api/gen.go"},
	{"a star stays in its folder", "api/*.go linguist-generated", "api/a.go api/v1/a.go", "api/a.go"},
	{"a question mark too", "api?go linguist-generated\na/?/b linguist-generated", "api/go api.go a/x/b a//b", "api.go a/x/b"},
	{"everything below", "third_party/** linguist-vendored", "third_party third_party/a third_party/a/b x/third_party/a", "third_party/a! third_party/a/b!"},
	{"at any depth", "**/gen/*.go linguist-generated", "gen/a.go x/y/gen/a.go x/gen/y/a.go", "gen/a.go x/y/gen/a.go"},
	{"any folders between", "a/**/b linguist-generated", "a/b a/x/b a/x/y/b ab", "a/b a/x/b a/x/y/b"},
	{"two stars in a word are one", "a**b linguist-generated\nx/a**b linguist-generated", "aXb x/aYb x/a/b", "aXb x/aYb"},
	{"a folder never matches", "gen/ linguist-generated", "gen gen/a", ""},
	{"the name of a folder is not its files", "gen linguist-generated", "gen gen/a x/gen", "gen x/gen"},
	{"the last match wins", "*.go linguist-generated\nkeep.go -linguist-generated", "a.go keep.go x/keep.go", "a.go"},
	{"and only of that attribute", "*.go linguist-generated\n*.go linguist-vendored=false", "a.go", "a.go"},
	{"values", "a linguist-generated=true\nb linguist-generated=false\nc -linguist-generated\nd linguist-generated\ne linguist-generated=maybe", "a b c d e", "a d"},
	{"unspecified again", "* linguist-generated\na !linguist-generated", "a b", "b"},
	{"the last word of a line wins", "a linguist-generated -linguist-generated\nb -linguist-generated linguist-generated", "a b", "b"},
	{"both, among others", "v/* text=auto linguist-vendored linguist-generated=true diff", "v/a", "v/a v/a!"},
	{"quoted", `"a b" linguist-generated` + "\n" + `"\303\244" linguist-generated`, "a␣b ä", "a␣b ä"},
	{"a broken quote", `"a linguist-generated` + "\nb linguist-generated", "a b", "b"},
	{"comments and blanks", "# a linguist-generated\n\n   \t\n  b\tlinguist-generated \r\n", "a b #", "b"},
	{"macros are not known", "[attr]gen linguist-generated\na gen", "a gen", ""},
	{"no negative patterns", "!a linguist-generated", "a !a", ""},
	{"classes", "[ab].go linguist-generated\n[!x]/c linguist-generated", "a.go c.go y/c x/c", "a.go y/c"},
	{"a broken class", "[a linguist-generated\nb linguist-generated", "a [a b", "b"},
	{"braces are plain", "{a,b} linguist-generated", "a b {a,b}", "{a,b}"},
	{"escapes", `\#a linguist-generated` + "\n" + `\*b linguist-generated`, "#a *b xb", "#a *b"},
	{"capitals differ", "*.GO linguist-generated", "a.go a.GO", "a.GO"},
	{"another word", "a linguist-generatedx xlinguist-generated", "a", ""},
	{"a long line is not read", "a linguist-generated " + strings.Repeat("x", 2100) + "\nb linguist-generated", "a b", "b"},
	{"a byte order mark", "\ufeffa linguist-generated", "a", "a"},
	{"no pattern at all", "linguist-generated", "linguist-generated", ""},
	{"only a slash", "/ linguist-generated\n/** linguist-vendored", "a a/b", "a! a/b!"},
}

func TestAttributes(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Log("without git the cases are not compared with it")
	}
	for _, tt := range attributeTests {
		t.Run(tt.name, func(t *testing.T) {
			paths := strings.Fields(tt.paths)
			for i := range paths {
				paths[i] = strings.ReplaceAll(paths[i], "␣", " ")
			}
			want := strings.ReplaceAll(tt.want, "␣", " ")
			a := review.ParseAttributes([]byte(tt.file))
			var got []string
			for _, p := range paths {
				if a.Generated(p) {
					got = append(got, p)
				}
				if a.Vendored(p) {
					got = append(got, p+"!")
				}
			}
			if s := strings.Join(got, " "); s != want {
				t.Errorf("of %q are marked %q, want %q", tt.paths, s, want)
			}
			if git == "" {
				return
			}
			if s := strings.Join(marked(t, git, tt.file, paths), " "); s != want && tt.name != "macros are not known" {
				t.Errorf("git itself says %q, want %q", s, want)
			}
		})
	}
}

// marked asks git.
func marked(t *testing.T, git, file string, paths []string) (out []string) {
	t.Helper()
	dir := t.TempDir()
	run := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
		cmd.Env = []string{"HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "PATH=" + os.Getenv("PATH")}
		b, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %q: %v", args, err)
		}
		return string(b)
	}
	run("", "init", "-q")
	if err := os.WriteFile(filepath.Join(dir, ".gitattributes"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	words := strings.Split(run(strings.Join(paths, "\x00")+"\x00", "check-attr", "-z", "--stdin", "linguist-generated", "linguist-vendored"), "\x00")
	for i := 0; i+2 < len(words); i += 3 {
		switch {
		case words[i+2] != "set" && words[i+2] != "true":
		case words[i+1] == "linguist-vendored":
			out = append(out, words[i]+"!")
		default:
			out = append(out, words[i])
		}
	}
	return out
}

func TestAttributesLimits(t *testing.T) {
	line := func(i int) string { return fmt.Sprintf("f%d linguist-generated\n", i) }
	var b strings.Builder
	for i := range 512 {
		b.WriteString(line(i))
	}
	if !review.ParseAttributes([]byte(b.String())).Generated("x/f511") {
		t.Error("the last line that may be is not read")
	}
	b.WriteString(line(512))
	if review.ParseAttributes([]byte(b.String())).Generated("f1") {
		t.Error("a file with too many lines hides something")
	}
	if review.ParseAttributes([]byte("a linguist-generated\n" + strings.Repeat("#\n", 32<<10))).Generated("a") {
		t.Error("a file that is too long hides something")
	}
}

func FuzzAttributes(f *testing.F) {
	for _, tt := range attributeTests {
		f.Add([]byte(tt.file), tt.paths)
	}
	f.Add([]byte(strings.Repeat("**/", 60)+"x linguist-generated"), strings.Repeat("a/", 200)+"y")
	f.Add([]byte(strings.Repeat("*a", 100)+"x linguist-generated"), strings.Repeat("a", 500))
	f.Fuzz(func(t *testing.T, file []byte, path string) {
		a := review.ParseAttributes(file)
		generated := a.Generated(path)
		_ = a.Vendored(path)
		if generated && !strings.Contains(string(file), "linguist-generated") {
			t.Errorf("%q is generated by %q", path, file)
		}
		// A line at the end that takes it back has the last word.
		if len(file) < 32<<10 && review.ParseAttributes(append(file, "\n** -linguist-generated\n* -linguist-generated\n"...)).Generated(path) && !strings.Contains(path, "/") && path != "" {
			t.Errorf("%q stays generated by %q", path, file)
		}
	})
}
