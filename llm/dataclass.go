// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// DataClass says how widely text may be known. Of a profile it is the highest
// class that its model may see, of a project the class of its text.
type DataClass string

// The classes, lowest first. Unset means internal.
const (
	ClassPublic     DataClass = "public"
	ClassInternal   DataClass = "internal"
	ClassRestricted DataClass = "restricted"
)

// DataClasses lists the classes, lowest first.
var DataClasses = []DataClass{ClassPublic, ClassInternal, ClassRestricted}

// Covers reports whether who may see c may see text of class d.
func (c DataClass) Covers(d DataClass) bool { return c.rank() >= d.rank() }

func (c DataClass) rank() int {
	if c == "" {
		c = ClassInternal
	}
	return slices.Index(DataClasses, c)
}

// Class returns the profile's data class.
func (p Profile) Class() DataClass {
	if p.DataClass == "" {
		return ClassInternal
	}
	return p.DataClass
}

// Serves reports whether the operator lets a project, as HOST/NAME, use the
// profile. A glob that ends in /** covers everything below it.
func (p Profile) Serves(project string) bool {
	return len(p.Projects) == 0 || slices.ContainsFunc(p.Projects, func(glob string) bool {
		return doublestar.MatchUnvalidated(strings.TrimSpace(glob), project)
	})
}
