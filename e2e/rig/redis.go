// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// RedisOptions say where a Redis runs.
type RedisOptions struct {
	Dir string    // its data; a temporary folder that Stop removes by default
	Log io.Writer // gets what it prints; discarded by default
}

// Redis is a running redis-server that keeps every write it acknowledged.
type Redis struct {
	Addr string

	opts RedisOptions
	temp bool
	port int
	proc *process
}

// StartRedis starts the redis-server found on PATH on a free loopback port
// and returns when it takes connections. ctx bounds the start only.
func StartRedis(ctx context.Context, o RedisOptions) (_ *Redis, err error) {
	r := &Redis{opts: o, temp: o.Dir == ""}
	if r.temp {
		if r.opts.Dir, err = os.MkdirTemp("", "redis-"); err != nil {
			return nil, fmt.Errorf("start redis: %w", err)
		}
	}
	err = again(func() (err error) {
		if r.port, err = freePort(); err != nil {
			return err
		}
		r.Addr = "127.0.0.1:" + strconv.Itoa(r.port)
		return r.Restart(ctx)
	})
	if err != nil {
		r.Stop()
		return nil, err
	}
	return r, nil
}

// Restart starts a stopped or killed Redis again, on its port and its data.
func (r *Redis) Restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := os.MkdirAll(r.opts.Dir, 0o755); err != nil {
		return fmt.Errorf("start redis: %w", err)
	}
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", strconv.Itoa(r.port), "--dir", r.opts.Dir,
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
		"--save", "", "--daemonize", "no")
	proc, err := startProcess(ctx, cmd, r.opts.Log,
		func(line string) bool { return strings.Contains(line, "Ready to accept connections") })
	if err != nil {
		return fmt.Errorf("start redis: %w", err)
	}
	r.proc = proc
	return nil
}

// Kill ends the server as a crash does; Restart brings it back.
func (r *Redis) Kill() { r.proc.kill() }

// Stop ends the server in good order and removes a temporary folder.
func (r *Redis) Stop() {
	if r.proc != nil {
		r.proc.stop(10 * time.Second)
	}
	if r.temp {
		_ = os.RemoveAll(r.opts.Dir)
	}
}
