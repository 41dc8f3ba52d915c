package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type draftRow struct {
	bun.BaseModel `bun:"table:draft,alias:draft"`

	ID       int64  `bun:"id,pk"`
	UserID   int64  `bun:"user_id,skipupdate"`
	TicketID int64  `bun:"ticket_id,skipupdate"`
	Content  string `bun:"content"`
	SavedAt  int64  `bun:"saved_at"`
}

// draftContent is what a draft says, as it is stored.
type draftContent struct {
	Public    bool      `json:"public"`
	Reply     draftHalf `json:"reply"`
	Note      draftHalf `json:"note"`
	CCs       []string  `json:"ccs"` // null is not []: nobody changed the people in copy
	Subject   string    `json:"subject,omitempty"`
	Requester string    `json:"requester,omitempty"`
}

type draftHalf struct {
	HTML    string   `json:"html"`
	Uploads []string `json:"uploads,omitempty"`
}

func rowOfDraft(d *desk.SavedDraft) (draftRow, error) {
	content, err := json.Marshal(draftContent{
		Public: d.Public, CCs: d.CCs, Subject: d.Subject, Requester: d.Requester,
		Reply: draftHalf{d.Reply.HTML, d.Reply.Uploads}, Note: draftHalf{d.Note.HTML, d.Note.Uploads},
	})
	return draftRow{UserID: int64(d.UserID), TicketID: int64(d.TicketID), Content: string(content), SavedAt: millis(d.SavedAt)}, err
}

func (r *draftRow) draft() (*desk.SavedDraft, error) {
	var c draftContent
	if err := json.Unmarshal([]byte(r.Content), &c); err != nil {
		return nil, fmt.Errorf("content of draft %d: %w", r.ID, err)
	}
	return &desk.SavedDraft{
		ID: r.ID, UserID: directory.UserID(r.UserID), TicketID: desk.TicketID(r.TicketID), SavedAt: instant(r.SavedAt),
		Public: c.Public, CCs: c.CCs, Subject: c.Subject, Requester: c.Requester,
		Reply: desk.DraftText{HTML: c.Reply.HTML, Uploads: c.Reply.Uploads},
		Note:  desk.DraftText{HTML: c.Note.HTML, Uploads: c.Note.Uploads},
	}, nil
}

// LockDraft reads the draft of a person at a ticket, or nil. In an Update it
// locks the row.
func (tx *Tx) LockDraft(ctx context.Context, of directory.UserID, ticket desk.TicketID) (*desk.SavedDraft, error) {
	row, err := lockOne[draftRow](ctx, tx, "user_id = $1 AND ticket_id = $2", of, ticket)
	if err != nil || row == nil {
		return nil, err
	}
	return row.draft()
}

// SaveDraft inserts the draft when it has no ID, which it sets, else replaces it.
func (tx *Tx) SaveDraft(ctx context.Context, d *desk.SavedDraft) error {
	row, err := rowOfDraft(d)
	if err != nil {
		return fmt.Errorf("encode draft: %w", err)
	}
	if d.ID == 0 {
		d.ID, err = tx.insert(ctx, row)
	} else {
		err = missing(tx.update(ctx, d.ID, row), "draft", d.ID)
	}
	if err != nil {
		return fmt.Errorf("save draft of user %d at ticket %d: %w", d.UserID, d.TicketID, err)
	}
	return tx.holdUploads(ctx, d.ID, slices.Concat(d.Reply.Uploads, d.Note.Uploads))
}

// DeleteDraft removes a draft; its uploads are no longer kept.
func (tx *Tx) DeleteDraft(ctx context.Context, id int64) error {
	if err := tx.holdUploads(ctx, id, nil); err != nil {
		return err
	}
	_, err := tx.exec(ctx, "DELETE FROM draft WHERE id = $1", id)
	return err
}

// holdUploads keeps the uploads that a draft names, and lets go of others.
func (tx *Tx) holdUploads(ctx context.Context, draft int64, tokens []string) error {
	if _, err := tx.exec(ctx, "UPDATE attachment SET draft_id = 0 WHERE draft_id <> 0 AND draft_id = $1", draft); err != nil {
		return fmt.Errorf("let go of the uploads of draft %d: %w", draft, err)
	}
	for _, token := range tokens {
		_, err := tx.exec(ctx, "UPDATE attachment SET draft_id = $1 WHERE upload_token <> '' AND upload_token = $2", draft, token)
		if err != nil {
			return fmt.Errorf("keep the uploads of draft %d: %w", draft, err)
		}
	}
	return nil
}
