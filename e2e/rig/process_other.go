// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package rig

import "os/exec"

// DieWithParent does nothing here: only Linux offers it. A test binary that
// panics leaves its servers behind.
func DieWithParent(*exec.Cmd) {}
