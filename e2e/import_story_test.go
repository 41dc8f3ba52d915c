package e2e

import (
	"fmt"
	"testing"
	"time"

	"tandem/m365sim"
)

// oldMails fills the mailbox before it is connected: every other mail has been
// read in Outlook already.
func (w *World) oldMails(n int) {
	w.Helper()
	for i := range n {
		opts := []m365sim.DeliverOption{m365sim.ReceivedAt(longAgo(i))}
		if i%2 == 0 {
			opts = append(opts, m365sim.AlreadyRead())
		}
		if _, err := w.Sim.Deliver(w.Context(), Support, []byte(hello(fmt.Sprintf("Old mail %02d", i)).Raw()), opts...); err != nil {
			w.Fatal(err)
		}
	}
}

// longAgo is when the i-th old mail was received.
func longAgo(i int) time.Time { return time.Date(2025, 3, 1, 9, i, 0, 0, time.UTC) }

func (w *World) awaitImport(state string) progress {
	w.Helper()
	w.Until("the import "+state, func() bool { return w.connection(Support).Import.State == state })
	return w.connection(Support).Import
}

// allTickets pages through all tickets, oldest first.
func (w *World) allTickets() []ticket {
	w.Helper()
	first := w.tickets("?sort=id&per_page=100")
	if len(first) == 100 {
		w.Fatal("more tickets than a story makes")
	}
	return first
}

// What lay in the mailbox becomes tickets with their own dates; nobody is
// written to, and doing it twice doubles nothing.
func TestImportOfTheLatestMails(t *testing.T) {
	t.Parallel()
	const n = 60
	w := Open(t, Options{})
	w.oldMails(n)
	w.Connect(Support, true)
	if got := w.awaitImport("completed"); got.Total != n || got.Done != n {
		t.Errorf("the import is %+v, want %d of %d", got, n, n)
	}
	all := w.allTickets()
	if len(all) != n {
		t.Fatalf("%d tickets, want %d", len(all), n)
	}
	for i, made := range all {
		if made.Subject != fmt.Sprintf("Old mail %02d", i) || !made.CreatedAt.Equal(longAgo(i)) || !made.Imported {
			t.Errorf("ticket %d is %+v, want it imported, and made at %s", i, made, longAgo(i))
		}
	}
	w.Until("the mails filed", func() bool { return len(w.Folder(Support, "Tandem")) == n })

	w.Mail(hello("New mail"))
	w.Until("the new mail", func() bool { return len(w.tickets("?query=New")) == 1 })
	w.act(Support, "import").Want(201)
	w.awaitImport("completed")
	if states := w.states(); states["ticketed"] != n+1 || len(states) != 1 {
		t.Errorf("after a second import the ledger holds %v, want %d tickets", states, n+1)
	}
	if sent := len(w.ledger("direction=out")); sent != 0 {
		t.Errorf("%d mails were sent about mail of last year", sent)
	}
}

// Without the import, what was there before stays there.
func TestMailOfBeforeStaysWithoutImport(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	w.oldMails(3)
	connected(w)
	w.Mail(hello("New mail"))
	w.awaitTickets(1)
	if inbox := w.Folder(Support, "inbox"); len(inbox) < 3 {
		t.Errorf("%d old mails are left in the Inbox", len(inbox))
	}
}

// An import shows how far it is, lets new mail pass, and can be cancelled and
// taken up again.
func TestImportCanBeCancelledAndTakenUpAgain(t *testing.T) {
	t.Parallel()
	const n = 60
	w := Open(t, Options{})
	w.oldMails(n)
	w.Break(Fault{"kind": "slow", "path": "$value", "delay": "150ms"})
	w.Connect(Support, true)
	w.Until("the import under way", func() bool {
		c := w.connection(Support)
		return c.Status == "importing" && c.Import.Done > 5 && c.Import.Total == n
	})
	w.Mail(hello("Urgent"))
	w.Until("the new mail among the old", func() bool { return len(w.tickets("?query=Urgent")) == 1 })
	if got := w.connection(Support).Import; got.State != "running" {
		t.Errorf("new mail had to wait for the import: %+v", got)
	}

	w.act(Support, "import/cancel").Want(200)
	w.Mend()
	stopped := w.awaitImport("cancelled")
	w.Mail(hello("Afterwards"))
	w.Until("the mailbox goes on", func() bool { return len(w.tickets("?query=Afterwards")) == 1 })
	if made := len(w.tickets("?query=Old&per_page=100")); made == 0 || made >= n || made != stopped.Done {
		t.Errorf("%d of %d old mails became tickets, the import stopped at %d", made, n, stopped.Done)
	}

	w.act(Support, "import").Want(201)
	w.awaitImport("completed")
	if states := w.states(); states["ticketed"] != n+2 || len(states) != 1 {
		t.Errorf("the ledger holds %v, want %d tickets", states, n+2)
	}
}

// The clock of this machine may be wrong; what is old is old by Microsoft's.
func TestWhatWasThereBeforeIsOldByMicrosoftsClock(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	w.SimAPI().Post("/sim/clock", map[string]string{"advance": "4m"}).Want(200)
	before := m365sim.ReceivedAt(time.Now().Add(2 * time.Minute)) // two minutes ago at Microsoft
	if _, err := w.Sim.Deliver(t.Context(), Support, []byte(hello("There before").Raw()), before); err != nil {
		t.Fatal(err)
	}
	connected(w)
	w.Mail(hello("New"))
	w.awaitTickets(1)
	if states := w.states(); states["ticketed"] != 1 || len(states) != 1 {
		t.Errorf("the ledger holds %v, want the new mail alone", states)
	}
}
