// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// streamModules are compared, old with new. They are code that people wrote,
// with tests, data and prose, and no secrets are known in them.
var streamModules = []struct{ path, from, to string }{
	{"golang.org/x/tools", "v0.40.0", "v0.52.0"},
	{"golang.org/x/net", "v0.40.0", "v0.61.0"},
	{"golang.org/x/crypto", "v0.40.0", "v0.58.0"},
	{"google.golang.org/protobuf", "v1.34.2", "v1.36.12"},
}

// makeStream writes a diff of size bytes into dir, once, and returns its name.
func makeStream(ctx context.Context, dir string, size int) (string, error) {
	name := filepath.Join(dir, fmt.Sprintf("scrub-stream-%d.diff", size))
	if info, err := os.Stat(name); err == nil && info.Size() == int64(size) {
		return name, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	say("making %s", name)
	f, err := os.CreateTemp(dir, "stream-")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	out := &limited{w: f, left: size}
	for _, m := range streamModules {
		if err := diffModule(ctx, out, m.path, m.from, m.to); err != nil {
			return "", err
		}
	}
	once, err := os.ReadFile(f.Name())
	if err != nil {
		return "", err
	}
	if len(once) == 0 {
		return "", errors.New("the diff is empty")
	}
	for out.left > 0 {
		if _, err := out.Write(once); err != nil {
			return "", err
		}
	}
	return name, errors.Join(f.Close(), os.Rename(f.Name(), name))
}

// limited drops what comes after its limit.
type limited struct {
	w    io.Writer
	left int
}

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	n, err := l.w.Write(p[:min(len(p), l.left)])
	l.left -= n
	if err != nil {
		return n, err
	}
	return len(p), nil
}

func diffModule(ctx context.Context, out io.Writer, path, from, to string) error {
	var dirs []string
	for _, version := range []string{from, to} {
		dir, err := download(ctx, path+"@"+version)
		if err != nil {
			return err
		}
		dirs = append(dirs, filepath.Base(dir))
		if len(dirs) == 2 {
			return diff(ctx, out, filepath.Dir(dir), dirs)
		}
	}
	return nil
}

// download asks the go command for a module and returns where it is.
func download(ctx context.Context, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // outside of any module
	body, err := cmd.Output()
	var got struct{ Dir, Error string }
	if e := json.Unmarshal(body, &got); e != nil || err != nil || got.Error != "" {
		return "", fmt.Errorf("download %s: %s %w", module, got.Error, errors.Join(err, e))
	}
	return got.Dir, nil
}

// diff runs diff -ruN. Its exit code 1 says that there are differences.
func diff(ctx context.Context, out io.Writer, in string, dirs []string) error {
	cmd := exec.CommandContext(ctx, "diff", "-ruN", dirs[0], dirs[1])
	cmd.Dir, cmd.Stdout, cmd.Stderr = in, out, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return nil
	}
	return err
}
