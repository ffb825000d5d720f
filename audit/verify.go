// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Report is what a verification found.
type Report struct {
	Origin      string // the log's name
	Records     int64  // sound records read
	Checkpoints int    // checkpoints that the records agree with
	Signed      int64  // records that the newest checkpoint covers
	Root        string // of all records read
	Torn        bool   // a last line without end: being written now, or cut by a crash
	Fault       *Fault // the first one; nil when everything holds
}

// Fault is the first thing that is wrong.
type Fault struct {
	// Seq is the first record that cannot be trusted.
	Seq int64
	// To is the record before which the fault lies when Seq alone is not
	// known for certain: somebody wrote the records and their chain anew.
	To  int64
	Why string
}

// String names the fault in a sentence.
func (f *Fault) String() string {
	if f.To > f.Seq+1 {
		return fmt.Sprintf("records %d to %d: %s", f.Seq, f.To-1, f.Why)
	}
	return fmt.Sprintf("record %d: %s", f.Seq, f.Why)
}

// Verify reads the whole log and checks every record against its chain value
// and against every checkpoint: the log's own and the trusted ones, which were
// published elsewhere earlier. A fault is part of the report, not an error: an error
// means that the log could not be read. It may run beside a writer.
func Verify(ctx context.Context, dir string, keys []string, trusted [][]byte) (Report, error) {
	known, err := verifiers(keys)
	if err != nil {
		return Report{}, err
	}
	// Read first: a writer may add records meanwhile, but none goes away.
	points, fault, err := checkpoints(dir, known)
	if err != nil {
		return Report{}, err
	}
	origin := ""
	if len(points) > 0 {
		origin = points[0].Origin
	}
	for _, c := range points {
		if c.Origin != origin && fault == nil {
			fault = &Fault{Seq: c.Tree.N, Why: fmt.Sprintf("the checkpoint at %d records is of another log, %q", c.Tree.N, c.Origin)}
		}
	}
	for _, msg := range trusted {
		c, err := parseCheckpoint(msg, known)
		if err != nil {
			return Report{}, fmt.Errorf("trusted checkpoint: %w", err)
		}
		if origin != "" && c.Origin != origin {
			return Report{}, fmt.Errorf("trusted checkpoint is of another log: %q, not %q", c.Origin, origin)
		}
		points = append(points, c)
	}
	slices.SortStableFunc(points, func(a, b checkpoint) int { return cmp.Compare(a.Tree.N, b.Tree.N) })

	v := verification{Report: Report{Origin: origin}, points: points}
	if err := v.run(ctx, dir); err != nil {
		return v.Report, err
	}
	// A fault in the records says more than one in the checkpoint files.
	if v.Fault == nil {
		v.Fault = fault
	}
	root, err := v.tree.root()
	v.Root = root.String()
	return v.Report, err
}

type verification struct {
	Report
	tree   frontier
	chain  chain
	points []checkpoint // still to meet, by size
}

func (v *verification) run(ctx context.Context, dir string) error {
	if err := v.meet(); err != nil || v.Fault != nil {
		return err
	}
	for line, err := range lines(dir, place{}) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if v.Torn {
			// Something follows the torn line, in another segment.
			v.fail("is not whole")
			return nil
		}
		if line.torn {
			v.Torn = true
			continue
		}
		next, why := check(line.data, v.tree.n, v.chain)
		if line.long {
			why = "is longer than a record can be"
		}
		if why != "" {
			v.fail(why)
			return nil
		}
		if _, err := v.tree.add(tlog.RecordHash(line.data)); err != nil {
			return err
		}
		v.chain, v.Records = next, v.tree.n
		if err := v.meet(); err != nil || v.Fault != nil {
			return err
		}
	}
	if len(v.points) > 0 {
		v.fail(fmt.Sprintf("is missing, and a checkpoint signs %d records", v.points[len(v.points)-1].Tree.N))
	}
	return nil
}

func (v *verification) fail(why string) { v.Fault = &Fault{Seq: v.tree.n, To: v.tree.n + 1, Why: why} }

// meet compares the tree with the checkpoints of its size.
func (v *verification) meet() error {
	for len(v.points) > 0 && v.points[0].Tree.N == v.tree.n {
		root, err := v.tree.root()
		if err != nil {
			return err
		}
		if root != v.points[0].Tree.Hash {
			v.Fault = &Fault{Seq: v.Signed, To: v.tree.n, Why: fmt.Sprintf("the signed checkpoint at %d records does not match: records were written anew", v.tree.n)}
			return nil
		}
		v.Checkpoints++
		v.Signed = v.tree.n
		v.points = v.points[1:]
	}
	return nil
}

// checkpoints reads the log's own checkpoints. A line that is not a good one
// is a fault, except an unfinished last line.
func checkpoints(dir string, known note.Verifiers) (out []checkpoint, fault *Fault, err error) {
	newest, err := readSmall(filepath.Join(dir, checkpointFile), maxNote)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Fault{Seq: 0, Why: "there is no checkpoint; every log has one from its first second on"}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read checkpoint: %w", err)
	}
	last, bad := parseCheckpoint(newest, known)
	f, err := os.Open(filepath.Join(dir, checkpointsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("read checkpoints: %w", err)
	}
	if err == nil {
		defer f.Close()
		s := bufio.NewScanner(f)
		s.Buffer(nil, 4*maxNote)
		size, open := int64(0), ""
		for s.Scan() {
			if len(s.Bytes()) == 0 {
				continue
			}
			c, why := parseNoteLine(s.Bytes(), known)
			switch {
			case why == errOpenLine:
				// A crash leaves one of these; nothing hangs on it.
				continue
			case why != nil:
				open = fmt.Sprintf("the checkpoint after the one at %d records: %v", size, why)
			case c.Tree.N < size:
				open = fmt.Sprintf("the checkpoint at %d records stands after the one at %d", c.Tree.N, size)
			}
			if open != "" {
				return out, &Fault{Seq: size, Why: open}, nil
			}
			size = c.Tree.N
			out = append(out, c)
		}
		if err := s.Err(); err != nil {
			return nil, nil, fmt.Errorf("read checkpoints: %w", err)
		}
	}
	if bad != nil {
		return out, &Fault{Seq: lastSize(out), Why: "the newest checkpoint: " + bad.Error()}, nil
	}
	return append(out, last), nil, nil
}

var errOpenLine = errors.New("unfinished line")

func parseNoteLine(line []byte, known note.Verifiers) (checkpoint, error) {
	var msg string
	if json.Unmarshal(line, &msg) != nil {
		if !strings.HasSuffix(string(line), `"`) {
			return checkpoint{}, errOpenLine
		}
		return checkpoint{}, errors.New("malformed line")
	}
	return parseCheckpoint([]byte(msg), known)
}

func lastSize(list []checkpoint) int64 {
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].Tree.N
}
