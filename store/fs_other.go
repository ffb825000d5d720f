// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package store

func remoteFS(string) string { return "" }
