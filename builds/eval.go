// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"review-assistant/internal/replay"
	"review-assistant/review"
)

const maxEvalClusters = 20

// Eval replays the history of a CI and answers whose each failure is, with what
// was known at that time. It reads one JSON object a line:
//
//	{"type":"suite","t":T,"job":J,"tests":[N..]}
//	{"type":"change","t":T,"change":C,"patchset":P,"branch":B,"owner":U,"topic":N,"files":[..],"base_time":T}
//	{"type":"build","t":T,"build":ID,"job":J,"change":C,"patchset":P,"branch":B,"base_time":T,"node":N,"started":T,"result":R,"tests_ran":B}
//	{"type":"failure","t":T,"build":ID,"id":ID,"stage":S,"test":N,"message":M,"file":F,"fingerprint":H}
//	{"type":"submit","t":T,"change":C}
//	{"type":"query","t":T,"q":ID,"change":C,"patchset":P}
//	{"type":"dashboard","t":T,"q":ID,"window_s":S}
//
// and answers a query with {"q":ID,"failures":[{"id":ID,"class":K,"p_change":X,
// "p_flaky":X}..]} and a dashboard with {"q":ID,"clusters":[{"fingerprint":H}..]},
// best first. Times are seconds. Other types and keys are skipped;
// docs/builds.md has the protocol.
func Eval(ctx context.Context, in io.Reader, out io.Writer) error {
	e := &evaluation{history: NewHistory(HistoryOptions{}), names: map[string]string{}, owners: map[string]int64{}}
	return replay.Run(ctx, in, out, func(line []byte) (any, error) {
		var ev evalEvent
		if err := json.Unmarshal(line, &ev); err != nil {
			return nil, errors.New(badEvent(err))
		}
		if ev.Type == "" {
			return nil, errors.New(`no "type"`)
		}
		return e.do(ev), nil
	})
}

// badEvent says what is wrong with a line, without words of Go.
func badEvent(err error) string {
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		if wrong.Field == "" {
			return fmt.Sprintf("it is a JSON %s, want an object", wrong.Value)
		}
		return fmt.Sprintf("%q cannot be a JSON %s", wrong.Field, wrong.Value)
	}
	return "no JSON object: " + err.Error()
}

type evalEvent struct {
	Type        string   `json:"type"`
	T           int64    `json:"t"`
	Q           string   `json:"q"`
	Job         string   `json:"job"`
	Tests       []string `json:"tests"`
	Change      int      `json:"change"`
	PatchSet    int      `json:"patchset"`
	Branch      string   `json:"branch"`
	Owner       string   `json:"owner"`
	Topic       string   `json:"topic"`
	Files       []string `json:"files"`
	BaseTime    int64    `json:"base_time"`
	Build       string   `json:"build"`
	Node        string   `json:"node"`
	Started     int64    `json:"started"`
	Result      string   `json:"result"`
	TestsRan    bool     `json:"tests_ran"`
	ID          string   `json:"id"`
	Stage       string   `json:"stage"`
	Test        string   `json:"test"`
	Message     string   `json:"message"`
	File        string   `json:"file"`
	Fingerprint string   `json:"fingerprint"`
	Window      int64    `json:"window_s"`
}

type evalFailure struct {
	ID     string  `json:"id"`
	Class  Class   `json:"class"`
	Change float64 `json:"p_change"`
	Flaky  float64 `json:"p_flaky"`
}

type evalCluster struct {
	Fingerprint string `json:"fingerprint"`
}

// evaluation is the state of a replay.
type evaluation struct {
	history *History
	owners  map[string]int64
	pending *review.Build     // its failures follow
	names   map[string]string // of failures, by their ID here
}

// do takes an event and returns the answer, nil for none.
func (e *evaluation) do(ev evalEvent) any {
	if ev.Type == "failure" {
		e.failure(ev)
		return nil
	}
	e.settle()
	at := time.Unix(ev.T, 0)
	switch ev.Type {
	case "suite":
		e.history.suite(ev.Job, ev.Tests)
	case "change":
		e.history.uploaded(ev.Change, ev.PatchSet, ev.Files, e.owner(ev.Owner), ev.Topic, time.Unix(ev.BaseTime, 0), at)
	case "build":
		e.build(ev)
	case "submit":
		e.history.Merged(ev.Change, at)
	case "query":
		return e.query(ev, at)
	case "dashboard":
		return e.dashboard(ev, at)
	}
	return nil
}

func (e *evaluation) owner(name string) int64 {
	if name == "" {
		return 0
	}
	if e.owners[name] == 0 {
		e.owners[name] = int64(len(e.owners) + 1)
	}
	return e.owners[name]
}

func (e *evaluation) build(ev evalEvent) {
	result := review.BuildFailed
	if strings.EqualFold(ev.Result, "success") {
		result = review.BuildPassed
	}
	e.pending = &review.Build{
		Key: ev.Build, Branch: ev.Branch, Change: ev.Change, PatchSet: ev.PatchSet, Job: ev.Job, Result: result, Node: ev.Node,
		Base: time.Unix(ev.BaseTime, 0), Started: time.Unix(ev.Started, 0), Ended: time.Unix(ev.T, 0), TestsRan: ev.TestsRan,
	}
}

func (e *evaluation) failure(ev evalEvent) {
	if e.pending == nil || e.pending.Key != ev.Build {
		e.settle()
		e.pending = e.history.build(ev.Build)
	}
	if e.pending == nil {
		return // of a build that was never told, or that is long gone
	}
	f := review.BuildFailure{Stage: review.Stage(ev.Stage), Test: ev.Test, Message: ev.Message, File: ev.File, Fingerprint: ev.Fingerprint}
	if f.Stage == review.StageCompile || f.Stage == review.StageLint {
		f.Category = ev.Stage // the protocol has none; here a stage is no guess
	}
	e.pending.Failures = append(e.pending.Failures, f)
	e.names[e.pending.FailureID(len(e.pending.Failures)-1)] = ev.ID
}

// settle remembers the build whose failures are complete.
func (e *evaluation) settle() {
	if e.pending != nil {
		e.history.Add(*e.pending)
		e.pending = nil
	}
}

func (e *evaluation) query(ev evalEvent, at time.Time) any {
	failures := []evalFailure{}
	for _, a := range e.history.Assess(ev.Change, ev.PatchSet, at, nil) {
		failures = append(failures, evalFailure{e.names[a.ID], a.Class, rounded(a.Odds.Change), rounded(a.Odds.Flaky)})
	}
	return struct {
		Q        string        `json:"q"`
		Failures []evalFailure `json:"failures"`
	}{ev.Q, failures}
}

func (e *evaluation) dashboard(ev evalEvent, at time.Time) any {
	clusters := []evalCluster{}
	window := time.Duration(min(max(ev.Window, 1), math.MaxInt64/int64(time.Second))) * time.Second
	for _, c := range e.history.Clusters(at, ClusterOptions{Window: window, Limit: maxEvalClusters}) {
		for _, print := range append([]string{c.Fingerprint}, c.Also...) {
			if len(clusters) < maxEvalClusters {
				clusters = append(clusters, evalCluster{print})
			}
		}
	}
	return struct {
		Q        string        `json:"q"`
		Clusters []evalCluster `json:"clusters"`
	}{ev.Q, clusters}
}

// rounded keeps four digits.
func rounded(p float64) float64 { return math.Round(p*1e4) / 1e4 }
