// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"hash/maphash"
	"maps"
	"path"
	"slices"
	"strings"
)

// touched is what a patch set changes: hashes of its files and of their names
// without extension, sorted, and its directories by tail.
type touched struct {
	sum   uint64 // of the hashes of files: each build of a patch set tells the same
	files []uint64
	stems []uint64
	dirs  []string
	// folders are its directories in full, for who asks about a part of a project.
	folders []string
}

const maxFolders = 50

// tailDirs is how many of its last names tell a directory: a test's name mostly
// begins in the middle of its path (src/main/java/com/acme/pay, com.acme.pay.T).
const tailDirs = 3

// touches sets the files of a patch set.
func (h *History) touches(p *knownPatch, files []string) {
	files = files[:min(len(files), maxChangeFiles)]
	sum := uint64(0)
	for _, f := range files {
		sum += h.hash(clip(f, maxName))
	}
	if sum == p.touch.sum && len(files) == len(p.touch.files) {
		return
	}
	h.untouch(p)
	p.touch.sum = sum
	for _, f := range files {
		f = clip(f, maxName)
		p.touch.files = append(p.touch.files, h.hash(f))
		p.touch.stems = append(p.touch.stems, h.hash(stem(f)))
		if d := path.Dir(f); len(p.touch.folders) < maxFolders && !slices.Contains(p.touch.folders, d) {
			p.touch.folders = append(p.touch.folders, strings.Clone(d))
		}
		if t := tail(path.Dir(f)); t != "" {
			p.touch.dirs = append(p.touch.dirs, t)
		}
	}
	slices.Sort(p.touch.files)
	slices.Sort(p.touch.stems)
	slices.Sort(p.touch.dirs)
	p.touch.dirs = slices.Clip(slices.Compact(p.touch.dirs))
	for i, d := range p.touch.dirs {
		p.touch.dirs[i] = strings.Clone(d)
		h.dirs[p.touch.dirs[i]]++
	}
	if h.files += len(p.touch.files); h.files > maxFiles {
		h.forgetFiles(p)
	}
}

// maxFiles bounds the files of all patch sets together.
const maxFiles = 400_000

// forgetFiles makes room, a tenth at a time, but keeps those of one patch set:
// the files of changes that nobody has heard of for longest say least.
func (h *History) forgetFiles(keep *knownPatch) {
	all := slices.Collect(maps.Values(h.changes))
	slices.SortFunc(all, bySeen)
	for _, c := range all {
		for _, p := range c.patches {
			if p != keep {
				h.untouch(p)
			}
		}
		if h.files <= maxFiles-maxFiles/10 {
			return
		}
	}
}

// untouch forgets the files of a patch set.
func (h *History) untouch(p *knownPatch) {
	for _, d := range p.touch.dirs {
		if h.dirs[d]--; h.dirs[d] == 0 {
			delete(h.dirs, d)
		}
	}
	h.files -= len(p.touch.files)
	p.touch = touched{}
}

func (h *History) hash(s string) uint64 { return maphash.String(h.seed, s) }

func has(sorted []uint64, x uint64) bool {
	_, found := slices.BinarySearch(sorted, x)
	return found
}

func stem(file string) string {
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base))
}

// tail returns the last names of a directory, "" for the top.
func tail(dir string) string {
	if dir == "." || dir == "/" {
		return ""
	}
	parts := strings.Split(strings.Trim(dir, "/"), "/")
	return strings.Join(parts[max(0, len(parts)-tailDirs):], "/")
}

// relation is how near a failure is to what a change touches.
type relation int

const (
	relationUnknown relation = iota // nobody can tell where the failure is
	relationFar                     // it is in another place
	relationDir                     // it is in a directory that the change touches
	relationFile                    // it is in a file that the change touches
)

// related compares the place of a failure with the files of a patch set. The
// second result is the place as it can be told.
func (h *History) related(p *knownPatch, f *pastFail) (relation, string) {
	if p == nil || len(p.touch.files) == 0 {
		return relationUnknown, ""
	}
	if file := f.f.File; file != "" {
		switch dir := tail(path.Dir(file)); {
		case has(p.touch.files, h.hash(file)):
			return relationFile, file
		case dir != "" && slices.Contains(p.touch.dirs, dir):
			return relationDir, path.Dir(file)
		case f.f.Test == "":
			return relationFar, file
		}
	}
	if f.f.Test == "" {
		return relationUnknown, ""
	}
	return h.relatedTest(p, f.f.Test)
}

// maxTestParts bounds how much of a test's name is looked at.
const maxTestParts = 24

// relatedTest compares a test's name, which mostly holds its package or file.
func (h *History) relatedTest(p *knownPatch, test string) (relation, string) {
	parts := strings.FieldsFunc(test, func(r rune) bool { return strings.ContainsRune("./:#\\ ()[]", r) })
	parts = parts[:min(len(parts), maxTestParts)]
	for _, part := range parts {
		name := subject(part)
		for _, s := range []string{part, name} {
			if len(s) > 3 && s != strings.ToLower(s) && has(p.touch.stems, h.hash(s)) {
				return relationFile, s
			}
		}
	}
	known := false
	for from := range parts {
		for n := min(tailDirs, len(parts)-from-1); n > 0; n-- {
			dir := strings.Join(parts[from:from+n], "/")
			if slices.Contains(p.touch.dirs, dir) {
				return relationDir, dir
			}
			known = known || h.dirs[dir] > 0
		}
	}
	if known {
		return relationFar, ""
	}
	return relationUnknown, ""
}

// subject is what a class of tests tests, by the conventions of Maven's
// Surefire (Test*, *Test, *Tests, *TestCase) and Failsafe (IT*, *IT).
// https://maven.apache.org/surefire/maven-surefire-plugin/examples/inclusion-exclusion.html
func subject(class string) string {
	for _, suffix := range []string{"TestCase", "Tests", "Test", "IT"} {
		if s, is := strings.CutSuffix(class, suffix); is {
			return s
		}
	}
	return strings.TrimPrefix(class, "Test")
}
