package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) viewRoutes() {
	const tag = "views"
	route(s, op{on: "GET /views", id: "list_views", says: "List views: the shared ones, then one's own", tag: tag, may: agents}, s.listViews)
	route(s, op{on: "GET /views/active", id: "list_active_views", says: "List the views that one works with", tag: tag, may: agents}, s.listActiveViews)
	route(s, op{on: "GET /views/compact", id: "list_compact_views", says: "List the first 32 of them", tag: tag, may: agents}, s.listCompactViews)
	route(s, op{on: "GET /views/count", id: "count_all_views", says: "Count the views", tag: tag, may: agents}, s.countAllViews)
	route(s, op{on: "GET /views/search", id: "search_views", says: "Find views by their title", tag: tag, may: agents}, s.searchViews)
	route(s, op{on: "GET /views/definitions", id: "view_definitions", says: "What conditions can look at, and what views can show", tag: tag, may: agents}, s.viewDefinitions)
	route(s, op{on: "GET /views/count_many", id: "count_many_views", says: "Count the tickets of several views", tag: tag, may: agents}, s.countManyViews)
	route(s, op{on: "GET /views/{id}", id: "show_view", says: "Show a view", tag: tag, may: agents}, s.showView)
	route(s, op{on: "GET /views/{id}/count", id: "count_view", says: "Count the tickets of a view", tag: tag, may: agents}, s.countView)
	route(s, op{on: "GET /views/{id}/tickets", id: "list_view_tickets", says: "List the tickets of a view", tag: tag, may: agents}, s.listViewTickets)
	route(s, op{on: "GET /views/{id}/execute", id: "execute_view", says: "List the tickets of a view with its columns", tag: tag, may: agents}, s.executeView)
	route(s, op{on: "POST /views/preview", id: "preview_view", says: "See what a view would list; nothing is written", tag: tag, may: agents}, s.previewView)
	route(s, op{on: "POST /views/preview/count", id: "preview_view_count", says: "Count what a view would list", tag: tag, may: agents}, s.previewViewCount)
	route(s, op{on: "POST /views", id: "create_view", says: "Add a view: agents their own, administrators shared ones, too", tag: tag, may: agents, status: http.StatusCreated}, s.createView)
	route(s, op{on: "PUT /views/update_many", id: "update_many_views", says: "Move, or switch on and off, several views", tag: tag, may: agents}, s.updateManyViews)
	route(s, op{on: "PUT /views/{id}", id: "update_view", says: "Change a view", tag: tag, may: agents}, s.updateView)
	route(s, op{on: "DELETE /views/destroy_many", id: "delete_many_views", says: "Delete several views", tag: tag, may: agents}, s.deleteManyViews)
	route(s, op{on: "DELETE /views/{id}", id: "delete_view", says: "Delete a view", tag: tag, may: agents}, s.deleteView)
}

// View is a view as the API shows it.
type View struct {
	ID          int64             `json:"id"`
	URL         string            `json:"url"`
	Title       string            `json:"title"`
	RawTitle    string            `json:"raw_title"`
	Description *string           `json:"description"`
	Active      bool              `json:"active"`
	Position    int               `json:"position" doc:"1 comes first, among the shared ones or one's own"`
	Default     bool              `json:"default" doc:"Came with Tandem and has its title still"`
	Shipped     *string           `json:"shipped" doc:"Name of such a view, by which screens translate its title"`
	Execution   ViewExecution     `json:"execution"`
	Conditions  TriggerConditions `json:"conditions"`
	Restriction *Restriction      `json:"restriction" doc:"Whose it is; null: everybody's"`
	Offered     bool              `json:"offered" doc:"One works with it; administrators also see what others do"`
	Broken      []TriggerFault    `json:"broken" doc:"What it names that is no longer there"`
	CreatedAt   instant           `json:"created_at"`
	UpdatedAt   instant           `json:"updated_at"`
}

// Restriction says whose a view or a macro is.
type Restriction struct {
	Type string  `json:"type" enum:"User,Group"`
	ID   int64   `json:"id,omitempty"`
	IDs  []int64 `json:"ids,omitempty" doc:"Of teams"`
}

