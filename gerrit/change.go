// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
)

// detailOptions ask for everything that the decision and the post look at in
// one answer. ALL_COMMITS tells which patch sets are merges; the diff
// statistics are left out because they cost the server most.
const detailOptions = "o=ALL_REVISIONS&o=ALL_COMMITS&o=MESSAGES&o=DETAILED_ACCOUNTS&o=DETAILED_LABELS" +
	"&o=CURRENT_ACTIONS&o=CHANGE_ACTIONS&o=SKIP_DIFFSTAT"

// stamp is a time as Gerrit writes it: UTC without a zone.
type stamp struct{ time.Time }

func (t *stamp) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil || s == "" {
		return err
	}
	at, err := time.Parse("2006-01-02 15:04:05.999999999", s)
	t.Time = at
	return err
}

type accountInfo struct {
	ID          int64    `json:"_account_id"`
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"`
	Email       string   `json:"email"`
	Username    string   `json:"username"`
	Tags        []string `json:"tags"`
	Inactive    bool     `json:"inactive"`
	Status      string   `json:"status"`
}

func (a accountInfo) account() review.Account {
	return review.Account{
		ID: a.ID, Name: cmp.Or(a.DisplayName, a.Name), Email: a.Email, Username: a.Username,
		Service: slices.Contains(a.Tags, "SERVICE_USER"), Inactive: a.Inactive,
		Status: firstRunes(a.Status, maxStatus),
	}
}

type actionInfo struct {
	Enabled bool `json:"enabled"`
}

type personInfo struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Date  stamp  `json:"date"`
}

type commitInfo struct {
	Parents []struct {
		Commit string `json:"commit"`
	} `json:"parents"`
	Author    personInfo `json:"author"`
	Committer personInfo `json:"committer"`
	Message   string     `json:"message"`
}

type revisionInfo struct {
	Number   int                   `json:"_number"`
	Kind     review.Kind           `json:"kind"`
	Created  stamp                 `json:"created"`
	Uploader accountInfo           `json:"uploader"`
	Commit   commitInfo            `json:"commit"`
	Actions  map[string]actionInfo `json:"actions"`
	Files    map[string]struct{}   `json:"files"`
}

type labelInfo struct {
	All []struct {
		accountInfo
		Value int   `json:"value"`
		Date  stamp `json:"date"`
	} `json:"all"`
	// Each is there for a vote of its kind.
	Approved    *struct{} `json:"approved"`
	Rejected    *struct{} `json:"rejected"`
	Recommended *struct{} `json:"recommended"`
	Disliked    *struct{} `json:"disliked"`
}

type requirementInfo struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

type messageInfo struct {
	ID       string      `json:"id"`
	Author   accountInfo `json:"author"`
	Date     stamp       `json:"date"`
	Tag      string      `json:"tag"`
	Message  string      `json:"message"`
	PatchSet int         `json:"_revision_number"`
}

type attentionInfo struct {
	Account accountInfo `json:"account"`
}

// changeInfo is a change in answers about one and about many.
type changeInfo struct {
	Project   string                   `json:"project"`
	Number    int                      `json:"_number"`
	Branch    string                   `json:"branch"`
	Topic     string                   `json:"topic"`
	Subject   string                   `json:"subject"`
	Status    review.Status            `json:"status"`
	Private   bool                     `json:"is_private"`
	WIP       bool                     `json:"work_in_progress"`
	Owner     accountInfo              `json:"owner"`
	Hashtags  []string                 `json:"hashtags"`
	Created   stamp                    `json:"created"`
	Updated   stamp                    `json:"updated"`
	Submitted stamp                    `json:"submitted"`
	ChangeKey string                   `json:"change_id"`
	Current   string                   `json:"current_revision"`
	Revisions map[string]revisionInfo  `json:"revisions"`
	Messages  []messageInfo            `json:"messages"`
	Reviewers map[string][]accountInfo `json:"reviewers"`
	Attention map[string]attentionInfo `json:"attention_set"`
	Labels    map[string]labelInfo     `json:"labels"`
	Permitted map[string][]string      `json:"permitted_labels"`
	Required  []requirementInfo        `json:"submit_requirements"`
	Actions   map[string]actionInfo    `json:"actions"`
	RevertOf  int                      `json:"revert_of"`
	PickOf    int                      `json:"cherry_pick_of_change"`
	PickOfSet int                      `json:"cherry_pick_of_patch_set"`
	More      bool                     `json:"_more_changes"`
}

