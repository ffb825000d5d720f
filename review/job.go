// SPDX-License-Identifier: Apache-2.0

package review

import (
	"fmt"
	"strings"
	"time"
)

// JobKey names one piece of work. Work on one key is never done twice at once.
//
//	change/HOST/PROJECT~N   bring one change up to date
//	lint/HOST/PROJECT~N     look at a change of refs/meta/config
//	project/HOST/NAME       configuration, head or access of a project moved
//	history/HOST/NAME       read a project's past reviews
//	builds/HOST/PROJECT~N   look at what CI says of one change
type JobKey string

// ChangeJob returns the key of the job that brings a change up to date.
func ChangeJob(id ChangeID) JobKey { return JobKey("change/" + id.String()) }

// LintJob returns the key of the job that lints our file in a change of refs/meta/config.
func LintJob(id ChangeID) JobKey { return JobKey("lint/" + id.String()) }

// ProjectJob returns the key of the job that looks at a project again.
func ProjectJob(host, project string) JobKey { return JobKey("project/" + host + "/" + project) }

// HistoryJob returns the key of the job that reads a project's past reviews.
func HistoryJob(host, project string) JobKey { return JobKey("history/" + host + "/" + project) }

// BuildsJob returns the key of the job that looks at what CI says of a change.
func BuildsJob(id ChangeID) JobKey { return JobKey("builds/" + id.String()) }

// Kind returns "change", "lint", "project", "history" or "builds".
func (k JobKey) Kind() string { kind, _, _ := strings.Cut(string(k), "/"); return kind }

// ofChange are the kinds of job that are about one change.
func ofChange(kind string) bool { return kind == "change" || kind == "lint" || kind == "builds" }

// Change returns the change of a job that is about one.
func (k JobKey) Change() (ChangeID, error) {
	kind, rest, _ := strings.Cut(string(k), "/")
	if !ofChange(kind) {
		return ChangeID{}, fmt.Errorf("job %q is not about a change", k)
	}
	return ParseChangeID(rest)
}

// Project returns host and project of any job; leases are shared fairly by it.
func (k JobKey) Project() (host, project string) {
	kind, rest, _ := strings.Cut(string(k), "/")
	host, project, _ = strings.Cut(rest, "/")
	if cut := strings.LastIndexByte(project, '~'); ofChange(kind) && cut >= 0 {
		project = project[:cut]
	}
	return host, project
}

// Job is a leased piece of work.
type Job struct {
	Key JobKey
	// Generation counts enqueues of the key. A finish with an older
	// generation than the stored one makes the job due again.
	Generation int64
	// Asked is set when a person asked for the work (bot added as reviewer,
	// backfill): backlog rules and "nothing to add" do not apply.
	Asked bool
	// MinPatchSet is the highest patch set that a hint named: Gerrit replicas
	// may still answer with an older one.
	MinPatchSet int
	// Attempt is 1 at the first lease since the job was enqueued or succeeded.
	Attempt int
	// First is when the current run of attempts began.
	First time.Time
	// Fence grows with every lease of the store; a holder whose fence is not
	// the stored one has lost the job.
	Fence int64
	// Deadline is when the lease ends, on the store's clock.
	Deadline time.Time
}

// Hint is what an enqueue adds to a job.
type Hint struct {
	// Delay is how long to wait for a newer hint; it never moves a job that
	// is due beyond MaxWait from its first hint.
	Delay    time.Duration
	MaxWait  time.Duration
	Asked    bool
	PatchSet int
}

// DeadJob is a job that was given up.
type DeadJob struct {
	Key      JobKey    `json:"key"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts"`
	First    time.Time `json:"first"`
	Parked   time.Time `json:"parked"`
}

// Verdict is what was decided for one patch set.
type Verdict string

// Every patch set ends with exactly one of these.
const (
	VerdictPosted     Verdict = "posted"
	VerdictShadow     Verdict = "shadow"     // computed, shown to owners, not posted
	VerdictSuppressed Verdict = "suppressed" // ours, but silent for a reason
	VerdictNotOurs    Verdict = "not-ours"
)

// Outcome is the recorded verdict on one patch set.
type Outcome struct {
	Change   ChangeID  `json:"change"`
	PatchSet int       `json:"patch_set"`
	Kind     PostKind  `json:"kind"`
	Verdict  Verdict   `json:"verdict"`
	Reason   string    `json:"reason"` // one of bot's reason codes, never free text from outside
	Audit    string    `json:"audit,omitempty"`
	At       time.Time `json:"at"`
}

// Control is a kill switch. Scope is "models", "posts", "all" or
// "project:HOST/NAME".
type Control struct {
	Scope string    `json:"scope"`
	By    string    `json:"by"`
	Why   string    `json:"why"`
	At    time.Time `json:"at"`
}
