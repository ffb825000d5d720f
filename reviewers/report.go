// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"review-assistant/review"
)

// leastPeople is how many people a line of a report has to be about. Below it
// a figure would be about persons.
const leastPeople = 5

// Report tells what became of suggestions, by project and by owning group,
// and never by person.
type Report struct {
	Since time.Time    `json:"since"`
	Until time.Time    `json:"until"`
	Lines []ReportLine `json:"lines"`
}

// ReportLine is about one project, or one owning group. There is no sum over
// lines, from which a withheld one could be computed.
type ReportLine struct {
	Kind string `json:"kind"` // project or group
	Name string `json:"name"`
	// Withheld is set when fewer than five people were suggested; all figures
	// are 0 then.
	Withheld bool `json:"withheld,omitempty"`

	People  int `json:"people"`  // who were suggested
	Changes int `json:"changes"` // with a suggestion
	Ended   int `json:"ended"`   // of them, merged or abandoned

	// The following count suggested people on changes that ended.
	Suggested int `json:"suggested"`
	Added     int `json:"added"`
	Reviewed  int `json:"reviewed"`
	Declined  int `json:"declined"`

	// FirstReview is the median time, in seconds, from the suggestion to the
	// first review by anybody, over changes where a suggested person reviewed;
	// OtherReview the same where others did. 0 when there is none.
	FirstReview float64 `json:"first_review_seconds"`
	OtherReview float64 `json:"other_review_seconds"`
}

// NewReport counts the suggestions of a host's log of feedback that were made
// since a moment. An empty project means all of them.
func NewReport(rows []review.Row, project string, since, until time.Time) Report {
	told, ended := map[int]Told{}, map[int]Ended{}
	for _, r := range rows {
		if t, ok := ParseTold(r); ok && !t.At.Before(since) && !t.At.After(until) && (project == "" || t.Project == project) {
			told[t.Change] = t // the last one stands
		} else if e, ok := parseEnded(r); ok {
			ended[e.Change] = e
		}
	}
	lines := map[[2]string]*tallied{}
	for _, change := range slices.Sorted(maps.Keys(told)) {
		t := told[change]
		var end *Ended
		if e, ok := ended[change]; ok && !e.At.Before(t.At) {
			end = &e
		}
		line(lines, "project", t.Project).add(t, end, t.Picks)
		byGroup := map[string][]ToldPick{}
		for _, p := range t.Picks {
			if p.Group != "" {
				byGroup[p.Group] = append(byGroup[p.Group], p)
			}
		}
		for group, picks := range byGroup {
			line(lines, "group", group).add(t, end, picks)
		}
	}
	r := Report{Since: since, Until: until, Lines: []ReportLine{}}
	for _, l := range lines {
		r.Lines = append(r.Lines, l.finish())
	}
	slices.SortFunc(r.Lines, func(a, b ReportLine) int {
		return cmp.Or(-cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return r
}

// tallied is a line while it is counted.
type tallied struct {
	ReportLine
	people      map[int64]bool
	ours, other []float64
}

func line(lines map[[2]string]*tallied, kind, name string) *tallied {
	l := lines[[2]string{kind, name}]
	if l == nil {
		l = &tallied{ReportLine: ReportLine{Kind: kind, Name: name}, people: map[int64]bool{}}
		lines[[2]string{kind, name}] = l
	}
	return l
}

func (l *tallied) add(t Told, end *Ended, picks []ToldPick) {
	l.Changes++
	for _, p := range picks {
		l.people[p.Account] = true
	}
	if end == nil {
		return
	}
	l.Ended++
	reviewed := false
	for _, p := range picks {
		l.Suggested++
		if slices.Contains(end.Added, p.Account) {
			l.Added++
		}
		if slices.Contains(end.Reviewed, p.Account) {
			l.Reviewed++
			reviewed = true
		}
		if slices.Contains(end.Declined, p.Account) {
			l.Declined++
		}
	}
	switch wait := end.FirstReview.Sub(t.At).Seconds(); {
	case end.FirstReview.IsZero() || wait < 0:
	case reviewed:
		l.ours = append(l.ours, wait)
	default:
		l.other = append(l.other, wait)
	}
}

func (l *tallied) finish() ReportLine {
	if len(l.people) < leastPeople {
		return ReportLine{Kind: l.Kind, Name: l.Name, Withheld: true}
	}
	l.People = len(l.people)
	l.FirstReview, l.OtherReview = median(l.ours), median(l.other)
	return l.ReportLine
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2
}
