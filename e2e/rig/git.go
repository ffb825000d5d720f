// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Files maps paths to contents; any bytes will do.
type Files map[string]string

// commit describes a commit for git fast-import.
type commit struct {
	by         Account // who commits
	author     Account
	message    string
	parents    []string
	tree       string // start from this tree instead of the first parent's
	files      Files
	executable Files
	symlinks   Files             // path to target
	submodules map[string]string // path to commit
	renames    map[string]string // old path to new
	removes    []string
}

// clone is a bare repository of our own, which talks to one project.
type clone struct {
	t   T
	dir string
	url string // of the project on the server

	last *atomic.Int64 // time of the newest commit, in seconds
}

// git runs one git command as the account and returns what it printed.
func (c clone) git(as Account, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), "git", args...)
	cmd.Dir = c.dir
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = append(os.Environ(),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		// The password stays out of the process list.
		"GIT_CONFIG_COUNT=2",
		"GIT_CONFIG_KEY_0=http.extraHeader",
		"GIT_CONFIG_VALUE_0=Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(as.Username+":"+as.Password)),
		"GIT_CONFIG_KEY_1=http.proxy", "GIT_CONFIG_VALUE_1=",
	)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", args[0], err, tail(out.String()))
	}
	return strings.TrimSpace(out.String()), err
}

func (c clone) must(as Account, stdin string, args ...string) string {
	c.t.Helper()
	out, err := c.git(as, stdin, args...)
	if err != nil {
		c.t.Fatalf("as %s: %v", as.Username, err)
	}
	return out
}

// fetch brings a ref of the server here and returns its commit.
func (c clone) fetch(as Account, ref string) string {
	c.t.Helper()
	c.must(as, "", "fetch", "-q", c.url, "+"+ref+":refs/here")
	return c.must(as, "", "rev-parse", "refs/here")
}

// write makes the commit and returns its id.
func (c clone) write(k commit) string {
	c.t.Helper()
	out := c.must(k.by, k.stream(c.moment()), "fast-import", "--quiet", "--force", "--date-format=raw")
	return strings.TrimSpace(out)
}

// stream returns the commit in the language of git fast-import, made at a
// time in seconds.
func (k commit) stream(at int64) string {
	var b strings.Builder
	data := func(s string) { fmt.Fprintf(&b, "data %d\n%s\n", len(s), s) }
	who := func(a Account) string { return fmt.Sprintf("%s <%s> %d +0000", a.Name, a.Email, at) }
	fmt.Fprintf(&b, "commit refs/here\nmark :1\nauthor %s\ncommitter %s\n", who(k.author), who(k.by))
	data(k.message)
	for i, p := range k.parents {
		fmt.Fprintf(&b, "%s %s\n", []string{"from", "merge"}[min(i, 1)], p)
	}
	if k.tree != "" {
		fmt.Fprintf(&b, "M 040000 %s \"\"\n", k.tree)
	}
	for _, old := range slices.Sorted(maps.Keys(k.renames)) {
		fmt.Fprintf(&b, "R %q %q\n", old, k.renames[old])
	}
	for _, p := range k.removes {
		fmt.Fprintf(&b, "D %s\n", p)
	}
	for _, kind := range []struct {
		mode  string
		files Files
	}{{"100644", k.files}, {"100755", k.executable}, {"120000", k.symlinks}} {
		for _, p := range slices.Sorted(maps.Keys(kind.files)) {
			fmt.Fprintf(&b, "M %s inline %s\n", kind.mode, p)
			data(kind.files[p])
		}
	}
	for _, p := range slices.Sorted(maps.Keys(k.submodules)) {
		fmt.Fprintf(&b, "M 160000 %s %s\n", k.submodules[p], p)
	}
	b.WriteString("get-mark :1\ndone\n")
	return b.String()
}

// moment returns a time in seconds, never the same one twice for a project:
// Gerrit refuses a commit that it has, and quick ones would differ in nothing.
// It is a little ago, so that many of them do not reach into the future, where
// an opt-in would come after the change that follows it.
func (c clone) moment() int64 {
	for {
		last := c.last.Load()
		now := max(last+1, time.Now().Unix()-60)
		if c.last.CompareAndSwap(last, now) {
			return now
		}
	}
}

// newChangeID returns a Change-Id that no other change has.
func newChangeID() string { return fmt.Sprintf("I%x", sha1.Sum([]byte(rand.Text()))) }
