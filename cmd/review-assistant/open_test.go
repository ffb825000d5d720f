// SPDX-License-Identifier: Apache-2.0

package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"review-assistant/bot"
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/store"
)

// TestModelsStopped asks the kill switch as a model does before each request.
func TestModelsStopped(t *testing.T) {
	st, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "store.db"), store.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{store: st}
	for _, tt := range []struct {
		scope string
		want  bool
	}{{bot.ScopePosts, false}, {bot.ScopeProject + "main/x", false}, {bot.ScopeModels, true}, {bot.ScopeAll, true}} {
		if err := st.SetControl(t.Context(), review.Control{Scope: tt.scope}); err != nil {
			t.Fatal(err)
		}
		if got := p.modelsStopped(t.Context()); got != tt.want {
			t.Errorf("with %s stopped: %v, want %v", tt.scope, got, tt.want)
		}
		if _, err := st.ClearControl(t.Context(), tt.scope); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if !p.modelsStopped(t.Context()) {
		t.Error("a store that cannot tell has to count as stopped")
	}
}

// TestBudgetAlarm reads what the operator is told.
func TestBudgetAlarm(t *testing.T) {
	var out strings.Builder
	p := &parts{log: slog.New(slog.NewTextHandler(&out, nil))}
	p.budgetAlarm(llm.Alarm{Used: 10_250_000, Cap: llm.Cap{
		Scope: llm.ScopeProject, Name: "main/demo", Period: llm.Month, Unit: llm.Money, Limit: 12_500_000,
		Resets: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
	}})
	const want = `scope="project main/demo" unit=money period=month used=10.25 limit=12.50 resets=2026-12-01T00:00:00Z`
	if got := out.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, want) {
		t.Errorf("the log says\n%swant\n%s", got, want)
	}
}

// TestBudgetOfServer turns the file's amounts into what is counted.
func TestBudgetOfServer(t *testing.T) {
	got := BudgetConfig{TokensPerDay: 1, TokensPerMonth: 2, MoneyPerDay: 0.5, MoneyPerMonth: 12.34}.caps()
	if want := (llm.Caps{TokensPerDay: 1, TokensPerMonth: 2, MoneyPerDay: 500_000, MoneyPerMonth: 12_340_000}); got != want {
		t.Errorf("caps = %+v, want %+v", got, want)
	}
}

// Commands speak to people: what matters, and no JSON.
func TestCommandLog(t *testing.T) {
	for level, want := range map[string]string{"debug": "WARN", "info": "WARN", "warn": "WARN", "error": "ERROR"} {
		c := defaultConfig()
		c.Log.Format, c.Log.Level = "json", level
		var out strings.Builder
		log := commandLog(c, &out)
		log.Info("a line")
		log.Warn("a line")
		log.Error("a line")
		if first, _, _ := strings.Cut(out.String(), "\n"); !strings.Contains(first, "level="+want+" ") {
			t.Errorf("%s: %q", level, out.String())
		}
	}
}
