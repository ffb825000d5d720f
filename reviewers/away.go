// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxAwayText is in characters: a status is one line.
const maxAwayText = 200

// awayWords say that somebody is not at work, in English, German, French and
// Spanish. Each is a sequence of whole words.
var awayWords = phrases(
	"ooo", "oof", "out of office", "out of the office", "vacation", "vacations", "vacationing", "holiday", "holidays", "on leave",
	"parental leave", "maternity leave", "paternity leave", "family leave", "medical leave", "sick leave", "annual leave",
	"bereavement leave", "sabbatical", "sick", "away", "absent", "pto", "afk", "unavailable", "not available", "not working",
	"day off", "days off", "time off", "off work", "off until", "off till", "off sick",
	"out until", "out till", "out through", "out thru", "out sick", "out today", "out this week", "gone until", "gone till",
	"abwesend", "nicht im büro", "nicht im buero", "nicht da", "nicht verfügbar", "außer haus", "ausser haus", "urlaub", "ferien",
	"elternzeit", "mutterschutz", "krank", "krankgeschrieben", "sonderurlaub",
	"absente", "en congé", "en congés", "congé parental", "congé maternité", "congé paternité", "vacances", "malade", "arrêt maladie",
	"pas au bureau", "hors du bureau", "indisponible",
	"ausente", "vacaciones", "fuera de la oficina", "de baja", "baja médica", "permiso parental", "enfermo", "enferma", "no disponible",
)

// hereWords take back what a word of awayWords seems to say.
var hereWords = phrases(
	"right away", "straight away", "far away", "give away", "throw away", "not away", "never away", "no longer away", "sick of",
	"back from", "returned from", "not on", "no vacation", "no holiday", "no holidays", "no longer on", "not out of", "no longer out", "not ooo", "not sick", "no longer sick",
	"zurück aus", "zurück vom", "nicht abwesend", "nicht krank", "kein urlaub", "nicht im urlaub",
	"de retour de", "retour de", "pas absent", "pas absente", "pas malade", "pas en congé", "pas en vacances",
	"de vuelta de", "vuelto de", "no ausente", "no estoy",
	// On some days of each week nobody is away in between.
	"every", "mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "montags", "dienstags", "mittwochs", "donnerstags", "freitags",
)

// What stands before and behind a word of awayWords tells that it is what
// somebody works on. The lists are short: to miss an absence costs less than to
// pass over somebody who is there.
var (
	workWords = phrases("working on", "work on", "works on", "hacking on", "building", "fixing", "owner of", "maintainer of", "maintaining")
	workNouns = phrases("tracker", "tracking", "calendar", "app", "planner", "policy", "service", "feature", "system", "tool", "bot", "page", "api",
		"request", "requests", "plugin", "module", "team", "project", "dashboard", "database", "form", "management", "handling", "code")
)

func phrases(list ...string) [][]string {
	out := make([][]string, len(list))
	for i, p := range list {
		out[i] = words(p)
	}
	return out
}

// words splits text into words of letters and digits, in lower case.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

func saysOne(text []string, of [][]string) bool {
	return slices.ContainsFunc(of, func(p []string) bool { return len(places(text, p)) > 0 })
}

// places are where a phrase stands in a text.
func places(text, p []string) (out []int) {
	for i := range len(text) - len(p) + 1 {
		if len(p) > 0 && slices.Equal(text[i:i+len(p)], p) {
			out = append(out, i)
		}
	}
	return out
}

// saysAway reports whether a text says one of the phrases other than as what
// somebody works on.
func saysAway(status string, of [][]string) bool {
	// What a comma parts does not belong together.
	for part := range strings.FieldsFuncSeq(status, func(r rune) bool { return strings.ContainsRune(",;:!?()|\n", r) }) {
		text := words(part)
		for _, p := range of {
			for _, i := range places(text, p) {
				before, behind := text[:i], text[i+len(p):]
				if !saysOne(before, workWords) && !saysOne(behind[:min(len(behind), 2)], workNouns) {
					return true
				}
			}
		}
	}
	return false
}

// Away reports whether a person's status text says that they are not at work
// now. Words of the operator count like ours. An absence ends where the text
// names a date: "until 6 January" is absent on that day, "back on 6 January" is
// not. A text tells not when it was written, so that a day of the week ends
// nothing.
func Away(status string, now time.Time, more ...string) bool {
	if runes := []rune(status); len(runes) > maxAwayText {
		status = string(runes[:maxAwayText])
	}
	status = strings.NewReplacer("’", "'", "–", "-", "—", "-", "\u00a0", " ").Replace(strings.ToLower(status))
	text := words(status)
	if saysOne(text, hereWords) {
		return false
	}
	if !saysAway(status, awayWords) && !saysOne(text, phrases(more...)) {
		return returns(status, now)
	}
	from, to := span(status, now)
	return (from.IsZero() || !now.Before(from)) && (to.IsZero() || now.Before(to))
}

