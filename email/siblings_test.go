package email_test

import (
	"fmt"
	"sync"
	"testing"

	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

// Two mailboxes get the same mail from a known sender at the same moment.
func TestSameMailReadTwiceAtOnceMakesLinkedTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db, support, sales)
		o.addUser("ana@client.example", "end-user")
		o.policy(func(p *email.Policy) { p.HourlyLimit = 0 })
		const mails = 30
		for i := range mails {
			raw := mail(fmt.Sprintf("%d@client", i), "To: "+support+", "+sales)
			o.deliver(support, raw)
			o.deliver(sales, raw)
		}
		var both sync.WaitGroup
		for _, w := range o.watches {
			both.Go(func() {
				if _, err := w.RunOnce(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if n := len(o.tickets()); n != 2*mails {
			t.Fatalf("%d tickets, want %d", n, 2*mails)
		}
		for _, ticket := range o.tickets() {
			if ticket, _ := o.ticket(ticket.ID); len(ticket.Siblings) != 1 {
				t.Fatalf("ticket %d has the siblings %v, want one", ticket.ID, ticket.Siblings)
			}
		}
	})
}
