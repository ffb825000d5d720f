// SPDX-License-Identifier: Apache-2.0

// Package server is the HTTP side: webhooks in, health and figures out. It is
// the only package that imports echo, and its handlers are thin.
//
// The invariant: a webhook is answered with 202 only after its hint is
// durable, never with a 5xx, which Gerrit multiplies into thirty posts that
// block its sender, and neither its body nor its token is ever logged.
//
// A new route is one line in routes.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"review-assistant/review"
)

// Options configure a Server. Zero values of numbers and times mean the
// defaults.
type Options struct {
	Listen   string       // host:port
	Listener net.Listener // instead of Listen, when somebody else opened it
	TLS      TLS          // plain HTTP when empty

	ReadHeaderTimeout time.Duration // default 5 s
	ReadTimeout       time.Duration // default 10 s
	WriteTimeout      time.Duration // default 15 s
	IdleTimeout       time.Duration // default 60 s
	AcceptTimeout     time.Duration // of one durable enqueue, default 4 s: Gerrit gives up after 5
	DrainTimeout      time.Duration // default 25 s
	MaxBody           int64         // bytes, default 1 MiB
	MaxHooks          int           // webhooks at once, default 512
	MaxConns          int           // default 4096
	MaxConnsPerIP     int           // default 256; trusted proxies are not counted
	TrustedProxies    []netip.Prefix

	Hosts map[string]HostAuth // by the configured id of a Gerrit
	API   API

	Builds   BuildsAPI
	Failures FailuresAPI
	// Source finds the code of a catalog entity, KIND:NAMESPACE/NAME; nil for no
	// routes about entities but those for people.
	Source func(ref string) (s review.Source, known bool)

	// Decode reads a webhook body.
	Decode func([]byte) (review.Event, error)
	// Accept makes the hint durable. accepted is false with a reason for
	// events that ask for no work; an error makes the sender try again.
	Accept func(ctx context.Context, e review.Event) (accepted bool, why string, err error)
	// Overload reports that no more work should be taken; may be nil.
	Overload func() bool
	// Ready says what keeps the bot from working; may be nil.
	Ready func(ctx context.Context) []Reason

	Metrics *Metrics // default: a new one
	Log     *slog.Logger
	Now     func() time.Time
}

// TLS names the files of the server's certificate. They are read again when
// they change.
type TLS struct {
	CertFile string
	KeyFile  string
}

// Server serves HTTP. Make one with New.
type Server struct {
	opts     Options
	echo     *echo.Echo
	metrics  *Metrics
	log      *slog.Logger
	hosts    map[string]*tokens
	basic    bool    // some host offers Basic
	bearers  *tokens // of the API, nil for none
	grants   []holder
	cert     *certificate
	hooks    chan struct{} // one slot per webhook at work
	pushes   chan struct{} // one slot per build that is being sent
	waiting  chan struct{} // one slot per request that is held for news
	draining atomic.Bool
	ready    readiness
	warn     warnings
	// Of people, and of those who are not proven.
	denials, strangers denials
	rates              *rates
	cursors            cursors
	streams            *streams
}

// New checks the options and reads certificate and tokens.
func New(o Options) (*Server, error) {
	if o.Decode == nil || o.Accept == nil {
		return nil, errors.New("server: Decode and Accept are needed")
	}
	o = defaults(o)
	var err error
	if o.API, err = o.API.withDefaults(); err != nil {
		return nil, err
	}
	s := &Server{
		opts: o, metrics: o.Metrics, log: o.Log, hosts: make(map[string]*tokens, len(o.Hosts)),
		hooks: make(chan struct{}, o.MaxHooks), pushes: make(chan struct{}, o.Builds.MaxPushes), waiting: make(chan struct{}, maxWaiting), warn: newWarnings(),
		rates: newRates(o.API.Rate, o.API.Burst), cursors: cursors{o.API.CursorKey}, streams: newStreams(o.API.MaxStreams, o.API.MaxViewerStreams),
	}
	for id, auth := range o.Hosts {
		t, err := loadTokens("webhook_token_files", auth.TokenFiles, o.Log)
		if err != nil {
			return nil, fmt.Errorf("webhook token of gerrit %q: %w", id, err)
		}
		s.hosts[id] = t
		s.basic = s.basic || auth.Basic
	}
	if len(o.API.TokenFiles) > 0 {
		if s.bearers, err = loadTokens("api.token_files", o.API.TokenFiles, o.Log); err != nil {
			return nil, fmt.Errorf("api.token_files: %w", err)
		}
	}
	if s.grants, err = loadGrants(o.Builds.Tokens, (o.Builds.MaxPushes+1)/2, s.bearers, o.Log); err != nil {
		return nil, err
	}
	if o.TLS != (TLS{}) {
		cert, err := loadCertificate(o.TLS, o.Log)
		if err != nil {
			return nil, err
		}
		s.cert = cert
	}
	s.metrics.Watch("bot_certificate_expiry_seconds", "Seconds until the server's certificate ends.", "certificate", s.certificateExpiry)
	s.metrics.Watch("bot_webhook_token_age_seconds", "Seconds since the newest webhook token of a host was written.", "host", s.tokenAges)
	if o.Builds.Spool != nil {
		s.metrics.Watch("bot_builds_spool_bytes", "Bytes of builds that are being sent in parts.", "bound", o.Builds.Spool.used)
	}
	s.metrics.Watch("bot_event_streams", "Open streams of events.", "state", func() map[string]float64 {
		return map[string]float64{"open": float64(s.streams.count())}
	})
	s.echo = s.routes()
	return s, nil
}

