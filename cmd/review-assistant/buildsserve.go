// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/buildlog"
	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/server"
)

// buildLogs lets the bot read logs from the hosts that the operator lists, each
// for its projects.
type buildLogs struct {
	fetcher  *buildlog.Fetcher
	projects map[string][]string // globs of HOST/NAME, by the entry's host
}

// openBuildLogs returns nil when no host is listed.
func (p *parts) openBuildLogs(b BuildsConfig) (bot.BuildLogs, error) {
	if len(b.LogHosts) == 0 {
		return nil, nil
	}
	f, err := buildlog.New(buildlog.Options{Hosts: b.hosts(), MaxBytes: b.MaxLog, UserAgent: "review-assistant/" + version})
	if err != nil {
		return nil, &usageError{fmt.Errorf("builds.log_hosts: %w", err)}
	}
	p.closes = append(p.closes, f.Close)
	l := buildLogs{f, map[string][]string{}}
	for _, h := range b.LogHosts {
		l.projects[h.Host] = h.Projects
	}
	return l, nil
}

// Allowed implements [bot.BuildLogs].
func (l buildLogs) Allowed(project, address string) error {
	if err := l.fetcher.Allowed(address); err != nil {
		return err
	}
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	globs, listed := l.projects[strings.ToLower(u.Host)]
	if !listed {
		globs = l.projects[strings.ToLower(u.Hostname())] // with the usual port
	}
	if len(globs) > 0 && !slices.ContainsFunc(globs, func(g string) bool { return doublestar.MatchUnvalidated(g, project) }) {
		return &buildlog.RefusedError{Reason: buildlog.HostNotAllowed, Detail: "the host is listed for other projects"}
	}
	return nil
}

// Open implements [bot.BuildLogs].
func (l buildLogs) Open(ctx context.Context, project, address string) (io.ReadCloser, error) {
	if err := l.Allowed(project, address); err != nil {
		return nil, unread(err)
	}
	body, err := l.fetcher.Open(ctx, address)
	if err != nil {
		return nil, unread(err)
	}
	return logBody{body}, nil
}

// JSON implements [bot.BuildLogs].
func (l buildLogs) JSON(ctx context.Context, project, address string, max int64) ([]byte, error) {
	if err := l.Allowed(project, address); err != nil {
		return nil, unread(err)
	}
	answer, err := l.fetcher.JSON(ctx, address, max)
	return answer, unread(err)
}

// logBody says in the bot's words why a log ends too early.
type logBody struct{ *buildlog.Body }

func (b logBody) Read(p []byte) (int, error) {
	n, err := b.Body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unread(err)
	}
	return n, err
}

// logRetry is how long a host of logs that does not answer is left alone.
const logRetry = 30 * time.Second

func unread(err error) error {
	r, ok := errors.AsType[*buildlog.RefusedError](err)
	if !ok {
		return err
	}
	if r.Temporary() {
		err = &review.RetryError{After: logRetry, Err: err}
	}
	return &review.UnreadError{Reason: string(r.Reason), Err: err}
}

// buildsAPI is what the server takes of builds.
func (p *parts) buildsAPI() (server.BuildsAPI, error) {
	c := p.config.Builds
	api := server.BuildsAPI{Take: p.takeBuild, Check: checkPush, MaxBody: c.MaxBody, MaxText: 4 * c.MaxBody}
	for _, t := range c.Tokens {
		api.Tokens = append(api.Tokens, server.BuildToken{Name: t.Name, TokenFiles: t.Files, Projects: t.Projects, May: t.May})
	}
	if c.Spool == "" {
		return api, nil
	}
	spool, err := server.OpenSpool(server.SpoolOptions{Dir: c.Spool, MaxBytes: c.SpoolBytes})
	if err != nil {
		return api, &usageError{fmt.Errorf("builds.spool: %w", err)}
	}
	api.Spool = spool
	p.closes = append(p.closes, spool.Close)
	return api, nil
}

// takeBuild keeps a build that was pushed.
func (p *parts) takeBuild(ctx context.Context, push server.BuildPush) (server.BuildTaken, error) {
	report, posted, err := readPush(ctx, push)
	if err != nil {
		return server.BuildTaken{}, err
	}
	host := posted.Host
	if host == "" && len(p.config.Gerrit) == 1 {
		host = p.config.Gerrit[0].ID
	}
	switch {
	case host == "":
		return server.BuildTaken{}, rejected("host: is missing; this server has several Gerrits")
	case p.config.knows(host) != nil:
		return server.BuildTaken{}, &review.GoneError{Err: errors.New("no such Gerrit")}
	case !push.Allowed(host, posted.Project):
		return server.BuildTaken{}, &review.DeniedError{Err: errors.New("the token is not for this project")}
	}
	// Names are scrubbed here already: they become the key.
	cleaner, err := p.bot.Cleaner(ctx, host, posted.Project)
	if err != nil {
		return server.BuildTaken{}, err
	}
	build, err := posted.Build(cleaner, host, time.Now())
	if err != nil {
		return server.BuildTaken{}, rejected(err.Error())
	}
	report.Complete(&build)
	build.By = push.By
	kept, added, err := p.bot.TakeBuild(ctx, build, report.Failures)
	if refused, ok := errors.AsType[*bot.RefusedError](err); ok {
		err = rejected(refused.Error())
	} else if err != nil {
		// What Gerrit refuses us is no fault of the sender.
		p.log.Warn("a pushed build is not kept", "by", push.By, "host", host, "error", err)
		err = &review.RetryError{After: review.RetryAfter(err), Err: errors.New("the build could not be kept")}
	}
	return server.BuildTaken{
		Key: kept.Key, Host: host, Project: kept.Project, Result: kept.Result, Failures: len(kept.Failures), Dropped: kept.Dropped, Duplicate: !added,
	}, err
}

