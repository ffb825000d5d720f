// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"review-assistant/e2e/rig"
	"review-assistant/llm/llmtest"
)

// patience bounds every wait of a story. After a crash the lease of a job has
// to run out, which takes 90 seconds; everything else takes a few.
const patience = 3 * time.Minute

// botOptions say how a bot runs. Name is all that is needed.
type botOptions struct {
	// Name of the account, the replica and the group that may read the
	// configuration of the bot's projects: no bot sees another's.
	Name      string
	Account   *rig.Account // instead of a harmless account of that name
	Gerrits   []*rig.Gerrit
	Redis     string            // address; SQLite by default
	Reconcile string            // "10m" by default, so that only webhooks start work
	Debounce  string            // "0s" by default
	Catalog   string            // a file of catalog entities
	Models    int               // how many stories have a model of their own
	DataClass string            // of all the models, "internal" by default
	More      string            // lines of YAML below everything else
	Files     map[string]string // that More names
}

// bot is a review-assistant as one story sees it.
type bot struct {
	rig.T
	*program
}

// program is a review-assistant that runs as a process of its own, between
// its Gerrits and its models.
type program struct {
	gerrit  *rig.Gerrit // the first one
	dir     string
	name    string
	url     string
	account rig.Account   // on the first Gerrit
	others  []rig.Account // on the further ones
	wires   []*wire
	models  []*llmtest.Server
	config  string   // path
	serve   []string // arguments, instead of those for config

	mu     sync.Mutex
	taken  int // models given away
	log    bytes.Buffer
	visits []visit
	moved  chan struct{} // closed and replaced at every line of the log
	cmd    *exec.Cmd
	ended  chan struct{}
}

// visit is a line of the log that says what became of a patch set.
type visit struct {
	Message  string `json:"msg"`
	Change   string `json:"change"`
	Job      string `json:"job"`
	PatchSet int    `json:"patch_set"`
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason"`
}

const hookToken = "e2e-hook-token-0123456789"

