// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Filter picks records; zero fields pick everything.
type Filter struct {
	ID       string // or its beginning
	Ref      string // what came of an intent
	From     int64  // first sequence number
	Since    time.Time
	Until    time.Time // exclusive
	Action   Action
	Result   Result
	Host     string
	Project  string
	Change   int
	PatchSet int
	Actor    string // kind, subject or entity
	Limit    int    // 0 for no limit
}

func (f *Filter) match(r *Record) bool {
	switch {
	case !strings.HasPrefix(r.ID, strings.ToLower(f.ID)),
		f.Ref != "" && r.Ref != f.Ref,
		r.Seq < f.From,
		!f.Since.IsZero() && r.Time.Before(f.Since),
		!f.Until.IsZero() && !r.Time.Before(f.Until),
		f.Action != "" && r.Action != f.Action,
		f.Result != "" && r.Result != f.Result,
		f.Host != "" && r.Object.Host != f.Host,
		f.Project != "" && r.Object.Project != f.Project,
		f.Change != 0 && r.Object.Change != f.Change,
		f.PatchSet != 0 && r.Object.PatchSet != f.PatchSet,
		f.Actor != "" && r.Actor.Kind != f.Actor && r.Actor.Sub != f.Actor && r.Actor.Entity != f.Actor:
		return false
	}
	return true
}

// Query yields the records that match, oldest first. It reads what stands
// there and proves nothing: that is [Verify]'s work. It may run beside a
// writer.
func Query(dir string, f Filter) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		list, err := segments(dir)
		if err != nil {
			yield(Record{}, err)
			return
		}
		var from place
		for _, first := range list {
			if first <= f.From {
				from.Segment = first
			}
		}
		n := 0
		for line, err := range lines(dir, from) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			if line.torn {
				continue
			}
			r, err := decode(line.data)
			if err != nil || line.long {
				yield(Record{}, fmt.Errorf("segment %s, byte %d: not a record; run \"audit verify\"", segmentName(line.at.Segment), line.at.Offset))
				return
			}
			if !f.match(&r) {
				continue
			}
			if n++; !yield(r, nil) || n == f.Limit {
				return
			}
		}
	}
}

// WriteJSONL writes records as JSON lines, each with its id.
func WriteJSONL(w io.Writer, records iter.Seq2[Record, error]) error {
	enc := json.NewEncoder(w)
	for r, err := range records {
		if err != nil {
			return err
		}
		err := enc.Encode(struct {
			ID string `json:"id"`
			Record
		}{r.ID, r})
		if err != nil {
			return fmt.Errorf("export audit log: %w", err)
		}
	}
	return nil
}

var columns = []string{
	"seq", "id", "time", "action", "result", "actor", "actor_iss", "actor_sub", "gerrit_id", "entity",
	"host", "project", "change", "patch_set", "revision", "rule", "config_revision", "evidence",
	"model", "prompt", "prompt_tokens", "completion_tokens", "scrub_version", "scrub_counts", "withheld",
	"input", "output", "trace", "ref",
}

// WriteCSV writes records as a table with a header line.
func WriteCSV(w io.Writer, records iter.Seq2[Record, error]) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return fmt.Errorf("export audit log: %w", err)
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		row, err := r.row()
		if err == nil {
			err = out.Write(row)
		}
		if err != nil {
			return fmt.Errorf("export audit log: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("export audit log: %w", err)
	}
	return nil
}

func (r *Record) row() ([]string, error) {
	counts := ""
	if len(r.Scrub.Counts) > 0 {
		b, err := json.Marshal(r.Scrub.Counts)
		if err != nil {
			return nil, err
		}
		counts = string(b)
	}
	row := []string{
		strconv.FormatInt(r.Seq, 10), r.ID, r.Time.Format(time.RFC3339Nano), string(r.Action), string(r.Result),
		r.Actor.Kind, r.Actor.Iss, r.Actor.Sub, number(r.Actor.GerritID), r.Actor.Entity,
		r.Object.Host, r.Object.Project, number(r.Object.Change), number(r.Object.PatchSet), r.Object.Revision,
		r.Why.Rule, r.Why.ConfigRevision, strings.Join(r.Why.Evidence, " "),
		r.Model.Name, r.Model.Prompt, number(r.Model.PromptTokens), number(r.Model.CompletionTokens),
		r.Scrub.Version, counts, number(r.Scrub.Withheld), r.Input, r.Output, r.Trace, r.Ref,
	}
	for i, s := range row {
		row[i] = inert(s)
	}
	return row, nil
}

func number[N int | int64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// inert keeps spreadsheets from reading text that came from outside as a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
