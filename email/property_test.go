package email_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/access"
	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

// TestMain keeps the runs of properties short; -rapid.checks=1000 makes them long.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestThreadsMakeTheSameTicketsWhateverHappens writes a few threads, delivers
// their mails in any order, some more than once, and stops the reader at any
// moment. In the end each thread is one ticket, and each mail was said once.
func TestThreadsMakeTheSameTicketsWhateverHappens(t *testing.T) {
	storetest.Each(t, testThreads)
}

func testThreads(t *testing.T, db *store.DB) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		address := fmt.Sprintf("support%d@contoso.example", run)
		o := open(t, db, address)
		threads := rapid.IntRange(1, 3).Draw(rt, "threads")
		var letters []string
		threadOf := make(map[string]int)
		for thread := range threads {
			for _, l := range conversation(rt, fmt.Sprintf("%d.%d", run, thread), address) {
				letters = append(letters, l.raw)
				threadOf[l.id] = thread
			}
		}
		for _, again := range rapid.SliceOfN(rapid.IntRange(0, len(letters)-1), 0, 4).Draw(rt, "again") {
			letters = append(letters, letters[again])
		}
		letters = rapid.Permutation(letters).Draw(rt, "order")
		for len(letters) > 0 {
			n := rapid.IntRange(1, len(letters)).Draw(rt, "deliver")
			for _, raw := range letters[:n] {
				o.deliver(address, raw)
			}
			letters = letters[n:]
			o.readUntilStopped(rt, address)
		}
		o.boxes[address].rawFault = nil
		o.read(address)
		o.mustBeOneTicketEach(rt, address, threadOf)
	})
}

type letter struct{ id, raw string }

// conversation is a thread between three people and us. Everybody answers to
// all, some earlier mail, with the whole chain of references.
func conversation(rt *rapid.T, name, address string) []letter {
	people := []string{"ana-" + name + "@client.example", "bob-" + name + "@client.example", "cem-" + name + "@client.example"}
	var letters []letter
	chains := map[string][]string{}
	for i := range rapid.IntRange(1, 5).Draw(rt, "mails") {
		id := fmt.Sprintf("%d-%s@client", i, name)
		from := rapid.IntRange(0, 2).Draw(rt, "from")
		others := slices.Delete(slices.Clone(people), from, from+1)
		fields := []string{"From: " + people[from], "To: " + address + ", " + strings.Join(others, ", ")}
		if i > 0 {
			parent := letters[rapid.IntRange(0, i-1).Draw(rt, "parent")].id
			chains[id] = append(slices.Clone(chains[parent]), parent)
			fields = append(fields, "In-Reply-To: <"+parent+">", "References: <"+strings.Join(chains[id], "> <")+">")
		}
		letters = append(letters, letter{id, mail(id, fields...)})
	}
	return letters
}

// readUntilStopped makes a pass that may be stopped when it fetches the nth mail.
func (o *office) readUntilStopped(rt *rapid.T, address string) {
	ctx, stop := context.WithCancel(o.t.Context())
	defer stop()
	left := rapid.IntRange(1, 12).Draw(rt, "stop")
	o.boxes[address].rawFault = func(string, int) error {
		if left--; left == 0 {
			stop()
		}
		return nil
	}
	if _, err := o.watches[address].RunOnce(ctx); err != nil && !errors.Is(err, context.Canceled) {
		rt.Fatal(err)
	}
	o.clock.advance(time.Minute)
}

func (o *office) mustBeOneTicketEach(rt *rapid.T, address string, threadOf map[string]int) {
	mails, err := o.ledger.List(o.t.Context(), access.System(), email.MailFilter{Connection: o.ids[address]})
	if err != nil {
		rt.Fatal(err)
	}
	if len(mails) != len(o.boxes[address].mails) {
		rt.Fatalf("%d mails in the ledger, %d were delivered", len(mails), len(o.boxes[address].mails))
	}
	tickets := make(map[int]int64)
	said := make(map[string]int)
	for _, m := range mails {
		thread := threadOf[m.MessageID]
		if tickets[thread] == 0 {
			tickets[thread] = int64(m.TicketID)
		}
		if int64(m.TicketID) != tickets[thread] {
			rt.Fatalf("mail %s is in ticket %d, its thread in %d", m.MessageID, m.TicketID, tickets[thread])
		}
		switch m.State {
		case email.Ticketed, email.Commented:
			said[m.MessageID]++
		case email.Duplicate:
		default:
			rt.Fatalf("mail %s is %s", m.MessageID, m.State)
		}
	}
	for id := range threadOf {
		if said[id] != 1 {
			rt.Fatalf("mail %s was said %d times", id, said[id])
		}
	}
}
