package api

import (
	"context"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) ticketMetricRoutes() {
	const tag = "ticket metrics"
	route(s, op{on: "GET /ticket_metrics", id: "list_ticket_metrics", says: "List the metrics of all tickets, newest tickets first", tag: tag, may: agents}, s.listTicketMetrics)
	route(s, op{on: "GET /ticket_metrics/{id}", id: "show_ticket_metric", says: "Show the metrics of a ticket by their own number", tag: tag, may: agents}, s.showTicketMetrics)
	route(s, op{on: "GET /tickets/{id}/metrics", id: "show_metrics_of_ticket", says: "Show the metrics of a ticket", tag: tag, may: agents}, s.showTicketMetrics)
}

// TicketMetric is what a ticket's life comes to, as the API shows it.
type TicketMetric struct {
	ID                   int64   `json:"id" doc:"The ticket's number"`
	URL                  string  `json:"url"`
	TicketID             int64   `json:"ticket_id"`
	Reopens              int     `json:"reopens"`
	Replies              int     `json:"replies" doc:"Public comments of agents"`
	GroupStations        int     `json:"group_stations" doc:"How often it was given to a group"`
	AssigneeStations     int     `json:"assignee_stations" doc:"How often it was given to an agent"`
	ReplyTime            Minutes `json:"reply_time_in_minutes" doc:"Until the first public comment of an agent"`
	FirstResolution      Minutes `json:"first_resolution_time_in_minutes"`
	FullResolution       Minutes `json:"full_resolution_time_in_minutes" doc:"Until it was solved the last time"`
	AgentWait            Minutes `json:"agent_wait_time_in_minutes" doc:"Pending, without its present status"`
	RequesterWait        Minutes `json:"requester_wait_time_in_minutes" doc:"New, open or on hold, without its present status"`
	OnHold               Minutes `json:"on_hold_time_in_minutes" doc:"On hold, without its present status"`
	CreatedAt            instant `json:"created_at"`
	UpdatedAt            instant `json:"updated_at"`
	AssignedAt           stamp   `json:"assigned_at"`
	InitiallyAssignedAt  stamp   `json:"initially_assigned_at"`
	AssigneeUpdatedAt    stamp   `json:"assignee_updated_at" doc:"When the assignee last commented"`
	RequesterUpdatedAt   stamp   `json:"requester_updated_at" doc:"When the requester last commented"`
	LatestCommentAddedAt stamp   `json:"latest_comment_added_at"`
	StatusUpdatedAt      stamp   `json:"status_updated_at"`
	SolvedAt             stamp   `json:"solved_at"`
}

// Minutes are a length of time in whole minutes.
type Minutes struct {
	Calendar *int `json:"calendar"`
	Business *int `json:"business" doc:"Always null: there are no business hours yet"`
}

func encodeTicketMetric(q *request, m *desk.Metrics) TicketMetric {
	lasted := func(d time.Duration) Minutes {
		n := int(d / time.Minute)
		return Minutes{Calendar: &n}
	}
	until := func(at time.Time) Minutes {
		if at.IsZero() {
			return Minutes{}
		}
		return lasted(max(at.Sub(m.CreatedAt), 0))
	}
	return TicketMetric{
		ID: int64(m.TicketID), URL: q.link("/ticket_metrics/%d.json", m.TicketID), TicketID: int64(m.TicketID),
		Reopens: m.Reopens, Replies: m.Replies, GroupStations: m.TeamStations, AssigneeStations: m.AssigneeStations,
		ReplyTime: until(m.FirstReplyAt), FirstResolution: until(m.FirstSolvedAt), FullResolution: until(m.SolvedAt),
		AgentWait: lasted(m.AgentWait), RequesterWait: lasted(m.RequesterWait), OnHold: lasted(m.OnHold),
		CreatedAt: instant(m.CreatedAt), UpdatedAt: instant(m.UpdatedAt),
		AssignedAt: stamp(m.AssignedAt), InitiallyAssignedAt: stamp(m.InitiallyAssigned),
		AssigneeUpdatedAt: stamp(m.AssigneeUpdatedAt), RequesterUpdatedAt: stamp(m.RequesterUpdatedAt),
		LatestCommentAddedAt: stamp(m.LatestCommentAt), StatusUpdatedAt: stamp(m.StatusUpdatedAt), SolvedAt: stamp(m.SolvedAt),
	}
}

type showTicketMetricsIn struct {
	ID int64 `path:"id"`
}

type ticketMetricOut struct {
	Body struct {
		TicketMetric TicketMetric `json:"ticket_metric"`
	}
}

func (s *server) showTicketMetrics(ctx context.Context, by access.Actor, in *showTicketMetricsIn) (*ticketMetricOut, error) {
	m, err := s.desk.Metrics(ctx, by, desk.TicketID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(ticketMetricOut)
	out.Body.TicketMetric = encodeTicketMetric(requestOf(ctx), m)
	return out, nil
}

type listTicketMetricsIn struct{ CursorPage }

type ticketMetricsOut struct {
	Body struct {
		TicketMetrics []TicketMetric `json:"ticket_metrics"`
		CursorMeta
	}
}

// listTicketMetrics always pages by cursor: there are as many as tickets.
func (s *server) listTicketMetrics(ctx context.Context, by access.Actor, in *listTicketMetricsIn) (*ticketMetricsOut, error) {
	q, out := requestOf(ctx), new(ticketMetricsOut)
	list, err := pagedByCursor(q, in.CursorPage.always(), &out.Body.CursorMeta, pages[*desk.Metrics]{
		part:  func(p directory.Part) ([]*desk.Metrics, error) { return s.desk.ListMetrics(ctx, by, p) },
		place: func(m *desk.Metrics) *directory.Place { return directory.NumberPlace(m.TicketID) },
	})
	out.Body.TicketMetrics = each(list, encoder(q, encodeTicketMetric))
	return out, err
}

// metricSets asks for metrics within tickets.
const metricSets = "metric_sets"

// addMetrics puts metrics into a list of tickets when they are asked for.
func (s *server) addMetrics(ctx context.Context, by access.Actor, asked inclusions, tickets []Ticket) error {
	if !asked[metricSets] || len(tickets) == 0 {
		return nil
	}
	ids := each(tickets, func(t Ticket) desk.TicketID { return desk.TicketID(t.ID) })
	found, err := s.desk.MetricsOf(ctx, by, ids)
	if err != nil {
		return err
	}
	for i := range tickets {
		if m := found[ids[i]]; m != nil {
			shown := encodeTicketMetric(requestOf(ctx), m)
			tickets[i].MetricSet = &shown
		}
	}
	return nil
}

// metricSetOf gives the metrics of one ticket when they are asked for.
func (s *server) metricSetOf(ctx context.Context, by access.Actor, include string, id desk.TicketID) (*TicketMetric, error) {
	if !includes(include)[metricSets] {
		return nil, nil
	}
	m, err := s.desk.Metrics(ctx, by, id)
	if err != nil {
		return nil, err
	}
	shown := encodeTicketMetric(requestOf(ctx), m)
	return &shown, nil
}
