package api

import (
	"context"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func (s *server) reportRoutes() {
	route(s, op{on: "GET /reports/tickets", id: "report_tickets", says: "How the work on tickets went in a period", tag: "reports", may: agents}, s.reportTickets)
	route(s, op{on: "GET /reports/tickets/counted", id: "list_reported_tickets", says: "List the tickets that a figure of a report counts, the latest first", tag: "reports", may: agents}, s.listReportedTickets)
}

type reportTicketsIn struct {
	From     string `query:"from" format:"date" required:"true" doc:"First day of the period"`
	To       string `query:"to" format:"date" required:"true" doc:"Last day of the period"`
	TimeZone string `query:"time_zone" default:"UTC" doc:"Name in the IANA time zone database, in which days begin"`
	Interval string `query:"interval" enum:"day,week,month" default:"day"`
	GroupBy  string `query:"group_by" enum:"group,brand,recipient,assignee"`
	ReportChoice
}

// ReportChoice chooses the tickets that a report is about.
type ReportChoice struct {
	GroupID    int64  `query:"group_id"`
	BrandID    int64  `query:"brand_id"`
	AssigneeID int64  `query:"assignee_id"`
	Recipient  string `query:"recipient" doc:"Support address"`
}

func (c ReportChoice) filter() desk.ReportFilter {
	return desk.ReportFilter{
		Team: directory.TeamID(c.GroupID), Brand: directory.BrandID(c.BrandID),
		Assignee: directory.UserID(c.AssigneeID), Recipient: c.Recipient,
	}
}

func (in *reportTicketsIn) query() (desk.ReportQuery, error) {
	q := desk.ReportQuery{Step: desk.Step(in.Interval), By: desk.Dimension(in.GroupBy), ReportFilter: in.filter()}
	name, known := directory.TimeZone(in.TimeZone)
	zone, err := time.LoadLocation(name)
	if err != nil || !known {
		return q, problem.New(problem.Invalid, "unknown_time_zone", "There is no time zone %q.", in.TimeZone).
			On(problem.Yours, "Use a name of the IANA time zone database, such as Asia/Tokyo.").In("time_zone").Because(err)
	}
	if q.From, err = time.ParseInLocation(time.DateOnly, in.From, zone); err == nil {
		q.To, err = time.ParseInLocation(time.DateOnly, in.To, zone)
	}
	if err != nil {
		return q, problem.New(problem.Invalid, "invalid", "A day of the period is no date.").
			On(problem.Yours, "Write days as 2026-11-29.").In("from").Because(err)
	}
	q.To = q.To.AddDate(0, 0, 1) // the last day is part of the period
	return q, nil
}

// TicketReport tells how the work on tickets went in a period.
type TicketReport struct {
	From     instant       `json:"from"`
	To       instant       `json:"to" doc:"Where the period ends; not part of it"`
	Steps    []ReportStep  `json:"steps"`
	Total    ReportTally   `json:"total"`
	Previous ReportTally   `json:"previous" doc:"Of the period of the same length just before"`
	Groups   []ReportGroup `json:"groups" doc:"By group_by, the busiest first"`
	Backlog  []ReportAge   `json:"backlog" doc:"Tickets that are unsolved now, by age, the youngest first"`
}

// ReportTally is what happened in a stretch of time.
type ReportTally struct {
	Created    int        `json:"created"`
	Solved     int        `json:"solved"`
	FirstReply ReportTime `json:"first_reply_minutes" doc:"Of the tickets created in it"`
	Resolution ReportTime `json:"resolution_minutes" doc:"Of the tickets solved in it, from their creation"`
}

// ReportTime sums up how long something took, in minutes by the calendar.
type ReportTime struct {
	Count  int  `json:"count" doc:"How many tickets it is known of"`
	Median *int `json:"median"`
	P90    *int `json:"p90" doc:"Nine in ten took no longer"`
}

// ReportStep is a day, week or month of the report.
type ReportStep struct {
	From instant `json:"from"`
	To   instant `json:"to"`
	ReportTally
}

// ReportGroup is a part of the tickets.
type ReportGroup struct {
	Key string `json:"key" doc:"Number, or support address; empty for none"`
	ReportTally
	Backlog int `json:"backlog" doc:"Unsolved now"`
}

// ReportAge is how many unsolved tickets are of an age.
type ReportAge struct {
	From  stamp   `json:"from" doc:"Created from here on; null: from the beginning"`
	To    instant `json:"to"`
	Count int     `json:"count"`
}

type ticketReportOut struct{ Body TicketReport }

func (s *server) reportTickets(ctx context.Context, by access.Actor, in *reportTicketsIn) (*ticketReportOut, error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	r, err := s.desk.Report(ctx, by, q)
	if err != nil {
		return nil, err
	}
	out := new(ticketReportOut)
	out.Body = TicketReport{
		From: instant(q.From), To: instant(q.To), Steps: []ReportStep{},
		Total: encodeTally(r.Total), Previous: encodeTally(r.Before),
		Groups: each(r.Groups, func(g desk.Group) ReportGroup {
			return ReportGroup{Key: g.Key, ReportTally: encodeTally(g.Tally), Backlog: g.Backlog}
		}),
		Backlog: each(r.Backlog, func(a desk.Age) ReportAge {
			return ReportAge{From: stamp(a.From), To: instant(a.To), Count: a.Count}
		}),
	}
	for i, span := range r.Spans {
		out.Body.Steps = append(out.Body.Steps, ReportStep{From: instant(span.From), To: instant(span.To), ReportTally: encodeTally(r.Steps[i])})
	}
	return out, nil
}

func encodeTally(t desk.Tally) ReportTally {
	return ReportTally{Created: t.Created, Solved: t.Solved, FirstReply: encodeTimes(t.FirstReply), Resolution: encodeTimes(t.Resolution)}
}

func encodeTimes(t desk.Times) ReportTime {
	shown := ReportTime{Count: t.Count}
	if t.Count > 0 {
		median, p90 := int(t.Median/time.Minute), int(t.P90/time.Minute)
		shown.Median, shown.P90 = &median, &p90
	}
	return shown
}

type listReportedTicketsIn struct {
	Figure string    `query:"figure" enum:"created,solved,unsolved" required:"true"`
	From   time.Time `query:"from" doc:"From here on; left out: from the beginning"`
	To     time.Time `query:"to" required:"true" doc:"Where it ends; not part of it"`
	ReportChoice
	OffsetPage
	Include string `query:"include" doc:"As in a list of tickets"`
}

func (s *server) listReportedTickets(ctx context.Context, by access.Actor, in *listReportedTicketsIn) (*ticketsOut, error) {
	counted := desk.MetricsCount{
		Moment: desk.Moment(in.Figure), Spans: []desk.Span{{From: in.From, To: in.To}}, ReportFilter: in.filter(),
	}
	list, count, err := s.desk.Behind(ctx, by, counted, in.limit(), in.offset())
	if err != nil {
		return nil, err
	}
	out := new(ticketsOut)
	out.Body.Tickets = encodeListing(requestOf(ctx), list)
	out.Body.OffsetMeta = pageOf(requestOf(ctx).url, in.OffsetPage, count)
	out.Body.Side, err = s.sideOfTickets(ctx, by, in.Include, list.Tickets, out.Body.Tickets)
	return out, err
}
