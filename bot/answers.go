// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"review-assistant/audit"
	"review-assistant/review"
)

// What was told stands in the comments on the changes, and a list in the store
// says where: words of MARK@NUMBER for each project. Answers are read when they
// matter, right before a value would be told again; so no event is needed, and
// none that is lost does harm.

func toldKey(id review.ChangeID) string     { return "told-secrets/" + id.Host + "/" + id.Project }
func silencedKey(id review.ChangeID) string { return "no-secrets/" + id.Host + "/" + id.Project }

// maxAsked is how many other changes are asked for answers about the values of
// one patch set, the newest first.
const maxAsked = 3

// untold returns those of the leaks that the author was not told of in this
// change, and of which nobody has said in the project that they are no secrets.
// It calls Gerrit only when something is left to tell and the change, or
// another one with the same value, has a comment of ours.
func (v *visit) untold(ctx context.Context, all []leak) ([]leak, error) {
	toldWords, err := v.words(ctx, toldKey(v.id))
	if err != nil {
		return nil, err
	}
	silenced, err := v.words(ctx, silencedKey(v.id))
	if err != nil {
		return nil, err
	}
	done := silenced
	for _, w := range toldWords {
		if mark, number, _ := strings.Cut(w, "@"); number == strconv.Itoa(v.id.Number) {
			done = append(done, mark)
		}
	}
	left := without(all, done)
	if len(left) > 0 && lastPost(&v.change, v.self, review.PostSecrets, v.change.Current().Number) > 0 {
		// The store may have been wiped: what stands on the change counts.
		stand, no, err := v.ask(ctx, &v.change)
		if err != nil {
			return nil, err
		}
		left = without(without(left, stand), no)
	}
	for _, number := range elsewhere(left, toldWords, v.id.Number) {
		no, err := v.askOther(ctx, number)
		if err != nil {
			return nil, err
		}
		left = without(left, no)
	}
	return left, nil
}

func (v *visit) words(ctx context.Context, key string) ([]string, error) {
	list, _, err := v.b.settings.Setting(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read what is known of secrets in %s: %w", v.id.Project, err)
	}
	return strings.Fields(list), nil
}

// without returns the leaks that none of the marks names.
func without(list []leak, marks []string) []leak {
	return slices.DeleteFunc(slices.Clone(list), func(l leak) bool {
		return slices.ContainsFunc(l.marks, func(m string) bool { return slices.Contains(marks, m) })
	})
}

// elsewhere returns the other changes in which one of the leaks was told, the
// newest first.
func elsewhere(list []leak, toldWords []string, own int) []int {
	var out []int
	for _, w := range slices.Backward(toldWords) {
		mark, s, _ := strings.Cut(w, "@")
		number, err := strconv.Atoi(s)
		named := slices.ContainsFunc(list, func(l leak) bool { return slices.Contains(l.marks, mark) })
		if err == nil && named && number != own && !slices.Contains(out, number) && len(out) < maxAsked {
			out = append(out, number)
		}
	}
	return out
}

