package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/store/storetest"
)

// Tandem is killed again and again, at random moments, while mails arrive and
// replies leave. Afterwards every mail is in the ledger once and has its ticket
// or comment, every reply has left once, and all is filed.
//
// TANDEM_TEST_FULL=1 takes 1,000 mails and 200 replies; TANDEM_TEST_SEED
// repeats a run, as far as time lets it.
func TestNothingIsLostOrDoubledWhenTandemIsKilled(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) { tellCrashStory(t, "") })
	t.Run("Postgres", func(t *testing.T) { tellCrashStory(t, storetest.PostgresURL(t)) })
}

func tellCrashStory(t *testing.T, database string) {
	t.Parallel()
	s := &crashStory{mails: 120, replies: 30, kills: 8, seed: seed(t)}
	latency := 150 * time.Millisecond // so that there is a middle of everything
	if os.Getenv("TANDEM_TEST_FULL") == "1" {
		s.mails, s.replies, s.kills = 1000, 200, 60
		latency = 50 * time.Millisecond
		s.patient = database != ""
	}
	s.World = Open(t, Options{Process: true, Database: database, Latency: latency})
	s.Connect(Support, false)

	alive, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	people, ctx := errgroup.WithContext(alive)
	people.Go(func() error { return s.write(ctx) })
	people.Go(func() error { return s.answer(ctx) })
	s.killAgainAndAgain()
	if err := people.Wait(); err != nil {
		t.Fatal(err)
	}

	s.checkMails()
	s.checkReplies()
	s.checkFiled()
	s.checkCompared()
}

// seed makes the random choices of a story, which TANDEM_TEST_SEED repeats.
func seed(t *testing.T) uint64 {
	n, err := strconv.ParseUint(os.Getenv("TANDEM_TEST_SEED"), 10, 64)
	if err != nil {
		n = rand.Uint64()
	}
	t.Logf("TANDEM_TEST_SEED=%d", n)
	return n
}

type crashStory struct {
	*World
	mails, replies, kills int
	patient               bool // lets each twentieth process live until it reads the mailbox: on PostgreSQL the lease of a dead one has to run out first
	seed                  uint64
}

// random are the choices of one of the parties.
func (s *crashStory) random(party uint64) *rand.Rand { return rand.New(rand.NewPCG(s.seed, party)) }

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// answersPrevious tells which mails are answers: each fifth answers the one before it.
func answersPrevious(i int) bool { return i%5 == 4 }

// write sends the mails, in bursts and with pauses.
func (s *crashStory) write(ctx context.Context) error {
	random := s.random(1)
	for i := range s.mails {
		l := Letter{ // never empty: an answer without a word is suspended
			From: fmt.Sprintf("customer%d@customer.example", i), To: Support, Subject: fmt.Sprintf("Mail %d", i),
			MessageID: fmt.Sprintf("<mail-%d@customer.example>", i), Text: strings.Repeat("Something is broken. ", 1+random.IntN(500)),
		}
		if answersPrevious(i) {
			l.From = fmt.Sprintf("customer%d@customer.example", i-1)
			l.InReplyTo = fmt.Sprintf("<mail-%d@customer.example>", i-1)
		}
		if _, err := s.Sim.Deliver(ctx, Support, []byte(l.Raw())); err != nil {
			return fmt.Errorf("deliver mail %d: %w", i, err)
		}
		if random.IntN(3) == 0 {
			pause(ctx, time.Duration(random.IntN(150))*time.Millisecond)
		}
	}
	return nil
}

// answer replies to tickets as soon as they are there.
func (s *crashStory) answer(ctx context.Context) error {
	for i := 0; i < s.replies && ctx.Err() == nil; {
		subject := fmt.Sprintf("Mail %d", i/3*5+i%3) // of those without an answer
		var list struct{ Tickets []ticket }
		if !s.ask(ctx, "GET", "/api/v2/tickets?query="+url.QueryEscape(subject), nil, &list) {
			continue
		}
		for _, t := range list.Tickets {
			if t.Subject == subject {
				s.replyOnce(ctx, t.ID, replyText(i))
				i++
				break
			}
		}
	}
	return ctx.Err()
}

func replyText(i int) string { return fmt.Sprintf("This is reply number %d.", i) }

// replyOnce adds a reply. When Tandem dies before it has answered, only a look
// tells whether the reply is there.
func (s *crashStory) replyOnce(ctx context.Context, id int64, text string) {
	path := fmt.Sprintf("/api/v2/tickets/%d", id)
	for ctx.Err() == nil {
		var said struct{ Comments []comment }
		if !s.ask(ctx, "GET", path+"/comments", nil, &said) {
			continue
		}
		for _, c := range said.Comments {
			if c.Body == text {
				return
			}
		}
		s.ask(ctx, "PUT", path, change{"ticket": change{"comment": change{"body": text}}}, nil)
	}
}

