package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// Person names somebody by address, for a requester or a copy.
type Person struct {
	ID    directory.UserID // 0: by address
	Name  string
	Email string
}

// Draft is a comment as an agent writes it.
type Draft struct {
	Public   bool
	Text     string // empty: made from HTML
	HTML     string // not sanitised yet; empty: text only
	Uploads  []string
	AuthorID directory.UserID // 0: whoever writes it; an administrator may write for others
	Via      Channel          // ByWeb or ByAPI; empty: ByAPI with a token, else ByWeb

	files []Attachment // of another comment, which are sent again
}

// Request is a ticket as an agent or a program opens it.
type Request struct {
	Subject    string
	Requester  Person // nobody: whoever opens it
	AssigneeID directory.UserID
	TeamID     directory.TeamID // 0: the assignee's default one, else the organization's
	BrandID    directory.BrandID
	Recipient  string
	CCs        []Person
	Followers  []Person // who work here
	Tags       []string
	Priority   Priority
	Type       Type
	ProblemID  TicketID
	DueAt      time.Time
	Status     Status
	ExternalID string
	Fields     map[directory.FieldID][]string // see directory.Field.Read
	FollowUpOf TicketID                       // the closed ticket that it continues; 0: none
	Comment    Draft
}

// Change is what somebody asks to change at a ticket; nil leaves a thing as it is.
type Change struct {
	Status     *Status
	Priority   *Priority
	Type       *Type             // empty: nobody has said
	ProblemID  *TicketID         // 0: none
	DueAt      *time.Time        // zero: none
	AssigneeID *directory.UserID // 0: nobody
	TeamID     *directory.TeamID // 0: none
	// OrganizationID is one of the requester's; 0: none.
	OrganizationID *directory.OrganizationID
	Subject        *string
	Tags           *[]string
	AddTags        []string // besides those that it has, or those in Tags
	RemoveTags     []string
	CCs            PeopleChange
	Followers      PeopleChange
	ExternalID     *string
	Fields         map[directory.FieldID][]string // see directory.Field.Read; those not named stay
	Comment        *Draft
	Seen           int64     // the version that the change was made for; 0: whatever it is
	SeenAt         time.Time // likewise, by when the ticket had last changed; zero: whenever
}

// Create opens a ticket.
func (s *Service) Create(ctx context.Context, by access.Actor, r Request) (t *Ticket, c *Comment, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		t, c, err = s.CreateIn(ctx, tx, by, r)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return t, c, nil
}

// CreateIn is Create in the caller's transaction.
func (s *Service) CreateIn(ctx context.Context, tx Tx, by access.Actor, r Request) (*Ticket, *Comment, error) {
	if err := by.MustWork(); err != nil {
		return nil, nil, err
	}
	n, err := s.newTicket(ctx, tx, by, r)
	if err != nil {
		return nil, nil, err
	}
	t, c, err := s.Open(ctx, tx, n)
	if err != nil {
		return nil, nil, err
	}
	if err := s.mustBeComplete(ctx, tx, nil, t); err != nil {
		return nil, nil, err
	}
	return t, c, s.forgetSent(ctx, tx, 0, c)
}

// newTicket checks a request and finds the people that it names.
func (s *Service) newTicket(ctx context.Context, tx Tx, by access.Actor, r Request) (n NewTicket, err error) {
	draft, err := s.newComment(ctx, tx, by, r.Comment)
	if err != nil {
		return n, err
	}
	n = NewTicket{
		RequesterID: by.UserID, SubmitterID: by.UserID, AssigneeID: r.AssigneeID, TeamID: r.TeamID, BrandID: r.BrandID,
		Recipient: strings.ToLower(r.Recipient), Via: draft.Via, Status: r.Status, ExternalID: r.ExternalID, FollowUpOf: r.FollowUpOf, Comment: draft,
	}
	if r.Requester != (Person{}) {
		if n.RequesterID, err = s.find(ctx, tx, r.Requester, "requester"); err != nil {
			return n, err
		}
	}
	var t Ticket // judges what is asked for
	t.RequesterID = n.RequesterID
	ccs, err := s.findAll(ctx, tx, r.CCs, "email_ccs")
	if err != nil {
		return n, err
	}
	followers, err := s.findAll(ctx, tx, r.Followers, "followers")
	for _, rule := range []func() error{
		func() error { return err },
		func() error { return t.SetSubject(r.Subject) },
		func() error { return t.SetPriority(r.Priority) },
		func() error { return classify(ctx, tx, &t, &r.Type, &r.ProblemID, &r.DueAt) },
		func() error { return t.SetTags(r.Tags) },
		func() error { return t.SetCCs(ccs) },
		func() error { return follow(ctx, tx, &t, followers) },
		func() error { return mustBeStatus(r.Status) },
		func() error { return entrust(ctx, tx, &t, given(r.TeamID), given(r.AssigneeID)) },
		func() error { return mustBeBrand(ctx, tx, r.BrandID) },
		func() error { return mustBeClosed(ctx, tx, r.FollowUpOf) },
		func() error { return s.readFields(ctx, tx, &n, r.Fields) },
	} {
		if err := rule(); err != nil {
			return n, err
		}
	}
	n.Type, n.ProblemID, n.DueAt = t.Type, t.ProblemID, t.DueAt
	n.Subject, n.Priority, n.Tags, n.CCs, n.Followers = t.Subject, t.Priority, t.Tags, t.CCs, t.Followers
	return n, nil
}

