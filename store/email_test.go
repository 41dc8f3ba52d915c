package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

func TestSupportAddresses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		a, b := connect(t, db, "support@contoso.example"), connect(t, db, "sales@contoso.example")
		support := &email.SupportAddress{
			Email: "support@contoso.example", Name: "Contoso Support", BrandID: h.brand.ID, Default: true, ConnectionID: a.ID,
			PlusAddressing: true, CreatedAt: noon, UpdatedAt: noon,
		}
		sales := &email.SupportAddress{Email: "sales@contoso.example", BrandID: h.brand.ID, ConnectionID: b.ID, CreatedAt: noon, UpdatedAt: noon}
		none := read(t, db, func(tx *store.Tx) (*email.SupportAddress, error) { return tx.DefaultSupportAddress(t.Context()) })
		if none != nil {
			t.Errorf("default address of an empty house is %v", none)
		}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertSupportAddress(t.Context(), support); err != nil {
				return err
			}
			return tx.InsertSupportAddress(t.Context(), sales)
		})
		for name, find := range map[string]func(tx *store.Tx) (*email.SupportAddress, error){
			"id": func(tx *store.Tx) (*email.SupportAddress, error) {
				return tx.GetSupportAddress(t.Context(), support.ID)
			},
			"address": func(tx *store.Tx) (*email.SupportAddress, error) {
				return tx.FindSupportAddress(t.Context(), "Support@Contoso.example")
			},
			"connection": func(tx *store.Tx) (*email.SupportAddress, error) {
				return tx.FindSupportAddressByConnection(t.Context(), a.ID)
			},
			"default": func(tx *store.Tx) (*email.SupportAddress, error) { return tx.DefaultSupportAddress(t.Context()) },
		} {
			if diff := cmp.Diff(support, read(t, db, find)); diff != "" {
				t.Errorf("by %s (-want +got)\n%s", name, diff)
			}
		}
		all := read(t, db, func(tx *store.Tx) ([]*email.SupportAddress, error) { return tx.ListSupportAddresses(t.Context()) })
		if diff := cmp.Diff([]*email.SupportAddress{sales, support}, all); diff != "" {
			t.Errorf("list (-want +got)\n%s", diff)
		}

		err := db.Update(t.Context(), func(tx *store.Tx) error {
			c := &email.Connection{Kind: email.Exchange, State: email.Authorizing}
			if err := tx.InsertConnection(t.Context(), c); err != nil {
				return err
			}
			return tx.InsertSupportAddress(t.Context(), &email.SupportAddress{Email: support.Email, BrandID: h.brand.ID, ConnectionID: c.ID})
		})
		if p := problem.As(err); p == nil || p.Code != "address_in_use" {
			t.Errorf("the same address a second time: %v", err)
		}
		err = db.Update(t.Context(), func(tx *store.Tx) error {
			second := *sales
			second.Default = true
			return tx.UpdateSupportAddress(t.Context(), &second)
		})
		wantKind(t, err, problem.Conflict)

		update(t, db, func(tx *store.Tx) error {
			if err := tx.DeleteSupportAddress(t.Context(), sales.ID); err != nil {
				return err
			}
			return tx.DeleteConnection(t.Context(), b.ID)
		})
		err = db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.GetConnection(t.Context(), b.ID)
			return err
		})
		wantKind(t, err, problem.NotFound)
	})
}

func TestConnectionComesBackAsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := connect(t, db, "support@contoso.example")
		c.State, c.TokenAt, c.AuthorizedAt, c.Since, c.Cursor = email.Disconnected, noon, noon, noon, "https://graph.example/delta?$deltatoken=x"
		c.SyncedAt, c.NextSyncAt, c.LastMailAt, c.ReconciledAt, c.ReconcileFound = noon, noon, noon, noon, 2
		c.WaitingUntil, c.ErrorCode, c.Error, c.ErrorSide, c.ErrorRemedy, c.ErrorAt = noon, "throttled", "Wait.", "microsoft", "Nothing.", noon
		c.SubscriptionID, c.SubscriptionSecret, c.SubscriptionExpiresAt, c.NotifiedAt, c.PushError = "sub", "secret", noon, noon, "no public URL"
		c.Tenant, c.Folder, c.FolderName, c.Subfolders, c.Afterwards = 7, "AAMk", "Inbox/Orders", true, email.ReadAfterwards
		c.Kind, c.SubfoldersSince, c.PushLateAt, c.AliasesAt = email.ExchangeApp, noon, noon, noon
		c.Scopes, c.RefreshToken, c.UpdatedAt = []string{"Mail.Send", "Mail.ReadWrite"}, "another", noon.Add(time.Hour)
		update(t, db, func(tx *store.Tx) error { return tx.UpdateConnection(t.Context(), c) })

		got := read(t, db, func(tx *store.Tx) (*email.Connection, error) { return tx.GetConnection(t.Context(), c.ID) })
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		got = read(t, db, func(tx *store.Tx) (*email.Connection, error) {
			return tx.FindConnectionBySubscription(t.Context(), "sub")
		})
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("by subscription (-want +got)\n%s", diff)
		}
		for _, unknown := range []string{"", "other"} {
			got = read(t, db, func(tx *store.Tx) (*email.Connection, error) {
				return tx.FindConnectionBySubscription(t.Context(), unknown)
			})
			if got != nil {
				t.Errorf("by subscription %q found %v", unknown, got)
			}
		}
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			return tx.InsertConnection(t.Context(), &email.Connection{State: email.Connected, TenantID: c.TenantID, UserID: c.UserID})
		})
		if p := problem.As(err); p == nil || p.Code != "mailbox_in_use" {
			t.Errorf("the same mailbox a second time: %v", err)
		}
	})
}

// The worker that reads a mailbox writes its connection while hints and other nodes write theirs.
func TestUpdateOfAConnectionKeepsLeaseAndKick(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := connect(t, db, "support@contoso.example")
		lease := func(owner string, now, until time.Time) (got bool) {
			t.Helper()
			update(t, db, func(tx *store.Tx) (err error) {
				got, err = tx.LeaseConnection(t.Context(), c.ID, owner, now, until)
				return err
			})
			return got
		}
		if !lease("node-1", noon, noon.Add(30*time.Second)) {
			t.Fatal("a free mailbox was not given")
		}
		update(t, db, func(tx *store.Tx) error { return tx.KickConnection(t.Context(), c.ID, noon.Add(5*time.Second)) })
		update(t, db, func(tx *store.Tx) error { return tx.KickConnection(t.Context(), c.ID, noon) })
		c.Cursor = "next"
		update(t, db, func(tx *store.Tx) error { return tx.UpdateConnection(t.Context(), c) })
		got := read(t, db, func(tx *store.Tx) (*email.Connection, error) { return tx.GetConnection(t.Context(), c.ID) })
		if got.LeaseOwner != "node-1" || !got.LeaseUntil.Equal(noon.Add(30*time.Second)) || !got.KickedAt.Equal(noon.Add(5*time.Second)) {
			t.Errorf("lease %q until %v, kicked %v", got.LeaseOwner, got.LeaseUntil, got.KickedAt)
		}

		if lease("node-2", noon.Add(29*time.Second), noon.Add(time.Minute)) {
			t.Error("a second node was given a mailbox whose lease had not ended")
		}
		if !lease("node-1", noon.Add(29*time.Second), noon.Add(time.Minute)) {
			t.Error("the owner could not renew")
		}
		if !lease("node-2", noon.Add(time.Minute), noon.Add(2*time.Minute)) {
			t.Error("a lease that ended was not given to the next node")
		}
		update(t, db, func(tx *store.Tx) error { return tx.ReleaseConnection(t.Context(), c.ID, "node-1") })
		if lease("node-3", noon.Add(61*time.Second), noon.Add(2*time.Minute)) {
			t.Error("a node released another's lease")
		}
		update(t, db, func(tx *store.Tx) error { return tx.ReleaseConnection(t.Context(), c.ID, "node-2") })
		if !lease("node-3", noon.Add(61*time.Second), noon.Add(2*time.Minute)) {
			t.Error("a released mailbox was not given")
		}
	})
}

