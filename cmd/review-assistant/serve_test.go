// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// heard is a log that a test may read while it is written.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
	line chan struct{}
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case h.line <- struct{}{}:
	default:
	}
	return h.text.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// wait returns when the log holds a text.
func (h *heard) wait(t *testing.T, text string) {
	t.Helper()
	end := time.After(30 * time.Second)
	for !strings.Contains(h.String(), text) {
		select {
		case <-h.line:
		case <-end:
			t.Fatalf("the log never says %q:\n%s", text, h)
		}
	}
}

// TestServeAlone starts a server, and then what must not start beside it.
func TestServeAlone(t *testing.T) {
	g, err := gerrittest.Start(gerrittest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	write := func(name, body string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("password", g.Bot().Password)
	write("token", "a-token-for-webhooks")
	config := func(id, listen, store string) string {
		return write(id+".yaml", fmt.Sprintf(`server: {id: %s, listen: "%s"}
log: {format: text}
gerrit: [{id: main, url: "%s", username: review-assistant, password_file: password, webhook_token_files: [token]}]
store: {sqlite: %s}
audit: {dir: audit, accept_ephemeral: true}
`, id, listen, g.URL, store))
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log := &heard{line: make(chan struct{}, 1)}
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"serve", "-c", config("one", "127.0.0.1:0", "store.db")}, strings.NewReader(""), log, log)
	}()
	log.wait(t, "msg=listening")

	for _, tt := range []struct {
		name, config, want string
		code               int
	}{
		{"the same store", config("two", "127.0.0.1:0", "store.db"), "another server works with the store", exitUsage},
		{"the same address", config("three", taken.Addr().String(), "other.db"), "listen on " + taken.Addr().String(), exitFailed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if code := run(t.Context(), []string{"serve", "-c", tt.config}, strings.NewReader(""), &out, &out); code != tt.code || !strings.Contains(out.String(), tt.want) {
				t.Errorf("exit %d, want %d and %q:\n%s", code, tt.code, tt.want, &out)
			}
			if strings.Contains(out.String(), "level=ERROR") {
				t.Errorf("more than one thing is told:\n%s", &out)
			}
		})
	}

	stop()
	if code := <-exit; code != exitDone {
		t.Errorf("exit %d, want %d:\n%s", code, exitDone, log)
	}
	if want := `msg="stopping, waiting for work in hand" up_to=25s`; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not say %q:\n%s", want, log)
	}
}

func TestHealthTellsStops(t *testing.T) {
	var log bytes.Buffer
	h := &health{parts: &parts{log: slog.New(slog.NewTextHandler(&log, nil))}}
	models := review.Control{Scope: "models", By: "jane", Why: "costs"}
	h.noteStops([]review.Control{models})
	h.noteStops([]review.Control{models})
	h.noteStops(nil)
	if got := strings.Count(log.String(), "stopped by an operator"); got != 1 {
		t.Errorf("a stop is told %d times:\n%s", got, &log)
	}
	if !strings.Contains(log.String(), "resumed by an operator") {
		t.Errorf("a resume is not told:\n%s", &log)
	}
}
