package e2e

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// check waits until all is settled, and looks for what is lost, doubled, out
// of order or left behind.
func (s *chaosStory) check() {
	s.Helper()
	s.checkMails()
	s.checkOrder()
	s.checkReplies()
	for _, mailbox := range s.mailboxes {
		s.checkMailbox(mailbox)
	}
}

// checkMails holds the ledger against what was delivered.
func (s *chaosStory) checkMails() {
	s.Helper()
	want := s.delivered()
	s.eventually("every mail decided", func() bool {
		states := s.states()
		return states["ticketed"]+states["commented"]+states["duplicate"] >= want
	})
	type entry struct{ mailbox, messageID, state string }
	rows := make(map[entry]int)
	for _, mailbox := range s.mailboxes {
		for _, m := range s.ledger(fmt.Sprintf("direction=in&connection_id=%d", s.connection(mailbox).ID)) {
			rows[entry{mailbox, m.MessageID, m.State}]++
		}
	}
	for _, m := range s.plan.mails {
		for i, mailbox := range m.mailboxes {
			state := "ticketed"
			switch {
			case i == 1 && mailbox == m.mailboxes[0]:
				state = "duplicate"
			case m.number > 0:
				state = "commented"
			}
			key := entry{mailbox, m.messageID(), state}
			if rows[key] != 1 {
				s.Errorf("%s is %s in the ledger of %s %d times, want once", m.messageID(), state, mailbox, rows[key])
			}
			delete(rows, key)
		}
	}
	for key, n := range rows {
		s.Errorf("the ledger of %s holds %s as %s %d times, which nobody expects", key.mailbox, key.messageID, key.state, n)
	}
	tickets := len(s.plan.matters)
	for _, m := range s.plan.matters {
		if m.copied {
			tickets++
		}
	}
	var count struct{ Count struct{ Value int } }
	s.API.Get("/api/v2/tickets/count").Want(200).Into(&count)
	if count.Count.Value != tickets {
		s.Errorf("there are %d tickets, want %d", count.Count.Value, tickets)
	}
}

// checkOrder reads each conversation: all of its mails, in their order.
func (s *chaosStory) checkOrder() {
	s.Helper()
	for _, t := range s.firstTickets() {
		var said []string
		for _, c := range s.comments(t.ID) {
			if line, _, _ := strings.Cut(c.Body, "\n"); strings.HasPrefix(line, "This is mail number") {
				said = append(said, strings.TrimSpace(line))
			}
		}
		var want []string
		for i := range s.plan.matters[t.matter].mails {
			want = append(want, chaosMail{number: i}.text())
		}
		if !slices.Equal(said, want) {
			s.Errorf("ticket %d says %q, want %q", t.ID, said, want)
		}
	}
}

type chaosTicket struct {
	ID     int64
	matter int
}

// firstTickets are the tickets in which the matters go on: of a mail to two
// addresses, that of the first one.
func (s *chaosStory) firstTickets() (all []chaosTicket) {
	s.Helper()
	for _, m := range s.ledger("direction=in&state=ticketed") {
		var matter, number int
		fmt.Sscanf(m.MessageID, "matter%d.mail%d@", &matter, &number)
		if matter >= len(s.plan.matters) || s.ticket(m.Ticket).Recipient != s.plan.matters[matter].mailbox {
			continue
		}
		all = append(all, chaosTicket{m.Ticket, matter})
	}
	if len(all) != len(s.plan.matters) {
		s.Errorf("%d matters have their ticket, want %d", len(all), len(s.plan.matters))
	}
	return all
}

// checkReplies compares what Tandem says of each reply with what Microsoft has.
func (s *chaosStory) checkReplies() {
	s.Helper()
	s.eventually("every reply sent or failed", func() bool { return len(s.ledger("direction=out&state=waiting,drafted,sending")) == 0 })
	sent := make(map[string]int)
	for _, mailbox := range s.mailboxes {
		last := make(map[int]int) // the number of the reply on a matter that was sent after
		for _, m := range s.Folder(mailbox, "sentitems") {
			fresh, _, _ := strings.Cut(m.Body, "tandem-quote")
			var r chaosReply
			if _, err := fmt.Sscanf(fresh[max(0, strings.Index(fresh, "This is reply")):], "This is reply number %d on matter %d.", &r.number, &r.matter); err != nil {
				s.Errorf("%s sent a mail that nobody wrote: %.200s", mailbox, m.Body)
				continue
			}
			sent[r.text()]++
			if next, found := last[r.matter]; found && next < r.number {
				s.Errorf("matter %d: reply %d left before reply %d", r.matter, next, r.number)
			}
			last[r.matter] = r.number
		}
		if drafts := s.Folder(mailbox, "drafts"); len(drafts) > 0 {
			s.Errorf("%d drafts are left behind in %s", len(drafts), mailbox)
		}
	}
	said := make(map[string]delivery)
	interrupted := 0
	for _, m := range s.ledger("direction=out") {
		if m.Attempts > 1 {
			interrupted++
		}
		for _, c := range s.comments(m.Ticket) {
			if strings.HasPrefix(c.Body, "This is reply number") {
				said[strings.TrimSpace(c.Body)] = c.Delivery
			}
		}
	}
	for _, r := range s.plan.replies {
		s.checkReply(comment{Body: r.text(), Delivery: said[r.text()]}, sent[r.text()])
	}
	if n := len(s.ledger("direction=out")); n != len(s.plan.replies) {
		s.Errorf("%d replies are in the ledger, want %d", n, len(s.plan.replies))
	}
	s.Logf("%d of %d replies took more than one attempt", interrupted, len(s.plan.replies))
}

// checkMailbox wants everything filed and read, and lets Tandem itself compare.
func (s *chaosStory) checkMailbox(mailbox string) {
	s.Helper()
	s.eventually("every mail filed", func() bool { return len(s.Folder(mailbox, "inbox")) == 0 })
	want := 0
	for _, m := range s.plan.mails {
		for _, each := range m.mailboxes {
			if each == mailbox {
				want++
			}
		}
	}
	filed := s.Folder(mailbox, "Tandem")
	if len(filed) != want {
		s.Errorf("%d mails are in our folder of %s, want %d", len(filed), mailbox, want)
	}
	for _, m := range filed {
		if !m.IsRead {
			s.Errorf("%s is filed, but not marked read", m.Subject)
		}
	}
	before := s.connection(mailbox).ReconciledAt
	s.act(mailbox, "reconcile").Want(202)
	s.eventually("mailbox and ledger compared", func() bool { return s.connection(mailbox).ReconciledAt.After(before) })
	if c := s.connection(mailbox); c.ReconcileFound != 0 || c.Error.Code != "" {
		s.Errorf("the comparison of %s found %d missing; the connection says %+v", mailbox, c.ReconcileFound, c.Error)
	}
}

// eventually is Until for what takes its time after chaos: leases of the dead
// run out, refused requests wait their turn.
func (s *chaosStory) eventually(what string, holds func() bool) {
	s.Helper()
	for deadline := time.Now().Add(6 * time.Minute); time.Now().Before(deadline); {
		if holds() {
			return
		}
		<-time.After(200 * time.Millisecond)
	}
	s.Fatalf("waited in vain: %s", what)
}