// A node renews what it holds, and learns what it does not hold any more.
func TestLeasesAreRenewedTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var ids []email.ConnectionID
		for i, owner := range []string{"node-1", "node-2", "node-1"} {
			c := connect(t, db, fmt.Sprintf("support%d@contoso.example", i))
			ids = append(ids, c.ID)
			update(t, db, func(tx *store.Tx) error {
				_, err := tx.LeaseConnection(t.Context(), c.ID, owner, noon, noon.Add(15*time.Second))
				return err
			})
		}
		var renewed []email.ConnectionID
		update(t, db, func(tx *store.Tx) (err error) {
			renewed, err = tx.RenewLeases(t.Context(), ids, "node-1", noon.Add(time.Minute))
			return err
		})
		slices.Sort(renewed)
		if want := []email.ConnectionID{ids[0], ids[2]}; !slices.Equal(renewed, want) {
			t.Errorf("renewed %v, want %v", renewed, want)
		}
		for i, until := range []time.Duration{time.Minute, 15 * time.Second, time.Minute} {
			c := read(t, db, func(tx *store.Tx) (*email.Connection, error) { return tx.GetConnection(t.Context(), ids[i]) })
			if got := c.LeaseUntil.Sub(noon); got != until {
				t.Errorf("the lease of mailbox %d lasts for %s, want %s", i, got, until)
			}
		}
	})
}

func TestThreadIsItsFirstMailAndTheNewest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := connect(t, db, "support@contoso.example")
		var mails []*email.Mail
		for n := range 10 {
			m := noticed(c, n)
			m.State, m.TicketID, m.MessageID = email.Commented, 7, fmt.Sprint("m", n)
			mails = append(mails, m)
		}
		mails[1].State, mails[2].State, mails[3].MessageID, mails[4].TicketID = email.Flagged, email.Duplicate, "", 8
		insertMail(t, db, mails...)
		thread := func(except email.MailID, n int) []string {
			return read(t, db, func(tx *store.Tx) ([]string, error) { return tx.ListThread(t.Context(), 7, except, n) })
		}
		for _, test := range []struct {
			got  []string
			want string
		}{
			{thread(0, 6), "m0 m5 m6 m7 m8 m9"},
			{thread(mails[9].ID, 6), "m0 m5 m6 m7 m8"},
			{thread(mails[9].ID, 3), "m0 m7 m8"},
			{thread(mails[0].ID, 3), "m5 m8 m9"},
		} {
			if got := strings.Join(test.got, " "); got != test.want {
				t.Errorf("the thread is %q, want %q", got, test.want)
			}
		}
	})
}

func TestImports(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := connect(t, db, "support@contoso.example")
		latest := func() *email.Import {
			return read(t, db, func(tx *store.Tx) (*email.Import, error) { return tx.FindLatestImport(t.Context(), c.ID) })
		}
		if got := latest(); got != nil {
			t.Errorf("latest import is %v before there was one", got)
		}
		first := &email.Import{ConnectionID: c.ID, State: email.ImportCancelled, CreatedAt: noon}
		second := &email.Import{ConnectionID: c.ID, State: email.ImportRunning, CreatedAt: noon}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertImport(t.Context(), first); err != nil {
				return err
			}
			return tx.InsertImport(t.Context(), second)
		})
		second.State, second.Total, second.Done, second.Error, second.FinishedAt = email.ImportFailed, 300, 12, "no", noon.Add(time.Hour)
		update(t, db, func(tx *store.Tx) error { return tx.UpdateImport(t.Context(), second) })
		if diff := cmp.Diff(second, latest()); diff != "" {
			t.Errorf("latest (-want +got)\n%s", diff)
		}
		got := read(t, db, func(tx *store.Tx) (*email.Import, error) { return tx.GetImport(t.Context(), first.ID) })
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("first (-want +got)\n%s", diff)
		}
	})
}

