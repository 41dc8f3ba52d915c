// Package clamd asks ClamAV's daemon whether a stream holds malware.
//
// One connection carries one question. A scan sends
//
//	zINSTREAM\0  <length><bytes>  <length><bytes>  ...  <0>
//
// with lengths of four bytes in network order, and the daemon answers one of
//
//	stream: OK\0
//	stream: NAME FOUND\0
//	INSTREAM size limit exceeded. ERROR\0
//
// the last as soon as more than its StreamMaxLength has come, after which it
// hangs up while we may still be sending. (clamd(8), COMMANDS.)
//
// The package knows nothing of the product. It holds one piece of the stream in
// memory, and gives up a daemon that does not move for a while.
package clamd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// ErrTooLarge says that the stream is longer than the daemon's StreamMaxLength.
var ErrTooLarge = errors.New("clamd: the stream exceeds StreamMaxLength")

const (
	pieceSize  = 64 << 10
	moveWithin = 30 * time.Second // for connecting, and for one piece to be taken
	thinkTime  = 5 * time.Minute  // for the verdict, after the last piece: archives take long
	longReply  = 4 << 10
)

// Client asks one daemon. It is safe for use by several goroutines.
type Client struct {
	network, address string
	dialer           net.Dialer
}

// New returns a client of the daemon at unix:/path/to/socket or tcp:host:port.
func New(where string) (*Client, error) {
	network, address, _ := strings.Cut(where, ":")
	switch network {
	case "unix":
		if address == "" {
			return nil, errors.New("clamd: the socket has no path")
		}
	case "tcp":
		if _, _, err := net.SplitHostPort(address); err != nil {
			return nil, fmt.Errorf("clamd: %w", err)
		}
	default:
		return nil, fmt.Errorf("clamd: %q is neither unix:PATH nor tcp:HOST:PORT", where)
	}
	return &Client{network: network, address: address, dialer: net.Dialer{Timeout: moveWithin}}, nil
}

// Version tells which daemon with which signatures answers, such as
// "ClamAV 1.4.3/27800/Mon Nov 16 09:12:00 2026".
func (c *Client) Version(ctx context.Context) (string, error) {
	conn, end, err := c.connect(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	if _, err := conn.Write([]byte("zVERSION\x00")); err != nil {
		return "", failed(ctx, "ask for its version", err)
	}
	reply, err := readReply(conn, moveWithin)
	if err != nil {
		return "", failed(ctx, "read its version", err)
	}
	return reply, nil
}

// Scan returns the name of the signature that matches, empty when none does.
// The error is ErrTooLarge, what r returned, or says what the daemon did wrong.
func (c *Client) Scan(ctx context.Context, r io.Reader) (signature string, err error) {
	conn, end, err := c.connect(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	sendErr := send(conn, r)
	if source, ok := errors.AsType[*sourceError](sendErr); ok {
		return "", source.err
	}
	// A daemon that hangs up in the middle has often said why.
	reply, err := readReply(conn, thinkTime)
	if err != nil {
		return "", failed(ctx, "scan", errors.Join(sendErr, err))
	}
	return verdict(reply)
}

// connect opens a connection that is cut when ctx ends.
func (c *Client) connect(ctx context.Context) (conn net.Conn, end func(), err error) {
	conn, err = c.dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return nil, nil, failed(ctx, "connect", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	conn.SetDeadline(time.Now().Add(moveWithin))
	return conn, func() { stop(); conn.Close() }, nil
}

// failed says what was tried; a context that has ended is the better reason.
func failed(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("clamd: %s: %w", doing, err)
}

// sourceError is a failure of what is scanned, not of the daemon.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }

func send(conn net.Conn, r io.Reader) error {
	if _, err := conn.Write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	piece := make([]byte, 4+pieceSize)
	for {
		n, err := io.ReadFull(r, piece[4:])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return &sourceError{err}
		}
		if n > 0 {
			binary.BigEndian.PutUint32(piece, uint32(n))
			conn.SetWriteDeadline(time.Now().Add(moveWithin))
			if _, err := conn.Write(piece[:4+n]); err != nil {
				return err
			}
		}
		if err != nil { // the end
			_, err := conn.Write([]byte{0, 0, 0, 0})
			return err
		}
	}
}

// readReply reads up to the NUL that ends a reply to a command that began with z.
func readReply(conn net.Conn, within time.Duration) (string, error) {
	conn.SetReadDeadline(time.Now().Add(within))
	reply, err := bufio.NewReader(io.LimitReader(conn, longReply)).ReadBytes(0)
	if len(bytes.TrimRight(reply, "\x00\n")) == 0 {
		return "", err
	}
	return strings.TrimRight(string(reply), "\x00\n"), nil
}

// verdict reads "stream: OK", "stream: NAME FOUND" or an error.
func verdict(reply string) (signature string, err error) {
	if strings.HasPrefix(reply, "INSTREAM size limit exceeded") {
		return "", ErrTooLarge
	}
	said, isStream := strings.CutPrefix(reply, "stream: ")
	if isStream && said == "OK" {
		return "", nil
	}
	if name, found := strings.CutSuffix(said, " FOUND"); isStream && found && name != "" {
		return name, nil
	}
	return "", fmt.Errorf("clamd: it answered %q", reply)
}
