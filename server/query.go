// SPDX-License-Identifier: Apache-2.0

package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"review-assistant/review"
)

const (
	maxParameters = 4 << 10 // bytes of a query
	maxName       = 512     // bytes of a project's or an entity's name
)

func badParameter(known []string, detail string, args ...any) *problem {
	next := "there are no parameters here"
	if len(known) > 0 {
		next = "the parameters are " + strings.Join(known, ", ")
	}
	return newProblem(http.StatusBadRequest, "bad parameter", fmt.Sprintf(detail, args...), next)
}

// readQuery reads a query of known parameters, each at most once and one line.
// It never quotes a value, which may be a token in the wrong place.
func readQuery(raw string, known []string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, badParameter(known, "the query cannot be read")
	}
	for _, key := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(known, key) {
			return nil, badParameter(known, "there is no parameter %.40q", key)
		}
		v := query[key][0]
		switch {
		case len(query[key]) > 1:
			return nil, badParameter(known, "%s is given twice", key)
		case len(v) > maxParameter || !line(v):
			return nil, badParameter(known, "%s is not one line of at most %d bytes", key, maxParameter)
		}
	}
	return query, nil
}

// line reports whether s is valid text without controls.
func line(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// asked reads the query of a request that looks. A parameter without a value is
// an error too: a variable was empty that should not be.
func asked(c echo.Context, known ...string) (url.Values, error) {
	raw := c.Request().URL.RawQuery
	if len(raw) > maxParameters {
		return nil, badParameter(known, "the query has more than %d bytes", maxParameters)
	}
	q, err := readQuery(raw, known)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(q)) {
		if q.Get(key) == "" {
			return nil, badParameter(known, "%s has no value; leave it out, or give one", key)
		}
	}
	return q, nil
}

// bare refuses parameters on a route that has none.
func bare(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, err := asked(c); err != nil {
			return err
		}
		return next(c)
	}
}

// numberOf reads a number of the query; too large a one is an error, as less
// than what was asked for would look like all there is.
func numberOf(q url.Values, known []string, name string, otherwise, low, high int) (int, error) {
	v := q.Get(name)
	if !q.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high || v != strconv.Itoa(n) {
		return 0, badParameter(known, "%s is no number from %d to %d", name, low, high)
	}
	return n, nil
}

var (
	errBadChange = newProblem(http.StatusBadRequest, "bad change", "this is not the id of a change",
		"write HOST/PROJECT~NUMBER, as the lists do, with its slashes or with each as %2F")
	errBadComponent = newProblem(http.StatusBadRequest, "bad component", "this is not the name of an entity of the catalog",
		"write kind, namespace and name, each one segment of the path")
)

// parseChange reads the id of a change as it stands in a path: percent-encoded
// once, wholly or in part. It takes one spelling of an id and no other.
func parseChange(escaped string) (review.ChangeID, error) {
	if len(escaped) > 3*maxName {
		return review.ChangeID{}, errBadChange
	}
	s, err := url.PathUnescape(escaped)
	if err != nil || len(s) > maxName || !line(s) {
		return review.ChangeID{}, errBadChange
	}
	id, err := review.ParseChangeID(s)
	// The characters are those that no project of Gerrit has in its name.
	if err != nil || id.String() != s || path.Clean(id.Project) != id.Project || strings.HasPrefix(id.Project, "/") ||
		id.Project == "." || id.Project == ".." || strings.HasPrefix(id.Project, "../") || strings.ContainsAny(s, `\%?*:<>|$`) || strings.Contains(id.Project, "~") {
		return review.ChangeID{}, errBadChange
	}
	return id, nil
}

// changeIn reads the change that the path of a request names, where its route ends
// in a star.
func changeIn(c echo.Context) (review.ChangeID, error) {
	before := strings.Count(c.Path(), "/")
	return parseChange(strings.SplitN(c.Request().URL.EscapedPath(), "/", before+1)[before])
}

// segment is a parameter of the path without its percent-encoding, which the
// router leaves or takes away as the rest of the path needs it.
func segment(c echo.Context, name string) (string, error) {
	v := c.Param(name)
	if c.Request().URL.RawPath != "" {
		var err error
		if v, err = url.PathUnescape(v); err != nil {
			return "", errBadComponent
		}
	}
	if !isSegment(v) {
		return "", errBadComponent
	}
	return v, nil
}

// entityIn is the entity that the path of a request names, as
// KIND:NAMESPACE/NAME; "" where its route names none.
func entityIn(c echo.Context) (string, error) {
	if c.Param("name") == "" {
		return "", nil
	}
	var parts [3]string
	for i, name := range [...]string{"kind", "namespace", "name"} {
		var err error
		if parts[i], err = segment(c, name); err != nil {
			return "", err
		}
	}
	return parts[0] + ":" + parts[1] + "/" + parts[2], nil
}

// isEntity reports whether s is the name of an entity, KIND:NAMESPACE/NAME.
func isEntity(s string) bool {
	kind, rest, colon := strings.Cut(s, ":")
	namespace, name, slash := strings.Cut(rest, "/")
	return colon && slash && isSegment(kind) && isSegment(namespace) && isSegment(name)
}

// isSegment reports whether v may be a part of the name of an entity.
func isSegment(v string) bool {
	return v != "" && len(v) <= maxName && line(v) && !strings.ContainsAny(v, "/:%\\") && v != "." && v != ".."
}

// fieldsOf are the names that a row of type T has at its top in JSON.
func fieldsOf[T any]() []string { return fieldNames(reflect.TypeFor[T]()) }

func fieldNames(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			out = append(out, fieldNames(f.Type)...)
		case name != "-" && name != "":
			out = append(out, name)
		}
	}
	return out
}

// parseFields reads the fields that are wanted, nil for all.
func parseFields(s string, known []string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	var out []string
	for name := range strings.SplitSeq(s, ",") {
		if !slices.Contains(known, name) {
			return nil, newProblem(http.StatusBadRequest, "bad fields", fmt.Sprintf("there is no field %.40q", name), "the fields are "+strings.Join(known, ", "))
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// only returns a row with the wanted fields alone; with all of them for nil. A
// field that the row leaves out stays out.
func only(row any, wanted []string) (any, error) {
	if wanted == nil {
		return row, nil
	}
	raw, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	out := make(map[string]json.RawMessage, len(wanted))
	for _, name := range wanted {
		if v, ok := all[name]; ok {
			out[name] = v
		}
	}
	return out, nil
}
