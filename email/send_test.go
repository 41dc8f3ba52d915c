package email_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/event"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

// exchange is the sending half of a mailbox, as Exchange keeps it: drafts that
// become sent mails under the same id. fault decides what goes wrong.
type exchange struct {
	*fakeMailbox
	mu     sync.Mutex
	drafts []*draft
	fault  func(op string) (before, after error)
}

type draft struct {
	id    string
	mail  email.Draft
	files []email.DraftFile
	sent  int
}

// try runs an operation between two faults: one before it takes effect, one after.
func (x *exchange) try(op string, work func() error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var before, after error
	if x.fault != nil {
		before, after = x.fault(op)
	}
	if before != nil {
		return before
	}
	if err := work(); err != nil {
		return err
	}
	return after
}

func (x *exchange) get(id string) (*draft, error) {
	for _, d := range x.drafts {
		if d.id == id {
			return d, nil
		}
	}
	return nil, problem.New(problem.NotFound, "not_at_microsoft", "It is gone.")
}

func (x *exchange) CreateDraft(_ context.Context, mail email.Draft) (id string, err error) {
	err = x.try("draft", func() error {
		id = fmt.Sprintf("draft-%d", len(x.drafts)+1)
		x.drafts = append(x.drafts, &draft{id: id, mail: mail})
		return nil
	})
	return id, err
}

func (x *exchange) FindByMark(_ context.Context, mark string) (id string, err error) {
	err = x.try("find", func() error {
		for _, d := range x.drafts {
			if d.mail.Mark == mark && (id == "" || d.sent > 0) {
				id = d.id
			}
		}
		return nil
	})
	return id, err
}

func (x *exchange) Attach(_ context.Context, id string, f email.DraftFile, content io.Reader) error {
	if _, err := io.ReadAll(content); err != nil {
		return err
	}
	return x.try("attach", func() error {
		d, err := x.get(id)
		if err == nil {
			d.files = append(d.files, f)
		}
		return err
	})
}

func (x *exchange) Attached(_ context.Context, id string) (files []email.DraftFile, err error) {
	err = x.try("attached", func() error {
		d, err := x.get(id)
		if err == nil {
			files = d.files
		}
		return err
	})
	return files, err
}

func (x *exchange) Send(_ context.Context, id string) (*email.Outcome, error) {
	return nil, x.try("send", func() error {
		d, err := x.get(id)
		if err == nil {
			d.sent++
		}
		return err
	})
}

func (x *exchange) Outcome(_ context.Context, id string) (o *email.Outcome, err error) {
	err = x.try("outcome", func() error {
		d, err := x.get(id)
		if err != nil {
			return err
		}
		o = &email.Outcome{}
		if d.sent > 0 {
			o.Sent, o.MessageID = true, d.id+"@exchange.example"
		}
		return nil
	})
	return o, err
}

func (x *exchange) sent() (n int) {
	for _, d := range x.drafts {
		n += d.sent
	}
	return n
}

func (x *exchange) Open(*email.Connection) (email.Mailbox, error) { return x, nil }
func (x *exchange) Find(context.Context, tenant.ID, string) (*email.Owner, error) {
	return nil, errUnused
}
func (x *exchange) Requests(email.ConnectionID) int { return 0 }

// sending is an office that answers.
type sending struct {
	*office
	exchange *exchange
	sender   *email.Sender
	desk     *desk.Service
	agent    *directory.User
	ticket   *desk.Ticket
}

// newSending opens an office with a ticket of a customer and an agent to answer it.
func newSending(t testing.TB, db *store.DB, address string) *sending {
	s := &sending{office: open(t, db, address), exchange: &exchange{fakeMailbox: newFakeMailbox()}}
	marks := 0
	s.sender = email.NewSender(s.store, s.exchange, s.blobs, s.clock.Now, func() string {
		marks++
		return fmt.Sprintf("mark-%s-%d", address, marks)
	}, slog.New(slog.DiscardHandler))
	s.desk = desk.NewService(store.For[desk.Tx](db), s.blobs, desk.Options{Now: s.clock.Now, Outbox: s.sender})
	s.agent = s.addUser("agent."+address, directory.Agent)
	s.deliver(address, mail("question."+address, "From: Ana Lima <ana."+address+">", "To: "+address))
	s.read(address)
	s.ticket = s.tickets()[len(s.tickets())-1]
	return s
}

func (s *sending) actor() access.Actor {
	return access.Actor{UserID: s.agent.ID, Name: s.agent.Name, Role: directory.Agent}
}

