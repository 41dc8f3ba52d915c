package email_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/job"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

// suspended delivers a mail and returns its row, which must be suspended.
func (o *office) suspended(raw string) *email.Mail {
	o.t.Helper()
	o.deliver(support, raw)
	o.read(support)
	mails := o.mails()
	m := mails[len(mails)-1]
	if m.State != email.Suspended {
		o.t.Fatalf("the mail is %s, want suspended", m.State)
	}
	return m
}

func (o *office) agent() access.Actor {
	o.t.Helper()
	u := o.addUser("agent1@contoso.example", directory.Agent)
	return access.Actor{UserID: u.ID, Name: "Ana Agent", Role: directory.Agent}
}

const noreply = "From: Shop <noreply@shop.example>"

func TestRecoverMakesTheTicketAndTrustsTheSender(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support)
		m, by := o.suspended(mail("x", noreply, "Cc: bob@client.example")), o.agent()
		done, err := o.queue.Recover(t.Context(), by, m.ID, email.Recovery{Trust: true})
		check(t, err)
		ticket, comments := o.ticket(done.Ticket.ID)
		if u := o.user(ticket.RequesterID); u.Email != "noreply@shop.example" || ticket.Subject != "Printer on fire" || len(ticket.CCs) != 1 {
			t.Errorf("the ticket is %+v of %s", ticket, u.Email)
		}
		if len(comments) != 1 || !comments[0].Public || comments[0].MailID != int64(m.ID) {
			t.Errorf("the comments are %+v", comments)
		}
		row := o.only()
		if row.State != email.Ticketed || row.Cause != email.CauseNoReply || !hasFact(row, "recovered_by") || !hasFact(row, "suspended_for") {
			t.Errorf("the ledger says %s with %v", row.State, row.Evidence)
		}
		if done.Trusted == nil || done.Trusted.Pattern != "noreply@shop.example" {
			t.Fatalf("trusted is %+v, want the sender", done.Trusted)
		}
		o.deliver(support, mail("y", noreply))
		o.read(support)
		o.expect("ticketed ticketed")

		check(t, o.queue.RemoveSender(t.Context(), by, done.Trusted.ID)) // undone by who did it
		o.suspended(mail("z", noreply))
	})
}

func TestRecoveringTwiceIsRefused(t *testing.T) {
	o := setup(t)
	m := o.suspended(mail("x", noreply))
	_, err := o.queue.Recover(t.Context(), access.System(), m.ID, email.Recovery{})
	check(t, err)
	if _, err := o.queue.Recover(t.Context(), access.System(), m.ID, email.Recovery{}); problem.KindOf(err) != problem.NotFound {
		t.Errorf("the second recovery: %v", err)
	}
	if n := len(o.tickets()); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
}

func TestRecoveredMailJoinsItsThread(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("question@client"))
	m := o.suspended(mail("x", forgedField, "References: <question@client>"))
	done, err := o.queue.Recover(t.Context(), access.System(), m.ID, email.Recovery{Trust: true})
	check(t, err)
	o.expect("ticketed commented")
	_, comments := o.ticket(done.Ticket.ID)
	if len(comments) != 2 || !comments[1].Public || comments[1].Facts.Authentication != "fail" {
		t.Errorf("the comments are %+v, want the requester's answer with the failure noted", comments)
	}
	if done.Trusted != nil {
		t.Errorf("a mail whose sender is in doubt taught to trust %s", done.Trusted.Pattern)
	}
}

func TestRecoverEdited(t *testing.T) {
	o := setup(t)
	m := o.suspended(mail("x", noreply))
	done, err := o.queue.Recover(t.Context(), access.System(), m.ID, email.Recovery{
		Subject: "Order 4711", Text: "Carla asks for her order.", Requester: email.Party{Name: "Carla", Email: "carla@client.example"}, Trust: true,
	})
	check(t, err)
	ticket, comments := o.ticket(done.Ticket.ID)
	if u := o.user(ticket.RequesterID); u.Email != "carla@client.example" || ticket.Subject != "Order 4711" || comments[0].Text != "Carla asks for her order." || comments[0].HTML != "" {
		t.Errorf("the ticket is %q of %s with %+v", ticket.Subject, u.Email, comments[0])
	}
	row := o.only()
	if row.Subject != "Printer on fire" || row.From.Email != "noreply@shop.example" || !hasFact(row, "edited") {
		t.Errorf("the ledger says %q from %s with %v, want what came", row.Subject, row.From.Email, row.Evidence)
	}
	if done.Trusted == nil || done.Trusted.Pattern != "noreply@shop.example" {
		t.Errorf("trusted is %+v, want who sent it", done.Trusted)
	}
}

