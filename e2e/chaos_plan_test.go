package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// chaosPlan is what a seed makes of a chaos story: which mails arrive, what is
// answered, who dies when, and what Microsoft does wrong. How these meet is a
// matter of time, and the only thing that a seed does not repeat.
type chaosPlan struct {
	mails   []chaosMail
	matters []chaosMatter
	replies []chaosReply
}

// chaosMail is one letter of a customer and where it is delivered, in order: to
// the same mailbox twice is a duplicate, to two mailboxes two tickets.
type chaosMail struct {
	matter    int
	number    int // in its matter, from 0
	mailboxes []string
	size      int
}

// chaosMatter is what one customer writes about, in one mail or several. Later
// mails answer the one before.
type chaosMatter struct {
	mailbox string // the first one's
	copied  bool   // the first mail went to two addresses
	mails   int
}

// chaosReply is a reply of an agent on the ticket of a matter.
type chaosReply struct{ matter, number int }

func (m chaosMail) messageID() string {
	return fmt.Sprintf("matter%d.mail%d@customer.example", m.matter, m.number)
}

// subject has as many digits as any other's, so that a search finds no others.
func (m chaosMail) subject() string { return fmt.Sprintf("Matter %06d", m.matter) }

// text begins with a line by which the mail is known again among comments.
func (m chaosMail) text() string { return fmt.Sprintf("This is mail number %d.", m.number) }

func (r chaosReply) text() string {
	return fmt.Sprintf("This is reply number %d on matter %d.", r.number, r.matter)
}

func (m chaosMail) letter() Letter {
	l := Letter{
		From: fmt.Sprintf("customer%d@customer.example", m.matter), To: m.mailboxes[0], Subject: m.subject(),
		MessageID: "<" + m.messageID() + ">", Text: m.text() + "\r\n" + strings.Repeat("Something is broken. ", m.size),
	}
	if last := m.mailboxes[len(m.mailboxes)-1]; last != l.To {
		l.To += ", " + last
	}
	if m.number > 0 {
		before := m
		before.number--
		l.Subject, l.InReplyTo = "Re: "+l.Subject, "<"+before.messageID()+">"
	}
	return l
}

// planChaos plans about so many deliveries of mails, and so many replies.
func planChaos(random *rand.Rand, mailboxes []string, deliveries, replies int) chaosPlan {
	var p chaosPlan
	for deliveries > 0 {
		m := p.nextMail(random, mailboxes)
		deliveries -= len(m.mailboxes)
		p.mails = append(p.mails, m)
	}
	for i, matter := range p.matters {
		if matter.copied {
			continue // there are two tickets of the same subject
		}
		for number := range 1 + random.IntN(2) {
			if len(p.replies) < replies {
				p.replies = append(p.replies, chaosReply{i, number})
			}
		}
	}
	return p
}

// nextMail goes on with one of the last matters, or opens another one.
func (p *chaosPlan) nextMail(random *rand.Rand, mailboxes []string) chaosMail {
	m := chaosMail{size: random.IntN(500)}
	dice := random.IntN(10)
	if dice < 3 && len(p.matters) > 0 {
		m.matter = max(0, len(p.matters)-1-random.IntN(20))
		matter := &p.matters[m.matter]
		m.number, m.mailboxes = matter.mails, []string{matter.mailbox}
		matter.mails++
		return m
	}
	first := random.IntN(len(mailboxes))
	m.matter, m.mailboxes = len(p.matters), []string{mailboxes[first]}
	switch dice {
	case 3:
		m.mailboxes = append(m.mailboxes, mailboxes[(first+1)%len(mailboxes)])
	case 4:
		m.mailboxes = append(m.mailboxes, mailboxes[first])
	}
	p.matters = append(p.matters, chaosMatter{mailbox: mailboxes[first], copied: dice == 3, mails: 1})
	return m
}

// standingFaults are in force all the time, each striking now and then. Those
// that only a person can mend are not among them, nor those that destroy mail.
func standingFaults(seed uint64) []Fault {
	faults := []Fault{
		{"kind": "throttle", "probability": 0.01, "retry_after": 0.3},
		{"kind": "throttle", "probability": 0.005},
		{"kind": "server_errors", "probability": 0.01, "status": 503},
		{"kind": "server_errors", "probability": 0.01, "status": 500},
		{"kind": "server_errors", "probability": 0.01, "status": 504},
		{"kind": "server_errors", "probability": 0.2, "path": "oauth2"},
		{"kind": "slow", "probability": 0.05, "delay": "300ms"},
		{"kind": "cut", "probability": 0.03},
		{"kind": "broken_body", "probability": 0.02},
		{"kind": "lost_answer", "probability": 0.02},
		{"kind": "delay_sent_items", "probability": 0.1, "delay": "2s"},
		{"kind": "drop_notifications", "probability": 0.3},
		{"kind": "duplicate_notifications", "probability": 0.3},
		{"kind": "delay_notifications", "probability": 0.2, "delay": "3s"},
	}
	for i := range faults {
		faults[i]["seed"] = seed + uint64(i) + 1
	}
	return faults
}

// chaosStep is what happens after a pause.
type chaosStep struct {
	pause  time.Duration
	faults []Fault       // that happen once
	victim int           // node that is killed
	warned bool          // the load balancer knows it before
	down   time.Duration // until it is started again
}

func nextStep(random *rand.Rand, nodes int, mailboxes []string) chaosStep {
	s := chaosStep{
		pause:  time.Duration(1500+random.IntN(3500)) * time.Millisecond,
		victim: random.IntN(nodes), warned: random.IntN(2) == 0,
		down: time.Duration(random.IntN(1000)) * time.Millisecond,
	}
	mailbox := mailboxes[random.IntN(len(mailboxes))]
	for _, each := range []struct {
		oneIn int
		fault Fault
	}{
		{3, Fault{"kind": "expire_delta_tokens", "mailbox": mailbox}},
		{3, Fault{"kind": "expire_tokens", "mailbox": mailbox}},
		{5, Fault{"kind": "outage", "duration": "1500ms", "status": 503, "retry_after": 1}},
		{5, Fault{"kind": "outage", "duration": "1s", "refuse": true}},
		{8, Fault{"kind": "lifecycle", "event": "missed", "mailbox": mailbox}},
		{8, Fault{"kind": "lifecycle", "event": "subscriptionRemoved", "mailbox": mailbox}},
		{8, Fault{"kind": "lifecycle", "event": "reauthorizationRequired", "mailbox": mailbox}},
		{8, Fault{"kind": "throttle", "duration": "2s", "mailbox": mailbox, "retry_after": 1}},
	} {
		if random.IntN(each.oneIn) == 0 {
			s.faults = append(s.faults, each.fault)
		}
	}
	return s
}