// reply answers the ticket and returns the comment.
func (s *sending) reply(text string, files ...desk.Attachment) *desk.Comment {
	s.t.Helper()
	var c *desk.Comment
	s.update(func(tx email.Tx) error {
		t, err := tx.LockTicket(s.t.Context(), s.ticket.ID)
		if err != nil {
			return err
		}
		c, err = s.desk.AddComment(s.t.Context(), tx, t, desk.NewComment{
			AuthorID: s.agent.ID, Public: true, Text: text, Via: desk.ByWeb, Attachments: files,
		})
		if err != nil {
			return err
		}
		return tx.UpdateTicket(s.t.Context(), t)
	})
	return c
}

func (s *sending) outgoing(id desk.CommentID) (m *email.Mail) {
	s.t.Helper()
	check(s.t, s.store.View(s.t.Context(), func(tx email.Tx) (err error) {
		m, err = tx.FindMailByComment(s.t.Context(), id)
		return err
	}))
	return m
}

func TestReplyIsThreadedSignedAndMarked(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("Please unplug it.")
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if s.exchange.sent() != 1 {
		t.Fatalf("%d mails sent, want 1", s.exchange.sent())
	}
	d := s.exchange.drafts[0].mail
	if d.InReplyTo != "question."+support || len(d.References) != 1 {
		t.Errorf("answers %q with references %v, want the customer's mail", d.InReplyTo, d.References)
	}
	if len(d.To) != 1 || d.To[0].Email != "ana."+support {
		t.Errorf("goes to %v, want the requester", d.To)
	}
	if d.From.Email != support || !strings.Contains(d.HTML, "Please unplug it.") || !strings.Contains(d.HTML, "[ref:"+s.ticket.ReplyToken+"]") {
		t.Errorf("leaves from %v with the text %s", d.From, d.HTML)
	}
	if m := s.outgoing(c.ID); m.State != email.Sent {
		t.Errorf("the ledger says %s, want sent", m.State)
	}
}

func TestReplyThatMeetsAnOutageHasTheMailboxLook(t *testing.T) {
	outage := problem.New(problem.Unavailable, "microsoft_unavailable", "No answer.")
	for name, test := range map[string]struct {
		fault *problem.Error
		known bool // the mailbox is in trouble already
		looks bool
	}{
		"outage":          {outage, false, true},
		"secret expired":  {problem.New(problem.Unauthenticated, "secret_expired", "It has expired."), false, true},
		"known":           {outage, true, false},
		"asked to wait":   {problem.New(problem.Unavailable, "microsoft_throttled", "Wait.").After(time.Minute), false, false},
		"not to be found": {problem.New(problem.NotFound, "not_at_microsoft", "It is gone."), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			bus := event.NewBus()
			s := newSending(t, openSQLite(t, store.Options{Bus: bus}), support)
			if test.known {
				s.update(func(tx email.Tx) error {
					c, err := tx.GetConnection(t.Context(), s.ids[support])
					if err != nil {
						return err
					}
					c.WaitingUntil = s.clock.Now().Add(time.Minute)
					return tx.UpdateConnection(t.Context(), c)
				})
			}
			c := s.reply("Please unplug it.")
			kicks := bus.Subscribe(event.Kinds(event.MailboxKicked))
			defer kicks.Close()
			s.exchange.fault = func(string) (before, after error) { return test.fault, nil }
			_ = s.sender.Deliver(t.Context(), c.ID, false) // what comes of it is another test
			if looks := len(kicks.Events()) > 0; looks != test.looks {
				t.Errorf("the mailbox looks: %v, want %v", looks, test.looks)
			}
		})
	}
}

func TestAnswerToOurMailFindsItsTicketByMessageID(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("Please unplug it.")
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	check(t, s.sender.Confirm(t.Context(), s.outgoing(c.ID).ID))
	s.deliver(support, mail("answer", "From: ana."+support, "In-Reply-To: <draft-1@exchange.example>"))
	s.read(support)
	if n := len(s.tickets()); n != 1 {
		t.Errorf("%d tickets, want the answer at the first", n)
	}
}

func TestReplyWaitsWhileDisconnectedAndNeverLeavesElsewhere(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	s.connect(sales)
	s.setConnected(false)
	c := s.reply("Please unplug it.")
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Waiting || m.ErrorCode != "address_disconnected" || m.ErrorRemedy == "" {
		t.Errorf("the mail is %s (%s), want it waiting with the reason", m.State, m.ErrorCode)
	}
	if len(s.exchange.drafts) > 0 {
		t.Error("a draft was made though the address is disconnected")
	}
	s.setConnected(true)
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Sent || m.Error != "" {
		t.Errorf("after reconnecting the mail is %s (%s), want sent", m.State, m.Error)
	}
}

