package api

import (
	"cmp"
	"context"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
)

func (s *server) mailRoutes() {
	const tag = "mail"
	route(s, op{on: "GET /mail", id: "list_mail", says: "Search the ledger of mails, newest first", tag: tag, may: agents}, s.listMail)
	route(s, op{on: "GET /mail/{id}", id: "show_mail", says: "Show a mail with its journey", tag: tag, may: agents}, s.showMail)
	route(s, op{on: "GET /mail/{id}/source", id: "show_mail_source", says: "The raw mail", tag: tag, may: agents, media: "text/plain"}, s.showMailSource)
	route(s, op{on: "POST /mail/{id}/retry", id: "retry_mail", says: "Try again what did not work", tag: tag, may: admins}, s.retryMail)
	route(s, op{on: "POST /mail/{id}/make_ticket", id: "make_ticket", says: "Make a ticket of a mail that could not be handled", tag: tag, may: admins}, s.makeTicket)
}

// Party is a name and address on a mail.
type Party struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

func encodeParty(p email.Party) Party { return Party{Name: p.Name, Email: p.Email} }

// Fact is one piece of evidence.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func encodeFact(f email.Fact) Fact { return Fact{Name: f.Name, Value: f.Value} }

// MailFacts is a row of the ledger, but how often it was tried.
type MailFacts struct {
	ID            int64          `json:"id"`
	URL           string         `json:"url"`
	ConnectionID  int64          `json:"connection_id"`
	Direction     string         `json:"direction" enum:"in,out"`
	State         string         `json:"state" enum:"noticed,ticketed,commented,flagged,duplicate,handed_over,ours,suspended,report,deleted,quarantined,gone,waiting,drafted,sending,sent,bounced,failed"`
	MessageID     string         `json:"message_id"`
	Subject       string         `json:"subject"`
	From          Party          `json:"from"`
	To            []Party        `json:"to"`
	CC            []Party        `json:"cc"`
	Size          int64          `json:"size"`
	NoticedBy     string         `json:"noticed_by"`
	Imported      bool           `json:"imported"`
	ReceivedAt    stamp          `json:"received_at"`
	NoticedAt     stamp          `json:"noticed_at"`
	FetchedAt     stamp          `json:"fetched_at"`
	StoredAt      stamp          `json:"stored_at"`
	DecidedAt     stamp          `json:"decided_at"`
	FiledAt       stamp          `json:"filed_at"`
	ConfirmedAt   stamp          `json:"confirmed_at"`
	Rule          string         `json:"rule" doc:"Which rule decided"`
	Cause         *string        `json:"cause" doc:"Why it is or was suspended; null: it never was"`
	Evidence      []Fact         `json:"evidence"`
	TicketID      *int64         `json:"ticket_id"`
	CommentID     *int64         `json:"comment_id"`
	OriginalID    *int64         `json:"original_id" doc:"The mail that this one repeats"`
	NextAttemptAt stamp          `json:"next_attempt_at"`
	Error         maybe[Trouble] `json:"error"`
	Actions       []string       `json:"actions" enum:"retry,make_ticket,accept,recover" doc:"What can be done about it"`
}

// Mail is a row of the ledger.
type Mail struct {
	MailFacts
	Attempts int `json:"attempts"`
}

func encodeMail(q *request, m *email.Mail) Mail {
	return Mail{MailFacts: encodeMailFacts(q, m), Attempts: m.Attempts}
}

func encodeMailFacts(q *request, m *email.Mail) MailFacts {
	return MailFacts{
		ID: int64(m.ID), URL: q.link("/mail/%d.json", m.ID), ConnectionID: int64(m.ConnectionID), Direction: string(m.Direction),
		State: string(m.State), MessageID: m.MessageID, Subject: m.Subject, From: encodeParty(m.From), To: each(m.To, encodeParty),
		CC: each(m.CC, encodeParty), Size: m.Size, NoticedBy: string(m.NoticedBy), Imported: m.Imported,
		ReceivedAt: stamp(m.ReceivedAt), NoticedAt: stamp(m.NoticedAt), FetchedAt: stamp(m.FetchedAt), StoredAt: stamp(m.StoredAt),
		DecidedAt: stamp(m.DecidedAt), FiledAt: stamp(m.FiledAt), ConfirmedAt: stamp(m.ConfirmedAt),
		Rule: m.Rule, Cause: orNull(string(m.Cause)), Evidence: each(m.Evidence, encodeFact), TicketID: orNull(int64(m.TicketID)), CommentID: orNull(int64(m.CommentID)),
		OriginalID: orNull(int64(m.Original)), NextAttemptAt: stamp(m.NextAttemptAt),
		Error: encodeTrouble(m.ErrorCode, m.Error, m.ErrorSide, m.ErrorRemedy, time.Time{}), Actions: some(m.Actions()),
	}
}

// MailQuery chooses rows of the ledger.
type MailQuery struct {
	Direction    string    `query:"direction" enum:"in,out"`
	State        []string  `query:"state" doc:"Any of these, separated by commas"`
	ConnectionID int64     `query:"connection_id"`
	TicketID     int64     `query:"ticket_id"`
	Query        string    `query:"query" maxLength:"200" doc:"Part of the subject, a party or the Message-ID"`
	From         time.Time `query:"from" doc:"Noticed at or after"`
	To           time.Time `query:"to" doc:"Noticed before"`
	HideProbes   bool      `query:"hide_probes" doc:"Leaves out what only tests an address"`
}

