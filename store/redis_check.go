// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/mod/semver"
)

// oldestRedis has what the scripts need; older ones get no fixes.
const oldestRedis = "6.2.0"

// Check implements [Store].
func (r *Redis) Check(ctx context.Context) []Problem {
	if err := r.Ping(ctx); err != nil {
		return []Problem{{Key: "store.redis", Cause: err.Error(), Fix: "see the cause"}}
	}
	// ACLs or a hoster may forbid either; what is not told stays empty.
	info, _ := r.client.Info(ctx).Result()
	fsync, _ := r.client.ConfigGet(ctx, "appendfsync").Result()
	facts := parseInfo(info)
	facts["appendfsync"] = fsync["appendfsync"]
	return judgeRedis(facts, r.acceptLoss)
}

// parseInfo reads the lines of INFO.
func parseInfo(info string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(info) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			out[key] = value
		}
	}
	return out
}

// judgeRedis tells what would lose jobs. acceptLoss lets go what loses the last
// writes in a crash, but not what loses data while Redis runs.
func judgeRedis(facts map[string]string, acceptLoss bool) []Problem {
	var out []Problem
	want := func(fact, what, want, fix string) {
		switch got := facts[fact]; got {
		case want:
		case "":
			out = append(out, Problem{"store.redis", what + " cannot be read", "allow INFO and CONFIG GET, or check that it is as follows: " + fix})
		default:
			out = append(out, Problem{"store.redis", fmt.Sprintf("%s is %q", what, got), fix})
		}
	}
	if v := facts["redis_version"]; semver.Compare("v"+v, "v"+oldestRedis) < 0 {
		out = append(out, Problem{"store.redis", fmt.Sprintf("its version is %q", v), "use Redis " + oldestRedis + " or newer"})
	}
	want("maxmemory_policy", "maxmemory-policy", "noeviction", "set maxmemory-policy noeviction: any other drops jobs when memory is short")
	if !acceptLoss {
		const accept = ", or accept that a crash takes the last second with store.accept_loss"
		want("aof_enabled", "the append-only file", "1", "set appendonly yes"+accept)
		want("appendfsync", "appendfsync", "always", "set appendfsync always"+accept)
	}
	return out
}
