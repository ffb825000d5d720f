// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"strings"

	"review-assistant/internal/lazyre"
)

// language knows how declarations look on one line. That is less than a
// parser and enough for a diff, which holds only parts of files anyway.
type language struct {
	exts    string           // file name endings, separated by blanks
	needs   string           // words of which one is in every declaration
	rules   []*lazyre.Regexp // groups: name, and recv for the type that a method belongs to
	public  func(line, name, path string) bool
	comment string // starts a line comment; the text of a doc comment stands above a declaration
	braces  bool   // a "}" in the first column ends a declaration
	style   style  // how a question is written
}

func re(s string) *lazyre.Regexp { return lazyre.New(s) }

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// statements begin lines that call and never declare.
var statements = wordSet(`if else for while switch case return throw raise new await delete yield go defer assert in not try do with print elif except using lock typedef`)

// keywords stand before parentheses without being the name of a function.
var keywords = wordSet(`if else for while switch case catch return function func def fn sizeof new throw await typeof delete
	super this do try with assert in is and or not elif except lambda yield print using synchronized when match unless until
	defined alignof decltype static_assert constexpr noexcept defer go select range make len cap append panic recover copy
	require import from export void int bool char string float double byte error any struct interface class enum`)

var (
	opened  = re(`\b(?:public|protected|open)\b`)
	closed  = re(`\b(?:private|internal|fileprivate)\b`)
	header  = re(`\.(?:h|hh|hpp|hxx)$`)
	pubItem = re(`^\s*pub\s`)
)

