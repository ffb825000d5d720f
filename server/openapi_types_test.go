// SPDX-License-Identifier: Apache-2.0

package server

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/bot"
	"review-assistant/builds"
	"review-assistant/review"
)

// as makes texts of words.
func as[T ~string](list ...T) []string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

// modes are how a project uses the bot.
var modes = as(bot.ModeOff, bot.ModeShadow, bot.ModeOn)

// words are the values of the fields that have a fixed set of them.
var words = map[string][]string{
	"Change status": as(review.StatusNew, review.StatusMerged, review.StatusAbandoned),
	"Change state":  as(board.StateSummarized, board.StateQuiet, board.StateSkipped, board.StateWaiting, board.StateOff),
	"Change waits":  as(review.RelationAttention, review.RelationReviewer),
	"Changes mode":  modes,
	"Branches mode": modes, "Activities mode": modes, "Failures mode": modes,
	"Label state": as(
		review.LabelApproved, review.LabelRejected, review.LabelRecommended, review.LabelDisliked, review.LabelNone,
	),
	"Requirement status": as(
		review.RequirementSatisfied, review.RequirementUnsatisfied, review.RequirementOverridden, review.RequirementForced, review.RequirementError,
	),
	"Brief severity":      {"high", "medium", "low", "none"},
	"Place severity":      {"high", "medium", "low"},
	"FileNote importance": {"high", "medium", "low"},
	"NotRead reason": as(
		review.SkipBinary, review.SkipGenerated, review.SkipLock, review.SkipVendored, review.SkipSubmodule,
		review.SkipTooLarge, review.SkipExcluded, review.SkipSensitive, review.SkipEncoding, review.SkipBudget,
	),
	"Outcome kind":      as(review.PostSummary, review.PostSecrets, review.PostBuilds, review.PostReviewers, review.PostReply),
	"Outcome verdict":   as(review.VerdictPosted, review.VerdictShadow, review.VerdictSuppressed, review.VerdictNotOurs),
	"FailedBuild stage": as(review.StageSetup, review.StageCompile, review.StageLint, review.StageTest),
	"FailedBuild class": as(
		builds.ClassChange, builds.ClassPreexisting, builds.ClassFlaky, builds.ClassInfra, builds.ClassTimeout, builds.ClassConfiguration, builds.ClassUnknown,
	),
	"Build result": as(
		review.BuildPassed, review.BuildFailed, review.BuildTimedOut, review.BuildAborted, review.BuildBroken, review.BuildSkipped, review.BuildUnknown,
	),
	"Mark as":  bot.MarkClasses,
	"Me roles": {review.RoleAuditor, review.RoleOperator},
}

func TestDocumentHasTheWords(t *testing.T) {
	doc := readDocument(t)
	words := maps.Clone(words)
	words["Problem reason"] = allReasons(t)
	for field, want := range words {
		schema, name, _ := strings.Cut(field, " ")
		props, _ := flat(doc, object(doc, "components", "schemas", schema))
		p := object(props, name)
		if items := object(p, "items"); items != nil {
			p = items
		}
		var got []string
		list, _ := p["enum"].([]any)
		for _, v := range list {
			got = append(got, v.(string))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is one of %q, want %q", field, got, want)
		}
	}
}

// open collects the places of a schema where anything may stand.
func open(path string, n any, found *[]string) {
	switch n := n.(type) {
	case node:
		anything := n["type"] == "object" && n["properties"] == nil && n["additionalProperties"] == nil
		if anything || n["type"] == "array" && n["items"] == nil {
			*found = append(*found, path)
		}
		for k, v := range n {
			open(path+"/"+k, v, found)
		}
	case []any:
		for i, v := range n {
			open(path+"/"+strconv.Itoa(i), v, found)
		}
	}
}

// typeOf is what a schema says of a type.
func typeOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Slice:
		return "array of " + typeOf(t.Elem())
	case reflect.Map:
		return "object"
	case reflect.Pointer:
		return typeOf(t.Elem())
	case reflect.Struct:
		if t != reflect.TypeFor[time.Time]() {
			return t.String()
		}
		return "string"
	}
	return "anything"
}

// schemaType is the same of a schema.
func schemaType(schema node) string {
	if either, is := schema["oneOf"].([]any); is {
		return schemaType(either[0].(node)) // the other is null
	}
	if ref, is := schema["$ref"].(string); is {
		return shapes[ref[strings.LastIndexByte(ref, '/')+1:]].String()
	}
	if list, is := schema["type"].([]any); is {
		return list[0].(string)
	}
	s, _ := schema["type"].(string)
	if s == "array" {
		s += " of " + schemaType(object(schema, "items"))
	}
	return s
}

// whoseTypes are known only where the parts are joined.
var whoseTypes = map[string]string{
	"Failures clusters": "array of builds.Cluster", "ChangeBuilds failures": "array of bot.FailedBuild", "Builds builds": "array of bot.BuildAt",
	"Changes changes": "array of board.Change", "Activities activity": "array of board.Activity",
}

// Every field has the type of its schema, and nothing has just any.
func TestDocumentHasTheTypes(t *testing.T) {
	doc := readDocument(t)
	var anything []string
	open("", object(doc, "components", "schemas"), &anything)
	if len(anything) > 0 {
		t.Errorf("anything may be in %q", anything)
	}
	for name, shape := range shapes {
		props, _ := flat(doc, object(doc, "components", "schemas", name))
		for _, f := range reflect.VisibleFields(shape) {
			field, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			schema := object(props, field)
			if schema == nil {
				continue
			}
			want := typeOf(f.Type)
			if strings.HasSuffix(want, "anything") {
				want = whoseTypes[name+" "+field]
			}
			if got := schemaType(schema); got != want {
				t.Errorf("%s.%s is %s, want %s", name, field, got, want)
			}
		}
	}
}
