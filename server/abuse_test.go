// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

// nextOf is the cursor in an answer.
func nextOf(t testing.TB, body string) string {
	t.Helper()
	var a struct {
		Next *string `json:"next"`
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil || a.Next == nil {
		t.Fatalf("no next in %s (%v)", body, err)
	}
	return *a.Next
}

func TestPages(t *testing.T) {
	r := startPeople(t, &wall{}, newPeople(), Options{})
	var ids []string
	for path := payChanges + "?limit=1"; ; {
		resp, body := r.get(t, joeToken, path+"&fields=id")
		if resp.StatusCode != 200 {
			t.Fatalf("%d %s", resp.StatusCode, body)
		}
		var a struct {
			Changes []struct{ ID string }
			Next    *string
		}
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Changes {
			ids = append(ids, c.ID)
		}
		if a.Next == nil {
			break
		}
		path = payChanges + "?limit=1&cursor=" + *a.Next
	}
	if want := []string{"main/secret~9", "main/team/pay~7", "main/team/pay~6"}; !slices.Equal(ids, want) {
		t.Errorf("pages have %q, want %q", ids, want)
	}
}

// A cursor serves nobody else, nothing else and not for ever, and the answer
// does not tell why.
func TestForeignCursors(t *testing.T) {
	now := noon
	p := newPeople()
	w := &wall{long: true}
	r := startPeople(t, w, p, Options{Now: func() time.Time { return now }})
	_, body := r.get(t, janeToken, payChanges+"?limit=1")
	jane := nextOf(t, body)
	_, body = r.get(t, joeToken, payChanges+"?limit=1")
	joe := nextOf(t, body)
	_, body = r.get(t, janeToken, "/me/reviews?limit=1")
	reviews := nextOf(t, body)
	if len(jane) > maxCursor {
		t.Errorf("a cursor has %d bytes", len(jane))
	}
	if resp, body := r.get(t, janeToken, payChanges+"?limit=2&fields=id&order=updated&status=open&cursor="+jane); resp.StatusCode != 200 {
		t.Errorf("her own: %d %s", resp.StatusCode, body)
	}
	raw, err := base64.RawURLEncoding.DecodeString(jane)
	if err != nil {
		t.Fatal(err)
	}
	payload := raw[:len(raw)-cursorMAC]
	other := cursors{[]byte(strings.Repeat("k", 32))}
	bound := boundTo(p.by[janeToken], "/api/v1/components/:kind/:namespace/:name/changes", "component:default/pay", "", "open", "updated", "", "")
	if _, err := (cursors{[]byte(cursorKey)}).open(jane, noon, bound); err != nil {
		t.Fatalf("a cursor is bound to something else: %v", err)
	}
	forged, err := other.seal(board.Page{Skip: 1}, noon, bound)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Clone(raw)
	altered[4] ^= 1
	type use struct{ name, token, path string }
	uses := []use{
		{"joe's", janeToken, payChanges + "?cursor=" + joe},
		{"jane's to joe", joeToken, payChanges + "?cursor=" + jane},
		{"jane's to root", rootToken, payChanges + "?cursor=" + jane},
		{"another route", janeToken, "/me/reviews?cursor=" + jane},
		{"of another route", janeToken, payChanges + "?cursor=" + reviews},
		{"another list", janeToken, "/components/component/default/pay/activity?cursor=" + jane},
		{"another component", janeToken, "/components/component/default/other/changes?cursor=" + jane},
		{"another status", janeToken, payChanges + "?status=all&cursor=" + jane},
		{"another order", janeToken, payChanges + "?order=urgent&cursor=" + jane},
		{"another branch", janeToken, payChanges + "?branch=main&cursor=" + jane},
		{"another search", janeToken, payChanges + "?search=retry&cursor=" + jane},
		{"another host", janeToken, payChanges + "?host=main&cursor=" + jane},
		{"another key", janeToken, payChanges + "?cursor=" + forged},
		{"altered", janeToken, payChanges + "?cursor=" + base64.RawURLEncoding.EncodeToString(altered)},
		{"without its end", janeToken, payChanges + "?cursor=" + jane[:len(jane)-4]},
		{"payload alone", janeToken, payChanges + "?cursor=" + base64.RawURLEncoding.EncodeToString(payload)},
		{"padded", janeToken, payChanges + "?cursor=" + jane + "%3D"},
		{"no base64", janeToken, payChanges + "?cursor=../../etc"},
		{"long", janeToken, payChanges + "?cursor=" + strings.Repeat("A", maxCursor+1)},
	}
	want, err := json.Marshal(errBadCursor)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(u use) {
		t.Helper()
		if resp, body := r.get(t, u.token, u.path); resp.StatusCode != 400 || body != string(want) {
			t.Errorf("%s: %d %s", u.name, resp.StatusCode, body)
		}
	}
	for _, u := range uses {
		refused(u)
	}
	// Her account is another one now.
	p.mu.Lock()
	v := p.by[janeToken]
	v.Accounts = map[string]review.Account{"main": {ID: 77}}
	p.by["moved"] = v
	p.mu.Unlock()
	refused(use{"another account", "moved", payChanges + "?cursor=" + jane})
	now = noon.Add(cursorAge + time.Second)
	p.mu.Lock()
	v = p.by[janeToken]
	v.Until = now.Add(time.Hour)
	p.by[janeToken] = v
	p.mu.Unlock()
	refused(use{"old", janeToken, payChanges + "?cursor=" + jane})
}

// No two bindings look alike, however their parts are cut.
func TestCursorBinding(t *testing.T) {
	k := cursors{[]byte(cursorKey)}
	s, err := k.seal(board.Page{After: 5}, noon, []string{"ab", "c"})
	if err != nil {
		t.Fatal(err)
	}
	for _, bound := range [][]string{{"a", "bc"}, {"abc"}, {"ab", "c", ""}, {"", "ab", "c"}, nil} {
		if _, err := k.open(s, noon, bound); err == nil {
			t.Errorf("%q opens a cursor of ab, c", bound)
		}
	}
	if p, err := k.open(s, noon, []string{"ab", "c"}); err != nil || p.After != 5 {
		t.Errorf("open() = %v, %v", p, err)
	}
}

func TestTags(t *testing.T) {
	p := newPeople()
	r := startPeople(t, &wall{}, p, Options{})
	// Both see the same here: the tags differ all the same.
	p.by["twin"] = func() review.Viewer { v := p.by[janeToken]; v.Subject = "twin"; return v }()
	const path = "/changes/main/team/pay~7"
	resp, body := r.get(t, janeToken, path)
	tag := resp.Header.Get("ETag")
	twin, twinBody := r.get(t, "twin", path)
	if body != twinBody || tag == twin.Header.Get("ETag") || !strings.HasPrefix(tag, `"`) {
		t.Errorf("tags %s and %s of the same body", tag, twin.Header.Get("ETag"))
	}
	for _, tt := range []struct {
		token string
		match []string
		code  int
	}{
		{janeToken, []string{tag}, 304},
		{janeToken, []string{"W/" + tag}, 304},
		{janeToken, []string{`"x", ` + tag}, 304},
		{janeToken, []string{`"x"`, `W/"y" , ` + tag}, 304},
		{janeToken, []string{"*"}, 304},
		{janeToken, []string{`"*"`}, 200},
		{janeToken, []string{strings.Trim(tag, `"`)}, 200},
		{janeToken, []string{`"x"`}, 200},
		{janeToken, []string{""}, 200},
		{janeToken, []string{twin.Header.Get("ETag")}, 200},
		{"twin", []string{tag}, 200},
		{joeToken, []string{tag}, 200},
		{"nobody", []string{tag}, 401},
		{"nobody", []string{"*"}, 401},
	} {
		h := bearerHeader(tt.token)
		h["If-None-Match"] = tt.match
		resp, body := r.do(t, "GET", base+path, h, nil)
		if resp.StatusCode != tt.code || tt.code == 304 && (body != "" || resp.Header.Get("ETag") != tag || resp.Header.Get("Cache-Control") != "private, no-cache" || resp.Header.Get("Vary") == "") {
			t.Errorf("%s, If-None-Match %q: %d %v", tt.token, tt.match, resp.StatusCode, resp.Header)
		}
	}
	// What is no longer shown is not confirmed either.
	if resp, _ := r.get(t, rootToken, path, "If-None-Match", "*"); resp.StatusCode != 404 {
		t.Errorf("a change that is not shown: %d", resp.StatusCode)
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	r := startPeople(t, &wall{}, newPeople(), Options{})
	for _, path := range []string{"/me", "/me/reviews", "/changes/main/team/pay~7", payChanges, payChanges + "/main/team/pay~7", "/components/component/default/pay/activity", "/components/component/default/pay/failures", "/components/component/default/pay/branches", "/openapi.yaml", "/changes/main/secret~9", "/nothing"} {
		get, body := r.get(t, janeToken, path)
		head, none := r.do(t, "HEAD", base+path, bearerHeader(janeToken), nil)
		if head.StatusCode != get.StatusCode || none != "" || head.Header.Get("ETag") != get.Header.Get("ETag") || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") ||
			get.StatusCode == 200 && head.ContentLength != int64(len(body)) {
			t.Errorf("HEAD %s: %d %v, GET %d %v", path, head.StatusCode, head.Header, get.StatusCode, get.Header)
		}
	}
}

func TestHeadersAreNotSmuggled(t *testing.T) {
	r := startPeople(t, &wall{}, newPeople(), Options{})
	for name, tt := range map[string]struct {
		header http.Header
		query  string
		reason string
	}{
		"nothing":              {reason: "no-token"},
		"token in the query":   {query: "?access_token=" + janeToken + "&token=" + janeToken, reason: "no-token"},
		"basic":                {header: http.Header{"Authorization": {"Basic amFuZTpqYW5l"}}, reason: "no-token"},
		"scheme alone":         {header: http.Header{"Authorization": {"Bearer"}}, reason: "no-token"},
		"spaces":               {header: http.Header{"Authorization": {"Bearer    "}}, reason: "no-token"},
		"two headers":          {header: http.Header{"Authorization": {"Bearer " + janeToken, "Bearer " + joeToken}}, reason: "token-malformed"},
		"the same twice":       {header: http.Header{"Authorization": {"Bearer " + janeToken, "Bearer " + janeToken}}, reason: "token-malformed"},
		"two in one":           {header: http.Header{"Authorization": {"Bearer " + janeToken + ", Bearer " + joeToken}}, reason: "token-malformed"},
		"comma":                {header: http.Header{"Authorization": {"Bearer " + janeToken + "," + joeToken}}, reason: "token-malformed"},
		"bytes beyond ASCII":   {header: http.Header{"Authorization": {"Bearer j\xc3\xa4ne"}}, reason: "token-malformed"},
		"long":                 {header: http.Header{"Authorization": {"Bearer " + strings.Repeat("x", maxBearer+1)}}, reason: "token-too-large"},
		"two persons":          {header: http.Header{"Authorization": {"Bearer " + portalToken}, HeaderPerson: {"user:default/jane", "user:default/joe"}}, reason: "service-person"},
		"two persons in one":   {header: http.Header{"Authorization": {"Bearer " + portalToken}, HeaderPerson: {"user:default/jane,user:default/joe"}}, reason: "service-person"},
		"empty person":         {header: http.Header{"Authorization": {"Bearer " + portalToken}, HeaderPerson: {""}}, reason: "service-person"},
		"person with spaces":   {header: http.Header{"Authorization": {"Bearer " + portalToken}, HeaderPerson: {"user:default/jane user:default/joe"}}, reason: "service-person"},
		"overlong person":      {header: http.Header{"Authorization": {"Bearer " + portalToken}, HeaderPerson: {"user:default/" + strings.Repeat("j", maxPerson)}}, reason: "service-person"},
		"person beyond ASCII":  {header: http.Header{"Authorization": {"Bearer " + portalToken}, HeaderPerson: {"user:default/j\xff"}}, reason: "service-person"},
		"person without token": {header: http.Header{HeaderPerson: {"user:default/jane"}}, reason: "no-token"},
	} {
		resp, body := r.do(t, "GET", base+"/me"+tt.query, tt.header, nil)
		if resp.StatusCode != 401 || !strings.Contains(body, `"reason":"`+tt.reason+`"`) || strings.Contains(body, "jane") {
			t.Errorf("%s: %d %s, want %s", name, resp.StatusCode, body, tt.reason)
		}
	}
	// What the client library would not send.
	for name, head := range map[string]string{
		"newline in the person": "Authorization: Bearer " + portalToken + "\r\n" + HeaderPerson + ": user:default/joe\r\n user:default/jane",
		"spelt otherwise twice": "authorization: Bearer " + janeToken + "\r\nAUTHORIZATION: Bearer " + joeToken,
		"huge":                  "Authorization: Bearer " + janeToken + "\r\nX-Filler: " + strings.Repeat("x", 64<<10),
	} {
		if code, body := raw(t, r, "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+head+"\r\n\r\n"); code < 400 || code > 431 {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	for _, scheme := range []string{"bearer", "BEARER", "BeArEr"} {
		if resp, _ := r.do(t, "GET", base+"/me", http.Header{"Authorization": {scheme + " " + janeToken}}, nil); resp.StatusCode != 200 {
			t.Errorf("%s: %d", scheme, resp.StatusCode)
		}
	}
}

// raw sends bytes and returns what comes back.
func raw(t testing.TB, r *running, request string) (int, string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(c, request) }()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body) // a broken end is fine here
	return resp.StatusCode, string(body)
}

func TestMethods(t *testing.T) {
	w := &wall{}
	r := startPeople(t, w, newPeople(), Options{})
	for _, path := range []string{"/me", "/me/reviews", "/changes/main/team/pay~7", payChanges, "/openapi.yaml"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"} {
			resp, body := r.do(t, method, base+path, bearerHeader(janeToken), nil)
			if resp.StatusCode != 405 || resp.Header.Get("Allow") != "GET, HEAD" || !strings.Contains(body, `"status":405`) || resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s: %d %q %s", method, path, resp.StatusCode, resp.Header.Get("Allow"), body)
			}
		}
	}
	if resp, _ := r.do(t, "OPTIONS", base+"/nothing", http.Header{"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"GET"}}, nil); resp.StatusCode != 404 || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a preflight: %d %v", resp.StatusCode, resp.Header)
	}
	h := bearerHeader(janeToken, "X-HTTP-Method-Override", "DELETE", "X-Method-Override", "DELETE", "Range", "bytes=0-1", "X-Original-URL", "/api/v1/changes/main/secret~9", "X-Rewrite-URL", "/metrics", "Origin", "https://evil.example")
	resp, body := r.do(t, "GET", base+"/me?", h, strings.NewReader(`{"subject":"joe"}`))
	if resp.StatusCode != 200 || !strings.Contains(body, `"subject":"jane"`) || resp.Header.Get("Content-Range") != "" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %s %v", resp.StatusCode, body, resp.Header)
	}
}

