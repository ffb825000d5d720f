// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"sync"
	"time"
)

// cache keeps values for a while and never more than max of them.
type cache[K comparable, V any] struct {
	now func() time.Time
	max int

	mu sync.Mutex
	m  map[K]kept[V]
}

type kept[V any] struct {
	value V
	until time.Time
}

func newCache[K comparable, V any](now func() time.Time, max int) *cache[K, V] {
	return &cache[K, V]{now: now, max: max, m: map[K]kept[V]{}}
}

func (c *cache[K, V]) get(k K) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.m[k]
	if !ok || !c.now().Before(e.until) {
		return v, false
	}
	return e.value, true
}

func (c *cache[K, V]) put(k K, v V, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if len(c.m) >= c.max {
		for old, e := range c.m {
			// Whatever is left when all are fresh goes too: it is only a cache.
			if !now.Before(e.until) || len(c.m) > c.max/2 {
				delete(c.m, old)
			}
		}
	}
	c.m[k] = kept[V]{v, now.Add(ttl)}
}
