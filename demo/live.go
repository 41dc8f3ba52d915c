package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/email/eml"
	"tandem/m365sim"
)

// A new mail comes after a while between the two.
const (
	soonest = 45 * time.Second
	latest  = 2 * time.Minute
)

// Live lets new mails come until ctx ends: now and then one from the pool, or
// the answer of a customer whom somebody has just answered.
func Live(ctx context.Context, sim *m365sim.Server, entra Entra, log *slog.Logger) error {
	all, err := load()
	if err != nil {
		return err
	}
	c := &customers{stories: all, mailbox: newMailbox(sim, entra), since: time.Now()}
	for {
		timer := time.NewTimer(soonest + mathrand.N(latest-soonest))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := c.write(ctx); err != nil && ctx.Err() == nil {
			log.Warn("no mail came to the demo", "err", err)
		}
	}
}

// customers write to Contoso.
type customers struct {
	stories *stories
	mailbox *mailbox
	since   time.Time
	pool    []*thread       // what has not been said in this round
	settled map[string]bool // Message-IDs of our replies that have an answer
}

// write delivers one mail.
func (c *customers) write(ctx context.Context) error {
	l, err := c.next(ctx)
	if err != nil {
		return err
	}
	l.id, l.at = newMessageID(rand.Text(), l.from), time.Now()
	raw, err := l.compose()
	if err != nil {
		return err
	}
	_, err = c.mailbox.sim.Deliver(ctx, Support, raw)
	return err
}

// next decides what is said: whoever waits for the customer's word comes first.
func (c *customers) next(ctx context.Context) (letter, error) {
	reply, err := c.unanswered(ctx)
	if err != nil {
		return letter{}, fmt.Errorf("look for replies: %w", err)
	}
	if reply != nil {
		return c.answer(reply), nil
	}
	if len(c.pool) == 0 {
		c.pool = slices.Clone(c.stories.live)
		mathrand.Shuffle(len(c.pool), func(i, j int) { c.pool[i], c.pool[j] = c.pool[j], c.pool[i] })
	}
	t := c.pool[0]
	c.pool = c.pool[1:]
	held, err := c.mailbox.held(ctx, "all")
	if err != nil {
		return letter{}, err
	}
	return c.stories.answer(t.numbered(4400+mathrand.N(600)), time.Now(), held), nil
}

// unanswered finds the oldest reply that somebody wrote to one of our
// customers since we live, and that has no answer yet; nil when there is none.
func (c *customers) unanswered(ctx context.Context) (*kept, error) {
	sent, err := c.mailbox.outbox(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range slices.Backward(sent) {
		if k.SentAt.After(c.since) && !c.settled[k.MessageID] && c.reader(&k) != nil {
			return &k, nil
		}
	}
	return nil, nil
}

// reader is a thread of the customer to whom a reply went; nil when it is
// nobody we know.
func (c *customers) reader(k *kept) *thread {
	for _, t := range slices.Concat(c.stories.history, c.stories.live, c.stories.fresh) {
		if t.Raw == "" && slices.Contains(k.Recipients, address(t.From).Address) {
			return t
		}
	}
	return nil
}

// answer is what a customer says to a reply. Each reply is answered once.
func (c *customers) answer(k *kept) letter {
	if c.settled == nil {
		c.settled = map[string]bool{}
	}
	c.settled[k.MessageID] = true
	t := c.reader(k)
	words := slices.DeleteFunc(slices.Clone(c.stories.answers), func(a *thread) bool { return a.lang != t.lang })
	l := letter{
		from: address(t.From), to: support, lang: t.lang, step: &words[mathrand.N(len(words))].Steps[0],
		subject: strings.TrimPrefix(k.Subject, "Re: "),
	}
	for id := range strings.FieldsSeq(k.References) {
		l.earlier = append(l.earlier, said{id: strings.Trim(id, "<>")})
	}
	l.earlier = append(l.earlier, said{
		id: strings.Trim(k.MessageID, "<>"), by: eml.Address{Name: support.Name, Address: k.From}, at: k.SentAt, text: k.Text,
	})
	return l
}

// numbered is the thread with a number of an order or invoice put in.
func (t *thread) numbered(n int) *thread {
	put := func(text string) string { return strings.ReplaceAll(text, "{number}", strconv.Itoa(n)) }
	filled := *t
	filled.Subject, filled.Steps = put(t.Subject), slices.Clone(t.Steps)
	for i := range filled.Steps {
		s := &filled.Steps[i]
		s.Text, s.Files = put(s.Text), slices.Clone(s.Files)
		for j := range s.Files {
			s.Files[j].Content = put(s.Files[j].Content)
		}
	}
	return &filled
}
