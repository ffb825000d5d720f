// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sashabaranov/go-openai"

	"review-assistant/prompts"
)

// Retries: at most maxTries requests, with full jitter that doubles from
// retryBase, and never beyond the profile's total timeout.
const (
	maxTries  = 3
	retryBase = 500 * time.Millisecond
	retryMax  = 20 * time.Second
)

// openAI speaks Chat Completions, the interface that hosted and self-hosted
// servers share.
type openAI struct {
	profile Profile
	options Options
	client  *openai.Client
	slots   slots
	breaker breaker
	// dialect is what the server is known to accept.
	dialect atomic.Pointer[dialect]
}

func newOpenAI(p Profile, o Options) (*openAI, error) {
	base := o.Transport
	if base == nil {
		t, err := p.transport()
		if err != nil {
			return nil, err
		}
		base = t
	}
	w := &wire{base: base, key: &keyFile{path: p.KeyFile}, auth: p.auth()}
	config := openai.DefaultConfig("")
	if p.Provider == providerAzure {
		config = openai.DefaultAzureConfig("", "")
		config.APIVersion = p.APIVersion
		config.AzureModelMapperFunc = func(model string) string { return model } // its default drops characters
	}
	config.BaseURL = p.URL
	config.HTTPClient = &http.Client{Transport: w, CheckRedirect: noRedirect}
	m := &openAI{profile: p, options: o, client: openai.NewClientWithConfig(config), slots: newSlots(p.MaxConcurrent)}
	m.dialect.Store(firstDialect(p))
	return m, nil
}

// auth returns how the profile's server takes the key.
func (p Profile) auth() func(http.Header, string) {
	if p.Provider == providerAzure {
		return apiKey
	}
	return bearer
}

// Name implements [Model].
func (m *openAI) Name() string { return m.profile.Model }

// Complete implements [Model]. It retries what may pass, within the profile's
// total timeout.
func (m *openAI) Complete(parent context.Context, p prompts.Prompt) (Reply, error) {
	ctx, cancel := context.WithTimeout(parent, m.profile.totalTimeout())
	defer cancel()
	for try := 0; ; try++ {
		reply, f := m.attempt(ctx, p)
		if f == nil {
			return reply, nil
		}
		if err := parent.Err(); err != nil {
			return reply, fmt.Errorf("ask model %s: %w", m.profile.Model, err)
		}
		wait := max(f.after, rand.N(min(retryMax, retryBase<<try)))
		deadline, _ := ctx.Deadline()
		if !f.retry || try+1 >= maxTries || time.Until(deadline) <= wait {
			return reply, classed(f.err, wait)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// attempt sends one request, and others at once when the server refuses a
// field that it can do without.
func (m *openAI) attempt(ctx context.Context, p prompts.Prompt) (Reply, *failure) {
	if stopped := m.options.Stopped; stopped != nil && stopped(ctx) {
		return Reply{}, m.fail(CodeStopped, 0, `models are switched off; "review-assistant resume --models" switches them on`)
	}
	ok, wait := m.breaker.allow(time.Now())
	if !ok {
		f := m.fail(CodeUnavailable, 0, fmt.Sprintf("left alone after %d failures in a row", breakerFailures))
		f.after = wait
		return Reply{}, f
	}
	known := m.dialect.Load()
	for d := known; ; {
		reply, f := m.send(ctx, p, d)
		if f == nil || f.err.Code == CodeRefused {
			m.dialect.CompareAndSwap(known, d)
		}
		if f != nil && f.words != "" {
			if next := d.without(f.words); next != nil {
				d = next
				continue
			}
		}
		m.breaker.done(time.Now(), judge(ctx, f))
		return reply, f
	}
}

// judge says what a result tells about the server.
func judge(ctx context.Context, f *failure) verdict {
	switch {
	case f == nil:
		return healthy
	case f.waiting || ctx.Err() != nil && f.err.Code != CodeTimeout:
		return undecided
	case f.err.Code == CodeTimeout || f.err.Code == CodeUnavailable:
		return failing
	}
	return healthy
}

// send makes exactly one HTTP request.
func (m *openAI) send(ctx context.Context, p prompts.Prompt, d *dialect) (Reply, *failure) {
	release, f := m.acquire(ctx)
	if f != nil {
		return Reply{}, f
	}
	defer release()

	x := &exchange{fields: d.fields}
	ctx, cancel := context.WithTimeout(withExchange(ctx, x), m.profile.timeout())
	defer cancel()
	resp, err := m.client.CreateChatCompletion(ctx, d.request(p))
	if err != nil || x.status >= http.StatusMultipleChoices {
		return Reply{}, m.classify(x, err)
	}
	reply := Reply{Model: modelName(resp.Model, m.profile.Model), Usage: usage(resp.Usage)}
	if len(resp.Choices) == 0 {
		return reply, nil
	}
	c := resp.Choices[0]
	if c.Message.Refusal != "" || c.FinishReason == openai.FinishReasonContentFilter {
		return reply, m.fail(CodeRefused, 0, "the model declined to answer")
	}
	reply.Text = text(c.Message)
	reply.Truncated = c.FinishReason == openai.FinishReasonLength
	return reply, nil
}

// usage reads what the server counted. Some leave the thoughts of a model out
// of its answer's tokens and count them in the sum alone.
func usage(u openai.Usage) Usage {
	return Usage{Prompt: max(0, u.PromptTokens), Completion: max(0, u.CompletionTokens, u.TotalTokens-max(0, u.PromptTokens))}
}

// acquire waits for a slot of the profile and of the server.
func (m *openAI) acquire(ctx context.Context) (release func(), f *failure) {
	own, err := m.slots.acquire(ctx)
	if err == nil {
		var shared func()
		if shared, err = m.options.Limiter.acquire(ctx); err == nil {
			return func() { shared(); own() }, nil
		}
		own()
	}
	f = m.fail(CodeUnavailable, 0, "no free slot within the total timeout; raise the limits of concurrency or of requests a minute")
	f.waiting = true
	return nil, f
}

// text returns the answer; some servers send it in parts.
func text(msg openai.ChatCompletionMessage) string {
	if len(msg.MultiContent) == 0 {
		return msg.Content
	}
	var b strings.Builder
	for _, part := range msg.MultiContent {
		b.WriteString(part.Text)
	}
	return b.String()
}

// plainName is what a model may be called in a footer. The server's word for
// itself is outside text like any other.
var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$`)

func modelName(reported, configured string) string {
	if plainName.MatchString(reported) && !strings.Contains(reported, "://") {
		return reported
	}
	return configured
}
