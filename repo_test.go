// SPDX-License-Identifier: Apache-2.0

// Package repo_test holds the tests of the repository itself: what may import
// what, who may build a comment, and what every file has to look like.
package repo_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "review-assistant"

// mayImport is the house's plan: for each package, which of ours it may
// import, directly. docs/ARCHITECTURE.md draws it.
var mayImport = map[string][]string{
	"review":    {},
	"scrub":     {"review", "internal/lazyre"},
	"prompts":   {"review", "scrub"},
	"llm":       {"review", "scrub", "prompts"},
	"summarize": {"review", "scrub", "prompts", "llm", "internal/lazyre"},
	"reviewers": {"review", "internal/replay"},
	"builds":    {"review", "scrub", "internal/lazyre", "internal/replay", "internal/gitconfig"},
	"buildlog":  {"review", "internal/secretfile"},
	"audit":     {},
	"gerrit":    {"review", "internal/secretfile"},
	"catalog":   {"review", "internal/outbound"},
	"store":     {"review"},
	"gitlog":    {"review"},
	"identity":  {"review", "internal/secretfile", "internal/outbound"},
	"board":     {"review"},
	"bot":       {"review", "scrub", "prompts", "llm", "summarize", "reviewers", "builds", "audit", "internal/gitconfig"},
	"server":    {"review", "audit", "board", "identity"},
	// Regular expressions, and nothing of ours.
	"internal/lazyre": {},
	// Files in git-config syntax, and nothing of ours.
	"internal/gitconfig": {},
	// Lines of JSON, and nothing of ours.
	"internal/replay": {},
	// Files with a secret, and nothing of ours.
	"internal/secretfile": {},
	// Connections to others, and nothing of ours.
	"internal/outbound": {},
	// Fakes and helpers that are no tests themselves.
	"gerrit/gerrittest":          {"review"},
	"gerrit/gerrittest/contract": {"review", "gerrit"},
	"catalog/catalogtest":        {"review", "catalog", "reviewers"},
	"identity/identitytest":      {},
	"llm/llmtest":                {"review", "scrub", "prompts", "llm"},
	"e2e/rig":                    {},
}

// free may import everything: the wiring, and programs that measure or show it.
var free = []string{"cmd/review-assistant", "e2e", "e2e/backstage", "internal/bench", "e2e/cmd/demogerrit", "e2e/cmd/demosetup"}

type pkg struct {
	ImportPath string
	Dir        string
	Name       string
	Imports    []string
	GoFiles    []string
	ForTest    string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", "e2e", "-json=ImportPath,Dir,Name,Imports,GoFiles", "./...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
}

func TestImportDirections(t *testing.T) {
	for _, p := range packages(t) {
		rel := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for _, imp := range p.Imports {
			if imp == "github.com/labstack/echo/v4" && rel != "server" {
				t.Errorf("%s imports echo: only server may", rel)
			}
			if strings.HasPrefix(imp, "github.com/prometheus/") && rel != "server" {
				t.Errorf("%s imports Prometheus: only server may", rel)
			}
			if (strings.HasPrefix(imp, "github.com/coreos/go-oidc/") || strings.HasPrefix(imp, "github.com/go-jose/")) && rel != "identity" {
				t.Errorf("%s imports %s: only identity may", rel, imp)
			}
			if imp == "github.com/andygrunwald/go-gerrit" && rel != "gerrit" {
				t.Errorf("%s imports go-gerrit: only gerrit may", rel)
			}
			if imp == "github.com/sashabaranov/go-openai" && rel != "llm" {
				t.Errorf("%s imports go-openai: only llm may", rel)
			}
		}
		if slices.Contains(free, rel) || rel == "" {
			continue
		}
		allowed, known := mayImport[rel]
		if !known {
			t.Errorf("package %s has no row in mayImport: decide what it may import, and draw it in docs/ARCHITECTURE.md", rel)
			continue
		}
		for _, imp := range p.Imports {
			ours, is := strings.CutPrefix(imp, module+"/")
			if is && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s: it may import %v", rel, ours, allowed)
			}
		}
	}
}

