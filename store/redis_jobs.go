// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"review-assistant/review"
)

// errAnswer says that a script answered in a form that this version does not know.
var errAnswer = errors.New("unexpected answer of a Redis script")

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// numbers reads an answer of a script that is a list of numbers.
func numbers(v any, want int) ([]int64, error) {
	list, ok := v.([]any)
	if !ok || len(list) != want {
		return nil, errAnswer
	}
	out := make([]int64, want)
	for i, e := range list {
		if out[i], ok = e.(int64); !ok {
			return nil, errAnswer
		}
	}
	return out, nil
}

// Enqueue implements [Store].
func (r *Redis) Enqueue(ctx context.Context, key review.JobKey, h review.Hint) error {
	if err := checkKey("job", string(key)); err != nil {
		return err
	}
	if _, err := r.enqueue(ctx, key, h, false); err != nil {
		return fmt.Errorf("enqueue %s: %w", key, err)
	}
	return nil
}

// enqueue adds a hint; with onlyDead it does nothing unless key is a dead letter.
func (r *Redis) enqueue(ctx context.Context, key review.JobKey, h review.Hint, onlyDead bool) (found bool, err error) {
	v, found, err := r.run(ctx, luaEnqueue, string(key), share(key), span(h.Delay, 0), span(h.MaxWait, 0), bit(h.Asked), h.PatchSet, bit(onlyDead))
	if err != nil || !found {
		return false, err
	}
	wait, ok := v.(int64)
	if !ok {
		return false, errAnswer
	}
	r.waker.after(time.Duration(wait) * time.Millisecond)
	return true, nil
}

// Lease implements [Store].
func (r *Redis) Lease(ctx context.Context, ttl time.Duration) (review.Job, bool, error) {
	v, found, err := r.run(ctx, luaLease, span(ttl, time.Millisecond))
	if err != nil {
		return review.Job{}, false, fmt.Errorf("lease a job: %w", err)
	}
	if !found {
		r.waker.after(pollEach)
		return review.Job{}, false, nil
	}
	if wait, ok := v.(int64); ok {
		r.waker.after(time.Duration(wait) * time.Millisecond)
		return review.Job{}, false, nil
	}
	job, err := leased(v)
	if err != nil {
		return review.Job{}, false, fmt.Errorf("lease a job: %w", err)
	}
	r.waker.wake() // there may be more for the next worker
	return job, true, nil
}

func leased(v any) (review.Job, error) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return review.Job{}, errAnswer
	}
	key, ok := list[0].(string)
	if !ok {
		return review.Job{}, errAnswer
	}
	n, err := numbers(list[1:], 7)
	if err != nil {
		return review.Job{}, err
	}
	return review.Job{
		Key: review.JobKey(key), Generation: n[0], Asked: n[1] == 1, MinPatchSet: int(n[2]), Attempt: int(n[3]),
		First: at(n[4]), Fence: n[5], Deadline: at(n[6]),
	}, nil
}

// end changes or ends a lease; arg is what the way to end it needs.
func (r *Redis) end(ctx context.Context, how string, job review.Job, arg any) (bool, error) {
	v, _, err := r.run(ctx, luaEnd, how, string(job.Key), job.Fence, job.Generation, arg)
	if err != nil {
		return false, fmt.Errorf("%s %s: %w", how, job.Key, err)
	}
	return v == int64(1), nil
}

// Extend implements [Store].
func (r *Redis) Extend(ctx context.Context, job review.Job, ttl time.Duration) (bool, error) {
	return r.end(ctx, "extend", job, span(ttl, time.Millisecond))
}

// Finish implements [Store].
func (r *Redis) Finish(ctx context.Context, job review.Job) (bool, error) {
	return r.end(ctx, "finish", job, "")
}

// Retry implements [Store].
func (r *Redis) Retry(ctx context.Context, job review.Job, delay time.Duration) (bool, error) {
	return r.end(ctx, "retry", job, span(delay, 0))
}

// Park implements [Store].
func (r *Redis) Park(ctx context.Context, job review.Job, reason string) (bool, error) {
	return r.end(ctx, "park", job, clipReason(reason))
}

// Replay implements [Store].
func (r *Redis) Replay(ctx context.Context, key review.JobKey) (bool, error) {
	ok, err := r.enqueue(ctx, key, review.Hint{}, true)
	if err != nil {
		return false, fmt.Errorf("replay dead letter: %w", err)
	}
	return ok, nil
}

// Drop implements [Store].
func (r *Redis) Drop(ctx context.Context, key review.JobKey) (bool, error) {
	var dropped *redis.IntCmd
	_, err := r.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		dropped = p.HDel(ctx, r.name("dead"), string(key))
		p.ZRem(ctx, r.name("parked"), string(key))
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("drop dead letter: %w", classifyRedis(err))
	}
	return dropped.Val() > 0, nil
}

// letter is a dead letter as lua/end.lua writes it.
type letter struct {
	Reason   string `json:"reason"`
	Attempts int    `json:"attempts"`
	First    int64  `json:"first"`
	Parked   int64  `json:"parked"`
}

func deadJob(key, raw string) (review.DeadJob, error) {
	var l letter
	if err := json.Unmarshal([]byte(raw), &l); err != nil {
		return review.DeadJob{}, fmt.Errorf("stored value is broken: %w", err)
	}
	return review.DeadJob{Key: review.JobKey(key), Reason: l.Reason, Attempts: l.Attempts, First: at(l.First), Parked: at(l.Parked)}, nil
}

// Dead implements [Store].
func (r *Redis) Dead(ctx context.Context, limit int) ([]review.DeadJob, error) {
	limit = min(limit, maxDead)
	if limit <= 0 {
		return nil, nil
	}
	keys, err := r.client.ZRevRange(ctx, r.name("parked"), 0, int64(limit-1)).Result()
	if err != nil || len(keys) == 0 {
		return nil, namedError("list dead letters", err)
	}
	values, err := r.client.HMGet(ctx, r.name("dead"), keys...).Result()
	if err != nil {
		return nil, namedError("list dead letters", err)
	}
	var out []review.DeadJob
	for i, v := range values {
		raw, ok := v.(string)
		if !ok {
			continue // replayed or dropped between the two reads
		}
		d, err := deadJob(keys[i], raw)
		if err != nil {
			return nil, namedError("list dead letters", err)
		}
		out = append(out, d)
	}
	return out, nil
}

// DeadGet implements [Store].
func (r *Redis) DeadGet(ctx context.Context, key review.JobKey) (review.DeadJob, bool, error) {
	raw, err := r.client.HGet(ctx, r.name("dead"), string(key)).Result()
	if errors.Is(err, redis.Nil) {
		return review.DeadJob{}, false, nil
	}
	if err != nil {
		return review.DeadJob{}, false, namedError("read dead letter", err)
	}
	d, err := deadJob(string(key), raw)
	return d, err == nil, namedError("read dead letter", err)
}

// Stats implements [Store].
func (r *Redis) Stats(ctx context.Context) (Stats, error) {
	v, _, err := r.run(ctx, luaStats)
	if err != nil {
		return Stats{}, fmt.Errorf("count jobs: %w", err)
	}
	n, err := numbers(v, 5)
	if err != nil {
		return Stats{}, fmt.Errorf("count jobs: %w", err)
	}
	return Stats{
		Due: int(n[0]), Leased: int(n[1]), Delayed: int(n[2] - n[0] - n[1]), Dead: int(n[3]),
		OldestDue: time.Duration(n[4]) * time.Millisecond,
	}, nil
}

// namedError classifies err and says what failed; nil stays nil.
func namedError(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, classifyRedis(err))
}
