package desk

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
)

// MaxReportSteps bounds how many days, weeks or months a report may have: each
// is a search of its own in an index.
const MaxReportSteps = 100

// Step is how long the stretches are that a report counts by.
type Step string

// The steps.
const (
	ByDay   Step = "day"
	ByWeek  Step = "week" // from Monday on
	ByMonth Step = "month"
)

// Dimension is what a report groups tickets by.
type Dimension string

// The dimensions.
const (
	OfTeam    Dimension = "group"
	OfBrand   Dimension = "brand"
	OfAddress Dimension = "recipient"
	OfAgent   Dimension = "assignee"
)

// ReportQuery says what a report is about. Its days are those of From's time zone.
type ReportQuery struct {
	From, To time.Time // the period; To is not part of it
	Step     Step
	By       Dimension // empty: not grouped
	ReportFilter
}

// ReportFilter chooses tickets; the zero value means all.
type ReportFilter struct {
	Team      directory.TeamID
	Brand     directory.BrandID
	Recipient string
	Assignee  directory.UserID
}

// Span is a stretch of time; its end is not part of it.
type Span struct{ From, To time.Time }

// Tally is what happened in a stretch of time, or to a group of tickets.
type Tally struct {
	Created, Solved int
	FirstReply      Times // of the tickets created in it
	Resolution      Times // of the tickets solved in it
}

// Times sums up how long something took.
type Times struct {
	Count       int
	Median, P90 time.Duration
}

// Report is how the work went in a period.
type Report struct {
	Spans   []Span
	Steps   []Tally // one for each span
	Total   Tally
	Before  Tally // of the period of the same length just before
	Groups  []Group
	Backlog []Age
}

// Group is a part of a report's tickets: those of a team, say.
type Group struct {
	Key string // number or address; empty: none
	Tally
	Backlog int
}

// Age is how many unsolved tickets there are of an age.
type Age struct {
	Span  // in which they were created; the oldest begin at the zero time
	Count int
}

// ReportTx counts tickets by their metrics.
type ReportTx interface {
	// CountMetrics counts tickets by the span in which they were created or
	// solved, and by how many minutes that took; -1 for what has not happened.
	CountMetrics(context.Context, MetricsCount) ([]MetricsRow, error)
	// ListCounted gives the tickets that such a count counts in its first span, the latest first.
	ListCounted(ctx context.Context, c MetricsCount, limit, offset int) ([]TicketID, error)
}

// Moment is what a count of metrics goes by.
type Moment string

// The moments.
const (
	WhenCreated  Moment = "created"  // minutes until the first reply
	WhenSolved   Moment = "solved"   // minutes until the ticket was solved
	WhenUnsolved Moment = "unsolved" // of tickets still unsolved, by when they were created
)

// MetricsCount says what is counted.
type MetricsCount struct {
	Moment Moment
	Spans  []Span
	By     Dimension // also by this; empty: not
	ReportFilter
}

// MetricsRow is one count.
type MetricsRow struct {
	Span    int // of the spans asked for
	Key     string
	Minutes int
	Count   int
}

// ages are how old tickets are in the report of the backlog.
var ages = []time.Duration{day, 3 * day, 7 * day, 14 * day, 30 * day, 90 * day}

// Report tells how the work went in a period.
func (s *Service) Report(ctx context.Context, by access.Actor, q ReportQuery) (*Report, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	r := &Report{}
	var err error
	if r.Spans, err = q.spans(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error { return s.fill(ctx, tx, r, q) })
	return r, err
}

