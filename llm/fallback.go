// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"review-assistant/prompts"
)

// Fallback returns a model that asks second when first cannot answer: it is
// down, slow or denies the request, or the prompt is too long for it. Whatever
// stands against asking any model, such as a spent budget or a kill switch,
// ends with first. Once second was asked, it stays with it: the model of one
// change does not wait for first twice.
func Fallback(first, second Model) Model { return &fallback{first: first, second: second} }

type fallback struct {
	first, second Model
	over          atomic.Bool
}

// Name implements [Model]: the one that answers.
func (f *fallback) Name() string {
	if f.over.Load() {
		return f.second.Name()
	}
	return f.first.Name()
}

// Complete implements [Model]. The usage is that of both.
func (f *fallback) Complete(ctx context.Context, p prompts.Prompt) (Reply, error) {
	if f.over.Load() {
		return f.second.Complete(ctx, p)
	}
	tried, err := f.first.Complete(ctx, p)
	if err == nil || ctx.Err() != nil || !worthAnother(err) {
		return tried, err
	}
	f.over.Store(true)
	reply, err := f.second.Complete(ctx, p)
	reply.Usage.Prompt += tried.Usage.Prompt
	reply.Usage.Completion += tried.Usage.Completion
	return reply, err
}

// worthAnother reports whether another model may succeed where one failed. An
// error that is not a model's own ends the work, whatever its cause.
func worthAnother(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case CodeUnavailable, CodeTimeout, CodeDenied:
		return true
	case CodeRefused:
		return e.TooLong
	}
	return false
}

// CheckProfiles returns what is wrong between profiles, joined, in the form of
// [Profile.Validate]: a fallback has to exist, to see data of the same class
// and to lead to an end.
func CheckProfiles(profiles map[string]Profile) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		p := profiles[name]
		if p.Fallback == "" {
			continue
		}
		bad := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("models."+name+".fallback: "+format, args...))
		}
		next, there := profiles[p.Fallback]
		switch {
		case !there:
			bad("no profile %q; name another profile of models", p.Fallback)
		case circles(profiles, name):
			bad("%q leads back here; end the chain of fallbacks somewhere", p.Fallback)
		case !next.Class().Covers(p.Class()):
			bad("%q is for %s data, this profile for %s; choose a fallback whose data_class is no lower", p.Fallback, next.Class(), p.Class())
		}
	}
	return errors.Join(problems...)
}

// circles reports whether the fallbacks from name lead back to it.
func circles(profiles map[string]Profile, name string) bool {
	next := profiles[name].Fallback
	for range profiles {
		if next == name {
			return true
		}
		next = profiles[next].Fallback
	}
	return false
}
