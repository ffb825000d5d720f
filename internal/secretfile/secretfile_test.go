// SPDX-License-Identifier: Apache-2.0

package secretfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"review-assistant/internal/secretfile"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	f := secretfile.New(path, 16)
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	write := func(text string) {
		t.Helper()
		at = at.Add(time.Second)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	want := func(value string) {
		t.Helper()
		got, err := f.Read()
		if got != value || (err == nil) != (value != "") {
			t.Errorf("Read() = %q, %v; want %q", got, err, value)
		}
	}
	want("") // not there
	for _, bad := range []string{"", " \n", "two\nlines", "n\x00l", strings.Repeat("x", 17)} {
		write(bad)
		want("")
	}
	write("first \r\n")
	want("first")
	write("second\n")
	want("second")
	// A rotation half done.
	write("")
	want("second")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want("second")
	write("third")
	want("third")
}

// A secret that others prove themselves with ends with its file.
func TestCurrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	f := secretfile.New(path, 16)
	for i, text := range []string{"first", "", "second", "-", "third"} {
		var err error
		want := text
		if text == "-" {
			want, err = "", os.Remove(path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if at := time.Date(2026, 5, 4, 12, i, 0, 0, time.UTC); text != "-" {
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if got, err := f.Current(); got != want || (err == nil) != (want != "") {
				t.Errorf("Current() = %q, %v; want %q", got, err, want)
			}
		}
	}
}