func (s *sending) setConnected(yes bool) {
	s.update(func(tx email.Tx) error {
		c, err := tx.GetConnection(s.t.Context(), s.ids[support])
		if err != nil {
			return err
		}
		if c.State = email.Disconnected; yes {
			c.State = email.Connected
		}
		return tx.UpdateConnection(s.t.Context(), c)
	})
}

func TestRefusedReplyFailsVisiblyAndLeavesOnRetry(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	refused := problem.New(problem.Invalid, "invalid_recipients", "Microsoft cannot deliver.").On(problem.Yours, "Correct the address.")
	s.exchange.fault = func(op string) (error, error) {
		if op == "send" {
			return refused, nil
		}
		return nil, nil
	}
	c := s.reply("Please unplug it.")
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	m := s.outgoing(c.ID)
	if m.State != email.Failed || m.ErrorCode != "invalid_recipients" || m.ErrorRemedy == "" {
		t.Fatalf("the mail is %s (%s: %s)", m.State, m.ErrorCode, m.ErrorRemedy)
	}
	s.exchange.fault = nil
	check(t, s.sender.Retry(t.Context(), s.actor(), c.ID))
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m = s.outgoing(c.ID); m.State != email.Sent || s.exchange.sent() != 1 || len(s.exchange.drafts) != 1 {
		t.Errorf("after the retry: %s, %d sent, %d drafts; want the same draft sent", m.State, s.exchange.sent(), len(s.exchange.drafts))
	}
}

func TestReplyWaitsForTheSignInAsLongAsItTakes(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	s.exchange.fault = func(string) (error, error) {
		return problem.New(problem.Unauthenticated, "grant_revoked", "Revoked.").On(problem.Admin, "Reconnect the address."), nil
	}
	c := s.reply("Please unplug it.")
	err := s.sender.Deliver(t.Context(), c.ID, true)
	if err == nil || problem.As(err) != nil {
		t.Errorf("the job ends with %v: it would be given up instead of waiting", err)
	}
	if m := s.outgoing(c.ID); m.State != email.Waiting || m.ErrorCode != "grant_revoked" {
		t.Errorf("the mail is %s (%s), want it waiting with the reason", m.State, m.ErrorCode)
	}
}

func TestDraftDeletedInOutlookIsMadeAgain(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	s.exchange.fault = func(op string) (error, error) {
		if op == "send" && s.exchange.drafts[0].id != "deleted" {
			s.exchange.drafts = nil // somebody tidies up in Outlook
		}
		return nil, nil
	}
	c := s.reply("Please unplug it.")
	if err := s.sender.Deliver(t.Context(), c.ID, false); problem.As(err) == nil || problem.As(err).Code != "draft_vanished" {
		t.Fatalf("delivery ended with %v", err)
	}
	s.exchange.fault = nil
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if s.exchange.sent() != 1 || s.outgoing(c.ID).State != email.Sent {
		t.Errorf("%d sent, %s", s.exchange.sent(), s.outgoing(c.ID).State)
	}
}

func TestReplyWhoseAnswerWasLostIsNotSentAgain(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	s.exchange.fault = func(op string) (error, error) {
		if op == "send" {
			return nil, unavailable(time.Second)
		}
		return nil, nil
	}
	c := s.reply("Please unplug it.")
	if err := s.sender.Deliver(t.Context(), c.ID, false); err == nil {
		t.Fatal("the lost answer went unnoticed")
	}
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); s.exchange.sent() != 1 || m.State != email.Sent || m.MessageID == "" {
		t.Errorf("sent %d times; the ledger says %s with Message-ID %q", s.exchange.sent(), m.State, m.MessageID)
	}
}

// The answer to the sending was lost, and the sent copy can be found before it
// can be read, since it appears with a delay.
func TestSentCopyThatCannotBeReadYetIsAwaited(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	hidden := true
	s.exchange.fault = func(op string) (error, error) {
		switch {
		case op == "send":
			return nil, unavailable(0)
		case op == "outcome" && hidden:
			return problem.New(problem.NotFound, "not_at_microsoft", "It is gone."), nil
		}
		return nil, nil
	}
	c := s.reply("Please unplug it.")
	for range 2 {
		if err := s.sender.Deliver(t.Context(), c.ID, false); problem.KindOf(err) != problem.Unavailable {
			t.Fatalf("while the copy cannot be read: %v", err)
		}
	}
	hidden = false
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Sent || s.exchange.sent() != 1 {
		t.Errorf("sent %d times; the ledger says %s (%s)", s.exchange.sent(), m.State, m.ErrorCode)
	}
}