// askOther reads the answers in another change of the project. One that cannot
// be seen any more has none.
func (v *visit) askOther(ctx context.Context, number int) (no []string, err error) {
	id := review.ChangeID{Host: v.id.Host, Project: v.id.Project, Number: number}
	c, err := v.host.Gerrit.Change(ctx, id)
	if err == nil {
		_, no, err = v.ask(ctx, &c)
	}
	switch {
	case review.IsGone(err), review.IsDenied(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read answers about a secret: %w", err)
	}
	return no, nil
}

// ask reads which values are told in a change, and which of them somebody has
// said to be none. What is new of that is audited and remembered.
func (v *visit) ask(ctx context.Context, c *review.Change) (told, no []string, err error) {
	remarks, err := v.host.Gerrit.Comments(ctx, c.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("read comments of %s: %w", c.ID, err)
	}
	known, err := v.words(ctx, silencedKey(v.id))
	if err != nil {
		return nil, nil, err
	}
	told, answers := answers(c, v.self, remarks)
	for _, a := range answers {
		no = append(no, a.mark)
		if slices.Contains(known, a.mark) {
			continue
		}
		known = append(known, a.mark)
		if err := v.silenceValue(ctx, c, a); err != nil {
			return nil, nil, err
		}
	}
	return told, no, nil
}

// silenceValue keeps a value from being told again in the project. It is still
// removed from everything: who may answer a comment decides about comments,
// not about what leaves.
func (v *visit) silenceValue(ctx context.Context, c *review.Change, a noSecret) error {
	e := v.entry(audit.ActionSilence, audit.ResultDone, []string{"mark " + a.mark, "answered at " + a.at.UTC().Format(time.RFC3339)})
	e.Actor = audit.Actor{Kind: "person", GerritID: a.by.ID}
	e.Object.Change, e.Object.PatchSet, e.Object.Revision = c.ID.Number, a.patchSet, ""
	e.Why.Rule = "answered: not a secret"
	if _, err := v.b.audit.Append(ctx, e); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if err := v.b.settings.Remember(ctx, silencedKey(v.id), []string{a.mark}, keepSilenced); err != nil {
		return fmt.Errorf("silence a value in %s: %w", v.id.Project, err)
	}
	return nil
}

// noSecret is somebody's word that a value is no secret.
type noSecret struct {
	mark     string
	by       review.Account
	at       time.Time
	patchSet int
}

// answers returns the marks of our comments on a change, and which of them the
// owner or a reviewer has answered with "not a secret", anywhere in the thread.
func answers(c *review.Change, self review.Account, remarks []review.Remark) (told []string, out []noSecret) {
	byID := map[string]review.Remark{}
	for _, r := range remarks {
		byID[r.ID] = r
		if m := markIn(r, self, review.PostSecrets); m != "" {
			told = append(told, m)
		}
	}
	for _, r := range remarks {
		if r.Tag != "" || !mayAnswer(c, self, r.Author) || !saysNoSecret(r.Text) {
			continue
		}
		root := r
		for range remarks { // a thread is no longer than that, whatever it says
			above, ok := byID[root.InReplyTo]
			if !ok {
				break
			}
			root = above
		}
		if m := markIn(root, self, review.PostSecrets); m != "" {
			out = append(out, noSecret{m, r.Author, r.Date, r.PatchSet})
		}
	}
	return told, out
}

func mayAnswer(c *review.Change, self, a review.Account) bool {
	return a.ID != 0 && a.ID != self.ID && !a.Service &&
		(a.ID == c.Owner.ID || slices.ContainsFunc(c.Reviewers, func(r review.Account) bool { return r.ID == a.ID }))
}

// markText is how a mark stands in a comment; leakText and inlineText write it.
var markText = regexp.MustCompile(`\bMark ([0-9a-f]{` + strconv.Itoa(markSize) + `})\.`)

// markIn returns the mark of a comment of ours of a kind, or "". The last one
// counts: text before it may be of others.
func markIn(r review.Remark, self review.Account, kind review.PostKind) string {
	if r.Author.ID != self.ID || r.Tag != kind.Tag() {
		return ""
	}
	all := markText.FindAllStringSubmatch(r.Text, -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1][1]
}

// maxAnswer is in bytes: what is read of an answer.
const maxAnswer = 2000

// noSecretText matches the words at the start of an answer, or as a sentence.
// A question is no answer.
var noSecretText = regexp.MustCompile(`(?i)(?:\A\W*(?:(?:it|this|that)(?:'s|’s| is) )?not a secret\b(?:[^?]|\z)|(?:^|[.!?:;\n])\s*(?:(?:it|this|that)(?:'s|’s| is) )?not a secret\s*(?:[.!,;\n]|\z))`)

// saysNoSecret reports whether an answer says that the value is none. Lines
// that quote, such as our own comment, do not count.
func saysNoSecret(text string) bool {
	text = text[:min(len(text), maxAnswer)]
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), ">") })
	return noSecretText.MatchString(strings.TrimSpace(strings.Join(lines, "\n")))
}
