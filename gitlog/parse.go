// SPDX-License-Identifier: Apache-2.0

package gitlog

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"review-assistant/review"
)

// Limits of what is kept of a commit.
const (
	maxToken     = 64 << 10 // bytes
	maxFiles     = 100
	maxReviewers = 20
	maxAddress   = 254
	maxSubject   = 1000 // bytes
)

var errStrange = errors.New("git prints what is not understood; is it older than 2.28?")

// tokens reads text that ends with a zero byte. Of a long one the beginning is
// kept.
type tokens struct{ r *bufio.Reader }

func newTokens(r io.Reader) tokens { return tokens{bufio.NewReaderSize(r, maxToken)} }

func (t tokens) next() (string, error) {
	b, err := t.r.ReadSlice(0)
	s := string(b)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = t.r.ReadSlice(0)
	}
	if err != nil {
		return "", err // what does not end was cut off
	}
	return strings.TrimSuffix(s, "\x00"), nil
}

// parse hands on the reviewed commits until yield says no. An empty token
// begins a commit: no field in front of the files is read as one, and no file
// has an empty name.
func parse(r io.Reader, o Options, yield func(review.Past) bool) error {
	t := newTokens(r)
	start, err := t.next()
	for {
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case start != "":
			return errStrange
		}
		var fields [fieldCount]string
		for i := range fields {
			if fields[i], err = t.next(); err != nil {
				return errStrange
			}
		}
		var files []string
		// The first name comes behind a line feed.
		for start, err = t.next(); err == nil && start != ""; start, err = t.next() {
			if files == nil {
				start = strings.TrimPrefix(start, "\n")
			}
			if len(files) < maxFiles {
				files = append(files, strings.ToValidUTF8(start, "\ufffd"))
			}
		}
		p, ok := past(fields, files, o)
		if !ok {
			return errStrange
		}
		// git that knows no filter hands on what is older as well.
		if p.Closed.Before(o.Since) {
			continue
		}
		if o.Seen != nil {
			o.Seen()
		}
		if len(p.Reviewers) > 0 && len(p.Files) > 0 && !yield(p) {
			return nil
		}
	}
}

func past(f [fieldCount]string, files []string, o Options) (review.Past, bool) {
	if !isHex(f[fieldCommit], 40) && !isHex(f[fieldCommit], 64) {
		return review.Past{}, false
	}
	closed := moment(f[fieldClosed], time.Unix(0, 0).UTC())
	// Gerrit takes the last Change-Id of a commit.
	changeKey := ""
	for v := range strings.SplitSeq(f[fieldChangeKey], "\x1f") {
		if hex, is := strings.CutPrefix(v, "I"); is && isHex(hex, 40) {
			changeKey = v
		}
	}
	p := review.Past{
		Project: o.Project, Branch: o.Branch, Key: review.PastKey(o.Project, o.Branch, changeKey, f[fieldCommit]),
		Author: review.Account{Email: address(f[fieldAuthor])}, Created: moment(f[fieldCreated], closed), Closed: closed,
		Files: files, Subject: f[fieldSubject][:min(len(f[fieldSubject]), maxSubject)],
	}
	for v := range strings.SplitSeq(f[fieldReviewers], "\x1f") {
		if a := address(v); a != "" && len(p.Reviewers) < maxReviewers {
			p.Reviewers = append(p.Reviewers, review.Account{Email: a})
		}
	}
	return p, true
}

// moment reads a time in seconds. Broken commits have none, or any.
func moment(s string, otherwise time.Time) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<36 {
		return otherwise
	}
	return time.Unix(n, 0).UTC()
}

// address returns the address of "Name <address>", or of what is one.
func address(s string) string {
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		s, _, _ = strings.Cut(s[open+1:], ">")
	}
	s = strings.ToLower(strings.TrimSpace(s))
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > maxAddress || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\ufffd' }) {
		return ""
	}
	return s
}

func isHex(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789abcdef") == "" }
