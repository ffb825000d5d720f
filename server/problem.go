// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"review-assistant/review"
)

// problem is an RFC 9457 answer: what failed, why, and what to do next.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Next   string `json:"next"`
	Reason string `json:"reason"` // one of fixed words, for programs
	// retryAfter is in seconds; "" for no header.
	retryAfter string
}

func (p *problem) Error() string { return p.Title }

// reasons are the words for what the status says all of.
var reasons = map[int]string{
	http.StatusBadRequest:            "bad-request",
	http.StatusUnauthorized:          "bad-token",
	http.StatusForbidden:             "no-right",
	http.StatusNotFound:              "not-found",
	http.StatusMethodNotAllowed:      "bad-method",
	http.StatusRequestTimeout:        "too-slow",
	http.StatusConflict:              "bad-offset",
	http.StatusRequestEntityTooLarge: "too-large",
	http.StatusUnsupportedMediaType:  "bad-encoding",
	http.StatusUnprocessableEntity:   "not-understood",
	http.StatusTooManyRequests:       "overload",
	http.StatusInternalServerError:   "internal",
	http.StatusNotImplemented:        "not-offered",
	http.StatusServiceUnavailable:    "not-now",
}

func newProblem(status int, title, detail, next string) *problem {
	reason := cmp.Or(reasons[status], reasons[http.StatusBadRequest])
	return &problem{Type: "about:blank", Title: title, Status: status, Detail: detail, Next: next, Reason: reason}
}

// because returns the problem with a word of its own.
func (p *problem) because(reason string) *problem {
	q := *p
	q.Reason = reason
	return &q
}

// again returns the problem with the time after which it is worth to ask again,
// an hour at most.
func (p *problem) again(after time.Duration) *problem {
	q := *p
	q.retryAfter = strconv.Itoa(int(math.Ceil(min(after, time.Hour).Seconds())))
	return &q
}

// after is again with the time of an error, if it has one.
func (p *problem) after(err error) *problem {
	if after := review.RetryAfter(err); after > 0 {
		return p.again(after)
	}
	return p
}

// later is a 429: the one refusal that Gerrit answers with a calm retry.
func later(detail string) *problem {
	return newProblem(http.StatusTooManyRequests, "not taken now", detail, "send it again later; nothing of it was kept").again(5 * time.Second)
}

var (
	errDenied = newProblem(http.StatusUnauthorized, "not authorized",
		"the token does not belong to a configured Gerrit of this name",
		"compare the webhook URL in webhooks.config with gerrit.id and webhook_token_files of the server's configuration")
	errTooLarge    = newProblem(http.StatusRequestEntityTooLarge, "body too large", "the body is longer than this server reads", "none: the reconciler finds the change without this event")
	errNotJSON     = newProblem(http.StatusUnsupportedMediaType, "not JSON", "the content type has to be application/json", "send what the webhooks plugin sends")
	errEncoded     = newProblem(http.StatusUnsupportedMediaType, "encoded body", "content encodings are not accepted", "send the body as it is")
	errMalformed   = newProblem(http.StatusBadRequest, "malformed event", "the body is not a Gerrit event", "send what the webhooks plugin sends")
	errOverload    = later("too much work is waiting")
	errUnavailable = later("the event could not be stored")
	errPanicked    = later("something went wrong inside; the log has it")
	errInternal    = newProblem(http.StatusInternalServerError, "internal error", "something went wrong inside", "look into the server's log")
)

// answerError is the one place that turns errors into answers.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p, ok := errors.AsType[*problem](err)
	if !ok {
		p = errInternal
		if he, isHTTP := errors.AsType[*echo.HTTPError](err); isHTTP && he.Code < http.StatusInternalServerError {
			detail := "there is nothing of this name"
			if he.Code == http.StatusMethodNotAllowed {
				detail = "this route is not for this method"
			}
			p = newProblem(he.Code, http.StatusText(he.Code), detail, "the routes are in "+documentPath)
		}
	}
	if below(c.Request().URL.Path) {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	}
	if p.retryAfter != "" {
		c.Response().Header().Set(echo.HeaderRetryAfter, p.retryAfter)
	}
	body, err := json.Marshal(p)
	if err == nil {
		err = c.Blob(p.Status, "application/problem+json", body)
	}
	if err != nil {
		s.log.Debug("answer", "err", err)
	}
}
