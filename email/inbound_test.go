package email_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

func TestMailBecomesTicket(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support)
		sent := o.deliver(support, mail("one@client", "Cc: Bob <BOB@client.example>, "+support, "To: carol@client.example"))
		o.read(support)

		m := o.only()
		if m.State != email.Ticketed || m.Rule != "new_ticket" || m.MessageID != "one@client" || m.MicrosoftID != sent.id {
			t.Errorf("the ledger says %s by %s for %s", m.State, m.Rule, m.MessageID)
		}
		for name, at := range map[string]time.Time{
			"received": m.ReceivedAt, "noticed": m.NoticedAt, "fetched": m.FetchedAt, "stored": m.StoredAt, "decided": m.DecidedAt,
		} {
			if at.IsZero() {
				t.Errorf("the journey does not tell when the mail was %s", name)
			}
		}
		ticket, comments := o.ticket(m.TicketID)
		requester := o.user(ticket.RequesterID)
		if ticket.Subject != "Printer on fire" || ticket.Recipient != support || ticket.Via != desk.ByEmail || ticket.Status != desk.New {
			t.Errorf("the ticket is %+v", ticket)
		}
		if requester.Name != "Ana Lima" || requester.Email != "ana@client.example" || requester.Role != directory.EndUser {
			t.Errorf("the requester is %+v", requester)
		}
		if len(ticket.CCs) != 2 || o.user(ticket.CCs[0]).Email != "carol@client.example" || o.user(ticket.CCs[1]).Email != "bob@client.example" {
			t.Errorf("in copy are %v", ticket.CCs)
		}
		if len(comments) != 1 || !comments[0].Public || strings.TrimSpace(comments[0].Text) != "Body of one@client." || comments[0].MailID != int64(m.ID) {
			t.Errorf("the comments are %+v", comments)
		}
		if c := o.connection(support); !c.LastMailAt.Equal(sent.received) || c.SyncedAt.IsZero() || c.ReconciledAt.IsZero() || c.ReconcileFound != 0 {
			t.Errorf("the connection says %+v", c)
		}
	})
}

func TestSameMailThreeTimesIsOneTicket(t *testing.T) {
	o := setup(t)
	for range 3 {
		o.deliver(support, mail("one@client"))
	}
	o.read(support)
	o.expect("ticketed duplicate duplicate")
	mails := o.mails()
	if mails[2].Original != mails[0].ID || mails[2].TicketID != mails[0].TicketID {
		t.Errorf("the duplicate does not name its original")
	}
	if n := len(o.tickets()); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
}

func TestMailWithoutMessageIDIsToldApartByItsBytes(t *testing.T) {
	o := setup(t)
	const raw = "From: ana@client.example\nSubject: Hello\n\nText %s\n"
	o.deliver(support, strings.ReplaceAll(raw, "%s", "one"))
	o.deliver(support, strings.ReplaceAll(raw, "%s", "one"))
	o.deliver(support, strings.ReplaceAll(raw, "%s", "two"))
	o.read(support)
	o.expect("ticketed duplicate ticketed")
}

func TestSameMailAtTwoAddressesMakesLinkedTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support, sales)
		for _, address := range []string{support, sales} {
			o.deliver(address, mail("one@client", "To: "+support+", "+sales))
			o.read(address)
		}
		tickets := o.tickets()
		if len(tickets) != 2 || tickets[0].Recipient == tickets[1].Recipient {
			t.Fatalf("tickets %+v, want one for each address", tickets)
		}
		first, _ := o.ticket(tickets[0].ID)
		second, _ := o.ticket(tickets[1].ID)
		if len(first.Siblings) != 1 || first.Siblings[0] != second.ID || len(second.Siblings) != 1 || second.Siblings[0] != first.ID {
			t.Errorf("the tickets do not know of each other: %v and %v", first.Siblings, second.Siblings)
		}
	})
}

func TestReplyToTicketOfTwoAddressesStaysWithEach(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	both := "To: " + support + ", " + sales
	for _, address := range []string{support, sales} {
		o.deliver(address, mail("one@client", both))
		o.deliver(address, mail("two@client", both, "In-Reply-To: <one@client>"))
		o.read(address)
	}
	o.expect("ticketed commented ticketed commented")
	mails := o.mails()
	if mails[0].TicketID != mails[1].TicketID || mails[2].TicketID != mails[3].TicketID || mails[0].TicketID == mails[2].TicketID {
		t.Errorf("the mails went to tickets %d %d %d %d", mails[0].TicketID, mails[1].TicketID, mails[2].TicketID, mails[3].TicketID)
	}
}

