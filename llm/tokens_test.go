// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/tiktoken-go/tokenizer"
)

// encodedData is the same on every run.
func encodedData() []byte {
	var b []byte
	for i := range 64 {
		sum := sha256.Sum256([]byte{byte(i)})
		b = append(b, sum[:]...)
	}
	return b
}

// TestEstimateTokens holds the estimate against a real tokenizer. Too low
// overruns a budget; too high only packs less.
func TestEstimateTokens(t *testing.T) {
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	tests := []struct {
		name, text string
		low, high  float64
	}{
		{"go", read("openai.go"), 0.9, 1.25},
		{"go.sum", read("../go.sum"), 0.9, 1.25},
		{"prose", read("../prompts/summarize/v1/system.md"), 0.85, 1.25},
		{"schema", read("../prompts/summarize/v1/schema.json"), 0.9, 1.4},
		{"prompt", prompt(t).User().String(), 0.85, 1.3},
		{"base64", base64.StdEncoding.EncodeToString(encodedData()), 0.9, 1.3},
		{"hex", hex.EncodeToString(encodedData()), 0.9, 1.4},
		{"german", "Die Änderung prüft, ob der Schlüssel gültig ist, und bricht ab, wenn größere Mengen übertragen würden.", 0.85, 1.6},
		{"chinese", "本次修改在支付失败时重试三次，并且限制最大等待时间。如果服务器返回错误，则不会再次尝试。", 0.85, 1.6},
		{"russian", "Это изменение проверяет ключ и прерывает работу, если сервер недоступен.", 0.85, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, err := codec.Count(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			got := EstimateTokens(tt.text)
			if ratio := float64(got) / float64(want); ratio < tt.low || ratio > tt.high {
				t.Errorf("EstimateTokens = %d, the tokenizer says %d: ratio %.2f, want %.2f to %.2f", got, want, ratio, tt.low, tt.high)
			}
		})
	}
}

func TestEstimateTokensEdges(t *testing.T) {
	for in, want := range map[string]int{"": 0, "a": 1, "\xff\xfe": 2, "\n": 1, " ": 0} {
		if got := EstimateTokens(in); got != want {
			t.Errorf("EstimateTokens(%q) = %d, want %d", in, got, want)
		}
	}
}

func BenchmarkEstimateTokens(b *testing.B) {
	for name, s := range map[string]string{
		"one word": strings.Repeat("aaaaB", 200_000), "lines": strings.Repeat("\tif err != nil {\n", 60_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				EstimateTokens(s)
			}
		})
	}
}
