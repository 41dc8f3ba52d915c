package email_test

import (
	"strings"
	"testing"

	"tandem/access"
	"tandem/desk"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

func TestAnswersToMergedTicketsComeToTheOneThatGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support)
		for _, id := range []string{"one@client", "two@client", "three@client"} {
			o.deliver(support, mail(id, "From: "+strings.Split(id, "@")[0]+"@client.example"))
		}
		o.read(support)
		mails := o.mails()
		one, two, three := mails[0].TicketID, mails[1].TicketID, mails[2].TicketID
		by := o.agent()
		for _, m := range [][2]desk.TicketID{{one, two}, {two, three}} {
			_, err := o.desk.MergeTickets(t.Context(), by, m[1], desk.TicketMerge{Sources: []desk.TicketID{m[0]}, TargetComment: "Merged."})
			check(t, err)
		}
		token, _ := o.ticket(one)
		o.deliver(support, mail("four@client", "From: one@client.example", "In-Reply-To: <one@client>"))
		o.deliver(support, mail("five@client", "From: two@client.example", "To: support+ref-"+token.ReplyToken+"@contoso.example"))
		o.deliver(support, mail("six@client", "From: eve@elsewhere.example", "In-Reply-To: <one@client>"))
		o.read(support)
		o.expect("ticketed ticketed ticketed commented commented flagged")
		for _, m := range o.mails()[3:] {
			if m.TicketID != three || !hasFact(m, "merged_ticket") {
				t.Errorf("%s came to ticket %d with %v, want %d", m.MessageID, m.TicketID, m.Evidence, three)
			}
		}
	})
}

func TestAnswerToADeletedTicketOpensANewOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support)
		o.deliver(support, mail("one@client"))
		o.read(support)
		first := o.only().TicketID
		token, _ := o.ticket(first)
		check(t, o.desk.Delete(t.Context(), access.System(), first))
		o.deliver(support, mail("two@client", "In-Reply-To: <one@client>"))
		o.deliver(support, mail("three@client", "To: support+ref-"+token.ReplyToken+"@contoso.example"))
		o.read(support)
		o.expect("ticketed ticketed ticketed")
		for _, m := range o.mails()[1:] {
			if m.TicketID == first {
				t.Error("an answer came to the deleted ticket")
			}
		}
	})
}

func TestAnswerThroughAMergeIntoADeletedTicketOpensANewOne(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.deliver(support, mail("two@client"))
	o.read(support)
	source, target := o.mails()[0].TicketID, o.mails()[1].TicketID
	_, err := o.desk.MergeTickets(t.Context(), o.agent(), target, desk.TicketMerge{Sources: []desk.TicketID{source}})
	check(t, err)
	check(t, o.desk.Delete(t.Context(), access.System(), target))
	o.deliver(support, mail("three@client", "In-Reply-To: <one@client>"))
	o.read(support)
	o.expect("ticketed ticketed ticketed")
}

func TestMailOfSuspendedPeopleIsSuspended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support)
		o.deliver(support, mail("one@client"))
		o.deliver(support, mail("two@client"))
		o.read(support)
		by := o.agent()
		check(t, o.desk.MarkAsSpam(t.Context(), by, o.mails()[0].TicketID))
		m := o.suspended(mail("three@client"))
		if m.Cause != email.CauseSuspended {
			t.Errorf("it is suspended because of %s", m.Cause)
		}
		m = o.suspended(mail("four@client", "In-Reply-To: <two@client>"))
		if m.Cause != email.CauseSuspended || m.TicketID != 0 {
			t.Errorf("an answer to an older ticket: %s at %d", m.Cause, m.TicketID)
		}
		_, err := o.queue.Recover(t.Context(), by, m.ID, email.Recovery{})
		check(t, err)
		o.expect("ticketed ticketed suspended commented")
	})
}

func TestLedgerKeepsTheRowOfATicketDeletedForGoodAndNothingElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support)
		o.deliver(support, mail("one@client"))
		o.read(support)
		before := o.only()
		check(t, o.desk.Delete(t.Context(), access.System(), before.TicketID))
		check(t, o.desk.DeleteForGood(t.Context(), access.System(), before.TicketID))
		m := o.only()
		if m.State != email.Deleted || m.Subject != "" || m.From.Email != "" || m.Blob != "" || !hasFact(m, "deleted_with_ticket") || m.TicketID != before.TicketID {
			t.Errorf("the row says %+v", m)
		}
		o.removeContent(before.Blob)
		o.read(support)
		o.expect("deleted") // its copy in the mailbox does not come in again
	})
}
