// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// jdk is an installed Java development kit.
type jdk struct {
	home  string
	major int
}

func (j jdk) tool(name string) string { return filepath.Join(j.home, "bin", name) }

// findJDK returns the newest JDK whose major version is in [least, most]. It
// asks each installed one: folder names and JAVA_HOME are not to be trusted.
func findJDK(ctx context.Context, least, most int) (jdk, error) {
	var seen []string
	best := jdk{}
	for _, home := range jdkHomes() {
		major, err := jdkVersion(ctx, home)
		if err != nil {
			continue
		}
		seen = append(seen, fmt.Sprintf("%d in %s", major, home))
		if major >= least && major <= most && major > best.major {
			best = jdk{home, major}
		}
	}
	if best.home != "" {
		return best, nil
	}
	want := fmt.Sprintf("a JDK of %d or newer", least)
	if most == least {
		want = fmt.Sprintf("a JDK %d", least)
	}
	found := "none is installed"
	if len(seen) > 0 {
		found = "there is only " + strings.Join(seen, ", ")
	}
	return jdk{}, fmt.Errorf("it needs %s and %s; install one below /usr/lib/jvm or set JAVA_HOME", want, found)
}

// jdkHomes lists where a JDK may be, each real folder once.
func jdkHomes() []string {
	var homes []string
	if home := os.Getenv("JAVA_HOME"); home != "" {
		homes = append(homes, home)
	}
	if javac, err := exec.LookPath("javac"); err == nil {
		if real, err := filepath.EvalSymlinks(javac); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(real)))
		}
	}
	// Glob fails on a malformed pattern only.
	found, _ := filepath.Glob("/usr/lib/jvm/*")
	var distinct []string
	for _, home := range append(homes, found...) {
		if real, err := filepath.EvalSymlinks(home); err == nil && !slices.Contains(distinct, real) {
			distinct = append(distinct, real)
		}
	}
	return distinct
}

// jdkVersion asks javac, which a mere runtime lacks, for its major version.
func jdkVersion(ctx context.Context, home string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(home, "bin", "javac"), "-version").Output()
	if err != nil {
		return 0, fmt.Errorf("ask the JDK in %s for its version: %w", home, err)
	}
	return parseJavac(string(out))
}

// parseJavac reads "javac 25.0.3", "javac 17.0.15" and "javac 1.8.0_292".
func parseJavac(out string) (int, error) {
	version, ok := strings.CutPrefix(strings.TrimSpace(out), "javac ")
	if !ok {
		return 0, fmt.Errorf("javac -version said %q", out)
	}
	parts := strings.FieldsFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if len(parts) > 1 && parts[0] == "1" {
		parts = parts[1:]
	}
	if len(parts) == 0 {
		return 0, fmt.Errorf("javac -version said %q", out)
	}
	return strconv.Atoi(parts[0])
}
