// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

// TestDecodeConfigKeepsValues writes a secret into every kind of wrong place
// and looks for it in what is told.
func TestDecodeConfigKeepsValues(t *testing.T) {
	const secret = "correct-horse-b4ttery"
	for _, body := range []string{
		secret,
		"gerrit: " + secret,
		"gerrit: [{id: main, password: " + secret + "}]",
		"gerrit: [{timeout: " + secret + "}]",
		"models: {default: " + secret + "}",
		"bot: {debounce: " + secret + "}",
		"bot: {workers: \"" + secret + "\"}",
		"server: {id: x}\n password: \"" + secret,
		"server:\n\tid: '" + secret + "'",
		"server: {id: *" + secret + "}",
		"log: {level: x}\n---\nlog: {level: " + secret + "}",
		"\x00" + secret,
	} {
		c := defaultConfig()
		problems := decodeConfig([]byte(body), &c)
		if len(problems) == 0 {
			t.Errorf("nothing is wrong with %q", body)
			continue
		}
		if told := faults("file", problems).Error(); strings.Contains(told, "b4ttery") {
			t.Errorf("%q: the message shows the value: %s", body, told)
		}
	}
}

func FuzzDecodeConfig(f *testing.F) {
	for _, s := range []string{"", "# note\n", "\ufefflog: {format: json}", "gerrit: [{id: a}, {id: b}]", "models: {m: {temperature: 0.2}}", "a: &x [*x]", "bot: {debounce: 5s}\nbot: {}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := defaultConfig()
		for _, p := range decodeConfig(body, &c) {
			if p.Key == "" || p.Cause == "" || p.Fix == "" {
				t.Errorf("a fault without words: %+v", p)
			}
		}
		c.Validate()
	})
}
