// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"

	"github.com/chromedp/chromedp"
)

// Chromium is a headless browser with a profile of its own.
type Chromium struct {
	ctx  context.Context
	stop context.CancelFunc
	axe  string
}

func findChromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// StartChromium starts a browser, which asks nobody but this machine.
func StartChromium() (*Chromium, error) {
	dir, err := workspace()
	if err != nil {
		return nil, err
	}
	axe, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return nil, fmt.Errorf("start chromium: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium()),
		chromedp.WindowSize(1400, 1400),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-gpu", true),
		// Nothing of the machine's own settings: everything is on loopback.
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	if os.Geteuid() == 0 {
		// Its sandbox refuses root.
		options = append(options, chromedp.NoSandbox)
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	c := &Chromium{ctx: ctx, stop: func() { cancel(); stop() }, axe: string(axe)}
	started := make(chan error, 1)
	go func() {
		// The browser dies with the thread that forked it, which is not to be
		// one that ends with another process.
		goruntime.LockOSThread()
		started <- chromedp.Run(ctx)
		<-ctx.Done()
	}()
	if err := <-started; err != nil {
		c.Stop()
		return nil, fmt.Errorf("start chromium: %w", err)
	}
	return c, nil
}

// Stop ends the browser and removes its profile.
func (c *Chromium) Stop() { c.stop() }