func TestReplyCopiedToAnotherAddressIsNotSaidTwice(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	o.deliver(support, mail("one@client"))
	o.read(support)
	reply := mail("two@client", "To: "+support, "Cc: "+sales, "References: <one@client>")
	for _, address := range []string{sales, support} {
		o.deliver(address, reply)
		o.read(address)
	}
	o.expect("ticketed ticketed commented")
	mails := o.mails()
	if _, comments := o.ticket(mails[0].TicketID); len(comments) != 2 {
		t.Errorf("the first ticket has %d comments, want 2", len(comments))
	}
	copied, _ := o.ticket(mails[1].TicketID)
	if copied.Recipient != sales || len(copied.Siblings) != 1 || copied.Siblings[0] != mails[0].TicketID {
		t.Errorf("the copy made ticket %+v", copied)
	}
}

func TestReplyReopensSolvedTicket(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.read(support)
	id := o.only().TicketID
	o.setStatus(id, desk.Solved)
	o.deliver(support, mail("two@client", "References: <other@client> <one@client>"))
	o.read(support)
	o.expect("ticketed commented")
	ticket, comments := o.ticket(id)
	if ticket.Status != desk.Open || len(comments) != 2 {
		t.Errorf("the ticket is %s with %d comments", ticket.Status, len(comments))
	}
	if m := o.mails()[1]; m.Rule != "references" || m.CommentID != comments[1].ID {
		t.Errorf("decided by %s as comment %d", m.Rule, m.CommentID)
	}
}

func TestReplyToClosedTicketOpensFollowUp(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.read(support)
	id := o.only().TicketID
	o.setStatus(id, desk.Closed)
	o.deliver(support, mail("two@client", "In-Reply-To: <one@client>", "Subject: Again"))
	o.read(support)
	o.expect("ticketed ticketed")
	m := o.mails()[1]
	ticket, _ := o.ticket(m.TicketID)
	if m.Rule != "follow_up" || ticket.FollowUpOf != id || ticket.Subject != "Again" {
		t.Errorf("by %s: ticket %d follows %d", m.Rule, ticket.ID, ticket.FollowUpOf)
	}
}

func TestSubjectAloneJoinsNothing(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.deliver(support, mail("two@client", "Subject: Re: Printer on fire"))
	o.read(support)
	o.expect("ticketed ticketed")
}

func TestReplyTokenJoinsTicket(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.read(support)
	id := o.only().TicketID
	ticket, _ := o.ticket(id)
	o.deliver(support, mail("two@client", "To: support+ref-"+ticket.ReplyToken+"@contoso.example"))
	o.deliver(support, mail("three@client", "X-Note: none")+"> [ref:"+ticket.ReplyToken+"]\n")
	o.read(support)
	o.expect("ticketed commented commented")
	mails := o.mails()
	if mails[1].Rule != "reply_address" || mails[2].Rule != "reply_token" || mails[1].TicketID != id || mails[2].TicketID != id {
		t.Errorf("decided by %s and %s", mails[1].Rule, mails[2].Rule)
	}
	for _, m := range mails {
		for _, f := range m.Evidence {
			if strings.Contains(f.Value, ticket.ReplyToken) {
				t.Errorf("the ledger gives the token away: %+v", f)
			}
		}
	}
}

func TestStrangersMailWaitsForAnAgentsEye(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.deliver(support, mail("two@evil", "From: eve@evil.example", "References: <one@client>"))
	o.read(support)
	o.expect("ticketed flagged")
	_, comments := o.ticket(o.mails()[0].TicketID)
	if len(comments) != 2 || comments[1].Public || comments[1].Flag != desk.FlagStranger {
		t.Errorf("the stranger's comment is %+v", comments[1])
	}
}

func TestPeopleInCopyAndAgentsMayAdd(t *testing.T) {
	o := setup(t)
	agent := o.addUser("agent1@contoso.example", directory.Agent)
	o.deliver(support, mail("one@client", "Cc: bob@client.example"))
	o.deliver(support, mail("two@client", "From: bob@client.example", "Cc: dan@client.example", "References: <one@client>"))
	o.deliver(support, mail("three@client", "From: dan@client.example", "References: <two@client>"))
	o.deliver(support, mail("four@contoso", "From: "+agent.Email, "References: <one@client>"))
	o.read(support)
	o.expect("ticketed commented commented commented")
	ticket, comments := o.ticket(o.mails()[0].TicketID)
	if len(ticket.CCs) != 2 {
		t.Errorf("in copy are %v, want bob and dan, whom bob took in", ticket.CCs)
	}
	if last := comments[3]; last.AuthorID != agent.ID || !last.Public {
		t.Errorf("the agent's comment is %+v", last)
	}
}

