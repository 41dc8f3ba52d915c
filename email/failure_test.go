package email_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
)

func TestExpiredCursorReadsAgainWithoutDoubling(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.HourlyLimit = 0 })
	for i := range 25 {
		o.deliver(support, mail(fmt.Sprintf("%d@client", i)))
	}
	o.read(support)
	o.boxes[support].change(func() { o.boxes[support].epoch++ })
	o.deliver(support, mail("late@client"))
	o.read(support)
	if n := len(o.tickets()); n != 26 {
		t.Errorf("%d tickets, want 26", n)
	}
}

func TestMailReadFromTheBeginningIsDecidedOldestFirst(t *testing.T) {
	o := setup(t)
	box := o.boxes[support]
	now := o.clock.Now()
	for i := 30; i > 0; i-- { // Microsoft promises no order
		box.deliver(now.Add(time.Duration(i)*time.Second), mail(fmt.Sprintf("%d@client", i), "References: <1@client>"))
	}
	o.read(support)
	if tickets := o.tickets(); len(tickets) != 1 || tickets[0].Subject != "Printer on fire" {
		t.Fatalf("%d tickets, want 1", len(tickets))
	}
	_, comments := o.ticket(o.tickets()[0].ID)
	for i, c := range comments {
		if want := fmt.Sprintf("Body of %d@client.", i+1); strings.TrimSpace(c.Text) != want {
			t.Fatalf("comment %d says %q, want %q", i, c.Text, want)
		}
	}
}

func TestThrottlingWaitsAsLongAsMicrosoftAsks(t *testing.T) {
	o := setup(t)
	box := o.boxes[support]
	o.deliver(support, mail("one@client"))
	box.rawFault = func(string, int) error { return unavailable(2 * time.Minute) }
	next := o.read(support)
	c := o.connection(support)
	if want := o.clock.Now().Add(2 * time.Minute); !next.Equal(want) || !c.WaitingUntil.Equal(want) || c.ErrorCode != "" {
		t.Errorf("waits until %v, next %v, error %q; want %v and no error", c.WaitingUntil, next, c.ErrorCode, want)
	}
	o.expect("noticed")
	box.rawFault = nil
	o.clock.advance(2 * time.Minute)
	o.read(support)
	o.expect("ticketed")
	if c := o.connection(support); !c.WaitingUntil.IsZero() {
		t.Errorf("still waits until %v", c.WaitingUntil)
	}
}

func TestLostSignInIsShownAndRecoversByItself(t *testing.T) {
	o := setup(t)
	box := o.boxes[support]
	o.deliver(support, mail("one@client"))
	box.listFault = problem.New(problem.Unauthenticated, "secret_expired", "The client secret has expired.").
		On(problem.Admin, "Create a new one.")
	var waits []time.Duration
	for range 6 {
		next := o.read(support)
		waits = append(waits, next.Sub(o.clock.Now()))
		o.clock.advance(waits[len(waits)-1])
	}
	if waits[0] != time.Minute || waits[5] != 15*time.Minute {
		t.Errorf("tries again after %v, want 1 to 15 minutes", waits)
	}
	if c := o.connection(support); c.ErrorCode != "secret_expired" || c.ErrorSide != "admin" || c.ErrorRemedy == "" || c.ErrorAt.IsZero() {
		t.Errorf("the connection says %+v", c)
	}
	box.listFault = nil
	o.read(support)
	o.expect("ticketed")
	if c := o.connection(support); c.ErrorCode != "" || !c.ErrorAt.IsZero() {
		t.Errorf("the error stays: %s", c.ErrorCode)
	}
}

func TestHiccupIsNoErrorButAnOutageIs(t *testing.T) {
	o := setup(t)
	o.boxes[support].listFault = problem.New(problem.Unavailable, "microsoft_unavailable", "Microsoft 365 did not answer.").
		On(problem.Microsoft, "Nothing to do.")
	o.read(support)
	if c := o.connection(support); c.ErrorCode != "" || c.WaitingUntil.IsZero() {
		t.Errorf("after one failure: error %q, waits until %v", c.ErrorCode, c.WaitingUntil)
	}
	o.read(support)
	o.read(support)
	if c := o.connection(support); c.ErrorCode != "microsoft_unavailable" || c.ErrorSide != "microsoft" {
		t.Errorf("after three failures: error %q on side %q", c.ErrorCode, c.ErrorSide)
	}
}

