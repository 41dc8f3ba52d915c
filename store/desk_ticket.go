package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

type ticketRow struct {
	bun.BaseModel `bun:"table:ticket,alias:ticket"`

	ID           int64  `bun:"id,pk"`
	Subject      string `bun:"subject"`
	Folded       string `bun:"folded"`
	Status       string `bun:"status"`
	Priority     string `bun:"priority"`
	Type         string `bun:"type"`
	ProblemID    int64  `bun:"problem_id"`
	DueAt        int64  `bun:"due_at"`
	RequesterID  int64  `bun:"requester_id"`
	SubmitterID  int64  `bun:"submitter_id,skipupdate"`
	AssigneeID   int64  `bun:"assignee_id"`
	TeamID       int64  `bun:"team_id"`
	BrandID      int64  `bun:"brand_id"`
	Recipient    string `bun:"recipient"`
	Via          string `bun:"via,skipupdate"`
	Tags         string `bun:"tags"`
	FollowUpOf   int64  `bun:"follow_up_of,skipupdate"`
	MergedInto   int64  `bun:"merged_into"`
	DeletedFrom  string `bun:"deleted_from"`
	DeletedBy    int64  `bun:"deleted_by"`
	ExternalID   string `bun:"external_id"`
	ReplyToken   string `bun:"reply_token,skipupdate"`
	Imported     bool   `bun:"imported,skipupdate"`
	CreatedAt    int64  `bun:"created_at,skipupdate"`
	UpdatedAt    int64  `bun:"updated_at"`
	SolvedAt     int64  `bun:"solved_at"`
	FirstReplyAt int64  `bun:"first_reply_at"`
	GeneratedAt  int64  `bun:"generated_at"`
	Version      int64  `bun:"version"`

	OrganizationID int64 `bun:"organization_id"`
}

func rowOfTicket(t *desk.Ticket) ticketRow {
	return ticketRow{
		Subject: t.Subject, Folded: fold(t.Subject), Status: string(t.Status), Priority: string(t.Priority),
		Type: string(t.Type), ProblemID: int64(t.ProblemID), DueAt: millis(t.DueAt),
		RequesterID: int64(t.RequesterID), SubmitterID: int64(t.SubmitterID), AssigneeID: int64(t.AssigneeID),
		TeamID: int64(t.TeamID), BrandID: int64(t.BrandID), Recipient: t.Recipient, Via: string(t.Via),
		Tags: list(t.Tags), FollowUpOf: int64(t.FollowUpOf), ExternalID: t.ExternalID, ReplyToken: t.ReplyToken,
		Imported: t.Imported, CreatedAt: millis(t.CreatedAt), UpdatedAt: millis(t.UpdatedAt),
		SolvedAt: millis(t.SolvedAt), FirstReplyAt: millis(t.FirstReplyAt), Version: t.Version,
		MergedInto: int64(t.MergedInto), DeletedFrom: string(t.DeletedFrom), DeletedBy: int64(t.DeletedBy),
		OrganizationID: int64(t.OrganizationID),
	}
}

func (r *ticketRow) ticket() (*desk.Ticket, error) {
	tags, err := unlist[string](r.Tags)
	if err != nil {
		return nil, fmt.Errorf("tags of ticket %d: %w", r.ID, err)
	}
	return &desk.Ticket{
		ID: desk.TicketID(r.ID), Subject: r.Subject, Status: desk.Status(r.Status), Priority: desk.Priority(r.Priority),
		Type: desk.Type(r.Type), ProblemID: desk.TicketID(r.ProblemID), DueAt: instant(r.DueAt),
		RequesterID: directory.UserID(r.RequesterID), SubmitterID: directory.UserID(r.SubmitterID),
		AssigneeID: directory.UserID(r.AssigneeID), TeamID: directory.TeamID(r.TeamID), BrandID: directory.BrandID(r.BrandID),
		Recipient: r.Recipient, Via: desk.Channel(r.Via), Tags: tags, FollowUpOf: desk.TicketID(r.FollowUpOf),
		ExternalID: r.ExternalID, ReplyToken: r.ReplyToken, Imported: r.Imported,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt), SolvedAt: instant(r.SolvedAt),
		FirstReplyAt: instant(r.FirstReplyAt), GeneratedAt: instant(r.GeneratedAt), Version: r.Version,
		MergedInto: desk.TicketID(r.MergedInto), DeletedFrom: desk.Status(r.DeletedFrom), DeletedBy: directory.UserID(r.DeletedBy),
		OrganizationID: directory.OrganizationID(r.OrganizationID),
	}, nil
}

