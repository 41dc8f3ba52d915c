package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

// ticketOrder is how a list of tickets is sorted: by group, by a key and then by number.
type ticketOrder struct {
	group      sortKey // its column is empty without groups
	groupDown  bool
	key        sortKey
	descending bool // of key and number
}

// sortKey is a column to sort by, or an expression that keeps its index from being used.
type sortKey struct {
	column   string
	parse    func(string) (any, error) // of Position.Key
	computed bool                      // it is worked out for each ticket: there is no index to sort by
}

// parseRank turns a status or priority into its rank, as the generated columns have it.
func parseRank[T ~string](ranks ...T) func(string) (any, error) {
	return func(key string) (any, error) { return slices.Index(ranks, T(key)), nil }
}

func parseInstant(key string) (any, error) { return strconv.ParseInt(key, 10, 64) }

// Types come in the order in which people choose among them; what is never due comes last.
const (
	typeRank = "CASE type WHEN 'question' THEN 1 WHEN 'incident' THEN 2 WHEN 'problem' THEN 3 WHEN 'task' THEN 4 ELSE 0 END"
	dueRank  = "CASE due_at WHEN 0 THEN 9223372036854775807 ELSE due_at END"
)

func parseDue(key string) (any, error) {
	at, err := strconv.ParseInt(key, 10, 64)
	if at == 0 {
		at = math.MaxInt64
	}
	return at, err
}

func parseFolded(key string) (any, error) { return fold(key), nil }

// byName sorts by the name of what a column of the ticket points to. Of two with
// one name, the tickets of each stay together; those without any come first.
func byName(table, name, column string) sortKey {
	named := func(id string) string {
		return fmt.Sprintf("COALESCE((SELECT %s || ' ' || CAST(id AS TEXT) FROM %s WHERE id = %s), '')", name, table, id)
	}
	return sortKey{column: named(column), computed: true, parse: func(key string) (any, error) {
		return bun.SafeQuery(named("?"), numeric(key)), nil
	}}
}

var sortKeys = map[desk.Sort]sortKey{
	desk.SortUpdated:   {column: "updated_at", parse: parseInstant},
	desk.SortCreated:   {column: "created_at", parse: parseInstant},
	desk.SortSolved:    {column: "solved_at", parse: parseInstant},
	desk.SortStatus:    {column: "status_rank", parse: parseRank("", desk.New, desk.Open, desk.Pending, desk.Hold, desk.Solved, desk.Closed)},
	desk.SortPriority:  {column: "priority_rank", parse: parseRank("", desk.Low, desk.Normal, desk.High, desk.Urgent)},
	desk.SortSubject:   {column: "folded", parse: parseFolded},
	desk.SortRequester: byName("person", "folded", "requester_id"),
	desk.SortAssignee:  byName("person", "folded", "assignee_id"),
	desk.SortTeam:      byName("team", "LOWER(name)", "team_id"),
	desk.SortBrand:     byName("brand", "LOWER(name)", "brand_id"),
	desk.SortType:      {column: typeRank, parse: parseRank(append([]desk.Type{""}, desk.Types...)...), computed: true},
	desk.SortDue:       {column: dueRank, parse: parseDue, computed: true},
	desk.SortGenerated: {column: "generated_at", parse: parseInstant},
	desk.SortID:        {column: "id"},
}

// sorted is the key without its index, for tickets that another index leads to.
func (k sortKey) sorted() sortKey {
	if k.computed {
		return k
	}
	switch k.column {
	case "", "id":
		return k
	case "folded":
		return sortKey{column: k.column + " || ''", parse: k.parse}
	}
	return sortKey{column: k.column + " + 0", parse: k.parse}
}

// ticketOrder is the order of the filter.
func (tx *Tx) ticketOrder(ctx context.Context, f desk.TicketFilter) (o ticketOrder, err error) {
	o = ticketOrder{descending: f.Descending, groupDown: f.GroupDown}
	if o.key, err = tx.sortKey(ctx, f.Sort); err != nil {
		return o, err
	}
	if o.group, err = tx.sortKey(ctx, f.Group); err != nil {
		return o, err
	}
	if o.key.column == "" { // newest change first
		o.key, o.descending = sortKeys[desk.SortUpdated], true
	}
	if backwards(f) {
		o.descending, o.groupDown = !o.descending, !o.groupDown
	}
	// Databases like to walk along an index in the wanted order until they have
	// met enough; for the few among a million that is the wrong way round.
	if leads(f) || unsolvedOnly(f) && !byChange(f) {
		o.key, o.group = o.key.sorted(), o.group.sorted()
	}
	return o, nil
}

// byChange tells whether the list is sorted by the last change alone.
func byChange(f desk.TicketFilter) bool {
	return f.Group == "" && (f.Sort == "" || f.Sort == desk.SortUpdated)
}

