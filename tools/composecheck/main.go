// SPDX-License-Identifier: Apache-2.0

// Command composecheck reads a compose file with the specification's own
// parser and prints its services.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: composecheck FILE")
		os.Exit(2)
	}
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "composecheck:", err)
		os.Exit(1)
	}
}

func check(path string) error {
	o, err := cli.NewProjectOptions([]string{path}, cli.WithName("review-assistant"), cli.WithProfiles([]string{"*"}))
	if err != nil {
		return err
	}
	p, err := o.LoadProject(context.Background())
	if err != nil {
		return err
	}
	names := p.ServiceNames()
	slices.Sort(names)
	for _, n := range names {
		s := p.Services[n]
		fmt.Printf("%-12s image=%s command=%v\n", n, s.Image, s.Command)
	}
	return nil
}
