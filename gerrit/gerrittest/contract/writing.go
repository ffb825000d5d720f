// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"net/http"
	"strings"

	"review-assistant/review"
)

func hiddenIsAbsent(s *scene) {
	c := s.simple()
	other := s.Project()
	s.want(s.get("/changes/nowhere~1/detail"), http.StatusNotFound, "Not found")
	s.want(s.get(Change{c.Project, 999_999}.path()+"/detail"), http.StatusNotFound, "Not found")
	s.want(s.get(Change{other, c.Number}.path()+"/detail"), http.StatusNotFound, "Not found")
	s.want(s.get(c.path()+"/revisions/"+strings.Repeat("a", 40)+"/files"), http.StatusNotFound, "Not found")
	s.want(s.get(c.path()+"/detail"), http.StatusOK, ")]}'\n")
	s.SetPrivate(c, true)
	s.want(s.get(c.path()+"/detail"), http.StatusNotFound, "Not found")
	s.want(s.post(c.path()+"/revisions/1/review", object{"message": "x"}), http.StatusNotFound, "Not found")
	s.SetPrivate(c, false)
	// Whoever comments becomes a CC, and keeps seeing the change.
	s.want(s.post(c.path()+"/revisions/1/review", object{"message": "x"}), http.StatusOK, "")
	s.SetPrivate(c, true)
	s.want(s.get(c.path()+"/detail"), http.StatusOK, `"is_private":true`)
	s.HideFromBot(c.Project)
	s.want(s.get(c.path()+"/detail"), http.StatusNotFound, "Not found")
	s.want(s.get("/projects/"+escape(c.Project)+"/parent"), http.StatusNotFound, "Not found")
}

func badCredentials(s *scene) {
	for _, who := range []Login{{}, {Username: s.Bot().Username, Password: "wrong"}, {Username: "nobody", Password: "x"}} {
		s.want(s.call(who, http.MethodGet, "/accounts/self/detail", nil), http.StatusUnauthorized, "Unauthorized")
	}
}

func reviewLimits(s *scene) {
	c := s.simple()
	input := c.path() + "/revisions/1/review"
	tag := review.PostSummary.Tag()
	text := func(n int) string { return strings.Repeat("é", n) }
	s.want(s.post(input, object{"message": text(16384)}), http.StatusOK, "")
	s.want(s.post(input, object{"message": text(16385)}), http.StatusBadRequest, "size exceeds limit (16385 > 16384)")
	s.want(s.post(input, object{"tag": tag, "comments": level(text(16200))}), http.StatusOK, "")
	s.want(s.post(input, object{"tag": tag, "comments": level(text(16384))}), http.StatusBadRequest, "> 16384)")
	s.want(s.post(input, object{"comments": object{"a.go": []object{{"message": "x", "line": 999}}}}), http.StatusOK, "")
	s.want(s.post(input, object{"comments": object{"a.go": []object{{"message": "x", "line": -1}}}}), http.StatusBadRequest, "negative line")
	s.want(s.post(input, "{bad"), http.StatusBadRequest, "")
}

func wholeOrNothing(s *scene) {
	c := s.simple()
	before := len(s.messages(c))
	input := c.path() + "/revisions/1/review"
	s.want(s.post(input, object{"message": "x", "comments": object{"no.go": []object{{"message": "x"}}}}),
		http.StatusBadRequest, "file no.go not found in revision")
	s.want(s.post(input, object{"message": "x", "reviewers": []object{{"reviewer": "nobody@example.com"}}}),
		http.StatusBadRequest, "does not identify a registered user")
	s.want(s.post(input, object{"message": "x", "labels": object{"Code-Review": 1}}), http.StatusForbidden, "restricted")
	s.want(s.post(c.path()+"/reviewers", object{"reviewer": "nobody@example.com"}), http.StatusBadRequest, "does not identify a registered user")
	if n := len(s.messages(c)); n != before {
		s.Errorf("refused reviews left %d messages", n-before)
	}
}

