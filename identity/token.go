// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxToken = 8 << 10 // bytes; a request's headers have to hold it
	maxName  = 255     // bytes of a subject or user name
)

// token is a signed token taken apart. Nothing of it is proven by that.
type token struct {
	raw     string
	alg     string
	typ     string
	kid     *string // nil for none
	payload []byte
	claims  map[string]json.RawMessage
}

// parse takes a token apart: three parts in compact form, each encoded in the
// one way there is, each object with distinct names. Two readers who see two
// different tokens in one text are how forgeries begin.
func parse(raw string) (token, error) {
	bad := func(detail string) (token, error) { return token{}, refuse(Malformed, detail) }
	t := token{raw: raw}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return bad("want a signed token in compact form: three parts")
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		// The decoder passes over line ends.
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil || strings.ContainsAny(part, "\r\n") {
			return bad("a part is no base64url")
		}
	}
	header, err := object(decoded[0])
	if err != nil {
		return bad("header: " + err.Error())
	}
	for _, name := range []string{"crit", "b64", "enc", "zip"} {
		if header[name] != nil {
			return bad("the header asks for what is not done here: " + name)
		}
	}
	for name, to := range map[string]*string{"alg": &t.alg, "typ": &t.typ} {
		if header[name] != nil && !text(header[name], to) {
			return bad("header: " + name + " is no text")
		}
	}
	if header["kid"] != nil {
		t.kid = new(string)
		if !text(header["kid"], t.kid) {
			return bad("header: kid is no text")
		}
	}
	t.payload = decoded[1]
	if t.claims, err = object(t.payload); err != nil {
		return bad("claims: " + err.Error())
	}
	return t, nil
}

// object reads a JSON object whose names are distinct. The error quotes
// nothing.
func object(raw []byte) (map[string]json.RawMessage, error) {
	errNo := errors.New("no JSON object")
	if !utf8.Valid(raw) {
		return nil, errNo
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, errNo
	}
	out := map[string]json.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		key, is := name.(string)
		var value json.RawMessage
		if err != nil || !is || dec.Decode(&value) != nil {
			return nil, errNo
		}
		if _, twice := out[key]; twice {
			return nil, errors.New("a name is there twice")
		}
		out[key] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, errNo
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errNo
	}
	return out, nil
}

// text reads a JSON string; null is none.
func text(raw json.RawMessage, to *string) bool {
	return len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, to) == nil
}

// claim looks a claim up by its name, or else by a path: the name of an
// object, a dot, and a name within. It is nil for none, which null is too.
func (t token) claim(name string) json.RawMessage {
	in := t.claims
	for name != "" {
		if raw, ok := in[name]; ok {
			if string(raw) == "null" {
				return nil
			}
			return raw
		}
		first, rest, more := strings.Cut(name, ".")
		if !more {
			return nil
		}
		var err error
		if in, err = object(in[first]); err != nil {
			return nil
		}
		name = rest
	}
	return nil
}

// seconds reads a time claim in Unix seconds; there is false for none.
func (t token) seconds(name string) (at int64, there bool, err error) {
	raw, there := t.claims[name]
	if !there {
		return 0, false, nil
	}
	var f float64
	if string(raw) == "null" || json.Unmarshal(raw, &f) != nil || f < 0 || f > 1<<40 {
		return 0, true, refuse(Malformed, name+" is no time")
	}
	return int64(f), true, nil
}

// oneOrMore reads a string or a list of strings.
func oneOrMore(raw json.RawMessage) ([]string, bool) {
	var one string
	if text(raw, &one) {
		return []string{one}, true
	}
	var list []*string
	if len(raw) == 0 || json.Unmarshal(raw, &list) != nil {
		return nil, false
	}
	out := make([]string, 0, len(list))
	for _, s := range list {
		if s == nil {
			return nil, false
		}
		out = append(out, *s)
	}
	return out, true
}

// isName reports whether a text may name somebody: not empty, bounded, and
// made of what can be seen, so that no two names look alike by what cannot.
func isName(s string, limit int) bool {
	if s == "" || len(s) > limit || strings.TrimSpace(s) != s || !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}
