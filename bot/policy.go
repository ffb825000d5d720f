// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/builds"
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/summarize"
)

// Mode is how far the bot goes in a project.
type Mode string

// The modes. Shadow computes and audits, shows to the project's owners, and never posts.
const (
	ModeOff    Mode = "off"
	ModeShadow Mode = "shadow"
	ModeOn     Mode = "on"
)

// AddMode says whether suggested reviewers are added to the change.
type AddMode string

// The ways to add somebody.
const (
	AddNever    AddMode = "never"
	AddCC       AddMode = "cc"
	AddReviewer AddMode = "reviewer"
)

// Off is why a project is off. doctor, the API and outcomes tell them apart.
type Off string

// The reasons.
const (
	OffNot       Off = "" // it is on
	OffNoFile    Off = "no-file"
	OffNoAccess  Off = "no-access"
	OffForbidden Off = "forbidden-by-parent"
	OffBroken    Off = "broken-config"
	OffByProject Off = "off"
)

// Policy is what a project's configuration comes to after inheritance.
type Policy struct {
	Mode     Mode
	Off      Off
	By       string // the project whose file decided, for OffForbidden and OffBroken
	Problems []Problem
	Unread   []string // parents whose file may not be read: their forbid would not be seen
	// Switch is the commit of the file that sets the mode, and SwitchedBy its
	// project: their time is the moment of the opt-in.
	Switch, SwitchedBy string
	Revision           string // names all files that it was made of, for audit and cache keys

	Branches     []string
	Exclude      []string
	ExcludeOwner []string
	Notify       review.Notify
	Profile      string
	Summary      bool
	Language     string
	WIP          bool
	Sensitive    []string
	NoModel      []string
	Patterns     []string
	PII          []string
	Allow        []string // hashes of values that are no secrets
	CommentLeak  bool
	Suggest      bool
	Add          AddMode
	MaxPicks     int
	Builds       bool
	CIAccounts   []int64
	CIPatterns   []*builds.Pattern
	CILabel      string

	// DataClass is what the project says of its text; "" is internal.
	DataClass llm.DataClass
	// Permitted are the profiles that all parents allow; nil means any.
	Permitted []string
	// MaxCalls is how many requests one summary may cost.
	MaxCalls int64
	// Caps of the project; 0 means none. Money is in millionths.
	TokensPerDay, TokensPerMonth, TokensPerChange, MoneyPerMonth int64
	Inline                                                       int                // most points of a summary that are told on their lines
	InlineLeast                                                  summarize.Severity // of a point that is
	// Warnings are about what works, but not as a whole.
	Warnings []Problem
	guide    []guideline // the farthest parent's first
}

// NewPolicy merges a chain of configuration files, the project's own first.
// Only the project's own mode counts unless inherit is set; forbid in any
// parent wins over everything; what keeps text away from models adds
// up, and so does what is allowed; the smallest cap and the highest data class
// count; for the rest the nearest value wins.
func NewPolicy(chain []review.ConfigFile, inherit bool) Policy {
	p := Policy{
		Mode: ModeOff, Notify: review.NotifyNone, Profile: defaultProfile, Summary: true, Language: "en",
		CommentLeak: true, Suggest: true, Add: AddNever, MaxPicks: 2, Builds: true, CILabel: "Verified",
		InlineLeast: summarize.High,
	}
	sum := sha256.New()
	layers := make([]layer, len(chain))
	for i, f := range chain {
		fmt.Fprintf(sum, "%s %s %s %d\n", f.Project, f.State, f.Revision, len(f.Body))
		switch {
		case f.State == review.ConfigNoRead && i > 0:
			p.Unread = append(p.Unread, f.Project)
		case f.State == review.ConfigFound:
			sum.Write(f.Body)
			l, problems := parseLayer(f.Project+":"+ConfigName, f.Body)
			for j := range l.guide {
				l.guide[j].layer = i
			}
			layers[i] = l
			if len(problems) > 0 {
				p.Problems = append(p.Problems, problems...)
				if p.By == "" {
					p.Off, p.By = OffBroken, f.Project
				}
			}
		case f.State == review.ConfigTooLong:
			p.Problems = append(p.Problems, Problem{File: f.Project + ":" + ConfigName, Cause: "the file is too long", Fix: fmt.Sprintf("keep it under %d bytes", maxConfig)})
			if p.By == "" {
				p.Off, p.By = OffBroken, f.Project
			}
		}
	}
	p.Revision = hex.EncodeToString(sum.Sum(nil)[:8])

	for i := len(layers) - 1; i > 0; i-- {
		if layers[i].forbid {
			p.Off, p.By = OffForbidden, chain[i].Project
			return p
		}
	}
	for i := len(layers) - 1; i >= 0; i-- {
		if p.apply(layers[i], i == 0 || inherit) {
			p.Switch, p.SwitchedBy = chain[i].Revision, chain[i].Project
		}
		if i > 0 {
			p.permit(layers[i].models)
		}
	}
	p.TokensPerDay = smallest(layers, defaultTokensPerDay, func(l layer) *int64 { return l.tokensPerDay })
	p.MaxCalls = smallest(layers, summarize.MaxCalls, func(l layer) *int64 { return l.maxCalls })
	p.TokensPerMonth = smallest(layers, 0, func(l layer) *int64 { return l.tokensPerMonth })
	p.TokensPerChange = smallest(layers, 0, func(l layer) *int64 { return l.tokensPerChange })
	p.MoneyPerMonth = smallest(layers, 0, func(l layer) *int64 { return l.moneyPerMonth })
	p.Warnings = p.guideWarnings()
	switch own := stateOf(chain); {
	case p.Off == OffBroken:
	case layers0(layers).forbid:
		p.Off, p.By = OffByProject, chain[0].Project
	case p.Mode != ModeOff:
	case own == review.ConfigNoRead:
		p.Off = OffNoAccess
	case own == review.ConfigAbsent:
		p.Off = OffNoFile
	default:
		p.Off = OffByProject
	}
	if p.Off != OffNot {
		p.Mode = ModeOff
	}
	return p
}

