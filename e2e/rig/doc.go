// SPDX-License-Identifier: Apache-2.0

// Package rig starts the real components that end-to-end tests run against, a
// Gerrit, a Redis, identity providers, a Backstage and a browser, and lets a test
// act on them in plain words.
//
// One Gerrit serves a whole test binary and each test makes its own projects.
// What a test does goes through a [Scene], which fails the test at the first
// thing that Gerrit refuses, so that a story reads without error handling:
//
//	g, err := rig.StartGerrit(ctx, rig.Options{})      // in TestMain
//	defer g.Stop()
//
//	func TestOneCommentPerPush(t *testing.T) {
//		s := g.Scene(t)
//		ann, bob := s.Person("ann"), s.Person("bob")
//		bot := s.Bot("helper")                     // harmless: docs/gerrit-access.md
//		hooks := s.Hooks()                         // records webhooks; or the bot's own URL
//		p := s.Project()
//		p.Webhook(hooks.URL, "patchset-created", "comment-added")
//		p.OptIn("[review-assistant]\n\tmode = on\n")
//
//		c := p.Push(ann, rig.Push{
//			Message: "Retry failed payments",
//			Files:   rig.Files{"pay/pay.go": "package pay\n"},
//		})
//		hooks.Wait("patchset-created", c)
//		c.Vote(bob, "Code-Review", 1)
//		c.Amend(ann, rig.Push{Files: rig.Files{"pay/pay.go": "package pay // 2\n"}})
//		got := c.CommentsBy(bot)
//	}
//
// Outside of a test, [Try] runs the same code and returns what went wrong as
// an error. What is missing on a machine is told by [Missing] and its like.
//
// Tokens of people come from three providers: [OIDC] starts within a second and
// may misbehave, [Keycloak] has realms, groups and sign-in over SAML, and
// [Backstage] issues tokens of people and of plugins. Each can give a token to
// a test at once; the first two also walk the way of a browser.
//
//	o, err := rig.StartOIDC(ctx, nil)
//	token, err := o.Token(ctx, "jane", rig.Password, rig.Audience)
//
// A whole Backstage, of [StartPortal], is looked at with a [Chromium], in a [Tab]
// for each person. The tab keeps errors of pages and requests to other machines,
// and what a page hides it hides beside something that it shows.
//
//	b, err := rig.StartPortal(ctx, rig.PortalOptions{BotURL: url, Gerrit: g, Catalog: entities})
//	jane := browser.Tab(t, b.URL, "user:default/jane")
//	jane.Open("/catalog/default/component/pay")
//	jane.Shows("Retry failed payments")
//	jane.Hides("Draft", "Retry failed payments")
//
// The services of docker-compose.yml run without containers, as the file says,
// over [ReadCompose].
//
// Requests of a kind that no method covers go through [Scene.Do]. A new verb
// belongs to the file of the thing that it acts on: scene.go, project.go,
// change.go.
package rig
