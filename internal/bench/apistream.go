// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// heard is an event as a stream told it.
type heard struct {
	ref, id string
	sees    bool // the person may know of big
	at      time.Time
}

// listen opens a stream; what it returns follows the stream until ctx ends, and
// gives each change once, or each time that it is told of.
func (a *audience) listen(ctx context.Context, c *http.Client, v *viewer, again bool) (func(chan<- heard) error, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.stage.bot.url+"/api/v1/events", nil)
	if err != nil {
		return nil, err
	}
	v.sign(req)
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		_ = resp.Body.Close()
		return nil, fmt.Errorf("events: %s: %s", resp.Status, body)
	}
	sees := false
	for id := range v.sees {
		sees = sees || strings.Contains(id, "/"+apiBig+"~")
	}
	return func(got chan<- heard) error {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(make([]byte, 0, 512), 64<<10)
		told := map[string]bool{}
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data:")
			var e struct {
				ID string `json:"id"`
			}
			if !ok || json.Unmarshal([]byte(data), &e) != nil || told[e.ID] && !again {
				continue
			}
			told[e.ID] = true
			select {
			case got <- heard{v.ref, e.ID, sees, time.Now()}:
			case <-ctx.Done():
			}
		}
		return ctx.Err()
	}, nil
}

// do makes a request, reads its answer and wants one of the codes.
func (s *stage) do(req *http.Request, want ...int) ([]byte, int, error) {
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, 0, err
	}
	if !slices.Contains(want, resp.StatusCode) {
		return nil, resp.StatusCode, fmt.Errorf("%s was answered with %s: %.300s", req.URL.Path, resp.Status, body)
	}
	return body, resp.StatusCode, nil
}