func TestRecoverAsCommentOfATicket(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("question@client"))
	o.read(support)
	id := o.only().TicketID
	o.setStatus(id, desk.Pending)
	m := o.suspended(mail("x", "From: Shop <noreply@shop.example>"))
	away := o.suspended(mail("away", "Auto-Submitted: auto-replied"))
	for _, each := range []*email.Mail{m, away} {
		done, err := o.queue.Recover(t.Context(), access.System(), each.ID, email.Recovery{Ticket: id})
		check(t, err)
		if done.Ticket.ID != id {
			t.Errorf("it went to ticket %d", done.Ticket.ID)
		}
	}
	ticket, comments := o.ticket(id)
	if len(comments) != 3 || !comments[1].Public || comments[2].Public || ticket.Status != desk.Open {
		t.Errorf("the ticket is %s with %+v", ticket.Status, comments)
	}
}

func TestAutomaticAnswerToACommentThatIsPutThereByHandReopensNothing(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("question@client"))
	o.read(support)
	id := o.only().TicketID
	o.setStatus(id, desk.Solved)
	m := o.suspended(mail("away", "Auto-Submitted: auto-replied"))
	_, err := o.queue.Recover(t.Context(), access.System(), m.ID, email.Recovery{Ticket: id})
	check(t, err)
	if ticket, _ := o.ticket(id); ticket.Status != desk.Solved {
		t.Errorf("the ticket is %s", ticket.Status)
	}
}

func TestRecoveredMailsDoNotCountAgainstTheirSender(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.HourlyLimit = 1 })
	o.deliver(support, mail("1@client"))
	m := o.suspended(mail("2@client"))
	_, err := o.queue.Recover(t.Context(), access.System(), m.ID, email.Recovery{})
	check(t, err)
	o.clock.advance(time.Hour)
	o.deliver(support, mail("3@client"))
	o.read(support)
	o.expect("ticketed ticketed ticketed")
}

