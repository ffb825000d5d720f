// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"review-assistant/scrub"
)

func TestValueKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "values.key")
	if key, err := loadValueKey(path, false); key != nil || err != nil {
		t.Fatalf("without a file the key is %x, %v", key, err)
	}
	// Replicas that start at once take one key.
	var wg sync.WaitGroup
	var keys [8][]byte
	for i := range keys {
		wg.Go(func() { keys[i], _ = loadValueKey(path, true) })
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != valueKeySize || !bytes.Equal(k, keys[0]) {
			t.Errorf("one got %x and another %x", keys[0], k)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".values-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(path, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadValueKey(path, true); err == nil || !strings.Contains(err.Error(), "restore it") {
		t.Errorf("a broken key gives %v", err)
	}
}

func TestFingerprint(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	for name, body := range map[string]string{
		"config.yaml": "gerrit: [{id: main, url: 'http://127.0.0.1:1', username: b, password_file: p, webhook_token_files: [w]}]\naudit: {dir: .}\n",
		"p":           "pass", "w": "a-token-of-16-bytes-or-more",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(value string) (string, int) {
		var out bytes.Buffer
		code := run(t.Context(), []string{"fingerprint", "-c", config}, strings.NewReader(value), &out, &out)
		return out.String(), code
	}
	if out, code := ask("x"); code != exitUsage || !strings.Contains(out, "no server has run") {
		t.Errorf("before the first start: %d, %s", code, out)
	}
	key, err := loadValueKey(filepath.Join(dir, "values.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scrub.New(scrub.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"some value\n", "some value\r\n", "some value"} {
		if out, code := ask(value); code != exitDone || out != s.Fingerprint("some value")+"\n" {
			t.Errorf("of %q: %d, %s", value, code, out)
		}
	}
	// The command line hashes with the same file as the server does.
	var report bytes.Buffer
	run(t.Context(), []string{"scrub", "--check", "--report", "json", "--key-file", filepath.Join(dir, "values.key")}, strings.NewReader("password = \"c0rrect-horse\"\n"), &report, &report)
	if want := `"hash": "` + s.Fingerprint("c0rrect-horse") + `"`; !strings.Contains(report.String(), want) {
		t.Errorf("scrub with the server's key reports %s, want %s", report.String(), want)
	}
	for _, value := range []string{"", "\n", strings.Repeat("x", maxFingerprint+1)} {
		if out, code := ask(value); code != exitUsage {
			t.Errorf("of %d bytes: %d, %s", len(value), code, out)
		}
	}
}
