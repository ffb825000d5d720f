// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// What people do on a change reaches streams, and who reads then reads what is so
// now. It prints how long each took; two seconds are the goal.
func TestVotesReachStreams(t *testing.T) {
	t.Parallel()
	p := server.Scene(t).Project()
	b := startBot(t, botOptions{
		Name: "voting", Files: map[string]string{"service": serviceSecret}, More: costConfig,
		Catalog: fmt.Sprintf("kind: Component\nmetadata: {name: part-0, annotations: {review-assistant/project: %s}}\nspec: {type: service, lifecycle: production, owner: user:ann}\n---\nkind: User\nmetadata: {name: jane}\n", p.Name),
	})
	s := b.stage(t)
	s.open(p, "on")
	jane := asker{t: t, url: b.url, bearer: serviceSecret, person: "user:default/jane", account: s.Person("jane")}
	c := s.push(payments("3"))
	s.comment(c, 1)
	stream := jane.follow("")
	quiet(stream)

	type branch struct {
		Branch      string
		Open, Ready int
		AtLeast     bool `json:"at_least"`
	}
	branches := func() string {
		var got struct{ Branches []branch }
		jane.read(component(0, "branches"), &got)
		return fmt.Sprintf("%+v", got.Branches)
	}
	const (
		waits = "[{Branch:main Open:1 Ready:0 AtLeast:false}]"
		ready = "[{Branch:main Open:1 Ready:1 AtLeast:false}]"
		none  = "[]"
	)
	if got := branches(); got != waits {
		t.Errorf("branches are %s, want %s", got, waits)
	}
	admin := s.Gerrit.Admin
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"a comment", func() { c.Comment(s.bob, "Looks fine") }, waits},
		{"a vote", func() { c.Vote(admin, "Code-Review", 2) }, ready},
		{"a vote that is taken back", func() { s.Do(admin, http.MethodDelete, c.Path("/reviewers/self/votes/Code-Review"), nil, nil) }, waits},
		{"a topic", func() { c.SetTopic(s.ann, "retries") }, waits},
		{"attention", func() {
			s.Do(s.ann, http.MethodPost, c.Path("/attention"), rig.M{"user": s.bob.Username, "reason": "please"}, nil)
		}, waits},
		{"a reviewer", func() { c.AddReviewer(s.ann, jane.account) }, waits},
		{"a patch set", func() { c.Amend(s.ann, payments("4")) }, waits},
		{"work in progress", func() { c.SetWIP(s.ann) }, none},
		{"ready again", func() { c.SetReady(s.ann) }, waits},
		{"abandoned", func() { c.Abandon(s.ann) }, none},
	} {
		quiet(stream) // what the bot itself says of a patch set comes later
		step.do()
		began := time.Now()
		until(t, stream, c)
		took := time.Since(began)
		if got := branches(); got != step.want {
			t.Errorf("after %s branches are %s, want %s", step.name, got, step.want)
		}
		t.Logf("%s: told after %s", step.name, took.Round(time.Millisecond))
	}
}

// quiet reads events until there are none for a while.
func quiet(stream <-chan event) {
	for {
		select {
		case _, open := <-stream:
			if !open {
				return
			}
		case <-time.After(3 * time.Second):
			return
		}
	}
}
