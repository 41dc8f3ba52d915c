package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
)

func (s *server) uploadRoutes() {
	const tag = "attachments"
	route(s, op{on: "POST /uploads", id: "upload_file", says: "Upload a file for a comment; the body is the file", tag: tag, may: agents,
		status: http.StatusCreated, takes: "application/octet-stream"}, s.addUpload)
	route(s, op{on: "DELETE /uploads/{token}", id: "delete_upload", says: "Remove an upload that no comment has taken", tag: tag, may: agents}, s.deleteUpload)
	route(s, op{on: "GET /attachments/{id}", id: "show_attachment", says: "Show what is known of a file", tag: tag, may: agents}, s.showAttachment)
	s.mux.Handle("GET /attachments/token/{secret}/", s.authenticate(http.HandlerFunc(s.serveFile)))
}

type addUploadIn struct {
	FileName    string `query:"filename" required:"true" maxLength:"1000" doc:"Name of the file"`
	Token       string `query:"token" doc:"Token of an upload to add to"`
	ContentType string `header:"Content-Type" hidden:"true"`
	content     io.Reader
}

// Resolve takes the body as it comes, so that it need not fit into memory.
func (in *addUploadIn) Resolve(ctx huma.Context) []error {
	in.content = movingBody{ctx}
	return nil
}

// movingBody is the body of a request that may take long, as long as it moves.
type movingBody struct{ ctx huma.Context }

func (b movingBody) Read(p []byte) (int, error) {
	_ = b.ctx.SetReadDeadline(time.Now().Add(bodyTime)) // not every connection has one
	n, err := b.ctx.BodyReader().Read(p)
	if err == io.EOF {
		// The virus scanner may take longer than a deadline that nobody moves any more.
		_ = b.ctx.SetReadDeadline(time.Time{})
	}
	return n, err
}

// Upload is files that wait for their comment.
type Upload struct {
	Token       string       `json:"token"`
	ExpiresAt   instant      `json:"expires_at"`
	Attachment  Attachment   `json:"attachment" doc:"The file that was just added"`
	Attachments []Attachment `json:"attachments"`
}

type uploadOut struct {
	Body struct {
		Upload Upload `json:"upload"`
	}
}

func (s *server) addUpload(ctx context.Context, by access.Actor, in *addUploadIn) (*uploadOut, error) {
	up, err := s.desk.AddUpload(ctx, by, in.Token, in.FileName, in.ContentType, in.content)
	return shownUpload(ctx, up, err)
}

func shownUpload(ctx context.Context, up *desk.Upload, err error) (*uploadOut, error) {
	return respond(ctx, err, func(q *request, out *uploadOut) { out.Body.Upload = encodeUpload(q, *up) })
}

func encodeUpload(q *request, up desk.Upload) Upload {
	return Upload{
		Token: up.Token, ExpiresAt: instant(up.ExpiresAt), Attachment: encodeAttachment(q, up.Added),
		Attachments: each(up.Files, encoder(q, encodeAttachment)),
	}
}

type uploadIn struct {
	Token string `path:"token"`
}

func (s *server) deleteUpload(ctx context.Context, by access.Actor, in *uploadIn) (*none, error) {
	return nil, s.desk.RemoveUpload(ctx, by, in.Token)
}

type attachmentIn struct {
	ID int64 `path:"id"`
}

type attachmentOut struct {
	Body struct {
		Attachment Attachment `json:"attachment"`
	}
}

func (s *server) showAttachment(ctx context.Context, by access.Actor, in *attachmentIn) (*attachmentOut, error) {
	a, err := s.desk.Attachment(ctx, by, desk.AttachmentID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(attachmentOut)
	out.Body.Attachment = encodeAttachment(requestOf(ctx), *a)
	return out, nil
}

// filePolicy lets a file that a browser opens run nothing and load nothing.
const filePolicy = "sandbox; default-src 'none'"

// serveFile sends the bytes of a file. Only pictures that cannot hold script
// are shown; everything else is downloaded, under a policy that would let it do
// nothing if a browser showed it all the same.
func (s *server) serveFile(w http.ResponseWriter, r *http.Request) {
	q := requestOf(r.Context())
	if err := agents.check(q.actor, q.known); err != nil {
		writeProblem(w, r, s.log, err)
		return
	}
	a, content, err := s.desk.File(r.Context(), q.actor, r.PathValue("secret"))
	if err != nil {
		writeProblem(w, r, s.log, err)
		return
	}
	defer content.Close()
	h := w.Header()
	media, disposition := "application/octet-stream", "attachment"
	if desk.IsPicture(a.ContentType) {
		media, disposition = a.ContentType, "inline"
		h.Del("X-Frame-Options")
	}
	describeFile(h, a, media, disposition)
	h.Set("Cache-Control", "private, max-age=86400, immutable") // an address names one content for ever
	http.ServeContent(w, r, "", a.CreatedAt, content)
}

// describeFile tells a browser of a file so that it runs nothing of it: the type
// as we say it and no other, a name, and a policy.
func describeFile(h http.Header, a *desk.Attachment, media, disposition string) {
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", fileDisposition(disposition, a.FileName))
	h.Set("Content-Security-Policy", filePolicy)
}

// fileDisposition names the file (RFC 6266). A name that is not ASCII stands
// there twice: for old readers with its letters replaced, and encoded as RFC
// 8187 says, which counts where both are understood (RFC 6266, section 4.3).
func fileDisposition(disposition, name string) string {
	name = strings.ToValidUTF8(name, "_")
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '_'
		}
		return r
	}, name)
	value := mime.FormatMediaType(disposition, map[string]string{"filename": plain})
	if plain != name {
		value += "; filename*=utf-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	}
	return value
}

// fileName keeps what every system accepts in a name that we make ourselves.
func fileName(text, extension string) string {
	name := strings.TrimSuffix(desk.FileName(text), extension)
	return name + extension
}
