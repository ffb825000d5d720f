// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"slices"

	"review-assistant/llm"
	"review-assistant/scrub"
)

// What a project writes that wants no model, and the profile of one that
// writes nothing.
const (
	noProfile      = "none"
	defaultProfile = "default"
)

// profilesOf returns a profile for each model.
func profilesOf(d Deps) map[string]llm.Profile {
	out := map[string]llm.Profile{}
	for name := range d.Models {
		p := d.Profiles[name]
		p.Name = name
		out[name] = p
	}
	return out
}

// profile returns the profile that the project uses; there is false when it
// uses none or one that does not exist.
func (p *Policy) profile(profiles map[string]llm.Profile) (profile llm.Profile, there bool) {
	if p.Profile == noProfile {
		return llm.Profile{}, false
	}
	profile, there = profiles[p.Profile]
	return profile, there
}

// Without returns why a change of a project, named HOST/NAME, goes without a
// model although the project uses one. It is empty when the change gets one,
// and when the project uses none. Restricted is what the change says of itself.
func (p *Policy) Without(profiles map[string]llm.Profile, project string, restricted bool) scrub.Text {
	profile, there := p.profile(profiles)
	switch {
	case there:
		return p.barred(profile, project, restricted)
	case p.Profile != noProfile && p.Profile != defaultProfile:
		return scrub.Lit("the project's model profile does not exist here")
	}
	return scrub.Text{}
}

// barred returns why a profile may not read a change of the project, empty
// when it may.
func (p *Policy) barred(profile llm.Profile, project string, restricted bool) scrub.Text {
	class := p.DataClass
	if restricted {
		class = llm.ClassRestricted
	}
	switch {
	case p.Permitted != nil && !slices.Contains(p.Permitted, profile.Name):
		return scrub.Lit("a parent project does not allow this model profile")
	case !profile.Serves(project):
		return scrub.Lit("the operator keeps this model profile for other projects")
	case profile.Class().Covers(class):
		return scrub.Text{}
	case class == llm.ClassRestricted:
		return scrub.Lit("this project is restricted and its model profile is not meant for restricted data")
	}
	return scrub.Lit("this project is not public and its model profile is meant for public data only")
}
