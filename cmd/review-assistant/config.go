// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"review-assistant/gerrit"
	"review-assistant/llm"
)

// Config is the server's file. Every key has its sentence in the doc tag, from
// which docs/config.md is generated. Secrets are paths of files only.
type Config struct {
	Server    ServerConfig           `yaml:"server" envPrefix:"SERVER_" doc:"The HTTP server."`
	API       APIConfig              `yaml:"api" envPrefix:"API_" doc:"The API below /api/v1, for scripts."`
	Log       LogConfig              `yaml:"log" envPrefix:"LOG_" doc:"The log on standard error."`
	Gerrit    []GerritConfig         `yaml:"gerrit" env:"-" doc:"The Gerrits that this server works for, one entry each."`
	Models    map[string]ModelConfig `yaml:"models" env:"-" doc:"Model profiles by name. The profile named default is used by projects that name none; without it they get the offline summarizer."`
	Catalog   CatalogConfig          `yaml:"catalog" envPrefix:"CATALOG_" doc:"Who owns what. Without it nobody is suggested from ownership."`
	Reviewers ReviewersConfig        `yaml:"reviewers" envPrefix:"REVIEWERS_" doc:"Whom to suggest."`
	Builds    BuildsConfig           `yaml:"builds" envPrefix:"BUILDS_" doc:"What CI says of changes, and why."`
	Identity  IdentityConfig         `yaml:"identity" envPrefix:"IDENTITY_" doc:"Who asks over the API: whose tokens count, how people lead to Gerrit accounts, who has a role. docs/sso.md goes through it."`
	Store     StoreConfig            `yaml:"store" envPrefix:"STORE_" doc:"Queue, outcomes and summaries."`
	Audit     AuditConfig            `yaml:"audit" envPrefix:"AUDIT_" doc:"The verifiable log. Nothing is done that cannot be written there."`
	Scrub     ScrubConfig            `yaml:"scrub" envPrefix:"SCRUB_" doc:"The scrubber. What it removes is not configured here: the built-in rules always count, and projects add to them."`
	Bot       BotConfig              `yaml:"bot" envPrefix:"BOT_" doc:"The pipeline."`
	Budget    BudgetConfig           `yaml:"budget" envPrefix:"BUDGET_" doc:"Caps on what models may cost."`
}

// ServerConfig is the HTTP server.
type ServerConfig struct {
	ID            string        `yaml:"id" env:"ID" doc:"Name of this replica in the audit log."`
	Listen        string        `yaml:"listen" env:"LISTEN" doc:"Address to listen on."`
	CertFile      string        `yaml:"cert_file" env:"CERT_FILE" doc:"PEM certificate chain; read again when it changes. Empty means plain HTTP behind a proxy."`
	KeyFile       string        `yaml:"key_file" env:"KEY_FILE" doc:"PEM private key of cert_file."`
	TrustedProxy  []string      `yaml:"trusted_proxies" env:"TRUSTED_PROXIES" doc:"CIDRs of proxies whose X-Forwarded-For is believed."`
	Drain         time.Duration `yaml:"drain" env:"DRAIN" doc:"How long a stop waits for work in hand, at most 25s."`
	MaxBody       int64         `yaml:"max_body" env:"MAX_BODY" doc:"Largest webhook body in bytes."`
	MaxConnsPerIP int           `yaml:"max_conns_per_ip" env:"MAX_CONNS_PER_IP" doc:"Open connections of one address."`
}

// APIConfig is the API.
type APIConfig struct {
	TokenFiles []string `yaml:"token_files" env:"TOKEN_FILES" doc:"Files with tokens that let scripts read figures and builds of all projects, and mark clusters of failures; read again when they change. Two files allow a rotation. builds.tokens may less."`
}

// LogConfig is the log.
type LogConfig struct {
	Format string `yaml:"format" env:"FORMAT" doc:"json, text, or auto: text on a terminal. Of serve; other commands write text, and warnings and errors alone."`
	Level  string `yaml:"level" env:"LEVEL" doc:"debug, info, warn or error."`
}