func stateOf(chain []review.ConfigFile) review.ConfigState {
	if len(chain) == 0 {
		return review.ConfigAbsent
	}
	return chain[0].State
}

func layers0(l []layer) layer {
	if len(l) == 0 {
		return layer{}
	}
	return l[0]
}

// apply puts a nearer layer over p and reports whether it sets the mode.
func (p *Policy) apply(l layer, mayEnable bool) (switched bool) {
	if l.mode != nil && (mayEnable || *l.mode == ModeOff) {
		p.Mode, switched = *l.mode, true
	}
	over(&p.Notify, l.notify)
	over(&p.Profile, l.profile)
	over(&p.Summary, l.summary)
	over(&p.Language, l.language)
	over(&p.WIP, l.wip)
	over(&p.CommentLeak, l.commentLeak)
	over(&p.Suggest, l.suggest)
	over(&p.Add, l.add)
	over(&p.MaxPicks, l.max)
	over(&p.Builds, l.builds)
	over(&p.CILabel, l.label)
	if c := l.dataClass; c != nil && (p.DataClass == "" || !p.DataClass.Covers(*c)) {
		p.DataClass = *c
	}
	over(&p.Inline, l.inline)
	over(&p.InlineLeast, l.inlineLeast)
	if len(l.branches) > 0 {
		p.Branches = l.branches
	}
	if len(l.ciAccounts) > 0 {
		p.CIAccounts = l.ciAccounts
	}
	if len(l.ciPatterns) > 0 {
		p.CIPatterns = l.ciPatterns
	}
	p.ExcludeOwner = append(p.ExcludeOwner, l.excludeOwner...)
	p.Exclude = append(p.Exclude, l.exclude...)
	p.Sensitive = append(p.Sensitive, l.sensitive...)
	p.NoModel = append(p.NoModel, l.noModel...)
	p.Patterns = append(p.Patterns, l.patterns...)
	p.PII = append(p.PII, l.pii...)
	p.Allow = append(p.Allow, l.allow...)
	p.guide = append(p.guide, l.guide...)
	return switched
}

// permit narrows the profiles that may be used to a parent's list, if it has one.
func (p *Policy) permit(list []string) {
	switch {
	case len(list) == 0:
	case p.Permitted == nil:
		p.Permitted = slices.Clone(list)
	default:
		p.Permitted = slices.DeleteFunc(p.Permitted, func(name string) bool { return !slices.Contains(list, name) })
	}
}

// defaultTokensPerDay is the cap of a project for which no file names one.
const defaultTokensPerDay = 2_000_000

// smallest returns the smallest cap that a file of the chain sets, and
// otherwise when none sets one. A 0 lifts the default, not a parent's cap.
func smallest(layers []layer, otherwise int64, of func(layer) *int64) int64 {
	set, least := false, int64(0)
	for _, l := range layers {
		if v := of(l); v != nil {
			set = true
			if *v > 0 && (least == 0 || *v < least) {
				least = *v
			}
		}
	}
	if !set {
		return otherwise
	}
	return least
}

func over[T any](dst *T, v *T) {
	if v != nil {
		*dst = *v
	}
}

// posts reports whether the project wants a kind of post.
func (p *Policy) posts(kind review.PostKind) bool {
	if kind == review.PostSecrets {
		return p.CommentLeak
	}
	return p.Summary
}

// Covers reports whether the policy is about a branch. Patterns are read in
// order, the last match decides; with none every branch of refs/heads counts.
func (p *Policy) Covers(branch string) bool {
	ref := review.FullRef(branch)
	if len(p.Branches) == 0 {
		return strings.HasPrefix(ref, "refs/heads/")
	}
	// A list of exclusions alone starts from everything.
	covered := strings.HasPrefix(p.Branches[0], "!") && strings.HasPrefix(ref, "refs/heads/")
	for _, pat := range p.Branches {
		glob, not := strings.CutPrefix(pat, "!")
		if matchRef(glob, ref) {
			covered = !not
		}
	}
	return covered
}

// matchRef matches as Gerrit's access rules do: a trailing /* covers deeper
// refs too.
func matchRef(glob, ref string) bool {
	if prefix, ok := strings.CutSuffix(glob, "/*"); ok {
		return strings.HasPrefix(ref, prefix+"/")
	}
	return doublestar.MatchUnvalidated(glob, ref)
}

// matchPath reports whether one of the globs, as read from a file, covers a path.
func matchPath(globs []string, path string) bool {
	for _, g := range globs {
		if doublestar.MatchUnvalidated(g, path) {
			return true
		}
	}
	return false
}

// touches reports whether a file, under its new or its old name, is covered.
func touches(globs []string, f review.File) bool {
	return matchPath(globs, f.Path) || (f.OldPath != "" && matchPath(globs, f.OldPath))
}
