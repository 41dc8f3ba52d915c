package email

import (
	"time"

	"tandem/event"
)

// judgePush looks at mail that a reading found. Microsoft promises no time
// within which it notifies of mail ("Change notifications for Outlook
// resources"): notifications may be minutes late, or a proxy may swallow them.
//
// Mail that arrived since the reading before, and lay there for longer than the
// grace, was told of too late. Older mail was moved into the folder by somebody:
// of that nobody has to tell in time.
func (p *pass) judgePush(fresh []*Mail) {
	now := p.r.now()
	for _, m := range fresh {
		waited := now.Sub(m.ReceivedAt)
		switch {
		case p.by == ByPush && waited <= p.r.opts.PushGrace:
			p.prompt = true
		case p.by == ByPoll && waited > p.r.opts.PushGrace && !p.synced.IsZero() && !m.ReceivedAt.Before(p.synced):
			p.late = true
		}
	}
}

// notePush falls back to polling when notifications come late, and relies on
// them again as soon as one has told of mail in time.
func (w *watch) notePush(tx event.Tx, p *pass, c *Connection, now time.Time) {
	switch {
	case !c.subscribed(now):
		return
	case p.prompt && !c.PushLateAt.IsZero():
		c.PushLateAt = time.Time{}
		p.log.Info("notifications come in time again")
	case p.late && !p.prompt:
		if c.PushLateAt.IsZero() {
			p.log.Warn("notifications come late, polling instead")
		}
		c.PushLateAt = now
	default:
		return
	}
	tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(w.id)})
}