// ViewExecution is what a view shows, and in which order.
type ViewExecution struct {
	Columns      []ViewColumn `json:"columns"`
	Fields       []ViewColumn `json:"fields" doc:"The same"`
	CustomFields []ViewColumn `json:"custom_fields"`
	Group        *ViewOrder   `json:"group"`
	GroupBy      *string      `json:"group_by"`
	GroupOrder   *string      `json:"group_order" enum:"asc,desc"`
	Sort         *ViewOrder   `json:"sort"`
	SortBy       *string      `json:"sort_by"`
	SortOrder    *string      `json:"sort_order" enum:"asc,desc"`
}

// ViewColumn is a column of a view.
type ViewColumn struct {
	ID    columnID `json:"id"`
	Title string   `json:"title"`
	Type  string   `json:"type,omitempty" doc:"Of a custom field"`
	URL   string   `json:"url,omitempty" doc:"Of a custom field"`
}

// columnID is the name of a column, or the number of a custom field, which JSON
// has as a number.
type columnID string

// MarshalJSON writes either.
func (id columnID) MarshalJSON() ([]byte, error) {
	if n, err := strconv.ParseInt(string(id), 10, 64); err == nil {
		return json.Marshal(n)
	}
	return json.Marshal(string(id))
}

// Schema documents both.
func (columnID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeInteger, Format: "int64", Description: "Of a custom field"}}}
}

// ViewOrder is a column that a view is sorted or grouped by.
type ViewOrder struct {
	ViewColumn
	Order string `json:"order" enum:"asc,desc"`
}

func encodeView(q *request, v *desk.ShownView) View {
	return View{
		ID: int64(v.ID), URL: q.link("/views/%d.json", v.ID), Title: v.Title, RawTitle: v.Title, Description: orNull(v.Description),
		Active: v.Active, Position: v.Position, Default: v.Shipped != "", Shipped: orNull(v.Shipped), Execution: encodeExecution(q, v),
		Conditions: encodeConditions(v.Conditions), Restriction: encodeAudience(v.Audience), Offered: v.Offered, Broken: each(v.Broken, encodeFault),
		CreatedAt: instant(v.CreatedAt), UpdatedAt: instant(v.UpdatedAt),
	}
}

func encodeAudience(a desk.Audience) *Restriction {
	switch {
	case a.Owner != 0:
		return &Restriction{Type: "User", ID: int64(a.Owner)}
	case len(a.Teams) > 0:
		return &Restriction{Type: "Group", ID: int64(a.Teams[0]), IDs: numbers(a.Teams)}
	}
	return nil
}

func encodeExecution(q *request, v *desk.ShownView) ViewExecution {
	columns := each(v.Columns, func(name string) ViewColumn { return encodeColumn(q, v.Column(name)) })
	e := ViewExecution{Columns: columns, Fields: columns, CustomFields: []ViewColumn{}}
	for _, c := range columns {
		if c.Type != "" {
			e.CustomFields = append(e.CustomFields, c)
		}
	}
	if e.Group = encodeOrder(q, v, v.Group, v.GroupDown); e.Group != nil {
		e.GroupBy, e.GroupOrder = (*string)(&e.Group.ID), &e.Group.Order
	}
	if e.Sort = encodeOrder(q, v, v.Sort, v.Descending); e.Sort != nil {
		e.SortBy, e.SortOrder = (*string)(&e.Sort.ID), &e.Sort.Order
	}
	return e
}

func encodeColumn(q *request, c desk.ViewColumn) ViewColumn {
	if id := directory.TicketFieldNamed(c.Name); id != 0 {
		out := ViewColumn{ID: columnID(strconv.FormatInt(int64(id), 10)), Title: c.Name}
		if c.Field != nil {
			out.Title, out.Type, out.URL = c.Field.Title, string(c.Field.Type), q.link("/ticket_fields/%d.json", id)
		}
		return out
	}
	title := map[string]string{"nice_id": "ID", "via": "Channel", "created": "Requested", "recipient": "Received at"}[c.Name]
	if title == "" {
		title = upperFirst(c.Name)
	}
	return ViewColumn{ID: columnID(c.Name), Title: title}
}

func encodeOrder(q *request, v *desk.ShownView, by desk.Sort, down bool) *ViewOrder {
	column := desk.ColumnOf(by)
	if column == "" {
		return nil
	}
	order := "asc"
	if down {
		order = "desc"
	}
	return &ViewOrder{encodeColumn(q, v.Column(column)), order}
}

