// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"time"

	"review-assistant/review"
)

// Limits of what one step does to a log, so that it does not hold others up.
const (
	stepRows  = 500
	stepBytes = 4 << 20
	stepTrim  = 500
	maxRows   = 10_000 // of one reading
)

func checkRows(log string, rows []review.Row) error {
	if err := checkKey("log", log); err != nil {
		return err
	}
	for _, r := range rows {
		if err := checkKey("row", r.Key); err != nil {
			return err
		}
		if err := checkSize("row", len(r.Data), maxValue); err != nil {
			return err
		}
	}
	return nil
}

func checkKeys(log string, keys []string) error {
	for _, k := range keys {
		if err := checkKey("row", k); err != nil {
			return err
		}
	}
	return checkKey("log", log)
}

func checkTrim(log string, keep int) error {
	if keep < 1 {
		return fmt.Errorf("a log of %d rows cannot be kept", keep)
	}
	return checkKey("log", log)
}

// step cuts off the rows that one step adds.
func step(rows []review.Row) (now, later []review.Row) {
	size := 0
	for i, r := range rows {
		if size += len(r.Key) + len(r.Data); i > 0 && (i == stepRows || size > stepBytes) {
			return rows[:i], rows[i:]
		}
	}
	return rows, nil
}

// milliseconds are 0 for no time.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
