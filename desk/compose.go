package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// NewTicket is what a ticket begins with.
type NewTicket struct {
	Subject     string // longer than MaxSubject: cut
	RequesterID directory.UserID
	SubmitterID directory.UserID  // who opens it; 0: the requester
	AssigneeID  directory.UserID  // 0: nobody
	TeamID      directory.TeamID  // 0: the assignee's default one, else the organization's
	BrandID     directory.BrandID // 0: the default brand
	Recipient   string            // the support address; empty: the brand's
	Via         Channel
	CCs         []directory.UserID
	Followers   []directory.UserID // who work here
	Tags        []string
	Priority    Priority
	Type        Type
	ProblemID   TicketID
	DueAt       time.Time
	Status      Status // empty: new, or open when it has an assignee
	FollowUpOf  TicketID
	ExternalID  string
	Fields      directory.FieldValues // custom fields; an empty value is no default
	Imported    bool                  // from before the address was connected: nothing automatic happens
	CreatedAt   time.Time             // zero: now
	Comment     NewComment
}

// NewComment is what is said. Its HTML must have been sanitised.
type NewComment struct {
	AuthorID        directory.UserID // 0, in a new ticket: the submitter
	Public          bool
	Text            string // longer than MaxBody: cut
	HTML            string
	QuotedText      string
	QuotedHTML      string
	HasRemoteImages bool
	Via             Channel // empty: the ticket's
	MailID          int64   // the mail it came by; 0: none
	Flag            Flag    // makes it internal
	Imported        bool    // from before the address was connected: nothing automatic happens
	CreatedAt       time.Time
	Attachments     []Attachment // whose bytes are in the blob store already
	UploadTokens    []string     // uploads that it takes
	CCs             []directory.UserID
	Facts           MailFacts // of the mail it came by
}

// Open makes a ticket with its first comment, in the caller's transaction.
func (s *Service) Open(ctx context.Context, tx Tx, n NewTicket) (*Ticket, *Comment, error) {
	t, requester, err := s.ticket(ctx, tx, n)
	if err != nil {
		return nil, nil, err
	}
	first := n.Comment
	first.Imported = n.Imported
	if first.AuthorID == 0 {
		first.AuthorID = t.SubmitterID
	}
	if first.CreatedAt.IsZero() {
		first.CreatedAt = t.CreatedAt
	}
	author := requester
	if first.AuthorID != requester.ID {
		if author, err = tx.GetUser(ctx, first.AuthorID); err != nil {
			return nil, nil, fmt.Errorf("author of a new ticket: %w", err)
		}
	}
	c := s.comment(t, first)
	if !first.Imported {
		t.Begin(c, author)
	}
	if err := tx.InsertTicket(ctx, t); err != nil {
		return nil, nil, fmt.Errorf("insert ticket: %w", err)
	}
	if err := s.insertComment(ctx, tx, t, c, author, first); err != nil {
		return nil, nil, err
	}
	tx.Publish(event.Event{Kind: event.TicketCreated, ID: int64(t.ID)})
	u := &update{ticket: t, by: t.SubmitterID, via: t.Via, facts: c.Facts, silent: n.Imported, requester: requester, commenter: author}
	u.hear(c)
	return t, c, s.settle(ctx, tx, u)
}

// AddComment adds to a ticket that the caller has locked, in its transaction.
// A closed ticket is refused with "ticket_closed"; see FollowUp.
func (s *Service) AddComment(ctx context.Context, tx Tx, t *Ticket, n NewComment) (*Comment, error) {
	stored, err := tx.GetTicket(ctx, t.ID) // the caller may have put people into copy
	if err != nil {
		return nil, err
	}
	c, err := s.addComment(ctx, tx, t, n)
	if err != nil {
		return nil, err
	}
	u := &update{before: stored, ticket: t, by: c.AuthorID, via: c.Via, facts: c.Facts, silent: n.Imported}
	u.hear(c)
	return c, s.settle(ctx, tx, u)
}

func (s *Service) addComment(ctx context.Context, tx Tx, t *Ticket, n NewComment) (*Comment, error) {
	if t.Status == Closed {
		return nil, t.closed()
	}
	author, err := tx.GetUser(ctx, n.AuthorID)
	if err != nil {
		return nil, fmt.Errorf("author of a comment on ticket %d: %w", t.ID, err)
	}
	c := s.comment(t, n)
	if n.Imported {
		t.date(c.CreatedAt)
	} else {
		t.touch(s.now())
		t.Hear(c, author)
		if err := followAssignee(ctx, tx, t); err != nil {
			return nil, err
		}
	}
	if err := tx.UpdateTicket(ctx, t); err != nil {
		return nil, fmt.Errorf("update ticket %d: %w", t.ID, err)
	}
	if err := s.insertComment(ctx, tx, t, c, author, n); err != nil {
		return nil, err
	}
	tx.Publish(event.Event{Kind: event.CommentAdded, ID: int64(c.ID), Parent: int64(t.ID)})
	tx.Publish(event.Event{Kind: event.TicketUpdated, ID: int64(t.ID)})
	return c, nil
}

