package api

import (
	"context"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/problem"
)

func (s *server) suspendedRoutes() {
	const tag = "suspended tickets"
	route(s, op{on: "GET /suspended_tickets", id: "list_suspended_tickets", says: "List suspended mail, newest first", tag: tag, may: agents}, s.listSuspended)
	route(s, op{on: "GET /suspended_tickets/{id}", id: "show_suspended_ticket", says: "Show a suspended mail", tag: tag, may: agents}, s.showSuspended)
	route(s, op{on: "PUT /suspended_tickets/{id}/recover", id: "recover_suspended_ticket", says: "Take a suspended mail in, as it is, edited, or as a comment", tag: tag, may: agents}, s.recoverSuspended)
	route(s, op{on: "PUT /suspended_tickets/recover_many", id: "recover_many_suspended_tickets", says: "Take suspended mails in", tag: tag, may: agents}, s.recoverManySuspended)
	route(s, op{on: "DELETE /suspended_tickets/{id}", id: "delete_suspended_ticket", says: "Delete a suspended mail for good", tag: tag, may: admins}, s.deleteSuspended)
	route(s, op{on: "DELETE /suspended_tickets/destroy_many", id: "delete_many_suspended_tickets", says: "Delete suspended mails for good", tag: tag, may: admins}, s.deleteManySuspended)
	route(s, op{on: "POST /suspended_tickets/{id}/attachments", id: "copy_suspended_attachments", says: "Copy a suspended mail's files to uploads", tag: tag, may: agents}, s.copySuspendedFiles)
	route(s, op{on: "POST /suspended_tickets/export", id: "export_suspended_tickets", says: "Say where suspended mail can be had as CSV", tag: tag, may: agents}, s.exportSuspended)
	route(s, op{on: "GET /suspended_tickets/export.csv", id: "download_suspended_tickets", says: "Suspended mail as CSV", tag: tag, may: agents, media: "text/csv"}, s.downloadSuspended)
}

// SuspendedTicket is a suspended mail: what Zendesk tells of it, and more.
type SuspendedTicket struct {
	ID            int64        `json:"id"`
	URL           string       `json:"url"`
	Author        Author       `json:"author"`
	Subject       string       `json:"subject"`
	Content       string       `json:"content" doc:"How its text begins; a longer piece of it when one is shown"`
	Cause         string       `json:"cause" doc:"Why it is suspended, in words"`
	CauseID       int          `json:"cause_id" doc:"Zendesk's number of the cause"`
	CauseCode     string       `json:"cause_code" doc:"Our name of the cause, which is Zendesk's where it knows the cause"`
	Evidence      []Fact       `json:"evidence"`
	Teaches       bool         `json:"teaches" doc:"Recovering it may put the sender on the allow list"`
	MessageID     string       `json:"message_id"`
	Recipient     string       `json:"recipient" doc:"The support address that it came to"`
	To            []Party      `json:"to"`
	CC            []Party      `json:"cc"`
	TicketID      *int64       `json:"ticket_id"`
	BrandID       *int64       `json:"brand_id"`
	Attachments   []Attachment `json:"attachments" doc:"Always empty: see POST .../attachments"`
	ErrorMessages []string     `json:"error_messages"`
	Via           Via          `json:"via"`
	CreatedAt     instant      `json:"created_at" doc:"When it was suspended"`
	ReceivedAt    stamp        `json:"received_at"`
	DeletedAt     stamp        `json:"deleted_at" doc:"When it will be deleted"`
	UpdatedAt     instant      `json:"updated_at"`
	Headers       []Fact       `json:"headers,omitempty" doc:"Only when one is shown"`
}

