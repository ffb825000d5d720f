// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"review-assistant/review"
)

// Metrics are the figures of the whole bot. The other packages take plain
// functions, which cmd fills with these methods, so that only this one knows
// Prometheus. Names are bot_<noun>_<unit>; every label is bounded.
type Metrics struct {
	registry *prometheus.Registry

	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	panics         prometheus.Counter
	events         *prometheus.CounterVec
	jobs           *prometheus.CounterVec
	jobSeconds     *prometheus.HistogramVec
	outcomes       *prometheus.CounterVec
	postSeconds    prometheus.Histogram
	modelCalls     *prometheus.CounterVec
	modelTokens    *prometheus.CounterVec
	gerritCalls    *prometheus.CounterVec
	gerritSeconds  *prometheus.HistogramVec
	redactions     *prometheus.CounterVec
	told           *prometheus.CounterVec
	builds         *prometheus.CounterVec
	refused        *prometheus.CounterVec

	labels labels
}

// Buckets: an answer takes milliseconds, a job waits for a model, and a post
// for the debounce, the queue and retries too.
var (
	answerBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5}
	workBuckets   = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
	delayBuckets  = []float64{.05, .25, 1, 5, 10, 15, 30, 60, 120, 300, 1200, 3600}
)

// NewMetrics returns metrics with a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry:       prometheus.NewRegistry(),
		requests:       counters("bot_http_requests_total", "Requests by route and status.", "route", "code"),
		requestSeconds: histograms("bot_http_request_seconds", "Time to answer a request.", answerBuckets, "route"),
		panics:         prometheus.NewCounter(prometheus.CounterOpts{Name: "bot_panics_total", Help: "Panics in handlers."}),
		events:         counters("bot_events_total", "Webhooks by event type and result.", "type", "result"),
		jobs:           counters("bot_jobs_total", "Jobs by kind and result.", "kind", "result"),
		jobSeconds:     histograms("bot_job_seconds", "Time of one attempt at a job.", workBuckets, "kind"),
		outcomes:       counters("bot_outcomes_total", "Patch sets by project, verdict and reason.", "project", "verdict", "reason"),
		postSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "bot_post_delay_seconds", Help: "Time from the first hint to the post.", Buckets: delayBuckets,
		}),
		modelCalls:    counters("bot_model_calls_total", "Model calls by profile and result.", "profile", "result"),
		modelTokens:   counters("bot_model_tokens_total", "Tokens by profile and direction.", "profile", "direction"),
		gerritCalls:   counters("bot_gerrit_calls_total", "Calls to Gerrit by route and status class.", "host", "method", "route", "class"),
		gerritSeconds: histograms("bot_gerrit_call_seconds", "Time of a call to Gerrit.", workBuckets, "host", "route"),
		redactions:    counters("bot_redactions_total", "Redactions before a model read, by kind.", "kind"),
		told:          counters("bot_told_secrets_total", "Leaked secrets that were told to authors, by kind.", "kind"),
		builds:        counters("bot_builds_pushed_total", "Builds that were pushed, by what became of them.", "result"),
		refused:       counters("bot_api_refused_total", "Requests of people who were not let in, by reason.", "reason"),
	}
	m.registry.MustRegister(
		m.requests, m.requestSeconds, m.panics, m.events, m.jobs, m.jobSeconds, m.outcomes, m.postSeconds,
		m.modelCalls, m.modelTokens, m.gerritCalls, m.gerritSeconds, m.redactions, m.told, m.builds, m.refused,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}

// Handler serves the figures.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

func (m *Metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.requestSeconds.WithLabelValues(route).Observe(took.Seconds())
}

// Event counts a webhook. The type is "" when it was not read.
func (m *Metrics) Event(t review.EventType, result string) {
	m.events.WithLabelValues(m.labels.keep("event", string(t)), result).Inc()
}

// Job counts and times one attempt at a job.
func (m *Metrics) Job(kind, result string, took time.Duration) {
	m.jobs.WithLabelValues(m.labels.keep("job", kind), m.labels.keep("result", result)).Inc()
	m.jobSeconds.WithLabelValues(m.labels.keep("job", kind)).Observe(took.Seconds())
}

// Outcome counts a verdict on a patch set. The project is HOST/NAME, or "" for
// one that has not opted in.
func (m *Metrics) Outcome(project string, v review.Verdict, reason string) {
	m.outcomes.WithLabelValues(m.labels.keep("project", project), m.labels.keep("verdict", string(v)), m.labels.keep("reason", reason)).Inc()
}

