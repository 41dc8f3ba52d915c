package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/desk"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

func TestUpdateIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		broken := errors.New("broken")
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertBrand(t.Context(), &directory.Brand{Name: "Contoso"}); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("error is %v, want the function's own", err)
		}
		brands := read(t, db, func(tx *store.Tx) ([]*directory.Brand, error) { return tx.ListBrands(t.Context()) })
		if len(brands) != 0 {
			t.Errorf("%d brands were kept of a transaction that failed", len(brands))
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.View(t.Context(), func(tx *store.Tx) error {
			return tx.InsertBrand(t.Context(), &directory.Brand{Name: "Contoso"})
		})
		if err == nil {
			t.Error("a View wrote")
		}
	})
}

func TestViewSeesOneStateThroughout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		err := db.View(t.Context(), func(tx *store.Tx) error {
			before, err := tx.CountTickets(t.Context(), desk.TicketFilter{})
			if err != nil {
				return err
			}
			h.insertTickets(t, h.ticket(1))
			after, err := tx.CountTickets(t.Context(), desk.TicketFilter{})
			if before != after {
				t.Errorf("the View saw %d tickets and then %d", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Many writers at once: nothing is lost and nobody is told that the database is busy.
func TestConcurrentChangesOfOneTicketAreAllKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		ticket := h.ticket(1)
		h.insertTickets(t, ticket)
		const writers, rounds = 6, 5
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range rounds {
					err := db.Update(t.Context(), func(tx *store.Tx) error {
						got, err := tx.LockTicket(t.Context(), ticket.ID)
						if err != nil {
							return err
						}
						got.Subject += "!"
						return tx.UpdateTicket(t.Context(), got)
					})
					if err != nil {
						t.Errorf("update: %v", err)
					}
				}
			})
		}
		wg.Wait()
		got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), ticket.ID) })
		if n := strings.Count(got.Subject, "!"); n != writers*rounds || got.Version != int64(1+writers*rounds) {
			t.Errorf("%d changes were kept in version %d, want %d", n, got.Version, writers*rounds)
		}
	})
}

// Two nodes find nobody with the address and both insert: one of them runs again and finds the other's.
func TestFindOrInsertNeverFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		ids := make([]directory.UserID, 8)
		for i := range ids {
			wg.Go(func() {
				err := db.Update(t.Context(), func(tx *store.Tx) error {
					u, err := tx.FindUserByEmail(t.Context(), "ana@example.com")
					if err == nil && u == nil {
						u = &directory.User{Name: "Ana", Email: "ana@example.com", Role: directory.EndUser}
						err = tx.InsertUser(t.Context(), u)
					}
					if err == nil {
						ids[i] = u.ID
					}
					return err
				})
				if err != nil {
					t.Errorf("find or insert: %v", err)
				}
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] || id == 0 {
				t.Fatalf("ids %v are of several people", ids)
			}
		}
	})
}

func TestSecondProcessIsToldThatTheFileIsOwned(t *testing.T) {
	url := storetest.SQLiteURL(t)
	first := storetest.Open(t, url, store.Options{})
	_, err := store.Open(t.Context(), url, store.Options{})
	wantKind(t, err, problem.Conflict)

	backup, err := store.Open(t.Context(), url, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("open beside the owner for reading: %v", err)
	}
	defer backup.Close()
	if backup.Version() != first.Version() {
		t.Errorf("the reader sees version %d, the owner %d", backup.Version(), first.Version())
	}
	err = backup.Update(t.Context(), func(tx *store.Tx) error {
		return tx.InsertBrand(t.Context(), &directory.Brand{Name: "Contoso"})
	})
	if err == nil {
		t.Error("a database opened for reading was written")
	}
}

// A process that is killed leaves a lock that nobody holds, and what it had committed.
func TestFileOfAKilledProcessCanBeOpenedAtOnce(t *testing.T) {
	if url := os.Getenv("TANDEM_TEST_OWNER"); url != "" {
		h := furnish(t, storetest.Open(t, url, store.Options{}))
		h.insertTickets(t, h.ticket(1))
		fmt.Println("committed")
		io.Copy(io.Discard, os.Stdin) // until it is killed
		return
	}
	url := storetest.SQLiteURL(t)
	owner := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFileOfAKilledProcessCanBeOpenedAtOnce$")
	owner.Env = append(os.Environ(), "TANDEM_TEST_OWNER="+url)
	stdin, err := owner.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "committed\n" {
		t.Fatalf("the owner said %q (%v)", line, err)
	}
	_, err = store.Open(t.Context(), url, store.Options{})
	wantKind(t, err, problem.Conflict)

	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	owner.Wait() // its error is that it was killed
	db := storetest.Open(t, url, store.Options{})
	if n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountTickets(t.Context(), desk.TicketFilter{}) }); n != 1 {
		t.Errorf("%d tickets are left of what was committed, want 1", n)
	}
}