func TestAnswerBeforeItsParentMeetsItInOneTicket(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("two@client", "From: bob@client.example", "To: "+support+", ana@client.example", "References: <one@client>"))
	o.read(support)
	o.deliver(support, mail("one@client", "Cc: bob@client.example"))
	o.read(support)
	o.expect("ticketed commented")
	if m := o.mails()[1]; m.Rule != "answered_first" {
		t.Errorf("decided by %s", m.Rule)
	}
}

func TestTwoStrangersWithTheSameUnknownParentStayApart(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client", "References: <newsletter@contoso>"))
	o.deliver(support, mail("two@other", "From: eve@other.example", "References: <newsletter@contoso>"))
	o.read(support)
	o.expect("ticketed ticketed")
}

func TestOurOwnMailComingBackMakesNothing(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@contoso", "From: "+support, "X-Tandem-Mail: mark"))
	o.read(support)
	o.expect("ours")
	o.deliver(support, mail("two@evil", "From: eve@evil.example", "X-Tandem-Mail: mark"))
	o.read(support)
	o.expect("ours ticketed")
}

func TestFormInOurOwnNameIsTheWritersTicket(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@web", "From: Web form <"+support+">", "Reply-To: Ana <ana@client.example>"))
	o.read(support)
	ticket, _ := o.ticket(o.only().TicketID)
	if u := o.user(ticket.RequesterID); u.Email != "ana@client.example" {
		t.Errorf("the requester is %s", u.Email)
	}
}

func TestAddressesThatOnlyJapanesePhonesHaveCanAsk(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@docomo", "From: a..b.@docomo.ne.jp"))
	o.read(support)
	ticket, _ := o.ticket(o.only().TicketID)
	if u := o.user(ticket.RequesterID); u.Email != "a..b.@docomo.ne.jp" {
		t.Errorf("the requester is %s", u.Email)
	}
}

func TestInlineImageIsShownFromItsAttachment(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client", "MIME-Version: 1.0", `Content-Type: multipart/related; boundary="b"`)+`
--b
Content-Type: text/html

<p>See <img src="cid:logo@x"><script>alert(1)</script></p>
--b
Content-Type: image/png; name="../../logo.png"
Content-ID: <logo@x>
Content-Disposition: inline
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--b--
`)
	o.read(support)
	_, comments := o.ticket(o.only().TicketID)
	c := comments[0]
	if len(c.Attachments) != 1 || !c.Attachments[0].Inline || strings.Contains(c.Attachments[0].FileName, "/") {
		t.Fatalf("attachments %+v", c.Attachments)
	}
	if url := "/attachments/token/" + c.Attachments[0].Secret + "/?inline=1"; !strings.Contains(c.HTML, url) || strings.Contains(c.HTML, "script") {
		t.Errorf("the HTML is %s", c.HTML)
	}
}

func TestMailFromBeforeTheConnectionAndDraftsAreLeftAlone(t *testing.T) {
	o := setup(t)
	o.boxes[support].deliver(o.connection(support).Since.Add(-time.Hour), mail("old@client"))
	o.deliver(support, mail("draft@contoso")).draft = true
	o.deliver(support, mail("new@client"))
	o.read(support)
	if m := o.only(); m.MessageID != "new@client" {
		t.Errorf("taken in was %s", m.MessageID)
	}
	if asked, since := o.boxes[support].since, o.connection(support).Since; !asked.Equal(since) {
		t.Errorf("changes are asked for since %v, want %v: an old Inbox is not to be read through", asked, since)
	}
}

func hasFact(m *email.Mail, name string) bool {
	for _, f := range m.Evidence {
		if f.Name == name {
			return true
		}
	}
	return false
}

func TestAgentsMailReachesOnlyWhomItHasNotReached(t *testing.T) {
	o := setup(t)
	sender := email.NewSender(o.store, o.boxes, o.blobs, o.clock.Now, func() string { return "mark" + o.clock.Now().String() }, slog.New(slog.DiscardHandler))
	o.desk = desk.NewService(store.For[desk.Tx](o.db), o.blobs.Store, desk.Options{Now: o.clock.Now, Outbox: sender})
	o.watches[support] = o.newReader("first").Watch(o.ids[support])
	agent := o.addUser("agent1@contoso.example", directory.Agent)
	o.deliver(support, mail("one@client", "Cc: bob@client.example"))
	o.deliver(support, mail("two@contoso", "From: "+agent.Email, "To: "+support, "Cc: bob@client.example", "References: <one@client>"))
	o.deliver(support, mail("three@contoso", "From: "+agent.Email, "To: ana@client.example, bob@client.example", "Cc: "+support, "References: <one@client>"))
	o.read(support)
	o.expect("ticketed commented commented waiting")
	if out := o.mails()[3]; len(out.To) != 1 || out.To[0].Email != "ana@client.example" || len(out.CC) != 0 {
		t.Errorf("the agent's mail is sent on to %v and %v, want to the requester alone", out.To, out.CC)
	}
}
