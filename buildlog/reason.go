// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
)

// Reason says in a fixed word why a log was not read, so that records hold
// nothing that a stranger wrote.
type Reason string

// The reasons.
const (
	BadURL         Reason = "bad-url"          // no address that can be fetched, or one with a password in it
	HostNotAllowed Reason = "host-not-allowed" // no entry names this host and port
	PathNotAllowed Reason = "path-not-allowed"
	NotHTTPS       Reason = "not-https"
	PrivateAddress Reason = "private-address" // the name leads where this entry may not go
	Redirect       Reason = "redirect"        // to another host, or too often
	TooSlow        Reason = "too-slow"
	NotFound       Reason = "not-found"
	Denied         Reason = "denied"
	Unavailable    Reason = "unavailable" // not reached, broken off, or the host says that it cannot now
	BadAnswer      Reason = "bad-answer"
	TooLarge       Reason = "too-large"
	CompressedBomb Reason = "compressed-bomb"
)

// RefusedError says why something was not fetched, or not to its end.
type RefusedError struct {
	Reason Reason
	// Detail is for the operator: what was met and what to do. It quotes no
	// text of an answer.
	Detail string
}

func (e *RefusedError) Error() string {
	if e.Detail == "" {
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Detail
}

// Temporary reports whether the same fetch may succeed later.
func (e *RefusedError) Temporary() bool { return e.Reason == Unavailable || e.Reason == TooSlow }

// ReasonOf returns the reason of an error of this package, "" of any other.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[*RefusedError](err); ok {
		return r.Reason
	}
	return ""
}

func refuse(r Reason, format string, args ...any) *RefusedError {
	return &RefusedError{Reason: r, Detail: fmt.Sprintf(format, args...)}
}

// refusedStatus is the error of an answer that holds no log, nil for 200.
func refusedStatus(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return refuse(NotFound, "the host answers %d", status)
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return refuse(Denied, "the host answers %d; give its entry a token or a user that may read logs", status)
	case status == http.StatusTooManyRequests, status >= 500:
		return refuse(Unavailable, "the host answers %d", status)
	case status >= 300 && status < 400:
		return refuse(Redirect, "the host answers %d without an address to go on", status)
	}
	return refuse(BadAnswer, "the host answers %d", status)
}

// reasoned turns what went wrong on the way into a RefusedError. The words of
// net/http may quote the host's answer, so they are dropped. An error of the
// caller's own context stays what it is.
func reasoned(ctx context.Context, err error, connected bool) error {
	if cause := context.Cause(ctx); cause != nil {
		if slow, ok := errors.AsType[*RefusedError](cause); ok {
			return slow
		}
		return fmt.Errorf("fetch a log: %w", cause)
	}
	if r, ok := errors.AsType[*RefusedError](err); ok {
		return r
	}
	_, dns := errors.AsType[*net.DNSError](err)
	switch {
	case dns:
		return refuse(Unavailable, "the name cannot be resolved")
	case !connected:
		return refuse(Unavailable, "no connection: %s", handshake(err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return refuse(Unavailable, "the host broke off")
	}
	return refuse(BadAnswer, "no answer in HTTP, or one that is broken")
}
