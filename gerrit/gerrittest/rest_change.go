// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// knownOptions are the values of "o" that are understood; Gerrit refuses others.
var knownOptions = []string{
	"ALL_REVISIONS", "CURRENT_REVISION", "ALL_COMMITS", "CURRENT_COMMIT", "ALL_FILES", "CURRENT_FILES", "MESSAGES",
	"DETAILED_ACCOUNTS", "DETAILED_LABELS", "LABELS", "CURRENT_ACTIONS", "CHANGE_ACTIONS", "SKIP_DIFFSTAT",
	"SUBMIT_REQUIREMENTS", "SUBMITTABLE",
}

// detail answers one change. Like a real one, it holds nothing that was not
// asked for.
func (q *request) detail(c *change, detailed bool) *answer {
	if bad := q.badOption(); bad != nil {
		return bad
	}
	return ok(q.changeInfo(c, detailed))
}

func (q *request) badOption() *answer {
	for _, o := range q.values["o"] {
		if !slices.Contains(knownOptions, o) {
			return text(http.StatusBadRequest, `"%s" is not a valid value for "-o"`, o)
		}
	}
	return nil
}

func (q *request) changeInfo(c *change, detailed bool) object {
	has := func(o string) bool { return slices.Contains(q.values["o"], o) }
	person := func(a *Account) object {
		if detailed || has("DETAILED_ACCOUNTS") {
			return a.info()
		}
		return object{"_account_id": a.ID}
	}
	sets := q.patchSets(c)
	current := sets[len(sets)-1]
	o := object{
		"id": strings.ReplaceAll(c.id(), "/", "%2F"), "project": c.project.name, "branch": strings.TrimPrefix(c.branch, "refs/heads/"),
		"change_id": c.key, "subject": current.subject(), "status": c.status, "hashtags": slices.Concat([]string{}, c.hashtags),
		"created": stampOf(c.created), "updated": stampOf(c.updated), "_number": c.number, "owner": person(c.owner),
		"submit_type": "MERGE_IF_NECESSARY", "has_review_started": true,
	}
	if has("SUBMITTABLE") {
		o["submittable"] = c.submittable()
	}
	for key, n := range map[string]int{
		"revert_of": c.revertOf, "cherry_pick_of_change": c.pickOf, "cherry_pick_of_patch_set": c.pickOfSet,
	} {
		if n != 0 {
			o[key] = n
		}
	}
	if !c.submitted.IsZero() {
		o["submitted"] = stampOf(c.submitted)
	}
	if c.topic != "" {
		o["topic"] = c.topic
	}
	if c.private {
		o["is_private"] = true
	}
	if c.wip {
		o["work_in_progress"] = true
	}
	if has("CURRENT_REVISION") || has("ALL_REVISIONS") {
		o["current_revision"] = current.sha
		revisions := object{}
		for _, ps := range sets {
			if ps == current || has("ALL_REVISIONS") {
				revisions[ps.sha] = q.revisionInfo(c, ps, ps == current, person)
			}
		}
		o["revisions"] = revisions
	}
	if detailed || has("MESSAGES") {
		o["messages"] = c.messageInfos()
	}
	if detailed || has("LABELS") || has("DETAILED_LABELS") {
		o["labels"] = c.labelInfos(detailed || has("LABELS"), detailed || has("DETAILED_LABELS"))
		o["reviewers"] = c.reviewerInfos()
	}
	if has("SUBMIT_REQUIREMENTS") {
		o["submit_requirements"] = c.requirementInfos()
	}
	if detailed || has("DETAILED_LABELS") {
		o["permitted_labels"] = c.permitted(q.me)
	}
	attention := object{}
	for account := range c.attention {
		attention[strconv.FormatInt(account, 10)] = object{"account": person(c.s.byID(account)), "reason": "asked"}
	}
	if len(attention) > 0 {
		o["attention_set"] = attention
	}
	if has("CHANGE_ACTIONS") {
		o["actions"] = c.actionInfos(q.me, true)
	}
	return o
}

func (q *request) revisionInfo(c *change, ps *patchSet, current bool, person func(*Account) object) object {
	has := func(o string) bool { return slices.Contains(q.values["o"], o) }
	r := object{
		"kind": ps.kind, "_number": ps.number, "created": stampOf(ps.created), "uploader": person(ps.uploader),
		"ref": "refs/changes/" + strconv.Itoa(c.number) + "/" + strconv.Itoa(ps.number), "branch": c.branch,
	}
	if has("ALL_COMMITS") || current && has("CURRENT_COMMIT") {
		info := ps.commitInfo()
		delete(info, "commit")
		r["commit"] = info
	}
	if has("ALL_FILES") || current && has("CURRENT_FILES") {
		r["files"] = ps.fileInfos(false)
	}
	if current && has("CURRENT_ACTIONS") {
		r["actions"] = c.actionInfos(q.me, false)
	}
	return r
}

func (ps *patchSet) subject() string { s, _, _ := strings.Cut(ps.message, "\n"); return s }