var languages = []language{
	{
		exts: ".go", needs: "func type var const", style: styleBrace, comment: "//", braces: true,
		rules: []*lazyre.Regexp{
			re(`^func (?:\(\s*(?:\w+\s+)?\*?(?P<recv>\w+)[^)]*\)\s*)?(?P<name>\w+)\s*[\[(]`),
			re(`^type (?P<name>\w+)`),
			re(`^(?:var|const) (?P<name>\w+)`),
		},
		public: func(_, name, p string) bool {
			last := name[strings.LastIndexByte(name, '.')+1:]
			for _, part := range strings.Split(name, ".") {
				if part[0] < 'A' || part[0] > 'Z' {
					return false
				}
			}
			return last != "" && !strings.HasSuffix(p, "_test.go")
		},
	},
	{
		exts: ".java .kt .kts .cs .scala .groovy .swift .dart", needs: "( class interface enum record object protocol struct trait extension mixin static", style: styleParen, comment: "//",
		rules: []*lazyre.Regexp{
			re(`^\s*(?:(?:public|protected|private|static|final|abstract|sealed|open|data|internal|override|export|partial|case|strictfp|fileprivate)\s+)*(?:class|interface|enum|record|object|@interface|protocol|struct|trait|extension|mixin)\s+(?P<name>[A-Z]\w*)`),
			re(`^\s*(?:@\w+\s+)?(?:(?:public|protected|private|static|final|abstract|synchronized|default|native|async|virtual|override|internal)\s+)+(?:<[^>]+>\s+)?(?:[\w<>\[\],.?]+\s+)?(?P<name>\w+)\s*\(`),
			re(`^\s*(?:[\w@]+\s+)*(?:fun|func|def)\s+(?:<[^>]+>\s*)?(?:[\w<>?]+\.)?(?P<name>\w+)\s*[\[(<]`),
			re(`^\s{1,8}(?:<[^>]+>\s+)?[A-Za-z][\w<>\[\],.?]*\s+(?P<name>[a-z]\w*)\s*\([^;=]*\)\s*(?:throws [\w, .]+)?\{?$`),
			re(`^\s*public static final [\w<>\[\]]+\s+(?P<name>[A-Z_0-9]+)\s*=`),
		},
		public: func(line, _, p string) bool {
			if strings.HasSuffix(p, ".java") || strings.HasSuffix(p, ".cs") || strings.HasSuffix(p, ".swift") {
				return opened.MatchString(line)
			}
			return !closed.MatchString(line)
		},
	},
	{
		exts: ".py .pyi .bzl .star", needs: "def class", style: styleColon, comment: "#",
		rules:  []*lazyre.Regexp{re(`^\s*(?:async\s+)?def\s+(?P<name>\w+)\s*\(`), re(`^\s*class\s+(?P<name>\w+)`)},
		public: func(line, name, _ string) bool { return name[0] != '_' && !strings.HasPrefix(line, "        ") },
	},
	{
		exts: ".js .jsx .mjs .cjs .ts .tsx .vue .svelte", needs: "( function class interface enum namespace type const let var", style: styleParen, comment: "//", braces: true,
		rules: []*lazyre.Regexp{
			re(`^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:async\s+)?function\s*\*?\s*(?P<name>\w+)\s*[(<]`),
			re(`^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:class|interface|enum|namespace)\s+(?P<name>\w+)`),
			re(`^\s*(?:export\s+)?(?:declare\s+)?type\s+(?P<name>\w+)\s*(?:<[^>]*>)?\s*=`),
			re(`^(?:export\s+)?(?:const|let|var)\s+(?P<name>\w+)\b`),
			re(`^\s*(?:const|let|var)\s+(?P<name>\w+)\s*=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|\w+\s*=>)`),
			re(`^\s*(?P<recv>\w+(?:\.\w+)*)\.(?:prototype|static)\.(?P<name>\w+)\s*=\s*(?:async\s+)?function\b`),
			re(`^\s*(?P<name>\w+(?:\.\w+)+)\s*=\s*(?:async\s+)?function\b`),
			re(`^\s+(?:(?:public|private|protected|static|async|get|set|override|readonly)\s+)*(?P<name>\w+)\s*(?:<[^>]*>)?\([^)]*\)\s*(?::[^{=]+)?\{$`),
		},
		public: func(line, _, _ string) bool {
			return strings.Contains(line, "export ") || strings.Contains(line, ".prototype.")
		},
	},
	{
		exts: ".c .cc .cpp .cxx .h .hh .hpp .hxx .m .mm .cu .inc .ino", needs: "( class struct enum union namespace define", style: styleParen, comment: "//", braces: true,
		rules: []*lazyre.Regexp{
			re(`^(?:template\s*<[^>]*>\s*)?(?:typedef\s+)?(?:class|struct|enum(?:\s+class)?|union|namespace)\s+(?:[A-Z_]+\s+)?(?P<name>\w+)[^;]*$`),
			re(`^[A-Za-z_][\w:<>,&*\s\[\]]*?[\s*&](?:(?P<recv>\w+)::)?(?P<name>~?\w+)\s*\([^;]*$`),
			re(`^(?:(?P<recv>\w+)::)(?P<name>~?\w+)\s*\([^;]*$`),
			re(`^\s{1,4}(?:virtual\s+|static\s+|explicit\s+|inline\s+|constexpr\s+|\[\[\w+\]\]\s+)*[A-Za-z_][\w:<>,&*]*(?:\s+[\w:<>,&*]+)*[\s*&](?P<name>\w+)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*(?:const|override|final|noexcept|\s|= ?(?:0|default|delete))*[;{]`),
			re(`^#\s*define\s+(?P<name>\w+)`),
		},
		public: func(_, _, p string) bool { return header.MatchString(p) },
	},
	{
		exts: ".rs", needs: "fn struct enum trait union mod type static const macro_rules", style: styleBrace, comment: "//", braces: true,
		rules: []*lazyre.Regexp{
			re(`^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:default|async|const|unsafe|extern(?:\s+"[^"]*")?)\s+)*(?:fn|struct|enum|trait|union|mod)\s+(?P<name>\w+)`),
			re(`^(?:pub(?:\([^)]*\))?\s+)?(?:type|static|const)\s+(?P<name>\w+)`),
			re(`^macro_rules!\s*(?P<name>\w+)`),
		},
		public: func(line, _, _ string) bool { return pubItem.MatchString(line) },
	},
	{
		exts: ".php", needs: "function class interface trait enum", style: styleParen, comment: "//", braces: true,
		rules: []*lazyre.Regexp{
			re(`^\s*(?:(?:public|protected|private|static|final|abstract)\s+)*function\s+&?(?P<name>\w+)\s*\(`),
			re(`^\s*(?:final\s+|abstract\s+)*(?:class|interface|trait|enum)\s+(?P<name>\w+)`),
		},
		public: func(line, _, _ string) bool { return opened.MatchString(line) },
	},
	{
		exts: ".rb .ex .exs", needs: "def class module", style: styleEnd, comment: "#",
		rules:  []*lazyre.Regexp{re(`^\s*defp?\s+(?:self\.)?(?P<name>\w+[?!=]?)`), re(`^\s*(?:class|(?:def)?module)\s+(?P<name>[\w:.]+)`)},
		public: func(line, _, _ string) bool { return !strings.Contains(line, "defp ") },
	},
	{
		exts: ".proto .thrift", needs: "message service enum rpc oneof struct exception =", comment: "//", braces: true,
		rules: []*lazyre.Regexp{
			re(`^\s*(?:message|service|enum|rpc|oneof|struct|exception)\s+(?P<name>\w+)`),
			re(`^\s*(?:optional |required |repeated |\d+:\s*)*(?:map<[^>]+>|[\w.]+)\s+(?P<name>\w+)\s*=\s*\d+`),
		},
		public: func(string, string, string) bool { return true },
	},
	{
		exts: ".graphql .graphqls", needs: "type input interface union scalar enum :", comment: "#", braces: true,
		rules: []*lazyre.Regexp{
			re(`^\s*(?:extend\s+)?(?:type|input|interface|union|scalar|enum)\s+(?P<name>[A-Z]\w*)`),
			re(`^\s+(?P<name>[a-z]\w*)\s*(?:\([^)]*\))?\s*:\s*[\[A-Z]`),
		},
		public: func(string, string, string) bool { return true },
	},
	{
		exts: ".sh .bash .zsh", needs: "()", style: styleShell, comment: "#", braces: true,
		rules: []*lazyre.Regexp{re(`^\s*(?:function\s+)?(?P<name>[\w-]+)\s*\(\)\s*\{?`)},
	},
	{
		exts: ".lua", needs: "function", comment: "--",
		rules: []*lazyre.Regexp{re(`^\s*(?:local\s+)?function\s+(?P<name>[\w.:]+)\s*\(`)},
	},
}

var byExt = func() map[string]*language {
	m := map[string]*language{}
	for i := range languages {
		for _, ext := range strings.Fields(languages[i].exts) {
			m[ext] = &languages[i]
		}
	}
	return m
}()

// languageOf returns nil for files without declarations that we know.
func languageOf(name string) *language { return byExt[strings.ToLower(path.Ext(name))] }
