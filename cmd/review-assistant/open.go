// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
	"golang.org/x/time/rate"

	"review-assistant/audit"
	"review-assistant/bot"
	"review-assistant/catalog"
	"review-assistant/gerrit"
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/reviewers"
	"review-assistant/server"
	"review-assistant/store"
)

// parts is the bot put together.
type parts struct {
	config  Config
	file    string // that the configuration is from
	log     *slog.Logger
	metrics *server.Metrics
	store   store.Store
	audit   bot.Auditor
	gerrits map[string]*gerrit.Client
	catalog bot.Catalog
	people  *catalog.PeopleFile // nil without one
	bot     *bot.Bot
	asking  *asking // nil where no identity provider is configured

	// What keeps the catalog and the people file from being used at all.
	catalogErr, peopleErr error
	// identityErr is why nobody can be proven: only serve needs that.
	identityErr error

	// unsafe says what the service account of a host must not be able to do.
	unsafe    rightsCheck
	suggested suggestionFigures
	strangers *rate.Limiter // of records about who is not proven
	refusals  *rate.Limiter // of records about who is proven and nobody here
	closes    []func() error
}

// Close closes what was opened, last first.
func (p *parts) Close() error {
	var errs []error
	for i := len(p.closes) - 1; i >= 0; i-- {
		errs = append(errs, p.closes[i]())
	}
	return errors.Join(errs...)
}

