// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// The versions that the end-to-end tests run. pom.xml knows the same two.
const (
	Newest = "3.13.5"
	Oldest = "3.10.2" // the last that runs on Java 17
)

// release is how to build and run one version of Gerrit.
type release struct {
	version        string
	minJDK, maxJDK int
	mavenArgs      []string
	jvmArgs        []string
}

var releases = []release{
	{version: Newest, minJDK: 21, maxJDK: 99},
	{
		version: Oldest, minJDK: 17, maxJDK: 17,
		mavenArgs: []string{"-P", "gerrit-3.10"},
		jvmArgs: []string{
			"--add-opens=java.base/java.net=ALL-UNNAMED",
			"--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
		},
	},
}

func releaseOf(version string) (release, error) {
	for _, r := range releases {
		if r.version == version {
			return r, nil
		}
	}
	return release{}, fmt.Errorf("gerrit %q is not one of %s, %s", version, Newest, Oldest)
}

// launcher is a built Gerrit, ready to start.
type launcher struct {
	java string
	args []string // all but the site
}

// build fetches the jars and compiles the launcher into .cache/gerrit/VERSION
// of the checkout, unless that was done before from the same sources.
func build(ctx context.Context, r release) (launcher, error) {
	j, err := findJDK(ctx, r.minJDK, r.maxJDK)
	if err != nil {
		return launcher{}, fmt.Errorf("build gerrit %s: %w", r.version, err)
	}
	root, err := checkout()
	if err != nil {
		return launcher{}, err
	}
	sources := filepath.Join(root, "e2e", "gerrit")
	dir := filepath.Join(root, ".cache", "gerrit", r.version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return launcher{}, fmt.Errorf("build gerrit: %w", err)
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return launcher{}, fmt.Errorf("build gerrit: %w", err)
	}
	defer unlock()

	java, err := filepath.Glob(filepath.Join(sources, "src", "e2e", "*.java"))
	if err != nil {
		return launcher{}, fmt.Errorf("build gerrit: %w", err)
	}
	pom := filepath.Join(sources, "pom.xml")
	want, err := digest(fmt.Sprint(r, j), append(java, pom)...)
	if err != nil {
		return launcher{}, fmt.Errorf("build gerrit: %w", err)
	}
	lib, classes, stamp := filepath.Join(dir, "lib"), filepath.Join(dir, "classes"), filepath.Join(dir, "stamp")
	if got, err := os.ReadFile(stamp); err != nil || string(got) != want {
		if err := compile(ctx, r, j, pom, java, lib, classes); err != nil {
			return launcher{}, err
		}
		if err := os.WriteFile(stamp, []byte(want), 0o644); err != nil {
			return launcher{}, fmt.Errorf("build gerrit: %w", err)
		}
	}

	// The flags halve the processor time of a start: the compiler of the
	// second tier and a parallel collector never pay off in so short a life.
	args := []string{"-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"}
	if j.major >= 24 {
		args = append(args, "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED")
	}
	args = append(args, r.jvmArgs...)
	return launcher{java: j.tool("java"), args: append(args,
		"-Dlog4j.configuration=file:"+filepath.Join(sources, "log4j.properties"),
		// Both big jars hold some of the same classes; the first one counts.
		"-cp", strings.Join([]string{classes, filepath.Join(lib, "gerrit-plugin-api-"+r.version+".jar"), lib + "/*"}, ":"),
		"e2e.Launcher",
	)}, nil
}

func compile(ctx context.Context, r release, j jdk, pom string, java []string, lib, classes string) error {
	for _, dir := range []string{lib, classes} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("build gerrit: %w", err)
		}
	}
	maven := exec.CommandContext(ctx, "mvn", append([]string{
		"-q", "-B", "-f", pom, "-DoutputDirectory=" + lib,
		"dependency:copy-dependencies",
	}, r.mavenArgs...)...)
	maven.Env = append(os.Environ(), "JAVA_HOME="+j.home)
	if err := run(maven); err != nil {
		return fmt.Errorf("fetch the jars of gerrit %s: %w", r.version, err)
	}
	// The version endpoint answers from this resource, "(dev)" without it.
	resource := filepath.Join(classes, "com", "google", "gerrit", "common", "Version")
	if err := os.MkdirAll(filepath.Dir(resource), 0o755); err != nil {
		return fmt.Errorf("build gerrit: %w", err)
	}
	if err := os.WriteFile(resource, []byte(r.version), 0o644); err != nil {
		return fmt.Errorf("build gerrit: %w", err)
	}
	javac := exec.CommandContext(ctx, j.tool("javac"),
		append([]string{"-nowarn", "-proc:none", "-cp", lib + "/*", "-d", classes}, java...)...)
	if err := run(javac); err != nil {
		return fmt.Errorf("compile the launcher for gerrit %s: %w", r.version, err)
	}
	return nil
}

// run runs cmd and adds the end of what it printed to a failure.
func run(cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, tail(out.String()))
	}
	return nil
}

// tail returns the last 4,000 bytes of s: the cause is at the end of a log.
func tail(s string) string { return strings.TrimSpace(s[max(0, len(s)-4000):]) }

// checkout returns the root of the source tree around the working directory.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the checkout: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "e2e", "gerrit", "pom.xml")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("find the checkout: no e2e/gerrit/pom.xml above %s; run from inside the source tree", dir)
		}
	}
}

func digest(seed string, files ...string) (string, error) {
	h := sha256.New()
	h.Write([]byte(seed))
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		h.Write(body)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// lock waits for the file's lock: test binaries of several packages run at once.
func lock(name string) (unlock func(), err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}
