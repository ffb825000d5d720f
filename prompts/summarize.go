// SPDX-License-Identifier: Apache-2.0

package prompts

import (
	"errors"
	"regexp"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Summarize asks for a summary of a change.
type Summarize struct {
	Subject scrub.Text
	Message scrub.Text // the whole commit message or the part after the subject
	Branch  scrub.Text
	// Language is a tag such as "en" or "pt-BR"; empty means "en".
	Language scrub.Text
	PatchSet int
	// Since is the patch set that reviewers know; Diff then holds only what
	// is new. 0 for the whole change.
	Since int
	// Differs says that Diff holds only what differs from what Context names.
	Differs bool
	// Short chooses the variant for models with a small window: fewer rules,
	// fewer fields.
	Short bool
	Merge bool
	// Guide is what the project's settings ask reviewers to look at.
	Guide scrub.Text
	// Context tells in computed sentences how the change relates to others.
	Context []scrub.Text
	// Earlier are points that stand on an earlier patch set, one line each.
	Earlier []scrub.Text
	// Notes are verified notes on parts that Diff lacks, one line each.
	Notes []scrub.Text
	// Files lists every file of the change, also those without text in Diff.
	Files []File
	// Omitted counts files and parts of files that Diff lacks.
	Omitted int
	// Diff is the packed diff as the instructions explain it: "# PATH …" for
	// a file, "@@ +LINE SECTION" for a hunk, lines with '+', '-' or a blank in
	// front, and "[cut]".
	Diff scrub.Text
}

// File is one line of the file list.
type File struct {
	Status         scrub.Text // "modified", "added", …
	Path, OldPath  scrub.Text
	Added, Removed int
	NotRead        scrub.Text // why no text of it is shown, empty if it is
}

// FileOf returns the line for a file of a patch.
func FileOf(f scrub.File) File {
	return File{
		Status: statuses[f.Status], Path: f.Path, OldPath: f.OldPath,
		Added: f.Added, Removed: f.Removed, NotRead: SkipWord(f.Skip),
	}
}

// The tables turn values of review into Text, which only constants may become.
var (
	statuses = map[review.FileStatus]scrub.Text{
		review.FileModified: scrub.Lit("modified"),
		review.FileAdded:    scrub.Lit("added"),
		review.FileDeleted:  scrub.Lit("deleted"),
		review.FileRenamed:  scrub.Lit("renamed"),
		review.FileCopied:   scrub.Lit("copied"),
	}
	skips = map[review.Skip]scrub.Text{
		review.SkipBinary:    scrub.Lit("binary"),
		review.SkipGenerated: scrub.Lit("generated"),
		review.SkipLock:      scrub.Lit("lock file"),
		review.SkipVendored:  scrub.Lit("vendored"),
		review.SkipSubmodule: scrub.Lit("submodule"),
		review.SkipTooLarge:  scrub.Lit("too large"),
		review.SkipExcluded:  scrub.Lit("excluded by the project"),
		review.SkipSensitive: scrub.Lit("sensitive path"),
		review.SkipEncoding:  scrub.Lit("undecodable"),
		review.SkipBudget:    scrub.Lit("too much for one prompt"),
	}
)

// SkipWord returns why a file is not read in a word or two, empty for a file
// that is.
func SkipWord(s review.Skip) scrub.Text { return skips[s] }

func (s Summarize) name() string {
	if s.Short {
		return "summarize-short/v1"
	}
	return "summarize/v2"
}

// Part asks for notes on one of several parts of a change that is too large
// for one prompt.
type Part struct {
	Number, Of int // from 1
	Subject    scrub.Text
	Diff       scrub.Text // as in [Summarize]
}

func (Part) name() string { return "part/v1" }

func (p Part) view(fence scrub.Text) (any, error) {
	return struct {
		Part
		Fence scrub.Text
	}{p, fence}, nil
}

// languageTag keeps prose out of the one field that stands outside the fences.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$`)

// ValidLanguage reports whether tag may be the language of an answer.
func ValidLanguage(tag string) bool { return languageTag.MatchString(tag) }

func (s Summarize) view(fence scrub.Text) (any, error) {
	if s.Language.Empty() {
		s.Language = scrub.Lit("en")
	}
	if !ValidLanguage(s.Language.String()) {
		return nil, errors.New(`the summary language is not a tag such as "en" or "pt-BR"; correct summary.language`)
	}
	return struct {
		Summarize
		Fence scrub.Text
	}{s, fence}, nil
}
