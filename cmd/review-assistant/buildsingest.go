// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"review-assistant/server"
)

type buildsIngestCmd struct {
	File      string `arg:"" placeholder:"FILE" help:"Report or log, - for standard input. One that is compressed with gzip is sent as it is."`
	To        string `required:"" placeholder:"URL" help:"The server, such as https://review.example.com."`
	TokenFile string `required:"" type:"existingfile" placeholder:"FILE" help:"File with one of the server's builds.tokens that may push."`
	CAFile    string `name:"ca-file" type:"existingfile" placeholder:"FILE" help:"PEM file with the authority of the server's certificate."`
	Format    string `enum:"auto,junit,sarif,go-test,log,json" default:"auto" placeholder:"FORMAT" help:"junit, sarif, go-test (of go test -json), log or json; auto goes by the file's name."`

	Project  string    `placeholder:"HOST/NAME" help:"Project, with the id of its Gerrit in the server's configuration."`
	Change   int       `placeholder:"N" help:"Number of the change; none for a build of a branch."`
	PatchSet int       `placeholder:"N" help:"Patch set that was built."`
	Branch   string    `placeholder:"NAME" help:"Branch, without refs/heads/."`
	Job      string    `placeholder:"NAME" help:"Name of the CI's job."`
	Pipeline string    `placeholder:"NAME" help:"What the job ran for, such as check or gate."`
	Result   string    `placeholder:"RESULT" help:"passed, failed, timed-out, aborted, broken (the CI's fault) or skipped."`
	ID       string    `name:"id" placeholder:"ID" help:"What names this run for good; two reports of one are counted once."`
	URL      string    `name:"url" placeholder:"URL" help:"Page of the run."`
	LogURL   string    `name:"log-url" placeholder:"URL" help:"Its log."`
	Node     string    `placeholder:"NAME" help:"Machine that it ran on."`
	Base     time.Time `placeholder:"TIME" help:"When the state of the branch was made that was built on, as 2026-01-31T09:30:00Z."`
	Started  time.Time `placeholder:"TIME" help:"When the run began."`
	Ended    time.Time `placeholder:"TIME" help:"When the run ended."`
	Optional bool      `help:"The job has no vote."`
	TestsRan bool      `help:"The tests ran to their end: one that is not told of passed."`
	JSON     bool      `name:"json" help:"Print the server's answer as JSON."`
}

// Help is the long help.
func (buildsIngestCmd) Help() string {
	return `The file goes to the server in parts: when the line breaks, or the server starts again, the rest follows. A build that --id, --url or --started names is not counted twice, so the command may then be repeated.`
}

// ingestChunk is in bytes: one part, which is held until the server has it.
const ingestChunk = 4 << 20

// Run implements the command.
func (b buildsIngestCmd) Run(p *program) error {
	query, err := b.query()
	if err != nil {
		return &usageError{err}
	}
	push, err := b.pusher()
	if err != nil {
		return &usageError{err}
	}
	defer push.client.CloseIdleConnections()
	in, size, err := b.open(p)
	if err != nil {
		return err
	}
	defer in.Close()
	shown := p.ui.counter(16 << 20)
	push.query, push.pause = query, p.ui.pause
	push.progress = func(sent int64) { shown.show(int(sent), "sent "+megabytes(sent)+size) }
	taken, err := push.push(p.ctx, bufio.NewReader(in))
	// A server that lost the upload, or another one behind the same address,
	// gets all of a file once more.
	if f, ok := in.(*os.File); ok && errors.Is(err, errForgotten) {
		if _, serr := f.Seek(0, io.SeekStart); serr == nil {
			taken, err = push.push(p.ctx, bufio.NewReader(f))
		}
	}
	shown.end()
	if err != nil {
		return fmt.Errorf("%s was not taken: %w", visible(b.File), err)
	}
	return b.tell(p, taken)
}

