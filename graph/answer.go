package graph

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// answer is a response whose body holds a place in the gate, until it is read
// to its end or closed. It gives up when nothing arrives for a while.
type answer struct {
	op     string
	status int
	header http.Header
	body   io.ReadCloser
	size   int64 // of the body; -1 when unknown
	read   int64
	// endless: the end of the body is the end of the connection, which looks
	// the same when it breaks (RFC 9112 section 6.3).
	endless  bool
	nonEmpty bool // no bytes at all is a cut body too
	cancel   context.CancelCauseFunc
	ctx      context.Context
	timer    *time.Timer
	gate     *gate
	once     sync.Once
	end      error // how reading ended; it ends the same way again
}

func (a *answer) open(resp *http.Response) {
	a.status, a.header, a.body, a.size = resp.StatusCode, resp.Header, resp.Body, resp.ContentLength
	framed := resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0 || resp.ProtoMajor >= 2 || resp.Uncompressed
	a.endless = !framed
}

// Read ends with io.EOF only where the body ends: one that breaks off is an error.
func (a *answer) Read(p []byte) (int, error) {
	if a.end != nil {
		return 0, a.end
	}
	n, err := a.body.Read(p)
	a.read += int64(n)
	if err == nil {
		a.timer.Reset(stallAfter)
		return n, nil
	}
	if err == io.EOF && (a.read < a.size || a.nonEmpty && a.read == 0) {
		err = io.ErrUnexpectedEOF
	}
	if context.Cause(a.ctx) == errStalled {
		err = errStalled
	}
	a.Close()
	if err != io.EOF {
		err = &transportError{op: a.op + ": read answer", err: err, sent: true}
	}
	a.end = err
	return n, err
}

// Close gives the place back. It may be called more than once.
func (a *answer) Close() error {
	a.once.Do(func() {
		a.timer.Stop()
		if a.body != nil {
			a.body.Close()
		}
		a.cancel(nil)
		a.gate.leave()
	})
	return nil
}

// decode reads the whole body as one JSON value.
func (a *answer) decode(out any) error {
	if a.size > maxJSON {
		return fmt.Errorf("answer of %d bytes", a.size)
	}
	var buf bytes.Buffer
	if a.size > 0 {
		buf.Grow(int(a.size) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(a, maxJSON+1))
	switch {
	case err != nil:
		return err
	case n > maxJSON:
		return fmt.Errorf("answer of more than %d bytes", maxJSON)
	case n == 0:
		return errors.New("empty answer")
	}
	return json.Unmarshal(buf.Bytes(), out)
}

// drain reads a short rest, so that the connection can be used again.
func (a *answer) drain() {
	io.CopyN(io.Discard, a, maxErrorBody)
	a.Close()
}

// newRequestID returns a random UUID (RFC 9562 section 5.4).
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
