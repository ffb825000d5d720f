// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// row is one figure.
type row struct {
	Figure   string  `json:"figure"`
	Goal     string  `json:"goal,omitempty"`
	Measured string  `json:"measured"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit,omitempty"`
	Met      *bool   `json:"met,omitempty"` // nil: told for comparison, no goal
}

// report collects the figures of a run.
type report struct {
	Date    time.Time `json:"date"`
	Machine machine   `json:"machine"`
	Rows    []row     `json:"rows"`
}

func (r *report) add(figure, goal, unit string, value float64, met *bool) {
	r.Rows = append(r.Rows, row{figure, goal, number(value) + space(unit), value, unit, met})
}

// atMost adds a figure that must not be above its goal.
func (r *report) atMost(figure, unit string, goal, value float64) {
	r.add(figure, "≤ "+number(goal)+space(unit), unit, value, new(value <= goal))
}

// atLeast adds a figure that must not be below its goal.
func (r *report) atLeast(figure, unit string, goal, value float64) {
	r.add(figure, "≥ "+number(goal)+space(unit), unit, value, new(value >= goal))
}

// tell adds a figure without a goal.
func (r *report) tell(figure, unit string, value float64) { r.add(figure, "", unit, value, nil) }

// missed returns how many goals were not reached.
func (r *report) missed() (n int) {
	for _, row := range r.Rows {
		if row.Met != nil && !*row.Met {
			n++
		}
	}
	return n
}

// print writes the figures as a table.
func (r *report) print(w io.Writer) error {
	fmt.Fprintf(w, "%s, %s\n\n", r.Machine, r.Date.Format(time.DateOnly))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "figure\tgoal\tmeasured\tmet")
	for _, row := range r.Rows {
		met := ""
		if row.Met != nil {
			met = map[bool]string{true: "yes", false: "NO"}[*row.Met]
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", row.Figure, row.Goal, row.Measured, met)
	}
	return t.Flush()
}

func (r *report) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func space(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}

// number writes three figures, and whole numbers whole.
func number(v float64) string {
	switch a := math.Abs(v); {
	case v == math.Trunc(v) || a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return fmt.Sprintf("%.2f", v)
}

// quantile returns the smallest value that at least a share q of the values
// do not exceed. There must be a value.
func quantile(values []time.Duration, q float64) time.Duration {
	s := slices.Sorted(slices.Values(values))
	i := int(math.Ceil(q*float64(len(s)))) - 1
	return s[min(max(i, 0), len(s)-1)]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
