package email_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/access"
	"tandem/desk"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

const forgedField = "Authentication-Results: spf=fail smtp.mailfrom=client.example; dkim=fail header.d=client.example; dmarc=fail action=oreject header.from=client.example"

// bounceOf is a report on the mail with the Message-ID.
func bounceOf(id, mark, recipient, status string) string {
	return mail("bounce-"+id, "From: postmaster@client.example", "Subject: Undeliverable: hello", "Return-Path: <>",
		"MIME-Version: 1.0", "Content-Type: multipart/report; report-type=delivery-status; boundary=b") +
		"\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail\n\nFinal-Recipient: rfc822; " + recipient +
		"\nAction: failed\nStatus: " + status + "\nDiagnostic-Code: smtp; 550 " + status + " no\n" +
		"\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + id + ">\n" + mark + "\n--b--\n"
}

// TestCauses delivers one mail each to an address that has one ticket, of Ana,
// and tells why it is suspended; empty: it is not.
func TestCauses(t *testing.T) {
	automatic := "Auto-Submitted: auto-replied"
	answer := "References: <question@client>"
	for _, test := range []struct {
		name  string
		raw   string
		cause email.Cause
	}{
		{"a person", mail("x"), ""},
		{"forged", mail("x", forgedField), email.CauseForged},
		{"forged, on a ticket", mail("x", forgedField, answer), email.CauseForged},
		{"forged, but the sender adds a better verdict below", mail("x", forgedField, "Authentication-Results: mx.contoso.example; dmarc=pass"), email.CauseForged},
		{"authenticated", mail("x", "Authentication-Results: mx; dmarc=pass header.from=client.example"), ""},
		{"blocked address", mail("x", "From: eve@blocked.example"), email.CauseBlocked},
		{"blocked domain above", mail("x", "From: eve@mail.spam.example"), email.CauseBlocked},
		{"blocked domain, allowed address", mail("x", "From: good@spam.example"), ""},
		{"an allowed sender may still be forged", mail("x", "From: good@spam.example", forgedField), email.CauseForged},
		{"from ourselves", mail("x", "From: "+support), email.CauseOwnAddress},
		{"from our form", mail("x", "From: "+support, "Reply-To: bob@client.example"), ""},
		{"postmaster", mail("x", "From: postmaster@client.example"), email.CauseMailSystem},
		{"no-reply", mail("x", "From: No.Reply@shop.example"), email.CauseNoReply},
		{"allowed no-reply", mail("x", "From: no-reply@partner.example"), ""},
		{"naoresponda", mail("x", "From: naoresponda@loja.example"), email.CauseNoReply},
		{"out of office without a ticket", mail("x", automatic), email.CauseAutoReply},
		{"out of office on a ticket", mail("x", automatic, answer), ""},
		{"an allowed sender's out of office opens nothing", mail("x", automatic, "From: ana@partner.example"), email.CauseAutoReply},
		{"monitoring", mail("x", "Auto-Submitted: auto-generated"), email.CauseAutomatic},
		{"allowed monitoring", mail("x", "Auto-Submitted: auto-generated", "From: nagios@partner.example"), ""},
		{"newsletter", mail("x", "List-Unsubscribe: <mailto:u@news.example>"), email.CauseBulk},
		{"a group that passes on to us", mail("x", "List-Id: <info.client.example>", "List-Post: <mailto:info@client.example>"), ""},
		{"to the whole company", mail("x", "Cc: "+people(60)), email.CauseManyReceived},
		{"to the whole company, on a ticket", mail("x", "Cc: "+people(60), answer), ""},
		{"nothing at all", "From: ana@client.example\nTo: " + support + "\nMessage-ID: <x>\n\n \n", email.CauseBlank},
		{"only a subject", "From: ana@client.example\nTo: " + support + "\nSubject: Please call me\nMessage-ID: <x>\n\n", ""},
		{"an empty answer", "From: ana@client.example\nSubject: Re: Printer on fire\nReferences: <question@client>\nMessage-ID: <x>\n\n", email.CauseBlank},
		{"bounce of a mail that is not ours", bounceOf("unknown@elsewhere", "", "bob@client.example", "5.1.1"), email.CauseReport},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := setup(t)
			o.list(email.BlockList, "eve@blocked.example", "spam.example")
			o.list(email.AllowList, "good@spam.example", "partner.example")
			o.deliver(support, mail("question@client"))
			o.deliver(support, test.raw)
			o.read(support)
			m := o.mails()[1]
			if m.Cause != test.cause || (m.State == email.Suspended) != (test.cause != "") {
				t.Fatalf("%s because of %q, want %q; evidence %v", m.State, m.Cause, test.cause, m.Evidence)
			}
			if test.cause == "" {
				return
			}
			if m.TicketID != 0 || m.CommentID != 0 {
				t.Errorf("it is at ticket %d all the same", m.TicketID)
			}
			check(t, o.filer.Work(t.Context(), email.FileMail{Connection: o.ids[support]}))
			if !o.boxes[support].mails[1].filed {
				t.Error("its copy at Microsoft is not filed")
			}
		})
	}
}

