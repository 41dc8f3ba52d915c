package email_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"tandem/email"
)

// old puts n mails into the mailbox that were there before it was connected.
func (o *office) old(address string, n int) {
	since := o.connection(address).Since
	for i := range n {
		o.boxes[address].deliver(since.Add(time.Duration(i-n)*time.Hour), mail(fmt.Sprintf("old%d@client", i)))
	}
}

func (o *office) startImport(address string) {
	o.t.Helper()
	o.update(func(tx email.Tx) error {
		return tx.InsertImport(o.t.Context(), &email.Import{
			ConnectionID: o.ids[address], State: email.ImportRunning, CreatedAt: o.clock.Now(),
		})
	})
}

func (o *office) latestImport(address string) (imp *email.Import) {
	o.t.Helper()
	check(o.t, o.store.View(o.t.Context(), func(tx email.Tx) (err error) {
		imp, err = tx.FindLatestImport(o.t.Context(), o.ids[address])
		return err
	}))
	return imp
}

func (o *office) expectImport(state email.ImportState, done, total int) {
	o.t.Helper()
	if imp := o.latestImport(support); imp.State != state || imp.Done != done || imp.Total != total {
		o.t.Errorf("the import is %s with %d of %d, want %s with %d of %d", imp.State, imp.Done, imp.Total, state, done, total)
	}
}

func TestImportKeepsTheDatesAndComesBehindNewMail(t *testing.T) {
	o := setup(t)
	o.old(support, 12)
	o.deliver(support, mail("new@client"))
	o.startImport(support)
	o.read(support)
	o.expectImport(email.ImportCompleted, 12, 12)
	tickets := o.tickets()
	if len(tickets) != 13 {
		t.Fatalf("%d tickets, want 13", len(tickets))
	}
	if first := tickets[0]; first.Imported || !first.CreatedAt.Equal(o.clock.Now()) {
		t.Errorf("the new mail did not come first: %+v", first)
	}
	since := o.connection(support).Since
	for i, ticket := range tickets[1:] {
		if want := since.Add(time.Duration(i-12) * time.Hour); !ticket.Imported || !ticket.CreatedAt.Equal(want) {
			t.Fatalf("ticket %d: imported %v, created %v, want %v", ticket.ID, ticket.Imported, ticket.CreatedAt, want)
		}
	}
}

func TestSecondImportNeverDoubles(t *testing.T) {
	o := setup(t)
	o.old(support, 12)
	for range 2 {
		o.startImport(support)
		o.read(support)
		o.expectImport(email.ImportCompleted, 12, 12)
	}
	if n := len(o.tickets()); n != 12 {
		t.Errorf("%d tickets, want 12", n)
	}
}

func TestCancelledImportStopsAndLeavesNothingHalfDone(t *testing.T) {
	o := setup(t)
	o.old(support, 60)
	o.startImport(support)
	o.boxes[support].rawFault = func(id string, _ int) error {
		if id != "AAMk0030" {
			return nil
		}
		o.update(func(tx email.Tx) error {
			imp, err := tx.FindLatestImport(t.Context(), o.ids[support])
			if err != nil {
				return err
			}
			imp.State, imp.FinishedAt = email.ImportCancelled, o.clock.Now()
			return tx.UpdateImport(t.Context(), imp)
		})
		return nil
	}
	o.read(support)
	imp := o.latestImport(support)
	if n := len(o.tickets()); imp.State != email.ImportCancelled || n >= 60 || n != imp.Done {
		t.Errorf("the import is %s with %d done and %d tickets", imp.State, imp.Done, n)
	}
	for _, m := range o.mails() {
		if m.State != email.Ticketed {
			t.Errorf("mail %d was left %s", m.ID, m.State)
		}
	}
}

func TestInterruptedImportGoesOnWhereItStopped(t *testing.T) {
	o := setup(t)
	o.old(support, email.ImportSize+20)
	o.startImport(support)
	ctx, stop := context.WithCancel(t.Context())
	o.boxes[support].rawReader = func(id string, raw io.Reader) io.Reader {
		if id == "AAMk0200" {
			stop()
		}
		return raw
	}
	if _, err := o.watches[support].RunOnce(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the stopped pass says %v", err)
	}
	// What has been filed leaves the Inbox and makes room for older mails.
	check(t, o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}))
	o.boxes[support].rawReader = nil
	o.read(support)
	o.expectImport(email.ImportCompleted, email.ImportSize, email.ImportSize)
	if n := len(o.tickets()); n != email.ImportSize {
		t.Errorf("%d tickets, want %d", n, email.ImportSize)
	}
}

func TestFailingMailDoesNotHoldUpAnImport(t *testing.T) {
	o := setup(t)
	o.old(support, 5)
	o.startImport(support)
	o.boxes[support].rawReader = func(id string, raw io.Reader) io.Reader {
		if id == "AAMk0003" {
			return &cut{raw, 10}
		}
		return raw
	}
	o.read(support)
	o.expectImport(email.ImportCompleted, 5, 5)
	if n := len(o.tickets()); n != 4 {
		t.Errorf("%d tickets, want 4", n)
	}
	o.boxes[support].rawReader = nil
	o.clock.advance(time.Hour)
	o.read(support)
	if n := len(o.tickets()); n != 5 {
		t.Errorf("%d tickets after another try, want 5", n)
	}
}
