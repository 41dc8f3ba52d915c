package demo

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/m365sim"
	"tandem/store"
)

const (
	// closesAfter is how long a ticket stays solved before it closes for good.
	closesAfter = 4 * 24 * time.Hour
	// sentByTandem is the age up to which replies stand in the ledger as mails
	// that Tandem itself has sent; older ones are from before its time.
	sentByTandem = 48 * time.Hour
)

// historian writes what agents did, in one transaction.
type historian struct {
	desk    *desk.Service
	now     time.Time
	address *email.SupportAddress
	agents  map[string]directory.UserID // by account
	copies  map[string]string           // of sent mails: Message-ID to Microsoft's id
	fields  []*directory.Field          // of tickets
	uploads map[string]string           // of files of replies: Message-ID to upload token
	sent    []*email.Mail
}

// writeHistory adds to the imported tickets what agents did with them. All of
// it is there or nothing, so that an interrupted start just does it again.
func (s *seeder) writeHistory(ctx context.Context) error {
	done, err := s.reached(ctx, historyWritten)
	if err != nil || done {
		return err
	}
	h := &historian{desk: s.Desk, now: s.now}
	if h.address, err = s.supportAddress(ctx); err != nil {
		return err
	}
	if h.fields, err = s.Desk.Fields(ctx, access.System(), directory.TicketFields); err != nil {
		return err
	}
	if h.copies, err = s.fillSentItems(ctx); err != nil {
		return fmt.Errorf("fill Sent Items: %w", err)
	}
	if h.uploads, err = s.uploadFiles(ctx); err != nil {
		return fmt.Errorf("upload the files of replies: %w", err)
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		h.sent = nil // the transaction may run again
		if err := h.meetAgents(ctx, tx); err != nil {
			return err
		}
		for _, t := range s.stories.history {
			if err := h.write(ctx, tx, t); err != nil {
				return fmt.Errorf("thread %s: %w", t.ID, err)
			}
		}
		if err := h.enterSent(ctx, tx); err != nil {
			return err
		}
		return mark(ctx, tx, historyWritten, time.Now())
	})
}

// fillSentItems puts what agents replied into the mailbox, unless it is there,
// and returns Microsoft's ids.
func (s *seeder) fillSentItems(ctx context.Context) (map[string]string, error) {
	held, err := s.mailbox.held(ctx, "sentitems")
	if err != nil {
		return nil, err
	}
	copies := map[string]string{}
	for _, t := range s.stories.history {
		for i, at := range t.times(s.now) {
			if t.Steps[i].Reply == "" {
				continue
			}
			id := t.messageID(i)
			if before := held[id]; len(before) > 0 {
				copies[id] = before[0].ID
				continue
			}
			raw, err := t.letter(s.now, i).compose()
			if err != nil {
				return nil, err
			}
			copies[id], err = s.mailbox.sim.Deliver(ctx, Support, raw,
				m365sim.ReceivedAt(at), m365sim.InFolder("sentitems"), m365sim.AlreadyRead())
			if err != nil {
				return nil, err
			}
		}
	}
	return copies, nil
}

// uploadFiles uploads the files of replies; the history takes them over.
// What an interrupted start uploaded in vain is removed after a day.
func (s *seeder) uploadFiles(ctx context.Context) (map[string]string, error) {
	uploads := map[string]string{}
	for _, t := range s.stories.history {
		for i := range t.Steps {
			if t.Steps[i].isMail() {
				continue
			}
			for _, f := range t.Steps[i].Files {
				data, kind, err := f.make()
				if err != nil {
					return nil, fmt.Errorf("make the file %s: %w", f.Name, err)
				}
				id := t.messageID(i)
				up, err := s.Desk.AddUpload(ctx, access.System(), uploads[id], f.Name, kind, bytes.NewReader(data))
				if err != nil {
					return nil, err
				}
				uploads[id] = up.Token
			}
		}
	}
	return uploads, nil
}

func (h *historian) meetAgents(ctx context.Context, tx *store.Tx) error {
	h.agents = map[string]directory.UserID{}
	for _, w := range workers {
		u, err := tx.FindUserByEmail(ctx, w.email())
		if err != nil {
			return err
		}
		if u != nil {
			h.agents[w.account] = u.ID
		}
	}
	return nil
}

