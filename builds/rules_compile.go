// SPDX-License-Identifier: Apache-2.0

package builds

// withSymbol is the line of javac below "cannot find symbol".
const withSymbol = `^(?:\[ERROR\])?\s+symbol: `

// compileRules are errors of compilers and interpreters that name a place.
func compileRules() []rule {
	return []rule{
		{
			id: "maven-javac", tier: tierPlace, kind: KindCompile, keys: []string{".java:[", ".kt:[", ".scala:[", ".groovy:[", ".kt: (", ".kt:("}, each: true, with: withSymbol,
			pattern: `(?:\[ERROR\]\s*)?(?P<file>[^\s:]+\.(?:java|kts?|scala|groovy)):? ?[\[(](?P<line>\d+), ?\d+[\])]`,
			hits:    []string{"[ERROR] /src/main/java/a/B.java:[4,26] cannot access c.D", "e: /src/a/B.kt: (12, 3): Unresolved reference: x"},
			source:  "https://maven.apache.org/plugins/maven-compiler-plugin/",
		},
		{
			id: "javac", tier: tierPlace, kind: KindCompile, keys: []string{".java:", ".kt:", ".kts:", ".scala:", ".groovy:"}, each: true, with: withSymbol,
			pattern: `^(?:e: (?:file://)?(?P<file2>\S+\.kts?)[: ]|\[error\] \S+\.scala:\d+)|(?P<file>[^\s:\[\]]+\.(?:java|kts?|scala|groovy)):\s?(?P<line>\d+)(?::\d+)?: (?:error\b|unresolved|.*\berror:)`,
			hits:    []string{"/b/src/A.java:12: error: cannot find symbol", "e: file:///src/a/B.kt:12:3 Unresolved reference 'x'.", "[error] /src/A.scala:12:3: not found: value x"},
			source:  "https://docs.oracle.com/en/java/javase/21/docs/specs/man/javac.html",
		},
		{
			id: "groovy", tier: tierPlace, kind: KindCompile, keys: []string{".groovy: ", "workflowscript: ", ".gradle'"},
			pattern: `^\S*(?:\.groovy|WorkflowScript|\.gradle'?): (?P<line>\d+): \S`,
			hits:    []string{"WorkflowScript: 12: unexpected token: } @ line 12, column 1."},
			source:  "https://docs.groovy-lang.org/latest/html/documentation/tools-groovyc.html",
		},
		{
			id: "gcc", tier: tierPlace, kind: KindCompile, keys: []string{": error", ": fatal error", ": internal compiler error", ": syntax error", ") error", "): error", "): fatal error"},
			pattern: `(?P<file>(?:[A-Za-z]:)?[^\s:()'"]+\.\w{1,5})[:(](?P<line>\d+)(?:[:,]\d+)?\)?\s?:? (?:internal compiler |fatal |Fatal |syntax )?error\b`,
			hits:    []string{"src/a.c:12:3: error: 'x' undeclared (first use in this function)", "a.cc:3:10: fatal error: b.h: No such file or directory", "src/X.hs:12:3: error:", "main.swift:3:5: error: cannot find 'x' in scope"},
			misses:  []string{"10:22:33 error: x"},
			source:  "https://gcc.gnu.org/onlinedocs/gcc/Diagnostic-Message-Formatting-Options.html",
		},
		{
			id: "tsc", tier: tierPlace, kind: KindCompile, keys: []string{"error ts", "error: ts", "error\u00a0ts"},
			pattern: `^\s*(?:(?P<file>[^\s(:][^(:]*)[(:](?P<line>\d+)[,:]\d+\)?(?:: | - ))?error\s?:?\s?TS\d{3,5}\b`,
			hits:    []string{"src/a.ts(12,3): error TS2304: Cannot find name 'x'.", "  src/a.tsx:55:6 - error TS6196: 'X' is declared but never used.", "error TS18003: No inputs were found"},
			source:  "https://www.typescriptlang.org/tsconfig/#pretty",
		},
		{
			id: "msbuild", tier: tierPlace, kind: KindCompile, keys: []string{"error cs", "error msb", "error fs", "error bc", "error c", "error nu", "error netsdk", "error rz", "error ca", "error sa"},
			pattern: `(?:(?P<file>(?:[A-Za-z]:)?[^\s(:][^(:]*)\((?P<line>\d+)(?:,\d+)*\)\s?: )?\b(?:fatal )?error (?:CS|MSB|FS|BC|C|NU|NETSDK|RZ|CA|SA|AD)\d{3,5}\s?:`,
			hits:    []string{`C:\a\B.cs(12,3): error CS0103: The name 'x' does not exist [C:\a\a.csproj]`, "MSBUILD : error MSB1009: Project file does not exist.", "error NU1101: Unable to find package X."},
			source:  "https://learn.microsoft.com/en-us/visualstudio/msbuild/msbuild-diagnostic-format-for-tasks",
		},
		{
			id: "rustc", tier: tierPlace, kind: KindCompile, keys: []string{"error["}, below: 8, each: true,
			pattern: `^\s*error\[E\d+\]: `,
			hits:    []string{"error[E0425]: cannot find value `x` in this scope"},
			source:  "https://doc.rust-lang.org/rustc/json.html",
		},
		{
			// The checks of vet, which is no compiler.
			id: "go-vet", tier: tierPlace, kind: KindLint, keys: []string{"format %", "formatting directive", "unreachable code", "unkeyed fields", "passes lock by value", "copies lock", "self-assignment", "struct field tag", "misuse of unsafe", "loop variable", "is not used on all paths", "should have signature", "misuse of unbuffered", "result of ", "call needs ", "call has ", "never exits", "non-constant format", "redundant newline", "args end with", "impossible "},
			pattern: `^(?:vet: )?(?P<file>[\w./@+-]+\.go):(?P<line>\d+):\d+: (?:\S*[Pp]rint\S*|\S*rrorf?|\S*atalf?|\S*ogf?) (?:format %|call (?:has|needs)|arg list ends|args end)|^(?P<file2>[\w./@+-]+\.go):(?P<line2>\d+):\d+: (?:unreachable code$|.* (?:composite literal|struct literal) uses unkeyed fields|.* passes lock by value|.*copies lock value|self-assignment of |struct field \S* ?(?:tag|\S+ repeats)|possible misuse of |loop variable \S+ captured|the \w+ function is not used on all paths|method .* should have signature|misuse of unbuffered|result of .* call not used|non-constant format string in call|impossible (?:type assertion|interface))`,
			hits:    []string{"a/b.go:3:37: fmt.Printf format %s has arg n of wrong type int", "a/b.go:4:69: unreachable code", "a.go:3:2: result of fmt.Sprintf call not used"},
			misses:  []string{"a.go:3:2: undefined: x", "a.go:3:2: impossible comparison"},
			source:  "https://pkg.go.dev/cmd/vet",
		},
		{
			id: "go", tier: tierPlace, kind: KindCompile, keys: []string{".go:"},
			pattern: `^(?:vet: |#\s)?(?P<file>[\w./@+-]+\.go):(?P<line>\d+):\d+: \S`,
			hits:    []string{"./a.go:12:3: undefined: x", "vet: ./a.go:3:1: expected declaration", "src/b/c_test.go:9:2: x declared and not used"},
			misses:  []string{"    a_test.go:12: got 3"},
			source:  "https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies",
		},
		{
			id: "go-package", tier: tierPlace, kind: KindCompile, category: categoryDependency, keys: []string{"no required module", "missing go.sum", "is not in std", "cannot find package", "import cycle not", "updates to go.mod needed", "inconsistent vendoring"},
			pattern: `no required module provides package|missing go\.sum entry|is not in (?:std|GOROOT)|cannot find package "|import cycle not allowed|updates to go\.mod needed|inconsistent vendoring`,
			hits:    []string{"a.go:3:2: no required module provides package x.org/y; to add it:", "go: updates to go.mod needed"},
			source:  "https://go.dev/ref/mod",
		},
		{
			id: "python-syntax", tier: tierPlace, kind: KindCompile, keys: []string{"syntaxerror:", "indentationerror:", "taberror:"}, above: 3,
			pattern: `^\s*(?:E\s+)?(?:SyntaxError|IndentationError|TabError): `,
			hits:    []string{"SyntaxError: invalid syntax", "E     IndentationError: unexpected indent"},
			source:  "https://docs.python.org/3/library/exceptions.html#SyntaxError",
		},
		{
			id: "babel", tier: tierPlace, kind: KindCompile, keys: []string{"module build failed", "failed to compile", "module not found: error", "rolluperror", "rollup failed to resolve", "transform failed with", "[unresolved_import]", "[missing_export]", "[parse_error]", "syntaxerror: /", "parse error:"},
			pattern: `^(?:Failed to compile|PHP Parse error:|Parse error: )|Module build failed|Module not found: Error|RollupError|Rollup failed to resolve|Transform failed with|^\[(?:UNRESOLVED_IMPORT|MISSING_EXPORT|PARSE_ERROR)\] `,
			hits:    []string{"Module not found: Error: Can't resolve './x' in '/app/src'", "Failed to compile.", "PHP Parse error:  syntax error, unexpected '}' in a.php on line 3", "[UNRESOLVED_IMPORT] Could not resolve './x' in m.js"}, // the last of Rolldown
			source:  "https://webpack.js.org/configuration/stats/",
		},
		{
			id: "esbuild", tier: tierPlace, kind: KindCompile, keys: []string{"✘ [error]", "[vite]:"},
			pattern: `^\s*✘ \[ERROR\] |\[vite\]: .*(?:fail|error)`,
			hits:    []string{`✘ [ERROR] Could not resolve "./x"`},
			source:  "https://esbuild.github.io/api/#log-level",
		},
		{
			// The reason stands below.
			id: "bundler-failed", tier: tierThrown, kind: KindCompile, keys: []string{"error during build", "build failed with "}, below: 7,
			pattern: `^error during build|Build failed with \d+ error`,
			hits:    []string{"error during build:", "Build failed with 1 error:"},
			source:  "https://github.com/vitejs/vite/blob/main/packages/vite/src/node/cli.ts",
		},
		{
			id: "ocaml-haskell-elixir", tier: tierPlace, kind: KindCompile, keys: []string{"** (", "characters ", "parse error on input", "== compilation error in"},
			pattern: `^(?:\*\* \((?:CompileError|SyntaxError|TokenMissingError|MismatchedDelimiterError)\)|File "(?P<file>[^"]+)", lines? (?P<line>\d+)(?:-\d+)?, characters|== Compilation error in file)|parse error on input`,
			hits:    []string{"** (CompileError) lib/a.ex:12: undefined function x/0", `File "a.ml", line 3, characters 4-9:`, "== Compilation error in file lib/a.ex =="},
			source:  "https://ocaml.org/manual/comp.html",
		},
		{
			id: "cmake", tier: tierPlace, kind: KindCompile, category: "config", keys: []string{"cmake error", "meson.build:", "configure: error"}, with: `provided by "|^\s+(?:Could not|Could NOT) find `,
			pattern: `^(?:\W*CMake Error(?: at (?P<file>[^:]+):(?P<line>\d+))?|configure: error: )|meson\.build:\d+:\d+: ERROR`,
			hits:    []string{"CMake Error at CMakeLists.txt:12 (find_package):", "src/meson.build:12:0: ERROR: Dependency \"x\" not found", "configure: error: C compiler cannot create executables"},
			source:  "https://cmake.org/cmake/help/latest/command/message.html",
		},
		{
			id: "protobuf-latex", tier: tierPlace, kind: KindCompile, keys: []string{".proto:", "! latex error", "! undefined control", "! package ", "! emergency stop", "! file `"},
			pattern: `^(?:(?P<file>\S+\.proto):(?P<line>\d+):\d+: |! (?:LaTeX Error|Undefined control|Package \S+ Error|Emergency stop|File .))`,
			hits:    []string{`a/b.proto:3:1: "X" is not defined.`, "! LaTeX Error: File `x.sty' not found.", "! Undefined control sequence."},
			source:  "https://protobuf.dev/reference/cpp/api-docs/",
		},
	}
}