func (b buildsIngestCmd) tell(p *program, t server.BuildTaken) error {
	if b.JSON {
		return p.ui.json(t)
	}
	verb := "taken"
	if t.Duplicate {
		verb = "known already"
	}
	p.ui.printf("%s: %s of %s, %s, %s", verb, visible(t.Key), visible(t.Host+"/"+t.Project), visible(string(t.Result)), plural(t.Failures, "failure"))
	if t.Dropped > 0 {
		p.ui.printf(" (%d more were dropped)", t.Dropped)
	}
	p.ui.printf("\n")
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// open opens the file, and says of how much it is a part.
func (b buildsIngestCmd) open(p *program) (in io.ReadCloser, size string, err error) {
	if b.File == "-" {
		return io.NopCloser(p.in), "", nil
	}
	f, err := os.Open(b.File)
	if err != nil {
		return nil, "", &usageError{err}
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = " of " + megabytes(info.Size())
	}
	return f, size, nil
}

// query makes the parameters of the push.
func (b buildsIngestCmd) query() (url.Values, error) {
	format := b.Format
	if format == "auto" {
		if format = formatOf(b.File); format == "" {
			return nil, fmt.Errorf("--format: the name %q does not tell the format; write junit, sarif, go-test, log or json", b.File)
		}
	}
	q := url.Values{"format": {format}}
	if b.Project != "" {
		host, project, ok := strings.Cut(b.Project, "/")
		if !ok || host == "" || project == "" {
			return nil, fmt.Errorf("--project %q: write HOST/NAME, with the id of the Gerrit in the server's configuration", b.Project)
		}
		q.Set("host", host)
		q.Set("project", project)
	}
	if format != "json" && (b.Project == "" || b.Job == "") {
		return nil, fmt.Errorf("--project and --job are needed with %s, which does not tell them", format)
	}
	if b.Change < 0 || b.PatchSet < 0 {
		return nil, errors.New("--change and --patch-set are numbers from 1")
	}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	for key, n := range map[string]int{"change": b.Change, "patch_set": b.PatchSet} {
		if n > 0 {
			q.Set(key, strconv.Itoa(n))
		}
	}
	for key, at := range map[string]time.Time{"base": b.Base, "started": b.Started, "ended": b.Ended} {
		if !at.IsZero() {
			q.Set(key, at.UTC().Format(time.RFC3339))
		}
	}
	for key, is := range map[string]bool{"optional": b.Optional, "tests_ran": b.TestsRan} {
		if is {
			q.Set(key, "true")
		}
	}
	set("branch", b.Branch)
	set("job", b.Job)
	set("pipeline", b.Pipeline)
	set("result", b.Result)
	set("id", b.ID)
	set("url", b.URL)
	set("log_url", b.LogURL)
	set("node", b.Node)
	return q, nil
}

// formatOf goes by the usual ends of names. JSON may be three things.
func formatOf(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	switch {
	case strings.HasSuffix(name, ".sarif"), strings.HasSuffix(name, ".sarif.json"):
		return "sarif"
	case strings.HasSuffix(name, ".xml"):
		return "junit"
	case strings.HasSuffix(name, ".log"), strings.HasSuffix(name, ".txt"):
		return "log"
	}
	return ""
}

// pusher makes the client. The environment's proxies are ignored, as
// everywhere, and a redirect does not get the token.
func (b buildsIngestCmd) pusher() (*pusher, error) {
	if problems := checkURL("--to", b.To, true); len(problems) > 0 {
		return nil, fmt.Errorf("--to %q %s; write for example https://review.example.com", b.To, problems[0].Cause)
	}
	at, err := url.Parse(strings.TrimSuffix(strings.TrimRight(b.To, "/"), "/api/v1/builds") + "/api/v1/builds")
	if err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	raw, err := os.ReadFile(b.TokenFile)
	token := strings.TrimSpace(string(raw))
	switch {
	case err != nil:
		return nil, fmt.Errorf("--token-file: %w", err)
	case token == "" || len(token) > 1024 || strings.ContainsAny(token, " \t\r\n\x00"):
		return nil, fmt.Errorf("--token-file %s: want one line with the token", b.TokenFile)
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
	}
	if b.CAFile != "" {
		pem, err := os.ReadFile(b.CAFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca-file %s holds no PEM certificate", b.CAFile)
		}
	}
	return &pusher{
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		at:     at, token: token, chunk: ingestChunk,
	}, nil
}

// pause waits for another try, or until ctx ends.
func (u *ui) pause(ctx context.Context, d time.Duration, err error) error {
	fmt.Fprintf(u.err, "%s; trying again in %s\n", shown(err), d)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
