// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/scrub"
)

// Bounds of what is told and remembered about leaked secrets.
const (
	// maxTold is how many lines one post is about; the rest is counted.
	maxTold = 10
	// keepTold and keepSilenced bound the lists of a project. What falls out
	// at the old end may be told once more.
	keepTold     = 2000
	keepSilenced = 2000
)

// leak is a secret in an added line, one for each value however often it
// stands in the patch set. It does not hold the value.
type leak struct {
	kind  string
	sure  bool
	marks []string   // the first is shown; the others stand for parts of the value
	path  scrub.Text // of the first line that has it
	line  int
}

// markSize is in hex digits. A mark names a value in a comment and in the
// store: long enough that two values of a project do not share one, and of a
// keyed hash, so that nobody can try guesses against it.
const markSize = 12

func markOf(id string) string { return id[:min(markSize, len(id))] }

// leaks returns what the author is worth telling of: values that are likely
// secrets, each where an added line has it. The same value has one number, and
// its place counts only when the scrubbed patch shows its placeholder there.
func leaks(findings []scrub.Finding, clean scrub.Patch, raw review.Patch) []leak {
	files, at := namedFiles(clean, raw), map[int]int{}
	var out []leak
	for _, f := range findings {
		if f.Certainty < scrub.Likely || f.Op != review.OpAdd || f.Line <= 0 || f.ID == "" {
			continue
		}
		i, known := at[f.Number]
		if !known {
			if !slices.ContainsFunc(files[f.Path.String()], func(file scrub.File) bool { return hasPlaceholder(file, f) }) {
				continue
			}
			i = len(out)
			at[f.Number] = i
			out = append(out, leak{kind: f.Kind, path: f.Path, line: f.Line})
		}
		out[i].sure = out[i].sure || f.Certainty == scrub.Sure
		if m := markOf(f.ID); !slices.Contains(out[i].marks, m) {
			out[i].marks = append(out[i].marks, m)
		}
	}
	return out
}

// hasPlaceholder reports whether the finding's line was added to the file and
// shows the finding's placeholder.
func hasPlaceholder(file scrub.File, f scrub.Finding) bool {
	l, shown := newLine(file, f.Line)
	return shown && l.Op == review.OpAdd && strings.Contains(l.Text.String(), fmt.Sprintf(":%s:%d»", f.Kind, f.Number))
}

// newLine returns a line of the new side by its number, if the patch shows it.
func newLine(file scrub.File, number int) (line scrub.Line, shown bool) {
	for _, h := range file.Hunks {
		if number < h.NewStart || number >= h.NewStart+h.NewLines {
			continue
		}
		at := h.NewStart
		for _, l := range h.Lines {
			if l.Op == review.OpRemove {
				continue
			}
			if at == number {
				return l, true
			}
			at++
		}
	}
	return scrub.Line{}, false
}

// namedFiles returns the files of a patch that may be commented on, by path:
// one whose path holds a secret itself is not to be written anywhere.
func namedFiles(clean scrub.Patch, raw review.Patch) map[string][]scrub.File {
	files := map[string][]scrub.File{}
	for i, f := range clean.Files {
		if f.Path.String() == raw.Files[i].Path {
			files[f.Path.String()] = append(files[f.Path.String()], f)
		}
	}
	return files
}

// tell posts what the author was not told of yet. over says that the visit has
// ended: with err, or with a recorded outcome. Else err is what is left to do
// after the summary.
func (v *visit) tell(ctx context.Context, w *work, due dues) (over bool, err error) {
	if v.policy.Mode == ModeShadow || len(w.leaks) == 0 {
		return false, v.nothingToTell(ctx, due)
	}
	news, err := v.untold(ctx, w.leaks)
	switch {
	case err != nil:
		return v.notTold(ctx, err)
	case len(news) == 0:
		return false, v.nothingToTell(ctx, due)
	}
	shown := news[:min(maxTold, len(news))]
	o := outgoing{kind: review.PostSecrets, cleaner: w.cleaner, notify: review.NotifyOwner, evidence: leakEvidence(shown), body: moreLeaks(len(news) - len(shown))}
	for _, l := range shown {
		text, err := leakText(w.cleaner, l)
		if err != nil {
			return v.notTold(ctx, v.withheld(ctx, audit.ActionPost, err))
		}
		o.lines = append(o.lines, onLine{path: l.path, line: l.line, text: text, unresolved: l.sure})
	}
	_, receipt, err := v.post(ctx, o, v.recheck(review.PostSecrets))
	if err != nil {
		return v.notTold(ctx, err)
	}
	return false, v.told(ctx, shown, receipt.ID)
}

