// SPDX-License-Identifier: Apache-2.0

package gerrittest_test

import (
	"bytes"
	"fmt"
	"testing"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/gerrit/gerrittest/contract"
)

func TestContract(t *testing.T) {
	for _, o := range []gerrittest.Options{{}, {Version: "3.10.2", Prefix: "/r"}} {
		t.Run("version "+o.Version, func(t *testing.T) {
			contract.Run(t, func(t *testing.T) contract.Target {
				g := gerrittest.NewWith(t, o)
				// Nobody listens: what counts is what is sent.
				g.Webhook("http://127.0.0.1:1/")
				g.Group("Service Users", g.Bot())
				return &target{t: t, g: g, version: o.Version}
			})
		})
	}
}

// target lets the suite act on the fake.
type target struct {
	t        *testing.T
	g        *gerrittest.Server
	version  string
	projects int
}

func (x *target) URL() string { return x.g.URL }

func (x *target) Version() string {
	if x.version == "" {
		return "3.13.5"
	}
	return x.version
}

func login(a gerrittest.Account) contract.Login {
	return contract.Login{ID: a.ID, Username: a.Username, Password: a.Password}
}

func (x *target) Bot() contract.Login               { return login(x.g.Bot()) }
func (x *target) Person(name string) contract.Login { return login(x.g.Person(name)) }

func (x *target) Project() string {
	x.projects++
	name := fmt.Sprintf("team/demo%d", x.projects)
	x.g.Project(name)
	return name
}

func (x *target) Configure(project, text string) { x.g.Config(project, text) }
func (x *target) LetBotVote(project string)      { x.g.LetVote(project, "Code-Review", x.g.Bot()) }
func (x *target) HideFromBot(project string)     { x.g.HideProject(project, x.g.Bot()) }

func push(project string, p contract.Push) gerrittest.Push {
	return gerrittest.Push{
		Project: project, Branch: p.Branch, Message: p.Message, Base: p.Base, Files: p.Files, Symlinks: p.Symlinks,
		Submodules: p.Submodules, Renames: p.Renames, Removes: p.Removes, Merge: p.Merge,
	}
}

func (x *target) Push(project string, p contract.Push) contract.Change {
	u := push(project, p)
	if p.On.Number > 0 {
		u.On = x.g.Change(p.On.Number)
	}
	return change(x.g.Push(u))
}

func (x *target) Amend(c contract.Change, p contract.Push) {
	x.g.Change(c.Number).Amend(push(c.Project, p))
}

func (x *target) SetPrivate(c contract.Change, private bool) {
	x.g.Change(c.Number).SetPrivate(private)
}
func (x *target) SetWIP(c contract.Change, wip bool) { x.g.Change(c.Number).SetWIP(wip) }
func (x *target) Abandon(c contract.Change)          { x.g.Change(c.Number).Abandon() }
func (x *target) Submit(c contract.Change)           { x.g.Change(c.Number).Submit() }

func change(c *gerrittest.Change) contract.Change {
	return contract.Change{Project: c.Project, Number: c.Number}
}

func (x *target) Revert(c contract.Change) contract.Change {
	return change(x.g.Change(c.Number).Revert())
}

func (x *target) CherryPick(c contract.Change, branch string) contract.Change {
	return change(x.g.Change(c.Number).CherryPick(branch))
}

func (x *target) RequireSignIn(project string) { x.g.RequireSignIn(project) }
func (x *target) Restrict(project string)      { x.g.Restrict(project) }

func (x *target) account(l contract.Login) gerrittest.Account { return x.g.Person(l.Username) }

func (x *target) HideBranch(project, ref string, from contract.Login) {
	x.g.HideBranch(project, ref, x.account(from))
}

func (x *target) Own(project string, owners ...contract.Login) {
	for _, o := range owners {
		x.g.Group("owners of "+project, x.account(o))
	}
	x.g.Own(project, "owners of "+project)
}

func (x *target) SetActive(who contract.Login, active bool) { x.g.SetActive(who.Username, active) }

func (x *target) Vote(c contract.Change, who string, value int) {
	x.g.Change(c.Number).Vote(who, "Code-Review", value, "")
}

func (x *target) Approve(c contract.Change) {
	x.g.Change(c.Number).Vote("approver", "Code-Review", 2, "")
}

func (x *target) Event(project, eventType string) []byte {
	x.t.Helper()
	x.g.WaitWebhooks()
	for _, d := range x.g.Deliveries() {
		if d.Type == eventType && bytes.Contains(d.Body, []byte(project)) {
			return d.Body
		}
	}
	x.t.Fatalf("no %s about %s was sent", eventType, project)
	return nil
}
