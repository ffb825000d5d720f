// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Action says what was done.
type Action string

// The actions. Acts with an effect outside are recorded twice: with
// [ResultIntent] before the effect, and with what came of it after, the second
// one's Ref being the id of the first.
const (
	ActionDecide      Action = "decide"       // a patch set got its outcome without a post
	ActionModel       Action = "model-call"   // scrubbed text went to a model
	ActionPost        Action = "post"         // a comment on a change
	ActionAddReviewer Action = "add-reviewer" // somebody was added to a change
	ActionSilence     Action = "silence"      // a person said that a value is no secret
	ActionErase       Action = "erase"        // stored text of a change was removed
	ActionOptIn       Action = "opt-in"       // a project's own configuration switched the bot on or off
	ActionStop        Action = "stop"         // kill switch
	ActionResume      Action = "resume"
	ActionBackfill    Action = "backfill"
	ActionImport      Action = "history-import"    // past reviews were read from a git clone
	ActionBootstrap   Action = "history-bootstrap" // past reviews were read from Gerrit by hand
	ActionReplay      Action = "dlq-replay"
	ActionDrop        Action = "dlq-drop"
	ActionMark        Action = "builds-mark"     // somebody said what a kind of failure is
	ActionDenied      Action = "access-denied"   // a proven person was not let in
	ActionBind        Action = "identity-bind"   // a person was found to be an account
	ActionForget      Action = "identity-forget" // an operator let a person's account be somebody else's
	ActionSelfCheck   Action = "self-check"      // what the service account may do
	ActionStart       Action = "start"
	ActionShutdown    Action = "shutdown"
	ActionRead        Action = "read" // a person read a summary or the log
	ActionRecovered   Action = "audit-recovered"
)

// Result says how it ended.
type Result string

// The results.
const (
	ResultIntent  Result = "intent"
	ResultDone    Result = "done"
	ResultRefused Result = "refused" // a rule forbade it
	ResultFailed  Result = "failed"
	ResultUnknown Result = "unknown" // it may have happened: the answer was lost
)

// Entry is what a caller records. Strings longer than the limits are cut and
// control characters are written as escapes.
type Entry struct {
	Actor  Actor  `json:"actor,omitzero"`
	Action Action `json:"action"`
	Object Object `json:"object,omitzero"`
	Why    Why    `json:"why,omitzero"`
	Model  Model  `json:"model,omitzero"`
	Scrub  Scrub  `json:"scrub,omitzero"`
	// Input and Output are keyed hashes ([Log.Digest]) of what went out and
	// what came back: a plain hash of a short secret can be guessed.
	Input  string `json:"input,omitempty"`
	Output string `json:"output,omitempty"`
	Result Result `json:"result,omitempty"`
	// Trace is the other side's request id, such as X-Gerrit-Trace.
	Trace string `json:"trace,omitempty"`
	// Ref is the id of the intent that this record tells the end of.
	Ref string `json:"ref,omitempty"`
}

// Actor is who did it.
type Actor struct {
	Kind     string `json:"kind,omitempty"` // bot, person, operator, token or system
	Iss      string `json:"iss,omitempty"`
	Sub      string `json:"sub,omitempty"`
	GerritID int64  `json:"gerrit_id,omitempty"`
	Entity   string `json:"entity,omitempty"` // catalog entity, such as user:default/jane
}

// Object is what it was done to.
type Object struct {
	Host     string `json:"host,omitempty"`
	Project  string `json:"project,omitempty"`
	Change   int    `json:"change,omitempty"`
	PatchSet int    `json:"patch_set,omitempty"`
	Revision string `json:"revision,omitempty"`
}

// Why is the reason: the rule that decided, the configuration it was read
// from, and the ids of what it saw.
type Why struct {
	Rule           string   `json:"rule,omitempty"`
	ConfigRevision string   `json:"config_revision,omitempty"`
	Evidence       []string `json:"evidence,omitempty"`
}

// Model is the model that was asked.
type Model struct {
	Name             string `json:"name,omitempty"`
	Prompt           string `json:"prompt,omitempty"` // version and hash of the prompt
	PromptTokens     int    `json:"prompt_tokens,omitempty"`
	CompletionTokens int    `json:"completion_tokens,omitempty"`
}

// Scrub is what was removed before the model read.
type Scrub struct {
	Version  string         `json:"version,omitempty"`
	Counts   map[string]int `json:"counts,omitempty"`   // by rule
	Withheld int            `json:"withheld,omitempty"` // texts that were not read
}

// Record is an entry as it stands in the log.
type Record struct {
	Seq  int64     `json:"seq"`
	Time time.Time `json:"time"`
	Entry
	// ID is the first 12 hex digits of the record's leaf hash. It is computed,
	// not stored.
	ID string `json:"-"`
}

// Limits of one entry. Strings are in runes.
const (
	maxField    = 256
	maxEvidence = 32
	maxCounts   = 256
	// maxEntry is in bytes of JSON. Only an entry with hundreds of long rule
	// names comes near it; one above it is refused.
	maxEntry = 1 << 18
)

// encode returns the entry as a bounded JSON object.
func (e Entry) encode() ([]byte, error) {
	if e.Action == "" {
		return nil, errors.New("audit: an entry needs an action")
	}
	for _, s := range []*string{
		(*string)(&e.Action), (*string)(&e.Result), &e.Input, &e.Output, &e.Trace, &e.Ref,
		&e.Actor.Kind, &e.Actor.Iss, &e.Actor.Sub, &e.Actor.Entity,
		&e.Object.Host, &e.Object.Project, &e.Object.Revision,
		&e.Why.Rule, &e.Why.ConfigRevision, &e.Model.Name, &e.Model.Prompt, &e.Scrub.Version,
	} {
		*s = bounded(*s)
	}
	if n := len(e.Why.Evidence); n > 0 {
		list := make([]string, 0, min(n, maxEvidence))
		for _, s := range e.Why.Evidence[:min(n, maxEvidence)] {
			list = append(list, bounded(s))
		}
		e.Why.Evidence = list
	}
	if len(e.Scrub.Counts) > maxCounts {
		return nil, fmt.Errorf("audit: %d scrub rules in one entry, %d are allowed", len(e.Scrub.Counts), maxCounts)
	}
	if len(e.Scrub.Counts) > 0 {
		counts := make(map[string]int, len(e.Scrub.Counts))
		for rule, n := range e.Scrub.Counts {
			counts[bounded(rule)] += n
		}
		e.Scrub.Counts = counts
	}
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("audit: encode entry: %w", err)
	}
	if len(b) > maxEntry {
		return nil, fmt.Errorf("audit: entry of %d bytes, %d are allowed", len(b), maxEntry)
	}
	return b, nil
}

// bounded cuts s and escapes what a terminal or a log viewer would act on:
// control characters, direction overrides and other invisible ones.
func bounded(s string) string {
	plain := len(s) <= maxField
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] < 0x7f
	}
	if plain {
		return s
	}
	var b strings.Builder
	n := 0
	for i, r := range s {
		if n++; n > maxField {
			b.WriteString("…")
			break
		}
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			fmt.Fprintf(&b, `\x%02x`, s[i])
			continue
		}
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