func TestSignInIsKeptUntilItExpires(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		now := noon
		db := storetest.Open(t, url, store.Options{Now: func() time.Time { return now }})
		get := func() (data []byte, err error) {
			err = db.View(t.Context(), func(tx *store.Tx) error {
				data, err = tx.GetSignIn(t.Context(), "hash")
				return err
			})
			return data, err
		}
		_, err := get()
		wantKind(t, err, problem.NotFound)
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertSignIn(t.Context(), "hash", []byte("one"), noon.Add(time.Minute)); err != nil {
				return err
			}
			return tx.UpdateSignIn(t.Context(), "hash", []byte("two"))
		})
		if data, err := get(); string(data) != "two" || err != nil {
			t.Errorf("got %q, %v", data, err)
		}
		now = noon.Add(2 * time.Minute)
		_, err = get()
		wantKind(t, err, problem.NotFound)
		update(t, db, func(tx *store.Tx) error { return tx.DeleteExpiredSignIns(t.Context(), now) })
		err = db.Update(t.Context(), func(tx *store.Tx) error { return tx.UpdateSignIn(t.Context(), "hash", []byte("three")) })
		wantKind(t, err, problem.NotFound)
	})
}

func TestMailComesBackAsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := connect(t, db, "support@contoso.example")
		m := noticed(c, 1)
		insertMail(t, db, m)
		m.State, m.MessageID, m.DedupeKey, m.Subject = email.Ticketed, "a@example.com", "key", "返品"
		m.To, m.CC = []email.Party{{Email: "support@contoso.example"}}, []email.Party{{Name: "Bob", Email: "bob@example.com"}}
		m.Size, m.Blob, m.Imported, m.Rule, m.Evidence = 12345, "blob", true, "new_ticket", []email.Fact{{Name: "in_reply_to", Value: "x"}}
		m.FetchedAt, m.StoredAt, m.DecidedAt, m.FiledAt, m.ConfirmedAt = noon, noon, noon, noon, noon
		m.TicketID, m.CommentID, m.Original, m.Attempts, m.NextAttemptAt = 1, 2, 3, 4, noon
		m.ErrorCode, m.Error, m.ErrorSide, m.ErrorRemedy, m.Mark, m.UpdatedAt = "code", "error", "microsoft", "remedy", "mark", noon
		update(t, db, func(tx *store.Tx) error { return tx.UpdateMail(t.Context(), m) })
		got := read(t, db, func(tx *store.Tx) (*email.Mail, error) { return tx.GetMail(t.Context(), m.ID) })
		if diff := cmp.Diff(m, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		got = read(t, db, func(tx *store.Tx) (*email.Mail, error) {
			return tx.FindMailByMicrosoftID(t.Context(), c.ID, m.MicrosoftID)
		})
		if got == nil || got.ID != m.ID {
			t.Errorf("by Microsoft's id found %v", got)
		}

		attempt := &email.Attempt{MailID: m.ID, At: noon, Step: "fetch", Outcome: "ok", Detail: "request-id"}
		update(t, db, func(tx *store.Tx) error { return tx.InsertAttempt(t.Context(), attempt) })
		attempts := read(t, db, func(tx *store.Tx) ([]*email.Attempt, error) { return tx.ListAttempts(t.Context(), m.ID) })
		if diff := cmp.Diff([]*email.Attempt{attempt}, attempts); diff != "" {
			t.Errorf("attempts (-want +got)\n%s", diff)
		}
		update(t, db, func(tx *store.Tx) error { return tx.DeleteMail(t.Context(), m.ID) })
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.UpdateMail(t.Context(), m) })
		wantKind(t, err, problem.NotFound)
	})
}

func insertMail(t *testing.T, db *store.DB, mails ...*email.Mail) {
	t.Helper()
	update(t, db, func(tx *store.Tx) error {
		for _, m := range mails {
			if added, err := tx.InsertMail(t.Context(), m); err != nil || !added {
				return fmt.Errorf("insert %s: %v, %w", m.MicrosoftID, added, err)
			}
		}
		return nil
	})
}

