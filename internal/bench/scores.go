// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// maxScore bounds one scorer.
const maxScore = 75 * time.Second

// measureScores runs the scorers on labelled data, where both are there. They
// say how good the answers are, which the other figures do not.
func (b *bench) measureScores(ctx context.Context) error {
	dir, err := filepath.Abs(b.corpora)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "corpora")); errors.Is(err, os.ErrNotExist) {
		say("no labelled data under %s: the scores are left out", b.corpora)
		return nil
	}
	if _, err := exec.LookPath("python3"); err != nil {
		say("no python3 to run the scorers with: the scores are left out")
		return nil
	}
	for _, score := range []func(*bench, context.Context, string) error{(*bench).scoreScrub, (*bench).scoreSummaries, (*bench).scoreReviewers} {
		if err := score(b, ctx, dir); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) scoreScrub(ctx context.Context, dir string) error {
	out := filepath.Join(b.dir, "scrub.json")
	if _, err := b.scorer(ctx, dir, "scrub/score.py", "--corpus", filepath.Join(dir, "corpora/scrub-dev/dev.jsonl"), "--cmd", b.binary+" scrub", "--json", out); err != nil {
		return err
	}
	var kinds map[string]struct {
		Leaks float64 `json:"leak_rate"`
		Lost  float64 `json:"benign_lost"`
	}
	if err := readJSON(out, &kinds); err != nil {
		return err
	}
	for _, total := range []string{"ALL-SECRETS", "ALL-NEGATIVES"} {
		if _, ok := kinds[total]; !ok {
			return fmt.Errorf("the scorer of scrub wrote no %s", total)
		}
	}
	b.report.tell("scrub: secrets that leak", "%", 100*kinds["ALL-SECRETS"].Leaks)
	b.report.tell("scrub: bytes lost of text without secrets", "%", 100*kinds["ALL-NEGATIVES"].Lost)
	return nil
}

var summaryTotal = regexp.MustCompile(`total=([0-9.]+)`)

func (b *bench) scoreSummaries(ctx context.Context, dir string) error {
	text, err := b.scorer(ctx, dir, "summaries/score_summary.py", "--corpus", filepath.Join(dir, "corpora/changes-dev"), "--cmd", b.binary+" summarize --diff - --json")
	if err != nil {
		return err
	}
	m := summaryTotal.FindSubmatch(text)
	if m == nil {
		return errors.New("the scorer of summaries printed no total")
	}
	total, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		return err
	}
	b.report.tell("summaries without a model: total", "", total)
	return nil
}

func (b *bench) scoreReviewers(ctx context.Context, dir string) error {
	for _, set := range []string{"golang", "mediawiki", "pigweed"} {
		out := filepath.Join(b.dir, set+".json")
		if _, err := b.scorer(ctx, dir, "reviewers/rr_eval.py", filepath.Join(dir, "corpora/reviewers-dev", set+".jsonl.gz"), "--delay", "--cmd", b.binary+" eval reviewers", "--json", out); err != nil {
			return err
		}
		var result struct {
			MRR float64 `json:"mrr"`
		}
		if err := readJSON(out, &result); err != nil {
			return err
		}
		b.report.tell("reviewers, "+set+": mean reciprocal rank", "", result.MRR)
	}
	return nil
}

// scorer runs one of the scorers and returns what it printed.
func (b *bench) scorer(ctx context.Context, dir, script string, args ...string) ([]byte, error) {
	say("%s", script)
	ctx, cancel := context.WithTimeout(ctx, maxScore)
	defer cancel()
	cmd := exec.CommandContext(ctx, "python3", append([]string{filepath.Join(dir, "bench", script)}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", script, err, stderr.Bytes()[max(0, stderr.Len()-1000):])
	}
	return out, nil
}

func readJSON(file string, into any) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read %s: %w", filepath.Base(file), err)
	}
	return nil
}
