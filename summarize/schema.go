// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strconv"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// A statement of a schema that is told, and the start of one that names a
// table for the actions behind it.
var (
	schemaLine = re(`(?i)^\s*(?:(?:create|alter|drop|truncate)\s+(?:or replace\s+)?(?:unique\s+|temporary\s+|materialized\s+)?(?:table|index|view|type|function|trigger|sequence|column|schema)\b|add\s+(?:column|constraint)\b|drop\s+(?:column|constraint)\b|rename\s+(?:column|to)\b|(?:delete\s+from|update|insert\s+into)\s+[\w."]+)`)
	alterTable = re(`(?i)^\s*(?P<head>alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?[\w."]+)\s*(?P<action>\S.*)?$`)
	bodyOpens  = re(`(?i)^\s*create\s+(?:temporary\s+)?table\b[^(]*\(`)
	backwards  = re(`(?i)(?:\.|_|/)(?:down|undo|rollback)(?:\.|/|_)`)
)

// statementOf is one action of a schema and where it stands.
type statementOf struct {
	text scrub.Text
	line int
}

// schemaChanges reads the statements that f adds. Scripts that take a
// migration back are left out: they say the same the other way round.
func schemaChanges(f *scrub.File) []statementOf {
	if backwards.MatchString(f.Path.String()) {
		return nil
	}
	var out []statementOf
	for i := range f.Hunks {
		table := scrub.Text{}
		line := f.Hunks[i].NewStart
		for _, l := range f.Hunks[i].Lines {
			if l.Op == review.OpRemove {
				continue
			}
			at := line
			line++
			t := bare(l.Text)
			s := t.String()
			if len(s) > maxEditLine {
				continue
			}
			if head, ok := group(alterTable, t, "head"); ok {
				table = head
				action, ok := group(alterTable, t, "action")
				if !ok {
					continue
				}
				t = scrub.Format("%s %s", head, action)
			} else if schemaLine.MatchString(s) {
				if action := firstWord(strings.ToLower(s)); !table.Empty() && (action == "add" || action == "drop" || action == "rename" || action == "alter") && !strings.Contains(strings.ToLower(s), " table ") {
					t = scrub.Format("%s %s", table, t)
				}
			} else {
				if strings.HasSuffix(l.Text.TrimSpace().String(), ";") {
					table = scrub.Text{}
				}
				continue
			}
			if m := bodyOpens.FindStringIndex(s); m != nil {
				t = t.Slice(0, m[1]-1)
			}
			if l.Op == review.OpAdd {
				t = t.Slice(0, len(strings.TrimRight(t.String(), ", (")))
				out = append(out, statementOf{t, at})
			}
			if strings.HasSuffix(l.Text.TrimSpace().String(), ";") {
				table = scrub.Text{}
			}
		}
	}
	return out
}

func schemaBullet(files []*file) (float64, scrub.Text) {
	var all []scrub.Text
	for _, f := range files {
		all = append(all, f.schemaTexts()...)
	}
	if len(all) == 0 {
		return 0, scrub.Text{}
	}
	return 20, scrub.Format("%s %s.", toldSchema, list(unique(all), 4))
}

func (f *file) schemaTexts() (out []scrub.Text) {
	for _, s := range f.schema {
		out = append(out, span(s.text, 80))
	}
	return out
}

var (
	addColumn = re(`(?i)\badd\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?[\w"]+\s.*\bnot\s+null\b`)
	filled    = re(`(?i)\b(?:default|generated|identity|serial|auto_increment|constraint)\b`)
)

// schemaPoints are columns that rows that exist cannot fill.
func (f *file) schemaPoints() (out []found) {
	for _, s := range f.schema {
		if t := s.text.String(); addColumn.MatchString(t) && !filled.MatchString(t) {
			out = append(out, f.found(s.line, scrub.Format("a column that must not be null comes without a default; what do rows that exist hold? %s", span(s.text, 90)), 9, ruleOther, ""))
		}
	}
	return out
}

var (
	wireField    = re(`^\s*(?:optional |required |repeated )?(?:map<[^>]+>|[\w.]+)\s+(?P<name>\w+)\s*=\s*(?P<number>\d+)\s*(?:\[.*\])?;`)
	wireReserved = re(`^\s*reserved\b(?P<what>.*);`)
)

// wirePoints are numbers of fields that get another meaning, or that somebody
// may use again: data of before is read with them.
func (f *file) wirePoints() (out []found) {
	if !strings.HasSuffix(f.path, ".proto") || f.Status == review.FileDeleted {
		return nil
	}
	type field struct {
		name scrub.Text
		at   int
	}
	for i := range f.Hunks {
		rows := f.rows(f.lang.scan(&f.Hunks[i]), &openEnd{})
		old, now := map[string]field{}, map[string]field{}
		numbers := map[string]scrub.Text{} // of fields that are added, by block and name
		var order []string
		reserved := ""
		for _, r := range rows {
			if what, ok := group(wireReserved, r.Text, "what"); ok && r.Op != review.OpRemove {
				reserved += " " + what.String()
			}
			number, ok := group(wireField, r.Text, "number")
			if !ok || r.Op == review.OpContext {
				continue
			}
			name, _ := group(wireField, r.Text, "name")
			key := r.in.String() + "\x00" + number.String()
			if r.Op == review.OpRemove {
				old[key] = field{name, r.at}
				order = append(order, key)
			} else {
				now[key] = field{name, r.at}
				n, _ := group(wireField, r.Text, "number")
				numbers[r.in.String()+"\x00"+name.String()] = n
			}
		}
		for _, key := range order {
			block, number, _ := strings.Cut(key, "\x00")
			was, is := old[key], now[key]
			other := numbers[block+"\x00"+was.name.String()]
			n, _ := strconv.Atoi(number)
			switch {
			case is.name.String() == was.name.String():
			case !is.name.Empty():
				out = append(out, f.found(is.at, scrub.Format("field number %s was %s and is %s now; stored and sent data mix them up", scrub.Int(n), span(was.name, 60), span(is.name, 60)), 10, ruleOther, ""))
			case !other.Empty():
				out = append(out, f.found(f.inside(was.at), scrub.Format("field %s moves from number %s to %s; stored and sent data do not follow", span(was.name, 60), scrub.Int(n), other), 10, ruleOther, ""))
			case !slices.Contains(strings.FieldsFunc(reserved, func(r rune) bool { return r == ' ' || r == ',' }), number):
				out = append(out, f.found(f.inside(was.at), scrub.Format("field %s goes away and no %s keeps its number from being used again", span(was.name, 60), span(scrub.Format("reserved %s", scrub.Int(n)), 30)), 8, ruleOther, ""))
			}
		}
	}
	return out
}