func (ps *patchSet) commitInfo() object {
	parents := []object{}
	for _, p := range ps.parents {
		parents = append(parents, object{"commit": p, "subject": "Before"})
	}
	who := object{"name": ps.author.Name, "email": ps.author.Email, "date": stampOf(ps.created), "tz": 0}
	return object{
		"commit": ps.sha, "parents": parents, "author": who, "committer": who, "subject": ps.subject(), "message": ps.message,
	}
}

func (c *change) messageInfos() []object {
	out := []object{}
	for _, m := range c.messages {
		o := object{
			"id": m.id, "author": m.author.info(), "date": stampOf(m.at), "message": m.text, "_revision_number": m.patchSet,
		}
		if m.tag != "" {
			o["tag"] = m.tag
		}
		out = append(out, o)
	}
	return out
}

func (c *change) commentInfos() map[string][]object {
	out := map[string][]object{}
	for _, r := range c.comments {
		o := object{
			"id": r.id, "author": r.author.info(), "updated": stampOf(r.at), "message": r.text,
			"unresolved": r.unresolved, "patch_set": r.patchSet,
		}
		if r.tag != "" {
			o["tag"] = r.tag
		}
		if r.line > 0 {
			o["line"] = r.line
		}
		if r.inReplyTo != "" {
			o["in_reply_to"] = r.inReplyTo
		}
		out[r.path] = append(out[r.path], o)
	}
	return out
}

// labelInfos lists Code-Review and whatever was voted on: what the votes amount
// to, and with details who voted.
func (c *change) labelInfos(summed, detailed bool) object {
	out := object{"Code-Review": object{"default_value": 0}}
	for label, votes := range c.votes {
		info := object{"default_value": 0}
		all := []object{}
		for _, id := range slices.Sorted(maps.Keys(votes)) {
			o := c.s.byID(id).info()
			o["value"], o["date"] = votes[id].value, stampOf(votes[id].at)
			all = append(all, o)
			if word := scoreOf(label, votes[id].value); summed && word != "" {
				info[word] = c.s.byID(id).info()
			}
		}
		if detailed {
			info["all"] = all
		}
		out[label] = info
	}
	return out
}

// scoreOf is what Gerrit calls a vote.
func scoreOf(label string, value int) string {
	most := 1
	if label == "Code-Review" {
		most = 2
	}
	switch {
	case value >= most:
		return "approved"
	case value <= -most:
		return "rejected"
	case value > 0:
		return "recommended"
	case value < 0:
		return "disliked"
	}
	return ""
}

// requirementInfos has the one requirement of a new project.
func (c *change) requirementInfos() []object {
	status := "UNSATISFIED"
	if c.submittable() {
		status = "SATISFIED"
	}
	return []object{{"name": "Code-Review", "status": status, "is_legacy": false}}
}

func (c *change) permitted(a *Account) object {
	out := object{}
	if c.status != "NEW" {
		return out
	}
	for _, label := range c.project.mayVote(a) {
		out[label] = []string{"-1", " 0", "+1"}
	}
	return out
}

func (c *change) reviewerInfos() object {
	out := object{}
	for _, role := range []string{"REVIEWER", "CC", "REMOVED"} {
		list := []object{}
		for _, id := range slices.Sorted(maps.Keys(c.roles)) {
			if c.roles[id] == role {
				list = append(list, c.s.byID(id).info())
			}
		}
		if len(list) > 0 {
			out[role] = list
		}
	}
	return out
}

// revisionActions belong to the patch set, all others to the change.
var revisionActions = []string{"cherrypick", "rebase", "submit"}

func (c *change) actionInfos(a *Account, ofChange bool) object {
	out := object{}
	for action := range c.project.actions[a.ID] {
		if slices.Contains(revisionActions, action) != ofChange {
			out[action] = object{"method": "POST", "label": action, "enabled": true}
		}
	}
	if ofChange {
		out["followup"] = object{"method": "POST", "label": "Follow-Up", "enabled": true}
	}
	return out
}

func (q *request) patch(ps *patchSet) *answer {
	known := []string{"zip", "download", "path"}
	if compareVersions(q.s.o.Version, "3.12") >= 0 {
		known = append(known, "parent", "raw", "context")
	}
	if bad := q.options(known...); bad != nil {
		return bad
	}
	if len(ps.parents) > 1 && q.values.Get("parent") == "" {
		return text(http.StatusConflict, "Revision has more than 1 parent.")
	}
	if bad := q.parent(ps); bad != nil {
		return bad
	}
	if _, raw := q.values["raw"]; raw {
		return &answer{http.StatusOK, map[string]string{"Content-Type": "text/plain"}, ps.patch()}
	}
	return &answer{http.StatusOK, map[string]string{
		"Content-Type": "text/plain;charset=iso-8859-1", "X-FYI-Content-Encoding": "base64", "X-FYI-Content-Type": "application/mbox",
	}, []byte(base64.StdEncoding.EncodeToString(ps.patch()))}
}

// compareVersions compares dotted numbers.
func compareVersions(a, b string) int {
	number := func(s string) []int {
		var out []int
		for part := range strings.SplitSeq(s, ".") {
			n, _ := strconv.Atoi(part)
			out = append(out, n)
		}
		return out
	}
	return slices.Compare(number(a), number(b))
}
