// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// leastPeople is how many people a figure has to be about. Below it a figure
// would be about persons.
const leastPeople = 5

// windows are what a report may be about, in days, the narrowest first. Free
// ones would tell a single day by subtraction.
var windows = [...]int{30, 90, 180}

const week = 7 * 24 * time.Hour

// Report tells what became of suggestions, by project and by owning group,
// and never by person.
//
// Protected: every figure of a line is about at least five people, and so is
// whatever is left when shown groups are taken from their project, and when
// a line of a narrower window is taken from the same line of a wider one of
// the same week. Group lines are within a project, so no sum over projects
// cuts across them. Where this does not hold, the line, or the smallest groups
// beside it, or the narrower window, are withheld.
//
// Not protected: that there was a suggestion at all (Changes and Ended count
// changes, not what people did), a figure that is 0 or all and thus true of
// each of the five, a combination of different lines of different windows, the
// difference between the reports of two weeks, and whatever Gerrit itself
// shows on the changes to those who may see them.
type Report struct {
	Since time.Time    `json:"since"`
	Until time.Time    `json:"until"`
	Lines []ReportLine `json:"lines"`
}

// ReportLine is about one project, or one owning group in it.
type ReportLine struct {
	Project string `json:"project"`
	Group   string `json:"group,omitempty"` // empty for the whole project
	// Withheld is set when a figure would be about fewer than five people; all
	// are 0 then.
	Withheld bool `json:"withheld,omitempty"`

	Changes int `json:"changes"` // with a suggestion
	Ended   int `json:"ended"`   // of them, merged or abandoned

	// The following count suggested people on changes that ended.
	People    int `json:"people"` // each once
	Suggested int `json:"suggested"`
	Reviewed  int `json:"reviewed"`
	Declined  int `json:"declined"`
	// Added is of AddedOf suggested people: those whom the bot did not add by
	// itself, which would say nothing. Both are 0 when these are too few.
	Added   int `json:"added"`
	AddedOf int `json:"added_of"`

	// FirstReview is the median time, in seconds, from the suggestion to the
	// first review by anybody, over changes where a suggested person reviewed;
	// OtherReview the same where others did. 0 when there is none, and when
	// fewer than five people were suggested on these changes.
	FirstReview float64 `json:"first_review_seconds"`
	OtherReview float64 `json:"other_review_seconds"`
}

// Report counts suggestions of 30, 90 or 180 days up to the last Monday 00:00
// UTC, and the ends of changes up to then. An empty project means all.
func (f *Feedback) Report(project string, days int, now time.Time) (Report, error) {
	width := slices.Index(windows[:], days)
	if width < 0 {
		return Report{}, fmt.Errorf("a report is about %v days, not %d", windows, days)
	}
	until := monday(now)
	projects := map[string]*tables{}
	for _, change := range slices.Sorted(maps.Keys(f.told)) {
		t, ok := f.last(change, until)
		band := slices.IndexFunc(windows[:], func(days int) bool { return !t.At.Before(since(until, days)) })
		if !ok || band < 0 || project != "" && project != t.Project {
			continue
		}
		p := projects[t.Project]
		if p == nil {
			p = &tables{whole: newTally(t.Project, ""), groups: map[string]*tallied{}}
			projects[t.Project] = p
		}
		p.add(t, f.end(t, until), band, width)
	}
	r := Report{Since: since(until, days), Until: until, Lines: []ReportLine{}}
	for _, name := range slices.Sorted(maps.Keys(projects)) {
		r.Lines = append(r.Lines, projects[name].lines(width)...)
	}
	return r, nil
}

