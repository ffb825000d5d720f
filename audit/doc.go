// SPDX-License-Identifier: Apache-2.0

// Package audit is the record of every act of the bot and of the people who
// run it: who, what, on what, why, with which versions, with what result.
//
// The invariant: when [Log.Append] returns without an error, the record is on
// disk, and no later edit, removal or reordering of it passes [Verify] with a
// checkpoint that was published before. No record holds content: every field
// is bounded, and texts appear only as keyed hashes.
//
// A log is a directory:
//
//	00000000000000000000.jsonl   records, one JSON object a line; the name is the first sequence number
//	checkpoints.jsonl            every signed checkpoint
//	checkpoint                   the newest one (C2SP tlog-checkpoint)
//	state.json                   where the newest one stands, so that opening needs no full read
//	lock                         one process writes
//
// Each line is a leaf of an RFC 6962 tree, and ends with a chain value over
// its predecessors. The chain says which record is wrong; the tree is what the
// checkpoints sign.
//
// A new kind of act is one more Action constant in entry.go.
package audit
