// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"review-assistant/review"
)

// hiddenField marks hidden text in the hash of a change's summaries, whose
// other fields are patch sets.
const hiddenField = "hidden"

// Record implements [Store].
func (r *Redis) Record(ctx context.Context, o review.Outcome, s *review.Summary) error {
	rec, err := newRecord(o, s)
	if err != nil {
		return err
	}
	patchSet := 0
	if s != nil {
		patchSet = s.PatchSet
	}
	field := strconv.Itoa(o.PatchSet) + "/" + string(o.Kind)
	if _, _, err := r.run(ctx, luaRecord, rec.change, field, rec.outcome, patchSet, rec.summary); err != nil {
		return fmt.Errorf("record outcome of %s: %w", rec.change, err)
	}
	return nil
}

// values reads a hash of JSON values in no order.
func values[T any](ctx context.Context, r *Redis, name string) ([]T, error) {
	raw, err := r.client.HVals(ctx, name).Result()
	if err != nil {
		return nil, classifyRedis(err)
	}
	return decode[T](raw)
}

// decode reads JSON values.
func decode[T any](raw []string) ([]T, error) {
	var out []T
	for _, v := range raw {
		var t T
		if err := json.Unmarshal([]byte(v), &t); err != nil {
			return nil, fmt.Errorf("stored value is broken: %w", err)
		}
		out = append(out, t)
	}
	return out, nil
}

// Outcomes implements [Store].
func (r *Redis) Outcomes(ctx context.Context, id review.ChangeID) ([]review.Outcome, error) {
	out, err := values[review.Outcome](ctx, r, r.name("outcomes:"+id.String()))
	if err != nil {
		return nil, fmt.Errorf("read outcomes of %s: %w", id, err)
	}
	sortOutcomes(out)
	return out, nil
}

// Summary implements [Store].
func (r *Redis) Summary(ctx context.Context, id review.ChangeID) (s review.Summary, ok bool, err error) {
	fields, err := r.client.HKeys(ctx, r.name("summaries:"+id.String())).Result()
	if err != nil {
		return review.Summary{}, false, namedError("read summary of "+id.String(), err)
	}
	return r.SummaryAt(ctx, id, newest(fields))
}

// SummaryAt implements [Store]. One read decides: hidden meanwhile is hidden.
func (r *Redis) SummaryAt(ctx context.Context, id review.ChangeID, patchSet int) (s review.Summary, ok bool, err error) {
	fail := func(err error) (review.Summary, bool, error) {
		return review.Summary{}, false, namedError("read summary of "+id.String(), err)
	}
	got, err := r.client.HMGet(ctx, r.name("summaries:"+id.String()), hiddenField, strconv.Itoa(patchSet)).Result()
	if err != nil {
		return fail(err)
	}
	found, err := shown(got)
	if err != nil || found == nil {
		return fail(err)
	}
	return *found, true, nil
}

// shown reads a summary out of its hash's hiddenField and its own field. It is
// nil when there is none, or when it is hidden.
func shown(fields []any) (*review.Summary, error) {
	raw, found := fields[1].(string)
	if fields[0] != nil || !found {
		return nil, nil
	}
	s := &review.Summary{}
	if err := json.Unmarshal([]byte(raw), s); err != nil {
		return nil, fmt.Errorf("stored value is broken: %w", err)
	}
	return s, nil
}

// Answer implements [Store].
func (r *Redis) Answer(ctx context.Context, id review.ChangeID, key string) (string, bool, error) {
	v, err := r.client.HGet(ctx, r.name("answers:"+id.String()), key).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	return v, err == nil, namedError("read answer about "+id.String(), err)
}

// KeepAnswer implements [Store]. The answers of a change go together, and
// where there are too many the older ones go.
func (r *Redis) KeepAnswer(ctx context.Context, id review.ChangeID, key, text string) error {
	if err := checkAnswer(id, key, text); err != nil {
		return err
	}
	name := r.name("answers:" + id.String())
	n, err := r.client.HLen(ctx, name).Result()
	if err != nil {
		return namedError("keep answer about "+id.String(), err)
	}
	_, err = r.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		if n >= maxAnswers {
			p.Del(ctx, name)
		}
		p.HSet(ctx, name, key, text)
		p.Expire(ctx, name, AnswerAge)
		return nil
	})
	return namedError("keep answer about "+id.String(), err)
}