// GetTicket reads a ticket, or returns problem.NotFound.
func (tx *Tx) GetTicket(ctx context.Context, id desk.TicketID) (*desk.Ticket, error) {
	row, err := one[ticketRow](ctx, tx, "id = $1", int64(id))
	return tx.undeleted(ctx, id, row, err)
}

// LockTicket reads a ticket that nobody else changes until the transaction ends.
func (tx *Tx) LockTicket(ctx context.Context, id desk.TicketID) (*desk.Ticket, error) {
	row, err := lockOne[ticketRow](ctx, tx, "id = $1", int64(id))
	return tx.undeleted(ctx, id, row, err)
}

// AnyTicket reads a ticket, deleted or not; within an Update nobody else changes it then.
func (tx *Tx) AnyTicket(ctx context.Context, id desk.TicketID) (*desk.Ticket, error) {
	row, err := lockOne[ticketRow](ctx, tx, "id = $1", int64(id))
	if err == nil && row == nil {
		return nil, notFound("ticket", id)
	}
	return tx.foundTicket(ctx, row, err)
}

// undeleted refuses a row that is not there, or deleted.
func (tx *Tx) undeleted(ctx context.Context, id desk.TicketID, row *ticketRow, err error) (*desk.Ticket, error) {
	switch {
	case err != nil:
	case row == nil:
		return nil, notFound("ticket", id)
	case row.deleted():
		return nil, problem.New(problem.NotFound, "ticket_deleted", "Ticket %d has been deleted.", id).
			On(problem.Yours, "Restore it from the deleted tickets if it is still needed.").With("ticket", fmt.Sprint(id))
	}
	return tx.foundTicket(ctx, row, err)
}

func (r *ticketRow) deleted() bool { return desk.Status(r.Status) == desk.Deleted }

// FindTicketByReplyToken returns nil when the token belongs to no ticket, or to a deleted one.
func (tx *Tx) FindTicketByReplyToken(ctx context.Context, token string) (*desk.Ticket, error) {
	row, err := one[ticketRow](ctx, tx, "reply_token = $1", token)
	if err == nil && row != nil && row.deleted() {
		row = nil
	}
	return tx.foundTicket(ctx, row, err)
}

func (tx *Tx) foundTicket(ctx context.Context, row *ticketRow, err error) (*desk.Ticket, error) {
	if err != nil {
		return nil, fmt.Errorf("read ticket: %w", err)
	}
	if row == nil {
		return nil, nil
	}
	tickets, err := tx.tickets(ctx, []ticketRow{*row})
	if err != nil {
		return nil, err
	}
	return tickets[0], nil
}

// tickets completes rows with the people in copy, the followers, the siblings and
// the custom fields, by one query each.
func (tx *Tx) tickets(ctx context.Context, rows []ticketRow) ([]*desk.Ticket, error) {
	ids := make([]int64, len(rows))
	tickets := make([]*desk.Ticket, len(rows))
	for i := range rows {
		t, err := rows[i].ticket()
		if err != nil {
			return nil, err
		}
		ids[i], tickets[i] = rows[i].ID, t
	}
	ccs, err := tx.pairs(ctx, "SELECT ticket_id, person_id FROM ticket_cc WHERE ticket_id IN (?) ORDER BY ticket_id, person_id", ids)
	if err != nil {
		return nil, fmt.Errorf("people in copy: %w", err)
	}
	followers, err := tx.pairs(ctx, "SELECT ticket_id, person_id FROM ticket_follower WHERE ticket_id IN (?) ORDER BY ticket_id, person_id", ids)
	if err != nil {
		return nil, fmt.Errorf("followers: %w", err)
	}
	siblings, err := tx.pairs(ctx, "SELECT ticket_id, sibling_id FROM ticket_sibling JOIN ticket ON id = sibling_id WHERE ticket_id IN (?) AND status <> 'deleted' ORDER BY ticket_id, sibling_id", ids)
	if err != nil {
		return nil, fmt.Errorf("siblings: %w", err)
	}
	fields, err := tx.ListFieldValues(ctx, directory.TicketFields, ids)
	if err != nil {
		return nil, err
	}
	for _, t := range tickets {
		t.Fields = fields[int64(t.ID)]
		t.CCs, t.Followers = userIDs(ccs[int64(t.ID)]), userIDs(followers[int64(t.ID)])
		t.Siblings = ticketIDs(siblings[int64(t.ID)])
	}
	return tickets, nil
}

