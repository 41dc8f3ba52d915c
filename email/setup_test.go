package email_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/access"
	"tandem/blob"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/event"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

const support, sales = "support@contoso.example", "sales@contoso.example"

// office is a Tandem with connected mailboxes, on a real database.
type office struct {
	t       testing.TB
	db      *store.DB
	store   email.Store
	blobs   *faultyBlobs
	desk    *desk.Service
	bus     *event.Bus
	clock   *clock
	boxes   fakeMailboxes
	ids     map[string]email.ConnectionID
	watches map[string]email.Watch
	reader  *email.Reader
	filer   *email.Filer
	ledger  *email.Ledger
	queue   *email.SuspendedMail
}

// open makes an office on a database, with a mailbox behind each address.
func open(t testing.TB, db *store.DB, addresses ...string) *office {
	t.Helper()
	folder, err := blob.Open(t.Context(), t.TempDir())
	check(t, err)
	t.Cleanup(func() { folder.Close() })
	o := &office{
		t: t, db: db, store: store.For[email.Tx](db), blobs: &faultyBlobs{Store: folder}, bus: event.NewBus(),
		clock: &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)},
		boxes: fakeMailboxes{}, ids: map[string]email.ConnectionID{}, watches: map[string]email.Watch{},
	}
	o.desk = desk.NewService(store.For[desk.Tx](db), folder, desk.Options{Now: o.clock.Now, ForgetMails: email.ForgetTicket(o.clock.Now)})
	o.reader = o.newReader("first")
	o.filer = email.NewFiler(o.store, o.boxes, o.clock.Now, slog.New(slog.DiscardHandler))
	o.ledger = email.NewLedger(o.store, o.blobs, o.desk, nil, o.clock.Now)
	sender := email.NewSender(o.store, o.boxes, o.blobs, o.clock.Now, newMarks(), slog.New(slog.DiscardHandler))
	o.queue = email.NewSuspendedMail(o.store, o.blobs, o.desk, o.ledger, sender, o.clock.Now)
	o.update(func(tx email.Tx) error {
		if brand, err := tx.DefaultBrand(t.Context()); err == nil && brand != nil {
			return nil
		}
		return tx.InsertBrand(t.Context(), &directory.Brand{Name: "Contoso", Default: true})
	})
	for _, address := range addresses {
		o.connect(address)
	}
	o.clock.advance(time.Minute)
	return o
}

// setup makes an office with one mailbox, on SQLite.
func setup(t *testing.T) *office { return open(t, openSQLite(t, store.Options{}), support) }

// openSQLite opens an empty database. Migrating one takes longer than most
// tests, so each gets a copy.
func openSQLite(t testing.TB, opts store.Options) *store.DB {
	t.Helper()
	empty, err := emptySQLite()
	check(t, err)
	file := filepath.Join(t.TempDir(), "tandem.db")
	check(t, os.WriteFile(file, empty, 0o600))
	return storetest.Open(t, "sqlite:"+file, opts)
}