func TestMailDeletedBeforeItWasFetchedIsGone(t *testing.T) {
	o := setup(t)
	lost := o.deliver(support, mail("one@client"))
	o.deliver(support, mail("two@client"))
	o.boxes[support].rawFault = func(id string, _ int) error {
		if id == lost.id {
			return problem.New(problem.NotFound, "not_at_microsoft", "It is no longer in the mailbox.")
		}
		return nil
	}
	o.read(support)
	o.expect("gone ticketed")
}

// cut ends a mail in the middle, as a broken connection does.
type cut struct {
	r    io.Reader
	left int
}

func (c *cut) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, problem.New(problem.Unavailable, "mail_cut", "The connection broke in the middle of the mail.").
			On(problem.Microsoft, "Nothing to do.")
	}
	n, err := c.r.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

func TestMailCutAgainAndAgainIsPutAsideAndNeverBlocks(t *testing.T) {
	o := setup(t)
	bad := o.deliver(support, mail("bad@client"))
	o.boxes[support].rawReader = func(id string, raw io.Reader) io.Reader {
		if id == bad.id {
			return &cut{raw, 40}
		}
		return raw
	}
	o.deliver(support, mail("good@client"))
	next := o.read(support)
	o.expect("noticed ticketed")
	if wait := next.Sub(o.clock.Now()); wait != 2*time.Second {
		t.Errorf("tried again after %v, want 2 s", wait)
	}
	for range 5 {
		o.clock.advance(time.Hour)
		o.read(support)
	}
	o.expect("quarantined ticketed")
	m, attempts, err := o.ledger.Get(t.Context(), access.System(), o.mails()[0].ID)
	check(t, err)
	if m.ErrorCode != "mail_cut" || m.ErrorSide != "microsoft" || m.ErrorRemedy == "" || len(attempts) != 6 || attempts[0].Step != "fetch" {
		t.Errorf("put aside with %s after %d attempts", m.ErrorCode, len(attempts))
	}
	if n := o.boxes[support].fetched[bad.id]; n != 6 {
		t.Errorf("fetched %d times, want 6", n)
	}

	o.boxes[support].rawReader = nil
	_, err = o.ledger.Retry(t.Context(), access.System(), m.ID)
	check(t, err)
	o.read(support)
	o.expect("ticketed ticketed")
}

func TestMailsThatMicrosoftRefusesDoNotHoldUpTheOthers(t *testing.T) {
	o := setup(t)
	refused := map[string]bool{}
	for i := range 4 {
		refused[o.deliver(support, mail(fmt.Sprintf("bad%d@client", i))).id] = true
	}
	o.deliver(support, mail("good@client"))
	o.boxes[support].rawFault = func(id string, _ int) error {
		if refused[id] {
			return problem.New(problem.Unavailable, "microsoft_unavailable", "Microsoft 365 did not answer.")
		}
		return nil
	}
	o.read(support) // stops: it may be an outage
	o.read(support)
	if states := o.states(); !strings.HasSuffix(states, "ticketed") {
		t.Errorf("the ledger holds %q", states)
	}
}

func TestWhatIsNoMailIsKeptAndCanBecomeATicket(t *testing.T) {
	o := setup(t)
	o.deliver(support, "\x00\x01garbage that no mail begins with\nmore of it")
	for range 3 {
		o.read(support)
		o.clock.advance(time.Minute)
	}
	o.expect("quarantined")
	m := o.only()
	if m.ErrorCode != "mail_unreadable" || m.Blob == "" || strings.Join(m.Actions(), " ") != "retry make_ticket" {
		t.Errorf("put aside with %s, raw mail %q, actions %v", m.ErrorCode, m.Blob, m.Actions())
	}

	admin := o.addUser("admin@contoso.example", directory.Admin)
	ticket, err := o.ledger.MakeTicket(t.Context(), access.Actor{UserID: admin.ID, Name: "Admin", Role: directory.Admin}, m.ID)
	check(t, err)
	o.expect("ticketed")
	if ticket.RequesterID != admin.ID {
		t.Errorf("the requester is %d, want whoever asked", ticket.RequesterID)
	}
	_, comments := o.ticket(ticket.ID)
	if c := comments[0]; !strings.Contains(c.Text, "garbage") || len(c.Attachments) != 1 || c.Attachments[0].ContentType != "message/rfc822" {
		t.Errorf("the comment is %+v", c)
	}
	if _, err := o.ledger.MakeTicket(t.Context(), access.System(), m.ID); problem.KindOf(err) != problem.Conflict {
		t.Errorf("a second ticket: %v, want a conflict", err)
	}
}