// Update changes a ticket and may add a comment, nil when it did not. The
// problem "ticket_changed" says who has changed what since the version seen.
func (s *Service) Update(ctx context.Context, by access.Actor, id TicketID, ch Change) (t *Ticket, c *Comment, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		t, c, err = s.UpdateIn(ctx, tx, by, id, ch)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return t, c, nil
}

// UpdateIn is Update in the caller's transaction.
func (s *Service) UpdateIn(ctx context.Context, tx Tx, by access.Actor, id TicketID, ch Change) (*Ticket, *Comment, error) {
	if err := by.MustWork(); err != nil {
		return nil, nil, err
	}
	t, err := tx.LockTicket(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if ch.outdated(t) {
		return nil, nil, s.changed(ctx, tx, t)
	}
	if t.Status == Closed {
		return nil, nil, t.closed()
	}
	u := &update{before: copyOf(t), ticket: t, by: by.UserID, via: channelBy(by)}
	c, err := s.change(ctx, tx, by, t, ch.from(t))
	if err != nil {
		return nil, nil, err
	}
	if c != nil {
		u.via = c.Via
		u.hear(c)
	}
	if err := s.mustBeComplete(ctx, tx, u.before, t); err != nil {
		return nil, nil, err
	}
	if err := s.settle(ctx, tx, u); err != nil {
		return nil, nil, err
	}
	return t, c, s.followCause(ctx, tx, by, u)
}

// change makes the changes that are asked for, and adds the comment.
func (s *Service) change(ctx context.Context, tx Tx, by access.Actor, t *Ticket, ch Change) (*Comment, error) {
	if err := s.apply(ctx, tx, t, ch); err != nil {
		return nil, err
	}
	if ch.Comment == nil {
		return nil, s.save(ctx, tx, t)
	}
	n, err := s.newComment(ctx, tx, by, *ch.Comment)
	if err != nil {
		return nil, err
	}
	c, err := s.say(ctx, tx, t, n, ch)
	if err != nil {
		return nil, err
	}
	return c, s.forgetSent(ctx, tx, t.ID, c)
}

// channelBy is the way by which an actor comes.
func channelBy(by access.Actor) Channel {
	if by.Token != 0 {
		return ByAPI
	}
	return ByWeb
}

// outdated tells whether the ticket has changed since it was seen.
func (ch Change) outdated(t *Ticket) bool {
	return ch.Seen != 0 && ch.Seen != t.Version || !ch.SeenAt.IsZero() && !ch.SeenAt.Equal(t.UpdatedAt)
}

// tags are those that the ticket is to have.
func (ch Change) tags(t *Ticket) []string {
	return directory.TagChange{Set: ch.Tags, Add: ch.AddTags, Remove: ch.RemoveTags}.Apply(t.Tags)
}

// from leaves out a status that the ticket has anyway: a screen sends what it
// shows, and "new" with the reply that takes the ticket is no wish to keep it new.
func (ch Change) from(t *Ticket) Change {
	if ch.Status != nil && *ch.Status == t.Status {
		ch.Status = nil
	}
	return ch
}

// Reply adds a public comment.
func (s *Service) Reply(ctx context.Context, by access.Actor, id TicketID, d Draft) (*Ticket, *Comment, error) {
	d.Public = true
	return s.Update(ctx, by, id, Change{Comment: &d})
}

// AddNote adds an internal comment.
func (s *Service) AddNote(ctx context.Context, by access.Actor, id TicketID, d Draft) (*Ticket, *Comment, error) {
	d.Public = false
	return s.Update(ctx, by, id, Change{Comment: &d})
}

// apply makes the changes that are asked for, but the status.
func (s *Service) apply(ctx context.Context, tx Tx, t *Ticket, ch Change) error {
	before := copyOf(t)
	if ch.Subject != nil {
		if err := t.SetSubject(*ch.Subject); err != nil {
			return err
		}
	}
	if ch.Priority != nil {
		if err := t.SetPriority(*ch.Priority); err != nil {
			return err
		}
	}
	if err := classify(ctx, tx, t, ch.Type, ch.ProblemID, ch.DueAt); err != nil {
		return err
	}
	if err := t.SetTags(ch.tags(t)); err != nil {
		return err
	}
	if ch.ExternalID != nil {
		t.ExternalID = clean(*ch.ExternalID)
	}
	if err := s.changePeople(ctx, tx, t, ch); err != nil {
		return err
	}
	if err := entrust(ctx, tx, t, ch.TeamID, ch.AssigneeID); err != nil {
		return err
	}
	if ch.OrganizationID != nil && *ch.OrganizationID != t.OrganizationID {
		if err := mustBelong(ctx, tx, t.RequesterID, *ch.OrganizationID); err != nil {
			return err
		}
		t.OrganizationID = *ch.OrganizationID
	}
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return err
	}
	if err := fields.setAll(before, t, ch.Fields); err != nil {
		return err
	}
	if ch.Comment == nil {
		return s.move(t, ch)
	}
	return nil
}

