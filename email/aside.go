package email

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/email/eml"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// A mail larger than we take in becomes a ticket all the same. It is read a
// second time as it streams by, and nothing of it is kept but its header, its
// text, and the names and sizes of its files. It stays in the mailbox at
// Microsoft, from where an agent who needs the files has them fetched.

// asideSize is how large a mail may be whose text is read, and whose files are
// fetched when somebody asks. Exchange Online takes 150 MB at most, which its
// encoding makes a third larger ("Exchange Online limits", Message limits).
const asideSize = 1 << 30

// asideLimits are generous in size only.
func asideLimits(lim eml.Limits) eml.Limits {
	lim.Size, lim.Attachment = asideSize, asideSize
	return lim
}

// setAside reads a mail whose files stay at Microsoft.
func (p *pass) setAside(ctx context.Context, it *item) error {
	raw, err := p.box.Raw(ctx, it.mail.MicrosoftID)
	if err != nil {
		return err
	}
	defer raw.Close()
	src := &source{r: raw, left: asideSize}
	fetchedAt := p.r.now()
	it.step = stepParse
	m, err := eml.Parse(src, asideLimits(p.r.opts.Limits), nil)
	if src.err != nil {
		return src.err
	}
	if err != nil {
		return err
	}
	a := describe(m)
	a.size, a.fetchedAt, a.storedAt = asideSize-src.left, fetchedAt, p.r.now()
	if a.dedupeKey == "" {
		a.dedupeKey = "aside:" + it.mail.MicrosoftID
	}
	a.aside = true
	a.facts = append(a.facts, fact("set_aside", size(a.size)))
	a.comment.Attachments = namedFiles(m.Parts)
	it.arrival, it.unparsed = a, false
	return nil
}

// namedFiles are the files of a mail without their bytes.
func namedFiles(parts []eml.Part) []desk.Attachment {
	var files []desk.Attachment
	for _, part := range parts[:min(len(parts), maxFiles)] {
		files = append(files, desk.Attachment{
			FileName: part.FileName, ContentType: part.ContentType, Size: part.Size, Inline: part.Inline, ContentID: part.ContentID,
			Secret: strings.ToLower(rand.Text()),
		})
	}
	return files
}

// noteAside remembers at the comment that the files of its mail are not here.
func noteAside(ctx context.Context, tx Tx, m *Mail, a *arrival) error {
	if !a.aside || m.CommentID == 0 {
		return nil
	}
	return tx.SaveAside(ctx, desk.Aside{MailID: int64(m.ID), CommentID: m.CommentID, Size: a.size, State: desk.AtMicrosoft})
}

// FetchAside fetches the files of a mail that was too large.
type FetchAside struct {
	Mail MailID `json:"mail"`
}

// Kind names the job.
func (FetchAside) Kind() string { return "email.fetch_aside" }

// Asides fetches what was set aside, when somebody asks for it.
type Asides struct {
	store     Store
	mailboxes Mailboxes
	blobs     Blobs
	desk      *desk.Service
	now       func() time.Time
}

// NewAsides makes an Asides.
func NewAsides(store Store, mailboxes Mailboxes, blobs Blobs, d *desk.Service, now func() time.Time) *Asides {
	return &Asides{store: store, mailboxes: mailboxes, blobs: blobs, desk: d, now: now}
}

// Fetch asks for the files of a mail to be fetched. It is refused with
// "not_set_aside" when they are here already.
func (s *Asides) Fetch(ctx context.Context, by access.Actor, id MailID) (a *desk.Aside, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		m, err := tx.GetMail(ctx, id)
		if err != nil {
			return err
		}
		if err := mayRead(by, m.TicketID); err != nil {
			return err
		}
		if a, err = tx.FindAside(ctx, int64(id)); err != nil {
			return err
		}
		if a == nil || a.State == desk.AsideFetched {
			return problem.New(problem.Conflict, "not_set_aside", "The files of this mail are here already.").
				On(problem.Yours, "Reload the page.")
		}
		a.State, a.ErrorCode, a.Error, a.Remedy = desk.AsideFetching, "", "", ""
		if err := s.save(ctx, tx, m, a); err != nil {
			return err
		}
		_, err = job.Insert(ctx, tx, FetchAside{Mail: id}, job.Options{UniqueKey: fmt.Sprint("mail:", id), MaxAttempts: asideAttempts})
		return err
	})
	return a, err
}

// asideAttempts is how often Microsoft is asked for the files; with the jobs'
// back-off that takes about an hour. Then the agent sees why.
const asideAttempts = 8