var emptySQLite = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tandem")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "tandem.db")
	ring, err := store.NewKeyRing(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	db, err := store.Open(context.Background(), "sqlite:"+file, store.Options{Keys: ring})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func (o *office) newReader(owner string) *email.Reader {
	return email.NewReader(o.store, o.boxes, o.blobs, o.desk, o.bus, email.ReaderOptions{Owner: owner, Now: o.clock.Now})
}

func (o *office) connect(address string) {
	o.t.Helper()
	o.boxes[address] = newFakeMailbox()
	ctx := o.t.Context()
	o.update(func(tx email.Tx) error {
		brand, err := tx.DefaultBrand(ctx)
		if err != nil {
			return err
		}
		c := &email.Connection{
			Kind: email.Exchange, State: email.Connected, Email: address, TenantID: "contoso", UserID: address,
			RefreshToken: "secret", Since: o.clock.Now(),
		}
		if err := tx.InsertConnection(ctx, c); err != nil {
			return err
		}
		o.ids[address] = c.ID
		fallback, err := tx.DefaultSupportAddress(ctx)
		if err != nil {
			return err
		}
		return tx.InsertSupportAddress(ctx, &email.SupportAddress{
			Email: address, BrandID: brand.ID, ConnectionID: c.ID, Default: fallback == nil,
		})
	})
	o.watches[address] = o.reader.Watch(o.ids[address])
}

// deliver puts a mail into a mailbox and lets a second pass.
func (o *office) deliver(address, raw string) *fakeMail {
	o.clock.advance(time.Second)
	return o.boxes[address].deliver(o.clock.Now(), raw)
}

// read makes a pass over the mailbox.
func (o *office) read(address string) (next time.Time) {
	o.t.Helper()
	next, err := o.watches[address].RunOnce(o.t.Context())
	check(o.t, err)
	return next
}

// policy changes what suspends mail.
func (o *office) policy(change func(*email.Policy)) {
	o.t.Helper()
	_, err := o.queue.ChangePolicy(o.t.Context(), access.System(), change)
	check(o.t, err)
}

func (o *office) update(f func(email.Tx) error) {
	o.t.Helper()
	check(o.t, o.store.Update(o.t.Context(), f))
}

// mails lists the ledger, oldest first.
func (o *office) mails() []*email.Mail {
	o.t.Helper()
	mails, err := o.ledger.List(o.t.Context(), access.System(), email.MailFilter{})
	check(o.t, err)
	slices.Reverse(mails)
	return mails
}

// states is what became of the mails, oldest first.
func (o *office) states() string {
	o.t.Helper()
	var states []string
	for _, m := range o.mails() {
		states = append(states, string(m.State))
	}
	return strings.Join(states, " ")
}

func (o *office) expect(states string) {
	o.t.Helper()
	if got := o.states(); got != states {
		o.t.Fatalf("the ledger holds %q, want %q", got, states)
	}
}

// only returns the one mail in the ledger.
func (o *office) only() *email.Mail {
	o.t.Helper()
	mails := o.mails()
	if len(mails) != 1 {
		o.t.Fatalf("%d mails in the ledger, want 1", len(mails))
	}
	return mails[0]
}

func (o *office) tickets() []*desk.Ticket {
	o.t.Helper()
	var tickets []*desk.Ticket
	check(o.t, o.store.View(o.t.Context(), func(tx email.Tx) (err error) {
		tickets, err = tx.ListTickets(o.t.Context(), desk.TicketFilter{Sort: desk.SortID, Limit: 1000})
		return err
	}))
	return tickets
}

func (o *office) ticket(id desk.TicketID) (t *desk.Ticket, comments []*desk.Comment) {
	o.t.Helper()
	check(o.t, o.store.View(o.t.Context(), func(tx email.Tx) (err error) {
		if t, err = tx.GetTicket(o.t.Context(), id); err != nil {
			return err
		}
		comments, err = tx.ListComments(o.t.Context(), id)
		return err
	}))
	return t, comments
}

func (o *office) user(id directory.UserID) (u *directory.User) {
	o.t.Helper()
	check(o.t, o.store.View(o.t.Context(), func(tx email.Tx) (err error) {
		u, err = tx.GetUser(o.t.Context(), id)
		return err
	}))
	return u
}

func (o *office) addUser(address string, role directory.Role) *directory.User {
	o.t.Helper()
	u := &directory.User{Name: address, Email: address, Role: role}
	o.update(func(tx email.Tx) error { return tx.InsertUser(o.t.Context(), u) })
	return u
}

func (o *office) connection(address string) (c *email.Connection) {
	o.t.Helper()
	check(o.t, o.store.View(o.t.Context(), func(tx email.Tx) (err error) {
		c, err = tx.GetConnection(o.t.Context(), o.ids[address])
		return err
	}))
	return c
}

// setStatus gives a ticket a status.
func (o *office) setStatus(id desk.TicketID, s desk.Status) {
	o.t.Helper()
	o.update(func(tx email.Tx) error {
		t, err := tx.LockTicket(o.t.Context(), id)
		if err != nil {
			return err
		}
		if err := t.Transition(s, o.clock.Now()); err != nil {
			return err
		}
		return tx.UpdateTicket(o.t.Context(), t)
	})
}

// newMarks counts: nothing guesses marks here.
func newMarks() func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprint("mark", n.Add(1)) }
}

// clock is a clock that the test moves, or that of the test's bubble.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	real bool
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real {
		return time.Now()
	}
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// faultyBlobs is the blob store, until it fails.
type faultyBlobs struct {
	*blob.Store
	mu    sync.Mutex
	fault func() error
}

func (b *faultyBlobs) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	b.mu.Lock()
	fault := b.fault
	b.mu.Unlock()
	if fault != nil {
		if err := fault(); err != nil {
			return "", 0, err
		}
	}
	return b.Store.Put(ctx, r)
}

func (b *faultyBlobs) failWith(fault func() error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = fault
}

// mail writes a simple mail. Fields are "Name: value" lines put on top; the
// usual ones are made up where they are missing.
func mail(id string, fields ...string) string {
	head := strings.Join(append(fields, ""), "\n")
	for name, value := range map[string]string{
		"From": "Ana Lima <ana@client.example>", "To": support, "Subject": "Printer on fire",
		"Date": "Sun, 22 Nov 2026 09:00:00 +0000",
	} {
		if !strings.Contains("\n"+head, "\n"+name+":") {
			head += name + ": " + value + "\n"
		}
	}
	return fmt.Sprintf("%sMessage-ID: <%s>\n\nBody of %s.\n", head, id, id)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func unavailable(after time.Duration) error {
	return problem.New(problem.Unavailable, "microsoft_throttled", "Microsoft asks us to slow down.").
		On(problem.Microsoft, "Nothing to do.").After(after)
}
