// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"review-assistant/review"
)

// byName returns the changes by the name that they are stored under.
func byName(ids []review.ChangeID) (map[string]review.ChangeID, error) {
	names := map[string]review.ChangeID{}
	for _, id := range ids {
		names[id.String()] = id
	}
	if len(names) > MaxKept {
		return nil, fmt.Errorf("read what is kept of changes: at most %d of them at once, not %d", MaxKept, len(names))
	}
	return names, nil
}

// newest returns the newest of the patch sets that are named, 0 for none.
func newest(fields []string) int {
	most := 0
	for _, f := range fields {
		if n, err := strconv.Atoi(f); err == nil {
			most = max(most, n)
		}
	}
	return most
}

func sortOutcomes(list []review.Outcome) {
	slices.SortFunc(list, func(a, b review.Outcome) int {
		return cmp.Or(cmp.Compare(a.PatchSet, b.PatchSet), cmp.Compare(a.Kind, b.Kind))
	})
}

// Kept implements [Store].
func (s *SQLite) Kept(ctx context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error) {
	names, err := byName(ids)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	asked, err := json.Marshal(slices.Sorted(maps.Keys(names)))
	if err != nil {
		return nil, fmt.Errorf("read what is kept of changes: %w", err)
	}
	out := map[review.ChangeID]review.Kept{}
	each := func(query string, add func(id review.ChangeID, raw []byte) error) error {
		rows, err := s.read.QueryContext(ctx, query, string(asked))
		if err != nil {
			return classify(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var raw []byte
			if err := rows.Scan(&name, &raw); err != nil {
				return classify(err)
			}
			if err := add(names[name], raw); err != nil {
				return fmt.Errorf("stored value is broken: %w", err)
			}
		}
		return classify(rows.Err())
	}
	err = each(`SELECT change, json FROM outcomes WHERE change IN (SELECT value FROM json_each(?1)) ORDER BY change, patch_set, kind`,
		func(id review.ChangeID, raw []byte) error {
			var o review.Outcome
			err := json.Unmarshal(raw, &o)
			k := out[id]
			k.Outcomes = append(k.Outcomes, o)
			out[id] = k
			return err
		})
	if err == nil {
		// Read last: what was hidden meanwhile is hidden.
		err = each(`SELECT change, json FROM summaries AS s WHERE change IN (SELECT value FROM json_each(?1))
			AND patch_set = (SELECT max(patch_set) FROM summaries WHERE change = s.change)
			AND NOT EXISTS (SELECT 1 FROM hidden WHERE change = s.change)`,
			func(id review.ChangeID, raw []byte) error {
				k := out[id]
				k.Summary = &review.Summary{}
				out[id] = k
				return json.Unmarshal(raw, k.Summary)
			})
	}
	if err != nil {
		return nil, fmt.Errorf("read what is kept of changes: %w", err)
	}
	return out, nil
}

// Kept implements [Store]. The first of two round trips tells the patch sets,
// so that of many summaries only the newest travels.
func (r *Redis) Kept(ctx context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error) {
	names, err := byName(ids)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	fail := func(err error) (map[review.ChangeID]review.Kept, error) {
		return nil, namedError("read what is kept of changes", err)
	}
	sets, outcomes := map[string]*redis.StringSliceCmd{}, map[string]*redis.StringSliceCmd{}
	_, err = r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for name := range names {
			sets[name] = p.HKeys(ctx, r.name("summaries:"+name))
			outcomes[name] = p.HVals(ctx, r.name("outcomes:"+name))
		}
		return nil
	})
	if err != nil {
		return fail(err)
	}
	texts := map[string]*redis.SliceCmd{}
	_, err = r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for name, fields := range sets {
			if n := newest(fields.Val()); n > 0 {
				// One read decides: hidden meanwhile is hidden.
				texts[name] = p.HMGet(ctx, r.name("summaries:"+name), hiddenField, strconv.Itoa(n))
			}
		}
		return nil
	})
	if err != nil {
		return fail(err)
	}
	out := map[review.ChangeID]review.Kept{}
	for name, id := range names {
		var k review.Kept
		if k.Outcomes, err = decode[review.Outcome](outcomes[name].Val()); err != nil {
			return fail(err)
		}
		sortOutcomes(k.Outcomes)
		if got := texts[name]; got != nil {
			if k.Summary, err = shown(got.Val()); err != nil {
				return fail(err)
			}
		}
		if k.Summary != nil || len(k.Outcomes) > 0 {
			out[id] = k
		}
	}
	return out, nil
}