// changePeople changes who is in copy and who follows.
func (s *Service) changePeople(ctx context.Context, tx Tx, t *Ticket, ch Change) error {
	if !ch.CCs.zero() {
		people, err := s.amend(ctx, tx, t.CCs, ch.CCs, "email_ccs")
		if err != nil {
			return err
		}
		if err := t.SetCCs(people); err != nil {
			return err
		}
	}
	if ch.Followers.zero() {
		return nil
	}
	people, err := s.amend(ctx, tx, t.Followers, ch.Followers, "followers")
	if err != nil {
		return err
	}
	return follow(ctx, tx, t, people)
}

// move gives the ticket the status that is asked for.
func (s *Service) move(t *Ticket, ch Change) error {
	if ch.Status == nil {
		return nil
	}
	return t.Transition(*ch.Status, s.now())
}

// say adds the comment and then moves the ticket: the status that somebody
// chose with the reply outweighs what the reply itself would do.
func (s *Service) say(ctx context.Context, tx Tx, t *Ticket, n NewComment, ch Change) (*Comment, error) {
	c, err := s.addComment(ctx, tx, t, n)
	if err != nil || ch.Status == nil || *ch.Status == t.Status {
		return c, err
	}
	if err := s.move(t, ch); err != nil {
		return nil, err
	}
	return c, s.save(ctx, tx, t)
}

// save stores a changed ticket and tells everybody.
func (s *Service) save(ctx context.Context, tx Tx, t *Ticket) error {
	t.touch(s.now())
	if err := tx.UpdateTicket(ctx, t); err != nil {
		return fmt.Errorf("update ticket %d: %w", t.ID, err)
	}
	tx.Publish(event.Event{Kind: event.TicketUpdated, ID: int64(t.ID)})
	return nil
}

// newComment makes a comment of a draft: sanitised, with its author and text.
func (s *Service) newComment(ctx context.Context, tx Tx, by access.Actor, d Draft) (n NewComment, err error) {
	n = NewComment{AuthorID: by.UserID, Public: d.Public, Text: d.Text, Via: d.Via, UploadTokens: d.Uploads, Attachments: d.files}
	if n.Via == "" {
		n.Via = channelBy(by)
	}
	if d.AuthorID != 0 && d.AuthorID != by.UserID {
		if err := by.MustAdminister(); err != nil {
			return n, err
		}
		if _, err := tx.GetUser(ctx, d.AuthorID); err != nil {
			return n, unknownPerson(err, "author_id")
		}
		n.AuthorID = d.AuthorID
	}
	if len(d.HTML) > MaxBody || len(d.Text) > MaxBody {
		return n, commentTooLong()
	}
	files, err := s.uploads(ctx, tx, d.Uploads)
	if err != nil {
		return n, err
	}
	if strings.TrimSpace(d.HTML) != "" && s.sanitize != nil {
		n.HTML, n.HasRemoteImages = s.sanitize(d.HTML, ownPictures(files, by.UserID))
		if strings.TrimSpace(n.Text) == "" {
			n.Text = s.plainText(n.HTML)
		}
	}
	if strings.TrimSpace(n.Text) == "" && n.HTML == "" && len(d.Uploads) == 0 && len(d.files) == 0 {
		return n, problem.New(problem.Invalid, "comment_empty", "The comment is empty.").
			On(problem.Yours, "Write something, or attach a file.").In("comment.body")
	}
	return n, mustFitIntoText(files, n.HTML)
}

