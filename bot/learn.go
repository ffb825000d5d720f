// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// RefusedError says that the past reviews of a project are not to be read.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return "the project " + e.Why }

// mayLearn is nil when past reviews of a project may be read, from wherever.
// Reading posts nothing, so only a stop of the project or of everything holds it.
func (b *Bot) mayLearn(ctx context.Context, host Host, hostID, project string) error {
	p, _, err := b.policyOf(ctx, host, hostID, project)
	switch {
	case err != nil:
		return err
	case p.Mode == ModeOff:
		return &RefusedError{"is off"}
	case !p.Suggest:
		return &RefusedError{"wants no suggestions"}
	}
	return b.notStopped(ctx, hostID, project)
}

func (b *Bot) notStopped(ctx context.Context, hostID, project string) error {
	stopped, err := b.switches.stopped(ctx, "", hostID, project)
	if err != nil {
		return fmt.Errorf("read kill switches: %w", err)
	}
	if stopped {
		return errPaused
	}
	return nil
}

// learn adds the merged ones of closed changes to the log of their host, see append.
func (b *Bot) learn(ctx context.Context, host string, changes []review.Closed) (added int, tooOld time.Time, err error) {
	var past []review.Past
	for _, c := range changes {
		if c.Status == review.StatusMerged && review.FullRef(c.Branch) != review.ConfigRef {
			past = append(past, c.Past())
		}
	}
	slices.Reverse(past) // the oldest first, as they happened
	return b.append(ctx, host, past)
}

// Limits of the store on a row, in bytes.
const (
	maxRowKey  = 2 << 10
	maxRowData = 64 << 10
)

// recent is how new a change is that a log has to take.
const recent = 30 * 24 * time.Hour

// append adds past changes to the log of a host. One that tells nothing, or
// that the store would refuse, is left out. Where all of them are below the
// log's floor, tooOld is the newest of their times.
func (b *Bot) append(ctx context.Context, host string, past []review.Past) (added int, tooOld time.Time, err error) {
	var rows []review.Row
	var newest review.Row
	for _, p := range past {
		if len(p.Files) == 0 || len(p.Reviewers) == 0 {
			continue
		}
		row, err := reviewers.NewRow(p)
		if err != nil {
			b.log.Debug("a past change is left out", "error", err)
			continue
		}
		row.Key = strings.ToValidUTF8(strings.ReplaceAll(row.Key, "\x00", ""), "")
		if len(row.Key) > maxRowKey || len(row.Data) > maxRowData {
			continue
		}
		if rows = append(rows, row); newest.Key == "" || row.At.After(newest.At) {
			newest = row
		}
	}
	if len(rows) == 0 {
		return 0, tooOld, nil
	}
	added, err = b.logs.Append(ctx, historyLog(host), rows)
	if err != nil {
		return added, tooOld, fmt.Errorf("store history: %w", err)
	}
	if added > 0 {
		return added, tooOld, nil
	}
	_, known, err := b.logs.RowOf(ctx, historyLog(host), newest.Key)
	if err != nil || known {
		return 0, tooOld, err
	}
	if b.now().Sub(newest.At) < recent {
		b.log.Warn("the history takes no new reviews: it was trimmed by a clock that was ahead", "host", host, "newest", newest.At)
	}
	return 0, newest.At, nil
}
