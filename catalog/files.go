// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"review-assistant/review"
)

const (
	maxFiles    = 2000
	maxFileSize = 256 << 10
	// lookEvery is how often the files are looked at for changes.
	lookEvery = 5 * time.Second
)

// FileOptions say which files make the catalog.
type FileOptions struct {
	// Patterns are files, directories (every .yaml and .yml below) and globs
	// with **.
	Patterns []string
	Gerrits  Gerrits
	// UserNames are as in Options.
	UserNames []string
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger     // as in Options
}

// Files is a catalog of YAML files. It reads them again when they change and
// keeps the last good state while they are broken.
type Files struct {
	opts FileOptions
	how  reading

	mu     sync.Mutex
	index  *index
	stamp  string
	loaded time.Time
	looked time.Time
	err    error // of the last look
	reads  turns
}

// OpenFiles reads the files. What is wrong with them is told with file and line.
func OpenFiles(o FileOptions) (*Files, error) {
	bases, err := o.Gerrits.bases()
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Files{
		opts: o, how: reading{bases, o.UserNames},
		reads: turns{log: o.Log, bad: "the catalog files cannot be read", well: "the catalog files can be read again"},
	}
	f.read(o.Now())
	if f.err != nil {
		return nil, fmt.Errorf("catalog: %w", f.err)
	}
	return f, nil
}

// Owners returns who owns the paths, the nearest claim first. Note says what
// is doubtful about the answer.
func (f *Files) Owners(_ context.Context, host, project, branch string, paths []string) (owners []review.Owner, note string, err error) {
	x, loaded, broken := f.current()
	owners, note = x.owners(host, project, branch, paths)
	if broken != nil {
		note = joinNotes(fmt.Sprintf("catalog files cannot be read (%v); ownership is %s old", broken, age(f.opts.Now().Sub(loaded))), note)
	}
	return owners, note, nil
}

// current looks at the files if that is due and returns what they say, since
// when, and what is wrong with them now.
func (f *Files) current() (x *index, loaded time.Time, broken error) {
	now := f.opts.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.looked) >= lookEvery || now.Before(f.looked) {
		f.look(now)
	}
	return f.index, f.loaded, f.err
}

// Team returns the people of the one group with that name.
func (f *Files) Team(name string) (people []review.Person, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index.teamNamed(name)
}

// Revision names the state of the files that Owners answers from.
func (f *Files) Revision() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index.revision
}

// Refresh looks at the files at once.
func (f *Files) Refresh(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look(f.opts.Now())
	return f.err
}

// Close releases nothing; it makes Files a source like the others.
func (f *Files) Close() error { return nil }

// look reads the files and tells the log when that begins or ceases to fail.
func (f *Files) look(now time.Time) {
	f.read(now)
	f.reads.tell(f.err, "last_read", f.loaded.UTC().Format(time.RFC3339))
}

// read reads the files if names, sizes or times moved.
func (f *Files) read(now time.Time) {
	f.looked = now
	names, stamp, err := listFiles(f.opts.Patterns)
	if err != nil || f.index != nil && f.err == nil && stamp == f.stamp {
		f.err = err
		return
	}
	var list []*entity
	var errs []error
	for _, name := range names {
		more, err := readFile(name, f.how)
		if list = append(list, more...); len(list) > maxEntities {
			err = fmt.Errorf("more than %d entities; use narrower patterns", maxEntities)
			errs = append(errs, err)
			break
		}
		if errs = append(errs, err); len(errs) > 2*maxFiles {
			break
		}
	}
	if f.err = errors.Join(errs...); f.err == nil {
		f.index, f.stamp, f.loaded = newIndex(list), stamp, now
	}
}

// listFiles expands the patterns and returns a stamp that moves with the files.
func listFiles(patterns []string) (names []string, stamp string, err error) {
	for _, p := range patterns {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			p = filepath.Join(escapeGlob(p), "**", "*.{yaml,yml}")
		} else if err == nil {
			names = append(names, p)
			continue
		}
		found, err := doublestar.FilepathGlob(p, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
		if err != nil {
			return nil, "", fmt.Errorf("pattern %q: %w", p, err)
		}
		if len(found) == 0 {
			return nil, "", fmt.Errorf("no file matches %q; name a catalog-info.yaml, a directory or a pattern", p)
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxFiles {
		return nil, "", fmt.Errorf("%d files match, at most %d are read; use narrower patterns", len(names), maxFiles)
	}
	var b bytes.Buffer
	for _, n := range names {
		info, err := os.Stat(n)
		if err != nil {
			return nil, "", err
		}
		fmt.Fprintf(&b, "%s %d %d\n", n, info.Size(), info.ModTime().UnixNano())
	}
	return names, b.String(), nil
}

// escapeGlob makes a directory name literal inside a pattern.
func escapeGlob(s string) string {
	var b []rune
	for _, r := range s {
		if slices.Contains([]rune(`*?[]{}`), r) {
			b = append(b, '\\')
		}
		b = append(b, r)
	}
	return string(b)
}

// regular refuses what is no plain file: to open a pipe waits for whoever
// writes to it.
func regular(name string) (fs.FileInfo, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", name)
	}
	return info, err
}

func readFile(name string, how reading) ([]*entity, error) {
	if _, err := regular(name); err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err != nil {
		var broken *fs.PathError
		if errors.As(err, &broken) {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	list, err := parseYAML(name, data, how)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// parseYAML reads the documents of one file. Documents of kinds that do not
// matter are skipped.
func parseYAML(name string, data []byte, how reading) (list []*entity, err error) {
	err = eachDoc(name, data, func(body ast.Node) error {
		var head struct{ Kind string }
		if err := yaml.NodeToValue(body, &head); err != nil {
			return yamlError(name, err)
		}
		if !matters(head.Kind) {
			return nil // a Template's or Location's spec has another shape
		}
		var r raw
		if err := yaml.NodeToValue(body, &r); err != nil {
			return yamlError(name, err)
		}
		e, err := r.check(how)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, body.GetToken().Position.Line, err)
		}
		list = append(list, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}
