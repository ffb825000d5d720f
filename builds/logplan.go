// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// LogKind says what an address of a [LogStep] answers with.
type LogKind string

// The kinds.
const (
	LogText LogKind = "text" // the log itself
	LogZuul LogKind = "zuul" // Zuul's JSON of a build, which names where its files are
	LogBot  LogKind = "buildbot"
)

// LogStep is one request on the way to a log. Nothing of it is trusted: the
// caller asks allow-listed hosts only.
type LogStep struct {
	URL  string
	Kind LogKind
}

// MaxLogIndex is how much of an answer that is no log has to be read, in bytes.
const MaxLogIndex = 4 << 20

// LogURLs returns where the log of a run may be, the best first; another is
// for when there is nothing at the one before. It returns nothing for a run
// without a page, and for pages that show a log to browsers only.
func LogURLs(r Run) []LogStep {
	u, err := url.Parse(r.URL)
	if err != nil || pageURL(r.URL) == "" {
		return nil
	}
	for _, p := range logPlans {
		if p.source == "" || p.source == r.Source {
			if steps := p.plan(u); steps != nil {
				return steps
			}
		}
	}
	if r.Source == "luci" {
		return nil
	}
	return []LogStep{{bare(u), LogText}}
}

// logPlans are asked in this order; "" stands for any source.
var logPlans = []struct {
	source string
	plan   func(u *url.URL) []LogStep
}{
	{"", planZuulBuild},
	{"", planBuildbot},
	{"", planJenkins},
	{"zuul", planZuulFiles},
}

var (
	// The page of a build, with the tenant unless the server has only one
	// (zuul-ci.org/docs/zuul/latest/howtos/manage-zuul: white-label).
	zuulBuild = regexp.MustCompile(`^(.*?)(/t/[^/]+)?/build/([0-9a-f]{32})$`)
	// The page of a build in Buildbot's web interface is a fragment.
	buildbotBuild = regexp.MustCompile(`^/?builders/([\w.%+-]+)/builds/(\d+)`)
	jenkinsBuild  = regexp.MustCompile(`^(.*/job/[^/]+(?:/[^/]*=[^/]*)?/\d+)(?:/.*)?$`)
)

func planZuulBuild(u *url.URL) []LogStep {
	f := zuulBuild.FindStringSubmatch(strings.TrimSuffix(u.EscapedPath(), "/"))
	if f == nil {
		return nil
	}
	tenant := ""
	if f[2] != "" {
		tenant = "/tenant" + strings.TrimPrefix(f[2], "/t")
	}
	return []LogStep{{root(u) + f[1] + "/api" + tenant + "/build/" + f[3], LogZuul}}
}

// planZuulFiles is for a Zuul that links its jobs to the directory of their files.
func planZuulFiles(u *url.URL) []LogStep {
	if !strings.HasSuffix(u.Path, "/") || u.RawQuery != "" {
		return nil
	}
	return zuulFiles(bare(u))
}

func zuulFiles(dir string) []LogStep {
	return []LogStep{{dir + "job-output.txt", LogText}, {dir + "job-output.txt.gz", LogText}}
}

func planJenkins(u *url.URL) []LogStep {
	f := jenkinsBuild.FindStringSubmatch(u.EscapedPath())
	if f == nil {
		return nil
	}
	return []LogStep{{root(u) + f[1] + "/consoleText", LogText}}
}

// planBuildbot asks for the steps of a build (docs.buildbot.net: REST API, step).
func planBuildbot(u *url.URL) []LogStep {
	f := buildbotBuild.FindStringSubmatch(u.EscapedFragment())
	if f == nil {
		return nil
	}
	return []LogStep{{root(u) + strings.TrimSuffix(u.EscapedPath(), "/") + "/api/v2/builders/" + f[1] + "/builds/" + f[2] + "/steps", LogBot}}
}

func root(u *url.URL) string { return u.Scheme + "://" + u.Host }

// bare is the address without a fragment.
func bare(u *url.URL) string {
	v := *u
	v.Fragment, v.RawFragment = "", ""
	return v.String()
}

// Next reads the answer to a step that is no log, and returns what to ask then.
// An answer above [MaxLogIndex] is refused.
func (s LogStep) Next(body []byte) ([]LogStep, error) {
	if len(body) > MaxLogIndex {
		return nil, fmt.Errorf("read where the log is: the answer has more than %d bytes", MaxLogIndex)
	}
	switch s.Kind {
	case LogZuul:
		return nextZuul(body)
	case LogBot:
		return s.nextBuildbot(body)
	}
	return nil, nil
}

func nextZuul(body []byte) ([]LogStep, error) {
	var build struct {
		LogURL string `json:"log_url"`
	}
	if err := json.Unmarshal(body, &build); err != nil {
		return nil, fmt.Errorf("read a build of Zuul: %w", err)
	}
	if build.LogURL == "" {
		return nil, nil // it kept none
	}
	u, err := url.Parse(build.LogURL)
	if err != nil || pageURL(build.LogURL) == "" || u.RawQuery != "" {
		return nil, fmt.Errorf("read a build of Zuul: log_url is no plain address")
	}
	return zuulFiles(strings.TrimSuffix(bare(u), "/") + "/"), nil
}

// Buildbot's numbers for how a step ended (master/buildbot/process/results.py).
const (
	buildbotFailure   = 2
	buildbotException = 4
)

// nextBuildbot takes the log of the first step that failed.
func (s LogStep) nextBuildbot(body []byte) ([]LogStep, error) {
	var answer struct {
		Steps []struct {
			Number  int  `json:"number"`
			Results *int `json:"results"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the steps of a build of Buildbot: %w", err)
	}
	failed := -1
	for _, step := range answer.Steps {
		bad := step.Results != nil && slices.Contains([]int{buildbotFailure, buildbotException}, *step.Results)
		if bad && step.Number >= 0 && (failed < 0 || step.Number < failed) {
			failed = step.Number
		}
	}
	if failed < 0 {
		return nil, nil
	}
	return []LogStep{{s.URL + "/" + strconv.Itoa(failed) + "/logs/stdio/raw", LogText}}, nil
}
