package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"

	"tandem/email"
)

// Door is where mail goes that has been taken in. It is safe for concurrent use.
type Door interface {
	// Recipient tells whether mail to the address is taken in; the problem says
	// why not (Forbidden: not our domain; NotFound: nobody lives there;
	// anything else: not now).
	Recipient(ctx context.Context, address string) error
	// Accept keeps a mail for all recipients. When it returns nil, the mail is
	// stored for good.
	Accept(ctx context.Context, e email.Envelope, raw io.Reader) error
}

// Options change how a Server works. Zero values stand for what is said there.
type Options struct {
	Domain  string      // our name, in the greeting and in Authentication-Results; required
	TLS     *tls.Config // for STARTTLS; nil: it is not offered
	MaxSize int64       // bytes of one mail; 150 MB

	// TrustedIDs are the authserv-ids of mail systems whose results for SPF and
	// DMARC are believed when they stand in a mail that they forward (RFC 8601
	// section 2.5). They must remove such fields from mail that comes to them.
	TrustedIDs []string
	// LookupTXT reads DNS records; nil: the system's resolver.
	LookupTXT func(ctx context.Context, name string) ([]string, error)

	Limits  Limits
	Metrics prometheus.Registerer // nil: figures are kept to ourselves
	Now     func() time.Time
	Log     *slog.Logger
}

// Limits bound what peers may do.
type Limits struct {
	Recipients      int           // of one mail; 100
	Connections     int           // at a time, of all peers; 500
	PeerConnections int           // at a time, of one peer; 20
	PeerMails       int           // of one peer in a minute; 300
	BadRecipients   int           // of one connection before it is closed; 10
	Tarpit          time.Duration // how much later each bad recipient is answered than the one before; a second
	Silence         time.Duration // how long a peer may say nothing; 5 minutes (RFC 5321 section 4.5.3.2.7)
	Session         time.Duration // how long a connection may last; 30 minutes
}

func (o Options) withDefaults() Options {
	o.MaxSize = cmp.Or(o.MaxSize, 150<<20)
	l := &o.Limits
	l.Recipients = cmp.Or(l.Recipients, 100)
	l.Connections = cmp.Or(l.Connections, 500)
	l.PeerConnections = cmp.Or(l.PeerConnections, 20)
	l.PeerMails = cmp.Or(l.PeerMails, 300)
	l.BadRecipients = cmp.Or(l.BadRecipients, 10)
	l.Tarpit = cmp.Or(l.Tarpit, time.Second)
	l.Silence = cmp.Or(l.Silence, 5*time.Minute)
	l.Session = cmp.Or(l.Session, 30*time.Minute)
	if o.LookupTXT == nil {
		o.LookupTXT = net.DefaultResolver.LookupTXT
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// maxLine bounds a line, and with it the memory of a connection. RFC 5321
// section 4.5.3.1.6 has 1000 bytes, but forwarders pass on what they got.
const maxLine = 64 << 10

// Server takes in mail.
type Server struct {
	door    Door
	opts    Options
	peers   *peers
	metrics *metrics
	smtp    *smtp.Server
	closing chan struct{} // closed when no more connections are taken in
	closed  sync.Once
}

// New makes a Server that listens to nothing before Serve.
func New(door Door, opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{door: door, opts: opts, peers: newPeers(opts.Limits, opts.Now), metrics: newMetrics(opts.Metrics), closing: make(chan struct{})}
	s.smtp = smtp.NewServer(backend{s})
	s.smtp.Domain, s.smtp.TLSConfig = opts.Domain, opts.TLS
	s.smtp.MaxMessageBytes, s.smtp.MaxRecipients, s.smtp.MaxLineLength = opts.MaxSize, opts.Limits.Recipients, maxLine
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.ErrorLog = slog.NewLogLogger(opts.Log.Handler(), slog.LevelDebug)
	return s
}

// Serve takes in mail until Close or Shutdown.
func (s *Server) Serve(l net.Listener) error {
	err := s.smtp.Serve(&listener{Listener: l, server: s})
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("take in mail by SMTP: %w", err)
	}
	return nil
}

// Shutdown takes in no more connections and waits for the mails that are under
// way, until ctx ends; then they are cut. What has not been acknowledged comes again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.closed.Do(func() { close(s.closing) })
	s.peers.drain()
	err := s.smtp.Shutdown(ctx)
	if err == nil || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	s.peers.closeAll()
	return fmt.Errorf("finish SMTP sessions: %w", err)
}

// pause waits for a while, but not beyond the end of the Server.
func (s *Server) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closing:
	}
}

type backend struct{ s *Server }

// NewSession is called at EHLO, and again after STARTTLS.
func (b backend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	conn := connOf(c.Conn())
	return &session{
		server: b.s, conn: conn, hello: c.Hostname(), secure: secure,
		log: b.s.opts.Log.With("peer", conn.peer),
	}, nil
}
