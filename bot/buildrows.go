// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"review-assistant/builds"
	"review-assistant/review"
)

// What CI said is one log for each project, which all replicas follow. Its rows
// hold scrubbed text; those of a change that is not ours to show any more are
// removed. What people rule is another log, which outlives builds.

// BuildsLog is the name of a project's log of builds.
func BuildsLog(host, project string) string { return "builds/" + host + "/" + project }

// RulingsLog is the name of a project's log of what people said of failures.
func RulingsLog(host, project string) string { return "rulings/" + host + "/" + project }

// buildsProjects is the setting that lists the projects of a host that have
// builds, escaped, for the daily trim.
func buildsProjects(host string) string { return "builds-projects/" + host }

// buildsKept is the setting that says that rows about a change may be there:
// what erasing looks at.
func buildsKept(id review.ChangeID) string { return "builds-kept/" + id.String() }

const (
	keepBuilds   = 20_000 // rows of a project
	keepRulings  = 2000
	keepProjects = 2000
	buildsAge    = 45 * 24 * time.Hour
	// maxBuildRow leaves room below the store's limit of a row, in bytes.
	maxBuildRow = maxRowData - 4<<10
)

// buildRow is a row of the log of builds: one of its fields is set. Those but
// the first are numbers of changes.
type buildRow struct {
	Build     *review.Build `json:"build,omitempty"`
	Merged    int           `json:"merged,omitempty"`
	Abandoned int           `json:"abandoned,omitempty"`
	Opened    int           `json:"opened,omitempty"` // an abandoned one was restored
	Erased    int           `json:"erased,omitempty"` // nothing is known of it any more
}

// Mark is what somebody said of a cluster.
type Mark struct {
	Fingerprint string       `json:"fingerprint"`
	Class       builds.Class `json:"class,omitempty"` // flaky or infra; "" with Fixed, or to take a mark back
	Fixed       bool         `json:"fixed,omitempty"`
	Note        string       `json:"note,omitempty"`
	Link        string       `json:"link,omitempty"`
	By          string       `json:"by"`
	At          time.Time    `json:"at"`
}

// newBuildRow writes a build. Excerpts of the last failures are left out, then
// these failures, until it fits.
func newBuildRow(b review.Build) (review.Row, error) {
	// The same report of a run counts once, whenever it comes; another one of it
	// is news.
	told := b
	told.Ended = time.Time{}
	report, err := json.Marshal(told)
	if err != nil {
		return review.Row{}, fmt.Errorf("write a build: %w", err)
	}
	sum := sha256.Sum256(report)
	b.Failures = slices.Clone(b.Failures)
	for {
		data, err := json.Marshal(buildRow{Build: &b})
		if err != nil {
			return review.Row{}, fmt.Errorf("write a build: %w", err)
		}
		if len(data) <= maxBuildRow {
			key := rowPrefix(b.Change) + clipKey(b.Key) + "@" + hex.EncodeToString(sum[:8])
			return review.Row{Key: key, At: b.Ended, Data: data}, nil
		}
		n := len(b.Failures)
		i := slices.IndexFunc(b.Failures, func(f review.BuildFailure) bool { return f.Excerpt == nil })
		if i < 0 {
			i = n
		}
		switch {
		case i > 1:
			b.Failures[i-1].Excerpt = nil
		case n > 1:
			b.Failures, b.Dropped, b.TestsRan = b.Failures[:n*3/4], b.Dropped+n-n*3/4, false
		default:
			return review.Row{}, fmt.Errorf("write a build: %d bytes are too many", len(data))
		}
	}
}

// rowPrefix begins the keys of rows about a change, 0 for a branch.
func rowPrefix(change int) string { return fmt.Sprintf("%d ", change) }

// isBranchRow reports whether a row is about a branch.
func isBranchRow(r review.Row) bool { return strings.HasPrefix(r.Key, rowPrefix(0)) }

// clipKey keeps a key within what the store takes; a long one ends in its hash.
func clipKey(key string) string {
	key = strings.ToValidUTF8(strings.ReplaceAll(key, "\x00", ""), "")
	if len(key) <= maxRowKey/2 {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:maxRowKey/2-40], "") + hex.EncodeToString(sum[:16])
}

// keepBuildRows adds rows to a project's log of builds.
func (b *Bot) keepBuildRows(ctx context.Context, id review.ChangeID, rows ...review.Row) (added int, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	// Before the rows: what erases and trims them looks at it.
	if err := b.noteBuilds(ctx, id); err != nil {
		return 0, fmt.Errorf("store builds of %s: %w", id, err)
	}
	if added, err = b.logs.Append(ctx, BuildsLog(id.Host, id.Project), rows); err != nil {
		return added, fmt.Errorf("store builds of %s: %w", id, err)
	}
	// Also of rows that were there: nobody knows whether it was told of them.
	return added, b.tellLatest(ctx, newsOfBuilds(id, rows)...)
}

