// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"errors"
	"fmt"
	"io"
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
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("the answer was cut off")
	}
	if strings.Contains(err.Error(), "malformed") { // which net/http quotes
		err = errors.New("the answer is not HTTP")
	}
	return &review.RetryError{Err: wrap(err)}
}

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
