// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/llm"
	"review-assistant/summarize"
)

// ConfigProblem is one fault of the server's configuration.
type ConfigProblem struct {
	Line            int // 0 when it is not known
	Key, Cause, Fix string
}

func (p ConfigProblem) String() string {
	s := p.Key + ": " + p.Cause
	if p.Line > 0 {
		s = fmt.Sprintf("line %d: %s", p.Line, s)
	}
	if p.Fix != "" {
		s += "; " + p.Fix
	}
	return s
}

// complain returns what adds a problem to a list unless ok. The keys that it gets
// stand behind prefix.
func complain(to *[]ConfigProblem, prefix string) func(ok bool, key, cause, fix string) {
	return func(ok bool, key, cause, fix string) {
		if !ok {
			*to = append(*to, ConfigProblem{Key: prefix + key, Cause: cause, Fix: fix})
		}
	}
}

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

// Validate returns every fault at once.
func (c *Config) Validate() []ConfigProblem {
	var out []ConfigProblem
	bad := complain(&out, "")
	within := func(key string, v, low, high int64) {
		bad(v >= low && v <= high, key, fmt.Sprintf("%d is out of range", v), fmt.Sprintf("use %d to %d", low, high))
	}
	amount := func(key string, v float64) {
		bad(v >= 0 && v <= 1e9, key, fmt.Sprintf("%v is out of range", v), "use 0 to 1000000000")
	}
	bad(idPattern.MatchString(c.Server.ID), "server.id", fmt.Sprintf("%q is no id", c.Server.ID), "use lower-case letters, digits and -")
	bad((c.Server.CertFile == "") == (c.Server.KeyFile == ""), "server.cert_file", "only one of cert_file and key_file is set", "set both or none")
	bad(c.Server.Drain > 0 && c.Server.Drain <= 25*time.Second, "server.drain", c.Server.Drain.String()+" is out of range", "use 1s to 25s")
	bad(goodAddress(c.Server.Listen), "server.listen", fmt.Sprintf("%q is no address", c.Server.Listen), "use HOST:PORT, such as 127.0.0.1:8080")
	for _, s := range c.Server.TrustedProxy {
		_, err := netip.ParsePrefix(s)
		bad(err == nil, "server.trusted_proxies", fmt.Sprintf("%q is no CIDR", s), "write for example 10.0.0.0/8")
	}
	within("server.max_body", c.Server.MaxBody, 64<<10, 16<<20)
	within("server.max_conns_per_ip", int64(c.Server.MaxConnsPerIP), 1, 4096)
	bad(slices.Contains([]string{"json", "text", "auto"}, c.Log.Format), "log.format", fmt.Sprintf("%q is unknown", c.Log.Format), "use json, text or auto")
	bad(slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level), "log.level", fmt.Sprintf("%q is unknown", c.Log.Level), "use debug, info, warn or error")
	seen := map[string]bool{}
	for i, g := range c.Gerrit {
		key := fmt.Sprintf("gerrit[%d].", i)
		bad(idPattern.MatchString(g.ID), key+"id", fmt.Sprintf("%q is no id", g.ID), "use lower-case letters, digits and -")
		bad(!seen[g.ID], key+"id", fmt.Sprintf("%q is there twice", g.ID), "give each Gerrit its own")
		seen[g.ID] = true
		out = append(out, checkURL(key+"url", g.URL, true)...)
		out = append(out, checkURL(key+"web_url", g.WebURL, false)...)
		out = append(out, checkURL(key+"proxy_url", g.ProxyURL, false)...)
		bad(g.Username != "", key+"username", "is missing", "name the service account")
		bad(g.PasswordFile != "", key+"password_file", "is missing", "write the account's HTTP token into a file and name it here")
		bad(g.PlainAccount == "" || g.PlainAccount != g.Username, key+"plain_account", "is the service account itself", "name an account in no group, or leave it out")
		bad(len(g.WebhookTokenFiles) > 0, key+"webhook_token_files", "is missing", "write 32 random bytes in hex into a file and name it here")
		bad(g.Timeout > 0, key+"timeout", g.Timeout.String()+" is out of range", "use for example 30s")
	}
	profiles := c.profiles()
	var faulty []error
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		faulty = append(faulty, profiles[name].Validate())
	}
	out = append(out, modelProblems(errors.Join(append(faulty, llm.CheckProfiles(profiles))...))...)
	bad(c.Catalog.URL == "" || len(c.Catalog.Files) == 0, "catalog", "both url and files are set", "keep one")
	out = append(out, checkURL("catalog.url", c.Catalog.URL, false)...)
	for _, pattern := range c.Catalog.Files {
		bad(doublestar.ValidatePathPattern(pattern), "catalog.files", fmt.Sprintf("%q is no glob", pattern), "write for example catalog/**/catalog-info.yaml")
	}
	bad(c.Catalog.Refresh >= time.Second, "catalog.refresh", c.Catalog.Refresh.String()+" is too short", "use 1m or more")
	for _, w := range c.Reviewers.AbsentWords {
		bad(strings.TrimSpace(w) != "" && len(w) <= 100, "reviewers.absent_words", fmt.Sprintf("%.20q is no word", w), "write for example focus week")
	}
	out = append(out, c.Builds.validate()...)
	out = append(out, c.Identity.validate(slices.Sorted(maps.Keys(seen)), c.Catalog.URL != "" || len(c.Catalog.Files) > 0)...)
	out = append(out, c.sharedFiles()...)
	bad(c.Store.SQLite == "" || len(c.Store.Redis) == 0, "store", "both sqlite and redis are set", "keep one")
	bad(c.Audit.Dir != "", "audit.dir", "is missing", "name a directory on a disk that stays")
	within("bot.workers", int64(c.Bot.Workers), 1, 256)
	within("bot.max_patch", c.Bot.MaxPatch, 64<<10, 64<<20)
	within("bot.max_tokens", int64(c.Bot.MaxTokens), 500, 1_000_000)
	within("bot.max_calls", int64(c.Bot.MaxCalls), 1, summarize.MaxCalls)
	bad(c.Bot.ConfigAge >= 0 && c.Bot.ConfigAge <= time.Hour, "bot.config_age", c.Bot.ConfigAge.String()+" is out of range", "use 0s to 1h")
	bad(c.Bot.Debounce >= 0 && c.Bot.Debounce <= 10*time.Minute, "bot.debounce", c.Bot.Debounce.String()+" is out of range", "use 0s to 10m")
	bad(c.Bot.Reconcile >= time.Second, "bot.reconcile", c.Bot.Reconcile.String()+" is too short", "use 1m or more")
	within("budget.tokens_per_day", c.Budget.TokensPerDay, 0, 1<<40)
	within("budget.tokens_per_month", c.Budget.TokensPerMonth, 0, 1<<40)
	amount("budget.money_per_day", c.Budget.MoneyPerDay)
	amount("budget.money_per_month", c.Budget.MoneyPerMonth)
	within("budget.concurrent", int64(c.Budget.Concurrent), 0, 10_000)
	within("budget.requests_per_minute", int64(c.Budget.RequestsPerMinute), 0, 1_000_000)
	return out
}

