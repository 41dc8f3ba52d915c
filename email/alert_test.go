package email_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/email"
	"tandem/job"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/tenant"
)

// inTenant gives the mailbox behind an address to a tenant, in trouble or not.
func (o *office) inTenant(address string, id tenant.ID, errorCode string) {
	o.t.Helper()
	o.change(address, func(c *email.Connection) { c.Tenant, c.ErrorCode = id, errorCode })
}

func (o *office) change(address string, f func(*email.Connection)) {
	o.t.Helper()
	o.update(func(tx email.Tx) error {
		c, err := tx.GetConnection(o.t.Context(), o.ids[address])
		if err != nil {
			return err
		}
		f(c)
		return tx.UpdateConnection(o.t.Context(), c)
	})
}

// alerting is a house whose administrators get alerts.
func (s *sending) alerting() *email.Alerts {
	return email.NewAlerts(s.store, s.sender, func() string { return "https://help.contoso.example" }, nil, s.clock.Now, slog.New(slog.DiscardHandler))
}

// alerted lists the mails that Tandem wrote by itself.
func (s *sending) alerted() (mails []*email.Mail) {
	s.t.Helper()
	mails, err := s.ledger.List(s.t.Context(), access.System(), email.MailFilter{Direction: email.Outbound})
	check(s.t, err)
	return mails
}

func TestAlertGoesByAMailboxThatStillWorks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSending(t, db, support)
		s.connect(sales)
		s.addUser("alma@contoso.example", directory.Admin)
		s.addUser("agent@contoso.example", directory.Agent)
		alerts := s.alerting()
		outage := tenant.Alert{Key: "outage", Reason: tenant.CredentialRefused, Facts: map[string]string{tenant.FactTenant: "Contoso"}, Page: "/admin/tenants/1", Avoid: 1}

		s.inTenant(support, 1, "secret_expired")
		s.inTenant(sales, 1, "secret_expired")
		check(t, alerts.Send(t.Context(), outage))
		if sent := s.alerted(); len(sent) != 0 {
			t.Fatalf("%d mails wait for a mailbox that does not work: the news would come too late", len(sent))
		}
		s.inTenant(sales, 2, "")
		for range 2 {
			check(t, alerts.Send(t.Context(), outage))
		}
		sent := s.alerted()
		if len(sent) != 1 {
			t.Fatalf("%d mails, want one for the outage", len(sent))
		}
		if m := sent[0]; m.From.Email != sales || len(m.To) != 1 || m.To[0].Email != "alma@contoso.example" {
			t.Errorf("it goes from %s to %v", m.From.Email, m.To)
		}
		s.inTenant(support, 1, "") // by an access token that still lasts, say; the other way is surer
		outage.Key = "another outage"
		check(t, alerts.Send(t.Context(), outage))
		if m := s.alerted()[0]; m.From.Email != sales {
			t.Errorf("it goes from %s, of the tenant in trouble", m.From.Email)
		}
	})
}

// Every administrator reads an alert in their own language, what Microsoft said included.
func TestAlertSpeaksTheLanguageOfEachAdministrator(t *testing.T) {
	s := newSending(t, openSQLite(t, store.Options{}), support)
	for address, locale := range map[string]string{"alma@contoso.example": "en", "aiko@contoso.example": "ja", "bia@contoso.example": "pt-BR"} {
		u := s.addUser(address, directory.Admin)
		u.Locale = locale
		s.update(func(tx email.Tx) error { return tx.UpdateUser(t.Context(), u) })
	}
	words := func(language, code string) (string, string) {
		if language == "ja" && code == "secret_expired" {
			return "期限切れです。", "追加してください。"
		}
		return "", ""
	}
	alerts := email.NewAlerts(s.store, s.sender, func() string { return "https://help.contoso.example" }, words, s.clock.Now, slog.New(slog.DiscardHandler))
	check(t, alerts.Send(t.Context(), tenant.Alert{
		Key: "outage", Reason: tenant.CredentialRefused, Facts: map[string]string{tenant.FactTenant: "Contoso"},
		Trouble: tenant.Trouble{Code: "secret_expired", Message: "It has expired.", Remedy: "Add another."}, Page: "/admin/tenants/1",
	}))
	check(t, alerts.Send(t.Context(), tenant.Alert{
		Key: "ends", Reason: tenant.CredentialExpiry, Page: "/admin/tenants/1",
		Facts: map[string]string{tenant.FactTenant: "Contoso", tenant.FactCredential: "Secret 1", tenant.FactDays: "6", tenant.FactExpires: "2026-03-01T08:00:00Z"},
	}))
	for to, wants := range map[string][]string{
		"alma@contoso.example": {"Microsoft refuses Tandem in Contoso", "It has expired.", "What to do: Add another.", "expires in 6 days", "1 March 2026"},
		"aiko@contoso.example": {"拒否しています", "期限切れです。", "対処方法: 追加してください。", "6 日後", "2026年3月1日"},
		"bia@contoso.example":  {"A Microsoft recusa", "O que fazer: Add another.", "em 6 dias", "01/03/2026"},
	} {
		text := s.writtenTo(to)
		for _, want := range append(wants, "https://help.contoso.example/admin/tenants/1") {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not read %q in:\n%s", to, want, text)
			}
		}
		if strings.Contains(text, "{") {
			t.Errorf("a fact is missing in:\n%s", text)
		}
	}
}

