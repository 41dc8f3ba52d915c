package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

type viewTicketsIn struct {
	ID        int64  `path:"id"`
	Sort      string `query:"sort" doc:"A column, with - before it the other way round; the view's own order when absent"`
	SortBy    string `query:"sort_by" doc:"Zendesk's older way to say it"`
	SortOrder string `query:"sort_order" enum:"asc,desc"`
	Query     string `query:"query" maxLength:"200" doc:"Only those with these words"`
	OffsetPage
	CursorPage
	Include string `query:"include" doc:"As in a list of tickets"`
}

// filter is the view as the list that is asked for.
func (in *viewTicketsIn) filter(f desk.TicketFilter) (desk.TicketFilter, error) {
	parameter, column := "sort", in.Sort
	name, descending := strings.CutPrefix(in.Sort, "-")
	if in.SortBy != "" {
		parameter, column = "sort_by", in.SortBy
		name, descending = in.SortBy, in.SortOrder == "desc"
	}
	if name != "" {
		sort := desk.SortOf(name)
		if desk.ColumnOf(sort) == "" {
			return f, unknownOrder(parameter, column, strings.Join(desk.SortableColumns(), ","))
		}
		f.Sort, f.Descending = sort, descending
	}
	f.Text = append(f.Text, desk.Terms(in.Query)...)
	return f, nil
}

func (s *server) listViewTickets(ctx context.Context, by access.Actor, in *viewTicketsIn) (*ticketsOut, error) {
	_, f, err := s.desk.OpenView(ctx, by, desk.ViewID(in.ID))
	if err != nil {
		return nil, err
	}
	if f, err = in.filter(f); err != nil {
		return nil, err
	}
	out := new(ticketsOut)
	out.Body, err = s.pageOfView(ctx, by, f, in.OffsetPage, in.CursorPage, in.Include)
	return out, err
}

// pageOfView is a page of a view, whose count ends somewhere: beyond that there
// are more pages as long as there are tickets.
func (s *server) pageOfView(ctx context.Context, by access.Actor, f desk.TicketFilter, o OffsetPage, c CursorPage, include string) (Tickets, error) {
	return s.ticketPage(ctx, by, f, o, c, include, func() (int, error) {
		count, err := s.desk.CountUpTo(ctx, by, f)
		if count.More {
			return max(count.Value, o.offset()+2*o.limit()), err
		}
		return count.Value, err
	})
}

// ViewRows is a page of a view as Zendesk's execute shows it.
type ViewRows struct {
	View    *ViewExecution `json:"view,omitempty"`
	Rows    []object       `json:"rows"`
	Columns []ViewColumn   `json:"columns"`
	Side
	OffsetMeta
	CursorMeta
}

type viewRowsOut struct{ Body ViewRows }

func (s *server) executeView(ctx context.Context, by access.Actor, in *viewTicketsIn) (*viewRowsOut, error) {
	v, f, err := s.desk.OpenView(ctx, by, desk.ViewID(in.ID))
	if err != nil {
		return nil, err
	}
	if f, err = in.filter(f); err != nil {
		return nil, err
	}
	return s.viewRows(ctx, by, v, f, in.OffsetPage, in.CursorPage, in.Include)
}

func (s *server) viewRows(ctx context.Context, by access.Actor, v *desk.ShownView, f desk.TicketFilter, o OffsetPage, c CursorPage, include string) (*viewRowsOut, error) {
	page, err := s.pageOfView(ctx, by, f, o, c, include+",users,groups,organizations") // as Zendesk always does
	if err != nil {
		return nil, err
	}
	out := new(viewRowsOut)
	execution := encodeExecution(requestOf(ctx), v)
	out.Body.View, out.Body.Columns = &execution, execution.Columns
	out.Body.Rows = each(page.Tickets, func(t Ticket) object {
		row := object{"ticket_id": t.ID, "ticket": t}
		if group := desk.ColumnOf(f.Group); group != "" {
			row["group"] = columnValue(group, t)
		}
		for _, name := range v.Columns {
			key := name
			if slices.Contains([]string{"requester", "assignee", "group", "brand"}, name) {
				key += "_id"
			}
			row[key] = columnValue(name, t)
		}
		return row
	})
	out.Body.Side, out.Body.OffsetMeta, out.Body.CursorMeta = page.Side, page.OffsetMeta, page.CursorMeta
	return out, nil
}

// columnValue is what a column shows of a ticket.
func columnValue(name string, t Ticket) any {
	if id := directory.TicketFieldNamed(name); id != 0 {
		i := slices.IndexFunc(t.CustomFields, func(f FieldValue) bool { return f.ID == int64(id) })
		if i < 0 {
			return nil
		}
		return t.CustomFields[i].Value
	}
	if value := columnValues[name]; value != nil {
		return value(t)
	}
	return nil
}

