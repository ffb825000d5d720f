// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"review-assistant/gerrit"
)

// harmful are the global capabilities that a service account must not have:
// with any of them it could see, act or speak beyond its task.
var harmful = []string{
	"accessDatabase", "administrateServer", "createAccount", "createGroup", "createProject", "deleteGroup",
	"flushCaches", "killTask", "maintainServer", "modifyAccount", "readAs", "runAs", "runGC",
}

// rightsCheck remembers what is wrong with the rights of each host's account.
// It starts with "not checked": nothing is posted before the first look.
type rightsCheck struct {
	mu    sync.Mutex
	known map[string]string
}

// of returns why nothing may be posted to a host, or "".
func (r *rightsCheck) of(host string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	why, looked := r.known[host]
	if !looked {
		return "the rights of the service account were not checked yet"
	}
	return why
}

// unknown reports whether nobody has looked yet.
func (r *rightsCheck) unknown(host string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, looked := r.known[host]
	return !looked
}

func (r *rightsCheck) set(host, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]string{}
	}
	r.known[host] = why
}

// look reads the account's capabilities and remembers the verdict. An error
// leaves the last verdict standing.
func (r *rightsCheck) look(ctx context.Context, host string, c *gerrit.Client) error {
	caps, err := c.Capabilities(ctx)
	if err != nil {
		return fmt.Errorf("read the capabilities of the service account: %w", err)
	}
	r.set(host, tooMuch(caps))
	return nil
}

// tooMuch says which capabilities have to go, or "".
func tooMuch(caps []string) string {
	var found []string
	for _, c := range caps {
		if slices.Contains(harmful, c) {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "the service account may " + strings.Join(found, ", ") + "; take these capabilities away in All-Projects"
}
