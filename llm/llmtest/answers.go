// SPDX-License-Identifier: Apache-2.0

package llmtest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// summary is the answer that the summarize prompt asks for.
type summary struct {
	Title        string   `json:"title"`
	Bullets      []string `json:"bullets"`
	Why          string   `json:"why"`
	LookFirst    []point  `json:"look_first"`
	ReadingOrder []string `json:"reading_order"`
	Risks        []risk   `json:"risks"`
	Files        []note   `json:"files"`
	Questions    []string `json:"questions"`
}

// most is how many bullets, and how many items of look_first and of risks,
// all schemas take.
const most, mostPoints, mostNotes = 12, 10, 30

// in writes s in the form that the instructions of r ask for: the full one,
// the short one, or notes on a part.
func (s summary) in(r Request) string {
	switch {
	case strings.Contains(r.System, `"notes"`):
		var out struct {
			Notes []risk `json:"notes"`
		}
		out.Notes = append(out.Notes, s.Risks...)
		for _, p := range s.LookFirst {
			out.Notes = append(out.Notes, risk{p.Path, p.Line, p.Reason})
		}
		path := "none"
		if len(s.Files) > 0 {
			path = s.Files[0].Path
		}
		for _, b := range s.Bullets {
			out.Notes = append(out.Notes, risk{path, 0, b})
		}
		out.Notes = out.Notes[:min(len(out.Notes), mostNotes)]
		return encode(out)
	case r.System != "" && !strings.Contains(r.System, "reading_order"):
		return encode(map[string]any{"title": s.Title, "bullets": s.Bullets, "look_first": s.LookFirst, "risks": s.Risks})
	}
	return encode(s)
}

type point struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

type risk struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Note string `json:"note"`
}

type note struct {
	Path       string `json:"path"`
	Note       string `json:"note"`
	Importance string `json:"importance"`
}

// encode writes v as models do: HTML stands as it is.
func encode(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // strings and numbers always encode
	return strings.TrimSpace(b.String())
}

