// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"review-assistant/review"
)

// maxEntities bounds a snapshot; a larger catalog is cut, and the note says so.
const maxEntities = 50_000

// The kinds that ownership is made of. The order is the order of claims on
// one path: a component speaks before the system that is declared beside it.
var owningKinds = []string{"component", "api", "resource", "system", "domain"}

const (
	kindGroup = "group"
	kindUser  = "user"
)

// raw is an entity as Backstage writes it, reduced to what ownership needs.
type raw struct {
	Kind     string `json:"kind" yaml:"kind"`
	Metadata struct {
		Name        string            `json:"name" yaml:"name"`
		Namespace   string            `json:"namespace" yaml:"namespace"`
		Annotations map[string]string `json:"annotations" yaml:"annotations"`
	} `json:"metadata" yaml:"metadata"`
	Spec struct {
		Owner          string   `json:"owner" yaml:"owner"`
		System         string   `json:"system" yaml:"system"`
		Domain         string   `json:"domain" yaml:"domain"`
		SubcomponentOf string   `json:"subcomponentOf" yaml:"subcomponentOf"`
		SubdomainOf    string   `json:"subdomainOf" yaml:"subdomainOf"`
		Parent         string   `json:"parent" yaml:"parent"`
		Children       []string `json:"children" yaml:"children"`
		Members        []string `json:"members" yaml:"members"`
		MemberOf       []string `json:"memberOf" yaml:"memberOf"`
		Profile        struct {
			DisplayName string `json:"displayName" yaml:"displayName"`
			Email       string `json:"email" yaml:"email"`
		} `json:"profile" yaml:"profile"`
	} `json:"spec" yaml:"spec"`
	Relations []struct {
		Type      string `json:"type" yaml:"type"`
		TargetRef string `json:"targetRef" yaml:"targetRef"`
	} `json:"relations" yaml:"relations"`
}

// entity is a checked entity. Its references are in canonical form, but what
// they name need not exist.
type entity struct {
	ref   string // kind:namespace/name in lower case
	kind  string
	name  string
	stale bool // an orphan: its source is gone, the catalog only remembers it

	owners   []string
	partOf   []string
	members  []string
	memberOf []string
	children []string
	parents  []string

	place     location // where an owning kind lives, if it says so
	elsewhere bool     // it says so, but not on a configured Gerrit

	display  string // of users
	email    string
	username string
}

// nameForm is what Backstage allows as names and namespaces. Such a name needs
// no escaping anywhere, which is why reasons use names and not titles.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// annotations of our own; both prefixes are in use.
var ourPrefixes = []string{"review-assistant/", "gerrit-review-assistant/"}

// annotations of Backstage.
const (
	sourceLocation = "backstage.io/source-location"
	managedBy      = "backstage.io/managed-by-location"
	orphan         = "backstage.io/orphan"
)

// matters reports whether entities of a kind are read at all.
func matters(kind string) bool {
	kind = strings.ToLower(kind)
	return kind == kindGroup || kind == kindUser || slices.Contains(owningKinds, kind)
}

// check turns a raw entity of a kind that matters into a checked one.
func (r *raw) check(how reading) (e *entity, err error) {
	kind := strings.ToLower(r.Kind)
	namespace := r.Metadata.Namespace
	if namespace == "" {
		namespace = "default"
	}
	if !nameForm.MatchString(r.Metadata.Name) || !nameForm.MatchString(namespace) {
		return nil, fmt.Errorf("%s %.80q in namespace %.80q: names hold up to 63 letters, digits and -_. between them", kind, r.Metadata.Name, namespace)
	}
	e = &entity{ref: strings.ToLower(kind + ":" + namespace + "/" + r.Metadata.Name), kind: kind, name: r.Metadata.Name}
	e.stale = r.Metadata.Annotations[orphan] == "true"
	ns := strings.ToLower(namespace)
	ref := func(s, kind string) []string { return refs([]string{s}, kind, ns) }

	relations := map[string][]string{}
	for _, rel := range r.Relations {
		if t, ok := parseRef(rel.TargetRef, "", ns); ok {
			relations[rel.Type] = append(relations[rel.Type], t)
		}
	}
	// A catalog server resolves spec into relations; files have only spec.
	or := func(relation string, spec ...[]string) []string {
		if found := relations[relation]; len(found) > 0 {
			return found
		}
		var out []string
		for _, s := range spec {
			out = append(out, s...)
		}
		return out
	}
	switch kind {
	case kindUser:
		e.memberOf = or("memberOf", refs(r.Spec.MemberOf, kindGroup, ns))
		e.display = cleanText(r.Spec.Profile.DisplayName)
		e.email = cleanEmail(r.Spec.Profile.Email)
		e.username = cleanText(r.annotation("username"))
		for _, name := range how.userNames {
			e.username = cmp.Or(e.username, cleanText(r.Metadata.Annotations[name]))
		}
	case kindGroup:
		e.members = or("hasMember", refs(r.Spec.Members, kindUser, ns))
		e.children = or("parentOf", refs(r.Spec.Children, kindGroup, ns))
		e.parents = or("childOf", ref(r.Spec.Parent, kindGroup))
	default:
		e.owners = or("ownedBy", ref(r.Spec.Owner, kindGroup))
		e.partOf = or("partOf", ref(r.Spec.SubcomponentOf, "component"), ref(r.Spec.System, "system"),
			ref(r.Spec.Domain, "domain"), ref(r.Spec.SubdomainOf, "domain"))
		if e.place, err = r.place(how.bases); err != nil {
			return nil, fmt.Errorf("%s: %w", e.ref, err)
		}
		e.elsewhere = e.place.project == "" && r.Metadata.Annotations[sourceLocation] != ""
	}
	return e, nil
}

