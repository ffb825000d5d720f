// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"review-assistant/bot"
	"review-assistant/reviewers"
	"review-assistant/server"
	"review-assistant/store"
)

type reviewersCmd struct {
	Report reviewersReportCmd `cmd:"" help:"Tell what became of suggested reviewers, by project and by owning group."`
	Replay reviewersReplayCmd `cmd:"" help:"Compute a suggestion again from its record, and tell how it came about."`
}

type reviewersReportCmd struct {
	Host    string `placeholder:"ID" help:"One of several Gerrits."`
	Project string `placeholder:"HOST/NAME" help:"Only one project; NAME alone beside --host."`
	Days    int    `default:"90" enum:"30,90,180" placeholder:"N" help:"Suggestions of so many days up to the last Monday: 30, 90 or 180."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run implements the command.
func (r reviewersReportCmd) Run(p *program) error {
	return withStore(p, func(c Config, st store.Store) error {
		if r.Project != "" {
			name := r.Project
			if r.Host != "" {
				name = r.Host + "/" + name
			}
			var err error
			if r.Host, r.Project, err = c.projectOf(name); err != nil {
				return err
			}
		}
		reports := map[string]reviewers.Report{} // by host
		for _, g := range c.Gerrit {
			if r.Host != "" && r.Host != g.ID {
				continue
			}
			report, err := bot.Report(p.ctx, st, g.ID, r.Project, r.Days, time.Now())
			if err != nil {
				return err
			}
			reports[g.ID] = report
		}
		if len(reports) == 0 {
			return c.knows(r.Host)
		}
		if r.JSON {
			return p.ui.json(reports)
		}
		for _, g := range c.Gerrit {
			if report, ok := reports[g.ID]; ok {
				p.reviewersReport(g.ID, report)
			}
		}
		return nil
	})
}

// reviewersReport prints the report of one host.
func (p *program) reviewersReport(host string, r reviewers.Report) {
	p.ui.printf("%s\n", p.ui.paint(bold, fmt.Sprintf("Suggested reviewers on %s, from %s to before %s", host, r.Since.Format(time.DateOnly), r.Until.Format(time.DateOnly))))
	if len(r.Lines) == 0 {
		p.ui.printf("  nobody was suggested in that time; it ends with the last full week\n")
		return
	}
	w := tabwriter.NewWriter(p.ui.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  \tchanges\tended\tsuggested\tadded\treviewed\tdeclined\tfirst review\twithout one of them")
	for _, l := range r.Lines {
		name := "project " + visible(l.Project)
		if l.Group != "" {
			name = "  group " + visible(l.Group)
		}
		if l.Withheld {
			fmt.Fprintf(w, "  %s\ttoo few people: no figures\n", name)
			continue
		}
		fmt.Fprintf(w, "  %s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", name, l.Changes, l.Ended, l.Suggested,
			share(l.Added, l.AddedOf), share(l.Reviewed, l.Suggested), share(l.Declined, l.Suggested), seconds(l.FirstReview), seconds(l.OtherReview))
	}
	w.Flush()
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d (%d %%)", n, (100*n+of/2)/of)
}

// seconds writes a time as people say it, "-" for none.
func seconds(s float64) string {
	d := time.Duration(s) * time.Second
	switch {
	case s == 0:
		return "-"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()+.5))
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}

// report answers the API.
func (p *parts) report(ctx context.Context, host, project string, days int) (any, bool, error) {
	if p.config.knows(host) != nil {
		return nil, false, nil
	}
	r, err := p.bot.Suggestions(ctx, host, project, days)
	return r, true, err
}

const (
	// suggestionAge is how long exported figures of suggestions stand. They
	// change once a week; after a start or a failure nobody waits for long.
	suggestionAge  = 10 * time.Minute
	suggestionDays = 90
	// maxSuggestionLines bounds the series of one host.
	maxSuggestionLines = 100
)

// suggestionFigures are exported as they were last counted: who scrapes does
// not wait for the store.
type suggestionFigures struct {
	mu     sync.Mutex
	byHost map[string][]server.Sample
}

func (f *suggestionFigures) set(host string, list []server.Sample) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byHost == nil {
		f.byHost = map[string][]server.Sample{}
	}
	f.byHost[host] = list
}

func (f *suggestionFigures) all() []server.Sample {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Values(f.byHost))...)
}

// watchSuggestions exports the report of each host.
func (p *parts) watchSuggestions() {
	p.metrics.WatchAll("bot_suggested_reviewers", "Suggested people on changes that ended within 90 days, by what became of them; counted anew each week.",
		[]string{"host", "project", "group", "result"}, p.suggested.all)
}

// followSuggestions keeps what is exported up to date until ctx ends.
func (p *parts) followSuggestions(ctx context.Context) {
	tick := time.NewTicker(suggestionAge)
	defer tick.Stop()
	for {
		p.countSuggestions(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// countSuggestions counts what is exported. A host that cannot be counted
// keeps its figures.
func (p *parts) countSuggestions(ctx context.Context) {
	for _, g := range p.config.Gerrit {
		r, err := p.bot.Suggestions(ctx, g.ID, "", suggestionDays)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Warn("cannot count suggested reviewers", "host", g.ID, "error", err)
			}
			continue
		}
		p.suggested.set(g.ID, suggestionSamples(g.ID, r))
	}
}

// suggestionSamples are the figures of a host, without lines about too few people.
func suggestionSamples(host string, r reviewers.Report) (out []server.Sample) {
	lines := slices.DeleteFunc(slices.Clone(r.Lines), func(l reviewers.ReportLine) bool { return l.Withheld })
	for _, l := range lines[:min(len(lines), maxSuggestionLines)] {
		results := map[string]int{"suggested": l.Suggested, "reviewed": l.Reviewed, "declined": l.Declined}
		if l.AddedOf > 0 {
			results["added"], results["added_of"] = l.Added, l.AddedOf
		}
		for result, n := range results {
			out = append(out, server.Sample{Labels: []string{host, l.Project, l.Group, result}, Value: float64(n)})
		}
	}
	return out
}
