// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/llm/llmtest"
	"review-assistant/prompts"
	"review-assistant/review"
)

// counter is a Counter in memory.
type counter struct {
	mu   sync.Mutex
	n    map[string]int64
	fail bool
}

func (c *counter) Count(_ context.Context, counts ...review.Count) ([]int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sums []int64
	for _, k := range counts {
		if c.fail || k.TTL < 24*time.Hour {
			return nil, errors.New("store is down")
		}
		if c.n == nil {
			c.n = map[string]int64{}
		}
		c.n[k.Key] += k.Delta
		sums = append(sums, c.n[k.Key])
	}
	return sums, nil
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
	project := func(name string, perDay int64) Model {
		return b.Model(inner, Profile{MaxOutputTokens: 100}, Payer{Project: name, Caps: Caps{TokensPerDay: perDay}})
	}
	m := project("main/demo", 3*one+2000)
	for range 2 {
		if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := b.Spent(t.Context(), "main/demo"); got != 2*one {
		t.Errorf("spent %d, want the reported %d", got, 2*one)
	}
	if c.n["tokens/2026-11-23/server"] != 2*one || c.n["tokens/2026-11/server"] != 2*one {
		t.Errorf("the server's account is %v", c.n)
	}

	m = project("main/demo", 2*one)
	before := s.Count()
	_, err = m.Complete(t.Context(), prompt(t))
	e, ok := errors.AsType[*BudgetError](err)
	if !ok || Reason(err) != CodeBudget || s.Count() != before || !e.Cap.Resets.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("spent budget: %v after %d requests", err, s.Count()-before)
	}
	if got, _ := b.Spent(t.Context(), "main/demo"); got != 2*one || c.n["tokens/2026-11-23/server"] != 2*one {
		t.Errorf("a refused request counts: %v", c.n)
	}
	if _, err := project("main/other", 0).Complete(t.Context(), prompt(t)); err != nil {
		t.Errorf("another project: %v", err)
	}
	now = now.Add(10 * time.Hour)
	if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
		t.Errorf("the next day: %v", err)
	}

	b.Server.TokensPerDay = one
	_, err = project("main/third", 0).Complete(t.Context(), prompt(t))
	if e, ok := errors.AsType[*BudgetError](err); !ok || e.Cap.Scope != ScopeServer || !strings.Contains(err.Error(), "2026-11-25 00:00 UTC") {
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
			m := b.Model(model(t, llmtest.New(tt.mode), Profile{}, Options{}), Profile{}, Payer{Project: "h/p", Caps: Caps{TokensPerDay: 1e6}})
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
	_, err := b.Model(model(t, s, Profile{}, Options{}), Profile{}, Payer{Project: "h/p"}).Complete(t.Context(), prompt(t))
	if Reason(err) != CodeUnavailable || s.Count() != 0 || !strings.Contains(err.Error(), "budget") {
		t.Errorf("Complete = %v after %d requests", err, s.Count())
	}
}

// estimate is what a budget expects of the prompt.
func estimate(t testing.TB) int {
	p := prompt(t)
	return EstimateTokens(p.System().String()) + EstimateTokens(p.User().String()) + EstimateTokens(string(p.Schema()))
}