// pairs reads two columns of numbers, grouped by the first; the query's ? stands for the ids.
func (tx *Tx) pairs(ctx context.Context, query string, ids []int64) (map[int64][]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.bun.QueryContext(ctx, query, bun.List(ids))
	if err != nil {
		return nil, tx.db.explain(err)
	}
	defer rows.Close()
	groups := make(map[int64][]int64)
	for rows.Next() {
		var key, value int64
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		groups[key] = append(groups[key], value)
	}
	return groups, rows.Err()
}

// InsertTicket sets the ID and Version, and writes who is in copy, who follows,
// the siblings and the custom fields.
func (tx *Tx) InsertTicket(ctx context.Context, t *desk.Ticket) error {
	tx.stamp(&t.CreatedAt, &t.UpdatedAt)
	row := rowOfTicket(t)
	row.GeneratedAt = millis(tx.db.opts.Now())
	row.Version = max(t.Version, 1)
	id, err := tx.insert(ctx, row)
	if err != nil {
		return fmt.Errorf("insert ticket: %w", err)
	}
	t.ID, t.Version = desk.TicketID(id), row.Version
	tx.retext(ticketText, id)
	if err := tx.addPeople(ctx, "ticket_cc", t.ID, t.CCs); err != nil {
		return err
	}
	if err := tx.addPeople(ctx, "ticket_follower", t.ID, t.Followers); err != nil {
		return err
	}
	for _, sibling := range t.Siblings {
		if err := tx.LinkSiblings(ctx, t.ID, sibling); err != nil {
			return err
		}
	}
	if len(t.Fields) == 0 {
		return nil
	}
	return tx.SaveFieldValues(ctx, directory.TicketFields, int64(t.ID), t.Fields)
}

// UpdateTicket raises the Version. When somebody else has changed the ticket
// since it was read, the whole Update runs again on Postgres, and
// problem.Conflict is the end of it.
func (tx *Tx) UpdateTicket(ctx context.Context, t *desk.Ticket) error {
	row := rowOfTicket(t)
	row.GeneratedAt = millis(tx.db.opts.Now())
	row.Version++
	if err := tx.retextIfChanged(ctx, int64(t.ID), row); err != nil {
		return err
	}
	err := tx.update(ctx, int64(t.ID), row)
	if errors.Is(err, errNoRow) {
		if _, err := tx.GetTicket(ctx, t.ID); err != nil {
			return err
		}
		err = errStale
	}
	if err != nil {
		return fmt.Errorf("update ticket %d: %w", t.ID, tx.db.explain(err))
	}
	t.Version = row.Version
	if err := tx.setPeople(ctx, "ticket_cc", t.ID, t.CCs); err != nil {
		return err
	}
	if err := tx.setPeople(ctx, "ticket_follower", t.ID, t.Followers); err != nil {
		return err
	}
	return tx.SaveFieldValues(ctx, directory.TicketFields, int64(t.ID), t.Fields)
}

// setPeople writes who is named by a table of a ticket's people, when that has changed.
func (tx *Tx) setPeople(ctx context.Context, table string, id desk.TicketID, people []directory.UserID) error {
	stored, err := tx.pairs(ctx, "SELECT ticket_id, person_id FROM "+table+" WHERE ticket_id IN (?)", []int64{int64(id)})
	if err != nil {
		return fmt.Errorf("%s of ticket %d: %w", table, id, err)
	}
	before := userIDs(stored[int64(id)])
	var added []directory.UserID
	for _, person := range people {
		if !slices.Contains(before, person) {
			added = append(added, person)
		}
	}
	for _, person := range before {
		if slices.Contains(people, person) {
			continue
		}
		if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE ticket_id = $1 AND person_id = $2", int64(id), int64(person)); err != nil {
			return fmt.Errorf("remove from %s of ticket %d: %w", table, id, err)
		}
	}
	return tx.addPeople(ctx, table, id, added)
}