// threads follows a comment on a line from the post to the answer that the
// client reads.
func threads(s *scene) {
	c, client := s.simple(), s.client()
	id := review.ChangeID{Host: "main", Project: c.Project, Number: c.Number}
	s.want(s.post(c.path()+"/revisions/1/review", object{
		"tag": review.PostSecrets.Tag(), "notify": "OWNER", "drafts": "KEEP", "omit_duplicate_comments": true,
		"comments": object{"a.go": []object{{"line": 1, "message": "look", "unresolved": true}}},
	}), http.StatusOK, "")
	all := s.messages(c)
	if m := all[len(all)-1]; m.Tag != review.PostSecrets.Tag() || m.Message != "Patch Set 1:\n\n(1 comment)" {
		s.Errorf("the message is %+v", m)
	}
	s.want(s.get(c.path()+"/comments"), http.StatusOK, `"unresolved":true`)
	mine, err := client.Comments(s.Context(), id)
	if err != nil || len(mine) != 1 {
		s.Fatalf("comments %+v, %v", mine, err)
	}
	if k := mine[0]; k.Author.ID != s.Bot().ID || k.Tag != review.PostSecrets.Tag() || k.Text != "look" || k.PatchSet != 1 || k.InReplyTo != "" {
		s.Errorf("ours is %+v", k)
	}
	answer := object{"comments": object{"a.go": []object{{"in_reply_to": mine[0].ID, "line": 1, "message": "fine"}}}}
	s.want(s.call(s.Person("ann"), http.MethodPost, c.path()+"/revisions/1/review", answer), http.StatusOK, "")
	both, err := client.Comments(s.Context(), id)
	if err != nil || len(both) != 2 {
		s.Fatalf("comments %+v, %v", both, err)
	}
	for _, k := range both {
		if k.ID != mine[0].ID && (k.InReplyTo != mine[0].ID || k.Author.ID != s.Person("ann").ID || k.Tag != "" || k.Text != "fine" || k.Date.IsZero()) {
			s.Errorf("the answer is %+v", k)
		}
	}
}

func unknownFields(s *scene) {
	c := s.simple()
	s.want(s.post(c.path()+"/revisions/1/review", object{"message": "x", "no_such_field": 1}), http.StatusOK, "")
	s.want(s.post(c.path()+"/revisions/1/review", object{"message": "x", "labels": object{"No-Such-Label": 1}}), http.StatusOK, "")
}

func equalPosts(s *scene) {
	c := s.simple()
	input := c.path() + "/revisions/1/review"
	before := len(s.messages(c))
	// Equal messages stand as often as they are sent.
	for range 2 {
		s.want(s.post(input, object{"message": "same"}), http.StatusOK, "")
	}
	if n := len(s.messages(c)) - before; n != 2 {
		s.Errorf("two equal messages became %d", n)
	}
	// Of equal comments the second is dropped, and with it the message.
	in := object{"tag": review.PostSummary.Tag(), "omit_duplicate_comments": true, "comments": level("same"), "drafts": "KEEP", "notify": "NONE"}
	for range 2 {
		s.want(s.post(input, in), http.StatusOK, "")
	}
	all := s.messages(c)
	if n := len(all) - before; n != 3 {
		s.Errorf("two equal comments became %d messages", n-2)
	}
	last := all[len(all)-1]
	if last.Message != "Patch Set 1:\n\n(1 comment)" || last.Tag != review.PostSummary.Tag() || last.Author.ID != s.Bot().ID {
		s.Errorf("the message of a comment is %+v", last)
	}
}

func permitted(s *scene) {
	c := s.simple()
	client := s.client()
	read := func() review.Change {
		s.Helper()
		ch, err := client.Change(s.Context(), c.id())
		if err != nil {
			s.Fatal(err)
		}
		return ch
	}
	ch := read()
	if len(ch.MayVote) != 0 {
		s.Errorf("the bot may vote on %q", ch.MayVote)
	}
	for _, a := range ch.Actions {
		if a != "followup" {
			s.Errorf("the bot may %s", a)
		}
	}
	s.LetBotVote(c.Project)
	if ch = read(); len(ch.MayVote) != 1 || ch.MayVote[0] != "Code-Review" {
		s.Errorf("with a right to vote the bot may vote on %q", ch.MayVote)
	}
}

// closedAndOld shows why the bot looks before it posts: Gerrit takes it all.
func closedAndOld(s *scene) {
	c := s.simple()
	s.Amend(c, Push{Files: map[string]string{"a.go": "package b\n"}})
	s.want(s.post(c.path()+"/revisions/1/review", object{"message": "to an old patch set"}), http.StatusOK, "")
	s.SetWIP(c, true)
	s.want(s.post(c.path()+"/revisions/2/review", object{"message": "to work in progress"}), http.StatusOK, "")
	s.Abandon(c)
	s.want(s.post(c.path()+"/revisions/2/review", object{"message": "to an abandoned change"}), http.StatusOK, "")
}
