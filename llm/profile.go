// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"time"

	"github.com/bmatcuk/doublestar/v4"
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

	// APIVersion is the api-version of the azure provider.
	APIVersion string

	// Where the text goes, for doctor and docs. The program cannot check these.
	Region, Retention string
	// DataClass is the highest class of data that the model may see.
	DataClass DataClass
	// Projects are globs of HOST/NAME that may use the profile; none means all.
	Projects []string
	// Fallback is the profile that is asked when this one cannot answer.
	Fallback string
	// Prompt is "full", "short" or "", which means full.
	Prompt string
	// MaxTokens bounds the prompt; 0 means the server's default.
	MaxTokens int

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

// The variants of prompts.
const (
	promptFull  = "full"
	promptShort = "short"
)

// What stands in an URL of the azure provider.
var (
	apiVersion = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$`)
	deployment = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
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

// Short reports whether the model gets the short variant of prompts.
func (p Profile) Short() bool { return p.Prompt == promptShort }

// Priced reports whether money can be counted. Recorded answers cost nothing.
func (p Profile) Priced() bool {
	return p.Provider == providerReplay || p.PricePrompt > 0 || p.PriceCompletion > 0
}

// Cost returns what u costs, in millionths of the prices' currency: prices are
// per million tokens, so a token costs as many millionths.
func (p Profile) Cost(u Usage) int64 {
	return int64(math.Ceil(float64(u.Prompt)*p.PricePrompt + float64(u.Completion)*p.PriceCompletion))
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
	case "", providerOpenAI, providerAzure:
		if err := checkURL(p.URL); err != nil {
			bad("url: %w; write it like https://models.example.com/v1", err)
		}
	case providerReplay:
		if p.Dir == "" {
			bad("dir: is empty; name the folder of recorded answers")
		}
	default:
		bad("provider: %q is unknown; use openai, azure or replay", p.Provider)
	}
	switch azure := p.Provider == providerAzure; {
	case azure && !apiVersion.MatchString(p.APIVersion):
		bad("api_version: %q is no version; write for example 2024-10-21", p.APIVersion)
	case azure && p.Model != "" && !deployment.MatchString(p.Model):
		bad("model: %q is no name of a deployment; write the deployment's name as Azure shows it", p.Model)
	case !azure && p.APIVersion != "":
		bad("api_version: is set, but the provider is not azure; set provider: azure or leave it out")
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
	if p.DataClass.rank() < 0 {
		bad("data_class: %q is unknown; use public, internal or restricted", p.DataClass)
	}
	for _, glob := range p.Projects {
		if !doublestar.ValidatePattern(glob) || glob == "" {
			bad("projects: %q is no glob; write for example main/infra/**", glob)
		}
	}
	switch p.Prompt {
	case "", promptFull, promptShort:
	default:
		bad("prompt: %q is unknown; use full or short", p.Prompt)
	}
	if p.MaxTokens != 0 && (p.MaxTokens < 500 || p.MaxTokens > 1_000_000) {
		bad("max_tokens: %d is out of range; use 500 to 1000000, or leave it out for bot.max_tokens", p.MaxTokens)
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
