// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"review-assistant/bot"
	"review-assistant/buildlog"
	"review-assistant/builds"
	"review-assistant/review"
	"review-assistant/server"
)

// buildLogs lets the bot read logs from the hosts that the operator lists.
type buildLogs struct{ fetcher *buildlog.Fetcher }

// openBuildLogs returns nil when no host is listed.
func openBuildLogs(b BuildsConfig) (bot.BuildLogs, error) {
	if len(b.LogHosts) == 0 {
		return nil, nil
	}
	f, err := buildlog.New(buildlog.Options{Hosts: b.hosts(), MaxBytes: b.MaxLog, UserAgent: "review-assistant/" + version})
	if err != nil {
		return nil, &usageError{fmt.Errorf("builds.log_hosts: %w", err)}
	}
	return buildLogs{f}, nil
}

// Allowed implements [bot.BuildLogs].
func (l buildLogs) Allowed(url string) error { return l.fetcher.Allowed(url) }

// Open implements [bot.BuildLogs].
func (l buildLogs) Open(ctx context.Context, url string) (io.ReadCloser, error) {
	body, err := l.fetcher.Open(ctx, url)
	if err != nil {
		return nil, unread(err)
	}
	return logBody{body}, nil
}

// JSON implements [bot.BuildLogs].
func (l buildLogs) JSON(ctx context.Context, url string, max int64) ([]byte, error) {
	answer, err := l.fetcher.JSON(ctx, url, max)
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
