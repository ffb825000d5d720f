// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// Open fetches a log. The body has to be closed. Errors are [RefusedError]s,
// unless ctx itself ended.
func (f *Fetcher) Open(ctx context.Context, rawURL string) (*Body, error) {
	return f.get(ctx, rawURL, "text/plain, */*;q=0.5", f.opts.MaxBytes)
}

// JSON fetches an API answer of at most max bytes. It is valid JSON.
func (f *Fetcher) JSON(ctx context.Context, rawURL string, max int64) ([]byte, error) {
	body, err := f.get(ctx, rawURL, "application/json", max)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	switch {
	case err != nil:
		return nil, err
	case body.Truncated():
		return nil, refuse(TooLarge, "the answer is longer than %d bytes", max)
	case !json.Valid(b):
		return nil, refuse(BadAnswer, "the answer is not JSON")
	}
	return b, nil
}

func (f *Fetcher) get(ctx context.Context, rawURL, accept string, max int64) (_ *Body, err error) {
	h, u, err := f.find(rawURL)
	if err != nil {
		return nil, err
	}
	if err := h.enter(ctx, f.opts.Timeout); err != nil {
		return nil, err
	}
	ctx, end := context.WithCancelCause(ctx)
	whole := time.AfterFunc(f.opts.Timeout, func() { end(refuse(TooSlow, "the log did not come within %s", f.opts.Timeout)) })
	// The place is free again when the time is over, too: a body that nobody
	// closes must not hold it.
	context.AfterFunc(ctx, func() { <-h.slots })
	done := func() { whole.Stop(); end(context.Canceled) }
	defer func() {
		if err != nil {
			done()
		}
	}()
	first := time.AfterFunc(f.opts.FirstByte, func() { end(refuse(TooSlow, "no answer within %s", f.opts.FirstByte)) })
	var connected atomic.Bool
	req, err := h.request(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}), u, accept, f.opts.UserAgent)
	if err != nil {
		return nil, err
	}
	resp, err := h.client.Do(req)
	if !first.Stop() && err == nil {
		_ = resp.Body.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, reasoned(ctx, err, connected.Load())
	}
	if err := refusedStatus(resp.StatusCode); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return newBody(ctx, resp, max, f.opts.Stall, end, done)
}

// enter waits for a place at the host.
func (h *host) enter(ctx context.Context, longest time.Duration) error {
	wait := time.NewTimer(longest)
	defer wait.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("fetch a log: %w", context.Cause(ctx))
	case <-wait.C:
		return refuse(Unavailable, "%d fetches from this host are at work", cap(h.slots))
	}
}

func (h *host) request(ctx context.Context, u *url.URL, accept, agent string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, refuse(BadURL, "it cannot be asked for")
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", "gzip, deflate")
	req.Header.Set("User-Agent", agent)
	if h.secret == nil {
		return req, nil
	}
	secret, err := h.secret.Read()
	switch {
	case err != nil:
		return nil, refuse(Denied, "our own secret for this host cannot be read")
	case h.User != "":
		req.SetBasicAuth(h.User, secret)
	default:
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	return req, nil
}
