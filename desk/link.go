package desk

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
)

// LinkID identifies a link to a file.
type LinkID int64

// LinkState is whether a link still leads to its file.
type LinkState string

// The states.
const (
	LinkActive  LinkState = "active"
	LinkExpired LinkState = "expired"
	LinkRevoked LinkState = "revoked"
)

// FileLink is a file of a reply that left as a link because it was too large
// to be attached. Whoever has the link may download the file until it expires
// or is revoked.
type FileLink struct {
	ID           LinkID
	AttachmentID AttachmentID
	CommentID    CommentID
	Secret       string // unguessable; in the database it is sealed
	ExpiresAt    time.Time
	RevokedAt    time.Time // zero: not revoked
	Downloads    int
	DownloadedAt time.Time // last; zero: never
	CreatedAt    time.Time
}

// State tells whether the link works at an instant.
func (l *FileLink) State(at time.Time) LinkState {
	switch {
	case !l.RevokedAt.IsZero():
		return LinkRevoked
	case !at.Before(l.ExpiresAt):
		return LinkExpired
	}
	return LinkActive
}

// refusal says why the link no longer leads to its file; nil when it does.
func (l *FileLink) refusal(at time.Time) *problem.Error {
	switch l.State(at) {
	case LinkRevoked:
		return problem.New(problem.NotFound, "link_revoked", "This link was taken back by its sender.").
			On(problem.Yours, "Answer the mail in which you found it, and ask for the file.")
	case LinkExpired:
		return problem.New(problem.NotFound, "link_expired", "This link has expired.").
			On(problem.Yours, "Answer the mail in which you found it, and ask for a new one.")
	}
	return nil
}

// LinkTx stores links to files.
type LinkTx interface {
	InsertFileLink(context.Context, *FileLink) error // sets ID
	GetFileLink(context.Context, LinkID) (*FileLink, error)
	FindFileLinkBySecret(ctx context.Context, secret string) (*FileLink, error) // nil when there is none
	UpdateFileLink(context.Context, *FileLink) error                            // expiry and revocation
	CountDownload(ctx context.Context, id LinkID, at time.Time) error
	DeleteFileLinks(context.Context, CommentID) error
}

// tooLargeToAttach chooses which files leave as links: the largest, until the
// rest fits. Pictures that the text shows always stay in the mail.
func tooLargeToAttach(files []Attachment, html string, limit int64) []Attachment {
	var total int64
	var loose []Attachment
	for _, a := range files {
		total += a.Size
		if !a.Inline && !strings.Contains(html, a.Secret) {
			loose = append(loose, a)
		}
	}
	slices.SortStableFunc(loose, func(a, b Attachment) int { return int(b.Size - a.Size) })
	for i, a := range loose {
		if total <= limit {
			return loose[:i]
		}
		total -= a.Size
	}
	return loose
}

// shareLarge makes links for the files of a reply that are too large to be
// attached. It is decided once, with the comment: every attempt to send it
// then writes the same mail.
func (s *Service) shareLarge(ctx context.Context, tx Tx, c *Comment) error {
	if !s.shares || len(c.Attachments) == 0 {
		return nil
	}
	f, err := tx.GetFileSettings(ctx)
	if err != nil {
		return fmt.Errorf("read the settings of files: %w", err)
	}
	for _, a := range tooLargeToAttach(c.Attachments, c.HTML, f.LinkAbove) {
		now := s.now()
		l := FileLink{AttachmentID: a.ID, CommentID: c.ID, Secret: s.newToken(), CreatedAt: now, ExpiresAt: now.Add(f.LinkLife)}
		if err := tx.InsertFileLink(ctx, &l); err != nil {
			return fmt.Errorf("make a link to attachment %d: %w", a.ID, err)
		}
		c.Links = append(c.Links, l)
	}
	return nil
}

// SharedFile is what the page of a link shows.
type SharedFile struct {
	Link       FileLink
	Attachment Attachment
	Sender     string // name of who wrote the reply
	Brand      string // for whom
}

// Shared gives what a link leads to. A link that no longer works is the
// problem link_expired or link_revoked, and the file comes along so that the
// page can still say what it was.
func (s *Service) Shared(ctx context.Context, secret string) (*SharedFile, error) {
	var f *SharedFile
	err := s.store.View(ctx, func(tx Tx) (err error) {
		f, err = shared(ctx, tx, secret)
		if err != nil {
			return err
		}
		return s.mayDownload(ctx, tx, f)
	})
	return f, err
}

