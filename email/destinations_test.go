package email_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/access"
	"tandem/desk"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

// destination sets the organisation's policy, and gives the addresses rising priorities.
func (o *office) destination(d email.Destination, rising ...string) {
	o.t.Helper()
	o.update(func(tx email.Tx) error {
		for i, address := range rising {
			a, err := tx.FindSupportAddress(o.t.Context(), address)
			if err != nil {
				return err
			}
			a.Priority = i
			if err := tx.UpdateSupportAddress(o.t.Context(), a); err != nil {
				return err
			}
		}
		return tx.SetDestinationPolicy(o.t.Context(), d)
	})
}

func (o *office) tendHandedOver() {
	o.t.Helper()
	check(o.t, o.reader.TendHandedOver(o.t.Context()))
}

func TestFirstAddressTakesAMailToTwo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support, sales)
		o.destination(email.FirstAddress)
		raw := mail("both@client", "To: "+sales+", "+support)
		o.deliver(support, raw)
		o.deliver(sales, raw)
		o.read(support) // which is asked first, and is not the first
		o.read(sales)
		o.tendHandedOver()
		if all := o.tickets(); len(all) != 1 || all[0].Recipient != sales {
			t.Fatalf("tickets %v, want one of %s", all, sales)
		}
		for _, m := range o.mails() {
			if m.TicketID != o.tickets()[0].ID {
				t.Errorf("mail %d is %s and knows ticket %d, want the one that was made", m.ID, m.State, m.TicketID)
			}
		}
	})
}

func TestMailIsTakenWhenTheChosenAddressNeverGetsIt(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	o.destination(email.PriorityAddress, support, sales)
	o.deliver(support, mail("lonely@client", "To: "+support+", "+sales))
	o.read(support)
	o.tendHandedOver()
	o.expect("handed_over")
	o.clock.advance(20 * time.Minute)
	o.tendHandedOver()
	o.read(support)
	o.expect("ticketed")
	// It comes after all: the ticket is there already.
	o.deliver(sales, mail("lonely@client", "To: "+support+", "+sales))
	o.read(sales)
	o.expect("ticketed handed_over")
	if n := len(o.tickets()); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
}

func TestDisconnectedAddressIsNotChosen(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	o.destination(email.FirstAddress)
	o.update(func(tx email.Tx) error {
		c, err := tx.GetConnection(t.Context(), o.ids[sales])
		if err != nil {
			return err
		}
		c.State = email.Disconnected
		return tx.UpdateConnection(t.Context(), c)
	})
	o.deliver(support, mail("away@client", "To: "+sales+", "+support))
	o.read(support)
	o.expect("ticketed")
}

func TestAnswerGoesToItsTicketWhateverThePolicy(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	o.destination(email.FirstAddress)
	o.deliver(sales, mail("question@client", "From: ana@client.example", "To: "+sales))
	o.read(sales)
	answer := mail("more@client", "From: ana@client.example", "To: "+support+", "+sales, "In-Reply-To: <question@client>")
	o.deliver(support, answer)
	o.deliver(sales, answer)
	o.read(support)
	o.read(sales)
	if n := len(o.tickets()); n != 1 {
		t.Fatalf("%d tickets, want the answer on the first", n)
	}
	if _, comments := o.ticket(o.tickets()[0].ID); len(comments) != 2 {
		t.Errorf("%d comments, want the question and the answer", len(comments))
	}
}

// Policies, orders, delays and missing copies at random: each mail that reached
// a mailbox is said on a ticket, and where no policy says otherwise on one alone.
func TestEveryMailToSeveralAddressesEndsOnATicket(t *testing.T) {
	storetest.Each(t, testDestinations)
}

