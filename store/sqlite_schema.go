// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations bring a file from one schema version to the next. A released one
// is never edited.
var migrations = []string{`
CREATE TABLE jobs (
	key        TEXT PRIMARY KEY,
	project    TEXT NOT NULL,
	at         INTEGER NOT NULL, -- deadline when leased, else due
	generation INTEGER NOT NULL,
	due        INTEGER NOT NULL,
	hinted     INTEGER NOT NULL,
	deadline   INTEGER NOT NULL,
	fence      INTEGER NOT NULL,
	asked      INTEGER NOT NULL,
	fresh      INTEGER NOT NULL,
	patch_set  INTEGER NOT NULL,
	attempt    INTEGER NOT NULL,
	first      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_project ON jobs (project, at, key);
CREATE INDEX jobs_leased ON jobs (deadline, project) WHERE deadline > 0;

-- The first job of each project, so that a fair lease costs the same for one
-- job and for many.
CREATE TABLE heads (project TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX heads_at ON heads (at, project);

CREATE TABLE fence (last INTEGER NOT NULL) STRICT;
INSERT INTO fence VALUES (0);

CREATE TABLE dead (
	key       TEXT PRIMARY KEY,
	reason    TEXT NOT NULL,
	attempts  INTEGER NOT NULL,
	first     INTEGER NOT NULL,
	parked    INTEGER NOT NULL,
	asked     INTEGER NOT NULL,
	patch_set INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_parked ON dead (parked, key);

CREATE TABLE outcomes (
	change    TEXT NOT NULL,
	patch_set INTEGER NOT NULL,
	kind      TEXT NOT NULL,
	verdict   TEXT NOT NULL,
	json      TEXT NOT NULL,
	PRIMARY KEY (change, patch_set, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE summaries (
	change    TEXT NOT NULL,
	patch_set INTEGER NOT NULL,
	json      TEXT NOT NULL,
	PRIMARY KEY (change, patch_set)
) STRICT, WITHOUT ROWID;
CREATE TABLE hidden (change TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE controls (scope TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE counters (key TEXT PRIMARY KEY, sum INTEGER NOT NULL, ends INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX counters_ends ON counters (ends);
`, `
CREATE TABLE answers (
	change TEXT NOT NULL,
	key    TEXT NOT NULL,
	text   TEXT NOT NULL,
	ends   INTEGER NOT NULL,
	PRIMARY KEY (change, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_ends ON answers (ends);
`, `
-- All logs share one sequence: AUTOINCREMENT never gives a number twice, not
-- even that of a row which is gone.
CREATE TABLE log_rows (
	seq  INTEGER PRIMARY KEY AUTOINCREMENT,
	log  TEXT NOT NULL,
	key  TEXT NOT NULL,
	at   INTEGER NOT NULL,
	data BLOB NOT NULL,
	UNIQUE (log, key)
) STRICT;
CREATE INDEX log_rows_seq ON log_rows (log, seq);
CREATE INDEX log_rows_at ON log_rows (log, at, seq);
CREATE TABLE log_floors (log TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`}

// migrate brings the schema up to date, under the write lock: two processes
// may open a new file at once.
func migrate(ctx context.Context, conn *sql.Conn) (err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return classify(err)
	}
	end := "ROLLBACK"
	defer func() {
		if _, eerr := conn.ExecContext(context.WithoutCancel(ctx), end); err == nil && eerr != nil {
			err = classify(eerr)
		}
	}()
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return classify(err)
	}
	if version > len(migrations) {
		return fmt.Errorf("the file has schema %d and this program knows up to %d: a newer version wrote it; run that version, or name another file", version, len(migrations))
	}
	for _, m := range migrations[version:] {
		if _, err := conn.ExecContext(ctx, m); err != nil {
			return classify(err)
		}
	}
	if version < len(migrations) {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
			return classify(err)
		}
	}
	end = "COMMIT"
	return nil
}