// people are n addresses of strangers.
func people(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("person%d@client.example", i))
	}
	return strings.Join(list, ", ")
}

// list puts senders on a list.
func (o *office) list(list email.SenderList, patterns ...string) {
	o.t.Helper()
	for _, p := range patterns {
		_, err := o.queue.AddSender(o.t.Context(), access.System(), list, p)
		check(o.t, err)
	}
}

func TestPolicyAcceptsWhatAnAdministratorWants(t *testing.T) {
	for name, test := range map[string]struct {
		raw    string
		change func(*email.Policy)
	}{
		"no-reply":   {mail("x", "From: noreply@shop.example"), func(p *email.Policy) { p.NoReply = email.Accept }},
		"monitoring": {mail("x", "Auto-Submitted: auto-generated"), func(p *email.Policy) { p.Automatic = email.Accept }},
		"newsletter": {mail("x", "Precedence: bulk"), func(p *email.Policy) { p.Bulk = email.AcceptBulk }},
		"forged":     {mail("x", forgedField), func(p *email.Policy) { p.Forged = email.Accept }},
		"recipients": {mail("x", "Cc: "+people(60)), func(p *email.Policy) { p.MaxRecipients = 60 + 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			o := setup(t)
			o.policy(test.change)
			o.deliver(support, test.raw)
			o.read(support)
			o.expect("ticketed")
		})
	}
}

func TestForgedMailThatIsAcceptedNeverCountsAsTheAgent(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.Forged = email.Accept })
	o.addUser("agent1@contoso.example", "agent")
	o.deliver(support, mail("question@client"))
	o.deliver(support, mail("x", "From: agent1@contoso.example", "References: <question@client>", strings.ReplaceAll(forgedField, "client.example", "contoso.example")))
	o.read(support)
	o.expect("ticketed flagged")
	_, comments := o.ticket(o.mails()[0].TicketID)
	if c := comments[1]; c.Public || c.Facts.Authentication != "fail" {
		t.Errorf("the forged mail is %+v with %+v, want a note that says that authentication failed", c, c.Facts)
	}
}

func TestOutOfOfficeNeverReopens(t *testing.T) {
	for _, status := range []desk.Status{desk.Pending, desk.Solved} {
		o := setup(t)
		o.deliver(support, mail("question@client"))
		o.read(support)
		id := o.mails()[0].TicketID
		o.setStatus(id, status)
		o.deliver(support, mail("away@client", "References: <question@client>", "Auto-Submitted: auto-replied"))
		o.deliver(support, mail("away@colleague", "From: bob@client.example", "References: <question@client>", "Subject: Automatic reply: Printer"))
		o.read(support)
		o.expect("ticketed commented commented")
		ticket, comments := o.ticket(id)
		if ticket.Status != status {
			t.Errorf("the out-of-office notice made a %s ticket %s", status, ticket.Status)
		}
		if len(comments) != 3 || comments[1].Public || comments[2].Public || comments[1].Flag != "" || !comments[1].Facts.Automatic {
			t.Errorf("the notices are %+v", comments[1:])
		}
	}
}

func TestOutOfOfficeOnAClosedTicketIsSuspended(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("question@client"))
	o.read(support)
	o.setStatus(o.mails()[0].TicketID, desk.Solved)
	o.setStatus(o.mails()[0].TicketID, desk.Closed)
	o.deliver(support, mail("away@client", "References: <question@client>", "Auto-Submitted: auto-replied"))
	o.read(support)
	o.expect("ticketed suspended")
}

func TestMoreThanTheLimitIsSuspendedAndNothingDropped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support, sales)
		o.policy(func(p *email.Policy) { p.HourlyLimit = 4 })
		for i := range 3 {
			o.deliver(support, mail(fmt.Sprintf("a%d@client", i)))
			o.deliver(sales, mail(fmt.Sprintf("b%d@client", i), "To: "+sales))
			o.read(support)
			o.read(sales)
		}
		o.expect("ticketed ticketed ticketed ticketed suspended suspended")
		if m := o.mails()[5]; m.Cause != email.CauseLoop || !hasFact(m, "taken_this_hour") {
			t.Errorf("suspended because of %s with %v", m.Cause, m.Evidence)
		}
		o.deliver(support, mail("other@client", "From: bob@client.example"))
		o.read(support)
		o.clock.advance(time.Hour)
		o.deliver(support, mail("later@client"))
		o.read(support)
		o.expect("ticketed ticketed ticketed ticketed suspended suspended ticketed ticketed")
	})
}