// withStore opens configuration and store for a command.
func withStore(p *program, fn func(Config, store.Store) error) error {
	c, err := serverConfig(p)
	if err != nil {
		return err
	}
	if !c.storeThere() {
		return &usageError{fmt.Errorf("no server has run with %s: its store %s is not there", p.config, c.Store.SQLite)}
	}
	st, err := openStore(p.ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(fn(c, st), st.Close())
}

// withBot opens everything but the replica's audit log, which the server
// holds. Nothing is left behind where no server has run: the bot then gets a
// store that goes away with it.
func withBot(p *program, fn func(Config, *parts) error) error {
	return withParts(p, open, fn)
}

// withParts is withBot for a command that puts the bot together in its own way.
func withParts(p *program, open opener, fn func(Config, *parts) error) (err error) {
	c, err := serverConfig(p)
	if err != nil {
		return err
	}
	opened := c
	if !c.storeThere() {
		dir, err := os.MkdirTemp("", "review-assistant-")
		if err != nil {
			return fmt.Errorf("make a store for this command: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		opened.Store.SQLite = filepath.Join(dir, "store.db")
	}
	parts, err := open(p.ctx, opened, commandLog(c, p.ui.err), noLog{})
	if err != nil {
		return err
	}
	parts.config, parts.file = c, p.config
	return errors.Join(fn(c, parts), parts.Close())
}

// storeThere reports whether there is a store to look at. Redis tells by itself.
func (c Config) storeThere() bool {
	if c.Store.SQLite == "" {
		return true
	}
	_, err := os.Stat(c.Store.SQLite)
	return err == nil
}

// noLog refuses every record: a command that opens the bot with it can do
// nothing that needs one.
type noLog struct{}

func (noLog) Append(context.Context, audit.Entry) (audit.Receipt, error) {
	return audit.Receipt{}, errors.New("this command does nothing that is audited")
}

func (noLog) Digest(...string) string { return "" }

// commandLog returns the log of a command for people: what they have to know,
// as text.
func commandLog(c Config, w io.Writer) *slog.Logger {
	if c.Log.Level != "error" {
		c.Log.Level = "warn"
	}
	c.Log.Format = "text"
	return newLog(c, w)
}

// newLog returns the log of a server.
func newLog(c Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	text := c.Log.Format == "text"
	if f, ok := w.(*os.File); ok && c.Log.Format == "auto" {
		text = term.IsTerminal(int(f.Fd()))
	}
	if text {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

func openStore(ctx context.Context, c Config) (store.Store, error) {
	if len(c.Store.Redis) == 0 {
		return store.OpenSQLite(ctx, c.Store.SQLite, store.SQLiteOptions{})
	}
	return store.OpenRedis(ctx, store.RedisOptions{
		Addrs: c.Store.Redis, Username: c.Store.Username, PasswordFile: c.Store.PasswordFile,
		TLS: c.Store.TLS, CAFile: c.Store.CAFile, Prefix: c.Store.Prefix, AcceptLoss: c.Store.AcceptLoss,
	})
}

// openAudit opens the log of this replica.
func openAudit(c Config, log *slog.Logger) (*audit.Log, error) {
	dir := filepath.Join(c.Audit.Dir, c.Server.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the audit folder: %w", err)
	}
	if kind, err := audit.Ephemeral(dir); err == nil && kind != "" && !c.Audit.AcceptEphemeral {
		return nil, fmt.Errorf("the audit log would be on %s, which a restart wipes; set audit.dir to a disk that stays, or audit.accept_ephemeral: true", kind)
	}
	l, err := audit.Open(dir, audit.Options{
		Origin: originPrefix + c.Server.ID, KeyFile: c.auditKey(), Generate: true, Publish: publishPath(c, c.Server.ID), Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	if r := l.Recovered(); r != "" {
		log.Warn("the audit log was mended at the start", "what", r)
	}
	return l, nil
}

// opener puts the bot together.
type opener func(context.Context, Config, *slog.Logger, bot.Auditor) (*parts, error)

// open puts the bot together, or says what keeps it from starting.
func open(ctx context.Context, c Config, log *slog.Logger, auditor bot.Auditor) (*parts, error) {
	p, err := assemble(ctx, c, log, auditor)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.catalogErr, p.peopleErr); err != nil {
		return nil, errors.Join(&usageError{err}, p.Close())
	}
	return p, nil
}

// assemble puts the bot together without what is broken of catalog and people
// file.
func assemble(ctx context.Context, c Config, log *slog.Logger, auditor bot.Auditor) (_ *parts, err error) {
	p := &parts{strangers: rate.NewLimiter(1, 60), refusals: rate.NewLimiter(10, 1000), config: c, log: log, metrics: server.NewMetrics(), audit: auditor, gerrits: map[string]*gerrit.Client{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if p.store, err = openStore(ctx, c); err != nil {
		return nil, err
	}
	p.closes = append(p.closes, p.store.Close)
	hosts := map[string]bot.Host{}
	for _, g := range c.Gerrit {
		client, err := gerrit.Open(gerrit.Options{
			ID: g.ID, URL: g.URL, WebURL: g.WebURL, Username: g.Username, PasswordFile: g.PasswordFile, CAFile: g.CAFile, ProxyURL: g.ProxyURL,
			UserAgent: "review-assistant/" + version, Timeout: g.Timeout, MaxPatch: c.Bot.MaxPatch, ConfigAge: c.Bot.ConfigAge,
			PlainAccount: g.PlainAccount,
			Observe:      p.metrics.Gerrit(g.ID),
		})
		if err != nil {
			return nil, err
		}
		p.closes = append(p.closes, client.Close)
		p.gerrits[g.ID] = client
		hosts[g.ID] = bot.Host{
			Gerrit: client, Projects: client, People: client, Stories: client, Closings: client,
			Owners: catalog.OwnersFiles{Read: client.File, Team: p.team}, Unsafe: func() string { return p.unsafe.of(g.ID) },
			Branch: client.File,
		}
	}
	p.openCatalog(c)
	p.openIdentity(c.Identity)
	logs, err := p.openBuildLogs(c.Builds)
	if err != nil {
		return nil, err
	}
	models, err := openModels(c, p.modelsStopped)
	if err != nil {
		return nil, err
	}
	valueKey, err := loadValueKey(c.valueKeyFile(), false)
	if err != nil {
		return nil, err
	}
	budget := &llm.Budget{Counter: p.store, Server: c.Budget.caps(), Alarm: p.budgetAlarm, Calibration: &llm.Calibration{}}
	p.metrics.Watch("bot_budget_used_ratio", "Used part of the fullest cap, by scope, unit and period; 1 is all.", "cap", budget.Ratios)
	p.bot, err = bot.New(bot.Options{
		Debounce: c.Bot.Debounce, Workers: c.Bot.Workers, InheritMode: c.Bot.InheritMode,
		MaxTokens: c.Bot.MaxTokens, MaxCalls: c.Bot.MaxCalls, ReconcileEach: c.Bot.Reconcile, Secrets: c.secrets, ValueKey: valueKey, Log: log,
		// Changes are often merged in chains.
		HistoryDelay: 3 * c.Bot.Debounce,
		BuildsDelay:  c.Builds.Delay, ClusterURL: c.Builds.ClusterURL,
		Observe: bot.Observer{
			Outcome: p.metrics.Outcome, Job: p.metrics.Job, Redacted: p.metrics.Redacted, Posted: p.metrics.Posted, Told: p.metrics.Told,
			Model: func(profile, result string, u llm.Usage) {
				p.metrics.Model(profile, result, u.Prompt, u.Completion)
			},
		},
	}, bot.Deps{
		Hosts: hosts, Jobs: p.store, Records: p.store, Texts: p.store, Settings: p.store, Logs: p.store, Audit: auditor, Catalog: p.catalog, Staff: staff{p.people, c.Reviewers.AbsentWords}, BuildLogs: logs,
		Models: models, Profiles: c.profiles(), Budget: budget.Model, Scale: budget.Calibration.Scale,
	})
	return p, err
}

// budgetAlarm tells the operator of a cap that is nearly spent.
func (p *parts) budgetAlarm(a llm.Alarm) {
	p.log.Warn("budget nearly spent; models stop when it is, summaries are then computed",
		"scope", a.Cap.Whom(), "unit", a.Cap.Unit, "period", a.Cap.Period,
		"used", a.Cap.Amount(a.Used), "limit", a.Cap.Amount(a.Cap.Limit), "resets", a.Cap.Resets.Format(time.RFC3339))
}

// modelsStopped reports whether the kill switch holds all models. It is asked
// before every request, so that retries of a call end too; a store that cannot
// tell counts as stopped.
func (p *parts) modelsStopped(ctx context.Context) bool {
	list, err := p.store.Controls(ctx)
	return err != nil || slices.ContainsFunc(list, func(c review.Control) bool {
		return c.Scope == bot.ScopeAll || c.Scope == bot.ScopeModels
	})
}

// openModels opens every profile under the server-wide caps.
func openModels(c Config, stopped func(context.Context) bool) (map[string]llm.Model, error) {
	limiter := llm.NewLimiter(c.Budget.Concurrent, c.Budget.RequestsPerMinute)
	out := map[string]llm.Model{}
	for name, m := range c.Models {
		model, err := llm.Open(m.profile(name), llm.Options{Limiter: limiter, Stopped: stopped})
		if err != nil {
			return nil, &usageError{err}
		}
		out[name] = model
	}
	return out, nil
}

// team returns the people of a group of the catalog.
func (p *parts) team(name string) ([]review.Person, bool) {
	c, ok := p.catalog.(interface {
		Team(name string) ([]review.Person, bool)
	})
	if !ok {
		return nil, false
	}
	return c.Team(name)
}

// openCatalog opens Backstage, or the embedded source of YAML files, and the
// people file.
func (p *parts) openCatalog(c Config) {
	if c.Catalog.URL != "" {
		b, err := catalog.OpenBackstage(catalog.Options{
			URL: c.Catalog.URL, TokenFile: c.Catalog.TokenFile, CAFile: c.Catalog.CAFile, ProxyURL: c.Catalog.ProxyURL,
			Refresh: c.Catalog.Refresh, Gerrits: c.sources(), Snapshot: c.snapshotFile(), UserNames: c.Catalog.UserNames, Log: p.log,
		})
		if p.catalogErr = err; err == nil {
			p.catalog, p.closes = b, append(p.closes, b.Close)
		}
	}
	files, err := openCatalogFiles(c, p.log)
	if err != nil {
		p.catalogErr = err
	} else if files != nil {
		p.catalog, p.closes = files, append(p.closes, files.Close)
	}
	p.people, p.peopleErr = openPeopleFile(c, p.log)
}

// openCatalogFiles returns nil when there are none.
func openCatalogFiles(c Config, log *slog.Logger) (*catalog.Files, error) {
	if len(c.Catalog.Files) == 0 {
		return nil, nil
	}
	return catalog.OpenFiles(catalog.FileOptions{Patterns: c.Catalog.Files, Gerrits: c.sources(), UserNames: c.Catalog.UserNames, Log: log})
}

// openPeopleFile returns nil when there is none.
func openPeopleFile(c Config, log *slog.Logger) (*catalog.PeopleFile, error) {
	if c.Reviewers.PeopleFile == "" {
		return nil, nil
	}
	f, err := catalog.OpenPeopleFile(c.Reviewers.PeopleFile, nil, log)
	if err != nil {
		return nil, fmt.Errorf("reviewers.people_file: %w", err)
	}
	return f, nil
}

// sources says where the catalog may place what is on the configured Gerrits.
func (c Config) sources() catalog.Gerrits {
	out := catalog.Gerrits{}
	for _, g := range c.Gerrit {
		out[g.ID] = catalog.Gerrit{Web: g.URL, Gitiles: c.Catalog.Gitiles[g.ID]}
	}
	return out
}

// staff answers from the people file and the status text of an account.
type staff struct {
	people *catalog.PeopleFile // nil without one
	words  []string
}

// Out implements [bot.Staff].
func (s staff) Out(a review.Account, now time.Time) bool {
	return reviewers.Away(a.Status, now, s.words...) || s.people != nil && (s.people.Absent(a, now) || s.people.OptedOut(a))
}

// Same implements [bot.Staff].
func (s staff) Same() [][]string {
	if s.people == nil {
		return nil
	}
	return s.people.Same()
}

// snapshotFile is where the catalog is kept over a restart: beside the store,
// if that is a file.
func (c Config) snapshotFile() string {
	if c.Catalog.Snapshot != "" || c.Store.SQLite == "" {
		return c.Catalog.Snapshot
	}
	return filepath.Join(filepath.Dir(c.Store.SQLite), "catalog.snapshot")
}

// maxSecret is in bytes.
const maxSecret = 64 << 10

// secrets reads what the process itself must never let out. It is read for
// each change, so that a rotated secret counts at once; a file that cannot be
// read now has its own complaint elsewhere.
func (c Config) secrets() []string {
	var out []string
	for _, f := range append(c.secretFiles(), c.valueKeyFile()) {
		if b, err := readLimited(f, maxSecret); err == nil {
			if s := strings.TrimSpace(string(b)); len(s) >= 8 {
				out = append(out, s)
			}
		}
	}
	return out
}

// secretFiles are the files that hold the process's own secrets.
func (c Config) secretFiles() []string {
	files := []string{c.Catalog.TokenFile, c.Store.PasswordFile}
	c.otherSecrets(func(file, _ string) { files = append(files, file) })
	for _, g := range c.Gerrit {
		files = append(files, g.PasswordFile)
	}
	for _, m := range c.Models {
		files = append(files, m.KeyFile)
	}
	for _, h := range c.Builds.LogHosts {
		files = append(files, h.TokenFile, h.PasswordFile)
	}
	for _, s := range c.Identity.Services {
		files = append(files, s.TokenFiles...)
	}
	return slices.DeleteFunc(files, func(f string) bool { return f == "" })
}

// shortly bounds one check of a server.
func shortly(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 10*time.Second)
}
