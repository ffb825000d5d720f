// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
)

// Append implements [Store].
func (r *Redis) Append(ctx context.Context, log string, rows []review.Row) (added int, err error) {
	if err := checkRows(log, rows); err != nil {
		return 0, err
	}
	for len(rows) > 0 {
		var some []review.Row
		some, rows = step(rows)
		args := []any{log}
		for _, row := range some {
			args = append(args, row.Key, milliseconds(row.At), row.Data)
		}
		v, _, err := r.run(ctx, luaAppend, args...)
		n, is := v.(int64)
		if err == nil && !is {
			err = errAnswer
		}
		if err != nil {
			return added, fmt.Errorf("add to log %s: %w", log, err)
		}
		added += int(n)
	}
	return added, nil
}

// Rows implements [Store].
func (r *Redis) Rows(ctx context.Context, log string, after int64, limit int) ([]review.Row, error) {
	if limit < 1 {
		return nil, nil
	}
	from := strconv.FormatInt(max(0, after)+1, 10) + "-0"
	entries, err := r.client.XRangeN(ctx, r.name("log:"+log+":rows"), from, "+", int64(min(limit, maxRows))).Result()
	if err != nil {
		return nil, namedError("read log "+log, err)
	}
	var out []review.Row
	for _, e := range entries {
		row, err := rowOf(e.ID, func(field string) string { s, _ := e.Values[field].(string); return s })
		if err != nil {
			return nil, namedError("read log "+log, err)
		}
		out = append(out, row)
	}
	return out, nil
}

// RowOf implements [Store].
func (r *Redis) RowOf(ctx context.Context, log, key string) (review.Row, bool, error) {
	v, found, err := r.run(ctx, luaRow, log, key)
	if err != nil {
		return review.Row{}, false, fmt.Errorf("read log %s: %w", log, err)
	}
	if !found {
		return review.Row{}, false, nil
	}
	// An entry is its id and a list of fields and values.
	var id string
	values := map[string]string{}
	if entry, ok := v.([]any); ok && len(entry) == 2 {
		id, _ = entry[0].(string)
		fields, _ := entry[1].([]any)
		for i := 0; i+1 < len(fields); i += 2 {
			field, _ := fields[i].(string)
			values[field], _ = fields[i+1].(string)
		}
	}
	row, err := rowOf(id, func(field string) string { return values[field] })
	if err != nil {
		return review.Row{}, false, fmt.Errorf("read log %s: %w", log, err)
	}
	return row, true, nil
}

func rowOf(id string, value func(field string) string) (review.Row, error) {
	number, _, _ := strings.Cut(id, "-")
	seq, err := strconv.ParseInt(number, 10, 64)
	ms, errAt := strconv.ParseInt(value("at"), 10, 64)
	if err != nil || errAt != nil || value("key") == "" {
		return review.Row{}, errAnswer
	}
	return review.Row{Seq: seq, Key: value("key"), At: at(ms), Data: []byte(value("data"))}, nil
}

// Trim implements [Store].
func (r *Redis) Trim(ctx context.Context, log string, before time.Time, keep int) (removed int, err error) {
	if err := checkTrim(log, keep); err != nil {
		return 0, err
	}
	for {
		v, _, err := r.run(ctx, luaTrim, log, milliseconds(before), keep, stepTrim)
		n, is := v.(int64)
		if err == nil && !is {
			err = errAnswer
		}
		if err != nil {
			return removed, fmt.Errorf("trim log %s: %w", log, err)
		}
		if removed += int(n); n < stepTrim {
			return removed, nil
		}
	}
}

// Remove implements [Store].
func (r *Redis) Remove(ctx context.Context, log string, keys []string) (removed int, err error) {
	if err := checkKeys(log, keys); err != nil {
		return 0, err
	}
	for some := range slices.Chunk(keys, stepRows) {
		args := []any{log}
		for _, k := range some {
			args = append(args, k)
		}
		v, _, err := r.run(ctx, luaRemove, args...)
		n, is := v.(int64)
		if err == nil && !is {
			err = errAnswer
		}
		if err != nil {
			return removed, fmt.Errorf("remove from log %s: %w", log, err)
		}
		removed += int(n)
	}
	return removed, nil
}
