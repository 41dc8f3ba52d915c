package store_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
)

// noon is the instant at which tests happen; databases keep milliseconds.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// update runs f in a transaction that must succeed.
func update(t testing.TB, db *store.DB, f func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// read gives what f reads in a transaction of its own.
func read[T any](t testing.TB, db *store.DB, f func(tx *store.Tx) (T, error)) T {
	t.Helper()
	var value T
	err := db.View(t.Context(), func(tx *store.Tx) (err error) {
		value, err = f(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// wantKind checks that err is a problem of the kind.
func wantKind(t testing.TB, err error, kind problem.Kind) {
	t.Helper()
	if p := problem.As(err); p == nil || p.Kind != kind {
		t.Errorf("error is %v, want a problem of kind %s", err, kind)
	}
}

// house is a database with what every ticket needs.
type house struct {
	*store.DB
	brand     directory.Brand
	requester directory.User
	agent     directory.User
}

func furnish(t testing.TB, db *store.DB) *house {
	t.Helper()
	h := &house{
		DB:        db,
		brand:     directory.Brand{Name: "Contoso", Default: true},
		requester: directory.User{Name: "Ana Lima", Email: "ana@example.com", Role: directory.EndUser},
		agent:     directory.User{Name: "Kenji Sato", Email: "kenji@contoso.example", Role: directory.Agent},
	}
	update(t, db, func(tx *store.Tx) error {
		if err := tx.InsertBrand(t.Context(), &h.brand); err != nil {
			return err
		}
		if err := tx.InsertUser(t.Context(), &h.requester); err != nil {
			return err
		}
		return tx.InsertUser(t.Context(), &h.agent)
	})
	return h
}

// ticket is one that may be inserted; n makes it different from others.
func (h *house) ticket(n int) *desk.Ticket {
	at := noon.Add(time.Duration(n) * time.Second)
	return &desk.Ticket{
		Subject: fmt.Sprintf("Question %d", n), Status: desk.New, RequesterID: h.requester.ID, SubmitterID: h.requester.ID,
		BrandID: h.brand.ID, Recipient: "support@contoso.example", Via: desk.ByEmail, ReplyToken: fmt.Sprintf("token-%d", n),
		CreatedAt: at, UpdatedAt: at,
	}
}

func (h *house) insertTickets(t testing.TB, tickets ...*desk.Ticket) {
	t.Helper()
	update(t, h.DB, func(tx *store.Tx) error {
		for _, ticket := range tickets {
			if err := tx.InsertTicket(t.Context(), ticket); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) list(t testing.TB, f desk.TicketFilter) []desk.TicketID {
	t.Helper()
	return numbers(read(t, h.DB, func(tx *store.Tx) ([]*desk.Ticket, error) { return tx.ListTickets(t.Context(), f) }))
}

// find is list for searches; it also counts all that there are.
func (h *house) find(t testing.TB, f desk.TicketFilter) (ids []desk.TicketID, count int) {
	t.Helper()
	tickets := read(t, h.DB, func(tx *store.Tx) (tickets []*desk.Ticket, err error) {
		tickets, count, err = tx.FindTickets(t.Context(), f)
		return tickets, err
	})
	return numbers(tickets), count
}

// connect inserts a connection of the mailbox.
func connect(t testing.TB, db *store.DB, mailbox string) *email.Connection {
	t.Helper()
	c := &email.Connection{
		Kind: email.Exchange, State: email.Connected, Email: mailbox, TenantID: "tenant", UserID: "user-of-" + mailbox,
		RefreshToken: email.Secret("refresh-token-of-" + mailbox), Scopes: []string{"Mail.ReadWrite"}, CreatedAt: noon, UpdatedAt: noon,
	}
	update(t, db, func(tx *store.Tx) error { return tx.InsertConnection(t.Context(), c) })
	return c
}

// noticed is an inbound mail as it is first written into the ledger.
func noticed(c *email.Connection, n int) *email.Mail {
	return &email.Mail{
		ConnectionID: c.ID, Direction: email.Inbound, State: email.Noticed, MicrosoftID: fmt.Sprintf("AAkALg%d", n),
		Subject: fmt.Sprintf("Question %d", n), From: email.Party{Name: "Ana Lima", Email: "ana@example.com"},
		NoticedBy: email.ByPush, ReceivedAt: noon.Add(time.Duration(n) * time.Second), NoticedAt: noon.Add(time.Duration(n)*time.Second + 200*time.Millisecond),
		UpdatedAt: noon,
	}
}
