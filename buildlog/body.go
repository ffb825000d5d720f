// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Text of builds shrinks to between a fifth and a thirtieth. Beyond maxRatio a
// body was made to grow; below ratioFrom bytes of text it does not matter.
const (
	maxRatio  = 200
	ratioFrom = 8 << 20
)

// Body is a log as it comes, decompressed. A read error is a [RefusedError]
// unless the caller's context ended; what was read before is good.
type Body struct {
	ctx       context.Context
	raw       io.Closer
	text      io.Reader
	wire      *counting
	packed    bool
	read, max int64
	truncated bool
	err       error
	done      func()
}

// Truncated reports that the log is longer than what was read of it. It is
// known when Read has returned io.EOF.
func (b *Body) Truncated() bool { return b.truncated }

func newBody(ctx context.Context, resp *http.Response, max int64, stall time.Duration, end context.CancelCauseFunc, done func()) (_ *Body, err error) {
	slow := refuse(TooSlow, "nothing came for %s", stall)
	wire := &counting{src: resp.Body, stall: stall, stalled: func() { end(slow) }}
	b := &Body{ctx: ctx, raw: resp.Body, wire: wire, max: max, done: done}
	defer func() {
		if err != nil {
			_ = resp.Body.Close()
			err = b.reasoned(err)
		}
	}()
	src := bufio.NewReader(wire)
	switch strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))) {
	case "", "identity":
	case "gzip", "x-gzip":
		if src, err = b.unpack(src, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }); err != nil {
			return nil, err
		}
	case "deflate":
		if src, err = b.unpack(src, func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }); err != nil {
			return nil, err
		}
	default:
		return nil, refuse(BadAnswer, "the answer is in an encoding that was not asked for")
	}
	// A file that was stored compressed, such as job-output.txt.gz. No text
	// begins with these bytes. An error here is met again by the first Read.
	if magic, _ := src.Peek(2); string(magic) == "\x1f\x8b" {
		if src, err = b.unpack(src, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }); err != nil {
			return nil, err
		}
	}
	b.text = src
	return b, nil
}

func (b *Body) unpack(src io.Reader, with func(io.Reader) (io.Reader, error)) (*bufio.Reader, error) {
	b.packed = true
	r, err := with(src)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // an empty body is no empty archive
	}
	if err != nil {
		return nil, err
	}
	return bufio.NewReader(r), nil
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	if b.read == b.max {
		var one [1]byte
		n, err := io.ReadFull(b.text, one[:])
		b.truncated = n > 0
		if n > 0 {
			err = io.EOF
		}
		b.err = b.reasoned(err)
		return 0, b.err
	}
	n, err := b.text.Read(p[:min(int64(len(p)), b.max-b.read)])
	b.read += int64(n)
	if b.packed && b.read > ratioFrom && b.read > maxRatio*b.wire.n {
		err = refuse(CompressedBomb, "the log grows more than %d times when it is unpacked", maxRatio)
	}
	b.err = b.reasoned(err)
	return n, b.err
}

// reasoned keeps the end of a log and turns all else into a RefusedError.
func (b *Body) reasoned(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, zlib.ErrHeader) || errors.Is(err, zlib.ErrChecksum) || errors.Is(err, zlib.ErrDictionary) {
		return refuse(BadAnswer, "the compressed answer is broken")
	}
	return reasoned(b.ctx, err, true)
}

// Close ends the fetch. It may be called twice.
func (b *Body) Close() error {
	b.done()
	return b.raw.Close()
}

// counting counts the bytes of the answer. Its clock runs while it waits for
// the host alone, so a slow reader of ours is not held against the host.
type counting struct {
	src     io.Reader
	n       int64
	stall   time.Duration
	stalled func()
}

func (c *counting) Read(p []byte) (int, error) {
	clock := time.AfterFunc(c.stall, c.stalled)
	n, err := c.src.Read(p)
	clock.Stop()
	c.n += int64(n)
	return n, err
}
