// SPDX-License-Identifier: Apache-2.0

package replay_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"review-assistant/internal/replay"
)

func TestRun(t *testing.T) {
	for _, tt := range []struct{ name, in, want, err string }{
		{"answers", "a\n\n  \nquiet\nb", "\"a\"\n\"b\"\n", ""},
		{"nothing", "", "", ""},
		{"a bad line", "a\n\nbad\nb", "\"a\"\n", "line 3: it is bad"},
		{"a long line", "a\n" + strings.Repeat("x", 9<<20), "\"a\"\n", "line 2 is longer than 8 MiB"},
		{"no JSON comes of it", "odd", "", "answer line 1: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			err := replay.Run(t.Context(), strings.NewReader(tt.in), &out, func(line []byte) (any, error) {
				switch s := string(line); s {
				case "bad":
					return nil, errors.New("it is bad")
				case "quiet":
					return nil, nil
				case "odd":
					return func() {}, nil
				default:
					return s, nil
				}
			})
			if out.String() != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.HasPrefix(err.Error(), tt.err) {
				t.Errorf("Run() = %v, answers %q; want %q, answers %q", err, out.String(), tt.err, tt.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := replay.Run(ctx, strings.NewReader("a"), &strings.Builder{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Run() after its end = %v", err)
	}
}
