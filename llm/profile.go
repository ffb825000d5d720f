// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// Profile is one model as the operator configures it. Projects choose a
// profile by name and nothing else of it.
type Profile struct {
	Name string
	// Provider is a row of the table in open.go; "" means openai.
	Provider string
	// Dir is the folder of recorded answers of the replay provider.
	Dir   string
	URL   string // base, such as https://models.example.com/v1
	Model string // as the server names it
	// KeyFile holds the API key, "" for servers without one. It is looked at
	// before every request, so that a rotated key needs no restart.
	KeyFile string
	// CAFile replaces the system's certificate authorities.
	CAFile string
	// ProxyURL is the only way to a proxy: the environment is ignored.
	ProxyURL string

	// Where the text goes, for doctor, docs and audit. The program cannot
	// check these.
	Region, Retention, DataClass string

	// Timeout bounds one request; 0 means 60 s. TotalTimeout bounds waiting,
	// requests and retries together; 0 means twice Timeout.
	Timeout, TotalTimeout time.Duration
	// MaxOutputTokens includes the thoughts of reasoning models; 0 means 4096.
	MaxOutputTokens int
	// Temperature nil means 0, the most repeatable answers. A server that
	// refuses the field gets none.
	Temperature *float64
	// JSONMode nil-value "auto" starts with a schema and goes down when the
	// server refuses.
	JSONMode        JSONMode
	ReasoningEffort string // sent if not ""
	// StoreFalse asks the provider not to keep requests ("store": false). It
	// is never dropped: a server that refuses the field is an error.
	StoreFalse    bool
	MaxConcurrent int // 0 means no limit but the server-wide one
	// Prices are per million tokens, in whatever currency; 0 means unknown.
	PricePrompt, PriceCompletion float64
}

// JSONMode says how a server is told to answer in JSON.
type JSONMode string

// The modes. The ones after auto are fixed: no fallback.
const (
	JSONAuto   JSONMode = "auto"   // also ""
	JSONSchema JSONMode = "schema" // response_format json_schema
	JSONObject JSONMode = "object" // response_format json_object, schema in the prompt
	JSONNone   JSONMode = "none"   // schema in the prompt alone
)

// Defaults of a Profile.
const (
	defaultTimeout   = 60 * time.Second
	defaultMaxOutput = 4096
)

func (p Profile) timeout() time.Duration {
	if p.Timeout > 0 {
		return p.Timeout
	}
	return defaultTimeout
}

func (p Profile) totalTimeout() time.Duration {
	if p.TotalTimeout > 0 {
		return p.TotalTimeout
	}
	return 2 * p.timeout()
}

func (p Profile) maxOutput() int {
	if p.MaxOutputTokens > 0 {
		return p.MaxOutputTokens
	}
	return defaultMaxOutput
}

// Cost returns what u costs by the configured prices; ok is false when they
// are unknown.
func (p Profile) Cost(u Usage) (cost float64, ok bool) {
	if p.PricePrompt == 0 && p.PriceCompletion == 0 {
		return 0, false
	}
	return (float64(u.Prompt)*p.PricePrompt + float64(u.Completion)*p.PriceCompletion) / 1e6, true
}

// Validate returns everything that is wrong with p, joined.
func (p Profile) Validate() error {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("models."+p.Name+"."+format, args...))
	}
	if p.Name == "" {
		bad("name: is empty; give every model profile a name")
	}
	switch p.Provider {
	case "", providerOpenAI:
		if err := checkURL(p.URL); err != nil {
			bad("url: %w; write it like https://models.example.com/v1", err)
		}
	case providerReplay:
		if p.Dir == "" {
			bad("dir: is empty; name the folder of recorded answers")
		}
	default:
		bad("provider: %q is unknown; use openai or replay", p.Provider)
	}
	if p.ProxyURL != "" {
		if err := checkURL(p.ProxyURL); err != nil {
			bad("proxy_url: %w; write it like http://proxy.example.com:3128", err)
		}
	}
	if p.Model == "" {
		bad("model: is empty; name the model as the server does")
	}
	switch p.JSONMode {
	case "", JSONAuto, JSONSchema, JSONObject, JSONNone:
	default:
		bad("json_mode: %q is unknown; use auto, schema, object or none", p.JSONMode)
	}
	if p.Timeout < 0 || p.TotalTimeout < 0 {
		bad("timeout: is negative; leave it out for the default")
	}
	if p.MaxOutputTokens < 0 || p.MaxConcurrent < 0 || p.PricePrompt < 0 || p.PriceCompletion < 0 {
		bad("limits and prices: a value is negative; leave it out for the default")
	}
	if t := p.Temperature; t != nil && !(*t >= 0 && *t <= 2) {
		bad("temperature: %v is not between 0 and 2", *t)
	}
	return errors.Join(problems...)
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("does not start with https:// or http://")
	case u.Host == "":
		return errors.New("names no host")
	case u.User != nil:
		return errors.New("holds a user or password, which belong in a file")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("has a query or fragment")
	}
	return nil
}

// transport builds the connection settings of p.
func (p Profile) transport() (*http.Transport, error) {
	t := &http.Transport{
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     90 * time.Second,
		MaxIdleConnsPerHost: 32,
		// Response headers come when the model is done, so they have no
		// timeout of their own.
		MaxResponseHeaderBytes: 64 << 10,
	}
	if p.ProxyURL != "" {
		u, err := url.Parse(p.ProxyURL)
		if err != nil {
			return nil, fmt.Errorf("models.%s.proxy_url: is not a URL", p.Name)
		}
		t.Proxy = http.ProxyURL(u)
	}
	if p.CAFile != "" {
		pem, err := os.ReadFile(p.CAFile)
		if err != nil {
			return nil, fmt.Errorf("models.%s.ca_file: %w", p.Name, err)
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("models.%s.ca_file: %s holds no PEM certificate", p.Name, p.CAFile)
		}
	}
	return t, nil
}

// maxKey is in bytes; keys are far shorter, and a wrong path may be anything.
const maxKey = 16 << 10

// keyFile is a secret in a file that somebody else replaces. It keeps the
// last good value while the file is empty: that is a rotation half done.
type keyFile struct {
	path string

	mu   sync.Mutex
	seen os.FileInfo
	key  string
}

var errNoKey = errors.New("the key file cannot be read or is empty")

// Key returns the current key, "" without a file.
func (k *keyFile) Key() (string, error) {
	if k.path == "" {
		return "", nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	info, err := os.Stat(k.path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxKey {
		return "", errNoKey
	}
	if k.seen != nil && os.SameFile(k.seen, info) && k.seen.ModTime().Equal(info.ModTime()) && k.seen.Size() == info.Size() {
		return k.key, nil
	}
	b, err := os.ReadFile(k.path)
	if err != nil {
		return "", errNoKey
	}
	key := strings.TrimSpace(string(b))
	switch {
	case key == "" && k.key == "":
		return "", errNoKey
	case key == "":
		return k.key, nil
	case strings.ContainsAny(key, "\r\n\x00"):
		return "", errNoKey
	}
	k.key, k.seen = key, info
	return key, nil
}
