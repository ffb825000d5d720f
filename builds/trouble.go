// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"strings"

	"review-assistant/review"
)

// phrase is what a tool says, lower case, and which tool does.
type phrase struct{ text, by string }

// ciPhrases are messages about the machine, the network or what is fetched: no
// line of a change is meant.
var ciPhrases = []phrase{
	{"could not resolve host", "curl(1), CURLE_COULDNT_RESOLVE_HOST; git over https says the same"},
	{"temporary failure in name resolution", "getaddrinfo(3), EAI_AGAIN"},
	{"no such host", "Go net.DNSError"},
	{"unknownhostexception", "java.net"},
	{"no space left on device", "errno(3), ENOSPC"},
	{"disk quota exceeded", "errno(3), EDQUOT"},
	{"no route to host", "errno(3), EHOSTUNREACH"},
	{"network is unreachable", "errno(3), ENETUNREACH"},
	{"connection timed out", "errno(3), ETIMEDOUT; ssh(1)"},
	{"read-only file system", "errno(3), EROFS"},
	{"input/output error", "errno(3), EIO"},
	{"cannot allocate memory", "errno(3), ENOMEM"},
	{"tls handshake timeout", "Go net/http"},
	{"cannot connect to the docker daemon", "docker(1)"},
	{"toomanyrequests", "Docker Hub's error code for its pull limit"},
	{"too many requests", "HTTP 429, RFC 6585"},
	{"502 bad gateway", "HTTP, RFC 9110"},
	{"503 service unavailable", "HTTP, RFC 9110"},
	{"504 gateway time", "HTTP, RFC 9110 (Gateway Timeout)"},
	{"http 502", "HTTP, RFC 9110"},
	{"http 503", "HTTP, RFC 9110"},
	{"http 504", "HTTP, RFC 9110"},
	{"early eof", "git index-pack, of a transfer that broke off"},
	{"index-pack failed", "git fetch-pack"},
	{"the remote end hung up unexpectedly", "git's transport"},
	{"went offline during the build", "Jenkins, hudson.model"},
	{"slave went offline", "Jenkins before 2.200"},
	{"remote call on", "Jenkins remoting, ChannelClosedException"},
	{"channelclosedexception", "Jenkins remoting"},
	{"retry_limit", "Zuul: the node failed before the job each time"},
	{"node_failure", "Zuul: no node came"},
	{"the runner has received a shutdown signal", "GitHub Actions"},
	{"lost communication with the server", "GitHub Actions"},
	{"runner system failure", "GitLab Runner"},
	{"imagepullbackoff", "Kubernetes"},
	{"errimagepull", "Kubernetes"},
}

// timePhrases are messages about waiting in vain or about what another process
// holds: they come from the code as well as from a slow machine.
var timePhrases = []phrase{
	{"timed out", "most tools"},
	{"timeout", "most tools"},
	{"time out", "most tools"},
	{"deadline exceeded", "Go context, gRPC"},
	{"address already in use", "errno(3), EADDRINUSE"},
	{"connection reset", "errno(3), ECONNRESET"},
	{"connection refused", "errno(3), ECONNREFUSED"},
	{"not clickable at point", "Selenium, ElementClickInterceptedException"},
	{"stale element reference", "Selenium, StaleElementReferenceException"},
	{"resource temporarily unavailable", "errno(3), EAGAIN"},
	{"text file busy", "errno(3), ETXTBSY"},
	{"deadlock", "databases, of two that wait for each other"},
}

// speaksOfCI reports whether a failure is about the CI by its own words.
func speaksOfCI(f review.BuildFailure) bool {
	return f.Category == string(KindInfra) || saysOneOf(f.Message, ciPhrases)
}

// speaksOfTime reports whether a failure is about waiting in vain.
func speaksOfTime(f review.BuildFailure) bool {
	return f.Category == string(KindTimeout) || saysOneOf(f.Message, timePhrases)
}

func saysOneOf(message string, list []phrase) bool {
	message = strings.ToLower(message)
	for _, p := range list {
		if strings.Contains(message, p.text) {
			return true
		}
	}
	return false
}