// sortKey is what an order sorts by; without a column when there is none.
func (tx *Tx) sortKey(ctx context.Context, by desk.Sort) (sortKey, error) {
	id := directory.TicketFieldNamed(string(by))
	if id == 0 {
		return sortKeys[by], nil
	}
	f, err := tx.GetField(ctx, directory.TicketFields, id)
	if err != nil {
		return sortKey{}, err
	}
	return fieldSortKey(f), nil
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
	source, err := tx.having(ctx, ticketText, f.Text)
	if err != nil {
		return nil, err
	}
	ids, err := tx.ticketIDs(ctx, f, source)
	if err != nil {
		return nil, err
	}
	return tx.ticketsInOrder(ctx, ids)
}

// ticketsInOrder reads tickets in the order of their numbers here.
func (tx *Tx) ticketsInOrder(ctx context.Context, ids []int64) ([]*desk.Ticket, error) {
	if len(ids) == 0 {
		return nil, nil
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

// ticketIDs finds one page of a list among the tickets that the source tells of.
func (tx *Tx) ticketIDs(ctx context.Context, f desk.TicketFilter, source textSource) ([]int64, error) {
	order, err := tx.ticketOrder(ctx, f)
	if err != nil {
		return nil, err
	}
	query, args, err := ticketQuery(f, order, source)
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
func ticketQuery(f desk.TicketFilter, order ticketOrder, source textSource) (query string, args []any, err error) {
	var parts []string
	for _, branch := range branches(f, order, source) {
		where, err := ticketConditions(branch, order)
		if err != nil {
			return "", nil, err
		}
		from := source.from("ticket", where)
		part := "SELECT id, " + order.columns() + " FROM " + from + where.where() + order.by()
		if f.Limit > 0 {
			part += fmt.Sprintf(" LIMIT %d", f.Limit+f.Offset)
		}
		parts, args = append(parts, "SELECT * FROM ("+part+") AS branch"), append(args, where.args...)
	}
	query = "SELECT id FROM (" + strings.Join(parts, " UNION ALL ") + ") AS found" + order.named("group_key", "sort_key").by()
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d OFFSET %d", f.Limit, f.Offset)
	}
	return query, args, nil
}

// branches are the lists, one for each status, that the list is put together from.
func branches(f desk.TicketFilter, o ticketOrder, source textSource) []desk.TicketFilter {
	if source.few || len(f.Statuses) < 2 || f.Limit == 0 || o.key.column != "updated_at" || o.group.column != "" {
		return []desk.TicketFilter{f}
	}
	var all []desk.TicketFilter
	for _, status := range f.Statuses {
		branch := f
		branch.Statuses = []desk.Status{status}
		all = append(all, branch)
	}
	return all
}

// columns are the keys under the names that the whole list is sorted by.
func (o ticketOrder) columns() string {
	columns := o.key.column + " AS sort_key"
	if o.group.column != "" {
		columns += ", " + o.group.column + " AS group_key"
	}
	return columns
}

// named is the order by columns of other names.
func (o ticketOrder) named(group, key string) ticketOrder {
	if o.group.column != "" {
		o.group.column = group
	}
	o.key.column = key
	return o
}

func (o ticketOrder) by() string {
	direction := map[bool]string{false: " ASC", true: " DESC"}
	by := " ORDER BY "
	if o.group.column != "" {
		by += o.group.column + direction[o.groupDown] + ", "
	}
	return by + o.key.column + direction[o.descending] + ", id" + direction[o.descending]
}

// beyond is the condition that a ticket comes after the position in this order.
func (o ticketOrder) beyond(c *conditions, p desk.Position) error {
	sign := map[bool]string{false: ">", true: "<"}
	text, args := "id "+sign[o.descending]+" ?", []any{p.ID}
	if o.key.parse != nil {
		key, err := o.key.parse(p.Key)
		if err != nil {
			return strangeCursor(err)
		}
		text, args = "("+o.key.column+", id) "+sign[o.descending]+" (?, ?)", []any{key, p.ID}
	}
	if o.group.column != "" {
		group, err := o.group.parse(p.Group)
		if err != nil {
			return strangeCursor(err)
		}
		text = fmt.Sprintf("(%s %s ? OR %s = ? AND %s)", o.group.column, sign[o.groupDown], o.group.column, text)
		args = append([]any{group, group}, args...)
	}
	c.add(text, args...)
	return nil
}

func strangeCursor(err error) error {
	return problem.New(problem.Invalid, "invalid_cursor", "The cursor does not belong to this list.").
		On(problem.Yours, "Begin with the first page again.").Because(err)
}

func ticketConditions(f desk.TicketFilter, order ticketOrder) (*conditions, error) {
	c, err := ticketFilter(f)
	if err != nil {
		return nil, err
	}
	for _, at := range []*desk.Position{f.After, f.Before} {
		if at == nil {
			continue
		}
		o := order
		if at == f.Before && !backwards(f) {
			o.descending, o.groupDown = !o.descending, !o.groupDown
		}
		if err := o.beyond(c, *at); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ticketFilter turns a filter, without its paging, into conditions.
func ticketFilter(f desk.TicketFilter) (*conditions, error) {
	c := &conditions{}
	status := "status"
	switch at := since(f); {
	case at.IsZero():
	case byChange(f):
		c.add("updated_at >= ?", millis(at)) // what was solved has changed: the list ends there
	default:
		status = "status || ''" // without its index: that of the time leads to them
	}
	if len(f.IDs) > 0 {
		c.add("id IN (?)", bun.List(f.IDs))
	}
	switch len(f.Statuses) {
	case 0:
		if !f.WithDeleted {
			c.add("status <> 'deleted'")
		}
	case 1:
		c.add(status+" = ?", f.Statuses[0])
	default:
		c.add(status+" IN (?)", bun.List(f.Statuses))
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
	if f.Follower != 0 {
		c.add("id IN (SELECT ticket_id FROM ticket_follower WHERE person_id = ?)", f.Follower)
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
	if f.ProblemID != 0 {
		c.add("problem_id <> 0 AND problem_id = ?", f.ProblemID)
	}
	if f.Type != "" {
		c.add("type <> '' AND type = ?", f.Type)
	}
	if f.Flagged {
		c.add(flaggedTickets)
	}
	if f.Failed {
		c.add(failedTickets)
	}
	return c, c.match(f)
}

// CountTickets counts without regard to paging.
func (tx *Tx) CountTickets(ctx context.Context, f desk.TicketFilter) (int, error) {
	counts, err := tx.CountTicketsByStatus(ctx, f)
	return sum(counts), err
}

func sum(counts map[desk.Status]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

// CountTicketsUpTo counts as far as most, and tells whether there are more. Kept
// counts tell all.
func (tx *Tx) CountTicketsUpTo(ctx context.Context, f desk.TicketFilter, most int) (n int, more bool, err error) {
	if kept(f) {
		n, err = tx.CountTickets(ctx, f)
		return n, false, err
	}
	source, err := tx.having(ctx, ticketText, f.Text)
	if err != nil {
		return 0, false, err
	}
	query, args, err := countQuery(f, source, most)
	if err != nil {
		return 0, false, err
	}
	if err := tx.bun.NewRaw(query, args...).Scan(ctx, &n); err != nil {
		return 0, false, fmt.Errorf("count tickets: %w", tx.db.explain(err))
	}
	return min(n, most), n > most, nil
}

func countQuery(f desk.TicketFilter, source textSource, most int) (string, []any, error) {
	c, err := ticketFilter(f)
	if err != nil {
		return "", nil, err
	}
	from := source.from("ticket", c)
	return fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM %s%s LIMIT %d) AS found", from, c.where(), most+1), c.args, nil
}

// CountTicketsByStatus counts without regard to paging. Of all tickets, of
// statuses and of brands the numbers are kept; anything else is counted, tickets
// with words that very many have up to desk.MaxFound + 1.
func (tx *Tx) CountTicketsByStatus(ctx context.Context, f desk.TicketFilter) (map[desk.Status]int, error) {
	source, err := tx.having(ctx, ticketText, f.Text)
	if err != nil {
		return nil, err
	}
	if newest := source.newest(); source.many && newest.few {
		// Asking each ticket is slow. Where the newest are enough, none is asked.
		counts, err := tx.countByStatus(ctx, f, newest)
		if err != nil || sum(counts) > desk.MaxFound {
			return counts, err
		}
	}
	return tx.countByStatus(ctx, f, source)
}

// countFound is CountTickets for tickets that the source tells of.
func (tx *Tx) countFound(ctx context.Context, f desk.TicketFilter, source textSource) (int, error) {
	counts, err := tx.countByStatus(ctx, f, source)
	return sum(counts), err
}

func (tx *Tx) countByStatus(ctx context.Context, f desk.TicketFilter, source textSource) (map[desk.Status]int, error) {
	c, err := ticketFilter(f)
	if err != nil {
		return nil, err
	}
	query := "SELECT status, COUNT(*) FROM " + source.from("ticket", c) + c.where()
	switch {
	case kept(f):
		query = "SELECT status, CAST(SUM(n) AS BIGINT) FROM ticket_count" + c.where()
	case source.many:
		query = fmt.Sprintf("SELECT status, COUNT(*) FROM (SELECT status FROM ticket%s LIMIT %d) AS found", c.where(), desk.MaxFound+1)
	}
	counts, err := tally[desk.Status](ctx, tx, query+" GROUP BY status", c.args...)
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
	return len(f.IDs) == 0 && f.Requester == 0 && f.Organization == 0 && f.Team == 0 && f.Copied == 0 && f.Follower == 0 && f.Assignee == 0 && !f.Unassigned && f.Recipient == "" &&
		f.ExternalID == "" && f.FollowUpOf == 0 && f.ProblemID == 0 && f.Type == "" && !f.Flagged && !f.Failed && len(phrases(f.Text)) == 0 &&
		len(f.Where.All) == 0 && len(f.Where.Any) == 0
}