type listViewsIn struct {
	Active string `query:"active" enum:"true,false" doc:"Only those that are, or are not, switched on"`
	Access string `query:"access" enum:"personal,shared,account" doc:"Only one's own, or only shared ones"`
	ListKeptIn
}

type searchViewsIn struct {
	Query  string `query:"query" maxLength:"200" doc:"Part of the title"`
	Active string `query:"active" enum:"true,false"`
	Access string `query:"access" enum:"personal,shared,account"`
	ListKeptIn
}

type viewsOut struct {
	Body struct {
		Views []View `json:"views"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listViews(ctx context.Context, by access.Actor, in *listViewsIn) (*viewsOut, error) {
	return s.shownViews(ctx, by, desk.ViewsFilter{KeptFilter: desk.KeptFilter{Active: activeFilter(in.Active), Own: ownFilter(in.Access)}}, in.ListKeptIn)
}

func (s *server) listActiveViews(ctx context.Context, by access.Actor, in *ListKeptIn) (*viewsOut, error) {
	return s.shownViews(ctx, by, desk.ViewsFilter{KeptFilter: desk.KeptFilter{Active: activeFilter("true"), Offered: true}}, *in)
}

func (s *server) listCompactViews(ctx context.Context, by access.Actor, in *ListKeptIn) (*viewsOut, error) {
	const most = 32 // Zendesk: "List Views - Compact"
	return s.shownViews(ctx, by, desk.ViewsFilter{KeptFilter: desk.KeptFilter{Active: activeFilter("true"), Offered: true}, Most: most}, *in)
}

func (s *server) searchViews(ctx context.Context, by access.Actor, in *searchViewsIn) (*viewsOut, error) {
	return s.shownViews(ctx, by, desk.ViewsFilter{KeptFilter: desk.KeptFilter{Active: activeFilter(in.Active), Own: ownFilter(in.Access), Search: in.Query}}, in.ListKeptIn)
}

// ownFilter reads Zendesk's parameter access: "account" and "shared" are the same here.
func ownFilter(text string) *bool {
	if text == "" {
		return nil
	}
	return new(text == "personal")
}

// shownViews answers with all of them in their order, which is what matters, unless a page is asked for.
func (s *server) shownViews(ctx context.Context, by access.Actor, f desk.ViewsFilter, in ListKeptIn) (*viewsOut, error) {
	views, err := s.desk.Views(ctx, by, f)
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(viewsOut)
	out.Body.Views, err = pageOfKept(q, in, each(views, encoder(q, encodeView)), func(v View) kept { return kept{v.ID, v.Title, v.CreatedAt, v.UpdatedAt} }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

func (s *server) countAllViews(ctx context.Context, by access.Actor, _ *none) (*countOut, error) {
	views, err := s.desk.Views(ctx, by, desk.ViewsFilter{})
	return s.counted(len(views)), err
}

type viewIn struct {
	ID int64 `path:"id"`
}

type viewOut struct {
	Body struct {
		View View `json:"view"`
	}
}

func shownView(ctx context.Context, v *desk.ShownView, err error) (*viewOut, error) {
	return respond(ctx, err, func(q *request, out *viewOut) { out.Body.View = encodeView(q, v) })
}

func (s *server) showView(ctx context.Context, by access.Actor, in *viewIn) (*viewOut, error) {
	v, err := s.desk.View(ctx, by, desk.ViewID(in.ID))
	return shownView(ctx, v, err)
}

// ViewBody is what somebody sets at a view; what is absent stays.
type ViewBody struct {
	NamedBody
	RuleBody
	Output      *ViewOutputBody           `json:"output,omitempty"`
	Restriction optional[RestrictionBody] `json:"restriction,omitzero"`
}

// ViewOutputBody is what a view shows, as a client writes it.
type ViewOutputBody struct {
	Columns    *[]looseText     `json:"columns,omitempty"`
	GroupBy    optional[string] `json:"group_by,omitzero"`
	GroupOrder *string          `json:"group_order,omitempty" enum:"asc,desc"`
	SortBy     *string          `json:"sort_by,omitempty"`
	SortOrder  *string          `json:"sort_order,omitempty" enum:"asc,desc"`
}

// RestrictionBody says whose a view or a macro is to be.
type RestrictionBody struct {
	Type string  `json:"type" enum:"User,Group"`
	ID   int64   `json:"id,omitempty" doc:"Of a team; what is somebody's own belongs to whoever saves it"`
	IDs  []int64 `json:"ids,omitempty" maxItems:"100" doc:"Of teams"`
}

// audience reads a restriction. An agent who says nothing makes something of their own.
func audience(by access.Actor, r optional[RestrictionBody], fresh bool) *desk.Audience {
	own := &desk.Audience{Owner: by.UserID}
	switch {
	case !r.Set && fresh && by.MustAdminister() != nil:
		return own
	case !r.Set:
		return nil
	case r.Null:
		return &desk.Audience{}
	case r.Value.Type == "User":
		return own
	}
	teams := ids[directory.TeamID](r.Value.IDs)
	if r.Value.ID != 0 {
		teams = append(teams, directory.TeamID(r.Value.ID))
	}
	return &desk.Audience{Teams: teams}
}

func (b ViewBody) change(by access.Actor, fresh bool) desk.ViewChange {
	ch := desk.ViewChange{
		Title: b.Title, Description: b.Description.pointer(), Active: b.Active, Position: b.Position,
		Audience: audience(by, b.Restriction, fresh), Conditions: b.conditions(),
	}
	if b.Output == nil {
		return ch
	}
	if b.Output.Columns != nil {
		ch.Columns = new(each(*b.Output.Columns, func(c looseText) string { return string(c) }))
	}
	if by := b.Output.GroupBy.pointer(); by != nil {
		ch.Group = new(desk.SortOf(*by))
	}
	if b.Output.SortBy != nil {
		ch.Sort = new(desk.SortOf(*b.Output.SortBy))
	}
	ch.GroupDown, ch.Descending = descending(b.Output.GroupOrder), descending(b.Output.SortOrder)
	return ch
}

func descending(order *string) *bool {
	if order == nil {
		return nil
	}
	return new(*order == "desc")
}

type createViewIn struct {
	Body struct {
		View ViewBody `json:"view"`
	}
}

func (s *server) createView(ctx context.Context, by access.Actor, in *createViewIn) (*viewOut, error) {
	v, err := s.desk.CreateView(ctx, by, in.Body.View.change(by, true))
	return shownView(ctx, v, err)
}

type updateViewIn struct {
	ID   int64 `path:"id"`
	Body struct {
		View ViewBody `json:"view"`
	}
}

func (s *server) updateView(ctx context.Context, by access.Actor, in *updateViewIn) (*viewOut, error) {
	v, err := s.desk.ChangeView(ctx, by, desk.ViewID(in.ID), in.Body.View.change(by, false))
	return shownView(ctx, v, err)
}

func (s *server) deleteView(ctx context.Context, by access.Actor, in *viewIn) (*none, error) {
	return nil, s.desk.DeleteViews(ctx, by, desk.ViewID(in.ID))
}

type manyIn struct {
	IDs []int64 `query:"ids" required:"true" maxItems:"100" doc:"At most 100, separated by commas"`
}

func (s *server) deleteManyViews(ctx context.Context, by access.Actor, in *manyIn) (*none, error) {
	return nil, s.desk.DeleteViews(ctx, by, ids[desk.ViewID](in.IDs)...)
}

// MovedBody moves something, or switches it on or off.
type MovedBody struct {
	ID       int64 `json:"id"`
	Active   *bool `json:"active,omitempty"`
	Position *int  `json:"position,omitempty" minimum:"0"`
}

type updateManyViewsIn struct {
	Body struct {
		Views []MovedBody `json:"views" maxItems:"100"`
	}
}

func (s *server) updateManyViews(ctx context.Context, by access.Actor, in *updateManyViewsIn) (*viewsOut, error) {
	changes := make(map[desk.ViewID]desk.ViewChange)
	for _, v := range in.Body.Views {
		changes[desk.ViewID(v.ID)] = desk.ViewChange{Active: v.Active, Position: v.Position}
	}
	if err := s.desk.ChangeViews(ctx, by, changes); err != nil {
		return nil, err
	}
	return s.shownViews(ctx, by, desk.ViewsFilter{}, ListKeptIn{})
}