// sealed are the types that only bot/seal.go may build.
var sealed = []string{"Comment", "Inline", "Summary"}

func TestSeal(t *testing.T) {
	for path, f := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") || path == "bot/seal.go" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if name := sealedName(f, n.Type); name != "" && len(n.Elts) > 0 {
					t.Errorf("%s builds a review.%s: only bot/seal.go may", path, name)
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "new" && len(n.Args) == 1 {
					if name := sealedName(f, n.Args[0]); name != "" && !strings.HasPrefix(path, "store/") {
						t.Errorf("%s makes a new review.%s: only bot/seal.go may", path, name)
					}
				}
			}
			return true
		})
	}
}

func sealedName(f *ast.File, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok && id.Name == "review" && slices.Contains(sealed, e.Sel.Name) {
			return e.Sel.Name
		}
	case *ast.Ident:
		if f.Name.Name == "review" && slices.Contains(sealed, e.Name) {
			return e.Name
		}
	}
	return ""
}

func TestFilesLookAlike(t *testing.T) {
	comments := map[string]int{}
	dirs := map[string]bool{}
	for path, f := range goFiles(t) {
		body := read(t, path)
		if !strings.HasPrefix(body, "// SPDX-License-Identifier: Apache-2.0\n") {
			t.Errorf("%s does not start with the licence line", path)
		}
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if n := strings.Count(body, "\n"); n > 450 {
			t.Errorf("%s has %d lines: split it where it has two subjects", path, n)
		}
		dir := filepath.Dir(path)
		dirs[dir] = true
		if f.Doc != nil {
			comments[dir]++
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s has an init function", path)
			}
		}
	}
	for dir := range dirs {
		if comments[dir] != 1 {
			t.Errorf("package %s has %d package comments, want one", dir, comments[dir])
		}
	}
}

// local finds what only one machine has. The pattern is split so that this
// file does not match itself.
var local = regexp.MustCompile(`(^|[^\w.-])/(ro` + `ot|ho` + `me/\w+|wo` + `rk)/`)

func TestNothingOfOneMachine(t *testing.T) {
	for _, path := range tracked(t) {
		body := read(t, path)
		// The scrubber's examples are paths; a log of Zuul names the work space
		// that every one of its jobs has.
		if !strings.HasPrefix(path, "scrub/") && path != "builds/testdata/logs/zuul.txt" && local.MatchString(body) {
			t.Errorf("%s names a path of one machine: %q", path, local.FindString(body))
		}
	}
}

func TestDependenciesHaveReasons(t *testing.T) {
	page := read(t, "docs/dependencies.md")
	direct := regexp.MustCompile(`(?m)^\t([\w./-]+) v\S+$`)
	for _, m := range direct.FindAllStringSubmatch(read(t, "go.mod"), -1) {
		if !strings.Contains(page, "`"+m[1]+"`") {
			t.Errorf("docs/dependencies.md gives no reason for %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(page, -1) {
		if !strings.Contains(read(t, "go.mod"), "\t"+m[1]+" v") {
			t.Errorf("docs/dependencies.md names %s, which go.mod does not need", m[1])
		}
	}
}

// tracked lists what git would commit; without git, all files.
func tracked(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "-co", "--exclude-standard").Output()
	var list []string
	if err == nil {
		sc := bufio.NewScanner(strings.NewReader(string(out)))
		for sc.Scan() {
			if _, err := os.Stat(sc.Text()); err == nil {
				list = append(list, sc.Text())
			}
		}
		return list
	}
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func goFiles(t *testing.T) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	fset := token.NewFileSet()
	for _, path := range tracked(t) {
		if !strings.HasSuffix(path, ".go") || strings.HasPrefix(path, "tools/") || strings.Contains(path, "testdata/") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatalf("parse %s: %v", path, err)
		}
		out[path] = f
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
