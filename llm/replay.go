// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"review-assistant/prompts"
)

// Replay answers from recorded files: DIR/summarize/v2/HASH.json. It serves
// demo, evaluation and tests, offline and with the same answer every time.
type Replay struct {
	dir  string
	name string
}

// NewReplay reads answers from dir and calls itself name, "" means "replay".
func NewReplay(dir, name string) *Replay {
	if name == "" {
		name = "replay"
	}
	return &Replay{dir: dir, name: name}
}

// recording is the file format. Text is as the model wrote it.
type recording struct {
	Model string `json:"model"`
	Text  string `json:"text"`
	Usage Usage  `json:"usage"`
}

// Name implements [Model].
func (r *Replay) Name() string { return r.name }

// Complete implements [Model].
func (r *Replay) Complete(ctx context.Context, p prompts.Prompt) (Reply, error) {
	if err := ctx.Err(); err != nil {
		return Reply{}, err
	}
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		return Reply{}, r.fail("the folder of recorded answers cannot be opened: " + r.dir)
	}
	defer root.Close()
	b, err := root.ReadFile(file(p))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Reply{}, r.fail("no recorded answer " + file(p))
	case err != nil || len(b) > maxReply:
		return Reply{}, r.fail("recorded answer " + file(p) + " cannot be read or is too long")
	}
	var rec recording
	if err := json.Unmarshal(b, &rec); err != nil {
		return Reply{}, r.fail("recorded answer " + file(p) + " is not JSON")
	}
	return Reply{Text: rec.Text, Model: modelName(rec.Model, r.name), Usage: rec.Usage}, nil
}

func (r *Replay) fail(detail string) error {
	return &Error{Code: CodeUnavailable, Model: r.name, Detail: detail}
}

func file(p prompts.Prompt) string { return p.ID() + "/" + p.Hash() + ".json" }

// Recorder passes requests on to a model and writes every answer where
// [Replay] finds it. Clean scrubs the answer first; on error nothing is
// written and the call fails.
type Recorder struct {
	Model Model
	Dir   string
	Clean func(string) (string, error)
}

// Name implements [Model].
func (r *Recorder) Name() string { return r.Model.Name() }

// Complete implements [Model].
func (r *Recorder) Complete(ctx context.Context, p prompts.Prompt) (Reply, error) {
	reply, err := r.Model.Complete(ctx, p)
	if err != nil {
		return reply, err
	}
	clean, err := r.Clean(reply.Text)
	if err != nil {
		return Reply{}, fmt.Errorf("record answer: %w", err)
	}
	b, err := json.MarshalIndent(recording{reply.Model, clean, reply.Usage}, "", "\t")
	if err != nil {
		return Reply{}, fmt.Errorf("record answer: %w", err)
	}
	path := filepath.Join(r.Dir, filepath.FromSlash(file(p)))
	if strings.Contains(p.ID(), "..") {
		return Reply{}, errors.New("record answer: prompt id leaves the folder")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return Reply{}, fmt.Errorf("record answer: %w", err)
	}
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		return Reply{}, fmt.Errorf("record answer: %w", err)
	}
	return reply, nil
}
