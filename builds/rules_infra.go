// SPDX-License-Identifier: Apache-2.0

package builds

// infraRules are what a build needs and did not get: disk, network, rights,
// packages, the CI itself.
func infraRules() []rule {
	return []rule{
		{
			id: "disk", tier: tierBroken, kind: KindInfra, keys: []string{"no space left", "disk quota exceeded", "enospc", "read-only file system"},
			pattern: `[Nn]o space left on device|[Dd]isk quota exceeded|ENOSPC|[Rr]ead-only file system`,
			hits:    []string{"write /tmp/x: no space left on device"},
			source:  "https://man7.org/linux/man-pages/man3/errno.3.html",
		},
		{
			id: "git", tier: tierBroken, kind: KindInfra, keys: []string{"could not checkout", "error cloning", "error fetching remote", "fatal: unable to access", "could not read from remote", "early eof", "rpc failed", "unsafe repository", "dubious ownership", "fatal: could not", "fatal: repository", "fatal: remote error", "fatal: reference is not", "couldn't find remote ref", "couldn't find any revision", "automatic merge failed", "conflict ("},
			pattern: `^(?:(?:stderr: )?fatal: (?:unable to access|[Cc]ould not read|unsafe repository|detected dubious|could not|repository|remote error|reference is not|early EOF|the remote end)|Automatic merge failed|CONFLICT \()|Could not checkout|ERROR: Error (?:cloning|fetching)|Could not read from remote|error: RPC failed|couldn't find remote ref|Couldn't find any revision`,
			hits:    []string{"ERROR: Error cloning remote repo 'origin'", "fatal: unable to access 'https://x/': The requested URL returned error: 503", "fatal: unsafe repository ('/w' is owned by someone else)", "CONFLICT (content): Merge conflict in a.txt"},
			source:  "https://git-scm.com/docs/git-clone",
		},
		{
			id: "maven-deps", tier: tierBroken, name: `(?:Could not (?:find|transfer) artifact |: )([\w.-]+:[\w.-]+:[\w.-]+(?::[\w.-]+)+) (?:in |from/to |was not found in )`, kind: KindInfra, category: categoryDependency, keys: []string{"could not resolve dependencies", "could not resolve all", "could not find artifact", "could not transfer artifact", "could not determine the dependencies", "could not resolve ", "non-resolvable", "dependency resolution failed", "plugin [id:", "unresolvable build extension"},
			pattern: `Could not resolve (?:dependencies|all (?:files|dependencies|task|artifacts))|^\W*> Could not (?:resolve|find|download|GET)|Could not (?:find artifact|transfer artifact|determine the dependencies)|Non-resolvable (?:parent|import)|Plugin \[id: .*was not found|Unresolvable build extension`,
			hits:    []string{"[ERROR] Failed to execute goal on project a: Could not resolve dependencies for project x:jar:1", "   > Could not resolve org.a:b:1.0.", "[FATAL] Non-resolvable parent POM for x"},
			source:  "https://docs.gradle.org/current/userguide/dependency_resolution.html",
		},
		{
			id: "npm-code", tier: tierRefused, kind: KindInfra, category: categoryDependency, keys: []string{"code e404", "code eresolve", "code etarget", "code eusage", "code eintegrity"},
			pattern: `^npm (?:ERR!|error) code E`,
			hits:    []string{"npm error code EUSAGE", "npm ERR! code ERESOLVE"},
			source:  "https://docs.npmjs.com/cli/using-npm/logging",
		},
		{
			id: "npm-deps", tier: tierBroken, kind: KindInfra, category: categoryDependency, keys: []string{"npm error eresolve", "npm err! eresolve", "unable to resolve dependency tree", "etarget", "notarget", "404 not found - ", "is not in this registry", "can only install packages", "npm error missing:", "npm error invalid:", "npm err! missing:", "npm err! invalid:", "err_pnpm", "couldn't find package", "couldn't find any versions", "integrity check", "eintegrity", "lockfile needs to be updated", "out of sync", "outdated lockfile", "yn00"},
			pattern: `npm (?:ERR!|error) (?:ERESOLVE|notarget|404 Not Found - |404 .* is not in this registry|.npm ci. can only install|(?:Missing|Invalid): )|[Uu]nable to resolve dependency tree|\b(?:ETARGET|EINTEGRITY)\b|ERR_PNPM_|Couldn't find (?:package|any versions)|[Ii]ntegrity check(?:sum)? fail|lockfile needs to be updated|are (?:not )?in sync|➤ YN00(?:01|09|18|28|35|82): .*`,
			hits:    []string{"npm error ERESOLVE unable to resolve dependency tree", "npm error Missing: x@2.0.5 from lock file", "npm error 404 Not Found - GET https://registry.npmjs.org/x", "ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\"", "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`."},
			source:  "https://docs.npmjs.com/cli/commands/npm-install",
		},
		{
			id: "pip-deps", tier: tierBroken, name: `(?:satisfies the requirement|distribution found for) (\S+)`, kind: KindInfra, category: categoryDependency, keys: []string{"no matching distribution", "could not find a version", "resolutionimpossible", "could not install packages", "no matching version", "failed building wheel", "cannot install ", "could not build wheels", "failed to build installable", "subprocess-exited-with-error", "metadata-generation-failed", "unsatisfiable", "nothing provides", "packagesnotfound", "solverproblemerror", "no solution found"},
			pattern: `No matching distribution|Could not find a version|ResolutionImpossible|Could not install packages|No matching version|Failed building wheel|^ERROR: Cannot install|Could not build wheels|Failed to build installable|subprocess-exited-with-error|metadata-generation-failed|Unsatisfiable|nothing provides|PackagesNotFound|SolverProblemError|No solution found`,
			hits:    []string{"ERROR: No matching distribution found for x==9", "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='x', port=443)", "  error: subprocess-exited-with-error", "UnsatisfiableError: x"},
			source:  "https://pip.pypa.io/en/stable/topics/dependency-resolution/",
		},
		{
			id: "apt-deps", tier: tierBroken, kind: KindInfra, category: categoryDependency, keys: []string{"unable to locate package", "unmet dependencies", "has no installation candidate", "failed to fetch", "sub-process /usr/bin/dpkg", "no package ", "no match for argument", "unable to find a match", "is not signed", "could not get lock", "hash sum mismatch"},
			pattern: `^(?:E: (?:Unable to locate|Unable to correct|Package .* has no|Failed to fetch|Sub-process|Could not get lock|Version .* was not found|The repository)|(?:Error: )?(?:No match for argument|Unable to find a match))|unmet dependencies|Hash Sum mismatch`,
			hits:    []string{"E: Unable to locate package x", "E: Failed to fetch http://x  404  Not Found", "Error: Unable to find a match: x"},
			source:  "https://manpages.debian.org/stable/apt/apt-get.8.en.html",
		},
		{
			id: "other-deps", tier: tierBroken, kind: KindInfra, category: categoryDependency, keys: []string{"bundler could not find", "could not find gem", "your requirements could not be resolved", "failed to select a version", "failed to download", "no matching package", "failed to get `", "could not find compatible versions", "module lookup disabled", "invalid version: ", "unknown revision", "checksum mismatch", "failed to load source"},
			pattern: `Bundler could not find|Could not find gem|Your requirements could not be resolved|error: failed to (?:select a version|get |download|load source)|error: no matching package|Could not find compatible versions|module lookup disabled|invalid version: |unknown revision|verifying .*checksum mismatch`,
			hits:    []string{"Your requirements could not be resolved to an installable set of packages.", "error: failed to select a version for `x`.", "go: x.org/y@v1.2.3: invalid version: unknown revision v1.2.3"},
			source:  "https://getcomposer.org/doc/articles/troubleshooting.md",
		},
		{
			// From a server under test as well as from a mirror that is down: only from
			// programs that fetch it is the network's fault.
			id: "connection", tier: tierRefused, kind: KindInfra, keys: []string{"connection refused", "connection reset", "econnreset", "econnrefused", "etimedout", "socket hang up", "certificate verify failed", "unexpected eof", "max retries exceeded", "unable to connect", "failed to connect", "the connection to the server "},
			pattern: `(?i)^\W*(?:(?:curl|wget|ssh|scp|sftp|rsync|git|fatal|npm|yarn|pnpm|pip|docker|podman|kubectl|helm|apt|E|Err|W|go|cargo|bundler|mvn|gradle)\b|kex_exchange|client_loop|error during connect|The connection to the server|Get "|Error response|ERROR: (?:HTTP|Could|Cannot)|error: (?:RPC|unable to access)).*(?:refused|reset|timedout|hang up|verify failed|unexpected eof|retries exceeded|to connect)`,
			hits:    []string{"ssh: connect to host x port 22: Connection refused", "fatal: unable to access 'https://x/': Failed to connect to x port 443", "npm error errno ECONNREFUSED"},
			misses:  []string{"server: connection refused at startup", "    client_test.go:9: read: connection reset by peer"},
			source:  "https://curl.se/libcurl/c/libcurl-errors.html",
		},
		{
			id: "connection-words", tier: tierRefused, kind: KindOther, keys: []string{"connection refused", "connection reset", "econnreset", "econnrefused", "etimedout", "socket hang up", "certificate verify failed", "unexpected eof", "max retries exceeded", "unable to connect", "failed to connect"},
			hits:   []string{"server: connection refused at startup", "read ECONNRESET", "requests: certificate verify failed"},
			source: "https://man7.org/linux/man-pages/man2/connect.2.html",
		},
		{
			id: "network", tier: tierRefused, kind: KindInfra, keys: []string{
				"could not resolve host", "could not resolve proxy", "the connection to the server ", "connection timed out", "service unavailable", "bad gateway", "gateway time-out", "gateway timeout",
				"too many requests", "rate limit exceeded", "no route to host", "network is unreachable", "name or service not known", "temporary failure in name", "enotfound",
				"eai_again", "tls handshake", "ssl certificate", "certificate has expired", "http error 5", "http 500", "http 502",
				"http 503", "http 504", "error 502", "error 503", "error 504", "error: 502", "error: 503", "error: 504", "response code: 50", "unknownhost",
				"remote host terminated", "wget: unable", "error response from daemon",
			},
			hits:   []string{"curl: (6) Could not resolve host: x", "read ECONNRESET", "caused by UnknownHostException: repo.example", "requests: certificate verify failed"},
			source: "https://curl.se/libcurl/c/libcurl-errors.html",
		},
		{
			id: "curl", tier: tierRefused, kind: KindInfra, keys: []string{"curl: ("},
			pattern: `^curl: \(\d+\) `,
			hits:    []string{"curl: (22) The requested URL returned error: 404", "curl: (7) Failed to connect to x port 80 after 0 ms: Couldn't connect to server"},
			source:  "https://curl.se/libcurl/c/libcurl-errors.html",
		},
		{
			id: "short-write", tier: tierRefused, kind: KindInfra, keys: []string{"wrote only "},
			pattern: `: Wrote only \d+ of \d+ bytes`,
			hits:    []string{"tar: x.tar: Wrote only 2048 of 10240 bytes"},
			source:  "https://www.gnu.org/software/tar/manual/tar.html",
		},
		{
			id: "rights", tier: tierRefused, kind: KindInfra, category: "config", keys: []string{
				"permission denied", "access denied", "accessdenied", "401 unauthorized", "unauthorized: ", "403 forbidden", "authentication failed", "authentication required", "not accessible by integration", "http 401", "http 403",
				"bad credentials", "could not read username", "could not read password", "invalid username or password", "no basic auth", "requires authentication", "eacces", "operation not permitted",
				"input required and not supplied", "requested access to the resource",
			},
			hits:   []string{"gh: Resource not accessible by integration (HTTP 403)", "denied: requested access to the resource is denied", "./gradlew: Permission denied"},
			source: "https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api",
		},
		{
			id: "runner", tier: tierBroken, kind: KindInfra, keys: []string{
				"lost communication with the server", "runner has received a shutdown", "job failed (system failure)", "error: preparation failed", "closedchannelexception", "channelclosedexception", "hudson.remoting.requestabort",
				"agent went offline", "node_failure", "unreachable! =>", "pull access denied", "manifest unknown", "manifest for ", "failed to pull image", "failed to create container", "cannot connect to the docker daemon",
				"imagepullbackoff", "errimagepull", "toomanyrequests", "failed to download action", "unable to resolve action", "can't find 'action",
			},
			hits:   []string{"The self-hosted runner: x lost communication with the server.", "ERROR: Job failed (system failure): prepare environment: exit status 1", "fatal: [node-1]: UNREACHABLE! => {\"msg\": \"x\"}", "docker: Error response from daemon: pull access denied for x"},
			source: "https://docs.gitlab.com/runner/faq/",
		},
		{
			id: "missing", tier: tierRefused, kind: KindConfig, category: "config", keys: []string{
				"command not found", "not found", "no such file", "no such module", "no such option", "no such image", "no such container", "no module named", "cannot find", "cannot open", "cannot load", "can't find", "can't open",
				"can't load", "could not find", "could not open", "could not load", "couldn't find", "modulenotfounderror", "importerror: ", "is not recognized as", "unable to ", "not installed", "failed to find", "does not look like",
				"mismatch", "out of date", "is not supported", "not supported", "is not allowed", "is not available", "is not a valid", "is not valid", "unsupported", "unknown option", "unrecognized", "classnotfound",
				"noclassdef", "no rule to make target", "is missing", "missing required", "missing script", "invalid option", "invalid argument", "invalid value", "invalid workflow",
			},
			hits:   []string{"bash: foo: command not found", "tar: This does not look like a tar archive", "npm: Missing script: \"x\""},
			source: "https://www.gnu.org/software/bash/manual/bash.html#Exit-Status",
		},
	}
}
