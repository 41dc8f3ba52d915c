package email_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"tandem/email"
	"tandem/problem"
)

// The second mail of a conversation cannot be had at first; the third, which
// refers to nothing else, must neither open a ticket of its own nor stand before it.
func TestAnswersWaitForWhatTheyAnswer(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	second := o.deliver(support, mail("two@client", "In-Reply-To: <one@client>"))
	o.deliver(support, mail("three@client", "In-Reply-To: <two@client>"))
	o.deliver(support, mail("four@client", "In-Reply-To: <three@client>"))
	o.deliver(support, mail("other@client"))
	o.boxes[support].rawReader = func(id string, raw io.Reader) io.Reader {
		if id == second.id {
			return &cut{raw, 40}
		}
		return raw
	}
	o.read(support)
	o.expect("ticketed noticed noticed noticed ticketed")
	o.boxes[support].rawReader = nil
	for range 3 {
		o.clock.advance(time.Minute)
		o.read(support)
	}
	o.expect("ticketed commented commented commented ticketed")
	_, comments := o.ticket(o.mails()[0].TicketID)
	for i, id := range []string{"one", "two", "three", "four"} {
		if want := "Body of " + id + "@client."; strings.TrimSpace(comments[i].Text) != want {
			t.Errorf("comment %d is %q, want %q", i, comments[i].Text, want)
		}
	}
}

// Microsoft lists the newest mail first, and the time of receipt in whole
// seconds. A reading from the beginning that breaks off must not leave the older
// half to be found when the newer one has been decided.
func TestReadingFromTheBeginningKeepsTheOrder(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.HourlyLimit = 0 })
	o.deliver(support, mail("m0@client"))
	for i := range 24 {
		o.deliver(support, mail(fmt.Sprintf("m%d@client", i+1), fmt.Sprintf("In-Reply-To: <m%d@client>", i)))
	}
	o.boxes[support].breakOff = true
	o.read(support)
	o.expect("")
	o.boxes[support].breakOff = false
	o.clock.advance(time.Minute)
	o.read(support)
	o.expect("ticketed" + strings.Repeat(" commented", 24))
	_, comments := o.ticket(o.mails()[0].TicketID)
	for i, c := range comments {
		if want := fmt.Sprintf("Body of m%d@client.", i); strings.TrimSpace(c.Text) != want {
			t.Errorf("comment %d is %q, want %q", i, c.Text, want)
		}
	}
}

// What cannot be had for long holds up nobody.
func TestAnswersDoNotWaitForEver(t *testing.T) {
	o := setup(t)
	first := o.deliver(support, mail("one@client"))
	o.deliver(support, mail("two@client", "In-Reply-To: <one@client>"))
	o.boxes[support].rawFault = func(id string, _ int) error {
		if id == first.id {
			return problem.New(problem.Unavailable, "microsoft_refused", "Not this one.")
		}
		return nil
	}
	for range 8 {
		o.read(support)
		o.clock.advance(2 * time.Minute)
	}
	o.expect("noticed ticketed")
}
