package api

import (
	"context"
	"time"

	"tandem/access"
	"tandem/desk"
)

func (s *server) draftRoutes() {
	const tag = "drafts"
	route(s, op{on: "GET /tickets/{id}/draft", id: "show_draft", says: "What whoever asks has written on a ticket and not sent", tag: tag, may: agents}, s.showDraft)
	route(s, op{on: "PUT /tickets/{id}/draft", id: "save_draft", says: "Keep what has been written and not sent; an empty draft is removed", tag: tag, may: agents}, s.saveDraft)
	route(s, op{on: "DELETE /tickets/{id}/draft", id: "discard_draft", says: "Remove what has been written and not sent", tag: tag, may: agents}, s.discardDraft)
}

// Draft is what somebody has written on a ticket and not sent.
type Draft struct {
	TicketID     int64           `json:"ticket_id" doc:"0: a ticket that is yet to be opened"`
	Mode         string          `json:"mode" enum:"reply,note" doc:"Which of the two was at hand last"`
	Reply        DraftText       `json:"reply"`
	Note         DraftText       `json:"note"`
	EmailCCs     maybe[[]string] `json:"email_ccs" doc:"Addresses in copy; null: those of the ticket"`
	Subject      string          `json:"subject" doc:"Of a ticket that is yet to be opened"`
	Requester    string          `json:"requester" doc:"Of a ticket that is yet to be opened, as typed"`
	UpdatedStamp stamp           `json:"updated_stamp" doc:"Send it back with the next state; null: there is no draft"`
}

// DraftText is one half of a draft.
type DraftText struct {
	HTMLBody string   `json:"html_body" doc:"Sanitised"`
	Uploads  []Upload `json:"uploads" doc:"Files, and the pictures that html_body shows; a draft keeps them from expiring"`
}

func encodeDraft(q *request, d *desk.SavedDraft) Draft {
	out := Draft{
		TicketID: int64(d.TicketID), Mode: "note", Reply: encodeDraftText(q, d.Reply), Note: encodeDraftText(q, d.Note),
		Subject: d.Subject, Requester: d.Requester, UpdatedStamp: stamp(d.SavedAt),
	}
	if d.Public {
		out.Mode = "reply"
	}
	if d.CCs != nil {
		out.EmailCCs.value = &d.CCs
	}
	return out
}

func encodeDraftText(q *request, t desk.DraftText) DraftText {
	out := DraftText{HTMLBody: t.HTML, Uploads: []Upload{}}
	for _, token := range t.Uploads {
		up := desk.Upload{Token: token}
		for _, f := range t.Files {
			if f.UploadToken == token {
				up.Added, up.Files = f, append(up.Files, f)
			}
		}
		if len(up.Files) > 0 {
			up.ExpiresAt = up.Files[0].CreatedAt.Add(desk.UploadLife)
			out.Uploads = append(out.Uploads, encodeUpload(q, up))
		}
	}
	return out
}

type draftIn struct {
	ID int64 `path:"id" minimum:"0" doc:"0: a ticket that is yet to be opened"`
}

type draftOut struct {
	Body struct {
		Draft Draft `json:"draft"`
	}
}

func shownDraft(ctx context.Context, d *desk.SavedDraft, err error) (*draftOut, error) {
	return respond(ctx, err, func(q *request, out *draftOut) { out.Body.Draft = encodeDraft(q, d) })
}

func (s *server) showDraft(ctx context.Context, by access.Actor, in *draftIn) (*draftOut, error) {
	d, err := s.desk.Draft(ctx, by, desk.TicketID(in.ID))
	return shownDraft(ctx, d, err)
}

// DraftBody is a draft as a client keeps it.
type DraftBody struct {
	Mode         string              `json:"mode,omitempty" enum:"reply,note"`
	Reply        DraftTextBody       `json:"reply,omitzero"`
	Note         DraftTextBody       `json:"note,omitzero"`
	EmailCCs     *[]string           `json:"email_ccs,omitempty" doc:"Addresses in copy; absent: those of the ticket"`
	Subject      string              `json:"subject,omitempty"`
	Requester    string              `json:"requester,omitempty"`
	UpdatedStamp optional[time.Time] `json:"updated_stamp,omitzero" doc:"Of the draft that this one replaces; null: there was none. Refused when another window has saved since"`
}

// DraftTextBody is one half of it.
type DraftTextBody struct {
	HTMLBody string   `json:"html_body,omitempty"`
	Uploads  []string `json:"uploads,omitempty" maxItems:"50" doc:"Tokens of uploads"`
}

type saveDraftIn struct {
	ID   int64 `path:"id" minimum:"0" doc:"0: a ticket that is yet to be opened"`
	Body struct {
		Draft DraftBody `json:"draft"`
	}
}

func (s *server) saveDraft(ctx context.Context, by access.Actor, in *saveDraftIn) (*draftOut, error) {
	b := in.Body.Draft
	d, err := s.desk.SaveDraft(ctx, by, desk.SavedDraft{
		TicketID: desk.TicketID(in.ID), Public: b.Mode != "note", CCs: value(b.EmailCCs), Subject: b.Subject, Requester: b.Requester,
		Reply: desk.DraftText{HTML: b.Reply.HTMLBody, Uploads: b.Reply.Uploads},
		Note:  desk.DraftText{HTML: b.Note.HTMLBody, Uploads: b.Note.Uploads},
	}, b.UpdatedStamp.Value)
	return shownDraft(ctx, d, err)
}

func (s *server) discardDraft(ctx context.Context, by access.Actor, in *draftIn) (*none, error) {
	return nil, s.desk.DiscardDraft(ctx, by, desk.TicketID(in.ID))
}
