// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"net/http"
)

// The providers.
const (
	providerOpenAI = "openai"
	providerAzure  = "azure" // the same, by deployments of an Azure resource
	providerReplay = "replay"
)

// Options are what the program adds to a profile.
type Options struct {
	// Limiter holds the caps that all profiles share; nil means none.
	Limiter *Limiter
	// Stopped is the kill switch, asked before every request; nil means never.
	Stopped func(context.Context) bool
	// Transport replaces the network, for tests and the demo.
	Transport http.RoundTripper
}

// Open returns the model of a profile. A new provider is one case here.
func Open(p Profile, o Options) (Model, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if p.Provider == providerReplay {
		return NewReplay(p.Dir, p.Model), nil
	}
	return newOpenAI(p, o)
}
