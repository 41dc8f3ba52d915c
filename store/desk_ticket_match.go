package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

// matchColumns are the columns that conditions of views ask for one of several values.
var matchColumns = map[string]struct {
	name  string
	value func(string) any
}{
	"status":       {"status", textual},
	"priority":     {"priority", textual},
	"via_id":       {"via", textual},
	"recipient":    {"recipient", textual},
	"imported":     {"imported", func(v string) any { return v == "true" }},
	"assignee_id":  {"assignee_id", numeric},
	"group_id":     {"team_id", numeric},
	"brand_id":     {"brand_id", numeric},
	"requester_id": {"requester_id", numeric},

	// Of searches alone.
	"id":           {"id", numeric},
	"submitter_id": {"submitter_id", numeric},
	"external_id":  {"external_id", textual},
}

// matchInstants are the columns that conditions of views ask for a span of time.
var matchInstants = map[string]string{"created_at": "created_at", "updated_at": "updated_at", "solved_at": "solved_at", "due_date": "due_at", "until_due_date": "due_at"}

// matchTickets are the questions that are answered by a few tickets of a partial index.
var matchTickets = map[string]string{
	"flagged":         flaggedTickets,
	"delivery_failed": failedTickets,
}

const (
	flaggedTickets = "id IN (SELECT ticket_id FROM comment WHERE flag <> '')"
	failedTickets  = "id IN (SELECT ticket_id FROM mail WHERE direction = 'out' AND state IN ('failed', 'bounced'))"
)

func textual(v string) any { return v }

// numeric reads an identifier; nobody and none are 0.
func numeric(v string) any {
	n, _ := strconv.ParseInt(v, 10, 64)
	return n
}

// match adds what the conditions of a view ask.
func (c *conditions) match(f desk.TicketFilter) error {
	narrow := unsolvedOnly(f)
	for _, m := range f.Where.All {
		one, err := matching(m, narrow)
		if err != nil {
			return err
		}
		c.add(one.text, one.args...)
	}
	if len(f.Where.Any) == 0 {
		return nil
	}
	var texts []string
	var args []any
	for _, m := range f.Where.Any {
		one, err := matching(m, true)
		if err != nil {
			return err
		}
		texts, args = append(texts, one.text), append(args, one.args...)
	}
	c.add("("+strings.Join(texts, " OR ")+")", args...)
	return nil
}

type piece struct {
	text string
	args []any
}

// and adds what must be met as well.
func (p *piece) and(text string, args ...any) {
	p.text, p.args = p.text+" AND "+text, append(p.args, args...)
}

// matching is one condition as SQL. When another condition leads to few tickets
// (narrow), these are looked at one by one; else this one is to lead to them.
func matching(m desk.Match, narrow bool) (piece, error) {
	if m.Custom != nil {
		return unless(m.Not, asked(*m.Custom, narrow)), nil
	}
	if column, ok := matchColumns[m.Field]; ok {
		return oneOf(m, column.name, column.value), nil
	}
	if column, ok := matchInstants[m.Field]; ok {
		return within(m, column), nil
	}
	if query, ok := matchTickets[m.Field]; ok {
		if slices.Contains(m.Values, "true") == m.Not {
			query = "NOT (" + query + ")"
		}
		return piece{text: query}, nil
	}
	switch m.Field {
	case "organization_id":
		return sparse(m, "organization_id", "0", numeric), nil
	case "type":
		return sparse(m, "type", "''", textual), nil
	case "cc_id":
		return idsOf(m, "SELECT ticket_id FROM ticket_cc WHERE person_id IN (?)"), nil
	case "commenter_id":
		return idsOf(m, "SELECT ticket_id FROM comment WHERE author_id IN (?)"), nil
	case "has_attachment":
		return unless(m.Not, piece{text: "EXISTS (SELECT 1 FROM comment JOIN attachment ON comment_id = comment.id WHERE ticket_id = ticket.id AND NOT inline)"}), nil
	case "subject_includes_word":
		return unless(m.Not, anyWord("folded", m.Values)), nil
	case "current_tags":
		return ticketsTagged(m, narrow), nil
	}
	return piece{}, fmt.Errorf("views cannot ask for %q", m.Field)
}

// never holds for no ticket, or with not for all.
func never(not bool) piece {
	if not {
		return piece{text: "1 = 1"}
	}
	return piece{text: "1 = 0"}
}

// unless turns a condition round.
func unless(not bool, p piece) piece {
	if not {
		p.text = "NOT (" + p.text + ")"
	}
	return p
}

