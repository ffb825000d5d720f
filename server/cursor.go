// SPDX-License-Identifier: Apache-2.0

package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

const (
	maxCursor = 512 // bytes
	cursorAge = 24 * time.Hour
	cursorMAC = 16 // bytes
)

// errBadCursor is told of every cursor that is not taken: what is wrong with
// one tells nothing.
var errBadCursor = newProblem(http.StatusBadRequest, "bad cursor", "the cursor is not one of this list and this person, or is older than a day",
	"begin again without cursor, and change nothing but limit and fields from page to page").because("bad-cursor")

// cursors seal where a list goes on. A cursor is of use on the route, for the
// query and to the person that it was made for.
type cursors struct{ key []byte }

// sealed is what a cursor holds.
type sealed struct {
	Page board.Page `json:"p"`
	At   int64      `json:"t"` // Unix seconds
}

// mac signs a payload together with what it is for. Each part stands behind
// its length, so that no two lists of parts look alike.
func (k cursors) mac(payload []byte, bound []string) []byte {
	h := hmac.New(sha256.New, k.key)
	part := func(p []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	part([]byte("cursor/1"))
	for _, b := range bound {
		part([]byte(b))
	}
	part(payload)
	return h.Sum(nil)[:cursorMAC]
}

func (k cursors) seal(p board.Page, now time.Time, bound []string) (string, error) {
	payload, err := json.Marshal(sealed{p, now.Unix()})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(payload, k.mac(payload, bound)...)), nil
}

func (k cursors) open(s string, now time.Time, bound []string) (board.Page, error) {
	if len(s) > maxCursor {
		return board.Page{}, errBadCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) <= cursorMAC {
		return board.Page{}, errBadCursor
	}
	payload, sum := raw[:len(raw)-cursorMAC], raw[len(raw)-cursorMAC:]
	var c sealed
	if !hmac.Equal(sum, k.mac(payload, bound)) || json.Unmarshal(payload, &c) != nil || now.Sub(time.Unix(c.At, 0)) > cursorAge {
		return board.Page{}, errBadCursor
	}
	return c.Page, nil
}

// boundTo is what ties a cursor: the route, what is asked on it, and the person
// with the accounts that the rows were chosen for.
func boundTo(v review.Viewer, route string, query ...string) []string {
	out := []string{route, v.Issuer, v.Subject}
	for _, host := range slices.Sorted(maps.Keys(v.Accounts)) {
		out = append(out, host, strconv.FormatInt(v.Accounts[host].ID, 10))
	}
	return append(append(out, ""), query...)
}
