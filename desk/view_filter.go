package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/directory"
)

// viewer is for whom a view is listed, and when.
type viewer struct {
	id     directory.UserID
	teams  []directory.TeamID
	fields fieldSet
	now    time.Time
}

func (s *Service) viewer(ctx context.Context, tx Tx, id directory.UserID) (viewer, error) {
	teams, err := teamsOf(ctx, tx, id)
	if err != nil {
		return viewer{}, fmt.Errorf("teams of person %d: %w", id, err)
	}
	fields, err := s.ticketFields(ctx, tx)
	return viewer{id: id, teams: teams, fields: fields, now: s.now()}, err
}

// filter is the view as a list of tickets, for one person at one time. Statuses
// and brand are told apart from the other conditions, since lists and counts of
// them are kept.
func (v *View) filter(who viewer) TicketFilter {
	f := TicketFilter{Sort: v.Sort, Descending: v.Descending, Group: v.Group, GroupDown: v.GroupDown}
	all, anyOf := matches(v.Conditions.All, who), matches(v.Conditions.Any, who)
	if one, ok := union(anyOf); ok {
		all, anyOf = append(all, one), nil
	}
	for _, m := range all {
		switch {
		case m.Field == "status" && f.Statuses == nil && len(m.Values) > 0:
			for _, status := range m.Values {
				f.Statuses = append(f.Statuses, Status(status))
			}
		case m.Field == "brand_id" && f.Brand == 0 && !m.Not && len(m.Values) == 1:
			f.Brand = idOf[directory.BrandID](m.Values[0])
		default:
			f.Where.All = append(f.Where.All, m)
		}
	}
	if len(f.Statuses) == len(Statuses) {
		f.Statuses = nil
	}
	f.Where.Any = anyOf
	return f
}

func matches(conditions []Condition, who viewer) []Match {
	var found []Match
	for _, c := range conditions {
		if ready := c.prepare(atRest, who.fields); ready != nil {
			found = append(found, ready.match(who))
		}
	}
	return found
}

// union is one match instead of several of which one must be met, when they ask
// for values of the same field.
func union(any []Match) (Match, bool) {
	if len(any) == 0 || any[0].Custom != nil || any[0].Not || !any[0].From.IsZero() || !any[0].Until.IsZero() {
		return Match{}, false
	}
	whole := Match{Field: any[0].Field}
	for _, m := range any {
		if m.Field != whole.Field || m.Not {
			return Match{}, false
		}
		whole.Values = append(whole.Values, m.Values...)
	}
	slices.Sort(whole.Values)
	whole.Values = slices.Compact(whole.Values)
	return whole, true
}

// match is what the condition asks of tickets at rest.
func (c *condition) match(who viewer) Match {
	if c.custom != nil {
		return c.atRest()
	}
	m := Match{Field: c.Field, Not: c.Operator == IsNot || c.Operator == IncludesNot}
	switch c.Input {
	case InputList:
		// What lists offer is so little that the values themselves are told, by the comparison of triggers.
		m.Not = false
		if c.Optional && c.agrees("", c.Value) {
			m.Values = append(m.Values, "")
		}
		for _, value := range c.Values {
			if c.agrees(value, c.Value) {
				m.Values = append(m.Values, value)
			}
		}
	case InputWords:
		m.Values = c.words
		if c.Operator == Is || c.Operator == IsNot {
			m.Values = []string{c.Value}
		}
	case InputTags:
		m.Values = c.words
	case InputTime:
		m.From, m.Until, _ = c.span(who.now) // Validate has seen to it
	default:
		m.Values = who.named(c.Value)
	}
	return m
}

// named gives the ids behind a part that somebody plays; other values as they are.
func (w viewer) named(value string) []string {
	switch value {
	case currentUser:
		return []string{number(w.id)}
	case currentTeams:
		return strings.Fields(numbers(w.teams))
	}
	return []string{value}
}

// untilDue asks for the hours that are left until something is due; due_date, as
// the other instants, for those that have passed since. Both are Zendesk's.
const untilDue = "until_due_date"

// span is the time that a condition asks for: "less_than 24" means within the
// last 24 hours, "before 2026-03-01" until the day begins (in UTC). Of what is
// due, that can also lie ahead: it is asked for what is over, or for what is to come.
func (c Condition) span(now time.Time) (from, until time.Time, err error) {
	if c.Operator == Before || c.Operator == After {
		day, err := time.Parse(time.DateOnly, c.Value)
		if c.Operator == Before {
			return from, day, err
		}
		return day, until, err
	}
	hours, err := strconv.ParseFloat(c.Value, 64)
	if err == nil && !(hours >= 0 && hours <= maxHours) {
		err = fmt.Errorf("%v hours", hours)
	}
	now = now.Truncate(time.Minute) // so that the same question is asked for a while
	span := time.Duration(hours * float64(time.Hour))
	switch less := c.Operator == LessThan; {
	case c.Field == untilDue && less:
		return now, now.Add(span), err
	case c.Field == untilDue:
		return now.Add(span), until, err
	case c.Field == "due_date" && less:
		return now.Add(-span), now, err
	case less:
		return now.Add(-span), until, err
	}
	return from, now.Add(-span), err
}

// maxHours bounds how far back conditions look: a hundred years.
const maxHours = 100 * 366 * 24
