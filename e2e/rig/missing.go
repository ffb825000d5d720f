// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Missing returns one sentence for each thing that this machine lacks to run
// the given versions of Gerrit, and Redis; none when all is there.
func Missing(ctx context.Context, versions ...string) []string {
	var missing []string
	for _, tool := range []struct{ name, why string }{
		{"git", "pushes the changes of the stories"},
		{"mvn", "fetches Gerrit's jars"},
		{"redis-server", "is the second store"},
	} {
		if _, err := exec.LookPath(tool.name); err != nil {
			missing = append(missing, fmt.Sprintf("%s is not installed; it %s", tool.name, tool.why))
		}
	}
	for _, v := range versions {
		r, err := releaseOf(v)
		if err == nil {
			_, err = findJDK(ctx, r.minJDK, r.maxJDK)
		}
		if err != nil {
			missing = append(missing, fmt.Sprintf("Gerrit %s cannot run: %v", v, err))
		}
	}
	return missing
}

// MissingBackstage returns what this machine lacks to run a Backstage, "" when
// all is there.
func MissingBackstage() string {
	dir, err := workspace()
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "node_modules", ".installed"))
	}
	if err != nil {
		return "Backstage is not installed; backstage/setup.sh does it where npm is"
	}
	return ""
}

// MissingPortal returns what this machine lacks to show a whole Backstage in a
// browser, "" when all is there.
func MissingPortal() string {
	if findChromium() == "" {
		return "chromium is not installed; e2e/setup.sh does it where apt-get is"
	}
	return MissingBackstage()
}

// MissingKeycloak returns what this machine lacks to run a Keycloak, "" when
// all is there.
func MissingKeycloak(ctx context.Context) string {
	if _, err := exec.LookPath("mvn"); err != nil {
		return "mvn is not installed; it fetches Keycloak"
	}
	if _, err := keycloakJDK(ctx); err != nil {
		return fmt.Sprintf("Keycloak cannot run: %v", err)
	}
	return ""
}

// MissingOIDC returns what this machine lacks to run one, "" when all is
// there.
func MissingOIDC() string {
	root, err := checkout()
	if err == nil {
		_, err = os.Stat(filepath.Join(root, ".cache", "oidc", "done"))
	}
	if err != nil {
		return "the OpenID provider of the tests is not installed; e2e/oidc/setup.sh does it where Node and npm are"
	}
	return ""
}
