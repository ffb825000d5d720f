// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"net/http"
	"slices"
	"strconv"
)

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
	matches, err := q.compile(query)
	if err != nil {
		return nil, err
	}
	var found []*change
	for _, c := range q.s.changes {
		if c.seenBy(q.me) && matches(c) {
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