func testDestinations(t *testing.T, db *store.DB) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		var addresses []string
		for i := range 3 {
			addresses = append(addresses, fmt.Sprintf("box%d.%d@contoso.example", i, run))
		}
		o := open(t, db, addresses...)
		o.policy(func(p *email.Policy) { p.HourlyLimit = 0 })
		policy := rapid.SampledFrom([]email.Destination{email.EveryAddress, email.FirstAddress, email.PriorityAddress}).Draw(rt, "policy")
		o.destination(policy, rapid.Permutation(addresses).Draw(rt, "priorities")...)
		to := rapid.Permutation(addresses).Draw(rt, "to")
		raw := mail(fmt.Sprintf("m%d@client", run), "To: "+to[0]+", "+to[1]+", "+to[2])
		arrived := 0
		for _, address := range rapid.Permutation(addresses).Draw(rt, "arrival") {
			if arrived > 0 && rapid.Bool().Draw(rt, "lost") {
				continue
			}
			arrived++
			o.deliver(address, raw)
			if rapid.Bool().Draw(rt, "read at once") {
				o.read(address)
			}
			if rapid.Bool().Draw(rt, "late") {
				o.clock.advance(20 * time.Minute)
				o.tendHandedOver()
			}
		}
		for range 4 { // an address may be handed the mail by one that was handed it itself
			for _, address := range rapid.Permutation(addresses).Draw(rt, "reading") {
				o.read(address)
			}
			o.clock.advance(20 * time.Minute)
			o.tendHandedOver()
		}
		for _, address := range addresses {
			o.read(address)
		}
		tickets := map[desk.TicketID]bool{}
		for _, m := range o.mails() {
			if o.isOf(m, addresses) && m.State == email.Ticketed {
				tickets[m.TicketID] = true
			}
		}
		want := 1
		if policy == email.EveryAddress {
			want = arrived
		}
		if len(tickets) != want {
			rt.Fatalf("%d tickets of a mail that reached %d addresses with the policy %s, want %d: %s", len(tickets), arrived, policy, want, o.states())
		}
	})
}

func (o *office) isOf(m *email.Mail, addresses []string) bool {
	for _, a := range addresses {
		if o.ids[a] == m.ConnectionID {
			return true
		}
	}
	return false
}

// An outbound address lends its name; answers to it come to its ticket.
func TestTicketOfAnOutboundAddress(t *testing.T) {
	for _, name := range []string{"news@contoso.example", "@contoso.example"} {
		s := newSending(t, openSQLite(t, store.Options{}), support)
		s.update(func(tx email.Tx) error {
			brand, err := tx.DefaultBrand(t.Context())
			if err != nil {
				return err
			}
			return tx.InsertSupportAddress(t.Context(), &email.SupportAddress{
				Email: name, Outbound: true, BrandID: brand.ID, ConnectionID: s.ids[support],
			})
		})
		s.update(func(tx email.Tx) error {
			ticket, err := tx.LockTicket(t.Context(), s.ticket.ID)
			if err != nil {
				return err
			}
			ticket.Recipient = "news@contoso.example"
			return tx.UpdateTicket(t.Context(), ticket)
		})
		c := s.reply("Our news.")
		check(t, s.sender.Deliver(t.Context(), c.ID, false))
		if from := s.exchange.drafts[0].mail.From.Email; from != "news@contoso.example" {
			t.Errorf("with %s the reply leaves as %s", name, from)
		}
		check(t, s.sender.Confirm(t.Context(), s.outgoing(c.ID).ID))
		s.deliver(support, mail("answer", "From: ana."+support, "To: news@contoso.example", "In-Reply-To: <draft-1@exchange.example>"))
		s.read(support)
		if n := len(s.tickets()); n != 1 {
			t.Errorf("with %s there are %d tickets, want the answer on the first", name, n)
		}
		if ticket, _ := s.office.ticket(s.ticket.ID); len(ticket.CCs) != 0 {
			t.Errorf("with %s our own address is in copy", name)
		}
	}
}

func TestChosenAddressSuspendsForAll(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	o.destination(email.FirstAddress)
	raw := mail("x", noreply, "To: "+sales+", "+support)
	o.deliver(support, raw)
	o.deliver(sales, raw)
	o.read(support)
	o.read(sales)
	o.clock.advance(20 * time.Minute)
	o.tendHandedOver()
	o.read(support)
	o.expect("handed_over suspended")
	if m := o.mails(); m[0].Original != m[1].ID {
		t.Errorf("the mail that was handed over knows mail %d, want %d, which is suspended", m[0].Original, m[1].ID)
	}
}

func TestWhatIsRecoveredIsHandledWhereItIs(t *testing.T) {
	o := open(t, openSQLite(t, store.Options{}), support, sales)
	m := o.suspended(mail("x", noreply, "To: "+sales+", "+support))
	o.destination(email.FirstAddress)
	done, err := o.queue.Recover(t.Context(), access.System(), m.ID, email.Recovery{})
	check(t, err)
	if done.Ticket == nil || done.Ticket.Recipient != support {
		t.Errorf("it became %+v, want a ticket of %s", done.Ticket, support)
	}
}
