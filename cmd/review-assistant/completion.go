// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run implements the command.
func (c completionCmd) Run(p *program) error {
	words := map[string][]string{}
	collect(p.parser.Model.Node, "", words)
	switch c.Shell {
	case "fish":
		for _, path := range slices.Sorted(maps.Keys(words)) {
			next := words[path]
			cond := "__fish_use_subcommand"
			if path != "" {
				cond = "__fish_seen_subcommand_from " + path[strings.LastIndexByte(path, ' ')+1:]
			}
			p.ui.printf("complete -c review-assistant -n '%s' -a '%s'\n", cond, strings.Join(next, " "))
		}
		return nil
	case "zsh":
		p.ui.printf("autoload -U +X bashcompinit && bashcompinit\n")
	}
	p.ui.printf("_review_assistant() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} path= w\n")
	p.ui.printf("\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do case $w in -*) ;; *) path=\"${path:+$path }$w\" ;; esac; done\n\tcase $path in\n")
	for _, path := range slices.Sorted(maps.Keys(words)) {
		next := words[path]
		p.ui.printf("\t'%s') COMPREPLY=($(compgen -W '%s' -- \"$cur\")) ;;\n", path, strings.Join(next, " "))
	}
	p.ui.printf("\t*) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n\tesac\n}\ncomplete -o default -F _review_assistant review-assistant\n")
	return nil
}

// collect lists what may follow each command path.
func collect(n *kong.Node, path string, words map[string][]string) {
	for _, child := range n.Children {
		words[path] = append(words[path], child.Name)
		collect(child, strings.TrimSpace(path+" "+child.Name), words)
	}
	for _, f := range n.Flags {
		words[path] = append(words[path], "--"+f.Name)
	}
}
