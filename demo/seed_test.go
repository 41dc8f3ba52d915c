package demo

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tandem/access"
	"tandem/app"
	"tandem/config"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/m365sim"
	"tandem/store"
)

// world is a Tandem beside a simulated Microsoft 365.
type world struct {
	target Target
	sim    *m365sim.Server
	entra  Entra
}

func open(t *testing.T) *world {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("TANDEM_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	folder := t.TempDir()
	sim, err := m365sim.New(m365sim.Options{DataDir: filepath.Join(folder, "microsoft365"), Organisation: m365sim.Contoso()})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: sim.Handler()}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close(); sim.Close() })

	entra := Entra{
		LoginURL: "http://" + listener.Addr().String(), Tenant: m365sim.ContosoTenantID,
		ClientID: m365sim.ContosoClientID, Secret: m365sim.ContosoSecret,
	}
	cfg := config.Default()
	cfg.HTTP, cfg.Data = "127.0.0.1:0", folder
	cfg.Microsoft = config.Microsoft{
		Tenant: entra.Tenant, ClientID: entra.ClientID, ClientSecret: config.Secret(entra.Secret),
		LoginURL: entra.LoginURL, GraphURL: entra.LoginURL,
	}
	a, err := app.New(cfg, log)
	if err == nil {
		err = a.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return &world{
		target: Target{Store: a.Store(), Access: a.Access(), Desk: a.Desk(), Connections: a.Connections(), Log: log},
		sim:    sim, entra: entra,
	}
}

func (w *world) seed(t *testing.T) {
	t.Helper()
	if err := Seed(t.Context(), w.target, w.sim, w.entra); err != nil {
		t.Fatal(err)
	}
}

// facts are what the store holds.
type facts struct {
	users, tickets, comments, attachments int
	inbound                               int // mails
	flagged, followUps, sent              int // comments, tickets, comments
	statuses                              map[desk.Status]int
	states                                map[email.MailState]int
}

