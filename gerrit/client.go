// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	api "github.com/andygrunwald/go-gerrit"

	"review-assistant/internal/secretfile"
	"review-assistant/review"
)

// Options say how to reach one Gerrit. ID, URL, Username and PasswordFile are
// needed; the rest has defaults.
type Options struct {
	ID           string // of this host in keys and logs
	URL          string // with or without a path prefix, never with credentials
	WebURL       string // where people reach it, for links; URL when empty
	Username     string
	PasswordFile string // read again when it changes
	CAFile       string // PEM; the system's certificates when empty
	ProxyURL     string // proxies of the environment are ignored
	UserAgent    string

	// PlainAccount is the user name of an account in no group: what it may
	// read, every registered user may. Without it only what may be read
	// without signing in is known to be for all eyes.
	PlainAccount string

	// Timeout bounds one call, 30 s by default.
	Timeout time.Duration
	// MaxBody is in bytes and bounds one answer, 16 MiB by default.
	MaxBody int64
	// MaxPatch is in bytes. A patch above it is read file by file, and files
	// beyond it are left out. 4 MiB by default.
	MaxPatch int64
	// MaxFile is in bytes. The body of a file above it is left out, 1 MiB by default.
	MaxFile int64
	// ConfigAge is how long a project's configuration is taken as it was,
	// 60 s by default.
	ConfigAge time.Duration

	// Observe is told of every call. Route is one of a fixed set of words and
	// status is 0 when there was no answer.
	Observe func(method, route string, status int, d time.Duration)
	// Now is time.Now unless a test says otherwise.
	Now func() time.Time
}

// Client speaks to one Gerrit as its service account. It makes every call
// once and is safe for concurrent use.
type Client struct {
	o    Options
	base *url.URL
	web  *url.URL // for people
	api  *api.Client
	// public makes the calls of somebody who does not sign in.
	public *api.Client
	calls  atomic.Int64
	// noRaw is set once the server has said that it cannot send plain patches.
	noRaw atomic.Bool

	idle func()
	self struct {
		sync.Mutex
		account review.Account
		until   time.Time
	}
	projects *projectCache
	tree     *fileCache
	resolved *cache[string, match]
	accounts *cache[int64, review.Account]
	loads    *cache[int64, int]
	sights   *cache[sight, bool]
	groups   *cache[membership, bool]
	members  *cache[int64, []string]
	rights   *cache[string, rights]
}

// parseBase reads the base URL of a Gerrit from the key of that name.
func parseBase(key, value string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(value, "/"))
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return nil, fmt.Errorf("%s is no http or https URL; write for example https://gerrit.example.com", key)
	case base.User != nil:
		return nil, fmt.Errorf("%s holds credentials; set username and password_file instead", key)
	case base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("%s has a query or fragment; write the base URL alone", key)
	}
	return base, nil
}

