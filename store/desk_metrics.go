package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
)

type ticketMetricRow struct {
	bun.BaseModel `bun:"table:ticket_metric,alias:ticket_metric"`

	ID                  int64  `bun:"id"` // the ticket's
	CreatedAt           int64  `bun:"created_at"`
	UpdatedAt           int64  `bun:"updated_at"`
	Reopens             int    `bun:"reopens"`
	Replies             int    `bun:"replies"`
	TeamStations        int    `bun:"team_stations"`
	AssigneeStations    int    `bun:"assignee_stations"`
	FirstReplyAt        int64  `bun:"first_reply_at"`
	FirstSolvedAt       int64  `bun:"first_solved_at"`
	SolvedAt            int64  `bun:"solved_at"`
	InitiallyAssignedAt int64  `bun:"initially_assigned_at"`
	AssignedAt          int64  `bun:"assigned_at"`
	AssigneeUpdatedAt   int64  `bun:"assignee_updated_at"`
	RequesterUpdatedAt  int64  `bun:"requester_updated_at"`
	LatestCommentAt     int64  `bun:"latest_comment_at"`
	StatusUpdatedAt     int64  `bun:"status_updated_at"`
	AgentWait           int64  `bun:"agent_wait"`
	RequesterWait       int64  `bun:"requester_wait"`
	OnHold              int64  `bun:"on_hold"`
	ReplyMinutes        int64  `bun:"reply_minutes"`
	ResolutionMinutes   int64  `bun:"resolution_minutes"`
	BrandID             int64  `bun:"brand_id"`
	TeamID              int64  `bun:"team_id"`
	AssigneeID          int64  `bun:"assignee_id"`
	Recipient           string `bun:"recipient"`
}

// onConflict: metrics that are there already are replaced.
func (ticketMetricRow) onConflict() string {
	const kept = "updated_at reopens replies team_stations assignee_stations first_reply_at first_solved_at solved_at " +
		"initially_assigned_at assigned_at assignee_updated_at requester_updated_at latest_comment_at status_updated_at " +
		"agent_wait requester_wait on_hold reply_minutes resolution_minutes brand_id team_id assignee_id recipient"
	var changes []string
	for name := range strings.FieldsSeq(kept) {
		changes = append(changes, name+" = excluded."+name)
	}
	return "ON CONFLICT (id) DO UPDATE SET " + strings.Join(changes, ", ")
}

// SaveMetrics writes the metrics of a ticket, with what reports group it by.
func (tx *Tx) SaveMetrics(ctx context.Context, m *desk.Metrics, t *desk.Ticket) error {
	minutes := func(at time.Time) int64 {
		if at.IsZero() {
			return -1
		}
		return int64(max(at.Sub(m.CreatedAt), 0) / time.Minute)
	}
	_, err := tx.insert(ctx, ticketMetricRow{
		ID: int64(m.TicketID), CreatedAt: millis(m.CreatedAt), UpdatedAt: millis(m.UpdatedAt),
		Reopens: m.Reopens, Replies: m.Replies, TeamStations: m.TeamStations, AssigneeStations: m.AssigneeStations,
		FirstReplyAt: millis(m.FirstReplyAt), FirstSolvedAt: millis(m.FirstSolvedAt), SolvedAt: millis(m.SolvedAt),
		InitiallyAssignedAt: millis(m.InitiallyAssigned), AssignedAt: millis(m.AssignedAt),
		AssigneeUpdatedAt: millis(m.AssigneeUpdatedAt), RequesterUpdatedAt: millis(m.RequesterUpdatedAt),
		LatestCommentAt: millis(m.LatestCommentAt), StatusUpdatedAt: millis(m.StatusUpdatedAt),
		AgentWait: m.AgentWait.Milliseconds(), RequesterWait: m.RequesterWait.Milliseconds(), OnHold: m.OnHold.Milliseconds(),
		ReplyMinutes: minutes(m.FirstReplyAt), ResolutionMinutes: minutes(m.SolvedAt),
		BrandID: int64(t.BrandID), TeamID: int64(t.TeamID), AssigneeID: int64(t.AssigneeID), Recipient: t.Recipient,
	})
	if err != nil {
		return fmt.Errorf("save metrics of ticket %d: %w", m.TicketID, err)
	}
	return nil
}

func (r *ticketMetricRow) metrics() *desk.Metrics {
	const ms = time.Millisecond
	return &desk.Metrics{
		TicketID: desk.TicketID(r.ID), CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
		Reopens: r.Reopens, Replies: r.Replies, TeamStations: r.TeamStations, AssigneeStations: r.AssigneeStations,
		FirstReplyAt: instant(r.FirstReplyAt), FirstSolvedAt: instant(r.FirstSolvedAt), SolvedAt: instant(r.SolvedAt),
		InitiallyAssigned: instant(r.InitiallyAssignedAt), AssignedAt: instant(r.AssignedAt),
		AssigneeUpdatedAt: instant(r.AssigneeUpdatedAt), RequesterUpdatedAt: instant(r.RequesterUpdatedAt),
		LatestCommentAt: instant(r.LatestCommentAt), StatusUpdatedAt: instant(r.StatusUpdatedAt),
		AgentWait: time.Duration(r.AgentWait) * ms, RequesterWait: time.Duration(r.RequesterWait) * ms, OnHold: time.Duration(r.OnHold) * ms,
	}
}

