// SPDX-License-Identifier: Apache-2.0

// Package gerrittest is a Gerrit for tests, benchmarks and the demo: real HTTP
// on loopback, state, access rules, webhooks and a log of requests, without
// Java and without git.
//
//	g := gerrittest.New(t)
//	g.Project("demo")
//	g.Commit("demo", gerrittest.Files{"pay/pay.go": "package pay\n"})
//	g.Config("demo", "[review-assistant]\n\tmode = on\n")
//	g.Webhook(bot.URL + "/hooks/gerrit/main?token=...")
//
//	c := g.Push(gerrittest.Push{
//		Message: "Retry failed payments",
//		Files:   gerrittest.Files{"pay/pay.go": "package pay\n\nfunc Retry() {}\n"},
//	})
//	g.WaitWebhooks()
//	got := c.Posts()
//
// It answers what a real Gerrit answers to the same request, faults included
// (see [Server.Break]); the contract suite runs against both and is where a
// new behaviour is first written down. It knows only what the bot asks for:
// anything else is a 404 or a 400, never a guess.
package gerrittest