func TestMailOfAMailboxIsInTheLedgerOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := connect(t, db, "a@contoso.example"), connect(t, db, "b@contoso.example")
		first := noticed(a, 1)
		insertMail(t, db, first, noticed(b, 1))
		again := noticed(a, 1)
		again.NoticedBy = email.ByReconcile
		update(t, db, func(tx *store.Tx) error {
			added, err := tx.InsertMail(t.Context(), again)
			if added || again.ID != first.ID {
				t.Errorf("the same mail again: added %v, id %d, want the row %d", added, again.ID, first.ID)
			}
			return err
		})
		// Outgoing mail has no id at Microsoft yet.
		one, two := &email.Mail{ConnectionID: a.ID, Direction: email.Outbound, CommentID: 1}, &email.Mail{ConnectionID: a.ID, Direction: email.Outbound, CommentID: 2}
		insertMail(t, db, one, two)
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.InsertMail(t.Context(), &email.Mail{ConnectionID: a.ID, Direction: email.Outbound, CommentID: 2})
			return err
		})
		wantKind(t, err, problem.Conflict)
		got := read(t, db, func(tx *store.Tx) (*email.Mail, error) { return tx.FindMailByComment(t.Context(), 2) })
		if got == nil || got.ID != two.ID {
			t.Errorf("the mail of comment 2 is %v", got)
		}
	})
}

func TestKnownMicrosoftIDs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := connect(t, db, "a@contoso.example"), connect(t, db, "b@contoso.example")
		gone := noticed(a, 2)
		gone.State = email.Gone
		insertMail(t, db, noticed(a, 1), gone, noticed(b, 3))
		var asked []string
		for n := range 1000 {
			asked = append(asked, noticed(a, n).MicrosoftID)
		}
		known := read(t, db, func(tx *store.Tx) (map[string]email.MailState, error) {
			return tx.KnownMicrosoftIDs(t.Context(), a.ID, append(asked, "", "it's\x00' AND \xff"))
		})
		want := map[string]email.MailState{asked[1]: email.Noticed, asked[2]: email.Gone}
		if diff := cmp.Diff(want, known); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestOfSeveralCopiesOneCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		a, b := connect(t, db, "a@contoso.example"), connect(t, db, "b@contoso.example")
		h.insertTickets(t, h.ticket(1), h.ticket(2))
		original, copied, elsewhere := noticed(a, 1), noticed(a, 2), noticed(b, 1)
		insertMail(t, db, original, copied, elsewhere)
		decide := func(m *email.Mail, state email.MailState, ticket desk.TicketID) error {
			m.State, m.DedupeKey, m.TicketID = state, "key", ticket
			return db.Update(t.Context(), func(tx *store.Tx) error { return tx.UpdateMail(t.Context(), m) })
		}
		find := func(c email.ConnectionID) *email.Mail {
			return read(t, db, func(tx *store.Tx) (*email.Mail, error) { return tx.FindOriginal(t.Context(), c, "key") })
		}
		if got := find(a.ID); got != nil {
			t.Errorf("original is %v before anything was decided", got)
		}
		if err := decide(original, email.Ticketed, 1); err != nil {
			t.Fatal(err)
		}
		wantKind(t, decide(copied, email.Ticketed, 2), problem.Conflict)
		if err := decide(copied, email.Duplicate, 0); err != nil {
			t.Fatal(err)
		}
		if err := decide(elsewhere, email.Ticketed, 2); err != nil {
			t.Fatal(err)
		}
		if got := find(a.ID); got == nil || got.ID != original.ID {
			t.Errorf("original is %v", got)
		}
		tickets := read(t, db, func(tx *store.Tx) ([]desk.TicketID, error) { return tx.FindTicketsOfMail(t.Context(), b.ID, "key") })
		if diff := cmp.Diff([]desk.TicketID{1}, tickets); diff != "" {
			t.Errorf("tickets of the same mail (-want +got)\n%s", diff)
		}
	})
}