// FindMetrics gives the metrics of those of the tickets that have any.
func (tx *Tx) FindMetrics(ctx context.Context, ids []desk.TicketID) (map[desk.TicketID]*desk.Metrics, error) {
	found := make(map[desk.TicketID]*desk.Metrics, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := many[ticketMetricRow](ctx, tx, tx.bun.NewSelect().Where("id IN (?)", bun.List(ids)))
	if err != nil {
		return nil, fmt.Errorf("find metrics: %w", err)
	}
	for i := range rows {
		found[desk.TicketID(rows[i].ID)] = rows[i].metrics()
	}
	return found, nil
}

// ListMetrics gives metrics by the number of their tickets, from the newest on.
func (tx *Tx) ListMetrics(ctx context.Context, p directory.Part) ([]*desk.Metrics, error) {
	rows, err := part[ticketMetricRow](ctx, tx, tx.bun.NewSelect(), newestFirst, p)
	if err != nil {
		return nil, fmt.Errorf("list metrics: %w", err)
	}
	list := make([]*desk.Metrics, len(rows))
	for i := range rows {
		list[i] = rows[i].metrics()
	}
	return list, nil
}

// DropMetrics removes the metrics of a ticket.
func (tx *Tx) DropMetrics(ctx context.Context, id desk.TicketID) error {
	if _, err := tx.exec(ctx, "DELETE FROM ticket_metric WHERE id = $1", id); err != nil {
		return fmt.Errorf("drop the metrics of ticket %d: %w", id, err)
	}
	return nil
}

// ListUnmeasured gives tickets that have no metrics, deleted ones left out, from the oldest on.
func (tx *Tx) ListUnmeasured(ctx context.Context, after desk.TicketID, limit int) (ids []desk.TicketID, err error) {
	err = tx.bun.NewRaw(`SELECT id FROM ticket WHERE id > ? AND status <> 'deleted' AND NOT EXISTS (SELECT 1 FROM ticket_metric WHERE ticket_metric.id = ticket.id)
		ORDER BY id LIMIT ?`, after, limit).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list unmeasured tickets: %w", tx.db.explain(err))
	}
	return ids, nil
}

// CountMetrics counts tickets out of one index: each span is a search in it.
func (tx *Tx) CountMetrics(ctx context.Context, c desk.MetricsCount) ([]desk.MetricsRow, error) {
	query, args := metricsQuery(c)
	rows, err := tx.bun.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("count metrics: %w", tx.db.explain(err))
	}
	defer rows.Close()
	var counts []desk.MetricsRow
	for rows.Next() {
		var r desk.MetricsRow
		if err := rows.Scan(&r.Span, &r.Key, &r.Minutes, &r.Count); err != nil {
			return nil, err
		}
		counts = append(counts, r)
	}
	return counts, rows.Err()
}

// metricsQuery joins the spans, in this order, to the index of the moment.
func metricsQuery(c desk.MetricsCount) (query string, args []any) {
	at, minutes, which := momentOf(c.Moment)
	var spans []string
	for i, span := range c.Spans {
		spans = append(spans, fmt.Sprintf("(%d, %d, %d)", i, millis(span.From), millis(span.To)))
	}
	key, groupBy := "''", "span.i"
	if c.By != "" {
		key = "CAST(" + dimensions[c.By] + " AS TEXT)"
		groupBy += ", " + dimensions[c.By]
	}
	if c.Moment != desk.WhenUnsolved {
		groupBy += ", " + minutes
	}
	chosen, args := chosenMetrics(c.ReportFilter)
	// CROSS JOIN keeps SQLite from reading the index first (SQLite: "Manual Control Of Query Plans Using CROSS JOIN").
	query = fmt.Sprintf(`WITH span (i, low, high) AS (VALUES %s)
		SELECT span.i, %s, %s, COUNT(*) FROM span CROSS JOIN ticket_metric
		WHERE %s >= span.low AND %s < span.high%s%s GROUP BY %s`, strings.Join(spans, ", "), key, minutes, at, at, which, chosen, groupBy)
	return query, args
}

// momentOf gives the column of an instant, that of the minutes it took, and which metrics have it.
func momentOf(m desk.Moment) (at, minutes, which string) {
	switch m {
	case desk.WhenSolved:
		return "solved_at", "resolution_minutes", " AND solved_at > 0"
	case desk.WhenUnsolved:
		return "created_at", "-1", " AND solved_at = 0"
	}
	return "created_at", "reply_minutes", ""
}

func chosenMetrics(f desk.ReportFilter) (chosen string, args []any) {
	choose := func(column string, value any, wanted bool) {
		if wanted {
			chosen += " AND " + column + " = ?"
			args = append(args, value)
		}
	}
	choose("brand_id", int64(f.Brand), f.Brand != 0)
	choose("team_id", int64(f.Team), f.Team != 0)
	choose("assignee_id", int64(f.Assignee), f.Assignee != 0)
	choose("recipient", f.Recipient, f.Recipient != "")
	return chosen, args
}

// ListCounted gives the tickets that a count counts in its first span, the latest first.
func (tx *Tx) ListCounted(ctx context.Context, c desk.MetricsCount, limit, offset int) (ids []desk.TicketID, err error) {
	at, _, which := momentOf(c.Moment)
	chosen, args := chosenMetrics(c.ReportFilter)
	query := fmt.Sprintf("SELECT id FROM ticket_metric WHERE %s >= %d AND %s < %d%s%s ORDER BY %s DESC, id DESC LIMIT %d OFFSET %d",
		at, millis(c.Spans[0].From), at, millis(c.Spans[0].To), which, chosen, at, limit, offset)
	if err := tx.bun.NewRaw(query, args...).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("list counted tickets: %w", tx.db.explain(err))
	}
	return ids, nil
}

// dimensions are the columns by which reports group.
var dimensions = map[desk.Dimension]string{
	desk.OfTeam: "team_id", desk.OfBrand: "brand_id", desk.OfAddress: "recipient", desk.OfAgent: "assignee_id",
}