// annotation returns an annotation of ours.
func (r *raw) annotation(name string) string {
	for _, p := range ourPrefixes {
		if v := r.Metadata.Annotations[p+name]; v != "" {
			return v
		}
	}
	return ""
}

// place finds where the entity lives: our own annotation, else its source
// location, else (components only) the file that declares it.
func (r *raw) place(bases []base) (location, error) {
	source, found := parseLocation(r.Metadata.Annotations[sourceLocation], bases)
	if !found && strings.EqualFold(r.Kind, "component") {
		source, found = parseLocation(r.Metadata.Annotations[managedBy], bases)
	}
	project := r.annotation("project")
	if project == "" {
		return source, nil
	}
	dir, ok := cleanDir(r.annotation("path"))
	if !ok || !cleanName(project) {
		return location{}, fmt.Errorf("the project or path annotation is not a project name and a path inside it")
	}
	l := location{project: strings.Trim(project, "/"), dir: dir, gerrit: r.annotation("host")}
	if found && l.gerrit == "" {
		l.gerrit = source.gerrit
	}
	if b := r.annotation("branch"); b != "" {
		if !review.ValidBranch(b) {
			return location{}, fmt.Errorf("the branch annotation is not the name of a branch")
		}
		l.branch, l.exact, l.alone = strings.TrimPrefix(b, "refs/heads/"), true, true
	}
	return l, nil
}

// parseRef brings [kind:][namespace/]name into canonical form.
func parseRef(s, kind, namespace string) (string, bool) {
	if k, rest, ok := strings.Cut(s, ":"); ok {
		kind, s = k, rest
	}
	if n, rest, ok := strings.Cut(s, "/"); ok {
		namespace, s = n, rest
	}
	if !nameForm.MatchString(s) || !nameForm.MatchString(namespace) || !nameForm.MatchString(kind) {
		return "", false
	}
	return strings.ToLower(kind + ":" + namespace + "/" + s), true
}

func refs(list []string, kind, namespace string) []string {
	var out []string
	for _, s := range list {
		if r, ok := parseRef(s, kind, namespace); ok {
			out = append(out, r)
		}
	}
	return out
}

// cleanText makes a display name safe to print: no control or formatting
// characters (bidirectional overrides among them), at most 100 bytes.
func cleanText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, s)
	for len(s) > 100 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return strings.TrimSpace(s)
}

// cleanEmail returns an address in lower case, or "" for what is none.
func cleanEmail(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 254 || s != printable(s) || strings.ContainsAny(s, " <>\",") {
		return ""
	}
	return strings.ToLower(s)
}

// printable returns s without unprintable characters, at any length.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// cleanName reports whether s can be a project or branch name.
func cleanName(s string) bool {
	return s != "" && len(s) <= 1000 && s == printable(s) && !strings.Contains("/"+s+"/", "/../")
}

// cleanDir returns a directory inside a project without slashes around it.
func cleanDir(s string) (string, bool) {
	if len(s) > 4000 || s != printable(s) || strings.Contains("/"+s+"/", "/../") {
		return "", false
	}
	return strings.Trim(path.Clean("/"+s), "/"), true
}
