package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/problem"
)

// ticketOrder is how a list of tickets is sorted: by a key and then by number.
type ticketOrder struct {
	key        string                    // column
	parse      func(string) (any, error) // of Position.Key
	descending bool
}

// parseRank turns a status or priority into its rank, as the generated columns have it.
func parseRank[T ~string](ranks ...T) func(string) (any, error) {
	return func(key string) (any, error) { return slices.Index(ranks, T(key)), nil }
}

func orderOf(f desk.TicketFilter) ticketOrder {
	o := ticketOrder{descending: f.Descending}
	parseInstant := func(key string) (any, error) { return strconv.ParseInt(key, 10, 64) }
	switch f.Sort {
	case desk.SortUpdated:
		o.key, o.parse = "updated_at", parseInstant
	case desk.SortCreated:
		o.key, o.parse = "created_at", parseInstant
	case desk.SortStatus:
		o.key, o.parse = "status_rank", parseRank("", desk.New, desk.Open, desk.Pending, desk.Hold, desk.Solved, desk.Closed)
	case desk.SortPriority:
		o.key, o.parse = "priority_rank", parseRank("", desk.Low, desk.Normal, desk.High, desk.Urgent)
	case desk.SortSubject:
		o.key, o.parse = "folded", func(key string) (any, error) { return fold(key), nil }
	case desk.SortID:
		o.key = "id"
	default: // newest change first
		return ticketOrder{key: "updated_at", parse: parseInstant, descending: true}
	}
	return o
}

// conditions collects what stands between WHERE and ORDER BY.
type conditions struct {
	texts []string
	args  []any
}

func (c *conditions) add(text string, args ...any) {
	c.texts = append(c.texts, text)
	c.args = append(c.args, args...)
}

func (c *conditions) where() string {
	if len(c.texts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.texts, " AND ")
}

// ListTickets lists tickets in the filter's order, with people in copy and siblings.
func (tx *Tx) ListTickets(ctx context.Context, f desk.TicketFilter) ([]*desk.Ticket, error) {
	ids, err := tx.ticketIDs(ctx, f)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	rows, err := many[ticketRow](ctx, tx, tx.bun.NewSelect().Where("id IN (?)", bun.List(ids)))
	if err != nil {
		return nil, fmt.Errorf("list tickets: %w", err)
	}
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(rows, func(a, b ticketRow) int { return place[a.ID] - place[b.ID] })
	return tx.tickets(ctx, rows)
}

// ticketIDs finds one page of a list.
func (tx *Tx) ticketIDs(ctx context.Context, f desk.TicketFilter) ([]int64, error) {
	query, args, err := ticketQuery(f)
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := tx.bun.NewRaw(query, args...).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list tickets: %w", tx.db.explain(err))
	}
	if backwards(f) {
		slices.Reverse(ids)
	}
	return ids, nil
}

// backwards tells whether a page is found from its end.
func backwards(f desk.TicketFilter) bool { return f.Before != nil && f.After == nil }

// ticketQuery selects the ids of one page. A list of several statuses is put
// together from the beginnings of one list for each status: every one of them
// comes out of an index in the right order, where together they would have to
// be sorted first.
func ticketQuery(f desk.TicketFilter) (query string, args []any, err error) {
	order := orderOf(f)
	if backwards(f) {
		order.descending = !order.descending
	}
	branches := []desk.TicketFilter{f}
	if len(f.Statuses) > 1 && f.Limit > 0 && order.key == "updated_at" {
		branches = nil
		for _, status := range f.Statuses {
			branch := f
			branch.Statuses = []desk.Status{status}
			branches = append(branches, branch)
		}
	}
	var parts []string
	for _, branch := range branches {
		where, err := ticketConditions(branch, order)
		if err != nil {
			return "", nil, err
		}
		part := "SELECT id, " + order.key + " AS sort_key FROM ticket" + where.where() + order.by(order.key)
		if f.Limit > 0 {
			part += fmt.Sprintf(" LIMIT %d", f.Limit+f.Offset)
		}
		parts, args = append(parts, "SELECT * FROM ("+part+") AS branch"), append(args, where.args...)
	}
	query = "SELECT id FROM (" + strings.Join(parts, " UNION ALL ") + ") AS found" + order.by("sort_key")
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d OFFSET %d", f.Limit, f.Offset)
	}
	return query, args, nil
}

func (o ticketOrder) by(key string) string {
	direction := " ASC"
	if o.descending {
		direction = " DESC"
	}
	return " ORDER BY " + key + direction + ", id" + direction
}

// beyond is the condition that a ticket comes after the position in this order.
func (o ticketOrder) beyond(c *conditions, p desk.Position) error {
	sign := ">"
	if o.descending {
		sign = "<"
	}
	if o.parse == nil {
		c.add("id "+sign+" ?", p.ID)
		return nil
	}
	key, err := o.parse(p.Key)
	if err != nil {
		return problem.New(problem.Invalid, "invalid_cursor", "The cursor does not belong to this list.").
			On(problem.Yours, "Begin with the first page again.").Because(err)
	}
	c.add("("+o.key+", id) "+sign+" (?, ?)", key, p.ID)
	return nil
}

