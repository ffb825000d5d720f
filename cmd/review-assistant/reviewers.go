// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"review-assistant/audit"
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
	Project string `placeholder:"NAME" help:"Only one project."`
	Days    int    `default:"90" placeholder:"N" help:"Suggestions that are at most so old, up to 180."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run implements the command.
func (r reviewersReportCmd) Run(p *program) error {
	if r.Days < 1 || r.Days > int(reviewers.KeepFeedback/(24*time.Hour)) {
		return &usageError{fmt.Errorf("--days %d: write a number from 1 to 180: what it counts from is kept that long", r.Days)}
	}
	return withStore(p, func(c Config, st store.Store) error {
		reports := map[string]reviewers.Report{} // by host
		for _, g := range c.Gerrit {
			if r.Host != "" && r.Host != g.ID {
				continue
			}
			report, err := bot.Report(p.ctx, st, g.ID, r.Project, time.Now(), time.Duration(r.Days)*24*time.Hour)
			if err != nil {
				return err
			}
			reports[g.ID] = report
		}
		if len(reports) == 0 {
			return c.knows(r.Host)
		}
		if r.JSON {
			enc := json.NewEncoder(p.ui.out)
			enc.SetIndent("", "  ")
			return enc.Encode(reports)
		}
		for _, g := range c.Gerrit {
			if report, ok := reports[g.ID]; ok {
				p.reviewersReport(g.ID, r.Days, report)
			}
		}
		return nil
	})
}

// reviewersReport prints the report of one host.
func (p *program) reviewersReport(host string, days int, r reviewers.Report) {
	p.ui.printf("%s\n", p.ui.paint(bold, fmt.Sprintf("Suggested reviewers on %s, last %d days", host, days)))
	if len(r.Lines) == 0 {
		p.ui.printf("  nobody was suggested\n")
		return
	}
	w := tabwriter.NewWriter(p.ui.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  \tchanges\tended\tsuggested\tadded\treviewed\tdeclined\tfirst review\twithout one of them")
	for _, l := range r.Lines {
		if l.Withheld {
			fmt.Fprintf(w, "  %s %s\tfewer than five people: no figures\n", l.Kind, l.Name)
			continue
		}
		fmt.Fprintf(w, "  %s %s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", l.Kind, l.Name, l.Changes, l.Ended, l.Suggested,
			share(l.Added, l.Suggested), share(l.Reviewed, l.Suggested), share(l.Declined, l.Suggested), seconds(l.FirstReview), seconds(l.OtherReview))
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

type reviewersReplayCmd struct {
	ID   string `arg:"" placeholder:"AUDIT-ID" help:"Audit id as it stands under the comment."`
	JSON bool   `name:"json" help:"Print the record as JSON."`
}

// Run implements the command.
func (r reviewersReplayCmd) Run(p *program) error {
	post, err := findPost(p, r.ID)
	if err != nil {
		return err
	}
	return withStore(p, func(_ Config, st store.Store) error {
		o := post.Object
		row, ok, err := st.RowOf(p.ctx, bot.FeedbackLog(o.Host), reviewers.ToldKey(o.Change, o.PatchSet))
		if err != nil {
			return err
		}
		told, isTold := reviewers.ParseTold(row)
		if !ok || !isTold || told.Audit != r.ID {
			return fmt.Errorf("no suggestion of %s is kept: that comment named nobody, or is older than 180 days", r.ID)
		}
		if !slices.Contains(post.Why.Evidence, bot.SuggestionMark(told.Record)) {
			p.ui.mark("fail", "the stored record is not the one that was audited")
			return errFindings
		}
		if r.JSON {
			_, err := fmt.Fprintf(p.ui.out, "%s\n", told.Record)
			return err
		}
		return p.replay(told)
	})
}

// findPost reads the audit record of a post.
func findPost(p *program, id string) (audit.Record, error) {
	records, err := auditFilter{ID: id, Action: string(audit.ActionPost)}.records(p)
	if err != nil {
		return audit.Record{}, err
	}
	for r, err := range records {
		if err != nil {
			return audit.Record{}, err
		}
		if r.ID == id {
			return r, nil
		}
	}
	return audit.Record{}, fmt.Errorf("the audit log has no post %q; the id stands at the end of the comment", id)
}

// replay computes the suggestion again and prints how it came about.
func (p *program) replay(told reviewers.Told) error {
	var record reviewers.Record
	if err := json.Unmarshal(told.Record, &record); err != nil {
		return fmt.Errorf("the stored record cannot be read: %w", err)
	}
	again, err := record.Replay()
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	var named []int64
	for _, pick := range told.Picks {
		named = append(named, pick.Account)
	}
	p.ui.printf("%s~%d patch set %d, %s\n", told.Project, told.Change, told.PatchSet, told.At.Format(time.RFC3339))
	p.ui.indent(explain(record))
	if !slices.Equal(again, named) {
		p.ui.mark("fail", fmt.Sprintf("named were %v, the record gives %v", named, again))
		return errFindings
	}
	p.ui.mark("ok", "the record gives the same people in the same order")
	return nil
}

// explain lists the candidates of a record with what decided about them.
func explain(r reviewers.Record) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "account\tscore\topen reviews\tasked of late\tparts known\tparts owned\t")
	for _, c := range r.Candidates {
		fmt.Fprintf(w, "%d\t%.2f\t%d\t%.1f\t%d\t%d\t\n", c.ID, r.Score(c), c.Open, c.Asked, bits.OnesCount32(c.Knows), bits.OnesCount32(c.Owns))
	}
	w.Flush()
	return fmt.Sprintf("%d parts; history up to row %d; catalog %s\n%s", len(r.Components), r.History, orElse(r.Catalog, "none"), b.String())
}

// report answers the API.
func (p *parts) report(ctx context.Context, host, project string, span time.Duration) (any, bool, error) {
	if p.config.knows(host) != nil {
		return nil, false, nil
	}
	r, err := bot.Report(ctx, p.store, host, project, time.Now(), span)
	return r, true, err
}

// suggestionAge is how long figures of suggestions are exported before they
// are counted again, and suggestionSpan what they are counted over.
const (
	suggestionAge  = time.Minute
	suggestionSpan = 90 * 24 * time.Hour
	// maxSuggestionLines bounds the series of one host.
	maxSuggestionLines = 100
)

// watchSuggestions exports the report of each host. Lines about too few people
// are left out there as everywhere.
func (p *parts) watchSuggestions(ctx context.Context) {
	var mu sync.Mutex
	var at time.Time
	var samples []server.Sample
	p.metrics.WatchAll("bot_suggested_reviewers", "Suggested people on changes that ended within 90 days, by what became of them.",
		[]string{"host", "kind", "name", "result"}, func() []server.Sample {
			mu.Lock()
			defer mu.Unlock()
			if time.Since(at) < suggestionAge {
				return samples
			}
			samples, at = nil, time.Now()
			for _, g := range p.config.Gerrit {
				r, err := bot.Report(ctx, p.store, g.ID, "", at, suggestionSpan)
				if err != nil {
					p.log.Warn("cannot count suggested reviewers", "host", g.ID, "error", err)
					continue
				}
				for _, l := range r.Lines[:min(len(r.Lines), maxSuggestionLines)] {
					if l.Withheld {
						continue
					}
					for result, n := range map[string]int{"suggested": l.Suggested, "added": l.Added, "reviewed": l.Reviewed, "declined": l.Declined} {
						samples = append(samples, server.Sample{Labels: []string{g.ID, l.Kind, l.Name, result}, Value: float64(n)})
					}
				}
			}
			return samples
		})
}
