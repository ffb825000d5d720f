// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Reach asks a profile's server for its list of models, with the key, and
// returns the status of the answer. No text goes there. The recorded provider
// has no server and always answers.
func Reach(ctx context.Context, p Profile) (status int, err error) {
	if err := p.Validate(); err != nil {
		return 0, err
	}
	if p.Provider == providerReplay {
		return http.StatusOK, nil
	}
	key, err := (&keyFile{path: p.KeyFile}).Key()
	if err != nil {
		return 0, fmt.Errorf("models.%s.key_file: %w", p.Name, err)
	}
	base, err := p.transport()
	if err != nil {
		return 0, err
	}
	defer base.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.modelsURL(), nil)
	if err != nil {
		return 0, fmt.Errorf("models.%s.url: is not a URL", p.Name)
	}
	if key != "" {
		p.auth()(req.Header, key)
	}
	resp, err := (&http.Client{Transport: base, CheckRedirect: noRedirect}).Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// modelsURL is where the profile's server lists its models.
func (p Profile) modelsURL() string {
	base := strings.TrimRight(p.URL, "/")
	if p.Provider == providerAzure {
		return base + "/openai/models?api-version=" + url.QueryEscape(p.APIVersion)
	}
	return base + "/models"
}