// Behind gives the tickets that a figure of a report counts, the latest first,
// and how many they are in all.
func (s *Service) Behind(ctx context.Context, by access.Actor, c MetricsCount, limit, offset int) (*Listing, int, error) {
	if err := by.MustWork(); err != nil {
		return nil, 0, err
	}
	var ids []TicketID
	count := 0
	err := s.store.View(ctx, func(tx Tx) error {
		rows, err := tx.CountMetrics(ctx, c)
		if err != nil {
			return err
		}
		count = sum(rows)
		ids, err = tx.ListCounted(ctx, c, limit, offset)
		return err
	})
	if err != nil || len(ids) == 0 {
		return &Listing{}, count, err
	}
	list, err := s.List(ctx, by, TicketFilter{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, 0, err
	}
	place := make(map[TicketID]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(list.Tickets, func(a, b *Ticket) int { return place[a.ID] - place[b.ID] })
	return list, count, nil
}

func (s *Service) fill(ctx context.Context, tx Tx, r *Report, q ReportQuery) error {
	count := func(m Moment, by Dimension, spans ...Span) ([]MetricsRow, error) {
		return tx.CountMetrics(ctx, MetricsCount{Moment: m, Spans: spans, By: by, ReportFilter: q.ReportFilter})
	}
	period := Span{q.From, q.To}
	created, err := count(WhenCreated, "", r.Spans...)
	if err != nil {
		return err
	}
	solved, err := count(WhenSolved, "", r.Spans...)
	if err != nil {
		return err
	}
	r.Steps = make([]Tally, len(r.Spans))
	for i := range r.Steps {
		r.Steps[i] = tally(ofSpan(created, i), ofSpan(solved, i))
	}
	r.Total = tally(created, solved)

	before := Span{q.From.Add(-q.To.Sub(q.From)), q.From}
	if created, err = count(WhenCreated, "", before); err != nil {
		return err
	}
	if solved, err = count(WhenSolved, "", before); err != nil {
		return err
	}
	r.Before = tally(created, solved)

	spans := s.ageSpans()
	unsolved, err := count(WhenUnsolved, "", spans...)
	if err != nil {
		return err
	}
	for i, span := range spans {
		r.Backlog = append(r.Backlog, Age{span, sum(ofSpan(unsolved, i))})
	}
	if q.By == "" {
		return nil
	}
	if created, err = count(WhenCreated, q.By, period); err != nil {
		return err
	}
	if solved, err = count(WhenSolved, q.By, period); err != nil {
		return err
	}
	if unsolved, err = count(WhenUnsolved, q.By, Span{To: s.now()}); err != nil {
		return err
	}
	r.Groups = groups(created, solved, unsolved)
	return nil
}

// ageSpans are the stretches of time in which tickets of each age were created, the youngest first.
func (s *Service) ageSpans() []Span {
	to := s.now().Add(time.Minute) // clocks of nodes differ
	var spans []Span
	for _, age := range ages {
		from := s.now().Add(-age)
		spans = append(spans, Span{from, to})
		to = from
	}
	return append(spans, Span{To: to})
}

// groups puts counts together by what they were grouped by, the largest first.
func groups(created, solved, unsolved []MetricsRow) []Group {
	type parts struct{ created, solved, unsolved []MetricsRow }
	all := make(map[string]*parts)
	of := func(key string) *parts {
		if all[key] == nil {
			all[key] = &parts{}
		}
		return all[key]
	}
	for _, row := range created {
		of(row.Key).created = append(of(row.Key).created, row)
	}
	for _, row := range solved {
		of(row.Key).solved = append(of(row.Key).solved, row)
	}
	for _, row := range unsolved {
		of(row.Key).unsolved = append(of(row.Key).unsolved, row)
	}
	var list []Group
	for _, key := range slices.Sorted(maps.Keys(all)) {
		p := all[key]
		list = append(list, Group{Key: key, Tally: tally(p.created, p.solved), Backlog: sum(p.unsolved)})
	}
	slices.SortStableFunc(list, func(a, b Group) int {
		return cmp.Or(b.Created-a.Created, b.Solved-a.Solved, b.Backlog-a.Backlog)
	})
	return list
}

func tally(created, solved []MetricsRow) Tally {
	return Tally{Created: sum(created), Solved: sum(solved), FirstReply: times(created), Resolution: times(solved)}
}

func ofSpan(rows []MetricsRow, span int) (some []MetricsRow) {
	for _, row := range rows {
		if row.Span == span {
			some = append(some, row)
		}
	}
	return some
}

func sum(rows []MetricsRow) (n int) {
	for _, row := range rows {
		n += row.Count
	}
	return n
}

// times finds median and ninth decile of what has happened, by nearest rank.
func times(rows []MetricsRow) (t Times) {
	happened := slices.DeleteFunc(slices.Clone(rows), func(r MetricsRow) bool { return r.Minutes < 0 })
	slices.SortFunc(happened, func(a, b MetricsRow) int { return a.Minutes - b.Minutes })
	t.Count = sum(happened)
	rank := func(percent int) time.Duration {
		left := (t.Count*percent + 99) / 100
		for _, row := range happened {
			if left -= row.Count; left <= 0 {
				return time.Duration(row.Minutes) * time.Minute
			}
		}
		return 0
	}
	t.Median, t.P90 = rank(50), rank(90)
	return t
}

// spans divides the period into its days, weeks or months. Days are as long as
// the zone makes them: 23 or 25 hours when clocks are changed.
func (q ReportQuery) spans() ([]Span, error) {
	if !q.From.Before(q.To) {
		return nil, problem.New(problem.Invalid, "report_period", "The period ends before it begins.").
			On(problem.Yours, "Choose a later end.").In("to")
	}
	var spans []Span
	for at := q.From; at.Before(q.To); {
		next, err := q.Step.after(at)
		if err != nil {
			return nil, err
		}
		if len(spans) == MaxReportSteps {
			return nil, problem.New(problem.Invalid, "report_too_long", "The report would have more than %d steps.", MaxReportSteps).
				On(problem.Yours, "Choose a shorter period, or weeks or months.").In("to").With("max", strconv.Itoa(MaxReportSteps))
		}
		spans = append(spans, Span{at, earliest(next, q.To)})
		at = next
	}
	return spans, nil
}

// after is where the next day, week or month begins.
func (s Step) after(at time.Time) (time.Time, error) {
	y, m, d := at.Date()
	switch s {
	case ByDay:
		d++
	case ByWeek:
		d += 7 - (int(at.Weekday())+6)%7
	case ByMonth:
		m, d = m+1, 1
	default:
		return at, problem.New(problem.Invalid, "invalid", "There is no step %q.", string(s)).
			On(problem.Yours, "Use day, week or month.").In("interval")
	}
	return time.Date(y, m, d, 0, 0, 0, 0, at.Location()), nil
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
