// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// Proof shows to somebody who has only a published checkpoint that one record
// is in the log.
type Proof struct {
	Index      int64            `json:"index"`
	Record     json.RawMessage  `json:"record"`
	Hashes     tlog.RecordProof `json:"hashes"`
	Checkpoint string           `json:"checkpoint"`
}

// Prove returns the inclusion proof of a record in the newest checkpoint.
func Prove(dir string, keys []string, index int64) (Proof, error) {
	known, err := verifiers(keys)
	if err != nil {
		return Proof{}, err
	}
	raw, err := readSmall(filepath.Join(dir, checkpointFile), maxNote)
	if err != nil {
		return Proof{}, fmt.Errorf("read checkpoint: %w", err)
	}
	c, err := parseCheckpoint(raw, known)
	if err != nil {
		return Proof{}, fmt.Errorf("newest checkpoint: %w", err)
	}
	if index < 0 || index >= c.Tree.N {
		return Proof{}, fmt.Errorf("record %d is not under the newest checkpoint, which signs %d records; try again in a minute", index, c.Tree.N)
	}
	p := Proof{Index: index, Checkpoint: string(raw)}
	read := func(indexes []int64) ([]tlog.Hash, error) {
		hashes, record, err := collect(dir, c.Tree.N, index, indexes)
		p.Record = record
		return hashes, err
	}
	if p.Hashes, err = tlog.ProveRecord(c.Tree.N, index, tlog.HashReaderFunc(read)); err != nil {
		return Proof{}, err
	}
	if p.Record == nil { // the only record needs no hashes
		if _, p.Record, err = collect(dir, c.Tree.N, index, nil); err != nil {
			return Proof{}, err
		}
	}
	if err := p.Check(keys); err != nil {
		return Proof{}, fmt.Errorf("%w; run \"audit verify\"", err)
	}
	return p, nil
}

// Check checks the proof with nothing but the public key.
func (p Proof) Check(keys []string) error {
	known, err := verifiers(keys)
	if err != nil {
		return err
	}
	c, err := parseCheckpoint([]byte(p.Checkpoint), known)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Tree.N, c.Tree.Hash, p.Index, tlog.RecordHash(p.Record)); err != nil {
		return fmt.Errorf("record %d is not in the tree that the checkpoint signs", p.Index)
	}
	return nil
}

// collect reads the first n records and keeps the asked nodes of the tree and
// one record: a proof needs a few dozen of millions.
func collect(dir string, n, index int64, want []int64) ([]tlog.Hash, []byte, error) {
	at := make(map[int64]int, len(want))
	for i, w := range want {
		at[w] = i
	}
	out := make([]tlog.Hash, len(want))
	var record []byte
	var tree frontier
	for line, err := range lines(dir, place{}) {
		if err != nil {
			return nil, nil, err
		}
		if tree.n == n {
			break
		}
		if tree.n == index {
			record = bytes.Clone(line.data)
		}
		leaf := tree.n
		done, err := tree.add(tlog.RecordHash(line.data))
		if err != nil {
			return nil, nil, err
		}
		for level, h := range done {
			if i, ok := at[tlog.StoredHashIndex(level, leaf>>level)]; ok {
				out[i] = h
			}
		}
	}
	if tree.n < n {
		return nil, nil, errors.New("the log holds fewer records than its checkpoint signs; run \"audit verify\"")
	}
	return out, record, nil
}
