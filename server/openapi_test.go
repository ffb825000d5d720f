// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"review-assistant/board"
	"review-assistant/bot"
	"review-assistant/builds"
	"review-assistant/identity"
	"review-assistant/review"
	"review-assistant/reviewers"
)

// node is an object of the document.
type node = map[string]any

// document reads the document, with numbers as JSON has them.
func readDocument(t testing.TB) node {
	t.Helper()
	raw, err := yaml.YAMLToJSON(openapi)
	if err != nil {
		t.Fatal(err)
	}
	var doc node
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func at(n any, keys ...string) any {
	for _, k := range keys {
		m, _ := n.(node)
		n = m[k]
	}
	return n
}

func object(n any, keys ...string) node {
	m, _ := at(n, keys...).(node)
	return m
}

// resolved follows a $ref.
func resolved(doc node, n any) node {
	m, _ := n.(node)
	if ref, is := m["$ref"].(string); is {
		return object(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return m
}

// operation is one of the document.
type operation struct {
	method, path string
	node         node
	parameters   []node
}

func operations(doc node) []operation {
	var out []operation
	paths := object(doc, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := object(paths, path)
		for _, method := range []string{"get", "head", "post", "patch", "delete"} {
			op := object(item, method)
			if op == nil {
				continue
			}
			o := operation{method: strings.ToUpper(method), path: path, node: op}
			for _, list := range []any{item["parameters"], op["parameters"]} {
				params, _ := list.([]any)
				for _, p := range params {
					o.parameters = append(o.parameters, resolved(doc, p))
				}
			}
			out = append(out, o)
		}
	}
	return out
}

// startAll runs a server with every route there is.
func startAll(t testing.TB) *running {
	t.Helper()
	k := &keeper{}
	spool, err := OpenSpool(SpoolOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	w := &wall{stream: func(review.Viewer, board.NewsQuery) *news {
		return &news{steps: []step{
			{news: []review.News{outcomeOf(41, "team/pay", 7), {Seq: 42, Kind: review.NewsAccess, Change: review.ChangeID{Host: "main", Project: "team/pay"}}}},
			{reset: true},
		}}
	}}
	o := Options{Now: func() time.Time { return noon }}
	o.Builds.Tokens = tokensFor(t)
	o.Builds.Spool = spool
	o.Builds.Take = func(_ context.Context, p BuildPush) (BuildTaken, error) {
		if _, err := io.Copy(io.Discard, p.Body); err != nil {
			return BuildTaken{}, err
		}
		return BuildTaken{Key: "unit-812", Host: "main", Project: "team/pay", Result: review.BuildFailed, Failures: 1}, nil
	}
	o.API = API{
		TokenFiles: []string{writeToken(t, scopeToken)},
		MarkAllowed: func(context.Context, review.Viewer, string, string) (bool, error) {
			return true, nil
		},
		Report: func(context.Context, string, string, int) (any, bool, error) {
			return reviewers.Report{Since: noon.AddDate(0, 0, -90), Until: noon, Lines: []reviewers.ReportLine{{
				Project: "team/pay", Changes: 40, Ended: 31, People: 9, Suggested: 60, Reviewed: 44, Declined: 2, Added: 12, AddedOf: 50, FirstReview: 3600, OtherReview: 7200,
			}}}, true, nil
		},
	}
	o.Source = k.source
	o.Failures = FailuresAPI{
		Clusters: k.clusters, Mark: k.mark,
		Builds: func(context.Context, review.Source, int64, int) (any, int, int64, error) {
			return []bot.BuildAt{{Seq: 12, Build: review.Build{
				Key: "unit-812", Host: "main", Project: "team/pay", Change: 7, PatchSet: 2, Job: "unit", Result: review.BuildFailed,
				URL: "https://ci.example/7", Ended: noon, TestsRan: true, By: "ci", Failures: []review.BuildFailure{someClusters()[0].Sample},
			}}}, 1, 12, nil
		},
	}
	return startPeople(t, w, newPeople(), o)
}

// Routes and operations are the same.
func TestDocumentHasTheRoutes(t *testing.T) {
	r := startAll(t)
	var routes, documented []string
	known := map[string]bool{}
	for _, route := range r.echo.Routes() {
		known[route.Method+" "+route.Path] = true
	}
	for _, route := range r.echo.Routes() {
		path, is := strings.CutPrefix(route.Path, base)
		if !is || route.Method == "HEAD" && known["GET "+route.Path] {
			continue // HEAD goes with GET
		}
		path = regexp.MustCompile(`:(\w+)`).ReplaceAllString(path, "{$1}")
		routes = append(routes, route.Method+" "+strings.Replace(path, "/*", "/{id}", 1))
	}
	doc := readDocument(t)
	ids := map[string]bool{}
	for _, o := range operations(doc) {
		documented = append(documented, o.method+" "+o.path)
		id, _ := o.node["operationId"].(string)
		if id == "" || ids[id] || o.node["summary"] == nil || o.node["tags"] == nil || o.node["security"] == nil {
			t.Errorf("%s %s: no operationId of its own, summary, tags or security", o.method, o.path)
		}
		ids[id] = true
		var inPath []string
		for _, p := range o.parameters {
			if p["in"] == "path" {
				inPath = append(inPath, "{"+p["name"].(string)+"}")
			}
		}
		if want := regexp.MustCompile(`\{\w+\}`).FindAllString(o.path, -1); !slices.Equal(inPath, want) {
			t.Errorf("%s %s: parameters %q, want %q", o.method, o.path, inPath, want)
		}
	}
	slices.Sort(routes)
	slices.Sort(documented)
	if diff := cmp.Diff(routes, documented); diff != "" {
		t.Errorf("routes and operations (-routes +document):\n%s", diff)
	}
}

// Parameters of the document are those that a route takes.
func TestDocumentHasTheParameters(t *testing.T) {
	r := startAll(t)
	for _, o := range operations(readDocument(t)) {
		var names []string
		for _, p := range o.parameters {
			if p["in"] == "query" {
				names = append(names, p["name"].(string))
			}
		}
		if o.path == "/openapi.yaml" || o.method == "HEAD" {
			continue // it takes no offence, or has no body to look at
		}
		o.parameters = append(o.parameters, node{"in": "query", "name": "colour", "example": "red"})
		_, body, _ := r.run(t, o)
		var p struct{ Next string }
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatalf("%s %s: %s", o.method, o.path, body)
		}
		var told []string
		if list, ok := strings.CutPrefix(p.Next, "the parameters are "); ok {
			told = strings.Split(list, ", ")
		}
		slices.Sort(told)
		slices.Sort(names)
		if !slices.Equal(told, names) {
			t.Errorf("%s %s takes %q, and the document has %q", o.method, o.path, told, names)
		}
	}
}

// run sends the example request of an operation: what has an example is in it.
func (r *running) run(t testing.TB, o operation) (int, string, http.Header) {
	t.Helper()
	path, query, header := o.path, url.Values{}, bearerHeader(janeToken)
	if ways := o.node["security"].([]any); len(ways) == 1 && at(ways[0], "token") != nil {
		header = bearerHeader(readToken)
		if o.method != "GET" {
			header = bearerHeader(pushToken)
		}
	}
	if o.path == "/reviewers/report" {
		header = bearerHeader(rootToken)
	}
	for _, p := range o.parameters {
		if p["example"] == nil {
			if p["required"] == true {
				t.Errorf("%s %s: %v has no example", o.method, o.path, p["name"])
			}
			continue
		}
		name, value := p["name"].(string), fmt.Sprint(p["example"])
		switch p["in"] {
		case "path":
			if value == "UPLOAD" {
				value = r.upload(t)
			}
			path = strings.Replace(path, "{"+name+"}", url.PathEscape(value), 1)
		case "query":
			query.Set(name, value)
		case "header":
			header.Set(name, value)
		}
	}
	var body io.Reader
	for kind, content := range object(o.node, "requestBody", "content") {
		example := at(content, "example")
		text, is := example.(string)
		if !is {
			raw, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			text = string(raw)
		}
		body = strings.NewReader(text)
		header.Set("Content-Type", kind)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	if o.path == "/events" && query.Get("colour") == "" {
		resp, in := openEvents(t, r, janeToken, "?"+query.Encode())
		return resp.StatusCode, readEvents(t, in, 4), resp.Header
	}
	resp, text := r.do(t, o.method, base+path, header, body)
	return resp.StatusCode, text, resp.Header
}

// upload begins an upload and returns its name.
func (r *running) upload(t testing.TB) string {
	t.Helper()
	resp, body := r.do(t, "POST", base+"/builds?format=log&host=main&project=team/pay&job=unit&result=failed", bearerHeader(pushToken, "Upload-Complete", "?0"), nil)
	if resp.StatusCode != 201 {
		t.Fatalf("begin an upload: %d %s", resp.StatusCode, body)
	}
	return strings.TrimPrefix(resp.Header.Get("Location"), base+"/builds/uploads/")
}

// schemaOf makes a schema of the document one of its own.
func schemaOf(t testing.TB, doc, schema node) *jsonschema.Resolved {
	t.Helper()
	raw, err := json.Marshal(node{"$defs": object(doc, "components", "schemas"), "allOf": []any{schema}})
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), "#/components/schemas/", "#/$defs/")), &s); err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every example is what the server says, and what the schema allows.
func TestDocumentExamples(t *testing.T) {
	r := startAll(t)
	doc := readDocument(t)
	for _, o := range operations(doc) {
		name := o.method + " " + o.path
		code, body, header := r.run(t, o)
		answers := object(o.node, "responses")
		answer := resolved(doc, answers[strconv.Itoa(code)])
		if answer == nil || code >= 400 {
			t.Errorf("%s: %d %s, which is no answer of the example", name, code, body)
			continue
		}
		for kind := range object(answer, "content") {
			if got, _, _ := strings.Cut(header.Get("Content-Type"), ";"); got != kind {
				t.Errorf("%s: an answer of %s, want %s", name, got, kind)
			}
			content := object(answer, "content", kind)
			example := content["example"]
			switch kind {
			case "application/yaml":
				if body != string(openapi) {
					t.Errorf("%s: another document", name)
				}
			case "text/event-stream":
				if body+"event: reset\ndata: {}\n\n" != example && body != example {
					t.Errorf("%s: %q, want %q", name, body, example)
				}
			default:
				var got any
				if err := json.Unmarshal([]byte(body), &got); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(example, got); diff != "" {
					t.Errorf("%s (-document +server):\n%s\nwrite: %s", name, diff, body)
				}
				if err := schemaOf(t, doc, object(content, "schema")).Validate(got); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if object(answer, "content") == nil && body != "" {
			t.Errorf("%s: %s, want no body", name, body)
		}
	}
}

// problems are the answers that the document shows.
func problems() map[string]*problem {
	other := newProblem(http.StatusConflict, "another offset", "the upload is at byte 4096", "go on from there, as Upload-Offset says")
	other.Type = "https://iana.org/assignments/http-problem-types#mismatching-upload-offset"
	return map[string]*problem{
		"BadParameter":   badParameter([]string{"limit", "cursor", "fields", "host"}, "there is no parameter %.40q", "colour"),
		"NotProven":      refusal(&identity.RefusedError{Reason: identity.Expired}),
		"NoAccount":      refusal(&identity.RefusedError{Reason: identity.NoAccount}),
		"NoRight":        errNoRight,
		"NoRole":         errNoRole,
		"NoOwner":        errNotOwner,
		"NothingToShow":  errNotShown,
		"NoComponent":    errNoEntity,
		"NoProject":      errNoProject,
		"NoGerrit":       errNoHost,
		"NoUpload":       errNoUpload,
		"BadPage":        errBadPage,
		"BadEventID":     errBadAfter,
		"BadDays":        errBadDays,
		"BadMark":        errBadMark,
		"NoBuildToken":   errNoBuildToken,
		"TooOften":       errTooOften,
		"TooManyStreams": errManyStreams("this person has", 10),
		"Later":          errWaiting,
		"TooSlow":        errPushSlow,
		"TooLarge":       errPushLarge(64<<20, "as it is sent"),
		"Encoded":        errPushCoding,
		"NotTaken":       newProblem(http.StatusUnprocessableEntity, "not kept", "the note has more than 200 characters", "mend the request and send it again"),
		"UploadComplete": errComplete,
		"OtherOffset":    other,
		"NoParts":        errNoSpool,
		"NoPeople":       errNoPeople,
		"Internal":       errInternal,
		"NotNow":         errNoAnswer,
	}
}

// Every problem of the document is one of the server, under its own status.
func TestDocumentProblems(t *testing.T) {
	doc := readDocument(t)
	for name, p := range problems() {
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		content := object(doc, "components", "responses", name, "content", "application/problem+json")
		if diff := cmp.Diff(want, content["example"]); diff != "" {
			t.Errorf("%s (-server +document):\n%s", name, diff)
		}
		if at(content, "schema", "$ref") != "#/components/schemas/Problem" {
			t.Errorf("%s has another schema", name)
		}
		if got := at(doc, "components", "responses", name, "headers", "Retry-After") != nil; got != (p.retryAfter != "") {
			t.Errorf("%s: Retry-After is told of: %v", name, got)
		}
	}
	for name := range object(doc, "components", "responses") {
		if problems()[name] == nil && name != "NotModified" && name != "UploadState" {
			t.Errorf("%s is no problem of the server", name)
		}
	}
	for _, o := range operations(doc) {
		for code, answer := range object(o.node, "responses") {
			example := at(resolved(doc, answer), "content", "application/problem+json", "example", "status")
			if n, is := example.(float64); is != (code >= "400") || is && strconv.Itoa(int(n)) != code {
				t.Errorf("%s %s: %s has an example with status %v", o.method, o.path, code, example)
			}
		}
		if o.path != "/openapi.yaml" && at(o.node, "responses", "401") == nil {
			t.Errorf("%s %s: no 401", o.method, o.path)
		}
	}
}

// shapes are the types behind the schemas.
var shapes = map[string]reflect.Type{
	"Problem": reflect.TypeFor[problem](), "Me": reflect.TypeFor[meAnswer](), "Account": reflect.TypeFor[meAccount](),
	"Changes": reflect.TypeFor[changesAnswer](), "Change": reflect.TypeFor[board.Change](), "Person": reflect.TypeFor[board.Person](),
	"Label": reflect.TypeFor[board.Label](), "Vote": reflect.TypeFor[board.Vote](), "Submit": reflect.TypeFor[board.Submit](), "Requirement": reflect.TypeFor[board.Requirement](),
	"Brief": reflect.TypeFor[board.Brief](), "ChangeBuilds": reflect.TypeFor[board.ChangeBuilds](), "Detail": reflect.TypeFor[board.Detail](),
	"Summary": reflect.TypeFor[board.Full](), "Pick": reflect.TypeFor[board.Pick](), "FailedBuild": reflect.TypeFor[bot.FailedBuild](), "Place": reflect.TypeFor[review.Place](),
	"FileNote": reflect.TypeFor[review.Note](), "NotRead": reflect.TypeFor[review.NotRead](), "Outcome": reflect.TypeFor[board.Outcome](),
	"Activities": reflect.TypeFor[activityAnswer](), "Activity": reflect.TypeFor[board.Activity](),
	"Branches": reflect.TypeFor[branchesAnswer](), "Branch": reflect.TypeFor[board.Branch](),
	"BranchBuild": reflect.TypeFor[board.BranchBuild](), "BranchRun": reflect.TypeFor[board.BranchRun](),
	"Failures": reflect.TypeFor[failuresAnswer](), "Cluster": reflect.TypeFor[builds.Cluster](), "Odds": reflect.TypeFor[builds.Odds](),
	"Ruling": reflect.TypeFor[builds.Ruling](), "Failure": reflect.TypeFor[review.BuildFailure](), "LogLine": reflect.TypeFor[review.BuildLine](),
	"Builds": reflect.TypeFor[buildsAnswer](), "KeptBuild": reflect.TypeFor[bot.BuildAt](), "Build": reflect.TypeFor[review.Build](),
	"BuildTaken": reflect.TypeFor[BuildTaken](), "Mark": reflect.TypeFor[BuildMark](),
	"Report": reflect.TypeFor[reviewers.Report](), "ReportLine": reflect.TypeFor[reviewers.ReportLine](),
}

// optional are fields of requests that may be missing though the type always
// has them.
var optional = []string{"Mark note", "Mark link"}

// properties are the fields of a type in JSON and whether each is always there.
func properties(t reflect.Type) map[string]bool {
	out := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			maps.Copy(out, properties(f.Type))
		case name == "-" || !f.IsExported():
		default:
			if name == "" {
				name = f.Name
			}
			out[name] = !strings.HasPrefix(rest, "omit")
		}
	}
	return out
}

// flat are the properties of a schema and those that are required.
func flat(doc, schema node) (props node, required []string) {
	props = node{}
	schema = resolved(doc, schema)
	maps.Copy(props, object(schema, "properties"))
	list, _ := schema["required"].([]any)
	for _, name := range list {
		required = append(required, name.(string))
	}
	parts, _ := schema["allOf"].([]any)
	for _, part := range parts {
		p, r := flat(doc, part.(node))
		maps.Copy(props, p)
		required = append(required, r...)
	}
	return props, required
}

// Every property is a field, and every field a property.
func TestDocumentSchemas(t *testing.T) {
	doc := readDocument(t)
	schemas := object(doc, "components", "schemas")
	for name, schema := range schemas {
		shape, known := shapes[name]
		if !known {
			t.Errorf("there is no type behind %s", name)
			continue
		}
		want := properties(shape)
		props, required := flat(doc, schema.(node))
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(props))); diff != "" {
			t.Errorf("%s (-type +schema):\n%s", name, diff)
		}
		for field, always := range want {
			if slices.Contains(optional, name+" "+field) {
				always = false
			}
			if slices.Contains(required, field) != always {
				t.Errorf("%s.%s: required is %v, want %v", name, field, !always, always)
			}
		}
	}
	for name := range shapes {
		if schemas[name] == nil {
			t.Errorf("the document has no schema %s", name)
		}
	}
}