// TestBudgetInParallel proves that requests cannot pass a cap together, and
// that in the end every account holds what was used.
func TestBudgetInParallel(t *testing.T) {
	text := estimate(t)
	rapid.Check(t, func(r *rapid.T) {
		output := rapid.IntRange(1, 2000).Draw(r, "output")
		profile := Profile{
			MaxOutputTokens: output,
			PricePrompt:     rapid.Float64Range(0, 20).Draw(r, "price of the prompt"), PriceCompletion: rapid.Float64Range(0, 20).Draw(r, "price of the answer"),
		}
		most := int64(text + output)
		limit := func(name string) int64 { return rapid.Int64Range(0, 6).Draw(r, name) * most * 9 / 10 }
		b := &Budget{Now: func() time.Time { return day }, Server: Caps{TokensPerDay: limit("server and day"), MoneyPerMonth: 5 * limit("money")}}
		c := &counter{}
		b.Counter = c
		payer := Payer{Project: "h/p", Change: "h/p~1", TokensPerChange: limit("change"), Caps: Caps{TokensPerMonth: limit("project and month")}}
		requests := rapid.SliceOfN(rapid.IntRange(0, text), 1, 8).Draw(r, "used")

		// What was let through: the most that each request under way may use,
		// and what the others have used.
		var mu sync.Mutex
		var tokens, money int64
		accounts := b.Model(nil, profile, payer).(*budgeted).accounts()
		let := func(t, m int64) {
			mu.Lock()
			defer mu.Unlock()
			tokens, money = tokens+t, money+m
			for _, a := range accounts {
				if n := map[Unit]int64{Tokens: tokens, Money: money}[a.Unit]; a.Limit > 0 && n > a.Limit {
					r.Errorf("%s: requests for %d were let through, the limit is %d", a.key, n, a.Limit)
				}
			}
		}
		var wg sync.WaitGroup
		for _, prompted := range requests {
			used := Usage{Prompt: prompted, Completion: output / 2}
			wg.Go(func() {
				m := b.Model(modelFunc(func(context.Context, prompts.Prompt) (Reply, error) {
					aside := Usage{Prompt: text, Completion: output}
					let(most, profile.Cost(aside))
					runtime.Gosched()
					counted := used
					if used == (Usage{}) {
						counted = Usage{Prompt: text} // nothing is reported
					}
					let(int64(counted.Prompt+counted.Completion)-most, profile.Cost(counted)-profile.Cost(aside))
					return Reply{Usage: used}, nil
				}), profile, payer)
				if _, err := m.Complete(t.Context(), prompt(t)); err != nil && Reason(err) != CodeBudget {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, a := range accounts {
			if want := map[Unit]int64{Tokens: tokens, Money: money}[a.Unit]; c.n[a.key] != want {
				r.Errorf("%s = %d, want what was used: %d", a.key, c.n[a.key], want)
			}
		}
	})
}

// TestBudgetCaps spends one cap after the other.
func TestBudgetCaps(t *testing.T) {
	inner := modelFunc(func(context.Context, prompts.Prompt) (Reply, error) {
		return Reply{Usage: Usage{Prompt: 1000, Completion: 100}}, nil
	})
	profile := Profile{MaxOutputTokens: 100, PricePrompt: 2, PriceCompletion: 10} // 3000 millionths a request
	month, tomorrow := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		server Caps
		payer  Payer
		want   Cap
		text   string
	}{
		{"server, day", Caps{TokensPerDay: 2000}, Payer{}, Cap{ScopeServer, "", Day, Tokens, 2000, tomorrow}, "token budget of the server (2000 a day) is spent until 2026-11-24 00:00 UTC"},
		{"server, month", Caps{TokensPerMonth: 2000}, Payer{}, Cap{ScopeServer, "", Month, Tokens, 2000, month}, "token budget of the server (2000 a month) is spent until 2026-12-01 00:00 UTC"},
		{"server, money, day", Caps{MoneyPerDay: 5000}, Payer{}, Cap{ScopeServer, "", Day, Money, 5000, tomorrow}, "money budget of the server (0.01 a day) is spent until 2026-11-24 00:00 UTC"},
		{"server, money, month", Caps{MoneyPerMonth: 5000}, Payer{}, Cap{ScopeServer, "", Month, Money, 5000, month}, "money budget of the server (0.01 a month) is spent until 2026-12-01 00:00 UTC"},
		{"project, day", Caps{}, Payer{Caps: Caps{TokensPerDay: 2000}}, Cap{ScopeProject, "h/p", Day, Tokens, 2000, tomorrow}, "token budget of project h/p (2000 a day) is spent until 2026-11-24 00:00 UTC"},
		{"project, month", Caps{}, Payer{Caps: Caps{TokensPerMonth: 2000}}, Cap{ScopeProject, "h/p", Month, Tokens, 2000, month}, "token budget of project h/p (2000 a month) is spent until 2026-12-01 00:00 UTC"},
		{"project, money", Caps{}, Payer{Caps: Caps{MoneyPerMonth: 5000}}, Cap{ScopeProject, "h/p", Month, Money, 5000, month}, "money budget of project h/p (0.01 a month) is spent until 2026-12-01 00:00 UTC"},
		{"change", Caps{}, Payer{TokensPerChange: 2000}, Cap{ScopeChange, "h/p~7", Day, Tokens, 2000, tomorrow}, "token budget of change h/p~7 (2000 a day) is spent until 2026-11-24 00:00 UTC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.payer.Project, tt.payer.Change = "h/p", "h/p~7"
			now := day
			b := &Budget{Counter: &counter{}, Server: tt.server, Now: func() time.Time { return now }}
			m := b.Model(inner, profile, tt.payer)
			if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
				t.Fatalf("the first request: %v", err)
			}
			_, err := m.Complete(t.Context(), prompt(t))
			e, ok := errors.AsType[*BudgetError](err)
			if !ok || e.Cap != tt.want || err.Error() != tt.text {
				t.Errorf("Complete = %v, want %s", err, tt.text)
			}
			if now = tt.want.Resets; tt.want.Period == Day && now.Day() == 1 {
				t.Fatal("a day's cap is to be tried within a month")
			}
			if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
				t.Errorf("after the period: %v", err)
			}
		})
	}
}

