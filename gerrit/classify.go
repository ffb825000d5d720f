// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
)

// StatusError is a refusal of Gerrit, or of what stands in front of it. It
// stands inside one of review's classes and holds nothing of the answer's body:
// a proxy may repeat in it what we sent, the password included.
type StatusError struct {
	Status int
	Trace  string // Gerrit's id of the request, if it told one
}

func (e *StatusError) Error() string {
	s := strings.TrimSpace(fmt.Sprintf("status %d %s", e.Status, http.StatusText(e.Status)))
	if e.Trace != "" {
		s += " (trace " + e.Trace + ")"
	}
	return s
}

// statusOf returns the status of a refusal, 0 for other errors.
func statusOf(err error) int {
	if s, ok := errors.AsType[*StatusError](err); ok {
		return s.Status
	}
	return 0
}

// classify turns a refusal into an error of one of the three classes.
func classify(wrap func(error) error, resp *http.Response, now time.Time) error {
	s := &StatusError{Status: resp.StatusCode, Trace: traceOf(resp.Header)}
	switch err := wrap(s); {
	case s.Status == http.StatusNotFound:
		return &review.GoneError{Err: err}
	case s.Status == http.StatusUnauthorized, s.Status == http.StatusForbidden:
		return &review.DeniedError{Err: err}
	case s.Status == http.StatusBadRequest:
		return &review.RejectedError{Err: err}
	case s.Status < 400, s.Status >= 500, s.Status == http.StatusRequestTimeout,
		s.Status == http.StatusConflict, s.Status == http.StatusTooManyRequests:
		return &review.RetryError{After: retryAfter(resp.Header.Get("Retry-After"), now), Err: err}
	default:
		return err
	}
}

// unanswered turns a call without a usable answer into an error. The words of
// net/http are dropped with the URL: a query may hold addresses of people.
func unanswered(wrap func(error) error, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	_, dialled := errors.AsType[net.Error](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case errors.Is(err, context.Canceled):
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		err = &SilentError{errors.New("the answer was cut off")}
	case strings.Contains(err.Error(), "malformed"): // what net/http quotes
		err = &SilentError{errors.New("the answer is not HTTP")}
	case dialled || untrusted:
		err = &SilentError{err}
	}
	return &review.RetryError{Err: wrap(err)}
}

// SilentError says that there was no answer of Gerrit at all. It stands inside
// a [review.RetryError].
type SilentError struct{ Err error }

func (e *SilentError) Error() string { return e.Err.Error() }
func (e *SilentError) Unwrap() error { return e.Err }

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

func retryAfter(s string, now time.Time) time.Duration {
	d := time.Duration(0)
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil {
		d = time.Duration(min(max(n, 0), int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(s); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

var traceful = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)

// traceOf returns Gerrit's trace id if it looks like one.
func traceOf(h http.Header) string {
	if t := h.Get("X-Gerrit-Trace"); traceful.MatchString(t) {
		return t
	}
	return ""
}
