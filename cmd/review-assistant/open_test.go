// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"testing"

	"review-assistant/bot"
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
