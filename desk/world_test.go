package desk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/access"
	"tandem/blob"
	"tandem/bulk"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/email/eml"
	"tandem/event"
	"tandem/job"
	"tandem/store"
	"tandem/store/storetest"
)

// world is a help desk with its people, on a real store and outbox.
type world struct {
	t     *testing.T
	db    *store.DB
	desk  *desk.Service
	clock *clock
	bus   *event.Subscription

	requester, stranger *directory.User
	agent, admin        access.Actor
	colleague           access.Actor

	begun []desk.Work // in the background
}

// clock is a time that tests move while others read it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const undoWindow = 5 * time.Second

// each runs a test in a new world on every kind of database.
func each(t *testing.T, test func(*world)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, url string) { test(newWorld(t, url)) })
}

func newWorld(t *testing.T, url string) *world { return newWorldOn(t, url, event.NewBus()) }

func newWorldOn(t *testing.T, url string, bus *event.Bus) *world {
	w := &world{t: t, clock: &clock{now: noon}}
	w.bus = bus.Subscribe(nil)
	w.db = storetest.Open(t, url, store.Options{Bus: bus, Now: w.clock.Now})
	blobs, err := blob.Open(t.Context(), t.TempDir())
	w.must(err)
	n := 0
	token := func() string { n++; return fmt.Sprintf("token%d", n) }
	sender := email.NewSender(store.For[email.Tx](w.db), nil, blobs, w.clock.Now, token, slog.New(slog.DiscardHandler))
	w.desk = desk.NewService(store.For[desk.Tx](w.db), blobs, desk.Options{
		Now: w.clock.Now, NewToken: token, UndoWindow: undoWindow, Outbox: sender,
		Sanitize: eml.Sanitize, PlainText: eml.TextFromHTML, Bus: bus,
		Background: func(_ context.Context, _ desk.Tx, _ access.Actor, work desk.Work) (*bulk.Bulk, error) {
			w.begun = append(w.begun, work)
			return new(bulk.Bulk), nil
		},
		Notify: sender.Announce, Retract: sender.Retract, IsOurs: email.IsOurs, ForgetMails: email.ForgetTicket(w.clock.Now), EraseMails: email.ErasePerson(w.clock.Now),
		TicketURL: func(id desk.TicketID) string { return fmt.Sprintf("https://desk.example/tickets/%d", id) },
	})
	w.populate()
	return w
}

func (w *world) populate() {
	w.update(func(tx desk.Tx) error {
		return tx.InsertBrand(w.t.Context(), &directory.Brand{Name: "Contoso", Default: true})
	})
	w.requester = w.person("Aiko Tanaka", "aiko@fabrikam.example", directory.EndUser)
	w.stranger = w.person("Sam Stranger", "sam@elsewhere.example", directory.EndUser)
	actor := func(name string, role directory.Role) access.Actor {
		u := w.person(name, strings.ToLower(name)+"@contoso.example", role)
		return access.Actor{UserID: u.ID, Name: u.Name, Role: u.Role}
	}
	w.agent, w.colleague, w.admin = actor("Ana", directory.Agent), actor("Ben", directory.Agent), actor("Eve", directory.Admin)
}

func (w *world) person(name, address string, role directory.Role) *directory.User {
	u := &directory.User{Name: name, Email: address, Role: role}
	w.update(func(tx desk.Tx) error {
		u.ID = 0
		return tx.InsertUser(w.t.Context(), u)
	})
	return u
}

func (w *world) update(change func(desk.Tx) error) {
	w.t.Helper()
	w.must(store.For[desk.Tx](w.db).Update(w.t.Context(), change))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused fails the test unless the error is the problem with the code.
func (w *world) refused(err error, code string) {
	w.t.Helper()
	if got := codeOf(err); got != code {
		w.t.Fatalf("got %q, want the problem %q", got, code)
	}
}

// hears waits for an event, which on PostgreSQL comes some time after the commit.
func (w *world) hears(want event.Event) {
	w.t.Helper()
	for limit := time.After(10 * time.Second); ; {
		select {
		case e := <-w.bus.Events():
			if e == want {
				return
			}
		case <-limit:
			w.t.Fatalf("nobody was told %+v", want)
		}
	}
}

// mailIn is a ticket that the requester's mail opened.
func (w *world) mailIn() *desk.Ticket {
	w.t.Helper()
	var ticket *desk.Ticket
	w.update(func(tx desk.Tx) (err error) {
		ticket, _, err = w.desk.Open(w.t.Context(), tx, desk.NewTicket{
			Subject: "My order", RequesterID: w.requester.ID, Via: desk.ByEmail,
			Comment: desk.NewComment{Public: true, Text: "Where is it?", MailID: 7},
		})
		return err
	})
	return ticket
}

// say adds a comment as the mail channel does.
func (w *world) say(id desk.TicketID, n desk.NewComment) (comment *desk.Comment, err error) {
	w.t.Helper()
	err = store.For[desk.Tx](w.db).Update(w.t.Context(), func(tx desk.Tx) error {
		ticket, err := tx.LockTicket(w.t.Context(), id)
		if err != nil {
			return err
		}
		comment, err = w.desk.AddComment(w.t.Context(), tx, ticket, n)
		return err
	})
	return comment, err
}

func (w *world) ticket(id desk.TicketID) *desk.Ticket {
	w.t.Helper()
	ticket, _, err := w.desk.Get(w.t.Context(), w.agent, id)
	w.must(err)
	return ticket
}

func (w *world) summary(id desk.TicketID) desk.Summary {
	w.t.Helper()
	_, summary, err := w.desk.Get(w.t.Context(), w.agent, id)
	w.must(err)
	return summary
}

func (w *world) comments(id desk.TicketID) []*desk.Comment {
	w.t.Helper()
	comments, err := w.desk.Comments(w.t.Context(), w.agent, id)
	w.must(err)
	return comments
}

func (w *world) setStatus(id desk.TicketID, status desk.Status) {
	w.t.Helper()
	_, _, err := w.desk.Update(w.t.Context(), w.admin, id, desk.Change{Status: &status})
	w.must(err)
}

// deliveries are the comments that wait to be sent, with the time when.
func (w *world) deliveries() map[desk.CommentID]time.Time {
	w.t.Helper()
	jobs, err := job.NewService(store.For[job.StoreTx](w.db), w.clock.Now).List(context.Background(), job.Filter{Kind: desk.DeliverReply{}.Kind()})
	w.must(err)
	waiting := make(map[desk.CommentID]time.Time)
	for _, j := range jobs {
		var args desk.DeliverReply
		w.must(json.Unmarshal(j.Args, &args))
		waiting[args.Comment] = j.RunAt
	}
	return waiting
}