// GerritConfig is one Gerrit.
type GerritConfig struct {
	ID                string        `yaml:"id" doc:"Short name of this Gerrit, used in keys and URLs; never change it."`
	URL               string        `yaml:"url" doc:"Base URL, with path prefix if it has one."`
	WebURL            string        `yaml:"web_url" doc:"Base URL for links, where people reach it by another address than the bot; empty means url."`
	Username          string        `yaml:"username" doc:"The service account's user name."`
	PasswordFile      string        `yaml:"password_file" doc:"File with the account's HTTP password or token; read again when it changes."`
	PlainAccount      string        `yaml:"plain_account" doc:"User name of an account in no group: what it can read, every registered user can. Without it, code that cannot be read without signing in counts as restricted."`
	WebhookTokenFiles []string      `yaml:"webhook_token_files" doc:"Files with tokens that webhooks of this Gerrit carry. Two files allow a rotation; each token has at least 16 bytes."`
	WebhookBasic      bool          `yaml:"webhook_basic" doc:"Also take the token as the password of HTTP Basic, for URLs like https://hook:TOKEN@host/."`
	CAFile            string        `yaml:"ca_file" doc:"PEM file with the CA of this Gerrit; empty means the system's."`
	ProxyURL          string        `yaml:"proxy_url" doc:"Proxy for this Gerrit. Proxies of the environment are ignored."`
	Timeout           time.Duration `yaml:"timeout" doc:"Limit of one REST call."`
}

// ModelConfig is one model profile.
type ModelConfig struct {
	URL             string        `yaml:"url" doc:"Base URL of an OpenAI-compatible API, such as https://models.example.com/v1."`
	Model           string        `yaml:"model" doc:"Model name."`
	KeyFile         string        `yaml:"key_file" doc:"File with the API key; read again when it changes. Empty for servers without one."`
	CAFile          string        `yaml:"ca_file" doc:"PEM file with the CA of this server."`
	ProxyURL        string        `yaml:"proxy_url" doc:"Proxy for this server. Proxies of the environment are ignored."`
	Timeout         time.Duration `yaml:"timeout" doc:"Limit of one request; without it 60s."`
	TotalTimeout    time.Duration `yaml:"total_timeout" doc:"Limit of waiting, requests and retries together; without it twice the timeout."`
	MaxOutputTokens int           `yaml:"max_output_tokens" doc:"Longest answer."`
	Temperature     *float64      `yaml:"temperature" doc:"Sampling temperature; without it 0, the most repeatable."`
	JSON            string        `yaml:"json" doc:"How the answer's form is asked for: auto, schema, object or none."`
	ReasoningEffort string        `yaml:"reasoning_effort" doc:"Passed on to reasoning models."`
	Region          string        `yaml:"region" doc:"Where the model runs; shown in doctor."`
	Retention       string        `yaml:"retention" doc:"What the provider keeps; shown in doctor."`
	DataClass       llm.DataClass `yaml:"data_class" doc:"Highest class of data that this model may see: public, internal (the default) or restricted. Projects that registered users cannot read are restricted."`
	Projects        []string      `yaml:"projects" doc:"Globs of HOST/NAME: the projects that may use this profile. Without it all may."`
	Fallback        string        `yaml:"fallback" doc:"Another profile, asked once when this model is down, slow, refuses the key or takes no prompt of that length. Its data_class is no lower."`
	Prompt          string        `yaml:"prompt" doc:"full (the default), or short for models with a small window."`
	MaxTokens       int           `yaml:"max_tokens" doc:"Tokens of a change that one prompt may hold; without it bot.max_tokens."`
	StoreFalse      bool          `yaml:"store_false" doc:"Send store: false, where the provider knows it."`
	MaxConcurrent   int           `yaml:"max_concurrent" doc:"Calls at once from this server."`
	Provider        string        `yaml:"provider" doc:"openai (the default, any compatible endpoint), azure (deployments of an Azure OpenAI resource, whose model is the deployment's name) or replay (recorded answers from dir, for trials). docs/models.md has examples."`
	APIVersion      string        `yaml:"api_version" doc:"The api-version of the azure provider, such as 2024-10-21."`
	Dir             string        `yaml:"dir" doc:"Folder of recorded answers of the replay provider."`
	PricePrompt     float64       `yaml:"price_prompt" doc:"Price of a million prompt tokens, in your currency. With neither price only tokens are counted."`
	PriceCompletion float64       `yaml:"price_completion" doc:"Price of a million answer tokens."`
}

