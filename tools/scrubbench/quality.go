// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"review-assistant/scrub"
)

// pythonPeers are installed into a temporary environment when they are asked for.
var pythonPeers = map[string]string{"detect-secrets": "detect-secrets==1.5.0", "credsweeper": "credsweeper==1.19.5"}

// document is one labelled text.
type document struct {
	ID   string `json:"id"`
	Body []byte `json:"b64"`
}

// score is what score.py says of one kind of documents.
type score struct {
	Secrets int      `json:"secrets"`
	Leak    *float64 `json:"leak_rate"`
	Lost    float64  `json:"benign_lost"`
	FP      float64  `json:"ph_per_1k_lines"`
	Touched int      `json:"touched_docs"`
}

// result is one row of the tables.
type result struct {
	name   string
	scores map[string]score
}

// quality prints what leaks and what is lost, for us and the peers.
func (b *bench) quality(ctx context.Context) error {
	scorer := filepath.Join(b.shared, "bench/scrub/score.py")
	if _, err := os.Stat(scorer); errors.Is(err, fs.ErrNotExist) {
		say("no scorer %s: leaks and losses are left out", scorer)
		return nil
	}
	docs, err := readCorpus(b.corpus)
	if err != nil {
		return err
	}
	var rows []result
	add := func(name, outputs string) error {
		scores, err := b.score(ctx, scorer, outputs)
		rows = append(rows, result{name, scores})
		return err
	}
	say("review-assistant on %d documents", len(docs))
	out, err := b.ours(docs)
	if err == nil {
		err = add("review-assistant", out)
	}
	if err != nil {
		return err
	}
	for _, peer := range b.peers {
		say("%s on %d documents", peer, len(docs))
		// A peer that cannot be run is left out: the others are still of use.
		if out, err = b.peer(ctx, peer, docs); err == nil {
			err = add(peer, out)
		}
		if err != nil {
			say("%s is left out: %v", peer, err)
		}
	}
	printScores(rows)
	return nil
}

func readCorpus(files []string) ([]document, error) {
	var docs []document
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			var d document
			if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			docs = append(docs, d)
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return docs, nil
}

// ours cleans all documents as review-assistant scrub does.
func (b *bench) ours(docs []document) (string, error) {
	scrubber, err := scrub.New(scrub.Options{PII: []string{"all"}})
	if err != nil {
		return "", err
	}
	return b.outputs("review-assistant", docs, func(body []byte) ([]byte, error) {
		var out bytes.Buffer
		_, err := scrubber.Filter(&out, bytes.NewReader(body))
		return out.Bytes(), err
	})
}

// peer cleans all documents of what a peer finds.
func (b *bench) peer(ctx context.Context, name string, docs []document) (string, error) {
	if name == "gitleaks" {
		detector, err := newGitleaks()
		if err != nil {
			return "", err
		}
		return b.outputs(name, docs, func(body []byte) ([]byte, error) { return withoutLeaks(detector, body), nil })
	}
	if pythonPeers[name] == "" {
		return "", errors.New("this peer is not known")
	}
	if err := b.environment(ctx); err != nil {
		return "", err
	}
	out := filepath.Join(b.dir, name+".jsonl")
	args := slices.Concat([]string{filepath.Join(b.shared, "bench/scrub/peers.py"), name, "--out", out, "--work", filepath.Join(b.dir, name), "--corpus"}, b.corpus)
	return out, runTool(ctx, b.python, args...)
}

// environment makes a Python environment with the peers that were asked for.
func (b *bench) environment(ctx context.Context) error {
	if b.python != "" {
		return nil
	}
	env := filepath.Join(b.dir, "venv")
	say("installing peers into %s", env)
	if err := runTool(ctx, "python3", "-m", "venv", env); err != nil {
		return err
	}
	args := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check"}
	for _, peer := range b.peers {
		if p := pythonPeers[peer]; p != "" {
			args = append(args, p)
		}
	}
	python := filepath.Join(env, "bin/python")
	if err := runTool(ctx, python, args...); err != nil {
		return err
	}
	b.python = python
	return nil
}

// outputs writes what clean makes of each document, as score.py reads it. A
// document that cannot be cleaned leaves nothing, as the program would.
func (b *bench) outputs(name string, docs []document, clean func([]byte) ([]byte, error)) (string, error) {
	path := filepath.Join(b.dir, name+".jsonl")
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	for _, d := range docs {
		body, err := clean(d.Body)
		if err != nil {
			continue // score.py counts it as an error
		}
		if err := e.Encode(document{d.ID, append([]byte{}, body...)}); err != nil {
			return "", err
		}
	}
	return path, os.WriteFile(path, out.Bytes(), 0o600)
}

func (b *bench) score(ctx context.Context, scorer, outputs string) (map[string]score, error) {
	report := outputs + ".score"
	args := slices.Concat([]string{scorer, "--outputs", outputs, "--json", report, "--corpus"}, b.corpus)
	if err := runTool(ctx, "python3", args...); err != nil {
		return nil, err
	}
	body, err := os.ReadFile(report)
	if err != nil {
		return nil, err
	}
	var scores map[string]score
	return scores, json.Unmarshal(body, &scores)
}

// runTool runs a program and shows the end of what it says when it fails.
func runTool(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, out[max(0, len(out)-1000):])
	}
	return nil
}

// printScores prints one table a measure: kinds down, tools across.
func printScores(rows []result) {
	kinds := slices.Sorted(maps.Keys(rows[0].scores))
	for _, table := range []struct {
		title string
		cell  func(score) string
	}{
		{"leak %", func(s score) string {
			if s.Leak == nil {
				return "-"
			}
			return fmt.Sprintf("%.2f", 100**s.Leak)
		}},
		{"lost % of benign bytes", func(s score) string { return fmt.Sprintf("%.3f", 100*s.Lost) }},
		{"placeholders per 1,000 lines (false ones where nothing is secret)", func(s score) string { return fmt.Sprintf("%.2f", s.FP) }},
		{"documents that lost benign bytes", func(s score) string { return fmt.Sprint(s.Touched) }},
	} {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(os.Stdout, "\n%s\n", table.title)
		names := make([]string, len(rows))
		for i, r := range rows {
			names[i] = r.name
		}
		fmt.Fprintf(w, "kind\tsecrets\t%s\t\n", strings.Join(names, "\t"))
		for _, kind := range kinds {
			fmt.Fprintf(w, "%s\t%d\t", kind, rows[0].scores[kind].Secrets)
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t", table.cell(r.scores[kind]))
			}
			fmt.Fprintln(w)
		}
		w.Flush()
	}
}