// modelProblems splits what package llm says of profiles, one a line as
// models.NAME.FIELD: cause; fix.
func modelProblems(err error) []ConfigProblem {
	if err == nil {
		return nil
	}
	var out []ConfigProblem
	for line := range strings.SplitSeq(err.Error(), "\n") {
		cause, fix, _ := strings.Cut(line, "; ")
		key, cause, _ := strings.Cut(cause, ": ")
		if rest, ok := strings.CutSuffix(key, ".json_mode"); ok {
			key = rest + ".json" // its name in the file
		}
		out = append(out, ConfigProblem{Key: key, Cause: cause, Fix: fix})
	}
	return out
}

// modelNotes tells what is no fault but may surprise: models whose money is
// not counted, and fallbacks that the prompt may not fit.
func modelNotes(c Config) []finding {
	var out []finding
	profiles := c.profiles()
	for _, name := range slices.Sorted(maps.Keys(profiles)) {
		p := profiles[name]
		out = append(out, priceNote(p, c.Budget.MoneyPerDay > 0 || c.Budget.MoneyPerMonth > 0)...)
		if n, least := orElse(p.MaxTokens, c.Bot.MaxTokens), summarize.LeastTokens(p.Short()); n < least {
			out = append(out, warn(fmt.Sprintf("raise models.%s.max_tokens to %d or more, or choose prompt: short", name, least),
				"%s: with %d tokens many changes leave its prompt no room for the diff and are summarized without it", name, n))
		}
		if next := profiles[p.Fallback]; p.Fallback != "" && orElse(next.MaxTokens, c.Bot.MaxTokens) < orElse(p.MaxTokens, c.Bot.MaxTokens) {
			out = append(out, warn("the fallback gets the prompt of the first model: lower models."+name+".max_tokens, or choose a larger fallback",
				"%s: its fallback %s takes shorter prompts", name, p.Fallback))
		}
	}
	return out
}

// priceNote tells that a profile's money is not counted: a warning where a cap
// on money is set, which then does not hold.
func priceNote(p llm.Profile, capped bool) []finding {
	switch {
	case p.Priced():
		return nil
	case capped:
		return []finding{warn("set price_prompt and price_completion of models."+p.Name, "%s: price unknown: only tokens are counted, so the caps on money do not hold for it", p.Name)}
	}
	return []finding{ok("%s: price unknown: only tokens are counted", p.Name)}
}

// goodAddress reports whether a server can listen there, as far as its form tells.
func goodAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func checkURL(key, raw string, required bool) []ConfigProblem {
	if raw == "" {
		if required {
			return []ConfigProblem{{Key: key, Cause: "is missing", Fix: "write an http or https URL"}}
		}
		return nil
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return []ConfigProblem{{Key: key, Cause: "is no http or https URL", Fix: "write for example https://gerrit.example.com"}}
	case u.User != nil:
		return []ConfigProblem{{Key: key, Cause: "holds credentials", Fix: "move them into a file"}}
	}
	return nil
}