// ask is false when Tandem was killed meanwhile, which a load balancer before it
// answers with 502.
func (s *crashStory) ask(ctx context.Context, method, path string, body, into any) bool {
	a, err := s.API.Try(method, path, body)
	if err != nil || a.Status == http.StatusBadGateway {
		pause(ctx, 20*time.Millisecond)
		return false
	}
	if a.Status != 200 {
		s.Errorf("%s %s answered %d: %s", method, path, a.Status, a.Body)
		return false
	}
	if into != nil {
		a.Into(into)
	}
	return true
}

// killAgainAndAgain lets each process live for up to a second and a half, and
// goes on for a while when replies are still to leave.
func (s *crashStory) killAgainAndAgain() {
	random := s.random(2)
	for life := range 2 * s.kills {
		if life >= s.kills && len(s.ledger("direction=out&state=sent")) >= s.replies {
			return
		}
		if s.patient && life%20 == 0 {
			s.Until("a mailbox that is read", func() bool { return s.metric(s.URL, "tandem_mailboxes_held") == 1 })
		}
		pause(s.Context(), time.Duration(random.IntN(1500))*time.Millisecond)
		s.Process.Kill()
		s.Start()
	}
}

func (s *crashStory) checkMails() {
	s.Helper()
	s.Until("every mail decided", func() bool {
		states := s.states()
		return states["ticketed"]+states["commented"] >= s.mails
	})
	states := s.states()
	answers := s.mails / 5
	if states["ticketed"] != s.mails-answers || states["commented"] != answers || len(states) != 2 {
		s.Errorf("the ledger holds %v, want %d tickets and %d comments", states, s.mails-answers, answers)
	}
	seen := make(map[string]int)
	for _, m := range s.ledger("direction=in") {
		seen[m.MessageID]++
	}
	for i := range s.mails {
		if n := seen[fmt.Sprintf("mail-%d@customer.example", i)]; n != 1 {
			s.Errorf("mail %d is in the ledger %d times", i, n)
		}
	}
	var count struct{ Count struct{ Value int } }
	s.API.Get("/api/v2/tickets/count").Want(200).Into(&count)
	if count.Count.Value != s.mails-answers {
		s.Errorf("there are %d tickets, want %d", count.Count.Value, s.mails-answers)
	}
}

// checkReplies compares what Tandem says of each reply with what Microsoft has.
func (s *crashStory) checkReplies() {
	s.Helper()
	s.Until("every reply sent or failed", func() bool { return len(s.ledger("direction=out&state=waiting,drafted,sending")) == 0 })
	sent := make(map[string]int)
	for _, m := range s.Folder(Support, "sentitems") {
		for i := range s.replies {
			if strings.Contains(m.Body, replyText(i)) {
				sent[replyText(i)]++
			}
		}
	}
	found, interrupted := 0, 0
	for _, m := range s.ledger("direction=out") {
		if m.Attempts > 1 {
			interrupted++
		}
		for _, c := range s.comments(m.Ticket) {
			if !strings.HasPrefix(c.Body, "This is reply number") {
				continue
			}
			found++
			s.checkReply(c, sent[c.Body])
		}
	}
	s.Logf("%d of %d replies took more than one attempt", interrupted, found)
	if found != s.replies {
		s.Errorf("%d replies are in the ledger, want %d", found, s.replies)
	}
	if drafts := s.Folder(Support, "drafts"); len(drafts) > 0 {
		s.Errorf("%d drafts are left behind", len(drafts))
	}
}

func (s *crashStory) checkReply(c comment, sent int) {
	s.Helper()
	switch {
	case c.Delivery.State == "sent" && sent == 1:
	case c.Delivery.ErrorCode == "outcome_unknown" && sent == 0:
		s.Logf("%q: Tandem says that it does not know, and Microsoft has not sent it", c.Body)
	default:
		s.Errorf("%q was sent %d times, and Tandem says %+v", c.Body, sent, c.Delivery)
	}
}

func (s *crashStory) checkFiled() {
	s.Helper()
	s.Until("every mail filed", func() bool { return len(s.Folder(Support, "inbox")) == 0 })
	filed := s.Folder(Support, "Tandem")
	if len(filed) != s.mails {
		s.Errorf("%d mails are in our folder, want %d", len(filed), s.mails)
	}
	for _, m := range filed {
		if !m.IsRead {
			s.Errorf("%s is filed, but not marked read", m.Subject)
		}
	}
}

// checkCompared lets Tandem itself compare mailbox and ledger.
func (s *crashStory) checkCompared() {
	s.Helper()
	before := s.connection(Support).ReconciledAt
	s.act(Support, "reconcile").Want(202)
	s.Until("mailbox and ledger compared", func() bool { return s.connection(Support).ReconciledAt.After(before) })
	if c := s.connection(Support); c.ReconcileFound != 0 || c.Error.Code != "" {
		s.Errorf("the comparison found %d missing; the connection says %+v", c.ReconcileFound, c.Error)
	}
}
