// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"review-assistant/server"
)

// pusher sends a build to a server: at once when it is small, in parts by the
// resumable protocol of docs/builds.md otherwise.
type pusher struct {
	client *http.Client
	at     *url.URL // of the endpoint
	token  string
	query  url.Values
	gzip   bool
	chunk  int // bytes of a part
	// pause waits before another try, which the error asks for.
	pause    func(context.Context, time.Duration, error) error
	progress func(sent int64)
}

const (
	pushTries   = 8               // without a step forward
	pushTimeout = 6 * time.Minute // of one request; the server's own is 5
	maxPause    = time.Minute
)

// answerError is a refusal of the server.
type answerError struct {
	status              int
	Title, Detail, Next string
	after               time.Duration // before another try, 0 when the server says nothing
	offset              int64         // of the upload, -1 when the server says nothing
}

func (e *answerError) Error() string {
	if e.Title == "" {
		return fmt.Sprintf("the server answers %d, and not as review-assistant does; compare --to with its address", e.status)
	}
	s := fmt.Sprintf("%s (%d)", e.Title, e.status)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Next != "" {
		s += "; " + e.Next
	}
	return s
}

// passing reports whether the same request may succeed later.
func passing(err error) bool {
	a, ok := errors.AsType[*answerError](err)
	if !ok { // the network, where it is not set up wrongly
		_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
		name, _ := errors.AsType[*net.DNSError](err)
		return !certificate && (name == nil || !name.IsNotFound) && !errors.Is(err, context.Canceled)
	}
	return a.status == http.StatusTooManyRequests || a.status == http.StatusRequestTimeout || a.status >= 500 && a.status != http.StatusNotImplemented
}

// push sends all that in has.
func (p *pusher) push(ctx context.Context, in *bufio.Reader) (server.BuildTaken, error) {
	magic, _ := in.Peek(2) // what cannot be read is met again below
	p.gzip = string(magic) == "\x1f\x8b"
	part := make([]byte, p.chunk)
	part, last, err := fill(in, part)
	if err != nil {
		return server.BuildTaken{}, err
	}
	if last {
		return p.once(ctx, part)
	}
	upload, err := p.begin(ctx)
	if a, ok := errors.AsType[*answerError](err); ok && a.status == http.StatusNotImplemented {
		// A server that keeps no parts gets all in one request, and one try.
		return p.post(ctx, io.MultiReader(bytes.NewReader(part), in))
	}
	if err != nil {
		return server.BuildTaken{}, err
	}
	for sent := int64(0); ; {
		taken, err := p.part(ctx, upload, sent, part, last)
		if err != nil {
			p.cancel(ctx, upload)
			return server.BuildTaken{}, err
		}
		sent += int64(len(part))
		p.progress(sent)
		if last {
			return taken, nil
		}
		if part, last, err = fill(in, part[:cap(part)]); err != nil {
			return server.BuildTaken{}, err
		}
	}
}

// fill reads a part, and whether it is the last one.
func fill(in *bufio.Reader, buf []byte) (part []byte, last bool, err error) {
	n, err := io.ReadFull(in, buf)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return buf[:n], true, nil
	}
	if err == nil {
		_, err = in.Peek(1)
		if err == io.EOF {
			return buf[:n], true, nil
		}
	}
	if err != nil {
		return nil, false, fmt.Errorf("read it: %w", err)
	}
	return buf[:n], false, nil
}

// tries counts what did not succeed, and waits longer each time.
type tries struct {
	p *pusher
	n int
}

// again waits before the next try, or returns err when there is none.
func (t *tries) again(ctx context.Context, err error) error {
	if t.n++; !passing(err) || ctx.Err() != nil {
		return err
	}
	if t.n >= pushTries {
		return fmt.Errorf("after %d tries: %w", t.n, err)
	}
	d := min(500*time.Millisecond<<(t.n-1), maxPause)
	if a, ok := errors.AsType[*answerError](err); ok && a.after > 0 {
		d = min(max(d, a.after), maxPause)
	}
	return t.p.pause(ctx, d, err)
}

// once sends a small build in one request. Repeating it does no harm.
func (p *pusher) once(ctx context.Context, body []byte) (server.BuildTaken, error) {
	t := tries{p: p}
	for {
		taken, err := p.post(ctx, bytes.NewReader(body))
		if err == nil {
			return taken, nil
		}
		if err := t.again(ctx, err); err != nil {
			return server.BuildTaken{}, err
		}
	}
}

