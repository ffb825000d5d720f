// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"review-assistant/internal/replay"
	"review-assistant/review"
)

// EvalOptions change what is evaluated.
type EvalOptions struct {
	// Without names signals to leave out.
	Without []string
	// Balanced puts the two picks of [Choose] first. The first picks of the
	// replay are what people were asked, and are open until the change is
	// learnt.
	Balanced bool
}

const maxEvalAnswer = 20

// Eval replays a review history and answers who should review each change,
// before it is told who did. It reads one JSON object a line:
//
//	{"op":"owners","project":P,"path":D,"owners":[U..],"noparent":B}
//	{"op":"rank","id":I,"project":P,"owner":U,"created":T,"files":[..],"subject":S}
//	{"op":"learn","id":I,"reviewers":[U..],"closed":T}
//
// and answers each rank with {"id":I,"ranked":[U..]}, best first. Other
// operations and keys are skipped; docs/reviewers.md has the protocol. All
// signals take part and nobody is left out but the author, so that the figure
// is about the formula alone, unless the options say otherwise.
func Eval(ctx context.Context, in io.Reader, out io.Writer, o EvalOptions) error {
	e, err := newEvaluation(o)
	if err != nil {
		return err
	}
	return replay.Run(ctx, in, out, func(line []byte) (any, error) {
		var op evalOp
		if err := json.Unmarshal(line, &op); err != nil {
			return nil, errors.New(badLine(err))
		}
		if answer := e.do(op); answer != nil {
			return answer, nil
		}
		return nil, nil
	})
}

// badLine says what is wrong with a line, without words of Go.
func badLine(err error) string {
	wrong, is := errors.AsType[*json.UnmarshalTypeError](err)
	if !is {
		return "no JSON object: " + err.Error()
	}
	want := map[reflect.Kind]string{
		reflect.String: "text", reflect.Int64: "a whole number, seconds since 1970", reflect.Bool: "true or false", reflect.Slice: "a list of texts",
	}[wrong.Type.Kind()]
	if wrong.Field == "" || want == "" {
		return fmt.Sprintf("it is a JSON %s, want an object", wrong.Value)
	}
	return fmt.Sprintf("%q is or holds a JSON %s, want %s", wrong.Field, wrong.Value, want)
}

// SignalError says that there is no such signal, and which there are.
type SignalError struct{ Name string }

func (e *SignalError) Error() string {
	var names []string
	for _, s := range signals {
		names = append(names, s.name)
	}
	return fmt.Sprintf("no signal is called %q, only %s", e.Name, strings.Join(names, ", "))
}

type evalOp struct {
	Op        string   `json:"op"`
	ID        string   `json:"id"`
	Project   string   `json:"project"`
	Branch    string   `json:"branch"`
	Owner     string   `json:"owner"`
	Created   int64    `json:"created"`
	Closed    int64    `json:"closed"`
	Files     []string `json:"files"`
	Subject   string   `json:"subject"`
	Reviewers []string `json:"reviewers"`
	Path      string   `json:"path"`
	Owners    []string `json:"owners"`
	NoParent  bool     `json:"noparent"`
}

type evalAnswer struct {
	ID     string   `json:"id"`
	Ranked []string `json:"ranked"`
}

// evaluation is the state of a replay.
type evaluation struct {
	history *History
	ids     map[string]int64
	asked   map[string]evalOp // by id, until learnt
	owned   map[string]evalOp // by project and directory
	without map[string]bool

	balanced bool
	picked   map[string]int64 // first pick by id of a change, until learnt
	counts   map[int64]asks
}

// asks is a counter that fades, as of a moment.
type asks struct {
	n  float64
	at time.Time
}

func newEvaluation(o EvalOptions) (*evaluation, error) {
	e := &evaluation{history: NewHistory(), ids: map[string]int64{}, asked: map[string]evalOp{}, owned: map[string]evalOp{}, without: map[string]bool{}, balanced: o.Balanced, picked: map[string]int64{}, counts: map[int64]asks{}}
	e.history.hours = true
	known := map[string]bool{}
	for _, s := range signals {
		known[s.name] = true
	}
	for _, name := range o.Without {
		if !known[name] {
			return nil, &SignalError{name}
		}
		e.without[name] = true
	}
	return e, nil
}

