// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/buildlog"
	"review-assistant/server"
)

// BuildsConfig is about what CI says.
type BuildsConfig struct {
	LogHosts   []LogHostConfig    `yaml:"log_hosts" env:"-" doc:"Hosts from which logs of builds are read, one entry each. Without any, the results of builds are known and no line of their logs."`
	Tokens     []BuildTokenConfig `yaml:"tokens" env:"-" doc:"Who may push builds, read failures and mark them over the API, one entry each. api.token_files may read and mark everything."`
	Delay      time.Duration      `yaml:"delay" env:"DELAY" doc:"How long what a CI says waits for its other jobs before it is told on the change."`
	ClusterURL string             `yaml:"cluster_url" env:"CLUSTER_URL" doc:"Where your portal shows a cluster of failures, with {host}, {project} and {fingerprint}; posts then link there."`
	Spool      string             `yaml:"spool" env:"SPOOL" doc:"Folder for pushes that are resumed; what lies there is not scrubbed and goes when it was read, or after an hour. Empty means that pushes cannot be resumed."`
	SpoolBytes int64              `yaml:"spool_bytes" env:"SPOOL_BYTES" doc:"Bytes that may lie in the spool."`
	MaxBody    int64              `yaml:"max_body" env:"MAX_BODY" doc:"Largest pushed report or log in bytes as it is sent; unpacked it may be four times as large."`
	MaxLog     int64              `yaml:"max_log" env:"MAX_LOG" doc:"Bytes of a log that are read, after decompression; what is behind is not."`
}

// LogHostConfig is a host of logs.
type LogHostConfig struct {
	Host         string   `yaml:"host" doc:"Name as it stands in addresses of builds, with the port unless it is the usual one: ci.example.com or ci.example.com:8443."`
	Private      []string `yaml:"private" doc:"In-house address ranges in which this host, and it alone, may be, such as 10.20.0.0/16. Then it may be nowhere else. Without them it has to have a public address."`
	Projects     []string `yaml:"projects" doc:"Globs of HOST/NAME whose logs are on this host; empty means all. A project's owner chooses its CI accounts, and these the addresses: with a secret for the host, list the projects."`
	Paths        []string `yaml:"paths" doc:"Globs of paths that are read, such as /job/**; empty means all. With a token or user it keeps a stranger's address from what else the account may see."`
	Plain        bool     `yaml:"plain" doc:"Also take http:// addresses of this host."`
	CAFile       string   `yaml:"ca_file" doc:"PEM file with the CA of this host; empty means the system's."`
	TokenFile    string   `yaml:"token_file" doc:"File with a bearer token for this host; read again when it changes."`
	User         string   `yaml:"user" doc:"User name for HTTP Basic at this host, such as a Jenkins account that may only read."`
	PasswordFile string   `yaml:"password_file" doc:"File with the password or API token of user; read again when it changes."`
	ProxyURL     string   `yaml:"proxy_url" doc:"Proxy for this host. Proxies of the environment are ignored."`
}

// BuildTokenConfig is who may use the API about builds.
type BuildTokenConfig struct {
	Name     string   `yaml:"name" doc:"Who it is, for the audit log."`
	Files    []string `yaml:"files" doc:"Files with the token, in the current and the next generation; read again when they change. Each token has at least 16 bytes."`
	Projects []string `yaml:"projects" doc:"Globs of HOST/NAME that it is for; empty means all."`
	May      []string `yaml:"may" doc:"What it may: push, read, mark."`
}

