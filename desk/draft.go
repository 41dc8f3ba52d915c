package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// SavedDraft is what an agent has written on a ticket and not sent. Each agent
// has one at each ticket, and one for a ticket that is yet to be opened. It
// lives on the server, so that it survives the browser and waits in the next one.
type SavedDraft struct {
	ID          int64
	UserID      directory.UserID // whose it is; nobody else sees it
	TicketID    TicketID         // 0: a ticket that is yet to be opened
	Public      bool             // the reply was at hand last, else the note
	Reply, Note DraftText
	CCs         []string // addresses in copy, when they were changed; nil: those of the ticket
	Subject     string   // of a ticket that is yet to be opened
	Requester   string   // likewise, as typed

	// SavedAt tells one state of the draft from another: whoever saves says
	// which state they have seen. It only moves on, and a draft that is begun
	// anew does not repeat it. Zero: there is none.
	SavedAt time.Time
}

// DraftText is one half of a draft.
type DraftText struct {
	HTML    string   // sanitised
	Uploads []string // tokens of its files and pictures
	Files   []Attachment
}

func (t DraftText) empty() bool { return t.HTML == "" && len(t.Uploads) == 0 }

// Empty tells whether there is nothing to keep.
func (d *SavedDraft) Empty() bool {
	return d.Reply.empty() && d.Note.empty() && d.CCs == nil && d.Subject == "" && d.Requester == ""
}

// half is the reply or the note.
func (d *SavedDraft) half(public bool) *DraftText {
	if public {
		return &d.Reply
	}
	return &d.Note
}

// sent takes out of the draft what has become a comment.
func (d *SavedDraft) sent(public bool) {
	*d.half(public) = DraftText{}
	if public {
		d.CCs = nil
	}
	if d.TicketID == 0 { // what is written next is another ticket
		d.CCs, d.Subject, d.Requester = nil, "", ""
	}
}

// takeBack puts a comment that was taken back before what has been written since.
func (d *SavedDraft) takeBack(c *Comment) {
	d.Public = c.Public
	half := d.half(c.Public)
	half.HTML = cmp.Or(c.HTML, Paragraphs(c.Text)) + half.HTML
	for _, a := range slices.Backward(c.Attachments) {
		if a.UploadToken != "" && !slices.Contains(half.Uploads, a.UploadToken) {
			half.Uploads = slices.Insert(half.Uploads, 0, a.UploadToken)
		}
	}
}

// Draft gives what the actor has written on a ticket and not sent; an empty one when there is nothing.
func (s *Service) Draft(ctx context.Context, by access.Actor, ticket TicketID) (d *SavedDraft, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		if err := mustBeTicket(ctx, tx, ticket); err != nil {
			return err
		}
		if d, err = s.lockDraft(ctx, tx, by.UserID, ticket); err != nil {
			return err
		}
		return listFiles(ctx, tx, d)
	})
	return d, err
}

// SaveDraft replaces what the actor has written on a ticket; an empty draft is
// removed. It is refused with "draft_changed" when the draft is no longer as it
// was at seen: another window has written on.
func (s *Service) SaveDraft(ctx context.Context, by access.Actor, d SavedDraft, seen time.Time) (*SavedDraft, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	if err := d.tooLarge(); err != nil {
		return nil, err
	}
	var saved SavedDraft
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := mustBeTicket(ctx, tx, d.TicketID); err != nil {
			return err
		}
		current, err := s.lockDraft(ctx, tx, by.UserID, d.TicketID)
		if err != nil {
			return err
		}
		if !current.SavedAt.Equal(seen) {
			return problem.New(problem.Conflict, "draft_changed", "The draft was changed in another window.").
				On(problem.Yours, "Choose which of the two to keep.")
		}
		saved = d
		saved.ID, saved.UserID, saved.SavedAt = current.ID, current.UserID, current.SavedAt
		if err := s.cleanDraft(ctx, tx, &saved); err != nil {
			return err
		}
		return s.keep(ctx, tx, &saved)
	})
	if err != nil {
		return nil, err
	}
	return &saved, nil
}

// DiscardDraft removes what the actor has written on a ticket; nothing happens when there is nothing.
func (s *Service) DiscardDraft(ctx context.Context, by access.Actor, ticket TicketID) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		d, err := s.lockDraft(ctx, tx, by.UserID, ticket)
		if err != nil {
			return err
		}
		return s.keep(ctx, tx, &SavedDraft{ID: d.ID, UserID: d.UserID, TicketID: d.TicketID})
	})
}

