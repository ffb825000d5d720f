// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
)

// T is what a [Scene] needs of a test. *testing.T is one, and [Try] makes one
// for use outside of tests.
type T interface {
	Helper()
	Name() string
	Context() context.Context
	TempDir() string
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Try runs f and returns what it failed with.
func Try(ctx context.Context, f func(T)) error {
	t := &attempt{ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Fatalf ends this goroutine, as it does in a test.
		f(t)
	}()
	<-done
	for _, clean := range slices.Backward(t.cleanups) {
		clean()
	}
	return t.err
}

type attempt struct {
	ctx      context.Context
	err      error
	cleanups []func()
}

func (a *attempt) Helper()                  {}
func (a *attempt) Name() string             { return "rig" }
func (a *attempt) Context() context.Context { return a.ctx }
func (a *attempt) Cleanup(f func())         { a.cleanups = append(a.cleanups, f) }

func (a *attempt) TempDir() string {
	dir, err := os.MkdirTemp("", "rig-")
	if err != nil {
		a.Fatalf("make a temporary folder: %w", err)
	}
	a.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (a *attempt) Fatalf(format string, args ...any) {
	a.err = errors.Join(a.err, fmt.Errorf(format, args...))
	runtime.Goexit()
}
