// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"fmt"

	"review-assistant/audit"
	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/scrub"
)

// noProfile is what a project writes that wants no model.
const noProfile = "none"

// modelFor returns the model that may read this change, or nil and the reason
// in words. The reason is empty when the project simply uses none.
func (v *visit) modelFor(w *work) (*watched, scrub.Text) {
	if v.policy.Profile == noProfile {
		return nil, scrub.Text{}
	}
	m, ok := v.b.models[v.policy.Profile]
	if !ok {
		if v.policy.Profile != "default" {
			return nil, scrub.Lit("the project's model profile does not exist here")
		}
		return nil, scrub.Text{}
	}
	for _, f := range w.patch.Files {
		if touches(v.policy.NoModel, f) {
			return nil, scrub.Lit("the project keeps models away from a path of this change")
		}
	}
	if v.b.budget != nil {
		m = v.b.budget(m, v.id.Host+"/"+v.id.Project, v.policy.TokensPerDay)
	}
	return &watched{Model: m, v: v, w: w}, scrub.Text{}
}

// watched is a model whose every call passes the verifier and the audit log first.
type watched struct {
	llm.Model
	v *visit
	w *work
	// stop is why the work has to end, not just go on without the model.
	stop error
}

// Complete implements llm.Model.
func (m *watched) Complete(ctx context.Context, p prompts.Prompt) (llm.Reply, error) {
	b := m.v.b
	if stopped, err := b.switches.stopped(ctx, ScopeModels, m.v.id.Host, m.v.id.Project); err != nil {
		m.stop = fmt.Errorf("read kill switches: %w", err)
		return llm.Reply{}, m.stop
	} else if stopped {
		return llm.Reply{}, &llm.Error{Code: llm.CodeStopped, Model: m.Name(), Detail: "models are switched off by the operator"}
	}
	if err := p.Inspect(m.w.cleaner.Verify); err != nil {
		m.stop = &scrubError{err}
		if werr := m.v.withheld(ctx, audit.ActionModel, err); !isPrevented(werr, ReasonSeal) {
			m.stop = werr // not audited: to be tried again
		}
		return llm.Reply{}, m.stop
	}
	report := m.w.cleaner.Report()
	e := m.v.entry(audit.ActionModel, audit.ResultIntent, nil)
	e.Model = audit.Model{Name: m.Name(), Prompt: p.ID()}
	e.Scrub = audit.Scrub{Version: report.Version, Counts: report.ByKind, Withheld: len(report.Withheld)}
	e.Input = b.audit.Digest(p.System().String(), p.User().String())
	receipt, err := b.audit.Append(ctx, e)
	if err != nil {
		m.stop = fmt.Errorf("audit: %w", err)
		return llm.Reply{}, m.stop
	}
	reply, err := m.Model.Complete(ctx, p)
	done := m.v.entry(audit.ActionModel, result(err), nil)
	done.Ref = receipt.ID
	done.Model = audit.Model{
		Name: m.Name(), Prompt: p.ID(),
		PromptTokens: reply.Usage.Prompt, CompletionTokens: reply.Usage.Completion,
	}
	called := "ok"
	if err != nil {
		called = string(llm.Reason(err))
		done.Why.Evidence = []string{called}
	}
	done.Output = b.audit.Digest(reply.Text)
	if _, aerr := b.audit.Append(context.WithoutCancel(ctx), done); aerr != nil {
		m.stop = fmt.Errorf("audit: %w", aerr)
		return llm.Reply{}, m.stop
	}
	if f := b.opts.Observe.Model; f != nil {
		f(m.v.policy.Profile, called, reply.Usage)
	}
	return reply, err
}