// TestBudgetWithoutPrice says what the warnings say: nothing counts money then.
func TestBudgetWithoutPrice(t *testing.T) {
	c := &counter{}
	b := &Budget{Counter: c, Server: Caps{MoneyPerDay: 1, MoneyPerMonth: 1}, Now: func() time.Time { return day }}
	m := b.Model(model(t, llmtest.New(llmtest.Good), Profile{}, Options{}), Profile{}, Payer{Project: "h/p", Caps: Caps{MoneyPerMonth: 1}})
	if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
		t.Error(err)
	}
	for key := range c.n {
		if strings.HasPrefix(key, "money") {
			t.Errorf("money is counted without a price: %v", c.n)
		}
	}
}

// TestBudgetAtMidnight lets the month end while the model thinks.
func TestBudgetAtMidnight(t *testing.T) {
	c := &counter{}
	now := time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)
	b := &Budget{Counter: c, Now: func() time.Time { return now }, Server: Caps{TokensPerDay: 1e6}}
	m := b.Model(modelFunc(func(context.Context, prompts.Prompt) (Reply, error) {
		now = now.Add(time.Minute)
		return Reply{Usage: Usage{Prompt: 7, Completion: 3}}, nil
	}), Profile{PricePrompt: 1, PriceCompletion: 1}, Payer{Project: "h/p"})
	if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{
		"tokens/2026-11-30/server": 10, "tokens/2026-11/server": 10, "money/2026-11-30/server": 10, "money/2026-11/server": 10,
		"tokens/2026-11-30/project/h/p": 10, "tokens/2026-11/project/h/p": 10, "money/2026-11-30/project/h/p": 10, "money/2026-11/project/h/p": 10,
	}
	if d := cmp.Diff(want, c.n); d != "" {
		t.Errorf("accounts (-want +got):\n%s", d)
	}
	if r := b.Ratios(); len(r) != 0 {
		t.Errorf("the new day begins with %v", r)
	}
}

