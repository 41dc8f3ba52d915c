package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) macroRoutes() {
	const tag = "macros"
	route(s, op{on: "GET /macros", id: "list_macros", says: "List macros: the shared ones, then one's own", tag: tag, may: agents}, s.listMacros)
	route(s, op{on: "GET /macros/active", id: "list_active_macros", says: "List the macros that one works with", tag: tag, may: agents}, s.listActiveMacros)
	route(s, op{on: "GET /macros/search", id: "search_macros", says: "Find macros by their title", tag: tag, may: agents}, s.searchMacros)
	route(s, op{on: "GET /macros/categories", id: "list_macro_categories", says: "List the categories of macros", tag: tag, may: agents}, s.listMacroCategories)
	route(s, op{on: "GET /macros/actions", id: "macro_actions", says: "What macros can do", tag: tag, may: agents}, s.macroDefinitions)
	route(s, op{on: "GET /macros/definitions", id: "macro_definitions", says: "What macros can do", tag: tag, may: agents}, s.macroDefinitions)
	route(s, op{on: "GET /macros/{id}", id: "show_macro", says: "Show a macro", tag: tag, may: agents}, s.showMacro)
	route(s, op{on: "GET /macros/{id}/apply", id: "apply_macro", says: "See what a macro makes of any ticket; nothing is written", tag: tag, may: agents}, s.applyMacro)
	route(s, op{on: "GET /tickets/{ticket_id}/macros/{id}/apply", id: "apply_macro_to_ticket", says: "See what a macro makes of a ticket; nothing is written", tag: tag, may: agents}, s.applyMacroToTicket)
	route(s, op{on: "POST /macros", id: "create_macro", says: "Add a macro: agents their own, administrators shared ones, too", tag: tag, may: agents, status: http.StatusCreated}, s.createMacro)
	route(s, op{on: "PUT /macros/update_many", id: "update_many_macros", says: "Move, or switch on and off, several macros", tag: tag, may: agents}, s.updateManyMacros)
	route(s, op{on: "PUT /macros/{id}", id: "update_macro", says: "Change a macro", tag: tag, may: agents}, s.updateMacro)
	route(s, op{on: "DELETE /macros/destroy_many", id: "delete_many_macros", says: "Delete several macros", tag: tag, may: agents}, s.deleteManyMacros)
	route(s, op{on: "DELETE /macros/{id}", id: "delete_macro", says: "Delete a macro", tag: tag, may: agents}, s.deleteMacro)
}

// Macro is a macro as the API shows it.
type Macro struct {
	ID          int64           `json:"id"`
	URL         string          `json:"url"`
	Title       string          `json:"title" doc:"Category::Title stands in a category"`
	RawTitle    string          `json:"raw_title"`
	Description *string         `json:"description"`
	Active      bool            `json:"active"`
	Position    int             `json:"position" doc:"1 comes first, among the shared ones or one's own"`
	Default     bool            `json:"default" doc:"Always false"`
	Actions     []TriggerAction `json:"actions"`
	Restriction *Restriction    `json:"restriction" doc:"Whose it is; null: everybody's"`
	Offered     bool            `json:"offered" doc:"One works with it; administrators also see what others do"`
	Broken      []TriggerFault  `json:"broken" doc:"What it names that is no longer there; it leaves that out"`
	CreatedAt   instant         `json:"created_at"`
	UpdatedAt   instant         `json:"updated_at"`
}

func encodeMacro(q *request, m *desk.ShownMacro) Macro {
	return Macro{
		ID: int64(m.ID), URL: q.link("/macros/%d.json", m.ID), Title: m.Title, RawTitle: m.Title, Description: orNull(m.Description),
		Active: m.Active, Position: m.Position, Actions: each(m.Actions, encodeAction), Restriction: encodeAudience(m.Audience),
		Offered: m.Offered, Broken: each(m.Broken, encodeFault), CreatedAt: instant(m.CreatedAt), UpdatedAt: instant(m.UpdatedAt),
	}
}

// ListMacrosIn asks for a page of a list of macros.
type ListMacrosIn struct {
	Active   string `query:"active" enum:"true,false" doc:"Only those that are, or are not, switched on"`
	Access   string `query:"access" enum:"personal,agents,shared,account" doc:"personal: only one's own; otherwise only shared ones"`
	Category string `query:"category" maxLength:"200"`
	GroupID  int64  `query:"group_id" doc:"Only those shared with the team"`
	ListKeptIn
}

func (in ListMacrosIn) filter() desk.MacroFilter {
	return desk.MacroFilter{
		KeptFilter: desk.KeptFilter{Active: activeFilter(in.Active), Own: ownFilter(in.Access)},
		Category:   in.Category, Team: directory.TeamID(in.GroupID),
	}
}

type searchMacrosIn struct {
	Query string `query:"query" maxLength:"200" doc:"Part of the title"`
	ListMacrosIn
}

type macrosOut struct {
	Body struct {
		Macros []Macro `json:"macros"`
		OffsetMeta
		CursorMeta
	}
}