// startBot starts a bot that ends with the test.
func startBot(t rig.T, o botOptions) *bot {
	t.Helper()
	if len(o.Gerrits) == 0 {
		o.Gerrits = []*rig.Gerrit{server}
	}
	b := &bot{t, &program{gerrit: o.Gerrits[0], name: o.Name, dir: t.TempDir(), moved: make(chan struct{})}}
	var gerrits strings.Builder
	for i, g := range o.Gerrits {
		s := g.Scene(t)
		account := rig.Account{}
		if o.Account != nil {
			account = *o.Account
		} else {
			account = s.Bot(o.Name)
		}
		s.Group(b.readers(), account)
		if i == 0 {
			b.account = account
		} else {
			b.others = append(b.others, account)
		}
		w := newWire(t, g)
		b.wires = append(b.wires, w)
		b.write(fmt.Sprintf("password%d", i), account.Password)
		fmt.Fprintf(&gerrits, "  - id: %s\n    url: %s\n    username: %s\n    password_file: password%d\n    webhook_token_files: [hook]\n",
			hostID(i), w.URL, account.Username, i)
	}
	b.write("hook", hookToken)
	var models strings.Builder
	for i := range max(1, o.Models) {
		m := llmtest.Start(llmtest.Good)
		t.Cleanup(m.Close)
		b.models = append(b.models, m)
		fmt.Fprintf(&models, "  m%02d: {url: %q, model: fake-%02d, timeout: 20s, data_class: %s}\n", i, m.URL, i, or(o.DataClass, "internal"))
	}
	stored := "{sqlite: store.db}"
	if o.Redis != "" {
		stored = fmt.Sprintf("{redis: [%q], prefix: %s}", o.Redis, o.Name)
	}
	port := freePort(t)
	b.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	config := fmt.Sprintf(`server: {id: %s, listen: "127.0.0.1:%d"}
log: {format: json, level: debug}
gerrit:
%smodels:
%sstore: %s
audit: {dir: audit, accept_ephemeral: true}
bot: {debounce: %s, reconcile: %s, config_age: 100ms}
budget: {tokens_per_day: 0, requests_per_minute: 0}
`, o.Name, port, gerrits.String(), models.String(), stored, or(o.Debounce, "0s"), or(o.Reconcile, "10m"))
	for name, body := range o.Files {
		b.write(name, body)
	}
	if o.Catalog != "" {
		b.write("catalog.yaml", o.Catalog)
		config += "catalog: {files: [catalog.yaml]}\n"
	}
	b.config = b.write("config.yaml", config+o.More)
	t.Cleanup(b.stop)
	b.start()
	return b
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// hostID names the Gerrits of a bot: main, second, third.
func hostID(i int) string { return []string{"main", "second", "third"}[i] }

// readers is the group that may read the configuration of the bot's projects.
func (b *bot) readers() string { return "Readers of " + b.name }

// write puts a file into the bot's folder as one step and returns its path.
func (b *bot) write(name, body string) string {
	b.Helper()
	path := filepath.Join(b.dir, name)
	err := os.WriteFile(path+".new", []byte(body), 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		b.Fatalf("write %s: %v", name, err)
	}
	return path
}

// edit replaces text in the configuration; it counts from the next start.
func (b *bot) edit(old, replacement string) {
	b.Helper()
	body, err := os.ReadFile(b.config)
	if err != nil || !strings.Contains(string(body), old) {
		b.Fatalf("the configuration lacks %q (%v)", old, err)
	}
	b.write(filepath.Base(b.config), strings.ReplaceAll(string(body), old, replacement))
}

// start runs the program and returns when it is ready.
func (b *bot) start() {
	b.Helper()
	args := b.serve
	if args == nil {
		args = []string{"--config", b.config, "serve"}
	}
	cmd := exec.Command(binary(b), args...)
	rig.DieWithParent(cmd)
	read, write, err := os.Pipe()
	if err != nil {
		b.Fatalf("start the bot: %v", err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	started, ended := make(chan error, 1), make(chan struct{})
	go func() {
		// The kernel ties "die with the parent" to the thread that forked.
		runtime.LockOSThread()
		err := cmd.Start()
		_ = write.Close()
		started <- err
		if err == nil {
			b.follow(read)
			_ = cmd.Wait()
			close(ended)
		}
	}()
	if err := <-started; err != nil {
		b.Fatalf("start the bot: %v", err)
	}
	b.mu.Lock()
	b.cmd, b.ended = cmd, ended
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	for {
		if code, _ := get(ctx, b.url+"/readyz"); code == http.StatusOK {
			return
		}
		select {
		case <-ended:
			b.Fatalf("the bot ended before it was ready:\n%s", b.logTail())
		case <-ctx.Done():
			b.Fatalf("the bot was not ready in time:\n%s", b.logTail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// follow reads the log of the process until it ends.
func (b *bot) follow(r io.ReadCloser) {
	defer r.Close()
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		b.mu.Lock()
		b.log.Write(line)
		var v visit
		if json.Unmarshal(line, &v) == nil {
			b.visits = append(b.visits, v)
		}
		close(b.moved)
		b.moved = make(chan struct{})
		b.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// stop ends the bot in good order, if it runs.
func (b *bot) stop() { b.end(syscall.SIGTERM) }

// kill ends the bot as a crash does.
func (b *bot) kill() { b.end(syscall.SIGKILL) }

func (b *bot) end(s syscall.Signal) {
	b.mu.Lock()
	cmd, ended := b.cmd, b.ended
	b.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(s)
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		<-ended
	}
}

func (b *bot) restart() {
	b.Helper()
	b.stop()
	b.start()
}

// logText returns all that the bot has printed.
func (b *bot) logText() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}

func (b *bot) logTail() string {
	s := b.logText()
	return s[max(0, len(s)-4000):]
}

// await returns the first line of the log from the given one on for which ok
// is true, and where it stands.
func (b *bot) await(what string, from int, ok func(visit) bool) (visit, int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	for at := from; ; {
		b.mu.Lock()
		for ; at < len(b.visits); at++ {
			if v := b.visits[at]; ok(v) {
				b.mu.Unlock()
				return v, at
			}
		}
		moved := b.moved
		b.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			b.Fatalf("the bot's log does not tell of %s:\n%s", what, b.logTail())
		}
	}
}

// mark returns the end of the log as it is now, for await.
func (b *bot) mark() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.visits)
}

// visited waits until the bot has recorded what became of a patch set.
func (b *bot) visited(c *rig.Change, patchSet, from int) (visit, int) {
	b.Helper()
	return b.await(fmt.Sprintf("patch set %d of %s", patchSet, c), from, func(v visit) bool {
		return v.Message == "change visited" && strings.HasSuffix(v.Change, "/"+c.String()) && v.PatchSet == patchSet
	})
}

// run runs another command of the program under the bot's configuration.
func (b *bot) run(args ...string) (out string, exit int) {
	b.Helper()
	return b.runWith("", args...)
}

func (b *bot) runWith(stdin string, args ...string) (out string, exit int) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), binary(b), append([]string{"--config", b.config}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	text, err := cmd.CombinedOutput()
	if failed, is := errors.AsType[*exec.ExitError](err); is {
		return string(text), failed.ExitCode()
	}
	if err != nil {
		b.Fatalf("run %v: %v", args, err)
	}
	return string(text), 0
}

// hook is the URL to which Gerrit number i sends its webhooks.
func (b *bot) hook(i int) string {
	return b.url + "/hooks/gerrit/" + hostID(i) + "?token=" + hookToken
}

// send posts a webhook body and returns the status of the answer.
func (b *bot) send(body []byte) int {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.hook(0), bytes.NewReader(body))
	if err != nil {
		b.Fatalf("send a webhook: %v", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatalf("send a webhook: %v", err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// metrics returns the bot's figures as it exports them.
func (b *bot) metrics() string {
	b.Helper()
	code, text := get(b.Context(), b.url+"/metrics")
	if code != http.StatusOK {
		b.Fatalf("/metrics answers %d", code)
	}
	return text
}

// awaitMetric waits for a line of /metrics that starts so and does not end in 0.
func (b *bot) awaitMetric(prefix string) {
	b.Helper()
	eventually(b, "the figure "+prefix, func() bool {
		for line := range strings.SplitSeq(b.metrics(), "\n") {
			if strings.HasPrefix(line, prefix) && !strings.HasSuffix(line, " 0") {
				return true
			}
		}
		return false
	})
}

// files returns the path of every file in the bot's folder: store, audit log,
// configuration.
func (b *bot) files() []string {
	b.Helper()
	var out []string
	err := filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		b.Fatalf("list the bot's files: %v", err)
	}
	return out
}

// eventually waits until ok is true: for what no log line tells.
func eventually(t rig.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// lines returns the lines of a file, each with its end.
func (b *bot) lines(path string) []string {
	b.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		b.Fatalf("read a file of the bot: %v", err)
	}
	return slices.DeleteFunc(strings.SplitAfter(string(body), "\n"), func(line string) bool { return line == "" })
}

func get(ctx context.Context, url string) (int, string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, ""
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(text)
}

func freePort(t rig.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

var built struct {
	sync.Once
	path string
	err  error
}

// binary builds the program once and returns its path.
func binary(t rig.T) string {
	t.Helper()
	built.Do(func() {
		if built.path, built.err = filepath.Abs(filepath.Join("..", ".cache", "e2e", "review-assistant")); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", built.path, "../cmd/review-assistant")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatalf("build the bot: %v", built.err)
	}
	return built.path
}

// house is the bot that most stories share.
var house struct {
	sync.Mutex
	bot *bot
	end context.CancelFunc
	up  chan struct{}
}

// sharedBot returns the house's bot, which starts with the first story.
func sharedBot(t *testing.T) *bot {
	t.Helper()
	house.Lock()
	defer house.Unlock()
	if house.up == nil {
		ctx, cancel := context.WithCancel(context.Background())
		house.end, house.up = cancel, make(chan struct{})
		started := make(chan *bot)
		go func() {
			defer close(house.up)
			err := rig.Try(context.Background(), func(t rig.T) {
				started <- startBot(t, botOptions{Name: "house", Models: 90, Catalog: houseCatalog})
				<-ctx.Done()
			})
			if err != nil {
				fmt.Println("e2e: the shared bot:", err)
			}
		}()
		select {
		case house.bot = <-started:
		case <-house.up:
		}
	}
	if house.bot == nil {
		t.Fatal("the shared bot did not start")
	}
	return &bot{t, house.bot.program}
}

// stopSharedBot ends the house's bot after the last story.
func stopSharedBot() {
	if house.up != nil {
		house.end()
		<-house.up
	}
}