func TestOneMailAtTwoAddressesCountsOnce(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	o.policy(func(p *email.Policy) { p.HourlyLimit = 1 })
	for _, address := range []string{support, sales} {
		o.deliver(address, mail("one@client", "To: "+support+", "+sales))
		o.read(address)
	}
	o.expect("ticketed ticketed")
}

func TestLimitGoesByWhenMailsArrived(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.HourlyLimit = 2 })
	for i := range 5 { // and are read all at once, after an outage
		o.deliver(support, mail(fmt.Sprintf("%d@client", i)))
		o.clock.advance(40 * time.Minute)
	}
	o.read(support)
	o.expect("ticketed ticketed ticketed ticketed ticketed")
}

func TestExcludedSendersHaveNoLimit(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.HourlyLimit = 1 })
	o.list(email.UnlimitedList, "client.example")
	o.deliver(support, mail("1@client"))
	o.deliver(support, mail("2@client"))
	o.read(support)
	o.expect("ticketed ticketed")
}

func TestFurtherCopyOfSuspendedMailIsADuplicate(t *testing.T) {
	o := setup(t)
	for range 2 {
		o.deliver(support, mail("x", "From: noreply@shop.example"))
	}
	o.read(support)
	o.expect("suspended duplicate")
}

// TestNoMailIsLostWhateverTheSettings delivers any mixture of mails under any
// policy: each is in the ledger once, and where the ledger says.
func TestNoMailIsLostWhateverTheSettings(t *testing.T) {
	kinds := []string{
		"", "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated", "Precedence: bulk", "List-Id: <l.example>", forgedField,
		"From: noreply@shop.example", "From: postmaster@client.example", "From: " + support, "From: ", "References: <m0@client>",
		"From: eve@blocked.example", "Cc: " + people(12), "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
	}
	treatment := rapid.SampledFrom([]email.Treatment{email.Suspend, email.Accept})
	rapid.Check(t, func(rt *rapid.T) {
		o := setup(t)
		o.list(email.BlockList, "blocked.example")
		if rapid.Bool().Draw(rt, "allow") {
			o.list(email.AllowList, "client.example", "shop.example")
		}
		o.policy(func(p *email.Policy) {
			p.Forged, p.NoReply, p.Automatic = treatment.Draw(rt, "forged"), treatment.Draw(rt, "noreply"), treatment.Draw(rt, "automatic")
			p.Bulk = rapid.SampledFrom([]email.BulkTreatment{email.SuspendNewsletters, email.SuspendAllBulk, email.AcceptBulk}).Draw(rt, "bulk")
			p.HourlyLimit, p.MaxRecipients = rapid.IntRange(0, 4).Draw(rt, "limit"), rapid.IntRange(0, 13).Draw(rt, "recipients")
		})
		n := rapid.IntRange(1, 12).Draw(rt, "mails")
		for i := range n {
			fields := rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 0, 3, rapid.ID).Draw(rt, "fields")
			fields = slices.DeleteFunc(fields, func(f string) bool { return f == "" })
			o.deliver(support, mail(fmt.Sprintf("m%d@client", i), onceEach(fields)...))
		}
		o.read(support)
		mails := o.mails()
		if len(mails) != n {
			rt.Fatalf("%d mails in the ledger, %d were delivered", len(mails), n)
		}
		comments := 0
		for _, ticket := range o.tickets() {
			_, said := o.ticket(ticket.ID)
			comments += len(said)
		}
		for _, m := range mails {
			switch m.State {
			case email.Ticketed, email.Commented, email.Flagged:
				comments--
			case email.Suspended:
				if m.Cause == "" || m.TicketID != 0 {
					rt.Fatalf("suspended because of %q at ticket %d", m.Cause, m.TicketID)
				}
			case email.Duplicate, email.Ours, email.Reported, email.Quarantined:
			default:
				rt.Fatalf("mail %s is %s", m.MessageID, m.State)
			}
		}
		if comments != 0 {
			rt.Fatalf("%d comments more than mails that became one", comments)
		}
	})
}

// onceEach keeps the first field of each name.
func onceEach(fields []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, f := range fields {
		name, _, _ := strings.Cut(f, ":")
		if !seen[name] {
			kept = append(kept, f)
		}
		seen[name] = true
	}
	return kept
}
