// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Compose is docker-compose.yml of the checkout on a machine without containers.
// Its services run as the file says, with their own commands and files, but for
// addresses, which are free ports of the loopback interface, and for the roots
// of containers, which are folders.
type Compose struct {
	Services map[string]ComposeService `yaml:"services"`

	root  string         // of the checkout
	dir   string         // of the containers
	ports map[string]int // of services, here
}

// ComposeService is what the file says of one service.
type ComposeService struct {
	Entrypoint  []string          `yaml:"entrypoint"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	Healthcheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
}

// unpublished are the ports of services that no port of the machine leads to.
var unpublished = map[string]string{"redis": "6379"}

// ReadCompose reads the file and lays out the containers' files below a folder:
// mounted files as copies that name the addresses of this machine.
func ReadCompose(dir string) (*Compose, error) {
	root, err := checkout()
	if err != nil {
		return nil, err
	}
	c := &Compose{root: root, dir: dir, ports: map[string]int{}}
	body, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	if err == nil {
		err = yaml.Unmarshal(body, c)
	}
	if err != nil {
		return nil, fmt.Errorf("read docker-compose.yml: %w", err)
	}
	for name, s := range c.Services {
		if len(s.Ports) > 0 || unpublished[name] != "" {
			if c.ports[name], err = freePort(); err != nil {
				return nil, err
			}
		}
	}
	for name := range c.Services {
		if err := c.mount(name); err != nil {
			return nil, fmt.Errorf("lay out %s: %w", name, err)
		}
	}
	return c, nil
}

// mount makes the mounted files and volumes of a service.
func (c *Compose) mount(name string) error {
	for _, v := range c.Services[name].Volumes {
		source, target, ok := strings.Cut(strings.TrimSuffix(v, ":ro"), ":")
		if !ok {
			return fmt.Errorf("the volume %q has no place in the container", v)
		}
		at := c.Path(name, target)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if strings.HasPrefix(source, "./") {
			if err := c.Copy(name, source, target); err != nil {
				return err
			}
			continue
		}
		// Services share it.
		shared := filepath.Join(c.dir, "volumes", source)
		if err := os.MkdirAll(shared, 0o755); err != nil {
			return err
		}
		if err := os.Symlink(shared, at); err != nil {
			return err
		}
	}
	return nil
}

// Copy puts a file of the checkout into a service's container, as its image or
// the compose file does.
func (c *Compose) Copy(name, source, target string) error {
	body, err := os.ReadFile(filepath.Join(c.root, source))
	if err != nil {
		return err
	}
	return os.WriteFile(c.Path(name, target), []byte(c.here(name, string(body))), 0o644)
}

// Path is where a file of a service's container is here.
func (c *Compose) Path(name, path string) string { return filepath.Join(c.dir, name, path) }

// Port is the one of a service here.
func (c *Compose) Port(name string) int { return c.ports[name] }

// URL is the address of a service, as the other services reach it.
func (c *Compose) URL(name string) string { return fmt.Sprintf("http://127.0.0.1:%d", c.ports[name]) }

// PeopleURL is the address of a service, as browsers reach it.
func (c *Compose) PeopleURL(name string) string {
	return fmt.Sprintf("http://localhost:%d", c.ports[name])
}

// here puts the addresses and paths of this machine into a text of a service.
// Services reach each other by 127.0.0.1, people reach them by localhost, so
// that no address can be taken for the other.
func (c *Compose) here(name, text string) string {
	var swaps []string
	for other, s := range c.Services {
		inside := unpublished[other]
		for _, p := range s.Ports {
			published, port, _ := cutLast(p, ":")
			inside = port
			swaps = append(swaps, published, fmt.Sprintf("localhost:%d", c.ports[other]))
		}
		if inside == "" {
			continue
		}
		here := fmt.Sprintf("127.0.0.1:%d", c.ports[other])
		swaps = append(swaps, other+":"+inside, here)
		if other == name {
			swaps = append(swaps, "0.0.0.0:"+inside, here, "*:"+inside, here)
		}
	}
	for _, v := range c.Services[name].Volumes {
		_, target, _ := strings.Cut(strings.TrimSuffix(v, ":ro"), ":")
		swaps = append(swaps, target, c.Path(name, target))
	}
	return strings.NewReplacer(swaps...).Replace(text)
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Args are the entrypoint, if the file names one, and the command of a service.
func (c *Compose) Args(name string) []string {
	s := c.Services[name]
	return c.all(name, slices.Concat(s.Entrypoint, s.Command))
}

// Healthcheck is the command that tells whether the service is well; nil where
// the file has none.
func (c *Compose) Healthcheck(name string) []string {
	test := c.Services[name].Healthcheck.Test
	if len(test) == 0 || test[0] != "CMD" {
		return nil
	}
	return c.all(name, test[1:])
}

func (c *Compose) all(name string, args []string) []string {
	out := slices.Clone(args)
	for i := range out {
		out[i] = c.here(name, out[i])
	}
	return out
}

// Service is a running one.
type Service struct{ proc *process }

// Stop ends it.
func (s *Service) Stop() { s.proc.stop(10 * time.Second) }

// start runs a service until a line says that it is ready. Its environment is
// this program's, with what the file adds.
func (c *Compose) start(ctx context.Context, name string, cmd *exec.Cmd, log io.Writer, ready string) (*Service, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	for _, key := range slices.Sorted(maps.Keys(c.Services[name].Environment)) {
		cmd.Env = append(cmd.Env, key+"="+c.here(name, c.Services[name].Environment[key]))
	}
	proc, err := startProcess(ctx, cmd, log, func(line string) bool { return strings.Contains(line, ready) })
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return &Service{proc}, nil
}

// StartGerrit runs the script of the service gerrit. What its image brings as
// gerrit.war is a Java program with the same commands: the war is published
// nowhere where its jars are, and brings plugins and pages that are left out.
func (c *Compose) StartGerrit(ctx context.Context, log io.Writer) (*Service, error) {
	r, err := releaseOf(Newest)
	if err != nil {
		return nil, err
	}
	l, err := build(ctx, r)
	if err != nil {
		return nil, err
	}
	// The last one names the class to start, of a site.
	args := append(slices.Clone(l.args[:len(l.args)-1]), "e2e.War")
	bin := c.Path("gerrit", "/usr/bin")
	shim := fmt.Sprintf("#!/bin/sh\n[ \"$1 $2\" = '-jar /var/gerrit/bin/gerrit.war' ] || exit 64\nshift 2\nexec '%s' '%s' \"$@\"\n", l.java, strings.Join(args, "' '"))
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(bin, "java"), []byte(shim), 0o755); err != nil {
		return nil, err
	}
	command := c.Args("gerrit")
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return c.start(ctx, "gerrit", cmd, log, "READY ")
}

// StartKeycloak runs the command of the service keycloak, by the script that is
// the entrypoint of its image, on a distribution of its own.
func (c *Compose) StartKeycloak(ctx context.Context, log io.Writer) (*Service, error) {
	j, err := keycloakJDK(ctx)
	if err != nil {
		return nil, err
	}
	dist, err := fetchKeycloak(ctx, j)
	if err != nil {
		return nil, err
	}
	home := c.Path("keycloak", "/opt/keycloak")
	// It builds itself anew for what it is asked to do, into the folder that its
	// files resolve to: links would have it change what the other tests start.
	if err := os.CopyFS(home, os.DirFS(dist)); err != nil {
		return nil, err
	}
	args := append([]string{filepath.Join(home, "bin", "kc.sh")}, c.Args("keycloak")...)
	cmd := exec.Command("/bin/sh", append(args, "--http-host=127.0.0.1", "--http-port="+strconv.Itoa(c.Port("keycloak")))...)
	cmd.Env = append(os.Environ(), "JAVA_HOME="+j.home)
	return c.start(ctx, "keycloak", cmd, log, "Listening on:")
}

// StartRedis runs the command of the service redis.
func (c *Compose) StartRedis(ctx context.Context, log io.Writer) (*Service, error) {
	command := c.Args("redis")
	cmd := exec.Command(command[0], append(command[1:], "--bind", "127.0.0.1", "--port", strconv.Itoa(c.Port("redis")), "--dir", c.Path("redis", "/data"))...)
	return c.start(ctx, "redis", cmd, log, "Ready to accept connections")
}

// imageCommand is the line of a Dockerfile that says what its image runs.
var imageCommand = regexp.MustCompile(`(?m)^CMD (\[.*\])$`)

// StartBackstage runs what the image of the service backstage runs, in the
// checkout.
func (c *Compose) StartBackstage(ctx context.Context, log io.Writer) (*Service, error) {
	if err := buildPages(ctx, "app"); err != nil {
		return nil, err
	}
	if err := c.Copy("backstage", "deploy/app-config.yaml", "/app/app-config.yaml"); err != nil {
		return nil, err
	}
	body, err := os.ReadFile(filepath.Join(c.root, "backstage", "Dockerfile"))
	if err != nil {
		return nil, err
	}
	line := imageCommand.FindSubmatch(body)
	if line == nil {
		return nil, fmt.Errorf("start backstage: its Dockerfile has no line %s", imageCommand)
	}
	var command []string
	if err := yaml.Unmarshal(line[1], &command); err != nil {
		return nil, fmt.Errorf("start backstage: %w", err)
	}
	for i, arg := range command {
		command[i] = strings.Replace(arg, "/app/app-config.yaml", c.Path("backstage", "/app/app-config.yaml"), 1)
	}
	workspace := filepath.Join(c.root, "backstage")
	cmd := exec.Command(filepath.Join(workspace, command[0]), command[1:]...)
	cmd.Dir = workspace
	cmd.Env = append(os.Environ(), "NODE_ENV=production", "NO_COLOR=1")
	return c.start(ctx, "backstage", cmd, log, "Listening on")
}