// Posted times a post from its first hint.
func (m *Metrics) Posted(sinceHint time.Duration) { m.postSeconds.Observe(sinceHint.Seconds()) }

// Model counts a model call and its tokens.
func (m *Metrics) Model(profile, result string, promptTokens, completionTokens int) {
	profile = m.labels.keep("profile", profile)
	m.modelCalls.WithLabelValues(profile, m.labels.keep("result", result)).Inc()
	m.modelTokens.WithLabelValues(profile, "prompt").Add(float64(max(promptTokens, 0)))
	m.modelTokens.WithLabelValues(profile, "completion").Add(float64(max(completionTokens, 0)))
}

// Gerrit returns the observer of one host's calls. Status 0 means that no
// answer came.
func (m *Metrics) Gerrit(host string) func(method, route string, status int, took time.Duration) {
	return func(method, route string, status int, took time.Duration) {
		class := "none"
		if status >= 100 && status < 600 {
			class = strconv.Itoa(status/100) + "xx"
		}
		route = m.labels.keep("route", route)
		m.gerritCalls.WithLabelValues(host, m.labels.keep("method", method), route, class).Inc()
		m.gerritSeconds.WithLabelValues(host, route).Observe(took.Seconds())
	}
}

// Redacted counts redactions of one kind.
func (m *Metrics) Redacted(kind string, n int) {
	m.redactions.WithLabelValues(m.labels.keep("kind", kind)).Add(float64(max(n, 0)))
}

// Told counts leaked secrets that were told to authors.
func (m *Metrics) Told(kind string, n int) {
	m.told.WithLabelValues(m.labels.keep("kind", kind)).Add(float64(max(n, 0)))
}

// BuildPushed counts a build that somebody pushed, by what became of it.
func (m *Metrics) BuildPushed(result string) {
	m.builds.WithLabelValues(m.labels.keep("push", result)).Inc()
}

// Refused counts a request of a person who was not let in.
func (m *Metrics) Refused(reason string) {
	m.refused.WithLabelValues(m.labels.keep("refused", reason)).Inc()
}

// Watch exports what read returns, by one label, whenever somebody looks:
// queue lengths, ages of secrets, ends of certificates. A name is watched once.
func (m *Metrics) Watch(name, help, label string, read func() map[string]float64) {
	m.WatchAll(name, help, []string{label}, func() []Sample {
		var out []Sample
		for value, v := range read() {
			out = append(out, Sample{[]string{value}, v})
		}
		return out
	})
}

// Sample is a figure with the values of its labels.
type Sample struct {
	Labels []string
	Value  float64
}

// WatchAll is [Metrics.Watch] for several labels.
func (m *Metrics) WatchAll(name, help string, labels []string, read func() []Sample) {
	m.registry.MustRegister(&watch{prometheus.NewDesc(name, help, labels, nil), read})
}

type watch struct {
	desc *prometheus.Desc
	read func() []Sample
}

func (w *watch) Describe(ch chan<- *prometheus.Desc) { ch <- w.desc }

func (w *watch) Collect(ch chan<- prometheus.Metric) {
	for _, s := range w.read() {
		ch <- prometheus.MustNewConstMetric(w.desc, prometheus.GaugeValue, s.Value, s.Labels...)
	}
}

// labels bounds label values: those that come first are kept, up to a limit
// for each label, and the rest are "other". Whatever a sender invents, the
// number of series stays small.
type labels struct {
	mu   sync.Mutex
	seen map[string]map[string]bool
}

const (
	maxLabels   = 64 // values of one label
	maxLabelLen = 48 // bytes
)

func (l *labels) keep(label, value string) string {
	if value == "" {
		return "none"
	}
	if len(value) > maxLabelLen || !word(value) {
		return "other"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[label][value] {
		return value
	}
	if len(l.seen[label]) >= maxLabels {
		return "other"
	}
	if l.seen == nil {
		l.seen = make(map[string]map[string]bool)
	}
	if l.seen[label] == nil {
		l.seen[label] = make(map[string]bool)
	}
	l.seen[label][value] = true
	return value
}

// word reports whether s looks like a code of ours and not like free text.
func word(s string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		case r == '-', r == '_', r == ':', r == '.', r == '/', r == '{', r == '}', r == '~':
		default:
			return false
		}
	}
	return true
}
