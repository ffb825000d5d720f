// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"os/exec"
	"syscall"
)

// DieWithParent has the kernel end the server when the test binary ends
// without saying goodbye, as after a panic or a test timeout.
func DieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