// writtenTo is subject and text of all that Tandem wrote to a person by itself.
func (s *sending) writtenTo(address string) (text string) {
	s.t.Helper()
	for _, m := range s.alerted() {
		if m.To[0].Email != address {
			continue
		}
		s.update(func(tx email.Tx) error {
			n, err := tx.GetNotification(s.t.Context(), m.ID)
			if err == nil {
				text += n.Subject + "\n" + n.Text + "\n"
			}
			return err
		})
	}
	return text
}

// The first refusal of a mailbox is told, once; the tenant's own outage is not told again for each.
func TestRefusedMailboxIsToldOncePerOutage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSending(t, db, support)
		s.connect(sales)
		s.addUser("alma@contoso.example", directory.Admin)
		alerts := s.alerting()
		revoked := problem.New(problem.Unauthenticated, "grant_revoked", "The sign-in was revoked.").On(problem.Admin, "Reconnect the address.")
		work := func() {
			for _, o := range jobsOf[email.AlertOutage](s.office) {
				check(t, alerts.SendOutage(t.Context(), o))
			}
		}
		s.refuse(support, revoked)
		for range 3 {
			s.read(support)
			s.clock.advance(time.Minute)
		}
		work()
		sent := s.alerted()
		if len(sent) != 1 || sent[0].From.Email != sales || !strings.Contains(sent[0].Subject, support) {
			t.Fatalf("%d mails tell of the outage: %+v", len(sent), sent)
		}
		s.refuse(support, nil)
		s.read(support)
		s.clock.advance(time.Minute)
		s.refuse(support, revoked)
		s.read(support)
		work()
		if sent := s.alerted(); len(sent) != 2 {
			t.Errorf("%d mails after a second outage, want 2", len(sent))
		}

		var id tenant.ID
		s.update(func(tx email.Tx) error {
			all := tx.(tenant.Tx)
			known := &tenant.Tenant{Name: "Contoso", Directory: "contoso.example", ClientID: "app", Trouble: tenant.Trouble{Code: "secret_expired", At: s.clock.Now()}}
			if err := all.InsertTenant(t.Context(), known); err != nil {
				return err
			}
			id = known.ID
			return all.UpdateTenant(t.Context(), known)
		})
		s.refuse(support, nil)
		s.read(support)
		s.change(support, func(c *email.Connection) { c.Tenant = id })
		s.clock.advance(time.Minute)
		s.refuse(support, problem.New(problem.Unauthenticated, "secret_expired", "Expired.").On(problem.Admin, "Add another."))
		s.read(support)
		work()
		if sent := s.alerted(); len(sent) != 2 {
			t.Errorf("%d mails: the tenant's outage was told for the mailbox again", len(sent))
		}
	})
}

func TestChangedCredentialsWakeTheMailboxesOfTheirTenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support, sales)
		connections := email.NewConnections(o.store, o.boxes, nil, email.ConnectionOptions{Now: o.clock.Now, Log: slog.New(slog.DiscardHandler)})
		o.inTenant(support, 1, "")
		o.inTenant(sales, 2, "")
		refused := problem.New(problem.Unauthenticated, "secret_expired", "Expired.").On(problem.Admin, "Add another.")
		for _, address := range []string{support, sales} {
			o.refuse(address, refused)
			if next := o.read(address); !next.After(o.clock.Now()) {
				t.Fatalf("after a refusal %s is read again at once", address)
			}
		}
		o.clock.advance(time.Second)
		check(t, connections.CredentialsChanged(t.Context(), 1))
		if c := o.connection(support); c.NextSyncAt.After(o.clock.Now()) || c.RetryAt.IsZero() {
			t.Errorf("%s is read at %s, refusals count since %s", support, c.NextSyncAt, c.RetryAt)
		}
		if c := o.connection(sales); !c.NextSyncAt.After(o.clock.Now()) || !c.RetryAt.IsZero() {
			t.Errorf("%s of another tenant was woken too", sales)
		}
	})
}

// A pass that began before the new credential was there does not put it off.
func TestPassUnderWayDoesNotDelayTheRetry(t *testing.T) {
	o := setup(t)
	o.refuse(support, problem.New(problem.Unauthenticated, "secret_expired", "Expired.").On(problem.Admin, "Add another."))
	meanwhile := openedMeanwhile{o.boxes, func() {
		o.change(support, func(c *email.Connection) { c.RetryAt = o.clock.Now() })
	}}
	reader := email.NewReader(o.store, meanwhile, o.blobs, o.desk, o.bus, email.ReaderOptions{Owner: "second", Now: o.clock.Now})
	o.clock.advance(time.Hour) // past the first reader's lease
	next, err := reader.Watch(o.ids[support]).RunOnce(t.Context())
	check(t, err)
	if next.After(o.clock.Now()) {
		t.Errorf("read again at %s, want at once", next)
	}
}

// openedMeanwhile lets something happen when a pass has just begun.
type openedMeanwhile struct {
	fakeMailboxes
	happens func()
}

func (o openedMeanwhile) Open(c *email.Connection) (email.Mailbox, error) {
	o.happens()
	return o.fakeMailboxes.Open(c)
}

// refuse makes Microsoft refuse the mailbox; nil ends that.
func (o *office) refuse(address string, refusal error) {
	box := o.boxes[address]
	box.change(func() { box.listFault = refusal })
}

// jobsOf lists the jobs of a kind that wait.
func jobsOf[T job.Args](o *office) []T {
	o.t.Helper()
	var kind T
	jobs, err := job.NewService(store.For[job.StoreTx](o.db), o.clock.Now).List(o.t.Context(), job.Filter{Kind: kind.Kind()})
	check(o.t, err)
	var all []T
	for _, j := range jobs {
		var args T
		check(o.t, json.Unmarshal(j.Args, &args))
		all = append(all, args)
	}
	return all
}