func TestDeletedMailLeavesNothingOfWhatItSaid(t *testing.T) {
	o := setup(t)
	raw := mail("x", noreply, "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b"`) + "--b\n\nsecret words\n--b\nContent-Type: application/pdf; name=secret.pdf\n\nPDF\n--b--\n"
	m := o.suspended(raw)
	var fileKey string
	check(t, o.queue.Files(t.Context(), access.System(), m.ID, func(name, _ string, content io.Reader) (err error) {
		fileKey, _, err = o.blobs.Put(t.Context(), content)
		return err
	}))
	n, err := o.queue.Delete(t.Context(), access.System(), []email.MailID{m.ID, m.ID})
	check(t, err)
	if n != 1 {
		t.Errorf("%d deleted, want 1", n)
	}
	row := o.only()
	if row.State != email.Deleted || row.Subject+row.From.Email+row.Excerpt+row.Blob != "" || len(row.To) != 0 || !hasFact(row, "deleted_by") {
		t.Errorf("the row still says %+v", row)
	}
	o.removeContent(m.Blob)
	for what, key := range map[string]string{"the raw mail": m.Blob, "its file": fileKey} {
		if !o.discarded(key) {
			t.Errorf("%s is not let go", what)
		}
	}
	o.boxes[support].change(func() { o.boxes[support].epoch++ })
	o.read(support)
	o.expect("deleted") // its copy in the mailbox does not come in again
}

func TestCopiesOfDeletedMailAreEmptiedToo(t *testing.T) {
	o := setup(t)
	raw := mail("x", noreply, "Subject: secret words")
	m := o.suspended(raw)
	o.deliver(support, raw)
	o.read(support)
	o.expect("suspended duplicate")
	_, err := o.queue.Delete(t.Context(), access.System(), []email.MailID{m.ID})
	check(t, err)
	o.expect("deleted duplicate")
	for _, row := range o.mails() {
		if row.Subject+row.From.Email+row.Excerpt+row.Blob != "" || len(row.To) != 0 {
			t.Errorf("a row still says %+v", row)
		}
	}
	o.removeContent(m.Blob)
	if !o.discarded(m.Blob) {
		t.Error("the raw mail is not let go")
	}
}

func TestContentThatAnotherMailShowsStays(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	raw := mail("x", noreply, "To: "+support+", "+sales)
	m := o.suspended(raw)
	o.deliver(sales, raw)
	o.read(sales)
	_, err := o.queue.Delete(t.Context(), access.System(), []email.MailID{m.ID})
	check(t, err)
	o.removeContent(m.Blob)
	if o.discarded(m.Blob) {
		t.Error("the other mailbox's copy loses its content")
	}
}

// discarded tells whether the bytes have been let go, and nobody else needs them.
func (o *office) discarded(key string) (gone bool) {
	o.t.Helper()
	check(o.t, o.store.View(o.t.Context(), func(tx email.Tx) error {
		keys, err := tx.ListDiscardedBlobs(o.t.Context(), "", 100)
		if err != nil || !slices.Contains(keys, key) {
			return err
		}
		used, err := tx.BlobInUse(o.t.Context(), key)
		gone = !used
		return err
	}))
	return gone
}

// removeContent works the job that deleting a mail has queued.
func (o *office) removeContent(blob string) {
	o.t.Helper()
	check(o.t, store.For[job.StoreTx](o.db).View(o.t.Context(), func(tx job.StoreTx) error {
		jobs, err := tx.ListJobs(o.t.Context(), job.Filter{Kind: email.RemoveContent{}.Kind()})
		if err == nil && (len(jobs) != 1 || !strings.Contains(string(jobs[0].Args), blob)) {
			o.t.Errorf("jobs that remove content: %+v, want one for %s", jobs, blob)
		}
		return err
	}))
	check(o.t, o.queue.Remove(o.t.Context(), email.RemoveContent{Blob: blob}))
}

func TestSuspendedMailIsDeletedAfterItsTime(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.RetentionDays = 30 })
	o.suspended(mail("old", noreply))
	o.clock.advance(29 * 24 * time.Hour)
	o.suspended(mail("new", noreply))
	check(t, o.queue.Expire(t.Context()))
	o.expect("suspended suspended")
	o.clock.advance(2 * 24 * time.Hour)
	check(t, o.queue.Expire(t.Context()))
	o.expect("deleted suspended")
	if m := o.mails()[0]; !hasFact(m, "kept_for_days") || m.Subject != "" {
		t.Errorf("the ledger says %+v", m)
	}
}

func TestExportIsSafeForSpreadsheets(t *testing.T) {
	o := setup(t)
	for i := range 3 {
		o.suspended(mail(fmt.Sprint(i), "From: =cmd() <noreply@shop.example>", `Subject: =HYPERLINK("http://evil.example","click")`))
	}
	var out bytes.Buffer
	check(t, o.queue.Export(t.Context(), access.System(), email.SuspendedFilter{}, &out))
	lines, err := csv.NewReader(&out).ReadAll()
	check(t, err)
	if len(lines) != 4 {
		t.Fatalf("%d lines, want a heading and 3", len(lines))
	}
	for _, line := range lines[1:] {
		for _, cell := range line {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("the cell %q is a formula", cell)
			}
		}
		if line[2] != "27" || line[3] != "from_noreply" {
			t.Errorf("the cause is %s %s", line[2], line[3])
		}
	}
}

func TestQueueIsFilteredAndPaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support)
		for i := range 3 {
			o.suspended(mail(fmt.Sprint(i), noreply))
		}
		o.suspended(mail("news", "Precedence: bulk", "Subject: Offers"))
		count := func(f email.SuspendedFilter) int {
			mails, err := o.queue.List(t.Context(), access.System(), f)
			check(t, err)
			return len(mails)
		}
		if n := count(email.SuspendedFilter{Causes: []email.Cause{email.CauseBulk}}); n != 1 {
			t.Errorf("%d newsletters, want 1", n)
		}
		if n := count(email.SuspendedFilter{Search: "offers"}); n != 1 {
			t.Errorf("%d found, want 1", n)
		}
		first, err := o.queue.List(t.Context(), access.System(), email.SuspendedFilter{Part: directory.Part{Limit: 3}})
		check(t, err)
		if n := count(email.SuspendedFilter{Part: directory.Part{After: directory.NumberPlace(first[2].ID)}}); n != 1 || first[0].Excerpt == "" {
			t.Errorf("%d behind the third, want 1; the first says %q", n, first[0].Excerpt)
		}
	})
}

func TestWhoMayDoWhatWithSuspendedMail(t *testing.T) {
	o := setup(t)
	agent := o.agent()
	requester := access.Actor{UserID: 99, Role: directory.EndUser}
	m := o.suspended(mail("x", noreply))
	ctx := t.Context()
	for name, test := range map[string]struct {
		agents bool
		do     func(access.Actor) error
	}{
		"list":    {true, func(by access.Actor) error { _, err := o.queue.List(ctx, by, email.SuspendedFilter{}); return err }},
		"show":    {true, func(by access.Actor) error { _, err := o.queue.Get(ctx, by, m.ID); return err }},
		"preview": {true, func(by access.Actor) error { _, _, err := o.queue.Preview(ctx, by, m.ID); return err }},
		"export":  {true, func(by access.Actor) error { return o.queue.Export(ctx, by, email.SuspendedFilter{}, io.Discard) }},
		"policy":  {true, func(by access.Actor) error { _, err := o.queue.Policy(ctx, by); return err }},
		"recover": {true, func(by access.Actor) error {
			_, err := o.queue.Recover(ctx, by, 4711, email.Recovery{})
			if problem.KindOf(err) == problem.NotFound {
				return nil
			}
			return err
		}},
		"change policy": {false, func(by access.Actor) error {
			_, err := o.queue.ChangePolicy(ctx, by, func(*email.Policy) {})
			return err
		}},
		"add sender": {false, func(by access.Actor) error {
			_, err := o.queue.AddSender(ctx, by, email.BlockList, "x.example")
			return err
		}},
		"delete": {false, func(by access.Actor) error { _, err := o.queue.Delete(ctx, by, nil); return err }},
	} {
		for _, who := range []struct {
			by  access.Actor
			may bool
		}{{access.System(), true}, {agent, test.agents}, {requester, false}} {
			err := test.do(who.by)
			if forbidden := problem.KindOf(err) == problem.Forbidden; forbidden == who.may || who.may && err != nil {
				t.Errorf("%s as %s: %v", name, who.by.Role, err)
			}
		}
	}
	rule, err := o.queue.AddSender(ctx, access.System(), email.AllowList, "y.example")
	check(t, err)
	if err := o.queue.RemoveSender(ctx, agent, rule.ID); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("an agent removed an administrator's entry: %v", err)
	}
}

func TestDigestReachesEachAdministratorOnceInTheirMorning(t *testing.T) {
	o := setup(t)
	for zone, name := range map[string]string{"Asia/Tokyo": "tokyo@contoso.example", "America/Sao_Paulo": "sao@contoso.example"} {
		u := o.addUser(name, directory.Admin)
		u.TimeZone, u.Locale = zone, "ja"
		o.update(func(tx email.Tx) error { return tx.UpdateUser(t.Context(), u) })
	}
	o.suspended(mail("x", noreply))
	var reached []string
	for range 30 {
		check(t, o.queue.SendDigest(t.Context(), "https://desk.contoso.example"))
		check(t, o.queue.SendDigest(t.Context(), "https://desk.contoso.example")) // asked for twice in the hour
		o.clock.advance(time.Hour)
	}
	for _, m := range o.mails() {
		if m.Direction == email.Outbound {
			reached = append(reached, m.To[0].Email)
			if m.Subject != "一時停止中のメール: 1 件" {
				t.Errorf("the subject is %q", m.Subject)
			}
		}
	}
	if strings.Join(reached, " ") != "sao@contoso.example tokyo@contoso.example" {
		t.Errorf("digests went to %v, want each once: nothing new came on the second day", reached)
	}
}

func TestParsePattern(t *testing.T) {
	for text, want := range map[string]string{
		" Ana@Client.Example ": "ana@client.example", "client.example": "client.example", "@client.example": "client.example",
		"*.client.example": "client.example", "": "", "client": "", "a b@client.example": "", "ana@": "", "..": "", "a@b@c.example": "", "*@client.example": "*@client.example",
	} {
		if got, err := email.ParsePattern(text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
}