func TestUnknownDatabaseURLIsRefusedWithoutRepeatingThePassword(t *testing.T) {
	for _, url := range []string{"mysql://root:hunter2@localhost/x", "postgres://root:hunter2@localhost:notaport/x", "sqlite:", "sqlite::memory:"} {
		_, err := store.Open(t.Context(), url, store.Options{})
		wantKind(t, err, problem.Invalid)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

// rawSQL opens the database beside the store, as somebody with a stolen copy would.
func rawSQL(t *testing.T, url string) *sql.DB {
	t.Helper()
	driver, source := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestBackupWhileWritingIsWhole(t *testing.T) {
	h := furnish(t, storetest.OpenSQLite(t))
	ctx, stop := context.WithCancel(t.Context())
	written := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 1; ctx.Err() == nil; n++ {
			ticket := h.ticket(n)
			err := h.Update(t.Context(), func(tx *store.Tx) error {
				if err := tx.InsertTicket(t.Context(), ticket); err != nil {
					return err
				}
				return tx.InsertComment(t.Context(), &desk.Comment{TicketID: ticket.ID, AuthorID: h.requester.ID, Text: "Hello"})
			})
			if err != nil {
				t.Errorf("write beside the backup: %v", err)
				return
			}
			if n == 50 {
				close(written)
			}
		}
	})
	<-written
	file := filepath.Join(t.TempDir(), "backup.db")
	err := h.Backup(t.Context(), file)
	stop()
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has the permissions %v (%v), want them for its owner only", info.Mode(), err)
	}
	wantKind(t, h.Backup(t.Context(), file), problem.Conflict)

	restored := storetest.Open(t, "sqlite:"+file, store.Options{})
	raw := rawSQL(t, "sqlite:"+file)
	var tickets, comments int
	var check string
	row := raw.QueryRow("SELECT (SELECT COUNT(*) FROM ticket), (SELECT COUNT(*) FROM comment), (SELECT * FROM pragma_integrity_check)")
	if err := row.Scan(&tickets, &comments, &check); err != nil {
		t.Fatal(err)
	}
	if tickets < 50 || tickets != comments || check != "ok" {
		t.Errorf("the backup has %d tickets, %d comments and is %q", tickets, comments, check)
	}
	if n := read(t, restored, func(tx *store.Tx) (int, error) { return tx.CountTickets(t.Context(), desk.TicketFilter{}) }); n != tickets {
		t.Errorf("the backup counts %d tickets and has %d", n, tickets)
	}
}

func TestBackupOfPostgresNamesItsOwnTool(t *testing.T) {
	db := storetest.Open(t, storetest.PostgresURL(t), store.Options{})
	err := db.Backup(t.Context(), filepath.Join(t.TempDir(), "backup"))
	if p := problem.As(err); p == nil || !strings.Contains(p.Remedy, "pg_dump") {
		t.Errorf("error is %v, want a problem that names pg_dump", err)
	}
}

func TestFullDiskIsExplainedAndNothingIsHalfWritten(t *testing.T) {
	h := furnish(t, storetest.OpenSQLite(t))
	if err := h.LimitPages(t.Context(), 1); err != nil { // fewer than it has: it may not grow
		t.Fatal(err)
	}
	big := strings.Repeat("x", 1<<20)
	ticket := h.ticket(1)
	fill := func() error {
		return h.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.InsertTicket(t.Context(), ticket); err != nil {
				return err
			}
			return tx.InsertComment(t.Context(), &desk.Comment{TicketID: ticket.ID, AuthorID: h.requester.ID, Text: big})
		})
	}
	if p := problem.As(fill()); p == nil || p.Code != "disk_full" || p.Kind != problem.Unavailable {
		t.Errorf("a full disk is explained as %v", p)
	}
	if ids := h.list(t, desk.TicketFilter{}); len(ids) != 0 {
		t.Errorf("tickets %v were kept without their comment", ids)
	}
	if err := h.LimitPages(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := fill(); err != nil {
		t.Errorf("after space was freed: %v", err)
	}
}

