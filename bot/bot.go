// SPDX-License-Identifier: Apache-2.0

// Package bot is the pipeline: which event, which policy, which steps, which
// comment. It declares the interfaces that it needs (ports.go) and knows no
// adapter.
//
// The invariant: a worker reads one change from Gerrit, decides what should
// stand on it, looks at what already stands there, and does only what is
// missing. Events are hints; doing the same job twice changes nothing.
//
// A new event is a row in events.go, a new key of the project's file a row in
// config.go, a new rule of when to speak a case in decide.go.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"review-assistant/audit"
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// Options configure a Bot. Zero values of the numbers mean the defaults.
type Options struct {
	Debounce      time.Duration // how long a patch set waits for a newer one; 0 is allowed
	Workers       int           // jobs at once, default 16
	Lease         time.Duration // default 90 s
	ReplicaLag    time.Duration // how long a 404 may be a lagging replica, default 2 min
	InheritMode   bool          // let a parent's mode switch projects on
	MaxTokens     int           // prompt budget, default 12,000
	MaxCalls      int           // most requests for one summary, 1 to 4; 0 means 4
	ReconcileEach time.Duration // default 5 min

	BuildsDelay time.Duration // how long what a CI says waits for its other jobs; 0 is allowed
	// ClusterURL is where a cluster of failures is shown, with {host}, {project}
	// and {fingerprint}; "" for nowhere.
	ClusterURL string

	HistoryDelay   time.Duration // how long a closed change waits for others; 0 is allowed
	HistoryAge     time.Duration // how far back a new project is read, default 2 years
	HistoryMax     int           // most changes that are then read, default 20,000
	HistoryKeepAge time.Duration // how long a reviewed change is kept, default 3 years
	HistoryKeep    int           // most of them for one Gerrit, default 100,000

	// Secrets returns the process's own secrets, which are scrubbed wherever
	// they stand. It is asked for each change, so that rotation needs no restart.
	Secrets func() []string
	// ValueKey is for the hashes of leaked values, by which one is told once,
	// silenced and allowed. Without it nobody is told of leaks.
	ValueKey []byte
	Now      func() time.Time
	Log      *slog.Logger
	Observe  Observer
}

// Observer receives figures; all fields may be nil. Labels come from fixed
// sets, never from outside.
type Observer struct {
	// Outcome gets HOST/NAME of the project, "" for one that is off.
	Outcome  func(project string, verdict review.Verdict, reason string)
	Job      func(kind string, result string, took time.Duration)
	Redacted func(kind string, n int)
	Model    func(profile, result string, u llm.Usage)
	Posted   func(sinceLease time.Duration)
	Told     func(kind string, n int) // leaked secrets that were told to an author
}

// Host is one Gerrit with everything that the pipeline needs of it.
type Host struct {
	Gerrit   Gerrit
	Projects Projects
	People   People
	Stories  Stories
	Closings Closings    // nil: no history is read
	Owners   OwnersFiles // nil: files are not asked who owns them
	// Branch reads a file of a branch; nil: projects have no file of known failures.
	Branch func(ctx context.Context, project, branch, name string) (body []byte, found bool, err error)
	// Unsafe says why nothing may be posted to this host, such as rights that
	// the account must not have; nil or "" means nothing is wrong.
	Unsafe func() string
}

// Deps are the collaborators of a Bot.
type Deps struct {
	Hosts    map[string]Host
	Jobs     Jobs
	Records  Records
	Texts    Texts
	Settings Settings
	Logs     Logs
	Audit    Auditor
	Catalog  Catalog              // nil: no ownership data
	Models   map[string]llm.Model // by profile name; none means the offline summarizer
	// Profiles say what a model is like and who may use it. A model without
	// one is for internal data of all projects.
	Profiles map[string]llm.Profile
	// Budget puts a model under the caps of whoever pays; nil means no limit.
	Budget func(m llm.Model, profile llm.Profile, payer llm.Payer) llm.Model
	// Scale says by what an estimate of tokens is too low for a model, as its
	// provider counts; nil means 1 for all.
	Scale func(model string) float64
	Staff Staff // nil: nobody is away or opted out
	// BuildLogs reads logs of CI; nil: none may be read.
	BuildLogs BuildLogs
}