func commentTooLong() error {
	return problem.New(problem.Invalid, "comment_too_long", "The comment is longer than %d KiB.", MaxBody>>10).
		On(problem.Yours, "Shorten it, or attach it as a file.").In("comment")
}

// find gives the person that is named, making an end user of an unknown address.
func (s *Service) find(ctx context.Context, tx Tx, p Person, field string) (directory.UserID, error) {
	if p.ID != 0 {
		if _, err := tx.GetUser(ctx, p.ID); err != nil {
			return 0, unknownPerson(err, field+"_id")
		}
		return p.ID, nil
	}
	u, err := s.Person(ctx, tx, p.Name, p.Email)
	if invalid := problem.As(err); invalid != nil {
		return 0, invalid.In(field + ".email")
	}
	if err != nil {
		return 0, err
	}
	return u.ID, nil
}

func (s *Service) findAll(ctx context.Context, tx Tx, people []Person, field string) ([]directory.UserID, error) {
	if len(people) > 2*MaxCCs { // before looking for each; SetCCs judges what is left
		return nil, tooManyCCs()
	}
	var found []directory.UserID
	for _, p := range people {
		id, err := s.find(ctx, tx, p, field)
		if err != nil {
			return nil, err
		}
		found = append(found, id)
	}
	return found, nil
}

// mustWorkOnTickets refuses an assignee who does not work here.
func mustWorkOnTickets(ctx context.Context, tx Tx, id directory.UserID) error {
	if id == 0 {
		return nil
	}
	u, err := tx.GetUser(ctx, id)
	if err != nil {
		return unknownPerson(err, "assignee_id")
	}
	if !u.Works() || u.Suspended {
		return problem.New(problem.Invalid, "assignee_is_no_agent", "%s does not work on tickets.", u.Name).
			On(problem.Yours, "Choose an agent.").In("assignee_id")
	}
	return nil
}

// given is nil for the zero value, which says nothing.
func given[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}

func mustBeBrand(ctx context.Context, tx Tx, id directory.BrandID) error {
	if id == 0 {
		return nil
	}
	b, err := tx.GetBrand(ctx, id)
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return problem.New(problem.Invalid, "unknown_brand", "There is no such brand.").
			On(problem.Yours, "Choose another.").In("brand_id")
	case err != nil:
		return err
	case b.Retired:
		return problem.New(problem.Invalid, "brand_inactive", "The brand %s is not used any more.", b.Name).
			On(problem.Yours, "Choose another.").With("name", b.Name).In("brand_id")
	}
	return nil
}

// mustBeClosed refuses to follow up a ticket that can still be answered.
func mustBeClosed(ctx context.Context, tx Tx, id TicketID) error {
	if id == 0 {
		return nil
	}
	source, err := tx.GetTicket(ctx, id)
	switch {
	case problem.KindOf(err) == problem.NotFound:
		return problem.New(problem.Invalid, "unknown_ticket", "There is no ticket %d.", id).
			On(problem.Yours, "Name the closed ticket that this one continues.").In("via_followup_source_id")
	case err != nil:
		return err
	case source.Status != Closed:
		return problem.New(problem.Invalid, "not_closed", "Ticket %d is not closed.", id).
			On(problem.Yours, "Answer it there; only closed tickets are continued in another.").In("via_followup_source_id")
	}
	return nil
}

func mustBeStatus(status Status) error {
	if status == "" || slices.Contains(Statuses, status) {
		return nil
	}
	return unknownStatus(status)
}

func unknownPerson(err error, field string) error {
	if problem.KindOf(err) != problem.NotFound {
		return err
	}
	return problem.New(problem.Invalid, "unknown_person", "There is no such person.").
		On(problem.Yours, "Choose another.").In(field)
}