// write writes what agents did with one ticket. A thread without a ticket is
// the mail that ended in quarantine, or one whose import somebody cancelled.
func (h *historian) write(ctx context.Context, tx *store.Tx, t *thread) error {
	if len(t.Steps) == 0 {
		return nil
	}
	id, _, err := tx.FindTicketByMessageIDs(ctx, []string{t.messageID(0)}, Support)
	if err != nil || id == 0 {
		return err
	}
	ticket, err := tx.LockTicket(ctx, id)
	if err != nil {
		return err
	}
	times := t.times(h.now)
	for i := range t.Steps {
		if err := h.say(ctx, tx, ticket, t, i, times[i]); err != nil {
			return err
		}
	}
	if err := h.conclude(ticket, t, times); err != nil {
		return err
	}
	if err := h.greet(ctx, tx, ticket.RequesterID, t.lang); err != nil {
		return err
	}
	if err := tx.UpdateTicket(ctx, ticket); err != nil {
		return err
	}
	return desk.Measure(ctx, tx, ticket)
}

// say adds a reply or a note; mails are there already.
func (h *historian) say(ctx context.Context, tx *store.Tx, ticket *desk.Ticket, t *thread, i int, at time.Time) error {
	s := &t.Steps[i]
	author := s.Reply + s.Note // one of them is empty
	if author == "" {
		return nil
	}
	n := desk.NewComment{
		AuthorID: h.agents[author], Public: s.Reply != "", Text: s.Text, Via: desk.ByWeb, Imported: true, CreatedAt: at,
	}
	if token := h.uploads[t.messageID(i)]; token != "" {
		n.UploadTokens = []string{token}
	}
	c, err := h.desk.AddComment(ctx, tx, ticket, n)
	if err != nil || !c.Public {
		return err
	}
	if ticket.FirstReplyAt.IsZero() {
		ticket.FirstReplyAt = at
	}
	id := t.messageID(i)
	if h.now.Sub(at) < sentByTandem {
		h.sent = append(h.sent, h.sentMail(ticket, c, t, id, at))
	}
	return tx.RememberMessageID(ctx, id, ticket.ID)
}

// conclude leaves the ticket as the story ends.
func (h *historian) conclude(ticket *desk.Ticket, t *thread, times []time.Time) error {
	last := times[len(times)-1]
	ticket.Assign(h.agents[t.Assignee])
	if err := ticket.SetPriority(t.Priority); err != nil {
		return err
	}
	if err := ticket.SetTags(t.Tags); err != nil {
		return err
	}
	if err := t.fill(ticket, h.fields); err != nil {
		return err
	}
	ticket.UpdatedAt = last
	switch t.Status {
	case "":
		return nil
	case desk.Closed:
		if err := ticket.Transition(desk.Solved, last); err != nil {
			return err
		}
		ticket.UpdatedAt = last.Add(closesAfter)
	}
	return ticket.Transition(t.Status, last)
}

// greet notes the language of a customer.
func (h *historian) greet(ctx context.Context, tx *store.Tx, id directory.UserID, lang *language) error {
	u, err := tx.GetUser(ctx, id)
	if err != nil || u.Locale != "" {
		return err
	}
	u.Locale, u.TimeZone = lang.locale, lang.timeZone
	return tx.UpdateUser(ctx, u)
}

// sentMail is the ledger's row of a reply that has been sent.
func (h *historian) sentMail(ticket *desk.Ticket, c *desk.Comment, t *thread, messageID string, at time.Time) *email.Mail {
	to := address(t.From)
	m := &email.Mail{
		ConnectionID: h.address.ConnectionID, Direction: email.Outbound, State: email.Sent,
		MicrosoftID: h.copies[messageID], MessageID: messageID, Mark: messageID, Subject: "Re: " + t.Subject,
		From: email.Party{Name: support.Name, Email: Support}, To: []email.Party{{Name: to.Name, Email: to.Address}},
		TicketID: ticket.ID, CommentID: c.ID, Attempts: 1, NoticedAt: at,
	}
	for _, text := range t.CC {
		a := address(text)
		m.CC = append(m.CC, email.Party{Name: a.Name, Email: a.Address})
	}
	for i, step := range []*time.Time{&m.FetchedAt, &m.DecidedAt, &m.FiledAt, &m.ConfirmedAt, &m.UpdatedAt} {
		*step = at.Add(time.Duration(5000+i*180) * time.Millisecond)
	}
	return m
}

// enterSent enters the sent mails into the ledger, oldest first, and links
// them with their comments.
func (h *historian) enterSent(ctx context.Context, tx *store.Tx) error {
	slices.SortFunc(h.sent, func(a, b *email.Mail) int { return a.NoticedAt.Compare(b.NoticedAt) })
	for _, m := range h.sent {
		if _, err := tx.InsertMail(ctx, m); err != nil {
			return err
		}
		c, err := tx.GetComment(ctx, m.CommentID)
		if err != nil {
			return err
		}
		c.MailID = int64(m.ID)
		if err := tx.UpdateComment(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
