// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"review-assistant/audit"
	"review-assistant/gerrit"
	"review-assistant/server"
)

type serveCmd struct {
	Listen string `placeholder:"ADDR" help:"Address to listen on, instead of server.listen."`
}

// Run implements the command.
func (s serveCmd) Run(p *program) error {
	c, err := serverConfig(p)
	if err != nil {
		return err
	}
	if s.Listen != "" {
		c.Server.Listen = s.Listen
	}
	if !goodAddress(c.Server.Listen) {
		return &usageError{fmt.Errorf("--listen %q: write HOST:PORT, such as 127.0.0.1:8080", s.Listen)}
	}
	log := newLog(c, p.ui.err)
	l, err := openAudit(c, log)
	if err != nil {
		return err
	}
	log.Info("starting", "version", version, "listen", c.Server.Listen, "gerrits", len(c.Gerrit), "models", len(c.Models))
	return errors.Join(serve(p.ctx, c, log, l), l.Close())
}

// serve runs the bot until ctx ends.
func serve(ctx context.Context, c Config, log *slog.Logger, l *audit.Log) (err error) {
	unlock, err := lockStore(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	// The address comes first: when it is taken, nothing else has begun.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Server.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Server.Listen, err)
	}
	defer listener.Close()
	if _, err := loadValueKey(c.valueKeyFile(), true); err != nil {
		return err
	}
	parts, err := open(ctx, c, log, l)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	if parts.identityErr != nil {
		return &usageError{parts.identityErr}
	}
	if err := refuse(ctx, parts); err != nil {
		return err
	}
	hosts := map[string]server.HostAuth{}
	for _, g := range c.Gerrit {
		hosts[g.ID] = server.HostAuth{TokenFiles: g.WebhookTokenFiles, Basic: g.WebhookBasic}
	}
	trusted, err := prefixes(c.Server.TrustedProxy)
	if err != nil {
		return err
	}
	parts.watchSuggestions()
	health := &health{parts: parts, audit: l}
	pushes, err := parts.buildsAPI()
	if err != nil {
		return err
	}
	api, feed, err := parts.peopleAPI()
	if err != nil {
		return err
	}
	srv, err := server.New(server.Options{
		Listener: listener, TLS: c.tls(),
		DrainTimeout: c.Server.Drain, MaxBody: c.Server.MaxBody, MaxConnsPerIP: c.Server.MaxConnsPerIP, TrustedProxies: trusted,
		Hosts: hosts, Decode: gerrit.Decode, Accept: parts.bot.Accept, Overload: health.overloaded, Ready: health.reasons,
		API: api, Builds: pushes, Failures: parts.failuresAPI(), Source: parts.sources(),
		Metrics: parts.metrics, Log: parts.log,
	})
	if err != nil {
		return &usageError{err}
	}
	if _, err := l.Append(ctx, audit.Entry{Actor: audit.Actor{Kind: "system"}, Action: audit.ActionStart, Result: audit.ResultDone, Why: audit.Why{Rule: version}}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	// A start compiles hundreds of patterns. What only that needed goes back to
	// the system, rather than stay for as long as the process rests.
	debug.FreeOSMemory()
	defer context.AfterFunc(ctx, func() { log.Info("stopping, waiting for work in hand", "up_to", c.Server.Drain.String()) })()
	// One failure ends all: a half of the bot helps nobody.
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return srv.Serve(ctx) })
	group.Go(func() error {
		// Nothing is posted before it is known what the accounts could do.
		health.rights(ctx)
		parts.bot.Run(ctx, c.Server.Drain)
		return nil
	})
	group.Go(func() error { health.watch(ctx); return nil })
	group.Go(func() error { parts.followSuggestions(ctx); return nil })
	if feed != nil {
		group.Go(func() error { feed.Run(ctx); return nil })
	}
	group.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case <-l.Failed():
			return errors.New("the audit log's disk failed; nothing is done without it. Restart after the disk is well")
		}
	})
	err = group.Wait()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, aerr := l.Append(end, audit.Entry{Actor: audit.Actor{Kind: "system"}, Action: audit.ActionShutdown, Result: audit.ResultDone}); aerr != nil && err == nil {
		err = aerr
	}
	return err
}

// refuse stops a start on a store that would break its promises.
func refuse(ctx context.Context, p *parts) error {
	var list []string
	for _, problem := range p.store.Check(ctx) {
		list = append(list, problem.String())
	}
	if len(list) > 0 {
		return &usageError{fmt.Errorf("the store is not fit:\n  %s", strings.Join(list, "\n  "))}
	}
	return nil
}

// lockStore keeps a second server away from a SQLite file: two would do the
// same work twice. Ending the process gives it free.
func lockStore(c Config) (unlock func() error, err error) {
	if c.Store.SQLite == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(filepath.Dir(c.Store.SQLite), 0o700); err != nil {
		return nil, fmt.Errorf("make the store's folder: %w", err)
	}
	f, err := os.OpenFile(c.Store.SQLite+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the store: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		err = fmt.Errorf("another server works with the store %s; give each its own, or share Redis", c.Store.SQLite)
		return nil, errors.Join(&usageError{err}, f.Close())
	}
	return f.Close, nil
}

func (c Config) tls() server.TLS {
	return server.TLS{CertFile: c.Server.CertFile, KeyFile: c.Server.KeyFile}
}

func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, &usageError{fmt.Errorf("server.trusted_proxies: %q is no CIDR; write for example 10.0.0.0/8", s)}
		}
		out = append(out, p)
	}
	return out, nil
}