func TestNobodyKnowsWhetherItWasSent(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	s.exchange.fault = func(op string) (error, error) {
		if op == "send" {
			s.exchange.drafts = nil
			return unavailable(0), nil
		}
		return nil, nil
	}
	c := s.reply("Please unplug it.")
	if err := s.sender.Deliver(t.Context(), c.ID, false); err == nil {
		t.Fatal("the broken sending ended without an error")
	}
	if err := s.sender.Deliver(t.Context(), c.ID, false); problem.KindOf(err) != problem.Unavailable {
		t.Fatalf("right afterwards the sent copy may still appear, but: %v", err)
	}
	s.clock.advance(5 * time.Minute)
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if m := s.outgoing(c.ID); m.State != email.Failed || m.ErrorCode != "outcome_unknown" {
		t.Fatalf("the mail is %s (%s), want failed with outcome_unknown", m.State, m.ErrorCode)
	}
	s.exchange.fault = nil
	check(t, s.sender.Retry(t.Context(), s.actor(), c.ID))
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if s.exchange.sent() != 1 {
		t.Errorf("%d sent after somebody decided, want 1", s.exchange.sent())
	}
}

func TestReplyWithdrawnInTimeNeverLeaves(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	c := s.reply("Oops.")
	s.update(func(tx email.Tx) error { return s.sender.Withdraw(t.Context(), tx, c.ID) })
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	if len(s.exchange.drafts) > 0 {
		t.Error("a withdrawn reply reached Microsoft")
	}
	c = s.reply("On its way.")
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	err := s.store.Update(t.Context(), func(tx email.Tx) error { return s.sender.Withdraw(t.Context(), tx, c.ID) })
	if problem.KindOf(err) != problem.Conflict {
		t.Errorf("withdrawing what has been sent: %v, want a conflict", err)
	}
}

// process is what dies with SIGKILL: whatever it was about to write is lost.
type process struct {
	ctx  context.Context
	kill context.CancelFunc
}

func newProcess(ctx context.Context) *process {
	p := &process{}
	p.ctx, p.kill = context.WithCancel(ctx)
	return p
}

// TestReplyIsSentExactlyOnceWhateverBreaks lets every step towards Microsoft
// fail before or after it took effect, and the process die there, in any order.
func TestReplyIsSentExactlyOnceWhateverBreaks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			s := newSending(t, db, fmt.Sprintf("send%d@contoso.example", run))
			key, size, err := s.blobs.Put(t.Context(), strings.NewReader("manual"))
			check(t, err)
			file := func(name string) desk.Attachment {
				return desk.Attachment{FileName: name, ContentType: "text/plain", Size: size, Blob: key, Secret: fmt.Sprintf("%s-%d", name, run)}
			}
			c := s.reply("Please unplug it.", file("manual.txt"), file("plan.txt"))
			plan := rapid.SliceOfN(rapid.SampledFrom([]string{"works", "works", "works", "refuses", "breaks", "dies before", "dies after"}), 0, 12).Draw(rt, "plan")
			alive := newProcess(t.Context())
			s.exchange.fault = func(string) (before, after error) {
				if len(plan) == 0 {
					return nil, nil
				}
				step := plan[0]
				plan = plan[1:]
				switch step {
				case "refuses":
					return unavailable(time.Second), nil
				case "breaks":
					return nil, unavailable(time.Second)
				case "dies before":
					alive.kill()
					return context.Canceled, nil
				case "dies after":
					alive.kill()
					return nil, context.Canceled
				}
				return nil, nil
			}
			for try := 0; s.outgoing(c.ID).State != email.Sent; try++ {
				if try == 60 {
					rt.Fatalf("not sent after %d attempts: %+v", try, s.outgoing(c.ID))
				}
				_ = s.sender.Deliver(alive.ctx, c.ID, false) // its errors are the plan's
				if alive.ctx.Err() != nil {
					alive = newProcess(t.Context())
				}
				s.clock.advance(10 * time.Second)
			}
			if n := s.exchange.sent(); n != 1 {
				rt.Fatalf("sent %d times", n)
			}
			if n := len(s.exchange.drafts); n != 1 {
				rt.Fatalf("%d drafts, want one: a second one would lie in Drafts for ever", n)
			}
			if n := len(s.exchange.drafts[0].files); n != 2 {
				rt.Fatalf("%d files attached, want 2", n)
			}
		})
	})
}
