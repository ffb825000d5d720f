// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// createApp makes an app of the release that the plugins are built for.
const createApp = "0.9.2"

// nextRelease is a day before the one after that. What was published later is
// not taken: without this the app would be a mix of releases, which is what the
// lockfile is for that createApp fetches from GitHub.
var nextRelease = time.Date(2026, time.October, 15, 0, 0, 0, 0, time.UTC)

// FreshApp is a Backstage app just made, with our packages from their archives
// as a registry would hand them out.
type FreshApp struct {
	workspace string // where our packages are
	cache     string // what is kept from run to run
	dir       string // of the app, in cache
}

// readme is what the README of one of our packages tells to do.
type readme struct {
	name    string // of the package
	to      string // the folder that it is added to
	backend string // lines for packages/backend/src/index.ts
}

var (
	addLine     = regexp.MustCompile(`(?m)^yarn --cwd (packages/\w+) add (@review-assistant/[\w-]+)$`)
	backendCode = regexp.MustCompile("(?s)```ts\n// packages/backend/src/index.ts\n(.*?)```")
)

// MakeFreshApp makes an app, does to it what the READMEs of our packages say,
// and builds its pages. What Yarn keeps of an earlier one is used again. ctx
// bounds all of it. log is told each step and how long it took.
func MakeFreshApp(ctx context.Context, log func(format string, args ...any)) (*FreshApp, error) {
	workspace, err := workspace()
	if err != nil {
		return nil, err
	}
	cache := filepath.Join(workspace, "..", ".cache", "fresh-app")
	f := &FreshApp{workspace, cache, filepath.Join(cache, "app")}
	var readmes []readme
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"pack", func() (err error) { readmes, err = f.pack(ctx); return err }},
		{"create", func() error { return f.create(ctx) }},
		{"prepare", func() error { return f.prepare() }},
		{"add and install", func() error { return f.install(ctx, readmes) }},
		{"types", func() error { return f.yarn(ctx, "tsc") }},
		{"build", func() error { return f.yarn(ctx, "workspace", "app", "build") }},
	} {
		began := time.Now()
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("make a fresh app: %s: %w", step.name, err)
		}
		log("%s: %.1f s", step.name, time.Since(began).Seconds())
	}
	return f, nil
}

// pack packs our packages, unless that was done before from the same sources,
// and returns what they tell to do.
func (f *FreshApp) pack(ctx context.Context) ([]readme, error) {
	if err := os.MkdirAll(filepath.Join(f.cache, "packs"), 0o755); err != nil {
		return nil, err
	}
	folders, err := filepath.Glob(filepath.Join(f.workspace, "plugins", "*", "README.md"))
	if err != nil {
		return nil, err
	}
	var out []readme
	for _, file := range folders {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		add := addLine.FindSubmatch(text)
		if add == nil {
			return nil, fmt.Errorf("%s does not tell how to add the package: no line is %s", file, addLine)
		}
		r := readme{name: string(add[2]), to: string(add[1])}
		if code := backendCode.FindSubmatch(text); code != nil {
			r.backend = string(code[1])
		}
		out = append(out, r)
	}
	sources, err := pageSources(f.workspace, "app")
	if err != nil {
		return nil, err
	}
	want, err := digest("pack", sources...)
	if err != nil {
		return nil, err
	}
	stamp := filepath.Join(f.cache, "packs", "stamp")
	if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
		return out, nil
	}
	foreach := []string{"workspaces", "foreach", "--all", "--no-private", "--parallel", "--jobs", "2"}
	for _, args := range [][]string{
		{"tsc"},
		slices.Concat(foreach, []string{"--topological", "run", "build"}),
		slices.Concat(foreach, []string{"pack", "--out", filepath.Join(f.cache, "packs", "%s.tgz")}),
	} {
		cmd := exec.CommandContext(ctx, filepath.Join(f.workspace, "bin", "yarn"), args...)
		cmd.Dir = f.workspace
		if err := run(cmd); err != nil {
			return nil, err
		}
	}
	return out, os.WriteFile(stamp, []byte(want), 0o644)
}

