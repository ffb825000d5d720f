// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// PortalOptions say what a whole Backstage starts with.
type PortalOptions struct {
	App     string // the package with its pages, "app" by default
	BotURL  string
	Secret  string // the bot's, for this portal
	Gerrit  *Gerrit
	Account Account // who reads Gerrit's projects and groups for the catalog
	// Query picks the projects that appear in the catalog, such as
	// "prefix=shop"; none without it.
	Query string
	// Groups are Gerrit groups that the catalog has too, by its name for each.
	Groups map[string]string
	// Denied takes permissions from people, such as "user:default/una".
	Denied  map[string][]string
	Catalog []byte
	Lasting bool // see [BackstageOptions]
	Log     io.Writer
}

// portalConfig has the package of the pages, the bot's URL and secret, Gerrit's
// host, URL, user name and password, and the policy as holes.
const portalConfig = `
app:
  packageName: %s
  # What people come for, above what is empty mostly.
  extensions: ["entity-card:gerrit-review-assistant/changes"]
permission: {enabled: true}
gerritReviewAssistant: {baseUrl: %q, serviceToken: %q}
integrations:
  gerrit: [{host: %q, baseUrl: %[5]q, gitilesBaseUrl: "%[5]s/plugins/gitiles", username: %[6]q, password: %[7]q}]
policy: %[8]s
`

// StartPortal builds the pages if need be, starts a whole Backstage on a free
// loopback port and returns when it is ready. ctx bounds the start only.
func StartPortal(ctx context.Context, o PortalOptions) (*Backstage, error) {
	if o.App == "" {
		o.App = "app"
	}
	if err := buildPages(ctx, o.App); err != nil {
		return nil, err
	}
	host := strings.TrimPrefix(o.Gerrit.URL, "http://")
	denied := []M{}
	for user, permissions := range o.Denied {
		denied = append(denied, M{"user": user, "permissions": permissions})
	}
	policy, err := json.Marshal(M{"groups": slices.AppendSeq([]string{}, maps.Keys(o.Groups)), "denied": denied})
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf(portalConfig, o.App, o.BotURL, o.Secret, host, o.Gerrit.URL, o.Account.Username, o.Account.Password, policy)
	if o.Query != "" || len(o.Groups) > 0 {
		config += "catalog:\n  providers:\n"
	}
	if o.Query != "" {
		config += fmt.Sprintf("    gerrit: {rig: {host: %q, query: %q, branch: main, schedule: {frequency: {seconds: 2}, timeout: {seconds: 10}}}}\n", host, o.Query)
	}
	if len(o.Groups) > 0 {
		config += fmt.Sprintf("    gerritGroups:\n      rig:\n        host: %q\n        groups:\n", host)
		for name, group := range o.Groups {
			config += fmt.Sprintf("          - {name: %q, as: %s}\n", group, name)
		}
	}
	return StartBackstage(ctx, BackstageOptions{Entry: Portal, Catalog: o.Catalog, Config: config, Lasting: o.Lasting, Log: o.Log})
}

// buildPages builds a package of pages, unless that was done before from the
// same sources.
func buildPages(ctx context.Context, app string) error {
	dir, err := workspace()
	if err != nil {
		return err
	}
	cache := filepath.Join(dir, "..", ".cache", "pages-"+app)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return fmt.Errorf("build the pages of %s: %w", app, err)
	}
	unlock, err := lock(filepath.Join(cache, "lock"))
	if err != nil {
		return fmt.Errorf("build the pages of %s: %w", app, err)
	}
	defer unlock()
	files, err := pageSources(dir, app)
	if err != nil {
		return fmt.Errorf("build the pages of %s: %w", app, err)
	}
	want, err := digest(app, files...)
	if err != nil {
		return fmt.Errorf("build the pages of %s: %w", app, err)
	}
	stamp := filepath.Join(cache, "stamp")
	got, _ := os.ReadFile(stamp)
	if _, err := os.Stat(filepath.Join(dir, "packages", app, "dist", "index.html")); err == nil && string(got) == want {
		return nil
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "bin", "yarn"), "workspace", app, "build")
	cmd.Dir = dir
	if err := run(cmd); err != nil {
		return fmt.Errorf("build the pages of %s: %w", app, err)
	}
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// pageSources lists what the pages are built from: the package, the plugins
// and which versions of everything else.
func pageSources(dir, app string) ([]string, error) {
	files := []string{filepath.Join(dir, "yarn.lock")}
	for _, root := range []string{filepath.Join(dir, "packages", app), filepath.Join(dir, "plugins")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && slices.Contains([]string{"node_modules", "dist", "dist-types", "coverage"}, d.Name()) {
				return filepath.SkipDir
			}
			if d.Type().IsRegular() {
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}
