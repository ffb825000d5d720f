// SPDX-License-Identifier: Apache-2.0

package gitlog

import (
	"cmp"
	"context"
	"io"
	"time"
)

// watcher ends git when it says nothing for too long. The time that our own
// reader takes does not count.
type watcher struct {
	timer    *time.Timer
	patience time.Duration
	cancel   context.CancelCauseFunc
}

// watch returns a context for git, and who ends it.
func watch(ctx context.Context, o Options) (context.Context, *watcher) {
	w := &watcher{patience: cmp.Or(o.Patience, patience)}
	ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(w.patience, func() { w.cancel(&silentError{w.patience}) })
	return ctx, w
}

func (w *watcher) arm() { w.timer.Reset(w.patience) }

func (w *watcher) end() {
	w.timer.Stop()
	w.cancel(nil)
}

// reader reads from git.
func (w *watcher) reader(r io.Reader) io.Reader { return watched{r, w} }

type watched struct {
	io.Reader
	w *watcher
}

func (r watched) Read(p []byte) (int, error) {
	r.w.arm()
	defer r.w.timer.Stop()
	return r.Reader.Read(p)
}