func shared(ctx context.Context, tx Tx, secret string) (*SharedFile, error) {
	l, err := tx.FindFileLinkBySecret(ctx, secret)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, problem.New(problem.NotFound, "link_unknown", "There is no file at this address.").
			On(problem.Yours, "Look whether the whole link was copied from the mail.")
	}
	a, err := tx.GetAttachment(ctx, l.AttachmentID)
	if err != nil {
		return nil, err
	}
	f := &SharedFile{Link: *l, Attachment: *a}
	c, err := tx.GetComment(ctx, l.CommentID)
	if err != nil {
		return nil, err
	}
	author, err := tx.GetUser(ctx, c.AuthorID)
	if err != nil {
		return nil, err
	}
	t, err := tx.GetTicket(ctx, c.TicketID)
	if err != nil {
		return nil, err
	}
	brand, err := tx.GetBrand(ctx, t.BrandID)
	if err != nil {
		return nil, err
	}
	f.Sender, f.Brand = author.Name, brand.Name
	return f, nil
}

// mayDownload says why the file of a link cannot be downloaded; nil when it can.
func (s *Service) mayDownload(ctx context.Context, tx Tx, f *SharedFile) error {
	if p := f.Link.refusal(s.now()); p != nil {
		return p
	}
	settings, err := tx.GetFileSettings(ctx)
	if err != nil {
		return err
	}
	if p := f.Attachment.Withheld(settings); p != nil {
		return p
	}
	return nil
}

// Download opens the file of a link. first tells that it is read from its
// beginning, which counts as a download.
func (s *Service) Download(ctx context.Context, secret string, first bool) (*Attachment, io.ReadSeekCloser, error) {
	f, err := s.Shared(ctx, secret)
	if err != nil {
		return nil, nil, err
	}
	content, err := s.blobs.Get(ctx, f.Attachment.Blob)
	if err != nil {
		return nil, nil, fmt.Errorf("open the file of link %d: %w", f.Link.ID, err)
	}
	if !first {
		return &f.Attachment, content, nil
	}
	err = s.store.Update(ctx, func(tx Tx) error { return tx.CountDownload(ctx, f.Link.ID, s.now()) })
	if err != nil {
		content.Close()
		return nil, nil, fmt.Errorf("count a download of link %d: %w", f.Link.ID, err)
	}
	return &f.Attachment, content, nil
}

// RevokeLink takes a link back at once.
func (s *Service) RevokeLink(ctx context.Context, by access.Actor, id LinkID) (*FileLink, error) {
	return s.changeLink(ctx, by, id, "file_link.revoked", func(l *FileLink, _ FileSettings) { l.RevokedAt = s.now() })
}

// RenewLink makes a link good again for as long as new ones are, also one that
// has expired or was revoked: what stands in the mail works again.
func (s *Service) RenewLink(ctx context.Context, by access.Actor, id LinkID) (*FileLink, error) {
	return s.changeLink(ctx, by, id, "file_link.renewed", func(l *FileLink, f FileSettings) {
		l.RevokedAt, l.ExpiresAt = time.Time{}, s.now().Add(f.LinkLife)
	})
}

func (s *Service) changeLink(ctx context.Context, by access.Actor, id LinkID, action string, change func(*FileLink, FileSettings)) (l *FileLink, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if l, err = tx.GetFileLink(ctx, id); err != nil {
			return err
		}
		a, err := tx.GetAttachment(ctx, l.AttachmentID)
		if err != nil {
			return err
		}
		f, err := tx.GetFileSettings(ctx)
		if err != nil {
			return err
		}
		change(l, f)
		if err := tx.UpdateFileLink(ctx, l); err != nil {
			return fmt.Errorf("change link %d: %w", id, err)
		}
		c, err := tx.GetComment(ctx, l.CommentID)
		if err != nil {
			return err
		}
		tx.Publish(event.Event{Kind: event.CommentUpdated, ID: int64(c.ID), Parent: int64(c.TicketID)})
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: action, Object: "file_link", Subject: int64(id), Label: a.FileName,
			After: map[string]any{"ticket": c.TicketID, "expires_at": l.ExpiresAt.UTC().Format(time.RFC3339)},
		})
	})
	return l, err
}
