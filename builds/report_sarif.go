// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"context"
	"errors"
	"strings"

	"review-assistant/review"
)

// sarifResult is what is read of a result (SARIF 2.1.0, 3.27).
type sarifResult struct {
	RuleID        string `json:"ruleId"`
	Kind          string `json:"kind"`
	Level         string `json:"level"`
	BaselineState string `json:"baselineState"`
	Message       struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	} `json:"message"`
	Locations []struct {
		PhysicalLocation struct {
			ArtifactLocation struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	} `json:"locations"`
	Suppressions []struct {
		Status string `json:"status"`
	} `json:"suppressions"`
}

// maxSARIFRules are remembered of a tool, to know the level of a result that has none.
const maxSARIFRules = 20000

type sarifPass struct {
	*jsonWalk
	rep      *Report
	levels   map[string]string // of rules, where it is not "warning"
	warnings []Raw
	dropped  int // warnings beyond those
	isSARIF  bool
}

// readSARIF reads SARIF: results of level error fail a run, or those of level
// warning if there is no error at all, for then they are why it failed.
func readSARIF(_ context.Context, in *meter) (*Report, error) {
	p := &sarifPass{jsonWalk: newJSONWalk(in), rep: &Report{}, levels: map[string]string{}}
	err := p.object(func(key string) error {
		if key == "runs" {
			p.isSARIF = true
			return p.array(func() error { return p.object(p.run) })
		}
		return p.skip()
	})
	if err != nil {
		return nil, err
	}
	if !p.isSARIF {
		return nil, errors.New(`it has no "runs"`)
	}
	if len(p.rep.Failures) == 0 {
		p.rep.Failures, p.rep.Dropped = p.warnings, p.dropped
	}
	return p.rep, nil
}

func (p *sarifPass) run(key string) error {
	switch key {
	case "tool":
		return p.object(func(key string) error {
			if key != "driver" {
				return p.skip()
			}
			return p.object(func(key string) error {
				if key != "rules" {
					return p.skip()
				}
				return p.array(p.rule)
			})
		})
	case "results":
		return p.array(p.result)
	}
	return p.skip()
}

func (p *sarifPass) rule() error {
	var rule struct {
		ID      string `json:"id"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	if err := p.value(&rule); err != nil {
		return err
	}
	if l := rule.Default.Level; l != "" && l != "warning" && len(l) < 20 && len(rule.ID) <= maxName && len(p.levels) < maxSARIFRules {
		p.levels[rule.ID] = l
	}
	return nil
}

func (p *sarifPass) result() error {
	var r sarifResult
	if err := p.value(&r); err != nil {
		return err
	}
	if r.Kind != "" && r.Kind != "fail" || r.BaselineState == "absent" {
		return nil
	}
	for _, s := range r.Suppressions {
		if s.Status == "" || s.Status == "accepted" {
			return nil
		}
	}
	level := r.Level
	if level == "" {
		level = p.levels[r.RuleID]
	}
	switch level {
	case "error":
		if len(p.rep.Failures) == MaxFailures {
			p.rep.Dropped++
			return nil
		}
		p.rep.add(sarifFailure(&r))
	case "warning", "":
		if len(p.warnings) == MaxFailures {
			p.dropped++
			return nil
		}
		p.warnings = append(p.warnings, sarifFailure(&r))
	}
	return nil
}

func sarifFailure(r *sarifResult) Raw {
	text := strings.TrimSpace(r.Message.Text)
	if text == "" {
		text = strings.TrimSpace(r.Message.Markdown)
	}
	rule := cutString(r.RuleID, maxName)
	first, rest, _ := strings.Cut(text, "\n")
	switch {
	case first == "":
		first = rule
	case rule != "":
		first += " (" + rule + ")"
	}
	raw := failed(review.StageLint, "", linesOf(first, rest), true)
	if len(raw.lines) == 0 {
		raw.excerpt = nil
	}
	raw.category = string(KindLint)
	if len(r.Locations) > 0 {
		at := r.Locations[0].PhysicalLocation
		raw.file = strings.TrimPrefix(cutString(at.ArtifactLocation.URI, maxCaseAttr), "file://")
		if raw.file != "" {
			raw.line = max(at.Region.StartLine, 0)
		}
	}
	return raw
}
