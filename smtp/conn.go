package smtp

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"time"
)

// listener takes in connections, unless there are too many.
type listener struct {
	net.Listener
	server *Server
}

// Accept returns the next connection that is welcome. One too many is told so
// and closed (RFC 5321 section 3.1: 421 may be given instead of a greeting).
func (l *listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		s := l.server
		c := &conn{Conn: raw, peer: host(raw.RemoteAddr()), limits: s.opts.Limits, until: time.Now().Add(s.opts.Limits.Session)}
		if s.peers.enter(c) {
			c.leave = func() {
				s.peers.leave(c)
				s.metrics.open.Dec()
			}
			s.metrics.open.Inc()
			s.metrics.connections.WithLabelValues("accepted").Inc()
			return c, nil
		}
		s.metrics.connections.WithLabelValues("refused").Inc()
		s.opts.Log.Info("smtp connection refused: too many", "peer", c.peer)
		go refuse(raw, s.opts.Domain)
	}
}

func refuse(c net.Conn, domain string) {
	defer c.Close()
	_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, "421 4.7.0 "+domain+" Too many connections, try again later\r\n")
}

func host(a net.Addr) string {
	if h, _, err := net.SplitHostPort(a.String()); err == nil {
		return h
	}
	return a.String()
}

// conn is a connection with its peer's patience limited: every read and write
// has to come to something in time, and all of them together, too.
type conn struct {
	net.Conn
	peer   string
	limits Limits
	until  time.Time

	mu     sync.Mutex
	busy   bool // a mail is being taken in
	hangUp bool // after the answer that is written next
	bad    int  // recipients that do not exist, over all mails of this connection

	leave func()
	once  sync.Once
}

// connOf finds our connection below TLS.
func connOf(c net.Conn) *conn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return c.(*conn)
}

func (c *conn) deadline() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := time.Now().Add(c.limits.Silence)
	if d.After(c.until) {
		return c.until
	}
	return d
}

func (c *conn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *conn) Write(b []byte) (int, error) {
	// The last word is said even when the time is up.
	if err := c.SetWriteDeadline(time.Now().Add(min(c.limits.Silence, 30*time.Second))); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	last := c.hangUp
	c.mu.Unlock()
	if last {
		_ = c.Close()
	}
	return n, err
}

// lastWord closes the connection behind the next answer.
func (c *conn) lastWord() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hangUp = true
}

func (c *conn) setBusy(busy bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = busy
}

// drain ends the connection: at once, or behind the mail that is being taken in.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hangUp = true
	if !c.busy {
		c.until = time.Now()
		_ = c.SetReadDeadline(c.until)
	}
}

// badRecipient counts one more and tells how many there have been.
func (c *conn) badRecipient() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bad++
	return c.bad
}

func (c *conn) Close() error {
	c.once.Do(func() {
		if c.leave != nil {
			c.leave()
		}
	})
	return c.Conn.Close()
}