// CatalogConfig is the ownership data.
type CatalogConfig struct {
	Files     []string            `yaml:"files" env:"FILES" doc:"Globs of catalog-info YAML files: the embedded source. Globs in square brackets notation of the shell."`
	URL       string              `yaml:"url" env:"URL" doc:"Base URL of Backstage's backend, instead of files."`
	TokenFile string              `yaml:"token_file" env:"TOKEN_FILE" doc:"File with a static token for the catalog; read again when it changes."`
	CAFile    string              `yaml:"ca_file" env:"CA_FILE" doc:"PEM file with the CA of Backstage."`
	ProxyURL  string              `yaml:"proxy_url" env:"PROXY_URL" doc:"Proxy for Backstage."`
	Refresh   time.Duration       `yaml:"refresh" env:"REFRESH" doc:"How often the catalog is read."`
	UserNames []string            `yaml:"username_annotations" env:"USERNAME_ANNOTATIONS" doc:"Annotations of users that hold their Gerrit user name, such as sso.example.com/uid, beside review-assistant/username."`
	Snapshot  string              `yaml:"snapshot" env:"SNAPSHOT" doc:"File that keeps the last read of Backstage over a restart; it holds names and e-mail addresses. Empty means catalog.snapshot beside store.sqlite, and none with Redis."`
	Gitiles   map[string][]string `yaml:"gitiles" env:"-" doc:"By Gerrit id, the Gitiles base URLs that source locations use; the Gerrit's own URL always counts."`
}

// ReviewersConfig is what the operator knows of people.
type ReviewersConfig struct {
	PeopleFile  string   `yaml:"people_file" env:"PEOPLE_FILE" doc:"YAML file that says which accounts are one person (same), who is absent (absent) and who does not want to be suggested (opted_out); read again when it changes."`
	AbsentWords []string `yaml:"absent_words" env:"ABSENT_WORDS" doc:"More words that mean absence in the status text of a Gerrit account, beside the usual ones in English, German, French and Spanish."`
}

// StoreConfig is the store: SQLite unless Redis is named.
type StoreConfig struct {
	SQLite       string   `yaml:"sqlite" env:"SQLITE" doc:"Path of the SQLite file: one server, no other program."`
	Redis        []string `yaml:"redis" env:"REDIS" doc:"Addresses of Redis, instead of SQLite: several replicas."`
	Username     string   `yaml:"username" env:"USERNAME" doc:"Redis user."`
	PasswordFile string   `yaml:"password_file" env:"PASSWORD_FILE" doc:"File with the Redis password; read again for each new connection."`
	TLS          bool     `yaml:"tls" env:"TLS" doc:"Speak TLS with Redis."`
	CAFile       string   `yaml:"ca_file" env:"CA_FILE" doc:"PEM file with the CA of Redis."`
	Prefix       string   `yaml:"prefix" env:"PREFIX" doc:"Prefix of all Redis keys."`
	AcceptLoss   bool     `yaml:"accept_loss" env:"ACCEPT_LOSS" doc:"Start although Redis may lose the last second (appendfsync everysec): the sweep finds what was lost."`
}

// AuditConfig is the audit log.
type AuditConfig struct {
	Dir             string `yaml:"dir" env:"DIR" doc:"Directory of the log, on a disk that survives a restart."`
	KeyFile         string `yaml:"key_file" env:"KEY_FILE" doc:"Signing key; made at the first start. Empty means DIR/key."`
	Publish         string `yaml:"publish" env:"PUBLISH" doc:"File to which each signed checkpoint is copied, best on another disk: an anchor outside the log."`
	AcceptEphemeral bool   `yaml:"accept_ephemeral" env:"ACCEPT_EPHEMERAL" doc:"Start although DIR is on a disk that a restart wipes."`
}

