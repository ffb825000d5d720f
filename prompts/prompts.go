// SPDX-License-Identifier: Apache-2.0

// Package prompts holds the released prompt texts and is the only maker of a
// [Prompt].
//
// A released version is never edited and stays, so that an audit entry can be
// looked up: a test compares hashes with released.txt. A new wording is a new
// directory v2, v3, … and one changed name; a new prompt is a directory, a type
// that implements [Data] and its place in the table of schemas.
package prompts

import (
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"review-assistant/scrub"
)

//go:embed summarize summarize-short part
var files embed.FS

// Prompt is one finished request to a model. Its fields cannot be set from
// outside, so nothing but scrubbed text gets in.
type Prompt struct {
	id     string
	system scrub.Text
	user   scrub.Text
	schema *schema
	hash   string
}

// ID returns name and version, such as "summarize/v2".
func (p Prompt) ID() string { return p.id }

// System returns the instructions, which hold no text of a change.
func (p Prompt) System() scrub.Text { return p.system }

// User returns the fenced text of the change.
func (p Prompt) User() scrub.Text { return p.user }

// Inspect shows every text of the prompt, as it is sent, to look, and returns
// its first error.
func (p Prompt) Inspect(look func(scrub.Text) error) error {
	for _, t := range []scrub.Text{p.system, p.user} {
		if err := look(t); err != nil {
			return err
		}
	}
	return nil
}

// Schema returns the JSON schema of the answer, nil for the zero Prompt.
func (p Prompt) Schema() json.RawMessage {
	if p.schema == nil {
		return nil
	}
	return p.schema.raw
}

// Hash identifies the prompt by its words and texts, without the random
// fence: the same change asked twice has the same hash. 64 hex digits.
func (p Prompt) Hash() string { return p.hash }

// Data is what a prompt is made of. The types of this package alone implement
// it; their fields are scrub.Text, never string.
type Data interface {
	// name is the directory of the version in use.
	name() string
	// view checks the data and adds the fence.
	view(fence scrub.Text) (any, error)
}

// Render fills a prompt. Text of the change stands between fences with a
// random token, so that it cannot close them.
func Render(d Data) (Prompt, error) { return RenderFrom(rand.Reader, d) }

// RenderFrom is [Render] with the caller's randomness, for tests that compare
// whole prompts. A fence that can be guessed protects nothing.
func RenderFrom(random io.Reader, d Data) (Prompt, error) {
	id := d.name()
	s, err := schemaOf(id)
	if err != nil {
		return Prompt{}, err
	}
	system, err := scrub.Embedded(files, id+"/system.md")
	if err != nil {
		return Prompt{}, err
	}
	user, fence, err := fill(random, d)
	if err != nil {
		return Prompt{}, fmt.Errorf("prompt %s: %w", id, err)
	}
	p := Prompt{id: id, system: system, user: user, schema: s}
	p.hash = hashOf(p, fence)
	return p, nil
}

// fenceTries bounds the search for a token that the text does not hold. With
// 64 random bits the first one fits, unless the randomness is broken.
const fenceTries = 4

func fill(random io.Reader, d Data) (user, fence scrub.Text, err error) {
	bare, err := execute(d, scrub.Text{})
	if err != nil {
		return user, fence, err
	}
	for range fenceTries {
		if fence, err = newFence(random); err != nil {
			return user, fence, err
		}
		if !strings.Contains(bare.String(), fence.String()) {
			user, err = execute(d, fence)
			return user, fence, err
		}
	}
	return user, fence, fmt.Errorf("no fence that the text does not hold in %d tries: the random source is broken", fenceTries)
}

func execute(d Data, fence scrub.Text) (scrub.Text, error) {
	v, err := d.view(fence)
	if err != nil {
		return scrub.Text{}, err
	}
	return scrub.Fill(files, d.name()+"/user.tmpl", v)
}

// fenceLetters have no vowels and no digits: no word, card number or token
// comes out by chance, which a scrubber would find in the finished prompt.
var fenceLetters = [16]scrub.Text{
	scrub.Lit("b"), scrub.Lit("c"), scrub.Lit("d"), scrub.Lit("f"), scrub.Lit("g"), scrub.Lit("h"), scrub.Lit("j"), scrub.Lit("k"),
	scrub.Lit("l"), scrub.Lit("m"), scrub.Lit("n"), scrub.Lit("p"), scrub.Lit("q"), scrub.Lit("r"), scrub.Lit("s"), scrub.Lit("t"),
}

// newFence returns 64 random bits, such as "kqtb-hmdc-plsn-grfj".
func newFence(random io.Reader) (scrub.Text, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return scrub.Text{}, fmt.Errorf("read randomness for the fence: %w", err)
	}
	var groups []scrub.Text
	for i := 0; i < len(b); i += 2 {
		groups = append(groups, scrub.Join("",
			fenceLetters[b[i]>>4], fenceLetters[b[i]&15], fenceLetters[b[i+1]>>4], fenceLetters[b[i+1]&15]))
	}
	return scrub.Join("-", groups...), nil
}

func hashOf(p Prompt, fence scrub.Text) string {
	h := sha256.New()
	for _, s := range []string{p.id, p.system.String(), strings.ReplaceAll(p.user.String(), fence.String(), "")} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil))
}