// begin makes an upload and returns where it is.
func (p *pusher) begin(ctx context.Context) (*url.URL, error) {
	t := tries{p: p}
	for {
		resp, err := p.do(ctx, http.MethodPost, p.endpoint(), http.NoBody, "Upload-Complete", "?0", "Content-Encoding", p.encoding())
		if err == nil {
			location := resp.header.Get("Location")
			at, lerr := p.at.Parse(location)
			// The token goes to nobody else.
			if lerr != nil || location == "" || resp.status != http.StatusCreated || at.Host != p.at.Host || at.Scheme != p.at.Scheme {
				return nil, errors.New("the server begins an upload, and does not say where; it is no review-assistant, or something stands before it")
			}
			return at, nil
		}
		if err := t.again(ctx, err); err != nil {
			return nil, err
		}
	}
}

// cancel takes an upload back that will not go on, so that it does not lie there.
func (p *pusher) cancel(ctx context.Context, upload *url.URL) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	_, _ = p.do(ctx, http.MethodDelete, upload.String(), http.NoBody)
}

var errForgotten = errors.New("the server has lost the upload, which it keeps for an hour; run the command again")

// part brings a part to the server, whatever breaks on the way. begin is its
// place in the whole.
func (p *pusher) part(ctx context.Context, upload *url.URL, begin int64, part []byte, last bool) (server.BuildTaken, error) {
	t := tries{p: p}
	complete := map[bool]string{false: "?0", true: "?1"}[last]
	for there := int64(0); ; {
		resp, err := p.do(ctx, http.MethodPatch, upload.String(), bytes.NewReader(part[there:]), "Upload-Complete", complete,
			"Upload-Offset", strconv.FormatInt(begin+there, 10), "Content-Type", "application/partial-upload")
		if err == nil {
			if !last {
				return server.BuildTaken{}, nil
			}
			return resp.taken()
		}
		now := int64(-1)
		refusal, _ := errors.AsType[*answerError](err)
		if refusal != nil && refusal.status == http.StatusConflict {
			now = refusal.offset
		}
		// A conflict that says nothing new is an error like others.
		if now < 0 || now == begin+there {
			if err := t.again(ctx, err); err != nil {
				return server.BuildTaken{}, forgotten(err)
			}
			now = -1
		}
		for now < 0 {
			resp, err := p.do(ctx, http.MethodHead, upload.String(), http.NoBody)
			if err == nil {
				now = offsetOf(resp.header)
				break
			}
			if err := t.again(ctx, err); err != nil {
				return server.BuildTaken{}, forgotten(err)
			}
		}
		switch {
		case now < begin || now > begin+int64(len(part)):
			return server.BuildTaken{}, errForgotten
		case now > begin+there:
			t.n = 0 // it goes on, however slowly
		}
		there = now - begin
		p.progress(now)
	}
}

func forgotten(err error) error {
	if a, ok := errors.AsType[*answerError](err); ok && a.status == http.StatusNotFound {
		return errForgotten
	}
	return err
}

// post sends a whole build.
func (p *pusher) post(ctx context.Context, body io.Reader) (server.BuildTaken, error) {
	resp, err := p.do(ctx, http.MethodPost, p.endpoint(), body, "Content-Encoding", p.encoding())
	if err != nil {
		return server.BuildTaken{}, err
	}
	return resp.taken()
}

func (p *pusher) encoding() string {
	if p.gzip {
		return "gzip"
	}
	return ""
}

func (p *pusher) endpoint() string {
	at := *p.at
	at.RawQuery = p.query.Encode()
	return at.String()
}

// answer is a good answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) taken() (server.BuildTaken, error) {
	var t server.BuildTaken
	if err := json.Unmarshal(a.body, &t); err != nil || t.Key == "" {
		return t, &answerError{status: a.status} // a page of something else
	}
	return t, nil
}

// maxAnswer is in bytes.
const maxAnswer = 64 << 10

// do makes one request. Headers without a value are left out.
func (p *pusher) do(ctx context.Context, method, at string, body io.Reader, headers ...string) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("User-Agent", "review-assistant/"+version)
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	resp, err := p.client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // the URL is long, and known
		}
		return nil, fmt.Errorf("reach the server: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 200 && resp.StatusCode <= 299 {
		if err != nil {
			return nil, fmt.Errorf("read the server's answer: %w", err)
		}
		return &answer{resp.StatusCode, resp.Header, b}, nil
	}
	a := &answerError{status: resp.StatusCode, offset: offsetOf(resp.Header)}
	_ = json.Unmarshal(b, a) // without a problem the status says enough
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		a.after = time.Duration(min(s, 3600)) * time.Second
	}
	return nil, a
}

func offsetOf(h http.Header) int64 {
	n, err := strconv.ParseUint(h.Get("Upload-Offset"), 10, 53)
	if err != nil {
		return -1
	}
	return int64(n)
}