func TestPathTricks(t *testing.T) {
	w := &wall{}
	r := startPeople(t, w, newPeople(), Options{})
	long := strings.Repeat("a", 10<<10)
	for _, path := range []string{
		"/changes/main/team/../secret~9", "/changes/main/team/%2e%2e/secret~9", "/changes/main%2Fteam%2F..%2Fsecret~9", "/changes/main/./secret~9",
		"/changes/main/team/%252e%252e/secret~9", "/changes/main%252Fsecret~9", "/changes/main//secret~9", "/changes/main/secret~9/", "/changes//main/secret~9",
		"/changes/main/secret~9%00", "/changes/main/secret%00~9", "/changes/main/sec%ffret~9", "/changes/main/sec%0aret~9", "/changes/main/secret~09", "/changes/main/secret~+9",
		"/changes/main/secret~-9", "/changes/main/secret~9~9", "/changes/main/secret~99999999999999999999", "/changes/main/secret~0", "/changes/main/secret", "/changes/main", "/changes/",
		"/changes/main/..~9", "/changes/main/.~9", "/changes/main/*~9", "/changes/main/sec%3Fret~9", "/changes/main/s%5Cecret~9", "/changes/" + long + "~1", "/changes/main/" + long + "~1",
		"/components/component/default/..%2F..%2Fme/changes", "/components/component/default/%2e%2e/changes", "/components/component/default/pay%2Fx/changes", "/components/component/default/pay%252Fx/changes",
		"/components/component/default/pa%00y/changes", "/components/component/default/pa%ffy/changes", "/components/component/default/" + long + "/changes", "/components/component//pay/changes",
		"/components/comp%3Aonent/default/pay/changes", "/components/component/default/pay/changes/", "/components/component/default/pay//changes",
		payChanges + "/main/team/../secret~9", payChanges + "/main/team/%2e%2e/secret~9", payChanges + "/main//secret~9", payChanges + "/main/secret",
		"/components/component/default%2Fpay/changes/main/secret~9", "/components/component/default/pay%2Fchanges/changes/main/secret~9",
		"//me", "/me/", "/./me", "/%6de", "/me%2Freviews", "/me%00", "/ME",
	} {
		code, body := raw(t, r, "GET /api/v1"+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+joeToken+"\r\n\r\n")
		if code != 400 && code != 404 || strings.Contains(body, "secret~9") || strings.Contains(body, "aaaa") {
			t.Errorf("%.80s: %d %.300s", path, code, body)
		}
	}
	for _, path := range []string{"/api/v1/../v1/me", "//api/v1/me", "/api//v1/me", "/api/v1%2Fme", "/hooks/../api/v1/me"} {
		if code, body := raw(t, r, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+joeToken+"\r\n\r\n"); code != 404 {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if len(w.asked) != 0 {
		t.Errorf("the board was asked: %q", w.asked)
	}
	// The one segment, in each spelling of its characters.
	for _, path := range []string{"/changes/main%2fteam%2Fpay~7", "/changes/main/team/p%61y~7", "/changes/%6Dain/team%2Fpay%7E7", payChanges + "/main%2fteam/p%61y~7"} {
		if resp, body := r.get(t, janeToken, path); resp.StatusCode != 200 {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}

func TestPanicShowsNothing(t *testing.T) {
	r := startPeople(t, &wall{boom: true}, newPeople(), Options{})
	for _, path := range []string{"/me/reviews", "/changes/main/team/pay~7", "/events"} {
		resp, body := r.get(t, janeToken, path)
		if resp.StatusCode != 500 || !strings.Contains(body, `"title":"internal error"`) || strings.Contains(body, "PRIVATE") || strings.Contains(body, ".go") || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	if log := r.log.String(); strings.Contains(log, "PRIVATE") || !strings.Contains(log, "panic in a handler") {
		t.Errorf("log: %s", log)
	}
	if n := r.streams.count(); n != 0 {
		t.Errorf("%d streams are counted", n)
	}
}

// At the same time, with each other's tags, and from one connection to the
// next: nobody is given what is another's.
func TestNobodyGetsAnothersAnswer(t *testing.T) {
	p := newPeople()
	const crowd = 8
	tokens := make([]string, crowd)
	for i := range tokens {
		tokens[i] = fmt.Sprintf("crowd.%d.x", i)
		p.by[tokens[i]] = person(fmt.Sprintf("p%d", i), int64(1+i%2)) // as jane, or as joe
	}
	r := startPeople(t, &wall{}, p, Options{})
	var tags sync.Map
	var wg sync.WaitGroup
	for i, token := range tokens {
		wg.Go(func() {
			for n := range 40 {
				h := bearerHeader(token)
				tags.Range(func(tag, owner any) bool {
					if owner != token {
						h.Add("If-None-Match", tag.(string))
					}
					return true
				})
				me, who := r.do(t, "GET", base+"/me", h, nil)
				list, rows := r.do(t, "GET", base+payChanges, h, nil)
				if me.StatusCode != 200 || !strings.Contains(who, fmt.Sprintf(`"subject":"p%d"`, i)) || list.StatusCode != 200 || strings.Contains(rows, "secret") != (i%2 == 1) {
					t.Errorf("request %d of %s: %d %s, %d", n, token, me.StatusCode, who, list.StatusCode)
				}
				tags.Store(me.Header.Get("ETag"), token)
				tags.Store(list.Header.Get("ETag"), token)
			}
		})
	}
	wg.Wait()
}

// A proof that ended lets nobody in, whatever who checks it says.
func TestEndedProof(t *testing.T) {
	p := newPeople()
	for name, change := range map[string]func(*review.Viewer){
		"ended":           func(v *review.Viewer) { v.Until = noon },
		"without an end":  func(v *review.Viewer) { v.Until = time.Time{} },
		"without issuer":  func(v *review.Viewer) { v.Issuer = "" },
		"without subject": func(v *review.Viewer) { v.Subject = "" },
	} {
		v := person("jane", 1)
		change(&v)
		p.by["odd"] = v
		r := startPeople(t, &wall{}, p, Options{})
		if resp, body := r.get(t, "odd", "/me"); resp.StatusCode != 401 {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}

// Only what can be read in one way is an id, and reading it back gives the same.
func FuzzParseChange(f *testing.F) {
	for _, s := range []string{"main/team/pay~7", "main%2Fteam%2Fpay~7", "main/%2e%2e/x~1", "main/a%00~1", "a/b~c~1", "%zz", "main/\xff~1", "~1", "/~1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := parseChange(s)
		if err != nil {
			return
		}
		back, err := parseChange(strings.ReplaceAll(id.String(), "/", "%2F"))
		if err != nil || back != id {
			t.Errorf("parseChange(%q) = %v, and again %v, %v", s, id, back, err)
		}
		if strings.Contains("/"+id.Project+"/", "/../") || strings.Contains(id.Project, "//") || !line(id.String()) || id.Number <= 0 {
			t.Errorf("parseChange(%q) = %v", s, id)
		}
	})
}

func FuzzOpenCursor(f *testing.F) {
	k := cursors{[]byte(cursorKey)}
	bound := []string{"route", "issuer", "subject"}
	good, err := k.seal(board.Page{Before: noon, Skip: 3}, noon, bound)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:10])
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := k.open(s, noon, bound)
		if (err == nil) != (s == good) {
			t.Errorf("open(%q) = %v, %v", s, p, err)
		}
	})
}

func FuzzParseFields(f *testing.F) {
	for _, s := range []string{"", "id", "id,host,id", ",", "owner.name", "id,\x00"} {
		f.Add(s)
	}
	known := fieldsOf[board.Change]()
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseFields(s, known)
		if err == nil && s != "" && (len(got) == 0 || len(got) > len(known)) {
			t.Errorf("parseFields(%q) = %q", s, got)
		}
		for _, name := range got {
			if !slices.Contains(known, name) {
				t.Errorf("parseFields(%q) has %q", s, name)
			}
		}
		if err != nil && len(fmt.Sprint(err)) > 100 {
			t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
		}
	})
}
