// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/review"
)

// keptFiles is the client of one replica: it reads the file of a project once, until
// it is to forget it. Projects named below another one inherit from it.
type keptFiles struct {
	*world
	kept map[string]review.ConfigFile
}

func (k keptFiles) ConfigChain(_ context.Context, project string) ([]review.ConfigFile, error) {
	if err := k.call("config"); err != nil {
		return nil, err
	}
	var chain []review.ConfigFile
	for _, at := range map[string][]string{"team": {"team"}, "pay": {"pay", "team"}, "web": {"web", "team"}}[project] {
		f, is := k.kept[at]
		if !is {
			if f, is = k.configs[at]; !is {
				f = review.ConfigFile{Project: at, State: review.ConfigAbsent}
			}
			k.kept[at] = f
		}
		chain = append(chain, f)
	}
	return chain, nil
}

func (k keptFiles) Forget(project string) { delete(k.kept, project) }

// replica is a bot beside others on one store, with the open page of a project each.
type replica struct {
	b     *Bot
	at    int64           // of the feed
	pages map[string]Mode // what each shows, kept until it is told to read again
}

func newReplica(t *testing.T, w *world) *replica {
	t.Helper()
	b, err := New(Options{Now: func() time.Time { return w.now }, InheritMode: true}, Deps{
		Hosts: map[string]Host{testHost: {Gerrit: w, Projects: keptFiles{w, map[string]review.ConfigFile{}}, People: w, Stories: w, Branch: w.branch}},
		Jobs:  w, Records: w, Texts: w, Settings: w, Logs: &w.logs, Audit: w,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &replica{b: b, pages: map[string]Mode{}}
}

// read is what a page shows that is read again.
func (r *replica) read(t *testing.T, project string) {
	t.Helper()
	mode, _, _, err := r.b.Standing(t.Context(), testHost, project)
	if err != nil {
		t.Fatal(err)
	}
	r.pages[project] = mode
}

// follow reads rows of the feed, at most so many, as the board does: first all that
// is kept is dropped, then pages read again.
func (r *replica) follow(t *testing.T, w *world, most int) {
	t.Helper()
	again := map[string]bool{}
	for _, row := range w.logs.rows[FeedLog] {
		if row.Seq <= r.at || most == 0 {
			continue
		}
		most--
		r.at = row.Seq
		var n review.News
		if err := json.Unmarshal(row.Data, &n); err != nil {
			t.Fatal(err)
		}
		r.b.Moved(n)
		for project := range r.pages {
			if n.Change.Project == "" || n.Change.Project == project {
				again[project] = true
			}
		}
	}
	for project := range again {
		r.read(t, project)
	}
}

// TestPagesShowTheMode plays random histories of modes against several replicas,
// one of which gets the event, one of which does the job, and each of which has
// pages open. Once all have read the feed, with no other clock than that of the
// news, each page shows the mode that the project has, also by inheritance.
func TestPagesShowTheMode(t *testing.T) {
	projects := []string{"team", "pay", "web"}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, nil)
		var all []*replica
		for range rapid.IntRange(1, 3).Draw(rt, "replicas") {
			all = append(all, newReplica(t, w))
		}
		one := func(rt *rapid.T) *replica { return rapid.SampledFrom(all).Draw(rt, "replica") }
		acts := map[string]func(*rapid.T){
			"switch": func(rt *rapid.T) {
				project := rapid.SampledFrom(projects).Draw(rt, "project")
				w.now = w.now.Add(time.Second)
				text := rapid.SampledFrom([]string{"", "mode = on", "mode = shadow", "mode = off", "forbid = true", "mode = broken"}).Draw(rt, "file")
				w.configs[project] = review.ConfigFile{Project: project, State: review.ConfigFound, Revision: fmt.Sprint("c", w.now.Unix()), Body: []byte("[review-assistant]\n" + text + "\n")}
				e := review.Event{Type: "ref-updated", Host: testHost, Project: project, Ref: review.ConfigRef, Created: w.now}
				if _, _, err := one(rt).b.Accept(t.Context(), e); err != nil {
					rt.Fatal(err)
				}
			},
			"open":   func(rt *rapid.T) { one(rt).read(t, rapid.SampledFrom(projects).Draw(rt, "project")) },
			"follow": func(rt *rapid.T) { one(rt).follow(t, w, rapid.IntRange(1, 4).Draw(rt, "rows")) },
			"work": func(rt *rapid.T) {
				if job, ok, err := w.Lease(t.Context(), time.Minute); err == nil && ok {
					one(rt).b.run(t.Context(), job)
				}
			},
			"": func(rt *rapid.T) {
				for i, r := range all {
					r.follow(t, w, -1)
					fresh := newReplica(t, w)
					for project, shown := range r.pages {
						if fresh.read(t, project); shown != fresh.pages[project] {
							rt.Fatalf("replica %d shows %s as %s, it is %s", i, project, shown, fresh.pages[project])
						}
					}
				}
			},
		}
		rt.Repeat(acts)
	})
}

// A job tells of a head that moved too, of which no event does.
func TestJobTellsWhatMoved(t *testing.T) {
	for _, mode := range []string{"on", "shadow", "off", "broken"} {
		w := newWorld(t, nil)
		w.optIn("pay", "mode = "+mode+"\n")
		if _, _, err := w.b.Accept(t.Context(), review.Event{Type: "project-head-updated", Host: testHost, Project: "pay"}); err != nil {
			t.Fatal(err)
		}
		wantLines(t, mode+", before the job", w.news())
		w.drain()
		wantLines(t, mode, w.news(), "access h/pay~0 hides")
	}
}

// What a replica keeps is dropped by news of a project alone.
func TestMovedForgets(t *testing.T) {
	pay := review.ChangeID{Host: testHost, Project: "pay"}
	for _, tt := range []struct {
		name string
		news review.News
		want Mode
	}{
		{"access to the project", review.News{Kind: review.NewsAccess, Change: pay}, ModeOff},
		{"access to another", review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: testHost, Project: "web"}}, ModeOn},
		{"access to a change", review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: testHost, Project: "pay", Number: 7}}, ModeOn},
		{"of another Gerrit", review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: "gone", Project: "pay"}}, ModeOn},
		{"a build of a branch", review.News{Kind: review.NewsBuild, Change: pay}, ModeOn},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			r := newReplica(t, w)
			w.optIn("pay", "")
			r.read(t, "pay")
			w.optIn("pay", "mode = off\n")
			r.b.Moved(tt.news)
			if r.read(t, "pay"); r.pages["pay"] != tt.want {
				t.Errorf("mode %s, want %s", r.pages["pay"], tt.want)
			}
		})
	}
}