func (s *server) listMacros(ctx context.Context, by access.Actor, in *ListMacrosIn) (*macrosOut, error) {
	return s.shownMacros(ctx, by, in.filter(), in.ListKeptIn)
}

func (s *server) listActiveMacros(ctx context.Context, by access.Actor, in *ListMacrosIn) (*macrosOut, error) {
	f := in.filter()
	f.Active, f.Offered = activeFilter("true"), true
	return s.shownMacros(ctx, by, f, in.ListKeptIn)
}

func (s *server) searchMacros(ctx context.Context, by access.Actor, in *searchMacrosIn) (*macrosOut, error) {
	f := in.filter()
	f.Search = in.Query
	return s.shownMacros(ctx, by, f, in.ListKeptIn)
}

// shownMacros answers with all of them in their order, which is what matters, unless a page is asked for.
func (s *server) shownMacros(ctx context.Context, by access.Actor, f desk.MacroFilter, in ListKeptIn) (*macrosOut, error) {
	macros, err := s.desk.Macros(ctx, by, f)
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(macrosOut)
	out.Body.Macros, err = pageOfKept(q, in, each(macros, encoder(q, encodeMacro)), func(m Macro) kept { return kept{m.ID, m.Title, m.CreatedAt, m.UpdatedAt} }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

type macroCategoriesOut struct {
	Body struct {
		Categories []string `json:"categories"`
	}
}

func (s *server) listMacroCategories(ctx context.Context, by access.Actor, _ *none) (*macroCategoriesOut, error) {
	categories, err := s.desk.MacroCategories(ctx, by)
	out := new(macroCategoriesOut)
	out.Body.Categories = some(categories)
	return out, err
}

// MacroDefinitions are what an editor of macros offers.
type MacroDefinitions struct {
	Actions      []TriggerDefinition `json:"actions"`
	Placeholders []string            `json:"placeholders" doc:"What can be filled in: {{ticket.id}}"`
}

type macroDefinitionsOut struct {
	Body struct {
		Definitions MacroDefinitions    `json:"definitions"`
		Actions     []TriggerDefinition `json:"actions" doc:"The same actions"`
	}
}

func (s *server) macroDefinitions(context.Context, access.Actor, *none) (*macroDefinitionsOut, error) {
	out := new(macroDefinitionsOut)
	out.Body.Actions = each(desk.MacroDefinitions(), encodeDefinition)
	out.Body.Definitions = MacroDefinitions{Actions: out.Body.Actions, Placeholders: desk.Placeholders()}
	return out, nil
}

type macroIn struct {
	ID int64 `path:"id"`
}

type macroOut struct {
	Body struct {
		Macro Macro `json:"macro"`
	}
}

func shownMacro(ctx context.Context, m *desk.ShownMacro, err error) (*macroOut, error) {
	return respond(ctx, err, func(q *request, out *macroOut) { out.Body.Macro = encodeMacro(q, m) })
}

func (s *server) showMacro(ctx context.Context, by access.Actor, in *macroIn) (*macroOut, error) {
	m, err := s.desk.Macro(ctx, by, desk.MacroID(in.ID))
	return shownMacro(ctx, m, err)
}

// MacroBody is what somebody sets at a macro; what is absent stays.
type MacroBody struct {
	NamedBody
	Actions     *[]ActionBody             `json:"actions,omitempty"`
	Restriction optional[RestrictionBody] `json:"restriction,omitzero"`
}

func (b MacroBody) change(by access.Actor, fresh bool) desk.MacroChange {
	return desk.MacroChange{
		Title: b.Title, Description: b.Description.pointer(), Active: b.Active, Position: b.Position,
		Audience: audience(by, b.Restriction, fresh), Actions: actionsOf(b.Actions),
	}
}

type createMacroIn struct {
	Body struct {
		Macro MacroBody `json:"macro"`
	}
}

func (s *server) createMacro(ctx context.Context, by access.Actor, in *createMacroIn) (*macroOut, error) {
	m, err := s.desk.CreateMacro(ctx, by, in.Body.Macro.change(by, true))
	return shownMacro(ctx, m, err)
}

type updateMacroIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Macro MacroBody `json:"macro"`
	}
}

func (s *server) updateMacro(ctx context.Context, by access.Actor, in *updateMacroIn) (*macroOut, error) {
	m, err := s.desk.ChangeMacro(ctx, by, desk.MacroID(in.ID), in.Body.Macro.change(by, false))
	return shownMacro(ctx, m, err)
}

func (s *server) deleteMacro(ctx context.Context, by access.Actor, in *macroIn) (*none, error) {
	return nil, s.desk.DeleteMacros(ctx, by, desk.MacroID(in.ID))
}

func (s *server) deleteManyMacros(ctx context.Context, by access.Actor, in *manyIn) (*none, error) {
	return nil, s.desk.DeleteMacros(ctx, by, ids[desk.MacroID](in.IDs)...)
}

type updateManyMacrosIn struct {
	Body struct {
		Macros []MovedBody `json:"macros" maxItems:"100"`
	}
}