// months are their names and short forms in the four languages.
var months = []string{
	"january|januar|janvier|enero|jan|janv|ene", "february|februar|février|fevrier|febrero|feb|févr", "march|märz|maerz|mars|marzo|mar|mrz",
	"april|avril|abril|apr|avr|abr", "may|mai|mayo", "june|juni|juin|junio|jun", "july|juli|juillet|julio|jul|juil",
	"august|août|aout|agosto|aug", "september|septembre|septiembre|sept|sep", "october|oktober|octobre|octubre|oct|okt",
	"november|novembre|noviembre|nov", "december|dezember|décembre|decembre|diciembre|dec|dez|déc|dic",
}

// monthNames is a pattern of all of them.
var monthNames = strings.Join(months, "|")

// dateForms are the ways to write a date, with groups named y, m, d, and a and
// b where the order of day and month is not known. What stands first wins
// where two of them match.
var dateForms = []*regexp.Regexp{
	regexp.MustCompile(`\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b`),
	regexp.MustCompile(`\b(?P<d>\d{1,2})\. ?(?P<m>\d{1,2})\.(?: ?(?P<y>\d{4}|\d\d)\b)?`),
	regexp.MustCompile(`\b(?P<a>\d{1,2})/(?P<b>\d{1,2})(?:/(?P<y>\d{4}|\d\d))?\b`),
	regexp.MustCompile(`\b(?P<d>\d{1,2})(?:st|nd|rd|th|er|\.)? (?:de |of )?(?P<n>` + monthNames + `)\b\.?(?:,? (?:de )?(?P<y>\d{4})\b)?`),
	regexp.MustCompile(`\b(?P<n>` + monthNames + `)\b\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?\b(?:,? (?P<y>\d{4})\b)?`),
}

// What stands before a date says whether it is the first day, the last one, or
// the one after it.
var (
	startsThere = regexp.MustCompile(`(?:\bfrom|\bstarting|\bstarts|\bsince|\bbeginning|\bas of|\bvom|\bvon|\bab|\bseit|\bdepuis|\bpartir du|\bdu|\bdès|\bdesde|\bdel?)(?: on| the| le| el| dem| den)?[ :]*$`)
	backThere   = regexp.MustCompile(`(?:\bback\b|\breturn|\breturning|\breturns|\bzurück|\bzurueck|\bwieder da|\bretour|\bvuelvo|\bregreso|\bvuelta)(?: on| at| in| am| ab| im| le| el| en| the)*[ :]*(?:\pL+[,.]? )?$`)
	// A month alone is as good as its first day.
	backInMonth = regexp.MustCompile(`\b(?:back in|back|until|till|bis|zurück im|jusqu'en|retour en|hasta|vuelvo en) (?P<n>` + monthNames + `)\b(?: (?P<y>\d{4})\b)?`)
)

// maxReturn is how far away a date without a year may be to be the day on which
// somebody comes back: an old text would else mean the same day a year later.
const maxReturn = 90 * 24 * time.Hour

// returnsThere matches what stands before a date on which somebody comes back:
// at the beginning of a phrase, since one may roll back and look back too.
var returnsThere = regexp.MustCompile(`(?:^|[^\pL\pN ] *|\b(?:be|am|is|are|i|will|i'll|coming|come|bin|wieder|ab|je|estoy|de) )` +
	`(?:back|return|returning|returns|zurück|zurueck|wieder da|retour|vuelvo|regreso|vuelta)\b` +
	`(?: to work| at work| in the office| in office)?(?: on| at| in| am| ab| im| le| el| en| the)*[ :]*` +
	`(?:(?:mon|tue|wed|thu|fri|sat|sun|die|mit|don|fre|sam|son|lun|mar|mer|mié|jeu|jue|ven|vie|sáb|dim|dom)\pL*[,.]? )?$`)

// returns reports whether a text names a day to come on which somebody is back.
func returns(text string, now time.Time) bool {
	return slices.ContainsFunc(dates(text, now), func(d dated) bool {
		return now.Before(d.at) && (d.year || d.at.Sub(now) <= maxReturn) && returnsThere.MatchString(d.before)
	})
}

// dated is a date in a text.
type dated struct {
	at     time.Time
	year   bool   // the text says which
	before string // what stands before it
	pos    int
}