// ScrubConfig is the scrubber.
type ScrubConfig struct {
	KeyFile string `yaml:"key_file" env:"KEY_FILE" doc:"Key of the hashes by which leaked values are told once, silenced and allowed; made at the first start, read at each. Replicas need the same one. Empty means values.key in audit.dir."`
}

// BotConfig is the pipeline.
type BotConfig struct {
	Debounce    time.Duration `yaml:"debounce" env:"DEBOUNCE" doc:"How long a patch set waits for a newer one."`
	Workers     int           `yaml:"workers" env:"WORKERS" doc:"Changes in work at once."`
	Reconcile   time.Duration `yaml:"reconcile" env:"RECONCILE" doc:"How often Gerrit is asked for changes whose webhook was lost."`
	InheritMode bool          `yaml:"inherit_mode" env:"INHERIT_MODE" doc:"Let the mode of a parent project switch its children on."`
	MaxPatch    int64         `yaml:"max_patch" env:"MAX_PATCH" doc:"Bytes of a patch that are read; the rest is named as not read."`
	MaxTokens   int           `yaml:"max_tokens" env:"MAX_TOKENS" doc:"Tokens of a change that one prompt may hold."`
	MaxCalls    int           `yaml:"max_calls" env:"MAX_CALLS" doc:"Requests for one summary, 1 to 4: a change that does not fit into one prompt is read in parts. Projects may set less."`
	ConfigAge   time.Duration `yaml:"config_age" env:"CONFIG_AGE" doc:"How long a project's configuration is kept before Gerrit is asked again. A push to refs/meta/config is seen at once when its webhook arrives."`
}

// BudgetConfig caps the use of models.
type BudgetConfig struct {
	TokensPerDay      int64   `yaml:"tokens_per_day" env:"TOKENS_PER_DAY" doc:"Tokens of all projects together in a UTC day; 0 means no cap. Projects have their own in review-assistant.config."`
	TokensPerMonth    int64   `yaml:"tokens_per_month" env:"TOKENS_PER_MONTH" doc:"The same in a month, in UTC; 0 means no cap."`
	MoneyPerDay       float64 `yaml:"money_per_day" env:"MONEY_PER_DAY" doc:"Money of all projects together in a UTC day, in the currency of the prices; 0 means no cap. It counts models with a price only."`
	MoneyPerMonth     float64 `yaml:"money_per_month" env:"MONEY_PER_MONTH" doc:"The same in a month; 0 means no cap."`
	Concurrent        int     `yaml:"concurrent" env:"CONCURRENT" doc:"Calls to all models at once; 0 means no cap."`
	RequestsPerMinute int     `yaml:"requests_per_minute" env:"REQUESTS_PER_MINUTE" doc:"Calls to models in a minute; 0 means no cap."`
}

// envPrefix starts every environment variable that overrides the file.
const envPrefix = "REVIEW_ASSISTANT_"

// defaultConfig is what an empty file means.
func defaultConfig() Config {
	return Config{
		Server:  ServerConfig{ID: "main", Listen: "127.0.0.1:8080", Drain: 25 * time.Second, MaxBody: 1 << 20, MaxConnsPerIP: 200},
		Log:     LogConfig{Format: "auto", Level: "info"},
		Catalog: CatalogConfig{Refresh: 5 * time.Minute},
		Builds:  BuildsConfig{Delay: 30 * time.Second, SpoolBytes: 1 << 30, MaxBody: 64 << 20, MaxLog: 256 << 20},
		Store:   StoreConfig{SQLite: "data/store.db", Prefix: "review-assistant"},
		Audit:   AuditConfig{Dir: "data/audit"},
		Bot: BotConfig{
			Debounce: 10 * time.Second, Workers: 16, Reconcile: 5 * time.Minute, MaxPatch: 4 << 20,
			MaxTokens: 12_000, MaxCalls: 4, ConfigAge: time.Minute,
		},
		Budget: BudgetConfig{TokensPerDay: 20_000_000, Concurrent: 32, RequestsPerMinute: 0},
	}
}

