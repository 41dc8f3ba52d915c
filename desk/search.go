package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/text"
)

// SearchRequest asks for a part of what a query finds.
type SearchRequest struct {
	Query      string
	Types      []ResultType // only these; empty: as the query says
	Sort       Sort         // unless the query says; empty: SortRelevance
	Descending bool
	Offset     int
	Limit      int
	Excerpts   bool // show where the words stand
}

// Found is one result of a search: one of these.
type Found struct {
	Ticket *Ticket
	User   *directory.User
	Team   *directory.Team

	Organization *directory.Organization
}

// SearchResult is a part of what a query finds.
type SearchResult struct {
	Found     []Found
	Counts    map[ResultType]int // of everything that is found; up to MaxFound + 1 where very much is
	Summaries map[TicketID]Summary
	Text      []text.Term               // the words that were searched for
	Excerpts  map[TicketID][]text.Piece // of what was said; only where a word stands there
	Unindexed int                       // texts that are not searched yet
}

// Count is how many results there are of all types.
func (r *SearchResult) Count() (n int) {
	for _, count := range r.Counts {
		n += count
	}
	return n
}

// Search finds tickets, people, organizations and teams, the tickets first.
func (s *Service) Search(ctx context.Context, by access.Actor, r SearchRequest) (*SearchResult, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	q, err := ParseQuery(r.Query)
	if err != nil {
		return nil, err
	}
	if len(r.Types) > 0 {
		if len(q.Types) == 0 {
			q.Types = r.Types
		}
		q.Types = slices.DeleteFunc(slices.Clone(q.Types), func(t ResultType) bool { return !slices.Contains(r.Types, t) })
		if len(q.Types) == 0 {
			return &SearchResult{}, nil
		}
	}
	result := &SearchResult{Text: q.Text}
	err = s.store.View(ctx, func(tx Tx) error {
		result.Found, result.Counts = nil, make(map[ResultType]int)
		f := &finder{tx: tx, by: by, query: q, now: s.now()}
		if err := f.meet(ctx); err != nil {
			return err
		}
		for _, find := range []struct {
			kind ResultType
			find func(context.Context, SearchRequest) (found []Found, count int, err error)
		}{{TicketResult, f.tickets}, {UserResult, f.users}, {OrganizationResult, f.organizations}, {GroupResult, f.teams}} {
			if !q.may(find.kind) {
				continue
			}
			rest := r
			rest.Offset, rest.Limit = max(0, r.Offset-result.Count()), r.Limit-len(result.Found)
			found, count, err := find.find(ctx, rest)
			if err != nil {
				return fmt.Errorf("search for a %s: %w", find.kind, err)
			}
			result.Found, result.Counts[find.kind] = append(result.Found, found...), count
		}
		var tickets []*Ticket
		for _, found := range result.Found {
			if found.Ticket != nil {
				tickets = append(tickets, found.Ticket)
			}
		}
		if result.Summaries, err = s.summarize(ctx, tx, tickets...); err != nil {
			return err
		}
		if r.Excerpts {
			if result.Excerpts, err = excerpts(ctx, tx, tickets, q.Text); err != nil {
				return err
			}
		}
		result.Unindexed, err = tx.CountUnindexed(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// excerptLength is how many characters of a comment show where a word stands.
const excerptLength = 160

// excerpts gives of each ticket the newest comment that has a word.
func excerpts(ctx context.Context, tx Tx, tickets []*Ticket, terms []text.Term) (map[TicketID][]text.Piece, error) {
	terms = slices.DeleteFunc(slices.Clone(terms), func(t text.Term) bool { return t.Not || t.In != "" && t.In != text.Said })
	if len(tickets) == 0 || len(terms) == 0 {
		return nil, nil
	}
	ids := make([]TicketID, len(tickets))
	for i, t := range tickets {
		ids[i] = t.ID
	}
	found := make(map[TicketID][]text.Piece)
	err := tx.ReadSaid(ctx, ids, func(id TicketID, said string) {
		if found[id] == nil {
			found[id] = text.Excerpt(said, terms, excerptLength)
		}
	})
	return found, err
}

// PeopleFilter turns a query into a filter of people, for lists.
func (s *Service) PeopleFilter(ctx context.Context, by access.Actor, query string) (f directory.UserFilter, err error) {
	q, err := ParseQuery(query)
	if err != nil {
		return f, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		f, err = (&finder{tx: tx, by: by, query: q, now: s.now()}).peopleFilter(ctx)
		return err
	})
	return f, err
}

// Filter turns a query into a filter of tickets, for lists.
func (s *Service) Filter(ctx context.Context, by access.Actor, query string) (f TicketFilter, err error) {
	if err := by.MustWork(); err != nil {
		return f, err
	}
	q, err := ParseQuery(query)
	if err != nil {
		return f, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		finder := &finder{tx: tx, by: by, query: q, now: s.now()}
		if err := finder.meet(ctx); err != nil {
			return err
		}
		f, err = finder.ticketFilter(ctx)
		return err
	})
	return f, err
}

// finder runs one query.
type finder struct {
	tx    Tx
	by    access.Actor
	query *Query
	now   time.Time // in the zone of whoever asks
}

// meet looks up in whose zone days begin.
func (f *finder) meet(ctx context.Context) error {
	if f.by.UserID == 0 {
		return nil
	}
	u, err := f.tx.GetUser(ctx, f.by.UserID)
	if err != nil {
		return fmt.Errorf("whoever searches: %w", err)
	}
	if zone, err := time.LoadLocation(u.TimeZone); err == nil && u.TimeZone != "" {
		f.now = f.now.In(zone)
	}
	return nil
}

func (f *finder) tickets(ctx context.Context, r SearchRequest) ([]Found, int, error) {
	filter, err := f.ticketFilter(ctx)
	if err != nil {
		return nil, 0, err
	}
	filter.Sort, filter.Descending = r.Sort, r.Descending
	if f.query.Sort != "" {
		filter.Sort, filter.Descending = f.query.Sort, f.query.Descending
	}
	if filter.Sort == "" {
		filter.Sort, filter.Descending = SortRelevance, true
	}
	if filter.Sort == SortRelevance && len(filter.Text) == 0 {
		filter.Sort = SortUpdated
	}
	if r.Limit <= 0 {
		count, err := f.tx.CountTickets(ctx, filter)
		return nil, count, err
	}
	filter.Offset, filter.Limit = r.Offset, r.Limit
	tickets, count, err := f.tx.FindTickets(ctx, filter)
	found := make([]Found, 0, len(tickets))
	for _, t := range tickets {
		found = append(found, Found{Ticket: t})
	}
	return found, count, err
}

func (f *finder) users(ctx context.Context, r SearchRequest) ([]Found, int, error) {
	filter, err := f.peopleFilter(ctx)
	if err != nil {
		return nil, 0, err
	}
	count, err := f.tx.CountUsers(ctx, filter)
	if err != nil || r.Limit <= 0 {
		return nil, count, err
	}
	filter.Offset, filter.Limit = r.Offset, r.Limit
	users, err := f.tx.ListUsers(ctx, filter)
	found := make([]Found, 0, len(users))
	for _, u := range users {
		found = append(found, Found{User: u})
	}
	return found, count, err
}

func (f *finder) peopleFilter(ctx context.Context) (directory.UserFilter, error) {
	filter := directory.UserFilter{Text: f.personTerms()}
	filter.Tags, filter.NotTags = f.query.tags()
	for i := range f.query.asked {
		a := &f.query.asked[i]
		if a.property.name == "organization" {
			if a.not {
				return filter, a.wrong("People are found by the organizations that they belong to, not by others.")
			}
			named, err := f.organizationsNamed(ctx, a)
			if err != nil {
				return filter, err
			}
			filter.AnyOf = append(filter.AnyOf, named...)
		}
		if a.property.name != "role" {
			continue
		}
		for _, role := range a.values() {
			if !slices.Contains([]string{"end-user", "agent", "admin"}, role) || a.not {
				return filter, a.oneOf("end-user", "agent", "admin")
			}
			filter.Roles = append(filter.Roles, directory.Role(role))
		}
	}
	return filter, nil
}

// tags are those of which people and organizations have one, and those that they lack.
func (q *Query) tags() (some, none []string) {
	for i := range q.asked {
		switch a := &q.asked[i]; {
		case a.property.name != "tags":
		case a.not:
			none = append(none, a.tags()...)
		default:
			some = append(some, a.tags()...)
		}
	}
	return some, none
}

// personTerms are the words as they are looked for in people: there is so
// little of each that the beginning of a word is enough.
func (f *finder) personTerms() []text.Term {
	terms := slices.Clone(f.query.Text)
	for i := range terms {
		terms[i].Wild = terms[i].Wild || terms[i].In != "" || !terms[i].Not
	}
	return terms
}

func (f *finder) organizations(ctx context.Context, r SearchRequest) ([]Found, int, error) {
	filter := directory.OrganizationFilter{Text: f.query.Text}
	filter.Tags, filter.NotTags = f.query.tags()
	count, err := f.tx.CountOrganizations(ctx, filter)
	if err != nil || r.Limit <= 0 {
		return nil, count, err
	}
	filter.Offset, filter.Limit = r.Offset, r.Limit
	organizations, err := f.tx.ListOrganizations(ctx, filter)
	found := make([]Found, 0, len(organizations))
	for _, o := range organizations {
		found = append(found, Found{Organization: o})
	}
	return found, count, err
}

// teams are few.
func (f *finder) teams(ctx context.Context, r SearchRequest) ([]Found, int, error) {
	teams, err := f.tx.ListTeams(ctx)
	if err != nil {
		return nil, 0, err
	}
	var found []Found
	for _, t := range teams {
		if text.Has(t.Name, f.query.Text) {
			found = append(found, Found{Team: t})
		}
	}
	count := len(found)
	found = found[min(r.Offset, count):]
	return found[:max(0, min(r.Limit, len(found)))], count, nil
}

// ticketFilter turns the query into a filter. A property that is named several
// times asks for any of the values.
func (f *finder) ticketFilter(ctx context.Context) (TicketFilter, error) {
	filter := TicketFilter{Text: slices.Clone(f.query.Text)}
	places := make(map[string]int)
	for i := range f.query.asked {
		a := &f.query.asked[i]
		if a.property.text != "" {
			continue // it is among the words
		}
		if strings.HasPrefix(a.name, customField) {
			condition, err := f.field(ctx, a)
			if err != nil {
				return filter, err
			}
			filter.Where.All = append(filter.Where.All, Match{Field: a.name, Custom: &condition})
			continue
		}
		m, err := f.match(ctx, a)
		if err != nil {
			return filter, err
		}
		place, seen := places[a.property.name]
		if seen && !a.not && a.operator == ":" && !a.property.instant() {
			filter.Where.All[place].Values = append(filter.Where.All[place].Values, m.Values...)
			continue
		}
		if !a.not && a.operator == ":" {
			places[a.property.name] = len(filter.Where.All)
		}
		filter.Where.All = append(filter.Where.All, m)
	}
	for i, m := range filter.Where.All {
		if m.Field == "status" && !m.Not && filter.Statuses == nil {
			for _, status := range m.Values {
				filter.Statuses = append(filter.Statuses, Status(status))
			}
			filter.Where.All = slices.Delete(filter.Where.All, i, i+1)
			break
		}
	}
	return filter, nil
}
