// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"math"

	"review-assistant/audit"
	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// asking is the model of one change: that of the project's profile and, behind
// it, the fallback. Each of them is watched on its own.
type asking struct {
	llm.Model
	profile llm.Profile
	v       *visit
	w       *work
	stop    error    // why the work has to end, not just go on without the model
	spent   *llm.Cap // the cap that ended it
}

// modelFor returns the model that may read this change, or nil and the reason
// in words. The reason is empty when the project simply uses none.
func (v *visit) modelFor(w *work) (*asking, scrub.Text) {
	b, project := v.b, v.id.Host+"/"+v.id.Project
	profile, there := v.policy.profile(b.profiles)
	if why := v.policy.Without(b.profiles, project, v.change.Restricted); !there || !why.Empty() {
		return nil, why
	}
	for _, f := range w.patch.Files {
		if touches(v.policy.NoModel, f) {
			return nil, scrub.Lit("the project keeps models away from a path of this change")
		}
	}
	a := &asking{profile: profile, v: v, w: w}
	a.Model = a.watch(profile)
	if next, ok := b.profiles[profile.Fallback]; ok && v.policy.barred(next, project, v.change.Restricted).Empty() {
		a.Model = llm.Fallback(a.Model, a.watch(next))
	}
	return a, scrub.Text{}
}

// watch returns the model of a profile, watched and on the project's account.
func (a *asking) watch(profile llm.Profile) llm.Model {
	m, v := a.v.b.models[profile.Name], a.v
	if v.b.budget != nil {
		p := v.policy
		m = v.b.budget(m, profile, llm.Payer{
			Project: v.id.Host + "/" + v.id.Project,
			Caps:    llm.Caps{TokensPerDay: p.TokensPerDay, TokensPerMonth: p.TokensPerMonth, MoneyPerMonth: p.MoneyPerMonth},
			Change:  v.id.String(), TokensPerChange: p.TokensPerChange,
		})
	}
	return &watched{Model: m, asking: a, profile: profile.Name}
}

// fit makes the prompt's size and variant that of the profile.
func (a *asking) fit(in *summarize.Input) {
	in.Short = a.profile.Short()
	if a.profile.MaxTokens > 0 {
		in.MaxTokens = a.profile.MaxTokens
	}
	in.MaxCalls = min(a.v.b.opts.MaxCalls, int(a.v.policy.MaxCalls))
	if f := a.v.b.scale; f != nil {
		// In steps of a tenth, so that the same change keeps the same prompt.
		in.MaxTokens = in.MaxTokens * 10 / max(10, int(math.Ceil(10*f(a.Name())-1e-9)))
	}
}

// failed says in words why the model did not write the draft, given its code.
func (a *asking) failed(code string) scrub.Text {
	switch {
	case code == "":
		return scrub.Text{}
	case llm.Code(code) == llm.CodeBudget && a.spent != nil:
		return spentText(*a.spent)
	}
	return fallbackText(code)
}

// spentText says which budget is spent. Amounts are the operator's business.
func spentText(c llm.Cap) scrub.Text {
	whose, unit, period := scrub.Lit("the project's"), scrub.Lit("token"), scrub.Lit("today")
	switch c.Scope {
	case llm.ScopeServer:
		whose = scrub.Lit("the server's")
	case llm.ScopeChange:
		whose = scrub.Lit("this change's")
	case llm.ScopeProject:
	}
	if c.Unit == llm.Money {
		unit = scrub.Lit("money")
	}
	if c.Period == llm.Month {
		period = scrub.Lit("this month")
	}
	return scrub.Format("%s %s budget for %s is spent", whose, unit, period)
}

// watched is a model whose every call passes the verifier and the audit log first.
type watched struct {
	llm.Model
	asking  *asking
	profile string
}

// Complete implements llm.Model.
func (m *watched) Complete(ctx context.Context, p prompts.Prompt) (llm.Reply, error) {
	a, v := m.asking, m.asking.v
	b := v.b
	if stopped, err := b.switches.stopped(ctx, ScopeModels, v.id.Host, v.id.Project); err != nil {
		a.stop = fmt.Errorf("read kill switches: %w", err)
		return llm.Reply{}, a.stop
	} else if stopped {
		return llm.Reply{}, &llm.Error{Code: llm.CodeStopped, Model: m.Name(), Detail: "models are switched off by the operator"}
	}
	if err := p.Inspect(a.w.cleaner.Verify); err != nil {
		a.stop = &scrubError{err}
		if werr := v.withheld(ctx, audit.ActionModel, err); !isPrevented(werr, ReasonSeal) {
			a.stop = werr // not audited: to be tried again
		}
		return llm.Reply{}, a.stop
	}
	report := a.w.cleaner.Report()
	e := v.entry(audit.ActionModel, audit.ResultIntent, nil)
	e.Model = audit.Model{Name: m.Name(), Prompt: p.ID()}
	e.Scrub = audit.Scrub{Version: report.Version, Counts: report.ByKind, Withheld: len(report.Withheld)}
	e.Input = b.audit.Digest(p.System().String(), p.User().String())
	receipt, err := b.audit.Append(ctx, e)
	if err != nil {
		a.stop = fmt.Errorf("audit: %w", err)
		return llm.Reply{}, a.stop
	}
	reply, err := m.Model.Complete(ctx, p)
	done := v.entry(audit.ActionModel, result(err), nil)
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
	if e, ok := errors.AsType[*llm.BudgetError](err); ok {
		a.spent = &e.Cap
	}
	done.Output = b.audit.Digest(reply.Text)
	if _, aerr := b.audit.Append(context.WithoutCancel(ctx), done); aerr != nil {
		a.stop = fmt.Errorf("audit: %w", aerr)
		return llm.Reply{}, a.stop
	}
	if f := b.opts.Observe.Model; f != nil {
		f(m.profile, called, reply.Usage)
	}
	return reply, err
}
