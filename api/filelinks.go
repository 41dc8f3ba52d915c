package api

import (
	"context"
	"net/url"

	"tandem/access"
	"tandem/desk"
)

func (s *server) fileLinkRoutes() {
	const tag = "attachments"
	route(s, op{on: "POST /file_links/{id}/revoke", id: "revoke_file_link", says: "Take a link to a file back", tag: tag, may: agents}, s.revokeFileLink)
	route(s, op{on: "POST /file_links/{id}/renew", id: "renew_file_link", says: "Make a link to a file good again", tag: tag, may: agents}, s.renewFileLink)
}

// FileLink is a link by which a file left that was too large to be attached.
type FileLink struct {
	ID           int64   `json:"id"`
	AttachmentID int64   `json:"attachment_id"`
	URL          string  `json:"url" doc:"What stands in the mail"`
	State        string  `json:"state" enum:"active,expired,revoked"`
	ExpiresAt    instant `json:"expires_at"`
	RevokedAt    stamp   `json:"revoked_at"`
	Downloads    int     `json:"downloads"`
	DownloadedAt stamp   `json:"downloaded_at" doc:"Last"`
}

func encodeFileLinks(q *request, c *desk.Comment) []FileLink {
	return each(c.Links, encoder(q, encodeFileLink))
}

func encodeFileLink(q *request, l desk.FileLink) FileLink {
	return FileLink{
		ID: int64(l.ID), AttachmentID: int64(l.AttachmentID), URL: q.base + "/files/" + url.PathEscape(l.Secret), State: string(l.State(q.at)),
		ExpiresAt: instant(l.ExpiresAt), RevokedAt: stamp(l.RevokedAt), Downloads: l.Downloads, DownloadedAt: stamp(l.DownloadedAt),
	}
}

type fileLinkIn struct {
	ID int64 `path:"id"`
}

type fileLinkOut struct {
	Body struct {
		FileLink FileLink `json:"file_link"`
	}
}

func shownFileLink(ctx context.Context, l *desk.FileLink, err error) (*fileLinkOut, error) {
	return respond(ctx, err, func(q *request, out *fileLinkOut) { out.Body.FileLink = encodeFileLink(q, *l) })
}

func (s *server) revokeFileLink(ctx context.Context, by access.Actor, in *fileLinkIn) (*fileLinkOut, error) {
	l, err := s.desk.RevokeLink(ctx, by, desk.LinkID(in.ID))
	return shownFileLink(ctx, l, err)
}

func (s *server) renewFileLink(ctx context.Context, by access.Actor, in *fileLinkIn) (*fileLinkOut, error) {
	l, err := s.desk.RenewLink(ctx, by, desk.LinkID(in.ID))
	return shownFileLink(ctx, l, err)
}