// FollowUp opens the ticket that continues a closed one, in the caller's
// transaction. What n leaves open comes from the closed ticket.
func (s *Service) FollowUp(ctx context.Context, tx Tx, closed *Ticket, n NewTicket) (*Ticket, *Comment, error) {
	n.FollowUpOf = closed.ID
	if n.Subject == "" {
		n.Subject = closed.Subject
	}
	if n.RequesterID == 0 {
		n.RequesterID = closed.RequesterID
	}
	if n.BrandID == 0 {
		n.BrandID = closed.BrandID
	}
	if n.Recipient == "" {
		n.Recipient = closed.Recipient
	}
	if n.Priority == "" {
		n.Priority = closed.Priority
	}
	if n.Tags == nil {
		n.Tags = slices.Clone(closed.Tags)
	}
	if n.Fields == nil {
		n.Fields = closed.Fields
	}
	return s.Open(ctx, tx, n)
}

// Person finds the person with the address, or makes an end user of the name,
// in the caller's transaction. A person without a name gets the given one.
func (s *Service) Person(ctx context.Context, tx Tx, name, email string) (*directory.User, error) {
	email, err := directory.NormalizeEmail(email)
	if err != nil {
		return nil, err
	}
	name = truncate(oneLine(clean(name)), maxName)
	u, err := tx.FindUserByEmail(ctx, email)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", email, err)
	}
	if u != nil {
		return u, nil
	}
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	at := s.now()
	u = &directory.User{Name: name, Email: email, Role: directory.EndUser, Verified: true, CreatedAt: at, UpdatedAt: at}
	if err := tx.InsertUser(ctx, u); err != nil {
		return nil, fmt.Errorf("insert %s: %w", email, err)
	}
	if _, err := directory.JoinByDomain(ctx, tx, u, email); err != nil {
		return nil, fmt.Errorf("organization of %s: %w", email, err)
	}
	tx.Publish(event.Event{Kind: event.UserUpdated, ID: int64(u.ID)})
	return u, nil
}

const maxName = 200 // characters of a person's name

// ticket makes the ticket of n with its defaults, and tells who asks for it: nil
// when that is somebody of a rehearsal.
func (s *Service) ticket(ctx context.Context, tx Tx, n NewTicket) (t *Ticket, requester *directory.User, err error) {
	if n.RequesterID != nobodyYet {
		if requester, err = tx.GetUser(ctx, n.RequesterID); err != nil {
			return nil, nil, fmt.Errorf("requester of a ticket: %w", err)
		}
	}
	t = &Ticket{
		Subject: truncate(oneLine(clean(n.Subject)), MaxSubject), Status: n.Status, Priority: n.Priority,
		Type: n.Type, ProblemID: n.ProblemID, DueAt: n.DueAt,
		RequesterID: n.RequesterID, SubmitterID: n.SubmitterID, AssigneeID: n.AssigneeID,
		TeamID: n.TeamID, BrandID: n.BrandID, Recipient: n.Recipient, Via: n.Via, Tags: atMost(MaxTags, NormalizeTags(n.Tags)),
		CCs: atMost(MaxCCs, without(n.CCs, n.RequesterID)), Followers: n.Followers, FollowUpOf: n.FollowUpOf, ExternalID: clean(n.ExternalID),
		ReplyToken: s.newToken(), Imported: n.Imported, CreatedAt: n.CreatedAt,
	}
	if t.SubmitterID == 0 {
		t.SubmitterID = t.RequesterID
	}
	if t.CreatedAt.IsZero() {
		t.CreatedAt = s.now()
	}
	t.UpdatedAt = t.CreatedAt
	switch {
	case t.Status == "" && t.AssigneeID != 0:
		t.Status = Open
	case t.Status == "":
		t.Status = New
	case t.Status == Solved || t.Status == Closed:
		t.SolvedAt = t.CreatedAt
	}
	if t.BrandID == 0 {
		brand, err := tx.DefaultBrand(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("default brand: %w", err)
		}
		t.BrandID = brand.ID
	}
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	if err := s.belong(ctx, tx, t, requester); err != nil {
		return nil, nil, err
	}
	if err := fields.begin(t, n); err != nil { // tags may choose options
		return nil, nil, err
	}
	return t, requester, followAssignee(ctx, tx, t)
}

