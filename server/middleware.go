// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"
)

// observe counts and times requests by route, never by path: paths and
// queries come from outside.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		route := c.Path()
		if route == "" {
			route = "none"
		}
		s.metrics.request(route, c.Response().Status, time.Since(start))
		return nil
	}
}

// recover turns a panic into an answer. On a webhook it is a 429: the event
// may be fine and the bug gone at the next try, and Gerrit multiplies a 5xx.
func (s *Server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler {
				panic(r)
			}
			// The value may quote what came in; where it happened does not.
			s.metrics.panics.Inc()
			s.log.Error("panic in a handler", "route", c.Path(), "stack", string(debug.Stack()))
			err = errInternal
			if strings.HasPrefix(c.Path(), "/hooks/") {
				err = errPanicked
			}
		}()
		return next(c)
	}
}

// ipExtractor believes X-Forwarded-For only from the configured proxies.
func ipExtractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = p.Masked()
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// warnings keeps somebody who guesses tokens from filling the log; the figures
// count all of them.
type warnings struct{ limit *rate.Limiter }

func newWarnings() warnings { return warnings{rate.NewLimiter(1, 10)} }

func (w warnings) log(ctx context.Context, log *slog.Logger, msg string, args ...any) {
	if w.limit.Allow() {
		log.WarnContext(ctx, msg, args...)
	}
}