func (s *server) updateManyMacros(ctx context.Context, by access.Actor, in *updateManyMacrosIn) (*macrosOut, error) {
	changes := make(map[desk.MacroID]desk.MacroChange)
	for _, m := range in.Body.Macros {
		changes[desk.MacroID(m.ID)] = desk.MacroChange{Active: m.Active, Position: m.Position}
	}
	if err := s.desk.ChangeMacros(ctx, by, changes); err != nil {
		return nil, err
	}
	return s.shownMacros(ctx, by, desk.MacroFilter{}, ListKeptIn{})
}

// AppliedMacro is what a macro makes of a ticket.
type AppliedMacro struct {
	Ticket  AppliedTicket  `json:"ticket"`
	Comment AppliedComment `json:"comment" doc:"As in ticket.comment"`
	Changes []AppliedField `json:"changes" doc:"What it changes, from what to what"`
	Failed  []TriggerFault `json:"failed" doc:"Actions that are left out, and why"`
}

// AppliedTicket is what a macro changes, ready to be sent as a change of the ticket.
type AppliedTicket struct {
	ID         int64           `json:"id,omitempty"`
	URL        string          `json:"url,omitempty"`
	Subject    *string         `json:"subject,omitempty"`
	Status     *string         `json:"status,omitempty"`
	Priority   *string         `json:"priority,omitempty"`
	Type       *string         `json:"type,omitempty"`
	AssigneeID *int64          `json:"assignee_id,omitempty" doc:"0: nobody"`
	GroupID    *int64          `json:"group_id,omitempty" doc:"0: none"`
	BrandID    *int64          `json:"brand_id,omitempty"`
	Tags       *[]string       `json:"tags,omitempty"`
	EmailCCIDs *[]int64        `json:"email_cc_ids,omitempty"`
	Followers  *[]int64        `json:"follower_ids,omitempty"`
	Comment    *AppliedComment `json:"comment,omitempty"`
}

// AppliedComment is the comment that a macro begins.
type AppliedComment struct {
	Body     string `json:"body"`
	HTMLBody string `json:"html_body"`
	Public   *bool  `json:"public,omitempty" doc:"Absent: as the agent has it"`
}

// AppliedField is one property that a macro changes.
type AppliedField struct {
	Field  string `json:"field_name"`
	Before any    `json:"previous_value"`
	After  any    `json:"value"`
}

func encodeApplied(q *request, a *desk.Applied) AppliedMacro {
	out := AppliedMacro{Failed: each(a.Failed, encodeFault), Changes: []AppliedField{}}
	t := &out.Ticket
	if a.Ticket.ID != 0 {
		t.ID, t.URL = int64(a.Ticket.ID), q.link("/tickets/%d.json", a.Ticket.ID)
	}
	for _, e := range a.Changes {
		out.Changes = append(out.Changes, AppliedField{Field: e.Field, Before: fieldValue(e.Field, e.Before), After: fieldValue(e.Field, e.After)})
		switch e.Field {
		case "subject":
			t.Subject = &a.Ticket.Subject
		case "status":
			t.Status = new(string(a.Ticket.Status))
		case "type":
			t.Type = new(string(a.Ticket.Type))
		case "priority":
			t.Priority = new(string(a.Ticket.Priority))
		case "assignee_id":
			t.AssigneeID = new(int64(a.Ticket.AssigneeID))
		case "group_id":
			t.GroupID = new(int64(a.Ticket.TeamID))
		case "brand_id":
			t.BrandID = new(int64(a.Ticket.BrandID))
		case "tags":
			t.Tags = new(some(a.Ticket.Tags))
		case "email_cc_ids":
			t.EmailCCIDs = new(numbers(a.Ticket.CCs))
		case "follower_ids":
			t.Followers = new(numbers(a.Ticket.Followers))
		}
	}
	d := a.Draft
	if d.HTML == "" {
		d.HTML = desk.Paragraphs(d.Text)
	}
	out.Comment = AppliedComment{Body: d.Text, HTMLBody: d.HTML, Public: d.Public}
	if d.Text != "" || d.HTML != "" || d.Public != nil {
		t.Comment = &out.Comment
	}
	return out
}

type appliedOut struct {
	Body struct {
		Result AppliedMacro `json:"result"`
	}
}

func (s *server) applied(ctx context.Context, by access.Actor, id desk.MacroID, ticket desk.TicketID) (*appliedOut, error) {
	a, err := s.desk.ApplyMacro(ctx, by, id, ticket)
	if err != nil {
		return nil, err
	}
	out := new(appliedOut)
	out.Body.Result = encodeApplied(requestOf(ctx), a)
	return out, nil
}

func (s *server) applyMacro(ctx context.Context, by access.Actor, in *macroIn) (*appliedOut, error) {
	return s.applied(ctx, by, desk.MacroID(in.ID), 0)
}

type applyToTicketIn struct {
	TicketID int64 `path:"ticket_id"`
	ID       int64 `path:"id"`
}

func (s *server) applyMacroToTicket(ctx context.Context, by access.Actor, in *applyToTicketIn) (*appliedOut, error) {
	return s.applied(ctx, by, desk.MacroID(in.ID), desk.TicketID(in.TicketID))
}