var (
	tokenRights = []string{server.RightPush, server.RightRead, server.RightMark}
	tokenName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,31}$`)
)

// validate returns every fault at once.
func (b *BuildsConfig) validate() (out []ConfigProblem) {
	bad := complain(&out, "builds.")
	hosts := map[string]bool{}
	for i, h := range b.LogHosts {
		key := fmt.Sprintf("log_hosts[%d].", i)
		bad(!hosts[h.Host], key+"host", fmt.Sprintf("%q is there twice", h.Host), "put its ranges and paths into one entry")
		hosts[h.Host] = true
		bad(h.Host != "", key+"host", "is missing", "write the name that stands in addresses of builds")
		for _, r := range h.Private {
			_, err := netip.ParsePrefix(r)
			bad(err == nil, key+"private", fmt.Sprintf("%q is no CIDR", r), "write for example 10.20.0.0/16")
		}
		for _, p := range h.Projects {
			bad(doublestar.ValidatePattern(p) && strings.Contains(p, "/"), key+"projects", fmt.Sprintf("%q is no glob of HOST/NAME", p), "write for example main/pay/**")
		}
		bad((h.User == "") == (h.PasswordFile == ""), key+"user", "only one of user and password_file is set", "set both or none")
		bad(h.User == "" || h.TokenFile == "", key+"token_file", "both user and token_file are set", "keep one")
		out = append(out, checkURL("builds."+key+"proxy_url", h.ProxyURL, false)...)
	}
	names := map[string]bool{}
	for i, t := range b.Tokens {
		key := fmt.Sprintf("tokens[%d].", i)
		bad(tokenName.MatchString(t.Name), key+"name", fmt.Sprintf("%q is no name", t.Name), "use letters, digits and -")
		bad(!names[t.Name], key+"name", fmt.Sprintf("%q is there twice", t.Name), "give each its own")
		names[t.Name] = true
		bad(len(t.Files) > 0, key+"files", "is missing", "write 32 random bytes in hex into a file and name it here")
		for _, p := range t.Projects {
			bad(doublestar.ValidatePattern(p) && strings.Contains(p, "/"), key+"projects", fmt.Sprintf("%q is no glob of HOST/NAME", p), "write for example main/pay/**")
		}
		bad(len(t.May) > 0, key+"may", "is missing", "list some of "+strings.Join(tokenRights, ", "))
		for _, m := range t.May {
			bad(slices.Contains(tokenRights, m), key+"may", fmt.Sprintf("%q is unknown", m), "use "+strings.Join(tokenRights, ", "))
		}
	}
	within := func(key string, v, low, high int64) {
		bad(v >= low && v <= high, key, fmt.Sprintf("%d is out of range", v), fmt.Sprintf("use %d to %d", low, high))
	}
	bad(b.Delay >= 0 && b.Delay <= time.Hour, "delay", b.Delay.String()+" is out of range", "use 0s to 1h")
	if b.ClusterURL != "" {
		filled := strings.NewReplacer("{host}", "h", "{project}", "p", "{fingerprint}", "f").Replace(b.ClusterURL)
		out = append(out, checkURL("builds.cluster_url", filled, false)...)
	}
	within("spool_bytes", b.SpoolBytes, 1<<20, 1<<40)
	within("max_body", b.MaxBody, 1<<20, 1<<30)
	within("max_log", b.MaxLog, 1<<20, 4<<30)
	return out
}

// files calls at for every path.
func (b *BuildsConfig) files(at func(*string)) {
	at(&b.Spool)
	for i := range b.LogHosts {
		h := &b.LogHosts[i]
		at(&h.CAFile)
		at(&h.TokenFile)
		at(&h.PasswordFile)
	}
	for i := range b.Tokens {
		for j := range b.Tokens[i].Files {
			at(&b.Tokens[i].Files[j])
		}
	}
}

// hosts are the entries as the fetcher takes them.
func (b *BuildsConfig) hosts() (out []buildlog.Host) {
	for _, h := range b.LogHosts {
		entry := buildlog.Host{
			Host: h.Host, Paths: h.Paths, Plain: h.Plain, CAFile: h.CAFile, TokenFile: h.TokenFile, User: h.User, PasswordFile: h.PasswordFile, ProxyURL: h.ProxyURL,
		}
		for _, r := range h.Private {
			if p, err := netip.ParsePrefix(r); err == nil {
				entry.Private = append(entry.Private, p)
			}
		}
		out = append(out, entry)
	}
	return out
}