// Work works a FetchAside job. last tells that it will not be tried again.
func (s *Asides) Work(ctx context.Context, id MailID, last bool) error {
	m, conn, err := s.begin(ctx, id)
	if err != nil || m == nil {
		return err
	}
	files, err := s.fetch(ctx, m, conn)
	if err == nil {
		return s.fill(ctx, m, files)
	}
	if ctx.Err() != nil {
		return err // we are being stopped
	}
	final := last
	switch problem.KindOf(err) {
	case problem.NotFound, problem.Conflict, problem.Limit:
		final = true
	}
	if recordErr := s.recordTrouble(ctx, id, err, final); recordErr != nil {
		return recordErr
	}
	if final {
		return nil // the comment says why
	}
	return err
}

// begin reads what is to be fetched; nil when that is done already.
func (s *Asides) begin(ctx context.Context, id MailID) (m *Mail, conn *Connection, err error) {
	err = s.store.View(ctx, func(tx Tx) error {
		a, err := tx.FindAside(ctx, int64(id))
		if err != nil || a == nil || a.State == desk.AsideFetched {
			return err
		}
		if m, err = tx.GetMail(ctx, id); err != nil {
			return err
		}
		conn, err = tx.GetConnection(ctx, m.ConnectionID)
		return err
	})
	return m, conn, err
}

// fetch brings the mail into the blob store, and its files out of it.
func (s *Asides) fetch(ctx context.Context, m *Mail, conn *Connection) (*arrival, error) {
	if err := conn.mustBeConnected(); err != nil {
		return nil, err
	}
	box, err := s.mailboxes.Open(conn)
	if err != nil {
		return nil, err
	}
	raw, err := box.Raw(ctx, m.MicrosoftID)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	src := &source{r: raw, left: asideSize}
	key, size, err := s.blobs.Put(ctx, src)
	if err != nil {
		if src.err != nil {
			err = problemOf(src.err)
		}
		return nil, err
	}
	kept, err := s.blobs.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer kept.Close()
	a, err := read(ctx, s.blobs, kept, asideLimits(eml.DefaultLimits))
	if err != nil {
		return nil, problemOf(err)
	}
	a.blob, a.size, a.storedAt = key, size, s.now()
	return a, nil
}

// fill gives the files at the comment their bytes. They are told apart by name:
// the order is the mail's both times.
func (s *Asides) fill(ctx context.Context, m *Mail, fetched *arrival) error {
	return s.store.Update(ctx, func(tx Tx) error {
		aside, err := tx.FindAside(ctx, int64(m.ID))
		if err != nil || aside == nil {
			return err
		}
		m, err := tx.GetMail(ctx, m.ID)
		if err != nil {
			return err
		}
		c, err := tx.GetComment(ctx, aside.CommentID)
		if err != nil {
			return err
		}
		brought := fetched.comment.Attachments
		used := make([]bool, len(brought))
		for _, a := range c.Attachments {
			for i, b := range brought {
				if a.SetAside() && !used[i] && desk.FileName(b.FileName) == a.FileName {
					used[i] = true
					if err := s.desk.Fill(ctx, tx, a, b.Blob, b.Size); err != nil {
						return err
					}
					break
				}
			}
		}
		m.Blob, m.Size, m.StoredAt, m.UpdatedAt = fetched.blob, fetched.size, fetched.storedAt, s.now()
		if err := tx.UpdateMail(ctx, m); err != nil {
			return err
		}
		aside.State, aside.ErrorCode, aside.Error, aside.Remedy = desk.AsideFetched, "", "", ""
		return s.save(ctx, tx, m, aside)
	})
}

// recordTrouble writes down why the files could not be fetched.
func (s *Asides) recordTrouble(ctx context.Context, id MailID, cause error, final bool) error {
	p := problemOf(cause)
	return s.store.Update(ctx, func(tx Tx) error {
		m, err := tx.GetMail(ctx, id)
		if err != nil {
			return err
		}
		a, err := tx.FindAside(ctx, int64(id))
		if err != nil || a == nil {
			return err
		}
		a.ErrorCode, a.Error, a.Remedy = p.Code, p.Message, p.Remedy
		switch {
		case p.Kind == problem.NotFound:
			a.State = desk.AsideGone
		case final:
			a.State = desk.AsideFailed
		}
		if err := tx.InsertAttempt(ctx, &Attempt{MailID: id, At: s.now(), Step: stepFetch, Outcome: p.Code, Detail: detailOf(p)}); err != nil {
			return err
		}
		return s.save(ctx, tx, m, a)
	})
}

func (s *Asides) save(ctx context.Context, tx Tx, m *Mail, a *desk.Aside) error {
	tx.Publish(event.Event{Kind: event.CommentUpdated, ID: int64(a.CommentID), Parent: int64(m.TicketID)})
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
	return tx.SaveAside(ctx, *a)
}