func (e *evaluation) do(op evalOp) *evalAnswer {
	switch op.Op {
	case "owners":
		e.owned[op.Project+"\x00"+op.Path] = op
		e.history.know(e.accounts(op.Owners))
	case "rank":
		e.asked[op.ID] = op
		return &evalAnswer{ID: op.ID, Ranked: e.rank(op)}
	case "learn":
		r, ok := e.asked[op.ID]
		if !ok {
			return nil
		}
		delete(e.asked, op.ID)
		delete(e.picked, op.ID)
		e.history.Learn(review.Past{Project: r.Project, Author: e.account(r.Owner), Created: time.Unix(r.Created, 0), Closed: time.Unix(op.Closed, 0), Files: r.Files, Subject: r.Subject, Reviewers: e.accounts(op.Reviewers)})
	}
	return nil
}

func (e *evaluation) rank(op evalOp) []string {
	in := Input{Project: op.Project, Branch: op.Branch, Subject: op.Subject, Author: e.account(op.Owner), Files: op.Files, Now: time.Unix(op.Created, 0), without: e.without}
	in.Files = in.Files[:min(len(in.Files), maxPastFiles)]
	in.Owners = e.owners(in)
	in.History = e.history
	e.history.know([]review.Account{in.Author})
	ranked := []string{}
	if e.balanced {
		ranked = e.pick(op.ID, in)
	}
	for _, a := range e.history.best(in, maxEvalAnswer) {
		if len(ranked) == maxEvalAnswer {
			break
		}
		if !slices.Contains(ranked[:min(len(ranked), evalPicks)], a.Username) {
			ranked = append(ranked, a.Username)
		}
	}
	return ranked
}

// evalPicks is how many people are picked for a change when balanced.
const evalPicks = 2

// pick chooses as for a comment, by what was picked so far.
func (e *evaluation) pick(id string, in Input) []string {
	in.Max = evalPicks
	f := Facts{Open: map[int64]int{}, Asked: map[int64]float64{}}
	for _, who := range e.picked {
		f.Open[who]++
	}
	for who, c := range e.counts {
		f.Asked[who] = c.n * Fade(c.at, in.Now)
	}
	picks := Choose(in, Rank(in), f).Picks
	names := []string{}
	for _, p := range picks {
		names = append(names, p.Account.Username)
	}
	if len(picks) > 0 {
		who := picks[0].Account.ID
		e.picked[id] = who
		e.counts[who] = asks{f.Asked[who] + 1, in.Now}
	}
	return names
}

// owners returns the claims on the files, those nearer a file first. Owners of
// a whole project do not count: in these histories they are all its maintainers.
func (e *evaluation) owners(in Input) []review.Owner {
	distance := map[string]int{}
	var order []string
	for _, f := range in.Files {
		steps := 0
		for dir := f; dir != ""; {
			dir = dirOf(dir)
			o, ok := e.owned[in.Project+"\x00"+dir]
			if !ok || dir == "" {
				continue
			}
			if len(o.Owners) > 0 {
				if d, known := distance[dir]; !known {
					order = append(order, dir)
					distance[dir] = steps
				} else {
					distance[dir] = min(d, steps)
				}
				steps++
				if o.NoParent {
					break
				}
			}
		}
	}
	var out []review.Owner
	for _, dir := range order {
		for _, a := range e.accounts(e.owned[in.Project+"\x00"+dir].Owners) {
			out = append(out, review.Owner{Entity: "directory:" + dir, Path: dir, Distance: distance[dir], Person: review.Person{Account: a}})
		}
	}
	return out
}

// account gives a name of the replay a number.
func (e *evaluation) account(name string) review.Account {
	if name == "" {
		return review.Account{}
	}
	id, ok := e.ids[name]
	if !ok {
		id = int64(len(e.ids) + 1)
		e.ids[name] = id
	}
	return review.Account{ID: id, Username: name}
}

func (e *evaluation) accounts(names []string) []review.Account {
	var out []review.Account
	for _, n := range names {
		if n != "" {
			out = append(out, e.account(n))
		}
	}
	return out
}

// know makes accounts candidates before they did anything.
func (h *History) know(accounts []review.Account) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range accounts {
		h.ledger("").know(a)
	}
}

// best returns up to n people, the best first; nobody is left out but the author.
func (h *History) best(in Input, n int) []review.Account {
	h.mu.RLock()
	defer h.mu.RUnlock()
	q := h.hosts[in.Host].query(in)
	defer q.release()
	if q.n == 0 || len(q.files) == 0 {
		return nil
	}
	s := q.score(in.without)
	out := make([]review.Account, 0, n)
	for u := range q.order(s) {
		if out = append(out, q.at(u).account); len(out) == n {
			break
		}
	}
	return out
}
