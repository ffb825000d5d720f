// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/sashabaranov/go-openai"
)

// maxReply is in bytes, after decompression. Answers have a few kilobytes.
const maxReply = 1 << 20

// maxRetryAfter bounds what a server may ask for; work is planned by the day.
const maxRetryAfter = 24 * time.Hour

var errTooLong = errors.New("reply is too long")

// exchange carries what go-openai has no field for: down into the request
// and up from the response. It travels in the request's context.
type exchange struct {
	// fields are JSON members put in front of the request's own, such as
	// `"temperature":0,`.
	fields []byte

	status     int
	retryAfter time.Duration
	sent       bool
}

type exchangeKey struct{}

// wire is the RoundTripper below go-openai.
type wire struct {
	base http.RoundTripper
	key  *keyFile
	auth func(h http.Header, key string)
}

// bearer and apiKey are how servers take the key.
func bearer(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) }
func apiKey(h http.Header, key string) { h.Set(openai.AzureAPIKeyHeader, key) }

// RoundTrip adds the key and the extra fields, notes status and Retry-After,
// and bounds the body. A refused key that was replaced meanwhile, as tokens of
// an hour are, is no refusal yet: the request goes out once more.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	x, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, errors.New("request without exchange")
	}
	key, err := w.key.Key()
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil || len(body) == 0 || body[0] != '{' {
		return nil, errors.New("request body is not a JSON object")
	}
	body = append(append([]byte{'{'}, x.fields...), body[1:]...)

	send := func(key string) (*http.Response, error) {
		out := req.Clone(req.Context())
		out.Body = io.NopCloser(bytes.NewReader(body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.ContentLength = int64(len(body))
		if key != "" {
			w.auth(out.Header, key)
		}
		x.sent = true
		return w.base.RoundTrip(out)
	}
	resp, err := send(key)
	if err == nil && (resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden) {
		if fresh, kerr := w.key.Reread(); kerr == nil && fresh != key {
			_ = resp.Body.Close()
			resp, err = send(fresh)
		}
	}
	if err != nil {
		return nil, err
	}
	x.status = resp.StatusCode
	x.retryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	resp.Body = &bounded{ReadCloser: resp.Body, left: maxReply}
	return resp, nil
}

// bounded fails a read beyond its limit; io.LimitReader would make a cut
// reply look like a whole one.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.ReadCloser.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, errTooLong
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

// parseRetryAfter reads seconds or an HTTP date; 0 when there is none.
func parseRetryAfter(s string, now time.Time) time.Duration {
	if s == "" {
		return 0
	}
	if n, err := strconv.Atoi(s); err == nil {
		return time.Duration(min(max(0, n), int(maxRetryAfter/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(0, t.Sub(now)), maxRetryAfter)
	}
	return 0
}

// noRedirect hands the 3xx itself to the caller. A model server that
// redirects would send the prompt and the key to a host nobody configured.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}
