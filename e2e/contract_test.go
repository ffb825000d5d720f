// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"review-assistant/e2e/rig"
	"review-assistant/gerrit/gerrittest/contract"
)

// TestContract holds the real Gerrit to what the fake one promises.
func TestContract(t *testing.T) { contractOn(t, server) }

// TestContractOnOldest does so with the oldest Gerrit that the bot supports,
// where patches, contexts and tokens of newer ones are not to be had.
func TestContractOnOldest(t *testing.T) {
	if missing := rig.Missing(t.Context(), rig.Oldest); len(missing) > 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("in CI nothing may be left out: %s", missing)
		}
		fmt.Println("e2e: left out: the contract on Gerrit", rig.Oldest+":", missing)
		t.Skip(missing)
	}
	g, err := rig.StartGerrit(t.Context(), rig.Options{Version: rig.Oldest})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Stop()
	contractOn(t, g)
}

func contractOn(t *testing.T, g *rig.Gerrit) {
	contract.Run(t, func(t *testing.T) contract.Target {
		s := g.Scene(t)
		return &target{
			s: s, bot: s.Bot(fmt.Sprintf("contract-bot-%d", contractBots.Add(1))),
			projects: map[string]*rig.Project{}, hooks: map[string]*rig.Hooks{}, changes: map[int]*rig.Change{},
		}
	})
}

// contractBots counts accounts: a case may change the rights of its own.
var contractBots atomic.Int64

// target lets the contract suite act on the real Gerrit.
type target struct {
	s        *rig.Scene
	bot      rig.Account
	projects map[string]*rig.Project
	hooks    map[string]*rig.Hooks
	changes  map[int]*rig.Change
}

func login(a rig.Account) contract.Login {
	return contract.Login{ID: a.ID, Username: a.Username, Password: a.Password}
}

func (x *target) URL() string                       { return x.s.Gerrit.URL }
func (x *target) Version() string                   { return x.s.Gerrit.Version }
func (x *target) Bot() contract.Login               { return login(x.bot) }
func (x *target) Person(name string) contract.Login { return login(x.s.Person(name)) }

func (x *target) Project() string {
	x.s.Helper()
	p, h := x.s.Project(), x.s.Hooks()
	p.Webhook(h.URL)
	x.projects[p.Name], x.hooks[p.Name] = p, h
	return p.Name
}

func (x *target) Configure(project, text string) {
	x.s.Helper()
	x.s.Grant(project, "refs/meta/config", "read", rig.BotGroup, rig.Allow)
	x.projects[project].Configure(rig.Files{rig.ConfigFile: text})
}

// LetBotVote lifts the rules that keep the account from it: no project can.
func (x *target) LetBotVote(string) { x.s.Helper(); x.s.Leave(rig.BotGroup, x.bot) }

func (x *target) HideFromBot(project string) {
	x.s.Helper()
	x.s.Grant(project, "refs/*", "read", rig.BotGroup, rig.Block)
}

func push(u contract.Push) rig.Push {
	return rig.Push{
		Message: u.Message, Branch: u.Branch, Files: u.Files, Symlinks: u.Symlinks,
		Submodules: u.Submodules, Renames: u.Renames, Removes: u.Removes,
	}
}

func (x *target) Push(project string, u contract.Push) contract.Change {
	x.s.Helper()
	p := x.projects[project]
	if u.Branch != "" {
		p.Branch(u.Branch, p.Head())
	}
	if u.Base != nil {
		p.Commit(rig.Push{Message: "Base", Branch: u.Branch, Files: u.Base})
	}
	r := push(u)
	if u.On.Number > 0 {
		r.Parent = x.changes[u.On.Number].Revision()
	}
	if u.Merge {
		fork := p.Head()
		r.Parent = p.Commit(rig.Push{Message: "Main moves on", Files: rig.Files{"main.txt": "main\n"}})
		r.Merge = p.Commit(rig.Push{Message: "Side", Branch: "refs/heads/side", Parent: fork, Files: u.Files})
	}
	c := p.Push(x.s.Person("ann"), r)
	x.changes[c.Number] = c
	return contract.Change{Project: project, Number: c.Number}
}

func (x *target) Amend(c contract.Change, u contract.Push) {
	x.s.Helper()
	x.changes[c.Number].Amend(x.s.Person("ann"), push(u))
}

func (x *target) SetPrivate(c contract.Change, private bool) {
	x.s.Helper()
	if private {
		x.changes[c.Number].SetPrivate(x.s.Person("ann"))
	} else {
		x.changes[c.Number].SetPublic(x.s.Person("ann"))
	}
}

func (x *target) SetWIP(c contract.Change, wip bool) {
	x.s.Helper()
	if wip {
		x.changes[c.Number].SetWIP(x.s.Person("ann"))
	} else {
		x.changes[c.Number].SetReady(x.s.Person("ann"))
	}
}

func (x *target) Abandon(c contract.Change) {
	x.s.Helper()
	x.changes[c.Number].Abandon(x.s.Person("ann"))
}

func (x *target) Submit(c contract.Change) {
	x.s.Helper()
	x.changes[c.Number].Vote(x.s.Gerrit.Admin, "Code-Review", 2)
	x.changes[c.Number].Submit(x.s.Gerrit.Admin)
}

func (x *target) made(c *rig.Change) contract.Change {
	x.changes[c.Number] = c
	return contract.Change{Project: c.Project.Name, Number: c.Number}
}

func (x *target) Revert(c contract.Change) contract.Change {
	x.s.Helper()
	return x.made(x.changes[c.Number].Revert(x.s.Gerrit.Admin))
}

func (x *target) CherryPick(c contract.Change, branch string) contract.Change {
	x.s.Helper()
	return x.made(x.changes[c.Number].CherryPick(x.s.Gerrit.Admin, branch))
}

func (x *target) RequireSignIn(project string) { x.s.Helper(); x.only(project, "Registered Users") }
func (x *target) Restrict(project string)      { x.s.Helper(); x.only(project, rig.BotGroup) }

// only blocks everybody and lets a group through in the same place, as
// operators do: what All-Projects allows on narrower refs ends too.
func (x *target) only(project, group string) {
	x.s.Helper()
	x.s.Grant(project, "refs/*", "read", "Anonymous Users", rig.Block)
	x.s.Grant(project, "refs/*", "read", group, rig.Allow)
}

func (x *target) HideBranch(project, ref string, from contract.Login) {
	x.s.Helper()
	group := "without " + project
	x.s.Group(group, x.s.Person(from.Username))
	x.s.Grant(project, ref, "read", group, rig.Block)
}

func (x *target) Own(project string, owners ...contract.Login) {
	x.s.Helper()
	group := "owners of " + project
	for _, o := range owners {
		x.s.Group(group, x.s.Person(o.Username))
	}
	x.s.Grant(project, "refs/*", "owner", group, rig.Allow)
}

func (x *target) SetActive(who contract.Login, active bool) {
	x.s.Helper()
	x.s.SetActive(x.s.Person(who.Username), active)
}

func (x *target) Vote(c contract.Change, who string, value int) {
	x.s.Helper()
	x.changes[c.Number].Vote(x.s.Person(who), "Code-Review", value)
}

func (x *target) Approve(c contract.Change) {
	x.s.Helper()
	x.changes[c.Number].Vote(x.s.Gerrit.Admin, "Code-Review", 2)
}

func (x *target) Event(project, eventType string) []byte {
	x.s.Helper()
	return x.hooks[project].Wait(eventType, nil).Body
}