// rebase makes relative paths of the file relative to the file's own folder.
func (c *Config) rebase(dir string) {
	at := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	for _, p := range []*string{
		&c.Server.CertFile, &c.Server.KeyFile, &c.Catalog.TokenFile, &c.Catalog.CAFile, &c.Catalog.Snapshot, &c.Reviewers.PeopleFile, &c.Store.SQLite,
		&c.Store.PasswordFile, &c.Store.CAFile, &c.Audit.Dir, &c.Audit.KeyFile, &c.Audit.Publish,
		&c.Scrub.KeyFile,
	} {
		at(p)
	}
	for i := range c.Catalog.Files {
		at(&c.Catalog.Files[i])
	}
	for i := range c.API.TokenFiles {
		at(&c.API.TokenFiles[i])
	}
	c.Builds.files(at)
	c.Identity.files(at)
	for i := range c.Gerrit {
		g := &c.Gerrit[i]
		at(&g.PasswordFile)
		at(&g.CAFile)
		for j := range g.WebhookTokenFiles {
			at(&g.WebhookTokenFiles[j])
		}
	}
	for name, m := range c.Models {
		at(&m.KeyFile)
		at(&m.CAFile)
		at(&m.Dir)
		c.Models[name] = m
	}
}

// profile turns a model's configuration into what package llm takes.
func (m ModelConfig) profile(name string) llm.Profile {
	return llm.Profile{
		Name: name, Provider: m.Provider, Dir: m.Dir, URL: m.URL, Model: m.Model, KeyFile: m.KeyFile, CAFile: m.CAFile,
		ProxyURL: m.ProxyURL, Region: m.Region, Retention: m.Retention, DataClass: m.DataClass, Timeout: m.Timeout,
		TotalTimeout: m.TotalTimeout, MaxOutputTokens: m.MaxOutputTokens, Temperature: m.Temperature,
		JSONMode: llm.JSONMode(m.JSON), ReasoningEffort: m.ReasoningEffort, StoreFalse: m.StoreFalse,
		Projects: m.Projects, Fallback: m.Fallback, Prompt: m.Prompt, MaxTokens: m.MaxTokens, APIVersion: m.APIVersion,
		MaxConcurrent: m.MaxConcurrent, PricePrompt: m.PricePrompt, PriceCompletion: m.PriceCompletion,
	}
}

// profiles are all models as package llm takes them.
func (c Config) profiles() map[string]llm.Profile {
	out := map[string]llm.Profile{}
	for name, m := range c.Models {
		out[name] = m.profile(name)
	}
	return out
}

// caps are the limits of all projects together.
func (b BudgetConfig) caps() llm.Caps {
	return llm.Caps{
		TokensPerDay: b.TokensPerDay, TokensPerMonth: b.TokensPerMonth,
		MoneyPerDay: llm.Micros(b.MoneyPerDay), MoneyPerMonth: llm.Micros(b.MoneyPerMonth),
	}
}

// knows refuses a host that is no configured Gerrit.
func (c Config) knows(host string) error {
	var ids []string
	for _, g := range c.Gerrit {
		if g.ID == host {
			return nil
		}
		ids = append(ids, g.ID)
	}
	return &usageError{fmt.Errorf("no Gerrit with id %q is configured, only %s", host, strings.Join(ids, ", "))}
}

// projectOf reads HOST/NAME, where HOST is a configured Gerrit.
func (c Config) projectOf(s string) (host, name string, err error) {
	host, name, _ = strings.Cut(s, "/")
	switch {
	case name == "":
		return "", "", &usageError{fmt.Errorf("%q: write HOST/NAME, with the id of a configured Gerrit", s)}
	case !gerrit.ValidName(name):
		return "", "", &usageError{fmt.Errorf("%q is no name of a project: it has a control character, \"..\", a backslash or an empty part, or is too long", name)}
	}
	return host, name, c.knows(host)
}

// usageError makes the program exit with 2: the person has to mend something
// before a second try.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func orElse[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// readLimited reads a file of at most max bytes.
func readLimited(path string, max int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() || info.Size() > max {
		return nil, errors.New(path + " is no file of at most " + fmt.Sprint(max) + " bytes")
	}
	return os.ReadFile(path)
}
