// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
)

// term returns a term of a query that means exactly this name. A leading ^
// would make an expression of it, and a quote end it.
func (c *Client) term(operator, name string) (string, error) {
	if !ValidName(name) || strings.HasPrefix(name, "^") || strings.Contains(name, `"`) {
		return "", fmt.Errorf("gerrit %s: %s %q cannot be asked for", c.o.ID, operator, name)
	}
	return operator + `:"` + name + `"`, nil
}

// searchTerms ask for each word of a search in the commit message. A number may
// be that of a change too.
func searchTerms(search string) []string {
	words := review.SearchWords(search)
	terms := make([]string, len(words))
	for i, w := range words {
		terms[i] = `message:"` + w + `"`
	}
	if len(words) == 1 {
		if n, err := strconv.ParseInt(words[0], 10, 32); err == nil && n > 0 && strconv.FormatInt(n, 10) == words[0] {
			terms[0] = fmt.Sprintf("(change:%d OR %s)", n, terms[0])
		}
	}
	return terms
}

// timeTerm bounds when a change was updated, to the second. Both bounds of a
// window belong to it.
func timeTerm(operator string, t time.Time) []string {
	if t.IsZero() {
		return nil
	}
	return []string{fmt.Sprintf(`%s:"%s"`, operator, t.UTC().Format(time.DateTime))}
}

// anyOf returns a term for some changes by their numbers.
func anyOf(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = "change:" + strconv.Itoa(n)
	}
	return "(" + strings.Join(words, " OR ") + ")"
}

// visibleTo has only changes found that an account sees and that are not
// private: these are nobody's business here, whoever asks.
func visibleTo(account int64) string { return fmt.Sprintf("visibleto:%d -is:private", account) }

// fits reports whether a row can be an answer to a question about a project,
// "" for all.
func (i *changeInfo) fits(project string) bool {
	return i.Number > 0 && ValidName(i.Project) && !i.Private && (project == "" || i.Project == project)
}

// maxSkip is far above what one second sees. Behind it the rest of that
// second is given up: Gerrit need not serve any offset.
const maxSkip = 5000

// place is where a page of a list by time begins.
type place struct {
	before time.Time
	skip   int
}

// next works out where the page behind this one begins; ok is false when there
// is none. An offset counts only among changes of one second: a change that
// moves while pages are read would shift all others.
func (p place) next(infos []changeInfo) (_ place, ok bool) {
	if len(infos) == 0 || !infos[len(infos)-1].More {
		return place{}, false
	}
	first, last := infos[0].Updated.Time.Truncate(time.Second), infos[len(infos)-1].Updated.Time.Truncate(time.Second)
	bound := p.before.Truncate(time.Second)
	switch skip := p.skip + len(infos); {
	case last.IsZero() || !p.before.IsZero() && last.After(bound):
		return place{}, false // no answer to this question
	case first.After(last) || p.before.IsZero() || last.Before(bound):
		// Those of the last second come again, and what follows them.
		return place{before: last}, true
	case skip < maxSkip:
		return place{before: last, skip: skip}, true
	}
	return place{before: last.Add(-time.Second)}, true
}

// lists asks all queries of v in one call. Gerrit answers several queries with
// a list of lists, and one with a list.
func (c *Client) lists(ctx context.Context, route, what string, v url.Values) ([][]changeInfo, error) {
	lists := make([][]changeInfo, 1)
	var into any = &lists
	if len(v["q"]) == 1 {
		into = &lists[0]
	}
	if err := c.get(ctx, route, what, "changes/", v.Encode(), into); err != nil {
		return nil, err
	}
	if len(lists) != len(v["q"]) {
		return nil, &review.RetryError{Err: fmt.Errorf("gerrit %s: %s: the answer does not fit the question", c.o.ID, what)}
	}
	return lists, nil
}

// is picks the row of a change.
func is(id review.ChangeID) func(changeInfo) bool {
	return func(ch changeInfo) bool { return ch.Number == id.Number && ch.Project == id.Project }
}

// numbersOf returns the numbers of those changes that can be of this host,
// each once.
func (c *Client) numbersOf(ids []review.ChangeID) []int {
	var out []int
	for _, id := range ids {
		if _, err := c.changePath(id); err == nil {
			out = append(out, id.Number)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
