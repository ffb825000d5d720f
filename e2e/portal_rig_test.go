// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// chromium is the browser that all stories share, each with tabs of its own.
var chromium struct {
	sync.Mutex
	*rig.Chromium
}

func startChromium(t *testing.T) *rig.Chromium {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.Chromium == nil {
		c, err := rig.StartChromium()
		if err != nil {
			t.Fatal(err)
		}
		chromium.Chromium = c
	}
	return chromium.Chromium
}

func stopChromium() {
	if chromium.Chromium != nil {
		chromium.Stop()
	}
}

// pages is a whole Backstage over a portal's bot: what people look at.
type pages struct {
	*portal
	backstage *rig.Backstage
	options   rig.PortalOptions
}

const pagesConfig = `identity:
  providers: [{name: portal, type: backstage, issuer: "http://127.0.0.1:1/api/auth"}]
  services: [{name: portal-backend, token_files: [service], provider: portal}]
`

// openPages starts a bot with a Backstage in front of it. The bot and Backstage
// have the same catalog: that of [openPortal], and what the bot's options say,
// where {part-1} stands for the project of that component.
func openPages(t *testing.T, o botOptions, projects int, p rig.PortalOptions) *pages {
	t.Helper()
	leaveOut(t, "the portal", rig.MissingPortal())
	o.Files = map[string]string{"service": serviceSecret}
	o.More += pagesConfig
	x := &pages{portal: &portal{}}
	p.Gerrit = server
	if len(o.Gerrits) > 0 {
		p.Gerrit = o.Gerrits[0]
	}
	catalog := x.fill(p.Gerrit.Scene(t), o.Name, projects)
	for i, project := range x.projects {
		o.Catalog = strings.ReplaceAll(o.Catalog, fmt.Sprintf("{part-%d}", i), project)
	}
	o.Catalog = catalog + o.Catalog
	// Projects of which not everybody may read everything are restricted.
	o.Models, o.DataClass = projects, "restricted"
	x.bot = startBot(t, o)
	p.Account = p.Gerrit.Scene(t).ServiceUser("portal-" + o.Name)
	p.BotURL, p.Secret = x.url, serviceSecret
	p.Catalog = backstageCatalog(o.Catalog)
	return x.open(t, p)
}

// second starts one more Backstage over the same bot, with other pages.
func (x *pages) second(t *testing.T, app string) *pages {
	t.Helper()
	p := x.options
	p.App, p.Query, p.Groups, p.Denied = app, "", nil, nil
	return (&pages{portal: x.portal}).open(t, p)
}

func (x *pages) open(t *testing.T, p rig.PortalOptions) *pages {
	t.Helper()
	name := or(p.App, "app") + "-" + x.name
	log, err := os.Create(filepath.Join("..", ".cache", "backstage-"+name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	p.Log = log
	x.options = p
	began := time.Now()
	if x.backstage, err = rig.StartPortal(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.backstage.Stop)
	t.Logf("portal after %.1f s, %s, log in %s", time.Since(began).Seconds(), memoryOf(x.backstage.Pid()), log.Name())
	return x
}

// backstageCatalog writes the entities of a bot's file as Backstage wants them.
func backstageCatalog(entities string) []byte {
	return []byte(strings.ReplaceAll("\n"+entities, "\nkind: ", "\napiVersion: backstage.io/v1alpha1\nkind: "))
}

// tab is a page of a person, who is signed in. What must not happen on a page
// fails the test at its end.
func (x *pages) tab(t *testing.T, name string) *rig.Tab {
	t.Helper()
	tab := x.window(t, name)
	t.Cleanup(func() {
		for _, fault := range tab.Faults() {
			t.Errorf("the page of %s: %s", name, fault)
		}
	})
	return tab
}

// window is a tab of which the story looks at the faults itself.
func (x *pages) window(t *testing.T, name string) *rig.Tab {
	t.Helper()
	return startChromium(t).Tab(t, x.backstage.URL, "user:default/"+name)
}

// ask asks the plugin of Backstage's backend as a person who is signed in there.
func (x *pages) ask(t *testing.T, name, path string) (status int, body string) {
	t.Helper()
	token := must(x.backstage.UserToken(t.Context(), "user:default/"+name))(t)
	status, body, err := x.backstage.Get(t.Context(), "/api/gerrit-review-assistant"+path, token)
	if err != nil {
		t.Fatalf("ask Backstage as %s: %v", name, err)
	}
	return status, body
}

// entity is the path of a component's page.
func entity(part int) string { return page(fmt.Sprintf("part-%d", part)) }

// page is the path of the page of the component with that name.
func page(component string) string { return "/catalog/default/component/" + component }
