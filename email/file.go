package email

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

const (
	// fileAtOnce is how many mails one request files: marking and moving are
	// two steps each, and Microsoft takes 20 in a batch.
	fileAtOnce  = 10
	filingPause = 300 * time.Millisecond
	// fileAgain is when filing is tried again that Microsoft refused. It is never
	// given up: what keeps the mailbox from being read, its reader reports.
	fileAgain = 5 * time.Minute
	// backlog is how many mails that wait for their decision make filing wait:
	// people wait for tickets, and nobody for the folder, though filing takes two
	// thirds of what Microsoft allows. After filingPatience it is done all the same.
	backlog        = 100
	filingPatience = 10 * time.Minute
	backlogPause   = time.Second
)

// FileMail does with the decided mails of a mailbox at Microsoft what its
// connection says: marks them read and moves them to our folder, marks them
// read, or leaves them as they are.
type FileMail struct {
	Connection ConnectionID `json:"connection"`
}

// Kind names the job.
func (FileMail) Kind() string { return "email.file_mail" }

// queueFiling asks for the decided mails of a mailbox to be filed, a moment
// later, so that more of them share a request.
func queueFiling(ctx context.Context, tx job.Tx, c ConnectionID, now time.Time) error {
	_, err := job.Insert(ctx, tx, FileMail{Connection: c}, job.Options{UniqueKey: fmt.Sprint(c), RunAt: now.Add(filingPause)})
	return err
}

// Filer files at Microsoft what has been decided here. It may be asked any
// number of times, also after a crash: a mail that is filed already, or was
// deleted, counts as filed.
type Filer struct {
	store     Store
	mailboxes Mailboxes
	now       func() time.Time
	log       *slog.Logger
}

// NewFiler makes a Filer.
func NewFiler(store Store, mailboxes Mailboxes, now func() time.Time, log *slog.Logger) *Filer {
	return &Filer{store: store, mailboxes: mailboxes, now: now, log: log}
}

// Work files until nothing is left. While the mailbox is disconnected there is
// nothing to do; its reader asks again.
func (f *Filer) Work(ctx context.Context, args FileMail) error {
	c, err := f.connection(ctx, args.Connection)
	if err != nil || c == nil || c.State != Connected {
		return err
	}
	if c.Afterwards == KeepAfterwards {
		return f.leave(ctx, c.ID)
	}
	if wait := c.WaitingUntil.Sub(f.now()); wait > 0 {
		return job.Snooze(wait)
	}
	box, err := f.mailboxes.Open(c)
	if err != nil {
		return fmt.Errorf("open the mailbox %s: %w", c.Email, err)
	}
	var refused error // why some mails could not be filed, though others were
	for {
		more, err := f.fileSome(ctx, c, box, &refused)
		if err == nil && more {
			continue
		}
		if errors.Is(err, errBacklog) {
			return job.Snooze(backlogPause)
		}
		if err = cmp.Or(err, refused); needsTime(err) {
			f.log.Warn("filing has to wait", "connection", c.ID, "err", err)
			return job.Snooze(fileAgain)
		}
		return err
	}
}

// errBacklog says that filing has to wait for decisions.
var errBacklog = errors.New("many mails wait to become tickets")

// needsTime tells whether Microsoft refused without saying when to come again.
func needsTime(err error) bool {
	p := problem.As(err)
	return p != nil && p.RetryAfter == 0
}

func (f *Filer) connection(ctx context.Context, id ConnectionID) (c *Connection, err error) {
	err = f.store.View(ctx, func(tx Tx) (err error) {
		c, err = tx.GetConnection(ctx, id)
		return err
	})
	if problem.KindOf(err) == problem.NotFound {
		return nil, nil
	}
	return c, err
}

// fileSome files some mails and tells whether there may be more. One that
// Microsoft refuses does not keep the others from being filed.
func (f *Filer) fileSome(ctx context.Context, c *Connection, box Mailbox, refused *error) (more bool, err error) {
	var rows []*Mail
	err = f.store.View(ctx, func(tx Tx) (err error) {
		if rows, err = tx.ListUnfiled(ctx, c.ID, chunk); err != nil || len(rows) == 0 {
			return err
		}
		waiting, err := tx.CountUnfetched(ctx, c.ID, f.now(), backlog)
		if err == nil && waiting == backlog && f.now().Sub(rows[0].DecidedAt) < filingPatience {
			return errBacklog
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("list unfiled mails: %w", err)
	}
	for part := range slices.Chunk(rows, fileAtOnce) {
		ids := make([]string, len(part))
		for i, m := range part {
			ids[i] = m.MicrosoftID
		}
		filed, failure := box.File(ctx, ids, c.Afterwards)
		if err := f.note(ctx, part, filed, c.Afterwards); err != nil {
			return false, err
		}
		switch {
		case failure == nil && len(filed) == 0:
			return false, fmt.Errorf("file %d mails: Microsoft filed none and gave no reason", len(part))
		case failure == nil:
		case len(filed) > 0 && needsTime(failure):
			*refused = failure
		default:
			return false, fmt.Errorf("file %d mails: %w", len(part), failure)
		}
	}
	return len(rows) == chunk, nil
}

// leave counts everything decided as done with: nothing is to be done at Microsoft.
func (f *Filer) leave(ctx context.Context, id ConnectionID) error {
	for more := true; more; {
		err := f.store.Update(ctx, func(tx Tx) error {
			rows, err := tx.ListUnfiled(ctx, id, chunk)
			if err != nil {
				return err
			}
			more = len(rows) == chunk
			var ids []MailID
			for _, m := range rows {
				ids = append(ids, m.ID)
				tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
			}
			return tx.MarkFiled(ctx, ids, f.now(), KeepAfterwards)
		})
		if err != nil {
			return fmt.Errorf("leave mails as they are: %w", err)
		}
	}
	return nil
}

// moved tells whether a mail lies in our folder, as far as we know.
func (m *Mail) moved() bool {
	return !m.FiledAt.IsZero() && (m.FiledAs == MoveAfterwards || m.FiledAs == "")
}

// note writes down what was filed.
func (f *Filer) note(ctx context.Context, rows []*Mail, filed []string, as Afterwards) error {
	if len(filed) == 0 {
		return nil
	}
	err := f.store.Update(ctx, func(tx Tx) error {
		var ids []MailID
		for _, m := range rows {
			if slices.Contains(filed, m.MicrosoftID) {
				ids = append(ids, m.ID)
				tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(m.TicketID)})
			}
		}
		return tx.MarkFiled(ctx, ids, f.now(), as)
	})
	if err != nil {
		return fmt.Errorf("note filed mails: %w", err)
	}
	return nil
}