// Author is who sent a mail, whether we know the person or not.
type Author struct {
	ID    *int64 `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// suspendedView is what showing suspended mail needs to know besides the mail.
type suspendedView struct {
	q         *request
	policy    email.Policy
	addresses map[email.ConnectionID]*email.SupportAddress
}

func (s *server) viewSuspended(ctx context.Context, by access.Actor) (*suspendedView, error) {
	policy, err := s.suspended.Policy(ctx, by)
	if err != nil {
		return nil, err
	}
	addresses, err := s.connections.Addresses(ctx, by)
	if err != nil {
		return nil, err
	}
	v := &suspendedView{q: requestOf(ctx), policy: policy, addresses: map[email.ConnectionID]*email.SupportAddress{}}
	for _, a := range addresses {
		v.addresses[a.ConnectionID] = a
	}
	return v, nil
}

func (v *suspendedView) encode(m *email.Mail) SuspendedTicket {
	id, words := m.Cause.Zendesk()
	out := SuspendedTicket{
		ID: int64(m.ID), URL: v.q.link("/suspended_tickets/%d.json", m.ID), Author: Author{Name: m.From.Name, Email: m.From.Email},
		Subject: m.Subject, Content: m.Excerpt, Cause: words, CauseID: id, CauseCode: string(m.Cause), Evidence: each(m.Evidence, encodeFact),
		Teaches: m.Cause.Teaches(), MessageID: m.MessageID, To: each(m.To, encodeParty), CC: each(m.CC, encodeParty), TicketID: orNull(int64(m.TicketID)),
		Attachments: []Attachment{}, ErrorMessages: []string{}, Via: Via{Channel: string(desk.ByEmail)},
		CreatedAt: instant(m.DecidedAt), ReceivedAt: stamp(m.ReceivedAt), UpdatedAt: instant(m.UpdatedAt),
		DeletedAt: stamp(m.DecidedAt.Add(v.policy.Retention())),
	}
	if a := v.addresses[m.ConnectionID]; a != nil {
		out.Recipient, out.BrandID = a.Email, orNull(int64(a.BrandID))
	}
	return out
}

// SuspendedQuery chooses suspended mail.
type SuspendedQuery struct {
	Cause        []string `query:"cause" doc:"Any of these codes, separated by commas"`
	ConnectionID int64    `query:"connection_id"`
	Query        string   `query:"query" maxLength:"200" doc:"Part of the subject, a party or the Message-ID"`
}

func (q SuspendedQuery) filter() email.SuspendedFilter {
	return email.SuspendedFilter{
		Causes:     each(q.Cause, func(c string) email.Cause { return email.Cause(c) }),
		Connection: email.ConnectionID(q.ConnectionID), Search: q.Query,
	}
}

type listSuspendedIn struct {
	SuspendedQuery
	OffsetPage
	CursorPage
}

type listSuspendedOut struct {
	Body struct {
		Suspended []SuspendedTicket `json:"suspended_tickets"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listSuspended(ctx context.Context, by access.Actor, in *listSuspendedIn) (*listSuspendedOut, error) {
	v, err := s.viewSuspended(ctx, by)
	if err != nil {
		return nil, err
	}
	f := in.filter()
	out := new(listSuspendedOut)
	list, err := paged(v.q, in.OffsetPage, in.CursorPage, &out.Body.OffsetMeta, &out.Body.CursorMeta, pages[*email.Mail]{
		part: func(p directory.Part) ([]*email.Mail, error) {
			f.Part = p
			return s.suspended.List(ctx, by, f)
		},
		count: func() (int, error) { return s.suspended.Count(ctx, by, f) },
		place: placeOfMail,
	})
	out.Body.Suspended = each(list, v.encode)
	return out, err
}

func placeOfMail(m *email.Mail) *directory.Place { return directory.NumberPlace(m.ID) }

type suspendedIn struct {
	ID int64 `path:"id"`
}

type suspendedOut struct {
	Body struct {
		Suspended SuspendedTicket `json:"suspended_ticket"`
	}
}

func (s *server) showSuspended(ctx context.Context, by access.Actor, in *suspendedIn) (*suspendedOut, error) {
	m, err := s.suspended.Get(ctx, by, email.MailID(in.ID))
	if err != nil {
		return nil, err
	}
	headers, text, err := s.suspended.Preview(ctx, by, m.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.viewSuspended(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(suspendedOut)
	out.Body.Suspended = v.encode(m)
	out.Body.Suspended.Headers = each(headers, encodeFact)
	if text != "" {
		out.Body.Suspended.Content = text
	}
	return out, nil
}

// RecoverBody says how a suspended mail is taken in; all of it may be left out.
type RecoverBody struct {
	TicketID  *int64         `json:"ticket_id,omitempty" doc:"Makes it a comment of this ticket"`
	Subject   *string        `json:"subject,omitempty" maxLength:"500"`
	Text      *string        `json:"text,omitempty" maxLength:"1048576"`
	Requester *RequesterBody `json:"requester,omitempty" doc:"Instead of the sender"`
	Trust     *bool          `json:"trust,omitempty" doc:"Put the sender on the allow list, when the cause teaches that; true unless false is said"`
}

// RequesterBody names a person by address.
type RequesterBody struct {
	Name  string `json:"name,omitempty" maxLength:"200"`
	Email string `json:"email" format:"email"`
}

func (b *RecoverBody) recovery() email.Recovery {
	if b == nil {
		return email.Recovery{Trust: true}
	}
	r := email.Recovery{
		Ticket: desk.TicketID(value(b.TicketID)), Subject: value(b.Subject), Text: value(b.Text), Trust: b.Trust == nil || *b.Trust,
	}
	if b.Requester != nil {
		r.Requester = email.Party{Name: b.Requester.Name, Email: strings.ToLower(b.Requester.Email)}
	}
	return r
}

type recoverSuspendedIn struct {
	ID   int64 `path:"id"`
	Body *struct {
		Suspended RecoverBody `json:"suspended_ticket"`
	}
}

// RecoveredTicket is what Zendesk answers with: the mail, with its ticket.
type RecoveredTicket struct {
	SuspendedTicket
	TrustedSender maybe[Sender] `json:"trusted_sender" doc:"The entry of the allow list that was made; null when none was"`
}

type recoverSuspendedOut struct {
	Body struct {
		Ticket []RecoveredTicket `json:"ticket"`
	}
}

func (s *server) recoverSuspended(ctx context.Context, by access.Actor, in *recoverSuspendedIn) (*recoverSuspendedOut, error) {
	v, err := s.viewSuspended(ctx, by)
	if err != nil {
		return nil, err
	}
	var body *RecoverBody
	if in.Body != nil {
		body = &in.Body.Suspended
	}
	done, err := s.suspended.Recover(ctx, by, email.MailID(in.ID), body.recovery())
	if err != nil {
		return nil, err
	}
	out := new(recoverSuspendedOut)
	out.Body.Ticket = []RecoveredTicket{v.recovered(done)}
	return out, nil
}

func (v *suspendedView) recovered(done *email.Recovered) RecoveredTicket {
	out := RecoveredTicket{SuspendedTicket: v.encode(done.Mail)}
	if done.Trusted != nil {
		trusted := encodeSender(done.Trusted)
		out.TrustedSender.value = &trusted
	}
	return out
}

type manySuspendedIn struct {
	IDs   []int64 `query:"ids" required:"true" minItems:"1" maxItems:"100" doc:"At most 100, separated by commas"`
	Trust bool    `query:"trust" default:"true" doc:"Put the senders on the allow list, where the cause teaches that"`
}

// Refused is a record that could not be changed, and why.
type Refused struct {
	ID      int64  `json:"id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type recoverManyOut struct {
	Body struct {
		Tickets []RecoveredTicket `json:"tickets"`
		Failed  []Refused         `json:"failed" doc:"Those that could not be recovered, with the reason"`
	}
}

// recoverManySuspended recovers one after the other: what cannot be recovered
// does not keep the others from it.
func (s *server) recoverManySuspended(ctx context.Context, by access.Actor, in *manySuspendedIn) (*recoverManyOut, error) {
	v, err := s.viewSuspended(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(recoverManyOut)
	out.Body.Tickets, out.Body.Failed = []RecoveredTicket{}, []Refused{}
	for _, id := range in.IDs {
		done, err := s.suspended.Recover(ctx, by, email.MailID(id), email.Recovery{Trust: in.Trust})
		switch p := problem.As(err); {
		case p != nil:
			out.Body.Failed = append(out.Body.Failed, Refused{ID: id, Code: p.Code, Message: p.Message})
		case err != nil:
			return nil, err
		default:
			out.Body.Tickets = append(out.Body.Tickets, v.recovered(done))
		}
	}
	return out, nil
}

func (s *server) deleteSuspended(ctx context.Context, by access.Actor, in *suspendedIn) (*none, error) {
	if _, err := s.suspended.Get(ctx, by, email.MailID(in.ID)); err != nil {
		return nil, err
	}
	_, err := s.suspended.Delete(ctx, by, []email.MailID{email.MailID(in.ID)})
	return nil, err
}

type deleteManySuspendedIn struct {
	IDs []int64 `query:"ids" required:"true" minItems:"1" maxItems:"100" doc:"At most 100, separated by commas"`
}

func (s *server) deleteManySuspended(ctx context.Context, by access.Actor, in *deleteManySuspendedIn) (*none, error) {
	_, err := s.suspended.Delete(ctx, by, ids[email.MailID](in.IDs))
	return nil, err
}

// copySuspendedFiles makes uploads of a mail's files, so that a ticket made by
// other means can take them.
func (s *server) copySuspendedFiles(ctx context.Context, by access.Actor, in *suspendedIn) (*uploadOut, error) {
	up := new(desk.Upload)
	err := s.suspended.Files(ctx, by, email.MailID(in.ID), func(name, contentType string, content io.Reader) (err error) {
		up, err = s.desk.AddUpload(ctx, by, up.Token, name, contentType, content)
		return err
	})
	if err == nil && up.Token == "" {
		err = problem.New(problem.Conflict, "no_files", "This mail has no files.").On(problem.Yours, "There is nothing to copy.")
	}
	return shownUpload(ctx, up, err)
}

// Export says where an export can be had.
type Export struct {
	ViewID     string `json:"view_id" enum:"suspended"`
	Status     string `json:"status" enum:"completed" doc:"It is written while it is downloaded: nobody waits for a mail"`
	ContentURL string `json:"content_url"`
}

type exportOut struct {
	Body struct {
		Export Export `json:"export"`
	}
}

func (s *server) exportSuspended(ctx context.Context, _ access.Actor, _ *none) (*exportOut, error) {
	out := new(exportOut)
	out.Body.Export = Export{ViewID: "suspended", Status: "completed", ContentURL: requestOf(ctx).link("/suspended_tickets/export.csv")}
	return out, nil
}

type downloadSuspendedIn struct{ SuspendedQuery }

func (s *server) downloadSuspended(ctx context.Context, by access.Actor, in *downloadSuspendedIn) (*huma.StreamResponse, error) {
	return s.download(ctx, "suspended.csv", func(w io.Writer) error { return s.suspended.Export(ctx, by, in.filter(), w) }), nil
}