// forgetSent takes a comment that was just written out of its author's draft,
// in the comment's own transaction. What a program says is in nobody's draft.
func (s *Service) forgetSent(ctx context.Context, tx Tx, ticket TicketID, c *Comment) error {
	if c.Via != ByWeb {
		return nil
	}
	d, err := s.lockDraft(ctx, tx, c.AuthorID, ticket)
	if err != nil || d.ID == 0 {
		return err
	}
	d.sent(c.Public)
	return s.keep(ctx, tx, d)
}

// restoreDraft gives a comment that was taken back to its author as a draft
// again, with the people in copy it was meant for.
func (s *Service) restoreDraft(ctx context.Context, tx Tx, t *Ticket, c *Comment) error {
	if c.Via != ByWeb {
		return nil
	}
	d, err := s.lockDraft(ctx, tx, c.AuthorID, t.ID)
	if err != nil {
		return err
	}
	d.takeBack(c)
	if d.CCs == nil && len(t.CCs) > 0 {
		people, err := tx.ListUsers(ctx, directory.UserFilter{IDs: t.CCs})
		if err != nil {
			return fmt.Errorf("people in copy of ticket %d: %w", t.ID, err)
		}
		for _, u := range people {
			d.CCs = append(d.CCs, u.Email)
		}
	}
	return s.keep(ctx, tx, d)
}

// keep stores a draft, or removes it when nothing is left of it, and tells the
// other windows of its writer.
func (s *Service) keep(ctx context.Context, tx Tx, d *SavedDraft) error {
	if d.Empty() && d.ID == 0 {
		return nil
	}
	tx.Publish(event.Event{Kind: event.DraftUpdated, ID: int64(d.TicketID), Parent: int64(d.UserID)})
	if d.Empty() {
		d.SavedAt = time.Time{}
		return tx.DeleteDraft(ctx, d.ID)
	}
	at := s.now().Truncate(time.Millisecond)
	if !at.After(d.SavedAt) {
		at = d.SavedAt.Add(time.Millisecond)
	}
	d.SavedAt = at
	return tx.SaveDraft(ctx, d)
}

// lockDraft gives the draft of a person at a ticket; an empty one when there is none.
func (s *Service) lockDraft(ctx context.Context, tx Tx, of directory.UserID, ticket TicketID) (*SavedDraft, error) {
	d, err := tx.LockDraft(ctx, of, ticket)
	if err != nil {
		return nil, fmt.Errorf("draft of user %d at ticket %d: %w", of, ticket, err)
	}
	if d == nil {
		d = &SavedDraft{UserID: of, TicketID: ticket, Public: true}
	}
	return d, nil
}

// cleanDraft makes both halves fit to be shown and drops uploads that are gone.
func (s *Service) cleanDraft(ctx context.Context, tx Tx, d *SavedDraft) error {
	d.Subject, d.Requester = truncate(oneLine(clean(d.Subject)), MaxSubject), truncate(oneLine(clean(d.Requester)), maxName)
	if err := listFiles(ctx, tx, d); err != nil {
		return err
	}
	for _, half := range []*DraftText{&d.Reply, &d.Note} {
		if half.HTML = clean(half.HTML); half.HTML != "" && s.sanitize != nil {
			half.HTML, _ = s.sanitize(half.HTML, ownPictures(half.Files, d.UserID))
		}
	}
	return nil
}

// listFiles fills in the files of both halves. Uploads that are gone, because
// they expired or another window has sent them, are left out.
func listFiles(ctx context.Context, tx Tx, d *SavedDraft) error {
	for _, half := range []*DraftText{&d.Reply, &d.Note} {
		var there []string
		half.Files = nil
		for _, token := range half.Uploads {
			files, err := tx.ListUpload(ctx, token)
			if err != nil {
				return fmt.Errorf("list an upload: %w", err)
			}
			if len(files) > 0 {
				there, half.Files = append(there, token), append(half.Files, files...)
			}
		}
		half.Uploads = there
	}
	return nil
}

// tooLarge refuses what no comment could be.
func (d *SavedDraft) tooLarge() error {
	for _, half := range []DraftText{d.Reply, d.Note} {
		if len(half.HTML) > MaxBody {
			return commentTooLong()
		}
		if len(half.Uploads) > uploadFiles {
			return tooManyFiles()
		}
	}
	if len(d.CCs) > MaxCCs {
		return tooManyCCs()
	}
	return nil
}

func mustBeTicket(ctx context.Context, tx Tx, id TicketID) error {
	if id == 0 {
		return nil
	}
	_, err := tx.GetTicket(ctx, id)
	return err
}
