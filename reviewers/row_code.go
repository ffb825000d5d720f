// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"encoding/binary"
	"errors"
)

// rowFormat is the first byte of a row. A row begins with it; numbers follow
// as varints, strings and lists with their lengths in front, and of a file's
// path only what differs from the path before it. It takes a third of JSON.
const rowFormat = 1

var errRow = errors.New("not a row of reviewed changes")

func (r *row) encode() []byte {
	b := []byte{rowFormat}
	b = appendString(b, r.Project)
	b = appendString(b, r.Branch)
	b = binary.AppendVarint(b, r.Author)
	b = binary.AppendVarint(b, r.Created)
	b = binary.AppendVarint(b, r.Closed-r.Created)
	b = binary.AppendUvarint(b, uint64(len(r.Files)))
	before := ""
	for _, f := range r.Files {
		n := 0
		for n < min(len(f), len(before)) && f[n] == before[n] {
			n++
		}
		b = binary.AppendUvarint(b, uint64(n))
		b = appendString(b, f[n:])
		before = f
	}
	b = binary.BigEndian.AppendUint32(b, r.title.area)
	b = appendHashes(b, r.title.words)
	b = appendHashes(b, r.title.pairs)
	b = binary.AppendUvarint(b, uint64(len(r.Reviewers)))
	for _, a := range r.Reviewers {
		b = binary.AppendVarint(b, a)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendHashes(b []byte, list []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, h := range list {
		b = binary.BigEndian.AppendUint32(b, h)
	}
	return b
}

// decodeRow reads what encode wrote. Whatever the bytes are, it takes no more
// memory than the limits of a row allow.
func decodeRow(data []byte) (row, error) {
	d := decoder{data}
	if len(data) == 0 || data[0] != rowFormat {
		return row{}, errRow
	}
	d.b = d.b[1:]
	r := row{Project: d.string(""), Branch: d.string(""), Author: d.varint(), Created: d.varint()}
	r.Closed = r.Created + d.varint()
	before := ""
	for range d.length(maxPastFiles) {
		n := d.length(len(before))
		before = d.string(before[:n])
		r.Files = append(r.Files, before)
	}
	r.title = title{area: d.uint32(), words: d.hashes(), pairs: d.hashes()}
	for range d.length(maxPastPeople) {
		r.Reviewers = append(r.Reviewers, d.varint())
	}
	if d.b == nil || len(d.b) > 0 || r.Project == "" {
		return row{}, errRow
	}
	return r, nil
}

// decoder reads from b, which is nil after the first fault.
type decoder struct{ b []byte }

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	d.skip(n)
	return v
}

// length reads a length, 0 when it is over limit.
func (d *decoder) length(limit int) int {
	v, n := binary.Uvarint(d.b)
	d.skip(n)
	if v > uint64(limit) {
		d.b = nil
		return 0
	}
	return int(v)
}

func (d *decoder) uint32() uint32 {
	if len(d.b) < 4 {
		d.b = nil
		return 0
	}
	v := binary.BigEndian.Uint32(d.b)
	d.skip(4)
	return v
}

func (d *decoder) hashes() (list []uint32) {
	for range d.length(maxWords) {
		list = append(list, d.uint32())
	}
	return list
}

// string reads what follows a prefix.
func (d *decoder) string(prefix string) string {
	n := d.length(maxPathBytes - len(prefix))
	if n > len(d.b) {
		d.b = nil
		return ""
	}
	s := prefix + string(d.b[:n])
	d.skip(n)
	return s
}

// skip goes on by what was read, nothing for a fault.
func (d *decoder) skip(n int) {
	if d.b == nil || n < 0 || n == 0 && len(d.b) == 0 {
		d.b = nil
		return
	}
	d.b = d.b[n:]
}
