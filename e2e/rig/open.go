// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// OpenGerrit takes a fresh server that somebody else started, with the
// administrator admin and the password secret, and lays down the same rules as
// [StartGerrit]. It waits until the server answers or ctx ends.
func OpenGerrit(ctx context.Context, url string) (*Gerrit, error) {
	g := &Gerrit{
		URL: strings.TrimSuffix(url, "/"), known: map[string]Account{}, names: map[string]int{},
		http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{}},
	}
	var version string // only whether it is told counts
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		err := g.Call(ctx, Account{}, http.MethodGet, "/config/server/version", nil, &version)
		if err == nil {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for gerrit at %s: %w", url, err)
		}
	}
	if err := g.prepare(ctx); err != nil {
		return nil, fmt.Errorf("prepare gerrit at %s: %w", url, err)
	}
	return g, nil
}
