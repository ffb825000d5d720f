// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"encoding/binary"
	"testing"
	"time"
)

// Forget drops the tokens that were verified.
func (v *Verifier) Forget() {
	v.proofs.mu.Lock()
	defer v.proofs.mu.Unlock()
	v.proofs.m = nil
}

func TestProofsAreBounded(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	var c proofs
	var sum [32]byte
	for i := range 3 * maxProofs {
		binary.BigEndian.PutUint32(sum[:], uint32(i))
		c.put(sum, Proof{Until: now.Unix() + 3600}, now)
		if n := len(c.m); n > maxProofs {
			t.Fatalf("%d are remembered", n)
		}
		if _, ok := c.get(sum, now); !ok {
			t.Fatal("the last one is forgotten")
		}
	}
	if _, ok := c.get(sum, now.Add(time.Minute)); ok {
		t.Error("it is remembered for longer than a minute")
	}
	c.put(sum, Proof{Until: now.Unix() + 5}, now)
	if _, ok := c.get(sum, now.Add(5*time.Second)); ok {
		t.Error("it is remembered for longer than it is valid")
	}
}