// create makes the app anew, but for what Yarn had installed in the one before.
func (f *FreshApp) create(ctx context.Context) error {
	tool := filepath.Join(f.cache, "create-app")
	program := filepath.Join(tool, "node_modules", "@backstage", "create-app", "bin", "backstage-create-app")
	if _, err := os.Stat(program); err != nil {
		cmd := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", tool, "@backstage/create-app@"+createApp)
		if err := run(cmd); err != nil {
			return err
		}
	}
	before := f.dir + ".before"
	if err := errors.Join(os.RemoveAll(before), os.MkdirAll(f.dir, 0o755), os.Rename(f.dir, before), os.Mkdir(f.dir, 0o755)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(f.workspace, "bin", "node"), program, "--path", "app", "--skip-install")
	cmd.Dir = f.cache
	cmd.Env = append(f.environment(), "BACKSTAGE_APP_NAME=fresh")
	if err := run(cmd); err != nil {
		return err
	}
	for _, folder := range []string{"", "packages/app", "packages/backend"} {
		err := os.Rename(filepath.Join(before, folder, "node_modules"), filepath.Join(f.dir, folder, "node_modules"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.RemoveAll(before)
}

// documented is what docs/backstage.md adds to the package.json at the top.
var documented = regexp.MustCompile("(?s)```json\n(\"resolutions\": \\{.*?\\})\n```")

// prepare takes over from our workspace which versions are installed, and adds
// what the documentation says of packages that no registry has.
func (f *FreshApp) prepare() error {
	lock, err := os.ReadFile(filepath.Join(f.workspace, "yarn.lock"))
	if err != nil {
		return err
	}
	var ours struct{ Resolutions map[string]string }
	var manifest map[string]any
	for file, into := range map[string]any{
		filepath.Join(f.workspace, "package.json"): &ours,
		filepath.Join(f.dir, "package.json"):       &manifest,
	} {
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	doc, err := os.ReadFile(filepath.Join(f.workspace, "..", "docs", "backstage.md"))
	if err != nil {
		return err
	}
	snippet := documented.FindSubmatch(doc)
	if snippet == nil {
		return fmt.Errorf("docs/backstage.md does not tell what package.json needs: nothing is %s", documented)
	}
	if err := json.Unmarshal([]byte("{"+string(snippet[1])+"}"), &ours); err != nil { // adds to what is there
		return fmt.Errorf("docs/backstage.md: %w", err)
	}
	resolutions, is := manifest["resolutions"].(map[string]any)
	if !is {
		return errors.New("its package.json has no resolutions")
	}
	for name, version := range ours.Resolutions {
		resolutions[name] = version
	}
	text, err := json.MarshalIndent(manifest, "", "  ")
	return errors.Join(err,
		os.CopyFS(filepath.Join(f.dir, "packs"), os.DirFS(filepath.Join(f.cache, "packs"))),
		os.WriteFile(filepath.Join(f.dir, "package.json"), text, 0o644),
		os.WriteFile(filepath.Join(f.dir, "yarn.lock"), lock, 0o644),
		// Its own lets through every package of Backstage, however new.
		os.WriteFile(filepath.Join(f.dir, ".yarnrc.yml"), []byte("nodeLinker: node-modules\n"), 0o644),
	)
}

// install does what the READMEs say: one command for each folder, of which the
// last one installs what all have added.
func (f *FreshApp) install(ctx context.Context, readmes []readme) error {
	added := map[string][]string{}
	var code strings.Builder
	for _, r := range readmes {
		added[r.to] = append(added[r.to], r.name+"@file:../../packs/"+strings.ReplaceAll(r.name, "/", "-")+".tgz")
		code.WriteString(r.backend)
	}
	folders := slices.Sorted(maps.Keys(added))
	for i, folder := range folders {
		mode := "--mode=update-lockfile"
		if i == len(folders)-1 {
			mode = "--mode=skip-build"
		}
		if err := f.yarn(ctx, slices.Concat([]string{"--cwd", folder, "add", mode}, added[folder])...); err != nil {
			return err
		}
	}
	index := filepath.Join(f.dir, "packages", "backend", "src", "index.ts")
	text, err := os.ReadFile(index)
	if err != nil {
		return err
	}
	const last = "\nbackend.start();"
	if !strings.Contains(string(text), last) {
		return fmt.Errorf("%s has no line%s", index, last)
	}
	if err := os.WriteFile(index, []byte(strings.Replace(string(text), last, "\n"+code.String()+last, 1)), 0o644); err != nil {
		return err
	}
	// Compiled by backstage/setup.sh.
	const built = "node_modules/better-sqlite3/build/Release/better_sqlite3.node"
	sqlite, err := os.ReadFile(filepath.Join(f.workspace, built))
	return errors.Join(err, os.MkdirAll(filepath.Dir(filepath.Join(f.dir, built)), 0o755), os.WriteFile(filepath.Join(f.dir, built), sqlite, 0o755))
}

// environment has our Node and Yarn, and Yarn's cache of the checkout.
func (f *FreshApp) environment() []string {
	return append(os.Environ(),
		"PATH="+filepath.Join(f.workspace, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
		"YARN_IGNORE_PATH=1", "YARN_ENABLE_GLOBAL_CACHE=false", "YARN_ENABLE_TELEMETRY=false", "YARN_ENABLE_SCRIPTS=false",
		"YARN_ENABLE_IMMUTABLE_INSTALLS=false", "YARN_CACHE_FOLDER="+filepath.Join(f.workspace, "..", ".cache", "yarn"),
		"YARN_NPM_MINIMAL_AGE_GATE="+strconv.Itoa(int(time.Since(nextRelease).Minutes())),
	)
}

func (f *FreshApp) yarn(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(f.workspace, "bin", "yarn"), args...)
	cmd.Dir, cmd.Env = f.dir, f.environment()
	return run(cmd)
}

// freshConfig has the port, the file of the entities and the bot's URL and
// secret as holes.
const freshConfig = `
app: {baseUrl: "http://127.0.0.1:%[1]d"}
backend:
  baseUrl: "http://127.0.0.1:%[1]d"
  listen: {host: 127.0.0.1, port: %[1]d}
auth: {providers: {guest: {dangerouslyAllowOutsideDevelopment: true}}}
catalog:
  rules: [{allow: [Component, User]}]
  locations: [{type: file, target: %[2]q}]
gerritReviewAssistant: {baseUrl: %[3]q, serviceToken: %[4]q}
`

// Start starts the app on a free loopback port, with entities instead of its
// examples, for a bot. Whoever comes is its guest. ctx bounds the start only.
func (f *FreshApp) Start(ctx context.Context, catalog []byte, botURL, secret string, log io.Writer) (*Backstage, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	b := &Backstage{URL: fmt.Sprintf("http://127.0.0.1:%d", port), port: port}
	b.Catalog = filepath.Join(f.dir, "catalog.yaml")
	config := filepath.Join(f.dir, "app-config.rig.yaml")
	if err := errors.Join(
		os.WriteFile(b.Catalog, catalog, 0o644),
		os.WriteFile(config, fmt.Appendf(nil, freshConfig, port, b.Catalog, botURL, secret), 0o600),
	); err != nil {
		return nil, err
	}
	cmd := node(f.workspace, "src/index.ts", "--config", filepath.Join(f.dir, "app-config.yaml"), "--config", config)
	cmd.Dir = filepath.Join(f.dir, "packages", "backend")
	cmd.Env = append(cmd.Env, "GITHUB_TOKEN=none")
	if err := b.launch(ctx, cmd, log); err != nil {
		b.Stop()
		return nil, fmt.Errorf("start the fresh app: %w", err)
	}
	return b, nil
}