func TestWhatIsToBeFetchedAndFiled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := connect(t, db, "a@contoso.example"), connect(t, db, "b@contoso.example")
		newer, older, later, other := noticed(a, 9), noticed(a, 1), noticed(a, 2), noticed(b, 3)
		later.NextAttemptAt = noon.Add(time.Hour)
		var settled []*email.Mail
		for i, state := range email.SettledInbound {
			m := noticed(a, 100+i)
			m.State = state
			settled = append(settled, m)
		}
		quarantined, sent := noticed(a, 200), noticed(a, 201)
		quarantined.State, sent.State, sent.Direction = email.Quarantined, email.Sent, email.Outbound
		insertMail(t, db, append(settled, newer, older, later, other, quarantined, sent)...)

		want := func(what string, got []*email.Mail, want ...*email.Mail) {
			t.Helper()
			if diff := cmp.Diff(fmt.Sprint(mailIDs(want)), fmt.Sprint(mailIDs(got))); diff != "" {
				t.Errorf("%s (-want +got)\n%s", what, diff)
			}
		}
		unfetched := func(due time.Time, limit int) []*email.Mail {
			return read(t, db, func(tx *store.Tx) ([]*email.Mail, error) { return tx.ListUnfetched(t.Context(), a.ID, due, limit) })
		}
		want("due now", unfetched(noon, 10), older, newer)
		want("the oldest", unfetched(noon, 1), older)
		want("due later", unfetched(noon.Add(time.Hour), 10), older, later, newer)
		unfiled := func() []*email.Mail {
			return read(t, db, func(tx *store.Tx) ([]*email.Mail, error) { return tx.ListUnfiled(t.Context(), a.ID, 10) })
		}
		want("unfiled", unfiled(), settled...)
		update(t, db, func(tx *store.Tx) error {
			return tx.MarkFiled(t.Context(), mailIDs(settled[:4]), noon, email.ReadAfterwards)
		})
		want("still unfiled", unfiled(), settled[4:]...)
		filed := read(t, db, func(tx *store.Tx) (*email.Mail, error) { return tx.GetMail(t.Context(), settled[0].ID) })
		if !filed.FiledAt.Equal(noon) || filed.FiledAs != email.ReadAfterwards {
			t.Errorf("the mail was filed at %v as %q", filed.FiledAt, filed.FiledAs)
		}
	})
}

func mailIDs(mails []*email.Mail) []email.MailID {
	var ids []email.MailID
	for _, m := range mails {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestLedgerIsSearchedAndFiltered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := connect(t, db, "a@contoso.example"), connect(t, db, "b@contoso.example")
		one, two, three := noticed(a, 1), noticed(a, 2), noticed(b, 3)
		one.Subject, one.MessageID, one.TicketID = "Rechnung ÜBER 返品", "CAFE@mail.example.com", 7
		two.State, two.From, two.CC = email.Quarantined, email.Party{Name: "Zoë", Email: "zoe@fabrikam.example"}, []email.Party{{Email: "copy@fabrikam.example"}}
		three.Direction, three.State, three.To = email.Outbound, email.Sent, []email.Party{{Name: "Ana", Email: "ana@example.com"}}
		insertMail(t, db, one, two, three)
		for _, c := range []struct {
			why  string
			f    email.MailFilter
			want []*email.Mail
		}{
			{"newest first", email.MailFilter{}, []*email.Mail{three, two, one}},
			{"connection", email.MailFilter{Connection: a.ID}, []*email.Mail{two, one}},
			{"direction", email.MailFilter{Direction: email.Outbound}, []*email.Mail{three}},
			{"states", email.MailFilter{States: []email.MailState{email.Noticed, email.Sent}}, []*email.Mail{three, one}},
			{"ticket", email.MailFilter{Ticket: 7}, []*email.Mail{one}},
			{"time", email.MailFilter{From: two.NoticedAt, To: three.NoticedAt}, []*email.Mail{two}},
			{"two Japanese characters", email.MailFilter{Search: "返品"}, []*email.Mail{one}},
			{"another case", email.MailFilter{Search: "über"}, []*email.Mail{one}},
			{"Message-ID", email.MailFilter{Search: "cafe@mail"}, []*email.Mail{one}},
			{"sender", email.MailFilter{Search: "zoë"}, []*email.Mail{two}},
			{"recipient in copy", email.MailFilter{Search: "copy@fabrikam"}, []*email.Mail{two}},
			{"before", email.MailFilter{Part: directory.Part{After: directory.NumberPlace(three.ID), Limit: 1}}, []*email.Mail{two}},
			{"offset", email.MailFilter{Part: directory.Part{Limit: 2, Offset: 2}}, []*email.Mail{one}},
		} {
			got := read(t, db, func(tx *store.Tx) ([]*email.Mail, error) { return tx.ListMail(t.Context(), c.f) })
			if diff := cmp.Diff(mailIDs(c.want), mailIDs(got)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", c.why, diff)
			}
			if c.f.Limit > 0 {
				continue
			}
			if n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountMail(t.Context(), c.f) }); n != len(c.want) {
				t.Errorf("%s: counted %d, want %d", c.why, n, len(c.want))
			}
		}
	})
}