// linkRules are errors of linkers, and compilers that name no place in the same line.
func linkRules() []rule {
	return []rule{
		{
			id: "ld", tier: tierPlace, kind: KindCompile, keys: []string{"undefined reference", "undefined symbol", "multiple definition", "/ld: ", "ld: error", "ld: fatal", "ld: cannot", "ld: library", "ld: symbol", "ld.lld", "ld.gold", "lld-link", "collect2: fatal", "lnk", "undefined symbols for"},
			pattern: `^(?:(?:\S*/)?ld(?:\.\w+)?: (?:error|fatal|cannot find|library not found|symbol)|collect2: fatal|Undefined symbols for architecture)|undefined reference to|\bmultiple definition of|ld\.lld: error|lld-link: error|error LNK\d+|undefined symbol: `,
			hits:    []string{"a.o: in function `f': a.c:(.text+0x1): undefined reference to `g'", "/usr/bin/ld: cannot find -lx", "ld.lld: error: undefined symbol: x", "a.obj : error LNK2019: unresolved external symbol x"},
			source:  "https://sourceware.org/binutils/docs/ld/",
		},
		{
			id: "rustc-plain", tier: tierPlace - 2, kind: KindCompile, keys: []string{"error: could not compile", "error: linking with", "error: failed to run custom build", "error: expected", "error: cannot find", "error: aborting due"}, below: 8,
			pattern: `^error: (?:linking with|failed to run custom build|expected |cannot find|unused |this |unresolved |mismatched )`,
			hits:    []string{"error: linking with `cc` failed: exit status: 1", "error: expected one of `!` or `::`, found `x`", "error: cannot find macro `x` in this scope"},
			source:  "https://doc.rust-lang.org/rustc/",
		},
		{
			id: "javac-detail", tier: tierSaid, kind: KindCompile, keys: []string{"cannot find symbol", "does not exist", "incompatible types", "class file has wrong version", "unsupported class file", "invalid target release", "invalid source release", "unsupportedclassversion"},
			pattern: `cannot find symbol|package \S+ does not exist|incompatible types|class file has wrong version|Unsupported class file|invalid (?:target|source) release|UnsupportedClassVersionError`,
			hits:    []string{"  class file has wrong version 55.0, should be 52.0", "error: invalid target release: 17", "package a.b does not exist"},
			source:  "https://docs.oracle.com/en/java/javase/21/docs/specs/man/javac.html",
		},
	}
}
