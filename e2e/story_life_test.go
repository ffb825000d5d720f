// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"review-assistant/e2e/rig"
)

func TestLostWebhookIsFoundBySweep(t *testing.T) {
	t.Parallel()
	b := startBot(t, botOptions{Name: "sweeper", Models: 1, Reconcile: "1s"})
	s := b.tell(t)
	s.bot.await("the opt-in", 0, func(v visit) bool { return v.Message == "project opted in" })
	// One lost while the bot is down, one while it is up.
	s.project.Configure(rig.Files{"webhooks.config": ""})
	b.stop()
	down := s.push(payments("3"))
	b.start()
	s.comment(down, 1)
	up := s.push(rig.Push{Message: "Pay twice", Files: payments("4").Files})
	s.comment(up, 1)
}

func TestUpgradePostsNothingAgain(t *testing.T) {
	t.Parallel()
	b := startBot(t, botOptions{Name: "upgraded", Models: 2, Reconcile: "1s"})
	s := b.stage(t)
	parent := s.Project()
	s.listen(parent)
	s.open(s.ChildOf(parent), "on")
	c := s.push(payments("3"))
	first := s.comment(c, 1)
	muted := s.push(rig.Push{Message: "Pay in peace", Files: payments("5").Files, Hashtags: []string{"review-assistant-off"}})
	s.silent(muted, 1, "muted")

	// Other model, other prompt budget, other scrub rules, other parent, other secrets.
	s.profile = "m01"
	s.configure("on", "[scrub]", "\tpattern = ACME-[0-9]+", "[summary]", "\tlanguage = de")
	parent.Configure(rig.Files{rig.ConfigFile: "[scrub]\n\tpattern = EMCA-[0-9]+\n\tsensitivePath = vault/**\n"})
	b.edit("model: fake-00", "model: fake-next")
	b.write("hook", hookToken+"\n")
	b.restart()
	s.sweep()
	check := func(when string) {
		t.Helper()
		got := s.commentsOn(c, 1)
		if len(got) != 1 || got[0].ID != first.ID {
			t.Errorf("%s there are %d comments, want the first one alone", when, len(got))
		}
		s.untouched(muted, 1)
	}
	check("after the upgrade")

	// Even a store and an audit log that start from nothing find the mark on the change.
	b.stop()
	for _, f := range []string{"store.db", "store.db-wal", "store.db-shm", "audit"} {
		if err := os.RemoveAll(filepath.Join(b.dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	at := b.mark()
	b.start()
	if v, _ := b.visited(c, 1, at); v.Reason != "already-posted" {
		t.Errorf("with an empty store the change ends with %s (%s)", v.Verdict, v.Reason)
	}
	check("after the loss of the store")
	if n := s.bot.models[1].Count(); n > 0 {
		t.Errorf("the new model was asked %d times about old patch sets", n)
	}
}

// sweep waits until the bot has looked for missed changes from begin to end.
func (s *story) sweep() {
	s.Helper()
	w := s.bot.wires[0]
	n := w.sweeps()
	// The third query starts after the second sweep is done.
	eventually(s, "two sweeps", func() bool { return w.sweeps() >= n+3 })
}

func TestKillSwitch(t *testing.T) {
	t.Parallel()
	b := startBot(t, botOptions{Name: "stopped", Models: 1})
	killSwitch(t, b)
}

func killSwitch(t *testing.T, b *bot) {
	s := b.tell(t)
	if out, exit := b.run("stop", "--why", "an exercise"); exit != 0 {
		t.Fatalf("stop ends with %d: %s", exit, out)
	}
	b.restart() // a stop survives
	c := s.push(payments("3"))
	b.awaitMetric(`bot_jobs_total{kind="change",result="paused"}`)
	s.unread()
	s.untouched(c, 1)
	out, _ := b.run("doctor")
	holds(t, "doctor", out, "an exercise")

	if out, exit := b.run("stop", "--models"); exit != 0 {
		t.Fatalf("stop --models ends with %d: %s", exit, out)
	}
	if out, exit := b.run("resume"); exit != 0 {
		t.Fatalf("resume ends with %d: %s", exit, out)
	}
	k := s.comment(c, 1)
	holds(t, "the comment", k.Text, "Computed, no model (models are switched off by the operator)")
	s.unread()
	out, _ = b.run("audit", "query")
	holds(t, "the audit log", out, "stop", "resume")
	if out, exit := b.run("audit", "verify"); exit != 0 {
		t.Errorf("audit verify ends with %d: %s", exit, out)
	}
}

func TestA42PasswordRotatesWithoutRestart(t *testing.T) {
	t.Parallel()
	b := startBot(t, botOptions{Name: "rotator", Models: 1})
	s := b.tell(t)
	s.comment(s.push(payments("3")), 1)

	old := b.account.Password
	b.account = s.SetPassword(b.account, "quite-another-password")
	c := s.push(rig.Push{Message: "Pay twice", Files: payments("4").Files})
	b.await("a refused call", 0, func(v visit) bool {
		return v.Message == "gerrit refuses the service account; the job is kept" && strings.HasSuffix(v.Job, c.String())
	})
	b.write("password0", "") // a writer that was caught in the middle
	b.write("password0", b.account.Password+"\n")
	// New work goes on at once, and what was refused within a minute.
	s.comment(s.push(rig.Push{Message: "Pay three times", Files: payments("5").Files}), 1)
	s.comment(c, 1)
	lacks(t, "the log", b.logText(), old, b.account.Password)
}

// TestA32Crash kills the bot at the two worst moments.
func TestA32Crash(t *testing.T) {
	for _, tt := range []struct {
		name, bot string
		redis     bool
		arm       func(w *wire, posts func(call) bool, kill func() bool)
	}{
		{"after the model answered, on SQLite", "crasher", false, func(w *wire, posts func(call) bool, kill func() bool) {
			w.onBefore(func(x call) *reply {
				if posts(x) && kill() {
					return &reply{status: http.StatusBadGateway} // to nobody
				}
				return nil
			})
		}},
		{"after gerrit took the post, on Redis", "survivor", true, func(w *wire, posts func(call) bool, kill func() bool) {
			w.onAfter(func(x call) *reply {
				if posts(x) {
					kill()
				}
				return nil
			})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := botOptions{Name: tt.bot, Models: 1}
			if tt.redis {
				r, err := rig.StartRedis(t.Context(), rig.RedisOptions{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(r.Stop)
				o.Redis = r.Addr
			}
			crash(t, startBot(t, o), tt.arm)
		})
	}
}

func crash(t *testing.T, b *bot, arm func(*wire, func(call) bool, func() bool)) {
	s := b.tell(t)
	w := b.wires[0]
	var once sync.Once
	died := make(chan struct{})
	arm(w, call.posts, func() (first bool) {
		once.Do(func() {
			b.kill()
			close(died)
			first = true
		})
		return first
	})
	c := s.push(payments("3"))
	select {
	case <-died:
	case <-t.Context().Done():
		t.Fatal("the bot never posted")
	}
	at := b.mark()
	b.start()
	b.visited(c, 1, at)
	if got := s.commentsOn(c, 1); len(got) != 1 {
		t.Errorf("after the crash there are %d comments, want 1", len(got))
	}
	if out, exit := b.run("audit", "verify"); exit != 0 {
		t.Errorf("audit verify ends with %d: %s", exit, out)
	}
}

func TestA27SummaryOfAChangeThatTurnsPrivateIsErased(t *testing.T) {
	t.Parallel()
	b := startBot(t, botOptions{Name: "forgetful", Models: 1})
	s := b.tell(t)
	u := payments("3")
	u.Message = "Retry payments of the Zanzibar deal"
	c := s.push(u)
	s.comment(c, 1)
	stored := func() (n int) {
		for _, path := range b.files() {
			if body, err := os.ReadFile(path); err == nil && strings.Contains(path, "store.db") {
				n += strings.Count(string(body), "Zanzibar")
			}
		}
		return n
	}
	eventually(s, "the summary to be stored", func() bool { return stored() > 0 })
	c.AddReviewer(s.ann, b.account)
	c.SetPrivate(s.ann)
	b.await("the change to be private", 0, func(v visit) bool { return strings.HasSuffix(v.Change, "/"+c.String()) && v.Reason == "private" })
	b.stop()
	if n := stored(); n > 0 {
		t.Errorf("the store still holds %d copies of the summary", n)
	}
}

func TestAccountThatMayVotePostsNothing(t *testing.T) {
	t.Parallel()
	mighty := server.Scene(t).ServiceUser("mighty")
	b := startBot(t, botOptions{Name: "mighty", Account: &mighty, Models: 1})
	s := b.tell(t)
	c := s.push(payments("3"))
	s.silent(c, 1, "account-may-vote")
	s.unread()
	out, exit := b.run("doctor", "--change", "main/"+c.String())
	holds(t, "doctor", out, "the service account may", "vote Code-Review", "docs/gerrit-access.md")
	if exit != 3 {
		t.Errorf("doctor ends with %d, want 3", exit)
	}
	out, _ = b.run("audit", "query", "--change", "main/"+c.String())
	holds(t, "the audit log", out, "refused", "vote Code-Review")
}

func TestTwoGerritsHoldTheSameChange(t *testing.T) {
	t.Parallel()
	// The other one is old, where it can be, and lives under a path.
	version := rig.Oldest
	if missing := rig.Missing(t.Context(), rig.Oldest); len(missing) > 0 && os.Getenv("CI") != "true" {
		t.Logf("the second Gerrit is of version %s too: %s", rig.Newest, missing)
		version = rig.Newest
	}
	other, err := rig.StartGerrit(t.Context(), rig.Options{Version: version, Prefix: "/r"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Stop)
	b := startBot(t, botOptions{Name: "twins", Models: 1, Gerrits: []*rig.Gerrit{server, other}})
	var changes []*rig.Change
	for i, g := range []*rig.Gerrit{server, other} {
		s := &story{Scene: g.Scene(t), bot: b, account: []rig.Account{b.account, b.others[0]}[i], profile: "m00"}
		s.ann = s.Person("ann")
		p := s.NamedProject("demo", "All-Projects")
		if i > 0 {
			// Numbers count up over all projects of a server.
			filler := s.NamedProject("filler", "All-Projects")
			for n := 1; s.draft(filler, s.ann, n).Number < changes[0].Number-1; n++ {
			}
		}
		p.Webhook(b.hook(i))
		s.Grant(p.Name, "refs/meta/config", "read", b.readers(), rig.Allow)
		s.project = p
		s.configure("on")
		u := payments("3")
		u.Message = []string{"Pay on the first", "Pay on the second"}[i]
		changes = append(changes, s.push(u))
	}
	if changes[0].String() != changes[1].String() {
		t.Fatalf("the changes are %s and %s, want the same", changes[0], changes[1])
	}
	for i, c := range changes {
		id := hostID(i) + "/" + c.String()
		v, _ := b.await(id, 0, func(v visit) bool { return v.Message == "change visited" && v.Change == id })
		if v.Verdict != "posted" {
			t.Errorf("%s ends with %s (%s)", id, v.Verdict, v.Reason)
		}
		if got := c.MessagesBy([]rig.Account{b.account, b.others[0]}[i]); len(got) != 1 {
			t.Errorf("%s has %d messages of the bot, want 1", id, len(got))
		}
		out, _ := b.run("audit", "query", "--change", id, "--action", "post")
		if n := strings.Count(out, id+" patch set 1"); n != 2 {
			t.Errorf("the audit log has %d records of posts to %s, want intent and result:\n%s", n, id, out)
		}
	}
	if n := b.models[0].Count(); n != 2 {
		t.Errorf("the model was asked %d times, want once for each", n)
	}

	// On the old one, patches of merges are to be had file by file only.
	s := &story{Scene: other.Scene(t), bot: b, account: b.others[0], profile: "m00", model: b.models[0]}
	s.ann = s.Person("ann")
	s.project = s.NamedProject("later", "All-Projects")
	s.project.Webhook(b.hook(1))
	s.Grant("later", "refs/meta/config", "read", b.readers(), rig.Allow)
	s.configure("on")
	c := s.push(payments("3"))
	s.comment(c, 1)
	c.Amend(s.ann, rig.Push{Files: rig.Files{"pay/bank.go": "package pay\n\n// Bank is gone.\ntype Bank int\n\n// Card is too.\ntype Card int\n"}})
	holds(t, "the comment", s.comment(c, 2).Text, "Since patch set 1", "pay/bank.go")
	side := s.project.Commit(rig.Push{Message: "Branch off", Branch: "refs/heads/side", Parent: s.project.Head(), Files: payments("5").Files})
	head := s.project.Commit(rig.Push{Message: "Main moves on", Files: rig.Files{"main.go": "package main\n"}})
	m := s.push(rig.Push{Message: "Merge side", Parent: head, Merge: side, Files: payments("5").Files})
	holds(t, "the comment", s.comment(m, 1).Text, "pay/authorize.go", "Facts: 2 files")
}

func TestOnRedis(t *testing.T) {
	t.Parallel()
	r, err := rig.StartRedis(t.Context(), rig.RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	b := startBot(t, botOptions{Name: "redis", Redis: r.Addr, Models: 8, Reconcile: "2s"})
	b = &bot{t, b.program}
	// One after the other: some of them stop the bot.
	t.Run("one comment", func(t *testing.T) { optedIn(t, b) })
	t.Run("second patch set", func(t *testing.T) { secondPatchSet(t, b) })
	t.Run("thirty webhooks", func(t *testing.T) { thirtyWebhooks(t, b) })
	t.Run("kill switch", func(t *testing.T) {
		killSwitch(t, b)
		if out, exit := b.run("resume", "--models"); exit != 0 {
			t.Fatalf("resume ends with %d: %s", exit, out)
		}
	})
	t.Run("A44 wiped", func(t *testing.T) {
		s := b.tell(t)
		c := s.push(payments("3"))
		s.comment(c, 1)
		b.stop()
		client := redis.NewClient(&redis.Options{Addr: r.Addr})
		defer client.Close()
		if err := client.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		at := b.mark()
		b.start()
		if v, _ := b.visited(c, 1, at); v.Reason != "already-posted" {
			t.Errorf("with an empty Redis the change ends with %s (%s)", v.Verdict, v.Reason)
		}
		if got := s.commentsOn(c, 1); len(got) != 1 {
			t.Errorf("%d comments, want 1", len(got))
		}
	})
	t.Run("A44 down", func(t *testing.T) {
		s := b.tell(t)
		s.comment(s.push(payments("5")), 1) // the opt-in is known and past
		r.Kill()
		hooks := []byte(`{"type":"patchset-created","change":{"project":"` + s.project.Name + `","number":1},"patchSet":{"number":1}}`)
		if code := s.bot.send(hooks); code != http.StatusTooManyRequests {
			t.Errorf("without Redis a webhook is answered with %d, want 429", code)
		}
		c := s.push(payments("3"))
		if err := r.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.comment(c, 1)
	})
}
