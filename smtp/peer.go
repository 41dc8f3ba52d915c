package smtp

import (
	"net/netip"
	"sync"
	"time"
)

// peers counts what each peer does. An IPv6 peer is its /64, since that much
// is one customer's.
type peers struct {
	limits Limits
	now    func() time.Time

	mu    sync.Mutex
	conns map[*conn]string // and whose they are
	open  map[string]int
	mails map[string]int // in this minute
	since time.Time      // when it began
}

func newPeers(l Limits, now func() time.Time) *peers {
	return &peers{limits: l, now: now, conns: make(map[*conn]string), open: make(map[string]int), mails: make(map[string]int)}
}

// network is whom a peer is counted as.
func network(peer string) string {
	ip, err := netip.ParseAddr(peer)
	if err != nil || ip.Unmap().Is4() {
		return peer
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return peer
	}
	return prefix.String()
}

// enter counts a connection, or returns false when it is one too many.
func (p *peers) enter(c *conn) bool {
	who := network(c.peer)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.conns) >= p.limits.Connections || p.open[who] >= p.limits.PeerConnections {
		return false
	}
	p.conns[c] = who
	p.open[who]++
	return true
}

func (p *peers) leave(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who, ok := p.conns[c]
	if !ok {
		return
	}
	delete(p.conns, c)
	if p.open[who]--; p.open[who] == 0 {
		delete(p.open, who)
	}
}

// mayMail counts a mail, or returns false when the peer has sent enough for this minute.
func (p *peers) mayMail(peer string) bool {
	who, now := network(peer), p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.since) >= time.Minute {
		clear(p.mails)
		p.since = now
	}
	if p.mails[who] >= p.limits.PeerMails {
		return false
	}
	p.mails[who]++
	return true
}

// drain ends every connection that is not in the middle of a mail.
func (p *peers) drain() {
	for _, c := range p.all() {
		c.drain()
	}
}

func (p *peers) closeAll() {
	for _, c := range p.all() {
		_ = c.Close()
	}
}

func (p *peers) all() []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]*conn, 0, len(p.conns))
	for c := range p.conns {
		list = append(list, c)
	}
	return list
}