// idsOf asks for the tickets that a query gives for one of the people.
func idsOf(m desk.Match, query string) piece {
	if len(m.Values) == 0 {
		return never(m.Not)
	}
	people := make([]any, len(m.Values))
	for i, v := range m.Values {
		people[i] = numeric(v)
	}
	return unless(m.Not, piece{"id IN (" + query + ")", []any{bun.List(people)}})
}

func oneOf(m desk.Match, column string, value func(string) any) piece {
	if len(m.Values) == 0 {
		return never(m.Not)
	}
	values := make([]any, len(m.Values))
	for i, v := range m.Values {
		values[i] = value(v)
	}
	in := " IN (?)"
	if m.Not {
		in = " NOT IN (?)"
	}
	return piece{column + in, []any{bun.List(values)}}
}

// sparse asks for values of a column whose index holds only the tickets that have one.
func sparse(m desk.Match, column, none string, value func(string) any) piece {
	p := oneOf(m, column, value)
	if certain(m) {
		p.text = column + " <> " + none + " AND " + p.text
	}
	return p
}

// certain tells whether a condition asks for tickets with certain values.
func certain(m desk.Match) bool {
	return !m.Not && len(m.Values) > 0 && !slices.Contains(m.Values, "")
}

func within(m desk.Match, column string) piece {
	p := piece{text: column + " <> 0"}
	if !m.From.IsZero() {
		p.and(column+" >= ?", millis(m.From))
	}
	if !m.Until.IsZero() {
		p.and(column+" < ?", millis(m.Until))
	}
	return unless(m.Not, piece{"(" + p.text + ")", p.args})
}

// anyWord asks for one of the words, or series of words, in a folded text: by
// themselves, not as parts of longer ones. What LIKE passes over is not looked at twice.
func anyWord(column string, words []string) piece {
	if len(words) == 0 {
		return never(false)
	}
	var texts []string
	var args []any
	for _, word := range words {
		texts = append(texts, column+` LIKE ? ESCAPE '\' AND has_word(`+column+`, ?)`)
		args = append(args, containing(fold(word)), fold(word))
	}
	return piece{"(" + strings.Join(texts, " OR ") + ")", args}
}

func ticketsTagged(m desk.Match, narrow bool) piece {
	if len(m.Values) == 0 {
		return never(m.Not)
	}
	if slices.Equal(m.Values, []string{""}) {
		return unless(m.Not, piece{text: "tags = '[]'"})
	}
	args := []any{bun.List(m.Values)}
	switch {
	case m.Not:
		return piece{"NOT EXISTS (SELECT 1 FROM ticket_tag WHERE ticket_id = ticket.id AND tag IN (?))", args}
	case narrow:
		return piece{"EXISTS (SELECT 1 FROM ticket_tag WHERE ticket_id = ticket.id AND tag IN (?))", args}
	}
	return piece{"id IN (SELECT ticket_id FROM ticket_tag WHERE tag IN (?))", args}
}

// unsolvedOnly tells whether the filter asks for tickets that are still worked
// on, which are few of those that there ever were.
func unsolvedOnly(f desk.TicketFilter) bool {
	return len(f.Statuses) > 0 && !slices.Contains(f.Statuses, desk.Solved) && !slices.Contains(f.Statuses, desk.Closed)
}

// leads tells whether a condition of the view names so few tickets by an index
// that they are better sorted than met along the way.
func leads(f desk.TicketFilter) bool {
	return slices.ContainsFunc(f.Where.All, func(m desk.Match) bool {
		if m.Not {
			return false
		}
		if m.Custom != nil {
			return m.Custom.Operator == directory.FieldIs && !unsolvedOnly(f)
		}
		switch m.Field {
		case "flagged", "delivery_failed":
			return slices.Contains(m.Values, "true")
		case "current_tags":
			return !unsolvedOnly(f)
		case "requester_id", "due_date", "until_due_date":
			return true
		case "organization_id":
			return certain(m)
		}
		return false
	})
}

// since is the time after which the filter's tickets were solved or created, where
// that is the shortest way to them; zero: there is none.
func since(f desk.TicketFilter) (at time.Time) {
	if unsolvedOnly(f) || leads(f) {
		return at
	}
	for _, m := range f.Where.All {
		if (m.Field == "solved_at" || m.Field == "created_at") && !m.Not && m.From.After(at) {
			at = m.From
		}
	}
	return at
}