// Change reads a change with everything that decision and post need, in one
// call; who may read its branch is asked for as often as its configuration.
func (c *Client) Change(ctx context.Context, id review.ChangeID) (review.Change, error) {
	path, err := c.changePath(id)
	if err != nil {
		return review.Change{}, err
	}
	what := "read change " + id.String()
	var info changeInfo
	if err := c.get(ctx, "change", what, path+"/detail", detailOptions, &info); err != nil {
		return review.Change{}, err
	}
	ch, err := info.change(id)
	if err != nil {
		return review.Change{}, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: %w", c.o.ID, what, err)}
	}
	if ch.Reach, ch.ReachWhy, err = c.reach(ctx, ch); err != nil {
		return review.Change{}, err
	}
	ch.Restricted = ch.Reach.Restricted()
	ch.URL = c.ChangeURL(id)
	return ch, nil
}

// change checks that the answer fits the question and turns it into ours.
func (i *changeInfo) change(id review.ChangeID) (review.Change, error) {
	if i.Project != id.Project || i.Number != id.Number {
		return review.Change{}, errors.New("the answer is about another change")
	}
	ch := review.Change{
		ID: id, Branch: i.Branch, Topic: i.Topic, Subject: i.Subject, Status: i.Status,
		Private: i.Private, WIP: i.WIP, Owner: i.Owner.account(), Hashtags: i.Hashtags,
		Created: i.Created.Time, Updated: i.Updated.Time, RevertOf: max(i.RevertOf, 0),
	}
	if i.PickOf > 0 && i.PickOfSet > 0 {
		ch.PickOf, ch.PickOfPatchSet = i.PickOf, i.PickOfSet
	}
	for sha, r := range i.Revisions {
		if !isSHA(sha) || r.Number <= 0 {
			return review.Change{}, errors.New("the answer names no proper patch set")
		}
		ps := review.PatchSet{
			Number: r.Number, Revision: sha, Kind: r.Kind, Created: r.Created.Time,
			Uploader: r.Uploader.account(), Parents: len(r.Commit.Parents),
		}
		if ps.Parents > 0 && isSHA(r.Commit.Parents[0].Commit) {
			ps.Parent = r.Commit.Parents[0].Commit
		}
		ch.PatchSets = append(ch.PatchSets, ps)
	}
	slices.SortFunc(ch.PatchSets, func(a, b review.PatchSet) int { return cmp.Compare(a.Number, b.Number) })
	current, ok := i.Revisions[i.Current]
	if !ok || ch.Current().Revision != i.Current {
		return review.Change{}, errors.New("the answer lacks the current patch set")
	}
	ch.Message = current.Commit.Message
	ch.Author = review.Account{Name: current.Commit.Author.Name, Email: current.Commit.Author.Email}
	for _, m := range i.Messages {
		ch.Messages = append(ch.Messages, review.Message{
			ID: m.ID, Author: m.Author.account(), Date: m.Date.Time, Tag: m.Tag, Text: m.Message, PatchSet: m.PatchSet,
		})
	}
	ch.Reviewers = accounts(i.Reviewers["REVIEWER"])
	ch.CCs = accounts(i.Reviewers["CC"])
	ch.Votes = i.votes()
	ch.MayVote = i.mayVote()
	ch.Actions = enabled(i.Actions, current.Actions)
	return ch, nil
}

func accounts(infos []accountInfo) []review.Account {
	var out []review.Account
	for _, a := range infos {
		out = append(out, a.account())
	}
	return out
}

func (i *changeInfo) votes() []review.Vote {
	var out []review.Vote
	for _, label := range slices.Sorted(maps.Keys(i.Labels)) {
		for _, v := range i.Labels[label].All {
			if v.Value != 0 {
				out = append(out, review.Vote{Label: label, Value: v.Value, Account: v.account(), Date: v.Date.Time})
			}
		}
	}
	return out
}

// mayVote lists the labels on which more than 0 is permitted.
func (i *changeInfo) mayVote() []string {
	var out []string
	for label, values := range i.Permitted {
		if slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "0" }) {
			out = append(out, label)
		}
	}
	slices.Sort(out)
	return out
}

func enabled(sets ...map[string]actionInfo) []string {
	var out []string
	for _, set := range sets {
		for name, a := range set {
			if a.Enabled {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func isSHA(s string) bool { return len(s) == 40 && strings.Trim(s, "0123456789abcdef") == "" }
