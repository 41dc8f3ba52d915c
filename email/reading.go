package email

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
)

// Reading is what of a mailbox is read, and what becomes at Microsoft of what
// was taken in. An administrator may change it at any time.
type Reading struct {
	Folder     string     `json:"folder"` // id at Microsoft; empty: the Inbox
	FolderName string     `json:"folder_name"`
	Subfolders bool       `json:"subfolders"` // the folders below it too
	Afterwards Afterwards `json:"afterwards"`
}

// Reading is what is read of the mailbox now.
func (c *Connection) Reading() Reading {
	return Reading{c.Folder, c.FolderName, c.Subfolders, c.Afterwards}
}

// ChangeReading changes what of a mailbox is read and what becomes of it. As
// with a new address, mail that lies in a folder already when it is chosen is
// left to an import. What is in the ledger stays, and is known again wherever
// it lies.
func (s *Connections) ChangeReading(ctx context.Context, by access.Actor, id ConnectionID, want Reading) (*Connection, error) {
	c, err := s.Get(ctx, by, id) // administrators only
	if err != nil {
		return nil, err
	}
	if want.Folder != c.Folder || want.Subfolders && !c.Subfolders {
		box, err := s.mailboxes.Open(c)
		if err != nil {
			return nil, err
		}
		if want, err = inspect(ctx, box, want); err != nil {
			return nil, asAnswer(err)
		}
	} else {
		want.FolderName = c.FolderName
	}
	if err := want.check(); err != nil {
		return nil, err
	}
	var before *Connection
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		if c, err = tx.GetConnection(ctx, id); err != nil {
			return err
		}
		was := *c
		if err := c.read(ctx, tx, want, s.now()); err != nil {
			return err
		}
		before = nil
		if was.SubscriptionID != c.SubscriptionID {
			before = &was
			if err := tendSoon(ctx, tx); err != nil {
				return err
			}
		}
		if err := tx.UpdateConnection(ctx, c); err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.ConnectionUpdated, ID: int64(id)})
		tx.Publish(event.Event{Kind: event.MailboxKicked, ID: int64(id)})
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "connection.reading_changed", Object: "connection", Subject: int64(id), Label: c.Email,
			Before: was.Reading(), After: c.Reading(),
		})
	})
	if err == nil && before != nil {
		s.unsubscribe(ctx, before)
	}
	return c, err
}

func (r Reading) check() error {
	switch r.Afterwards {
	case MoveAfterwards, ReadAfterwards, KeepAfterwards:
		return nil
	}
	return problem.New(problem.Invalid, "afterwards_unknown", "There is no such way to treat mail afterwards: %s.", r.Afterwards).
		On(problem.Yours, "Choose move, read or keep.").In("afterwards")
}

// inspect looks at Microsoft at the folder that is wanted, and learns its path.
func inspect(ctx context.Context, box Mailbox, want Reading) (Reading, error) {
	f, err := box.Folder(ctx, want.Folder)
	if isGone(err) {
		return want, problem.New(problem.Invalid, "folder_unknown", "There is no such folder in the mailbox.").
			On(problem.Yours, "Choose another one; it may have been deleted a moment ago.").In("folder").Because(err)
	}
	if err != nil {
		return want, err
	}
	if f.Never {
		return want, problem.New(problem.Invalid, "folder_not_readable", "The folder %s is none that mail arrives in.", f.Name).
			On(problem.Yours, "Choose another one. Drafts, sent, deleted and junk mail and Tandem's own folder are never read.").
			In("folder").With("folder", f.Name)
	}
	if want.FolderName, err = folderPath(ctx, box, f); err != nil {
		return want, err
	}
	if f.Inbox {
		want.Folder = ""
	}
	if want.Subfolders {
		if _, err := foldersBelow(ctx, box, want.Folder, want.FolderName); err != nil {
			return want, err
		}
	}
	return want, nil
}

// read changes what is read. A folder that was not read before has no cursor
// yet, and what lies in it counts as having been there before us.
func (c *Connection) read(ctx context.Context, tx ReadFolderTx, want Reading, now time.Time) error {
	moved := want.Folder != c.Folder
	if moved {
		c.Since, c.Cursor = now, ""
	}
	if want.Subfolders && (moved || !c.Subfolders) {
		c.SubfoldersSince = now
	}
	if moved || want.Subfolders != c.Subfolders {
		c.forgetSubscription() // it is for another folder
		c.ReconciledAt, c.NextSyncAt = time.Time{}, now
		if err := tx.DeleteReadFolders(ctx, c.ID); err != nil {
			return fmt.Errorf("forget the folders that were read: %w", err)
		}
	}
	c.Folder, c.FolderName, c.Subfolders, c.Afterwards = want.Folder, want.FolderName, want.Subfolders, want.Afterwards
	return nil
}

// forgetSubscription makes notifications of the old one count no more.
func (c *Connection) forgetSubscription() {
	c.SubscriptionID, c.SubscriptionSecret, c.SubscriptionExpiresAt = "", "", time.Time{}
	c.PushError, c.PushLateAt = "", time.Time{}
}

// MailboxFolders lists the folders directly below parent, at the top with "",
// that may be read in a connection's mailbox.
func (s *Connections) MailboxFolders(ctx context.Context, by access.Actor, id ConnectionID, parent string) ([]Folder, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	box, err := s.mailboxes.Open(c)
	if err != nil {
		return nil, err
	}
	folders, err := box.Folders(ctx, parent)
	return folders, asAnswer(err)
}