// Open checks the options and returns a client. It makes no call.
func Open(o Options) (*Client, error) {
	fail := func(err error) (*Client, error) { return nil, fmt.Errorf("gerrit %q: %w", o.ID, err) }
	base, err := parseBase("url", o.URL)
	if err != nil {
		return fail(err)
	}
	web, err := parseBase("web_url", cmp.Or(o.WebURL, o.URL))
	if err != nil {
		return fail(err)
	}
	switch {
	case o.Username == "" || strings.ContainsAny(o.Username, ":\r\n"):
		return fail(errors.New("username is missing or has a colon; name the service account"))
	case o.PasswordFile == "":
		return fail(errors.New("password_file is missing; write the account's token into a file and name it here"))
	}
	o.Timeout = orElse(o.Timeout, 30*time.Second)
	o.MaxBody = orElse(o.MaxBody, 16<<20)
	o.MaxPatch = min(orElse(o.MaxPatch, 4<<20), o.MaxBody)
	o.MaxFile = min(orElse(o.MaxFile, 1<<20), o.MaxPatch)
	o.ConfigAge = orElse(o.ConfigAge, time.Minute)
	if o.UserAgent == "" {
		o.UserAgent = "review-assistant"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	wire, err := newWire(o)
	if err != nil {
		return fail(err)
	}
	password := secretfile.New(o.PasswordFile, maxSecret)
	if _, err := password.Read(); err != nil {
		return fail(fmt.Errorf("read password_file: %w", err))
	}
	c := &Client{
		o: o, base: base, web: web, idle: wire.CloseIdleConnections,
		projects: newProjectCache(),
		tree:     &fileCache{},
		resolved: newCache[string, match](o.Now, 20_000),
		accounts: newCache[int64, review.Account](o.Now, 20_000),
		loads:    newCache[int64, int](o.Now, 20_000),
		sights:   newCache[sight, bool](o.Now, 20_000),
		groups:   newCache[membership, bool](o.Now, 5_000),
		members:  newCache[int64, []string](o.Now, 5_000),
		rights:   newCache[string, rights](o.Now, 5_000),
	}
	// No redirect is followed: Gerrit's REST answers in place, and who is sent
	// elsewhere meets a login page or somebody else's server.
	speak := func(t *transport) (*api.Client, error) {
		return api.NewClient(context.Background(), base.String(), &http.Client{
			Transport:     t,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		})
	}
	if c.api, err = speak(&transport{next: wire, username: o.Username, password: password, agent: o.UserAgent}); err != nil {
		return fail(err)
	}
	if c.public, err = speak(&transport{next: wire, agent: o.UserAgent}); err != nil {
		return fail(err)
	}
	return c, nil
}

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Close drops idle connections.
func (c *Client) Close() error { c.idle(); return nil }

// Calls returns how many calls were made so far.
func (c *Client) Calls() int64 { return c.calls.Load() }

// call is one REST call.
type call struct {
	route  string // for metrics: fixed words only
	what   string // for errors: what we were doing
	method string
	path   string // escaped, without "a/"
	query  string // escaped
	in     any
	limit  int64 // of the answer in bytes, Options.MaxBody when 0
	plain  bool  // the answer is text, not JSON
	public bool  // without signing in
}

// answer is a successful answer, not yet looked at.
type answer struct {
	body   []byte
	header http.Header
}

// send makes the call once. Any error is of one of review's classes where the
// cause is known, and holds neither the URL nor the answer. Of an answer that
// is too large the beginning comes with the error.
func (c *Client) send(ctx context.Context, k call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	speak, path := c.api, "a/"+k.path
	if k.public {
		speak, path = c.public, k.path
	}
	if k.query != "" {
		path += "?" + k.query
	}
	wrap := func(err error) error { return fmt.Errorf("gerrit %s: %s: %w", c.o.ID, k.what, err) }
	req, err := speak.NewRequest(ctx, k.method, path, k.in)
	if err != nil {
		return answer{}, wrap(errors.New("the request cannot be built"))
	}
	if k.plain {
		// Asked for JSON, Gerrit would wrap content into a JSON string.
		req.Header.Set("Accept", "text/plain")
	}
	into := &bounded{left: orElse(k.limit, c.o.MaxBody)}
	c.calls.Add(1)
	began := time.Now()
	resp, err := speak.Do(req, into)
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	if c.o.Observe != nil {
		c.o.Observe(k.method, k.route, status, time.Since(began))
	}
	switch {
	case resp != nil && (status < 200 || status > 299):
		return answer{}, classify(wrap, resp.Response, c.o.Now())
	case err != nil:
		return answer{body: into.buf.Bytes()}, unanswered(wrap, err)
	}
	return answer{into.buf.Bytes(), resp.Header}, nil
}

// magic starts every JSON answer of Gerrit. A page of a proxy or a login form
// does not have it.
var magic = []byte(")]}'")

// json makes the call and decodes its answer into out.
func (c *Client) json(ctx context.Context, k call, out any) (http.Header, error) {
	a, err := c.send(ctx, k)
	if err != nil {
		return nil, err
	}
	bad := func(why string) error {
		return &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: %s", c.o.ID, k.what, why)}
	}
	body, ok := bytes.CutPrefix(a.body, magic)
	if !ok {
		return nil, bad("the answer is not Gerrit's JSON; is the url right, and is there a login page or proxy in between?")
	}
	if err := json.Unmarshal(body, out); err != nil {
		return nil, bad("the answer is broken or cut off")
	}
	return a.header, nil
}

func (c *Client) get(ctx context.Context, route, what, path, query string, out any) error {
	_, err := c.json(ctx, call{route: route, what: what, method: http.MethodGet, path: path, query: query}, out)
	return err
}

// bounded collects at most left bytes.
type bounded struct {
	buf  bytes.Buffer
	left int64
}

var errTooLarge = errors.New("the answer is larger than the limit")

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errTooLarge
	}
	return b.buf.Write(p)
}

// escape encodes s as one segment of a path. Gerrit decodes "+" in paths to a
// space, which url.PathEscape does not know.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// changePath returns the path of a change, after a check that it is one of
// this host.
func (c *Client) changePath(id review.ChangeID) (string, error) {
	if id.Host != c.o.ID || !ValidName(id.Project) || id.Number <= 0 {
		return "", fmt.Errorf("gerrit %s: %q is no change of this host", c.o.ID, id.String())
	}
	return "changes/" + escape(id.Project) + "~" + strconv.Itoa(id.Number), nil
}

func (c *Client) projectPath(project string) (string, error) {
	if !ValidName(project) {
		return "", fmt.Errorf("gerrit %s: %q is no project name", c.o.ID, project)
	}
	return "projects/" + escape(project), nil
}