func TestThreading(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		support, sales, other := h.ticket(1), h.ticket(2), h.ticket(3)
		sales.Recipient = "sales@contoso.example"
		h.insertTickets(t, support, sales, other)
		long := strings.Repeat("x", 5000) + "@example.com"
		update(t, db, func(tx *store.Tx) error {
			for id, tickets := range map[string][]desk.TicketID{
				"shared@example.com": {support.ID, sales.ID}, "other@example.com": {other.ID}, long: {other.ID}, "": {other.ID},
			} {
				for _, ticket := range append(tickets, tickets...) { // a second time changes nothing
					if err := tx.RememberMessageID(t.Context(), id, ticket); err != nil {
						return err
					}
				}
			}
			return nil
		})
		for _, c := range []struct {
			why       string
			ids       []string
			recipient string
			want      desk.TicketID
			by        string
		}{
			{"none known", []string{"unknown@example.com", ""}, "", 0, ""},
			{"nothing asked", nil, "", 0, ""},
			{"first known one wins", []string{"unknown@example.com", "other@example.com", "shared@example.com"}, "", other.ID, "other@example.com"},
			{"of several the recipient's", []string{"shared@example.com"}, "support@contoso.example", support.ID, "shared@example.com"},
			{"of several the other recipient's", []string{"shared@example.com"}, "sales@contoso.example", sales.ID, "shared@example.com"},
			{"longer than an index holds", []string{long}, "", other.ID, long},
		} {
			err := db.View(t.Context(), func(tx *store.Tx) error {
				ticket, by, err := tx.FindTicketByMessageIDs(t.Context(), c.ids, c.recipient)
				if ticket != c.want || by != c.by {
					t.Errorf("%s: ticket %d by %q, want %d by %q", c.why, ticket, by, c.want, c.by)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func TestFiguresOfAConnection(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := connect(t, db, "a@contoso.example"), connect(t, db, "b@contoso.example")
		var mails []*email.Mail
		add := func(m *email.Mail) { mails = append(mails, m) }
		for n := range 100 { // decided 1 to 100 seconds after Microsoft had them
			m := noticed(a, n)
			m.State, m.DecidedAt, m.FiledAt = email.Commented, m.ReceivedAt.Add(time.Duration(n+1)*time.Second), noon
			add(m)
		}
		unfiled, imported, waiting, failed, sent := noticed(a, 100), noticed(a, 101), noticed(a, 102), noticed(a, 103), noticed(a, 104)
		unfiled.State = email.Ours
		imported.State, imported.Imported, imported.ReceivedAt, imported.DecidedAt, imported.FiledAt = email.Ticketed, true, noon.Add(-time.Hour), noon, noon
		quarantined, backlog, elsewhere := noticed(a, 105), noticed(a, 106), noticed(b, 107)
		quarantined.State = email.Quarantined
		for _, m := range []*email.Mail{waiting, failed, sent} {
			m.Direction, m.CommentID = email.Outbound, desk.CommentID(len(mails))
			add(m)
		}
		waiting.State, failed.State, sent.State, sent.FiledAt = email.Drafted, email.Failed, email.Sent, noon.Add(time.Minute)
		for _, m := range []*email.Mail{unfiled, imported, quarantined, backlog, elsewhere} {
			add(m)
		}
		insertMail(t, db, mails...)

		got := read(t, db, func(tx *store.Tx) (email.Figures, error) { return tx.ConnectionFigures(t.Context(), a.ID, noon) })
		want := email.Figures{
			Backlog: 1, Unfiled: 1, Quarantined: 1, Waiting: 1, Failed: 1, Received: 103, Sent: 1,
			LagMedian: 50 * time.Second, LagP99: 99 * time.Second,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		hours := read(t, db, func(tx *store.Tx) ([]email.Figures, error) {
			return tx.ConnectionActivity(t.Context(), a.ID, noon.Add(-time.Hour), 2)
		})
		if diff := cmp.Diff([]email.Figures{{}, {Received: 103, Sent: 1, LagMedian: 50 * time.Second}}, hours); diff != "" {
			t.Errorf("activity (-want +got)\n%s", diff)
		}
	})
}
