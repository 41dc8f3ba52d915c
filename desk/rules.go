package desk

import (
	"slices"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// Begin applies to a new ticket what its first comment does. What the
// requester says leaves it new; the public comment of an agent on behalf of the
// requester is a reply already.
func (t *Ticket) Begin(c *Comment, author *directory.User) {
	if c.Public && t.answeredBy(author) {
		t.FirstReplyAt = c.CreatedAt
	}
}

// Hear applies what a further comment does to the ticket. A note changes
// nothing. An agent's reply stops the clock of the first reply and, when nobody
// has taken the ticket, takes it. Anybody else's opens a ticket that waited.
func (t *Ticket) Hear(c *Comment, author *directory.User) {
	if !c.Public {
		return
	}
	if !t.answeredBy(author) {
		t.reopen()
		return
	}
	if t.FirstReplyAt.IsZero() {
		t.FirstReplyAt = c.CreatedAt
	}
	if t.AssigneeID == 0 {
		t.Assign(author.ID)
	}
}

// answeredBy tells whether a person speaks for us on this ticket: an agent,
// unless it is the agent's own request.
func (t *Ticket) answeredBy(u *directory.User) bool {
	return u.Works() && u.ID != t.RequesterID
}

func (t *Ticket) reopen() {
	switch t.Status {
	case Pending, Hold, Solved:
		t.Status, t.SolvedAt = Open, time.Time{}
	}
}

// Assign gives the ticket to a person, or to nobody; a new ticket becomes open
// when somebody has taken it.
func (t *Ticket) Assign(to directory.UserID) {
	t.AssigneeID = to
	if to != 0 && t.Status == New {
		t.Status = Open
	}
}

// Leaves tells whether a comment leaves by mail: an agent says it publicly,
// and there is somebody else to read it.
func (t *Ticket) Leaves(c *Comment, author *directory.User) bool {
	return c.Public && author.Works() && len(t.Readers(c)) > 0
}

// Readers are the people to whom a public comment goes: the requester and the
// people in copy, without its author.
func (t *Ticket) Readers(c *Comment) []directory.UserID {
	return without(slices.Concat([]directory.UserID{t.RequesterID}, t.CCs, c.CCs), c.AuthorID)
}

// touch notes a change. The time always moves on, so that two changes within
// one tick of the clock can be told apart.
func (t *Ticket) touch(at time.Time) {
	at = at.Truncate(time.Millisecond)
	if !at.After(t.UpdatedAt) {
		at = t.UpdatedAt.Add(time.Millisecond)
	}
	t.UpdatedAt = at
}

// date moves the time of the last change to what was brought in from before.
func (t *Ticket) date(at time.Time) {
	if at.After(t.UpdatedAt) {
		t.UpdatedAt = at
	}
}

// SetSubject renames the ticket.
func (t *Ticket) SetSubject(subject string) error {
	subject = oneLine(clean(subject))
	if len([]rune(subject)) > MaxSubject {
		return problem.New(problem.Invalid, "subject_too_long", "The subject is longer than %d characters.", MaxSubject).
			On(problem.Yours, "Shorten it.").In("subject")
	}
	t.Subject = subject
	return nil
}

// SetPriority says how urgent the ticket is; empty: nobody has said.
func (t *Ticket) SetPriority(p Priority) error {
	switch p {
	case "", Low, Normal, High, Urgent:
		t.Priority = p
		return nil
	}
	return problem.New(problem.Invalid, "unknown_priority", "There is no priority %q.", p).
		On(problem.Yours, "Use one of low, normal, high and urgent.").In("priority")
}

// SetTags replaces the ticket's tags.
func (t *Ticket) SetTags(tags []string) error {
	tags = NormalizeTags(tags)
	if len(tags) > MaxTags {
		return problem.New(problem.Invalid, "too_many_tags", "A ticket has at most %d tags.", MaxTags).
			On(problem.Yours, "Remove some.").In("tags")
	}
	t.Tags = tags
	return nil
}

// SetCCs replaces the people in copy; the requester is never among them.
func (t *Ticket) SetCCs(people []directory.UserID) error {
	people = without(people, t.RequesterID)
	if len(people) > MaxCCs {
		return tooManyCCs()
	}
	t.CCs = people
	return nil
}

func tooManyCCs() error {
	return problem.New(problem.Invalid, "too_many_ccs", "A ticket has at most %d people in copy.", MaxCCs).
		On(problem.Yours, "Remove some.").In("email_ccs")
}

// NormalizeTags brings tags into the form in which they are compared: lower
// case, without spaces, each once.
func NormalizeTags(tags []string) []string { return directory.NormalizeTags(tags) }

// Accept makes a flagged comment count: what the stranger said becomes public.
func (c *Comment) Accept() error {
	if c.Flag == "" {
		return problem.New(problem.Conflict, "not_flagged", "The comment has been accepted already.").
			On(problem.Yours, "Reload the ticket.")
	}
	c.Flag, c.Public = "", true
	return nil
}

// MakePrivate turns a reply into a note. What has been sent stays sent.
func (c *Comment) MakePrivate() { c.Public = false }
