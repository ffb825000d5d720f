// SPDX-License-Identifier: Apache-2.0

//go:build race

package bot

// raced says whether the race detector looks on, which makes everything ten
// times slower: then attacks are played in fewer variants.
const raced = true
