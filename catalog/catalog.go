// SPDX-License-Identifier: Apache-2.0

// Package catalog answers who owns a path, from a Backstage catalog or from
// catalog-info files on disk.
//
// A source keeps a whole snapshot in memory, so that a review never waits for
// the catalog and an outage costs nothing but freshness. Everything in a
// catalog is written by people and hostile until checked: see entity.go for
// what an entity must look like, and index.go for the way from a path to
// people. Ownership suggests reviewers; it never grants anything.
package catalog

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Gerrit says where the sources of one configured Gerrit are browsed, so that
// a source location can be told to be its.
type Gerrit struct {
	Gitiles []string // base URLs, such as https://gerrit.example.com/plugins/gitiles
	Web     string   // the Gerrit itself; its /plugins/gitiles counts as a base
}

// Gerrits maps the configured ids of Gerrit servers to their addresses.
type Gerrits map[string]Gerrit

// base is one parsed Gitiles address.
type base struct {
	gerrit string
	host   string // lower case, with port
	path   string // without a slash at the end
}

// reading says how entities are read.
type reading struct {
	bases     []base   // where sources may be
	userNames []string // further annotations of users that hold their Gerrit user name
}

// bases parses the addresses.
func (g Gerrits) bases() ([]base, error) {
	var out []base
	for id, s := range g {
		addresses := s.Gitiles
		if s.Web != "" {
			addresses = append(addresses[:len(addresses):len(addresses)], strings.TrimRight(s.Web, "/")+"/plugins/gitiles")
		}
		for _, a := range addresses {
			u, err := url.Parse(a)
			if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
				return nil, fmt.Errorf("catalog: %q of Gerrit %q is not an http(s) address", a, id)
			}
			out = append(out, base{gerrit: id, host: strings.ToLower(u.Host), path: strings.TrimRight(u.EscapedPath(), "/")})
		}
	}
	return out, nil
}

// age prints how old a snapshot is, coarsely.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < 2*time.Minute:
		return "a minute"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// joinNotes puts two remarks into one line.
func joinNotes(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