func (w *world) facts(t *testing.T) facts {
	t.Helper()
	f := facts{states: map[email.MailState]int{}}
	err := w.target.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		if f.users, err = tx.CountUsers(t.Context(), directory.UserFilter{}); err != nil {
			return err
		}
		if f.statuses, err = tx.CountTicketsByStatus(t.Context(), desk.TicketFilter{}); err != nil {
			return err
		}
		tickets, err := tx.ListTickets(t.Context(), desk.TicketFilter{})
		if err != nil {
			return err
		}
		f.tickets = len(tickets)
		for _, ticket := range tickets {
			if ticket.FollowUpOf != 0 {
				f.followUps++
			}
			comments, err := tx.ListComments(t.Context(), ticket.ID)
			if err != nil {
				return err
			}
			f.comments += len(comments)
			for i, c := range comments {
				f.attachments += len(c.Attachments)
				if c.Flag != "" {
					f.flagged++
				}
				if c.Delivery != nil && c.Delivery.State == desk.DeliverySent {
					f.sent++
				}
				if i > 0 && c.CreatedAt.Before(comments[i-1].CreatedAt) {
					t.Errorf("ticket %d: comment %d is older than the one before", ticket.ID, c.ID)
				}
			}
		}
		ledger, err := tx.ListMail(t.Context(), email.MailFilter{})
		if err != nil {
			return err
		}
		for _, m := range ledger {
			f.states[m.State]++
			if m.Direction == email.Inbound {
				f.inbound++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// promised is what the stories come to.
func promised(all *stories) (f facts) {
	for _, story := range all.history {
		if story.Raw != "" {
			f.inbound++ // and no ticket
			continue
		}
		f.tickets++
		f.comments += len(story.Steps)
		for _, step := range story.Steps {
			f.attachments += len(step.Files)
			if step.isMail() {
				f.inbound += max(1, step.Copies)
			}
		}
	}
	for _, story := range all.fresh {
		f.inbound++
		f.comments++
		if before := all.byID[story.Answers]; before == nil || before.Status == desk.Closed {
			f.tickets++
		}
	}
	return f
}

func (f facts) check(t *testing.T, want facts) {
	t.Helper()
	if f.tickets != want.tickets || f.comments != want.comments || f.inbound != want.inbound || f.attachments != want.attachments {
		t.Errorf("%d tickets, %d comments, %d mails and %d attachments, want %d, %d, %d and %d",
			f.tickets, f.comments, f.inbound, f.attachments, want.tickets, want.comments, want.inbound, want.attachments)
	}
	if f.users == 0 || f.sent == 0 || f.sent != f.states[email.Sent] {
		t.Errorf("%d people; %d comments were sent, %d mails", f.users, f.sent, f.states[email.Sent])
	}
	if f.states[email.Noticed] > 0 || f.states[email.Waiting] > 0 {
		t.Errorf("mails are still under way: %v", f.states)
	}
}

func TestSeedMakesALivingContoso(t *testing.T) {
	w := open(t)
	w.seed(t)
	f := w.facts(t)
	f.check(t, promised(loaded(t)))
	if f.tickets < 58 || f.tickets > 66 {
		t.Errorf("%d tickets, want some 60", f.tickets)
	}
	for _, status := range desk.Statuses {
		if f.statuses[status] < 3 {
			t.Errorf("%d tickets are %s, want a few", f.statuses[status], status)
		}
	}
	for _, state := range []email.MailState{email.Ticketed, email.Commented, email.Flagged, email.Duplicate, email.Quarantined, email.Sent} {
		if f.states[state] == 0 {
			t.Errorf("no mail in the ledger is %s", state)
		}
	}
	if f.flagged == 0 || f.followUps == 0 {
		t.Errorf("%d comments of strangers, %d follow-ups", f.flagged, f.followUps)
	}
	t.Run("everybody can sign in", w.everybodySignsIn)
	t.Run("people belong somewhere", w.peopleBelong)
	t.Run("seeding again changes nothing", func(t *testing.T) {
		w.seed(t)
		w.facts(t).check(t, f)
	})
	t.Run("customers write and answer", w.customersWrite)
}

func (w *world) everybodySignsIn(t *testing.T) {
	for _, account := range []string{"admin", "agent1", "agent8"} {
		if _, err := w.target.Access.SignIn(t.Context(), account+"@contoso.example", Password, "127.0.0.1"); err != nil {
			t.Errorf("%s: %v", account, err)
		}
	}
	actor, err := w.target.Access.Authenticate(t.Context(), "admin@contoso.example", APIToken, "127.0.0.1")
	if err != nil || actor.Role != directory.Admin {
		t.Errorf("the demo's token makes %+v, %v", actor, err)
	}
}

func (w *world) peopleBelong(t *testing.T) {
	teams, err := w.target.Desk.Teams(t.Context(), access.System())
	if err != nil {
		t.Fatal(err)
	}
	for _, team := range teams {
		use, err := w.target.Desk.UseOfTeam(t.Context(), access.System(), team.ID)
		if err != nil || use.Members < 2 {
			t.Errorf("the team %s has %d members, %v", team.Name, use.Members, err)
		}
	}
	organizations, err := w.target.Desk.Organizations(t.Context(), access.System(), directory.OrganizationFilter{})
	if err != nil || len(organizations) < 10 || len(teams) < 3 {
		t.Errorf("%d organizations and %d teams, %v", len(organizations), len(teams), err)
	}
	for _, o := range organizations {
		tickets, people, err := w.target.Desk.OrganizationRelated(t.Context(), access.System(), o.ID)
		if err != nil || tickets == 0 || people == 0 {
			t.Errorf("%s has %d people and %d tickets, %v", o.Name, people, tickets, err)
		}
	}
	u := w.user(t, "front@hotel-shirakaba.example")
	if u.Phone != "+81355501123" || u.Notes == "" || u.Locale != "ja" || u.TimeZone != "Asia/Tokyo" || u.OrganizationID == 0 || len(u.Fields) == 0 {
		t.Errorf("known of the hotel's front desk is %+v", u)
	}
}

// A start may be interrupted behind any step; the next one ends it, and all is
// as if nothing had happened.
func TestInterruptedSeedingIsFinished(t *testing.T) {
	w := open(t)
	target, starts := w.target, 0
	seen := map[string]bool{}
	for err := context.Canceled; err != nil; starts++ {
		var ctx context.Context
		ctx, cancel := context.WithCancel(t.Context())
		target.Log = slog.New(interrupter{slog.DiscardHandler, seen, cancel})
		if err = Seed(ctx, target, w.sim, w.entra); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		cancel()
	}
	if starts < 5 {
		t.Errorf("only %d starts: seeding was hardly interrupted", starts)
	}
	w.facts(t).check(t, promised(loaded(t)))
}

// interrupter cancels when a step is logged for the first time.
type interrupter struct {
	slog.Handler
	seen   map[string]bool
	cancel func()
}

func (i interrupter) Enabled(context.Context, slog.Level) bool { return true }

func (i interrupter) Handle(_ context.Context, r slog.Record) error {
	if r.Level == slog.LevelDebug && !i.seen[r.Message] {
		i.seen[r.Message] = true
		i.cancel()
	}
	return nil
}

func TestInterruptedDeliveryDoublesNothing(t *testing.T) {
	w := open(t)
	s := &seeder{Target: w.target, stories: loaded(t), mailbox: newMailbox(w.sim, w.entra), now: time.Now()}
	if err := s.deliverHistory(&tired{t.Context(), 40}); err == nil {
		t.Fatal("the first delivery was not interrupted")
	}
	if err := s.deliverHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	held, err := s.mailbox.held(t.Context(), "inbox")
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range s.stories.history {
		for i, step := range story.Steps {
			if id := story.messageID(i); step.isMail() && len(held[id]) != max(1, step.Copies) {
				t.Errorf("%s: mail %d lies %d times in the Inbox", story.ID, i, len(held[id]))
			}
		}
	}
}

// tired is a context that ends when it has been asked often enough.
type tired struct {
	context.Context
	left int
}

func (c *tired) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return c.Context.Err()
}

func TestForeignDatabaseIsLeftAlone(t *testing.T) {
	w := open(t)
	_, err := w.target.Access.CreateUser(t.Context(), access.System(), access.NewUser{
		Name: "Ada", Email: "ada@fabrikam.example", Role: directory.Admin,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.seed(t)
	if f := w.facts(t); f.users != 1 || f.tickets != 0 {
		t.Errorf("%d people and %d tickets, want what was there", f.users, f.tickets)
	}
}

func (w *world) customersWrite(t *testing.T) {
	all := loaded(t)
	c := &customers{stories: all, mailbox: newMailbox(w.sim, w.entra), since: time.Now()}
	before := w.facts(t)
	for range all.live {
		if err := c.write(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	answers := len(slices.DeleteFunc(slices.Clone(all.live), func(s *thread) bool { return s.Answers == "" }))
	w.until(t, "the whole pool in the ledger", func() bool {
		f := w.facts(t)
		return f.inbound == before.inbound+len(all.live) && f.states[email.Noticed] == 0
	})
	after := w.facts(t)
	if made := after.tickets - before.tickets; made != len(all.live)-answers {
		t.Errorf("the pool made %d tickets, want %d: what answers a ticket belongs to it", made, len(all.live)-answers)
	}

	// Somebody answers a customer, and hears of them again.
	ticket := w.ticketFrom(t, "beatriz@ateliecampos.example")
	agent := access.Actor{UserID: w.user(t, "agent2@contoso.example").ID, Role: directory.Agent}
	if _, _, err := w.target.Desk.Reply(t.Context(), agent, ticket, desk.Draft{Text: "Olá, Beatriz!", Via: desk.ByEmail}); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the reply in the outbox", func() bool {
		reply, err := c.unanswered(t.Context())
		return err == nil && reply != nil
	})
	if err := c.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the customer's answer on the ticket", func() bool { return len(w.comments(t, ticket)) == 3 })
	last := w.comments(t, ticket)[2]
	if last.AuthorID != w.user(t, "beatriz@ateliecampos.example").ID || !last.Public || last.QuotedText == "" {
		t.Errorf("the last comment is %+v", last)
	}
	if reply, err := c.unanswered(t.Context()); err != nil || reply != nil {
		t.Errorf("the same reply would be answered again: %+v, %v", reply, err)
	}
}

// until asks Tandem to look into the mailbox, and waits.
func (w *world) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	s := &seeder{Target: w.target}
	address, err := s.supportAddress(t.Context())
	if err == nil {
		err = w.target.Connections.SyncNow(t.Context(), access.System(), address.ConnectionID)
	}
	if err == nil {
		err = s.until(t.Context(), what, func(context.Context) (bool, error) { return holds(), nil })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) user(t *testing.T, email string) (u *directory.User) {
	t.Helper()
	err := w.target.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		u, err = tx.FindUserByEmail(t.Context(), email)
		return err
	})
	if err != nil || u == nil {
		t.Fatalf("%s: %v, %v", email, u, err)
	}
	return u
}

func (w *world) ticketFrom(t *testing.T, email string) desk.TicketID {
	t.Helper()
	found, err := w.target.Desk.List(t.Context(), access.System(), desk.TicketFilter{Requester: w.user(t, email).ID})
	if err != nil || len(found.Tickets) != 1 {
		t.Fatalf("tickets of %s: %+v, %v", email, found, err)
	}
	return found.Tickets[0].ID
}

func (w *world) comments(t *testing.T, id desk.TicketID) []*desk.Comment {
	t.Helper()
	comments, err := w.target.Desk.Comments(t.Context(), access.System(), id)
	if err != nil {
		t.Fatal(err)
	}
	return comments
}