func TestMailWithoutAnySenderIsPutAside(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client", "From: "))
	o.deliver(support, mail("two@client"))
	o.read(support)
	o.expect("quarantined ticketed")
	if m := o.mails()[0]; m.ErrorCode != "no_sender" || m.Blob == "" {
		t.Errorf("put aside with %s", m.ErrorCode)
	}
}

func TestHostileMailsBecomeTickets(t *testing.T) {
	deep := mail("deep@evil", "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b0"`)
	for i := range 100 {
		deep += fmt.Sprintf("--b%d\nContent-Type: multipart/mixed; boundary=\"b%d\"\n\n", i, i+1)
	}
	deep += "--b100\nContent-Type: text/plain\n\nthe bottom\n"
	for name, raw := range map[string]string{
		"100 levels":     deep,
		"NUL bytes":      mail("nul@evil", "Subject: a\x00b") + "text\x00with\x00NUL",
		"10,000 headers": mail("headers@evil", strings.Repeat("X-Spam: yes\n", 10_000)+"X-Last: yes"),
		"no body":        "From: eve@evil.example\nSubject: nothing",
		"long subject":   mail("long@evil", "Subject: "+strings.Repeat("あ", 2000)),
		"many people":    mail("many@evil", "Cc: "+strings.Repeat("x%d@evil.example, ", 1000)),
	} {
		t.Run(name, func(t *testing.T) {
			o := setup(t)
			o.policy(func(p *email.Policy) { p.MaxRecipients = 0 })
			o.deliver(support, raw)
			o.read(support)
			o.expect("ticketed")
		})
	}
}

func TestLargeMailStreamsThroughTheBlobStore(t *testing.T) {
	o := setup(t)
	line := strings.Repeat("QUJD", 19) + "\n"
	o.deliver(support, mail("big@client", "MIME-Version: 1.0", "Content-Type: application/octet-stream; name=big.bin",
		"Content-Transfer-Encoding: base64")+strings.Repeat(line, 30_000))
	o.deliver(support, mail("small@client", "References: <big@client>"))
	o.read(support)
	o.expect("ticketed commented")
	_, comments := o.ticket(o.mails()[0].TicketID)
	if files := comments[0].Attachments; len(files) != 1 || files[0].Size < 30_000*57 {
		t.Errorf("attachments %+v", files)
	}
}

func TestFullDiskLosesNothing(t *testing.T) {
	o := setup(t)
	for i := range 5 {
		o.deliver(support, mail(fmt.Sprintf("%d@client", i)))
	}
	o.blobs.failWith(func() error {
		return problem.New(problem.Unavailable, "disk_full", "There is no room left on the disk.").On(problem.Tandem, "Free some space.")
	})
	o.read(support)
	o.expect("noticed noticed noticed noticed noticed")
	if c := o.connection(support); c.ErrorCode != "disk_full" || c.ErrorSide != "tandem" || c.ErrorRemedy == "" {
		t.Errorf("the connection says %q on side %q", c.ErrorCode, c.ErrorSide)
	}
	if m := o.mails()[0]; m.Attempts != 0 {
		t.Errorf("the mail is blamed for %d attempts", m.Attempts)
	}
	o.blobs.failWith(nil)
	o.read(support)
	o.expect("ticketed ticketed ticketed ticketed ticketed")
	if c := o.connection(support); c.ErrorCode != "" {
		t.Errorf("the error %s stays", c.ErrorCode)
	}
}

func TestPanicAtOneMailPutsItAside(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.blobs.failWith(func() error { panic("a fault of ours") })
	for range 3 {
		o.read(support)
		o.clock.advance(time.Hour)
	}
	o.expect("quarantined")
	if m := o.only(); m.ErrorCode != "mail_parser_failed" || m.ErrorSide != "tandem" {
		t.Errorf("put aside with %s", m.ErrorCode)
	}
}

func TestTwoReadersNeverReadAtOnce(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	second := o.newReader("second").Watch(o.ids[support])
	o.boxes[support].rawReader = func(_ string, raw io.Reader) io.Reader {
		if _, err := second.RunOnce(t.Context()); err == nil {
			t.Error("a second reader read while the first one held the lease")
		}
		return raw
	}
	o.read(support)
	o.expect("ticketed")
}

func TestReaderThatLostItsLeaseWritesNothing(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.boxes[support].rawReader = func(_ string, raw io.Reader) io.Reader {
		o.clock.advance(time.Hour) // long enough for the lease to run out
		err := o.store.Update(t.Context(), func(tx email.Tx) error {
			ours, err := tx.LeaseConnection(t.Context(), o.ids[support], "second", o.clock.Now(), o.clock.Now().Add(time.Hour))
			if err == nil && !ours {
				err = errors.New("the lease was not given away")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		return raw
	}
	if _, err := o.watches[support].RunOnce(t.Context()); err == nil {
		t.Error("the pass does not say that the lease was lost")
	}
	o.expect("noticed")
}

func TestDisconnectedMailboxIsNotRead(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.boxes[support].rawReader = func(_ string, raw io.Reader) io.Reader {
		c := o.connection(support)
		c.State = email.Disconnected
		o.update(func(tx email.Tx) error { return tx.UpdateConnection(t.Context(), c) })
		return raw
	}
	if _, err := o.watches[support].RunOnce(t.Context()); err == nil {
		t.Error("the pass does not say that the mailbox was disconnected")
	}
	o.expect("noticed")
}

func TestReconciliationFindsWhatChangesDidNotTell(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.deliver(support, mail("two@client")).hidden = true
	o.read(support)
	o.expect("ticketed ticketed")
	if m := o.mails()[1]; m.NoticedBy != email.ByReconcile {
		t.Errorf("noticed by %s", m.NoticedBy)
	}
	if c := o.connection(support); c.ReconcileFound != 1 {
		t.Errorf("the comparison found %d, want 1", c.ReconcileFound)
	}
	o.clock.advance(2 * time.Hour)
	o.read(support)
	if c := o.connection(support); c.ReconcileFound != 0 || !c.ReconciledAt.Equal(o.clock.Now()) {
		t.Errorf("the next comparison, at %v, found %d", c.ReconciledAt, c.ReconcileFound)
	}
}

func TestMailMovedBackIntoTheInboxIsFiledAgain(t *testing.T) {
	o := setup(t)
	sent := o.deliver(support, mail("one@client"))
	o.read(support)
	check(t, o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}))
	if !sent.filed || !sent.read || o.only().FiledAt.IsZero() {
		t.Fatal("the mail was not filed")
	}
	o.clock.advance(2 * time.Hour)
	o.boxes[support].change(func() { sent.filed = false })
	o.read(support)
	check(t, o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}))
	if !sent.filed {
		t.Error("the mail still lies in the Inbox")
	}
	o.expect("ticketed")
}

func TestNothingIsFiledBeforeItIsDecided(t *testing.T) {
	o := setup(t)
	sent := o.deliver(support, mail("one@client"))
	o.blobs.failWith(func() error { return errors.New("disk trouble") })
	o.read(support)
	o.clock.advance(time.Minute)
	check(t, o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}))
	if sent.filed || sent.read {
		t.Error("Microsoft's copy was touched before ours was committed")
	}
}

func TestFilingGoesOnAfterAFailure(t *testing.T) {
	o := setup(t)
	for i := range 25 {
		o.deliver(support, mail(fmt.Sprintf("%d@client", i)))
	}
	o.read(support)
	o.boxes[support].change(func() { o.boxes[support].fileFault = func(string) error { return unavailable(time.Minute) } })
	if err := o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}); problem.As(err) == nil || problem.As(err).RetryAfter != time.Minute {
		t.Errorf("filing while throttled: %v, want to be told to wait", err)
	}
	o.boxes[support].change(func() { o.boxes[support].fileFault = nil })
	check(t, o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}))
	if n := o.unfiled(); n != 0 {
		t.Errorf("%d mails are not filed", n)
	}
}

// People wait for tickets: a large backlog has all of what Microsoft allows.
func TestFilingWaitsWhileManyMailsWaitForTheirDecision(t *testing.T) {
	o := setup(t)
	sent := o.deliver(support, mail("one@client"))
	o.read(support)
	o.update(func(tx email.Tx) error {
		for i := range 100 {
			m := &email.Mail{ConnectionID: o.ids[support], Direction: email.Inbound, State: email.Noticed, MicrosoftID: fmt.Sprint("waiting", i)}
			if _, err := tx.InsertMail(t.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	if err := o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}); err == nil || sent.filed {
		t.Errorf("filing beside a backlog: %v, filed: %t; want it to come again later", err, sent.filed)
	}
	o.clock.advance(10 * time.Minute)
	check(t, o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}))
	if !sent.filed {
		t.Error("the mail is not filed after ten minutes")
	}
}

func TestMailThatCannotBeFiledHoldsUpNoOther(t *testing.T) {
	o := setup(t)
	for i := range 25 {
		o.deliver(support, mail(fmt.Sprintf("%d@client", i)))
	}
	o.read(support)
	stubborn := o.boxes[support].mails[0].id
	o.boxes[support].fileFault = func(id string) error {
		if id != stubborn {
			return nil
		}
		return problem.New(problem.Unavailable, "microsoft_refused", "Microsoft refused the request.").On(problem.Microsoft, "")
	}
	err := o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]})
	if err == nil || problem.As(err) != nil {
		t.Errorf("filing ends with %v: it would be given up one day instead of tried again", err)
	}
	if n := o.unfiled(); n != 1 {
		t.Errorf("%d mails are not filed, want only the one that Microsoft refuses", n)
	}
}

// Somebody deletes our folder in Outlook: Microsoft then knows no such place.
func TestFilingWaitsForAFolderThatWasDeleted(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.read(support)
	o.boxes[support].fileFault = func(string) error {
		return problem.New(problem.NotFound, "not_at_microsoft", "It is no longer in the mailbox.").On(problem.Microsoft, "")
	}
	err := o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]})
	if err == nil || problem.As(err) != nil {
		t.Errorf("filing ends with %v: it would end as a failed job at once", err)
	}
}

// unfiled counts the mails that still lie in the Inbox.
func (o *office) unfiled() (n int) {
	for _, m := range o.mails() {
		if m.FiledAt.IsZero() {
			n++
		}
	}
	return n
}

func TestAgentsReadOnlyMailsOfTickets(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.deliver(support, "garbage")
	for range 3 {
		o.read(support)
		o.clock.advance(time.Minute)
	}
	o.expect("ticketed quarantined")
	agent := access.Actor{UserID: 1, Role: directory.Agent}
	mails := o.mails()
	source, err := o.ledger.Source(t.Context(), agent, mails[0].ID)
	check(t, err)
	raw, err := io.ReadAll(source)
	check(t, errors.Join(err, source.Close()))
	if !bytes.Contains(raw, []byte("Body of one@client")) {
		t.Errorf("the source is %q", raw)
	}
	headers, text, err := o.ledger.Preview(t.Context(), agent, mails[0].ID)
	check(t, err)
	if len(headers) < 5 || !strings.Contains(text, "Body of one@client") {
		t.Errorf("the preview is %v %q", headers, text)
	}
	if _, err := o.ledger.Source(t.Context(), agent, mails[1].ID); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("an agent read a mail of no ticket: %v", err)
	}
	if _, err := o.ledger.List(t.Context(), agent, email.MailFilter{}); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("an agent listed the ledger: %v", err)
	}
}

func TestStoppedInTheMiddleGoesOnAfterwards(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support)
	for i := range 20 {
		o.deliver(support, mail(fmt.Sprintf("%d@client", i)))
	}
	ctx, stop := context.WithCancel(t.Context())
	o.boxes[support].rawFault = func(id string, _ int) error {
		if id == "AAMk0012" {
			stop()
		}
		return nil
	}
	if _, err := o.watches[support].RunOnce(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the stopped pass says %v", err)
	}
	o.read(support)
	if n := len(o.tickets()); n != 20 {
		t.Errorf("%d tickets, want 20", n)
	}
}

func TestTryingAgainNeedsAConnection(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client", "From: "))
	o.read(support)
	o.expect("quarantined")
	set := func(state email.ConnectionState) {
		c := o.connection(support)
		c.State = state
		o.update(func(tx email.Tx) error { return tx.UpdateConnection(t.Context(), c) })
	}
	set(email.Disconnected)
	if _, err := o.ledger.Retry(t.Context(), access.System(), o.only().ID); problem.KindOf(err) != problem.Conflict {
		t.Errorf("trying again while nobody reads the mailbox: %v, want a conflict", err)
	}
	o.expect("quarantined") // and can still become a ticket
	set(email.Connected)
	if _, err := o.ledger.Retry(t.Context(), access.System(), o.only().ID); err != nil {
		t.Error(err)
	}
	o.expect("noticed")
}

// The retry comes while a pass is under way that has had the mail already.
func TestTryingAgainDoesNotWaitForTheNextPolling(t *testing.T) {
	o := setup(t)
	o.clock.advance(time.Since(o.clock.Now())) // the ledger goes by the real clock
	o.deliver(support, mail("one@client", "From: "))
	o.read(support)
	slow := o.deliver(support, mail("two@client"))
	o.boxes[support].rawFault = func(id string, _ int) error {
		if id == slow.id {
			_, err := o.ledger.Retry(t.Context(), access.System(), o.mails()[0].ID)
			check(t, err)
		}
		return nil
	}
	if next := o.read(support); next.Sub(o.clock.Now()) > time.Second {
		t.Errorf("the mailbox is read again at %v, want at once", next)
	}
}