func defaults(o Options) Options {
	o.ReadHeaderTimeout = orDefault(o.ReadHeaderTimeout, 5*time.Second)
	o.ReadTimeout = orDefault(o.ReadTimeout, 10*time.Second)
	o.WriteTimeout = orDefault(o.WriteTimeout, 15*time.Second)
	o.IdleTimeout = orDefault(o.IdleTimeout, 60*time.Second)
	o.AcceptTimeout = orDefault(o.AcceptTimeout, 4*time.Second)
	o.DrainTimeout = orDefault(o.DrainTimeout, 25*time.Second)
	o.MaxBody = orDefault(o.MaxBody, 1<<20)
	o.MaxHooks = orDefault(o.MaxHooks, 512)
	o.MaxConns = orDefault(o.MaxConns, 4096)
	o.MaxConnsPerIP = orDefault(o.MaxConnsPerIP, 256)
	o.Builds = o.Builds.withDefaults()
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (s *Server) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.answerError
	e.IPExtractor = ipExtractor(s.opts.TrustedProxies)
	e.Use(s.observe, s.recover, s.frame)
	e.POST("/hooks/gerrit/:host", s.webhook)
	s.api(e)
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/metrics", echo.WrapHandler(s.metrics.Handler()))
	return e
}

// Serve serves until ctx ends, then takes no more requests, lets those in
// flight finish, and returns.
func (s *Server) Serve(ctx context.Context) error {
	l := s.opts.Listener
	if l == nil {
		var err error
		if l, err = new(net.ListenConfig).Listen(ctx, "tcp", s.opts.Listen); err != nil {
			return fmt.Errorf("listen on %s: %w", s.opts.Listen, err)
		}
	}
	srv := &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: s.opts.ReadHeaderTimeout,
		ReadTimeout:       s.opts.ReadTimeout,
		WriteTimeout:      s.opts.WriteTimeout,
		IdleTimeout:       s.opts.IdleTimeout,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		Protocols:         new(http.Protocols),
	}
	// Gerrit speaks HTTP/1.1; what nobody needs is not offered.
	srv.Protocols.SetHTTP1(true)
	limited := newLimiter(l, s.opts.MaxConns, s.opts.MaxConnsPerIP, s.opts.TrustedProxies)
	if spool := s.opts.Builds.Spool; spool != nil {
		var cleaning sync.WaitGroup
		clean, stop := context.WithCancel(ctx)
		cleaning.Go(func() { spool.keepClean(clean) })
		defer cleaning.Wait()
		defer stop()
	}
	ended := make(chan error, 1)
	s.log.Info("listening", "addr", l.Addr().String(), "tls", s.cert != nil)
	go func() {
		if s.cert == nil {
			ended <- srv.Serve(limited)
			return
		}
		srv.TLSConfig = s.cert.config()
		ended <- srv.ServeTLS(limited, "", "")
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.streams.end()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.DrainTimeout)
	defer cancel()
	err := srv.Shutdown(drain)
	if err != nil {
		err = errors.Join(fmt.Errorf("drain: requests still at work after %s: %w", s.opts.DrainTimeout, err), srv.Close())
	}
	<-ended
	return err
}
