// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package audit

import "os"

func datasync(f *os.File) error { return f.Sync() }

// Ephemeral reports the kind of file system under dir when it does not survive
// a restart. It can be told on Linux only.
func Ephemeral(string) (kind string, err error) { return "", nil }