// TestAlarm has two replicas cross 80 % of a cap.
func TestAlarm(t *testing.T) {
	c := &counter{}
	now := day
	var alarms []Alarm
	replica := func() *Budget {
		return &Budget{Counter: c, Now: func() time.Time { return now }, Server: Caps{TokensPerDay: 10_000}, Alarm: func(a Alarm) { alarms = append(alarms, a) }}
	}
	one, two := replica(), replica()
	ask := func(b *Budget) {
		t.Helper()
		inner := modelFunc(func(context.Context, prompts.Prompt) (Reply, error) { return Reply{Usage: Usage{Prompt: 1000}}, nil })
		if _, err := b.Model(inner, Profile{MaxOutputTokens: 1}, Payer{Project: "h/p"}).Complete(t.Context(), prompt(t)); err != nil {
			t.Fatal(err)
		}
	}
	for range 7 {
		ask(one)
	}
	if len(alarms) != 0 || one.Ratios()["server-tokens-day"] != 0.7 {
		t.Fatalf("at 70 %%: alarms %v, ratios %v", alarms, one.Ratios())
	}
	ask(two)
	want := []Alarm{{Cap{ScopeServer, "", Day, Tokens, 10_000, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}, 8000}}
	if d := cmp.Diff(want, alarms); d != "" {
		t.Errorf("at 80 %% (-want +got):\n%s", d)
	}
	ask(one)
	if len(alarms) != 1 || one.Ratios()["server-tokens-day"] != 0.9 {
		t.Errorf("the same alarm again: %v; ratios %v", alarms, one.Ratios())
	}
	now = now.AddDate(0, 0, 1)
	for range 8 {
		ask(two)
	}
	if len(alarms) != 2 || two.Ratios()["server-tokens-day"] != 0.8 {
		t.Errorf("the next day: %v; ratios %v", alarms, two.Ratios())
	}
}

func TestCalibration(t *testing.T) {
	var none *Calibration
	none.Observe("m", 1000, 2000)
	c := &Calibration{}
	c.Observe("m", minCalibrated-1, 1000) // tiny
	c.Observe("m", 1000, 0)               // not reported
	if none.Scale("m") != 1 || c.Scale("m") != 1 {
		t.Errorf("scales without an observation: %v and %v", none.Scale("m"), c.Scale("m"))
	}
	c.Observe("m", 1000, 1500)
	c.Observe("wild", 1000, 9000)
	c.Observe("low", 1000, 10)
	if c.Scale("m") != 1.5 || c.Scale("wild") != 2 || c.Scale("low") != 0.5 || c.Scale("other") != 1 {
		t.Errorf("scales %v, %v, %v, %v", c.Scale("m"), c.Scale("wild"), c.Scale("low"), c.Scale("other"))
	}
	for range 50 {
		c.Observe("m", 1000, 1200)
	}
	if s := c.Scale("m"); s < 1.2 || s > 1.201 {
		t.Errorf("after 50 observations of 1.2: %v", s)
	}
}

// TestBudgetIsCalibrated reserves more for a model that counts more.
func TestBudgetIsCalibrated(t *testing.T) {
	text := int64(estimate(t))
	c := &counter{}
	b := &Budget{Counter: c, Now: func() time.Time { return day }, Calibration: &Calibration{}}
	var aside int64
	m := b.Model(modelFunc(func(context.Context, prompts.Prompt) (Reply, error) {
		aside = c.n["tokens/2026-11-23/server"]
		return Reply{Usage: Usage{Prompt: int(text * 3 / 2)}}, nil
	}), Profile{MaxOutputTokens: 1}, Payer{Project: "h/p"})
	for range 2 {
		if _, err := m.Complete(t.Context(), prompt(t)); err != nil {
			t.Fatal(err)
		}
	}
	// The second stood on top of what the first had used.
	if got, want := aside-text*3/2, text*3/2; got < want || got > want+2 {
		t.Errorf("%d tokens were set aside for a model that counts %d", got, want)
	}
}

type modelFunc func(context.Context, prompts.Prompt) (Reply, error)

func (f modelFunc) Complete(ctx context.Context, p prompts.Prompt) (Reply, error) { return f(ctx, p) }
func (modelFunc) Name() string                                                    { return "func" }