// comment makes the comment of n with its defaults.
func (s *Service) comment(t *Ticket, n NewComment) *Comment {
	c := &Comment{
		AuthorID: n.AuthorID, Public: n.Public && n.Flag == "", Flag: n.Flag,
		Text: cut(clean(n.Text), MaxBody), HTML: clean(n.HTML),
		QuotedText: clean(n.QuotedText), QuotedHTML: clean(n.QuotedHTML), HasRemoteImages: n.HasRemoteImages,
		Via: n.Via, MailID: n.MailID, CCs: atMost(MaxCCs, n.CCs), CreatedAt: n.CreatedAt, Facts: n.Facts,
	}
	if c.Via == "" {
		c.Via = t.Via
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.now()
	}
	return c
}

// insertComment stores the comment with its files and queues its mail.
func (s *Service) insertComment(ctx context.Context, tx Tx, t *Ticket, c *Comment, author *directory.User, n NewComment) error {
	c.TicketID = t.ID
	if err := tx.InsertComment(ctx, c); err != nil {
		return fmt.Errorf("insert comment on ticket %d: %w", t.ID, err)
	}
	if err := s.attach(ctx, tx, c, n); err != nil {
		return err
	}
	if n.Imported || !t.Leaves(c, author) {
		return nil
	}
	return s.send(ctx, tx, t, c)
}

// send hands a comment to the outbox: at once when it came by mail itself,
// else for when it can no longer be taken back.
func (s *Service) send(ctx context.Context, tx Tx, t *Ticket, c *Comment) error {
	if s.outbox == nil {
		return nil
	}
	if err := s.shareLarge(ctx, tx, c); err != nil {
		return err
	}
	at := s.now()
	if c.Via != ByEmail {
		at = at.Add(s.undo)
	}
	c.Delivery = &Delivery{State: DeliveryWaiting}
	if err := s.outbox.Queue(ctx, tx, t, c, at); err != nil {
		return fmt.Errorf("queue the mail of comment %d: %w", c.ID, err)
	}
	return nil
}

// attach gives the comment its files: those that come with it, and those of its uploads.
func (s *Service) attach(ctx context.Context, tx Tx, c *Comment, n NewComment) error {
	unscanned := false
	for _, a := range n.Attachments {
		a.CommentID, a.UploadToken = c.ID, ""
		a.FileName = FileName(a.FileName)
		if a.Secret == "" {
			a.Secret = s.newToken()
		}
		if a.CreatedAt.IsZero() {
			a.CreatedAt = c.CreatedAt
		}
		if a.Scan == "" && !a.SetAside() {
			a.Scan = s.arrivedState()
		}
		unscanned = unscanned || a.Scan == ScanWaiting
		if err := tx.InsertAttachment(ctx, &a); err != nil {
			return fmt.Errorf("insert attachment %q: %w", a.FileName, err)
		}
		c.Attachments = append(c.Attachments, a)
	}
	files, err := s.uploads(ctx, tx, n.UploadTokens)
	if err != nil {
		return err
	}
	for _, a := range files {
		a.CommentID = c.ID
		a.place(c.HTML)
		if err := tx.AttachFile(ctx, &a); err != nil {
			return fmt.Errorf("attach an upload to comment %d: %w", c.ID, err)
		}
		c.Attachments = append(c.Attachments, a)
	}
	if unscanned {
		return s.queueScan(ctx, tx, c.ID)
	}
	return nil
}

// uploads gives the files of several uploads.
func (s *Service) uploads(ctx context.Context, tx Tx, tokens []string) (files []Attachment, err error) {
	for i, token := range tokens {
		if slices.Contains(tokens[:i], token) {
			continue
		}
		more, err := s.upload(ctx, tx, token)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

// upload gives the files of an upload that is still there.
func (s *Service) upload(ctx context.Context, tx Tx, token string) ([]Attachment, error) {
	files, err := tx.ListUpload(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("list an upload: %w", err)
	}
	if len(files) == 0 {
		return nil, unknownUpload()
	}
	return files, nil
}

func unknownUpload() error {
	return problem.New(problem.Invalid, "upload_unknown", "An uploaded file is no longer there.").
		On(problem.Yours, "Files that no comment takes are removed after a day. Upload it again.").In("uploads")
}

// clean makes a text fit for both databases: valid UTF-8 without NUL, which
// PostgreSQL refuses (PostgreSQL: "Character Types").
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// truncate cuts after n characters.
func truncate(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}

// cut cuts at n bytes or just before, never inside a character.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// atMost gives the first n: what a mail brings beyond the limits is left out.
func atMost[T any](n int, list []T) []T { return list[:min(n, len(list))] }

// without gives the people without one of them and without repetition.
func without(people []directory.UserID, one directory.UserID) []directory.UserID {
	var kept []directory.UserID
	for _, id := range people {
		if id != one && id != 0 && !slices.Contains(kept, id) {
			kept = append(kept, id)
		}
	}
	return kept
}