// heard collects events for a test.
type heard chan event.Event

func (h heard) Publish(events ...event.Event) {
	for _, e := range events {
		h <- e
	}
}

func (h heard) Lose() { h <- event.Event{Kind: "lost"} }

func TestEventsGoOutWhenTheTransactionCommitsAndNotBefore(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		bus := make(heard, 100)
		db := storetest.Open(t, url, store.Options{Bus: bus})
		publish := func(fail error, ids ...int64) {
			err := db.Update(t.Context(), func(tx *store.Tx) error {
				for _, id := range ids {
					tx.Publish(event.Event{Kind: event.TicketUpdated, ID: id})
				}
				return fail
			})
			if !errors.Is(err, fail) {
				t.Fatal(err)
			}
		}
		publish(errors.New("undone"), 1)
		publish(nil, 2, 3, 2)
		publish(nil, 4)
		for _, want := range []int64{2, 3, 4} {
			if e := <-bus; e.ID != want {
				t.Errorf("heard of ticket %d, want %d", e.ID, want)
			}
		}
	})
}

func TestEveryNodeHearsEachEventOnce(t *testing.T) {
	url := storetest.PostgresURL(t)
	buses := []heard{make(heard, 2000), make(heard, 2000)}
	nodes := []*store.DB{
		storetest.Open(t, url, store.Options{Bus: buses[0]}),
		storetest.Open(t, url, store.Options{Bus: buses[1]}),
	}
	// More than one notification of Postgres holds.
	var want []event.Event
	for i := range 700 {
		want = append(want, event.Event{Kind: event.CommentAdded, ID: int64(i + 1), Parent: 4711})
	}
	last := event.Event{Kind: event.SettingsUpdated, ID: 1}
	update(t, nodes[0], func(tx *store.Tx) error {
		for _, e := range want {
			tx.Publish(e)
		}
		return nil
	})
	update(t, nodes[1], func(tx *store.Tx) error {
		tx.Publish(last)
		return nil
	})
	for i, bus := range buses {
		var got []event.Event
		for e := range bus {
			if e == last {
				break
			}
			got = append(got, e)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("node %d heard something else (-want +got):\n%s", i, diff)
		}
	}
}

func TestListeningGoesOnAfterTheConnectionIsLost(t *testing.T) {
	url := storetest.PostgresURL(t)
	bus := make(heard, 1000)
	db := storetest.Open(t, url, store.Options{Bus: bus})
	raw := rawSQL(t, url)
	_, err := raw.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'`)
	if err != nil {
		t.Fatal(err)
	}
	// What is published while nobody listens is not heard, so it is published until it is.
	told := false
	for id := int64(1); ; id++ {
		update(t, db, func(tx *store.Tx) error {
			tx.Publish(event.Event{Kind: event.JobInserted, ID: id})
			return nil
		})
		select {
		case e := <-bus:
			if e.Kind == "lost" {
				told = true
			} else if !told {
				t.Fatal("events were missed, and nobody was told")
			} else {
				return
			}
		default:
		}
		if t.Context().Err() != nil {
			t.Fatal("nothing was heard again")
		}
	}
}

func TestTextsOfStrangersAreStoredWithoutWhatDatabasesRefuse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		ticket := h.ticket(1)
		ticket.Subject = "a\x00b\xffc 返品"
		h.insertTickets(t, ticket)
		got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), ticket.ID) })
		if got.Subject != "ab\uFFFDc 返品" {
			t.Errorf("subject is %q", got.Subject)
		}
		for _, f := range []desk.TicketFilter{
			{Text: terms("返\x00品")}, {Statuses: []desk.Status{"new\x00"}}, {Recipient: "support@\x00contoso.example"},
		} {
			if ids := h.list(t, f); len(ids) != 1 {
				t.Errorf("by %+v found %v", f, ids)
			}
		}
		if ids := h.list(t, desk.TicketFilter{Text: terms("\xff'"), ExternalID: "\x00'--"}); len(ids) != 0 {
			t.Errorf("found %v", ids)
		}
	})
}
