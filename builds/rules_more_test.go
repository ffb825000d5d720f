// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"strings"
	"testing"
)

// Words of lines that are no cause stand in names and messages too.
func TestLooseLinesYield(t *testing.T) {
	for line, want := range map[string]Kind{
		"src/on_error.c:12:3: error: boom":                                    KindCompile,
		"a.c:3:1: error: no error handler":                                    KindCompile,
		"FAILED tests/test_cli.py::test_fail_fast - assert 0":                 KindTest,
		"FAILED tests/t.py::test_x - AssertionError: no error raised":         KindTest,
		"--- FAIL: TestX/on_error (0.00s)":                                    KindTest,
		"  fail-fast: true":                                                   "",
		"Tests run: 12, Failures: 0, Errors: 0, Skipped: 1":                   "",
		"server: connection refused at startup":                               KindOther,
		"ssh: connect to host review.example.com port 22: Connection refused": KindInfra,
	} {
		m, ok := book().find([]byte(line))
		if ok != (want != "") || ok && m.kind != want {
			t.Errorf("%q is %v (%v), want %q", line, m.rule, ok, want)
		}
	}
}

// The first line of a key alone hides nothing behind it; its body is hidden.
func TestKeyBody(t *testing.T) {
	body := strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n", 3)
	for text, want := range map[string]string{
		"t.pem:-----BEGIN RSA PRIVATE KEY-----\na.c:3:1: error: x\n":                                                         "a.c:3:1: error: x",
		"-----BEGIN PRIVATE KEY-----\n" + body + "-----END PRIVATE KEY-----\na.c:3:1: error: y\n":                            "a.c:3:1: error: y",
		"web_1  | -----BEGIN PRIVATE KEY-----\nweb_1  | " + body + "web_1  | -----END PRIVATE KEY-----\nb.c:1:1: error: z\n": "b.c:1:1: error: z",
	} {
		l, err := Read(t.Context(), strings.NewReader(text), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var shown []string
		for _, r := range l.Failures() {
			shown = append(shown, r.lines...)
		}
		if all := strings.Join(shown, "\n"); !strings.Contains(all, want) || strings.Contains(all, "MIIEvQ") {
			t.Errorf("of %q is read:\n%s", text, all)
		}
	}
}