func rejected(why string) error { return &review.RejectedError{Err: errors.New(why)} }

// checkPush tells what is wrong with the parameters beside a report.
func checkPush(query url.Values) error {
	if query.Get("format") == "json" {
		return nil // the body says all
	}
	if _, problems := builds.ParsePosted(query, "format"); len(problems) > 0 {
		return rejected(strings.Join(problems, "; "))
	}
	return nil
}

// readPush reads what was pushed: a report beside parameters, or the JSON form,
// which holds both.
func readPush(ctx context.Context, push server.BuildPush) (*builds.Report, *builds.Posted, error) {
	format := push.Query.Get("format")
	report, err := builds.ReadReport(ctx, format, push.Body)
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, err
		}
		return nil, nil, rejected(err.Error())
	}
	var problems []string
	posted := report.Posted
	if posted != nil {
		problems = posted.Validate()
		for key := range push.Query {
			if key != "format" {
				problems = append(problems, key+": the JSON form holds everything; leave the parameter out")
			}
		}
	} else {
		posted, problems = builds.ParsePosted(push.Query, "format")
	}
	if len(problems) > 0 {
		return nil, nil, rejected(strings.Join(problems, "; "))
	}
	return report, posted, nil
}

// failuresAPI is what the server serves about failures.
func (p *parts) failuresAPI() server.FailuresAPI {
	return server.FailuresAPI{
		Clusters: func(ctx context.Context, of review.Source, limit int) (any, error) {
			var covers func(string) bool
			if of.Dir != "" {
				covers = of.Covers
			}
			var shows func(int, string) bool
			if of.Branch != "" {
				shows = func(_ int, branch string) bool { return branch == "" || of.On(branch) } // "" where it is not known
			}
			return p.bot.Clusters(ctx, of.Host, of.Project, limit, covers, shows)
		},
		Builds: func(ctx context.Context, of review.Source, after int64, limit int) (any, int, int64, error) {
			list, next, err := p.bot.Builds(ctx, of, after, limit)
			if list == nil {
				list = []bot.BuildAt{}
			}
			return list, len(list), next, err
		},
		Mark: p.markBuild,
	}
}

// sources finds the code of entities, nil without a catalog that knows it.
func (p *parts) sources() func(ref string) (review.Source, bool) {
	c, ok := p.catalog.(interface {
		Source(ref string) (review.Source, bool)
	})
	if !ok {
		return nil
	}
	return c.Source
}

// cleanNote is what may be kept of a note: it is shown to whoever meets the
// failure, and stands in the audit log for good.
func (p *parts) cleanNote(ctx context.Context, host, project, note string) (string, error) {
	c, err := p.bot.Cleaner(ctx, host, project)
	if err != nil {
		return "", err
	}
	t, err := c.Clean(note)
	return t.String(), err
}

// markBuild keeps what the holder of a token, or a person, says of a cluster.
func (p *parts) markBuild(ctx context.Context, by string, v *review.Viewer, m server.BuildMark) error {
	// A mark of a mistyped project would stand there and do nothing.
	if _, err := p.policy(ctx, m.Host, m.Project); err != nil {
		if _, is := errors.AsType[*usageError](err); is {
			err = &review.GoneError{Err: err}
		}
		return err
	}
	note, err := p.cleanNote(ctx, m.Host, m.Project, m.Note)
	if err != nil {
		return err
	}
	mark, err := bot.NewMark(m.Fingerprint, m.As, note, m.Link, by, time.Now())
	if err != nil {
		return rejected(err.Error())
	}
	e := markEntry(m.Host, m.Project, mark)
	e.Actor, e.Result = audit.Actor{Kind: "token", Sub: by}, audit.ResultIntent
	if v != nil {
		e.Actor = actorOf(v, m.Host)
	}
	receipt, err := p.audit.Append(ctx, e)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	kept := bot.KeepMark(ctx, p.store, m.Host, m.Project, mark)
	e.Result, e.Ref = audit.ResultDone, receipt.ID
	if kept != nil {
		e.Result = audit.ResultFailed
	}
	_, err = p.audit.Append(context.WithoutCancel(ctx), e)
	return errors.Join(kept, err)
}
