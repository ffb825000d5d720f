// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// demoCI is the account of the stand-in CI.
const demoCI = "zuul"

// openLogs serves the logs of the demo's CI, as a host in the house, until the
// demo is closed.
func (d *demo) openLogs() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /unit/job-output.txt", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, d.file("job-output.txt")) })
	d.logs = &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go func() { _ = d.logs.Serve(l) }()
	d.logHost = l.Addr().String()
	d.ci = d.gerrit.AddAccount(gerrittest.Account{Username: demoCI, Name: "Zuul", Service: true})
	return nil
}

// fail has the CI tell that a job failed, and waits for what the bot says of it.
func (d *demo) fail(ctx context.Context, c *demoChange, ended chan error) error {
	c.change.Comment(demoCI, "Build failed (check pipeline).\n\n- unit http://"+d.logHost+"/unit/ : FAILURE in 2m 10s\n")
	return d.until(ctx, c, ended, func() bool { c.read(); return c.Build != "" })
}

// isBuildPost reports whether a post is about builds.
func isBuildPost(p gerrittest.Comment) bool { return p.Tag == review.PostBuilds.Tag() }
