// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// HostAuth says how one Gerrit proves that it sends a webhook.
type HostAuth struct {
	// TokenFiles hold one token each, in the current and the next generation;
	// both are valid. A file may be absent as long as another is there.
	TokenFiles []string
	// Basic takes the token as Basic password too, in answer to a 401. It keeps
	// the token out of the URL's query, not out of the configuration.
	Basic bool
}

// Lengths of a token in bytes: shorter ones can be guessed, longer ones do not
// fit a request line.
const (
	minToken = 16
	maxToken = 1024
)

// tokens are the valid tokens that one setting names, read again when a file
// changes.
type tokens struct {
	log     *slog.Logger
	setting string // such as webhook_token_files, for words to the operator

	mu    sync.Mutex
	files []tokenFile
}

type tokenFile struct {
	path  string
	at    stamp
	sum   [sha256.Size]byte
	valid bool
}

func loadTokens(setting string, paths []string, log *slog.Logger) (*tokens, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("no token file is configured; write 32 random bytes in hex to a file and name it in %s", setting)
	}
	t := &tokens{log: log, setting: setting, files: make([]tokenFile, len(paths))}
	var errs []error
	for i, p := range paths {
		t.files[i].path = p
		if err := t.files[i].reload(); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == len(paths) {
		return nil, errors.Join(errs...)
	}
	return t, nil
}

// reload reads the file when it changed. A file that went away, or holds no
// token, is a token that was taken back.
func (f *tokenFile) reload() error {
	at, err := stampOf(f.path)
	if err != nil {
		f.valid, f.at = false, stamp{}
		return err
	}
	if at == f.at {
		return nil
	}
	f.at, f.valid = at, false
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxToken+2))
	if err != nil {
		return err
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) < minToken || len(raw) > maxToken || bytes.ContainsAny(raw, " \t\r\n") {
		return fmt.Errorf("%s: a token is one word of %d to %d bytes", f.path, minToken, maxToken)
	}
	f.sum, f.valid = sha256.Sum256(raw), true
	return nil
}

// ok reports whether token is valid, in a time that tells nothing about how
// much of it is right.
func (t *tokens) ok(token string) bool {
	sum := sha256.Sum256([]byte(token))
	t.mu.Lock()
	defer t.mu.Unlock()
	match := 0
	for i := range t.files {
		f := &t.files[i]
		was := f.valid
		if err := f.reload(); err != nil && was {
			t.log.Warn("a token is no longer valid", "setting", t.setting, "err", err)
		}
		same := subtle.ConstantTimeCompare(sum[:], f.sum[:])
		if f.valid {
			match |= same
		}
	}
	return match == 1
}

// newest returns when the newest valid token was written; zero for none.
func (t *tokens) newest() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	var at time.Time
	for _, f := range t.files {
		if f.valid && f.at.mtime.After(at) {
			at = f.at.mtime
		}
	}
	return at
}

func (s *Server) tokenAges() map[string]float64 {
	out := make(map[string]float64, len(s.hosts))
	for id, t := range s.hosts {
		if at := t.newest(); !at.IsZero() {
			out[id] = s.opts.Now().Sub(at).Seconds()
		}
	}
	return out
}
