package api

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
)

func (s *server) commentRoutes() {
	const tag = "comments"
	route(s, op{on: "GET /tickets/{id}/comments", id: "list_comments", says: "List what was said about a ticket, oldest first unless asked otherwise", tag: tag, may: agents}, s.listComments)
	route(s, op{on: "GET /tickets/{id}/comments/count", id: "count_comments", says: "Count what was said about a ticket", tag: tag, may: agents}, s.countComments)
	route(s, op{on: "PUT /tickets/{id}/comments/{cid}/make_private", id: "make_comment_private", says: "Turn a reply into an internal note", tag: tag, may: agents}, s.makePrivate)
	route(s, op{on: "POST /tickets/{id}/comments/{cid}/accept", id: "accept_comment", says: "Let a stranger's mail count", tag: tag, may: agents}, s.acceptComment)
	route(s, op{on: "POST /tickets/{id}/comments/{cid}/retry_delivery", id: "retry_delivery", says: "Send a reply again that failed", tag: tag, may: agents}, s.retryDelivery)
	route(s, op{on: "POST /tickets/{id}/comments/{cid}/cancel_delivery", id: "cancel_delivery", says: "Take a reply back that has not left yet", tag: tag, may: agents}, s.cancelDelivery)
	route(s, op{on: "GET /tickets/{id}/comments/{cid}/frame", id: "comment_frame", says: "A comment as a page for a sandboxed frame", tag: tag, may: agents, media: "text/html"}, s.commentFrame)
}

// Comment is a comment as the API shows it.
type Comment struct {
	ID              int64              `json:"id"`
	Type            string             `json:"type" enum:"Comment"`
	TicketID        int64              `json:"ticket_id"`
	AuthorID        int64              `json:"author_id"`
	Public          bool               `json:"public"`
	Body            string             `json:"body" doc:"Plain text"`
	PlainBody       string             `json:"plain_body"`
	HTMLBody        string             `json:"html_body" doc:"Sanitised HTML; plain text as paragraphs"`
	QuotedHTML      *string            `json:"quoted_html" doc:"The quoted history of a mail, folded away"`
	HasRemoteImages bool               `json:"has_remote_images"`
	Attachments     []Attachment       `json:"attachments"`
	FileLinks       []FileLink         `json:"file_links" doc:"Links to files that were too large to be attached"`
	SetAside        maybe[SetAside]    `json:"set_aside" doc:"The mail was too large: its files are still at Microsoft"`
	Via             Via                `json:"via"`
	MailID          *int64             `json:"mail_id"`
	Mail            maybe[CommentMail] `json:"mail" doc:"What is known of the mail that it came by; null when it came by none"`
	Flag            *string            `json:"flag" enum:"stranger"`
	Delivery        maybe[Delivery]    `json:"delivery"`
	CreatedAt       instant            `json:"created_at"`
	Metadata        object             `json:"metadata" doc:"Always empty"`
}

// CommentMail is what is known of the mail that a comment came by.
type CommentMail struct {
	Address        string `json:"address" doc:"The support address that it came to"`
	Authentication string `json:"authentication" enum:"pass,fail,none" doc:"Whether the sender's domain vouches for it"`
	Automatic      bool   `json:"automatic" doc:"A program wrote it"`
	Language       string `json:"language" doc:"A guess; empty: none"`
}

// Bounce tells that a sent mail did not reach somebody.
type Bounce struct {
	Recipient  string  `json:"recipient"`
	Status     string  `json:"status" doc:"Enhanced status code, such as 5.1.1"`
	Diagnostic string  `json:"diagnostic" doc:"What the other server said"`
	Code       string  `json:"code"`
	Message    string  `json:"message"`
	Remedy     string  `json:"remedy"`
	At         instant `json:"at"`
	MailID     int64   `json:"mail_id" doc:"The report in the ledger"`
}

func encodeBounce(b desk.Bounce) Bounce {
	return Bounce{
		Recipient: b.Recipient, Status: b.Status, Diagnostic: b.Diagnostic, Code: b.Code, Message: b.Message, Remedy: b.Remedy,
		At: instant(b.At), MailID: b.MailID,
	}
}

// Delivery is how far the mail of a public comment has come.
type Delivery struct {
	State     string   `json:"state" enum:"waiting,sending,sent,bounced,failed"`
	ErrorCode string   `json:"error_code"`
	Message   string   `json:"message"`
	Remedy    string   `json:"remedy"`
	Attempts  int      `json:"attempts"`
	SentAt    stamp    `json:"sent_at"`
	Bounces   []Bounce `json:"bounces" doc:"Whom it did not reach"`
}

