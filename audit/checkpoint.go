// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// key is the log's identity: it signs checkpoints and keys the hashes of
// inputs and outputs.
type key struct {
	signer   note.Signer
	verifier string // vkey of the signer
	mac      []byte
}

// loadKey reads a note signer key; with generate it makes one where none is.
func loadKey(path, name string, generate bool) (key, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && generate {
		return newKey(path, name)
	}
	if err != nil {
		return key{}, fmt.Errorf("read audit key: %w", err)
	}
	k, err := parseKey(string(raw))
	if err != nil {
		return key{}, fmt.Errorf("audit key %s: %w", path, err)
	}
	return k, nil
}

// newKey writes the private key for us alone, and the public one beside it for
// those who verify.
func newKey(path, name string) (key, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return key{}, fmt.Errorf("make audit key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return key{}, fmt.Errorf("make audit key: %w", err)
	}
	_, err = f.WriteString(skey + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = writeFile(path+".pub", []byte(vkey+"\n"), 0o644)
	}
	if err != nil {
		return key{}, fmt.Errorf("make audit key: %w", err)
	}
	return parseKey(skey)
}

func parseKey(skey string) (key, error) {
	skey = strings.TrimSpace(skey)
	signer, err := note.NewSigner(skey)
	if err != nil {
		return key{}, errors.New("not a note signer key; it has to start with PRIVATE+KEY+")
	}
	// PRIVATE+KEY+name+hash+base64(algorithm, seed); base64 may hold a plus.
	parts := strings.SplitN(skey, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return key{}, errors.New("not an Ed25519 key")
	}
	seed := raw[1:]
	pub := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	vkey, err := note.NewEd25519VerifierKey(signer.Name(), pub)
	if err != nil {
		return key{}, err
	}
	mac, err := hkdf.Key(sha256.New, seed, nil, "review-assistant audit digest", sha256.Size)
	if err != nil {
		return key{}, err
	}
	return key{signer: signer, verifier: vkey, mac: mac}, nil
}

// digest is the keyed hash of the parts, which cannot run into each other.
func (k key) digest(parts ...string) string {
	h := hmac.New(sha256.New, k.mac)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// checkpoint is a signed tree head.
type checkpoint struct {
	Origin string // of which log
	Tree   tlog.Tree
	Time   time.Time
	Note   []byte // as signed
}

// maxNote is in bytes; a checkpoint with a few signatures takes under 1 KiB.
const maxNote = 16 << 10

// sign makes a checkpoint in the C2SP tlog-checkpoint form: origin, size, root,
// and one extension line with the time.
func (k key) sign(origin string, t tlog.Tree, at time.Time) (checkpoint, error) {
	at = at.UTC().Truncate(time.Second)
	text := fmt.Sprintf("%s\n%d\n%s\ntime %s\n", origin, t.N, t.Hash, at.Format(time.RFC3339))
	msg, err := note.Sign(&note.Note{Text: text}, k.signer)
	if err != nil {
		return checkpoint{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	return checkpoint{Origin: origin, Tree: t, Time: at, Note: msg}, nil
}

// parseCheckpoint checks the signature and reads the tree head.
func parseCheckpoint(msg []byte, known note.Verifiers) (checkpoint, error) {
	if len(msg) > maxNote {
		return checkpoint{}, errors.New("checkpoint is too long")
	}
	n, err := note.Open(msg, known)
	if err != nil {
		return checkpoint{}, errors.New("no valid signature by a known key")
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return checkpoint{}, errors.New("malformed checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := tlog.ParseHash(lines[2])
	if err != nil || rootErr != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, errors.New("malformed checkpoint")
	}
	c := checkpoint{Origin: lines[0], Tree: tlog.Tree{N: size, Hash: root}, Note: bytes.Clone(msg)}
	if at, ok := strings.CutPrefix(lines[3], "time "); ok {
		if c.Time, err = time.Parse(time.RFC3339, at); err != nil {
			return checkpoint{}, errors.New("malformed checkpoint time")
		}
	}
	return c, nil
}

// verifiers reads public keys.
func verifiers(vkeys []string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, k := range vkeys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return nil, errors.New("audit: not a note verifier key; it has the form NAME+HASH+KEY and stands in the .pub file beside the private key")
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		return nil, errors.New("audit: no verifier key given")
	}
	return note.VerifierList(list...), nil
}
