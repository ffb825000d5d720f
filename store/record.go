// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"review-assistant/review"
)

// record is an outcome and, if there is one, its summary, as they are stored.
type record struct{ change, outcome, summary string }

func newRecord(o review.Outcome, s *review.Summary) (record, error) {
	r := record{change: o.Change.String()}
	if err := checkKey("change", r.change); err != nil {
		return r, err
	}
	if s != nil && s.Change != o.Change {
		return r, fmt.Errorf("outcome of %s comes with a summary of %s", o.Change, s.Change)
	}
	raw, err := json.Marshal(o)
	if err != nil {
		return r, fmt.Errorf("outcome of %s: %w", r.change, err)
	}
	r.outcome = string(raw)
	if err := checkSize("outcome of "+r.change, len(raw), maxValue); err != nil || s == nil {
		return r, err
	}
	if raw, err = json.Marshal(s); err != nil {
		return r, fmt.Errorf("summary of %s: %w", r.change, err)
	}
	r.summary = string(raw)
	return r, checkSize("summary of "+r.change, len(raw), maxText)
}

func checkCounts(counts []review.Count) error {
	for _, c := range counts {
		if err := checkKey("counter", c.Key); err != nil {
			return err
		}
	}
	return nil
}

func checkAnswer(id review.ChangeID, key, text string) error {
	if err := checkKey("change", id.String()); err != nil {
		return err
	}
	if err := checkKey("answer", key); err != nil {
		return err
	}
	return checkSize("answer", len(text), maxText)
}

func checkSetting(key, value string) error {
	if err := checkKey("setting", key); err != nil {
		return err
	}
	return checkSize("setting", len(value), maxValue)
}

// checkWords refuses what would not come back as the same words.
func checkWords(key string, words []string, keep int) error {
	if err := checkKey("setting", key); err != nil {
		return err
	}
	longest := 0
	for _, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("setting: %q is no word that a list can keep", w)
		}
		longest = max(longest, len(w))
	}
	if keep < 1 {
		return fmt.Errorf("setting: a list of %d words cannot be kept", keep)
	}
	return checkSize("setting", (longest+1)*keep, maxValue)
}

// remember puts words behind a list and keeps the newest.
func remember(list string, words []string, keep int) string {
	kept := slices.DeleteFunc(strings.Fields(list), func(w string) bool { return slices.Contains(words, w) })
	for i, w := range words {
		if !slices.Contains(words[:i], w) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept[max(0, len(kept)-keep):], " ")
}

func controlJSON(c review.Control) (string, error) {
	if err := checkKey("kill switch", c.Scope); err != nil {
		return "", err
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("kill switch: %w", err)
	}
	return string(raw), checkSize("kill switch", len(raw), maxValue)
}