// Auditor is the audit log: an entry is durable when Append returns.
type Auditor interface {
	Append(ctx context.Context, e audit.Entry) (audit.Receipt, error)
	// Digest returns a keyed hash of text, for Entry.Input and Entry.Output.
	Digest(parts ...string) string
}

// Bot runs the pipeline. Make one with New.
type Bot struct {
	opts     Options
	hosts    map[string]Host
	jobs     Jobs
	records  Records
	texts    Texts
	settings Settings
	audit    Auditor
	catalog  Catalog
	models   map[string]llm.Model
	profiles map[string]llm.Profile
	budget   func(llm.Model, llm.Profile, llm.Payer) llm.Model
	scale    func(model string) float64
	logs     Logs
	// By host, and complete from the start.
	pasts     map[string]*pastsOf
	suggested map[string]*toldOf
	failing   failing
	deaf      deaf
	staff     Staff
	buildLogs BuildLogs
	baselines baselines
	scrubs    scrubbers
	log       *slog.Logger
	now       func() time.Time
	switches  *switches
	feedTidy  atomic.Int64 // up to where old news other than outcomes are gone
	teller    *teller
}

// New checks the options and returns a Bot that does nothing until Run.
func New(o Options, d Deps) (*Bot, error) {
	if len(d.Hosts) == 0 {
		return nil, errors.New("no Gerrit is configured; add one under gerrit: in the server's configuration")
	}
	if d.Jobs == nil || d.Records == nil || d.Texts == nil || d.Settings == nil || d.Audit == nil || d.Logs == nil {
		return nil, errors.New("bot: jobs, records, texts, settings, logs and audit are all needed")
	}
	o.Workers = orDefault(o.Workers, 16)
	o.Lease = orDefault(o.Lease, 90*time.Second)
	o.ReplicaLag = orDefault(o.ReplicaLag, 2*time.Minute)
	o.MaxTokens = orDefault(o.MaxTokens, 12_000)
	o.MaxCalls = orDefault(o.MaxCalls, summarize.MaxCalls)
	o.ReconcileEach = orDefault(o.ReconcileEach, 5*time.Minute)
	o.HistoryAge = orDefault(o.HistoryAge, 2*365*24*time.Hour)
	o.HistoryMax = orDefault(o.HistoryMax, 20_000)
	o.HistoryKeepAge = orDefault(o.HistoryKeepAge, 3*365*24*time.Hour)
	o.HistoryKeep = orDefault(o.HistoryKeep, 100_000)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bot{
		opts: o, hosts: d.Hosts, jobs: d.Jobs, records: d.Records, texts: d.Texts, settings: d.Settings, audit: d.Audit,
		teller: newTeller(), catalog: d.Catalog, models: d.Models, profiles: profilesOf(d), budget: d.Budget, scale: d.Scale, logs: d.Logs, staff: d.Staff, buildLogs: d.BuildLogs, log: o.Log, now: o.Now,
	}
	b.scrubs.secrets, b.scrubs.key, b.scrubs.compile = o.Secrets, o.ValueKey, scrub.New
	b.pasts, b.suggested = map[string]*pastsOf{}, map[string]*toldOf{}
	for host := range d.Hosts {
		b.pasts[host], b.suggested[host] = newPasts(), &toldOf{}
	}
	b.switches = &switches{settings: d.Settings, now: o.Now}
	// The built-in rules have to compile before the first webhook is taken.
	if _, err := b.scrubs.of(&Policy{}); err != nil {
		return nil, fmt.Errorf("compile scrub rules: %w", err)
	}
	return b, nil
}

func orDefault[N int | time.Duration](v, otherwise N) N {
	if v == 0 {
		return otherwise
	}
	return v
}
