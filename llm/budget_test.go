// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/llm/llmtest"
	"review-assistant/prompts"
)

// counter is a Counter in memory.
type counter struct {
	mu   sync.Mutex
	n    map[string]int64
	fail bool
}

func (c *counter) Counter(_ context.Context, key string, delta int64, ttl time.Duration) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail || ttl < 24*time.Hour {
		return 0, errors.New("store is down")
	}
	if c.n == nil {
		c.n = map[string]int64{}
	}
	c.n[key] += delta
	return c.n[key], nil
}

var day = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func TestBudget(t *testing.T) {
	s := llmtest.New(llmtest.Good)
	c := &counter{}
	now := day
	b := &Budget{Counter: c, Now: func() time.Time { return now }}
	inner := model(t, s, Profile{}, Options{})
	reply, err := inner.Complete(t.Context(), prompt(t))
	if err != nil {
		t.Fatal(err)
	}
	one := int64(reply.Usage.Prompt + reply.Usage.Completion)
	// Three requests fit: the third sets aside its estimate and fits too.
	m := b.Model(inner, "main/demo", 3*one+1000)
	for range 2 {
		if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := b.Spent(t.Context(), "main/demo"); got != 2*one {
		t.Errorf("spent %d, want the reported %d", got, 2*one)
	}
	if c.n["tokens/2026-11-23/server"] != 2*one {
		t.Errorf("the server's account is %v", c.n)
	}

	m = b.Model(inner, "main/demo", 2*one)
	before := s.Count()
	_, err = m.Complete(t.Context(), prompt(t))
	e, ok := errors.AsType[*BudgetError](err)
	if !ok || Reason(err) != CodeBudget || s.Count() != before || !e.Resets.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("spent budget: %v after %d requests", err, s.Count()-before)
	}
	if got, _ := b.Spent(t.Context(), "main/demo"); got != 2*one || c.n["tokens/2026-11-23/server"] != 2*one {
		t.Errorf("a refused request counts: %v", c.n)
	}
	if _, err := b.Model(inner, "main/other", 0).Complete(t.Context(), prompt(t)); err != nil {
		t.Errorf("another project: %v", err)
	}
	now = now.Add(10 * time.Hour)
	if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
		t.Errorf("the next day: %v", err)
	}

	b.Server = one
	_, err = b.Model(inner, "main/third", 0).Complete(t.Context(), prompt(t))
	if e, ok := errors.AsType[*BudgetError](err); !ok || e.Scope != "the server" || !strings.Contains(err.Error(), "2026-11-25 00:00 UTC") {
		t.Errorf("spent server budget: %v", err)
	}
	if got, _ := b.Spent(t.Context(), "main/third"); got != 0 {
		t.Errorf("the project pays %d for the server's refusal", got)
	}
}

func TestBudgetOfFailures(t *testing.T) {
	tests := []struct {
		mode  llmtest.Mode
		spent bool
	}{
		{llmtest.Unauthorized, false}, {llmtest.HTML, true}, {llmtest.NoChoices, true},
	}
	for _, tt := range tests {
		t.Run(string(tt.mode), func(t *testing.T) {
			b := &Budget{Counter: &counter{}, Now: func() time.Time { return day }}
			m := b.Model(model(t, llmtest.New(tt.mode), Profile{}, Options{}), "h/p", 1e6)
			_, _ = m.Complete(t.Context(), prompt(t))
			if got, _ := b.Spent(t.Context(), "h/p"); (got > 0) != tt.spent {
				t.Errorf("spent %d, want more than 0: %v", got, tt.spent)
			}
		})
	}
}

func TestBudgetFailsClosed(t *testing.T) {
	s := llmtest.New(llmtest.Good)
	b := &Budget{Counter: &counter{fail: true}}
	_, err := b.Model(model(t, s, Profile{}, Options{}), "h/p", 0).Complete(t.Context(), prompt(t))
	if Reason(err) != CodeUnavailable || s.Count() != 0 || !strings.Contains(err.Error(), "budget") {
		t.Errorf("Complete = %v after %d requests", err, s.Count())
	}
}

// TestBudgetInParallel proves that requests cannot pass a cap together.
func TestBudgetInParallel(t *testing.T) {
	asked := int64(EstimateTokens(prompt(t).System().String()) + EstimateTokens(prompt(t).User().String()) + EstimateTokens(string(prompt(t).Schema())))
	c := &counter{}
	b := &Budget{Counter: c, Now: func() time.Time { return day }}
	block := make(chan struct{})
	inner := modelFunc(func(context.Context, prompts.Prompt) (Reply, error) {
		<-block
		return Reply{Usage: Usage{Prompt: int(asked)}}, nil
	})
	var mu sync.Mutex
	refused := 0
	var wg, decided sync.WaitGroup
	decided.Add(8)
	for range 10 {
		wg.Go(func() {
			if _, err := b.Model(inner, "h/p", 2*asked).Complete(t.Context(), prompt(t)); err != nil {
				mu.Lock()
				refused++
				mu.Unlock()
				decided.Done()
			}
		})
	}
	decided.Wait()
	close(block)
	wg.Wait()
	if got, _ := b.Spent(t.Context(), "h/p"); got > 2*asked || refused < 8 {
		t.Errorf("spent %d of %d, %d refused", got, 2*asked, refused)
	}
}

type modelFunc func(context.Context, prompts.Prompt) (Reply, error)

func (f modelFunc) Complete(ctx context.Context, p prompts.Prompt) (Reply, error) { return f(ctx, p) }
func (modelFunc) Name() string                                                    { return "func" }
