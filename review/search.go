// SPDX-License-Identifier: Apache-2.0

package review

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxSearch bounds a search, and the name of a branch that is asked for, in
	// characters.
	MaxSearch = 200
	// MaxSearchWords is how many words a search may have.
	MaxSearchWords = 10
)

// SearchWords splits a search into words that each mean themselves to Gerrit
// when they stand in quotes. Quotes, backslashes and what nobody sees part words,
// and a ^ in front of one, which would make an expression of it, goes. What has
// no letter and no digit is no word: Gerrit's index would not know it either.
func SearchWords(s string) []string {
	s = strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r == utf8.RuneError || !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, s)
	var out []string
	for _, w := range strings.Fields(s) {
		w = strings.TrimLeft(w, "^")
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			out = append(out, w)
		}
	}
	return out
}

// ValidSearch reports whether a search can be asked for: "" for none, or at
// most MaxSearchWords words.
func ValidSearch(s string) bool {
	n := len(SearchWords(s))
	return s == "" || utf8.RuneCountInString(s) <= MaxSearch && n > 0 && n <= MaxSearchWords
}

// ValidBranch reports whether s can be the name of a branch that is asked for,
// by the rules of git and without quotes, which no query can hold.
func ValidBranch(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > MaxSearch || strings.ContainsAny(s, `"\^~:?*[ `) || strings.Contains(s, "..") || strings.Contains(s, "@{") {
		return false
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return utf8.ValidString(s) && !strings.HasSuffix(s, ".") && !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsGraphic(r) })
}
