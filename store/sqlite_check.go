// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Check implements [Store].
func (s *SQLite) Check(ctx context.Context) []Problem {
	var out []Problem
	bad := func(cause, fix string) { out = append(out, Problem{Key: "store.sqlite", Cause: cause, Fix: fix}) }
	dir := filepath.Dir(s.path)
	if kind := remoteFS(dir); kind != "" {
		bad("the file is on "+kind, "put it on a local disk: locks and syncs do not hold there")
	}
	if err := tryWrite(dir); err != nil {
		bad("its directory is not writable: "+err.Error(), "let the server's user write there")
	}
	if st, err := os.Stat(s.path); err != nil {
		bad("the file cannot be read: "+err.Error(), "bring it back or restart")
	} else if st.Mode().Perm()&0o077 != 0 {
		bad(fmt.Sprintf("others may read the file (mode %04o)", st.Mode().Perm()), "chmod 600 "+s.path)
	}
	var mode string
	if err := s.read.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		bad(fmt.Sprintf("the journal mode is %q, not wal", mode), "put the file on a disk that allows shared memory maps")
	}
	if problems, err := s.integrity(ctx); err != nil {
		bad("the file cannot be checked: "+err.Error(), "check the disk")
	} else if len(problems) > 0 {
		bad("the file is damaged: "+strings.Join(problems, ", "), "move it away and restart: open changes are found again")
	}
	if err := s.Ping(ctx); err != nil {
		bad("nothing can be written: "+err.Error(), "see the cause")
	}
	return out
}

func (s *SQLite) integrity(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, "PRAGMA integrity_check(3)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			out = append(out, line)
		}
	}
	return out, rows.Err()
}

func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".check-*")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}
