// SPDX-License-Identifier: Apache-2.0

package store

import "syscall"

// Magic numbers of statfs(2) for file systems on which SQLite's locks, shared
// memory or syncs do not hold.
var remote = map[int64]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xfe534d42: "SMB",
	0xff534d42: "CIFS",
	0x01021997: "9P",
	0x00c36400: "CephFS",
	0x01021994: "tmpfs",
	0x858458f6: "ramfs",
}

// remoteFS names the file system under dir when it is not fit for a database,
// as far as that can be told.
func remoteFS(dir string) string {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return ""
	}
	return remote[int64(uint32(st.Type))]
}
