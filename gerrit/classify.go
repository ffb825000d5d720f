// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"review-assistant/review"
)

// StatusError is a refusal of Gerrit. It stands inside one of review's
// classes.
type StatusError struct {
	Status int
	Reason string // one line, shortened, without e-mail addresses
	Trace  string // Gerrit's id of the request, if it told one
}

func (e *StatusError) Error() string {
	s := "status " + strconv.Itoa(e.Status)
	if e.Reason != "" {
		s += ": " + e.Reason
	}
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
	s := &StatusError{Status: resp.StatusCode, Reason: reasonOf(resp), Trace: traceOf(resp.Header)}
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

var (
	address  = regexp.MustCompile(`[^\s<>"'()]+@[^\s<>"'()]+`)
	traceful = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)
)

// reasonOf returns what Gerrit says about a refusal, fit for a log. Only its
// plain text is kept: HTML and JSON are not written for people.
func reasonOf(resp *http.Response) string {
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		return ""
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 400))
	if err != nil {
		return ""
	}
	s := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, string(raw))
	s = address.ReplaceAllString(strings.TrimSpace(s), "[address]")
	if runes := []rune(s); len(runes) > 160 {
		s = string(runes[:160]) + "..."
	}
	return s
}

// traceOf returns Gerrit's trace id if it looks like one.
func traceOf(h http.Header) string {
	if t := h.Get("X-Gerrit-Trace"); traceful.MatchString(t) {
		return t
	}
	return ""
}