// Hide implements [Store].
func (r *Redis) Hide(ctx context.Context, id review.ChangeID, hidden bool) error {
	var err error
	if hidden {
		_, _, err = r.run(ctx, luaHide, id.String())
	} else {
		err = r.client.HDel(ctx, r.name("summaries:"+id.String()), hiddenField).Err()
	}
	return namedError("hide text about "+id.String(), err)
}

// Erase implements [Store].
func (r *Redis) Erase(ctx context.Context, id review.ChangeID) error {
	return namedError("erase text about "+id.String(), r.client.Del(ctx, r.name("summaries:"+id.String()), r.name("answers:"+id.String())).Err())
}

// Setting implements [Store].
func (r *Redis) Setting(ctx context.Context, key string) (string, bool, error) {
	v, err := r.client.HGet(ctx, r.name("settings"), key).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	return v, err == nil, namedError("read setting", err)
}

// SetSetting implements [Store].
func (r *Redis) SetSetting(ctx context.Context, key, value string) error {
	if err := checkSetting(key, value); err != nil {
		return err
	}
	if value == "" {
		return namedError("store setting", r.client.HDel(ctx, r.name("settings"), key).Err())
	}
	return namedError("store setting", r.client.HSet(ctx, r.name("settings"), key, value).Err())
}

// SetOnce implements [Store].
func (r *Redis) SetOnce(ctx context.Context, key, value string) (string, error) {
	if err := checkSetting(key, value); err != nil {
		return "", err
	}
	var stands *redis.StringCmd
	_, err := r.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		if value != "" {
			p.HSetNX(ctx, r.name("settings"), key, value)
		}
		stands = p.HGet(ctx, r.name("settings"), key)
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return "", namedError("store setting", err)
	}
	return stands.Val(), nil
}

// Remember implements [Store].
func (r *Redis) Remember(ctx context.Context, key string, words []string, keep int) error {
	if err := checkWords(key, words, keep); err != nil || len(words) == 0 {
		return err
	}
	_, _, err := r.run(ctx, luaRemember, key, keep, strings.Join(words, " "))
	return namedError("store setting", err)
}

// Count implements [Store].
func (r *Redis) Count(ctx context.Context, counts ...review.Count) ([]int64, error) {
	if err := checkCounts(counts); err != nil {
		return nil, err
	}
	var args []any
	for _, c := range counts {
		args = append(args, c.Key, c.Delta, span(c.TTL, time.Millisecond))
	}
	v, _, err := r.run(ctx, luaCount, args...)
	if err != nil {
		return nil, fmt.Errorf("count: %w", err)
	}
	list, ok := v.([]any)
	if !ok || len(list) != len(counts) {
		return nil, fmt.Errorf("count: %w", errAnswer)
	}
	sums := make([]int64, len(list))
	for i := range list {
		s, _ := list[i].(string)
		if sums[i], err = strconv.ParseInt(s, 10, 64); err != nil {
			return nil, fmt.Errorf("count: %w", errAnswer)
		}
	}
	return sums, nil
}

// Controls implements [Store].
func (r *Redis) Controls(ctx context.Context) ([]review.Control, error) {
	out, err := values[review.Control](ctx, r, r.name("controls"))
	if err != nil {
		return nil, fmt.Errorf("read kill switches: %w", err)
	}
	slices.SortFunc(out, func(a, b review.Control) int { return strings.Compare(a.Scope, b.Scope) })
	return out, nil
}

// SetControl implements [Store].
func (r *Redis) SetControl(ctx context.Context, c review.Control) error {
	raw, err := controlJSON(c)
	if err != nil {
		return err
	}
	return namedError("set kill switch", r.client.HSet(ctx, r.name("controls"), c.Scope, raw).Err())
}

// ClearControl implements [Store].
func (r *Redis) ClearControl(ctx context.Context, scope string) (bool, error) {
	n, err := r.client.HDel(ctx, r.name("controls"), scope).Result()
	return n > 0, namedError("clear kill switch", err)
}
