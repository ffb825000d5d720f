// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"
)

// StartDemoPages starts the Backstage of docker-compose.yml on a port, as its
// image does, with the configuration of deploy/app-config.yaml and further
// environment variables. ctx bounds the start only.
func StartDemoPages(ctx context.Context, port int, env []string, log io.Writer) (*Backstage, error) {
	if err := buildPages(ctx, "app"); err != nil {
		return nil, err
	}
	dir, err := workspace()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	b := &Backstage{URL: fmt.Sprintf("http://127.0.0.1:%d", port)}
	cmd := node(dir, "src/index.ts", "--config", filepath.Join(dir, "..", "deploy", "app-config.yaml"))
	cmd.Env = append(append(cmd.Env, env...), fmt.Sprintf("PORTAL_PORT=%d", port), "PORTAL_URL="+b.URL)
	if err := b.launch(ctx, cmd, log); err != nil {
		b.Stop()
		return nil, fmt.Errorf("start the demo's backstage: %w", err)
	}
	return b, nil
}