// monday is the last Monday 00:00 UTC: a report that moved with every hour
// would tell each change by subtraction.
func monday(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	return time.Date(y, m, d-(int(now.UTC().Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
}

// since is where a window begins. Of the longest one the first week is left
// out: it is being removed, day by day.
func since(until time.Time, days int) time.Time {
	at := until.AddDate(0, 0, -days)
	if kept := until.Add(week - KeepFeedback); at.Before(kept) {
		return kept
	}
	return at
}

// tables are the lines of a project while they are counted. The group "" is
// that of picks without one, and not shown.
type tables struct {
	whole  *tallied
	groups map[string]*tallied
}

func (p *tables) add(t Told, end *Ended, band, width int) {
	p.whole.add(t, end, t.Picks, band, width)
	byGroup := map[string][]ToldPick{}
	for _, pick := range t.Picks {
		byGroup[pick.Group] = append(byGroup[pick.Group], pick)
	}
	for group, picks := range byGroup {
		if p.groups[group] == nil {
			p.groups[group] = newTally(t.Project, group)
		}
		p.groups[group].add(t, end, picks, band, width)
	}
}

// lines returns what may be told, the project's line first.
func (p *tables) lines(width int) []ReportLine {
	var names []string // of groups in the window
	shown := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(p.groups)) {
		if name == "" || p.groups[name].Changes == 0 {
			continue
		}
		names = append(names, name)
		shown[name] = !p.whole.thin(width) && !p.groups[name].thin(width)
	}
	if p.whole.Changes == 0 {
		return nil
	}
	for p.rest(shown, all).few(width) {
		// With no group left the rest is the project, which has enough people
		// or is withheld.
		smallest := ""
		for _, name := range names {
			if shown[name] && (smallest == "" || p.groups[name].people(width) < p.groups[smallest].people(width)) {
				smallest = name
			}
		}
		if smallest == "" {
			break
		}
		shown[smallest] = false
	}
	// The same for the smaller part that Added is about.
	added := !p.whole.free.few(width) && !p.rest(shown, free).few(width)
	for _, name := range names {
		added = added && !(shown[name] && p.groups[name].free.few(width))
	}
	out := []ReportLine{p.whole.finish(!p.whole.thin(width), added, width)}
	for _, name := range names {
		out = append(out, p.groups[name].finish(shown[name], added, width))
	}
	return out
}

// rest are the people of the picks that no shown group is about.
func (p *tables) rest(shown map[string]bool, part func(*tallied) *crowd) *crowd {
	var out crowd
	for name, g := range p.groups {
		if !shown[name] {
			for band, people := range part(g) {
				for id := range people {
					out.add(band, id)
				}
			}
		}
	}
	return &out
}

func all(l *tallied) *crowd  { return &l.all }
func free(l *tallied) *crowd { return &l.free }

// crowd is people by the narrowest window that they are counted in. Who is
// in several is in each of them.
type crowd [len(windows)]map[int64]bool

func (s *crowd) add(band int, id int64) {
	if s[band] == nil {
		s[band] = map[int64]bool{}
	}
	s[band][id] = true
}

// count counts people in the bands from one to another.
func (s *crowd) count(from, to int) int {
	seen := map[int64]bool{}
	for _, people := range s[from : to+1] {
		maps.Copy(seen, people)
	}
	return len(seen)
}

// few reports whether one to four people are in the window, or in what a
// wider one has beyond it.
func (s *crowd) few(width int) bool {
	tooFew := func(n int) bool { return n > 0 && n < leastPeople }
	if tooFew(s.count(0, width)) {
		return true
	}
	for wider := width + 1; wider < len(windows); wider++ {
		if tooFew(s.count(width+1, wider)) {
			return true
		}
	}
	return false
}

// tallied is a line while it is counted.
type tallied struct {
	ReportLine
	all, free   crowd // people on ended changes; those whom the bot did not add
	ours, other waits
}

// waits are times to the first review, and who was suggested there.
type waits struct {
	list   []float64
	people map[int64]bool
}

func newTally(project, group string) *tallied {
	return &tallied{ReportLine: ReportLine{Project: project, Group: group}}
}

// add counts a suggestion: people in each band, figures in those of the window.
func (l *tallied) add(t Told, end *Ended, picks []ToldPick, band, width int) {
	in := band <= width
	if in {
		l.Changes++
	}
	if end == nil {
		return
	}
	for _, p := range picks {
		l.all.add(band, p.Account)
		if !t.ByBot {
			l.free.add(band, p.Account)
		}
	}
	if !in {
		return
	}
	l.Ended++
	reviewed := false
	for _, p := range picks {
		l.Suggested++
		if !t.ByBot {
			l.AddedOf++
			if slices.Contains(end.Added, p.Account) {
				l.Added++
			}
		}
		if slices.Contains(end.Reviewed, p.Account) {
			l.Reviewed++
			reviewed = true
		}
		if slices.Contains(end.Declined, p.Account) {
			l.Declined++
		}
	}
	wait := end.FirstReview.Sub(t.At).Seconds()
	if end.FirstReview.IsZero() || wait < 0 {
		return
	}
	if reviewed {
		l.ours.add(wait, picks)
	} else {
		l.other.add(wait, picks)
	}
}

func (l *tallied) people(width int) int { return l.all.count(0, width) }

// thin reports whether the line is about too few people.
func (l *tallied) thin(width int) bool { return l.people(width) < leastPeople || l.all.few(width) }

func (l *tallied) finish(shown, added bool, width int) ReportLine {
	if !shown {
		return ReportLine{Project: l.Project, Group: l.Group, Withheld: true}
	}
	l.People = l.people(width)
	if !added {
		l.Added, l.AddedOf = 0, 0
	}
	l.FirstReview, l.OtherReview = l.ours.median(), l.other.median()
	return l.ReportLine
}

func (w *waits) add(wait float64, picks []ToldPick) {
	if w.people == nil {
		w.people = map[int64]bool{}
	}
	w.list = append(w.list, wait)
	for _, p := range picks {
		w.people[p.Account] = true
	}
}

func (w *waits) median() float64 {
	if len(w.people) < leastPeople {
		return 0
	}
	slices.Sort(w.list)
	return (w.list[len(w.list)/2] + w.list[(len(w.list)-1)/2]) / 2
}
