package api

import (
	"context"

	"tandem/access"
	"tandem/desk"
	"tandem/email"
)

func (s *server) asideRoutes() {
	route(s, op{on: "POST /mail/{id}/fetch_attachments", id: "fetch_attachments", says: "Fetch the files of a mail that was too large", tag: "mail",
		may: agents, status: 202}, s.fetchAside)
}

// SetAside says that the files of a comment's mail are not here.
type SetAside struct {
	MailID    int64  `json:"mail_id"`
	Size      int64  `json:"size" doc:"Of the whole mail, in bytes"`
	State     string `json:"state" enum:"at_microsoft,fetching,fetched,gone,failed"`
	ErrorCode string `json:"error_code" doc:"Why fetching them did not work so far"`
	Message   string `json:"message"`
	Remedy    string `json:"remedy"`
}

func encodeSetAside(a *desk.Aside) *SetAside {
	return &SetAside{MailID: a.MailID, Size: a.Size, State: string(a.State), ErrorCode: a.ErrorCode, Message: a.Error, Remedy: a.Remedy}
}

type fetchAsideIn struct {
	ID int64 `path:"id"`
}

type fetchAsideOut struct {
	Body struct {
		SetAside SetAside `json:"set_aside"`
	}
}

func (s *server) fetchAside(ctx context.Context, by access.Actor, in *fetchAsideIn) (*fetchAsideOut, error) {
	a, err := s.asides.Fetch(ctx, by, email.MailID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(fetchAsideOut)
	out.Body.SetAside = *encodeSetAside(a)
	return out, nil
}