// nothingToTell records that, where the outcome of the summary does not say it:
// it ends the matter for both, and most patch sets need no second write.
func (v *visit) nothingToTell(ctx context.Context, due dues) error {
	if due.summary && !v.facts().open {
		return nil
	}
	return v.recordLeaks(ctx, review.VerdictSuppressed, ReasonNothing, "")
}

// told remembers what stands now.
func (v *visit) told(ctx context.Context, shown []leak, auditID string) error {
	var marks []string
	for _, l := range shown {
		marks = append(marks, l.marks[0])
		if f := v.b.opts.Observe.Told; f != nil {
			f(l.kind, 1)
		}
	}
	if err := v.remember(ctx, marks); err != nil {
		return err
	}
	return v.recordLeaks(ctx, review.VerdictPosted, ReasonPosted, auditID)
}

// foundTold remembers and records a post that was thought to have failed, or
// after which the work broke off.
func (v *visit) foundTold(ctx context.Context) error {
	stand, _, err := v.ask(ctx, &v.change)
	if err != nil {
		return err
	}
	if err := v.remember(ctx, stand); err != nil {
		return err
	}
	return v.recordLeaks(ctx, review.VerdictPosted, ReasonStands, "")
}

// remember keeps the marks of what was told in this change.
func (v *visit) remember(ctx context.Context, marks []string) error {
	var words []string
	for _, m := range marks {
		words = append(words, m+"@"+strconv.Itoa(v.id.Number))
	}
	if err := v.b.settings.Remember(ctx, toldKey(v.id), words, keepTold); err != nil {
		return fmt.Errorf("remember told secrets of %s: %w", v.id, err)
	}
	return nil
}

// notTold sorts why nothing was told, as in tell. What concerns the change or
// the account ends the visit; the rest is left for a later attempt and keeps
// no summary back.
func (v *visit) notTold(ctx context.Context, err error) (over bool, _ error) {
	_, isPaused := errors.AsType[*pausedError](err)
	p, wasPrevented := errors.AsType[*prevented](err)
	switch {
	case isPrevented(err, ReasonStands, ReasonDisabled, ReasonSameCode, ReasonSeal):
		return false, v.recordLeaks(ctx, p.verdict, p.reason, "")
	case wasPrevented, review.IsGone(err):
		return v.posted(ctx, err)
	case isPaused, errors.Is(err, errLost), review.IsDenied(err), ctx.Err() != nil:
		return true, err
	}
	if rerr := v.recordLeaks(ctx, review.VerdictSuppressed, ReasonOpen, ""); rerr != nil {
		return true, rerr
	}
	return false, err
}

// recordLeaks writes what became of the secrets of the current patch set. It
// is no outcome of the patch set in figures and log: that is the summary's.
func (v *visit) recordLeaks(ctx context.Context, verdict review.Verdict, reason, auditID string) error {
	ps := v.change.Current().Number
	v.b.log.Info("secrets looked for", "change", v.id.String(), "patch_set", ps, "verdict", verdict, "reason", reason)
	o := review.Outcome{
		Change: v.id, PatchSet: ps, Kind: review.PostSecrets, Verdict: verdict, Reason: reason, Audit: auditID, At: v.b.now().UTC(),
	}
	if err := v.b.records.Record(ctx, o, nil); err != nil {
		return fmt.Errorf("record what was told of secrets in %s: %w", v.id, err)
	}
	return nil
}

// leakEvidence says for the audit log what is told: kinds and numbers.
func leakEvidence(list []leak) []string {
	n := map[string]int{}
	for _, l := range list {
		n[l.kind]++
	}
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(n)) {
		out = append(out, fmt.Sprintf("told %s %d", kind, n[kind]))
	}
	return out
}
