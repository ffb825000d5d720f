// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// frontier is the right edge of a tree of n leaves: all that appending and the
// root need, however long the log is.
type frontier struct {
	n     int64
	nodes [63]tlog.Hash // by level; set where n has a bit
}

// ReadHashes implements [tlog.HashReader] for the nodes on the edge.
func (f *frontier) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, k := tlog.SplitStoredHashIndex(index)
		if f.n>>level&1 == 0 || k != f.n>>level-1 {
			return nil, fmt.Errorf("audit: node %d/%d is not on the edge of a tree of %d", level, k, f.n)
		}
		out[i] = f.nodes[level]
	}
	return out, nil
}

// add appends a leaf and returns the nodes that it completed, by level.
func (f *frontier) add(leaf tlog.Hash) ([]tlog.Hash, error) {
	done, err := tlog.StoredHashesForRecordHash(f.n, leaf, f)
	if err != nil {
		return nil, err
	}
	f.nodes[len(done)-1] = done[len(done)-1]
	f.n++
	return done, nil
}

// root is the RFC 6962 tree head.
func (f *frontier) root() (tlog.Hash, error) { return tlog.TreeHash(f.n, f) }

// compact returns the set nodes from the lowest level up.
func (f *frontier) compact() []tlog.Hash {
	var out []tlog.Hash
	for level, h := range f.nodes {
		if f.n>>level&1 == 1 {
			out = append(out, h)
		}
	}
	return out
}

// expand is the inverse of compact.
func expand(n int64, nodes []tlog.Hash) (frontier, bool) {
	f := frontier{n: n}
	for level := range f.nodes {
		if n>>level&1 == 0 {
			continue
		}
		if len(nodes) == 0 {
			return f, false
		}
		f.nodes[level], nodes = nodes[0], nodes[1:]
	}
	return f, n >= 0 && len(nodes) == 0
}

// chain is the running hash over all records up to one.
type chain [sha256.Size]byte

const (
	chainOpen  = `,"chain":"`
	chainClose = `"}`
	chainBytes = len(chainOpen) + 2*sha256.Size + len(chainClose)
)

// link closes the open JSON object body with the chain value that follows prev.
func link(body []byte, prev chain) ([]byte, chain) {
	next := prev.next(body)
	body = append(body, chainOpen...)
	body = hex.AppendEncode(body, next[:])
	return append(body, chainClose...), next
}

func (c chain) next(body []byte) chain {
	h := sha256.New()
	h.Write(c[:])
	h.Write(body)
	return chain(h.Sum(nil))
}

// appendRecord appends the line of one record, without line end.
func appendRecord(seq int64, at time.Time, entry []byte, prev chain) ([]byte, chain) {
	b := make([]byte, 0, len(entry)+chainBytes+64)
	b = append(b, `{"seq":`...)
	b = strconv.AppendInt(b, seq, 10)
	b = append(b, `,"time":"`...)
	b = at.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `",`...)
	b = append(b, entry[1:len(entry)-1]...)
	return link(b, prev)
}

// split takes a line apart; ok is false when it does not have our form.
func split(line []byte) (seq int64, body []byte, c chain, ok bool) {
	cut := len(line) - chainBytes
	if cut < 0 || !bytes.HasSuffix(line, []byte(chainClose)) || !bytes.HasPrefix(line[cut:], []byte(chainOpen)) {
		return 0, nil, c, false
	}
	body = line[:cut]
	digits := line[cut+len(chainOpen) : len(line)-len(chainClose)]
	if _, err := hex.Decode(c[:], digits); err != nil || !bytes.Equal(digits, bytes.ToLower(digits)) {
		return 0, nil, c, false
	}
	rest, found := bytes.CutPrefix(body, []byte(`{"seq":`))
	num, _, comma := bytes.Cut(rest, []byte(","))
	seq, err := strconv.ParseInt(string(num), 10, 64)
	if !found || !comma || err != nil || seq < 0 {
		return 0, nil, c, false
	}
	return seq, body, c, true
}

// check says what is wrong with the line that should be record seq after prev;
// "" means nothing.
func check(line []byte, seq int64, prev chain) (c chain, why string) {
	got, body, c, ok := split(line)
	switch {
	case !ok:
		return c, "is not a record of this log"
	case got != seq:
		return c, fmt.Sprintf("stands where record %d should be: records are missing, doubled or reordered", seq)
	case c != prev.next(body):
		return c, "does not match its chain value: it, or what stands before it, was edited"
	}
	return c, ""
}

// decode reads a line that split accepts.
func decode(line []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(line, &r); err != nil {
		return r, err
	}
	r.ID = shortID(tlog.RecordHash(line))
	return r, nil
}

// shortID is long enough that two of a million records rarely share one, and
// short enough for a comment's footer.
func shortID(leaf tlog.Hash) string { return hex.EncodeToString(leaf[:6]) }