// noteBuilds notes that there may be rows about a change and its project. Both
// are mostly known, and a look costs less than a write.
func (b *Bot) noteBuilds(ctx context.Context, id review.ChangeID) error {
	if id.Number > 0 {
		kept, _, err := b.settings.Setting(ctx, buildsKept(id))
		if err == nil && kept == "" {
			err = b.settings.SetSetting(ctx, buildsKept(id), "1")
		}
		if err != nil {
			return err
		}
	}
	project := url.PathEscape(id.Project)
	list, _, err := b.settings.Setting(ctx, buildsProjects(id.Host))
	if err != nil || slices.Contains(strings.Fields(list), project) {
		return err
	}
	return b.settings.Remember(ctx, buildsProjects(id.Host), []string{project}, keepProjects)
}

// erase removes everything that is stored about a change.
func (b *Bot) erase(ctx context.Context, id review.ChangeID) error {
	if err := b.records.Erase(ctx, id); err != nil {
		return err
	}
	return b.eraseBuilds(ctx, id)
}

// eraseHidden removes everything that is stored about a change that is not
// shown any more, and tells who follows the feed.
func (b *Bot) eraseHidden(ctx context.Context, id review.ChangeID) error {
	if err := b.erase(ctx, id); err != nil {
		return err
	}
	return b.tellMoved(ctx, id, true)
}

// eraseBuilds removes what CI said of a change. A row tells replicas to forget;
// the setting goes last, so that what was broken off is done again.
func (b *Bot) eraseBuilds(ctx context.Context, id review.ChangeID) error {
	kept, _, err := b.settings.Setting(ctx, buildsKept(id))
	if err != nil || kept == "" {
		return err
	}
	now := b.now().UTC()
	data, err := json.Marshal(buildRow{Erased: id.Number})
	if err != nil {
		return err
	}
	log := BuildsLog(id.Host, id.Project)
	row := review.Row{Key: fmt.Sprintf("erased %d %d", id.Number, now.UnixNano()), At: now, Data: data}
	if _, err = b.logs.Append(ctx, log, []review.Row{row}); err == nil {
		err = b.removeRows(ctx, log, rowPrefix(id.Number))
	}
	if err == nil {
		err = b.settings.SetSetting(ctx, buildsKept(id), "")
	}
	if err == nil {
		err = b.settings.SetSetting(ctx, buildsSeen(id), "")
	}
	if err != nil {
		return fmt.Errorf("erase builds of %s: %w", id, err)
	}
	return nil
}

// eraseProject removes what CI said of a project that opted out, and what
// people ruled.
func (b *Bot) eraseProject(ctx context.Context, host, project string) error {
	for _, log := range []string{BuildsLog(host, project), RulingsLog(host, project)} {
		if err := b.removeRows(ctx, log, ""); err != nil {
			return fmt.Errorf("erase builds of %s: %w", project, err)
		}
	}
	b.failing.drop(host, project)
	return nil
}

// removeRows removes the rows of a log whose keys begin with a prefix.
func (b *Bot) removeRows(ctx context.Context, log, prefix string) error {
	var keys []string
	err := eachRow(ctx, b.logs, log, 0, func(r review.Row) {
		if strings.HasPrefix(r.Key, prefix) {
			keys = append(keys, r.Key)
		}
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	_, err = b.logs.Remove(ctx, log, keys)
	return err
}

// trimBuilds removes what is too old or too much of builds and rulings.
func (b *Bot) trimBuilds(ctx context.Context, host string) error {
	list, _, err := b.settings.Setting(ctx, buildsProjects(host))
	if err != nil {
		return fmt.Errorf("read which projects have builds: %w", err)
	}
	for _, word := range strings.Fields(list) {
		project, err := url.PathUnescape(word)
		if err != nil {
			continue
		}
		if _, err := b.logs.Trim(ctx, BuildsLog(host, project), b.now().Add(-buildsAge), keepBuilds); err != nil {
			return fmt.Errorf("trim builds: %w", err)
		}
		if _, err := b.logs.Trim(ctx, RulingsLog(host, project), time.Time{}, keepRulings); err != nil {
			return fmt.Errorf("trim rulings: %w", err)
		}
	}
	return nil
}

// KeepMark stores a mark in the place of an earlier one; all replicas follow it.
// Whoever calls it has audited it.
func KeepMark(ctx context.Context, logs Logs, host, project string, m Mark) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	log := RulingsLog(host, project)
	_, err = logs.Remove(ctx, log, []string{m.Fingerprint})
	if err == nil {
		_, err = logs.Append(ctx, log, []review.Row{{Key: m.Fingerprint, At: m.At, Data: data}})
	}
	if err == nil {
		project := review.ChangeID{Host: host, Project: project}
		key := clipKey(fmt.Sprintf("mark %s %d %s", m.Fingerprint, m.At.UnixNano(), project))
		err = appendNews(ctx, logs, key, m.At, review.News{Kind: review.NewsBuild, Change: project})
	}
	if err != nil {
		return fmt.Errorf("store a mark: %w", err)
	}
	return nil
}