func (q MailQuery) filter() email.MailFilter {
	return email.MailFilter{
		Connection: email.ConnectionID(q.ConnectionID), Direction: email.Direction(q.Direction), Search: q.Query, Ticket: desk.TicketID(q.TicketID),
		States: each(q.State, func(state string) email.MailState { return email.MailState(state) }), From: q.From, To: q.To, HideProbes: q.HideProbes,
	}
}

type listMailIn struct {
	MailQuery
	OffsetPage
	CursorPage
}

type listMailOut struct {
	Body struct {
		Mail []Mail `json:"mail"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listMail(ctx context.Context, by access.Actor, in *listMailIn) (*listMailOut, error) {
	f := in.filter()
	q, out := requestOf(ctx), new(listMailOut)
	list, err := paged(q, in.OffsetPage, in.CursorPage, &out.Body.OffsetMeta, &out.Body.CursorMeta, pages[*email.Mail]{
		part: func(p directory.Part) ([]*email.Mail, error) {
			f.Part = p
			return s.ledger.List(ctx, by, f)
		},
		count: func() (int, error) { return s.ledger.Count(ctx, by, f) },
		place: placeOfMail,
	})
	out.Body.Mail = each(list, encoder(q, encodeMail))
	return out, err
}

type mailIn struct {
	ID int64 `path:"id"`
}

// MailShown is one mail with its journey.
type MailShown struct {
	MailFacts
	Attempts    []Attempt `json:"attempts" doc:"What was tried"`
	Journey     []Station `json:"journey"`
	Headers     []Fact    `json:"headers"`
	TextPreview string    `json:"text_preview"`
}

// Attempt is one thing tried for a mail.
type Attempt struct {
	At      instant `json:"at"`
	Step    string  `json:"step"`
	Outcome string  `json:"outcome" doc:"ok, or a problem's code"`
	Detail  string  `json:"detail"`
}

// Station is one station of a mail's journey.
type Station struct {
	Station string `json:"station" enum:"arrived,noticed,fetched,stored,decided,ticket,filed,queued,drafted,sent,confirmed"`
	At      stamp  `json:"at" doc:"null when it was not reached"`
	Detail  string `json:"detail"`
}

type mailOut struct {
	Body struct {
		Mail MailShown `json:"mail"`
	}
}

func (s *server) showMail(ctx context.Context, by access.Actor, in *mailIn) (*mailOut, error) {
	m, attempts, err := s.ledger.Get(ctx, by, email.MailID(in.ID))
	if err != nil {
		return nil, err
	}
	headers, text, err := s.ledger.Preview(ctx, by, m.ID)
	if err != nil {
		return nil, err
	}
	out := new(mailOut)
	out.Body.Mail = MailShown{
		MailFacts: encodeMailFacts(requestOf(ctx), m), Journey: journey(m), Headers: each(headers, encodeFact), TextPreview: text,
		Attempts: each(attempts, func(a *email.Attempt) Attempt {
			return Attempt{At: instant(a.At), Step: a.Step, Outcome: a.Outcome, Detail: a.Detail}
		}),
	}
	return out, nil
}

// journey is the line of stations that a mail passes.
func journey(m *email.Mail) []Station {
	if m.Direction == email.Outbound {
		return []Station{
			{"queued", stamp(m.NoticedAt), ""},
			{"drafted", stamp(m.FetchedAt), m.From.Email},
			{"sent", stamp(m.FiledAt), ""},
			{"confirmed", stamp(m.ConfirmedAt), m.MessageID},
		}
	}
	stations := []Station{
		{"arrived", stamp(m.ReceivedAt), m.From.Email},
		{"noticed", stamp(m.NoticedAt), string(m.NoticedBy)},
		{"fetched", stamp(m.FetchedAt), ""},
		{"stored", stamp(m.StoredAt), ""},
		{"decided", stamp(m.DecidedAt), m.Rule},
	}
	if m.TicketID != 0 {
		stations = append(stations, Station{"ticket", stamp(m.DecidedAt), "#" + idText(m.TicketID)})
	}
	return append(stations, Station{"filed", stamp(m.FiledAt), filedAs(m)})
}

// filedAs says what was done with a mail at Microsoft.
func filedAs(m *email.Mail) string {
	if m.FiledAt.IsZero() {
		return ""
	}
	return string(cmp.Or(m.FiledAs, email.MoveAfterwards))
}

func (s *server) showMailSource(ctx context.Context, by access.Actor, in *mailIn) (*huma.StreamResponse, error) {
	source, err := s.ledger.Source(ctx, by, email.MailID(in.ID))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(w huma.Context) {
		defer source.Close()
		w.SetHeader("Content-Type", "text/plain; charset=utf-8")
		w.SetHeader("Content-Disposition", fileDisposition("attachment", fileName("mail-"+idText(email.MailID(in.ID)), ".eml")))
		w.SetHeader("Content-Security-Policy", filePolicy)
		_, _ = io.Copy(w.BodyWriter(), source) // the browser may be gone
	}}, nil
}

type mailFactsOut struct {
	Body struct {
		Mail Mail `json:"mail"`
	}
}

func (s *server) retryMail(ctx context.Context, by access.Actor, in *mailIn) (*mailFactsOut, error) {
	m, err := s.ledger.Retry(ctx, by, email.MailID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(mailFactsOut)
	out.Body.Mail = encodeMail(requestOf(ctx), m)
	return out, nil
}

func (s *server) makeTicket(ctx context.Context, by access.Actor, in *mailIn) (*ticketOut, error) {
	t, err := s.ledger.MakeTicket(ctx, by, email.MailID(in.ID))
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, t, nil, desk.Summary{Comments: 1})
}
