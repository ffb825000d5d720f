// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// queryWord is one operator with its operand, which may be quoted.
var queryWord = regexp.MustCompile(`(-?[a-z]+):(?:"([^"]*)"|(\S+))`)

// queryChanges answers up to ten queries: one with a list, several with a list
// of lists.
func (q *request) queryChanges() *answer {
	if bad := q.badOption(); bad != nil {
		return bad
	}
	queries := q.values["q"]
	if len(queries) > 10 {
		return text(http.StatusBadRequest, "limit of 10 queries")
	}
	lists := [][]object{}
	for _, query := range queries {
		list, err := q.query1(query)
		if err != nil {
			return text(http.StatusBadRequest, "%s", err)
		}
		lists = append(lists, list)
	}
	if len(lists) == 1 {
		return ok(lists[0])
	}
	return ok(lists)
}

func (q *request) query1(query string) ([]object, error) {
	if rest := strings.TrimSpace(queryWord.ReplaceAllString(query, "")); rest != "" {
		return nil, fmt.Errorf("unsupported query: %s", rest)
	}
	words := queryWord.FindAllStringSubmatch(query, -1)
	var found []*change
	for _, c := range q.s.changes {
		if !c.seenBy(q.me) {
			continue
		}
		all := true
		for _, w := range words {
			yes, err := q.matches(c, w[1], w[2]+w[3])
			if err != nil {
				return nil, err
			}
			all = all && yes
		}
		if all {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *change) int {
		if n := b.updated.Compare(a.updated); n != 0 {
			return n
		}
		return b.number - a.number
	})
	limit := q.s.o.PageLimit
	if n, err := strconv.Atoi(q.values.Get("n")); err == nil && n > 0 {
		limit = min(limit, n)
	}
	start, _ := strconv.Atoi(q.values.Get("S"))
	found = found[min(max(start, 0), len(found)):]
	more := len(found) > limit
	list := []object{}
	for _, c := range found[:min(limit, len(found))] {
		list = append(list, q.changeInfo(c, false))
	}
	if more {
		list[len(list)-1]["_more_changes"] = true
	}
	return list, nil
}

func (q *request) matches(c *change, operator, value string) (bool, error) {
	if plain, not := strings.CutPrefix(operator, "-"); not {
		yes, err := q.matches(c, plain, value)
		return !yes, err
	}
	switch operator {
	case "status", "is":
		switch value {
		case "open", "new":
			return c.status == "NEW", nil
		case "closed":
			return c.status != "NEW", nil
		case "merged", "abandoned":
			return c.status == strings.ToUpper(value), nil
		case "wip":
			return c.wip, nil
		case "private":
			return c.private, nil
		}
	case "change":
		return strconv.Itoa(c.number) == value || c.key == value, nil
	case "commit":
		return slices.ContainsFunc(c.patchSets, func(ps *patchSet) bool { return ps.sha == value }), nil
	case "project":
		return c.project.name == value, nil
	case "after", "since":
		at, err := time.Parse("2006-01-02 15:04:05", value)
		if err != nil {
			at, err = time.Parse("2006-01-02", value)
		}
		return !c.updated.Before(at), err
	case "before", "until":
		at, err := time.Parse("2006-01-02 15:04:05", value)
		return !c.updated.After(at), err
	case "visibleto":
		a := q.s.account(value)
		if a == nil {
			return false, fmt.Errorf("no user or group matches %q", value)
		}
		return c.seenBy(a), nil
	case "owner", "reviewer":
		a := q.s.account(value)
		if a == nil {
			// A number is taken as it is, known or not.
			if _, err := strconv.Atoi(value); err != nil {
				return false, fmt.Errorf("user %s not found", value)
			}
			return false, nil
		}
		return operator == "owner" && c.owner == a || operator == "reviewer" && c.roles[a.ID] == "REVIEWER", nil
	}
	return false, fmt.Errorf("unsupported operator %s:%s", operator, value)
}
