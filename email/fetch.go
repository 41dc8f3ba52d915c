package email

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"tandem/email/eml"
	"tandem/problem"
)

// smallMail is how large a mail may be that is kept in memory until it has
// been parsed. Larger ones are parsed from the blob store, one at a time.
const smallMail = 512 << 10

// Steps of a mail's journey, as its attempts name them.
const (
	stepFetch  = "fetch"
	stepParse  = "parse"
	stepDecide = "decide"
	stepFile   = "file"
)

// fetchAll brings mails until there are no more.
func (p *pass) fetchAll(ctx context.Context, work <-chan *item) {
	var memory bytes.Buffer
	for it := range work {
		if ctx.Err() == nil {
			p.r.metrics.inFlight.Inc()
			it.err = p.guard(it, func() error { return p.fetch(ctx, it, &memory) })
			p.r.metrics.inFlight.Dec()
		} else {
			it.err = context.Cause(ctx)
		}
		close(it.done)
	}
}

// guard turns a panic at one mail into a failure of that mail.
func (p *pass) guard(it *item, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			p.r.metrics.panics.Inc()
			p.log.Error("panic at a mail", "mail", it.mail.ID, "panic", r, "stack", string(debug.Stack()))
			err = &panicError{r}
		}
	}()
	return f()
}

type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// fetchWithin is how long one mail may take, so that none holds a slot for ever.
const fetchWithin = 10 * time.Minute

// fetch keeps the raw mail in the blob store and parses it.
func (p *pass) fetch(ctx context.Context, it *item, memory *bytes.Buffer) error {
	ctx, cancel := context.WithTimeout(ctx, fetchWithin)
	defer cancel()
	it.step = stepFetch
	if it.mail.MicrosoftID == "" {
		return p.takeUp(ctx, it)
	}
	raw, err := p.box.Raw(ctx, it.mail.MicrosoftID)
	if problem.KindOf(err) == problem.NotFound && it.mail.Blob != "" {
		it.unparsed = true // gone at Microsoft, but we have it
		it.arrival = &arrival{blob: it.mail.Blob, size: it.mail.Size, fetchedAt: it.mail.FetchedAt, storedAt: it.mail.StoredAt}
		return nil
	}
	if err != nil {
		return err
	}
	defer raw.Close()
	src := &source{r: raw, left: p.r.opts.Limits.Size}
	memory.Reset()
	_, err = io.CopyN(memory, src, smallMail)
	whole := err == io.EOF
	switch {
	case errors.Is(err, eml.ErrTooLarge):
		return p.setAside(ctx, it)
	case err != nil && !whole:
		return err
	}
	fetchedAt := p.r.now()
	key, size, err := p.r.blobs.Put(ctx, io.MultiReader(bytes.NewReader(memory.Bytes()), src))
	switch {
	case errors.Is(src.err, eml.ErrTooLarge):
		return p.setAside(ctx, it)
	case src.err != nil:
		return src.err
	case err != nil:
		return &storageError{fmt.Errorf("keep a mail: %w", err)}
	}
	it.arrival = &arrival{blob: key, size: size, fetchedAt: fetchedAt, storedAt: p.r.now()}
	if it.unparsed = !whole; it.unparsed {
		return nil
	}
	return p.parse(ctx, it, bytes.NewReader(memory.Bytes()))
}

// takeUp takes a mail whose bytes came with its notice, as forwarded mail's do.
func (p *pass) takeUp(ctx context.Context, it *item) error {
	m := it.mail
	it.arrival = &arrival{blob: m.Blob, size: m.Size, fetchedAt: m.FetchedAt, storedAt: m.StoredAt}
	if it.unparsed = m.Size > smallMail; it.unparsed {
		return nil
	}
	return p.parseStored(ctx, it)
}

// parse reads the mail that the item has stored.
func (p *pass) parse(ctx context.Context, it *item, raw io.Reader) error {
	it.step = stepParse
	a, err := read(ctx, p.r.blobs, raw, p.r.opts.Limits)
	if err != nil {
		return err
	}
	a.stored(it.arrival)
	it.arrival, it.unparsed = a, false
	return nil
}

// parseStored parses a mail from the blob store.
func (p *pass) parseStored(ctx context.Context, it *item) error {
	raw, err := p.r.blobs.Get(ctx, it.arrival.blob)
	if err != nil {
		return &storageError{fmt.Errorf("open a stored mail: %w", err)}
	}
	defer raw.Close()
	return p.parse(ctx, it, raw)
}

// source reads what Microsoft delivers, up to a limit, and keeps the error by
// which it ended: whoever copies it into a store then knows which side failed.
type source struct {
	r    io.Reader
	left int64
	err  error // not io.EOF
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if s.left -= int64(n); s.left < 0 {
		err = eml.ErrTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
