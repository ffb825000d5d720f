// SPDX-License-Identifier: Apache-2.0

package review

import (
	"errors"
	"time"
)

// Three classes of error decide what happens to a job. An adapter returns one
// of them when it knows; anything else is retried like a RetryError. Only
// bot/worker.go reads them. A [RejectedError] is none of them: it tells the caller
// of one request that another one may do.

// RetryError says that the same attempt may succeed later, not before After.
// After 0 leaves the delay to the caller.
type RetryError struct {
	After time.Duration
	Err   error
}

func (e *RetryError) Error() string { return e.Err.Error() }
func (e *RetryError) Unwrap() error { return e.Err }

// DeniedError says that the service account may not do this. It pauses the
// work on that host or project and needs an operator.
type DeniedError struct{ Err error }

func (e *DeniedError) Error() string { return e.Err.Error() }
func (e *DeniedError) Unwrap() error { return e.Err }

// GoneError says that the thing does not exist, or not for the service
// account: Gerrit answers 404 to both.
type GoneError struct{ Err error }

func (e *GoneError) Error() string { return e.Err.Error() }
func (e *GoneError) Unwrap() error { return e.Err }

// RejectedError says that the request was understood and not taken, and never
// will be as it is: nothing of it was done. The work is retried like after a
// RetryError, unless the caller knows another request.
type RejectedError struct{ Err error }

func (e *RejectedError) Error() string { return e.Err.Error() }
func (e *RejectedError) Unwrap() error { return e.Err }

// UnreadError says why a log was not read, or not to its end. Reason is one of
// fixed words, such as "host-not-allowed".
type UnreadError struct {
	Reason string
	Err    error
}

func (e *UnreadError) Error() string { return e.Err.Error() }
func (e *UnreadError) Unwrap() error { return e.Err }

// IsRejected reports whether err says that this request will never be taken.
func IsRejected(err error) bool { _, ok := errors.AsType[*RejectedError](err); return ok }

// IsGone reports whether err says that the thing is not there for us.
func IsGone(err error) bool { _, ok := errors.AsType[*GoneError](err); return ok }

// IsDenied reports whether err says that the service account lacks a right.
func IsDenied(err error) bool { _, ok := errors.AsType[*DeniedError](err); return ok }

// RetryAfter returns the delay that err asks for, 0 when it asks for none.
func RetryAfter(err error) time.Duration {
	if r, ok := errors.AsType[*RetryError](err); ok {
		return r.After
	}
	return 0
}
