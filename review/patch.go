// SPDX-License-Identifier: Apache-2.0

package review

// Patch is the difference between a patch set and its (first) parent.
type Patch struct {
	Files []File
	// Merge is set when the patch set is a merge commit: the patch is then
	// against its first parent.
	Merge bool
}

// FileStatus is what happened to a file.
type FileStatus string

// The statuses.
const (
	FileModified FileStatus = "modified"
	FileAdded    FileStatus = "added"
	FileDeleted  FileStatus = "deleted"
	FileRenamed  FileStatus = "renamed"
	FileCopied   FileStatus = "copied"
)

// Git file modes that are not plain files.
const (
	ModeSymlink   = 0o120000
	ModeSubmodule = 0o160000
)

// Skip says why the body of a file is absent from a patch. The empty value
// means that it is there.
type Skip string

// The reasons. Each is told to the reader: what was not read never looks clean.
const (
	SkipBinary    Skip = "binary"
	SkipGenerated Skip = "generated"
	SkipLock      Skip = "lock file"
	SkipVendored  Skip = "vendored"
	SkipSubmodule Skip = "submodule"
	SkipTooLarge  Skip = "too large"
	SkipExcluded  Skip = "excluded by the project"
	SkipSensitive Skip = "sensitive path"
	SkipEncoding  Skip = "undecodable"
	SkipBudget    Skip = "budget"
)

// File is one file of a patch. Added and Removed count lines of the whole
// file, also when its hunks are absent.
type File struct {
	Path    string
	OldPath string // set for renames and copies
	Status  FileStatus
	Mode    int // new git mode, old mode of a deleted file, 0 when unknown
	Binary  bool
	Added   int
	Removed int
	Skip    Skip
	Hunks   []Hunk
}

// Hunk is a run of changed lines with context. Section is the text behind the
// second @@, usually the enclosing declaration.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
	Section            string
	Lines              []Line
}

// Op is what happened to a line.
type Op byte

// The ops, as unified diffs spell them.
const (
	OpContext Op = ' '
	OpAdd     Op = '+'
	OpRemove  Op = '-'
)

// Line is one line of a hunk without its prefix and line end.
type Line struct {
	Op   Op
	Text string
	// NoEOL marks a last line without a line end.
	NoEOL bool
}
