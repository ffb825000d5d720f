// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// Whoever does what the READMEs of our packages say to an app that was just
// made has the card. It is alone on the machine: it packs the packages that
// other stories run from their sources.
func TestFreshApp(t *testing.T) {
	leaveOut(t, "the fresh app", rig.MissingPortal())
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
	defer cancel()
	began := time.Now()
	app := must(rig.MakeFreshApp(ctx, t.Logf))(t)

	const guest = "---\nkind: User\nmetadata: {name: guest, namespace: development, annotations: {review-assistant/username: guest}}\nspec: {memberOf: []}\n"
	server.Scene(t).Person("guest")
	p := &portal{}
	o := botOptions{Name: "fresh", Models: 1, DataClass: "restricted", Files: map[string]string{"service": serviceSecret}, More: pagesConfig}
	o.Catalog = strings.TrimSuffix(p.fill(server.Scene(t), o.Name, 1), "---\n") + guest
	p.bot = startBot(t, o)
	s := p.tell(t, 0, "guest")
	s.comment(s.push(payments("3")), 1)

	log := must(os.Create(filepath.Join("..", ".cache", "backstage-fresh.log")))(t)
	t.Cleanup(func() { _ = log.Close() })
	backstage := must(app.Start(ctx, backstageCatalog(o.Catalog), p.url, serviceSecret, log))(t)
	t.Cleanup(backstage.Stop)
	tab := startChromium(t).Tab(t, backstage.URL, "")
	tab.Open(entity(0))
	tab.Click("ENTER")
	tab.Shows("Retry failed payments")
	tab.Shows("Of patch set 1")
	tab.Eval("document.evaluate(\"//h3[.='Gerrit reviews']\", document, null, 9).singleNodeValue.scrollIntoView()", nil)
	tab.Screenshot("card")
	fmt.Printf("e2e: a fresh app shows the card after %.0f s\n", time.Since(began).Seconds())
	for _, fault := range tab.Faults() {
		t.Errorf("the page: %s", fault)
	}
}
