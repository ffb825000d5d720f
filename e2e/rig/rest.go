// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// M is a JSON object of a request.
type M = map[string]any

// Call sends one REST request as the account and decodes the answer into out,
// if that is not nil. A *string takes the answer as it came. The zero Account
// is the anonymous one. The path starts behind /a and is already escaped.
func (g *Gerrit) Call(ctx context.Context, as Account, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	url := g.URL + path
	if as.Username != "" {
		url = g.URL + "/a" + path
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if as.Username != "" {
		req.SetBasicAuth(as.Username, as.Password)
	}
	// Gerrit refuses a JSON type on an empty body.
	if in != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	resp, err := g.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &HTTPError{Status: resp.StatusCode, What: method + " " + path, Body: string(text)}
	}
	switch out := out.(type) {
	case nil:
		return nil
	case *string:
		*out = string(text)
		return nil
	}
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte(")]}'")), out); err != nil {
		return fmt.Errorf("%s %s: decode the answer: %w", method, path, err)
	}
	return nil
}