// span returns the first moment of an absence and the first one after it, zero
// for what the text does not say.
func span(text string, now time.Time) (from, to time.Time) {
	found := dates(text, now)
	if len(found) == 0 {
		if m := backInMonth.FindStringSubmatch(text); m != nil {
			to, _ = date(backInMonth, m, now, anyOrder)
		}
		return from, to
	}
	var plain []time.Time
	for _, d := range found {
		switch {
		case backThere.MatchString(d.before):
			to = d.at
		case startsThere.MatchString(d.before):
			from = d.at
		default:
			plain = append(plain, d.at)
		}
	}
	if len(plain) > 0 {
		last := plain[len(plain)-1]
		if to.IsZero() {
			to = last.AddDate(0, 0, 1)
		}
		// "vacation 24 Dec" is that day, "away until 24 Dec" began before.
		only := len(found) == 1 && !lasts.MatchString(found[0].before)
		if from.IsZero() && (len(plain) > 1 || only) {
			from = plain[0]
		}
	}
	return from, to
}

// lasts finds a word that makes a date the last day.
var lasts = regexp.MustCompile(`(?:\buntil|\btill|\btil|\bthrough|\bthru|\bto|\bbis|\bjusqu'au|\bjusqu'à|\bau|\bhasta|\bal|\bends?|-)(?: and)?(?: including| incl\.?| the| on| zum| einschließlich| le| el)*[ :]*(?:\pL+[,.]? )?$`)

// dates finds the dates of a text in their order.
func dates(text string, now time.Time) []dated {
	var out []dated
	in := slashOrder(text)
	for _, form := range dateForms {
		for _, at := range form.FindAllStringIndex(text, -1) {
			if slices.ContainsFunc(out, func(d dated) bool { return d.pos >= at[0] && d.pos < at[1] }) {
				continue
			}
			groups := form.FindStringSubmatch(text[at[0]:at[1]])
			if day, ok := date(form, groups, now, in); ok {
				out = append(out, dated{day, groups[form.SubexpIndex("y")] != "", strings.TrimRight(text[:at[0]], "("), at[0]})
			}
		}
	}
	slices.SortFunc(out, func(a, b dated) int { return a.pos - b.pos })
	return out
}

// order says what of 1/5 is the month.
type order int

const (
	anyOrder order = iota
	monthThenDay
	dayThenMonth
)

// slashDate finds dates such as 12/20.
var slashDate = dateForms[2]

// slashOrder is the order of all dates of a text if one of them can be read in
// one way only, as in 12/20-1/5.
func slashOrder(text string) order {
	found := anyOrder
	for _, m := range slashDate.FindAllStringSubmatch(text, -1) {
		a, _ := strconv.Atoi(m[slashDate.SubexpIndex("a")])
		b, _ := strconv.Atoi(m[slashDate.SubexpIndex("b")])
		this := anyOrder
		switch {
		case a <= 12 && b > 12:
			this = monthThenDay
		case a > 12 && b <= 12:
			this = dayThenMonth
		default:
			continue
		}
		if found != anyOrder && found != this {
			return anyOrder
		}
		found = this
	}
	return found
}

// date reads the groups of a form. A date without a year is the one nearest to
// now; of two readings of one the later counts, unless the order is known.
func date(form *regexp.Regexp, groups []string, now time.Time, in order) (time.Time, bool) {
	get := func(name string) int {
		i := form.SubexpIndex(name)
		if i < 0 || i >= len(groups) {
			return 0
		}
		n, _ := strconv.Atoi(groups[i])
		return n
	}
	year, month, day := get("y"), get("m"), max(get("d"), 1)
	if i := form.SubexpIndex("n"); i >= 0 {
		for n, names := range months {
			if slices.Contains(strings.Split(names, "|"), groups[i]) {
				month = n + 1
			}
		}
	}
	if year > 0 && year < 100 {
		year += 2000
	}
	if a, b := get("a"), get("b"); a > 0 {
		first, ok1 := theDay(year, b, a, now)
		second, ok2 := theDay(year, a, b, now)
		switch in {
		case monthThenDay:
			return second, ok2
		case dayThenMonth:
			return first, ok1
		}
		if ok2 && (!ok1 || second.After(first)) {
			return second, true
		}
		return first, ok1
	}
	return theDay(year, month, day, now)
}

// theDay returns the beginning of a day, if there is such a day.
func theDay(year, month, day int, now time.Time) (time.Time, bool) {
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	if year > 0 {
		return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC), true
	}
	best := time.Time{}
	for _, y := range []int{now.Year() - 1, now.Year(), now.Year() + 1} {
		d := time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if best.IsZero() || d.Sub(now).Abs() < best.Sub(now).Abs() {
			best = d
		}
	}
	return best, true
}
