// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sashabaranov/go-openai"
)

// failure is one failed request.
type failure struct {
	err   *Error
	retry bool
	after time.Duration // what the server asked for
	// words are the server's own, lower case. They may echo the prompt: they
	// choose the next dialect and are dropped.
	words string
	// waiting is set when no request was sent.
	waiting bool
}

func (m *openAI) fail(code Code, status int, detail string) *failure {
	return &failure{err: &Error{Code: code, Model: m.profile.Model, Status: status, Detail: detail}}
}

// classify turns what go-openai returns into our words. Its errors may hold
// the reply's body and are not wrapped.
func (m *openAI) classify(x *exchange, err error) *failure {
	key := "models." + m.profile.Name + "."
	switch {
	case errors.Is(err, errNoKey):
		return m.fail(CodeDenied, 0, errNoKey.Error()+"; check "+key+"key_file")
	case errors.Is(err, errTooLong):
		return m.fail(CodeMalformed, x.status, fmt.Sprintf("the reply is longer than %d bytes", maxReply))
	case errors.Is(err, context.DeadlineExceeded):
		return m.fail(CodeTimeout, x.status, fmt.Sprintf("no answer within %v; raise %stimeout or choose a faster model", m.profile.timeout(), key))
	case !x.sent:
		return m.fail(CodeDenied, 0, "the client library refuses this model name; rename the model on the server")
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return m.fail(CodeDenied, 0, "the server's certificate is not trusted; set "+key+"ca_file")
	}
	if x.status == 0 {
		f := m.fail(CodeUnavailable, 0, "no connection; check "+key+"url and the network")
		f.retry = true
		return f
	}
	if x.status < http.StatusMultipleChoices {
		return m.badBody(x, err)
	}
	return m.badStatus(x, serverWords(err), key)
}

// badBody is a 2xx whose body is not a completion.
func (m *openAI) badBody(x *exchange, err error) *failure {
	f := m.fail(CodeMalformed, x.status, "the reply is not a chat completion; is the URL that of an OpenAI-compatible API?")
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, typed := errors.AsType[*json.UnmarshalTypeError](err)
	if !syntax && !typed && !errors.Is(err, io.EOF) {
		f.err.Detail = "the reply was cut off"
		f.retry = true
	}
	return f
}

// badStatus is a 3xx, 4xx or 5xx.
func (m *openAI) badStatus(x *exchange, words, key string) *failure {
	status := x.status
	has := func(any ...string) bool {
		for _, s := range any {
			if strings.Contains(words, s) {
				return true
			}
		}
		return false
	}
	switch {
	case status < 400:
		return m.fail(CodeDenied, status, "the server redirects, which is not followed; put the final address into "+key+"url")
	case status == http.StatusPaymentRequired || status == http.StatusTooManyRequests && has("insufficient_quota", "billing_hard_limit"):
		return m.fail(CodeDenied, status, "the provider's quota is spent; raise it there")
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired:
		return m.fail(CodeDenied, status, "the key was not accepted; check "+key+"key_file")
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusGone:
		return m.fail(CodeDenied, status, "no such endpoint or model; check "+key+"url and "+key+"model")
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusConflict ||
		status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented:
		f := m.fail(CodeUnavailable, status, "the server is down or busy")
		f.retry, f.after = true, x.retryAfter
		return f
	case status == http.StatusRequestEntityTooLarge || has("context length", "context_length", "maximum context", "context window", "context size", "too long"):
		f := m.fail(CodeRefused, status, "the prompt is longer than the model takes; lower "+key+"max_tokens or choose another model")
		f.err.TooLong = true
		return f
	case has("content_filter", "content_policy", "content management policy"):
		return m.fail(CodeRefused, status, "the provider's filter declined the text")
	}
	f := m.fail(CodeDenied, status, "the request was not accepted; check "+key+"model and its json_mode, temperature, reasoning_effort and store settings")
	f.words = words
	if f.words == "" {
		f.words = "unspecified"
	}
	return f
}

// maxWords is in bytes. What a server complains of stands at the start of its
// message; behind it some repeat the whole request, and the words of a diff
// must not pose as the server's.
const maxWords = 300

// serverWords returns the start of what the server said, for matching only.
func serverWords(err error) string {
	words := ""
	// A RequestError may wrap a half-read APIError, so it comes first.
	if e, ok := errors.AsType[*openai.RequestError](err); ok {
		words = string(e.Body)
	} else if e, ok := errors.AsType[*openai.APIError](err); ok {
		param := ""
		if e.Param != nil {
			param = *e.Param
		}
		words = fmt.Sprint(e.Code, " ", e.Type, " ", param, " ", e.Message)
	}
	return strings.ToLower(words[:min(len(words), maxWords)])
}