func ticketConditions(f desk.TicketFilter, order ticketOrder) (*conditions, error) {
	c := ticketFilter(f)
	if f.After != nil {
		if err := order.beyond(c, *f.After); err != nil {
			return nil, err
		}
	}
	if f.Before != nil {
		if !backwards(f) {
			order.descending = !order.descending
		}
		if err := order.beyond(c, *f.Before); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ticketFilter turns a filter, without its paging, into conditions.
func ticketFilter(f desk.TicketFilter) *conditions {
	c := &conditions{}
	if len(f.IDs) > 0 {
		c.add("id IN (?)", bun.List(f.IDs))
	}
	switch len(f.Statuses) {
	case 0:
	case 1:
		c.add("status = ?", f.Statuses[0])
	default:
		c.add("status IN (?)", bun.List(f.Statuses))
	}
	if f.Requester != 0 {
		c.add("requester_id = ?", f.Requester)
	}
	if f.Organization != 0 {
		c.add("organization_id <> 0 AND organization_id = ?", f.Organization)
	}
	if f.Team != 0 {
		c.add("team_id <> 0 AND team_id = ?", f.Team)
	}
	if f.Copied != 0 {
		c.add("id IN (SELECT ticket_id FROM ticket_cc WHERE person_id = ?)", f.Copied)
	}
	if f.Assignee != 0 {
		c.add("assignee_id = ?", f.Assignee)
	}
	if f.Unassigned {
		c.add("assignee_id = 0")
	}
	if f.Brand != 0 {
		c.add("brand_id = ?", f.Brand)
	}
	if f.Recipient != "" {
		c.add("recipient = ?", f.Recipient)
	}
	if f.ExternalID != "" {
		c.add("external_id <> '' AND external_id = ?", f.ExternalID)
	}
	if f.FollowUpOf != 0 {
		c.add("follow_up_of <> 0 AND follow_up_of = ?", f.FollowUpOf)
	}
	if f.Flagged {
		c.add("id IN (SELECT ticket_id FROM comment WHERE flag <> '')")
	}
	if f.Failed {
		c.add("id IN (SELECT ticket_id FROM mail WHERE direction = 'out' AND state IN ('failed', 'bounced'))")
	}
	for _, field := range f.Fields {
		whereField(c, "id", field)
	}
	for _, word := range words(f.Search) {
		searchTickets(c, word)
	}
	return c
}

// searchTickets asks that the word be in the subject or in the requester's name
// or address, or be the number. Each is looked up by itself, in an index that
// holds nothing else; joined by OR they would read all of every ticket.
func searchTickets(c *conditions, word string) {
	text := `SELECT id FROM ticket WHERE folded LIKE ? ESCAPE '\'
		UNION SELECT id FROM ticket WHERE requester_id IN (SELECT id FROM person WHERE folded LIKE ? ESCAPE '\')`
	args := []any{containing(word), containing(word)}
	if number, err := strconv.ParseInt(strings.TrimPrefix(word, "#"), 10, 64); err == nil {
		text += " UNION SELECT id FROM ticket WHERE id = ?"
		args = append(args, number)
	}
	c.add("id IN ("+text+")", args...)
}

// CountTickets counts without regard to paging.
func (tx *Tx) CountTickets(ctx context.Context, f desk.TicketFilter) (int, error) {
	counts, err := tx.CountTicketsByStatus(ctx, f)
	n := 0
	for _, count := range counts {
		n += count
	}
	return n, err
}

// CountTicketsByStatus counts without regard to paging. Of all tickets, of
// statuses and of brands the numbers are kept; anything else is counted.
func (tx *Tx) CountTicketsByStatus(ctx context.Context, f desk.TicketFilter) (map[desk.Status]int, error) {
	query := "SELECT status, COUNT(*) FROM ticket"
	if kept(f) {
		query = "SELECT status, CAST(SUM(n) AS BIGINT) FROM ticket_count"
	}
	c := ticketFilter(f)
	counts, err := tally[desk.Status](ctx, tx, query+c.where()+" GROUP BY status", c.args...)
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	for status, n := range counts {
		if n == 0 {
			delete(counts, status)
		}
	}
	return counts, nil
}

// kept tells whether table ticket_count knows how many tickets the filter chooses.
func kept(f desk.TicketFilter) bool {
	return len(f.IDs) == 0 && f.Requester == 0 && f.Organization == 0 && f.Team == 0 && f.Copied == 0 && f.Assignee == 0 && !f.Unassigned && f.Recipient == "" &&
		f.ExternalID == "" && f.FollowUpOf == 0 && !f.Flagged && !f.Failed && len(f.Fields) == 0 && len(words(f.Search)) == 0
}