func insertPerson(table string) string {
	return "INSERT INTO " + table + " (ticket_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
}

func (tx *Tx) addPeople(ctx context.Context, table string, id desk.TicketID, people []directory.UserID) error {
	for _, person := range people {
		if _, err := tx.exec(ctx, insertPerson(table), int64(id), int64(person)); err != nil {
			return fmt.Errorf("add to %s of ticket %d: %w", table, id, err)
		}
	}
	return nil
}

const linkSiblings = "INSERT INTO ticket_sibling (ticket_id, sibling_id) VALUES ($1, $2), ($2, $1) ON CONFLICT DO NOTHING"

// LinkSiblings notes that two tickets were made of the same mail.
func (tx *Tx) LinkSiblings(ctx context.Context, a, b desk.TicketID) error {
	if a == b {
		return nil
	}
	if _, err := tx.exec(ctx, linkSiblings, int64(a), int64(b)); err != nil {
		return fmt.Errorf("link tickets %d and %d: %w", a, b, err)
	}
	return nil
}

// SummarizeTickets tells of each ticket what its comments amount to.
func (tx *Tx) SummarizeTickets(ctx context.Context, ids []desk.TicketID) (map[desk.TicketID]desk.Summary, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.bun.QueryContext(ctx, `SELECT id,
			COALESCE((SELECT SUBSTR(text, 1, ?) FROM comment WHERE ticket_id = ticket.id ORDER BY created_at, id LIMIT 1), ''),
			(SELECT COUNT(*) FROM comment WHERE ticket_id = ticket.id),
			EXISTS (SELECT 1 FROM comment WHERE ticket_id = ticket.id AND flag <> ''),
			EXISTS (SELECT 1 FROM mail WHERE ticket_id = ticket.id AND ticket_id <> 0 AND direction = 'out' AND state IN ('failed', 'bounced'))
		FROM ticket WHERE id IN (?)`, desk.MaxDescription, bun.List(ids))
	if err != nil {
		return nil, fmt.Errorf("summarize tickets: %w", tx.db.explain(err))
	}
	defer rows.Close()
	summaries := make(map[desk.TicketID]desk.Summary, len(ids))
	for rows.Next() {
		var id desk.TicketID
		var s desk.Summary
		if err := rows.Scan(&id, &s.Description, &s.Comments, &s.Flagged, &s.DeliveryFailed); err != nil {
			return nil, err
		}
		summaries[id] = s
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return summaries, tx.addLinked(ctx, summaries)
}

// addLinked adds the tickets that continue each one, and those that were merged into it.
func (tx *Tx) addLinked(ctx context.Context, summaries map[desk.TicketID]desk.Summary) error {
	var ids []int64
	for id := range summaries {
		ids = append(ids, int64(id))
	}
	followUps, err := tx.pairs(ctx, "SELECT follow_up_of, id FROM ticket WHERE follow_up_of <> 0 AND follow_up_of IN (?) AND status <> 'deleted' ORDER BY id", ids)
	if err != nil {
		return fmt.Errorf("follow-ups: %w", err)
	}
	merged, err := tx.pairs(ctx, "SELECT merged_into, id FROM ticket WHERE merged_into <> 0 AND merged_into IN (?) AND status <> 'deleted' ORDER BY id", ids)
	if err != nil {
		return fmt.Errorf("merged tickets: %w", err)
	}
	incidents, err := tally[int64](ctx, tx, "SELECT problem_id, COUNT(*) FROM ticket WHERE problem_id <> 0 AND problem_id IN (?) AND status <> 'deleted' GROUP BY problem_id", bun.List(ids))
	if err != nil {
		return fmt.Errorf("incidents: %w", err)
	}
	for id, summary := range summaries {
		summary.Incidents = incidents[int64(id)]
		summary.FollowUps, summary.Merged = ticketIDs(followUps[int64(id)]), ticketIDs(merged[int64(id)])
		summaries[id] = summary
	}
	return nil
}

func ticketIDs(numbers []int64) []desk.TicketID {
	var ids []desk.TicketID
	for _, n := range numbers {
		ids = append(ids, desk.TicketID(n))
	}
	return ids
}

func userIDs(numbers []int64) []directory.UserID {
	var ids []directory.UserID
	for _, n := range numbers {
		ids = append(ids, directory.UserID(n))
	}
	return ids
}
