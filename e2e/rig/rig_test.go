// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestParseJavac(t *testing.T) {
	for _, tt := range []struct {
		out  string
		want int // 0 for an error
	}{
		{"javac 25.0.3\n", 25},
		{"javac 17.0.15\n", 17},
		{"javac 21\n", 21},
		{"javac 26-ea\n", 26},
		{"javac 1.8.0_292\n", 8},
		{"javac \n", 0},
		{"", 0},
		{"The command could not be found", 0},
	} {
		got, err := parseJavac(tt.out)
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("parseJavac(%q) = %d, %v, want %d", tt.out, got, err, tt.want)
		}
	}
}

func TestChangeNumber(t *testing.T) {
	for _, tt := range []struct {
		out  string
		want int
	}{
		{"remote:   http://127.0.0.1:1/c/demo/+/42 Retry payments [NEW]", 42},
		{"remote:   http://127.0.0.1:1/r/c/a/b/+/7 Subject /c/x/+/9 [WIP]", 9},
		{"remote: no new changes", 0},
	} {
		if got := changeNumber(tt.out); got != tt.want {
			t.Errorf("changeNumber(%q) = %d, want %d", tt.out, got, tt.want)
		}
	}
}

func TestPushTarget(t *testing.T) {
	bot := Account{Username: "helper"}
	for _, tt := range []struct {
		push Push
		want string
	}{
		{Push{}, "refs/for/refs/heads/main"},
		{Push{Branch: configRef}, "refs/for/refs/meta/config"},
		{Push{Private: true, Reviewers: []Account{bot}}, "refs/for/refs/heads/main%private,r=helper"},
		{Push{WIP: true, Topic: "a b", Hashtags: []string{"x"}}, "refs/for/refs/heads/main%wip,topic=a+b,hashtag=x"},
	} {
		if got := tt.push.target(); got != tt.want {
			t.Errorf("target of %+v is %q, want %q", tt.push, got, tt.want)
		}
	}
}

func TestTryReturnsFirstFailure(t *testing.T) {
	var trail []string
	cause := errors.New("no such change")
	err := Try(t.Context(), func(t T) {
		t.Cleanup(func() { trail = append(trail, "clean") })
		trail = append(trail, "work")
		t.Fatalf("read: %w", cause)
		trail = append(trail, "after")
	})
	if !errors.Is(err, cause) {
		t.Errorf("Try returned %v, want the cause", err)
	}
	if got := strings.Join(trail, " "); got != "work clean" {
		t.Errorf("ran %q, want work clean", got)
	}
	if err := Try(context.Background(), func(T) {}); err != nil {
		t.Errorf("Try of nothing returned %v", err)
	}
}

func TestFormOf(t *testing.T) {
	for _, tt := range []struct {
		name, page, action, fields string
		ok                         bool
	}{
		{"no form", "<p>Sorry</p>", "", "", false},
		{
			"sign in", `<form id="a" action="/sign-in?a=1&amp;b=2" method='post'><input name="username" value=''>
				<INPUT type="password" name="password"/><input type="checkbox" name="rememberMe" value="on"><button>Go</button></form>`,
			"/sign-in?a=1&b=2", "password=&username=", true,
		},
		{
			"sent by a script", `<body onload="document.forms[0].submit()"><FORM METHOD="POST" ACTION="http://127.0.0.1:1/endpoint">
				<input type="hidden" name="SAMLResponse" value="PHNhbWw+&#61;"><noscript><input type="submit" value="Continue"></noscript></FORM>`,
			"http://127.0.0.1:1/endpoint", "SAMLResponse=PHNhbWw%2B%3D", true,
		},
	} {
		action, fields, ok := formOf(tt.page)
		if action != tt.action || fields.Encode() != tt.fields || ok != tt.ok {
			t.Errorf("%s: formOf = %q, %q, %t; want %q, %q, %t", tt.name, action, fields.Encode(), ok, tt.action, tt.fields, tt.ok)
		}
	}
}

func TestAgain(t *testing.T) {
	for _, tt := range []struct {
		err  string // of each start
		want int    // starts
	}{
		{"", 1},
		{"no such file", 1},
		{"java.net.BindException: in use", 3},
		{"Error: listen EADDRINUSE: address already in use 127.0.0.1:1", 3},
		{"port 1 already bound", 3},
		{"bind: Address already in use", 3},
	} {
		starts := 0
		err := again(func() error {
			if starts++; tt.err != "" {
				return errors.New(tt.err)
			}
			return nil
		})
		if starts != tt.want || (err != nil) != (tt.err != "") {
			t.Errorf("%q: %d starts, %v; want %d", tt.err, starts, err, tt.want)
		}
	}
}
