package desk

import (
	"context"
	"fmt"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
)

// Work is something that is done to many records in the background, item by
// item, each in a transaction of its own (see package bulk).
type Work interface {
	Kind() string // stable
	Len() int     // how many items there are
}

// begin queues background work in the transaction of its cause.
func (s *Service) begin(ctx context.Context, tx Tx, by access.Actor, work Work) error {
	if s.background == nil || work.Len() == 0 {
		return nil
	}
	_, err := s.background(ctx, tx, by, work)
	return err
}

// WorkIn does one item of background work, in the caller's transaction.
func (s *Service) WorkIn(ctx context.Context, tx Tx, by access.Actor, work Work, i int) error {
	switch w := work.(type) {
	case JoinDomain:
		return s.joinDomain(ctx, tx, by, w, i)
	case RehomeTickets:
		return s.rehomeTickets(ctx, tx, by, w, i)
	case SolveIncidents:
		return s.solveIncidents(ctx, tx, by, w, i)
	case UnassignTickets:
		return s.unassignTickets(ctx, tx, by, w, i)
	case ErasePerson:
		_, err := s.erase(ctx, tx, by, w, i)
		return err
	}
	return fmt.Errorf("the desk knows no work %T", work)
}

// Of the records of one item: few enough for a short transaction, many enough
// that a program's hundred items reach far.
const batch = 100

// batches tells how many items n records make.
func batches(n int) int { return (n + batch - 1) / batch }

// part is how many records item i of n takes: the last one takes what is left,
// should more have come in the meantime.
func part(i, n int) int {
	if i == n-1 {
		return 0
	}
	return batch
}

// JoinDomain makes people with an address in a domain members of its organization.
type JoinDomain struct {
	Organization directory.OrganizationID `json:"organization"`
	Domain       string                   `json:"domain"`
	Items        int                      `json:"items"`
}

// Kind names the work.
func (JoinDomain) Kind() string { return "organization.join_domain" }

// Len tells how many items there are.
func (w JoinDomain) Len() int { return w.Items }

func (s *Service) beginJoining(ctx context.Context, tx Tx, by access.Actor, o *directory.Organization, domain string) error {
	n, err := tx.CountUsersOfDomain(ctx, domain, o.ID)
	if err != nil {
		return err
	}
	return s.begin(ctx, tx, by, JoinDomain{Organization: o.ID, Domain: domain, Items: batches(n)})
}

// joinDomain does one item: people who do not
// belong to the organization yet join it, with their tickets that belong to none.
func (s *Service) joinDomain(ctx context.Context, tx Tx, by access.Actor, w JoinDomain, i int) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	o, err := tx.FindOrganizationByDomain(ctx, w.Domain)
	if err != nil || o == nil || o.ID != w.Organization {
		return err // the domain was taken away again
	}
	people, err := tx.ListUsersOfDomain(ctx, w.Domain, o.ID, part(i, w.Items))
	if err != nil {
		return fmt.Errorf("people of %s: %w", w.Domain, err)
	}
	for _, id := range people {
		m := &directory.Membership{UserID: id, OrganizationID: o.ID}
		if err := directory.Join(ctx, tx, m); err != nil {
			return err
		}
		if m.Default {
			if err := s.bringTickets(ctx, tx, by, id, 0, o.ID); err != nil {
				return err
			}
		}
	}
	tx.Publish(event.Event{Kind: event.OrganizationUpdated, ID: int64(o.ID)})
	tx.Publish(event.Event{Kind: event.UserUpdated})
	return nil
}

// bringTickets gives a requester's tickets of one organization to another; 0
// is none. Closed ones stay what they were.
func (s *Service) bringTickets(ctx context.Context, tx Tx, by access.Actor, requester directory.UserID, from, to directory.OrganizationID) error {
	tickets, err := tx.ListTickets(ctx, TicketFilter{Requester: requester, Statuses: changeableStatuses})
	if err != nil {
		return err
	}
	for _, t := range tickets {
		if t.OrganizationID != from {
			continue
		}
		if err := s.rehome(ctx, tx, by, t.ID, true, func(t *Ticket) error { t.OrganizationID = to; return nil }); err != nil {
			return err
		}
	}
	return nil
}

// rehome changes where one ticket belongs. Quietly, no trigger acts on it.
func (s *Service) rehome(ctx context.Context, tx Tx, by access.Actor, id TicketID, quietly bool, change func(*Ticket) error) error {
	t, err := tx.LockTicket(ctx, id)
	if err != nil {
		return err
	}
	u := &update{before: copyOf(t), ticket: t, by: by.UserID, via: channelBy(by), silent: quietly}
	if err := change(t); err != nil {
		return err
	}
	if err := s.save(ctx, tx, t); err != nil {
		return err
	}
	return s.settle(ctx, tx, u)
}

// RehomeTickets takes tickets that can still be changed away from an
// organization or a team that is gone.
type RehomeTickets struct {
	Organization directory.OrganizationID `json:"organization,omitempty"` // to the requesters' default ones
	Team         directory.TeamID         `json:"team,omitempty"`
	To           directory.TeamID         `json:"to,omitempty"` // 0: no team
	Items        int                      `json:"items"`
}

// Kind names the work.
func (RehomeTickets) Kind() string { return "tickets.rehome" }

// Len tells how many items there are.
func (w RehomeTickets) Len() int { return w.Items }

func (w RehomeTickets) filter() TicketFilter {
	return TicketFilter{Organization: w.Organization, Team: w.Team, Statuses: changeableStatuses, Sort: SortID}
}

func (s *Service) beginRehoming(ctx context.Context, tx Tx, by access.Actor, w RehomeTickets) error {
	n, err := tx.CountTickets(ctx, w.filter())
	if err != nil {
		return err
	}
	w.Items = batches(n)
	return s.begin(ctx, tx, by, w)
}

// rehomeTickets does one item. A team's tickets
// change as if somebody had moved them one by one, with everything that
// triggers make of it; an organization's change quietly.
func (s *Service) rehomeTickets(ctx context.Context, tx Tx, by access.Actor, w RehomeTickets, i int) error {
	if err := by.MustAdminister(); err != nil {
		return err
	}
	f := w.filter()
	f.Limit = part(i, w.Items)
	tickets, err := tx.ListTickets(ctx, f)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		requester, err := tx.GetUser(ctx, t.RequesterID)
		if err != nil {
			return err
		}
		err = s.rehome(ctx, tx, by, t.ID, w.Organization != 0, func(t *Ticket) error {
			if w.Organization != 0 {
				t.OrganizationID = requester.OrganizationID
				return nil
			}
			return moveToTeam(ctx, tx, t, w.To)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
