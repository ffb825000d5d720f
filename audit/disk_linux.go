// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"fmt"
	"os"
	"syscall"
)

// datasync makes data and size durable, but not the times.
func datasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// Magic numbers of statfs(2) for file systems that vanish with the machine or
// the container.
var ephemeral = map[int64]string{
	0x01021994: "tmpfs",
	0x858458f6: "ramfs",
	0x794c7630: "overlay",
}

// Ephemeral reports the kind of file system under dir when it does not survive
// a restart: a RAM disk or a container's own layer. "" means that it does, as
// far as can be told.
func Ephemeral(dir string) (kind string, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return "", fmt.Errorf("look at audit directory: %w", os.NewSyscallError("statfs", err))
	}
	return ephemeral[int64(uint32(st.Type))], nil
}
