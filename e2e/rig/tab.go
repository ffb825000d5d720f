// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// pageTime bounds every wait for something on a page. A page reads again every
// minute, and an answer of Gerrit counts for one.
const pageTime = 3 * time.Minute

// Tab is a page of one person. Its methods fail the test.
type Tab struct {
	T
	ctx  context.Context
	base string
	axe  string

	mu     sync.Mutex
	faults []Fault
}

// Tab opens an empty page whose requests name the person, such as
// "user:default/jane", to the server at base. It ends with the test.
func (c *Chromium) Tab(t T, base, person string) *Tab {
	t.Helper()
	// A window of its own, and cookies of its own.
	browser := cdp.WithExecutor(c.ctx, chromedp.FromContext(c.ctx).Browser)
	own, err := target.CreateBrowserContext().Do(browser)
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(own).WithNewWindow(true).Do(browser)
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithTargetID(id))
	t.Cleanup(func() {
		cancel()
		_ = target.DisposeBrowserContext(own).Do(browser)
	})
	tab := &Tab{T: t, ctx: ctx, base: base, axe: c.axe}
	chromedp.ListenTarget(ctx, tab.watch)
	// The first use of a context is for its whole life: no time bounds it.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.run("open a tab", runtime.Enable(), log.Enable(), network.Enable(),
		network.SetExtraHTTPHeaders(network.Headers{"X-User": person}))
	return tab
}

// watch keeps what must not happen on any page.
func (b *Tab) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.fault(Exception, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			var text []string
			for _, a := range e.Args {
				text = append(text, string(a.Value)+a.Description)
			}
			b.fault(Console, strings.Join(text, " "))
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || !local(u) {
			b.fault(Request, e.Request.URL)
		}
	}
}

// local reports whether an address is on this machine or needs no network.
func local(u *url.URL) bool {
	return u.Scheme == "data" || u.Scheme == "blob" || u.Scheme == "about" || u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

func (b *Tab) fault(kind FaultKind, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, Fault{kind, text})
}

// Fault is something that must not happen on a page.
type Fault struct {
	Kind FaultKind
	Text string
}

func (f Fault) String() string { return string(f.Kind) + ": " + f.Text }

// FaultKind is what went wrong.
type FaultKind string

// The kinds of fault.
const (
	Exception FaultKind = "page error" // that nothing caught
	Console   FaultKind = "console"    // what the page wrote there as an error
	Request   FaultKind = "request beyond this machine"
)

// Faults returns what must not have happened on the page, and forgets it.
func (b *Tab) Faults() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.faults
	b.faults = nil
	return out
}

func (b *Tab) run(what string, actions ...chromedp.Action) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTime)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.Fatalf("%s: %v", what, err)
	}
}

// Scheme shows pages as to somebody who prefers "dark" or "light".
func (b *Tab) Scheme(name string) {
	b.Helper()
	b.run("prefer "+name, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}))
}

// Early runs a script in every page before anything of its own.
func (b *Tab) Early(script string) {
	b.Helper()
	b.run("add a script", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
}

// Open goes to a path of the server and returns when its document is loaded.
func (b *Tab) Open(path string) {
	b.Helper()
	b.run("open "+path, chromedp.Navigate(b.base+path))
}

// Eval returns what an expression of the page's own language is.
func (b *Tab) Eval(expression string, out any) {
	b.Helper()
	b.run("evaluate "+expression, chromedp.Evaluate(expression, out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
}

// Text returns all that the page shows as text.
func (b *Tab) Text() string {
	b.Helper()
	var text string
	b.Eval("document.body.innerText", &text)
	return text
}

// Until waits until an expression is true, and returns how long it took.
func (b *Tab) Until(what, expression string) time.Duration {
	b.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(b.ctx, pageTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var ok bool
		// The page may be on its way to another.
		err := chromedp.Run(ctx, chromedp.Evaluate("!!("+expression+")", &ok))
		if ok {
			return time.Since(began)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.Screenshot("in-vain")
			b.Fatalf("waited in vain for %s (%v); the page shows:\n%s", what, err, b.Text())
		}
	}
}

// Shows waits until the page shows the text.
func (b *Tab) Shows(text string) time.Duration {
	b.Helper()
	return b.Until(fmt.Sprintf("%q to be shown", text), fmt.Sprintf("document.body.innerText.includes(%s)", quote(text)))
}

// Hides waits until the page does not show the text while it shows another one:
// a page on which nothing is loaded yet hides everything.
func (b *Tab) Hides(text, beside string) time.Duration {
	b.Helper()
	return b.Until(fmt.Sprintf("%q to be hidden beside %q", text, beside),
		fmt.Sprintf("(text => text.includes(%s) && !text.includes(%s))(document.body.innerText)", quote(beside), quote(text)))
}

// Texts returns the text of each element that a selector names, in the order of
// the page.
func (b *Tab) Texts(selector string) (out []string) {
	b.Helper()
	b.Eval(fmt.Sprintf("[...document.querySelectorAll(%s)].map(e => e.innerText)", quote(selector)), &out)
	return out
}

// Links returns where the links lead whose text begins so, in the order of the
// page.
func (b *Tab) Links(begins string) (out []string) {
	b.Helper()
	b.Eval(fmt.Sprintf("[...document.querySelectorAll('a')].filter(a => a.innerText.startsWith(%s)).map(a => a.href)", quote(begins)), &out)
	return out
}

// Click waits for a button, link or tab with that name, and clicks it.
func (b *Tab) Click(name string) {
	b.Helper()
	b.Until("something to click on with the name "+name, fmt.Sprintf(`(() => {
	const named = [...document.querySelectorAll('button,a,[role=tab],[role=button],summary')]
		.find(e => (e.getAttribute('aria-label') ?? e.innerText).trim() === %s);
	named?.click();
	return named;
})()`, quote(name)))
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// Finding is what axe has against a page.
type Finding struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"` // the HTML of each place
}

func (f Finding) String() string {
	return fmt.Sprintf("%s (%s): %s: %s", f.ID, f.Impact, f.Help, strings.Join(f.Nodes, " | "))
}

// Axe returns the serious and critical findings of axe below the elements that
// a selector names.
func (b *Tab) Axe(selector string) []Finding {
	b.Helper()
	b.run("load axe", chromedp.Evaluate(b.axe+";0", nil))
	var out []Finding
	b.Eval(fmt.Sprintf(`axe.run(%s, {resultTypes: ['violations']}).then(r => r.violations
	.filter(v => v.impact === 'serious' || v.impact === 'critical')
	.map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 300))})))`, quote(selector)), &out)
	return out
}

// Screenshot keeps the whole page as NAME.png among the artifacts.
func (b *Tab) Screenshot(name string) {
	b.Helper()
	root, err := checkout()
	if err != nil {
		b.Fatalf("keep a screenshot: %v", err)
	}
	var png []byte
	b.run("take a screenshot", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		png, err = page.CaptureScreenshot().WithCaptureBeyondViewport(false).Do(ctx)
		return err
	}))
	dir := filepath.Join(root, ".cache", "e2e-artifacts")
	file := strings.NewReplacer("/", "-", " ", "-").Replace(b.Name()+"-"+name) + ".png"
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, file), png, 0o644)); err != nil {
		b.Fatalf("keep a screenshot: %v", err)
	}
}
