// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
)

// TestEval replays a day of chance and an hour in which the branch is broken.
func TestEval(t *testing.T) {
	in, err := os.ReadFile("testdata/eval/session.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := Eval(t.Context(), bytes.NewReader(in), &got); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/eval/session.golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestEvalBadInput(t *testing.T) {
	const query = `{"type":"query","q":"q1","change":1,"patchset":1}` + "\n"
	const answer = `{"q":"q1","failures":[]}` + "\n"
	for _, tt := range []struct{ name, in, out, err string }{
		{"nothing", "", "", ""},
		{"empty lines", "\n \n", "", ""},
		{"unknown types and keys", `{"type":"weather","sun":{}}` + "\n" + query, answer, ""},
		{"an answer before a broken line", query + "{\n" + query, answer, "line 2: no JSON object"},
		{"a number for text", query + `{"type":"build","build":7}`, answer, `line 2: "build" cannot be a JSON number`},
		{"a list", "[]", "", "line 1: it is a JSON array, want an object"},
		{"no type", query + "{}", answer, `line 2: no "type"`},
		{"a line too long", query + `{"type":"` + strings.Repeat("x", 8<<20), answer, "line 2 is longer than 8 MiB"},
		{"a failure of no build", `{"type":"failure","build":"b1","id":"f1"}` + "\n" + query, answer, ""},
		{"strange times", `{"type":"build","build":"b","job":"j","change":1,"patchset":1,"t":-9000000000000000000,"base_time":9000000000000000000,"result":"FAILURE"}` + "\n" + `{"type":"failure","build":"b","id":"f","message":"m","fingerprint":"p"}` + "\n" + `{"type":"dashboard","q":"d","t":9000000000000000000,"window_s":9000000000000000000}`, `{"q":"d","clusters":[]}` + "\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := Eval(t.Context(), strings.NewReader(tt.in), &out)
			if out.String() != tt.out {
				t.Errorf("out %q, want %q", out.String(), tt.out)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Eval(ctx, strings.NewReader(query), &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// TestEvalLateFailure takes failures that do not follow their build at once.
func TestEvalLateFailure(t *testing.T) {
	in := `{"type":"build","t":100,"build":"b1","job":"unit","change":1,"patchset":1,"base_time":1,"result":"FAILURE"}
{"type":"build","t":110,"build":"b2","job":"lint","change":1,"patchset":1,"base_time":1,"result":"SUCCESS"}
{"type":"failure","t":110,"build":"b1","id":"f1","stage":"test","test":"a.T","message":"m","fingerprint":"p"}
{"type":"failure","t":110,"build":"b1","id":"f2","stage":"test","test":"a.U","message":"m","fingerprint":"q"}
{"type":"query","t":120,"q":"q","change":1,"patchset":1}
`
	var out bytes.Buffer
	if err := Eval(t.Context(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, `"id":"f`) != 2 {
		t.Errorf("got %s", got)
	}
}

func FuzzEval(f *testing.F) {
	in, err := os.ReadFile("testdata/eval/session.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	lines := bytes.SplitAfter(in, []byte("\n"))
	f.Add(bytes.Join(lines[len(lines)-14:], nil)) // a short one: the fuzzer makes it shorter still
	f.Add([]byte(`{"type":"build","build":"b","job":"j","t":-1,"change":-7}`))
	f.Add([]byte("{\"type\":\"query\",\"q\":\"\xff\\u0000\",\"change\":9223372036854775807}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = Eval(t.Context(), bytes.NewReader(in), &bytes.Buffer{})
	})
}
