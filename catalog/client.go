// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"review-assistant/internal/outbound"
	"review-assistant/review"
)

const (
	pageSize       = 500 // unless told otherwise
	maxPageBytes   = 16 << 20
	maxTotalBytes  = 128 << 20
	maxCursor      = 16 << 10 // longer ones do not fit into a request line
	maxTokenFile   = 16 << 10
	requestTimeout = 30 * time.Second
)

// fields is all that is asked of an entity.
var fields = strings.Join([]string{
	"kind", "metadata.name", "metadata.namespace", "metadata.annotations", "relations",
	"spec.owner", "spec.system", "spec.domain", "spec.subcomponentOf", "spec.subdomainOf",
	"spec.parent", "spec.children", "spec.members", "spec.memberOf", "spec.profile",
}, ",")

// client speaks the catalog's REST API.
type client struct {
	address   *url.URL
	tokenFile string
	http      *http.Client
	reading   reading
	page      int
}

func newClient(o Options, how reading) (*client, error) {
	u, err := url.Parse(strings.TrimRight(o.URL, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("url %q: want the address of the Backstage backend, such as https://backstage.example.com", o.URL)
	}
	transport := &http.Transport{
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: requestTimeout,
		MaxIdleConns:          2,
		IdleConnTimeout:       time.Minute,
	}
	if err := outbound.Configure(transport, o.CAFile, o.ProxyURL); err != nil {
		return nil, err
	}
	return &client{address: u, tokenFile: o.TokenFile, reading: how, page: cmp.Or(max(o.PageSize, 0), pageSize), http: &http.Client{
		Transport: transport,
		// A redirect is a login page, or an attempt to get the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// load reads the whole catalog. People come last, so that a catalog that is
// too large loses some of them rather than what is owned.
func (c *client) load(ctx context.Context) (*reader, error) {
	token, err := c.token()
	if err != nil {
		return nil, err
	}
	r := &reader{client: c, token: token}
	for _, kinds := range [][]string{append([]string{kindGroup}, owningKinds...), {kindUser}} {
		if err := r.kinds(ctx, kinds); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// reader collects the entities of one read.
type reader struct {
	*client
	token string
	list  []*entity
	raws  []raw // of list, for the file that outlives us
	bytes int
	bad   int
	cut   bool
}

// index links what was read.
func (r *reader) index() *index {
	x := newIndex(r.list)
	if len(r.list) == 0 && r.bad == 0 {
		x.remark("backstage shows no entity to this token; check the token's permissions")
	}
	if r.cut {
		x.remark("the catalog is larger than what is read of it (%d entities)", len(r.list))
	}
	if r.bad > 0 {
		x.remark("%d catalog entities are malformed and left out", r.bad)
	}
	return x
}

type page struct {
	Items    []json.RawMessage `json:"items"`
	PageInfo struct {
		NextCursor string `json:"nextCursor"`
	} `json:"pageInfo"`
}

// kinds reads all entities of some kinds, page by page.
func (r *reader) kinds(ctx context.Context, kinds []string) error {
	filter := "kind=" + strings.Join(kinds, ",kind=")
	q := url.Values{"filter": {filter}, "limit": {strconv.Itoa(r.page)}, "fields": {fields}}
	seen := map[string]bool{}
	for {
		body, err := r.get(ctx, r.token, "/api/catalog/entities/by-query", q)
		if err != nil {
			return err
		}
		var p page
		if err := json.Unmarshal(body, &p); err != nil || p.Items == nil {
			return errors.New("backstage answered something that is not a page of entities; check the URL")
		}
		for _, item := range p.Items {
			r.add(item)
		}
		r.bytes += len(body)
		next := p.PageInfo.NextCursor
		switch {
		case r.cut || len(r.list) >= maxEntities && next != "" || r.bytes > maxTotalBytes:
			r.cut = true
			return nil
		case next == "":
			return nil
		case seen[next] || len(next) > maxCursor || len(p.Items) == 0:
			return errors.New("backstage's pages do not end")
		}
		seen[next] = true
		// The cursor carries the filter; limit and fields it does not.
		q = url.Values{"cursor": {next}, "limit": q["limit"], "fields": q["fields"]}
	}
}

// add checks one entity. A bad one costs only itself.
func (r *reader) add(item json.RawMessage) {
	var head struct{ Kind string }
	if err := json.Unmarshal(item, &head); err != nil {
		r.bad++
		return
	}
	if !matters(head.Kind) {
		return
	}
	var raw raw
	if err := json.Unmarshal(item, &raw); err != nil {
		r.bad++
		return
	}
	e, err := raw.check(r.reading)
	switch {
	case err != nil:
		r.bad++
	case len(r.list) >= maxEntities:
		r.cut = true
	default:
		r.list = append(r.list, e)
		raw.forget(r.reading)
		r.raws = append(r.raws, raw)
	}
}

func (c *client) token() (string, error) {
	if c.tokenFile == "" {
		return "", nil
	}
	file, err := os.Open(c.tokenFile)
	if err != nil {
		return "", fmt.Errorf("token_file: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxTokenFile+1))
	if err != nil {
		return "", fmt.Errorf("token_file: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" || len(b) > maxTokenFile || strings.ContainsAny(token, " \t\r\n") {
		return "", fmt.Errorf("token_file %s does not hold one token", c.tokenFile)
	}
	return token, nil
}

// get reads one answer. Errors never carry its body, which may hold stack
// traces and paths of the server.
func (c *client) get(ctx context.Context, token, path string, q url.Values) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	u := *c.address
	u.Path += path
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("backstage request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the request line
		}
		return nil, &review.RetryError{Err: fmt.Errorf("backstage cannot be reached: %w", mute(err))}
	}
	defer res.Body.Close()
	if err := status(res); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPageBytes+1))
	if err != nil {
		return nil, &review.RetryError{Err: fmt.Errorf("backstage's answer broke off: %w", mute(err))}
	}
	if len(body) > maxPageBytes {
		return nil, fmt.Errorf("backstage's answer is larger than %d MiB", maxPageBytes>>20)
	}
	return body, nil
}

// mute keeps errors of the network. Those of package http about an answer that
// it does not understand quote the answer.
func mute(err error) error {
	_, network := errors.AsType[net.Error](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	if network || certificate || record || strings.HasPrefix(err.Error(), "tls: ") {
		return err
	}
	for _, known := range []error{io.EOF, io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded, http.ErrSchemeMismatch} {
		if errors.Is(err, known) {
			return err
		}
	}
	return errors.New("it does not answer as an HTTP server does")
}

// status classifies an answer by its head.
func status(res *http.Response) error {
	code := res.StatusCode
	switch {
	case code == http.StatusUnauthorized:
		return &review.DeniedError{Err: errors.New("backstage does not take the token (401); check token_file and the backend's externalAccess")}
	case code == http.StatusForbidden:
		return &review.DeniedError{Err: errors.New("backstage's token may not read the catalog (403); its accessRestrictions have to list plugin catalog")}
	case code == http.StatusTooManyRequests || code >= 500:
		after, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return &review.RetryError{After: time.Duration(min(max(after, 0), 3600)) * time.Second, Err: fmt.Errorf("backstage answers %d", code)}
	case code >= 300 && code < 400:
		return fmt.Errorf("backstage redirects (%d); give the address of the backend itself, not of a login page", code)
	case code != http.StatusOK:
		return fmt.Errorf("backstage answers %d; check the URL", code)
	case !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json"):
		return errors.New("backstage answers no JSON; check that the URL is the backend's")
	}
	return nil
}
