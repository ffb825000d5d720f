// SPDX-License-Identifier: Apache-2.0

// Command review-assistant is the bot and its tools. This package is wiring
// and terminal text, nothing else: one file for each command, config.go for
// the server's file, open.go for putting the parts together, ui.go for the
// terminal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"review-assistant/scrub"
)

// version is set by the linker.
var version = "development"

// Exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2 // usage or configuration
	exitFindings = 3 // scrub --check, doctor, audit verify
)

// errFindings makes the program exit with 3: it worked, and found something.
var errFindings = errors.New("findings")

// configVariable names the server's configuration, where no flag does.
const configVariable = "REVIEW_ASSISTANT_CONFIG"

// cli is the manual: commands, flags and their help.
type cli struct {
	Config      string           `short:"c" type:"path" placeholder:"FILE" env:"${config_variable}" help:"The server's configuration (docs/config.md)."`
	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`

	Serve       serveCmd       `cmd:"" help:"Run the bot."`
	Demo        demoCmd        `cmd:"" help:"Show the whole job in ten seconds: no server, no account."`
	Review      reviewCmd      `cmd:"" help:"Review one change of a Gerrit, or a diff from a file."`
	Scrub       scrubCmd       `cmd:"" help:"Remove secrets from a diff, message or log."`
	Fingerprint fingerprintCmd `cmd:"" help:"Print the hash of a value for a project's list of allowed values."`
	Summarize   summarizeCmd   `cmd:"" help:"Summarize a diff."`
	Eval        evalCmd        `cmd:"" help:"Evaluate a part of the bot on recorded data."`
	Doctor      doctorCmd      `cmd:"" help:"Check configuration, accounts, rights and servers."`
	Audit       auditCmd       `cmd:"" help:"Verify, query and export the audit log."`
	Dlq         dlqCmd         `cmd:"" help:"Look at jobs that were given up, and replay or drop them."`
	Stop        stopCmd        `cmd:"" help:"Kill switch: stop posting, asking models, or a project."`
	Resume      resumeCmd      `cmd:"" help:"Take a stop back."`
	Reviewers   reviewersCmd   `cmd:"" help:"Report on suggested reviewers, and replay a suggestion."`
	Backfill    backfillCmd    `cmd:"" help:"Ask for summaries of open changes of a project."`
	Builds      buildsCmd      `cmd:"" help:"Read logs of builds, rank failures."`
	Identity    identityCmd    `cmd:"" help:"Say how people lead to Gerrit accounts, and let bindings go."`
	History     historyCmd     `cmd:"" help:"Learn who reviewed what, from Gerrit or a git clone."`
	ConfigTool  configCmd      `cmd:"" name:"config" help:"Check configuration files."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
	Completion  completionCmd  `cmd:"" help:"Print a completion script for a shell."`
}

// program is what commands get: streams, context, the configuration's path.
type program struct {
	ctx    context.Context
	in     io.Reader
	ui     *ui
	config string
	parser *kong.Kong
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process: tests call it.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	screen := newUI(out, errOut)
	code := command(ctx, args, in, screen)
	if err := screen.out.failed(); err != nil && (code == exitDone || code == exitFindings) {
		fmt.Fprintln(errOut, "review-assistant: write the output:", err)
		return exitFailed
	}
	return code
}

func command(ctx context.Context, args []string, in io.Reader, screen *ui) int {
	errOut := screen.err
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("review-assistant"),
		kong.Description("A review assistant for Gerrit and Backstage: it scrubs secrets from a change, summarizes it, suggests reviewers, and posts one comment."),
		kong.Writers(screen.out, errOut),
		kong.Vars{"config_variable": configVariable, "version": "review-assistant " + version, "pii_classes": strings.Join(scrub.PIIClasses, ", ")},
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(errOut, "review-assistant:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help or --version has printed
	}
	switch {
	case err != nil && screen.out.failed() != nil: // that help could not be written is no wrong call
		return report(err, errOut)
	case err != nil:
		fmt.Fprintf(errOut, "review-assistant: %s; see %s --help\n", shown(err), manual(err))
		return exitUsage
	}
	// A stale variable must not stop commands that need no configuration.
	if _, err := os.Stat(c.Config); c.Config != "" && err != nil && os.Getenv(configVariable) == "" {
		fmt.Fprintf(errOut, "review-assistant: --config: %s; name the server's configuration\n", shown(err))
		return exitUsage
	}
	p := &program{ctx: ctx, in: in, ui: screen, config: c.Config, parser: parser}
	return report(k.Run(p), errOut)
}

// manual is the command that a wrong call was for.
func manual(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context.Selected() != nil {
		return "review-assistant " + parse.Context.Selected().Path()
	}
	return "review-assistant"
}

// shown is an error without what a terminal would obey: it may repeat what a
// flag, a file or a server said.
func shown(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

// report prints an error for people and returns the exit code.
func report(err error, errOut io.Writer) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.As(err, &usage):
		fmt.Fprintln(errOut, "review-assistant:", strings.TrimRight(shown(err), "\n"))
		return exitUsage
	}
	fmt.Fprintln(errOut, "review-assistant:", shown(err))
	return exitFailed
}

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(p *program) error {
	p.ui.printf("review-assistant %s\n", version)
	return nil
}
