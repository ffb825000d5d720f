// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"review-assistant/scrub"
)

// maxFingerprint is in bytes: no secret is longer.
const maxFingerprint = 64 << 10

type fingerprintCmd struct{}

// Help is the long help.
func (fingerprintCmd) Help() string {
	return `The value is read from standard input, so that it stands in no list of processes and no shell history. One line end behind it does not count. The hash goes into a project's review-assistant.config, as "allow" in [scrub]; it fits this server's key alone.`
}

// Run implements the command.
func (fingerprintCmd) Run(p *program) error {
	c, err := serverConfig(p)
	if err != nil {
		return err
	}
	key, err := loadValueKey(c.valueKeyFile(), false)
	if err != nil {
		return err
	}
	if key == nil {
		return &usageError{fmt.Errorf("no server has run with %s: its key %s is not there", p.config, c.valueKeyFile())}
	}
	raw, err := io.ReadAll(io.LimitReader(p.in, maxFingerprint+1))
	if err != nil {
		return fmt.Errorf("read the value: %w", err)
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	switch {
	case value == "":
		return &usageError{errors.New("fingerprint: write the value to standard input")}
	case len(raw) > maxFingerprint:
		return &usageError{fmt.Errorf("fingerprint: the value is longer than %d bytes", maxFingerprint)}
	}
	s, err := scrub.New(scrub.Options{Key: key})
	if err != nil {
		return err
	}
	p.ui.printf("%s\n", s.Fingerprint(value))
	return nil
}
