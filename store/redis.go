// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"review-assistant/review"
)

// RedisOptions name the Redis and how to reach it.
type RedisOptions struct {
	Addrs        []string // host:port
	Username     string
	PasswordFile string // read again for each new connection
	DB           int
	TLS          bool
	CAFile       string // PEM; the system's roots when empty
	Prefix       string // of all keys, default "review-assistant"
	// AcceptLoss says that the operator accepts that Redis may forget the
	// last writes in a crash: Check does not ask for appendfsync always.
	AcceptLoss bool

	now func() time.Time // tests only; nil is the server's clock
}

// redisSchema is the version of the layout of keys and fields. Fields that a
// version does not know are kept.
const redisSchema = 1

// Redis is the store for several replicas.
type Redis struct {
	client     redis.UniversalClient
	base       string
	acceptLoss bool
	now        func() time.Time
	waker      *waker
	close      func() error
}

var _ Store = (*Redis)(nil)

//go:embed lua
var luaFiles embed.FS

// script puts the common part before a script.
func script(name string) *redis.Script {
	var src strings.Builder
	for _, n := range []string{"common", name} {
		b, err := luaFiles.ReadFile("lua/" + n + ".lua")
		if err != nil {
			panic(err) // the file is part of the program
		}
		src.Write(b)
	}
	return redis.NewScript(src.String())
}

var (
	luaEnqueue  = script("enqueue")
	luaLease    = script("lease")
	luaEnd      = script("end")
	luaStats    = script("stats")
	luaRecord   = script("record")
	luaHide     = script("hide")
	luaCount    = script("count")
	luaRemember = script("remember")
	luaAppend   = script("log_append")
	luaRow      = script("log_row")
	luaTrim     = script("log_trim")
	luaRemove   = script("log_remove")
)

// quiet keeps the client from writing lines of its own to stderr: callers get
// every error.
var quiet = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// OpenRedis connects, and checks that it can work with what is there.
func OpenRedis(ctx context.Context, o RedisOptions) (*Redis, error) {
	if len(o.Addrs) == 0 {
		return nil, errors.New("open store: no Redis is named; set store.redis to host:port")
	}
	if o.Prefix == "" {
		o.Prefix = "review-assistant"
	}
	if strings.ContainsAny(o.Prefix, "{}") {
		return nil, fmt.Errorf("open store: prefix %q holds a brace; leave braces out", o.Prefix)
	}
	universal := &redis.UniversalOptions{
		Addrs: o.Addrs, DB: o.DB, DialTimeout: 2 * time.Second, ReadTimeout: 3 * time.Second, WriteTimeout: 3 * time.Second,
		ContextTimeoutEnabled: true, DisableIdentity: true,
		// A write that got no answer may have happened: the caller decides.
		MaxRetries: -1, DialerRetries: 1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if o.Username != "" || o.PasswordFile != "" {
		universal.CredentialsProviderContext = func(context.Context) (string, string, error) {
			password, err := readPassword(o.PasswordFile)
			return o.Username, password, err
		}
	}
	if o.TLS {
		conf, err := tlsConfig(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
		universal.TLSConfig = conf
	}
	quiet()
	client := redis.NewUniversalClient(universal)
	r := &Redis{
		client: client, base: "{" + o.Prefix + "}", acceptLoss: o.AcceptLoss, now: o.now, waker: newWaker(),
	}
	r.close = sync.OnceValue(func() error {
		r.waker.close()
		return client.Close()
	})
	if err := r.checkSchema(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store at %s: %w", strings.Join(o.Addrs, ", "), err), r.Close())
	}
	return r, nil
}

// readPassword reads the first 4 KiB of a file.
func readPassword(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read Redis password: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 4<<10))
	if err != nil {
		return "", fmt.Errorf("read Redis password: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}

func tlsConfig(caFile string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("read CA of Redis: %w", err)
	}
	conf.RootCAs = x509.NewCertPool()
	if !conf.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA of Redis: %s holds no PEM certificate", caFile)
	}
	return conf, nil
}

func (r *Redis) checkSchema(ctx context.Context) error {
	if err := r.client.SetNX(ctx, r.name("schema"), redisSchema, 0).Err(); err != nil {
		return classifyRedis(err)
	}
	version, err := r.client.Get(ctx, r.name("schema")).Int()
	if err != nil {
		return classifyRedis(err)
	}
	if version > redisSchema {
		return fmt.Errorf("the keys have schema %d and this program knows up to %d: a newer version wrote them; run that version, or set another store.prefix", version, redisSchema)
	}
	return nil
}

// name returns a key. The tag in braces keeps all keys in one slot of a cluster.
func (r *Redis) name(suffix string) string { return r.base + ":" + suffix }

// run runs a script; found is false when it returns nil.
func (r *Redis) run(ctx context.Context, s *redis.Script, args ...any) (v any, found bool, err error) {
	now := ""
	if r.now != nil {
		now = strconv.FormatInt(r.now().UnixMilli(), 10)
	}
	v, err = s.Run(ctx, r.client, []string{r.base}, append([]any{now}, args...)...).Result()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	return v, err == nil, classifyRedis(err)
}

// Close ends the connections.
func (r *Redis) Close() error { return r.close() }

// Ping writes a byte: a replica, a full Redis or one that loads answers a
// mere ping.
func (r *Redis) Ping(ctx context.Context) error {
	if err := r.client.Set(ctx, r.name("ping"), "1", time.Minute).Err(); err != nil {
		return fmt.Errorf("ping store: %w", classifyRedis(err))
	}
	return nil
}

// Wait returns when a job may be due.
func (r *Redis) Wait(ctx context.Context, limit time.Duration) { r.waker.wait(ctx, limit) }

// Starts of the answers with which a Redis that is there refuses to work.
var refusals = []struct {
	start, advice string
	after         time.Duration
}{
	{"LOADING", "Redis loads its data", 2 * time.Second},
	{"READONLY", "this Redis is a replica; name the primary", 5 * time.Second},
	{"OOM", "Redis is out of memory; raise maxmemory", 10 * time.Second},
	{"MISCONF", "Redis cannot write its data; check its disk", 10 * time.Second},
	{"MASTERDOWN", "Redis has lost its primary", 5 * time.Second},
	{"CLUSTERDOWN", "the Redis cluster is down", 5 * time.Second},
	{"TRYAGAIN", "the Redis cluster moves its slots", time.Second},
	{"BUSY", "a script blocks Redis", time.Second},
	{"NOAUTH", "Redis wants a password; set store.password_file", 10 * time.Second},
	{"WRONGPASS", "Redis refuses the user or password; check store.username and store.password_file", 10 * time.Second},
	{"NOPERM", "the Redis user lacks a right; allow it all commands on the prefix", 10 * time.Second},
}

// classifyRedis says what to do about an error of Redis. An error that it
// returns tells no value that was sent.
func classifyRedis(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrClosed) {
		return err
	}
	if errors.Is(err, redis.ErrClosed) {
		return ErrClosed
	}
	for _, r := range refusals {
		if strings.HasPrefix(err.Error(), r.start) {
			return &review.RetryError{After: r.after, Err: fmt.Errorf("%s: %w", r.advice, err)}
		}
	}
	_, network := errors.AsType[net.Error](err)
	_, path := errors.AsType[*os.PathError](err)
	switch {
	case path:
		return &review.RetryError{After: 10 * time.Second, Err: err}
	case network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, redis.ErrPoolTimeout):
		return &review.RetryError{After: 5 * time.Second, Err: fmt.Errorf("redis does not answer; check that it runs and store.redis names it: %w", err)}
	}
	return err
}