func encodeComment(q *request, c *desk.Comment) Comment {
	out := Comment{
		ID: int64(c.ID), Type: "Comment", TicketID: int64(c.TicketID), AuthorID: int64(c.AuthorID), Public: c.Public,
		Body: c.Text, PlainBody: c.Text, HTMLBody: c.HTML, QuotedHTML: orNull(c.QuotedHTML), HasRemoteImages: c.HasRemoteImages,
		Attachments: each(c.Attachments, encoder(q, encodeAttachment)), Via: Via{Channel: string(c.Via)},
		MailID: orNull(c.MailID), Flag: orNull(string(c.Flag)), CreatedAt: instant(c.CreatedAt), Metadata: object{},
	}
	out.FileLinks = encodeFileLinks(q, c)
	if c.Aside != nil {
		out.SetAside.value = encodeSetAside(c.Aside)
	}
	if out.HTMLBody == "" {
		out.HTMLBody = desk.Paragraphs(c.Text)
	}
	if out.QuotedHTML == nil && c.QuotedText != "" {
		out.QuotedHTML = orNull(desk.Paragraphs(c.QuotedText))
	}
	if f := c.Facts; f != (desk.MailFacts{}) {
		out.Mail.value = &CommentMail{Address: f.Address, Authentication: f.Authentication, Automatic: f.Automatic, Language: f.Language}
	}
	if d := c.Delivery; d != nil {
		out.Delivery.value = &Delivery{
			State: string(d.State), ErrorCode: d.ErrorCode, Message: d.Error, Remedy: d.Remedy, Attempts: d.Attempts, SentAt: stamp(d.SentAt),
			Bounces: each(d.Bounces, encodeBounce),
		}
	}
	return out
}

// Attachment is a file as the API shows it.
type Attachment struct {
	ID               int64    `json:"id"`
	FileName         string   `json:"file_name"`
	ContentType      string   `json:"content_type"`
	Size             int64    `json:"size"`
	Inline           bool     `json:"inline"`
	ContentID        *string  `json:"content_id"`
	ContentURL       string   `json:"content_url"`
	MappedContentURL string   `json:"mapped_content_url"`
	Thumbnails       []string `json:"thumbnails"`
	Deleted          bool     `json:"deleted"`
	ScanResult       string   `json:"malware_scan_result" enum:"not_scanned,malware_not_found,malware_found,failed_to_scan"`
	ScanState        string   `json:"scan_state" enum:"not_scanned,waiting,clean,malware,failed" doc:"The same, and whether it is still to come"`
	Finding          string   `json:"scan_finding" doc:"What the virus scanner found; too_large when the file is too large for it"`
	SetAside         bool     `json:"set_aside" doc:"The file is still in the mailbox at Microsoft"`
}

// scanResult is Zendesk's word for what the scanner said.
func scanResult(state desk.ScanState) string {
	switch state {
	case desk.ScanClean:
		return "malware_not_found"
	case desk.ScanMalware:
		return "malware_found"
	case desk.ScanFailed:
		return "failed_to_scan"
	}
	return "not_scanned"
}

// encodeAttachment gives the whole address of the file, as clients of Zendesk's
// API expect it. The browser application takes the path of it, which holds
// under every name that browsers reach us by.
func encodeAttachment(q *request, a desk.Attachment) Attachment {
	address := q.base + "/attachments/token/" + url.PathEscape(a.Secret) + "/?name=" + url.QueryEscape(a.FileName)
	return Attachment{
		ID: int64(a.ID), FileName: a.FileName, ContentType: a.ContentType, Size: a.Size, Inline: a.Inline, ContentID: orNull(a.ContentID),
		ContentURL: address, MappedContentURL: address, Thumbnails: []string{},
		ScanResult: scanResult(a.Scan), ScanState: string(a.Scan), Finding: a.Finding, SetAside: a.SetAside(),
	}
}

type listCommentsIn struct {
	ID        int64  `path:"id"`
	Include   string `query:"include" doc:"users: also the authors"`
	Sort      string `query:"sort" enum:"created_at,-created_at"`
	SortBy    string `query:"sort_by" enum:"created_at" doc:"Zendesk's older way to say it"`
	SortOrder string `query:"sort_order" enum:"asc,desc"`
	WholeListIn
}

func (in *listCommentsIn) newestFirst() bool {
	return in.Sort == "-created_at" || in.SortOrder == "desc"
}