// refs collects what a document refers to.
func refs(n any, found map[string]bool) {
	switch n := n.(type) {
	case node:
		for k, v := range n {
			if s, is := v.(string); is && k == "$ref" {
				found[s] = true
			}
			refs(v, found)
		}
	case []any:
		for _, v := range n {
			refs(v, found)
		}
	}
}

func TestDocumentReferences(t *testing.T) {
	doc := readDocument(t)
	found := map[string]bool{}
	refs(doc, found)
	for ref := range found {
		if at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	}
	for kind, list := range object(doc, "components") {
		for name := range list.(node) {
			if ref := "#/components/" + kind + "/" + name; !found[ref] && kind != "securitySchemes" {
				t.Errorf("nothing refers to %s", ref)
			}
		}
	}
	schemes := map[string]bool{}
	for _, o := range operations(doc) {
		for _, s := range o.node["security"].([]any) {
			for name := range s.(node) {
				schemes[name] = true
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(object(doc, "components", "securitySchemes"))), slices.Sorted(maps.Keys(schemes))); diff != "" {
		t.Errorf("security schemes (-described +used):\n%s", diff)
	}
}

// The document is for everybody, and is told of once.
func TestDocumentIsServed(t *testing.T) {
	r := start(t, Options{})
	resp, body := r.do(t, "GET", documentPath, nil, nil)
	if resp.StatusCode != 200 || body != string(openapi) || resp.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	if resp, body := r.do(t, "GET", documentPath, http.Header{"If-None-Match": {resp.Header.Get("ETag")}}, nil); resp.StatusCode != 304 || body != "" {
		t.Errorf("again: %d", resp.StatusCode)
	}
}
