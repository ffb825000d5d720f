// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"

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

func checkSetting(key, value string) error {
	if err := checkKey("setting", key); err != nil {
		return err
	}
	return checkSize("setting", len(value), maxValue)
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
