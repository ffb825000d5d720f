// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// jsonWalk goes over a JSON document without holding it.
type jsonWalk struct {
	in  *meter
	dec *json.Decoder
}

func newJSONWalk(in *meter) *jsonWalk {
	in.max = maxObject
	return &jsonWalk{in: in, dec: json.NewDecoder(in)}
}

func (w *jsonWalk) token() (json.Token, error) {
	w.in.mark()
	tok, err := w.dec.Token()
	return tok, w.explain(err)
}

// explain makes an error of the decoder readable.
func (w *jsonWalk) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends in the middle")
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("it is no JSON at byte %d: %s", w.dec.InputOffset(), clip(plainLine(e.Error()), 120))
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := ""
		if e.Field != "" {
			field = clip(plainLine(e.Field), 80) + ": "
		}
		return fmt.Errorf("%sa %s stands where a %s belongs", field, clip(plainLine(e.Value), 40), jsonKind(e.Type.Kind()))
	}
	if key, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("unknown key %s", clip(plainLine(key), 60))
	}
	return err
}

// jsonKind names a kind as JSON does.
func jsonKind(k reflect.Kind) string {
	switch k {
	case reflect.Int:
		return "whole number"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice:
		return "list"
	}
	return k.String()
}

// value decodes the next value.
func (w *jsonWalk) value(v any) error {
	w.in.mark()
	return w.explain(w.dec.Decode(v))
}

// object calls each for every key of the object that comes next. each has to
// read the value.
func (w *jsonWalk) object(each func(key string) error) error {
	if err := w.open('{'); err != nil {
		return err
	}
	for w.dec.More() {
		tok, err := w.token()
		if err != nil {
			return err
		}
		key, _ := tok.(string)
		if err := each(key); err != nil {
			return err
		}
	}
	_, err := w.token()
	return err
}

func (w *jsonWalk) array(each func() error) error {
	if err := w.open('['); err != nil {
		return err
	}
	for w.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err := w.token()
	return err
}

func (w *jsonWalk) open(want json.Delim) error {
	tok, err := w.token()
	if err != nil {
		return err
	}
	if tok != want {
		return fmt.Errorf("at byte %d it does not have the form of the format: %s expected", w.dec.InputOffset(), want)
	}
	return nil
}

// skip goes over the next value.
func (w *jsonWalk) skip() error {
	depth := 0
	for {
		tok, err := w.token()
		if err != nil {
			return err
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxNesting {
				return fmt.Errorf("it is nested more than %d deep", maxNesting)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