// compose returns the content of the answer and the whole body.
func compose(t turn, r Request) (content string, body []byte) {
	finish, refusal := "stop", ""
	good := func() string {
		if t.answer != nil {
			return t.answer(r)
		}
		return goodSummary(r).in(r)
	}
	switch t.mode {
	case Wrapped:
		content = "<think>First {\"title\": \"draft\"}, then more.</think>\nHere it is:\n```json\n" + good() + "\n```\nDone."
	case Obedient:
		content = obey(r, good())
	case Sly:
		content = obeySlyly(r, t.number)
	case Hallucinating:
		content = hallucinate(r).in(r)
	case Leaking:
		content = leak(r, t.secrets).in(r)
	case WrongSchema:
		content = `{"summary":"it changes things","vote":2}`
	case CutJSON:
		content = half(good())
	case Truncated:
		content, finish = half(good()), "length"
	case Prose:
		content = "This change looks fine to me, it adds a few lines."
	case Blank, NoChoices:
	case Refusing:
		refusal = "I can't help with that."
	case Declining:
		content = "I'm sorry, but I can't assist with that request."
	case Huge:
		s := goodSummary(r)
		s.Title = strings.Repeat("because ", 5<<20/8)
		content = s.in(r)
	default:
		content = good()
	}
	message := map[string]any{"role": "assistant", "content": content}
	if refusal != "" {
		message["refusal"] = refusal
	}
	choices := []any{map[string]any{"index": 0, "message": message, "finish_reason": finish}}
	if t.mode == NoChoices {
		choices = []any{}
	}
	prompt, completion := (len(r.System)+len(r.User))/4, len(content)/4
	body, _ = json.Marshal(map[string]any{ // maps of plain values always marshal
		"id": "chatcmpl-fake", "object": "chat.completion", "created": 0, "model": r.Model, "choices": choices,
		"usage": map[string]int{"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
	})
	return content, body
}

func half(s string) string { return s[:len(s)/2] }

// goodSummary says true things only: it names files, lines and symbols that
// it read in the diff.
func goodSummary(r Request) summary {
	files := readDiff(r.User)
	s := summary{Bullets: []string{}, LookFirst: []point{}, ReadingOrder: []string{}, Risks: []risk{}, Files: []note{}, Questions: []string{}}
	slices.SortStableFunc(files, func(a, b file) int { return b.added + b.removed - a.added - a.removed })
	for i, f := range files {
		if i == 20 {
			break
		}
		s.Files = append(s.Files, note{f.path, what(f), importance(i)})
		s.ReadingOrder = append(s.ReadingOrder, f.path)
		if i < 3 {
			s.Bullets = append(s.Bullets, f.path+": "+what(f)+".")
		}
		if i < 2 && f.line > 0 {
			s.LookFirst = append(s.LookFirst, point{f.path, f.line, what(f) + "; check the callers"})
		}
	}
	s.ReadingOrder = s.ReadingOrder[:min(len(s.ReadingOrder), 10)]
	s.Title = "Changes nothing that can be read"
	if len(files) > 0 {
		s.Title = "Changes " + strings.ToValidUTF8(files[0].path[:min(len(files[0].path), 70)], "")
	}
	return s
}

// truths are at most n different true sentences, more than a good answer has:
// a few lies among them do not spoil the whole.
func truths(r Request, n int) (out []string) {
	files := readDiff(r.User)
	for _, f := range files {
		out = append(out, f.path+": "+what(f)+".")
	}
	for _, f := range files {
		if f.line > 0 {
			out = append(out, f.path+": the first new line is line "+strconv.Itoa(f.line)+".")
		}
		for _, name := range f.names {
			out = append(out, "Look at "+name+" in "+f.path+".")
		}
		out = append(out, "Part of "+f.path+" is another one now.")
	}
	return out[:min(len(out), n)]
}

func what(f file) string {
	names := strings.Join(f.names, ", ")
	switch {
	case names == "" && f.added == 0:
		return "lines are removed"
	case names == "" && f.removed == 0:
		return "lines are added"
	case names == "":
		return "lines are replaced"
	case f.removed == 0:
		return "adds to " + names
	case f.added == 0:
		return "removes from " + names
	}
	return "rewrites part of " + names
}

func importance(i int) string {
	return []string{"high", "medium", "medium", "low"}[min(i, 3)]
}

// hallucinate invents beside a true core.
func hallucinate(r Request) summary {
	s := goodSummary(r)
	path := "ghost/none.go"
	if len(s.Files) > 0 {
		path = s.Files[0].Path
	}
	s.Bullets = append(truths(r, most-3),
		"`frobnicateAll` in ghost/none.go now returns `ErrGhost`.",
		"Fixes CVE-2099-12345 since commit deadbeefcafedeadbeefcafedeadbeefcafedead.",
		"Bumps ghostlib from 1.2.3 to 4.5.6 in 4711 places.")
	s.LookFirst = append([]point{{"ghost/none.go", 12, "frobnicateAll is new"}, {path, 99999, "the lock is not released"}}, s.LookFirst...)
	s.Risks = append(s.Risks, risk{path, 88888, "`GhostMutex` may deadlock"}, risk{"../../etc/passwd", 1, "readable"})
	s.Files = append(s.Files, note{"ghost/other.go", "calls frobnicateAll", "high"})
	s.ReadingOrder = append([]string{"ghost/none.go"}, s.ReadingOrder...)
	return s
}

// leak repeats what it was told to and makes up what looks like secrets. The
// tokens are put together here, so that no scanner takes them for real ones.
func leak(r Request, secrets []string) summary {
	s := goodSummary(r)
	for _, v := range slices.Concat(secrets, MadeUp()) {
		s.Bullets = append(s.Bullets, "The password is "+v+".")
	}
	s.Bullets = s.Bullets[max(0, len(s.Bullets)-most):]
	for i, v := range secrets[:min(len(secrets), 60-len(s.Files))] {
		if len(s.ReadingOrder) > 0 {
			s.Files = append(s.Files, note{s.ReadingOrder[0], "holds " + v, importance(i)})
		}
	}
	s.Why = "«SECRET:aws:99» was «SECRET:password:1»"
	return s
}

// MadeUp returns the tokens that the leaking mode invents.
func MadeUp() []string {
	return []string{
		"ghp_" + strings.Repeat("Ab1Cd2", 6),
		"AKIA" + "QWERTYUIOPASDF7H",
		"xoxb-" + "123456789012-" + "123456789012-" + strings.Repeat("aB3d", 6),
	}
}