// columnValues are what the columns of views show besides custom fields.
var columnValues = map[string]func(Ticket) any{
	"status":    func(t Ticket) any { return t.Status },
	"nice_id":   func(t Ticket) any { return t.ID },
	"subject":   func(t Ticket) any { return t.Subject },
	"requester": func(t Ticket) any { return t.RequesterID },
	"assignee":  func(t Ticket) any { return t.AssigneeID },
	"group":     func(t Ticket) any { return t.GroupID },
	"priority":  func(t Ticket) any { return t.Priority },
	"type":      func(t Ticket) any { return t.Type },
	"brand":     func(t Ticket) any { return t.BrandID },
	"tags":      func(t Ticket) any { return t.Tags },
	"recipient": func(t Ticket) any { return t.Recipient },
	"via":       func(t Ticket) any { return t.Via.Channel },
	"created":   func(t Ticket) any { return t.CreatedAt },
	"updated":   func(t Ticket) any { return t.UpdatedAt },
	"solved":    func(t Ticket) any { return t.SolvedAt },
	"due_date":  func(t Ticket) any { return t.DueAt },
}

type previewViewIn struct {
	OffsetPage
	Body struct {
		View ViewBody `json:"view"`
	}
}

func (s *server) previewView(ctx context.Context, by access.Actor, in *previewViewIn) (*viewRowsOut, error) {
	ch := in.Body.View.change(by, true)
	v, f, err := s.desk.PreviewView(ctx, by, ch)
	if err != nil {
		return nil, err
	}
	return s.viewRows(ctx, by, v, f, in.OffsetPage, CursorPage{}, "")
}

// ViewCount is how many tickets stand in a view.
type ViewCount struct {
	ViewID *int64  `json:"view_id"`
	URL    *string `json:"url"`
	Value  *int    `json:"value" doc:"Null when it could not be counted in time, or is broken"`
	Pretty string  `json:"pretty" doc:"10,000+ when there are more than were counted"`
	Fresh  bool    `json:"fresh" doc:"Nothing has happened since that could have changed it; otherwise ask again soon"`
	Active bool    `json:"active"`
	More   bool    `json:"more" doc:"There are more than value"`
	Broken bool    `json:"broken" doc:"The view names something that is no longer there"`
}

func encodeCount(q *request, c desk.ViewCount) ViewCount {
	out := ViewCount{Fresh: c.Fresh, Active: true, More: c.More, Broken: c.Broken, Pretty: "..."}
	if c.View != 0 {
		id, url := int64(c.View), q.link("/views/%d/count.json", c.View)
		out.ViewID, out.URL = &id, &url
	}
	if c.Known {
		out.Value, out.Pretty = &c.Value, grouped(c.Value)
		if c.More {
			out.Pretty += "+"
		}
	}
	return out
}

// grouped writes a number with commas, as English does.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

type viewCountOut struct {
	Body struct {
		ViewCount ViewCount `json:"view_count"`
	}
}

func (s *server) countView(ctx context.Context, by access.Actor, in *viewIn) (*viewCountOut, error) {
	counts, err := s.desk.ViewCounts(ctx, by, desk.ViewID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(viewCountOut)
	out.Body.ViewCount = encodeCount(requestOf(ctx), counts[0])
	return out, nil
}

func (s *server) previewViewCount(ctx context.Context, by access.Actor, in *previewViewIn) (*viewCountOut, error) {
	_, f, err := s.desk.PreviewView(ctx, by, in.Body.View.change(by, true))
	if err != nil {
		return nil, err
	}
	count, err := s.desk.CountUpTo(ctx, by, f)
	out := new(viewCountOut)
	out.Body.ViewCount = encodeCount(requestOf(ctx), count)
	return out, err
}

type viewCountsOut struct {
	Body struct {
		ViewCounts []ViewCount `json:"view_counts"`
	}
}

func (s *server) countManyViews(ctx context.Context, by access.Actor, in *manyIn) (*viewCountsOut, error) {
	counts, err := s.desk.ViewCounts(ctx, by, ids[desk.ViewID](in.IDs)...)
	out := new(viewCountsOut)
	out.Body.ViewCounts = each(counts, encoder(requestOf(ctx), encodeCount))
	return out, err
}

// ViewDefinitions are what an editor of views offers.
type ViewDefinitions struct {
	ConditionsAll []TriggerDefinition `json:"conditions_all"`
	ConditionsAny []TriggerDefinition `json:"conditions_any"`
	Columns       []ColumnDefinition  `json:"columns"`
}

// ColumnDefinition is something that views can show of a ticket.
type ColumnDefinition struct {
	ViewColumn
	Sorts  bool `json:"sorts"`
	Groups bool `json:"groups"`
}

type viewDefinitionsOut struct {
	Body struct {
		Definitions ViewDefinitions `json:"definitions"`
	}
}

func (s *server) viewDefinitions(ctx context.Context, by access.Actor, _ *none) (*viewDefinitionsOut, error) {
	words, err := s.desk.ViewVocabulary(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(viewDefinitionsOut)
	conditions := each(words.Conditions, encodeDefinition)
	out.Body.Definitions = ViewDefinitions{
		ConditionsAll: conditions, ConditionsAny: conditions,
		Columns: each(words.Columns, func(c desk.ViewColumn) ColumnDefinition {
			return ColumnDefinition{encodeColumn(requestOf(ctx), c), c.Sort != "", c.Groups}
		}),
	}
	return out, nil
}
