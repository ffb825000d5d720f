// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"review-assistant/llm/llmtest"
)

func TestReplay(t *testing.T) {
	dir := t.TempDir()
	p := prompt(t)
	s := llmtest.New(llmtest.Wrapped)
	rec := &Recorder{Model: model(t, s, Profile{}, Options{}), Dir: dir, Clean: func(v string) (string, error) {
		return strings.ReplaceAll(v, "Here it is", "cleaned"), nil
	}}
	want, err := Ask(t.Context(), rec, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	play, err := Open(Profile{Name: "r", Provider: "replay", Dir: dir, Model: "played"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Ask(t.Context(), play, prompt(t), nil)
	if err != nil || string(got.JSON) != string(want.JSON) || got.Model != "test-model" || got.Usage != want.Usage {
		t.Errorf("replay = %+v, %v; want %+v", got, err, want)
	}
	path := filepath.Join(dir, filepath.FromSlash(p.ID()), p.Hash()+".json")
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), "cleaned") {
		t.Errorf("the recording was not cleaned: %v", err)
	}

	if _, err := play.Complete(t.Context(), p.Repair("empty")); Reason(err) != CodeUnavailable || !strings.Contains(err.Error(), "no recorded answer") {
		t.Errorf("unknown prompt: %v", err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := play.Complete(t.Context(), p); Reason(err) != CodeUnavailable {
		t.Errorf("broken recording: %v", err)
	}
	if _, err := NewReplay(filepath.Join(dir, "none"), "").Complete(t.Context(), p); Reason(err) != CodeUnavailable {
		t.Errorf("no folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := play.Complete(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestRecorderFailsClosed(t *testing.T) {
	dir := t.TempDir()
	rec := &Recorder{Model: model(t, llmtest.New(llmtest.Good), Profile{}, Options{}), Dir: dir, Clean: func(string) (string, error) {
		return "", errors.New("scrubber broke")
	}}
	if _, err := rec.Complete(t.Context(), prompt(t)); err == nil {
		t.Error("an answer that cannot be cleaned was passed on")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Error("an answer that cannot be cleaned was written")
	}
}