type commentsOut struct {
	Body struct {
		Comments []Comment `json:"comments"`
		Users    []User    `json:"users,omitzero"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listComments(ctx context.Context, by access.Actor, in *listCommentsIn) (*commentsOut, error) {
	comments, err := s.desk.Comments(ctx, by, desk.TicketID(in.ID))
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(commentsOut)
	if in.newestFirst() {
		slices.Reverse(comments)
	}
	comments, err = pageOfWhole(q, in.WholeListIn, comments, func(c *desk.Comment) int64 { return int64(c.ID) }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	if err != nil {
		return nil, err
	}
	out.Body.Comments = each(comments, encoder(q, encodeComment))
	var n mentions
	for _, c := range comments {
		n.users = append(append(n.users, c.AuthorID), c.CCs...)
	}
	side, err := s.side(ctx, by, includes(in.Include), mentions{users: n.users})
	out.Body.Users = side.Users
	return out, err
}

func (s *server) countComments(ctx context.Context, by access.Actor, in *ofTicketIn) (*countOut, error) {
	comments, err := s.desk.Comments(ctx, by, desk.TicketID(in.ID))
	return s.counted(len(comments)), err
}

type commentIn struct {
	ID  int64 `path:"id"`
	CID int64 `path:"cid"`
}

func (in commentIn) ids() (desk.TicketID, desk.CommentID) {
	return desk.TicketID(in.ID), desk.CommentID(in.CID)
}

type commentOut struct {
	Body struct {
		Comment Comment `json:"comment"`
	}
}

func shownComment(ctx context.Context, c *desk.Comment, err error) (*commentOut, error) {
	return respond(ctx, err, func(q *request, out *commentOut) { out.Body.Comment = encodeComment(q, c) })
}

func (s *server) makePrivate(ctx context.Context, by access.Actor, in *commentIn) (*commentOut, error) {
	ticket, comment := in.ids()
	c, err := s.desk.MakePrivate(ctx, by, ticket, comment)
	return shownComment(ctx, c, err)
}

type acceptCommentIn struct {
	ID   int64 `path:"id"`
	CID  int64 `path:"cid"`
	Body *AcceptBody
}

// AcceptBody says how a stranger's mail is accepted.
type AcceptBody struct {
	AddToCCs bool `json:"add_to_ccs,omitempty" doc:"Also put the author in copy"`
}

func (s *server) acceptComment(ctx context.Context, by access.Actor, in *acceptCommentIn) (*commentOut, error) {
	addToCCs := in.Body != nil && in.Body.AddToCCs
	c, err := s.desk.Accept(ctx, by, desk.TicketID(in.ID), desk.CommentID(in.CID), addToCCs)
	return shownComment(ctx, c, err)
}

func (s *server) retryDelivery(ctx context.Context, by access.Actor, in *commentIn) (*commentOut, error) {
	ticket, comment := in.ids()
	c, err := s.desk.RetryDelivery(ctx, by, ticket, comment)
	return shownComment(ctx, c, err)
}

func (s *server) cancelDelivery(ctx context.Context, by access.Actor, in *commentIn) (*commentOut, error) {
	ticket, comment := in.ids()
	c, err := s.desk.CancelDelivery(ctx, by, ticket, comment)
	return shownComment(ctx, c, err)
}

type commentFrameIn struct {
	ID     int64  `path:"id"`
	CID    int64  `path:"cid"`
	Images bool   `query:"images" doc:"Also load remote images"`
	Quoted bool   `query:"quoted" doc:"The quoted history instead of the comment"`
	Theme  string `query:"theme" enum:"light,dark"`
}

func (s *server) commentFrame(ctx context.Context, by access.Actor, in *commentFrameIn) (*huma.StreamResponse, error) {
	c, err := s.desk.Comment(ctx, by, desk.TicketID(in.ID), desk.CommentID(in.CID))
	if err != nil {
		return nil, err
	}
	shown := encodeComment(requestOf(ctx), c)
	fragment := shown.HTMLBody
	if in.Quoted {
		fragment = value(shown.QuotedHTML)
	}
	var imageAt func(string) string
	if in.Images {
		imageAt = s.imageAddress
	}
	page := framePage(fragment, in.Theme, imageAt)
	return &huma.StreamResponse{Body: func(w huma.Context) {
		w.SetHeader("Content-Type", "text/html; charset=utf-8")
		w.SetHeader("Content-Security-Policy", framePolicy)
		w.SetHeader("X-Frame-Options", "SAMEORIGIN")
		w.SetHeader("Referrer-Policy", "no-referrer") // nobody learns from an image that a mail was read here
		w.SetHeader("Cache-Control", "private, no-store")
		_, _ = fmt.Fprint(w.BodyWriter(), page) // the browser may be gone
	}}, nil
}
