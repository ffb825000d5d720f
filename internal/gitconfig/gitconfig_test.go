// SPDX-License-Identifier: Apache-2.0

package gitconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"review-assistant/internal/gitconfig"
)

func TestEach(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       string // LINE SECTION.SUB.KEY=VALUE of each entry
		last       int
		bad        bool
	}{
		{"sections and keys", "# head\n[a]\n\tKey = 1\n\tkey = 2\n\n[b \"s\"]\n\tother = x y\n", "2 a..= 3 a..Key=1 4 a..key=2 6 b.s.= 7 b.s.other=x y", 7, false},
		{"a key behind its section", "[a] key = 1\n[b]\n", "", 0, true},
		{"a bare key", "[a]\n\tkey\n", "1 a..= 2 a..key!", 2, false},
		{"a fault", "[a]\n\tkey = \"open\n[b]\n", "1 a..=", 1, true},
		{"nothing", "", "", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			last, err := gitconfig.Each([]byte(tt.body), func(e gitconfig.Entry) {
				value := "=" + e.Value
				if e.Blank {
					value = "!"
				}
				if e.Key == "" {
					value = "="
				}
				got = append(got, fmt.Sprintf("%d %s.%s.%s%s", e.Line, e.Section, e.Sub, e.Key, value))
			})
			if s := strings.Join(got, " "); s != tt.want || last != tt.last || (err != nil) != tt.bad {
				t.Errorf("Each() = %d, %v, entries %q; want %d, %q", last, err, s, tt.last, tt.want)
			}
		})
	}
}
